"""The result: total and grade, what overrules them, where the points went and why, what to try, what to take along."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app_pages import session
from app_pages.components import result as pieces
from app_pages.components.trying import try_answers
from portal.api.app import PREFIX
from portal.reports.report import Card, card_of, grade_of, notices_of, whole_of
from portal.reports.words import LAYERS, span
from portal.use_cases.overview import Listed, list_assessments
from portal.use_cases.results import Result, Side, read_result

ALL = "all"
"""What the address says for the whole."""

PARTS = Path(__file__).parent / "components"

printing = st.components.v2.component(
    "zhunsheng_print",
    html='<button type="button">打印本页</button>',
    css="button{font:inherit;font-size:.9rem;color:inherit;min-height:2.4rem;padding:0 .9rem;background:transparent;"
    "border:1px solid color-mix(in srgb,currentColor 45%,transparent);border-radius:.4rem;cursor:pointer}",
    js="export default ({parentElement}) => { parentElement.querySelector('button').onclick = () => window.print() }",
)


def page() -> None:
    """Show the page."""
    st.html(PARTS / "result.css")
    who, portal = session.actor(), session.portal()
    every = list_assessments(portal, who)
    if not every:
        st.title("自评结果", anchor=False)
        st.info("现在没有您可以看的成绩。", icon=":material/inbox:")
        return
    with st.container(key="choose"):
        boxes = iter(st.columns(3))
        chosen = choose(every, boxes)
        with st.spinner("正在评定……"):
            found = look(chosen)
        choose_place(found, boxes)
    name = next((one.title for one in found.places if one.id == found.subject), "全校汇总")
    st.title(name, anchor=False)
    st.caption(f"{found.university_title}　{found.round_title}　{found.state}")
    with st.container(key="choose-layer"):
        side = choose_layer(found)
    links(found, side)
    st.html(f'<div class="zr">{pieces.notices(notices_of(side.standard, invented=found.invented))}</div>')
    if side.document is None:
        rolled_up(found, side)
        return
    card = card_of(side.document, found.sources)
    show(card)
    if any(one.layer == "self" for one in found.sides):
        with st.container(key="try"):
            try_answers(found, [one.item.id for one in card.lost if one.item])


def choose(every: tuple[Listed, ...], boxes: Iterator[DeltaGenerator]) -> str:
    """Let one choose the round and the university, where there are several; the address says which."""
    by = {one.id: one for one in every}
    asked = st.query_params.get("assessment", "")
    now = by.get(asked) or next((one for one in every if one.answered), every[0])
    rounds = {one.round: one.round_title for one in every}
    wanted = now.round
    if len(rounds) > 1:
        keys, key = list(rounds), f"result-round-{now.id}"
        wanted = next(boxes).selectbox("批次", keys, keys.index(wanted), rounds.__getitem__, key=key)
    own = {one.id: f"{one.university_title}（{one.state}）" for one in every if one.round == wanted}
    chosen = now.id if now.id in own else next(iter(own))
    if len(own) > 1:
        keys, key = list(own), f"result-of-{chosen}"
        chosen = next(boxes).selectbox("学校", keys, keys.index(chosen), own.__getitem__, key=key)
    if chosen != asked:
        if asked:
            st.query_params.pop("subject", None)
        st.query_params["assessment"] = chosen
    return chosen


def look(assessment: str) -> Result:
    """Return the result of what the address says; a single place is looked at itself, not as a whole of one."""
    who, portal = session.actor(), session.portal()
    asked = st.query_params.get("subject", "")
    subject = None if asked in ("", ALL) else asked
    found = session.got(read_result(portal, who, assessment, subject=subject))
    if not asked and not found.subject and len(found.places) == 1:
        return session.got(read_result(portal, who, assessment, subject=found.places[0].id))
    return found


def choose_place(found: Result, boxes: Iterator[DeltaGenerator]) -> None:
    """Let one choose the whole or one of its places."""
    if not any(one.total for one in found.sides):
        return
    titles = {"": "全校汇总", **{one.id: one.title for one in found.places}}
    keys, key = list(titles), f"result-place-{found.assessment}-{found.subject}"
    wanted = next(boxes).selectbox("对象", keys, keys.index(found.subject), titles.__getitem__, key=key)
    if wanted != found.subject:
        st.query_params["subject"] = wanted or ALL
        st.rerun()


def choose_layer(found: Result) -> Side:
    """Show the layers side by side, and let one choose; the last word stands first."""
    sides = {one.layer: one for one in found.sides}
    last = list(sides)[-1]
    if len(sides) == 1:
        st.caption(f"{LAYERS[last]}：{sides[last].stage}")
        return sides[last]
    chosen = st.segmented_control(
        "看哪一份成绩",
        list(sides),
        default=last,
        format_func=LAYERS.__getitem__,
        required=True,
        key="result-layer",
    )
    rows = [(LAYERS[one.layer], *told(one), one.stage) for one in found.sides]
    st.html(f'<div class="zr">{pieces.sides(rows, LAYERS[chosen or last])}</div>')
    return sides[chosen or last]


def told(side: Side) -> tuple[str, str]:
    """Return total and grade of a side; a whole has a mean and no grade."""
    if side.document is not None:
        return span(side.document["total"]), grade_of(side.document)
    return (f"平均 {span(side.total['mean'])}", "") if side.total else ("", "")


def links(found: Result, side: Side) -> None:
    """Offer what can be taken along; the files come by the API, with the permission of whoever asks."""
    query = {"subject": found.subject, "layer": side.layer} if found.subject else {"layer": side.layer}
    asked = urlencode(query)
    kinds = {"pdf": "PDF", "xlsx": "Excel 得分表", "json": "成绩单（JSON）"}
    if side.kept:
        kinds["zip"] = "成绩单连同签名和证明"
    row = "".join(
        f'<a href="{PREFIX}/assessments/{found.assessment}/report.{kind}?{asked}" download>{title}</a>'
        for kind, title in kinds.items()
    )
    with st.container(horizontal=True, vertical_alignment="center", key="take"):
        st.html(f'<nav class="zr zr-links" aria-label="下载">{row}</nav>', width="content")
        with st.container(key="print", width="content"):
            printing(key="print-button")


def rolled_up(found: Result, side: Side) -> None:
    """Show the whole."""
    if side.total is None:
        st.info("这一份成绩还没有汇总。", icon=":material/info:")
        return
    ids = {one.title: one.id for one in found.places}
    addresses = [
        f"result?{urlencode({'assessment': found.assessment, 'subject': ids.get(one['title'], '')})}"
        for one in side.total["units"]
    ]
    st.html(f'<div class="zr">{pieces.whole(whole_of(side.total, side.standard), addresses)}</div>')


def show(card: Card) -> None:
    """Show the result of one subject."""
    if not card.answered[0]:
        st.html(f'<div class="zr">{pieces.headline(card)}</div>')
        st.info("还没有回答任何问题。填报以后，这里会显示得分、失分和原因。", icon=":material/edit_note:")
        return
    parts = [pieces.standing(card.vetoes), pieces.headline(card), pieces.above(card)]
    parts += ["<h3>各分区</h3>", pieces.sections(card.parts), "<h3>分数去了哪里</h3>", pieces.waterfall(card)]
    if card.ways or card.matters:
        parts += ["<h3>怎样定下等级</h3>", pieces.settle(card)]
    if card.lost:
        parts += ["<h3>失分和未定的指标</h3>", pieces.losses(card.lost)]
    else:
        parts.append("<p>没有失分的指标。</p>")
    parts += ["<h3>全部指标</h3>", pieces.everything(card.items), pieces.other_vetoes(card.vetoes)]
    st.html(f'<div class="zr">{"".join(parts)}</div>')


page()
