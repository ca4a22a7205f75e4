"""A round in numbers: all out of kept scorecards, the same as counting them by hand."""

import pytest
from sqlalchemy import event

from portal.store.tables import assignments, scorecards
from portal.use_cases.cohort import cohort
from portal.use_cases.publication import finish_review
from portal.use_cases.signing_off import bulk_agree, sign_off
from tests.portal.in_review import GOOD, in_review, ok, refused, reviewed
from tests.portal.trails import unguarded


@pytest.fixture
def world(tmp_path):
    found = in_review(tmp_path)
    reviewed(found, rate="2.5")
    yield found
    found.portal.database.close()


def another(world, code, **more):
    case = world.university(code, {**GOOD, **more})
    world.assign(case, "张三", "李四")
    world.hand_in(code)
    world.go(case, "评审中")
    return case


def test_few_universities_are_no_cohort(world):
    refused(cohort(world.portal, world.people["秘书"], world.round), "too-few")


def test_a_round_in_numbers(world):
    another(world, "u2", **{"c.licence": False})
    another(world, "u3", **{"c.passed": 40})
    reviewed(world, "u2")
    reviewed(world, "u3", rate="5")
    found = ok(cohort(world.portal, world.people["秘书"], world.round))
    # finals: u1 6.5 and 7, u2 4.5, u3 9
    assert (found.universities, found.subjects, found.open) == (3, 4, 0)
    assert (found.mean, found.quartiles) == ("6.75", ("4.5", "6.5", "7"))
    assert found.bands == (0, 0, 0, 0, 1, 0, 1, 1, 0, 1)
    assert found.grades == {"良好": 1, "达标": 2, "无等级": 1}
    assert [(one.indicator, one.rate, one.of) for one in found.hardest] == [
        ("rate", "62.5", 4),
        ("licence", "75", 4),
    ]
    gap = found.gaps[0]
    assert (gap.indicator, gap.mean, gap.size, gap.changed, gap.of) == ("rate", "-0.75", "0.75", 2, 4)
    assert (found.agreement.units, found.agreement.percent) == (8, "100")
    assert found.titles["rate"] == "培训"


def test_it_is_all_out_of_the_kept_scorecards(world, monkeypatch):
    for code in ("u2", "u3"):
        another(world, code)
        reviewed(world, code)
    before = ok(cohort(world.portal, world.people["秘书"], world.round))
    monkeypatch.setattr("engine.judge.judge", None)
    assert ok(cohort(world.portal, world.people["秘书"], world.round)) == before
    unguarded(world.portal.database, "scorecards")
    world.portal.database.write(lambda c: c.execute(scorecards.update().values(low="1", high="1")))
    assert ok(cohort(world.portal, world.people["秘书"], world.round)).mean == "1"


def test_only_whom_the_table_lets_count_gets_numbers(world):
    for code in ("u2", "u3"):
        another(world, code)
        reviewed(world, code)
    for name in ("张三", "u1负责人", "u1填报员"):
        assert cohort(world.portal, world.people[name], world.round).kind == "missing"
    watcher = world.person("观察员", "observer")
    assert cohort(world.portal, watcher, world.round).kind == "missing"
    for case in world.cases.values():
        world.set_state(case, "公示")
    assert ok(cohort(world.portal, watcher, world.round)).universities == 3
    assert cohort(world.portal, watcher, "no-round").kind == "missing"


def test_a_review_that_was_done_again_counts_once(world):
    for code in ("u2", "u3"):
        another(world, code)
        reviewed(world, code)
    case = world.cases["u1"]
    world.go(case, "评审中", "换一位专家")
    actor = world.people["李四"].id
    world.portal.database.write(
        lambda c: c.execute(
            assignments.update()
            .where(assignments.c.assessment_id == case, assignments.c.account_id == actor)
            .values(ended_at=world.at())
        )
    )
    world.assign(case, "王五")
    ok(bulk_agree(world.portal, world.people["王五"], case, op_id=world.op()))
    ok(sign_off(world.portal, world.people["王五"], case, op_id=world.op()))
    ok(finish_review(world.portal, world.people["秘书"], case, op_id=world.op()))
    found = ok(cohort(world.portal, world.people["秘书"], world.round))
    assert (found.subjects, found.agreement.units, found.agreement.pairs) == (4, 8, 8)


def test_more_universities_are_not_more_questions_to_the_store(world):
    def asked():
        statements = []
        engine = world.portal.database.engine
        event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
        ok(cohort(world.portal, world.people["秘书"], world.round))
        return len(statements)

    for code in ("u2", "u3"):
        another(world, code)
        reviewed(world, code)
    few = asked()
    for code in ("u4", "u5"):
        another(world, code)
        reviewed(world, code)
    assert asked() == few
