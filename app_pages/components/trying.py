"""Trying other answers: choose a question, answer it otherwise, see what the score would be. Nothing is saved."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from app_pages import session
from app_pages.components import result as pieces
from app_pages.components.words import html
from portal.refusal import Refusal
from portal.use_cases.forms import Answered, read_section
from portal.use_cases.results import Result
from portal.use_cases.standards import read_standard
from portal.use_cases.trying import what_if

NOT_TRIED = ("table", "text")
"""Kinds of answers that are too long to try here."""


UNITS: Mapping[str, str] = {
    "percent": "%",
    "money": "元",
    "date": "如 2026-05-01",
    "datetime": "如 2026-05-01 08:30",
}


@st.fragment
def try_answers(found: Result, lost: Sequence[str]) -> None:
    """Show the part of the page where answers are tried; questions behind the indicators that lost most come first."""
    who, portal = session.actor(), session.portal()
    standard = read_standard(portal, who, found.standard, found.edition)
    if isinstance(standard, Refusal):
        return
    st.subheader("试算", anchor=False)
    st.caption("试算，不保存：换几个回答，看看自评会得多少分。填报的内容不会变。")
    questions = sorted_questions(standard, lost)
    place = f"try:{found.assessment}:{found.subject}"
    tried: dict[str, Any] = st.session_state.setdefault(place, {})
    ask(found, questions, place)
    if not tried:
        return
    for fact, value in tried.items():
        left, right = st.columns([5, 1], vertical_alignment="center")
        left.html(f"{html(questions[fact]['title'])}：<b>{html(in_words(value, questions[fact]))}</b>")
        right.button("去掉", key=f"try-drop-{fact}", width="stretch", on_click=drop, args=(place, fact))
    done = what_if(portal, who, found.assessment, found.subject, tried)
    if isinstance(done, Refusal):
        session.tell(done)
        return
    for refused in done.refused:
        session.tell(refused)
    st.html(
        f'<div class="zr zr-try" role="status"><p><b>试算，不保存</b></p>{pieces.trial(done.document)}</div>'
    )


def sorted_questions(standard: Mapping[str, Any], lost: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Return the questions that can be tried, those first on which the most points hang."""
    groups = (group for section in standard["sections"] for group in section["groups"])
    behind = {item["id"]: item["facts"] for group in groups for item in group["items"]}
    every = standard["questions"]
    order = dict.fromkeys([*(fact for one in lost for fact in behind.get(one, ())), *every])
    return {fact: every[fact] for fact in order if every[fact]["answer"]["kind"] not in NOT_TRIED}


def ask(found: Result, questions: Mapping[str, Mapping[str, Any]], place: str) -> None:
    """Let one choose a question and give another answer to it."""
    fact = st.selectbox(
        "换哪个问题的回答",
        list(questions),
        None,
        lambda name: questions[name]["title"],
        placeholder="输入几个字查找",
        key="try-fact",
    )
    if fact is None:
        return
    question = questions[fact]
    st.html(f"<p>{html(question['ask'])}　<small>{html(question['type'])}</small></p>")
    now = answered(found, fact)
    st.caption(
        f"现在的回答：{in_words(now.value, question) if now and now.value is not None else '还没有回答'}"
    )
    field(fact, question)
    st.button("试一试", key="try-add", on_click=keep, args=(place, fact, question["answer"]["kind"]))


def keep(place: str, fact: str, kind: str) -> None:
    """Put what is in the field among the answers that are tried."""
    value = st.session_state.get(f"try-value-{fact}")
    if isinstance(value, str):
        value = value.strip()
        value = f"{value}%" if kind == "percent" and value[-1:].isdigit() else value
    if value not in (None, "", []):
        st.session_state[place][fact] = value


def drop(place: str, fact: str) -> None:
    """Take an answer out of those that are tried."""
    st.session_state[place].pop(fact, None)


def answered(found: Result, fact: str) -> Answered | None:
    """Return what is answered now, by the subject or by the university for all of them."""
    who, portal = session.actor(), session.portal()
    form = read_section(portal, who, found.assessment, found.subject)
    if isinstance(form, Refusal):
        return None
    if fact in form.answers:
        return form.answers[fact]
    whole = next((one.id for one in form.seats if one.is_university), None)
    above = read_section(portal, who, found.assessment, whole) if whole else None
    return None if above is None or isinstance(above, Refusal) else above.answers.get(fact)


def field(fact: str, question: Mapping[str, Any]) -> None:
    """Show the field for another answer; nothing is chosen beforehand."""
    answer, key = question["answer"], f"try-value-{fact}"
    titles = {one["id"]: one["title"] for one in answer.get("options", ())}
    match answer["kind"]:
        case "yes_no":
            st.segmented_control(
                "改成", [True, False], format_func=lambda one: "是" if one else "否", key=key
            )
        case "choice":
            st.selectbox("改成", list(titles), None, titles.__getitem__, placeholder="请选择", key=key)
        case "choices":
            hint = "请选择，可选几项"
            st.multiselect("改成", list(titles), None, titles.__getitem__, placeholder=hint, key=key)
        case kind:
            unit = answer.get("unit") or UNITS.get(kind, "")
            st.text_input(f"改成（{unit}）" if unit else "改成", "", key=key)


def in_words(value: Any, question: Mapping[str, Any]) -> str:
    """Return an answer as people read it."""
    titles = {one["id"]: one["title"] for one in question["answer"].get("options", ())}
    match value:
        case bool():
            return "是" if value else "否"
        case list():
            return "、".join(titles.get(str(one), str(one)) for one in value)
    unit = question["answer"].get("unit")
    return f"{titles.get(str(value), str(value))} {unit}" if unit else titles.get(str(value), str(value))
