"""The whole way from the first finding to the archive, on both stores, to the same bytes."""

import pytest

from portal.store.tables import scorecards
from portal.use_cases.appeals import assign_reviewer, decide_appeal, file_appeal
from portal.use_cases.cohort import cohort
from portal.use_cases.materials import answer_material, ask_material, on_site_list
from portal.use_cases.panels import compare
from portal.use_cases.publication import (
    archive_all,
    decide_grades,
    list_publications,
    publicise,
    publish_grades,
)
from portal.use_cases.reviews import open_case, queue
from portal.use_cases.scorecards import list_scorecards, rejudge_scorecard
from tests.portal.in_review import in_review, ok, refused, reviewed


@pytest.fixture
def worlds(tmp_path, postgresql):
    """Give the same round on an SQLite file and on a real PostgreSQL."""
    name = postgresql.create()
    found = [
        in_review(tmp_path / "sqlite"),
        in_review(tmp_path / "postgresql", address=postgresql.address(name)),
    ]
    yield found
    for world in found:
        world.portal.database.close()
    postgresql.drop(name)


def whole_way(world):
    """Go all the way; return what was kept, and what was seen on the way, without ids."""
    case, people, portal = world.cases["u1"], world.people, world.portal
    first, secretary = people["张三"], people["秘书"]
    asked = ok(ask_material(portal, first, case, "c1", "rate", "培训名册", op_id="ask"))
    world.go(case, "补充材料")
    ok(answer_material(portal, people["u1填报员"], case, asked.request, "已附", op_id="answer"))
    world.hand_in("u1")
    assert ok(open_case(portal, first, case, "c1", "rate")).finding.verdict == "material"
    assert len(queue(portal, first)) == 1
    assert on_site_list(portal, first) == ()
    refused(ask_material(portal, first, case, "c1", "rate", "再要", op_id="stale"), "changed")
    reviewed(world, bases={"张三": 1}, rate="2.5")
    seen = ok(compare(portal, secretary, case)).agreement
    ok(publicise(portal, secretary, world.round, op_id="out"))
    appeal = ok(file_appeal(portal, people["u1负责人"], case, "c1", "rate", "漏交", op_id="appeal"))
    ok(assign_reviewer(portal, secretary, case, appeal, people["王五"].id, op_id="assign"))
    world.go(case, "复核")
    ok(decide_appeal(portal, people["王五"], case, appeal, "changed", "有名册", points="5", op_id="decide"))
    assert ok(decide_grades(portal, secretary, world.round, op_id="grade")).done == ("u1大学",)
    ok(publish_grades(portal, secretary, world.round, op_id="grades"))
    ok(archive_all(portal, secretary, world.round, op_id="away"))
    refused(cohort(portal, secretary, world.round), "too-few")
    for one in ok(list_scorecards(portal, secretary, case)):
        assert ok(rejudge_scorecard(portal, secretary, one.id)).same
    assert len(list_publications(portal)) == 2
    rows = world.rows(scorecards)
    return sorted((row.stage, row.sha256) for row in rows), seen


def test_both_stores_come_to_the_same_bytes(worlds):
    one, two = (whole_way(world) for world in worlds)
    assert one == two
    assert len(one[0]) == 3 + 3 + 15 + 3
