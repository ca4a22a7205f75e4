"""Around every request: an id, one line, figures; health pages that need no store; and no trace for anybody to see."""

import asyncio
import io
import json
import logging

import pytest
import structlog

from portal import logs
from portal.health import Doctor
from portal.metrics import Metrics
from portal.watch import Watched


@pytest.fixture
def stream():
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield io.StringIO()
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    root.handlers[:], root.level = before


async def application(scope, receive, send):
    if scope["path"] == "/breaks":
        raise RuntimeError("password=hidden-value")
    logs.logger("portal.inner").info("inside")
    await send({"type": "http.response.start", "status": 201, "headers": []})
    await send({"type": "http.response.body", "body": b"done"})


def ask(app, path, method="GET", headers=()):
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "path": path,
        "method": method,
        "headers": [(name.encode(), value.encode()) for name, value in headers],
        "client": ("127.0.0.1", 1),
    }
    asyncio.run(app(scope, receive, send))
    body = b"".join(one.get("body", b"") for one in sent)
    return sent[0]["status"], dict(sent[0]["headers"]), body


def watched(checks=None, **more) -> Watched:
    return Watched(application, Doctor(checks or {}, deadline=1), Metrics(), **more)


def test_alive_asks_nobody(stream):
    def must_not() -> str:
        raise AssertionError("the store was asked")

    status, _, body = ask(watched({"store": must_not}), "/livez")
    assert (status, body) == (200, b'{"alive":true}')


def test_ready_says_what_is_wrong(stream):
    status, _, body = ask(watched({"store": lambda: "", "evidence": lambda: "连不上"}), "/readyz")
    assert status == 503
    assert json.loads(body) == {"ready": False, "checks": {"store": "ok", "evidence": "连不上"}}
    assert ask(watched({"store": lambda: ""}), "/readyz")[0] == 200


def test_a_request_is_one_line_with_its_id_and_so_is_what_happens_inside(stream):
    logs.configure("info", [], stream)
    status, headers, _ = ask(watched(), "/x\n/y", headers=[("x-request-id", "given-from-outside")])
    inside, outside = (json.loads(line) for line in stream.getvalue().splitlines())
    assert status == 201
    assert inside["request"] == outside["request"] == headers[b"x-request-id"].decode()
    assert outside["request"] != "given-from-outside"
    assert (outside["method"], outside["path"], outside["status"]) == ("GET", "/x\n/y", 201)


@pytest.mark.parametrize(
    ("given", "taken"),
    [("0123456789abcdef", True), ("a b", False), ("x" * 65, False), ("<script>alert(1)</script>", False)],
)
def test_the_id_of_a_trusted_proxy_is_taken_when_it_is_one(stream, given, taken):
    _, headers, _ = ask(watched(trusted=True), "/", headers=[("x-request-id", given)])
    assert (headers[b"x-request-id"].decode() == given) is taken


def test_what_breaks_is_told_without_a_trace(stream):
    logs.configure("info", [], stream)
    app = watched()
    status, headers, body = ask(app, "/breaks")
    said = json.loads(body)
    assert status == 500
    assert said["request"] == headers[b"x-request-id"].decode()
    assert "RuntimeError" not in body.decode()
    assert "请" in said["message"]
    text = stream.getvalue()
    assert "hidden-value" not in text
    assert [json.loads(line)["event"] for line in text.splitlines()] == ["broke", "answered"]
    assert b'zhunsheng_failures_total{where="request"} 1.0' in app.metrics.text()


def test_figures_hold_no_choice_of_a_stranger(stream):
    app = watched()
    for number in range(50):
        ask(app, f"/made-up/{number}", method=f"M{number}")
    body = app.metrics.text()
    assert b'zhunsheng_requests_total{method="other",route="other",status="2xx"} 50.0' in body
    assert b"made-up" not in body


def test_health_pages_take_nothing(stream):
    assert ask(watched(), "/livez", method="POST")[0] == 405
    assert ask(watched(), "/livez", method="HEAD")[2] == b""
