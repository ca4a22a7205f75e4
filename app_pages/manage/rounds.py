"""Rounds: all of them, one of them live, who takes part and with what, its days, and who is to be reminded."""

from collections.abc import Sequence

import streamlit as st

from app_pages import session
from app_pages.components import desk, round_forms, taking_part
from app_pages.components.states import bar, far, mark, until, when
from app_pages.components.tables import csv_of, table
from app_pages.components.words import html, plain
from portal.assessments import Round
from portal.moment import shown
from portal.policy import STATES, State
from portal.use_cases.progress import (
    Progress,
    Reminder,
    RoundStates,
    list_reminders,
    list_round_states,
    read_progress,
)
from portal.use_cases.standards import list_standards

EVERY = 15
"""Seconds after which the progress is looked up again."""

PARTS = ("进度", "催办", "参评学校", "参评对象", "日期与开关")


def page() -> None:
    """Show the page."""
    desk.dressed()
    found = session.got(list_round_states(session.portal(), session.actor()))
    wanted = st.query_params.get("round", "")
    one = next((one.round for one in found if one.round.id == wanted), None)
    if one is None:
        overview(found)
        return
    st.html('<a class="zs-back" href="/rounds" target="_self">‹ 全部批次</a>')
    st.title(plain(one.title), anchor=False)
    desk.tell("round-create", "已新建批次")
    st.html(about(one))
    match desk.choose_part("rounds", PARTS):
        case "催办":
            reminders(one)
        case "参评学校":
            taking_part.invitations(one)
        case "参评对象":
            taking_part.places(one)
        case "日期与开关":
            round_forms.days(one)
        case _:
            progress(one.id)


# All of them ----------------------------------------------------------------------------------------------------------


def overview(found: Sequence[RoundStates]) -> None:
    """Show all rounds, and the way to a new one."""
    st.title("批次", anchor=False)
    with st.expander("新建批次", icon=":material/add:", expanded=not found):
        round_forms.create()
    if not found:
        st.info("还没有批次。新建以后先邀请学校、选定参评对象，再开放填报。", icon=":material/inbox:")
        return
    everything()


@st.fragment(run_every=EVERY)
def everything() -> None:
    """Show where the universities of all rounds stand; looks again by itself."""
    found = session.got(list_round_states(session.portal(), session.actor()))
    st.html("".join(_round(one) for one in found))


def _round(one: RoundStates) -> str:
    head, everybody = one.round, sum(one.states.values())
    ends = f"，填报 {shown(head.fill_until)} 截止" if head.fill_until else ""
    return (
        f'<article class="zs-round"><h3><a href="/rounds?round={head.id}" target="_self">{html(head.title)}</a></h3>'
        f"<p>{head.state}　{everybody} 所学校{ends}</p>{bar(one.states)}</article>"
    )


def about(one: Round) -> str:
    """Return what a round is, in one line."""
    titles = {
        (known.standard, known.edition): f"{known.title}（{known.edition}）"
        for known in list_standards(session.portal(), session.actor())
    }
    period = f"{one.period_from} 至 {one.period_to}" if one.period_from else ""
    pairs = (
        ("状态", one.state),
        ("标准", titles.get((one.standard, one.edition), one.standard)),
        ("评定日", one.as_of),
        ("统计期", period),
        ("填报截止", shown(one.fill_until) if one.fill_until else ""),
        ("评审专家", f"每校至少 {one.settings.get('inspectors_at_least', 1)} 位"),
    )
    return desk.facts((name, value) for name, value in pairs if value)


# One of them, live ----------------------------------------------------------------------------------------------------

HEAD = ("学校", "状态", "已答 / 题数", "最近变动", "截止", "对象", "专家")


@st.fragment(run_every=EVERY)
def progress(round_id: str) -> None:
    """Show how far everybody is; looks again by itself."""
    found = session.got(read_progress(session.portal(), session.actor(), round_id))
    st.html(bar(found.states))
    if not found.rows:
        st.info("还没有邀请学校。请到“参评学校”邀请。", icon=":material/inbox:")
        return
    left, middle, right = st.columns([3, 4, 2], vertical_alignment="bottom")
    text = left.text_input(
        "查找学校", key="progress-text", type="search", placeholder="名称或代码", live="500ms"
    )
    there = [state for state in STATES if found.states[state]]
    chosen = middle.multiselect(
        "状态", there, key="progress-states", placeholder="全部状态", filter_mode="contains", select_all=False
    )
    late = right.checkbox("只看过期的", key="progress-late")
    rows = [one for one in found.rows if passes(one, text or "", chosen, late=late)]
    left, right = st.columns([3, 2], vertical_alignment="center")
    left.caption(f"{len(rows)} / {len(found.rows)} 所，{shown(found.at)} 的情况，每 {EVERY} 秒更新一次")
    right.container(horizontal=True, horizontal_alignment="right").download_button(
        "下载表格（CSV）",
        csv_of(FILE, [in_file(one) for one in rows]),
        desk.in_file(found.round.title, "进度.csv"),
        "text/csv",
        key="progress-file",
        on_click="ignore",
        icon=":material/download:",
    )
    st.html(table(HEAD, [line(one) for one in rows], "各校进度"))


def passes(one: Progress, text: str, states: Sequence[State], *, late: bool) -> bool:
    """Whether a university is shown."""
    return (
        desk.matches(text, one.university_title, one.code)
        and (not states or one.state in states)
        and (one.late or not late)
    )


def line(one: Progress) -> tuple[str, ...]:
    """Return one university as cells."""
    signed = f"{one.inspectors - one.unsigned} / {one.inspectors} 已签署" if one.inspectors else "—"
    return (
        f"{html(one.university_title)}<br><small>{html(one.code)}</small>",
        mark(one.state),
        far(one.answered, one.asked),
        when(one.changed_at),
        until(one.until, one.days, one.late),
        f"{one.places} 处" if one.places else "学校本身",
        signed,
    )


FILE = ("代码", "学校", "状态", "已答", "题数", "最近变动", "截止", "过期", "对象数", "评审专家", "未签署")


def in_file(one: Progress) -> tuple[object, ...]:
    """Return one university as a line of the file."""
    return (
        one.code,
        one.university_title,
        one.state,
        one.answered,
        one.asked,
        shown(one.changed_at) if one.changed_at else "",
        shown(one.until) if one.until else "",
        "是" if one.late else "否",
        one.places,
        one.inspectors,
        one.unsigned,
    )


# Who is to be reminded ------------------------------------------------------------------------------------------------


def reminders(head: Round) -> None:
    """Show who is late or not done, as a table, as text to copy and as a file."""
    found = session.got(list_reminders(session.portal(), session.actor(), head.id))
    if not found:
        st.info("现在没有要催办的学校。", icon=":material/check:")
        return
    days = st.segmented_control(
        "哪些学校",
        ("全部", "已过期", "一周内到期", "还没有动笔"),
        default="全部",
        required=True,
        key="reminders-which",
    )
    rows = [one for one in found if _due(one, str(days))]
    st.caption(f"{len(rows)} 所学校还没有交")
    if not rows:
        st.info("没有这样的学校。", icon=":material/check:")
        return
    st.html(
        table(
            ("学校", "等什么", "进度", "截止", "最近变动", "联系人"),
            [
                (
                    f"{html(one.university_title)}<br><small>{html(one.code)}</small>",
                    _waits_for(one),
                    far(one.answered, one.asked),
                    until(one.until, one.days, one.late),
                    when(one.changed_at),
                    html("、".join(one.people)) or "还没有开通账号",
                )
                for one in rows
            ],
            "要催办的学校",
        )
    )
    st.subheader("催办文字", anchor=False)
    st.caption("点右上角复制，可以直接发到工作群。")
    st.code(letter(head, rows), language=None, wrap_lines=True)
    st.download_button(
        "下载名单（CSV）",
        csv_of(
            ("代码", "学校", "等什么", "已答", "题数", "截止", "过期", "联系人"),
            [
                (
                    one.code,
                    one.university_title,
                    _waits_for(one),
                    one.answered,
                    one.asked,
                    shown(one.until) if one.until else "",
                    "是" if one.late else "否",
                    "、".join(one.people),
                )
                for one in rows
            ],
        ),
        desk.in_file(head.title, "催办名单.csv"),
        "text/csv",
        key="reminders-file",
        on_click="ignore",
        icon=":material/download:",
    )


def _due(one: Reminder, which: str) -> bool:
    match which:
        case "已过期":
            return one.late
        case "一周内到期":
            return not one.late and one.days is not None and one.days <= 7
        case "还没有动笔":
            return one.answered == 0
    return True


def _waits_for(one: Reminder) -> str:
    return f"补充材料 {one.open_requests} 条" if one.state == "补充材料" else "提交填报"


def letter(head: Round, rows: Sequence[Reminder]) -> str:
    """Return the reminder as text to send."""
    lines = [f"“{head.title}”还在等下列学校，请尽快办理："]
    lines += [
        f"{number}. {one.university_title}：{_waits_for(one)}，已答 {one.answered} 题（共 {one.asked} 题）"
        + (f"，{shown(one.until)} 截止" if one.until else "")
        + ("（已过期）" if one.late else "")
        for number, one in enumerate(rows, 1)
    ]
    return "\n".join(lines)


page()
