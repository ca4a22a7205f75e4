"""One scorecard: the total, the grade, what is open, and every indicator with its reason."""

from pathlib import Path
from typing import Any

import streamlit as st

from app_pages.components import chart, parts, source
from app_pages.components.words import FILTERS, STATUS, html, plain, span
from engine.document import canonical
from engine.load import Library, texts

LEGEND = (
    '<div class="zs-legend"><span><i class="certain"></i>已经确定</span><span><i class="possible"></i>还可能得到</span>'
    '<span><i class="whole"></i>满分</span></div>'
)


def page() -> None:
    """Show the page."""
    st.html(Path(__file__).parents[1] / "components" / "style.css")
    st.title("样例成绩", anchor=False)
    library, found = source.library(texts(source.ROOT))
    samples, unread = source.samples(source.ROOT)
    troubles(
        [{"where": str(one.place), "message": one.message} for one in (*found, *unread)],
        "规则或样例文件有问题",
    )
    if not library.editions:
        st.info("`rules/` 里还没有可用的标准。", icon=":material/info:")
        return
    edition = library.editions[
        st.selectbox(
            "标准", sorted(library.editions), 0, lambda key: edition_title(library, key), key="edition"
        )
    ]
    disclaimer = edition.standard.disclaimer or "本版没有写明性质，请勿当作正式文本。"
    st.warning(f"**{STATUS[edition.standard.status]}**　{plain(disclaimer)}", icon=":material/info:")
    fitting = [one for one in samples if (one.standard, one.edition) == edition.key]
    if not fitting:
        st.info("这一版还没有样例。", icon=":material/info:")
        return
    labels = {one.file: one for one in fitting}
    sample = labels[st.selectbox("样例", list(labels), 0, lambda file: labels[file].label, key="sample")]
    unit = None
    if sample.units:
        unit = st.selectbox(
            "对象", range(len(sample.units)), 0, lambda index: sample.units[index], key="unit"
        )
    result = source.scorecard(edition, edition.hash, sample.file, sample.text, unit)
    st.caption(plain("　".join(filter(None, (sample.file, result["note"])))))
    troubles(result["problems"], "这份填报有问题")
    if result["document"] is not None:
        show(result["document"], sample, library)


def edition_title(library: Library, key: tuple[str, str]) -> str:
    """Name an edition and its status."""
    standard = library.editions[key].standard
    return f"{standard.title}（{standard.edition}，{STATUS[standard.status]}）"


def troubles(found: list[dict[str, str]], title: str) -> None:
    """List what is wrong: place and message, never a stack trace."""
    if found:
        with st.expander(f"{title}：{len(found)} 处", expanded=True, icon=":material/error:"):
            st.html(parts.problems(found))


def show(card: dict[str, Any], sample: source.Sample, library: Library) -> None:
    """Show a scorecard."""
    standard, coverage = card["standard"], card["coverage"]
    st.header(plain(card["subject"]["title"]), anchor=False)
    possible = [one["title"] for one in card["grade"]["possible"]]
    with st.container(key="headline"):
        boxes = st.columns(4)
        boxes[0].metric(f"总分（满分 {standard['total']}）", span(card["total"]))
        boxes[1].metric("等级", possible[0] if len(possible) == 1 else "待定")
        boxes[2].metric("已答事实", f"{coverage['answered']} / {coverage['asked']}")
        boxes[3].metric("已确定的分值", f"{coverage['settled_points']} / {standard['total']}")
    if len(possible) > 1:
        st.html(
            f"<p>没有填的就是“还不知道”，不算 0 分，也不算“否”。还可能是：<b>{html('、'.join(possible))}</b></p>"
        )
    held = [one["title"] for one in card["vetoes"] if one["holds"]]
    if held:
        st.html(f"<p>{parts.badge('一票否决', 'lost')}　<b>{html('；'.join(held))}</b>　见下面“一票否决”</p>")
    lines = "　".join(
        f"{one['title']} {'＞' if one['above'] else '≥'} {one['line']}" for one in standard["grades"]
    )
    st.caption(plain(f"评定日 {card['as_of']}　等级线：{lines}"))
    st.download_button(
        "下载成绩单（JSON）",
        canonical(card),
        f"{Path(sample.file).stem}.scorecard.json",
        "application/json",
        key="download",
        on_click="ignore",
        icon=":material/download:",
    )
    st.subheader("各分区", anchor=False)
    rows = chart.rows_of(card)
    st.html(LEGEND)
    with st.container(key="sections"):
        st.altair_chart(chart.sections_chart(rows), width="stretch", alt=chart.spoken(rows))
    overruled(card, library)
    settle(card)
    indicators(card, library)


def overruled(card: dict[str, Any], library: Library) -> None:
    """Show what overrules the sum: vetoes, requirements of grades, incidents."""
    if card["vetoes"]:
        st.subheader("一票否决", anchor=False)
        st.html(parts.vetoes(card, library.sources))
    if card["requirements"]:
        st.subheader("等级前置", anchor=False)
        told = {True: "满足", False: "不满足", None: "还不知道"}
        titles = {one["id"]: one["title"] for one in card["standard"]["grades"]}
        st.html(
            parts.listed(
                f"{html(titles[one['grade']])}：{html(one['title'])}　{told[one['met']]}"
                for one in card["requirements"]
            )
        )
    if card["incidents"]:
        st.subheader("扣分事件", anchor=False)
        st.html(parts.listed(f"{html(one['title'])}　扣 {span(one)} 分" for one in card["incidents"]))


def settle(card: dict[str, Any]) -> None:
    """Show what is still open and what would settle it."""
    if card["settling"]["ways"]:
        st.subheader("怎样定下等级", anchor=False)
        st.html(f"<p>每个还可能的等级，尽量少答哪些事实就能定下（答到相应的结果）：</p>{parts.ways(card)}")
    if card["settling"]["matters"]:
        st.subheader("先答哪几项", anchor=False)
        st.html(parts.matters(card))


def indicators(card: dict[str, Any], library: Library) -> None:
    """Show the indicators, section by section, through the filter."""
    st.subheader("逐项说明", anchor=False)
    chosen = (
        st.segmented_control("只看", FILTERS, default=FILTERS[0], required=True, key="filter") or FILTERS[0]
    )
    shown = 0
    for section in card["sections"]:
        if number := parts.count(section, chosen):
            label = f"{plain(section['title'])}　{span(section)} / {section['points']} 分　{number} 项"
            with st.expander(label, expanded=not shown, key=f"section-{section['id']}"):
                st.html(f'<div class="zs">{parts.branch(section, chosen, library.sources)}</div>')
            shown += number
    if card["bonus"] and (text := parts.bonus(card["bonus"], chosen, library.sources)):
        label = f"附加分　{span(card['bonus'])} 分，最多 {card['bonus']['up_to']} 分"
        with st.expander(label, expanded=not shown, key="section-bonus"):
            st.html(f'<div class="zs">{text}</div>')
        shown += 1
    if not shown:
        st.info("没有这样的指标。", icon=":material/check:")


page()
