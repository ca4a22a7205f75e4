"""What waits for whom, and what the page says of it."""

import re
from typing import get_args

import pytest
from desks import account, new_round
from visits import words

from app_pages import menu
from app_pages.components.tasks import WORDS
from portal.policy import Member
from portal.use_cases.home import Task, read_home


def tasks(desk, who):
    return [
        (one.task, one.university_title, one.done, one.of) for one in read_home(desk.portal, desk.people[who])
    ]


def told(page):
    return re.findall(r"<h3>(?:<a[^>]*>)?([^<]*)", words(page))


def test_the_university_sees_what_it_has_to_fill_in_and_how_far_it_is(desk, visit):
    desk.save("filler", "c.staff", 40)
    (task,) = tasks(desk, "filler")
    assert task[0] == "fill"
    assert task[2] == 1
    page = visit("home.py", "filler")
    assert told(page) == ["填报"]
    assert f"已答 1 / {task[3]} 项" in words(page)
    assert "填报中" in words(page)
    assert told(visit("home.py", "approver")) == ["填报并提交"]


def test_only_the_own_university_is_there(desk, visit):
    (mine,), (theirs,) = tasks(desk, "filler"), tasks(desk, "stranger")
    assert mine[1] != theirs[1]
    assert theirs[1] not in words(visit("home.py", "filler"))


def test_each_stage_waits_for_those_whose_turn_it_is(desk, visit):
    desk.save("filler", "c.staff", 40)
    desk.submit()
    assert tasks(desk, "filler") == tasks(desk, "approver") == []
    assert "现在没有等您办的事。" in words(visit("home.py", "filler"))
    assert [one[0] for one in tasks(desk, "secretary")] == ["remind", "assign"]
    page = visit("home.py", "secretary")
    assert told(page) == ["等学校提交", "指派评审专家"]
    assert "已提交 1 / 2 所" in words(page)


def test_the_nearest_deadline_comes_first_and_what_is_late_says_so(desk, visit):
    (before,) = read_home(desk.portal, desk.people["filler"])
    assert before.days == 29 or before.days == 30
    assert not before.late
    desk.step(days=31)
    (after,) = read_home(desk.portal, desk.people["filler"])
    assert after.late
    assert "已过期" in words(visit("home.py", "filler"))


def test_every_line_leads_to_what_it_is_about(desk, visit):
    """A page that does not know what it was sent to opens on something else, and says so in the address."""
    desk.save("filler", "c.staff", 40)
    desk.ids["next"] = new_round(desk, edition="2", title="次年")
    desk.save("filler", "c.staff", 40)
    assert led(visit, "approver") == {
        ("fill", one.assessment) for one in read_home(desk.portal, desk.people["approver"])
    }
    desk.submit()
    rounds = {desk.ids["round"], desk.ids["next"]}
    assert led(visit, "secretary") == {*(("rounds", one) for one in rounds), ("assign", desk.ids["next"])}


def led(visit, who):
    """Follow every line, and return where one is then."""
    found = set()
    for address, name, about in re.findall(r'href="/(\w+)\?(\w+)=(\w+)"', words(visit("home.py", who))):
        (file,) = (one.file for one in menu.MENU if one.address == address)
        page = visit(file, who, {name: about})
        assert not page.exception
        found.add((address, "".join(page.query_params[name])))
    return found


@pytest.mark.parametrize("who", ["observer", "inspector"])
def test_nothing_waits_for_who_has_nothing_to_do(visit, who):
    assert "现在没有等您办的事。" in words(visit("home.py", who))


def test_without_a_role_the_page_says_whom_to_ask(desk, visit):
    desk.people["new"] = account(desk, "新人")
    assert "还没有分配角色" in words(visit("home.py", "new"))
    assert menu.entries_for(desk.people["new"]) == menu.MENU[:1]


def test_a_session_that_ends_between_two_clicks_ends_the_page(visit):
    page = visit("home.py", "filler")
    visit.sign_out()
    page.run()
    assert not page.title
    assert "请重新登录" in page.error[0].value


def test_a_role_that_is_taken_is_gone_at_the_next_click(desk, visit):
    page = visit("home.py", "filler")
    assert told(page) == ["填报"]
    visit.sign_in("stranger")
    page.run()
    assert told(page) == ["填报"]
    assert tasks(desk, "filler")[0][1] not in words(page)


def test_every_task_has_its_words():
    assert set(WORDS) == set(get_args(Task))


def test_a_name_stays_text(desk, visit):
    desk.people["odd"] = account(desk, "<script>x</script>", Member("filler", desk.ids["A"]))
    page = visit("main.py", "odd")
    assert not page.exception
    assert "<script>x" not in words(page)
    assert "&lt;script&gt;" in words(page)


def test_the_shell_shows_who_is_here_and_the_way_out(visit):
    page = visit("main.py", "filler")
    assert not page.exception
    shown = words(page)
    assert "张三" in shown
    assert "填报员" in shown
    assert 'action="/sign-out"' in shown
    assert "演示模式" not in shown
