"""Fill once: offers and what is carried over, always with where it comes from, never over an answer."""

import json

import desks
import pytest

from portal.policy import Actor, Member
from portal.refusal import Refusal
from portal.store.tables import answer_history, answers, log
from portal.use_cases import forms, offers
from tests.portal.trails import unguarded


@pytest.fixture
def desk(database, tmp_path):
    """Give a world with three rounds of A: last year's by t, this year's by u and by t; `a` is this year's by t."""
    found = desks.make(database, tmp_path / "blobs")
    for name in ("a", "canteen", "school"):
        found.ids[f"last {name}"] = found.ids[name]
    desks.new_round(found, "u", title="另一套", as_of="2026-11-01")
    for name in ("a", "canteen", "school"):
        found.ids[f"u {name}"] = found.ids[name]
    desks.new_round(found, "t", "2", as_of="2027-09-30", title="次年")
    return found


def offered(desk, who="filler", subject="canteen", **more):
    return offers.offers(desk.portal, desk.people[who], desk.ids["a"], desk.ids[subject], **more)


def accept(desk, fact="c.staff", source="u a", base=0, op_id=None, who="filler", subject="canteen"):
    desk.step()
    return offers.accept_offer(
        desk.portal,
        desk.people[who],
        desk.ids["a"],
        desk.ids[subject],
        fact,
        desk.ids[source],
        base=base,
        op_id=op_id or desk.op(),
    )


def test_an_answer_given_elsewhere_is_offered_with_date_and_origin(desk):
    last = desk.save("filler", "c.staff", 20, assessment="last a", subject="last canteen")
    other = desk.save("colleague", "c.staff", 25, assessment="u a", subject="u canteen", note="九月")
    desk.save("filler", "s.plan", "是", assessment="u a", subject="u school")
    found = offered(desk)
    assert set(found) == {"c.staff"}
    first, second = found["c.staff"]
    assert (first.value, first.note, first.by_name, first.at) == (25, "九月", "李四", other.at)
    assert (first.round_title, first.standard, first.as_of) == ("另一套", "u", "2026-11-01")
    assert (second.value, second.at, second.round_title) == (20, last.at, "首批")
    assert set(offered(desk, subject="school")) == {"s.plan"}
    assert offered(desk, facts=["c.kind"]) == {}


def test_an_accepted_offer_is_marked_and_the_offer_is_gone(desk):
    desk.save("filler", "c.staff", 25, assessment="u a", subject="u canteen", note="九月")
    saved = accept(desk, op_id="take")
    assert saved.version == 1
    assert accept(desk, op_id="take") == saved
    row = forms.read_section(desk.portal, desk.people["filler"], desk.ids["a"], desk.ids["canteen"]).answers[
        "c.staff"
    ]
    assert (row.value, row.note, row.origin) == (25, "九月", "offered")
    assert (row.origin_ref["assessment"], row.origin_ref["version"]) == (desk.ids["u a"], 1)
    assert row.origin_ref["round"] == "另一套"
    assert offered(desk) == {}
    assert desks.standing(desk) == desks.replayed(desk)
    desk.save("filler", "c.staff", 26, assessment="u a", subject="u canteen", base=1)
    assert offered(desk)["c.staff"][0].value == 26
    assert row.value == 25  # a copy: what changes there does not change here
    assert accept(desk, base=0).code == "stale"
    assert accept(desk, op_id="take", fact="c.kind").code == "op_id_reused"


def test_nothing_of_other_universities_and_nothing_unknown_is_offered(desk):
    desk.save("stranger", "c.staff", 44, assessment="b", subject="other canteen")
    assert offered(desk) == {}
    assert isinstance(offered(desk, "stranger"), Refusal)
    assert accept(desk, source="b").code == "missing"
    assert accept(desk, source="a").code == "missing"
    assert accept(desk, who="stranger").code == "missing"
    desk.ids["nonsense"] = "x"
    assert accept(desk, source="nonsense").code == "missing"
    assert accept(desk, fact="c.nothing").code == "missing"


def test_who_belongs_to_one_round_only_is_offered_nothing_of_another(desk):
    desk.save("filler", "c.staff", 25, assessment="u a", subject="u canteen")
    with desk.portal.database.read() as connection:
        now = desks.load(connection, desk.ids["a"]).round.id
    desk.people["temporary"] = Actor(
        desk.people["colleague"].id, "临时", (Member("filler", desk.ids["A"], now),)
    )
    assert offered(desk, "temporary") == {}
    assert accept(desk, who="temporary").code == "missing"


def carry(desk, op_id=None, who="filler"):
    desk.step()
    return offers.carry_over(desk.portal, desk.people[who], desk.ids["a"], op_id=op_id or desk.op())


def test_the_last_round_is_carried_over_once_marked_and_over_nothing(desk):
    assert carry(desk).code == "no_last_round"
    for fact, value in (("c.staff", 20), ("c.kind", "承包"), ("c.share", "88%")):
        desk.save("filler", fact, value, assessment="last a", subject="last canteen")
    desk.save("filler", "s.plan", "是", assessment="last a", subject="last school")
    desk.save("filler", "c.rules", ["采购"], assessment="u a", subject="u canteen")
    desk.save("filler", "c.share", "91%")
    desk.save("colleague", "c.kind", "自营")
    desk.save("colleague", "c.kind", None, base=1)
    found = carry(desk, "once")
    assert (found.count, found.round_title, found.source, found.skipped) == (
        3,
        "首批",
        desk.ids["last a"],
        (),
    )
    assert carry(desk, "once") == found
    assert carry(desk).code == "nothing_to_carry"
    rows = {
        (row.fact, row.version): row for row in desk.rows(answers, answers.c.assessment_id == desk.ids["a"])
    }
    assert set(rows) == {("c.staff", 1), ("c.kind", 3), ("c.share", 1), ("s.plan", 1)}
    assert json.loads(rows["c.share", 1].value) == "91%"
    assert rows["c.staff", 1].origin == "carried"
    assert json.loads(rows["c.kind", 3].origin_ref)["assessment"] == desk.ids["last a"]
    assert desks.standing(desk) == desks.replayed(desk)
    assert "answer.carry" in desks.chain_holds(desk, f"a:{desk.ids['a']}")
    assert len(desk.rows(answer_history, answer_history.c.origin == "carried")) == 3
    # saying it again makes it the person's own
    assert desk.save("filler", "c.staff", 20, base=1).version == 2
    row = desk.rows(answers, answers.c.fact == "c.staff", answers.c.assessment_id == desk.ids["a"])[0]
    assert (row.origin, row.origin_ref) == ("typed", None)


def test_what_this_edition_cannot_read_is_skipped_with_the_reason(desk):
    desk.save("filler", "c.staff", 45, assessment="last a", subject="last canteen")
    desk.save("filler", "c.share", "50%", assessment="last a", subject="last canteen")
    strict = {
        name: text.replace(b"at_most: 50}, unit", b"at_most: 40}, unit")
        for name, text in (desks.library() | desks.library(edition="2")).items()
    }
    library, problems = desks.load_texts(strict)
    assert problems == []
    object.__setattr__(desk.portal, "library", lambda: library)
    pinned = library.edition("t", "2").hash

    from sqlalchemy import update  # noqa: PLC0415

    from portal.store.tables import rounds  # noqa: PLC0415

    unguarded(desk.portal.database, "rounds")
    desk.portal.database.write(
        lambda c: c.execute(update(rounds).where(rounds.c.title == "次年").values(edition_hash=pinned))
    )
    assert set(offered(desk)) == {"c.share"}
    found = carry(desk, "strict")
    assert found.count == 1
    ((subject, fact, why),) = found.skipped
    assert (subject, fact) == (desk.ids["canteen"], "c.staff")
    assert "应在 0 到 40 之间" in why
    ((*_, again),) = carry(desk, "strict").skipped
    assert "读不懂" in again
    lines = desk.rows(log, log.c.action == "answer.carry")
    assert all(json.loads(line.details)["skipped"] == [[subject, fact]] for line in lines)


def test_only_who_fills_in_carries_over(desk):
    desk.save("filler", "c.staff", 20, assessment="last a", subject="last canteen")
    assert isinstance(carry(desk, who="secretary"), Refusal)
    assert carry(desk, who="stranger").code == "missing"
    desk.step(days=40)
    assert carry(desk).code == "late"
