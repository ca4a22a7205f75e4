"""Let a file in: looked at by a process of its own, whose answer is not believed without looking at it in turn."""

import json
import logging
import os
import re
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, get_args

from portal.evidence.kinds import extension_of
from portal.evidence.limits import FILE_SIZE, PREVIEW_SIZE, WORKER_TIME
from portal.evidence.names import check_name, shown_name
from portal.evidence.verdict import REASONS, Found, Kind, NotTaken, megabytes, refusal_of
from portal.refusal import Refusal

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))
"""Files looked at together: each may take a gigabyte for a moment."""
PATIENCE = 60.0
LINE = 64 * 1024
BUSY = Refusal(
    "busy",
    "evidence.busy",
    "现在上传的人太多，文件还没有检查",
    "已经传上来的部分都保留着，请过一分钟再点一次",
)

logger = logging.getLogger(__name__)


def inspect(name: str, content: IO[bytes]) -> Found | Refusal:
    """Look at a file (opened from a real file, at its beginning) that came under a name."""
    try:
        check_name(name)
        if not AT_ONCE.acquire(timeout=PATIENCE):
            return BUSY
        try:
            return _ask(extension_of(shown_name(name)), content)
        finally:
            AT_ONCE.release()
    except NotTaken as refused:
        return refusal_of(shown_name(name), refused)


def _ask(extension: str, content: IO[bytes]) -> Found:
    """Start the process, hear its answer, and end it when it takes too long or talks too much."""
    with subprocess.Popen(  # noqa: S603  our own interpreter, our own module
        _command(extension),
        stdin=content,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env=_bare_environment(),
        close_fds=True,
    ) as process:
        late = threading.Timer(WORKER_TIME, process.kill)
        late.start()
        try:
            assert process.stdout is not None
            said = process.stdout.read(LINE + PREVIEW_SIZE + 1)
            if len(said) > LINE + PREVIEW_SIZE:
                process.kill()
            code = process.wait()
        finally:
            late.cancel()
    if code != 0:
        logger.warning("a file could not be looked at", extra={"code": code, "extension": extension})
        raise NotTaken("too_long" if code in (-9, -24, -152) else "damaged" if code == 1 else "too_heavy")
    return heard(said)


def _command(extension: str) -> list[str]:
    said = re.sub(r"[^\w.-]", "_", extension)[:20]
    return [sys.executable, "-P", "-s", "-m", "portal.evidence.worker", said]


def _bare_environment() -> dict[str, str]:
    """Return what the process needs to start, and none of the addresses and keys this one was given."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def heard(said: bytes) -> Found:
    """Read an answer; one that is not of the agreed form is no answer. Raises NotTaken."""
    try:
        length = int(said[:8])
        told = json.loads(said[8 : 8 + length])
        preview = said[8 + length :]
        if "refused" in told:
            details = {str(key): str(value)[:200] for key, value in dict(told["details"]).items()}
            raise NotTaken(told["refused"] if told["refused"] in REASONS else "damaged", **details)
        return _found(told, preview)
    except (ValueError, KeyError, TypeError) as error:
        raise NotTaken("damaged") from error


def _found(told: Mapping[str, Any], preview: bytes) -> Found:
    kind = told["kind"]
    if kind not in get_args(Kind):
        raise ValueError(kind)
    numbers = {name: told[name] for name in ("pages", "width", "height")}
    if not all(value is None or (type(value) is int and 0 <= value < 1 << 31) for value in numbers.values()):
        raise ValueError(numbers)
    return Found(
        kind,
        **numbers,
        taken_at=_like(told["taken_at"], r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"),
        likeness=_like(told["likeness"], r"[0-9a-f]{32}"),
        preview=preview or None,
    )


def _like(value: Any, pattern: str) -> str | None:
    if value is None or (isinstance(value, str) and re.fullmatch(pattern, value)):
        return value
    raise ValueError(value)


def too_large(name: str, size: int) -> Refusal:
    """Refuse by the size alone, before anything is sent."""
    return refusal_of(shown_name(name), NotTaken("too_large", size=megabytes(size)))


def fits(size: int) -> bool:
    """Whether a file of that size may be sent at all."""
    return size <= FILE_SIZE
