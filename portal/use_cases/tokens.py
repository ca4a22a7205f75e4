"""Tokens for a university's own system: each person's own, shown once, revoked at will."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select, update

from portal.moment import text_of
from portal.once import carry_out, done_to, note, op_refused
from portal.people import tokens as kept
from portal.people.actors import actor_of
from portal.policy import Actor
from portal.portal import Portal, use_case
from portal.refusal import FORBIDDEN, MISSING, Refusal
from portal.store.tables import accounts, tokens


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token, shown this once; none when the same operation is asked for again."""

    id: str
    token: str | None
    until: str | None


@dataclass(frozen=True, slots=True)
class TokenLine:
    """A token in a list, without the token."""

    id: str
    title: str
    created_at: str
    expires_at: str
    revoked_at: str | None


@use_case("token.issue", None, writes=True)
def issue_token(portal: Portal, actor: Actor, op_id: str, title: str, days: int = 180) -> NewToken | Refusal:
    """Make a token that may do what its owner may, and no more."""
    title = title.strip()
    if actor.must_change:
        return FORBIDDEN
    if refusal := op_refused(op_id):
        return refusal
    if not 1 <= len(title) <= 200 or not title.isprintable():
        return Refusal("invalid", "title", "令牌用途要有 1 到 200 个字", "请写明给哪个系统用")
    if not 1 <= days <= kept.LONGEST_DAYS:
        return Refusal(
            "invalid", "days", f"令牌有效期要在 1 到 {kept.LONGEST_DAYS} 天之间", "请改好天数后再试"
        )
    now = portal.clock()

    def work(connection: Connection) -> NewToken | Refusal:
        connection.execute(select(accounts.c.id).where(accounts.c.id == actor.id).with_for_update())
        if actor_of(connection, actor.id) is None:
            return FORBIDDEN
        if (done := done_to(connection, op_id, actor, "token.issue")) is not None:
            return done if isinstance(done, Refusal) else NewToken(done, None, None)
        alive = select(func.count()).where(
            tokens.c.account_id == actor.id, tokens.c.revoked_at.is_(None), tokens.c.expires_at > text_of(now)
        )
        if (connection.scalar(alive) or 0) >= kept.MOST:
            return Refusal("state", "tokens_most", f"已有 {kept.MOST} 个有效令牌", "请先吊销不用的令牌")
        token_id, token, until = kept.issue(connection, actor.id, title, days, now)
        details = {"title": title, "until": until}
        note(connection, op_id, f"u:{actor.id}", text_of(now), actor, "token.issue", token_id, details)
        return NewToken(token_id, token, until)

    return carry_out(portal, work)


@use_case("token.revoke", None, writes=True)
def revoke_token(portal: Portal, actor: Actor, op_id: str, token: str) -> str | Refusal:
    """Revoke one of one's own tokens, by its id."""
    if refusal := op_refused(op_id):
        return refusal
    at = portal.at()

    def work(connection: Connection) -> str | Refusal:
        connection.execute(select(accounts.c.id).where(accounts.c.id == actor.id).with_for_update())
        mine = (tokens.c.id == token) & (tokens.c.account_id == actor.id)
        if connection.scalar(select(tokens.c.id).where(mine)) is None:
            return MISSING
        if (done := done_to(connection, op_id, actor, "token.revoke")) is not None:
            return done
        connection.execute(update(tokens).where(mine, tokens.c.revoked_at.is_(None)).values(revoked_at=at))
        note(connection, op_id, f"u:{actor.id}", at, actor, "token.revoke", token, {})
        return token

    return carry_out(portal, work)


@use_case("token.list", None, writes=False)
def list_tokens(portal: Portal, actor: Actor) -> tuple[TokenLine, ...]:
    """List one's own tokens, newest first."""
    with portal.database.read() as connection:
        rows = connection.execute(
            select(tokens).where(tokens.c.account_id == actor.id).order_by(tokens.c.id.desc())
        ).all()
    return tuple(TokenLine(row.id, row.title, row.created_at, row.expires_at, row.revoked_at) for row in rows)
