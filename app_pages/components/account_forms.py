"""The forms of an account: which role and where it holds, a new account, and its first password, shown once."""

from collections.abc import Mapping, Sequence

import streamlit as st

from app_pages import session
from app_pages.components import desk
from app_pages.components.words import plain
from portal.moment import shown
from portal.policy import GIVES, ROLES, SCOPES, TITLES, Actor, Member, Role
from portal.refusal import Refusal
from portal.use_cases.accounts import Held, NewAccount, create_account
from portal.use_cases.directory import University, list_universities
from portal.use_cases.overview import list_rounds


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
    st.code(made.password, language=None, wrap_lines=True)
