"""Evidence as it is read: listed with what stands out, opened through a check, used again, marked as removed."""

from dataclasses import dataclass, replace

from sqlalchemy import Connection, update

from portal.assessments import Standing, allowed, fillable, gate, load
from portal.evidence import serving
from portal.evidence.flags import Elsewhere, elsewhere, out_of_period, used_flags, validity
from portal.evidence.placing import Where, put_down
from portal.evidence.said import NOTHING, Said, refused
from portal.evidence.serving import Damaged, Opened
from portal.evidence.shelf import Flag, Piece, find, pieces, used_by
from portal.moment import BEIJING, new_id
from portal.once import carry_out, note, repeated
from portal.policy import Action, Actor
from portal.portal import Portal, use_case
from portal.refusal import MISSING, Refusal
from portal.store.tables import evidence

LOST = Refusal(
    "busy", "evidence.lost", "这个文件暂时从库里读不出来", "请稍后再试；一直这样的话，请联系管理员核对证据库"
)
NOT_SHOWN = Refusal("missing", "evidence.no_preview", "这个文件不能在页面里预览", "请下载后查看")


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes of evidence that a university has used, and how many it may."""

    used: int
    most: int


@use_case("evidence.list", "evidence.read", writes=False)
def list_evidence(
    portal: Portal,
    actor: Actor,
    assessment: str,
    subject: str | None = None,
    fact: str | None = None,
    *,
    removed: bool = False,
) -> tuple[Piece, ...] | Refusal:
    """List evidence with what stands out; only who is not of the university is told what was used elsewhere."""
    with portal.database.read() as connection:
        standing = gate(connection, actor, "evidence.read", assessment)
        if isinstance(standing, Refusal):
            return standing
        found = pieces(connection, assessment, subject, fact, removed=removed)
        told = {} if _own(actor, standing) else _used(connection, actor, standing)
        return tuple(
            replace(one, flags=(*_flags(portal, one, standing), *told.get(one.sha256, ()))) for one in found
        )


def _own(actor: Actor, standing: Standing) -> bool:
    return standing.university in actor.employed


def _used(connection: Connection, actor: Actor, standing: Standing) -> dict[str, tuple[Flag, ...]]:
    """Return what was used elsewhere; the other university is named to who may read its evidence."""
    known: dict[str, bool] = {}

    def named(one: Elsewhere) -> bool:
        if one.assessment not in known:
            other = load(connection, one.assessment)
            known[one.assessment] = (
                other is not None and allowed(connection, actor, "evidence.read", other) is None
            )
        return known[one.assessment]

    return dict(used_flags(elsewhere(connection, standing.id), standing.university, named))


def _flags(portal: Portal, piece: Piece, standing: Standing) -> tuple[Flag, ...]:
    today = portal.clock().astimezone(BEIJING).date()
    now = standing.round
    found = (
        validity(piece, now.as_of, today, portal.limits.warn_days),
        out_of_period(piece, now.period_from, now.period_to),
    )
    return tuple(flag for flag in found if flag is not None)


@use_case("evidence.open", "evidence.read", writes=True)
def open_evidence(
    portal: Portal, actor: Actor, piece: str, *, op_id: str | None = None, inline: bool = False
) -> Opened | Refusal:
    """Open what was uploaded: to be saved, or a PDF `inline` in a frame. Another university's leaves a line."""
    found = _enter(portal, actor, piece, op_id, "original")
    if isinstance(found, Refusal):
        return found
    try:
        content = portal.blobs.read(found.sha256)
    except KeyError:
        return LOST
    if inline:
        if found.kind != "pdf":
            return NOT_SHOWN
        return serving.document(found.name, found.size, found.sha256, content)
    return serving.original(found.name, found.kind, found.size, found.sha256, content)


@use_case("evidence.preview", "evidence.read", writes=True)
def open_preview(portal: Portal, actor: Actor, piece: str, *, op_id: str | None = None) -> Opened | Refusal:
    """Open what may be shown: a picture drawn anew, the first page of a scan, or the beginning of a text."""
    found = _enter(portal, actor, piece, op_id, "preview")
    if isinstance(found, Refusal):
        return found
    if found.preview is None:
        return NOT_SHOWN
    try:
        return serving.preview(found.name, found.kind, found.preview, portal.blobs.read(found.preview))
    except (KeyError, Damaged):
        return LOST


def _enter(portal: Portal, actor: Actor, piece: str, op_id: str | None, part: str) -> Piece | Refusal:
    """Return a piece that the actor may read; a reader of another university is written down before a byte flows."""
    with portal.database.read() as connection:
        seen = _readable(connection, actor, piece)
    if isinstance(seen, Refusal) or _own(actor, seen[1]):
        return seen if isinstance(seen, Refusal) else seen[0]
    operation = op_id or f"read-{new_id(portal.clock())}"

    def work(connection: Connection) -> Piece | Refusal:
        again = _readable(connection, actor, piece, lock=True)
        if isinstance(again, Refusal):
            return again
        found, standing = again
        before = repeated(connection, operation, actor, "evidence.read", found.id)
        if isinstance(before, Refusal):
            return before
        if before is None:
            told = {"sha256": found.sha256, "what": part, "fact": found.fact, "subject": found.subject}
            at = portal.at()
            note(connection, operation, standing.chain, at, actor, "evidence.read", found.id, told)
        return found

    return carry_out(portal, work)


def _readable(
    connection: Connection,
    actor: Actor,
    piece: str,
    action: Action = "evidence.read",
    *,
    lock: bool = False,
) -> tuple[Piece, Standing] | Refusal:
    found = find(connection, piece)
    if found is None:
        return MISSING
    standing = gate(connection, actor, action, found.assessment, lock=lock)
    return standing if isinstance(standing, Refusal) else (found, standing)


@use_case("evidence.remove", "evidence.remove", writes=True)
def remove_evidence(
    portal: Portal, actor: Actor, piece: str, *, op_id: str, reason: str = ""
) -> Piece | Refusal:
    """Mark evidence as removed: it counts no more, and stays in the record for ever."""

    def work(connection: Connection) -> Piece | Refusal:
        at = portal.at()
        seen = _readable(connection, actor, piece, "evidence.remove", lock=True)
        if isinstance(seen, Refusal):
            return seen
        found, standing = seen
        before = repeated(connection, op_id, actor, "evidence.remove", found.id)
        if before is not None:
            return before if isinstance(before, Refusal) else find(connection, piece) or MISSING
        closed = fillable(standing, at)
        if closed is not None:
            return closed
        if found.removed_at is not None:
            return Refusal("conflict", "evidence.removed", "这个文件已经移除了", "请刷新页面查看现在的文件")
        connection.execute(
            update(evidence).where(evidence.c.id == piece).values(removed_at=at, removed_by=actor.id)
        )
        told = {"sha256": found.sha256, "fact": found.fact, "subject": found.subject, "reason": reason[:500]}
        note(connection, op_id, standing.chain, at, actor, "evidence.remove", found.id, told)
        return find(connection, piece) or MISSING

    return carry_out(portal, work)


@use_case("evidence.reuse", "evidence.add", writes=True)
def reuse_evidence(
    portal: Portal,
    actor: Actor,
    piece: str,
    assessment: str,
    subject: str,
    fact: str,
    *,
    op_id: str,
    said: Said | None = None,
) -> Piece | Refusal:
    """Use a file of the own university for another fact, subject or round: nothing is sent or stored again."""
    bad = refused(said or NOTHING)
    if bad is not None:
        return bad
    where = Where(assessment, subject, fact)

    def work(connection: Connection) -> Piece | Refusal:
        seen = _readable(connection, actor, piece)
        if isinstance(seen, Refusal):
            return seen
        found, standing = seen
        there = load(connection, assessment)
        if there is None or there.university != standing.university or not _own(actor, standing):
            return MISSING
        kept = said or Said(found.title, found.dated, found.valid_until, found.issuer)
        return put_down(portal, connection, actor, op_id, where, found.name, found, kept)

    return carry_out(portal, work)


@use_case("evidence.room", "evidence.read", writes=False)
def room_used(portal: Portal, actor: Actor, assessment: str) -> Room | Refusal:
    """Tell how many bytes the university of an assessment has used, and how many it may."""
    with portal.database.read() as connection:
        standing = gate(connection, actor, "evidence.read", assessment)
        if isinstance(standing, Refusal):
            return standing
        return Room(used_by(connection, standing.university), portal.limits.university)
