"""Coming in and going out: with a password or by single sign-on, and who is asking on every click.

Whether an account exists is nobody's business: an unknown one costs the same work and gets the same answer.
"""

import hmac
import logging
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from portal.moment import moment_of, new_id, text_of
from portal.once import carry_out
from portal.people import passwords, sessions, throttle, tokens
from portal.people.oidc import Client, Identity, NoProvider, Untrusted
from portal.people.secrets import fingerprint, new_secret
from portal.policy import Actor
from portal.portal import Portal, use_case
from portal.refusal import SIGNED_OUT, Refusal
from portal.store.tables import accounts, sign_ons
from portal.trail import Entry, append

WRONG = Refusal(
    "forbidden", "sign_in", "账号或密码不正确", "请核对后再试；忘记密码请联系秘书处或本单位负责人重置"
)
DISABLED = Refusal("forbidden", "disabled", "账号已停用", "请联系秘书处")
EXPIRED = Refusal("forbidden", "password_expired", "初始密码已过期", "请联系发给您密码的人重新发一个")
BUSY = Refusal("busy", "sign_in_busy", "此刻登录的人较多，还没有轮到您", "请过十几秒再试")
STRANGER = Refusal(
    "forbidden",
    "sso_unknown",
    "单点登录成功，但这个身份还没有在本系统开通账号",
    "请把下面的身份标识发给秘书处开通",
)
SSO_WRONG = Refusal(
    "forbidden", "sso_wrong", "单点登录没有通过核对", "请回到登录页重新开始；多次出现请联系秘书处"
)
SSO_DOWN = Refusal("busy", "sso_down", "联系不上单位的统一身份认证", "请稍后再试，或改用本系统的密码登录")
NO_PASSWORD = Refusal(
    "state", "no_password", "这个账号用单点登录，没有本系统的密码", "请到单位的统一身份认证改密码"
)
SAME = Refusal("invalid", "password_same", "新密码和原密码相同", "请换一个")
SIGN_ON_TIME = timedelta(minutes=10)

_log = logging.getLogger("zhunsheng.people")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who is in. The token goes into a cookie that scripts cannot read, and nowhere else."""

    token: str
    account: str
    name: str
    must_change: bool
    expires_at: str


@dataclass(frozen=True, slots=True)
class SignOn:
    """A single sign-on that has begun: where to send the browser, and a secret for its cookie until it is back."""

    url: str
    browser: str


def tidy(login: str) -> str:
    """Return a login as it is kept: no blanks around it, full-width letters as plain ones, no capitals."""
    return unicodedata.normalize("NFKC", login).strip().casefold()[:200]


NO_SUCH_TOKEN = Refusal(
    "signed_out",
    "signed_out",
    "令牌不对、已到期或已吊销",
    "请在“我的账号”里新建一个令牌；已保存的内容都在",
)


@use_case("session.sign_in", None, writes=True)
def sign_in(
    portal: Portal, login: str, password: str, address: str, *, old: str | None = None
) -> SignedIn | Refusal:
    """Let somebody in who knows the password; `old` is the session the browser still holds, which ends."""
    login, password, now = tidy(login), password[: passwords.LONGEST + 1], portal.clock()
    if wait := carry_out(portal, lambda connection: throttle.admit(connection, login, address, now)):
        return _wait(wait)
    with portal.database.read() as connection:
        account = connection.execute(select(accounts).where(accounts.c.login == login)).first()
    kept = account.password if account is not None else None
    try:
        checked = passwords.check(kept, password)
        anew = passwords.hash_of(password) if checked.fits and checked.renew else None
    except passwords.Busy:
        return BUSY
    if account is None or not checked.fits:
        _note("sign_in_refused", address, account.id if account is not None else fingerprint(login)[:12])
        return WRONG

    def work(connection: Connection) -> SignedIn | Refusal:
        found = _locked(connection, account.id)
        if found is None or found.password != kept:
            return WRONG
        if found.disabled_at is not None:
            return DISABLED
        if found.password_until is not None and moment_of(found.password_until) <= now:
            return EXPIRED
        throttle.forgive(connection, login, address)
        if anew is not None:
            connection.execute(update(accounts).where(accounts.c.id == found.id).values(password=anew))
        return _let_in(connection, found, address, now, "password", old)

    return portal.database.write(work)


@use_case("session.sign_out", None, writes=True)
def sign_out(portal: Portal, token: str) -> None:
    """End a session. One that is over already stays over."""
    now = portal.clock()

    def work(connection: Connection) -> None:
        account_id = sessions.owner(connection, token)
        if account_id and _locked(connection, account_id) and sessions.end(connection, token, now):
            _say(connection, account_id, now, "session.sign_out", {})

    portal.database.write(work)


@use_case("session.who", None, writes=True)
def who_am_i(portal: Portal, token: str) -> Actor | Refusal:
    """Say who is asking with a session. Ask on every click: roles, ended sessions and disabled accounts count at once."""
    now = portal.clock()
    with portal.database.read() as connection:
        actor, stale = sessions.who(connection, token, now)
    if stale:
        portal.database.write(lambda connection: sessions.note(connection, token, now))
    return actor or SIGNED_OUT


@use_case("session.alive", None, writes=False)
def alive(portal: Portal, tokens: Collection[str]) -> frozenset[str]:
    """Say which sessions still let somebody in: of all that hold a connection open, in one go."""
    with portal.database.read() as connection:
        return sessions.living(connection, tokens, portal.clock())


@use_case("token.who", None, writes=False)
def who_calls(portal: Portal, token: str) -> Actor | Refusal:
    """Say on whose behalf a program asks with a token of the API."""
    with portal.database.read() as connection:
        return tokens.who(connection, token, portal.clock()) or NO_SUCH_TOKEN


@use_case("password.change", None, writes=True)
def change_password(portal: Portal, token: str, current: str, new: str, address: str) -> SignedIn | Refusal:
    """Change one's own password; every session ends, and a new one begins here."""
    now = portal.clock()
    with portal.database.read() as connection:
        actor, _ = sessions.who(connection, token, now)
        account = connection.execute(
            select(accounts).where(accounts.c.id == (actor.id if actor else ""))
        ).first()
    if account is None:
        return SIGNED_OUT
    if account.password is None:
        return NO_PASSWORD
    if refusal := passwords.refused(new, account.login):
        return refusal
    if wait := carry_out(portal, lambda c: throttle.admit(c, account.login, address, now)):
        return _wait(wait)
    try:
        if not passwords.check(account.password, current[: passwords.LONGEST + 1]).fits:
            _note("password_refused", address, account.id)
            return Refusal("forbidden", "password_current", "原密码不正确", "请核对后再试")
        if current == new:
            return SAME
        kept = passwords.hash_of(new)
    except passwords.Busy:
        return BUSY

    def work(connection: Connection) -> SignedIn | Refusal:
        found = _locked(connection, account.id)
        if (
            found is None
            or found.password != account.password
            or sessions.who(connection, token, now)[0] is None
        ):
            return SIGNED_OUT
        throttle.forgive(connection, account.login, address)
        connection.execute(
            update(accounts)
            .where(accounts.c.id == account.id)
            .values(password=kept, must_change=False, password_until=None, version=accounts.c.version + 1)
        )
        ended = sessions.end_all(connection, account.id, now)
        _say(connection, account.id, now, "password.change", {"sessions_ended": ended})
        changed = _locked(connection, account.id)
        assert changed is not None
        return _let_in(connection, changed, address, now, "password", None)

    return portal.database.write(work)


@use_case("sso.begin", None, writes=True)
def sso_begin(portal: Portal, client: Client) -> SignOn | Refusal:
    """Begin a single sign-on."""
    now = portal.clock()
    try:
        start = client.begin()
    except (NoProvider, Untrusted) as error:
        _note("sso_down", "", str(error))
        return SSO_DOWN
    browser = new_secret()

    def work(connection: Connection) -> None:
        connection.execute(
            insert(sign_ons).values(
                state_hash=fingerprint(start.state),
                browser_hash=fingerprint(browser),
                nonce=start.nonce,
                verifier=start.verifier,
                created_at=text_of(now),
            )
        )

    portal.database.write(work)
    return SignOn(start.url, browser)


@use_case("sso.finish", None, writes=True)
def sso_finish(
    portal: Portal,
    client: Client,
    answer: Mapping[str, str],
    browser: str,
    address: str,
    *,
    old: str | None = None,
) -> SignedIn | Refusal:
    """Finish a single sign-on with what the provider sent the browser back with, and the secret of its cookie."""
    now = portal.clock()
    begun = portal.database.write(lambda connection: _take(connection, answer.get("state", ""), browser, now))
    if begun is None or "code" not in answer:
        _note("sso_refused", address, "unknown, used or late state" if begun is None else "no code")
        return SSO_WRONG
    try:
        client.check_issuer(answer.get("iss"))
        identity = client.finish(answer["code"], begun.verifier, begun.nonce)
    except Untrusted as error:
        _note("sso_refused", address, str(error))
        return SSO_WRONG
    except NoProvider as error:
        _note("sso_down", address, str(error))
        return SSO_DOWN

    def work(connection: Connection) -> SignedIn | Refusal:
        account_id = connection.scalar(
            select(accounts.c.id).where(
                accounts.c.issuer == identity.issuer, accounts.c.subject == identity.subject
            )
        )
        found = _locked(connection, account_id) if account_id else None
        if found is None:
            return _stranger(identity)
        if found.disabled_at is not None:
            return DISABLED
        return _let_in(connection, found, address, now, "sso", old)

    return portal.database.write(work)


def _take(connection: Connection, state: str, browser: str, now: datetime) -> Row[Any] | None:
    """Return the sign-on that a state belongs to, once, to the browser that began it, and in time."""
    mine = sign_ons.c.state_hash == fingerprint(state)
    begun = connection.execute(select(sign_ons).where(mine).with_for_update()).first()
    if begun is None or begun.used_at is not None or moment_of(begun.created_at) + SIGN_ON_TIME <= now:
        return None
    if not hmac.compare_digest(begun.browser_hash, fingerprint(browser)):
        return None
    connection.execute(update(sign_ons).where(mine).values(used_at=text_of(now)))
    return begun


def _stranger(identity: Identity) -> Refusal:
    details = {"issuer": identity.issuer, "subject": identity.subject, "name": identity.name}
    return Refusal(STRANGER.kind, STRANGER.code, STRANGER.what, STRANGER.next, details)


def _let_in(
    connection: Connection, account: Row[Any], address: str, now: datetime, how: str, old: str | None
) -> SignedIn:
    if old:
        sessions.end(connection, old, now)
    session = sessions.begin(connection, account.id, address, now)
    _say(connection, account.id, now, "session.sign_in", {"how": how, "address": throttle.place(address)})
    return SignedIn(session.token, account.id, account.name, bool(account.must_change), session.expires_at)


def _locked(connection: Connection, account_id: str) -> Row[Any] | None:
    return connection.execute(select(accounts).where(accounts.c.id == account_id).with_for_update()).first()


def _say(
    connection: Connection, account_id: str, now: datetime, action: str, details: Mapping[str, Any]
) -> None:
    entry = Entry(new_id(now), f"u:{account_id}", text_of(now), account_id, action, account_id, details)
    append(connection, entry)


def _note(event: str, address: str, about: str) -> None:
    """Log what was refused. It is not in the trail: anybody could make that grow without end."""
    _log.warning(event, extra={"address": throttle.place(address), "about": about})


def _wait(wait: timedelta) -> Refusal:
    seconds = max(1, -int(-wait.total_seconds() // 1))
    said = f"{seconds} 秒" if seconds < 120 else f"{-(-seconds // 60)} 分钟"
    return Refusal(
        "too_often",
        "sign_in_wait",
        "试错的次数较多，先停一会儿",
        f"请过 {said}再试；账号没有被锁定，从平时用的地方仍可登录",
        {"seconds": seconds},
    )
