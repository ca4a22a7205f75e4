"""Inspectors and stages: who inspects what, with conflicts seen before, and moving universities on with what is in the way."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import streamlit as st

from app_pages import session
from app_pages.components import desk
from app_pages.components.states import mark, when
from app_pages.components.tables import csv_of, table
from app_pages.components.words import html
from portal.assessments import Round
from portal.moment import BEIJING, shown, text_of
from portal.use_cases.assigning import assign, end_assignment
from portal.use_cases.inspectors import Given, Inspector, Pair, check_pairs, list_assignments
from portal.use_cases.moves import advance, reopen
from portal.use_cases.progress import Progress, read_progress
from portal.use_cases.publication import finish_review

PARTS = ("指派", "推进", "专家")

STEPS: Mapping[str, tuple[str, str]] = {
    "review": ("开始评审", "学校不能再撤回，专家开始看材料。"),
    "ask": ("要求补充材料", "专家写下的补材料要求转给学校，学校可以补填、补证据。"),
    "resume": ("继续评审", "不再等补充材料，回到评审。"),
    "finish": ("结束评审", "评出并保存各层成绩；专家都要签署过。"),
    "appeal": ("进入复核", "有异议的，交给没有评过这所学校的专家复核。"),
    "review_again": ("重新评审", "评审完成以后发现有误的，回到评审。"),
    "reopen": ("退回重填", "把提交的内容退给学校修改，专家的签署随之作废。"),
}
"""What can be done here, and what it means. Publishing and grading are done on a page of their own."""

BACK = ("review_again", "reopen")
"""What takes universities back: they are picked one by one, and asked about once more."""


def page() -> None:
    """Show the page."""
    desk.dressed()
    st.title("指派与推进", anchor=False)
    head = desk.choose_round("assign")
    match desk.choose_part("assign", PARTS):
        case "推进":
            steps(head)
        case "专家":
            inspectors(head)
        case _:
            assigning(head)


# Who inspects what ----------------------------------------------------------------------------------------------------


def assigning(head: Round) -> None:
    """Ask who is to inspect which universities, and show what stands in the way before anything is done."""
    portal, who = session.portal(), session.actor()
    desk.tell("assign", "已指派")
    desk.tell("end", "已撤下")
    panel = session.got(list_assignments(portal, who, head.id))
    found = session.got(read_progress(portal, who, head.id))
    least = int(head.settings.get("inspectors_at_least", 1))
    rows = {one.assessment: one for one in found.rows if one.state in ("已提交", "评审中", "补充材料")}
    if not rows:
        st.info("现在没有等评审的学校。学校提交以后，在这里指派评审专家。", icon=":material/inbox:")
        return
    if not panel.inspectors:
        st.info("还没有评审专家。请先在“账号”页给人开通评审专家的角色。", icon=":material/group_add:")
        return
    short = [one for one in rows.values() if one.inspectors < least]
    st.caption(f"每校至少 {least} 位专家。已提交、正在评审的 {len(rows)} 所里，还差专家的 {len(short)} 所。")
    only = st.checkbox("只列还差专家的学校", value=bool(short), key="assign-only-short")
    listed = {one.assessment: one for one in (short if only else rows.values())}
    schools = st.multiselect(
        "学校",
        list(listed),
        format_func=lambda one: f"{listed[one].university_title}（{listed[one].code}）",
        key="assign-schools",
        placeholder="输入校名查找，可以选多所",
        filter_mode="contains",
        select_all=False,
    )
    people = {one.account: one for one in sorted(panel.inspectors, key=lambda one: one.in_hand)}
    names = {one.account: f"{one.name}（{one.login}）" for one in panel.inspectors}
    chosen = st.multiselect(
        "专家",
        list(people),
        format_func=names.__getitem__,
        key="assign-people",
        placeholder="输入姓名查找，可以选多位；在手少的排在前面",
        filter_mode="contains",
        select_all=False,
    )
    pairs = session.got(check_pairs(portal, who, head.id, assessments=schools, accounts=chosen))
    good = [one for one in pairs if not one.refused and not one.there]
    if pairs:
        st.html(verdicts(pairs, people))
    st.button(
        desk.label("指派", len(good), "对"),
        key="assign-do",
        type="primary",
        disabled=not good,
        on_click=_assign,
        args=(
            {
                f"{one.assessment}/{one.account}": f"{one.university_title}—{people[one.account].name}"
                for one in good
            },
        ),
    )
    st.subheader("现在的指派", anchor=False)
    st.html(standing(list(rows.values()), panel.given))
    with st.expander("撤下一位专家"):
        ending([one for one in panel.given if one.assessment in rows])


def load_of(one: Inspector) -> str:
    """Return what an inspector has in hand, has signed, and keeps away from."""
    away = f"，回避 {len(one.keeps_away)} 所" if one.keeps_away else ""
    return f"在手 {one.in_hand}，已签 {one.signed}{away}"


def verdicts(pairs: Sequence[Pair], people: Mapping[str, Inspector]) -> str:
    """Return each pair with what assigning it would answer."""
    return table(
        ("学校", "专家", "工作量", "能否指派"),
        [
            (
                html(one.university_title),
                html(people[one.account].name),
                load_of(people[one.account]),
                "已经指派" if one.there else f"不能：{html(one.refused)}" if one.refused else "可以",
            )
            for one in pairs
        ],
        "选中的学校和专家",
    )


def standing(rows: Sequence[Progress], given: Sequence[Given]) -> str:
    """Return who inspects which university, and who has signed."""
    by_case = dict[str, list[str]]()
    for one in given:
        if one.task == "review":
            said = f"{shown(one.signed_at)} 签署" if one.signed_at else "未签署"
            by_case.setdefault(one.assessment, []).append(f"{html(one.name)} <small>{said}</small>")
    return table(
        ("学校", "状态", "评审专家"),
        [
            (
                html(one.university_title),
                mark(one.state),
                "<br>".join(by_case.get(one.assessment, ["还没有"])),
            )
            for one in rows
        ],
        "现在的指派",
    )


def ending(given: Sequence[Given]) -> None:
    """Ask which assignment ends, and why."""
    standing_ = {f"{one.assessment}/{one.account}": one for one in given}
    titles = desk.distinct({key: f"{one.university_title}—{one.name}" for key, one in standing_.items()})
    picked = st.selectbox(
        "哪一位",
        list(standing_),
        None,
        titles.__getitem__,
        key="end-which",
        placeholder="输入校名或姓名查找",
        filter_mode="contains",
    )
    reason = st.text_input("理由", key="end-reason", max_chars=500)
    st.caption("写过的意见都保留；以后可以再指派。")
    if picked is not None:
        one = standing_[picked]
        st.button(
            "撤下",
            key="end-do",
            on_click=_end,
            args=(picked, f"{one.university_title}—{one.name}", reason or ""),
        )


def _assign(pairs: Mapping[str, str]) -> None:
    portal, who = session.portal(), session.actor()

    def act(pair: str, op_id: str) -> object:
        assessment, _, account = pair.partition("/")
        return assign(portal, who, assessment, account, op_id=op_id)

    desk.each("assign", pairs, act)
    st.session_state["assign-schools"] = []


def _end(pair: str, title: str, reason: str) -> None:
    portal, who = session.portal(), session.actor()
    assessment, _, account = pair.partition("/")
    desk.each(
        "end",
        {pair: title},
        lambda _, op_id: end_assignment(portal, who, assessment, account, reason, op_id=op_id),
    )
    st.session_state["end-reason"] = ""


# Moving on ------------------------------------------------------------------------------------------------------------


def steps(head: Round) -> None:
    """Offer one step for all universities it can be taken with, and say what stands in the way of the others."""
    desk.tell("step", "已办")
    found = session.got(read_progress(session.portal(), session.actor(), head.id))
    counts = {name: [one for one in found.rows if one.step(name)] for name in STEPS}
    there = [name for name in STEPS if counts[name]]
    if not there:
        st.info("现在没有能推进的学校。学校提交以后再来。", icon=":material/inbox:")
        return
    first = next((name for name in there[:-1] if ready_for(counts[name], name)), there[0])
    free = [
        f"{STEPS[name][0]} {len(found_)} 所" for name in there if (found_ := ready_for(counts[name], name))
    ]
    st.caption(f"现在可以办的：{'、'.join(free) or '没有'}。")
    picked = st.segmented_control(
        "做什么",
        there,
        default=first,
        required=True,
        format_func=lambda name: STEPS[name][0],
        key="step-name",
    )
    name = str(picked or first)
    title, meaning = STEPS[name]
    rows = counts[name]
    st.caption(
        f"{meaning}现在可以办的 {len(ready_for(rows, name))} 所，还不行的 {len(rows) - len(ready_for(rows, name))} 所。"
    )
    ready = {one.assessment: one for one in ready_for(rows, name)}
    if ready:
        _ask_step(name, title, ready)
    st.html(in_the_way(rows, name))


def ready_for(rows: Sequence[Progress], name: str) -> list[Progress]:
    """Return the universities that nothing keeps from a step."""
    return [one for one in rows if (step := one.step(name)) is not None and step.obstacle is None]


def in_the_way(rows: Sequence[Progress], name: str) -> str:
    """Return each university with what stands in the way of a step."""
    told = []
    for one in rows:
        step = one.step(name)
        obstacle = step.obstacle if step is not None else None
        told.append(
            (
                html(one.university_title),
                mark(one.state),
                html(obstacle) if obstacle else "可以办",
                when(one.changed_at),
            )
        )
    return table(("学校", "状态", "挡在前面的事", "最近变动"), told, "各校能不能办")


def _ask_step(name: str, title: str, ready: Mapping[str, Progress]) -> None:
    chosen = st.multiselect(
        "学校",
        list(ready),
        format_func=lambda one: f"{ready[one].university_title}（{ready[one].code}）",
        key=f"step-{name}-schools",
        placeholder="输入校名查找，可以全选",
        filter_mode="contains",
        select_all=name not in BACK,
    )
    step = next(iter(ready.values())).step(name)
    reason = ""
    if (step is not None and step.reason) or name == "finish":
        label = "理由" if name != "finish" else "理由（有等级定不下来的，写明理由才能结束）"
        reason = st.text_area(label, key=f"step-{name}-reason", height=80, max_chars=2000) or ""
    until = None
    if name == "reopen":
        picked = st.datetime_input(
            "新的填报截止（本批次已经截止的要给）", None, key="step-until", format="YYYY-MM-DD", step=900
        )
        until = text_of(picked.replace(tzinfo=BEIJING)) if isinstance(picked, datetime) else None
    sure = True
    if name in BACK:
        sure = st.checkbox("已经核对，确定要退", key=f"step-{name}-sure")
    st.button(
        desk.label(title, len(chosen), "所"),
        key="step-do",
        type="primary",
        disabled=not chosen or not sure,
        on_click=_step,
        args=(name, {one: ready[one] for one in chosen}, reason, until),
    )


def _step(name: str, chosen: Mapping[str, Progress], reason: str, until: str | None) -> None:
    portal, who = session.portal(), session.actor()

    def act(one: str, op_id: str) -> object:
        row = chosen[one]
        if name == "finish":
            return finish_review(portal, who, one, reason=reason, op_id=op_id)
        if name == "reopen":
            return reopen(portal, who, one, reason, base=row.version, op_id=op_id, until=until)
        step = row.step(name)
        assert step is not None
        return advance(portal, who, one, step.to, base=row.version, op_id=op_id, reason=reason)

    desk.each("step", {one: row.university_title for one, row in chosen.items()}, act)
    for key in (f"step-{name}-reason", f"step-{name}-sure", f"step-{name}-schools"):
        st.session_state.pop(key, None)


# Inspectors -----------------------------------------------------------------------------------------------------------


def inspectors(head: Round) -> None:
    """Show how much each inspector has to do, and from whom each keeps away."""
    panel = session.got(list_assignments(session.portal(), session.actor(), head.id))
    if not panel.inspectors:
        st.info("还没有评审专家。请先在“账号”页给人开通评审专家的角色。", icon=":material/group_add:")
        return
    text = (
        st.text_input(
            "查找专家", key="inspectors-text", type="search", placeholder="姓名或学校", live="500ms"
        )
        or ""
    )
    rows = [one for one in panel.inspectors if desk.matches(text, one.name, *one.keeps_away)]
    head_ = ("专家", "在手", "已签", "复核", "回避")
    st.html(
        table(
            head_,
            [
                (
                    html(one.name),
                    str(one.in_hand),
                    str(one.signed),
                    str(one.appeals),
                    html("、".join(one.keeps_away)) or "—",
                )
                for one in rows
            ],
            "评审专家的工作量",
        )
    )
    st.caption("回避在“账号”页登记和解除；曾是某校人员的，自动登记。")
    st.download_button(
        "下载表格（CSV）",
        csv_of(
            head_,
            [(one.name, one.in_hand, one.signed, one.appeals, "、".join(one.keeps_away)) for one in rows],
        ),
        desk.in_file(head.title, "专家.csv"),
        "text/csv",
        key="inspectors-file",
        on_click="ignore",
        icon=":material/download:",
    )


page()
