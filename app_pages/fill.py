"""Filling in: which assessment and which place, the way to hand in, and the page for one subject, a component."""

from pathlib import Path

import streamlit as st

from app_pages import session
from portal.api.app import PREFIX
from portal.moment import shown
from portal.refusal import Refusal
from portal.use_cases.forms import score
from portal.use_cases.handing_in import submit
from portal.use_cases.overview import Assessment, list_assessments, read_assessment

PARTS = Path(__file__).parent / "components" / "fill"

desk = st.components.v2.component(
    "zhunsheng_fill",
    html='<div class="zf-root"></div>',
    css=(PARTS / "fill.css").read_text("utf-8"),
    js=(PARTS / "index.js").read_text("utf-8"),
)


def page() -> None:
    """Show the page."""
    who, portal = session.actor(), session.portal()
    mine = [one for one in list_assessments(portal, who) if one.university in who.employed]
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
        subject = subjects[0]
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
    """Offer to hand in, to whom may."""
    until = f"，{shown(found.until)} 截止" if found.until else ""
    left, right = st.columns([4, 1], vertical_alignment="center")
    left.caption(f"填好后由单位负责人提交{until}。提交后不能再改，评审开始前可以撤回。")
    if right.button("提交……", key="fill-submit", type="primary", use_container_width=True):
        confirm(found)


@st.dialog("提交给秘书处")
def confirm(found: Assessment) -> None:
    """Say what will be handed in, and do it."""
    who, portal = session.actor(), session.portal()
    for one in found.subjects:
        told = score(portal, who, found.id, one.id)
        if isinstance(told, Refusal) or "coverage" not in told:
            continue
        asked, answered = told["coverage"]["asked"], told["coverage"]["answered"]
        st.markdown(f"**{one.title}**　已答 {answered} / {asked} 个问题")
    st.write("没有填的问题按“没有提供”评定。提交的内容会原样留存，今后可以核对。")
    if st.button("确认提交", key="fill-confirm", type="primary"):
        done = submit(portal, who, found.id, base=found.version, op_id=session.operation("submit"))
        if isinstance(done, Refusal):
            session.tell(done)
            return
        session.done("submit")
        st.rerun()


page()
