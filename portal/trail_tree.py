"""The tree over the log as it is kept: which line is which leaf, and enough inner hashes to prove things quickly.

A line becomes a leaf when a checkpoint is made, not when it is written: on PostgreSQL a line with a smaller number may
become visible after one with a greater number, and a leaf must never move. Numbers that are missing at that moment are
remembered as holes; if a line turns up in one later, it becomes the next leaf.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, insert, literal_column, select, text, union_all

from portal.merkle import Edge, Subtree, joined, leaf_hash
from portal.store.tables import holes, leaves, log, tiles

HEIGHT = 8
"""Every how many levels the inner hashes are kept."""

_WIDTH = 1 << HEIGHT
_CHUNK = 2000
_LOCK = 0x7A68_756E_7368_656E
"""The number under which PostgreSQL lets one at a time make leaves."""


class Damaged(LookupError):
    """The tables of the trail do not hold what they must hold: somebody changed them by hand."""


def grow(connection: Connection) -> int:
    """Make leaves of the lines that are not leaves yet, and return how many leaves there are now.

    Whoever calls this holds the tree until the end of the transaction, so it comes last in it.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
    size, reached = _state(connection)
    fresh = _fresh(connection, reached)
    for start in range(0, len(fresh), _CHUNK):
        chunk = fresh[start : start + _CHUNK]
        rows = [{"position": size + start + i, "seq": seq} for i, (seq, _) in enumerate(chunk)]
        connection.execute(insert(leaves), rows)
    _remember_holes(connection, reached, fresh)
    _add_tiles(connection, size, size + len(fresh))
    return size + len(fresh)


def _state(connection: Connection) -> tuple[int, int]:
    """Return how many leaves there are, and the greatest number of a line that is one."""
    ends = (select(func.max(one)).scalar_subquery() for one in (leaves.c.position, leaves.c.seq))
    found = connection.execute(
        select(*ends)
    ).one()  # each by its own index; in one query both would read all leaves
    return (0, 0) if found[0] is None else (found[0] + 1, found[1])


def _fresh(connection: Connection, reached: int) -> list[tuple[int, int | None]]:
    """Return the numbers of new lines with the hole each was found in, read in one statement: it sees one moment."""
    late = and_(log.c.seq >= holes.c.low, log.c.seq <= holes.c.high)
    found = union_all(
        select(log.c.seq, literal_column("NULL").label("hole")).where(log.c.seq > reached),
        select(log.c.seq, holes.c.low.label("hole")).join_from(log, holes, late),
    ).order_by("seq")
    return [(row.seq, row.hole) for row in connection.execute(found)]


def _remember_holes(connection: Connection, reached: int, fresh: Sequence[tuple[int, int | None]]) -> None:
    for hole, group in groupby((one for one in fresh if one[1] is not None), key=lambda one: one[1]):
        high = connection.execute(select(holes.c.high).where(holes.c.low == hole)).scalar_one()
        connection.execute(delete(holes).where(holes.c.low == hole))
        _insert_holes(connection, gaps(hole or 0, high, [seq for seq, _ in group]))
    later = [seq for seq, hole in fresh if hole is None]
    if later:
        _insert_holes(connection, gaps(reached + 1, later[-1], later))


def _insert_holes(connection: Connection, found: Sequence[tuple[int, int]]) -> None:
    if found:
        connection.execute(insert(holes), [{"low": low, "high": high} for low, high in found])


def gaps(low: int, high: int, present: Sequence[int]) -> list[tuple[int, int]]:
    """Return the ranges between `low` and `high`, both included, that the rising numbers `present` leave open."""
    found, start = list[tuple[int, int]](), low
    for number in [*present, high + 1]:
        if number > start:
            found.append((start, number - 1))
        start = number + 1
    return found


def _add_tiles(connection: Connection, old: int, new: int) -> None:
    level = HEIGHT
    while new >> level:
        rows = [
            {"level": level, "position": at, "hash": _whole(connection, level - HEIGHT, at << HEIGHT).hex()}
            for at in range(old >> level, new >> level)
        ]
        if rows:
            connection.execute(insert(tiles), rows)
        level += HEIGHT


def _whole(connection: Connection, level: int, start: int) -> bytes:
    edge = Edge()
    for one in _row(connection, level, start, _WIDTH):
        edge.add(one)
    return edge.root()


def _row(connection: Connection, level: int, start: int, count: int) -> list[bytes]:
    """Return hashes of one level that stand side by side."""
    if level == 0:
        wanted = select(log.c.hash).join_from(leaves, log, leaves.c.seq == log.c.seq)
        place = leaves.c.position
    else:
        wanted = select(tiles.c.hash).where(tiles.c.level == level)
        place = tiles.c.position
    chosen = wanted.where(place >= start, place < start + count).order_by(place)
    try:
        found = [bytes.fromhex(one) for one in connection.execute(chosen).scalars()]
    except ValueError as error:
        raise Damaged("a hash in the trail is no hash") from error
    if len(found) != count:
        raise Damaged(f"level {level}: {len(found)} hashes from {start} on, {count} expected")
    return found if level else [leaf_hash(one) for one in found]


def nodes(connection: Connection) -> Subtree:
    """Return the hashes of the tree as kept. Raises Damaged for leaves that are not there."""
    return lambda low, high: joined(_peaks(connection, low, high))


def _peaks(connection: Connection, low: int, high: int) -> list[bytes]:
    peaks, at = list[bytes](), low
    while at < high:
        level = ((high - at).bit_length() - 1) // HEIGHT * HEIGHT
        count = (high - at) >> level
        edge = Edge()
        for one in _row(connection, level, at >> level, count):
            edge.add(one)
        peaks += edge.peaks
        at += count << level
    return peaks


def edge_at(connection: Connection, size: int) -> Edge:
    """Return the right edge of the tree of the first leaves. Raises Damaged for leaves that are not there."""
    edge = Edge()
    edge.size, edge.peaks = size, _peaks(connection, 0, size)
    return edge


def add_leaves(connection: Connection, edge: Edge, size: int) -> None:
    """Let an edge go on to a greater size. Raises Damaged for leaves that are not there."""
    while edge.size < size:
        for one in _row(connection, 0, edge.size, min(size - edge.size, _CHUNK)):
            edge.add(one)


def place_in_tree(connection: Connection, op_id: str) -> tuple[Row[Any], int | None] | None:
    """Return the line of an operation and which leaf it is; None for no such line, no number if it is no leaf yet."""
    wanted = (
        select(log, leaves.c.position)
        .join_from(log, leaves, leaves.c.seq == log.c.seq, isouter=True)
        .where(log.c.op_id == op_id)
    )
    row = connection.execute(wanted).first()
    return None if row is None else (row, row.position)


def lines_in_order(connection: Connection) -> Iterator[Row[Any]]:
    """Yield all lines: those that are leaves in the order of the tree, then the others as they were written."""
    streamed = connection.execution_options(yield_per=_CHUNK)
    joined_up = select(log).join_from(leaves, log, leaves.c.seq == log.c.seq)
    yield from streamed.execute(joined_up.order_by(leaves.c.position))
    rest = select(log).join_from(log, leaves, leaves.c.seq == log.c.seq, isouter=True)
    yield from streamed.execute(rest.where(leaves.c.seq.is_(None)).order_by(log.c.seq))
