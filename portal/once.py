"""Doing a thing once, however often it is asked for: the operation id, and what was answered the first time."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from portal.policy import Actor
from portal.portal import Portal
from portal.refusal import Refusal
from portal.store.tables import log
from portal.trail import Entry, append

T = TypeVar("T")

_OP_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")

BAD_OP = Refusal(
    "invalid", "op_id", "操作编号不合要求", "请用 1 到 64 个字母、数字或连字符，每次操作换一个新的"
)
REUSED = Refusal("conflict", "op_id_reused", "这个操作编号已经用于另一项操作", "请换一个新的操作编号再试")


class Overtaken(Exception):
    """Somebody else changed the same thing in the same moment, and the change was undone; it is tried again."""


def carry_out(portal: Portal, work: Callable[[Connection], T]) -> T:
    """Run a change in one transaction; one that another got ahead of runs once more, and then sees it."""
    try:
        return portal.database.write(work)
    except (IntegrityError, Overtaken):
        return portal.database.write(work)


def derived_op(op_id: str, part: str) -> str:
    """Return the id of a part of an operation that writes several lines or rows."""
    return hashlib.sha256(f"{op_id}/{part}".encode()).hexdigest()


def repeated(
    connection: Connection, op_id: str, actor: Actor, action: str, target: str
) -> Mapping[str, Any] | Refusal | None:
    """Return what an operation said when it was done before, None when it is new.

    Only the same person asking for the same thing is told; ask with the lock on the target held.
    """
    if not _OP_ID.fullmatch(op_id):
        return BAD_OP
    row = connection.execute(
        select(log.c.actor, log.c.action, log.c.target, log.c.details).where(log.c.op_id == op_id)
    ).first()
    if row is None:
        return None
    if (row.actor, row.action, row.target) != (actor.id, action, target):
        return REUSED
    details: Mapping[str, Any] = json.loads(row.details)
    return details


def note(
    connection: Connection,
    op_id: str,
    chain: str,
    at: str,
    actor: Actor,
    action: str,
    target: str,
    details: Mapping[str, Any],
) -> None:
    """Write the line of a change to the trail."""
    append(connection, Entry(op_id, chain, at, actor.id, action, target, details))


def digest(data: str) -> str:
    """Return the SHA-256 of a text: what the trail holds in place of content."""
    return hashlib.sha256(data.encode()).hexdigest()
