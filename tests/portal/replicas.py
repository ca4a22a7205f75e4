"""Real servers in processes of their own, and callers who fill in over the API and remember what was acknowledged.

Used by the tests of serving, by `benchmarks/replicas.py` and by `benchmarks/soak/serving.py`.
"""

import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from sqlalchemy import select

from portal.demo.people import Person, admit
from portal.fill import parts_of
from portal.moment import now, text_of
from portal.portal import Portal
from portal.refusal import Refusal
from portal.store.tables import answer_history, evidence
from portal.use_cases import register_all
from portal.use_cases.places import register_university
from portal.use_cases.rounds import create_round, open_round
from portal.use_cases.taking_part import invite
from portal.use_cases.tokens import issue_token

ROOT = Path(__file__).resolve().parents[2]
KEY = "9f2c4d1ab07e63588a1d2c3b4e5f60718293a4b5c6d7e8f9"
STANDARD, FACT = "social-organisation", "association.office_area"


class Server:
    """`zhunsheng serve` in a process of its own."""

    def __init__(self, environment, folder, name):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        kept = {key: value for key, value in os.environ.items() if not key.startswith("ZHUNSHENG_")}
        self.path = folder / f"{name}.log"
        with self.path.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "portal.command", "serve"],
                cwd=ROOT,
                env={**kept, **environment, "ZHUNSHENG_LISTEN": f"127.0.0.1:{self.port}", "PYTHONUTF8": "1"},
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def ask(self, path, **more):
        """Return status and body; None where nobody answers."""
        request = Request(f"http://127.0.0.1:{self.port}{path}", **more)  # noqa: S310  our own address
        try:
            with urlopen(request, timeout=15) as answer:  # noqa: S310  our own address
                return answer.status, answer.read()
        except HTTPError as error:
            return error.code, error.read()
        except (URLError, OSError):
            return None, b""

    def until(self, path, status, within=90):
        """Wait until an address answers with a status."""
        end = time.monotonic() + within
        while True:
            found = self.ask(path)
            if found[0] == status:
                return found
            assert self.process.poll() is None, self.path.read_text("utf-8")
            assert time.monotonic() < end, (found, self.path.read_text("utf-8"))
            time.sleep(0.05)

    def stop(self):
        """Ask it to stop, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@contextmanager
def running(environment, folder, *names):
    """Give servers that are ready; they end with the `with` statement, however it ends."""
    servers = list[Server]()
    try:
        servers += [Server(environment, folder, name) for name in names]
        for one in servers:
            one.until("/readyz", 200)
        yield servers
    finally:
        for one in servers:
            one.process.kill()
            one.process.wait()


def place(folder, address, blobs=None):
    """Return the settings of a server whose data are in a folder."""
    (folder / "secret.key").write_text(KEY, "utf-8")
    (folder / "secret.key").chmod(0o400)
    return {
        "ZHUNSHENG_DATA": str(folder),
        "ZHUNSHENG_DATABASE": address,
        "ZHUNSHENG_RULES": str(ROOT),
        "ZHUNSHENG_EVIDENCE": blobs or str(folder / "evidence"),
    }


@dataclass
class Desk:
    """One university in an open round, with somebody who fills in through the API."""

    number: int
    assessment: str
    subject: str
    token: str
    version: int = 0
    saved: list[int] = field(default_factory=list)
    """Values that were acknowledged, in order."""
    kept: list[str] = field(default_factory=list)
    """Hashes of evidence that was acknowledged."""
    unheard: float = 0.0
    """The longest time that one thing took to be acknowledged, in seconds."""


def desks(portal: Portal, count: int) -> list[Desk]:
    """Open a round with so many universities and return a desk for each."""
    register_all()
    ops = (f"desks-{number}" for number in itertools.count())
    people = portal.database.write(
        lambda c: admit(c, [Person("secretariat", "秘书处", "secretariat")], portal.at())
    )
    secretary = people["secretariat"]
    schools = [
        done(register_university(portal, secretary, f"u-{n}", f"大学 {n}", op_id=next(ops))).id
        for n in range(count)
    ]
    edition = next(one for key, one in portal.library().editions.items() if key[0] == STANDARD)
    times = {"fill_until": text_of(now() + timedelta(days=9))}
    made = done(
        create_round(
            portal, secretary, "批次", *edition.key, "2026-06-30", op_id=next(ops), times=times, settings={}
        )
    )
    invited = done(invite(portal, secretary, made.round, schools, op_id=next(ops))).assessments
    done(open_round(portal, secretary, made.round, base=made.version, op_id=next(ops)))
    fillers = [Person(f"filler-{n}", f"填报员 {n}", "filler", one) for n, one in enumerate(schools)]
    actors = portal.database.write(lambda c: admit(c, fillers, portal.at()))
    found = []
    for number, school in enumerate(schools):
        with portal.database.read() as connection:
            (whole,) = parts_of(connection, invited[school])
        token = done(issue_token(portal, actors[f"filler-{number}"], next(ops), "测试")).token
        found.append(Desk(number, invited[school], whole.id, token))
    return found


def done(found):
    """Return what a use case answered; a refusal ends the test."""
    assert not isinstance(found, Refusal), found
    return found


class Load:
    """Callers who save answers and evidence at several servers until told to stop, each thing until it is acknowledged."""

    def __init__(
        self, found: list[Desk], servers: list[Server], *, pause: float = 0.0, evidence_every: int = 10
    ):
        self.desks, self.servers, self.pause, self.every = found, servers, pause, evidence_every
        self.end, self.lock = threading.Event(), threading.Lock()
        self.times = list[tuple[float, float]]()
        """When each thing was acknowledged, and how long its last try took."""
        self.wrong = list[object]()
        self.threads = [threading.Thread(target=self._work, args=(one,)) for one in found]
        self._enough = threading.Condition(self.lock)

    def __enter__(self):
        for one in self.threads:
            one.start()
        return self

    def __exit__(self, *_):
        self.end.set()
        for one in self.threads:
            one.join()

    def wait_for(self, more: int, within: float = 120) -> None:
        """Wait until so many more things have been acknowledged."""
        with self._enough:
            goal = len(self.times) + more
            assert self._enough.wait_for(lambda: self.wrong or len(self.times) >= goal, within), self.wrong
            assert not self.wrong, self.wrong[:3]

    def _work(self, desk: Desk) -> None:
        number = 0
        while not self.end.is_set() and not self.wrong:
            number += 1
            if self.every and number % self.every == 0:
                self._evidence(desk, number)
            else:
                self._answer(desk, number)
            self.end.wait(self.pause)

    def _answer(self, desk: Desk, number: int) -> None:
        body = json.dumps({"value": number, "base": desk.version}).encode()
        path = f"/api/v1/assessments/{desk.assessment}/subjects/{desk.subject}/answers/{FACT}"
        if self._told(desk, number, "PUT", path, body, "application/json"):
            desk.version += 1
            desk.saved.append(number)

    def _evidence(self, desk: Desk, number: int) -> None:
        body = f"第 {desk.number} 所学校的第 {number} 份说明\n".encode()
        path = f"/api/v1/assessments/{desk.assessment}/subjects/{desk.subject}/evidence/{FACT}"
        path += f"?name={quote(f'说明 {number}.txt')}"
        if self._told(desk, number, "POST", path, body, "application/octet-stream"):
            desk.kept.append(sha256(body).hexdigest())

    def _told(self, desk: Desk, number: int, method: str, path: str, body: bytes, kind: str) -> bool:
        """Ask with the same key until somebody says yes; whether anybody did before the end."""
        headers = {
            "Authorization": f"Bearer {desk.token}",
            "Content-Type": kind,
            "Idempotency-Key": f"op-{desk.number}-{number}",
        }
        began = time.monotonic()
        for attempt in itertools.count():
            server = self.servers[(desk.number + attempt) % len(self.servers)]
            asked = time.monotonic()
            status, said = server.ask(path, data=body, headers=headers, method=method)
            heard = time.monotonic()
            if status in (200, 201):
                desk.unheard = max(desk.unheard, heard - began)
                with self._enough:
                    self.times.append((heard, heard - asked))
                    self._enough.notify_all()
                return True
            if status not in (None, 503):
                with self._enough:
                    self.wrong.append((status, said.decode()))
                    self._enough.notify_all()
                return False
            if self.end.is_set() and heard - began > 60:
                self.wrong.append((desk.number, number, "nobody answers"))
                return False
            time.sleep(0.05)
        raise AssertionError


def lost(portal: Portal, found: list[Desk]) -> list[object]:
    """Return what was acknowledged and is not there, or is there twice."""
    wrong = list[object]()
    with portal.database.read() as connection:
        for desk in found:
            mine = (answer_history.c.assessment_id == desk.assessment, answer_history.c.fact == FACT)
            rows = connection.execute(
                select(answer_history.c.value).where(*mine).order_by(answer_history.c.version)
            ).scalars()
            if [int(value) for value in rows] != desk.saved:
                wrong.append((desk.number, "answers"))
            pieces = connection.execute(
                select(evidence.c.sha256).where(evidence.c.assessment_id == desk.assessment)
            ).scalars()
            if sorted(pieces) != sorted(desk.kept):
                wrong.append((desk.number, "evidence"))
            wrong += [one for one in desk.kept if sha256(b"".join(portal.blobs.read(one))).hexdigest() != one]
    return wrong
