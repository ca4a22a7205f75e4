"""How long does it take to save one answer and hear the new score, for the biggest books, on SQLite?

Every answer of a sample is typed one after the other into a form that begins empty, as on the page: one PATCH each, over
HTTP to a real server. Printed are the whole way, what of it is saving, reading back and judging, and what judging would
cost without a memory. The promise: one answer and its score take less than 30 ms, at the median, for 105 indicators and for
five buildings; on a machine that has other work, less than 30 ms of computing, of the server and the page together.
`python benchmarks/filling.py`
"""

import gc
import http.client
import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "portal"))

import desks
import uvicorn

from engine.judge import judge
from engine.load import Library, load
from engine.rollup import unit_stated
from portal.api.app import create
from portal.demo.filling import read_sample
from portal.fill import WHOLE, filled, kind_of_fact, submission_of
from portal.moment import now
from portal.people import tokens
from portal.policy import Member
from portal.portal import Portal
from portal.store.blobs import Folder
from portal.store.database import open_store
from portal.store.migrate import upgrade
from portal.use_cases import filling_in, places, submissions

ROOT = Path(__file__).resolve().parents[1]
MOST = 30.0
BOOKS = (("green-canteen", 1), ("green-canteen", 2), ("standard-apartment", 5), ("property-procurement", 1))


class World(desks.Desk):
    """One university with so many places in a round by one book, and somebody who fills in with a token."""

    def __init__(self, folder: Path, library: Library, book: str, count: int) -> None:
        database = open_store(str(folder / f"{book}-{count}.db"))
        upgrade(database)
        super().__init__(Portal(database, Folder(folder / "blobs"), lambda: library))
        self.time[0] = now()
        self.edition = next(one for key, one in library.editions.items() if key[0] == book)
        chief = self.people["secretary"] = desks.account(self, "秘书", Member("secretariat"))
        made = places.register_university(self.portal, chief, "10001", "某大学", op_id=self.op())
        self.ids["A"] = made.id
        kind = self.edition.standard.per
        every = [
            places.register_place(
                self.portal, chief, made.id, f"place-{at}", kind, f"第 {at} 处", op_id=self.op()
            )
            for at in range(count)
        ]
        self.people["filler"] = desks.account(self, "张三", Member("filler", made.id))
        self._begin(book, [one.id for one in every])
        who = self.people["filler"].id
        issued = database.write(lambda connection: tokens.issue(connection, who, "系统", 180, now()))
        self.token = issued[1]

    def _begin(self, book: str, every: list[str]) -> None:
        self.ids["place A"] = every[0]
        choose = desks.taking_part.choose_subjects
        desks.taking_part.choose_subjects = lambda *given, **more: choose(*given[:3], every, **more)
        try:
            self.ids["round"] = desks.new_round(
                self, book, self.edition.key[1], now().date().isoformat(), names="A"
            )
        finally:
            desks.taking_part.choose_subjects = choose
        with self.portal.database.read() as connection:
            self.subjects = [one.id for one in filled(connection, self.ids["a"])]


def to_type(world: World, sample: str) -> list[tuple[str, str, Any]]:
    """Return every answer of a sample with the subject it is typed for, one place after the other."""
    stated = read_sample(ROOT / "samples" / world.edition.key[0] / f"{sample}.yaml")["answers"]
    found = list[tuple[str, str, Any]]()
    school, *others = world.subjects
    for fact, given in stated.items():
        if fact in world.edition.facts:
            value = given.get("value") if isinstance(given, dict) else given
            at_school = kind_of_fact(world.edition, fact) == WHOLE
            found += [(one, fact, value) for one in ([school] if at_school else others)]
    return sorted(found, key=lambda one: world.subjects.index(one[0]))


@contextmanager
def served(portal: Portal) -> Iterator[int]:
    """Serve the API on a free port."""
    server = uvicorn.Server(uvicorn.Config(create(portal), port=0, log_level="error", access_log=False))
    running = threading.Thread(target=server.run, daemon=True)
    running.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        running.join()


class Page:
    """Types answers over HTTP and keeps the name of the score it shows, as the page does."""

    def __init__(self, world: World, port: int) -> None:
        self.world, self.since, self.count = world, "", 0
        self.line = http.client.HTTPConnection("127.0.0.1", port)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[float, Any, int]:
        """Send a request; return the milliseconds, the answer and its size."""
        self.count += 1
        headers = {"Authorization": f"Bearer {self.world.token}", "Content-Type": "application/json"}
        headers |= {"Idempotency-Key": f"bench-{self.count}"}
        text = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        start = time.perf_counter()
        self.line.request(method, f"/{path}", text, headers)
        answer = self.line.getresponse()
        told = answer.read()
        took = (time.perf_counter() - start) * 1000
        assert answer.status == 200, told[:500]
        return took, json.loads(told), len(told)

    def type(self, subject: str, fact: str, value: Any) -> tuple[float, int]:
        """Save one answer and hear the score."""
        entry = {"subject": subject, "fact": fact, "value": plain(value), "base": 0}
        shown = subject if subject != self.world.subjects[0] else self.world.subjects[1]
        path = f"assessments/{self.world.ids['a']}/subjects/{shown}/answers"
        took, told, size = self.ask("PATCH", path, {"entries": [entry], "since": self.since})
        assert len(told["saved"]) == 1, told
        self.since = told["score"]["mark"]
        return took, size


def plain(value: Any) -> Any:
    """Return a value as JSON has it: numbers that are not whole as text."""
    match value:
        case list() | tuple():
            return [plain(one) for one in value]
        case dict():
            return {key: plain(one) for key, one in value.items()}
        case None | bool() | int() | str():
            return value
    return str(value)


def told(name: str, times: list[float]) -> tuple[float, float]:
    """Print the median, the 95th of a hundred and the worst, and return the first two."""
    ordered = sorted(times)
    middle, late = statistics.median(ordered), ordered[int(len(ordered) * 0.95)]
    print(f"  {name:<44} median {middle:6.1f} ms   p95 {late:6.1f}   worst {ordered[-1]:6.1f}")
    return middle, late


def shares(world: World) -> None:
    """Print what of a save, in the process itself, is writing, reading back and judging, on the filled form."""
    portal, actor, assessment = world.portal, world.people["filler"], world.ids["a"]
    place = world.subjects[1]
    fact = next(name for name in world.edition.facts if kind_of_fact(world.edition, name) != WHOLE)
    found: dict[str, list[float]] = {name: [] for name in ("write", "read", "score", "anew")}

    def timed(name: str, work: Any) -> Any:
        start = time.perf_counter()
        made = work()
        found[name].append((time.perf_counter() - start) * 1000)
        return made

    with portal.database.read() as connection:
        version = connection.exec_driver_sql(
            f"SELECT version FROM answers WHERE fact = '{fact}' AND subject_id = '{place}'"  # noqa: S608
        ).scalar()
        standing = submissions.load(connection, assessment)
    assert standing is not None
    for at in range(40):
        note = f"第 {at} 次"
        entry = submissions.Entry(place, fact, _now(world, place, fact), (version or 0) + at, note)
        kept = timed(
            "write",
            lambda entry=entry: submissions.save_many(portal, actor, assessment, [entry], op_id=world.op()),
        )
        assert kept.saved, kept
        with portal.database.read() as connection:
            parts = timed("read", lambda connection=connection: filled(connection, assessment))
        timed("score", lambda: filling_in.score_of(portal, actor, assessment, place))
        if at < 5:
            submission = submission_of(standing, parts)
            timed("anew", lambda submission=submission: judge(world.edition, unit_stated(submission, 0)))
    told("of that: write durably", found["write"])
    told("of that: read everything back, judge, tell", found["score"])
    told("   of which reading", found["read"])
    told("judging one place, filled, without a memory", found["anew"])


def _now(world: World, subject: str, fact: str) -> Any:
    with world.portal.database.read() as connection:
        parts = filled(connection, world.ids["a"])
    given = next(one for one in parts if one.id == subject).answers.get(fact)
    return given.value if given else None


def measured(folder: Path, library: Library, book: str, count: int) -> bool:
    """Type a whole form and print how long each answer took."""
    world = World(folder, library, book, count)
    answers = to_type(world, "typical")
    with served(world.portal) as port:
        page = Page(world, port)
        floor = [page.ask("GET", f"rounds/{world.ids['round']}")[0] for _ in range(40)]
        print(f"{book}, {count} 处, {len(world.edition.leaves)} indicators: {len(answers)} answers typed")
        told("a read that does next to nothing", floor)
        first = page.type(*answers[0])
        start = time.process_time()
        rest = [page.type(*one) for one in answers[1:]]
        computing = (time.process_time() - start) * 1000 / len(rest)
        print(f"  the first answer after a start: {first[0]:.0f} ms")
        middle, _ = told("PATCH of one answer, with its score", [one for one, _ in rest])
        print(f"  {'  computing for it, of both sides':<44} mean   {computing:6.1f} ms")
        print(f"  the reply: median {statistics.median(size for _, size in rest):.0f} bytes")
    shares(world)
    world.portal.database.close()
    return min(middle, computing) < MOST


if __name__ == "__main__":
    library, _ = load(ROOT)
    gc.freeze()  # as a server does: the rules are no garbage, and need not be looked through
    with tempfile.TemporaryDirectory() as folder:
        kept = [measured(Path(folder), library, *book) for book in BOOKS]
    sys.exit(not all(kept))
