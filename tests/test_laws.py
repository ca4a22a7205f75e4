"""Laws that hold for every standard and every set of answers (Hypothesis looks for a counter-example)."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.document import canonical, scorecard_document
from engine.models.scorecard import ScorecardDocument
from engine.models.submission import Subject
from engine.verify import verify
from tests.small import Small, completions, edition_of, judged, partial_answers, standards

SUBJECT = Subject(id="one", title="某食堂", kind="食堂")


@given(standards(), partial_answers())
def test_interval_of_an_indicator_is_exactly_what_completions_give(
    small: Small, answers: dict[str, Any]
) -> None:
    card = judged(small.edition, answers)
    whole = [judged(small.edition, one) for one in completions(answers)]
    for name, finding in card.findings.items():
        results = [one.findings[name] for one in whole]
        counted = [one for one in results if one.state != "absent"]
        absent = len(counted) < len(results)
        assert (finding.state in ("absent", "doubtful")) == absent
        assert (finding.state == "absent") == (not counted)
        if counted:
            assert finding.low == min(one.low for one in counted)
            assert finding.high == max(one.high for one in counted)


@given(standards(), partial_answers())
def test_total_and_grades_contain_every_completion(small: Small, answers: dict[str, Any]) -> None:
    card = judged(small.edition, answers)
    for one in completions(answers):
        whole = judged(small.edition, one)
        assert whole.low == whole.high
        assert card.low <= whole.low <= card.high
        assert whole.outcome.settled in card.outcome.possible


@given(standards(), partial_answers(open_at_most=6), st.data())
def test_one_more_answer_only_narrows(small: Small, answers: dict[str, Any], data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from(list(completions(answers))))
    rest = sorted(whole.keys() - answers.keys())
    before = judged(small.edition, answers)
    for name in rest:
        answers = answers | {name: whole[name]}
        after = judged(small.edition, answers)
        assert before.low <= after.low
        assert after.high <= before.high
        assert set(after.outcome.possible) <= set(before.outcome.possible)
        for id_, finding in after.findings.items():
            if finding.state != "absent" and before.findings[id_].state != "absent":
                assert before.findings[id_].low <= finding.low
                assert finding.high <= before.findings[id_].high
        before = after


@given(standards(), partial_answers(), st.randoms(use_true_random=False))
def test_order_of_answers_and_files_is_irrelevant(small: Small, answers: dict[str, Any], random: Any) -> None:
    names, files = list(answers), list(small.files)
    random.shuffle(names)
    random.shuffle(files)
    other = edition_of({name: small.files[name] for name in files})
    one = scorecard_document(judged(small.edition, answers), SUBJECT)
    two = scorecard_document(judged(other, {name: answers[name] for name in names}), SUBJECT)
    assert canonical(one) == canonical(two)


@given(standards(), partial_answers())
def test_a_claimed_absence_never_beats_full_points(small: Small, answers: dict[str, Any]) -> None:
    """Taking an indicator out may not raise a total above what full points for it would have given."""
    for leaf in small.edition.leaves:
        claimed = judged(small.edition, answers, {leaf.id: "没有这项业务"})
        without = judged(small.edition, answers)
        if leaf.applies is not None or leaf.source.absent in (None, "refuse"):
            assert (claimed.low, claimed.high) == (without.low, without.high)
        elif leaf.source.absent == "exclude" and claimed.sum.base[1]:
            full = without.findings[leaf.id].low == leaf.points
            if full and leaf.voids is None:
                assert claimed.low <= without.low
                assert claimed.high <= without.high


@given(standards(), partial_answers())
def test_explanations_sum_to_the_total(small: Small, answers: dict[str, Any]) -> None:
    assert verify(scorecard_document(judged(small.edition, answers), SUBJECT)) == []


@given(standards(), partial_answers())
def test_a_written_scorecard_reads_back_the_same(small: Small, answers: dict[str, Any]) -> None:
    document = scorecard_document(judged(small.edition, answers), SUBJECT)
    again = ScorecardDocument.model_validate(json.loads(canonical(document)))
    assert canonical(again.model_dump(mode="json", exclude_unset=True)) == canonical(document)


@given(standards(), partial_answers(open_at_most=0))
def test_all_answered_leaves_nothing_open(small: Small, answers: dict[str, Any]) -> None:
    card = judged(small.edition, next(completions(answers)))
    assert card.low == card.high
    assert card.outcome.settled is not None
    assert card.missing == ()
