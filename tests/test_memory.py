"""Judging again with a memory gives what judging anew gives, whatever changes in between, and does not work twice."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import judge as judging
from engine.answers import Stated
from engine.judge import judge
from engine.load import load
from engine.memory import Memory, exactly
from engine.models.submission import Given, Submission
from engine.rollup import stated_by
from engine.strict_yaml import read_yaml
from tests.small import Small, partial_answers, standards
from tests.tiny import edition

ROOT = Path(__file__).parents[1]
BOOKS, _ = load(ROOT)


def same(one, other):
    """Compare all that follows from answers; the documents are made of nothing else."""
    assert one.world.known == other.world.known
    assert dict(one.world.domains) == dict(other.world.domains)
    assert one.findings == other.findings
    assert one.sum == other.sum
    assert one.rulings == other.rulings
    assert one.outcome == other.outcome
    assert one.problems == other.problems


@settings(max_examples=40, deadline=None)
@given(standards(), st.lists(partial_answers(), min_size=2, max_size=5))
def test_a_memory_changes_no_result(small: Small, several):
    built, memory = small.edition, Memory()
    for answers in several:
        stated = Stated({name: Given(value=value) for name, value in answers.items()}, {}, {}, "2024-06-30")
        same(judge(built, stated, memory), judge(built, stated))


@pytest.mark.parametrize("key", sorted(BOOKS.editions))
def test_a_memory_changes_no_result_of_a_book(key):
    """Walk through a real book: answers come, change and go, alone and in handfuls, of one sample and another."""
    built, memory, chance = BOOKS.editions[key], Memory(), random.Random(str(key))  # noqa: S311  the same walk each time
    samples = [
        dict(stated_by(Submission.model_validate(read_yaml(path.read_bytes(), path.name).data)).answers)
        for path in sorted((ROOT / "samples" / key[0]).glob("*.yaml"))[:3]
    ]
    answers, every = dict(samples[-1]), sorted({name for one in samples for name in one})
    for step in range(10):
        names = chance.sample(every, chance.choice((1, 1, 20)))
        for name in names:
            other = chance.choice(samples).get(name)
            if other is None or chance.random() < 0.3:
                answers.pop(name, None)
            else:
                answers[name] = other
        stated = Stated(dict(answers), {}, {}, "2026-06-30" if step < 8 else "2025-03-01", "北京市")
        same(judge(built, stated, memory), judge(built, stated))


THREE = """indicators:
- {id: licence, title: 甲, points: 4, score: {steps: [{points: 4, when: {c.licence: true}}]}}
- {id: trained, title: 乙, points: 4, score: {steps: [{points: 4, when: {c.rate: {at_least: 90%}}}]}}
- {id: gas, title: 丙, points: 2, score: {steps: [{points: 2, when: {c.gas: false}}]}}
"""


def test_what_did_not_change_is_not_worked_out_again(monkeypatch):
    built, memory, worked = edition(THREE), Memory(), []
    real = judging.judge_leaf
    monkeypatch.setattr(
        judging, "judge_leaf", lambda leaf, *more: worked.append(leaf.id) or real(leaf, *more)
    )

    def again(**answers):
        worked.clear()
        given_ = {name.replace("_", "."): Given(value=value) for name, value in answers.items()}
        judge(built, Stated(given_, {}, {}, "2024-06-30"), memory)
        return list(worked)

    assert again() == ["licence", "trained", "gas"]
    assert again() == []
    assert again(c_licence=True) == ["licence"]
    assert again(c_licence=True, c_staff=9) == ["trained"]  # the number itself, and what it bounds
    assert again(c_licence=True, c_passed=9) == ["trained"]
    assert again(c_licence=1, c_passed=9) == ["licence"]  # 1 is not 是


@pytest.mark.parametrize(
    ("one", "other"), [(True, 1), (1, "1"), ([True], [1]), ({"a": 1}, {"a": True}), (0, False)]
)
def test_equal_is_not_the_same(one, other):
    assert exactly(one) != exactly(other)
