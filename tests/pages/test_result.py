"""The result page in its states: nothing answered, half, handed in, reviewed; and for whom it is not."""

import re

import pytest
from desks import prove, standing
from visits import Visit, words

from portal.reports.words import span
from portal.use_cases.forms import score
from portal.use_cases.publication import publicise
from portal.use_cases.results import read_result
from tests.portal.in_review import in_review, ok, reviewed


def half(desk):
    desk.save("filler", "c.staff", 40)
    desk.save("filler", "c.passed", 30)
    desk.save("filler", "s.plan", True, subject="school")


def full(desk):
    half(desk)
    desk.save("filler", "s.meetings", 1, subject="school")
    desk.save("filler", "c.rules", ["采购", "留样"])
    desk.save("filler", "c.share", "75%")
    desk.save("filler", "c.kind", "自营")
    desk.save("filler", "c.lots", [{"批次": "一", "合格": True, "数量": 3}])
    prove(desk)


def shown(page):
    return re.sub(r"<[^>]+>", " ", words(page))


def place(desk, who="filler"):
    found = read_result(desk.portal, desk.people[who], desk.ids["a"], subject=desk.ids["canteen"])
    return found.sides[-1].document


def test_nothing_answered_says_so_and_shows_no_empty_charts(desk, visit):
    page = visit("result.py")
    assert not page.exception
    assert "还没有回答任何问题" in words(page)
    assert "A 一食堂" in page.title[0].value
    assert "分数去了哪里" not in words(page)


def test_half_answered_shows_the_interval_of_the_engine_and_what_would_settle_it(desk, visit):
    half(desk)
    page = visit("result.py")
    assert not page.exception
    card = place(desk)
    assert span(card["total"]) in shown(page)
    assert "–" in span(card["total"])
    assert "怎样定下等级" in words(page)
    assert "正在填报，还没有提交" in words(page)
    assert "失分和未定的指标" in words(page)


def test_every_lost_point_has_its_reason_and_basis(desk, visit):
    full(desk)
    page, card = visit("result.py"), place(desk)
    told = shown(page)
    for one in (one for section in card["sections"] for one in section["indicators"]):
        assert one["title"] in told
        if one["low"] != one["points"]:
            assert one["sentence"] in told
    assert card["sections"][0]["indicators"][0]["sentence"] in told
    assert "不是协会或任何部门的正式文件" in told


def test_the_whole_shows_each_unit_with_the_way_to_it(desk, visit):
    full(desk)
    page = visit("result.py", query={"subject": "all"})
    assert page.title[0].value == "全校汇总"
    assert f"subject={desk.ids['canteen']}" in words(page)
    assert "示范校" in words(page)
    total = score(desk.portal, desk.people["filler"], desk.ids["a"])
    assert span(total["mean"]) in shown(page)


def test_links_to_files_name_subject_and_layer(desk, visit):
    half(desk)
    page = visit("result.py")
    for kind in ("pdf", "xlsx", "json"):
        assert f"/assessments/{desk.ids['a']}/report.{kind}?subject={desk.ids['canteen']}" in words(page)
    assert "report.zip" not in words(page)
    desk.submit()
    page = visit("result.py")
    assert "report.zip" in words(page)
    assert "提交时（" in words(page)


def test_trying_answers_shows_the_other_score_and_saves_nothing(desk, visit):
    half(desk)
    before = (standing(desk), place(desk))
    page = visit("result.py")
    page.selectbox(key="try-fact").select("c.passed").run()
    assert "现在的回答：30" in words(page)
    page.text_input(key="try-value-c.passed").input("40").run()
    page.button(key="try-add").click().run()
    assert not page.exception
    told = shown(page)
    assert "试算，不保存" in told
    assert "培训" in told
    assert "2 → 4" in re.sub(r"\s+", " ", told)
    assert (standing(desk), place(desk)) == before
    page.button(key="try-drop-c.passed").click().run()
    assert "2 → 4" not in re.sub(r"\s+", " ", shown(page))


def test_an_answer_that_cannot_be_tried_is_told_why(desk, visit):
    half(desk)
    page = visit("result.py")
    page.selectbox(key="try-fact").select("c.staff").run()
    page.text_input(key="try-value-c.staff").input("很多").run()
    page.button(key="try-add").click().run()
    assert [one.value for one in page.warning if "从业人员数" in one.value]


@pytest.mark.parametrize("who", ["stranger", "observer", "inspector"])
def test_nothing_of_it_is_for_others(desk, visit, who):
    half(desk)
    page = visit("result.py", who, query={"assessment": desk.ids["a"]})
    assert not page.exception
    assert "A 大学" not in words(page)
    assert span(place(desk)["total"]) not in shown(page)


def test_the_secretariat_is_told_that_it_is_too_early(desk, visit):
    half(desk)
    page = visit("result.py", "secretary", query={"assessment": desk.ids["a"]})
    assert "这一步还不能做" in page.warning[0].value
    desk.submit()
    page = visit("result.py", "secretary", query={"assessment": desk.ids["a"]})
    assert span(place(desk, "secretary")["total"]) in shown(page)


def test_a_name_stays_text(desk, visit):
    desk.save("filler", "c.staff", 40)
    desk.save("filler", "c.note", "<script>x</script>")
    page = visit("result.py")
    assert "<script>x" not in words(page)


class Reviewed:
    """A world in review, as the visits want it."""

    def __init__(self, world):
        self.portal, self.people, self.time = world.portal, world.people, [world.clock.now]


def test_layers_stand_side_by_side_once_they_are_public(tmp_path, monkeypatch):
    world = in_review(tmp_path)
    case = reviewed(world, rate="2.5")
    visit = Visit(Reviewed(world), monkeypatch)
    page = visit("result.py", "u1填报员", query={"subject": "all"})
    assert "评审组" not in words(page)
    ok(publicise(world.portal, world.people["秘书"], world.round, op_id="out"))
    page = visit("result.py", "u1填报员", query={"subject": world.subject(case)})
    assert not page.exception
    found = ok(read_result(world.portal, world.people["u1填报员"], case, subject=world.subject(case)))
    assert [one.layer for one in found.sides] == ["self", "panel", "final"]
    for one in found.sides:
        assert span(one.document["total"]) in shown(page)
    assert {"自评", "评审组", "最终"} <= set(re.findall(r'<th scope="row">([^<]*)', words(page)))
    world.portal.database.close()
