"""zhunsheng user: accounts from the machine itself, for the first ones and for when nobody can get in."""

from typing import Annotated, TypeVar

import typer
from sqlalchemy import select

from engine.command.chinese import OPTIONS, Command, Group
from engine.command.common import Json, print_json, stop
from engine.problem import listed
from portal.command.shared import opened_or_stop, refuse, said, settings_or_stop
from portal.moment import new_id, now, shown
from portal.people.actors import OPERATOR
from portal.policy import ROLES, TITLES, Member
from portal.portal import Portal
from portal.refusal import Refusal
from portal.store.tables import accounts, universities
from portal.use_cases.accounts import (
    NewAccount,
    create_account,
    disable_account,
    enable_account,
    list_accounts,
    reset_password,
)

T = TypeVar("T")

user = typer.Typer(
    cls=Group, help="账号：开通、停用、启用、重置密码、列出；在本机运行，不需要登录。", no_args_is_help=True
)

Login = Annotated[str, typer.Argument(help="账号名")]
NAMES = {title: name for name, title in TITLES.items()} | {name: name for name in ROLES}


@user.command(cls=Command, options_metavar=OPTIONS)
def add(
    login: Login,
    name: Annotated[str, typer.Argument(help="姓名")],
    role: Annotated[str, typer.Argument(help=f"角色：{'、'.join(TITLES.values())}")],
    *,
    university: Annotated[
        str | None, typer.Option("--university", help="学校的编号（填报员、单位负责人必写）")
    ] = None,
) -> None:
    """开通一个账号，打印初始密码（只这一次）。"""
    if role not in NAMES:
        raise stop(f"没有角色 {role}。可以写：{listed(TITLES.values())}。")
    with opened_or_stop(settings_or_stop()) as opened:
        found = _university(opened.portal, university) if university else None
        member = Member(NAMES[role], found)
        _tell(done(create_account(opened.portal, OPERATOR, new_id(now()), login, name, [member])))


@user.command(cls=Command, options_metavar=OPTIONS)
def reset(login: Login) -> None:
    """重置密码，结束这个账号的全部登录；打印新的初始密码（只这一次）。"""
    with opened_or_stop(settings_or_stop()) as opened:
        account = _account(opened.portal, login)
        _tell(done(reset_password(opened.portal, OPERATOR, new_id(now()), account)))


@user.command(cls=Command, options_metavar=OPTIONS)
def disable(login: Login, reason: Annotated[str, typer.Argument(help="原因，记入审计日志")]) -> None:
    """停用一个账号，下一次点击就生效。"""
    if not reason.strip():
        raise stop("停用账号要写明原因，它会记入审计日志。如：zhunsheng user disable li 已调离。")
    with opened_or_stop(settings_or_stop()) as opened:
        done(disable_account(opened.portal, OPERATOR, new_id(now()), _account(opened.portal, login), reason))
    said(f"已停用 {login}。")


@user.command(cls=Command, options_metavar=OPTIONS)
def enable(login: Login) -> None:
    """重新启用一个账号。"""
    with opened_or_stop(settings_or_stop()) as opened:
        done(enable_account(opened.portal, OPERATOR, new_id(now()), _account(opened.portal, login)))
    said(f"已启用 {login}。")


@user.command("list", cls=Command, options_metavar=OPTIONS)
def show(*, as_json: Json = False) -> None:
    """列出全部账号。"""
    with opened_or_stop(settings_or_stop()) as opened:
        rows, last = list[dict[str, object]](), ""
        while page := done(list_accounts(opened.portal, OPERATOR, after=last)):
            rows += [
                {
                    "login": one.login,
                    "name": one.name,
                    "roles": [TITLES[held.role] for held in one.held],
                    "disabled": one.disabled,
                    "sso": one.sso,
                }
                for one in page
            ]
            last = page[-1].login
    if as_json:
        print_json(rows)
        return
    for row in rows:
        roles = "、".join(row["roles"]) if isinstance(row["roles"], list) else ""
        said(f"{row['login']}  {row['name']}  {roles}{'  已停用' if row['disabled'] else ''}")


def done(found: T | Refusal) -> T:
    """Return what a use case answered, or print its refusal and end."""
    if isinstance(found, Refusal):
        refuse([found])
    return found


def _tell(made: NewAccount) -> None:
    if made.password is None:
        said(f"账号 {made.login} 已开通。")
        return
    until = f"，{shown(made.until)} 前有效" if made.until else ""
    said(f"账号 {made.login}，初始密码 {made.password}{until}，第一次登录时要改。只显示这一次，请现在记下。")


def _account(portal: Portal, login: str) -> str:
    with portal.database.read() as connection:
        found = connection.execute(select(accounts.c.id).where(accounts.c.login == login)).scalar()
    if found is None:
        raise stop(f"没有账号 {login}。运行 zhunsheng user list 看全部。", 1)
    return str(found)


def _university(portal: Portal, code: str) -> str:
    with portal.database.read() as connection:
        found = connection.execute(select(universities.c.id).where(universities.c.code == code)).scalar()
    if found is None:
        raise stop(f"没有编号为 {code} 的学校。请先由秘书处登记学校。", 1)
    return str(found)
