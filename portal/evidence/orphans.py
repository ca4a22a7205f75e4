"""Content that no row names: what was stored for a file that was refused, or by a process that was stopped.

It is set aside, not deleted. Whoever asks for it brings it back, and so does the next look if a row names it by then. So
neither a row that is late, nor a server that was started with the wrong database, loses anything within a month.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from sqlalchemy import or_, select

from portal.evidence.limits import ORPHAN, ORPHAN_KEPT
from portal.portal import Portal
from portal.store.tables import blobs

AT_ONCE = 200


def tidy(portal: Portal) -> int:
    """Set aside what no row has named for a week, bring back what one names, forget the rest after a month."""
    kept = portal.blobs
    for some in _batches(kept.aside()):
        for one in _named(portal, some):
            kept.has(one)  # brings it back
    for some in _batches(kept.aside(ORPHAN_KEPT)):
        for one in set(some) - _named(portal, some):
            kept.forget(one)
    count = 0
    for some in _batches(kept.resting(ORPHAN)):
        for one in set(some) - _named(portal, some):
            kept.set_aside(one)
            count += 1
    return count


def _named(portal: Portal, some: Iterable[str]) -> set[str]:
    """Return which of these a row names, as content or as its preview."""
    wanted = set(some)
    query = select(blobs.c.sha256, blobs.c.preview).where(
        or_(blobs.c.sha256.in_(wanted), blobs.c.preview.in_(wanted))
    )
    with portal.database.read() as connection:
        return {one for row in connection.execute(query) for one in row} & wanted


def _batches(names: Iterator[str]) -> Iterator[list[str]]:
    while some := list(islice(names, AT_ONCE)):
        yield some
