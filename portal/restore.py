"""Restoring a backup: looked through first, put in a new place, verified there, and only then swapped in.

Until the swap the store in use is not touched; whatever goes wrong before, and a kill at any moment, leaves it as it
was. The store that was replaced is kept beside the new one.
"""

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile, rmtree

from sqlalchemy.exc import DatabaseError

from engine.load import Library, load_texts
from portal import postgres_tools
from portal.backup import (
    CONTENT,
    EVIDENCE,
    MANIFEST,
    RULES,
    SEAL,
    STORES,
    Manifest,
    close_whole,
    described,
    manifest_from,
    rules_from,
)
from portal.files import private_folder, sha256_of, sync, write
from portal.lock import FolderLock, Held, in_use
from portal.logs import logger
from portal.refusal import Refusal
from portal.rescore import Rescored, rescored
from portal.rows import trail_fault, trail_rows
from portal.store import migrate
from portal.store.blobs import Blobs, Folder
from portal.store.database import Database, Unavailable, open_store, sqlite_module, sync_folder

COMING, ASIDE, REPLACED, UNFINISHED = ".restoring-", ".replacing-", "replaced-", "restore-unfinished"
SIDES = ("", "-wal", "-shm", "-journal")
"""The files SQLite may have beside its own."""

_SEAL = re.compile(r"([0-9a-f]{64})  manifest\.json\n")
_HASH = re.compile(r"[0-9a-f]{64}\n")


@dataclass(frozen=True, slots=True)
class Sound:
    """A backup that has been looked through: every byte of it is what its manifest says."""

    folder: Path
    manifest: Manifest
    library: Library
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """What was swapped in, what was judged again, and where the replaced store is kept."""

    manifest: Manifest
    scores: Rescored
    replaced: str


def damaged(folder: Path, why: str) -> Refusal:
    """Say that a backup cannot be used."""
    what = f"备份 {folder} 不完整或已损坏：{why}"
    return Refusal("invalid", "backup-damaged", what, "请换用另一份备份；现在的数据没有动过")


# Looking through ------------------------------------------------------------------------------------------------------


def look_through(folder: Path) -> Sound | Refusal:
    """Hash every file of a backup and all its evidence, and read its rules. Nothing is written."""
    try:
        seal, said = (folder / SEAL).read_bytes(), (folder / MANIFEST).read_bytes()
    except OSError:
        if not folder.is_dir():
            next_ = "请核对路径；现在的数据没有动过"
            return Refusal("invalid", "backup-missing", f"没有 {folder} 这个文件夹", next_)
        return damaged(folder, f"没有 {MANIFEST} 或 {SEAL}")
    match = _SEAL.fullmatch(seal.decode("ascii", "replace"))
    if match is None or match.group(1) != hashlib.sha256(said).hexdigest():
        return damaged(folder, f"{MANIFEST} 和 {SEAL} 不符")
    try:
        manifest = manifest_from(said.decode())
    except ValueError:
        return damaged(folder, f"{MANIFEST} 读不懂")
    if set(manifest.files) != {STORES[manifest.kind], RULES, EVIDENCE}:
        return damaged(folder, f"{MANIFEST} 列的文件不对")
    for name, sha256 in manifest.files.items():
        if not (folder / name).is_file() or sha256_of(folder / name) != sha256:
            return damaged(folder, f"{name} 缺失或被改动")
    evidence = (folder / EVIDENCE).read_text("ascii")
    names = tuple(evidence.split())
    if not re.fullmatch(f"({_HASH.pattern})*", evidence) or len(names) != manifest.evidence:
        return damaged(folder, f"{EVIDENCE} 读不懂")
    content = Folder.__new__(Folder)  # a folder to read from; it is not made when it is not there
    content.root = folder.parent / CONTENT
    for name in names:
        if not content.has(name) or sha256_of(content.path(name)) != name:
            return damaged(folder, f"证据 {name[:12]}… 缺失或被改动")
    if manifest.schema != migrate.head():
        what = f"备份的库表结构是 {manifest.schema}，这个程序要 {migrate.head()}"
        next_ = "请用做这份备份时的版本恢复，再升级程序；现在的数据没有动过"
        return Refusal("state", "backup-version", what, next_)
    library, _ = load_texts(rules_from((folder / RULES).read_text("utf-8")))
    return Sound(folder, manifest, library, names)


def verified(database: Database, backup: Sound, blobs: Blobs) -> Rescored | Refusal:
    """Hold a restored store to its backup: every row, the whole trail, all evidence, every score again."""
    with database.read() as connection:
        content = described(connection)
        fault = trail_fault(trail_rows(connection))
        scores = rescored(connection, backup.library)
    manifest = backup.manifest
    if content.tables != manifest.tables or (content.lines, content.last) != (manifest.lines, manifest.last):
        wrong = [name for name, one in content.tables.items() if manifest.tables.get(name) != one]
        return damaged(backup.folder, f"恢复出来的表 {'、'.join(wrong)} 和备份时不同")
    if fault:
        return damaged(backup.folder, fault)
    lost = [one for one in content.named if one not in manifest.missing and not blobs.has(one)]
    if lost:
        return damaged(backup.folder, f"{len(lost)} 份证据没有恢复出来")
    if scores.different:
        return damaged(backup.folder, f"{len(scores.different)} 份成绩重新计算的结果和备份里的不同")
    return scores


def put_evidence(backup: Sound, blobs: Blobs) -> None:
    """Store the evidence of a backup; what is there already stays as it is."""
    source = Folder(backup.folder.parent / CONTENT)
    for sha256 in backup.evidence:
        if not blobs.has(sha256):
            found, _ = blobs.put(source.read(sha256))
            assert found == sha256, found  # it was hashed a moment ago


# SQLite ---------------------------------------------------------------------------------------------------------------


def restore_sqlite(store: Path, blobs: Blobs, folder: Path) -> Restored | Refusal:
    """Restore a backup over an SQLite store; the one in use is kept beside it under a new name."""
    backup = look_through(folder)
    if isinstance(backup, Refusal):
        return backup
    if backup.manifest.kind != "sqlite":
        return _other_kind(backup.manifest.kind)
    try:
        lock = FolderLock(store.parent).take()
    except Held:
        return in_use(store.parent)
    coming = store.parent / f"{COMING}{folder.name}"
    try:
        tidy(store)
        private_folder(coming)
        fresh = coming / store.name
        copyfile(folder / STORES["sqlite"], fresh)
        fresh.chmod(0o600)
        sync(fresh)
        put_evidence(backup, blobs)
        scores = _verified_file(fresh, backup, blobs)
        if isinstance(scores, Refusal):
            return scores
        replaced = swap(store, fresh)
    finally:
        rmtree(coming, ignore_errors=True)
        lock.release()
    return Restored(backup.manifest, scores, str(replaced or ""))


def _verified_file(path: Path, backup: Sound, blobs: Blobs) -> Rescored | Refusal:
    try:
        with closing(sqlite_module().connect(path)) as connection:
            (said,) = connection.execute("PRAGMA integrity_check").fetchone()
            loose = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite_module().DatabaseError:
        return damaged(backup.folder, "库文件打不开")
    if said != "ok" or loose is not None:
        return damaged(backup.folder, "库文件自检不通过")
    database = open_store(str(path))
    try:
        return verified(database, backup, blobs)
    finally:
        close_whole(database)


def swap(store: Path, fresh: Path) -> Path | None:
    """Put a verified file in the place of a store, in one rename, and return where the old store is kept.

    The old store is first made one file without a log beside it: a log that stayed would be taken for the new one's.
    """
    marker = store.parent / UNFINISHED
    kept = _put_aside(store, fresh.parent.name.removeprefix(COMING))
    if kept is not None and not _make_whole(store):
        # It is damaged, and its log must go by hand; should we be killed now, start-up says where all of it is.
        write(marker, [str(kept).encode()])
    for side in SIDES[1:]:
        _beside(store, side).unlink(missing_ok=True)
    sync_folder(store.parent)
    fresh.replace(store)
    sync_folder(store.parent)
    marker.unlink(missing_ok=True)
    return _named(kept, store) if kept is not None else None


def _put_aside(store: Path, name: str) -> Path | None:
    """Give the files of a store a second name in a folder of its own."""
    if not store.exists():
        return None
    kept = private_folder(_unused(store.parent / f"{ASIDE}{name}"))
    for side in SIDES:
        if _beside(store, side).exists():
            os.link(_beside(store, side), kept / f"{store.name}{side}")
    sync_folder(kept)
    sync_folder(store.parent)
    return kept


def _named(kept: Path, store: Path) -> Path:
    """Give what was put aside its lasting name, once it is not the store in use any more."""
    found = kept.rename(_unused(store.parent / f"{REPLACED}{kept.name.removeprefix(ASIDE)}"))
    sync_folder(store.parent)
    return found


def tidy(store: Path) -> None:
    """Clear up after a restore that was killed: second names of the store in use go, what was replaced is kept."""
    for folder in store.parent.glob(f"{COMING}*"):
        rmtree(folder, ignore_errors=True)
    damaged_kept = (store.parent / UNFINISHED).exists()  # its log lies in the folder only
    for folder in store.parent.glob(f"{ASIDE}*"):
        inside = folder / store.name
        same = not inside.exists() or (store.exists() and inside.samefile(store))
        if same and not damaged_kept:
            rmtree(folder)
        else:
            _named(folder, store)


def _beside(path: Path, side: str) -> Path:
    return path.with_name(path.name + side)


def _unused(path: Path) -> Path:
    names = [path, *(path.with_name(f"{path.name}-{number}") for number in range(2, 1000))]
    return next(one for one in names if not one.exists())


def _make_whole(store: Path) -> bool:
    """Write the log of a store into its file and remove it; False when the store is too damaged for that."""
    module = sqlite_module()
    try:
        with closing(module.connect(store, timeout=5)) as connection:
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (mode,) = connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    except module.Error:
        return False
    sync(store)
    return mode == "delete" and not any(_beside(store, side).exists() for side in SIDES[1:])


# PostgreSQL -----------------------------------------------------------------------------------------------------------


def restore_postgresql(address: str, blobs: Blobs, folder: Path) -> Restored | Refusal:
    """Restore a backup into a new database, and give it the name of the old one, which is kept under another."""
    backup = look_through(folder)
    if isinstance(backup, Refusal):
        return backup
    if backup.manifest.kind != "postgresql":
        return _other_kind(backup.manifest.kind)
    name = postgres_tools.database_name(address)
    fresh, kept = f"{name}_restoring", f"{name}_replaced_{folder.name.lower()}"
    with _server(address) as (order, at_least):
        program = postgres_tools.found("pg_restore", at_least)
        if program is None:
            return postgres_tools.lacking("pg_restore", at_least)
        order(f"DROP DATABASE IF EXISTS {postgres_tools.quoted(fresh)}")
        order(f"CREATE DATABASE {postgres_tools.quoted(fresh)} TEMPLATE template0 ENCODING 'UTF8'")
        try:
            there = postgres_tools.with_database(address, fresh)
            words = ["--exit-on-error", "--no-owner", "--no-privileges", f"--dbname={fresh}"]
            words.append(str(folder / STORES["postgresql"]))
            try:
                postgres_tools.run(program, words, postgres_tools.environment(there))
            except postgres_tools.Failed as error:
                logger(__name__).error("pg_restore failed", said=str(error))
                return damaged(folder, "pg_restore 没能全部读出")
            put_evidence(backup, blobs)
            database = open_store(there)
            try:
                scores = verified(database, backup, blobs)
            finally:
                database.close()
            if isinstance(scores, Refusal):
                return scores
            return _renamed(order, name, fresh, kept) or Restored(backup.manifest, scores, kept)
        finally:
            with suppress(DatabaseError):
                order(f"DROP DATABASE IF EXISTS {postgres_tools.quoted(fresh)}")


Order = Callable[[str], None]


@contextmanager
def _server(address: str) -> Iterator[tuple[Order, int]]:
    """Give a way to say things to a server that no transaction may hold, and its version."""
    database = open_store(postgres_tools.with_database(address, "postgres"))
    try:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("SET statement_timeout = 0")

            def order(said: str) -> None:
                connection.exec_driver_sql(said)

            yield order, postgres_tools.server_version(connection)
    except DatabaseError as error:
        raise Unavailable(str(error.orig)) from error
    finally:
        database.close()


def _renamed(order: Order, name: str, fresh: str, kept: str) -> Refusal | None:
    """Change both names in one transaction."""
    old, new, aside = (postgres_tools.quoted(one[:63]) for one in (name, fresh, kept))
    try:
        order(f"BEGIN; ALTER DATABASE {old} RENAME TO {aside}; ALTER DATABASE {new} RENAME TO {old}; COMMIT")
    except DatabaseError:
        with suppress(DatabaseError):
            order("ROLLBACK")
        what = f"数据库 {name} 还有人连着，没能换上恢复好的库"
        return Refusal("busy", "folder-in-use", what, "请先停下所有副本，再运行一次；现在的数据没有动过")
    return None


def _other_kind(kind: str) -> Refusal:
    word = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[kind]
    return Refusal(
        "invalid",
        "backup-kind",
        f"这份备份是 {word} 的，现在用的是另一种数据库",
        "请先恢复到同一种库，再用 zhunsheng export 和 zhunsheng import 换库",
    )
