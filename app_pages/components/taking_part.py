"""The forms of who takes part in a round: which universities are invited, and what of each is assessed."""

import re
from collections.abc import Mapping, Sequence

import streamlit as st

from app_pages import session
from app_pages.components import desk
from app_pages.components.words import plain
from portal.assessments import Round
from portal.refusal import Refusal
from portal.use_cases.directory import Choice, University, list_choices, list_universities
from portal.use_cases.places import register_place, register_university
from portal.use_cases.taking_part import choose_subjects, invite

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
    desk.each("register-universities", titles, act)
    st.session_state["register-universities"] = ""


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
    known = [(owners[row[0].casefold()], *row[1:]) for row in rows if row[0].casefold() in owners]
    st.button(
        desk.label("登记", len(known), "处"),
        key="register-places-do",
        disabled=not known or bool(strange),
        on_click=_register_places,
        args=(known, kind),
    )


def _register_places(rows: Sequence[tuple[str, ...]], kind: str) -> None:
    portal, who = session.portal(), session.actor()

    def act(one: str, op_id: str) -> object:
        university, slug, title, *_ = (*rows[int(one)], "", "")
        return register_place(portal, who, university, slug, kind, title, op_id=op_id)

    titles = {str(place): "，".join(row[1:]) or "没有写名称" for place, row in enumerate(rows)}
    desk.each("register-places", titles, act)
    st.session_state["register-places"] = ""
