"""The sign-in as a browser sees it: forms, cookies, waits, the way back, and what must not work."""

from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from people_world import GOOD, HERE, THERE, lines, op
from shells import ORIGIN, PAGE, house
from starlette.routing import Router
from starlette.websockets import WebSocketDisconnect
from test_oidc import ISSUER, Fake, client_of

from portal.people.actors import OPERATOR
from portal.refusal import Refusal
from portal.use_cases.accounts import create_account
from portal.use_cases.sign_in import who_am_i
from portal.web import doors as doors_module
from portal.web import paths
from portal.web.doors import Doors
from portal.web.keys import Keys

ROOT = Path(__file__).resolve().parents[2]
SAFER = "https://portal.test"


@pytest.fixture
def home(sqlite_database, tmp_path, monkeypatch):
    with house(sqlite_database, tmp_path, monkeypatch, ROOT) as found:
        yield found


def said(answer):
    return answer.text.split('id="said">')[1].split("</p>")[0]


def test_signing_in_gives_a_cookie_that_scripts_cannot_read_and_leads_where_one_wanted_to_go(home):
    browser = home.browser()
    sent = browser.get("/home?round=R1", headers=PAGE)
    assert (sent.status_code, sent.headers["location"]) == (303, "/sign-in?next=/home%3Fround%3DR1")
    answer = browser.sign_in("li", next_="/home%3Fround%3DR1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/home?round=R1")
    cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("zs_session="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie
    assert browser.get("/sign-in", headers=PAGE).headers["location"] == "/"
    assert browser.get("/session").json()["name"] == "li先生"


def test_over_https_the_cookies_are_secure_and_no_neighbour_can_set_them(home):
    browser = home.browser(base_url=SAFER)
    answer = browser.sign_in("li")
    for cookie in answer.headers.get_list("set-cookie"):
        assert "Secure" in cookie
        assert cookie.startswith(("__Host-", "zs_proof="))
    token = browser.cookies["__Host-zs_session"]
    plain = home.browser(base_url=SAFER)
    plain.cookies.set("zs_session", token)
    assert plain.get("/session").status_code == 401


def test_the_session_is_new_at_each_sign_in_and_the_old_one_ends(home):
    browser = home.browser()
    browser.cookies.set("zs_session", "zss_chosen-by-somebody-else", domain="portal.test")
    browser.sign_in("li")
    first = browser.session
    assert first != "zss_chosen-by-somebody-else"
    fields = home.browser().form()
    fresh = home.browser()
    fields = fresh.form()
    fresh.cookies.set("zs_session", first, domain="portal.test")
    assert fresh.post("/sign-in", data={**fields, "login": "chief", "password": GOOD}).status_code == 303
    assert isinstance(who_am_i(home.portal, first), Refusal)


def test_a_form_of_somebody_else_signs_nobody_in(home):
    browser, other = home.browser(), home.browser()
    theirs = other.form()
    browser.form()
    given = {"login": "li", "password": GOOD, "next": "/"}
    for fields in ({}, {"proof": ""}, theirs, {"proof": "0" * 64}):
        answer = browser.post("/sign-in", data={**given, **fields})
        assert answer.status_code == 403
        assert "请再登录一次" in said(answer)
    nothing_kept = home.browser()
    assert nothing_kept.post("/sign-in", data={**given, "proof": theirs["proof"]}).status_code == 403
    for foreign in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert browser.sign_in("li", headers=foreign).status_code == 403
    assert browser.session is None
    assert (
        browser.sign_in("li", headers={"origin": ORIGIN, "sec-fetch-site": "same-origin"}).status_code == 303
    )


def test_without_the_proof_that_test_fails(home, monkeypatch):
    monkeypatch.setattr(Keys, "is_proven", lambda *_: True)
    with pytest.raises(AssertionError):
        test_a_form_of_somebody_else_signs_nobody_in(home)


def test_wrong_is_told_without_saying_what_is_wrong(home):
    browser = home.browser()
    known, unknown = browser.sign_in("li", "wrong guess"), browser.sign_in("nobody", "wrong guess")
    assert known.status_code == unknown.status_code == 403
    assert said(known) == said(unknown)
    assert 'value="li"' in known.text
    assert "wrong guess" not in known.text
    assert 'value="&lt;b&gt;&quot;"' in browser.sign_in('<b>"', "x").text


def test_the_sixth_wrong_try_waits_and_the_victim_still_comes_in(home):
    guesser, victim = home.browser(THERE), home.browser(HERE)
    assert [guesser.sign_in("li", f"guess {n}").status_code for n in range(6)] == [403] * 5 + [429]
    waiting = guesser.sign_in("li")
    assert waiting.status_code == 429
    assert waiting.headers["retry-after"] == "30"
    assert "请过 30 秒再试" in said(waiting)
    assert victim.sign_in("li").status_code == 303
    home.portal.clock.pass_by(seconds=30)
    assert guesser.sign_in("li").status_code == 303


@pytest.mark.parametrize(
    "next_",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/%09/evil.example",
        "javascript:alert(1)",
        "/a//evil.example",
        "home",
        "/sign-out",
        "/password",
        "/api/v1/rounds",
        "/sign-in",
        "/a\r\nset-cookie: x=1",
        "/" + "a" * 3000,
    ],
)
def test_the_way_back_never_leads_out(home, next_):
    assert paths.inside(next_) in ("/", next_ if next_.startswith("/%09") else "/")
    browser = home.browser()
    fields = {**browser.form(), "next": next_}
    answer = browser.post("/sign-in", data={**fields, "login": "li", "password": GOOD})
    assert answer.status_code == 303
    there = httpx.URL(ORIGIN).join(answer.headers["location"])
    assert there.host == "portal.test"


def test_without_that_check_it_would(home, monkeypatch):
    monkeypatch.setattr(
        doors_module, "paths", SimpleNamespace(**{**vars(paths), "inside": lambda said: said})
    )
    with pytest.raises(AssertionError):
        test_the_way_back_never_leads_out(home, "https://evil.example")


def test_a_first_password_has_to_be_changed_before_anything_else(home):
    made = create_account(home.portal, OPERATOR, op(), "wang", "王老师")
    browser = home.browser()
    answer = browser.sign_in("wang", made.password, next_="/home")
    assert answer.headers["location"] == "/password?next=/home"
    assert browser.get("/home", headers=PAGE).headers["location"] == "/password"
    assert browser.get("/api/v1/rounds").json()["code"] == "must_change"
    with pytest.raises(WebSocketDisconnect), browser.listen():
        pass
    first = browser.session
    fields = browser.form("/password?next=/home")
    asked = {**fields, "current": made.password}
    for new, again, words in (
        ("short", "short", "至少要 10 个"),
        (GOOD, "another one", "不一样"),
    ):
        answer = browser.post("/password", data={**asked, "new": new, "again": again})
        assert answer.status_code == 422
        assert words in said(answer)
    wrong = browser.post("/password", data={**fields, "current": "no", "new": GOOD, "again": GOOD})
    assert "原密码不正确" in said(wrong)
    assert (
        browser.post("/password", data={**asked, "proof": "", "new": GOOD, "again": GOOD}).status_code == 403
    )
    answer = browser.post("/password", data={**asked, "new": GOOD, "again": GOOD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/home")
    assert browser.session != first
    assert isinstance(who_am_i(home.portal, first), Refusal)
    assert browser.get("/session").json()["must_change"] is False


def test_signing_out_needs_a_form_of_ours_and_ends_the_session_everywhere(home):
    browser = home.browser()
    browser.sign_in("li")
    token = browser.session
    browser.get("/sign-out", headers=PAGE)
    assert browser.post("/sign-out", data={"proof": "0" * 64}).headers["location"] == "/sign-out"
    foreign = browser.post(
        "/sign-out", data=browser.form("/sign-out"), headers={"origin": "https://evil.example"}
    )
    assert foreign.status_code == 403
    assert browser.get("/session").status_code == 200
    assert browser.post("/sign-out", data=browser.form("/sign-out")).headers["location"] == "/sign-in?out"
    assert browser.session is None
    thief = home.browser()
    thief.cookies.set("zs_session", token, domain="portal.test")
    assert thief.get("/session").status_code == 401
    assert "已退出登录" in browser.get("/sign-in?out", headers=PAGE).text
    assert lines(home.portal, "session.sign_out") == 1


def test_a_form_holds_so_much_and_no_more(home):
    browser = home.browser()
    answer = browser.sign_in("li", "x" * 20_000)
    assert answer.status_code == 413
    many = {f"f{n}": "1" for n in range(100)}
    assert browser.post("/sign-in", data={**browser.form(), **many}).status_code == 413
    assert browser.post("/sign-in", content=b"\xff\xfe\x00=%ff").status_code == 403


# Single sign-on -------------------------------------------------------------------------------------------------------


def test_single_sign_on_begins_and_ends_in_the_same_browser(home, monkeypatch):
    fake = Fake(home.portal.clock)
    doors = Doors(home.portal, Keys(b"k" * 32), client_of(fake))
    app = Router(doors.routes)
    made = create_account(home.portal, OPERATOR, op(), "teacher", "老师", issuer=ISSUER, subject="teacher-7")
    assert not isinstance(made, Refusal)
    browser = type(home.browser())(app)
    assert "/sso?next=/home" in browser.get("/sign-in?next=/home", headers=PAGE).text
    begun = browser.get("/sso?next=/home")
    assert begun.headers["location"].startswith(f"{ISSUER}/auth?")
    answer = fake.visit(begun.headers["location"])
    stolen = type(browser)(app)
    assert stolen.get("/sso/callback", params=answer).status_code == 403
    begun = browser.get("/sso?next=/home")
    done = browser.get("/sso/callback", params=fake.visit(begun.headers["location"]))
    assert (done.status_code, done.headers["location"]) == (303, "/home")
    assert browser.session
    fake.subject = "somebody-else"
    begun = browser.get("/sso")
    answer = browser.get("/sso/callback", params=fake.visit(begun.headers["location"]))
    assert answer.status_code == 403
    assert "somebody-else" in answer.text
