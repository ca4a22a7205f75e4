"""What changed after an inspector spoke: marked wherever the finding is shown, and gone once it is given anew."""

import pytest
from sqlalchemy import insert

from portal import changes
from portal.store.tables import assessments, findings
from portal.use_cases import submissions as filling
from portal.use_cases.findings import save_finding
from portal.use_cases.materials import answer_material, ask_material
from portal.use_cases.panels import compare
from portal.use_cases.review_items import list_items
from portal.use_cases.reviews import open_case, queue
from portal.use_cases.uploads import add_evidence
from tests.portal.good_files import photo
from tests.portal.in_review import SECTION, in_review, ok, refused

ABSENT = SECTION.replace("title: 证照, points: 4,", "title: 证照, points: 4, absent: exclude,")


@pytest.fixture
def world(empty_address, tmp_path):
    found = in_review(tmp_path, address=empty_address, section=ABSENT)
    yield found
    found.portal.database.close()


@pytest.fixture
def case(world):
    return world.cases["u1"]


def say(world, case, indicator, verdict="agree", *, who="张三", subject="c1", base=0, **more):
    actor = world.people[who]
    return ok(
        save_finding(
            world.portal, actor, case, subject, indicator, verdict, base=base, op_id=world.op(), **more
        )
    )


def supplement(world, case, *work):
    """Send the university a request, let it change things, answer and hand in again."""
    asked = ok(ask_material(world.portal, world.people["李四"], case, "c2", "rate", "名册", op_id=world.op()))
    world.go(case, "补充材料")
    for each in work:
        each()
    filler = world.people["u1填报员"]
    ok(answer_material(world.portal, filler, case, asked.request, "已附", op_id=world.op()))
    world.hand_in("u1")


def save(world, case, fact, value, *, subject="c1", base=1):
    filler, place = world.people["u1填报员"], world.subject(case, subject)
    return ok(
        filling.save_answer(world.portal, filler, case, place, fact, value, base=base, op_id=world.op())
    )


def claim(world, case, indicator, reason, *, base=0):
    filler, place = world.people["u1填报员"], world.subject(case, "c1")
    return ok(
        filling.save_claim(world.portal, filler, case, place, indicator, reason, base=base, op_id=world.op())
    )


def attach(world, case, fact):
    filler, place = world.people["u1填报员"], world.subject(case, "c1")
    made = add_evidence(world.portal, filler, case, place, fact, "证.jpg", photo(), op_id=world.op())
    return ok(made)


def changed(world, case, who="张三"):
    """Return what is marked, everywhere where it is shown; the places have to agree."""
    actor = world.people[who]
    items = ok(list_items(world.portal, actor, case, changed=True))
    found = {(one.subject_title, one.indicator): one.changed_since for one in items}
    for one in ok(list_items(world.portal, actor, case)):
        opened = ok(open_case(world.portal, actor, case, one.subject, one.indicator))
        assert tuple(each.title for each in opened.changed_since) == one.changed_since
        assert bool(one.changed_since) is ((one.subject_title, one.indicator) in found)
    (queued,) = [one for one in queue(world.portal, actor) if one.assessment == case]
    assert queued.changed == len(found)
    side = ok(compare(world.portal, actor, case))
    assert {
        (row.subject_title, row.indicator) for row in side.rows for one in row.inspectors if one.changed_since
    } == found.keys()
    return found


def test_nothing_is_marked_before_something_is_handed_in_again(world, case):
    say(world, case, "rate")
    assert changed(world, case) == {}
    asked = ok(ask_material(world.portal, world.people["李四"], case, "c2", "rate", "名册", op_id=world.op()))
    world.go(case, "补充材料")
    save(world, case, "c.passed", 31)
    assert changed(world, case) == {}  # a draft of the university: not for inspectors
    answered = answer_material(
        world.portal, world.people["u1填报员"], case, asked.request, "已附", op_id=world.op()
    )
    ok(answered)
    world.hand_in("u1")
    assert changed(world, case) == {("第1食堂", "rate"): ("考核合格人数",)}


def test_a_finding_is_marked_for_what_it_rests_on_and_nothing_else(world, case):
    for subject in ("c1", "c2"):
        say(world, case, "rate", subject=subject)
        say(world, case, "licence", "adjust", subject=subject, points="2", reason="快到期")
    supplement(world, case, lambda: save(world, case, "c.passed", 31))
    assert changed(world, case) == {("第1食堂", "rate"): ("考核合格人数",)}
    assert changed(world, case, "李四") == {}  # 李四 asked for material on another subject
    opened = ok(open_case(world.portal, world.people["张三"], case, "c1", "rate"))
    (difference,) = opened.changed_since
    assert (difference.fact, difference.was, difference.now, difference.evidence) == (
        "c.passed",
        30,
        31,
        False,
    )
    assert opened.finding.verdict == "agree"


@pytest.mark.parametrize(
    ("work", "marked"),
    [
        (lambda world, case: save(world, case, "c.licence", None), ("许可证有效",)),
        (lambda world, case: attach(world, case, "c.licence"), ("许可证有效",)),
        (lambda world, case: claim(world, case, "licence", "本食堂不需要"), ("合理缺项申报",)),
        (lambda world, case: save(world, case, "c.passed", 31), ()),
        (lambda world, case: save(world, case, "c.licence", value=True), ()),
        (lambda world, case: (save(world, case, "c.licence", value=False), save(world, case, "c.licence", value=True, base=2)), ()),
    ],
    ids=["answer", "evidence", "claim", "another fact", "the same answer", "there and back"],
)  # fmt: skip
def test_answers_evidence_and_claims_count_and_what_comes_to_the_same_does_not(world, case, work, marked):
    say(world, case, "licence")
    supplement(world, case, lambda: work(world, case))
    assert changed(world, case) == ({("第1食堂", "licence"): marked} if marked else {})


def test_what_the_university_answers_for_all_its_places_marks_each(world, case):
    for subject in ("c1", "c2"):
        say(world, case, "licence", subject=subject)
    supplement(world, case, lambda: save(world, case, "c.licence", value=True, subject="u1", base=0))
    assert changed(world, case) == {}  # each place has an answer of its own, and that counts
    attach_whole = world.subject(case, "u1")
    supplement_again = ok(
        ask_material(world.portal, world.people["李四"], case, "c1", "rate", "再附", op_id=world.op())
    )
    world.go(case, "补充材料")
    filler = world.people["u1填报员"]
    ok(
        add_evidence(
            world.portal, filler, case, attach_whole, "c.licence", "证.jpg", photo(), op_id=world.op()
        )
    )
    ok(answer_material(world.portal, filler, case, supplement_again.request, "已附", op_id=world.op()))
    world.hand_in("u1")
    assert set(changed(world, case)) == {("第1食堂", "licence"), ("第2食堂", "licence")}


def test_given_anew_it_is_based_on_what_stands_now(world, case):
    say(world, case, "rate")
    say(world, case, "licence")
    supplement(
        world,
        case,
        lambda: save(world, case, "c.passed", 31),
        lambda: save(world, case, "c.licence", value=False),
    )
    assert len(changed(world, case)) == 2
    say(world, case, "rate", base=1)
    assert list(changed(world, case)) == [("第1食堂", "licence")]
    say(world, case, "licence", "none", base=1)
    assert changed(world, case) == {}


def test_the_list_is_filtered_by_subject_and_mark(world, case):
    say(world, case, "rate", "site", reason="数人")
    say(world, case, "licence", subject="c2")

    def shown(**more):
        found = ok(list_items(world.portal, world.people["张三"], case, **more))
        return [(one.subject_title, one.indicator, one.mark) for one in found]

    assert len(shown()) == 4
    assert shown(mark="现场核查") == [("第1食堂", "rate", "现场核查")]
    assert shown(mark="定论") == [("第2食堂", "licence", "定论")]
    assert shown(subject="c2", mark="无意见") == [("第2食堂", "rate", "无意见")]
    refused(list_items(world.portal, world.people["张三"], case, mark="好"), "mark")
    assert list_items(world.portal, world.people["王五"], case).kind == "missing"


def test_nothing_about_it_is_stored(world, case):
    say(world, case, "rate")
    supplement(world, case, lambda: save(world, case, "c.passed", 31))
    assert changed(world, case)
    assert not [column for column in findings.columns if "change" in column.name]
    assert [row.version for row in world.rows(findings, findings.c.indicator == "rate")] == [1, 1]


def test_a_finding_older_than_every_submission_has_no_basis_to_compare(world, case):
    row = {
        "assessment_id": case,
        "subject_id": world.subject(case),
        "indicator": "rate",
        "account_id": world.people["张三"].id,
        "version": 1,
        "verdict": "agree",
        "at": "2020-01-01T00:00:00.000000Z",
    }
    world.portal.database.write(lambda c: c.execute(insert(findings).values(**row)))
    supplement(world, case, lambda: save(world, case, "c.passed", 31))
    assert changed(world, case) == {}


def test_without_the_basis_nothing_would_be_marked(world, case, monkeypatch):
    """The protection bites: read every submission as the one that stands now, and no change is seen."""
    say(world, case, "rate")
    supplement(world, case, lambda: save(world, case, "c.passed", 31))
    real, now = changes.kept, world.rows(assessments, assessments.c.id == case)[0].submission_hash
    monkeypatch.setattr(changes, "kept", lambda connection, _: real(connection, now))
    assert changed(world, case) == {}
