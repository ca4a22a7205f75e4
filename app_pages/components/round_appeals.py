"""The appeals of a round, with what came of each, and who is to look again."""

from collections.abc import Mapping, Sequence

import streamlit as st

from app_pages import session
from app_pages.components import desk
from app_pages.components.states import when
from app_pages.components.tables import csv_of, table
from app_pages.components.words import html
from portal.assessments import Round
from portal.moment import shown
from portal.use_cases.appeal_desk import RoundAppeal, list_round_appeals
from portal.use_cases.appeals import OUTCOMES, assign_reviewer
from portal.use_cases.inspectors import list_assignments


def appeals(head: Round) -> None:
    """Show every appeal with what came of it, and ask who is to look again."""
    desk.tell("appeal", "已指派复核专家")
    found = session.got(list_round_appeals(session.portal(), session.actor(), head.id))
    if not found:
        st.info("没有学校提出异议。", icon=":material/check:")
        return
    waiting = [one for one in found if one.outcome is None]
    st.caption(
        f"异议 {len(found)} 条，还没有复核的 {len(waiting)} 条，其中没有指派专家的 {sum(one.reviewer is None for one in waiting)} 条。"
    )
    st.html(
        table(
            ("学校", "对象和指标", "学校怎么说", "复核专家", "结果"), [_appeal(one) for one in found], "异议"
        )
    )
    st.download_button(
        "下载表格（CSV）",
        csv_of(
            ("学校", "对象", "指标", "异议", "提出时间", "复核专家", "结果", "改定的分", "理由"),
            [
                (
                    one.university_title,
                    one.subject_title,
                    one.indicator_title,
                    one.text,
                    shown(one.at),
                    one.reviewer_name,
                    OUTCOMES.get(one.outcome or "", "等复核"),
                    one.points,
                    one.reason,
                )
                for one in found
            ],
        ),
        desk.in_file(head.title, "异议.csv"),
        "text/csv",
        key="appeals-file",
        on_click="ignore",
        icon=":material/download:",
    )
    if waiting:
        _ask_reviewer(head, waiting)


def _appeal(one: RoundAppeal) -> tuple[str, ...]:
    if one.outcome is None:
        result = "等复核" if one.state == "复核" else "等复核<br><small>请在“指派与推进”里进入复核</small>"
    else:
        points = f"，{html(one.points)} 分" if one.points is not None else ""
        result = f"{OUTCOMES[one.outcome]}{points}<br><small>{html(one.reason or '')}</small>"
    return (
        f"{html(one.university_title)}<br><small>{one.state}</small>",
        f"{html(one.indicator_title)}<br><small>{html(one.subject_title)}</small>",
        f"{html(one.text)}<br><small>{when(one.at)}</small>",
        html(one.reviewer_name or "还没有指派"),
        result,
    )


def _ask_reviewer(head: Round, waiting: Sequence[RoundAppeal]) -> None:
    st.subheader("指派复核专家", anchor=False)
    st.caption("复核的专家不能评审过这所学校；有回避关系的，程序会拒绝并写明原因。")
    listed = {one.id: one for one in waiting}
    titles = desk.distinct(
        {one.id: f"{one.university_title}：{one.subject_title}，{one.indicator_title}" for one in waiting}
    )
    chosen = st.multiselect(
        "异议",
        list(listed),
        format_func=titles.__getitem__,
        key="appeal-which",
        placeholder="可以选多条",
        filter_mode="contains",
        select_all=False,
    )
    panel = session.got(list_assignments(session.portal(), session.actor(), head.id))
    took_part = {(one.assessment, one.account) for one in panel.given if one.task == "review"}
    free = {
        one.account: one
        for one in panel.inspectors
        if not any((listed[each].assessment, one.account) in took_part for each in chosen)
    }
    lightest = sorted(free.values(), key=lambda one: (one.appeals, one.in_hand))
    names = {one.account: f"{one.name}（{one.login}）" for one in lightest}
    who = st.selectbox(
        "专家",
        list(names),
        None,
        names.__getitem__,
        key="appeal-who",
        placeholder="评审过所选学校的不列在这里；手上少的排在前面",
        filter_mode="contains",
    )
    st.button(
        desk.label("指派", len(chosen), "条"),
        key="appeal-do",
        type="primary",
        disabled=not chosen or who is None,
        on_click=_assign_reviewer,
        args=({one: listed[one] for one in chosen}, who),
    )


def _assign_reviewer(chosen: Mapping[str, RoundAppeal], account: str) -> None:
    portal, who = session.portal(), session.actor()
    desk.each(
        "appeal",
        {one: f"{row.university_title}：{row.indicator_title}" for one, row in chosen.items()},
        lambda one, op_id: assign_reviewer(portal, who, chosen[one].assessment, one, account, op_id=op_id),
    )
    st.session_state["appeal-which"] = []
