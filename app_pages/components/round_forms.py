"""The forms of a round itself: a new one, its days, how many inspectors, and its switches."""

from collections.abc import Mapping
from datetime import date, datetime

import streamlit as st

from app_pages import session
from app_pages.components import desk
from portal.assessments import Round
from portal.moment import BEIJING, moment_of, shown, text_of
from portal.planning import TIMES
from portal.refusal import Refusal
from portal.use_cases.rounds import (
    archive_round,
    close_round,
    create_round,
    open_round,
    set_inspectors,
    set_times,
)
from portal.use_cases.standards import list_standards

# A new one ------------------------------------------------------------------------------------------------------------


def create() -> None:
    """Ask for a new round."""
    who, portal = session.actor(), session.portal()
    standards = {
        (one.standard, one.edition): f"{one.title}（{one.edition}，{one.status}）"
        for one in list_standards(portal, who)
    }
    title = st.text_input("名称", key="create-title", placeholder="如：2026 年绿色食堂评定", max_chars=200)
    pinned = st.selectbox(
        "标准和版",
        list(standards),
        None,
        standards.__getitem__,
        key="create-standard",
        placeholder="请选择",
        help="批次钉住这一版现在的内容；以后规则怎么改，这个批次都不变。",
        filter_mode="contains",
    )
    left, right = st.columns(2)
    as_of = left.date_input(
        "评定日", None, key="create-as-of", help="参数（如限额标准）按这一天有效的值计算。"
    )
    period = right.date_input("统计期", [], key="create-period", help="要填的数据属于哪一段时间；可以不填。")
    times = ask_times("create", dict.fromkeys(TIMES))
    left, right = st.columns(2)
    least = left.number_input(
        "每校至少几位评审专家",
        1,
        50,
        None,
        key="create-least",
        placeholder="按标准的规定",
        help="不填就按标准写明的人数。",
    )
    region = right.text_input("地区", key="create-region", placeholder="全国的不填", max_chars=40)
    if not st.button("新建批次", key="create-do", type="primary"):
        return
    if pinned is None or as_of is None:
        st.warning("还没有选标准或评定日。请选好后再新建。", icon=":material/edit:")
        return
    made = create_round(
        portal,
        who,
        title or "",
        *pinned,
        as_of.isoformat(),
        op_id=session.operation("round-create"),
        region=region or "",
        period=_period(period),
        times=times,
        settings={"inspectors_at_least": int(least)} if least else {},
    )
    if isinstance(made, Refusal):
        session.tell(made)
        return
    session.done("round-create")
    desk.came_to("round-create", [title or ""], [])
    st.query_params["round"] = made.round
    st.query_params["part"] = "参评学校"
    st.rerun()


def _period(picked: object) -> tuple[str, str] | None:
    days = [one.isoformat() for one in picked if isinstance(one, date)] if isinstance(picked, tuple) else []
    return (days[0], days[1]) if len(days) == 2 else None


def ask_times(key: str, times: Mapping[str, str | None]) -> dict[str, str | None]:
    """Ask for the moments of a round, in the time of Beijing; one that was not touched stays as it was kept."""
    found = dict[str, str | None]()
    for three in (tuple(TIMES)[:3], tuple(TIMES)[3:]):
        for name, column in zip(three, st.columns(3), strict=True):
            before = times[name]
            local = moment_of(before).astimezone(BEIJING).replace(tzinfo=None) if before else None
            picked = column.datetime_input(
                TIMES[name], local, key=f"{key}-{name}", format="YYYY-MM-DD", step=900
            )
            found[name] = before if _same(picked, local) else _kept(picked)
    return found


def _same(one: datetime | None, other: datetime | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.replace(second=0, microsecond=0) == other.replace(second=0, microsecond=0)


def _kept(local: datetime | None) -> str | None:
    return None if local is None else text_of(local.replace(tzinfo=BEIJING))


# Its days, inspectors and switches ------------------------------------------------------------------------------------------------


def days(head: Round) -> None:
    """Ask for other days and numbers, and offer to open, close and put away."""
    desk.tell("days", "已办")
    if head.state == "归档":
        st.info("批次已经归档，不再改动。", icon=":material/inventory_2:")
        return
    st.subheader("日期", anchor=False)
    st.caption("都是北京时间。改了以后，各校看到的截止时间马上跟着变。")
    found = ask_times(f"days-{head.version}", {name: getattr(head, name) for name in TIMES})
    changed = {name: value for name, value in found.items() if value != getattr(head, name)}
    told = "、".join(
        f"{TIMES[one]}改为 {shown(value) if value else '不限'}" for one, value in changed.items()
    )
    if told:
        st.caption(told)
    st.button(
        "保存日期",
        key="days-save",
        type="primary",
        disabled=not changed,
        on_click=_days,
        args=(head, changed),
    )
    _ask_inspectors(head)
    st.subheader("开关", anchor=False)
    if head.state == "草稿":
        st.write("开放后，邀请过的学校都可以开始填报；开放以后不能再收回。")
        sure = st.checkbox("学校和日期已经核对", key="open-sure")
        st.button(
            "开放填报",
            key="open-do",
            type="primary",
            disabled=not sure,
            on_click=_switch,
            args=("open", head),
        )
        return
    st.write("提前截止：现在就结束填报，没有提交的学校不能再填。要延期，请把上面的填报截止改晚。")
    sure = st.checkbox("确定现在截止", key="close-sure")
    st.button("提前截止", key="close-do", disabled=not sure, on_click=_switch, args=("close", head))
    st.write("归档批次：所有提交过的学校都归档以后才能做，做了以后整个批次不再改动。")
    sure = st.checkbox("确定归档整个批次", key="archive-sure")
    st.button("归档批次", key="archive-do", disabled=not sure, on_click=_switch, args=("archive", head))


def _days(head: Round, times: Mapping[str, str | None]) -> None:
    answer = set_times(
        session.portal(),
        session.actor(),
        head.id,
        times,
        base=head.version,
        op_id=session.operation("days"),
    )
    _came_to("保存日期", answer)


def _ask_inspectors(head: Round) -> None:
    st.subheader("评审专家", anchor=False)
    before = int(head.settings.get("inspectors_at_least", 1))
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    least = left.number_input("每校至少几位", 1, 50, before, key=f"least-{head.version}")
    right.button(
        "保存人数", key="least-save", disabled=least == before, on_click=_inspectors, args=(head, int(least))
    )
    st.caption("有学校开始评审以后不再改动；要多派专家的，可以直接指派。")


def _inspectors(head: Round, least: int) -> None:
    answer = set_inspectors(
        session.portal(),
        session.actor(),
        head.id,
        least,
        base=head.version,
        op_id=session.operation("days"),
    )
    _came_to(f"每校至少 {least} 位专家", answer)


SWITCHES = {
    "open": ("开放填报", open_round),
    "close": ("提前截止", close_round),
    "archive": ("归档批次", archive_round),
}


def _switch(name: str, head: Round) -> None:
    title, run = SWITCHES[name]
    answer = run(
        session.portal(), session.actor(), head.id, base=head.version, op_id=session.operation("days")
    )
    st.session_state[f"{name}-sure"] = False
    _came_to(title, answer)


def _came_to(title: str, answer: object) -> None:
    session.done("days")
    refused = [(title, answer.message)] if isinstance(answer, Refusal) else []
    desk.came_to("days", [] if refused else [title], refused)
