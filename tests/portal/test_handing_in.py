"""Handing in, taking back, giving back, moving on: what was submitted never changes and judges again to the same."""

import json
from dataclasses import replace
from pathlib import Path

import desks
import pytest
from sqlalchemy import update

from engine.document import canonical
from engine.load import load
from engine.models.submission import Submission
from engine.outside import read as read_outside
from engine.verify import verify
from portal import fill
from portal.once import digest
from portal.policy import Member
from portal.portal import Portal
from portal.refusal import Refusal
from portal.store.tables import assessments, assignments, scorecards, snapshots, submissions
from portal.use_cases import assigning, forms, handing_in, moves, places, rounds, taking_part
from portal.use_cases import submissions as filling
from portal.use_cases.appeals import assign_reviewer, decide_appeal, file_appeal
from portal.use_cases.findings import save_finding
from portal.use_cases.materials import answer_material, ask_material
from portal.use_cases.publication import decide_grade, finish_review, publicise, publish_grades
from portal.use_cases.signing_off import bulk_agree, sign_off


@pytest.fixture
def desk(database, tmp_path):
    found = desks.make(database, tmp_path / "blobs")
    found.save("filler", "c.staff", 10)
    found.save("filler", "c.passed", 7)
    found.save("filler", "s.plan", "是", subject="school")
    return found


def code(found):
    assert isinstance(found, Refusal), found
    return found.code


def judged_again(desk, text):
    """Judge a kept submission again, as an archive does, and return the documents."""
    submission = fill.submission_from(text)
    edition = desk.portal.library().edition(submission.standard, submission.edition)
    with desk.portal.database.read() as connection:
        parts = fill.parts_of(connection, desk.ids["a"])
    return [one.text for one in fill.judged(edition, submission, parts)]


def test_what_is_submitted_is_kept_with_its_scorecards_and_judges_again_to_the_same(desk):
    live = forms.score(desk.portal, desk.people["filler"], desk.ids["a"], desk.ids["canteen"])
    found = desk.submit()
    assert (found.state, found.number) == ("已提交", 1)
    (row,) = desk.rows(submissions)
    (text,) = (one.document for one in desk.rows(snapshots))
    assert row.sha256 == found.sha256 == digest(text)
    cards = {one.subject_id: one for one in desk.rows(scorecards)}
    assert set(cards) == {desk.ids["canteen"], None}
    assert cards[desk.ids["canteen"]].document == canonical(live)
    assert sorted(judged_again(desk, text)) == sorted(one.document for one in cards.values())
    card = cards[desk.ids["canteen"]]
    assert (card.layer, card.stage, card.inputs) == ("self", "submitted", row.sha256)
    assert (card.sha256, card.edition_hash) == (digest(card.document), row.edition_hash)
    assert verify(json.loads(card.document)) == []
    assert (card.low, card.high) == (live["total"]["low"], live["total"]["high"])
    (told,) = desk.rows(assessments, assessments.c.id == desk.ids["a"])
    assert (told.submission_hash, told.submitted_by) == (row.sha256, desk.people["approver"].id)


def test_the_kept_text_is_a_submission_that_others_can_check(desk):
    desks.prove(desk, name="证 1.jpg")
    desk.save("filler", "c.licence", "是")
    desk.submit()
    (text,) = (one.document for one in desk.rows(snapshots))
    found, _, problems = read_outside(text.encode(), "填报.json", "submission")
    assert problems == []
    assert found == fill.submission_from(text)
    (piece,) = found.units[0].answers["c.licence"].evidence
    assert piece.title == "证 1.jpg"
    assert piece.file.startswith("sha256:")


def test_only_who_answers_for_it_submits(desk):
    assert code(desk.submit("filler")) == "forbidden"
    assert code(desk.submit("secretary")) == "forbidden"
    assert code(desk.submit("stranger")) == "missing"
    assert desk.submit("approver").number == 1


def test_submitting_again_with_the_same_operation_does_nothing_again(desk):
    base = desk.version()
    first = desk.submit(op_id="once", base=base)
    desk.step()
    assert desk.submit(op_id="once", base=base) == first
    assert len(desk.rows(submissions)) == 1
    assert code(desk.submit(op_id="twice", base=base)) == "wrong_state"


def test_a_page_that_is_behind_does_not_submit(desk):
    desk.submit()
    withdrawn = moves.withdraw(
        desk.portal, desk.people["approver"], desk.ids["a"], "漏填一项", base=desk.version(), op_id=desk.op()
    )
    assert withdrawn.state == "填报中"
    assert code(desk.submit(base=desk.version() - 2)) == "stale"


def test_what_cannot_be_read_is_not_submitted_and_every_place_is_told(desk):
    desk.save("filler", "c.passed", 11, base=1)
    found = desk.submit()
    assert found.code == "problems"
    assert "10" in found.details["problems"][0]
    assert desk.state() == "填报中"
    assert desk.rows(scorecards) == []


def test_nothing_is_not_submitted(database, tmp_path):
    assert code(desks.make(database, tmp_path / "blobs").submit()) == "nothing_answered"


def test_after_the_deadline_nothing_is_submitted(desk):
    desk.step(days=31)
    assert code(desk.submit()) == "late"


@pytest.mark.parametrize("times", [1, 3])
def test_an_answer_saved_while_judging_is_in_the_submission(desk, monkeypatch, times):
    """Also when somebody saves each time: then it is judged with the assessment locked."""
    real, late = handing_in.prepare, [3, 4, 5][:times]

    def slow(*args):
        found = real(*args)
        if late:
            number = late.pop(0)
            desk.save("colleague", "s.meetings", number, subject="school", base=number - 3)
        return found

    monkeypatch.setattr(handing_in, "prepare", slow)
    found = desk.submit()
    assert found.number == 1
    (text,) = (one.document for one in desk.rows(snapshots))
    assert json.loads(text)["answers"]["s.meetings"]["value"] == times + 2
    assert late == []


def test_without_looking_at_the_trail_again_an_answer_would_be_left_out(desk, monkeypatch):
    """The protection bites: judge beside the writers and do not look again, and the last answer is missing."""
    real = handing_in.prepare

    def slow(*args):
        found = real(*args)
        desk.save("colleague", "s.meetings", 3, subject="school")
        return found

    monkeypatch.setattr(handing_in, "prepare", slow)
    monkeypatch.setattr(handing_in, "last_place", lambda *_: 0)
    desk.submit()
    (text,) = (one.document for one in desk.rows(snapshots))
    assert "s.meetings" not in json.loads(text)["answers"]


def test_withdraw_needs_a_reason_and_keeps_what_was_submitted(desk):
    desk.submit()
    before = desks.kept(desk)
    call = (desk.portal, desk.people["approver"], desk.ids["a"])
    assert code(moves.withdraw(*call, " ", base=desk.version(), op_id=desk.op())) == "reason"
    assert (
        code(
            moves.withdraw(
                desk.portal, desk.people["filler"], desk.ids["a"], "x", base=desk.version(), op_id=desk.op()
            )
        )
        == "forbidden"
    )
    assert moves.withdraw(*call, "漏了会议", base=desk.version(), op_id="w").state == "填报中"
    assert moves.withdraw(*call, "漏了会议", base=1, op_id="w").state == "填报中"
    desk.save("filler", "s.meetings", 3, subject="school")
    assert desk.submit().number == 2
    after = desks.kept(desk)
    assert before["submissions"] < after["submissions"]
    assert before["texts"].items() <= after["texts"].items()
    assert before["cards"].items() <= after["cards"].items()


def test_submitting_the_same_again_keeps_one_text_and_two_submissions(desk):
    first = desk.submit()
    moves.withdraw(
        desk.portal, desk.people["approver"], desk.ids["a"], "看看", base=desk.version(), op_id=desk.op()
    )
    second = desk.submit()
    assert (first.sha256, first.number, second.number) == (second.sha256, 1, 2)


def assign(desk, who="inspector"):
    found = assigning.assign(
        desk.portal, desk.people["secretary"], desk.ids["a"], desk.people[who].id, op_id=desk.op()
    )
    assert not isinstance(found, Refusal), found


def sign(desk):
    at = desk.step()
    desk.portal.database.write(lambda c: c.execute(update(assignments).values(signed_at=at)))


def do(desk, use, who, *args, **more):
    desk.step()
    return use(desk.portal, desk.people[who], *args, op_id=desk.op(), **more)


def done(found):
    assert not isinstance(found, Refusal), found
    return found


def conclude(desk, who="inspector"):
    """Say the last word on everything and sign; what the self-assessment leaves open gets points of the inspector's."""
    a, canteen = desk.ids["a"], desk.ids["canteen"]
    done(do(desk, save_finding, who, a, canteen, "shared", "adjust", points="1", reason="看过台账"))
    for open_ in ("cold", "lots"):
        done(do(desk, save_finding, who, a, canteen, open_, "adjust", points="0", reason="没有"))
    done(do(desk, bulk_agree, who, a))
    return do(desk, sign_off, who, a)


def test_the_whole_way(desk):
    """Every step as people take it, each of them refused before its time."""
    a, canteen, second = desk.ids["a"], desk.ids["canteen"], desks.account(desk, "周九", Member("inspector"))
    desk.people["second"] = second
    assert code(desk.advance("评审中")) in ("wrong_state", "no_such_move")
    desk.submit()
    assert code(desk.advance("评审中")) == "too_few_inspectors"
    assign(desk)
    assert code(desk.advance("归档")) == "no_such_move"
    assert code(desk.advance("哪里")) == "state"
    assert desk.advance("评审中").state == "评审中"
    assert code(desk.advance("补充材料")) == "nothing_asked"
    asked = done(do(desk, ask_material, "inspector", a, canteen, "trained", "请补名册")).request
    assert desk.advance("补充材料").state == "补充材料"
    assert desk.save("filler", "s.meetings", 3, subject="school").version == 1
    assert code(desk.submit()) == "unanswered_requests"
    assert code(desk.advance("评审中")) == "reason"
    done(do(desk, answer_material, "filler", a, asked, "见附件"))
    back = desk.submit()
    assert (back.state, back.number) == ("评审中", 2)
    assert code(do(desk, finish_review, "secretary", a)) == "unsigned"
    done(do(desk, save_finding, "inspector", a, canteen, "trained", "agree", base=1))
    done(conclude(desk))
    assert code(desk.advance("评审完成")) == "apart"
    done(do(desk, finish_review, "secretary", a))
    assert code(desk.advance("公示")) == "apart"
    done(do(desk, publicise, "secretary", desk.ids["round"]))
    assert code(desk.advance("复核")) == "no_appeal"
    appeal = done(do(desk, file_appeal, "approver", a, canteen, "lots", "有抽检"))
    assert code(do(desk, decide_grade, "secretary", a)) == "undecided_appeals"
    done(do(desk, assign_reviewer, "secretary", a, appeal, second.id))
    assert desk.advance("复核").state == "复核"
    assert code(do(desk, decide_grade, "secretary", a)) == "undecided_appeals"
    done(do(desk, decide_appeal, "second", a, appeal, "upheld", "没有记录"))
    done(do(desk, decide_grade, "secretary", a))
    done(do(desk, publish_grades, "secretary", desk.ids["round"]))
    assert desk.advance("归档").state == "归档"
    assert code(desk.advance("归档")) == "no_such_move"
    actions = desks.chain_holds(desk, f"a:{a}")
    assert (actions.count("assessment.advance"), actions.count("assessment.submit")) == (5, 2)
    assert actions.count("round.publish") == 2  # made public, and graded
    stages = {(row.layer.partition(":")[0], row.stage) for row in desk.rows(scorecards)}
    assert stages == {
        ("self", "submitted"),
        *((layer, "reviewed") for layer in ("self", "inspector", "panel", "final")),
        ("final", "decided"),
    }


def test_one_who_scored_does_not_publish(desk):
    """Neither the round as a whole nor the grade of one university, whatever else they are."""
    desk.save("filler", "s.meetings", 3, subject="school")
    desk.submit()
    assign(desk)
    desk.advance("评审中")
    done(conclude(desk))
    done(do(desk, finish_review, "secretary", desk.ids["a"]))
    was = desk.people["inspector"]
    desk.people["both"] = replace(was, members=(*was.members, Member("secretariat")))
    assert code(do(desk, publicise, "both", desk.ids["round"])) == "partial"
    assert desk.state() == "评审完成"
    done(do(desk, publicise, "secretary", desk.ids["round"]))
    assert code(do(desk, decide_grade, "both", desk.ids["a"])) == "forbidden"
    assert desk.state() == "公示"


def test_reopening_needs_a_reason_and_a_time_that_is_still_to_come(desk):
    desk.submit()
    assign(desk)
    desk.advance("评审中")
    sign(desk)
    call = (desk.portal, desk.people["secretary"], desk.ids["a"])

    def again(reason="材料不齐", **more):
        desk.step()
        return moves.reopen(*call, reason, base=desk.version(), op_id=desk.op(), **more)

    assert code(again("")) == "reason"
    assert code(again(until="明天")) == "until"
    assert code(again(until=desk.later(days=-1))) == "until"
    desk.step(days=40)
    assert code(again()) == "until"
    until = desk.later(days=3)
    assert again(until=until).state == "填报中"
    (row,) = desk.rows(assessments, assessments.c.id == desk.ids["a"])
    assert (row.reopened, row.fill_until) == (1, until)
    assert [one.signed_at for one in desk.rows(assignments)] == [None]
    assert desk.save("filler", "c.staff", 12, base=1).version == 2
    desk.step(days=4)
    found = desk.save("filler", "c.staff", 13, base=2)
    assert code(found) == "late"
    assert desk.save("stranger", "c.staff", 1, assessment="b", subject="other canteen").code == "late"


def test_no_use_case_changes_state_without_its_version(desk):
    desk.submit()
    stale = desk.version() - 1
    found = moves.advance(
        desk.portal, desk.people["secretary"], desk.ids["a"], "评审中", base=stale, op_id=desk.op()
    )
    assert (found.code, found.details["state"]) == ("stale", "已提交")


ROOT = Path(__file__).parent.parent.parent


def test_a_real_book_goes_in_and_comes_out_the_same(database, tmp_path):
    """Fill a whole university of eleven canteens in from the sample, and get what the engine says of the file."""
    library, problems = load(ROOT)
    assert problems == []
    path = ROOT / "samples" / "green-canteen" / "university.yaml"
    sample, _, problems = read_outside(path.read_bytes(), path.name, "submission")
    assert problems == []
    assert isinstance(sample, Submission)
    desk = desks.make(database, tmp_path / "blobs")
    desk.portal = Portal(desk.portal.database, desk.portal.blobs, lambda: library, desk.portal.clock)
    chief = desk.people["secretary"]
    made = rounds.create_round(
        desk.portal,
        chief,
        "绿色食堂",
        sample.standard,
        sample.edition,
        sample.as_of,
        op_id=desk.op(),
        settings={"invented": True},
    )
    invited = taking_part.invite(desk.portal, chief, made.round, [desk.ids["A"]], op_id=desk.op())
    found = desk.ids["a"] = invited.assessments[desk.ids["A"]]
    ids = [
        places.register_place(
            desk.portal,
            chief,
            desk.ids["A"],
            one.subject.id,
            one.subject.kind,
            one.subject.title,
            op_id=desk.op(),
        ).id
        for one in sample.units
    ]
    chosen = taking_part.choose_subjects(desk.portal, chief, found, ids, base=1, op_id=desk.op()).subjects
    rounds.open_round(desk.portal, chief, made.round, base=1, op_id=desk.op())
    for subject, stated in [
        (chosen[""], sample),
        *zip((chosen[one] for one in ids), sample.units, strict=True),
    ]:
        entries = [
            filling.Entry(subject, name, given.value, 0, given.note)
            for name, given in stated.answers.items()
            if name in library.edition(sample.standard, sample.edition).facts
        ]
        saved = filling.save_many(desk.portal, desk.people["filler"], found, entries, op_id=desk.op())
        assert not isinstance(saved, Refusal), saved
        assert saved.refused == ()
        for name, reason in stated.not_applicable.items():
            claim = filling.save_claim(
                desk.portal, desk.people["filler"], found, subject, name, reason, base=0, op_id=desk.op()
            )
            assert not isinstance(claim, Refusal), claim
    done = desk.submit()
    assert done.number == 1, done
    cards = {row.subject_id: json.loads(row.document) for row in desk.rows(scorecards)}
    edition = library.edition(sample.standard, sample.edition)
    from engine.document import roll_up_document  # noqa: PLC0415
    from engine.rollup import roll_up  # noqa: PLC0415

    bare = sample.model_copy(
        update={
            "answers": {
                name: one.model_copy(update={"evidence": ()}) for name, one in sample.answers.items()
            },
            "judged": {},
            "units": tuple(
                one.model_copy(
                    update={
                        "answers": {
                            name: given.model_copy(update={"evidence": ()})
                            for name, given in one.answers.items()
                        },
                        "judged": {},
                    }
                )
                for one in sample.units
            ),
        }
    )
    wanted = roll_up_document(roll_up(edition, bare))
    whole = cards.pop(None)
    assert {key: whole[key] for key in ("mean", "worst", "weighted_mean")} == {
        key: wanted[key] for key in ("mean", "worst", "weighted_mean")
    }
    assert len(cards) == len(sample.units)
    (text,) = (one.document for one in desk.rows(snapshots))
    again = sorted(judged_again(desk, text))
    assert again == sorted(row.document for row in desk.rows(scorecards))
