"""The trail: every change as one line that nobody can alter unseen, written in the transaction of the change itself."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from portal.store.tables import log
from portal.trail_fields import allowed

START = "0" * 64
"""What stands before the first line of a chain."""

_LAST = (
    select(log.c.place, log.c.hash)
    .where(log.c.chain == bindparam("chain"))
    .order_by(log.c.place.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line to be written. `details` hold ids and what changed, never a password, a token or a file's content."""

    op_id: str
    chain: str
    at: str
    actor: str
    action: str
    target: str
    details: Mapping[str, Any]


def canonical(data: Any) -> str:
    """Return data as canonical JSON: sorted keys, no blanks, text as it is."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def hash_of(entry: Entry, place: int, previous: str) -> str:
    """Return the hash of a line: of everything it says and of the line before it."""
    said = [
        entry.chain,
        place,
        entry.op_id,
        entry.at,
        entry.actor,
        entry.action,
        entry.target,
        canonical(entry.details),
        previous,
    ]
    return hashlib.sha256(canonical(said).encode()).hexdigest()


def append(connection: Connection, entry: Entry) -> None:
    """Write a line after the last one of its chain.

    The caller holds the lock of what the chain belongs to, so that two cannot take the same place. Raises Undisclosed
    for details that the list of `portal.trail_fields` does not allow.
    """
    entry = replace(entry, details=allowed(entry.action, entry.details))
    last = connection.execute(_LAST, {"chain": entry.chain}).first()
    place, previous = (last.place + 1, last.hash) if last else (1, START)
    connection.execute(
        insert(log),
        {
            "chain": entry.chain,
            "place": place,
            "op_id": entry.op_id,
            "at": entry.at,
            "actor": entry.actor,
            "action": entry.action,
            "target": entry.target,
            "details": canonical(entry.details),
            "previous": previous,
            "hash": hash_of(entry, place, previous),
        },
    )


def done_before(connection: Connection, op_id: str) -> bool:
    """Whether an operation has been carried out already: then it is not done again, only answered again."""
    return connection.execute(select(log.c.seq).where(log.c.op_id == op_id)).first() is not None
