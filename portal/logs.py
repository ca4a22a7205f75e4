"""Logs: one line of JSON an event, with the id of the request, without secrets, whatever is logged.

What the libraries log goes through the same door. A line never breaks: control characters, line separators, lone
surrogates, objects that cannot be printed and circular data all end up as escaped text inside one line.
"""

import contextlib
import json
import logging
import re
import sys
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import Any, TextIO

import structlog

LONGEST = 4000
"""Letters of one value; more is cut and says so."""

WIDEST, DEEPEST = 100, 6
"""Entries of a collection, and levels of collections within each other."""

HIDDEN = "（已隐去）"

_NAMES = re.compile(
    r"pass(word|wd|phrase)?$|secret|token|authori[sz]ation|cookie|credential|api_?key|signing_?key|private|session|"
    r"^(db_?)?dsn$|密码|口令|密钥",
    re.IGNORECASE,
)
"""Names of what is hidden whatever it holds."""

_VALUES = (
    (re.compile(r"(://[^:/@\s\"']*:)[^@/\s\"']+@"), rf"\1{HIDDEN}@"),
    (re.compile(r"\$argon2[a-z]*\$[^\s\"']+"), HIDDEN),
    (re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]+", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"), HIDDEN),
    (re.compile(r"([?&](?:code|state|ticket|key)=)[^&#\s\"']+", re.IGNORECASE), rf"\1{HIDDEN}"),
    (
        re.compile(
            r"((?:pass(?:word|wd|phrase)?|pwd|secret|token|authorization|cookie|session|credential|api_?key|密码|口令|密钥)"
            r"\w*[\"']?\s*[=:：]\s*)(\[[^\]]*\]|\"[^\"]*\"|'[^']*'|(?:Bearer |Basic )?[^\s&;,\"'}\]]+)",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
    ),
    (
        re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)", re.DOTALL),
        HIDDEN,
    ),
)
"""Forms of secrets inside texts."""

_BREAKS = {ord(mark): f"\\u{ord(mark):04x}" for mark in "\x7f\x85\u2028\u2029\ufeff"} | {
    number: f"\\u{number:04x}"
    for number in (*range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
"""What JSON leaves as it is and a reader of lines, or a terminal, does not."""

Event = MutableMapping[str, Any]


class Redactor:
    """Hides secrets: by the name of a field, by the form of a value, and those it was told."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self.secrets = tuple(sorted({one for one in secrets if len(one) >= 4}, key=len, reverse=True))

    def __call__(self, _logger: Any, _method: str, event: Event) -> Event:
        """Return an event that may be written: a processor of structlog."""
        return {self.text(str(key)): self.value(value, str(key)) for key, value in event.items()}

    def value(self, value: Any, name: str = "", depth: int = 0) -> Any:
        """Return a value as plain data without secrets."""
        if _NAMES.search(name):
            return HIDDEN
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | float):
            # JSON has no infinity and no NaN, and Python refuses to print whole numbers of thousands of digits
            return value if abs(value) < 1 << 63 else "（超出范围的数）"  # false for NaN
        if isinstance(value, Mapping | list | tuple | set | frozenset):
            if depth >= DEEPEST:
                return "（层次太深）"
            if isinstance(value, Mapping):
                return {
                    self.text(_said(key)): self.value(one, _said(key), depth + 1)
                    for key, one in list(value.items())[:WIDEST]
                }
            return [self.value(one, name, depth + 1) for one in list(value)[:WIDEST]]
        return self.text(_said(value))

    def text(self, text: str) -> str:
        """Return a text without secrets, not too long."""
        whole, text = len(text), text[: 8 * LONGEST]  # what is cut off anyway is not worth looking through
        for secret in self.secrets:
            text = text.replace(secret, HIDDEN)
        for form, instead in _VALUES:
            text = form.sub(instead, text)
        return text if max(whole, len(text)) <= LONGEST else f"{text[:LONGEST]}……（共 {whole} 字）"


def _said(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return f"（{len(value)} 字节）"
    try:
        return str(value)
    except Exception:  # noqa: BLE001  an object that cannot say what it is must not stop the log
        return f"（{type(value).__name__}）"


def one_line(_logger: Any, _method: str, event: Mapping[str, Any]) -> str:
    """Return an event as one line that any reader takes as one line."""
    said = json.dumps(event, ensure_ascii=False, default=_said, allow_nan=False)
    return said.translate(_BREAKS).encode("utf-8", "backslashreplace").decode("utf-8")


def configure(level: str = "info", secrets: Iterable[str] = (), stream: TextIO | None = None) -> None:
    """Send everything that is logged, also by libraries, as lines of JSON to a stream (standard error)."""
    shared: list[Callable[..., Any]] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = _Handler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,  # here, where what it raises is caught
                Redactor(secrets),
                one_line,
            ],
        )
    )
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "alembic", "sqlalchemy.engine"):
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
    logging.getLogger("uvicorn.access").disabled = True  # a request is logged once, by `portal.watch`
    logging.getLogger("alembic").setLevel("WARNING")  # it tells each look at the tables
    for name in ("sqlalchemy", "httpx", "httpcore"):  # what people answered, where we ask
        logging.getLogger(name).setLevel("WARNING")


class _Handler(logging.StreamHandler[TextIO]):
    """Writes lines; what goes wrong while writing one costs a short line, never an exception or a trace."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        try:
            line = self.format(record)
        except Exception as error:  # noqa: BLE001  also what is nested too deep: the log must not stop the work
            said = {
                "event": "log failed",
                "level": "error",
                "logger": record.name,
                "error": type(error).__name__,
            }
            line = one_line(None, "", said)
        with contextlib.suppress(OSError, ValueError):  # nobody listens any more
            self.stream.write(line + self.terminator)
            self.flush()


def logger(name: str) -> Any:
    """Return the logger of a module."""
    return structlog.stdlib.get_logger(name)
