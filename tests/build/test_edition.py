"""What a standard says above its indicators."""

import pytest
from gallery import BASICS, STANDARD, edition_of, said_of


@pytest.mark.parametrize("effect", ["stop", "deny", "{drop: 1}", "{cap: B}"])
def test_veto_has_one_of_four_effects(effect):
    edition = edition_of((STANDARD, "effect: {cap: B}", f"effect: {effect}"))
    assert len(edition.vetoes) == 1


def test_veto_that_looks_back_asks_for_the_day_too():
    (veto,) = edition_of().vetoes
    assert veto.when.vars == {"canteen.waste", "canteen.opened", "@ago:0", "@ago:36"}


def test_title_may_ask_for_a_condition():
    titled = "titles: [{id: model, title: 示范校, when: {canteen.staff: {at_least: 10}}}]"
    old = "titles: [{id: model, title: 示范校, shares: [{share: 80%, grade: A}], each_at_least: B}]"
    assert set(edition_of((STANDARD, old, titled)).title_conditions) == {"model"}
    (said,) = said_of((STANDARD, old, titled.replace("canteen.staff", "canteen.stuff")))
    assert said.startswith("称号 model 用到的事实 canteen.stuff 在填报清单里找不到。")


def test_edition_lists_the_facts_it_asks_for_and_what_follows_from_them():
    edition = edition_of()
    assert "canteen.trained" in edition.facts
    assert set(edition.derived) == {
        "canteen.mean_score",
        "canteen.recent_checks",
        "canteen.trained_rate",
        "canteen.untrained",
    }
    assert edition.leaf("training").id == "training"
    assert edition.leaf("nothing") is None


def test_computed_numbers_stand_after_what_they_read():
    derive = (
        "derive:\n"
        "- {id: canteen.last, title: 末日, deadline: {from: canteen.first, workdays: 1}}\n"
        "- {id: canteen.first, title: 首日, latest: {table: canteen.checks, column: day}}\n"
    )
    veto = "when: {canteen.opened: {more_than: canteen.last}}"
    edition = edition_of(
        (STANDARD, "derive:\n", derive), (STANDARD, "when: {canteen.waste: {more_than: 50%}}", veto)
    )
    order = [made.var for made in edition.order]
    assert order.index("=canteen.first") < order.index("=canteen.last")


def test_what_the_reader_said_of_a_number_is_not_said_again():
    (said,) = said_of((STANDARD, "total: 20\n", "total: 20\nunit: 03\n"))
    assert said.startswith("03 会被有的程序读成八进制")


def test_standard_of_whole_points_refuses_halves_where_they_stand():
    said = said_of((STANDARD, "total: 20\n", "total: 20\nunit: 1\n"))
    assert {message.split(" 比")[0] for message in said} == {
        "指标 visit 的分值 0.5",
        "扣分事件 complaints 的分值 0.5",
    }


def test_group_inside_a_group_is_deeper_and_keeps_its_place():
    nested = "- id: outer\n  title: 外\n  points: 4\n  groups:\n  - {id: legal, title: 证照, points: 4, indicators: []}\n- id: rest\n"
    said = said_of((BASICS, "- id: legal\n", nested))
    assert said[0].startswith("分组“证照”没有任何指标。")
