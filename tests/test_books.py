"""All our books: their sizes, what every indicator says of itself, and that the samples exercise every rule."""

from collections import Counter
from functools import cache

import pytest

from engine.build.edition import Edition
from engine.check import check
from engine.judge import Scorecard, judge
from engine.models.submission import Submission
from engine.outside import read
from engine.rollup import roll_up, stated_by
from engine.rulings import in_force
from engine.tree import Branch, Leaf
from engine.usage import uses
from tests.test_book_laws import ROOT, book, library

BOOKS = (
    "canteen-procurement",
    "green-canteen",
    "property-procurement",
    "social-organisation",
    "standard-apartment",
)
LISTED = ROOT / "tests" / "books"


@cache
def cards(standard: str) -> dict[str, list[Scorecard]]:
    """Judge every sample of a book; one of several subjects gives a scorecard for each."""
    found: dict[str, list[Scorecard]] = {}
    for path in sorted((ROOT / "samples" / standard).glob("*.yaml")):
        submission, document, problems = read(path.read_bytes(), path.name, "submission")
        assert problems == [], path
        assert isinstance(submission, Submission)
        of = library().editions[submission.standard, submission.edition]
        if submission.units:
            found[path.stem] = [card for _, card in roll_up(of, submission, document).units]
        else:
            found[path.stem] = [judge(of, stated_by(submission, document))]
    return found


def groups_of(of: Edition) -> list[Branch]:
    return [group for section in of.sections for group in section.children if isinstance(group, Branch)]


def show(of: Edition, leaf: Leaf) -> str:
    kind = f" {leaf.source.per}" if leaf.source.per else ""
    return f"  {leaf.id} {leaf.points / of.per_point:g}{' ★' if leaf.source.key else ''}{kind}{' 可缺项' if leaf.source.absent else ''}"


def profile(of: Edition) -> str:
    """List a book: sections, groups, indicators with points, key items, kind of subject and absence; then vetoes."""
    lines = [f"{of.standard.id} {of.standard.edition} {of.total / of.per_point:g}"]
    for section in of.sections:
        lines.append(f"{section.id} {section.points / of.per_point:g}")
        for group in section.children:
            if isinstance(group, Branch):
                lines.append(f" {group.id} {group.points / of.per_point:g}")
                lines += [show(of, leaf) for leaf in group.leaves]
            else:
                lines.append(show(of, group))
    lines += [f"附加 {extra.id}" for extra in of.extras]
    lines += [f"否决 {veto.id}" for veto in of.vetoes]
    return "\n".join(lines) + "\n"


def test_the_books_have_no_mistake_and_leave_no_doubt_unsaid() -> None:
    assert [str(problem) for problem in check(library())] == []


@pytest.mark.parametrize("name", BOOKS)
def test_a_book_is_what_was_recorded(name: str, request: pytest.FixtureRequest) -> None:
    """A change of points, key items or vetoes shows as a difference a drafter can read."""
    golden = LISTED / f"{name}.txt"
    found = profile(book(name))
    if request.config.getoption("--update-golden"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(found, "utf-8")
    assert found == golden.read_text("utf-8"), "接受这个变化:pytest tests/test_books.py --update-golden"


@pytest.mark.parametrize(
    ("name", "sections", "groups", "indicators", "total"),
    [
        ("green-canteen", [90, 280, 90, 140, 90, 60, 70, 100, 80], 34, 105, 1000),
        ("standard-apartment", [12, 22, 26, 12, 12, 10, 6], 21, 71, 100),
        ("canteen-procurement", [12, 8, 22, 10, 10, 12, 17, 5, 4], None, 102, 100),
        ("property-procurement", [12, 8, 22, 10, 10, 12, 17, 5, 4], None, 104, 100),
    ],
)
def test_sizes(name: str, sections: list[int], groups: int | None, indicators: int, total: int) -> None:
    of = book(name)
    assert [section.points // of.per_point for section in of.sections] == sections
    assert of.total // of.per_point == total == sum(sections)
    assert groups is None or len(groups_of(of)) == groups
    assert len(of.leaves) == indicators


def test_what_is_judged_once_for_the_school() -> None:
    def counted(name: str) -> Counter[str]:
        of, points = book(name), Counter[str]()
        for leaf in of.leaves:
            points[leaf.source.per or of.standard.per] += leaf.points
        return points

    def kinds(name: str) -> Counter[str]:
        of = book(name)
        return Counter(leaf.source.per or of.standard.per for leaf in of.leaves)

    assert kinds("green-canteen") == {"食堂": 88, "学校": 17}
    assert counted("green-canteen")["学校"] == 155 * book("green-canteen").per_point
    assert kinds("standard-apartment") == {"公寓楼": 50, "学校": 21}
    assert counted("standard-apartment")["学校"] == 24 * book("standard-apartment").per_point


@pytest.mark.parametrize("name", BOOKS)
def test_every_indicator_says_where_it_comes_from_and_what_to_do(name: str) -> None:
    """Sources, a remedy, and examples: one full, one lost, one absent where absence exists."""
    of = book(name)
    assert of.standard.status == "draft"
    assert "不是" in str(of.standard.disclaimer)
    for leaf in of.every_leaf:
        source = leaf.source
        assert source.basis, leaf.id
        assert source.fix, leaf.id
        gives = [one.gives for one in source.examples]
        points = [one for one in gives if not isinstance(one, str | tuple)]
        assert source.points in points, leaf.id
        assert any(one < source.points for one in points), leaf.id
        if source.absent == "exclude":
            assert "absent" in gives, leaf.id


@pytest.mark.parametrize("name", [name for name in BOOKS if name != "social-organisation"])
def test_every_veto_has_examples_of_both(name: str) -> None:
    for veto in book(name).vetoes:
        assert veto.source.basis, veto.id
        assert veto.source.fix, veto.id
        gives = {one.gives for one in veto.source.examples}
        if veto.source.when_result is None:
            assert {"成立", "不成立"} <= gives, veto.id
        if veto.applies is not None:
            assert "不适用" in gives, veto.id
        if veto.doubt is not None:
            assert "存疑" in gives, veto.id


@pytest.mark.parametrize("name", BOOKS)
def test_a_blank_submission_settles_nothing_it_should_not(name: str) -> None:
    (blank,) = cards(name)["blank"]
    assert blank.outcome.settled is None
    assert blank.low * 100 < blank.edition.total
    assert not [one.leaf.id for one in blank.findings.values() if one.state == "settled"]


@pytest.mark.parametrize("name", BOOKS)
def test_the_excellent_one_reaches_the_highest_grade(name: str) -> None:
    (card,) = cards(name)["excellent"]
    assert card.outcome.settled == card.edition.ranks[0].id
    assert not [one.leaf.id for one in card.findings.values() if one.state in ("open", "doubtful")]
    assert not [one.veto.id for one in card.rulings if one.holds is not False]


@pytest.mark.parametrize("name", BOOKS)
def test_the_vetoed_one_is_overruled(name: str) -> None:
    (card,) = cards(name)["vetoed"]
    held = [one.veto.id for one in card.rulings if one.holds]
    assert held
    assert card.high > card.edition.total / 2


@pytest.mark.parametrize("name", BOOKS)
def test_all_red_loses_every_indicator_and_fires_every_veto(name: str) -> None:
    """Red lines that exclude each other by the rules of procurement are spread over several submissions."""
    red = [card for sample, found in cards(name).items() if sample.startswith("all-red") for card in found]
    of = book(name)
    lost = {
        leaf.id
        for card in red
        for leaf in of.every_leaf
        if card.findings[leaf.id].state == "settled" and card.findings[leaf.id].high < leaf.points
    }
    fired = {one.veto.id for card in red for one in card.rulings if one.holds}
    assert {leaf.id for leaf in of.every_leaf} - lost == set()
    assert {veto.id for veto in of.vetoes} - fired == set()
    assert any(in_force(veto, card.stated.as_of) for card in red for veto in of.vetoes)
    main = next(card for card in cards(name)["all-red"])
    assert main.outcome.settled in ("stopped", "denied")


@pytest.mark.parametrize("name", BOOKS)
def test_every_rule_is_exercised_by_some_sample(name: str) -> None:
    """Every indicator earns points in some sample; no veto holds wherever it is in force."""
    every = [card for found in cards(name).values() for card in found]
    of = book(name)
    settled = {
        finding.leaf.id
        for card in every
        for finding in card.findings.values()
        if finding.state == "settled" and finding.high and not finding.mode
    }
    assert {leaf.id for leaf in of.every_leaf} - settled == set()
    others = [card for sample, found in cards(name).items() if "all-red" not in sample for card in found]
    rulings = {(one.veto.id, one.holds) for card in others for one in card.rulings}
    assert [veto for veto, _ in rulings if (veto, False) not in rulings] == []


def test_samples_have_no_answer_that_cannot_be_read() -> None:
    for name in BOOKS:
        for sample, found in cards(name).items():
            told = [one.message for card in found for one in card.problems if one.severity == "error"]
            assert told == [], f"{name}/{sample}"


def test_facts_that_serve_several_books() -> None:
    """One fact, one home: the number may grow, and shrink only on purpose."""
    found = uses(library())
    assert not [one.fact for one in found if not one.standards]
    assert sum(one.shared for one in found) >= 330
    assert sum(len(one.standards) > 2 for one in found) >= 7


def test_what_is_only_known_at_second_hand_is_marked() -> None:
    for source in library().sources.values():
        if source.grade == "D":
            assert source.verify, source.id


def test_every_question_says_what_proves_it_and_how_it_is_checked() -> None:
    for checklist in library().checklists.values():
        assert checklist.checklist.subject, checklist.checklist.id
        for fact in checklist.facts:
            assert fact.title, fact.id
            assert fact.evidence, fact.id
            assert fact.inspect, fact.id
            if fact.answer.kind in ("integer", "number"):
                assert fact.answer.unit, fact.id
