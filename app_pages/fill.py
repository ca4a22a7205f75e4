"""Filling in: which assessment and which place, the way to hand in, and the page for one subject, a component."""

import streamlit as st

from app_pages import session
from app_pages.components.modules import made_of
from app_pages.components.words import plain
from portal.api.app import PREFIX
from portal.moment import shown
from portal.policy import FILLING
from portal.refusal import Refusal
from portal.use_cases.forms import read_section
from portal.use_cases.handing_in import submit
from portal.use_cases.overview import Assessment, list_assessments, read_assessment

desk = made_of("fill")


def page() -> None:
    """Show the page."""
    who, portal = session.actor(), session.portal()
    mine = [one for one in list_assessments(portal, who) if one.university in who.employed]
    mine.sort(key=lambda one: one.state not in FILLING)  # what can be filled in now comes first
    if not mine:
        st.title("填报", anchor=False)
        st.info("现在没有邀请贵校参加的批次。收到邀请后，这里会出现要填的内容。", icon=":material/inbox:")
        return
    labels = {one.id: f"{one.round_title}（{one.state}）" for one in mine}
    wanted = st.query_params.get("assessment", "")
    first = wanted if wanted in labels else next(iter(labels))
    if len(labels) > 1:
        index = list(labels).index(first)
        first = st.selectbox("批次", list(labels), index, labels.__getitem__, key="fill-assessment")
    st.query_params["assessment"] = first
    found = session.got(read_assessment(portal, who, first))
    if found.may_submit:
        hand_in(found)
    subjects = [one.id for one in found.subjects]
    subject = st.query_params.get("subject", "")
    if subject not in subjects:
        seats = session.got(read_section(portal, who, found.id, subjects[0])).seats
        asked = [one for one in seats if one.asked]
        first_open = next((one for one in asked if one.answered < one.asked), None)
        subject = next((one.id for one in (first_open, *asked) if one), subjects[0])
    given = {
        "base": PREFIX,
        "account": who.id,
        "assessment": found.id,
        "subject": subject,
    }
    with st.container(key="wide"):
        picked = desk(data=given, key="fill-desk", on_subject_change=lambda: None)
    if picked.subject and picked.subject != subject:
        st.query_params["subject"] = picked.subject
        st.rerun()


def hand_in(found: Assessment) -> None:
    """Offer to hand in, to whom may; say what will be handed in before it is done."""
    until = f"，{shown(found.until)} 截止" if found.until else ""
    left, right = st.columns([4, 1], vertical_alignment="center")
    left.caption(f"填好后由单位负责人提交{until}。提交后不能再改，评审开始前可以撤回。")
    if right.button("提交……", key="fill-submit", type="primary", width="stretch"):
        st.session_state["fill-confirming"] = found.id
    if st.session_state.get("fill-confirming") == found.id:
        with st.container(border=True):
            confirm(found)


def confirm(found: Assessment) -> None:
    """Say how much is filled in, and hand it in."""
    who, portal = session.actor(), session.portal()
    st.subheader("提交给秘书处", anchor=False)
    for one in found.subjects:
        form = session.got(read_section(portal, who, found.id, one.id))
        seat = next(seat for seat in form.seats if seat.id == one.id)
        st.markdown(f"**{plain(one.title)}**　已答 {seat.answered} / {seat.asked} 个问题")
    st.write("没有填的问题按“没有提供”评定。提交的内容会原样留存，今后可以核对。")
    yes, no, _ = st.columns([1, 1, 3])
    if no.button("先不提交", key="fill-cancel", width="stretch"):
        leave()
    if yes.button("确认提交", key="fill-confirm", type="primary", width="stretch"):
        done = submit(portal, who, found.id, base=found.version, op_id=session.operation("submit"))
        if isinstance(done, Refusal):
            session.tell(done)
        else:
            session.done("submit")
            leave()


def leave() -> None:
    """Put the question away."""
    del st.session_state["fill-confirming"]
    st.rerun()


page()
