"""The public pages over HTTP: for anybody, in Chinese, without a script, and safe against what strangers send."""

from dataclasses import replace
from pathlib import Path

import pytest
from shells import PAGE, house
from starlette.applications import Starlette
from starlette.testclient import TestClient

from portal import report
from portal.use_cases.publication import publicise, withdraw_publication
from portal.web import public
from portal.web.public import LARGEST, Windows
from tests.portal.in_review import in_review, ok, reviewed
from tests.portal.trails import SEAL

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def world(tmp_path):
    found = in_review(tmp_path)
    found.portal = replace(found.portal, seal=SEAL)
    reviewed(found, rate="2.5")
    yield found
    found.portal.database.close()


@pytest.fixture
def browser(world):
    return TestClient(Starlette(routes=list(Windows(world.portal).routes)), follow_redirects=False)


@pytest.fixture
def number(world):
    return ok(publicise(world.portal, world.people["秘书"], world.round, op_id=world.op())).id


@pytest.fixture
def home(sqlite_database, tmp_path, monkeypatch):
    with house(sqlite_database, tmp_path, monkeypatch, ROOT) as found:
        yield found


def test_anybody_gets_them_past_the_gate(home):
    browser = home.browser()
    for path in ("/public", "/verify"):
        page = browser.get(path, headers=PAGE)
        assert page.status_code == 200
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "set-cookie" not in page.headers
    assert "还没有公布的结果" in browser.get("/public").text


@pytest.mark.parametrize(
    "path", ["/public/x", "/public/x/document", "/public/a/b/c", "/public/../home", "/public/key", "/public/"]
)
def test_below_them_there_is_nothing_else(home, path):
    for method in ("GET", "POST"):
        answer = home.browser().request(method, path, headers=PAGE)
        assert answer.status_code in (303, 308, 401, 404, 405, 409), path
        assert "<script" not in answer.text


def test_without_the_last_route_the_library_of_the_pages_would_answer(sqlite_database, tmp_path, monkeypatch):
    routes = Windows.routes.fget
    fewer = property(lambda self: [one for one in routes(self) if "{rest" not in one.path])
    monkeypatch.setattr(Windows, "routes", fewer)
    with house(sqlite_database, tmp_path, monkeypatch, ROOT) as home:
        assert "<script" in home.browser().get("/public/a/b/c", headers=PAGE).text


def test_an_empty_list_then_a_publication_then_its_results(browser, world):
    assert "还没有公布的结果" in browser.get("/public").text
    number = ok(publicise(world.portal, world.people["秘书"], world.round, op_id=world.op())).id
    listed = browser.get("/public").text
    assert f'href="/public/{number}"' in listed
    assert "公示中" in listed
    page = browser.get(f"/public/{number}").text
    for word in ("2026 年评定", "第1食堂", "6.5", "/ 10", "达标", "对结果有异议的学校", "公钥"):
        assert word in page, word


def test_the_files_of_a_publication_verify(browser, number):
    files = {
        name: browser.get(f"/public/{number}/{part}").content
        for name, part in (("file", "document"), ("signature", "signature"), ("proof", "proof"))
    }
    page = browser.post("/verify", files={name: (name, text) for name, text in files.items()}).text
    assert "是本系统发出的原件，没有改动。" in page
    assert page.count("：通过") == 3
    assert browser.get("/public/key").text == SEAL.signer.public.text
    assert browser.get("/public/checkpoint").text.startswith(SEAL.origin)
    answer = browser.get(f"/public/{number}/document")
    assert "attachment" in answer.headers["content-disposition"]
    assert "sandbox" in answer.headers["content-security-policy"]


def test_a_withdrawn_publication_says_why_and_has_no_files(browser, world, number):
    ok(withdraw_publication(world.portal, world.people["秘书"], number, "<b>排印有误</b>", op_id=world.op()))
    page = browser.get(f"/public/{number}").text
    assert "已于" in page
    assert "&lt;b&gt;排印有误" in page
    assert "第1食堂" not in page
    assert "已撤回" in browser.get("/public").text
    assert browser.get(f"/public/{number}/document").status_code == 404


def test_a_university_is_found_by_its_name_and_the_name_stays_text(browser, number):
    assert "第1食堂" in browser.get(f"/public/{number}?q=u1").text
    page = browser.get(f"/public/{number}", params={"q": '"><script>x'}).text
    assert "<script" not in page
    assert "没有名称里带" in page


def test_a_report_can_be_pasted(browser, number):
    text = browser.get(f"/public/{number}/document").text.replace("\n", "\r\n")
    page = browser.post("/verify", data={"text": text}, files={"file": ("", b"")}).text
    assert "是本系统发出的原件" in page


HOSTILE = [
    (b"", "multipart/form-data; boundary=x"),
    (b"--x\r\n", "multipart/form-data; boundary=x"),
    (b"x", "multipart/form-data"),
    (b"--x\r\nContent-Disposition: form-data\r\n\r\nx\r\n--x--", "multipart/form-data; boundary=x"),
    (b"text=1", "application/x-www-form-urlencoded"),
    (b"{}", "application/json"),
    (b"\0\xff", ""),
]


@pytest.mark.parametrize(("body", "kind"), HOSTILE)
def test_a_broken_form_is_answered_in_chinese(browser, body, kind):
    answer = browser.post("/verify", content=body, headers={"content-type": kind})
    assert answer.status_code == 422
    assert "请" in answer.text


def test_too_much_is_refused_before_it_is_read(browser, monkeypatch):
    monkeypatch.setattr(report, "_ask", None)
    answer = browser.post("/verify", files={"file": ("a.json", b"x" * (LARGEST + 1))})
    assert answer.status_code == 413
    answer = browser.post(
        "/verify", files={"file": ("a.json", b"{}"), "proof": ("p", b"x" * (public.SMALL + 1))}
    )
    assert answer.status_code == 413
    many = [("file", (f"{one}.json", b"{}")) for one in range(9)]
    assert browser.post("/verify", files=many).status_code == 422


def test_nothing_that_is_brought_becomes_a_file(browser, number, monkeypatch):
    def rolled(self):
        raise AssertionError("a file was made")

    monkeypatch.setattr("tempfile.SpooledTemporaryFile.rollover", rolled)
    big = b'{"a":"' + b"x" * (3 << 20) + b'"}'
    assert browser.post("/verify", files={"file": ("a.json", big)}).status_code == 200


def test_names_in_a_report_stay_text(browser):
    text = (
        '{"format":"zhunsheng.publication/1","round":{"title":"<img src=x onerror=alert(1)>"},"results":[]}'
    )
    page = browser.post("/verify", files={"file": ("a.json", text.encode())}).text
    assert "<img src=x" not in page
    assert "&lt;img" in page
    assert "无法确认" in page
