"""Filling in: which assessment and which place, what is asked for, handing in, and the page for one subject, a component."""

import streamlit as st

from app_pages import session
from app_pages.components import desk, handing
from app_pages.components.modules import made_of
from portal.api.app import PREFIX
from portal.policy import FILLING
from portal.use_cases.filling_in import score_of
from portal.use_cases.forms import read_section
from portal.use_cases.overview import list_assessments, read_assessment

form = made_of("fill")


def page() -> None:
    """Show the page."""
    who, portal = session.actor(), session.portal()
    mine = [one for one in list_assessments(portal, who) if one.university in who.employed]
    mine.sort(key=lambda one: one.state not in FILLING)  # what can be filled in now comes first
    if not mine:
        st.title("填报", anchor=False)
        st.info("现在没有邀请贵校参加的批次。收到邀请后，这里会出现要填的内容。", icon=":material/inbox:")
        return
    labels = desk.distinct({one.id: one.round_title for one in mine})
    wanted = st.query_params.get("assessment", "")
    first = wanted if wanted in labels else next(iter(labels))
    if len(labels) > 1:
        index = list(labels).index(first)
        first = st.selectbox("批次", list(labels), index, labels.__getitem__, key="fill-assessment")
    st.query_params["assessment"] = first
    found = session.got(read_assessment(portal, who, first))
    desk.tell("fill", "已提交")
    desk.tell("fill-back", "已撤回")
    waiting = handing.requests(found) if found.state == "补充材料" else ()
    if found.may_submit:
        handing.hand_in(found)
    if found.may_withdraw:
        handing.take_back(found)
    subjects = [one.id for one in found.subjects]
    subject = st.query_params.get("subject", "")
    if subject not in subjects:
        seats = session.got(read_section(portal, who, found.id, subjects[0])).seats
        lacking = session.got(score_of(portal, who, found.id, subjects[0])).lacking
        asked = [one.id for one in seats if one.asked]
        asked_for = [one.subject for one in waiting]
        subject = [*asked_for, *(one for one in asked if lacking[one]), *asked, subjects[0]][0]
    given = {
        "base": PREFIX,
        "account": who.id,
        "assessment": found.id,
        "subject": subject,
        "state": found.state,
    }
    with st.container(key="wide"):
        picked = form(data=given, key="fill-desk", on_subject_change=lambda: None)
    if picked.subject and picked.subject != subject:
        st.query_params["subject"] = picked.subject
        st.rerun()


page()
