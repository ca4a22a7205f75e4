"""Lines that no answer reaches, gaps, overlaps and bands that do not rise evenly, told by the numbers they are about."""

import pytest
from gallery import BASICS, LICENCE, said_of

STAFF = "canteen.staff"  # 1 to 200
RATE = "canteen.trained_rate"  # trained of staff, so never above 100 %


def flaws(*lines, score=""):
    """Return what is said of bands: (points, condition) a line."""
    written = ", ".join(f"{{points: {points}, when: {when}}}" for points, when in lines)
    said = said_of((BASICS, LICENCE, f"score: {score or f'[{written}]'}"))
    about = [message.removeprefix("指标 licence ").split("。")[0] for message in said]
    return [message for message in about if not message.startswith(("的例子", "事实"))]


@pytest.mark.parametrize(
    "lines",
    [
        [(4, f"{{{STAFF}: {{at_least: 100}}}}"), (2, f"{{{STAFF}: {{at_least: 50}}}}")],
        [(4, f"{{{STAFF}: {{at_least: 100}}}}"), (2, f"{{{STAFF}: {{at_least: 50, less_than: 100}}}}")],
        [(2, f"{{{STAFF}: {{at_most: 50}}}}"), (4, f"{{{STAFF}: {{more_than: 50}}}}")],
        [(4, f"{{{STAFF}: {{equals: 200}}}}"), (3, f"{{{STAFF}: {{more_than: 190}}}}")],
        [(4, f"{{{RATE}: {{at_least: 100%}}}}"), (3, f"{{{RATE}: {{at_least: 99.5%}}}}")],
    ],
)
def test_sound_bands_are_left_alone(lines):
    assert flaws(*lines) == []


def test_gap_of_a_single_number_is_seen():
    assert flaws((4, f"{{{STAFF}: {{more_than: 50}}}}"), (2, f"{{{STAFF}: {{less_than: 50}}}}")) == [
        "从业人员数正好 50 人，没有一行成立，得 0 分，两边却都有分"
    ]


def test_gap_below_the_lowest_band_is_none():
    assert flaws((4, f"{{{STAFF}: {{at_least: 150}}}}"), (2, f"{{{STAFF}: {{at_least: 100}}}}")) == []


def test_gap_is_measured_in_what_answers_can_be():
    """No whole number lies between 50 and 51."""
    assert flaws((4, f"{{{STAFF}: {{at_least: 51}}}}"), (2, f"{{{STAFF}: {{at_most: 50}}}}")) == []


@pytest.mark.parametrize(
    ("second", "where"),
    [
        ("at_least: 50, at_most: 100", "正好 100 人"),
        ("at_least: 50, at_most: 120", "正好 100 人"),
    ],
)
def test_overlap_of_different_points_is_seen(second, where):
    lines = (4, f"{{{STAFF}: {{at_least: 100}}}}"), (2, f"{{{STAFF}: {{{second}}}}}")
    assert flaws(*lines) == [f"从业人员数{where}，第 1 行和第 2 行（4 分和 2 分）都成立"]


def test_overlap_of_equal_points_harms_nobody():
    lines = (4, f"{{{STAFF}: {{at_least: 100}}}}"), (4, f"{{{STAFF}: {{at_least: 50, at_most: 120}}}}")
    assert flaws(*lines) == []


def test_line_that_is_part_of_an_earlier_one_is_dead_and_no_overlap():
    lines = (4, f"{{{STAFF}: {{at_least: 50}}}}"), (2, f"{{{STAFF}: {{at_least: 100}}}}")
    assert flaws(*lines) == ["这一行永远不成立：前面的行已经包括了它"]


def test_first_line_is_dead_only_by_itself():
    lines = (4, f"{{{STAFF}: {{at_least: 201}}}}"), (4, f"{{{STAFF}: {{at_least: 100}}}}")
    assert flaws(*lines) == ["这一行永远不成立：没有答案能满足它"]


@pytest.mark.parametrize("word", ["non_monotone", "dead_line", "gap", "overlap"])
def test_what_is_meant_is_accepted(word):
    lines = {
        "non_monotone": "[{points: 2, when: {canteen.staff: {more_than: 150}}}, {points: 4, when: {canteen.staff: {more_than: 90}}}]",
        "dead_line": "[{points: 4, when: {canteen.staff: {more_than: 90}}}, {points: 4, when: {canteen.staff: {more_than: 99}}}]",
        "gap": "[{points: 4, when: {canteen.staff: {more_than: 50}}}, {points: 2, when: {canteen.staff: {less_than: 50}}}]",
        "overlap": "[{points: 4, when: {canteen.staff: {at_least: 99}}}, {points: 2, when: {canteen.staff: {at_most: 99}}}]",
    }[word]
    assert flaws(score=f"{lines}\n    accept: [{word}]") == []
    assert len(flaws(score=lines)) == 1


@pytest.mark.parametrize(
    "score",
    [
        "[{points: 4, when: {any: [{canteen.staff: {at_least: 99}}, {canteen.licence: true}]}}, {points: 2, when: {canteen.staff: {at_most: 50}}}]",
        "[{points: 4, when: {canteen.staff: {at_least: canteen.complaints}}}, {points: 2, when: {canteen.staff: {at_most: 9}}}]",
        "[{points: 4, when: {canteen.staff: {at_least: 99}}}, {points: 2, when: {canteen.complaints: 0}}]",
        "[{points: 4, when: {canteen.licence: true}}, {points: 2, when: {canteen.licence: false}}]",
        "{through: [[1, 0], [50, 4], [100, 0]], linear: canteen.staff}",
    ],
    ids=["any", "another fact", "two facts", "yes and no", "straight lines"],
)
def test_bands_of_more_than_one_written_number_are_not_judged(score):
    assert flaws(score=score) == []


def test_bands_of_a_day_are_told_in_days():
    lines = (4, "{canteen.opened: {before: 2020-01-01}}"), (2, "{canteen.opened: {after: 2020-01-01}}")
    assert flaws(*lines) == ["哪天启用正好 2020-01-01，没有一行成立，得 0 分，两边却都有分"]


def test_band_beyond_what_can_be_answered_is_no_gap():
    """Above 200 there is nobody, so nothing is missing there."""
    lines = (4, f"{{{STAFF}: {{at_least: 100, at_most: 200}}}}"), (2, f"{{{STAFF}: {{less_than: 100}}}}")
    assert flaws(*lines) == []


def test_line_is_dead_where_so_few_people_make_no_such_rate():
    """Of at most 200 people 99.9 % cannot be trained, unless all are."""
    lines = (4, f"{{{RATE}: {{at_least: 100%}}}}"), (3, f"{{{RATE}: {{at_least: 99.9%}}}}")
    assert flaws(*lines) == ["这一行永远不成立：前面的行已经包括了它"]
