"""The whole trail as lines of JSON: a heading, every line in the order of the tree, each checkpoint after what it covers.

The file needs nothing else to be checked but a public key. Lines that no checkpoint covers yet stand at the end.
"""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, func, select

from portal.checkpoint import latest
from portal.store.tables import checkpoints, log
from portal.trail import canonical
from portal.trail_tree import lines_in_order

FORMAT = "zhunsheng-trail-1"
FIELDS = ("chain", "place", "op_id", "at", "actor", "action", "target", "details", "previous", "hash")
"""What an exported line says of a line of the trail, each of it covered by its hash."""


def exported(connection: Connection) -> Iterator[str]:
    """Yield the trail as lines, each with its end. The connection sees one moment (`Database.read`)."""
    last = latest(connection)
    lines = connection.execute(select(func.count()).select_from(log)).scalar_one()
    notes = connection.execute(select(func.count()).select_from(checkpoints)).scalar_one()
    origin = last.origin if last else ""
    yield _line({"format": FORMAT, "origin": origin, "lines": lines, "checkpoints": notes})
    waiting = iter(
        connection.execute(select(checkpoints.c.size, checkpoints.c.note).order_by(checkpoints.c.size)).all()
    )
    following = next(waiting, None)
    for number, row in enumerate(lines_in_order(connection), 1):
        yield _line(line_data(row))
        while following is not None and following.size <= number:
            yield _line({"checkpoint": following.note})
            following = next(waiting, None)
    while following is not None:
        yield _line({"checkpoint": following.note})
        following = next(waiting, None)


def line_data(row: Row[Any]) -> dict[str, Any]:
    """Return a line of the trail as data. Details that are not as we write them stay text, and will not pass."""
    found = {name: row._mapping[name] for name in FIELDS}  # noqa: SLF001  SQLAlchemy's documented name
    try:
        details = json.loads(found["details"])
    except ValueError:
        return found
    if canonical(details) == found["details"]:
        found["details"] = details
    return found


def _line(data: dict[str, Any]) -> str:
    return canonical(data) + "\n"
