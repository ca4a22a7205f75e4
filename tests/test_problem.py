"""How a mistake is told."""

import pytest

from engine.problem import Place, Problem, listed, nearest


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (Place("rules/a.yaml"), "rules/a.yaml"),
        (Place("rules/a.yaml", 3), "rules/a.yaml:3"),
        (Place("rules/a.yaml", 3, 7), "rules/a.yaml:3:7"),
    ],
)
def test_place_can_be_clicked_in_an_editor(place, text):
    assert str(place) == text


def test_problem_says_where_what_and_what_next():
    problem = Problem(Place("a.yaml", 3, 7), "总分对不上", "请改 total")
    assert str(problem) == "a.yaml:3:7 总分对不上。请改 total。"


@pytest.mark.parametrize("ending", ["。", "？", "！", "?", "!"])
def test_sentence_ends_once(ending):
    assert Problem(Place("a"), f"对吗{ending}").message == f"对吗{ending}"


def test_problems_stand_in_the_order_of_the_text():
    late, early, other = (Problem(Place(*place), "错") for place in (("a", 10, 1), ("a", 9, 80), ("b", 1, 1)))
    assert sorted([other, late, early]) == [early, late, other]


def test_typo_finds_the_word_that_was_meant():
    assert nearest("canteen.staf", ["canteen.staff", "canteen.stairs", "dues.paid"]) == "canteen.staff"
    assert nearest("完全不同", ["canteen.staff"]) == ""


def test_long_list_is_cut_and_says_so():
    assert listed("甲乙丙") == "甲、乙、丙"
    assert listed(map(str, range(20)), 3) == "0、1、2 等 20 种"
