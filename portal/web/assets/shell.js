// Around the pages' library: Chinese in place of its own words, and the way to the sign-in when a session is over.
// Plain script, first on the page, fetches nothing from elsewhere. Texts that people wrote are never touched.
"use strict";

(() => {
  // The server is at the root, whatever page this is: else the library asks below the page's address first, in vain.
  window.__streamlit = { BACKEND_BASE_URL: location.origin };

  // ------------------------------------------------------------------------------------------------------- its words
  const WORDS = {
    "Skip to main content": "跳到正文", "Main menu": "菜单", "App pages": "页面", "Sidebar": "侧栏", "Logo": "标志",
    "Expand sidebar": "展开菜单", "Collapse sidebar": "收起菜单", "Open sidebar": "展开菜单", "Close sidebar": "收起菜单",
    "Navigate to home page": "回到首页", "View more": "更多", "View less": "收起", "More": "更多", "Notifications": "通知",
    "Running...": "正在处理……", "Running": "正在处理", "RUNNING": "正在处理", "CONNECTING": "正在连接……", "Connecting": "正在连接……",
    "Connecting...": "正在连接……", "Please wait...": "请稍候……", "Loading...": "正在载入……", "Loading": "正在载入", "Stop": "停止",
    "Stop script": "停止", "Rerun": "重新载入", "Always rerun": "总是重新载入", "Print": "打印", "Settings": "设置",
    "Clear cache": "清除缓存", "Clear caches": "清除缓存", "Record a screencast": "录屏", "About": "关于", "Get help": "帮助",
    "Report a bug": "报告问题", "Deploy": "部署", "Theme": "外观", "Light": "浅色", "Dark": "深色", "System": "跟随系统",
    "Connection error": "连接中断", "Connection timed out.": "连接超时。", "Network Error": "网络不通", "Error": "出错",
    "Page not found": "没有这个页面", "Unknown error": "出了意外", "Unknown Error": "出了意外", "Try again": "再试一次",
    "Connection lost. Please wait for the app to reconnect, then try again.": "连接断了，正在重连，连上后请再试一次。",
    "An error has occurred, please try again.": "出了意外，请再试一次。",
    "Streamlit server is not responding. Are you connected to the internet?": "服务器没有回应，请检查网络。正在自动重连，已保存的内容都在。",
    "Is Streamlit still running? If you accidentally stopped Streamlit, just restart it in your terminal:": "服务器没有回应，正在自动重连，已保存的内容都在。",
    "Cannot load Streamlit frontend code. This can happen when you update Streamlit while a Streamlit app is running.": "程序刚更新过，请刷新页面。",
    "Your app is having trouble loading the component.": "这一块没能载入，请刷新页面。",
    "Script execution error": "页面出了意外", "Close": "关闭", "Cancel": "取消", "Open": "打开", "Edit": "修改", "Reset": "还原",
    "Rename": "改名", "Copy": "复制", "Copied": "已复制", "Copied!": "已复制", "Copy to clipboard": "复制", "Search": "查找",
    "Fullscreen": "全屏", "View fullscreen": "全屏", "Close fullscreen": "退出全屏", "Exit fullscreen": "退出全屏",
    "Link to heading": "本节链接", "Show password": "显示密码", "Hide password": "隐藏密码", "Clear entry": "清空",
    "Clear value": "清空", "Clear all": "全部清空", "Clear date": "清空日期", "Clear dates": "清空日期", "Clear time": "清空时间",
    "Clear date and time": "清空日期和时间", "Clear selection": "取消选择", "Clear recording": "清除录音", "Calendar": "日历",
    "Choose an option": "请选择", "Choose options": "请选择", "Add an option": "加一项", "Add options": "加几项",
    "Choose or add an option": "请选择或加一项", "Choose or add options": "请选择或加几项", "No options to select": "没有可选的",
    "No results": "没有找到", "Select...": "请选择", "Select all": "全选", "Selected values": "已选", "Increment": "加一",
    "Decrement": "减一", "Choose date": "选日期", "Choose date range": "选起止日期", "Choose date and time": "选日期和时间",
    "Next month": "下个月", "Previous month": "上个月", "Next page": "下一页", "Previous page": "上一页", "Pagination": "翻页",
    "Date range": "起止日期", "Range": "范围", "Time": "时间", "Quick select a date range": "快选起止日期",
    "Past Week": "近一周", "Past Month": "近一个月", "Past 3 Months": "近三个月", "Past 6 Months": "近六个月", "Past Year": "近一年",
    "Past 2 Years": "近两年", "This field is required.": "这一项必须填。", "(required)": "（必填）", "Required": "必填",
    "Enter a valid email address.": "请填写正确的邮箱。", "Enter a valid URL.": "请填写正确的网址。",
    "Number is above the allowed range.": "超出上限。", "Number is below the allowed range.": "低于下限。",
    "End date must be >= start date": "结束日期不能早于开始日期", "Hours must be 0–23.": "小时应为 0–23。",
    "Minutes must be 0–59.": "分钟应为 0–59。", "Seconds must be 0–59.": "秒应为 0–59。",
    "Use arrow keys to navigate dates. Enter to select. Escape to close.": "用方向键选日期，回车确定，Esc 关闭。",
    "Use arrow keys to navigate. Enter to select. Tab to switch between calendar and time. Escape to close.": "用方向键移动，回车确定，Tab 在日历和时间之间切换，Esc 关闭。",
    "Press Enter to apply": "按回车确定", "Press Ctrl+Enter to apply": "按 Ctrl+回车确定", "Press ⌘+Enter to apply": "按 ⌘+回车确定",
    "Press Enter to submit form": "按回车提交", "Press Ctrl+Enter to submit form": "按 Ctrl+回车提交", "Send message": "发送",
    "Upload": "选文件", "Upload file": "选文件", "Upload files": "选文件", "Upload directories": "选文件夹", "Browse files": "选文件",
    "Add files": "再加文件", "Drag and drop file here": "把文件拖到这里", "Drag and drop a file here": "把文件拖到这里",
    "Drag and drop files here": "把文件拖到这里", "Only one file is allowed.": "只能选一个文件。", "Too many files": "文件太多",
    "File Uploader": "上传文件", "Download failed": "没能下载", "Take Photo": "拍照", "Clear photo": "重拍", "Switch camera": "换摄像头",
    "This app would like to use your camera.": "这里要用摄像头，请在浏览器里允许。", "Learn how to allow access.": "怎样允许",
    "Learn more": "了解更多", "Add row": "加一行", "Delete row(s)": "删除所选行", "Download as CSV": "下载为 CSV",
    "Show/hide columns": "显示或隐藏列", "Show columns": "显示列", "Hide column": "隐藏这一列", "Pin column": "固定这一列",
    "Unpin column": "不再固定", "Sort ascending": "升序", "Sort descending": "降序", "Autosize": "自动列宽", "Format": "格式",
    "Dataframe column menu": "列菜单", "Copy column name": "复制列名", "Statistics": "统计", "Statistic": "统计", "Summary": "概要",
    "Values": "取值", "Empty": "空", "empty": "空", "Count": "个数", "Distinct": "不同的", "Minimum": "最小", "Maximum": "最大",
    "Average": "平均", "Median": "中位数", "Sum": "合计", "Standard deviation": "标准差", "No data": "没有数据", "No content": "没有内容",
    "Automatic": "自动", "Localized": "本地格式", "Plain": "原样", "Compact": "简写", "Percent": "百分数", "Scientific": "科学记数",
    "Accounting": "会计格式", "Duration": "时长", "Distance": "相距", "Next Result": "下一处", "Previous Result": "上一处",
    "Close Search": "关闭查找", "Show chart": "看图", "Show data": "看数据", "Save as SVG": "存为 SVG", "Save as PNG": "存为 PNG",
    "View Source": "查看源码", "View Compiled Vega": "查看编译结果", "Open in Vega Editor": "在编辑器里打开", "Vega visualization": "图", "visualization": "图", "group mark container": "图",
    "Click to view actions": "图的操作", "Feedback rating": "评分", "Scroll tabs left": "向左翻", "Scroll tabs right": "向右翻",
    "Dismiss": "关闭", "Show more": "展开", "Show less": "收起", "Help": "说明", "Tooltip": "说明",
    "Make a selection": "请选择", "yyyy": "年", "mm": "月", "dd": "日", "The value is not part of the allowed options.": "不在可选的范围里。",
  };
  const PARTS = { year: "年", month: "月", day: "日", hour: "时", minute: "分", second: "秒" };
  const ends = (text) => text.replace(/ start date$/, "起").replace(/ end date$/, "止");
  const PATTERNS = [
    [/^(\d+(?:\.\d+)?)\s?([KMGT]?B) per file(?: • (.+))?$/, (all, size, unit, kinds) => `每个不超过 ${size} ${unit}${kinds ? `，${kinds}` : ""}`],
    [/^Limit (\d+(?:\.\d+)?)\s?([KMGT]?B) per file(?: • (.+))?$/, (all, size, unit, kinds) => `每个不超过 ${size} ${unit}${kinds ? `，${kinds}` : ""}`],
    [/^(.+) files are not allowed\.?$/, "不收 $1 文件。"], [/^File must be (.+) or smaller\.?$/, "文件不能超过 $1。"],
    [/^File is larger than (.+)$/, "文件超过 $1"], [/^File is too large\. Maximum size is (\d+) bytes\.$/, "文件太大，最多 $1 字节。"],
    [/^Help for (.+)$/, "说明：$1"], [/^Choose date(?:, (.+))?$/, (all, when) => `选日期${when ? `，${when}` : ""}`],
    [/^Choose date range, (.+)$/, "选起止日期，$1"], [/^Choose date and time, (.+)$/, "选日期和时间，$1"],
    [/^(year|month|day|hour|minute|second), ?(.*)$/, (all, part, of) => [ends(of), PARTS[part]].filter(Boolean).join("，")], [/^.+ (?:start|end) date$/, ends],
    [/^0?(\d+) – [A-Z][a-z]+$/, "$1 月"],
    [/^Remove (.+)$/, "去掉 $1"], [/^Clear (.+)$/, "清空 $1"], [/^Add: (.+)$/, "加上 $1"], [/^Select (\d+) matches$/, "选上这 $1 项"], [/^(\d+) more$/, "另有 $1 项"],
    [/^View (\d+) more$/, "另有 $1 项"], [/^(\d+) options? available\.$/, "可选 $1 项。"], [/^Page (\d+)$/, "第 $1 页"], [/^Go to page (\d+)$/, "到第 $1 页"],
    [/^Showing page (\d+) of (\d+)$/, "第 $1 页，共 $2 页"], [/^Upload (.+)$/, "选择 $1"], [/^Drag and drop (.+) here$/, "把文件拖到这里"],
    [/^Number is (?:above|below|outside) the allowed range\. Please enter a value less than or equal to (.+)\.$/, "请填不大于 $1 的数。"],
    [/^Number is .*Please enter a value greater than or equal to (.+)\.$/, "请填不小于 $1 的数。"],
    [/^Number is .*Please enter a value between (.+) and (.+)\.$/, "请填 $1 到 $2 之间的数。"],
    [/^You can only select up to (\d+) options?\. Remove an option first\.$/, "最多选 $1 项，请先去掉一项。"],
    [/^Press .*Enter to apply$/, "按回车确定"], [/^Press .*Enter to submit form$/, "按回车提交"],
    [/^Selected (.+?)\. (.+)$/, "已选 $1。$2"], [/^option (.+), selected\.$/, "$1，已选"],
    [/^Connection failed with status (\S+).*$/, "连接没有成功（$1），正在重连。"], [/^Error loading (.+)$/, "$1 没能载入，请刷新页面"],
    [/^You do not have permission.*$/, "没有这项权限"],
    [/^The page that you have requested does not seem to exist\..*$/, "没有这个页面，已回到首页。"],
    [/^You have requested page \/(.*), but no corresponding file was found.*$/, "没有“$1”这个页面，已回到首页。"],
  ];
  const THEIRS = "[data-testid=stMarkdownContainer], [data-testid=stHtml], [data-testid=stCode], [data-testid=stBidiComponentRegular], textarea, [contenteditable]:not([role=spinbutton]), script, style";
  // the navigation of a phone puts groups between a list and its items: a list for nobody who is read to
  const UNLISTED = "[data-testid=stSidebarNavItems], [data-testid=stSidebarNavItems] li";
  const NAMES = ["aria-label", "placeholder", "title", "alt", "aria-roledescription", "aria-valuetext"];

  function said(text) {
    const plain = text.trim();
    if (!plain || plain.length > 300 || !/[A-Za-z]{2}/.test(plain)) return null;
    if (Object.hasOwn(WORDS, plain)) return text.replace(plain, () => WORDS[plain]);
    for (const [pattern, words] of PATTERNS) if (pattern.test(plain)) return plain.replace(pattern, words);
    return null;
  }
  function turnText(node) {
    const parent = node.parentElement;
    if (!parent || parent.closest(THEIRS)) return;
    const words = said(node.nodeValue);
    if (words !== null && words !== node.nodeValue) node.nodeValue = words;
  }
  function turnNames(element) {
    for (const name of NAMES) {
      const value = element.getAttribute(name);
      const words = value && said(value);
      if (words && words !== value) element.setAttribute(name, words);
    }
  }
  function turn(node) {
    if (node.nodeType === Node.TEXT_NODE) return turnText(node);
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    turnNames(node);
    for (const one of [node, ...node.querySelectorAll(UNLISTED)]) if (one.matches(UNLISTED)) one.role = "none";
    for (const one of node.querySelectorAll(NAMES.map((name) => `[${name}]`).join())) turnNames(one);
    const walk = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) turnText(walk.currentNode);
  }
  new MutationObserver((changes) => {
    for (const one of changes) {
      if (one.type === "childList") one.addedNodes.forEach(turn);
      else if (one.type === "characterData") turnText(one.target);
      else turnNames(one.target);
    }
  }).observe(document.documentElement, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: NAMES });

  // ------------------------------------------------------------------------------------------- when the session is over
  const OVER = 4401;
  let leaving = false;
  function leave() {
    if (leaving) return;
    leaving = true;
    const here = location.pathname + location.search;
    location.replace(`/sign-in?over&next=${encodeURIComponent(here)}`);
  }
  async function look() {
    try {
      const answer = await fetch("/session", { cache: "no-store", headers: { accept: "application/json" } });
      if (answer.status === 401) leave();
    } catch { /* no network: the library connects again by itself */ }
  }
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...given) {
      super(...given);
      this.addEventListener("close", ({ code }) => {
        if (code === OVER) leave();
        else if (code !== 1000) look(); // who hangs up knows why
      });
    }
  };
  // a page that comes out of the browser's memory may belong to somebody who has left
  addEventListener("pageshow", (event) => { if (event.persisted) look(); });
})();
