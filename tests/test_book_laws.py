"""The laws again, on the real 5A book: a finished submission with answers taken out, and put back."""

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.answers import Stated
from engine.build.edition import Edition
from engine.document import canonical, scorecard_document
from engine.judge import Scorecard, judge
from engine.load import Library, load
from engine.models.submission import Submission
from engine.outside import read
from engine.rollup import stated_by
from engine.verify import verify

ROOT = Path(__file__).parent.parent
FULL = ["excellent", "typical", "vetoed", "all-red"]


@cache
def library() -> Library:
    """Return all our books."""
    found, problems = load(ROOT)
    assert problems == []
    return found


@cache
def book(standard: str = "social-organisation") -> Edition:
    """Return one of our books, the 5A reference table unless another is named."""
    (found,) = (edition for key, edition in library().editions.items() if key[0] == standard)
    return found


@cache
def sample(name: str) -> Submission:
    """Return a sample submission."""
    path = ROOT / "samples" / "social-organisation" / f"{name}.yaml"
    submission, _, problems = read(path.read_bytes(), path.name, "submission")
    assert problems == []
    assert isinstance(submission, Submission)
    return submission


def without(name: str, dropped: set[str]) -> Scorecard:
    """Judge a sample with some answers taken out."""
    whole = stated_by(sample(name))
    answers = {fact: given for fact, given in whole.answers.items() if fact not in dropped}
    judged = {leaf: given for leaf, given in whole.judged.items() if leaf not in dropped}
    return judge(book(), Stated(answers, judged, whole.not_applicable, whole.as_of, whole.region))


def names(name: str) -> list[str]:
    """Return everything a sample answers."""
    return sorted([*sample(name).answers, *sample(name).judged])


dropping = st.sampled_from(FULL).flatmap(
    lambda name: st.tuples(st.just(name), st.sets(st.sampled_from(names(name)), max_size=25))
)


@given(dropping)
def test_taking_answers_out_leaves_the_true_result_inside(drawn: tuple[str, set[str]]) -> None:
    name, dropped = drawn
    whole, less = without(name, set()), without(name, dropped)
    assert less.low <= whole.low == whole.high <= less.high
    assert whole.outcome.settled in less.outcome.possible
    for leaf, finding in whole.findings.items():
        if "absent" not in (finding.state, less.findings[leaf].state):
            assert less.findings[leaf].low <= finding.low <= less.findings[leaf].high


@given(dropping, st.data())
def test_putting_an_answer_back_only_narrows(drawn: tuple[str, set[str]], data: st.DataObject) -> None:
    name, dropped = drawn
    back = data.draw(st.sets(st.sampled_from(sorted(dropped)))) if dropped else set()
    less, more = without(name, dropped), without(name, dropped - back)
    assert less.low <= more.low
    assert more.high <= less.high
    assert set(more.outcome.possible) <= set(less.outcome.possible)


@given(dropping)
def test_every_scorecard_adds_up(drawn: tuple[str, set[str]]) -> None:
    name, dropped = drawn
    assert verify(scorecard_document(without(name, dropped), sample(name).subject)) == []


@pytest.mark.parametrize("name", FULL)
def test_the_same_answers_give_the_same_bytes(name: str) -> None:
    one, two = (canonical(scorecard_document(without(name, set()), sample(name).subject)) for _ in range(2))
    assert one == two
