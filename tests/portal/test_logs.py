"""Logs: one line an event whatever is logged, and no secret in any of them."""

import io
import json
import logging

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from portal import logs

SECRET = "9f2c4d1ab07e63588a1d2c3b4e5f6071"  # noqa: S105  made up


@pytest.fixture
def stream():
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield io.StringIO()
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    logging.getLogger("uvicorn.access").disabled = False
    root.handlers[:], root.level = before


def log_to(stream, level="debug"):
    """Log to the stream only; said in the test itself, because pytest adds handlers of its own before each."""
    logs.configure(level, [SECRET], stream)
    return logs.logger("portal.test")


def lines(stream) -> list[dict]:
    text = stream.getvalue()
    stream.seek(0)
    stream.truncate()
    found = [json.loads(line) for line in text.splitlines()]
    assert text.count("\n") == len(found)
    return found


class Unprintable:
    def __repr__(self):
        raise RuntimeError("cannot be printed")


def circular() -> list:
    found: list = []
    found.append(found)
    return found


def deep(levels: int = 5000) -> list:
    found: list = []
    for _ in range(levels):
        found = [found]
    return found


HOSTILE = [
    "line\nbreak",
    "line\r\nbreak",
    "\u2028line\u2029break\x85\x0b\x0c\x1c\x1d\x1e",
    "\x1b[31mred\x1b]0;title\x07",
    '"}\n{"event":"forged","level":"info"}',
    "\ud800\udfff",
    "\u202egnp.exe",
    "\0",
    b"\xff\n",
    float("nan"),
    float("inf"),
    10**5000,
    Unprintable(),
    circular(),
    deep(),
    {"a\nb": {"c": "\n"}, 1: 2, None: 3, (1, 2): 4},
    {"x": {1, 2}},
    "长" * 100_000,
    list(range(100_000)),
    ValueError("a\nb"),
    "%s %d {} {x}",
]


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_is_logged_is_one_line(stream, hostile):
    log = log_to(stream)
    log.info("saved", thing=hostile)
    log.info(str(hostile) if isinstance(hostile, str) else "event", **{"odd\nname": hostile})
    logging.getLogger("library").warning("said %s", hostile)
    try:
        raise ValueError(hostile)
    except ValueError:
        log.exception("broke")
    found = lines(stream)
    assert len(found) == 4
    assert all(one["at"] for one in found if one["event"] != "log failed")
    assert len(json.dumps(found)) < 200_000


@given(
    st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.binary(), st.lists)
)
def test_one_line_for_any_data(value):
    event = logs.Redactor()(None, "", {"event": "x", "value": value})
    line = logs.one_line(None, "", event)
    assert len(line.splitlines()) == 1
    json.loads(line)


def test_a_library_that_logs_wrongly_costs_a_short_line(stream):
    log_to(stream)
    logging.getLogger("library").warning("%d", "no number")
    (found,) = lines(stream)
    assert found["event"] == "log failed"
    assert found["logger"] == "library"


def test_the_protection_bites():
    """Without our last step, the same text breaks the line for readers that split at U+2028."""
    plain = json.dumps({"event": "a\u2028b"}, ensure_ascii=False)
    assert len(plain.splitlines()) == 2
    assert len(logs.one_line(None, "", {"event": "a\u2028b"}).splitlines()) == 1


SAID = [
    {"password": "hidden-value"},
    {"new_password": "hidden-value"},
    {"密码": "hidden-value"},
    {"token": "hidden-value"},
    {"headers": {"Authorization": "hidden-value", "Cookie": "hidden-value"}},
    {"nested": [{"session": "hidden-value"}]},
    {"url": "postgresql://zhunsheng:hidden-value@db:5432/zhunsheng"},
    {"url": "https://zp.example.org/callback?code=hidden-value&state=hidden-value"},
    {"text": "Authorization: Bearer hidden-value"},
    {"text": '{"password": "hidden-value"}'},
    {"text": "password=hidden-value"},
    {"text": "$argon2id$v=19$m=19456,t=2,p=1$hidden-value"},
    {"text": "-----BEGIN PRIVATE KEY-----\nhidden-value\n-----END PRIVATE KEY-----"},
    {"text": f"the key is {SECRET}"},
    {"x" + SECRET: 1},
    {"secret": ["hidden-value"]},
    {"settings": {"oidc_secret": "hidden-value"}},
]


@pytest.mark.parametrize("said", SAID, ids=range(len(SAID)))
def test_no_secret_reaches_the_log(stream, said):
    log = log_to(stream)
    log.info("saved", **said)
    logging.getLogger("library").warning("said %s", said)
    try:
        raise ValueError(said)
    except ValueError:
        log.exception("broke")
    structlog.contextvars.bind_contextvars(**said)
    log.info("bound")
    text = stream.getvalue()
    assert "hidden-value" not in text
    assert SECRET not in text
    assert len(lines(stream)) == 4


def test_redaction_bites(stream, monkeypatch):
    """The same texts are found in the log when the redaction is taken away."""
    monkeypatch.setattr(logs.Redactor, "__call__", lambda *given: given[-1])
    log_to(stream).info("saved", **SAID[0])
    assert "hidden-value" in stream.getvalue()


def test_what_is_no_secret_stays_readable(stream):
    log_to(stream).info(
        "saved", fact="canteen.staff", count=3, path="/api/v1/rounds", ok=True, ms=1.5, state="进行中"
    )
    (found,) = lines(stream)
    assert (found["fact"], found["count"], found["path"], found["ok"], found["ms"]) == (
        "canteen.staff",
        3,
        "/api/v1/rounds",
        True,
        1.5,
    )


def test_a_log_nobody_reads_any_more_stops_nothing(stream):
    log = log_to(stream)
    stream.close()
    log.info("saved")


def test_levels_are_kept(stream):
    log = log_to(stream, "warning")
    log.info("quiet")
    log.warning("loud")
    assert [one["event"] for one in lines(stream)] == ["loud"]
