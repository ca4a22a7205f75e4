"""Backups, made while the portal runs: the store at one moment, the evidence by its content, and what proves them.

A place for backups holds one folder for each backup and one folder of evidence for all of them; content that is there
already is not copied again. A backup carries the rules it was judged by, so that its scores can be computed again.
"""

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from shutil import rmtree

from sqlalchemy import Connection, select, text

from portal import postgres_tools
from portal.files import private_folder, sha256_of, sync, write
from portal.moment import now, text_of
from portal.refusal import Refusal
from portal.rows import Digest, digests, wanted
from portal.store import migrate
from portal.store.blobs import Blobs, Folder
from portal.store.database import Database, open_store, sqlite_module, sync_folder
from portal.store.tables import log
from portal.trail import START

FORMAT = "zhunsheng.backup/1"
MANIFEST, SEAL, RULES, EVIDENCE = "manifest.json", "manifest.sha256", "rules.json", "evidence.txt"
STORES = {"sqlite": "store.db", "postgresql": "store.dump"}
CONTENT = "evidence"
"""The folder of evidence beside the backups."""

Rules = dict[str, bytes]
"""The files of the rules by their path."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds, with the hash of each part."""

    format: str
    at: str
    kind: str
    schema: str
    files: dict[str, str]
    tables: dict[str, Digest]
    evidence: int
    missing: tuple[str, ...]
    """Evidence that was named and not there when the backup was made."""
    lines: int
    last: str
    """The number of lines of the trail, and the hash of the last one."""

    def text(self) -> str:
        """Return it as it is written."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, indent=1) + "\n"


def manifest_from(text: str) -> Manifest:
    """Read a manifest. Raises ValueError for what is not one."""
    try:
        data = json.loads(text)
        tables = {name: Digest(**one) for name, one in data.pop("tables").items()}
        found = Manifest(**{**data, "tables": tables, "missing": tuple(data["missing"])})
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError("not a manifest") from error
    if found.format != FORMAT or found.kind not in STORES or found.text() != text:
        raise ValueError("not a manifest of this form")
    return found


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made: where, what it holds, and how much evidence was new."""

    folder: Path
    manifest: Manifest
    copied: int


def back_up(
    database: Database,
    address: str,
    blobs: Blobs,
    rules: Rules,
    place: Path,
    clock: Callable[[], datetime] = now,
) -> Made | Refusal:
    """Make a backup in a place for backups; what had been saved before this was called is in it."""
    at = text_of(clock())
    name = at.replace("-", "").replace(":", "").replace(".", "")
    folder, coming = place / name, place / f".coming-{name}"
    if folder.exists() or coming.exists():
        return Refusal("busy", "backup-exists", f"{folder} 已经存在", "请稍后再试")
    step = migrate.current(database)
    if step is None:
        return Refusal("state", "backup-empty", "库里还没有准绳的表，没有可备份的", "请先运行 zhunsheng init")
    private_folder(place)
    private_folder(coming)
    try:
        store = coming / STORES[database.kind]
        if database.kind == "sqlite":
            content: Content | Refusal = _copy_sqlite(Path(address.removeprefix("sqlite:///")), store)
        else:
            content = _dump_postgresql(database, address, store)
        if isinstance(content, Refusal):
            return content
        missing, copied = copy_evidence(blobs, Folder(place / CONTENT), content.named)
        here = set(content.named) - set(missing)
        files = {
            store.name: sha256_of(store),
            RULES: write(coming / RULES, [_rules_text(rules)]),
            EVIDENCE: write(coming / EVIDENCE, (f"{one}\n".encode() for one in sorted(here))),
        }
        manifest = Manifest(
            FORMAT,
            at,
            database.kind,
            step,
            files,
            content.tables,
            len(here),
            tuple(missing),
            content.lines,
            content.last,
        )
        seal = write(coming / MANIFEST, [manifest.text().encode()])
        write(coming / SEAL, [f"{seal}  {MANIFEST}\n".encode()])
        coming.rename(folder)
        sync_folder(place)
    finally:
        rmtree(coming, ignore_errors=True)
    return Made(folder, manifest, copied)


def _rules_text(rules: Rules) -> bytes:
    return json.dumps(
        {name: text.decode("utf-8") for name, text in rules.items()},
        ensure_ascii=False,
        sort_keys=True,
        indent=0,
    ).encode()


def rules_from(text: str) -> Rules:
    """Read the rules of a backup."""
    return {name: said.encode() for name, said in json.loads(text).items()}


# The store ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Content:
    """What a store says at one moment."""

    named: list[str]
    tables: dict[str, Digest]
    lines: int
    last: str


def described(connection: Connection) -> Content:
    """Read what a store says, as a backup must say it too."""
    tables = digests(connection)
    last = connection.execute(select(log.c.hash).order_by(log.c.seq.desc()).limit(1)).scalar()
    return Content(wanted(connection), tables, tables[log.name].rows, last or START)


def _copy_sqlite(source: Path, target: Path) -> Content:
    """Copy an SQLite file in one step, while it is written to: SQLite's own way, which sees one moment."""
    module = sqlite_module()
    with closing(module.connect(source, timeout=30)) as old, closing(module.connect(target)) as copy:
        old.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
    target.chmod(0o600)
    sync(target)
    database = open_store(str(target))
    try:
        with database.read() as connection:
            return described(connection)
    finally:
        close_whole(database)


def close_whole(database: Database) -> None:
    """Close an SQLite store so that its one file is all there is."""
    path = Path(str(database.engine.url.database))
    database.close()
    with closing(sqlite_module().connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    sync(path)


def _dump_postgresql(database: Database, address: str, target: Path) -> Content | Refusal:
    """Dump a PostgreSQL database and describe it, both from one moment that is held until both are done."""
    with database.read() as connection:
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        at_least = postgres_tools.server_version(connection)
        program = postgres_tools.found("pg_dump", at_least)
        if program is None:
            return postgres_tools.lacking("pg_dump", at_least)
        moment = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        words = [
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--snapshot={moment}",
            f"--file={target}",
        ]
        postgres_tools.run(program, words, postgres_tools.environment(address))
        content = described(connection)
    target.chmod(0o600)
    sync(target)
    return content


# The evidence ---------------------------------------------------------------------------------------------------------


def copy_evidence(source: Blobs, target: Blobs, named: list[str]) -> tuple[list[str], int]:
    """Copy content that is not there yet; return what is not to be had or is not what it says, and how much was new."""
    missing, copied = [], 0
    for sha256 in named:
        if target.has(sha256):
            continue
        try:
            found, _ = target.put(source.read(sha256))
        except KeyError:
            found = ""
        if found != sha256:
            missing.append(sha256)
        else:
            copied += 1
    return missing, copied


def backups_in(place: Path) -> list[Path]:
    """Return the backups in a place, the newest last."""
    return sorted(path.parent for path in place.glob(f"*/{SEAL}") if not path.parent.name.startswith("."))


def older(place: Path, keep: int) -> list[Path]:
    """Return the backups besides the newest so many; their evidence is shared and stays."""
    return backups_in(place)[:-keep] if keep > 0 else []
