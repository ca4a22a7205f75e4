"""The whole application in this process, with people who can sign in, for tests of the gate and the sign-in."""

import re
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from html import unescape

from people_world import GOOD, person, role, world
from starlette.testclient import TestClient
from streamlit import App, config
from streamlit.runtime import Runtime

from portal.opening import Opened
from portal.settings import Secret, read_settings
from portal.web.shell import parts

KEY = "9f2c4d1ab07e63588a1d2c3b4e5f60718293a4b5c6d7e8f9"
HOST, ORIGIN, WIRE = "portal.test", "http://portal.test", "ws://portal.test"
PAGE = {"accept": "text/html,application/xhtml+xml"}


class House:
    """An application that runs, and its portal."""

    def __init__(self, portal, app):
        self.portal, self.app = portal, app

    def browser(self, address="192.0.2.7", **more):
        """Return a browser of its own: its cookies, its address."""
        return Browser(self.app, address, **more)


class Browser(TestClient):
    """A browser that shows no pages; it follows nowhere by itself."""

    def __init__(self, app, address="192.0.2.7", base_url=ORIGIN):
        super().__init__(app, base_url=base_url, client=(address, 4711), follow_redirects=False)

    def form(self, path="/sign-in", **more):
        """Open a page and return the hidden fields of its form."""
        page = self.get(path, headers=PAGE, **more)
        return {name: unescape(value) for name, value in HIDDEN.findall(page.text)}

    def sign_in(self, login, password=GOOD, next_=None, **more):
        fields = self.form("/sign-in" if next_ is None else f"/sign-in?next={next_}")
        return self.post("/sign-in", data={**fields, "login": login, "password": password}, **more)

    @property
    def session(self):
        return self.cookies.get("zs_session") or self.cookies.get("__Host-zs_session")

    def listen(self, origin=ORIGIN, **more):
        """Open the connection of the pages."""
        headers = {"origin": origin} if origin else {}
        return self.websocket_connect(
            f"{WIRE}/_stcore/stream", subprotocols=["streamlit"], headers=headers, **more
        )


HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


def settings(folder, root, **more):
    """Return settings of a portal in a folder."""
    found, problems = read_settings({"ZHUNSHENG_DATA": str(folder), "ZHUNSHENG_RULES": str(root)})
    assert found is not None, problems
    return replace(found, secret=Secret(KEY), **more)


@contextmanager
def house(database, tmp_path, monkeypatch, root, **more):
    """Run the application with a filler, the secretariat and an administrator, on a real clock."""
    portal = world(database, tmp_path, monkeypatch)
    person(portal, "li", role("filler", "U1"))
    person(portal, "chief", role("secretariat"))
    person(portal, "boss", role("administrator"))
    monkeypatch.setattr(config, "_main_script_path", None)
    monkeypatch.setattr(Runtime, "_instance", None)
    app = App(**parts(Opened(portal, settings(tmp_path, root, **more), ExitStack())))
    with TestClient(app, base_url=ORIGIN):
        yield House(portal, app)
