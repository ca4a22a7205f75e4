"""The gate: nobody who is not signed in gets past it, by any address; and whoever no longer is, is out within a second."""

import threading
from pathlib import Path

import pytest
from anyio import ClosedResourceError
from people_world import op
from shells import HOST, ORIGIN, PAGE, WIRE, house
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocketDisconnect

from portal.api.table import CALLS
from portal.people import sessions, tokens
from portal.people.actors import OPERATOR
from portal.refusal import SIGNED_OUT
from portal.store.database import Unavailable
from portal.use_cases.accounts import disable_account
from portal.web import gate as gate_module
from portal.web import paths
from portal.web.dress import index
from portal.web.gate import OVER
from portal.web.sockets import EVERY

ROOT = Path(__file__).resolve().parents[2]
STRANGE = "https://evil.example"


@pytest.fixture
def home(sqlite_database, tmp_path, monkeypatch):
    with house(sqlite_database, tmp_path, monkeypatch, ROOT) as found:
        yield found


@pytest.fixture
def li(home):
    browser = home.browser()
    assert browser.sign_in("li").status_code == 303
    return browser


def addresses(app):
    """Return every address that the application knows, of pages, API and library, with its methods."""
    found = [("GET", "/"), ("GET", "/home"), ("GET", "/any/page"), ("GET", "/app/static/a.txt")]
    for route in app._starlette_app.routes:
        if isinstance(route, Route):
            path = route.path.replace("{file_id:path}", "x.png").replace("{path:path}", "x/x.js")
            path = path.replace("{session_id}", "s").replace("{file_id}", "f")
            found += [(method, path) for method in route.methods or {"GET"}]
        elif isinstance(route, Mount):
            found += [("GET", route.path or "/static/js/index.js")]
            found += [("GET", f"{route.path}/openapi.json")]
        else:
            assert isinstance(route, WebSocketRoute), route
    return found + [(call.method, f"/api/v1{call.path}") for call in CALLS]


def test_nobody_gets_anything_by_any_address(home):
    browser, asked = home.browser(), 0
    for method, path in addresses(home.app):
        if paths.is_public(path):
            continue
        for headers in (
            {},
            PAGE,
            {"x-zhunsheng-actor": "boss", "remote-user": "boss", "x-forwarded-user": "boss"},
        ):
            answer = browser.request(method, path, headers=headers)
            to_sign_in = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
            assert answer.status_code == 401 or (to_sign_in and headers is PAGE), (
                method,
                path,
                answer.status_code,
            )
            assert "Traceback" not in answer.text
            asked += 1
    assert asked > 300
    for path in ("/_stcore/stream", "/other"):
        with (
            pytest.raises(WebSocketDisconnect),
            browser.websocket_connect(f"{WIRE}{path}", headers={"origin": ORIGIN}),
        ):
            pass


def test_without_the_gate_that_test_fails(home, monkeypatch):
    async def open_door(self, scope):
        return None

    monkeypatch.setattr(gate_module.Gate, "_answer", open_door)
    with pytest.raises(AssertionError):
        test_nobody_gets_anything_by_any_address(home)


def test_what_is_public_is_a_short_list():
    told = {"/public", "/verify"}
    assert told | {"/sign-in", "/sso", "/sso/callback", "/livez", "/readyz", "/favicon.ico"} == paths.PUBLIC
    assert paths.PUBLIC_BELOW == ("/assets/", "/public/")


@pytest.mark.parametrize(
    "path",
    [
        "/sign-in/../home",
        "//home",
        "/sign-in/x",
        "/assets",
        "/livez/",
        "/%2e%2e/home",
        "/verify/x",
        "/publicity",
    ],
)
def test_near_a_public_address_is_not_public(home, path):
    assert home.browser().get(path, headers=PAGE).status_code in (303, 401)


def test_who_is_in_gets_the_page_in_chinese_and_its_headers(li):
    page = li.get("/", headers=PAGE)
    assert page.status_code == 200
    assert '<html lang="zh-CN">' in page.text
    assert "/assets/shell.js" in page.text
    assert "<title>准绳</title>" in page.text
    assert "You need to enable" not in page.text
    assert page.headers["cache-control"] == "no-store"
    for path in ("/", "/_stcore/health", "/assets/shell.js", "/sign-in"):
        headers = li.get(path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
    for path in paths.CLOSED:
        assert li.get(path).status_code == 404


def test_the_library_page_still_has_what_we_cut_and_replace():
    text = index().decode()
    assert text.count("<script>") == 0
    assert 'lang="zh-CN"' in text
    assert '<div id="root"></div>' in text
    assert 'type="module"' in text


# The API with a session -----------------------------------------------------------------------------------------------


def change(browser, **headers):
    own = {"idempotency-key": op(), "content-type": "application/json"}
    return browser.post(
        "/api/v1/universities", json={"code": op(), "title": "某大学"}, headers={**own, **headers}
    )


def test_a_session_reads_the_api_and_changes_with_its_proof_only(home):
    browser = home.browser()
    browser.sign_in("chief")
    assert browser.get("/api/v1/rounds").status_code == 200
    proof = browser.get("/session").json()["proof"]
    assert proof == browser.cookies["zs_proof"]
    assert change(browser, **{"x-csrf-token": proof}).status_code == 200
    other = home.browser()
    other.sign_in("li")
    for wrong in ({}, {"x-csrf-token": "0" * 64}, {"x-csrf-token": other.get("/session").json()["proof"]}):
        answer = change(browser, **wrong)
        assert answer.status_code == 403
        assert answer.json()["code"] == "csrf"
    for foreign in ({"origin": STRANGE}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}):
        answer = change(browser, **{"x-csrf-token": proof}, **foreign)
        assert answer.status_code == 403
        assert answer.json()["code"] == "foreign"


def test_without_the_proof_that_test_fails(home, monkeypatch):
    monkeypatch.setattr("portal.web.keys.Keys.is_proven", lambda *_: True)
    with pytest.raises(AssertionError):
        test_a_session_reads_the_api_and_changes_with_its_proof_only(home)


def test_a_token_needs_no_proof_and_opens_no_page(home):
    chief = home.browser()
    chief.sign_in("chief")
    account = chief.get("/session").json()["account"]
    now = home.portal.clock()
    token = home.portal.database.write(lambda c: tokens.issue(c, account, "系统", 180, now))[1]
    program, own = home.browser(), {"authorization": f"Bearer {token}"}
    assert change(program, **own).status_code == 200
    assert program.get("/api/v1/openapi.json", headers=own).status_code == 200
    assert program.get("/home", headers=own).status_code == 401
    assert program.get("/api/v1/rounds", headers={"authorization": "Bearer zst_wrong"}).status_code == 401
    assert program.get("/metrics", headers=own).status_code == 403


def test_figures_are_for_those_who_keep_the_machine(home):
    boss, li = home.browser(), home.browser()
    boss.sign_in("boss")
    li.sign_in("li")
    assert "zhunsheng_requests_total" in boss.get("/metrics").text
    assert li.get("/metrics").status_code == 403


def test_while_the_store_is_away_nobody_comes_in(home, li, monkeypatch):
    def away(*_):
        raise Unavailable("busy")

    monkeypatch.setattr(gate_module, "who_am_i", away)
    assert li.get("/", headers=PAGE).status_code == 503
    with pytest.raises(WebSocketDisconnect), li.listen():
        pass


# Connections ----------------------------------------------------------------------------------------------------------


class Ear:
    """Listens to a connection beside the test, until it is closed."""

    def __init__(self, line):
        self.line, self.code = line, None
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self):
        try:
            while True:
                self.line.receive_bytes()
        except WebSocketDisconnect as end:
            self.code = end.code
        except ClosedResourceError:  # the test has hung up
            pass

    def closed(self):
        """Wait for the end, and return the code."""
        self.thread.join(30)
        return self.code


@pytest.mark.parametrize(
    "origin", [STRANGE, None, "http://portal.test.evil.example", "null", f"http://{HOST}:8080"]
)
def test_a_foreign_page_gets_no_connection(li, origin):
    with pytest.raises(WebSocketDisconnect), li.listen(origin=origin):
        pass


def test_a_page_of_ours_gets_its_connection(li):
    with li.listen() as line:
        assert line.accepted_subprotocol == "streamlit"


class Looks:
    """Lets a test wait until the watch has looked, and say what it saw."""

    def __init__(self, monkeypatch, seen=gate_module.alive):
        self.done = threading.Semaphore(0)

        def look(portal, tokens):
            try:
                return seen(portal, tokens)
            finally:
                self.done.release()

        monkeypatch.setattr(gate_module, "alive", look)

    def wait(self):
        """Wait for two looks from now: the first may have begun before."""
        while self.done.acquire(blocking=False):
            pass
        for _ in range(2):
            assert self.done.acquire(timeout=30)


def signed_out(home, browser):
    fields = browser.form("/sign-out")
    assert browser.post("/sign-out", data=fields).headers["location"] == "/sign-in?out"


def revoked(home, browser):
    token, now = browser.session, home.portal.clock()
    home.portal.database.write(lambda c: sessions.end(c, token, now))


def disabled(home, browser):
    account = browser.get("/session").json()["account"]
    disable_account(home.portal, OPERATOR, op(), account, "离职")


def forgotten(home, browser):
    home.portal.clock.pass_by(hours=3)


ENDS = [signed_out, revoked, disabled, forgotten]


@pytest.mark.parametrize("end", ENDS)
def test_a_connection_ends_with_its_session(home, li, end):
    with li.listen() as line:
        end(home, li)
        assert Ear(line).closed() == OVER
    assert li.get("/", headers=PAGE).headers["location"].startswith("/sign-in")
    assert li.get("/_stcore/health").status_code == 401


def test_without_the_watch_a_silent_connection_would_stay(home, li, monkeypatch):
    looks = Looks(monkeypatch, lambda _portal, tokens: frozenset(tokens))
    with li.listen() as line:
        ear = Ear(line)
        revoked(home, li)
        looks.wait()
        assert ear.code is None
        line.send_bytes(b"")  # but a message is checked by itself
        assert ear.closed() == OVER


def test_connections_of_others_stay(home, li, monkeypatch):
    looks, other = Looks(monkeypatch), home.browser()
    other.sign_in("li")
    with li.listen() as mine, other.listen() as theirs:
        ear = Ear(theirs)
        revoked(home, li)
        assert Ear(mine).closed() == OVER
        looks.wait()
        assert ear.code is None


def test_a_store_that_is_away_cuts_nobody_off(home, li, monkeypatch):
    def away(*_):
        raise Unavailable("busy")

    looks = Looks(monkeypatch, away)
    with li.listen() as line:
        ear = Ear(line)
        looks.wait()
        assert ear.code is None


def test_the_watch_looks_twice_a_second():
    assert EVERY <= 0.5


def test_what_a_session_may_is_looked_up_each_time(home, li, monkeypatch):
    assert li.get("/session").json()["roles"] == ["填报员"]
    monkeypatch.setattr(gate_module, "who_am_i", lambda *_: SIGNED_OUT)
    assert li.get("/session").status_code == 401
