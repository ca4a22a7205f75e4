"""Contesting a result as a page: nothing published, open, filed, decided, too late, and forbidden."""

import pytest
from reviewed import another, house
from visits import Visit, words

from portal.store.tables import appeals
from portal.use_cases.appeals import assign_reviewer, decide_appeal
from portal.use_cases.publication import publicise
from tests.portal.in_review import ok, reviewed


@pytest.fixture
def place(tmp_path):
    world, desk = house(tmp_path)
    reviewed(world, rate="2.5")
    yield world, desk
    world.portal.database.close()


@pytest.fixture
def world(place):
    return place[0]


@pytest.fixture
def look(place, monkeypatch):
    visit = Visit(place[1], monkeypatch)

    def opened(who="u1负责人", **more):
        page = visit("appeals.py", who, **more)
        assert not page.exception
        return page

    return opened


def publish(world):
    ok(publicise(world.portal, world.people["秘书"], world.round, op_id=world.op()))


def choose(page, subject, indicator="rate"):
    page.selectbox(key=f"appeal-indicator-{subject}").select(indicator).run()
    assert not page.exception
    return page


def file(page, text="名册里有 30 人合格"):
    page.text_area[0].set_value(text).run()
    page.button(key="appeal-file").click().run()
    page.button(key="appeal-confirm").click().run()
    assert not page.exception
    return page


def test_before_publication_there_is_nothing_to_contest(look):
    assert "贵校还没有公示的评审结果" in words(look())


def test_the_result_of_an_indicator_is_shown_before_it_is_contested(world, look):
    publish(world)
    page = choose(look(), world.subject(world.cases["u1"]))
    shown = words(page)
    assert "<dt>自评</dt><dd>4.5 分</dd>" in shown
    assert "<dt>评审结果</dt><dd>2.5 分</dd>" in shown
    assert "<dt>满分</dt><dd>6 分</dd>" in shown


def test_an_appeal_is_filed_once_after_it_was_confirmed(world, look):
    publish(world)
    page = choose(look(), world.subject(world.cases["u1"]))
    page.text_area[0].set_value("名册里有 30 人合格").run()
    page.button(key="appeal-file").click().run()
    assert world.rows(appeals) == []
    page.button(key="appeal-confirm").click().run()
    (row,) = world.rows(appeals)
    assert (row.indicator, row.text) == ("rate", "名册里有 30 人合格")
    shown = words(page)
    assert "已提出的异议" in shown
    assert "等待复核" in shown
    assert "rate" not in page.selectbox(key=f"appeal-indicator-{world.subject(world.cases['u1'])}").options


def test_without_a_reason_nothing_is_filed_and_the_page_says_so(world, look):
    publish(world)
    page = file(choose(look(), world.subject(world.cases["u1"])), " ")
    assert world.rows(appeals) == []
    assert "异议的理由" in page.warning[0].value


def test_what_was_decided_is_told_with_its_reason(world, look):
    publish(world)
    case = world.cases["u1"]
    file(choose(look(), world.subject(case)))
    (row,) = world.rows(appeals)
    secretary, second = world.people["秘书"], world.people["王五"]
    ok(assign_reviewer(world.portal, secretary, case, row.id, second.id, op_id=world.op()))
    world.go(case, "复核")
    ok(
        decide_appeal(
            world.portal, second, case, row.id, "changed", "<名册>属实", points="4.5", op_id=world.op()
        )
    )
    shown = words(look())
    assert "改定为 4.5 分" in shown
    assert "&lt;名册&gt;属实" in shown
    assert "王五" not in shown
    assert "现在是“复核”，只在公示期间可以提出异议" in shown


def test_after_the_day_nothing_can_be_contested(world, look):
    world.set_round(appeal_until=world.at())
    publish(world)
    page = look()
    assert "现在不能再提" in words(page)
    assert not page.text_area


def test_a_filler_sees_and_does_not_contest(world, look):
    publish(world)
    page = look("u1填报员")
    assert "要由贵校的单位负责人来做" in words(page)
    assert not page.selectbox


@pytest.mark.parametrize("who", ["u2负责人", "张三", "秘书"])
def test_nobody_else_sees_anything_of_it(world, look, who):
    another(world, "u2")
    world.set_state(world.cases["u2"], "评审完成")
    publish_one = world.cases["u1"]
    world.set_state(publish_one, "公示")
    shown = words(look(who, query={"assessment": publish_one}))
    assert "u1大学" not in shown
    assert "第1食堂" not in shown
