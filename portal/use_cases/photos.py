"""Photos that inspectors take on site: beside what the university handed in, never among it.

Whoever took one sees it at once, the rest of the panel when all have signed, the secretariat always. The university sees
them once the review is public; the secretariat may show one earlier, or keep one back.
"""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO, Any

from sqlalchemy import Connection, Row, func, insert, select, update

from portal.assessments import Standing, allowed, load
from portal.cases import Change, Declined, change, cleaned, look
from portal.evidence import serving
from portal.evidence.intake import fits, too_large
from portal.evidence.names import shown_name
from portal.evidence.serving import Opened
from portal.evidence.shelf import Stored, know, take_in
from portal.evidence.verdict import PICTURES, Kind
from portal.moment import new_id
from portal.once import carry_out, note, repeated
from portal.opinions import labels, panel_of, sees_all
from portal.policy import Actor
from portal.portal import Portal, use_case
from portal.refusal import FORBIDDEN, MISSING, Refusal
from portal.store.tables import blobs, photos
from portal.use_cases.evidence import LOST
from portal.use_cases.findings import fact_of, writable

UNNAMED = "现场照片"
"""What a photo is called where the name that its inspector gave it does not belong."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo taken on site, by 专家1; `shown` is what the secretariat decided for the university, None: as the stage has it."""

    id: str
    assessment: str
    subject: str
    fact: str
    inspector: str
    mine: bool
    name: str
    kind: Kind
    size: int
    sha256: str
    width: int | None
    height: int | None
    taken_at: str | None
    at: str
    shown: bool | None


COLUMNS = (
    photos,
    blobs.c.type,
    blobs.c.size,
    blobs.c.width,
    blobs.c.height,
    blobs.c.taken_at,
    blobs.c.preview,
)


@use_case("photo.add", "photo.add", writes=True)
def add_photo(
    portal: Portal,
    actor: Actor,
    assessment: str,
    subject: str,
    fact: str,
    name: str,
    content: bytes | Iterable[bytes],
    *,
    op_id: str,
) -> Photo | Refusal:
    """Keep a photo of what a fact was seen to be; `save_seen` names it by its hash."""

    def admitted(connection: Connection, case: Standing) -> None:
        _spot(Change(connection, portal, case, actor, op_id, portal.at()), subject, fact)

    done = _kept_before(portal, actor, op_id, assessment)
    if done is not None:
        return done
    refused = look(portal, actor, assessment, "photo.add", admitted)
    if isinstance(refused, Refusal):
        return refused
    with tempfile.TemporaryFile() as file:
        stored = _received(portal, name, content, file)
    if isinstance(stored, Refusal):
        return stored

    def work(one: Change) -> dict[str, Any]:
        row = _spot(one, subject, fact)
        key = {"subject_id": row.id, "fact": fact}
        _room(one, key, stored)
        know(one.connection, stored, one.at)
        found, called = new_id(portal.clock()), shown_name(name)
        one.connection.execute(
            insert(photos).values(
                id=found,
                assessment_id=one.case.id,
                **key,
                account_id=actor.id,
                sha256=stored.sha256,
                name=called,
                at=one.at,
            )
        )
        told = {"photo": found, "name": called, "sha256": stored.sha256, "size": stored.size}
        return {**told, "subject": row.id, "fact": fact}

    told = change(portal, actor, op_id, assessment, "photo.add", "photo.add", work)
    return told if isinstance(told, Refusal) else _of(portal, actor, str(told["photo"]))


def _kept_before(portal: Portal, actor: Actor, op_id: str, assessment: str) -> Photo | Refusal | None:
    with portal.database.read() as connection:
        told = repeated(connection, op_id, actor, "photo.add", assessment)
    return told if told is None or isinstance(told, Refusal) else _of(portal, actor, str(told["photo"]))


def _of(portal: Portal, actor: Actor, photo: str) -> Photo | Refusal:
    """Return a photo to its inspector."""
    with portal.database.read() as connection:
        row = _find(connection, photo)
        return MISSING if row is None else _photo(row, labels(panel_of(connection, row.assessment_id)), actor)


def _spot(one: Change, subject: str, fact: str) -> Row[Any]:
    """Return the subject whose fact is to be photographed, or decline: also for who has signed."""
    edition, judged = writable(one)
    fact_of(edition, fact)
    return judged.find(subject, whole=True)


def _received(
    portal: Portal, name: str, content: bytes | Iterable[bytes], file: IO[bytes]
) -> Stored | Refusal:
    """Look at a file and store it, if it is a picture."""
    size = 0
    for piece in [content] if isinstance(content, bytes) else content:
        size += len(piece)
        if not fits(size):
            return too_large(name, size)
        file.write(piece)
    file.flush()
    stored = take_in(portal, name, file)
    if isinstance(stored, Refusal) or stored.found.kind in PICTURES:
        return stored
    return Refusal(
        "invalid",
        "photo.kind",
        f"“{shown_name(name)}”不是照片",
        "现场只收 jpg、png、webp 图片；文字请写在备注里",
    )


def _room(one: Change, key: dict[str, str], stored: Stored) -> None:
    """Decline what is here already, and what is too much: for one fact, or for one inspector."""
    mine = (photos.c.assessment_id == one.case.id, photos.c.account_id == one.actor.id)
    here = (photos.c.subject_id == key["subject_id"], photos.c.fact == key["fact"])
    hashes = one.connection.execute(select(photos.c.sha256).where(*mine, *here)).scalars().all()
    most, room = one.portal.limits.per_fact, one.portal.limits.visit
    if stored.sha256 in hashes:
        raise Declined(Refusal("conflict", "photo.twice", "这张照片已经在这里了", "请直接在记录里选用它"))
    if len(hashes) >= most:
        raise Declined(
            Refusal(
                "too_large", "photo.too_many", f"这一项已有 {most} 张照片，到上限了", "请只留最能说明问题的"
            )
        )
    used = int(
        one.connection.execute(
            select(func.coalesce(func.sum(blobs.c.size), 0))
            .join(photos, photos.c.sha256 == blobs.c.sha256)
            .where(*mine)
        ).scalar_one()
    )
    if used + stored.size > room:
        raise Declined(
            Refusal(
                "too_large",
                "photo.quota",
                f"您给这所学校拍的照片已占 {used >> 20} MB，上限是 {room >> 20} MB",
                "请把照片调小一些再传",
                {"used": used, "room": room},
            )
        )


@use_case("photo.list", "photo.read", writes=False)
def list_photos(
    portal: Portal, actor: Actor, assessment: str, subject: str | None = None, fact: str | None = None
) -> tuple[Photo, ...] | Refusal:
    """List the photos of a case that the actor may see, in the order they were taken in."""
    with portal.database.read() as connection:
        case = load(connection, assessment)
        if case is None:
            return MISSING
        eyes = _eyes(connection, actor, case)
        if isinstance(eyes, Refusal):
            return eyes
        query = select(*COLUMNS).join(blobs, blobs.c.sha256 == photos.c.sha256)
        query = query.where(photos.c.assessment_id == case.id).order_by(photos.c.at, photos.c.id)
        called = labels(panel_of(connection, case.id))
        return tuple(
            _photo(row, called, actor, named=not eyes.home)
            for row in connection.execute(query)
            if eyes.see(row) and subject in (None, row.subject_id) and fact in (None, row.fact)
        )


@dataclass(frozen=True, slots=True)
class Eyes:
    """With whose eyes photos are looked at: whether of the university itself, and what the table allows."""

    account: str
    home: bool
    whole: bool
    public: bool

    def see(self, row: Row[Any]) -> bool:
        """Whether a photo is for these eyes."""
        if self.home:
            return self.public if row.shown is None else bool(row.shown)
        return self.whole or row.account_id == self.account


def _eyes(connection: Connection, actor: Actor, case: Standing) -> Eyes | Refusal:
    refused = allowed(connection, actor, "photo.read", case)
    home = case.university in actor.employed
    if home and allowed(connection, actor, "photo.read_shown", case) is None:
        return Eyes(actor.id, home=True, whole=False, public=refused is None)
    if refused is not None:
        return refused
    panel = [row for row in panel_of(connection, case.id) if row.ended_at is None]
    return Eyes(actor.id, home=False, whole=sees_all(actor, case, panel), public=False)


@use_case("photo.open", "photo.read", writes=True)
def open_photo(
    portal: Portal, actor: Actor, photo: str, *, original: bool = False, op_id: str | None = None
) -> Opened | Refusal:
    """Open a photo drawn anew, without where it was taken; the original is for the panel and the secretariat.

    Whoever did not take it and is not of the university leaves a line in the trail before the first byte.
    """
    operation = op_id or f"read-{new_id(portal.clock())}"

    def work(connection: Connection, *, lock: bool = True) -> tuple[Row[Any], Eyes] | Refusal:
        row = _find(connection, photo)
        case = None if row is None else load(connection, row.assessment_id, lock=lock)
        if row is None or case is None:
            return MISSING
        eyes = _eyes(connection, actor, case)
        if isinstance(eyes, Refusal) or not eyes.see(row):
            return MISSING
        if eyes.home and original:
            return FORBIDDEN
        if lock:
            before = repeated(connection, operation, actor, "photo.read", row.id)
            if isinstance(before, Refusal):
                return before
            if before is None:
                told = {"sha256": row.sha256, "what": "original" if original else "preview"}
                told |= {"fact": row.fact, "subject": row.subject_id}
                note(connection, operation, case.chain, portal.at(), actor, "photo.read", row.id, told)
        return row, eyes

    with portal.database.read() as connection:
        found = work(connection, lock=False)
    if not isinstance(found, Refusal) and not found[1].home and found[0].account_id != actor.id:
        found = carry_out(portal, work)
    return found if isinstance(found, Refusal) else _sent(portal, *found, original=original)


def _sent(portal: Portal, row: Row[Any], eyes: Eyes, *, original: bool) -> Opened | Refusal:
    name = UNNAMED if eyes.home else row.name
    try:
        content = portal.blobs.read(row.sha256 if original else row.preview)
        if original:
            return serving.original(name, row.type, row.size, row.sha256, content)
        return serving.preview(name, row.type, row.preview, content)
    except (KeyError, serving.Damaged):
        return LOST


@use_case("photo.show", "photo.show", writes=True)
def show_photo(
    portal: Portal, actor: Actor, photo: str, shown: bool | None, reason: str, *, op_id: str
) -> bool | Refusal:
    """Decide, with a reason, whether the university sees a photo: from now on, never, or (None) as the stage has it."""
    with portal.database.read() as connection:
        row = _find(connection, photo)
    if row is None:
        return MISSING

    def work(one: Change) -> dict[str, Any]:
        why = cleaned(reason, "理由", needed=True)
        one.connection.execute(update(photos).where(photos.c.id == photo).values(shown=shown))
        return {"photo": photo, "shown": shown, "reason": why}

    told = change(portal, actor, op_id, row.assessment_id, "photo.show", "photo.show", work, photo)
    return told if isinstance(told, Refusal) else True


def _find(connection: Connection, photo: str) -> Row[Any] | None:
    query = select(*COLUMNS).join(blobs, blobs.c.sha256 == photos.c.sha256).where(photos.c.id == photo)
    return connection.execute(query).first()


def _photo(row: Row[Any], called: dict[str, str], actor: Actor, *, named: bool = True) -> Photo:
    return Photo(
        row.id,
        row.assessment_id,
        row.subject_id,
        row.fact,
        called.get(row.account_id, "专家"),
        row.account_id == actor.id,
        row.name if named else UNNAMED,
        row.type,
        row.size,
        row.sha256,
        row.width,
        row.height,
        row.taken_at,
        row.at,
        row.shown,
    )
