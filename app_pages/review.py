"""Reviewing: what is assigned to me, and one case of it, a component."""

from collections.abc import Iterable
from html import escape

import streamlit as st

from app_pages import session
from app_pages.components.modules import made_of
from portal.api.app import PREFIX
from portal.moment import shown
from portal.use_cases.materials import progress
from portal.use_cases.reviews import Queued, queue

desk = made_of("review")

NOW = {"review": ("评审中", "补充材料"), "appeal": ("复核",)}
"""The states in which there is something to write."""


def page() -> None:
    """Show the page."""
    who, portal = session.actor(), session.portal()
    assessment = st.query_params.get("assessment", "")
    if not assessment:
        mine(queue(portal, who))
        return
    session.got(progress(portal, who, assessment))  # what is not for these eyes is refused here already
    given = {
        "base": PREFIX,
        "account": who.id,
        "assessment": assessment,
        "subject": st.query_params.get("subject", ""),
        "indicator": st.query_params.get("indicator", ""),
    }
    kept = st.session_state.setdefault("review-case", given)
    if (kept["assessment"], kept["account"]) == (assessment, who.id):
        given = kept  # where one is inside the case is the component's to know
    st.session_state["review-case"] = given
    with st.container(key="wide"):
        told = desk(data=given, key="review-desk", on_back_change=lambda: None)
    if told.back:
        st.session_state.pop("review-case", None)
        st.query_params.clear()
        st.rerun()


def mine(found: Iterable[Queued]) -> None:
    """List what is assigned: what waits first, then what is signed or over."""
    cases = list(found)
    st.title("评审", anchor=False)
    if not cases:
        st.info("现在没有派给您的评审。秘书处指派后，这里会出现。", icon=":material/inbox:")
        return
    waiting = [one for one in cases if one.signed_at is None and one.state in NOW[one.task]]
    rest = [one for one in cases if one not in waiting]
    if waiting:
        st.html("".join(map(line, waiting)))
    else:
        st.info("派给您的都已签署，或者还没有轮到您。", icon=":material/check:")
    if rest:
        st.subheader("其他", anchor=False)
        st.html("".join(map(line, rest)))


def line(one: Queued) -> str:
    """Return one case."""
    done = one.marks.get("定论", 0)
    appeal = one.task == "appeal"
    said = [f"{shown(one.until)} 截止"] if one.until and not appeal else []
    if one.signed_at:
        said = [f"{shown(one.signed_at)} 签署"]
    told = "异议复核" if appeal else f"定论 {done} / {one.indicators} 项"
    told += "".join(f"，{name} {count}" for name, count in one.marks.items() if name != "定论" and count)
    changed = f'<p class="zs-late">{one.changed} 项看后有改动</p>' if one.changed else ""
    bar = "" if appeal else f'<progress max="{one.indicators}" value="{done}" aria-hidden="true"></progress>'
    opens = one.state != "已提交"
    name = escape(one.university)
    title = f'<a href="/review?assessment={one.assessment}" target="_self">{name}</a>' if opens else name
    return (
        f'<article class="zs-task"><div><h3>{title}</h3><p>{escape("　".join([one.round, *said]))}</p>{changed}</div>'
        f'<div class="zs-far"><p><span class="zs-state">{one.state}</span>{told}</p>{bar}</div></article>'
    )


page()
