"""From the total to the grade."""

import pytest

from tests.tiny import card, edition, item

SCORE = "{each: c.faults, points: 1, up_to: 10}"
GRADES = """grades:
- {id: best, title: 示范, at_least: 9}
- {id: good, title: 良好, at_least: 7}
- {id: pass, title: 达标, more_than: 5}
"""


def grades(standard: str, answers: dict[str, object], **more: str) -> tuple[str, ...]:
    return card(edition(item(SCORE, **more), standard), answers).outcome.possible


@pytest.mark.parametrize(
    ("points", "grade"),
    [(10, "best"), (9, "best"), (8, "good"), (7, "good"), (6, "pass"), (5, "none"), (0, "none")],
)
def test_lines(points: int, grade: str) -> None:
    assert grades(GRADES, {"c.faults": points}) == (grade,)


def test_nothing_answered_leaves_every_grade() -> None:
    assert grades(GRADES, {}) == ("best", "good", "pass", "none")


NEEDS = GRADES.replace(
    "at_least: 9}", "at_least: 9, requires: [{title: 持证, when: {c.licence: true}}], on_fail: NEXT}"
)


@pytest.mark.parametrize(("on_fail", "left"), [("next", "good"), ("none", "none")])
def test_a_failed_requirement_drops_one_grade_or_all(on_fail: str, left: str) -> None:
    standard = NEEDS.replace("NEXT", on_fail)
    assert grades(standard, {"c.faults": 10, "c.licence": True}) == ("best",)
    assert grades(standard, {"c.faults": 10, "c.licence": False}) == (left,)
    assert grades(standard, {"c.faults": 10}) == ("best", left)


def test_the_last_grade_may_fail_its_requirement() -> None:
    standard = GRADES.replace(
        "more_than: 5}", "more_than: 5, requires: [{title: 持证, when: {c.licence: true}}]}"
    )
    assert grades(standard, {"c.faults": 6, "c.licence": False}) == ("none",)


def test_a_section_or_an_indicator_may_be_required() -> None:
    for need in ("section: a", "indicator: one"):
        standard = GRADES.replace(
            "more_than: 5}", f"more_than: 5, requires: [{{title: 不低于六成五, {need}, at_least: 65%}}]}}"
        )
        assert grades(standard, {"c.faults": 6}) == ("none",)
        assert grades(standard, {"c.faults": 7}) == ("good",)


def test_what_is_absent_cannot_miss_a_requirement() -> None:
    section = """indicators:
- {id: one, title: 甲项, points: 5, score: {each: c.faults, points: 1, up_to: 5}}
- {id: two, title: 乙项, points: 5, key: true, score: [{points: 5, when: {c.licence: true}}], applies_when: {c.gas: true}, absent: exclude}
"""
    need = "more_than: 5, requires: [{title: 乙项满分, indicator: two, at_least: 100%}, {title: 关键项, keys_missed_at_most: 0}]}"
    of = edition(
        section,
        GRADES.replace("more_than: 5}", need)
        .replace("at_least: 9", "at_least: 10")
        .replace("at_least: 7", "at_least: 9.5"),
    )
    found = {
        gas: card(
            of, {"c.faults": 4, "c.licence": False} | ({} if gas is None else {"c.gas": gas})
        ).outcome.possible
        for gas in (True, False, None)
    }
    assert found == {True: ("none",), False: ("pass",), None: ("pass", "none")}


KEYS = """indicators:
- {id: one, title: 甲项, points: 5, key: true, score: [{points: 5, when: {c.licence: true}}, {points: 3}]}
- {id: two, title: 乙项, points: 5, key: true, score: [{points: 5, when: {c.gas: true}}, {points: 3}]}
"""


@pytest.mark.parametrize(
    ("met_at", "held", "grade"),
    [("100%", (True, False), "good"), ("100%", (False, False), "none"), ("60%", (False, False), "good")],
)
def test_key_items_are_counted_by_how_many_miss_their_line(
    met_at: str, held: tuple[bool, bool], grade: str
) -> None:
    standard = f"""key_items: {{met_at: {met_at}}}
grades:
- {{id: good, title: 良好, at_least: 6, requires: [{{title: 关键项, keys_missed_at_most: 1}}]}}"""
    found = card(edition(KEYS, standard), {"c.licence": held[0], "c.gas": held[1]})
    assert found.outcome.settled == grade


def test_key_items_may_be_open() -> None:
    standard = (
        "grades: [{id: good, title: 良好, at_least: 6, requires: [{title: 关键项, keys_missed_at_most: 0}]}]"
    )
    assert card(edition(KEYS, standard), {"c.licence": True}).outcome.possible == ("good", "none")


def veto(effect: str) -> str:
    return GRADES + f"vetoes: [{{id: v, title: 无证, when: {{c.licence: false}}, effect: {effect}}}]"


@pytest.mark.parametrize(
    ("effect", "held", "open_"),
    [
        ("stop", ("stopped",), ("stopped", "best")),
        ("deny", ("denied",), ("denied", "best")),
        ("{cap: pass}", ("pass",), ("best", "pass")),
        ("{drop: 1}", ("good",), ("best", "good")),
        ("{drop: 9}", ("none",), ("best", "none")),
    ],
)
def test_vetoes_overrule_the_sum(effect: str, held: tuple[str, ...], open_: tuple[str, ...]) -> None:
    assert grades(veto(effect), {"c.faults": 10, "c.licence": False}) == held
    assert grades(veto(effect), {"c.faults": 10, "c.licence": True}) == ("best",)
    assert grades(veto(effect), {"c.faults": 10}) == open_


def test_a_cap_does_not_lift_anybody() -> None:
    assert grades(veto("{cap: good}"), {"c.faults": 6, "c.licence": False}) == ("pass",)


ABSENT = """indicators:
- {id: one, title: 甲项, points: 8, score: {each: c.faults, points: 1, up_to: 8}}
- {id: two, title: 乙项, points: 2, score: [{points: 2, when: {c.licence: true}}], applies_when: {c.gas: true}, absent: WAY}
"""


@pytest.mark.parametrize("way", ["exclude", "full"])
def test_too_much_absence_withholds_the_grade(way: str) -> None:
    of = edition(ABSENT.replace("WAY", way), GRADES + "absence: {limit: 15%}")
    rest = {"c.faults": 8, "c.licence": True}
    assert card(of, rest | {"c.gas": True}).outcome.possible == ("best",)
    assert card(of, rest | {"c.gas": False}).outcome.possible == ("withheld",)
    assert card(of, rest | ({"c.licence": False} if way == "full" else {})).outcome.possible[0] == "withheld"
    enough = edition(ABSENT.replace("WAY", way), GRADES + "absence: {limit: 20%}")
    assert card(enough, rest | {"c.gas": False}).outcome.possible == ("best",)
