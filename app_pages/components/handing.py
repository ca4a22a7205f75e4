"""Around what is filled in: what inspectors ask for, handing in, and taking back."""

from html import escape

import streamlit as st

from app_pages import session
from app_pages.components import desk
from app_pages.components.words import plain
from engine.brief import Brief
from portal.moment import shown
from portal.refusal import Refusal
from portal.reports.words import span
from portal.use_cases.filling_in import score_of
from portal.use_cases.handing_in import submit
from portal.use_cases.materials import Request, answer_material, list_requests
from portal.use_cases.moves import withdraw
from portal.use_cases.overview import Assessment

# What inspectors ask for ----------------------------------------------------------------------------------------------


def requests(found: Assessment) -> tuple[Request, ...]:
    """Show what material is asked for, and take the replies; return what still waits for one."""
    desk.tell("reply", "已回复")
    asked = session.got(list_requests(session.portal(), session.actor(), found.id))
    if not asked:
        return ()
    waiting = tuple(one for one in asked if one.answer is None)
    st.subheader("要补的材料", anchor=False)
    if waiting:
        until = f"，{shown(found.until)} 截止" if found.until else ""
        st.caption(
            f"还有 {len(waiting)} 条没有回复{until}。先在下面补填、补证据，再逐条回复；全部回复后由单位负责人提交。"
        )
    for one in asked:
        with st.container(border=True):
            request(found.id, one)
    return waiting


def request(assessment: str, one: Request) -> None:
    """Show one request, and its reply or the box for it."""
    place = f"/fill?assessment={assessment}&subject={one.subject}#i-{one.indicator}"
    st.html(
        f'<p class="zs-ask"><b>{escape(one.title)}</b>　{escape(one.subject_title)}　<a href="{escape(place)}" target="_self">去这一项</a></p>'
    )
    st.write(f"{plain(one.inspector)} {shown(one.asked_at)}：{plain(one.text)}")
    if one.answer is not None:
        at = f" {shown(one.answered_at)}" if one.answered_at else ""
        st.write(f"本校{at}回复：{plain(one.answer)}")
        return
    st.text_area("回复", key=f"reply-{one.id}", height=80, max_chars=2000, placeholder="补了什么、在哪一项")
    st.button("回复", key=f"reply-do-{one.id}", on_click=_reply, args=(assessment, one.id, one.title))


def _reply(assessment: str, one: str, title: str) -> None:
    portal, who, text = session.portal(), session.actor(), desk.written(f"reply-{one}")
    desk.each(
        "reply",
        {one: title},
        lambda _, op_id: answer_material(portal, who, assessment, one, text, op_id=op_id),
    )


# Handing in -----------------------------------------------------------------------------------------------------------


def hand_in(found: Assessment) -> None:
    """Offer to hand in, to whom may; say what will be handed in before it is done."""
    until = f"，{shown(found.until)} 截止" if found.until else ""
    left, right = st.columns([4, 1], vertical_alignment="center")
    after = "提交后回到评审。" if found.state == "补充材料" else "提交后不能再改，评审开始前可以撤回。"
    left.caption(f"填好后由单位负责人提交{until}。{after}")
    if right.button("提交……", key="fill-submit", type="primary", width="stretch"):
        st.session_state["fill-confirming"] = found.id
    if st.session_state.get("fill-confirming") == found.id:
        with st.container(border=True):
            _confirm(found)


def _confirm(found: Assessment) -> None:
    who, portal = session.actor(), session.portal()
    st.subheader("提交给秘书处", anchor=False)
    for one in found.subjects:
        brief = session.got(score_of(portal, who, found.id, one.id)).brief
        if brief is not None:
            st.markdown(f"**{plain(one.title)}**　{_stands(brief)}")
    st.write("没有填的问题按“没有提供”评定。提交的内容会原样留存，今后可以核对。")
    yes, no, _ = st.columns([1, 1, 3])
    if no.button("先不提交", key="fill-cancel", width="stretch"):
        _leave()
    if yes.button("确认提交", key="fill-confirm", type="primary", width="stretch"):
        done = submit(portal, who, found.id, base=found.version, op_id=session.operation("submit"))
        if isinstance(done, Refusal):
            session.tell(done)
        else:
            session.done("submit")
            desk.came_to("fill", [found.round_title], [])
            _leave()


def _stands(brief: Brief) -> str:
    """Return in a line what would be handed in."""
    grades = "、".join(one.title for one in brief.possible)
    points = span({"low": brief.low, "high": brief.high})
    parts = [
        f"已答 {brief.answered} / {brief.asked} 个问题",
        f"得分 {points} / {brief.points}",
        f"可能：{grades}" if len(brief.possible) > 1 else grades,
        *(f"{one.state}：{one.title}" for one in brief.vetoes),
    ]
    return plain("，".join(part for part in parts if part))


def _leave() -> None:
    del st.session_state["fill-confirming"]
    st.rerun()


def take_back(found: Assessment) -> None:
    """Offer to take back what was handed in, with a reason."""
    with st.expander("撤回提交"):
        st.write("评审开始以前可以撤回，改好再提交。撤回和理由都会留在记录里。")
        st.text_input("撤回的理由", key="fill-back-reason", max_chars=500)
        st.button("撤回", key="fill-back", on_click=_take_back, args=(found.id, found.version))


def _take_back(assessment: str, version: int) -> None:
    reason, op_id = desk.written("fill-back-reason"), session.operation("fill-back")
    answer = withdraw(session.portal(), session.actor(), assessment, reason, base=version, op_id=op_id)
    session.done("fill-back")
    refused = [("撤回提交", answer.message)] if isinstance(answer, Refusal) else []
    desk.came_to("fill-back", [] if refused else ["可以接着改"], refused)
