"""Reading a report that a stranger brings: by a process of its own, whose answer is not believed without a look."""

import json
import logging
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from portal.evidence.limits import WORKER_TIME
from portal.refusal import Refusal
from portal.report_worker import MOST, TOLD

ROOT = Path(__file__).resolve().parents[1]
AT_ONCE = threading.BoundedSemaphore(2)
"""Reports read together: anybody may bring one, and nobody is to be kept waiting for that."""
PATIENCE = 5.0
LINE = 64 << 10

Kind = Literal["scorecard", "roll_up", "publication", "unknown", "unreadable"]

BUSY = Refusal("busy", "report.busy", "现在核验的人太多", "请过一会儿再试")
LARGE = Refusal("too_large", "report.large", f"文件超过 {MOST >> 20} MB", "请只放一份报告，证据和附件不用放")
HEAVY = Refusal("invalid", "report.heavy", "这份文件太复杂，没有读完", "请确认它是本系统导出的报告")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Read:
    """What a report says it is, and what does not add up in it: the first few, and how many there are."""

    kind: Kind
    about: tuple[tuple[str, str], ...]
    wrong: tuple[str, ...]
    count: int


def read(text: bytes) -> Read | Refusal:
    """Read a report and add it up again; nothing of it is kept."""
    if len(text) > MOST:
        return LARGE
    if not AT_ONCE.acquire(timeout=PATIENCE):
        return BUSY
    try:
        return _ask(text)
    finally:
        AT_ONCE.release()


def _ask(text: bytes) -> Read | Refusal:
    command = [sys.executable, "-P", "-s", "-m", "portal.report_worker"]
    try:
        done = subprocess.run(  # noqa: S603  our own interpreter, our own module
            command,
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env=_bare_environment(),
            timeout=WORKER_TIME,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return HEAVY
    if done.returncode != 0 or len(done.stdout) > LINE:
        log.warning("a report could not be read", extra={"code": done.returncode})
        return HEAVY
    return heard(done.stdout)


def _bare_environment() -> dict[str, str]:
    """Return what the process needs to start, and none of the addresses and keys this one was given."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def heard(said: bytes) -> Read | Refusal:
    """Take an answer; one that is not of the agreed form is none."""
    try:
        told: dict[str, Any] = json.loads(said)
        about = tuple((name, value) for name, value in told["about"])
        wrong, count = tuple(told["wrong"]), told["count"]
        texts = [text for pair in about for text in pair] + list(wrong)
        if told["kind"] not in get_args(Kind) or type(count) is not int or len(wrong) > TOLD:
            return HEAVY
        return Read(told["kind"], about, wrong, count) if all(type(one) is str for one in texts) else HEAVY
    except (ValueError, KeyError, TypeError):
        return HEAVY
