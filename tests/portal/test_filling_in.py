"""The page for filling in: each answer kept or refused by itself, and in the same reply the score that follows from them."""

import threading

import desks
import pytest
from sqlalchemy import delete

from engine.rollup import stated_by, unit_stated
from portal.fill import filled, stated_now, submission_of
from portal.live import Live
from portal.portal import Portal
from portal.refusal import Refusal
from portal.store.tables import answers
from portal.use_cases import filling_in
from portal.use_cases.forms import score
from portal.use_cases.submissions import Entry, save_claim


@pytest.fixture
def desk(database, tmp_path):
    return desks.make(database, tmp_path / "blobs")


def patch(desk, *entries, who="filler", subject="canteen", since="", op=None):
    desk.step()
    given = [Entry(desk.ids[place], *rest) for place, *rest in entries]
    return filling_in.save(
        desk.portal,
        desk.people[who],
        desk.ids["a"],
        desk.ids[subject],
        given,
        op_id=op or desk.op(),
        since=since,
    )


def now(desk, subject="canteen", who="filler", since=""):
    return filling_in.score_of(desk.portal, desk.people[who], desk.ids["a"], desk.ids[subject], since=since)


def agrees(desk, told):
    """Compare what was told with the whole document of the engine, judged anew."""
    document = score(desk.portal, desk.people["filler"], desk.ids["a"], told.subject)
    short = told.brief
    assert (short.low, short.high) == (document["total"]["low"], document["total"]["high"])
    assert short.grade == document["grade"]["settled"]
    assert [one.id for one in short.possible] == [one["id"] for one in document["grade"]["possible"]]
    for mine, theirs in zip(short.sections, document["sections"], strict=True):
        assert (mine.low, mine.high, mine.points) == (theirs["low"], theirs["high"], theirs["points"])
    every = {one["id"]: one for section in document["sections"] for one in section["indicators"]}
    whole = {one.id: one for one in now(desk, since="").indicators}
    assert whole.keys() == every.keys()
    for name, one in whole.items():
        assert (one.low, one.high, one.state) == (
            every[name]["low"],
            every[name]["high"],
            every[name]["state"],
        )
    assert (short.asked, short.answered) == (document["coverage"]["asked"], document["coverage"]["answered"])
    assert list(short.problems) == [one["message"] for one in document["problems"]]


def test_a_save_brings_the_score_that_follows_from_it(desk):
    first = patch(desk, ("canteen", "c.staff", 40, 0))
    assert [(one.name, one.version) for one in first.saved] == [("c.staff", 1)]
    assert first.score.whole
    assert len(first.score.indicators) == 5
    agrees(desk, first.score)
    second = patch(desk, ("canteen", "c.passed", 40, 0), since=first.score.mark)
    assert not second.score.whole
    assert [(one.id, one.low, one.high, one.state) for one in second.score.indicators] == [
        ("trained", "4", "4", "settled")
    ]
    agrees(desk, second.score)
    same = patch(desk, ("canteen", "c.note", "没有影响", 0), since=second.score.mark)
    assert same.score.indicators == ()
    assert same.score.mark == second.score.mark


def test_what_the_university_answers_moves_its_places(desk):
    before = now(desk)
    after = patch(desk, ("school", "s.plan", True, 0), ("school", "s.meetings", 2, 0), since=before.mark)
    assert [one.id for one in after.score.indicators] == ["plan"]
    assert after.score.total["mean"]["low"] == "2"
    agrees(desk, after.score)
    school = patch(desk, ("school", "s.meetings", 1, 1), subject="school")
    assert school.score.brief is None
    assert school.score.total["mean"]["low"] == "1"


def test_each_answer_is_kept_or_refused_by_itself(desk):
    patch(desk, ("canteen", "c.staff", 40, 0))
    patch(desk, ("canteen", "c.staff", 41, 1), who="colleague")
    found = patch(
        desk,
        ("canteen", "c.staff", 42, 1),
        ("canteen", "c.passed", "许多", 0),
        ("canteen", "c.nobody_asked", 1, 0),
        ("canteen", "c.licence", True, 0),
    )
    assert [one.name for one in found.saved] == ["c.licence"]
    conflict, unreadable, unknown = found.refused
    assert conflict.code == "stale"
    assert (conflict.details["yours"]["value"], conflict.details["theirs"]["value"]) == (42, 41)
    assert conflict.details["theirs"]["by_name"] == "李四"
    assert (unreadable.code, unknown.code) == ("answer", "unknown_fact")
    assert all(one.details["fact"] for one in found.refused)
    agrees(desk, found.score)


def test_asked_twice_done_once_and_told_what_is_now(desk):
    first = patch(desk, ("canteen", "c.staff", 40, 0), op="same")
    patch(desk, ("canteen", "c.passed", 40, 0))
    again = patch(desk, ("canteen", "c.staff", 40, 0), op="same", since=first.score.mark)
    assert again.saved == first.saved
    assert [one.id for one in again.score.indicators] == ["trained"]


def test_what_others_did_meanwhile_is_told_too(desk):
    mine = now(desk)
    patch(desk, ("canteen", "c.rules", ["留样"], 0), who="colleague")
    found = patch(desk, ("canteen", "c.share", "90%", 0), since=mine.mark)
    assert [one.id for one in found.score.indicators] == ["cold", "shared"]


def test_claims_and_what_a_place_takes_back_count_at_once(desk):
    patch(desk, ("canteen", "c.rules", [], 0))
    claimed = save_claim(
        desk.portal,
        desk.people["filler"],
        desk.ids["a"],
        desk.ids["canteen"],
        "cold",
        "没有凉菜间",
        base=0,
        op_id=desk.op(),
    )
    assert not isinstance(claimed, Refusal)
    found = now(desk)
    assert {one.id: one.state for one in found.indicators}["cold"] == "absent"
    agrees(desk, found)
    agrees(desk, patch(desk, ("canteen", "c.rules", None, 1)).score)


def test_every_place_says_how_many_answers_it_lacks(desk):
    """What is asked once for the university is lacking there, and not in each place again."""
    for answer in ((), ("c.staff", 40), ("c.rules", ["留样"]), ("s.plan", True)):
        if answer:
            patch(desk, ("school" if answer[0] == "s.plan" else "canteen", *answer, 0), op=f"{answer[0]}")
        canteen, school = now(desk), now(desk, "school")
        open_ = canteen.brief.missing
        assert canteen.lacking == school.lacking
        assert school.missing == tuple(one for one in open_ if one.startswith("s."))
        assert school.lacking == {
            desk.ids["school"]: len(school.missing),
            desk.ids["canteen"]: len(open_) - len(school.missing),
        }
        assert not set(open_) & {answer and answer[0]}


def test_nobody_else_is_told(desk):
    for who in ("stranger", "inspector", "observer", "secretary"):
        found = now(desk, who=who)
        assert isinstance(found, Refusal), who
    refused = patch(desk, ("canteen", "c.staff", 40, 0), who="stranger")
    assert (refused.kind, desks.standing(desk)) == ("missing", {})
    assert now(desk, "other canteen").kind == "missing"


def test_a_memory_of_another_past_changes_nothing(desk):
    """What a process remembers may be of a store that was restored meanwhile: it is compared, never believed."""
    patch(desk, ("canteen", "c.staff", 40, 0), ("canteen", "c.passed", 40, 0))
    desk.portal.database.write(lambda connection: connection.execute(delete(answers)))
    found = now(desk)
    assert (found.brief.low, found.brief.answered) == ("0", 0)
    agrees(desk, found)


def test_another_process_tells_the_same_and_all_of_it(desk):
    first = patch(desk, ("canteen", "c.staff", 40, 0), ("canteen", "c.passed", 40, 0)).score
    was = desk.portal
    desk.portal = Portal(was.database, was.blobs, was.library, was.clock, was.limits, was.seal, Live())
    other = now(desk, since=first.mark)
    assert (other.whole, other.brief, other.total) == (True, first.brief, first.total)
    assert len(other.indicators) == 5


def test_little_is_remembered(desk):
    was = desk.portal
    desk.portal = Portal(was.database, was.blobs, was.library, was.clock, live=Live(most=1))
    now(desk)
    found = filling_in.score_of(
        desk.portal, desk.people["stranger"], desk.ids["b"], desk.ids["other canteen"]
    )
    assert found.whole
    assert now(desk).whole
    assert len(desk.portal.live._tables) == 1


def test_scores_come_in_order_when_many_save_at_once(desk):
    """Whoever hears a score after another heard one hears one that is at least as new."""
    facts = [
        ("c.staff", 40),
        ("c.share", "90%"),
        ("c.kind", "自营"),
        ("c.rules", ["留样"]),
        ("c.licence", True),
    ]
    found = []

    def one(fact, value):
        done = patch(desk, ("canteen", fact, value, 0), op=f"at-once-{fact}")
        found.append((len(done.saved), done.score.brief.answered))

    threads = [threading.Thread(target=one, args=fact) for fact in facts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [kept for kept, _ in found] == [1] * len(facts)
    assert now(desk).brief.answered == len(facts)


def test_what_is_judged_live_is_what_would_be_handed_in(desk):
    patch(
        desk,
        ("school", "s.plan", True, 0),
        ("canteen", "c.share", "81.5%", 0),
        ("canteen", "c.lots", [{"批次": "一", "合格": True, "数量": 3}], 0),
    )
    desks.prove(desk)
    with desk.portal.database.read() as connection:
        standing, parts = desks.load(connection, desk.ids["a"]), filled(connection, desk.ids["a"])
    whole = submission_of(standing, parts)
    own, places = stated_now(standing, parts)
    kept = [stated_by(whole), unit_stated(whole, 0)]
    for mine, theirs in zip((own, *places), kept, strict=True):
        for name in ("answers", "judged", "not_applicable", "as_of", "region", "prefix"):
            assert getattr(mine, name) == getattr(theirs, name)
