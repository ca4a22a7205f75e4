"""Bringing evidence in: in parts that may come again after a broken line, looked at, and only then a row.

`begin_upload` → `put_chunk` for each part (in any order, as often as needed) → `finish_upload`. What has arrived is
told by `upload_status`. Small files of a program go in one call, `add_evidence`.
"""

import hashlib
import json
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, Any

from sqlalchemy import Connection, Delete, Row, delete, insert, select

from portal.assessments import gate
from portal.evidence.intake import fits, too_large
from portal.evidence.limits import RESUMABLE, STRAY
from portal.evidence.names import check_name, shown_name
from portal.evidence.placing import Where, no_room, put_down, target
from portal.evidence.said import NOTHING, Said, refused
from portal.evidence.shelf import Piece, find, take_in
from portal.evidence.verdict import NotTaken, refusal_of
from portal.moment import moment_of, new_id, text_of
from portal.once import REUSED, carry_out
from portal.policy import Actor
from portal.portal import Portal, use_case
from portal.refusal import MISSING, Refusal
from portal.store.blobs import CHUNK, HASH, Changed
from portal.store.tables import log, uploads

CHANGED = Refusal(
    "conflict", "evidence.changed", "这一段与已经传上来的不同，文件可能改动过", "请重新选择文件，从头上传"
)
TORN = Refusal(
    "invalid", "evidence.torn", "文件在传输中有损坏，没有收下", "请重新选择文件，从头上传；其他内容不受影响"
)


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload on its way: the parts are numbered from 0, each of `part_size` bytes but the last."""

    id: str
    name: str
    size: int
    part_size: int
    arrived: tuple[int, ...]

    @property
    def missing(self) -> tuple[int, ...]:
        """The parts that still have to come."""
        return tuple(sorted(set(range(parts_in(self.size))) - set(self.arrived)))


def parts_in(size: int) -> int:
    """Return in how many parts a file of that size is sent."""
    return -(-size // CHUNK)


@use_case("evidence.begin", "evidence.add", writes=True)
def begin_upload(
    portal: Portal,
    actor: Actor,
    assessment: str,
    subject: str,
    fact: str,
    name: str,
    size: int,
    *,
    op_id: str,
    sha256: str | None = None,
) -> Upload | Refusal:
    """Announce a file for a fact of a subject; what can be refused by its name and size is refused now."""
    bad = _bad_file(name, size, sha256)
    if bad is not None:
        return bad
    where = Where(assessment, subject, fact)

    def work(connection: Connection) -> Upload | Refusal:
        at = portal.at()
        standing = target(portal, connection, actor, where, at)
        if isinstance(standing, Refusal):
            return standing
        row = connection.execute(select(uploads).where(uploads.c.op_id == op_id)).first()
        if row is not None:
            return _upload(portal, row) if row.by == actor.id else MISSING
        full = no_room(portal, connection, standing, where, size, sha256)
        if full is not None:
            return full
        found = new_id(portal.clock())
        values = {"assessment_id": assessment, "subject_id": subject, "fact": fact, "name": name[:200]}
        connection.execute(
            insert(uploads).values(
                id=found, op_id=op_id, size=size, sha256=sha256, by=actor.id, at=at, **values
            )
        )
        return Upload(found, name, size, CHUNK, ())

    return carry_out(portal, work)


def _bad_file(name: str, size: int, sha256: str | None) -> Refusal | None:
    try:
        check_name(name)
    except NotTaken as bad:
        return refusal_of(shown_name(name), bad)
    if size <= 0:
        return refusal_of(shown_name(name), NotTaken("empty"))
    if not fits(size):
        return too_large(name, size)
    if sha256 is not None and not HASH.fullmatch(sha256):
        return Refusal(
            "invalid", "evidence.hash", "文件的 SHA-256 应是 64 个小写十六进制字符", "请改正，或不写这一项"
        )
    return None


@use_case("evidence.chunk", "evidence.add", writes=True)
def put_chunk(portal: Portal, actor: Actor, upload: str, number: int, data: bytes) -> Upload | Refusal:
    """Keep one part of an upload; sent again it changes nothing."""
    row = _mine(portal, actor, upload)
    if isinstance(row, Refusal):
        return row
    last = parts_in(row.size) - 1
    right = row.size - last * CHUNK if number == last else CHUNK
    if not 0 <= number <= last or len(data) != right:
        return Refusal(
            "invalid",
            "evidence.part",
            f"第 {number + 1} 段应有 {right if 0 <= number <= last else 0} 字节，收到 {len(data)} 字节",
            f"请把文件按 {CHUNK} 字节分段，最后一段为余下的字节，共 {last + 1} 段",
        )
    try:
        portal.blobs.put_part(upload, number, data)
    except Changed:
        return CHANGED
    return _upload(portal, row)


@use_case("evidence.status", "evidence.add", writes=False)
def upload_status(portal: Portal, actor: Actor, upload: str) -> Upload | Refusal:
    """Tell which parts have arrived, so that the rest can be sent."""
    row = _mine(portal, actor, upload)
    return row if isinstance(row, Refusal) else _upload(portal, row)


def _mine(portal: Portal, actor: Actor, upload: str) -> Row[Any] | Refusal:
    """Return an upload of this actor, as long as they may still add evidence there."""
    with portal.database.read() as connection:
        row = connection.execute(
            select(uploads).where(uploads.c.id == upload, uploads.c.by == actor.id)
        ).first()
        if row is None:
            return MISSING
        standing = gate(connection, actor, "evidence.add", row.assessment_id)
        return standing if isinstance(standing, Refusal) else row


def _upload(portal: Portal, row: Row[Any]) -> Upload:
    return Upload(row.id, row.name, row.size, CHUNK, tuple(portal.blobs.parts(row.id)))


@use_case("evidence.finish", "evidence.add", writes=True)
def finish_upload(
    portal: Portal, actor: Actor, upload: str, *, op_id: str, said: Said = NOTHING
) -> Piece | Refusal:
    """Put the parts together, look at the file, store it, and add it to its fact."""
    row = _mine(portal, actor, upload)
    if isinstance(row, Refusal):
        return _finished(portal, actor, op_id) or row
    missing = _upload(portal, row).missing
    if missing:
        return Refusal(
            "conflict",
            "evidence.missing_parts",
            f"文件还差 {len(missing)} 段没有传完",
            "请继续上传；已经传上来的部分都保留着",
            {"missing": list(missing)},
        )
    with tempfile.TemporaryFile() as file:
        if not _join(portal, row, file):
            portal.blobs.drop(upload)
            return TORN
        result = _add(
            portal, actor, op_id, Where(row.assessment_id, row.subject_id, row.fact), row.name, file, said
        )
    if not isinstance(result, Refusal) or result.kind in ("invalid", "too_large"):
        portal.database.write(lambda connection: connection.execute(_forget(upload)))
        portal.blobs.drop(upload)
    return result


def _forget(upload: str) -> Delete:
    return delete(uploads).where(uploads.c.id == upload)


def _join(portal: Portal, row: Row[Any], file: IO[bytes]) -> bool:
    """Write the parts into a file; False when it is not what was announced."""
    digest, size = hashlib.sha256(), 0
    try:
        for piece in portal.blobs.join(row.id):
            digest.update(piece)
            size += len(piece)
            file.write(piece)
    except KeyError:
        return False
    file.flush()
    return size == row.size and row.sha256 in (None, digest.hexdigest())


@use_case("evidence.add", "evidence.add", writes=True)
def add_evidence(
    portal: Portal,
    actor: Actor,
    assessment: str,
    subject: str,
    fact: str,
    name: str,
    content: bytes | Iterable[bytes],
    *,
    op_id: str,
    said: Said = NOTHING,
) -> Piece | Refusal:
    """Add a file to a fact of a subject in one call."""
    done = _finished(portal, actor, op_id)
    if done is not None:
        return done
    where = Where(assessment, subject, fact)
    digest, size = hashlib.sha256(), 0
    with tempfile.TemporaryFile() as file:
        for piece in [content] if isinstance(content, bytes) else content:
            size += len(piece)
            digest.update(piece)
            if not fits(size):
                return too_large(name, size)
            file.write(piece)
        file.flush()
        no = _bad_file(name, size, None) or _admit(portal, actor, where, size, digest.hexdigest())
        return no or _add(portal, actor, op_id, where, name, file, said)


def _admit(portal: Portal, actor: Actor, where: Where, size: int, sha256: str) -> Refusal | None:
    """Refuse what cannot be added before the work of looking at it begins."""
    with portal.database.read() as connection:
        standing = target(portal, connection, actor, where, portal.at(), lock=False)
        if isinstance(standing, Refusal):
            return standing
        return no_room(portal, connection, standing, where, size, sha256)


def _finished(portal: Portal, actor: Actor, op_id: str) -> Piece | Refusal | None:
    """Return what an operation added when it was carried out before."""
    with portal.database.read() as connection:
        row = connection.execute(
            select(log.c.actor, log.c.action, log.c.details).where(log.c.op_id == op_id)
        ).first()
        if row is None:
            return None
        if (row.actor, row.action) != (actor.id, "evidence.add"):
            return REUSED
        return find(connection, json.loads(row.details)["evidence"])


def _add(
    portal: Portal, actor: Actor, op_id: str, where: Where, name: str, file: IO[bytes], said: Said
) -> Piece | Refusal:
    """Look at a file, store it, and write that it is evidence."""
    bad = refused(said)
    if bad is not None:
        return bad
    stored = take_in(portal, name, file)
    if isinstance(stored, Refusal):
        return stored
    return carry_out(
        portal, lambda connection: put_down(portal, connection, actor, op_id, where, name, stored, said)
    )


def sweep(portal: Portal) -> int:
    """Let go of what nobody will finish: temporary files after an hour, uploads that rested for a day; say how many.

    For the start and then every hour, on each machine; running it twice at once does no harm.
    """
    until = text_of(moment_of(portal.at()) - timedelta(seconds=RESUMABLE))
    portal.database.write(lambda connection: connection.execute(delete(uploads).where(uploads.c.at < until)))
    return portal.blobs.sweep(STRAY, RESUMABLE)
