"""The forms of a round: a new one, whom to invite, what of each university is assessed, its days, and its switches."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import streamlit as st

from app_pages import session
from app_pages.components import desk
from app_pages.components.words import plain
from portal.assessments import Round
from portal.moment import BEIJING, moment_of, shown, text_of
from portal.planning import TIMES
from portal.refusal import Refusal
from portal.use_cases.directory import Choice, University, list_choices, list_universities
from portal.use_cases.places import register_place, register_university
from portal.use_cases.rounds import (
    archive_round,
    close_round,
    create_round,
    open_round,
    set_times,
)
from portal.use_cases.standards import list_standards
from portal.use_cases.taking_part import choose_subjects, invite

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


# Whom to invite -------------------------------------------------------------------------------------------------------


def invitations(head: Round) -> None:
    """Ask whom to invite: by pasted codes, or picked from those on record."""
    desk.tell("invite", "已邀请")
    desk.tell("register-universities", "已登记")
    if head.state == "归档":
        st.info("批次已经归档，不再邀请学校。", icon=":material/inventory_2:")
        return
    known = session.got(list_universities(session.portal(), session.actor()))
    invited = {
        one.university
        for one in session.got(list_choices(session.portal(), session.actor(), head.id)).universities
    }
    free = {one.id: one for one in known if one.id not in invited}
    st.caption(f"已邀请 {len(invited)} 所；在册的还有 {len(free)} 所没有邀请。")
    codes = st.text_area(
        "粘贴学校代码", key="invite-codes", placeholder="每行一所，也可以用逗号或空格隔开", height=120
    )
    picked = st.multiselect(
        "或从名单里选",
        list(free),
        format_func=lambda one: f"{free[one].title}（{free[one].code}）",
        key="invite-picked",
        placeholder="输入名称或代码查找",
        filter_mode="contains",
    )
    pasted, unknown, again = by_code(codes or "", known, invited)
    if unknown:
        st.warning(
            f"有 {len(unknown)} 个代码不在册：{plain('、'.join(unknown[:20]))}。请核对，或先在下面登记。"
        )
    if again:
        st.caption(f"其中 {again} 所已经邀请过，不会重复。")
    wanted = list(dict.fromkeys([*pasted, *picked]))
    st.button(
        desk.label("邀请", len(wanted), "所学校"),
        key="invite-do",
        type="primary",
        disabled=not wanted,
        on_click=_invite,
        args=(head.id, {one: free[one].title for one in wanted}),
    )
    if head.state == "进行中" and wanted:
        st.caption("批次已经开放，邀请后这些学校马上可以填报。")
    with st.expander("登记不在册的学校"):
        lines = st.text_area(
            "每行一所：代码、名称、类型（可不写），用逗号或制表符隔开",
            key="register-universities",
            placeholder="10001，某某大学，本科",
            height=120,
        )
        rows = columns_of(lines or "")
        st.button(
            desk.label("登记", len(rows), "所学校"),
            key="register-universities-do",
            disabled=not rows,
            on_click=_register_universities,
            args=(rows,),
        )


def by_code(text: str, known: Sequence[University], invited: set[str]) -> tuple[list[str], list[str], int]:
    """Return the ids of the universities whose codes were pasted, the codes nobody has, and how many are invited already."""
    ids = {one.code.casefold(): one.id for one in known}
    codes = dict.fromkeys(one for one in re.split(r"[\s,，、;；]+", text) if one)
    found = [ids[one.casefold()] for one in codes if one.casefold() in ids]
    unknown = [one for one in codes if one.casefold() not in ids]
    return [one for one in found if one not in invited], unknown, sum(one in invited for one in found)


def columns_of(text: str) -> list[tuple[str, ...]]:
    """Return the lines that were pasted, each with its columns."""
    lines = (re.split(r"[\t,，]", one.strip()) for one in text.splitlines() if one.strip())
    return [tuple(part.strip() for part in line) for line in lines]


def _invite(round_id: str, titles: Mapping[str, str]) -> None:
    answer = invite(
        session.portal(), session.actor(), round_id, list(titles), op_id=session.operation("invite")
    )
    session.done("invite")
    if isinstance(answer, Refusal):
        desk.came_to("invite", [], [("邀请", answer.message)])
        return
    desk.came_to("invite", list(titles.values()), [])
    st.session_state["invite-codes"], st.session_state["invite-picked"] = "", []


def _register_universities(rows: Sequence[tuple[str, ...]]) -> None:
    portal, who = session.portal(), session.actor()

    def act(one: str, op_id: str) -> object:
        code, title, kind, *_ = (*rows[int(one)], "", "", "")
        return register_university(portal, who, code, title, kind=kind, op_id=op_id)

    titles = {str(place): row[1] if len(row) > 1 else row[0] for place, row in enumerate(rows)}
    left = desk.each("register-universities", titles, act)
    st.session_state["register-universities"] = "\n".join("，".join(rows[int(one)]) for one in left)


# What is assessed -----------------------------------------------------------------------------------------------------


def places(head: Round) -> None:
    """Ask which places of each university are assessed."""
    desk.tell("choose", "已选定参评对象")
    desk.tell("register-places", "已登记")
    found = session.got(list_choices(session.portal(), session.actor(), head.id))
    kind = found.kind or "对象"
    if not found.universities:
        st.info("还没有邀请学校。请先到“参评学校”邀请。", icon=":material/inbox:")
        return
    open_ = [one for one in found.universities if one.state in ("草稿", "填报中") and head.state != "归档"]
    bare = {one.assessment: one for one in open_ if one.places and not any(at.chosen for at in one.places)}
    without = [one for one in found.universities if not one.places]
    st.caption(
        f"这套标准评的是{kind}。没有选的，评的是学校本身。"
        f"现有 {len(bare)} 所学校在册的{kind}一处也没有选，{len(without)} 所没有登记{kind}。"
    )
    st.button(
        f"给 {len(bare)} 所学校选上全部在册的{kind}",
        key="choose-all",
        disabled=not bare,
        on_click=_choose,
        args=({one.assessment: _all(one) for one in bare.values()},),
    )
    if open_:
        choices = {one.assessment: one for one in open_}
        picked = st.selectbox(
            "逐校选择",
            list(choices),
            None,
            lambda one: f"{choices[one].university_title}（{choices[one].code}）",
            key="choose-university",
            placeholder="输入校名查找",
            filter_mode="contains",
        )
        if picked is not None:
            _one_university(choices[picked], kind)
    with st.expander(f"登记{kind}"):
        _register(found.universities, kind)


def _all(one: Choice) -> tuple[str, int, tuple[str, ...]]:
    return one.university_title, one.version, tuple(at.id for at in one.places)


def _one_university(one: Choice, kind: str) -> None:
    titles = desk.distinct({at.id: at.title for at in one.places})
    wanted = st.multiselect(
        f"{one.university_title}的参评{kind}（在册 {len(titles)} 处）",
        list(titles),
        [at.id for at in one.places if at.chosen],
        titles.__getitem__,
        key=f"choose-{one.assessment}-{one.version}",
        placeholder="没有选的，评的是学校本身",
        filter_mode="contains",
    )
    st.button(
        "保存",
        key="choose-do",
        type="primary",
        on_click=_choose,
        args=({one.assessment: (one.university_title, one.version, tuple(wanted))},),
    )


def _choose(wanted: Mapping[str, tuple[str, int, tuple[str, ...]]]) -> None:
    portal, who = session.portal(), session.actor()

    def act(assessment: str, op_id: str) -> object:
        _, base, chosen = wanted[assessment]
        return choose_subjects(portal, who, assessment, chosen, base=base, op_id=op_id)

    desk.each("choose", {one: title for one, (title, _, _) in wanted.items()}, act)


def _register(universities: Sequence[Choice], kind: str) -> None:
    lines = st.text_area(
        "每行一处：学校代码、编号、名称，用逗号或制表符隔开；编号在本校里不重复，如 canteen-1",
        key="register-places",
        placeholder="10001，canteen-1，第一食堂",
        height=120,
    )
    kind = st.text_input("类型", kind, key="register-kind", max_chars=40)
    rows, owners = columns_of(lines or ""), {one.code.casefold(): one.university for one in universities}
    strange = [row[0] for row in rows if row[0].casefold() not in owners]
    if strange:
        st.warning(f"有 {len(strange)} 个代码不在这个批次里：{plain('、'.join(strange[:20]))}。请核对。")
    known = [(row, owners[row[0].casefold()]) for row in rows if row[0].casefold() in owners]
    st.button(
        desk.label("登记", len(known), "处"),
        key="register-places-do",
        disabled=not known or bool(strange),
        on_click=_register_places,
        args=(known, kind),
    )


def _register_places(rows: Sequence[tuple[tuple[str, ...], str]], kind: str) -> None:
    portal, who = session.portal(), session.actor()

    def act(one: str, op_id: str) -> object:
        row, university = rows[int(one)]
        _, slug, title, *_ = (*row, "", "")
        return register_place(portal, who, university, slug, kind, title, op_id=op_id)

    titles = {str(place): "，".join(row[1:]) or "没有写名称" for place, (row, _) in enumerate(rows)}
    left = desk.each("register-places", titles, act)
    st.session_state["register-places"] = "\n".join("，".join(rows[int(one)][0]) for one in left)


# Its days and switches ------------------------------------------------------------------------------------------------


def days(head: Round) -> None:
    """Ask for other days, and offer to open, close and put away."""
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
