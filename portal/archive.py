"""Export of everything into one file that does not know which store it came from, and import of it into either.

SQLite → export → PostgreSQL → export gives the same bytes: rows as canonical lines by primary key, evidence by its hash,
no time and no kind of store anywhere. A damaged file is refused before anything is written.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Connection, func, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError

from portal.container import END, Damaged, Part, parts, put
from portal.files import pieces
from portal.refusal import Refusal
from portal.rows import AT_ONCE, Chains, Digest, digests, kept_tables, lines, row_of, wanted
from portal.store import migrate
from portal.store.blobs import Blobs
from portal.store.database import Database, sync_folder
from portal.store.tables import checkpoints, log, metadata
from portal.trail import START

FORMAT = "zhunsheng.archive/1"
MANIFEST, SEAL, LIST = "manifest.json", "manifest.sha256", "evidence.txt"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an export holds."""

    format: str
    schema: str
    tables: dict[str, Digest]
    evidence: int
    evidence_sha256: str
    missing: tuple[str, ...]
    """Evidence that is named by a row and was not there, or not what it says."""
    lines: int
    last: str
    """The number of lines of the trail, and the hash of the last one."""
    checkpoint: str
    """The last signed checkpoint; empty when there is none."""

    def text(self) -> bytes:
        """Return it as it is written."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Examined:
    """An export every byte of which is as it was written."""

    path: Path
    manifest: Manifest
    parts: dict[str, Part]


PATIENCE = 3600.0
"""Seconds that an import may wait for the store."""


class _Mismatch(Exception):
    """What was imported is not what the file says; the transaction is undone."""


# Out ------------------------------------------------------------------------------------------------------------------


def export(database: Database, blobs: Blobs, target: Path) -> Manifest | Refusal:
    """Write everything into one file, as it stands at one moment."""
    step = migrate.current(database)
    if step != migrate.head():
        what = f"库表结构是 {step or '空的'}，这个程序要 {migrate.head()}"
        return Refusal("state", "migration-pending", what, "请先运行 zhunsheng init")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".coming-", dir=target.parent) as name:
        folder = Path(name)
        with database.read() as connection:
            if database.kind == "postgresql":
                connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            tables = {table.name: _spool(connection, table.name, folder) for table in kept_tables()}
            named, last, note = wanted(connection), _last(connection), _note(connection)
        missing = [sha256 for sha256 in named if not _whole(blobs, sha256)]
        here = sorted(set(named) - set(missing))
        listed = "".join(f"{sha256}\n" for sha256 in here).encode()
        manifest = Manifest(
            FORMAT,
            migrate.head(),
            tables,
            len(here),
            hashlib.sha256(listed).hexdigest(),
            tuple(missing),
            tables[log.name].rows,
            last,
            note,
        )
        _write(target, manifest, listed, folder, blobs, here)
    return manifest


def _spool(connection: Connection, name: str, folder: Path) -> Digest:
    digest, count = hashlib.sha256(), 0
    with (folder / f"{name}.jsonl").open("wb") as file:
        for line in lines(connection, metadata.tables[name]):
            digest.update(line)
            file.write(line)
            count += 1
    return Digest(count, digest.hexdigest())


def _last(connection: Connection) -> str:
    found: str | None = connection.execute(select(log.c.hash).order_by(log.c.seq.desc()).limit(1)).scalar()
    return found or START


def _note(connection: Connection) -> str:
    wanted_note = select(checkpoints.c.note).order_by(checkpoints.c.size.desc()).limit(1)
    found: str | None = connection.execute(wanted_note).scalar()
    return found or ""


def _whole(blobs: Blobs, sha256: str) -> bool:
    """Whether content is there and is what it says: an export that carries a fault on is no export."""
    digest = hashlib.sha256()
    try:
        for chunk in blobs.read(sha256):
            digest.update(chunk)
    except KeyError:
        return False
    return digest.hexdigest() == sha256


def _write(
    target: Path, manifest: Manifest, listed: bytes, folder: Path, blobs: Blobs, here: list[str]
) -> None:
    said = manifest.text()
    seal = f"{hashlib.sha256(said).hexdigest()}  {MANIFEST}\n".encode()
    coming = folder / "archive"
    with coming.open("wb") as file:
        for name, content in ((MANIFEST, said), (SEAL, seal), (LIST, listed)):
            put(file, name, len(content), [content])
        for table in sorted(manifest.tables):
            path = folder / f"{table}.jsonl"
            put(file, table_part(table), path.stat().st_size, pieces(path))
        for sha256 in here:
            spooled = folder / "content"
            with spooled.open("wb") as content_file:
                for chunk in blobs.read(sha256):
                    content_file.write(chunk)
            put(file, f"evidence/{sha256}", spooled.stat().st_size, pieces(spooled))
        file.write(END)
        file.flush()
        os.fsync(file.fileno())
    coming.chmod(0o600)
    coming.replace(target)
    sync_folder(target.parent)


def table_part(name: str) -> str:
    """Return the name of the part that holds a table."""
    return f"tables/{name}.jsonl"


# In -------------------------------------------------------------------------------------------------------------------


def damaged(path: Path, why: str) -> Refusal:
    """Say that a file cannot be imported."""
    what = f"{path} 不完整或已损坏：{why}"
    return Refusal("invalid", "archive-damaged", what, "请重新导出或重新复制一份；什么都没有写入")


def examine(path: Path) -> Examined | Refusal:
    """Look through a whole export: every byte, every row, the whole trail, all evidence. Nothing is written."""
    try:
        with path.open("rb") as file:
            listed = parts(file)
            found = {part.name: part for part in listed}
            if len(found) != len(listed):
                return damaged(path, "里面有同名的文件")
            return _examined(path, file, found)
    except OSError:
        return Refusal("invalid", "archive-missing", f"{path} 打不开", "请核对文件名和权限")
    except Damaged as error:
        return damaged(path, str(error))


def _examined(path: Path, file: BinaryIO, found: dict[str, Part]) -> Examined | Refusal:
    if MANIFEST not in found or SEAL not in found:
        raise Damaged(f"没有 {MANIFEST}")
    said = b"".join(found[MANIFEST].read(file))
    seal = f"{hashlib.sha256(said).hexdigest()}  {MANIFEST}\n".encode()
    if b"".join(found[SEAL].read(file)) != seal:
        raise Damaged(f"{MANIFEST} 和 {SEAL} 不符")
    manifest = _manifest(said)
    if manifest.schema != migrate.head():
        what = f"这份导出的库表结构是 {manifest.schema}，这个程序要 {migrate.head()}"
        return Refusal("state", "archive-version", what, "请用导出时的版本导入，再升级程序；什么都没有写入")
    tables = {table.name: table for table in kept_tables()}
    if set(manifest.tables) != set(tables):
        raise Damaged("所列的表不对")
    listed = b"".join(found[LIST].read(file)) if LIST in found else b""
    if hashlib.sha256(listed).hexdigest() != manifest.evidence_sha256:
        raise Damaged(f"{LIST} 缺失或被改动")
    here = listed.decode().split()
    names = [MANIFEST, SEAL, LIST, *(table_part(name) for name in sorted(manifest.tables))]
    names += [f"evidence/{sha256}" for sha256 in here]
    if list(found) != names or len(here) != manifest.evidence:
        raise Damaged("里面的文件多了、少了或次序不对")
    for name, digest in manifest.tables.items():
        _check_table(file, found[table_part(name)], name, digest, manifest)
    for sha256 in here:
        content = hashlib.sha256()
        for chunk in found[f"evidence/{sha256}"].read(file):
            content.update(chunk)
        if content.hexdigest() != sha256:
            raise Damaged(f"证据 {sha256[:12]}… 被改动")
    return Examined(path, manifest, found)


def _manifest(said: bytes) -> Manifest:
    try:
        data = json.loads(said)
        tables = {name: Digest(**one) for name, one in data["tables"].items()}
        found = Manifest(**{**data, "tables": tables, "missing": tuple(data["missing"])})
        same = found.format == FORMAT and found.text() == said
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Damaged(f"{MANIFEST} 读不懂") from error
    if not same:
        raise Damaged(f"{MANIFEST} 不是这种格式")
    return found


def _check_table(file: BinaryIO, part: Part, name: str, expected: Digest, manifest: Manifest) -> None:
    digest, count, chains = hashlib.sha256(), 0, Chains({})
    for line in part.lines(file):
        digest.update(line)
        count += 1
        try:
            row = row_of(line, metadata.tables[name])
            fault = chains.follow(row) if name == log.name else ""
        except (ValueError, RecursionError) as error:
            raise Damaged(f"表 {name} 第 {count} 行读不懂") from error
        if fault:
            raise Damaged(fault)
    if Digest(count, digest.hexdigest()) != expected:
        raise Damaged(f"表 {name} 被改动")
    if name == log.name and (chains.count, chains.end) != (manifest.lines, manifest.last):
        raise Damaged("审计日志的结尾和清单不符")


def bring_in(archive: Examined, database: Database, blobs: Blobs) -> Refusal | None:
    """Import an export that has been looked through into a store whose tables are there and empty."""
    full = not_empty(database)
    if full is not None:
        return full
    with archive.path.open("rb") as file:
        for name, part in archive.parts.items():
            if name.startswith("evidence/"):
                blobs.put(part.read(file))
        try:
            database.write(lambda connection: _fill(connection, archive, file), PATIENCE)
        except (IntegrityError, _Mismatch):
            return damaged(archive.path, "里面的数据前后矛盾")
    return None


def not_empty(database: Database) -> Refusal | None:
    """Refuse a store that holds something already; one without tables holds nothing."""
    with database.read() as connection:
        there = set(inspect(connection).get_table_names())
        full = [
            one.name for one in metadata.sorted_tables if one.name in there and _count(connection, one.name)
        ]
    if not full:
        return None
    what = f"目标库里已经有数据（{'、'.join(full[:3])}）"
    return Refusal("state", "archive-not-empty", what, "请导入到一个新的空库；什么都没有写入")


def _count(connection: Connection, name: str) -> int:
    found: int = connection.execute(select(func.count()).select_from(metadata.tables[name])).scalar_one()
    return found


def _fill(connection: Connection, archive: Examined, file: BinaryIO) -> None:
    for table in kept_tables():
        for rows in _batches(archive.parts[table_part(table.name)], file, table.name):
            connection.execute(insert(table), rows)
    if connection.dialect.name == "postgresql":
        _set_counter(connection)
    if digests(connection) != archive.manifest.tables:
        raise _Mismatch


def _batches(part: Part, file: BinaryIO, name: str) -> Iterator[list[dict[str, Any]]]:
    rows = list[dict[str, Any]]()
    for line in part.lines(file):
        rows.append(row_of(line, metadata.tables[name]))
        if len(rows) == AT_ONCE:
            yield rows
            rows = []
    if rows:
        yield rows


def _set_counter(connection: Connection) -> None:
    """Let the next line of the trail come after those that were brought in."""
    connection.execute(
        text(
            "SELECT setval(pg_get_serial_sequence('log', 'seq'), GREATEST((SELECT COALESCE(MAX(seq), 0) FROM log), 1), "
            "EXISTS (SELECT 1 FROM log))"
        )
    )
