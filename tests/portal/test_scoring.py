"""Scorecards that were kept: every layer apart, served as kept for ever, and judged again to the same bytes."""

import hashlib
import json
from dataclasses import replace

import pytest

from engine.load import load_texts
from engine.verify import verify
from portal.opinions import CLOSED
from portal.refusal import Refusal
from portal.scoring import (
    FINAL,
    PANEL,
    ROLL_UP,
    SELF,
    Decision,
    engine_version,
    inputs_from,
    inspector_layer,
    judged,
    rejudge,
    with_decisions,
)
from portal.snapshot import kept
from portal.store.tables import scorecards, snapshots
from portal.use_cases.findings import save_seen
from portal.use_cases.reviews import indicators_in
from tests import tiny
from tests.portal.in_review import SECTION, STANDARD, in_review, ok, refused, reviewed
from tests.portal.trails import unguarded

WEIGHED = STANDARD.replace("at_least: 2}}", "at_least: 2}, final: {self: 20%, panel: 80%}}")


@pytest.fixture(params=[STANDARD, WEIGHED], ids=["panel decides", "self and panel weighed"])
def world(request, tmp_path):
    found = in_review(tmp_path, standard=request.param)
    ok(save_seen(found.portal, found.people["张三"], found.cases["u1"], "c2", "c.passed", 10, op_id="seen"))
    reviewed(found, rate="2.5")
    yield found
    found.portal.database.close()


def every(world):
    return world.rows(scorecards)


def again(world, row, portal=None):
    with world.portal.database.read() as connection:
        return rejudge(portal or world.portal, connection, row.id)


def layers(world):
    people = world.people
    return {
        SELF: "self",
        inspector_layer(people["张三"].id): "inspector 专家1",
        inspector_layer(people["李四"].id): "inspector 专家2",
        PANEL: "panel",
        FINAL: "final",
    }


def test_every_layer_of_every_subject_is_kept_apart(world):
    found = world.cards(world.cases["u1"], "reviewed")
    assert {layer for layer, _ in found} == layers(world).keys()
    assert len(found) == len(layers(world)) * 3
    for (layer, subject), row in found.items():
        data = json.loads(row.document)
        assert data["layer"] == layers(world)[layer]
        assert (data["format"] == ROLL_UP) is (subject is None)
        assert row.sha256 == hashlib.sha256(row.document.encode()).hexdigest()
    c1 = world.subject(world.cases["u1"], "c1")
    assert (found[SELF, c1].low, found[PANEL, c1].low) == ("8.5", "6.5")
    assert found[FINAL, c1].low in ("6.5", "6.9")


def test_every_scorecard_adds_up_independently(world):
    for row in every(world):
        if row.subject_id is not None:
            assert verify(json.loads(row.document)) == []


def test_marks_and_head_are_those_of_the_document(world):
    for row in every(world):
        data = json.loads(row.document)
        if row.subject_id is None:
            assert (row.low, row.high, row.grade) == (data["mean"]["low"], data["mean"]["high"], None)
            assert json.loads(row.marks) == {}
            continue
        inside = indicators_in(data)
        assert json.loads(row.marks) == {
            name: [one["points"], one["low"], one["high"], one["state"]] for name, one in inside.items()
        }
        assert (row.low, row.high) == (data["total"]["low"], data["total"]["high"])
        assert row.grade == data["grade"]["settled"]


def test_judged_again_it_gives_the_same_bytes(world):
    rows = every(world)
    assert {row.stage for row in rows} == {"submitted", "reviewed"}
    for row in rows:
        found = ok(again(world, row))
        assert found.same
        assert found.document == row.document
        assert found.kept_by == found.judged_by == engine_version()


def test_a_forged_document_is_noticed(world):
    row = next(one for one in every(world) if one.layer == FINAL and one.subject_id)
    total = f'"total":{{"high":"{row.high}","low":"{row.low}"}}'
    assert row.document.count(total) == 1
    forged = row.document.replace(total, '"total":{"high":"10","low":"10"}')
    unguarded(world.portal.database, "scorecards")
    world.portal.database.write(
        lambda c: c.execute(scorecards.update().where(scorecards.c.id == row.id).values(document=forged))
    )
    assert not ok(again(world, row)).same
    assert verify(json.loads(forged)) != []


def test_other_rules_leave_what_was_kept_as_it_is(world):
    before = {row.id: (row.document, row.sha256) for row in every(world)}
    other, _ = load_texts(tiny.files(SECTION.replace("points: 4, when", "points: 3, when"), STANDARD))
    changed = replace(world.portal, library=lambda: other)
    for row in every(world):
        refused(again(world, row, changed), "edition-gone")
    assert {row.id: (row.document, row.sha256) for row in every(world)} == before


def test_another_engine_leaves_what_was_kept_as_it_is(world, monkeypatch):
    before = {row.id: row.document for row in every(world)}
    monkeypatch.setattr("engine.document.FORMAT", "zhunsheng.scorecard/2")
    for row in every(world):
        found = ok(again(world, row))
        assert found.same is (row.subject_id is None)
    assert {row.id: row.document for row in every(world)} == before


def test_inputs_are_kept_once_and_say_all(world):
    shas = {row.inputs for row in every(world)}
    assert len(shas) == 2
    texts = {row.sha256: row.document for row in world.rows(snapshots)}
    for sha in shas:
        assert hashlib.sha256(texts[sha].encode()).hexdigest() == sha
    with world.portal.database.read() as connection:
        text = kept(connection, next(row.inputs for row in every(world) if row.layer == FINAL))
    found = inputs_from(text)
    assert len(found.opinions) == 4
    assert {one.verdict for op in found.opinions for one in op.review.findings.values()} <= set(CLOSED)
    assert with_decisions(text, ()) == text


def test_a_decision_changes_the_final_layer_only(world):
    library = world.portal.library()
    row = next(row for row in every(world) if row.layer == FINAL)
    with world.portal.database.read() as connection:
        text = kept(connection, row.inputs)
    edition = library.editions["t", "1"]
    before = {(one.layer, one.subject): one.document for one in judged(edition, inputs_from(text))}
    more = with_decisions(text, [Decision("c1", "rate", "5", "补了名册")])
    after = {(one.layer, one.subject): one.document for one in judged(edition, inputs_from(more))}
    assert {key for key in before if before[key] != after[key]} == {(FINAL, "c1"), (FINAL, None)}
    final = json.loads(after[FINAL, "c1"])
    assert verify(final) == []
    assert indicators_in(final)["rate"]["low"] == "5"
    assert "复核改定：补了名册" in indicators_in(final)["rate"]["sentence"]


def test_what_does_not_exist_is_missing(world):
    with world.portal.database.read() as connection:
        assert isinstance(rejudge(world.portal, connection, "nothing"), Refusal)
