"""What is known of content and of the evidence made of it: rows in, rows out, nothing decided here."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO, Any

from sqlalchemy import Connection, Row, func, insert, select

from portal.evidence.intake import inspect
from portal.evidence.likeness import bands_of
from portal.evidence.verdict import Found, Kind
from portal.portal import Portal
from portal.refusal import Refusal
from portal.store.blobs import CHUNK
from portal.store.tables import assessments, blobs, evidence, likenesses


@dataclass(frozen=True, slots=True)
class Stored:
    """Content that was looked at and lies in the store, durably; no row says so yet."""

    sha256: str
    size: int
    found: Found
    preview: str | None


@dataclass(frozen=True, slots=True)
class Flag:
    """Something a reader of evidence should know: a code for a program, a sentence for a person."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of evidence as it is listed. `shows` says what a preview is: a picture, a text, a pdf, or nothing."""

    id: str
    assessment: str
    subject: str
    fact: str
    name: str
    title: str
    kind: Kind
    size: int
    sha256: str
    pages: int | None
    width: int | None
    height: int | None
    taken_at: str | None
    dated: str | None
    valid_until: str | None
    issuer: str | None
    by: str
    at: str
    removed_at: str | None
    preview: str | None
    flags: tuple[Flag, ...] = ()

    @property
    def shows(self) -> str:
        """What opening its preview gives: `picture`, `text`, `pdf` or nothing."""
        if self.kind == "pdf":
            return "picture" if self.preview else "pdf"
        return "" if not self.preview else "picture" if self.width else "text"


COLUMNS = (
    evidence,
    blobs.c.type,
    blobs.c.size,
    blobs.c.pages,
    blobs.c.width,
    blobs.c.height,
    blobs.c.taken_at,
    blobs.c.preview,
)


def take_in(portal: Portal, name: str, content: IO[bytes]) -> Stored | Refusal:
    """Look at a file and store it: outside any transaction, since both take their time.

    Also for what is no evidence of a university, such as a photo an inspector takes on site.
    """
    content.seek(0)
    found = inspect(name, content)
    if isinstance(found, Refusal):
        return found
    content.seek(0)
    sha256, size = portal.blobs.put(iter(lambda: content.read(CHUNK), b""))
    shown = portal.blobs.put([found.preview])[0] if found.preview else None
    return Stored(sha256, size, found, shown)


def know(connection: Connection, stored: Stored, at: str) -> None:
    """Write what content is, once; its likeness goes into the index of likenesses."""
    if connection.execute(select(blobs.c.sha256).where(blobs.c.sha256 == stored.sha256)).first():
        return
    found = stored.found
    connection.execute(
        insert(blobs).values(
            sha256=stored.sha256,
            size=stored.size,
            type=found.kind,
            pages=found.pages,
            width=found.width,
            height=found.height,
            taken_at=found.taken_at,
            likeness=found.likeness,
            preview=stored.preview,
            stored_at=at,
        )
    )
    if found.likeness is not None:
        rows = [
            {"sha256": stored.sha256, "band": band, "bits": bits} for band, bits in bands_of(found.likeness)
        ]
        connection.execute(insert(likenesses), rows)


def piece_of(row: Row[Any], flags: Iterable[Flag] = ()) -> Piece:
    """Return a row of evidence with its content as a value."""
    return Piece(
        row.id,
        row.assessment_id,
        row.subject_id,
        row.fact,
        row.name,
        row.title,
        row.type,
        row.size,
        row.sha256,
        row.pages,
        row.width,
        row.height,
        row.taken_at,
        row.dated,
        row.valid_until,
        row.issuer,
        row.by,
        row.at,
        row.removed_at,
        row.preview,
        tuple(flags),
    )


def find(connection: Connection, piece: str) -> Piece | None:
    """Return a piece of evidence by its id."""
    query = select(*COLUMNS).join(blobs, blobs.c.sha256 == evidence.c.sha256).where(evidence.c.id == piece)
    row = connection.execute(query).first()
    return None if row is None else piece_of(row)


def pieces(
    connection: Connection,
    assessment: str,
    subject: str | None = None,
    fact: str | None = None,
    *,
    removed: bool = False,
) -> tuple[Piece, ...]:
    """Return the evidence of an assessment in the order it came."""
    query = (
        select(*COLUMNS)
        .join(blobs, blobs.c.sha256 == evidence.c.sha256)
        .where(evidence.c.assessment_id == assessment)
        .order_by(evidence.c.at, evidence.c.id)
    )
    if subject is not None:
        query = query.where(evidence.c.subject_id == subject)
    if fact is not None:
        query = query.where(evidence.c.fact == fact)
    if not removed:
        query = query.where(evidence.c.removed_at.is_(None))
    return tuple(piece_of(row) for row in connection.execute(query))


def used_by(connection: Connection, university: str) -> int:
    """Return how many bytes of evidence a university has, each content once, what was removed included."""
    own = (
        select(evidence.c.sha256)
        .join(assessments, assessments.c.id == evidence.c.assessment_id)
        .where(assessments.c.university_id == university)
    )
    query = select(func.coalesce(func.sum(blobs.c.size), 0)).where(blobs.c.sha256.in_(own))
    return int(connection.execute(query).scalar_one())


def owned(connection: Connection, university: str, sha256: str) -> bool:
    """Whether a university has that content already: it counts once."""
    query = (
        select(evidence.c.id)
        .join(assessments, assessments.c.id == evidence.c.assessment_id)
        .where(assessments.c.university_id == university, evidence.c.sha256 == sha256)
    )
    return connection.execute(query.limit(1)).first() is not None
