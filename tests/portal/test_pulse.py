"""What others do on the same page: answers of theirs since a moment, who is at work and where, files, the stage."""

import desks
import pytest

from portal.use_cases.filling_in import save
from portal.use_cases.pulse import AT_WORK, OVERLAP, pulse
from portal.use_cases.submissions import Entry


@pytest.fixture
def desk(database, tmp_path):
    return desks.make(database, tmp_path / "blobs")


def look(desk, since="", who="filler", subject="canteen"):
    return pulse(desk.portal, desk.people[who], desk.ids["a"], desk.ids[subject], since=since)


def later(desk):
    """Return a moment after which nothing happened yet."""
    desk.step(seconds=AT_WORK.total_seconds() + OVERLAP.total_seconds() + 1)
    return desk.portal.at()


def test_a_first_look_tells_the_moment_and_who_is_at_work(desk):
    desk.save("colleague", "c.staff", 40)
    desk.save("colleague", "c.passed", 38)
    told = look(desk)
    assert (told.at, told.answers, told.files) == (desk.portal.at(), (), False)
    assert [(one.name, one.fact) for one in told.people] == [("李四", "c.passed")]
    assert (told.state, told.may_save) == ("填报中", True)


def test_answers_since_a_moment_are_told_with_their_version(desk):
    desk.save("colleague", "c.staff", 40)
    seen = later(desk)
    desk.save("colleague", "c.passed", 38)
    told = look(desk, seen)
    assert [(one.fact, one.value, one.version, one.by_name) for one in told.answers] == [
        ("c.passed", 38, 1, "李四")
    ]


def test_a_look_reaches_back_a_little_for_what_was_being_written_then(desk):
    desk.save("colleague", "c.staff", 40)
    assert [one.fact for one in look(desk, desk.step(seconds=OVERLAP.total_seconds() - 1)).answers] == [
        "c.staff"
    ]
    assert not look(desk, desk.step(seconds=2)).answers


def test_who_saved_nothing_for_a_while_is_not_at_work(desk):
    desk.save("colleague", "c.staff", 40)
    seen = desk.step(seconds=AT_WORK.total_seconds() - 1)
    assert [one.name for one in look(desk, seen).people] == ["李四"]
    desk.step(seconds=2)
    assert not look(desk, seen).people


def test_another_place_is_another_page(desk):
    desk.save("colleague", "s.plan", True, subject="school")
    assert not look(desk, desk.portal.at()).answers
    assert [one.fact for one in look(desk, desk.portal.at(), subject="school").answers] == ["s.plan"]


def test_a_new_file_is_told(desk):
    seen = later(desk)
    assert not look(desk, seen).files
    desks.prove(desk)
    assert look(desk, seen).files


def test_it_says_when_nothing_may_be_saved_any_more(desk):
    desk.step(days=31)
    assert not look(desk).may_save


def test_saving_brings_the_news_along(desk):
    seen = later(desk)
    desk.save("colleague", "c.staff", 40)
    place = desk.ids["canteen"]
    done, quiet = (
        save(
            desk.portal,
            desk.people["filler"],
            desk.ids["a"],
            place,
            [Entry(place, "c.passed", 30 + number, number)],
            op_id=desk.op(),
            seen=heard,
        )
        for number, heard in enumerate((seen, ""))
    )
    assert {one.fact for one in done.news.answers} == {"c.staff", "c.passed"}
    assert [one.name for one in done.news.people] == ["张三", "李四"]
    assert quiet.news is None


@pytest.mark.parametrize("since", ["yesterday", "2026-09-01", "2026-09-01T00:00:00"])
def test_a_moment_that_is_none_is_refused(desk, since):
    assert look(desk, since).code == "since"


def test_a_stranger_sees_nothing(desk):
    assert look(desk, who="stranger").kind == "missing"
