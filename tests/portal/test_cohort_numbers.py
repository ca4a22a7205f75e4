"""A round in numbers: all out of kept scorecards, the same as counting them by hand."""

import pytest
from sqlalchemy import event, update

from portal.store.tables import assessments, assignments, rounds, scorecards, universities
from portal.use_cases.cohort import cohort, countable
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


def test_groups_of_fewer_than_three_are_only_counted(world):
    kinds = {"u1": "本科", "u2": "本科", "u3": "本科", "u4": "高职高专"}
    for code in ("u2", "u3", "u4"):
        another(world, code)
        reviewed(world, code)
    for code, kind in kinds.items():
        values = update(universities).where(universities.c.code == code).values(kind=kind)
        world.portal.database.write(lambda c, values=values: c.execute(values))
    many, few = ok(cohort(world.portal, world.people["秘书"], world.round)).groups
    assert (many.by, many.title, many.universities, many.subjects) == ("kind", "本科", 3, 4)
    assert (few.title, few.universities, few.mean, few.quartiles, few.grades) == (
        "高职高专",
        1,
        None,
        None,
        {},
    )
    assert sum(many.grades.values()) == many.subjects
    assert many.mean is not None


def another_year(world, *codes):
    """Begin the next round, with universities that had other names the year before."""
    (before,) = world.rows(rounds)
    values = dict(before._mapping) | {"id": world.id(), "title": "2027 年评定", "as_of": "2025-06-30"}
    world.put(rounds, **values)
    world.round = values["id"]
    for code in codes:
        another(world, code, **{"c.passed": 40})
        reviewed(world, code)
    return before.id


def test_the_year_before_stands_beside_this_one(world):
    for code in ("u2", "u3"):
        another(world, code)
        reviewed(world, code)
    first = ok(cohort(world.portal, world.people["秘书"], world.round))
    assert first.earlier is None
    before = another_year(world, "v1", "v2", "v3")
    (same,) = world.rows(universities, universities.c.code == "u2")
    moving = update(assessments).where(assessments.c.id == world.cases["v1"]).values(university_id=same.id)
    unguarded(world.portal.database, "assessments")
    world.portal.database.write(lambda c: c.execute(moving))
    found = ok(cohort(world.portal, world.people["秘书"], world.round)).earlier
    assert (found.round, found.title, found.mean, found.quartiles) == (
        before,
        "2026 年评定",
        first.mean,
        first.quartiles,
    )
    assert (found.both, found.growth) == (1, "15")  # from 8.5 of 10 to 10 of 10
    assert [(one.indicator, one.before, one.after) for one in found.moved] == [
        ("licence", "100", "100"),
        ("rate", "60.42", "100"),
    ]


def test_a_year_whose_rules_are_gone_is_not_compared_with(world):
    for code in ("u2", "u3"):
        another(world, code)
        reviewed(world, code)
    before = another_year(world, "v1", "v2", "v3")
    other = update(rounds).where(rounds.c.id == before).values(edition_hash="0" * 64)
    unguarded(world.portal.database, "rounds")
    world.portal.database.write(lambda c: c.execute(other))
    assert ok(cohort(world.portal, world.people["秘书"], world.round)).earlier is None


def test_the_rounds_that_can_be_counted_are_those_one_may_count(world):
    (one,) = countable(world.portal, world.people["秘书"])
    assert (one.id, one.universities) == (world.round, 1)
    for name in ("张三", "u1负责人"):
        assert countable(world.portal, world.people[name]) == ()
    assert countable(world.portal, world.person("观察员", "observer")) == ()


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
