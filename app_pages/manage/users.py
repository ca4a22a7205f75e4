"""Accounts: found, opened, closed; roles with where they hold; who must keep away from which university."""

from collections.abc import Sequence

import streamlit as st

from app_pages import session
from app_pages.components import desk
from app_pages.components.account_forms import Titles, ask_role, new_account, password_once, titles_of
from app_pages.components.tables import csv_of, table
from app_pages.components.words import html, plain
from portal.moment import shown
from portal.policy import ROLES, TITLES, Actor, Member
from portal.refusal import Refusal
from portal.use_cases.accounts import (
    AccountLine,
    disable_account,
    enable_account,
    list_accounts,
    reset_password,
)
from portal.use_cases.directory import Recusal, list_recusals
from portal.use_cases.roles import grant, lift_recusal, recuse, revoke

MOST_SHOWN = 60
"""Accounts that are listed at once; the rest is found by searching."""

AT_ONCE = 1000

PARTS = ("全部账号", "一个账号", "新开账号")


def page() -> None:
    """Show the page."""
    desk.dressed()
    st.title("账号", anchor=False)
    who = session.actor()
    found = everybody(who)
    titles = titles_of(who)
    match desk.choose_part("users", PARTS):
        case "一个账号":
            one_account(who, found, titles)
        case "新开账号":
            new_account(who, titles)
        case _:
            overview(found, titles)


def everybody(who: Actor) -> list[AccountLine]:
    """Return all accounts that somebody looks after, by login."""
    found = list[AccountLine]()
    while True:
        after = found[-1].login if found else ""
        some = session.got(list_accounts(session.portal(), who, after=after, limit=AT_ONCE))
        found += some
        if len(some) < AT_ONCE:
            return found


def state_of(one: AccountLine) -> str:
    """Return whether an account can be used, in words."""
    if one.disabled:
        return "已停用"
    if one.must_change:
        return "还没改初始密码"
    return "单点登录" if one.sso else "可用"


# All of them ----------------------------------------------------------------------------------------------------------


def overview(found: Sequence[AccountLine], titles: Titles) -> None:
    """Show the accounts, to be searched."""
    left, middle, right = st.columns([3, 2, 2], vertical_alignment="bottom")
    text = left.text_input(
        "查找账号", key="users-text", type="search", placeholder="账号名、姓名或学校", live="500ms"
    )
    there = [role for role in ROLES if any(held.role == role for one in found for held in one.held)]
    role = middle.selectbox(
        "角色",
        there,
        None,
        lambda one: TITLES[one],
        key="users-role",
        placeholder="全部角色",
        filter_mode="contains",
    )
    state = right.selectbox(
        "状态",
        sorted({state_of(one) for one in found}),
        None,
        key="users-state",
        placeholder="全部状态",
        filter_mode="contains",
    )
    rows = [
        one
        for one in found
        if desk.matches(text or "", one.login, one.name, *(titles.role(held) for held in one.held))
        and (role is None or any(held.role == role for held in one.held))
        and (state is None or state_of(one) == state)
    ]
    more = f"，下面列出前 {MOST_SHOWN} 个" if len(rows) > MOST_SHOWN else ""
    st.caption(f"{len(rows)} / {len(found)} 个账号{more}")
    head = ("姓名", "账号名", "角色", "状态")
    st.html(
        table(
            head,
            [
                (
                    html(one.name),
                    html(one.login),
                    "<br>".join(html(titles.role(held)) for held in one.held) or "没有角色",
                    state_of(one),
                )
                for one in rows[:MOST_SHOWN]
            ],
            "账号",
        )
    )
    st.download_button(
        "下载名单（CSV）",
        csv_of(
            head,
            [
                (one.name, one.login, "；".join(titles.role(held) for held in one.held), state_of(one))
                for one in rows
            ],
        ),
        "账号.csv",
        "text/csv",
        key="users-file",
        on_click="ignore",
        icon=":material/download:",
    )


# One of them ----------------------------------------------------------------------------------------------------------


def one_account(who: Actor, found: Sequence[AccountLine], titles: Titles) -> None:
    """Show one account with everything that can be done to it."""
    desk.tell("user", "已办")
    by_id = {one.account: one for one in found if one.account != who.id}
    picked = st.selectbox(
        "账号",
        list(by_id),
        None,
        lambda one: f"{by_id[one].name}（{by_id[one].login}）",
        key="user-which",
        placeholder="输入姓名或账号名查找",
        filter_mode="contains",
    )
    if picked is None:
        st.info("请选一个账号。自己的角色和状态要由别的同事来改。", icon=":material/person_search:")
        return
    one = by_id[picked]
    st.html(desk.facts((("账号名", one.login), ("状态", state_of(one)))))
    roles(who, one, titles)
    recusals(who, one, titles)
    access(who, one)


def roles(who: Actor, one: AccountLine, titles: Titles) -> None:
    """Show what roles an account holds, and offer to take or give one."""
    st.subheader("角色", anchor=False)
    if not one.held:
        st.caption("没有角色，登录以后什么也看不到。")
    for held in one.held:
        left, right = st.columns([4, 1], vertical_alignment="center")
        left.write(plain(titles.role(held)))
        right.button(
            "收回",
            key=f"revoke-{held.membership}",
            on_click=_revoke,
            args=(held.membership, titles.role(held)),
        )
    with st.expander("再开通一个角色"):
        member = ask_role(who, titles, f"give-{one.account}")
        st.button(
            "开通角色",
            key="give-do",
            disabled=member is None,
            on_click=_grant,
            args=(one.account, one.name, member),
        )


def _revoke(membership: str, title: str) -> None:
    answer = revoke(session.portal(), session.actor(), session.operation("user"), membership)
    _came_to(f"收回{title}", answer)


def _grant(account: str, name: str, member: Member) -> None:
    answer = grant(session.portal(), session.actor(), session.operation("user"), account, member)
    _came_to(f"给{name}开通{TITLES[member.role]}", answer)


def recusals(who: Actor, one: AccountLine, titles: Titles) -> None:
    """Show from whom somebody keeps away; nothing to those who do not assign inspectors."""
    found = list_recusals(session.portal(), who)
    if isinstance(found, Refusal):
        return
    st.subheader("回避", anchor=False)
    mine = [each for each in found if each.account == one.account]
    if not mine:
        st.caption("没有登记回避。")
    for each in mine:
        st.write(f"{plain(each.university_title)}：{plain(each.reason)}（{shown(each.declared_at)} 登记）")
    with st.expander("登记或解除回避"):
        _ask_recusal(one, mine, titles)


def _ask_recusal(one: AccountLine, mine: Sequence[Recusal], titles: Titles) -> None:
    known, standing = titles.universities, {each.id: each for each in mine}
    university = st.selectbox(
        "登记对哪所学校回避",
        list(known),
        None,
        lambda found: f"{known[found].title}（{known[found].code}）",
        key=f"recuse-{one.account}",
        placeholder="输入校名查找",
        filter_mode="contains",
    )
    lifted = (
        st.selectbox(
            "或解除哪一条",
            list(standing),
            None,
            lambda found: standing[found].university_title,
            key=f"lift-{one.account}",
            placeholder="不解除",
            filter_mode="contains",
        )
        if standing
        else None
    )
    reason = st.text_input("理由", key="recuse-reason", max_chars=500) or ""
    left, right = st.columns(2)
    left.button(
        "登记回避",
        key="recuse-do",
        disabled=university is None,
        on_click=_recuse,
        args=(one.account, university, reason),
    )
    right.button("解除回避", key="lift-do", disabled=lifted is None, on_click=_lift, args=(lifted, reason))


def _recuse(account: str, university: str, reason: str) -> None:
    answer = recuse(session.portal(), session.actor(), session.operation("user"), account, university, reason)
    _came_to("登记回避", answer)


def _lift(recusal: str, reason: str) -> None:
    answer = lift_recusal(session.portal(), session.actor(), session.operation("user"), recusal, reason)
    _came_to("解除回避", answer)


def access(who: Actor, one: AccountLine) -> None:
    """Offer a new first password, and to disable or enable the account."""
    st.subheader("登录", anchor=False)
    if one.disabled:
        st.write("账号已停用，不能登录。启用以后，原来的登录和令牌不会恢复。")
        st.button("启用账号", key="enable-do", on_click=_enable, args=(one.account, one.name))
        return
    if not one.sso:
        st.caption("重置以后，这个账号在各处的登录和令牌马上失效。")
        if st.button("重置密码", key="reset-do"):
            made = reset_password(session.portal(), who, session.operation("reset"), one.account)
            session.done("reset")
            if isinstance(made, Refusal):
                session.tell(made)
            else:
                password_once(made, f"已重置 {one.login} 的密码。")
    reason = st.text_input("停用的理由", key="disable-reason", max_chars=500) or ""
    st.button(
        "停用账号",
        key="disable-do",
        disabled=not reason.strip(),
        on_click=_disable,
        args=(one.account, one.name, reason),
    )


def _enable(account: str, name: str) -> None:
    _came_to(
        f"启用{name}", enable_account(session.portal(), session.actor(), session.operation("user"), account)
    )


def _disable(account: str, name: str, reason: str) -> None:
    answer = disable_account(session.portal(), session.actor(), session.operation("user"), account, reason)
    st.session_state["disable-reason"] = ""
    _came_to(f"停用{name}", answer)


def _came_to(what: str, answer: object) -> None:
    session.done("user")
    if isinstance(answer, Refusal):
        desk.came_to("user", [], [(what, answer.message)])
    else:
        desk.came_to("user", [what], [])


page()
