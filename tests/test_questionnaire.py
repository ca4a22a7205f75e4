"""An edition as people read and fill it in: everything is there, once, and in the words of the rules."""

import json
from pathlib import Path

import pytest

from engine.load import load
from engine.models.checklist import Fact
from engine.questionnaire import OTHERS, RED_LINES, proof_of, questionnaire

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def library():
    return load(ROOT)[0]


@pytest.fixture(scope="module")
def told(library):
    return {key[0]: (edition, questionnaire(library, edition)) for key, edition in library.editions.items()}


def items(data):
    return [one for section in data["sections"] for group in section["groups"] for one in group["items"]]


def test_every_indicator_and_every_veto_is_told_once(told):
    for edition, data in told.values():
        ids = [one["id"] for one in items(data) if one["kind"] != "others"]
        wanted = [one.id for one in (*edition.every_leaf, *edition.vetoes)]
        assert sorted(ids) == sorted(wanted)


def test_every_fact_is_asked_and_every_question_stands_somewhere(told):
    for edition, data in told.values():
        assert set(data["questions"]) == set(edition.facts)
        assert {fact for one in items(data) for fact in one["facts"]} >= set(edition.facts)


def test_points_are_those_of_the_edition(told):
    for edition, data in told.values():
        points = {one["id"]: one["points"] for one in items(data) if one["kind"] == "indicator"}
        own = [one for one in data["sections"] if not one["id"].startswith("+")]
        assert [one["title"] for one in own] == [one.title for one in edition.sections]
        assert set(points) == {leaf.id for leaf in edition.every_leaf}


def test_it_is_plain_data(told):
    for _, data in told.values():
        assert json.loads(json.dumps(data, ensure_ascii=False)) == data


def test_a_question_says_what_it_takes(told):
    canteen = told["green-canteen"][1]["questions"]
    kinds = {one["answer"]["kind"] for one in canteen.values()}
    assert {"yes_no", "integer", "date", "choice"} <= kinds
    choice = next(one for one in canteen.values() if one["answer"]["kind"] == "choice")
    assert all(option["title"] for option in choice["answer"]["options"])
    table = next(
        one["answer"]
        for _, data in told.values()
        for one in data["questions"].values()
        if one["answer"]["kind"] == "table"
    )
    assert table["columns"][0]["name"]
    assert table["columns"][0]["kind"]


def test_a_basis_says_how_near_it_is_to_its_source(told):
    for _, data in told.values():
        found = [basis for one in items(data) for basis in one.get("basis", ())]
        assert found
        assert {basis["provenance"] for basis in found} <= {"原文所载", "据原文改写", "建议稿"}


def test_red_lines_stand_with_their_section_and_the_rest_by_themselves(told):
    edition, data = told["canteen-procurement"]
    red = [
        one["id"] for section in data["sections"] for one in section["groups"] if one["id"].endswith("+red")
    ]
    assert red
    assert len([one for one in items(data) if one["kind"] == "veto"]) == len(edition.vetoes)
    canteen = told["green-canteen"][1]
    assert [one["id"] for one in canteen["sections"]][-2:] == [RED_LINES, OTHERS]


def test_no_proof_is_asked_for_where_none_is_named():
    assert proof_of(Fact.model_validate({"id": "c.open", "ask": "开门吗", "answer": "yes_no"})) == ""
