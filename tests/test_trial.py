"""Trying answers: what differs is told, the rest is not, and trying nothing changes nothing."""

from typing import Any

from engine.judge import Scorecard
from engine.trial import trial_document, turn
from tests.test_verify import HEAD, RULES, WHOLE
from tests.tiny import card, edition

OF = edition(RULES, HEAD.replace("SPREAD", "group"))


def judged(**changes: Any) -> Scorecard:
    answers = {name: value for name, value in (WHOLE | changes).items() if value is not None}
    return card(OF, answers)


def test_trying_nothing_changes_nothing() -> None:
    data = trial_document(judged(), judged())
    assert data["before"] == data["after"]
    assert (data["turn"], data["indicators"], data["vetoes"], data["problems"]) == (None, [], [], [])


def test_what_differs_is_told_with_both_ends_and_the_reason() -> None:
    data = trial_document(judged(), judged(**{"c.rules": ["采购", "留样"]}))
    (one,) = data["indicators"]
    assert (one["id"], one["title"], one["points"], one["turn"]) == ("three", "丙项", "3", "more")
    assert (one["before"]["high"], one["after"]["low"], one["after"]["state"]) == ("2", "3", "settled")
    assert one["sentence"]
    assert one["next"] == []
    assert (data["before"]["low"], data["after"]["low"], data["turn"]) == ("8.5", "9.5", "more")
    assert data["after"]["grade"] == "good"
    assert data["after"]["possible"] == ["良好"]


def test_a_veto_that_turns_is_told() -> None:
    data = trial_document(judged(), judged(**{"c.accident": "2024-06-01"}))
    assert [(one["id"], one["before"], one["after"]) for one in data["vetoes"]] == [("v", "不成立", "成立")]
    assert data["turn"] is None
    assert data["after"]["grade"] == "fair"


def test_what_does_not_fit_is_told() -> None:
    data = trial_document(judged(), judged(**{"c.staff": 0, "c.passed": 3}))
    assert data["problems"]


def test_the_ways_an_interval_moves() -> None:
    moves = [((2, 4), (2, 4)), ((2, 4), (3, 4)), ((2, 4), (2, 3)), ((2, 5), (3, 4)), ((3, 4), (2, 5))]
    assert [turn(*one) for one in moves] == [None, "more", "less", "clearer", "wider"]
