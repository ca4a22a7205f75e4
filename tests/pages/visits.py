"""Opening pages as somebody, and reading what they show."""

import re
from pathlib import Path

from streamlit.testing.v1 import AppTest

from app_pages import session
from portal.people import sessions
from portal.web.here import serve_pages_of
from portal.web.keys import Keys

PAGES = Path(__file__).resolve().parents[2] / "app_pages"


class Visit:
    """Opens pages. Who is signed in is read at each click, so that a test may end the session between two."""

    def __init__(self, desk, monkeypatch):
        self.desk, self.held = desk, ""
        serve_pages_of(desk.portal, Keys(b"k" * 32))
        monkeypatch.setattr(session, "token", lambda: self.held)

    def __call__(self, file, who="filler", query=None, **state):
        if who is not None:
            self.sign_in(who)
        page = AppTest.from_file(str(PAGES / file), default_timeout=60)
        for name, value in (query or {}).items():
            page.query_params[name] = value
        for name, value in state.items():
            page.session_state[name] = value
        return page.run()

    def sign_in(self, who):
        account, now = self.desk.people[who].id, self.desk.time[0]
        write = self.desk.portal.database.write
        self.held = write(lambda c: sessions.begin(c, account, "192.0.2.7", now)).token

    def sign_out(self):
        now = self.desk.time[0]
        self.desk.portal.database.write(lambda c: sessions.end(c, self.held, now))


def words(page):
    """Return everything that a page shows as text, HTML included."""
    shown = [one.proto.body for one in page.get("html")]
    for kind in (
        "title",
        "header",
        "subheader",
        "markdown",
        "caption",
        "info",
        "warning",
        "error",
        "success",
    ):
        shown += [one.value for one in getattr(page, kind)]
    return "\n".join(shown)


CONTROLS = ("label", "placeholder", "help", "options")


def told(page):
    """Return everything that a page says: its text without tags, and the words of its controls."""
    said = [re.sub(r"<style>.*?</style>|<[^>]+>", " ", words(page), flags=re.DOTALL)]
    for one in page.main:
        if one.type != "html":
            found = [getattr(one, name, None) or getattr(one.proto, name, None) for name in CONTROLS]
            said += [
                " ".join(map(str, each)) if isinstance(each, list) else str(each or "") for each in found
            ]
    return "\n".join([*said, *(one.value for one in page.metric)])
