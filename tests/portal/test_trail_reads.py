"""Who looks at another university's evidence is named in the trail; who looks at their own is not."""

import pytest
from sqlalchemy import insert, select

from portal.policy import Actor, Member
from portal.store.tables import assessments, log, rounds, universities
from portal.trail_reads import log_read
from portal.trail_verify import verify
from tests.portal.trails import KEYS, checkpoint, export, moment

ROUND = {
    "id": "R",
    "title": "批次",
    "standard": "s",
    "edition": "1",
    "edition_hash": "0" * 64,
    "as_of": "2026-01-01",
}


@pytest.fixture
def ours(database):
    def work(connection):
        connection.execute(
            insert(universities).values(id="U", code="1", title="某大学", created_at=moment(0))
        )
        connection.execute(insert(rounds).values(**ROUND, state="进行中", created_at=moment(0)))
        connection.execute(
            insert(assessments).values(
                id="A", round_id="R", university_id="U", state="评审中", created_at=moment(0)
            )
        )

    database.write(work)
    return database


def read(database, actor, number=1):
    return database.write(
        lambda c: log_read(
            c, actor, university="U", assessment="A", evidence="E", sha256="5" * 64, at=moment(number)
        )
    )


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ([Member("inspector")], True),
        ([Member("secretariat")], True),
        ([Member("secretariat", "U")], True),
        ([Member("filler", "V")], True),
        ([Member("filler", "U")], False),
        ([Member("approver", "U"), Member("inspector")], False),
        ([], True),
    ],
)
def test_only_reads_by_others_are_told(ours, members, told):
    actor = Actor("某专家", "某专家", tuple(members))
    assert read(ours, actor) is told
    with ours.read() as connection:
        lines = connection.execute(select(log)).all()
    assert [(one.chain, one.actor, one.action, one.target) for one in lines] == [
        ("a:A", "某专家", "evidence.read", "E")
    ] * told


def test_every_read_is_a_line_of_its_own_and_part_of_the_chain(ours):
    actor = Actor("某专家", "某专家", (Member("inspector"),))
    for number in range(5):
        assert read(ours, actor, number)
    checkpoint(ours, 9)
    report = verify(export(ours), KEYS)
    assert (report.wrong, report.lines, report.chains) == (None, 5, 1)
