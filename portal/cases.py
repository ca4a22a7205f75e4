"""How the use cases of the review read and write: one case, one transaction, once for each operation id."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, select

from engine.build.edition import Edition
from portal.assessments import Round, Standing, allowed, load, make_move, situation
from portal.once import carry_out, note, repeated
from portal.policy import Action, Actor
from portal.portal import Portal
from portal.refusal import MISSING, Refusal
from portal.states import Move, forbids, move_named, unmovable
from portal.store.tables import subjects

R = TypeVar("R")
Details = Mapping[str, Any]
MOST_TEXT = 2000
"""Letters of a reason or a note."""


class Declined(Exception):
    """Carries a refusal out of a transaction, so that nothing of it stays."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Change:
    """What a change works with: the connection, the case it holds, who asks and when."""

    connection: Connection
    portal: Portal
    case: Standing
    actor: Actor
    op_id: str
    at: str


def change(
    portal: Portal,
    actor: Actor,
    op_id: str,
    assessment: str,
    name: str,
    action: Action,
    work: Callable[[Change], Details],
    target: str = "",
) -> Details | Refusal:
    """Carry out one change of one case and return what the trail says of it; `work` raises `Declined` to undo it."""

    def run(connection: Connection) -> Details:
        case = load(connection, assessment, lock=True)
        if case is None:
            raise Declined(MISSING)
        about = target or case.id
        done = repeated(connection, op_id, actor, name, about)
        if isinstance(done, Refusal):
            raise Declined(done)
        if done is not None:
            return done
        refused = allowed(connection, actor, action, case)
        if refused is not None:
            raise Declined(refused)
        at = portal.at()
        details = work(Change(connection, portal, case, actor, op_id, at))
        note(connection, op_id, case.chain, at, actor, name, about, details)
        return details

    return undoing(portal, run)


def undoing(portal: Portal, run: Callable[[Connection], R]) -> R | Refusal:
    """Run a change; one that declines is undone and answers with its refusal."""
    try:
        return carry_out(portal, run)
    except Declined as declined:
        return declined.refusal


def look(
    portal: Portal,
    actor: Actor,
    assessment: str,
    action: Action,
    work: Callable[[Connection, Standing], R | Refusal],
) -> R | Refusal:
    """Read one case in one transaction, if the actor may."""
    with portal.database.read() as connection:
        case = load(connection, assessment)
        if case is None:
            return MISSING
        refused = allowed(connection, actor, action, case)
        try:
            return work(connection, case) if refused is None else refused
        except Declined as declined:
            return declined.refusal


def movable(
    connection: Connection, portal: Portal, actor: Actor, case: Standing, name: str, reason: str = ""
) -> Move:
    """Return a move of the table of states, or decline with the right or the guard that stands against it."""
    wanted = move_named(name, case.state)
    if wanted is None:
        raise Declined(unmovable(name, case.state))
    refused = allowed(connection, actor, wanted.action, case)
    refused = refused or forbids(wanted, situation(connection, case, portal.at()), reason)
    if refused is not None:
        raise Declined(refused)
    return wanted


def move(
    connection: Connection, portal: Portal, actor: Actor, case: Standing, name: str, op_id: str, **more: Any
) -> Details:
    """Make a move of the table of states, or decline."""
    wanted = movable(connection, portal, actor, case, name, more.get("reason", ""))
    return make_move(connection, actor, case, wanted, portal.at(), op_id, **more)


def edition_of(portal: Portal, found: Round) -> Edition | Refusal:
    """Return the edition of a round, or that it is not here: nothing is judged by other rules than those of the round."""
    pin = (found.standard, found.edition, found.edition_hash)
    return portal.edition(*pin) or Refusal(
        "state",
        "edition-gone",
        f"批次“{found.title}”钉住的规则 {found.standard}/{found.edition}（指纹 {found.edition_hash[:12]}…）不在这台服务器上",
        "已保存的内容和成绩都在；请管理员取回当时的规则",
    )


def pinned(portal: Portal, found: Round) -> Edition:
    """Return the edition of a round, or decline."""
    edition = edition_of(portal, found)
    if isinstance(edition, Refusal):
        raise Declined(edition)
    return edition


def cleaned(text: str | None, what: str, *, needed: bool = False) -> str | None:
    """Return a text without outer blanks, None when empty; decline what is missing, too long or cannot be kept."""
    found = (text or "").strip()
    if needed and not found:
        raise Declined(Refusal("invalid", "reason", f"{what}没有写", f"请写明{what}再保存"))
    if len(found) > MOST_TEXT:
        raise Declined(
            Refusal(
                "invalid",
                "too-long",
                f"{what}写了 {len(found)} 个字，最多 {MOST_TEXT} 个",
                "请缩短；原文可放在附件里",
            )
        )
    if "\0" in found or any("\ud800" <= one <= "\udfff" for one in found):
        raise Declined(
            Refusal("invalid", "characters", f"{what}里有不能保存的字符", "请删去看不见的字符后再保存")
        )
    return found or None


@dataclass(frozen=True, slots=True)
class Judged:
    """What is assessed, by slug: the places where there are any, else the university itself; and the whole."""

    rows: Mapping[str, Row[Any]]
    whole: Row[Any] | None

    @property
    def ids(self) -> dict[str, str]:
        """The id of each subject that is judged, by slug."""
        return {slug: row.id for slug, row in self.rows.items()}

    def find(self, subject: str, *, whole: bool = False) -> Row[Any]:
        """Return a subject by its id or slug, or decline."""
        rows = [*self.rows.values(), *([self.whole] if whole and self.whole is not None else [])]
        for row in rows:
            if subject in (row.id, row.slug):
                return row
        raise Declined(Refusal("missing", "subject", "没有这个评审对象", "请刷新页面，从列表里选择"))


def judged_in(connection: Connection, assessment: str) -> Judged:
    """Return what is assessed in a case."""
    rows = connection.execute(
        select(subjects)
        .where(subjects.c.assessment_id == assessment, subjects.c.withdrawn_at.is_(None))
        .order_by(subjects.c.slug)
    ).all()
    whole = next((row for row in rows if row.place_id is None), None)
    found = [row for row in rows if row.place_id is not None] or list(rows)
    return Judged({row.slug: row for row in found}, whole)
