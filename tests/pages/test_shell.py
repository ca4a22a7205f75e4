"""When a page breaks: a sentence for a person, the trace for the log."""

import logging

from streamlit.testing.v1 import AppTest
from visits import words

from app_pages import menu


def broken_page():
    from portal.web.shell import broke  # noqa: PLC0415  the test runs this function alone

    try:
        raise RuntimeError("secret detail")
    except RuntimeError as error:
        broke(error)


def page_without_store():
    from portal.store.database import Unavailable  # noqa: PLC0415
    from portal.web.shell import broke  # noqa: PLC0415

    broke(Unavailable("disk of /data", "full"))


def test_a_bug_is_told_in_chinese_without_a_trace(caplog):
    with caplog.at_level(logging.ERROR, "portal.pages"):
        app = AppTest.from_function(broken_page).run()
    assert not app.exception
    assert app.error[0].value.startswith("程序出了意外")
    assert "secret" not in words(app)
    assert "secret detail" in caplog.text


def test_a_store_that_is_away_is_told_with_the_next_step():
    app = AppTest.from_function(page_without_store).run()
    assert "磁盘已满" in app.warning[0].value
    assert "/data" not in words(app)


def test_every_page_of_the_menu_is_there_once():
    assert len({one.address for one in menu.MENU}) == len({one.file for one in menu.MENU}) == len(menu.MENU)
    assert [one for one in menu.MENU if not (menu.HERE / one.file).exists()] == []
