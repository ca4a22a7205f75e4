"""Accounts: found, opened, closed; roles with where they hold; who must keep away from which university."""

from collections.abc import Mapping, Sequence

import streamlit as st

from app_pages import session
from app_pages.components import desk
from app_pages.components.tables import csv_of, table
from app_pages.components.words import html, plain
from portal.moment import shown
from portal.policy import GIVES, ROLES, SCOPES, TITLES, Actor, Member, Role
from portal.refusal import Refusal
from portal.use_cases.accounts import (
    AccountLine,
    Held,
    NewAccount,
    create_account,
    disable_account,
    enable_account,
    list_accounts,
    reset_password,
)
from portal.use_cases.directory import Recusal, University, list_recusals, list_universities
from portal.use_cases.overview import list_rounds
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


class Titles:
    """The titles of universities and rounds by their ids, as far as somebody may choose them."""

    def __init__(self, universities: Sequence[University], rounds: Mapping[str, str]) -> None:
        self.universities = {one.id: one for one in universities}
        self.rounds = rounds

    def university(self, found: str | None) -> str:
        """Return the title of a university."""
        one = self.universities.get(found or "")
        return one.title if one is not None else "别的学校"

    def role(self, held: Held) -> str:
        """Return a role and where it holds."""
        where = [self.university(held.university)] if held.university else []
        where += [self.rounds.get(held.round, "别的批次")] if held.round else []
        return "：".join((TITLES[held.role], *(["，".join(where)] if where else [])))


def titles_of(who: Actor) -> Titles:
    """Return the titles that somebody may choose from."""
    universities = session.got(list_universities(session.portal(), who))
    return Titles(
        universities, desk.distinct({one.id: one.title for one in list_rounds(session.portal(), who)})
    )


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


# A new one ------------------------------------------------------------------------------------------------------------


def may_give(who: Actor) -> list[Role]:
    """Return the roles that somebody can give at all; where, the use case looks at."""
    return [role for role in ROLES if any(role in GIVES[one.role] for one in who.members)]


def ask_role(who: Actor, titles: Titles, key: str) -> Member | None:
    """Ask for a role and where it holds."""
    offered = may_give(who)
    role = st.selectbox(
        "角色",
        offered,
        0 if len(offered) == 1 else None,
        lambda one: TITLES[one],
        key=f"{key}-role",
        placeholder="请选择",
        filter_mode="contains",
    )
    if role is None:
        return None
    must, can = SCOPES[role]
    university = round_ = None
    if "university" in can and titles.universities:
        known = titles.universities
        university = st.selectbox(
            "学校" if "university" in must else "学校（不限就不选）",
            list(known),
            0 if len(known) == 1 else None,
            lambda one: f"{known[one].title}（{known[one].code}）",
            key=f"{key}-university",
            placeholder="输入校名查找",
            filter_mode="contains",
        )
    if "round" in can and titles.rounds:
        round_ = st.selectbox(
            "批次（不限就不选）",
            list(titles.rounds),
            None,
            titles.rounds.__getitem__,
            key=f"{key}-round",
            placeholder="全部批次",
            filter_mode="contains",
        )
    return Member(role, university, round_)


def new_account(who: Actor, titles: Titles) -> None:
    """Ask for a new account, and show its first password once."""
    login = st.text_input("账号名", key="new-login", max_chars=80, placeholder="如 zhangsan 或学校邮箱")
    name = st.text_input("姓名", key="new-name", max_chars=200)
    member = ask_role(who, titles, "new")
    if member is not None and member.role in ("filler", "approver"):
        st.caption("开通以后自动登记对这所学校的回避，他不能评审本校。")
    if not st.button("开通账号", key="new-do", type="primary"):
        return
    if member is None:
        st.warning("还没有选角色。请选好角色再开通。", icon=":material/edit:")
        return
    made = create_account(
        session.portal(), who, session.operation("account-create"), login or "", name or "", [member]
    )
    if isinstance(made, Refusal):
        session.tell(made)
        return
    session.done("account-create")
    password_once(made, f"已开通 {made.login}。")


def password_once(made: NewAccount, said: str) -> None:
    """Show a first password, this once."""
    st.success(plain(said), icon=":material/check:")
    if made.password is None:
        st.info("密码只在开通时显示一次。没有记下的，请重置密码。", icon=":material/key:")
        return
    until = f"，{shown(made.until)} 前有效" if made.until else ""
    st.write(f"初始密码只显示这一次{until}。请当面或用别的途径告诉本人，首次登录时要改掉。")
    st.code(made.password, language=None)


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
    st.text_input("理由", key="recuse-reason", max_chars=500)
    left, right = st.columns(2)
    left.button(
        "登记回避",
        key="recuse-do",
        disabled=university is None,
        on_click=_recuse,
        args=(one.account, university),
    )
    right.button("解除回避", key="lift-do", disabled=lifted is None, on_click=_lift, args=(lifted,))


def _recuse(account: str, university: str) -> None:
    reason = desk.written("recuse-reason")
    answer = recuse(session.portal(), session.actor(), session.operation("user"), account, university, reason)
    forget("recuse-reason", answer)
    _came_to("登记回避", answer)


def _lift(recusal: str) -> None:
    reason = desk.written("recuse-reason")
    answer = lift_recusal(session.portal(), session.actor(), session.operation("user"), recusal, reason)
    forget("recuse-reason", answer)
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
    st.text_input("停用的理由", key="disable-reason", max_chars=500)
    st.button("停用账号", key="disable-do", on_click=_disable, args=(one.account, one.name))


def _enable(account: str, name: str) -> None:
    _came_to(
        f"启用{name}", enable_account(session.portal(), session.actor(), session.operation("user"), account)
    )


def _disable(account: str, name: str) -> None:
    reason = desk.written("disable-reason")
    if not reason.strip():
        desk.came_to("user", [], [(f"停用{name}", "还没有写理由。请写明理由后再停用。")])
        return
    answer = disable_account(session.portal(), session.actor(), session.operation("user"), account, reason)
    forget("disable-reason", answer)
    _came_to(f"停用{name}", answer)


def forget(key: str, answer: object) -> None:
    """Empty the box of a reason that was used; one that was refused stays."""
    if not isinstance(answer, Refusal):
        st.session_state[key] = ""


def _came_to(what: str, answer: object) -> None:
    session.done("user")
    if isinstance(answer, Refusal):
        desk.came_to("user", [], [(what, answer.message)])
    else:
        desk.came_to("user", [what], [])


page()
