"""What anybody may see of the results, and whether a report is told to be genuine when it is, and only then."""

import json
from dataclasses import replace

import pytest

from portal import report
from portal.refusal import MISSING
from portal.report_worker import MOST, answer
from portal.signing import sign_document
from portal.use_cases.publication import decide_grade, publicise, withdraw_publication
from portal.use_cases.publicity import check_report, index_publications, read_publication
from portal.use_cases.trails import prove_publication, prove_scorecard
from tests.portal.in_review import in_review, ok, refused, reviewed
from tests.portal.trails import SEAL, STRANGER


@pytest.fixture
def world(tmp_path):
    found = in_review(tmp_path)
    found.portal = replace(found.portal, seal=SEAL)
    reviewed(found, rate="2.5")
    yield found
    found.portal.database.close()


@pytest.fixture
def inline(monkeypatch):
    """Read reports in this process: how they are read in another one is tested by itself."""
    monkeypatch.setattr(report, "_ask", lambda text: report.heard(json.dumps(answer(text)).encode()))


def published(world):
    return ok(publicise(world.portal, world.people["秘书"], world.round, op_id=world.op())).id


def final(world):
    case = world.cases["u1"]
    return world.cards(case, "reviewed")["final", world.subject(case)]


def marks(found):
    return {one.title: one.mark for one in ok(found).checks}


# What was published -----------------------------------------------------------------------------------------------


def test_before_anything_is_published_there_is_nothing(world):
    assert index_publications(world.portal) == ()
    assert read_publication(world.portal, "0" * 26) == read_publication(world.portal, "../x") == MISSING


def test_what_is_public_is_the_document_and_nothing_more(world):
    number = published(world)
    (notice,) = index_publications(world.portal)
    assert (notice.id, notice.kind, notice.universities, notice.appeals_open) == (
        number,
        "publicity",
        1,
        True,
    )
    assert (notice.round_title, notice.withdrawn_at) == ("2026 年评定", None)
    found = ok(read_publication(world.portal, number))
    assert list(found.results) == json.loads(prove_publication(world.portal, number).document)["results"]


def test_appeals_are_open_until_their_day(world):
    until = world.portal.at()
    world.set_round(appeal_until=until)
    published(world)
    assert index_publications(world.portal)[0].appeals_open is False


def test_appeals_are_over_once_the_grades_are_decided(world):
    number = published(world)
    ok(decide_grade(world.portal, world.people["秘书"], world.cases["u1"], op_id=world.op()))
    assert not ok(read_publication(world.portal, number)).notice.appeals_open


def test_of_a_withdrawn_one_only_the_reason_is_left(world):
    number = published(world)
    ok(withdraw_publication(world.portal, world.people["秘书"], number, "排印有误", op_id=world.op()))
    found = ok(read_publication(world.portal, number))
    assert found.results == ()
    assert found.notice.withdrawn_for == "排印有误"
    assert not found.notice.appeals_open
    assert prove_publication(world.portal, number) == MISSING


# Whether a report is genuine --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("inline")
def test_what_was_published_is_genuine_with_and_without_what_lies_beside_it(world):
    one = prove_publication(world.portal, published(world))
    alone = ok(check_report(world.portal, one.document.encode()))
    assert (alone.mark, alone.text) == ("yes", "是本系统发出的原件，没有改动。")
    assert marks(alone) == {"与留存的一致": "yes", "重新计算": "na"}
    whole = ok(check_report(world.portal, one.document.encode(), one.signature, one.proof))
    assert (whole.mark, marks(whole)["签名"], marks(whole)["证明"]) == ("yes", "yes", "yes")
    assert ("学校", "1 所") in whole.about
    assert dict(whole.about)["标准"] == "试行标准（1）"


@pytest.mark.usefixtures("inline")
def test_a_scorecard_is_added_up_again(world):
    row = final(world)
    one = ok(prove_scorecard(world.portal, world.people["秘书"], row.id))
    found = ok(check_report(world.portal, one.document.encode(), one.signature, one.proof))
    assert marks(found) == {"与留存的一致": "yes", "签名": "yes", "证明": "yes", "重新计算": "yes"}
    assert dict(found.about)["总分"] == json.loads(one.document)["total"]["low"]


@pytest.mark.usefixtures("inline")
def test_one_changed_number_is_found_in_three_ways(world):
    row = final(world)
    one = ok(prove_scorecard(world.portal, world.people["秘书"], row.id))
    data = json.loads(one.document)
    data["total"] = {"low": "10", "high": "10"}
    forged = json.dumps(data, ensure_ascii=False).encode()
    found = ok(check_report(world.portal, forged, one.signature, one.proof))
    assert found.mark == "no"
    assert marks(found) == {"与留存的一致": "unknown", "签名": "no", "证明": "no", "重新计算": "no"}
    assert "重算是" in next(one.text for one in found.checks if one.title == "重新计算")


@pytest.mark.usefixtures("inline")
def test_what_adds_up_and_is_unknown_is_not_called_genuine(world):
    row = final(world)
    other = row.document.replace(json.loads(row.document)["subject"]["title"], "别处的食堂")
    found = ok(check_report(world.portal, other.encode()))
    assert (found.mark, found.text) == ("unknown", "数算得对，但无法确认是本系统发出的。")


@pytest.mark.usefixtures("inline")
def test_a_signature_of_somebody_else_is_refused(world):
    one = prove_publication(world.portal, published(world))
    foreign = sign_document(one.document.encode(), STRANGER, "zhunsheng x")
    found = ok(check_report(world.portal, one.document.encode(), foreign))
    assert (found.mark, marks(found)["签名"]) == ("no", "no")


@pytest.mark.usefixtures("inline")
def test_a_withdrawn_one_is_genuine_and_no_longer_holds(world):
    number = published(world)
    one = prove_publication(world.portal, number)
    ok(withdraw_publication(world.portal, world.people["秘书"], number, "排印有误", op_id=world.op()))
    found = ok(check_report(world.portal, one.document.encode(), one.signature))
    assert (found.mark, found.text) == ("no", "是本系统发出的，但已经撤回，不再有效。")
    assert "排印有误" in next(one.text for one in found.checks if one.title == "仍然有效")


@pytest.mark.usefixtures("inline")
def test_what_a_text_box_does_to_line_ends_is_undone(world):
    one = prove_publication(world.portal, published(world))
    pasted = b"\xef\xbb\xbf" + one.document.rstrip("\n").encode() + b"\r\n\r\n"
    signature, proof = (text.replace("\n", "\r\n") for text in (one.signature, one.proof))
    assert ok(check_report(world.portal, pasted, signature, proof)).mark == "yes"


@pytest.mark.usefixtures("inline")
@pytest.mark.parametrize(
    "text",
    [
        b"x",
        b"[]",
        b"null",
        b'{"a":' * 3000,
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"format":"zhunsheng.publication/1","round":7,"results":"x"}',
        b'{"format":"zhunsheng.scorecard/1","total":{"low":"1e999999999"}}',
        b'{"self":1,"units":{"a":2}}',
        b'{"format":"zhunsheng.roll_up/1","grade":{"possible":[1,2]},"total":[]}',
    ],
)
def test_nonsense_is_refused_or_called_unknown(world, text):
    found = check_report(world.portal, text)
    assert getattr(found, "mark", "unknown") == "unknown"
    assert getattr(found, "kind", "invalid") == "invalid"


def test_nothing_and_too_much_are_refused_unread(world):
    refused(check_report(world.portal, b"  \n"), "report.empty")
    refused(check_report(world.portal, b"x" * (MOST + 1)), "report.large")


# The process that reads -------------------------------------------------------------------------------------------


def test_a_report_is_read_by_a_process_of_its_own(world):
    one = prove_publication(world.portal, published(world))
    assert ok(report.read(one.document.encode())).kind == "publication"


def test_a_process_that_breaks_or_lies_says_nothing(monkeypatch):
    for said in (b"", b"{}", b'{"kind":"scorecard","about":[["a",1]],"wrong":[],"count":0}', b'{"kind":"?"}'):
        assert report.heard(said) == report.HEAVY
    monkeypatch.setattr(report.sys, "executable", "/bin/false")
    assert report.read(b"{}") == report.HEAVY


def test_one_who_takes_too_long_is_ended(monkeypatch):
    monkeypatch.setattr(report, "WORKER_TIME", 0.01)
    assert report.read(b"{}") == report.HEAVY


def test_many_at_once_are_told_to_wait(monkeypatch):
    monkeypatch.setattr(report, "PATIENCE", 0)
    with report.AT_ONCE, report.AT_ONCE:
        assert report.read(b"{}") == report.BUSY
