"""Doing a thing once: an operation that is asked for again is not done again, only answered again."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from portal.refusal import Refusal
from portal.store.database import Database
from portal.store.tables import log

T = TypeVar("T")

BAD_OP = Refusal("invalid", "op_id", "操作编号要有 1 到 64 个字母或数字", "请换一个编号再试")
USED_OP = Refusal("conflict", "op_id_used", "这个操作编号已用于另一次操作", "请换一个编号再试")


def op_refused(op_id: str) -> Refusal | None:
    """Say what is wrong with the id of an operation, if anything."""
    fine = 0 < len(op_id) <= 64 and op_id.isascii() and all(one.isalnum() or one in "-_.:" for one in op_id)
    return None if fine else BAD_OP


def done_to(connection: Connection, op_id: str, actor: str, action: str) -> str | Refusal | None:
    """Return what an operation was done to; None if it was not done; a refusal if the id belongs to another."""
    line = connection.execute(
        select(log.c.actor, log.c.action, log.c.target).where(log.c.op_id == op_id)
    ).first()
    if line is None:
        return None
    return str(line.target) if (line.actor, line.action) == (actor, action) else USED_OP


def write_once(database: Database, work: Callable[[Connection], T]) -> T:
    """Write; if somebody else has just written the same, look again, so that `work` finds it there."""
    try:
        return database.write(work)
    except IntegrityError:
        return database.write(work)
