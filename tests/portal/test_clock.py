"""The clock of the machine is set back by a day: what came later still counts as later."""

import json

import pytest
from sqlalchemy import select
from wayfarer import CALLS, STRAIGHT, Way

from engine.cohort import read_marks
from portal.refusal import Refusal
from portal.scoring import FINAL, current, latest
from portal.store.tables import scorecards


@pytest.fixture
def way(database, tmp_path):
    return Way(database, tmp_path / "blobs")


def go(way, steps):
    for who, what, pick in steps:
        way.desk.step()
        use, args, more = CALLS[what](way, who, pick)
        found = use(way.desk.portal, way.desk.people[who], *args, op_id=way.desk.op(), **more)
        assert not isinstance(found, Refusal), (who, what, found)


def until(what):
    """Return the straight way up to a step and the rest of it."""
    at = [name for _, name, _ in STRAIGHT].index(what) + 1
    return STRAIGHT[:at], STRAIGHT[at:]


def final_mark(way, leaf="trained"):
    """Return the points of the final layer as they count now, by the newest scorecard and by those of the cohort."""
    with way.desk.portal.database.read() as connection:
        subject = way.desk.ids["canteen"]
        newest = latest(connection, way.case, FINAL, ("reviewed", "decided"), subject)
        rows = list(
            current(connection, [way.case], scorecards.c.subject_id, scorecards.c.layer, scorecards.c.marks)
        )
    last = [row for row in rows if (row.layer, row.subject_id) == (FINAL, subject)][-1]
    assert newest.marks == last.marks
    return read_marks(json.loads(last.marks))[leaf].low


def test_what_an_appeal_decided_counts(way):
    start, rest = until("finish")
    go(way, start)
    assert final_mark(way) == 4
    way.desk.step(days=-1)
    go(way, rest)
    assert final_mark(way) == 0


def test_the_review_that_was_done_again_counts(way):
    start, rest = until("finish")
    go(way, start)
    way.desk.step(days=-1)
    again = [("secretary", "to 评审中", 0), ("secretary", "hand_back", 0), ("first", "speak", 5)]
    go(way, [*again, ("first", "sign", 0), ("secretary", "finish", 0)])
    assert final_mark(way) == 2
    go(way, rest)
    with way.desk.portal.database.read() as connection:
        kept = (
            connection.execute(select(scorecards.c.stage).where(scorecards.c.layer == FINAL)).scalars().all()
        )
    assert sorted(kept) == ["decided", "decided", "reviewed", "reviewed", "reviewed", "reviewed"]
    assert final_mark(way) == 0
