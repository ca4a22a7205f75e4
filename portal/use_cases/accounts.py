"""Accounts: created by those who know the people, never by the people themselves; roles given, taken and kept apart."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, false, func, insert, or_, select, true, update

from portal.moment import moment_of, new_id, text_of
from portal.once import carry_out, done_to, op_refused
from portal.people import passwords, sessions, tokens
from portal.people.actors import OPERATOR
from portal.people.roles import (
    LAST,
    ONESELF,
    give,
    is_last_administrator,
    lock,
    manages,
    may_give_all,
    role_of,
    say,
    scope_refused,
    there,
    told,
)
from portal.people.secrets import one_time_password
from portal.policy import BY_ACTION, Actor, Member, Object, Role, may
from portal.portal import Portal, use_case
from portal.refusal import FORBIDDEN, MISSING, Refusal
from portal.store.tables import accounts, memberships
from portal.use_cases.roles import grant, lift_recusal, recuse, revoke
from portal.use_cases.sign_in import (
    change_password,
    sign_in,
    sign_out,
    sso_begin,
    sso_finish,
    tidy,
    who_am_i,
    who_calls,
)
from portal.use_cases.tokens import issue_token, list_tokens, revoke_token

__all__ = (
    "change_password",
    "create_account",
    "disable_account",
    "enable_account",
    "first_administrator",
    "grant",
    "issue_token",
    "lift_recusal",
    "link_identity",
    "list_accounts",
    "list_tokens",
    "recuse",
    "reset_password",
    "revoke",
    "revoke_token",
    "sign_in",
    "sign_out",
    "sso_begin",
    "sso_finish",
    "who_am_i",
    "who_calls",
)

FIRST_DAYS = 14
"""An initial password is good for so many days."""
FIRST_OP = "first-administrator"
TAKEN = Refusal(
    "conflict", "login_taken", "这个账号名或单点登录身份已经有人用了", "请换一个账号名，或核对是否已开通"
)
NOT_FIRST = Refusal("state", "not_first", "系统里已经有账号了", "请用管理员账号登录后开通新账号")


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account and its first password, which is shown this once; none for single sign-on or when asked again."""

    account: str
    login: str
    password: str | None
    until: str | None


@dataclass(frozen=True, slots=True)
class Held:
    """A role that an account holds, and where."""

    membership: str
    role: Role
    university: str | None
    round: str | None


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account in a list."""

    account: str
    login: str
    name: str
    disabled: bool
    must_change: bool
    sso: bool
    held: tuple[Held, ...]


@use_case("account.first", None, writes=True)
def first_administrator(portal: Portal, login: str = "admin", name: str = "管理员") -> NewAccount | Refusal:
    """Create the first administrator of an empty store, with a password of chance that must be changed."""
    fresh, at = _first_password(portal)

    def work(connection: Connection) -> NewAccount | Refusal:
        if connection.scalar(select(func.count()).select_from(accounts)):
            return NOT_FIRST
        account = _insert(connection, tidy(login), name, at, **fresh.columns)
        give(connection, account, Member("administrator"), OPERATOR, at)
        say(connection, FIRST_OP, OPERATOR, "account.first", account, at, {"login": tidy(login)})
        return NewAccount(account, tidy(login), fresh.password, fresh.until)

    return carry_out(portal, work)


@use_case("account.create", "account.manage", writes=True)
def create_account(
    portal: Portal,
    actor: Actor,
    op_id: str,
    login: str,
    name: str,
    roles: Sequence[Member] = (),
    *,
    issuer: str | None = None,
    subject: str | None = None,
) -> NewAccount | Refusal:
    """Create an account with its roles: with a first password, or with an identity of single sign-on and no password."""
    login, name, roles = tidy(login), unicodedata.normalize("NFC", name).strip(), tuple(roles)
    if not may_give_all(actor, roles):
        return FORBIDDEN
    refusal = op_refused(op_id) or _names_refused(login, name) or _identity_refused(issuer, subject)
    refusal = refusal or next((found for one in roles if (found := scope_refused(one))), None)
    if refusal is not None:
        return refusal
    fresh, at = _first_password(portal) if issuer is None else (_NONE, portal.at())

    def work(connection: Connection) -> NewAccount | Refusal:
        if (done := done_to(connection, op_id, actor, "account.create")) is not None:
            return done if isinstance(done, Refusal) else NewAccount(done, login, None, None)
        if not all(there(connection, one) for one in roles):
            return MISSING
        same = and_(accounts.c.issuer == issuer, accounts.c.subject == subject) if issuer else false()
        if connection.scalar(select(accounts.c.id).where(or_(accounts.c.login == login, same))):
            return TAKEN
        account = _insert(connection, login, name, at, issuer=issuer, subject=subject, **fresh.columns)
        for one in roles:
            give(connection, account, one, actor, at)
        details = {"login": login, "roles": [told(one) for one in roles], "sso": issuer is not None}
        say(connection, op_id, actor, "account.create", account, at, details)
        return NewAccount(account, login, fresh.password, fresh.until)

    return carry_out(portal, work)


@use_case("account.disable", "account.manage", writes=True)
def disable_account(portal: Portal, actor: Actor, op_id: str, account: str, reason: str) -> str | Refusal:
    """Disable an account: its sessions and tokens end in the same moment."""
    now = portal.clock()

    def change(connection: Connection, row: Row[Any]) -> Mapping[str, Any] | Refusal:
        if is_last_administrator(connection, account):
            return LAST
        _set(connection, account, disabled_at=row.disabled_at or text_of(now))
        sessions.end_all(connection, account, now)
        tokens.end_all(connection, account, now)
        return {"reason": reason[:500]}

    return _managed(portal, actor, op_id, "account.disable", account, change)


@use_case("account.enable", "account.manage", writes=True)
def enable_account(portal: Portal, actor: Actor, op_id: str, account: str) -> str | Refusal:
    """Enable an account again; sessions and tokens that ended stay ended."""

    def change(connection: Connection, _row: Row[Any]) -> Mapping[str, Any]:
        _set(connection, account, disabled_at=None)
        return {}

    return _managed(portal, actor, op_id, "account.enable", account, change)


@use_case("account.reset", "account.manage", writes=True)
def reset_password(portal: Portal, actor: Actor, op_id: str, account: str) -> NewAccount | Refusal:
    """Give an account a new first password; its sessions and tokens end, for the old one may be in wrong hands."""
    fresh, _ = _first_password(portal)
    now = portal.clock()
    made: list[NewAccount] = []

    def change(connection: Connection, row: Row[Any]) -> Mapping[str, Any] | Refusal:
        if row.issuer is not None:
            return Refusal(
                "state", "sso_only", "这个账号用单点登录，没有本系统的密码", "请到单位的统一身份认证重置"
            )
        _set(connection, account, **fresh.columns)
        sessions.end_all(connection, account, now)
        tokens.end_all(connection, account, now)
        made[:] = [NewAccount(account, row.login, fresh.password, fresh.until)]
        return {}

    done = _managed(portal, actor, op_id, "account.reset", account, change)
    if isinstance(done, Refusal):
        return done
    return made[0] if made else NewAccount(account, "", None, None)


@use_case("account.link", "account.manage", writes=True)
def link_identity(
    portal: Portal, actor: Actor, op_id: str, account: str, issuer: str, subject: str
) -> str | Refusal:
    """Let an account in by single sign-on from now on, and by that only."""
    if refusal := _identity_refused(issuer, subject):
        return refusal
    now = portal.clock()

    def change(connection: Connection, _row: Row[Any]) -> Mapping[str, Any] | Refusal:
        other = select(accounts.c.id).where(accounts.c.issuer == issuer, accounts.c.subject == subject)
        if connection.scalar(other) not in (None, account):
            return TAKEN
        _set(connection, account, issuer=issuer, subject=subject, password=None, must_change=False)
        sessions.end_all(connection, account, now)
        return {"issuer": issuer}

    return _managed(portal, actor, op_id, "account.link", account, change)


@use_case("account.list", "account.manage", writes=False)
def list_accounts(
    portal: Portal, actor: Actor, *, after: str = "", limit: int = 200
) -> tuple[AccountLine, ...] | Refusal:
    """List the accounts an actor looks after, by login, with the roles that are its business."""
    mine = _looked_after(actor)
    if not mine:
        return FORBIDDEN
    with portal.database.read() as connection:
        within = select(memberships.c.account_id).where(memberships.c.ended_at.is_(None), or_(*mine))
        all_of_them = may(actor, "account.manage", Object())
        page = (
            select(accounts)
            .where(accounts.c.login > after, true() if all_of_them else accounts.c.id.in_(within))
            .order_by(accounts.c.login)
            .limit(min(limit, 1000))
        )
        rows = connection.execute(page).all()
        held = connection.execute(
            select(memberships)
            .where(
                memberships.c.account_id.in_([row.id for row in rows]),
                memberships.c.ended_at.is_(None),
                or_(*mine),
            )
            .order_by(memberships.c.id)
        ).all()
    return tuple(
        AccountLine(
            row.id,
            row.login,
            row.name,
            row.disabled_at is not None,
            bool(row.must_change),
            row.issuer is not None,
            tuple(
                Held(one.id, role_of(one.role), one.university_id, one.round_id)
                for one in held
                if one.account_id == row.id
            ),
        )
        for row in rows
    )


@dataclass(frozen=True, slots=True)
class _First:
    password: str | None
    until: str | None
    columns: Mapping[str, Any]


_NONE = _First(None, None, {})


def _first_password(portal: Portal) -> tuple[_First, str]:
    password, now = one_time_password(), portal.clock()
    until = text_of(now + timedelta(days=FIRST_DAYS))
    kept = passwords.hash_of(password)
    return _First(password, until, {"password": kept, "must_change": True, "password_until": until}), text_of(
        now
    )


def _managed(
    portal: Portal,
    actor: Actor,
    op_id: str,
    action: str,
    account: str,
    change: Callable[[Connection, Row[Any]], Mapping[str, Any] | Refusal],
) -> str | Refusal:
    """Change an account as a whole, if the actor may and has not done so already."""
    if refusal := op_refused(op_id):
        return refusal
    if account == actor.id:
        return ONESELF
    at = portal.at()

    def work(connection: Connection) -> str | Refusal:
        row = lock(connection, account)
        if row is None or not manages(connection, actor, account):
            return MISSING
        if (done := done_to(connection, op_id, actor, action)) is not None:
            return done
        details = change(connection, row)
        if isinstance(details, Refusal):
            return details
        say(connection, op_id, actor, action, account, at, details)
        return account

    return carry_out(portal, work)


def _looked_after(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for memberships that are an actor's business, from the table of permissions."""
    return tuple(
        and_(
            true(),
            *([memberships.c.university_id == one.university] if one.university else []),
            *([memberships.c.round_id == one.round] if one.round else []),
        )
        for rule in BY_ACTION["account.manage"]
        for one in actor.members
        if one.role == rule.role and (rule.relation != "own" or one.university)
    )


def _set(connection: Connection, account: str, **columns: Any) -> None:
    changed = {**columns, "version": accounts.c.version + 1}
    connection.execute(update(accounts).where(accounts.c.id == account).values(changed))


def _insert(connection: Connection, login: str, name: str, at: str, **columns: Any) -> str:
    account = new_id(moment_of(at))
    connection.execute(insert(accounts).values(id=account, login=login, name=name, created_at=at, **columns))
    return account


def _names_refused(login: str, name: str) -> Refusal | None:
    if not 2 <= len(login) <= 80 or not all(one.isalnum() or one in "._-@" for one in login):
        return Refusal(
            "invalid", "login", "账号名要有 2 到 80 个字，只用文字、数字和 . _ - @", "请改好账号名后再试"
        )
    if not 1 <= len(name) <= 200 or not name.isprintable():
        return Refusal("invalid", "name", "姓名要有 1 到 200 个字", "请改好姓名后再试")
    return None


def _identity_refused(issuer: str | None, subject: str | None) -> Refusal | None:
    if issuer is None and subject is None:
        return None
    given = [one for one in (issuer, subject) if one and len(one) <= 300 and one.isprintable()]
    if len(given) == 2 and issuer is not None and issuer.startswith(("https://", "http://")):
        return None
    return Refusal(
        "invalid", "identity", "单点登录身份要同时写明签发者网址和身份标识", "请照单点登录页面给出的两项填写"
    )
