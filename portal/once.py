"""Doing a thing once, however often it is asked for: the operation id, and what was answered the first time."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.exc import IntegrityError

from portal.policy import Actor
from portal.portal import Portal
from portal.refusal import Refusal
from portal.store.tables import log
from portal.trail import Entry, append

T = TypeVar("T")

_OP_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_CHANGED = "zhunsheng: a state has changed"
_SAID = select(log.c.actor, log.c.action, log.c.target, log.c.details).where(log.c.op_id == bindparam("op"))

BAD_OP = Refusal(
    "invalid", "op_id", "操作编号不合要求", "请用 1 到 64 个字母、数字或连字符，每次操作换一个新的"
)
REUSED = Refusal("conflict", "op_id_reused", "这个操作编号已经用于另一项操作", "请换一个新的操作编号再试")


class Overtaken(Exception):
    """Somebody else changed the same thing in the same moment, and the change was undone; it is tried again."""


def carry_out(portal: Portal, work: Callable[[Connection], T]) -> T:
    """Run a change in one transaction; one that another got ahead of runs once more, and then sees it.

    Where it said `state_changed`, a checkpoint is the last thing in the transaction. The change stands also when the
    trail is found broken there: what a university hands in must not be lost for what somebody else has done to the
    log. `Portal.mark` raises the alarm.
    """

    def marked(connection: Connection) -> T:
        connection.info.pop(
            _CHANGED, None
        )  # of a change before this one, on the same connection, that was undone
        found = work(connection)
        if connection.info.pop(_CHANGED, False):
            portal.mark(connection)
        return found

    try:
        return portal.database.write(marked)
    except (IntegrityError, Overtaken):
        return portal.database.write(marked)


def state_changed(connection: Connection) -> None:
    """Say within a change that a state changed or something was made public: it ends with a checkpoint."""
    connection.info[_CHANGED] = True


def derived_op(op_id: str, part: str) -> str:
    """Return the id of a part of an operation that writes several lines or rows."""
    return hashlib.sha256(f"{op_id}/{part}".encode()).hexdigest()


def op_refused(op_id: str) -> Refusal | None:
    """Say what is wrong with the id of an operation, if anything."""
    return None if _OP_ID.fullmatch(op_id) else BAD_OP


def repeated(
    connection: Connection, op_id: str, actor: Actor, action: str, target: str
) -> Mapping[str, Any] | Refusal | None:
    """Return what an operation said when it was done before, None when it is new.

    Only the same person asking for the same thing is told; ask with the lock on the target held.
    """
    told = _told(connection, op_id, actor, action)
    if told is None or isinstance(told, Refusal):
        return told
    details: Mapping[str, Any] = json.loads(told[1])
    return details if told[0] == target else REUSED


def done_to(connection: Connection, op_id: str, actor: Actor, action: str) -> str | Refusal | None:
    """Return what an operation was done to or has made when it was done before, None when it is new."""
    told = _told(connection, op_id, actor, action)
    return told[0] if isinstance(told, tuple) else told


def _told(connection: Connection, op_id: str, actor: Actor, action: str) -> tuple[str, str] | Refusal | None:
    if refused := op_refused(op_id):
        return refused
    line = connection.execute(_SAID, {"op": op_id}).first()
    if line is None:
        return None
    return (line.target, line.details) if (line.actor, line.action) == (actor.id, action) else REUSED


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
