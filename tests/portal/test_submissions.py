"""Filling in: saving, the second one in, repeating, refusing, claims. Every test on SQLite and PostgreSQL."""

import json
import threading
from decimal import Decimal

import desks
import pytest

from portal import entry
from portal.policy import Actor
from portal.refusal import Refusal
from portal.store.tables import answer_history, answers, log
from portal.use_cases import assigning, forms, handing_in, offers, rounds, taking_part
from portal.use_cases import submissions as filling


@pytest.fixture
def desk(database, tmp_path):
    return desks.make(database, tmp_path / "blobs")


def refused(found, code, kind=None):
    assert isinstance(found, Refusal), found
    assert found.code == code, found
    assert kind in (None, found.kind)
    assert "。" in found.message
    assert not found.what.endswith("。")
    return found


def form(desk, who="filler", subject="canteen", **more):
    return forms.read_section(desk.portal, desk.people[who], desk.ids["a"], desk.ids[subject], **more)


def test_an_answer_is_kept_with_who_and_when_and_its_version(desk):
    saved = desk.save("filler", "c.staff", 30)
    assert (saved.version, saved.warnings) == (1, ())
    again = desk.save("colleague", "c.staff", "31 ", base=1, note="九月新增一人")
    found = form(desk).answers["c.staff"]
    assert (found.value, found.note, found.version, found.by_name, found.at, found.origin) == (
        "31 ",
        "九月新增一人",
        2,
        "李四",
        again.at,
        "typed",
    )
    assert desks.standing(desk) == desks.replayed(desk)
    history = forms.read_own_history(
        desk.portal, desk.people["filler"], desk.ids["a"], desk.ids["canteen"], "c.staff"
    )
    assert [(one.value, one.by_name, one.version) for one in history] == [(30, "张三", 1), ("31 ", "李四", 2)]


def test_a_stale_save_is_refused_with_both_values_and_nothing_is_lost(desk):
    desk.save("filler", "c.staff", 30)
    desk.save("filler", "c.staff", 32, base=1)
    before = desks.standing(desk)
    found = refused(desk.save("colleague", "c.staff", 28, base=1, note="我数过"), "stale", "conflict")
    assert found.details["yours"] == {"value": 28, "note": "我数过"}
    theirs = found.details["theirs"]
    assert (theirs["value"], theirs["by_name"], found.details["version"]) == (32, "张三", 2)
    assert "张三" in found.what
    assert "“32”" in found.what
    assert "“28”" in found.what
    assert desks.standing(desk) == before
    assert desk.save("colleague", "c.staff", 28, base=2).version == 3


def test_two_tabs_that_both_start_from_nothing_do_not_overwrite_each_other(desk):
    assert desk.save("filler", "c.share", "80%").version == 1
    refused(desk.save("filler", "c.share", "70%", base=0), "stale")
    assert form(desk).answers["c.share"].value == "80%"


def test_a_base_from_the_future_is_refused(desk):
    found = refused(desk.save("filler", "c.share", "80%", base=7), "stale")
    assert found.details["theirs"] is None
    refused(desk.save("filler", "c.share", "80%", base=-1), "version", "invalid")


def test_two_people_at_the_same_moment_one_is_kept_and_one_is_told(desk):
    gate, found = threading.Barrier(2), {}

    def run(who, value):
        gate.wait()
        found[who] = desk.save(who, "c.staff", value, op_id=f"{who}-1")

    threads = [threading.Thread(target=run, args=one) for one in (("filler", 10), ("colleague", 20))]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    told = sorted(type(one).__name__ for one in found.values())
    assert told == ["Refusal", "Saved"]
    assert desks.standing(desk) == desks.replayed(desk)
    desks.chain_holds(desk, f"a:{desk.ids['a']}")


def test_without_the_comparison_of_versions_an_answer_would_be_overwritten(desk, monkeypatch):
    """The protection bites: take the comparison away, and the write itself still refuses to change the wrong version."""
    desk.save("filler", "c.staff", 30)
    desk.save("filler", "c.staff", 31, base=1)
    monkeypatch.setattr(filling, "overtaken", lambda *_: None)
    with pytest.raises(entry.Overtaken):
        desk.save("colleague", "c.staff", 5, base=1)
    assert form(desk).answers["c.staff"].value == 31


def test_a_repeated_operation_is_answered_again_and_done_once(desk):
    first = desk.save("filler", "c.staff", 30, op_id="same")
    desk.save("colleague", "c.staff", 31, base=1)
    again = desk.save("filler", "c.staff", 30, op_id="same")
    assert (again.version, again.at) == (first.version, first.at)
    assert len(desk.rows(answer_history)) == 2
    assert form(desk).answers["c.staff"].value == 31


def test_a_repeated_operation_is_answered_again_after_the_deadline_and_after_submitting(desk):
    first = desk.save("filler", "c.staff", 30, op_id="same")
    desk.submit()
    desk.step(days=40)
    assert desk.save("filler", "c.staff", 30, op_id="same").version == first.version


@pytest.mark.parametrize("change", ["value", "fact", "person"])
def test_an_operation_id_is_not_used_for_something_else(desk, change):
    desk.save("filler", "c.staff", 30, op_id="same")
    if change == "value":
        found = desk.save("filler", "c.staff", 31, op_id="same")
    elif change == "fact":
        found = desk.save("filler", "c.passed", 30, op_id="same")
    else:
        found = desk.save("colleague", "c.staff", 30, op_id="same")
    refused(found, "op_id_reused", "conflict")
    assert len(desk.rows(answer_history)) == 1


@pytest.mark.parametrize("op_id", ["", "x" * 65, "有空格 ", "a\0b", "a/b"])
def test_a_bad_operation_id_is_refused(desk, op_id):
    found = filling.save_answer(
        desk.portal,
        desk.people["filler"],
        desk.ids["a"],
        desk.ids["canteen"],
        "c.staff",
        1,
        base=0,
        op_id=op_id,
    )
    refused(found, "op_id", "invalid")


@pytest.mark.parametrize(
    ("fact", "value", "said"),
    [
        ("c.staff", 51, "应在 0 到 50 之间"),
        ("c.staff", "12 人", "请只填数字，写成 12，单位已定为人"),
        ("c.staff", "3.5", "应是整数"),
        ("c.staff", True, "这里要填数字"),
        ("c.staff", 10**400, "一个很长的数"),
        ("c.share", "0.95", "百分数要带 %"),
        ("c.share", Decimal("1e99999"), ""),
        ("c.kind", "自办", "选项只有"),
        ("c.rules", ["采购", "洗手"], "选项只有"),
        ("c.licence", "也许", "只能填 是 或 否"),
        ("c.lots", [{"批次": "一", "数量": 200}], "第 1 行“数量”"),
        ("c.lots", [{"色": "一"}], "列“色”不存在"),
        ("c.lots", [{"批次": "一"}] * 6, "应在 0 到 5 行之间"),
        ("c.lots", "一批", "表格要一行一行填"),
    ],
)
def test_what_the_engine_cannot_read_is_refused_in_its_words(desk, fact, value, said):
    found = refused(desk.save("filler", fact, value), "answer", "invalid")
    assert said in found.message
    assert found.details == {"subject": desk.ids["canteen"], "fact": fact}
    assert desks.standing(desk) == {}
    assert not desk.rows(log, log.c.action == "answer.save")


@pytest.mark.parametrize("value", ["好\0的", "半\ud800个", [{"批次": "\x1b[31m"}]])
def test_letters_that_no_store_keeps_are_refused_at_the_door(desk, value):
    fact = "c.lots" if isinstance(value, list) else "c.kind"
    refused(desk.save("filler", fact, value), "control", "invalid")
    refused(desk.save("filler", "c.staff", 3, note="a\0"), "control", "invalid")


def test_nonsense_in_place_of_names_is_refused_and_breaks_nothing(desk):
    deep = []
    for _ in range(2000):
        deep = [deep]
    refused(desk.save("filler", "c.lots", deep), "deep")
    refused(desk.save("filler", "c.kind", object()), "answer")
    nonsense = "a\0\ud800"
    refused(desk.save("filler", nonsense, 1), "unknown_fact")
    desk.ids["nonsense"] = nonsense
    refused(desk.save("filler", "c.staff", 1, subject="nonsense"), "subject")
    call = (desk.portal, desk.people["filler"], desk.ids["a"])
    assert forms.read_own_history(*call, desk.ids["canteen"], nonsense).code == "missing"
    assert forms.read_claim_history(*call, desk.ids["canteen"], nonsense).code == "missing"
    assert forms.read_own_history(*call, nonsense, "c.staff").code == "missing"
    assert (
        offers.accept_offer(*call, desk.ids["canteen"], "c.staff", nonsense, base=0, op_id="x").code
        == "missing"
    )
    chief = (desk.portal, desk.people["secretary"], desk.ids["a"])
    assert assigning.end_assignment(*chief, nonsense, "为何", op_id="x").code == "missing"
    assert assigning.assign(*chief, nonsense, op_id="x").code == "account"
    refused(filling.save_claim(*call, desk.ids["canteen"], nonsense, "因为", base=0, op_id="x"), "claim")
    refused(filling.save_claim(*call, nonsense, "cold", "因为", base=0, op_id="x"), "missing")


def test_a_wrong_fact_is_refused_with_the_nearest(desk):
    found = refused(desk.save("filler", "c.staf", 3), "unknown_fact", "invalid")
    assert "c.staff" in found.next
    refused(desk.save("filler", "c.rate", "90%"), "unknown_fact")
    refused(desk.save("filler", "c.note", "没有被问到"), "unknown_fact")


def test_what_is_the_universitys_is_asked_once_and_not_of_a_canteen(desk):
    refused(desk.save("filler", "s.plan", "是"), "wrong_subject", "invalid")
    assert desk.save("filler", "s.plan", "是", subject="school").version == 1
    assert form(desk).facts == ("c.kind", "c.licence", "c.lots", "c.passed", "c.rules", "c.share", "c.staff")
    assert form(desk, subject="school").facts == ("s.meetings", "s.plan")
    assert form(desk, subject="school", checklist="canteen").facts == ()
    assert isinstance(form(desk, checklist="nothing"), Refusal)


def test_what_does_not_fit_with_another_answer_is_kept_and_told(desk):
    desk.save("filler", "c.passed", 20)
    saved = desk.save("filler", "c.staff", 10)
    assert saved.version == 1
    (warning,) = saved.warnings
    assert "20" in warning
    assert desk.save("filler", "c.staff", 25, base=1).warnings == ()


def test_not_invited_and_other_universities_learn_nothing(desk):
    outsider = Actor(desk.people["filler"].id, "外人", ())
    desk.people["outsider"] = outsider
    desk.save("filler", "c.staff", 30)
    for who in ("stranger", "outsider", "inspector", "observer"):
        assert desk.save(who, "c.staff", 1, base=1).code == "missing", who
        assert form(desk, who).code == "missing", who
        assert forms.score(desk.portal, desk.people[who], desk.ids["a"]).code == "missing", who
    assert desk.save("filler", "c.staff", 1, assessment="b", subject="other canteen").code == "missing"
    # their own assessment, but a subject of another
    refused(desk.save("filler", "c.staff", 1, subject="other canteen"), "subject", "missing")
    assert isinstance(form(desk, subject="other canteen"), Refusal)
    for nonsense in ("", "x" * 26, "A" * 5000, "a\0b"):
        desk.ids["nonsense"] = nonsense
        assert desk.save("filler", "c.staff", 1, assessment="nonsense").code == "missing"


def test_the_secretariat_reads_no_draft_and_fills_in_nothing(desk):
    desk.save("filler", "c.staff", 30)
    refused(form(desk, "secretary"), "wrong_state", "state")
    refused(desk.save("secretary", "c.staff", 1, base=1), "forbidden")


def test_after_the_deadline_nothing_changes(desk):
    desk.save("filler", "c.staff", 30)
    desk.step(days=31)
    found = refused(desk.save("filler", "c.staff", 31, base=1), "late", "state")
    assert "截止" in found.what
    assert form(desk).may_save is False
    assert form(desk).why_not.code == "late"
    desk.time[0] = desks.START
    assert desk.save("filler", "c.staff", 31, base=1).version == 2


def test_after_submitting_nothing_changes(desk):
    desk.save("filler", "c.staff", 30)
    assert desk.submit().state == "已提交"
    refused(desk.save("filler", "c.staff", 31, base=1), "wrong_state", "state")
    assert form(desk).answers["c.staff"].value == 30


def test_a_round_that_is_not_open_takes_no_answers(database, tmp_path):
    desk = desks.make(database, tmp_path / "blobs", opened=False)
    assert desk.save("filler", "c.staff", 30).code == "missing"


def test_clearing_leaves_the_history(desk):
    desk.save("filler", "c.staff", 30)
    op = desk.op()
    filling.clear(
        desk.portal,
        desk.people["filler"],
        desk.ids["a"],
        desk.ids["canteen"],
        "c.staff",
        base=1,
        op_id=op,
    )
    assert form(desk).answers["c.staff"].value is None
    assert [row.version for row in desk.rows(answer_history)] == [1, 2]
    assert desk.save("filler", "c.staff", 31, base=2).version == 3


def test_a_pasted_table_keeps_what_is_right_and_tells_what_is_not(desk):
    desk.save("colleague", "c.share", "50%")
    canteen, school = desk.ids["canteen"], desk.ids["school"]
    entries = [
        filling.Entry(canteen, "c.staff", 30, 0),
        filling.Entry(canteen, "c.passed", "很多", 0),
        filling.Entry(canteen, "c.share", "60%", 0),
        filling.Entry(school, "s.meetings", 4, 0),
        filling.Entry("nowhere", "c.kind", "自营", 0),
    ]
    call = (desk.portal, desk.people["filler"], desk.ids["a"], entries)
    found = filling.save_many(*call, op_id="paste")
    assert [(one.name, one.version) for one in found.saved] == [("c.staff", 1), ("s.meetings", 1)]
    assert [one.code for one in found.refused] == ["answer", "stale", "subject"]
    again = filling.save_many(*call, op_id="paste")
    assert [(one.name, one.version) for one in again.saved] == [("c.staff", 1), ("s.meetings", 1)]
    assert [one.code for one in again.refused] == ["answer", "stale", "subject"]
    assert len(desk.rows(answer_history)) == 3
    assert len(desk.rows(log, log.c.op_id == "paste")) == 1


def test_too_many_or_the_same_twice_is_refused(desk):
    one = filling.Entry(desk.ids["canteen"], "c.staff", 30, 0)
    call = (desk.portal, desk.people["filler"], desk.ids["a"])
    refused(filling.save_many(*call, [one] * 501, op_id="x"), "too_many", "too_large")
    refused(filling.save_many(*call, [one, one], op_id="x"), "twice", "invalid")


def test_a_claim_needs_a_reason_and_an_indicator_that_may_be_absent(desk):
    call = (desk.portal, desk.people["filler"], desk.ids["a"], desk.ids["canteen"])
    refused(filling.save_claim(*call, "trained", "没有人", base=0, op_id=desk.op()), "claim", "invalid")
    refused(filling.save_claim(*call, "nothing", "没有", base=0, op_id=desk.op()), "claim", "invalid")
    op = desk.op()
    saved = filling.save_claim(*call, "cold", "不卖凉菜", base=0, op_id=op)
    assert filling.save_claim(*call, "cold", "不卖凉菜", base=0, op_id=op) == saved
    found = refused(
        filling.save_claim(*call, "cold", "别的理由", base=0, op_id=desk.op()), "stale", "conflict"
    )
    assert (found.details["yours"]["reason"], found.details["theirs"]["reason"]) == ("别的理由", "不卖凉菜")
    assert form(desk).claims["cold"].reason == "不卖凉菜"
    assert filling.save_claim(*call, "cold", None, base=1, op_id=desk.op()).version == 2
    history = forms.read_claim_history(
        desk.portal, desk.people["filler"], desk.ids["a"], desk.ids["canteen"], "cold"
    )
    assert [one.reason for one in history] == ["不卖凉菜", None]


def test_the_trail_holds_digests_and_not_answers(desk):
    desk.save("filler", "c.kind", "自营", note="合同在办公室")
    (line,) = desk.rows(log, log.c.action == "answer.save")
    assert "自营" not in line.details
    assert "办公室" not in line.details
    (saved,) = json.loads(line.details)["saved"]
    (row,) = desk.rows(answers)
    assert saved[3] == entry.New("", "", row.value, row.note, 0, row.origin, row.origin_ref).digest


def test_the_score_is_the_engines_document(desk):
    desk.save("filler", "c.staff", 10)
    desk.save("filler", "c.passed", 9)
    desk.save("filler", "c.kind", "自营")
    desk.save("filler", "s.plan", "是", subject="school")
    card = forms.score(desk.portal, desk.people["filler"], desk.ids["a"], desk.ids["canteen"])
    assert card["format"] == "zhunsheng.scorecard/1"
    assert card["total"] == {"low": "5", "high": "10"}
    desk.save("filler", "c.licence", "是")
    desk.save("filler", "c.lots", [{"批次": "一", "合格": "是", "数量": 3}])
    lots = forms.score(desk.portal, desk.people["filler"], desk.ids["a"], desk.ids["canteen"])
    assert lots["total"]["high"] == "9"
    desks.prove(desk)
    lots = forms.score(desk.portal, desk.people["filler"], desk.ids["a"], desk.ids["canteen"])
    assert lots["total"] == {"low": "6", "high": "10"}
    whole = forms.score(desk.portal, desk.people["filler"], desk.ids["a"])
    assert whole["mean"] == {"low": "6", "high": "10"}


def test_a_rule_that_changed_under_a_round_stops_it_and_loses_nothing(desk):
    desk.save("filler", "c.staff", 10)
    other = desks.library(extra="note: 改过\n") | desks.library(edition="2")
    changed, problems = desks.load_texts(other)
    assert problems == []
    object.__setattr__(desk.portal, "library", lambda: changed)
    refused(desk.save("filler", "c.staff", 11, base=1), "edition-gone", "state")
    refused(form(desk), "edition-gone")
    refused(desk.submit(), "edition-gone")
    assert len(desks.standing(desk)) == 1


def test_numbers_are_kept_exactly(desk):
    desk.save("filler", "c.share", "66.67%")
    desk.save("filler", "c.lots", [{"批次": Decimal("1.10"), "数量": 3, "合格": True}])
    assert form(desk).answers["c.lots"].value == [{"批次": "1.10", "数量": 3, "合格": True}]


def test_a_place_taken_out_keeps_its_answers(desk):
    desk.save("filler", "c.staff", 30)
    call = (desk.portal, desk.people["secretary"], desk.ids["a"])
    gone = taking_part.choose_subjects(*call, [], base=desk.version(), op_id=desk.op())
    assert not isinstance(gone, Refusal)
    refused(desk.save("filler", "c.staff", 31, base=1), "subject")
    back = taking_part.choose_subjects(*call, [desk.ids["place A"]], base=desk.version(), op_id=desk.op())
    assert back.subjects[desk.ids["place A"]] == desk.ids["canteen"]
    assert desk.save("filler", "c.staff", 31, base=1).version == 2
    assert rounds.read_round(desk.portal, desk.people["filler"], desk.ids["round"]).title == "首批"
    assert handing_in.TRIES == 3
