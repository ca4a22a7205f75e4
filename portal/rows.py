"""Every row of every table as one line of canonical JSON, in one order: the same content gives the same bytes.

Both stores give the same lines, so that a store can be compared with its backup, and moved from one kind to the other.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, String, Table, select

from portal.store.tables import attempts, blobs, log, metadata, sessions, sign_ons, uploads
from portal.trail import START, Entry, hash_of

PASSING = frozenset({sessions.name, attempts.name, sign_ons.name, uploads.name})
"""What is of the moment only and does not move: who is signed in, who mistyped a password, uploads half done."""

AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Digest:
    """How many rows a table has, and the hash of their lines."""

    rows: int
    sha256: str


def kept_tables() -> list[Table]:
    """Return the tables that are kept, in the order in which they can be filled."""
    return [table for table in metadata.sorted_tables if table.name not in PASSING]


def lines(connection: Connection, table: Table) -> Iterator[bytes]:
    """Return the rows of a table as lines, by primary key."""
    kind = connection.dialect.name
    order = [_bytewise(column, kind) for column in table.primary_key.columns]
    found = connection.execution_options(yield_per=AT_ONCE).execute(select(table).order_by(*order))
    for row in found.mappings():
        yield line_of(row)


def line_of(row: Mapping[Any, Any]) -> bytes:
    """Return a row as the one line of it."""
    data = {str(key): value for key, value in row.items()}
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _bytewise(column: ColumnElement[Any], kind: str) -> ColumnElement[Any]:
    """Sort text by its bytes on both stores, not by the language of a server."""
    return column.collate("C") if kind == "postgresql" and isinstance(column.type, String) else column


def row_of(line: bytes, table: Table) -> dict[str, Any]:
    """Read a line back. Raises ValueError for what is not the one line of a row of this table."""
    row = json.loads(line)
    if not isinstance(row, dict) or set(row) != {column.name for column in table.columns}:
        raise ValueError("not the columns of this table")
    for column in table.columns:
        value = row[column.name]
        if value is None and not column.nullable:
            raise ValueError("a value is missing")
        if value is not None and not _fits(value, column.type):
            raise ValueError("a value is of the wrong kind")
    if line_of(row) != line:
        raise ValueError("not written in the one way")
    return row


def _fits(value: Any, kind: Any) -> bool:
    if isinstance(kind, String):
        longest = kind.length
        return isinstance(value, str) and (longest is None or len(value) <= longest) and "\0" not in value
    if isinstance(kind, Integer):
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, kind.python_type)


def digests(connection: Connection) -> dict[str, Digest]:
    """Return what the kept tables hold, as hashes."""
    found = {}
    for table in kept_tables():
        digest, count = hashlib.sha256(), 0
        for line in lines(connection, table):
            digest.update(line)
            count += 1
        found[table.name] = Digest(count, digest.hexdigest())
    return found


def wanted(connection: Connection) -> list[str]:
    """Return the hashes of all evidence the rows name, pictures to show included."""
    found = {one for row in connection.execute(select(blobs.c.sha256, blobs.c.preview)) for one in row if one}
    return sorted(found)


@dataclass(slots=True)
class Chains:
    """Follows the trail line by line, in the order in which it was written."""

    last: dict[str, tuple[int, str]]
    count: int = 0
    end: str = START

    def follow(self, row: Mapping[str, Any]) -> str:
        """Take the next line, and say what is wrong with it."""
        place, previous = self.last.get(row["chain"], (0, START))
        entry = Entry(
            row["op_id"],
            row["chain"],
            row["at"],
            row["actor"],
            row["action"],
            row["target"],
            json.loads(row["details"]),
        )
        if row["place"] != place + 1 or row["previous"] != previous:
            return f"审计日志第 {row['seq']} 条和前面的接不上"
        if row["hash"] != hash_of(entry, row["place"], previous):
            return f"审计日志第 {row['seq']} 条的内容和指纹不符"
        self.last[row["chain"]] = (row["place"], row["hash"])
        self.count, self.end = self.count + 1, row["hash"]
        return ""


def trail_fault(rows: Iterable[Mapping[str, Any]]) -> str:
    """Say what is wrong with the first faulty line of a whole trail."""
    chains = Chains({})
    return next((fault for row in rows if (fault := chains.follow(row))), "")


def trail_rows(connection: Connection) -> Iterator[Mapping[str, Any]]:
    """Return the lines of the trail in the order in which they were written."""
    found = connection.execution_options(yield_per=AT_ONCE).execute(select(log).order_by(log.c.seq))
    for row in found.mappings():
        yield {key: row[key] for key in row}
