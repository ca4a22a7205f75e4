"""The 5A reference table: its size, its lines, and what overrules the sum."""

from dataclasses import replace
from fractions import Fraction

import pytest

from engine.answers import Stated
from engine.evaluate import worth
from engine.grades import outcomes
from engine.judge import Scorecard, judge
from engine.models.submission import Given
from engine.rollup import stated_by
from tests.test_book_laws import book, sample, without


def test_size_and_sums_at_every_level() -> None:
    of = book()
    points = {section.id: section.points // of.per_point for section in of.sections}
    assert list(points.values()) == [80, 100, 400, 320, 100]
    groups = [group for section in of.sections for group in section.children]
    thirds = [third for group in groups for third in getattr(group, "children", ())]
    assert (len(groups), len(thirds), len(of.leaves)) == (20, 44, 121)
    for branch in [*of.sections, *groups, *thirds]:
        assert sum(child.points for child in getattr(branch, "children", ())) == branch.points


def test_every_indicator_says_where_it_comes_from() -> None:
    for leaf in book().every_leaf:
        assert leaf.source.basis, leaf.id
        assert leaf.source.fix, leaf.id
        assert len(leaf.source.examples) >= 2, leaf.id
    assert "不是" in str(book().standard.disclaimer)
    assert book().standard.status == "draft"


@pytest.mark.parametrize(
    ("total", "grade"),
    [
        ("980.7", "5A"),
        ("951", "5A"),
        ("950", "5A"),
        ("949.99", "4A"),
        ("930.3", "4A"),
        ("900.5", "4A"),
        ("900", "3A"),
        ("850", "2A"),
        ("800", "1A"),
        ("700", "none"),
    ],
)
def test_published_totals_get_their_grade(total: str, grade: str) -> None:
    whole = without("excellent", set())
    units = int(Fraction(total) * book().per_point)
    found = outcomes(book(), whole.findings, replace(whole.sum, low=units, high=units), (), whole.world)
    assert found.settled == grade


def changed(answers: dict[str, object], as_of: str | None = None) -> Scorecard:
    """Judge the excellent sample with some answers changed."""
    whole = stated_by(sample("excellent"))
    given = {**whole.answers, **{name: Given(value=value) for name, value in answers.items()}}
    return judge(book(), Stated(given, whole.judged, {}, as_of or whole.as_of, whole.region))


@pytest.mark.parametrize(
    ("form", "grade"), [("功能型", "5A"), ("单独建立", "5A"), ("指导员或群团方式", "4A"), ("未开展", "4A")]
)
def test_no_party_organisation_caps_at_4a(form: str, grade: str) -> None:
    assert changed({"party.form": form}).outcome.settled == grade


def test_being_investigated_denies_only_under_the_old_rules() -> None:
    answers: dict[str, object] = {"association.under_investigation": True}
    assert changed(answers, "2026-02-28").outcome.settled == "denied"
    assert changed(answers, "2026-03-01").outcome.settled != "denied"


def test_everything_red_fires_every_veto_of_its_period() -> None:
    old, new = (without(name, set()) for name in ("all-red", "all-red-2026"))
    assert all(ruling.holds for found in (old, new) for ruling in found.rulings)
    fired = {ruling.veto.id for found in (old, new) for ruling in found.rulings}
    assert fired == {veto.id for veto in book().vetoes}
    for found in (old, new):
        assert found.high == 0
        assert all(finding.high == 0 for finding in found.findings.values() if finding.state != "absent")


def test_the_real_association_is_open_and_its_dues_are_computed() -> None:
    found = without("association-2023", set())
    assert found.outcome.settled is None
    words = book().words.quantities
    rates = {
        name: worth(words[f"finance.dues_rate_{name}"], found.world.known)
        for name in ("units", "amount", "last")
    }  # type: ignore[arg-type]
    assert rates == {"units": Fraction(158, 167), "amount": Fraction(40, 42), "last": Fraction(158, 167)}
