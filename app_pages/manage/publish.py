"""Publishing: publicity, appeals, grades, withdrawing, the archive; each shows before it is done what becomes public."""

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from app_pages import session
from app_pages.components import desk, round_appeals
from app_pages.components.states import mark, when
from app_pages.components.tables import table
from app_pages.components.words import html, span
from portal.assessments import Round
from portal.moment import shown
from portal.refusal import Refusal
from portal.use_cases.previews import Preview, preview_publication
from portal.use_cases.progress import Progress, read_progress
from portal.use_cases.publication import (
    Publication,
    archive_all,
    decide_grades,
    list_publications,
    publicise,
    publish_grades,
    withdraw_publication,
)

PARTS = ("公示", "异议", "定级", "公布记录", "归档")
KINDS = {"publicity": "公示", "grades": "定级"}


def page() -> None:
    """Show the page."""
    desk.dressed()
    st.title("公布", anchor=False)
    head = desk.choose_round("publish")
    match desk.choose_part("publish", PARTS):
        case "异议":
            round_appeals.appeals(head)
        case "定级":
            grades(head)
        case "公布记录":
            publications(head)
        case "归档":
            archive(head)
        case _:
            publicity(head)


def came_to(name: str, what: str, answer: object) -> None:
    """Keep what a click about a whole round came to, and those that were left out with why."""
    session.done(name)
    if isinstance(answer, Refusal):
        desk.came_to(name, [], [(what, answer.message), *_left(answer.details.get("left", {}))])
        return
    done = getattr(answer, "done", None)
    desk.came_to(name, [what] if done is None else done, _left(getattr(answer, "left", {})))


def _left(left: Mapping[str, str]) -> list[tuple[str, str]]:
    return list(left.items())


# What becomes public --------------------------------------------------------------------------------------------------


def publicity(head: Round) -> None:
    """Show what would become public of the finished reviews, and offer to do it."""
    desk.tell("publicise", "已办")
    st.caption(
        "公示各校的最终得分和等级，学校可以在期限内提出异议。"
        f"公示到{_day(head.publish_until, '撤下')}为止，异议到{_day(head.appeal_until, '定级')}为止。"
    )
    found = preview(head, "publicity", "还没有评审完成、等着公示的学校。请先在“指派与推进”里结束评审。")
    if found is not None:
        _ask("publicise", "公示", f"公示 {len(found.fresh)} 所学校的结果", head)


def _day(moment: str | None, otherwise: str) -> str:
    return f" {shown(moment)} " if moment else otherwise


def grades(head: Round) -> None:
    """Show who can be graded and what stands in the way of others; then what would become public of the grades."""
    desk.tell("grade", "已定级")
    desk.tell("grades", "已办")
    st.subheader("一、定级", anchor=False)
    found = session.got(read_progress(session.portal(), session.actor(), head.id))
    rows = [one for one in found.rows if one.step("grade")]
    ready = [one for one in rows if (step := one.step("grade")) and step.obstacle is None]
    if rows:
        st.caption(
            f"公示的 {len(rows)} 所里，现在可以定级的 {len(ready)} 所。异议复核改定的分数，这时计入最终成绩。"
        )
        st.html(table(("学校", "状态", "挡在前面的事"), [_grade_line(one) for one in rows], "各校能不能定级"))
    else:
        st.info("没有等着定级的学校。公示期满以后再来。", icon=":material/inbox:")
    if ready:
        _ask("grade", "定级", f"给 {len(ready)} 所学校定级", head)
    st.subheader("二、公布定级", anchor=False)
    seen = preview(head, "grades", "还没有定级、等着公布的学校。")
    if seen is not None:
        _ask("grades", "公布定级", "公布上面的定级", head)


def _grade_line(one: Progress) -> tuple[str, ...]:
    step = one.step("grade")
    return (
        html(one.university_title),
        mark(one.state),
        html(step.obstacle) if step is not None and step.obstacle else "可以定级",
    )


def preview(head: Round, kind: str, nothing: str) -> Preview | None:
    """Show the document that would become public, and who is left out; None when there is nothing to publish."""
    answer = preview_publication(session.portal(), session.actor(), head.id, kind=kind)
    if isinstance(answer, Refusal):
        session.tell(answer)
        return None
    if answer.left:
        st.html(
            table(
                ("学校", "为什么不在里面"),
                [(html(who), html(why)) for who, why in answer.left.items()],
                "不在里面的学校",
            )
        )
    if not answer.fresh:
        st.info(nothing, icon=":material/inbox:")
        return None
    document = json.loads(answer.document)
    before = len(document["results"]) - len(answer.fresh)
    st.caption(
        f"下面就是将要公开的内容：这次新增 {len(answer.fresh)} 所"
        + (f"，连同已经公开的 {before} 所。" if before > 0 else "。")
        + "不公开填报内容、证据、评审意见和专家姓名。"
    )
    st.html(results(document))
    return answer


def results(document: Mapping[str, Any]) -> str:
    """Return the results of a publication as they will be read."""
    rows = []
    for one in document["results"]:
        for subject in one["subjects"]:
            grade = subject["grade"]
            rows.append(
                (
                    html(one["university"]["title"]),
                    html(subject["title"]),
                    f"{html(span(subject['total']))} / {html(subject['of'])} 分",
                    html(grade["title"]) if grade else "等级未定",
                )
            )
    return table(("学校", "对象", "总分", "等级"), rows, "公开的结果")


def _ask(name: str, what: str, label: str, head: Round) -> None:
    sure = st.checkbox(f"以上内容已经核对，现在{what}", key=f"{name}-sure")
    st.button(
        label, key=f"{name}-do", type="primary", disabled=not sure, on_click=_do, args=(name, what, head.id)
    )


DO = {"publicise": publicise, "grade": decide_grades, "grades": publish_grades, "archive": archive_all}


def _do(name: str, what: str, round_id: str) -> None:
    answer = DO[name](session.portal(), session.actor(), round_id, op_id=session.operation(name))
    st.session_state[f"{name}-sure"] = False
    came_to(name, what, answer)


# What is and was public -----------------------------------------------------------------------------------------------


def publications(head: Round) -> None:
    """Show what is and was public of a round, and ask which is to be withdrawn, and why."""
    desk.tell("withdraw", "已撤回")
    found = [one for one in list_publications(session.portal()) if one.round == head.id]
    if not found:
        st.info("这个批次还没有公布过。", icon=":material/inbox:")
        return
    st.html(
        table(("公布", "时间", "学校", "内容指纹", "现状"), [_publication(one) for one in found], "公布记录")
    )
    standing = {one.id: one for one in found if one.withdrawn_at is None}
    titles = desk.distinct({one.id: f"{shown(one.at)} {KINDS[one.kind]}" for one in standing.values()})
    if not standing:
        return
    st.subheader("撤回一次公布", anchor=False)
    picked = st.selectbox(
        "哪一次",
        list(standing),
        None,
        titles.__getitem__,
        key="withdraw-which",
        placeholder="请选择",
        filter_mode="contains",
    )
    if picked is not None:
        _ask_withdrawal(head, standing[picked])


def _publication(one: Publication) -> tuple[str, ...]:
    many = str(len(json.loads(one.document)["results"])) if one.document is not None else "—"
    gone = f"{when(one.withdrawn_at)} 撤回<br><small>{html(one.withdrawn_for or '')}</small>"
    return (
        f'<a href="/public/{one.id}" target="_blank">{KINDS[one.kind]}</a>',
        when(one.at),
        many,
        f'<span class="zs-hash">{one.sha256[:16]}…</span>',
        gone if one.withdrawn_at else "公开着",
    )


BACK = {"publicity": (("公示", "复核"), "评审完成"), "grades": (("定级",), "公示")}
"""From which states to which a withdrawal takes the universities of a publication."""


def _ask_withdrawal(head: Round, one: Publication) -> None:
    states, back = BACK[one.kind]
    named = {
        result["university"]["code"] for result in json.loads(one.document or '{"results":[]}')["results"]
    }
    rows = session.got(read_progress(session.portal(), session.actor(), head.id)).rows
    moved = [row for row in rows if row.code in named and row.state in states]
    st.caption(
        f"撤回以后，公开页上只留“已撤回”和理由；下面 {len(moved)} 所学校退回“{back}”。公布过的内容仍留存备查。"
    )
    st.html(
        table(
            ("学校", "现在", "撤回以后"),
            [(html(row.university_title), mark(row.state), back) for row in moved],
            "受影响的学校",
        )
    )
    reason = st.text_area("撤回的理由（会公开）", key="withdraw-reason", height=80, max_chars=2000) or ""
    sure = st.checkbox("以上内容已经核对，现在撤回", key="withdraw-sure")
    st.button("撤回", key="withdraw-do", disabled=not sure, on_click=_withdraw, args=(one.id, reason))


def _withdraw(publication: str, reason: str) -> None:
    answer = withdraw_publication(
        session.portal(), session.actor(), publication, reason, op_id=session.operation("withdraw")
    )
    st.session_state["withdraw-sure"] = False
    came_to("withdraw", "这次公布", answer)


# The archive ----------------------------------------------------------------------------------------------------------


def archive(head: Round) -> None:
    """Show which universities would be put away, and whose grades are not public yet."""
    desk.tell("archive", "已归档")
    rows = session.got(read_progress(session.portal(), session.actor(), head.id)).rows
    ready = [one for one in rows if one.state == "定级"]
    if not ready:
        st.info("没有等着归档的学校。定级并公布以后再来。", icon=":material/inbox:")
        return
    public = _public_codes(head)
    silent = [one for one in ready if one.code not in public]
    if silent:
        st.warning(
            f"有 {len(silent)} 所的定级还没有公布。归档以后仍可以公布，但建议先公布。",
            icon=":material/campaign:",
        )
    st.html(
        table(
            ("学校", "现在", "定级公布了没有"),
            [
                (html(one.university_title), mark(one.state), "公布了" if one.code in public else "没有")
                for one in ready
            ],
            "等着归档的学校",
        )
    )
    st.caption("归档以后，这些学校的评定不再改动，也不能退回。")
    _ask("archive", "归档", f"归档 {len(ready)} 所学校", head)


def _public_codes(head: Round) -> set[str]:
    return {
        result["university"]["code"]
        for one in list_publications(session.portal())
        if one.round == head.id and one.kind == "grades" and one.document is not None
        for result in json.loads(one.document)["results"]
    }


page()
