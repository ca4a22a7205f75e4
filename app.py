"""The way in: streamlit run app.py."""

import logging
import os
from pathlib import Path

import streamlit as st

ICON = (
    Path(__file__).parent / "app_pages" / "components" / "icon.svg"
)  # a named icon would be fetched from the network
BROKEN = "程序出了意外，这一页没能显示完整。这不是您的填报有问题，文件没有改动。请把运行窗口里的最后几行发给维护人员。"

DEMONSTRATION = "演示模式：数据全部虚构，密码人人知道，只在本机打开。请勿填写真实内容。"

st.set_page_config(page_title="准绳", page_icon=str(ICON), layout="centered", menu_items={})
if os.environ.get("ZHUNSHENG_DEMONSTRATION") == "1":
    st.warning(DEMONSTRATION, icon=":material/science:")
page = st.navigation([st.Page("app_pages/scorecard.py", title="自评成绩", default=True)], position="hidden")
try:
    page.run()
except Exception:  # the last net: whoever sees the page reads a sentence, the log keeps the trace
    logging.getLogger(__name__).exception("The page broke")
    st.error(BROKEN, icon=":material/error:")
