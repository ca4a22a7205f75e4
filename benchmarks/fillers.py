"""How many people can fill in at once on one process, and how many processes would a nation need?

The universities of the demonstration, two people each, fill in the green canteen's form: each holds the connection of a
page, looks every six seconds at what others did, and changes one answer every five seconds. Measured from sending a change
to having read its new score; one person alone, in the same run, is what it is compared with. Then they change their answers
faster and faster, as more people would, until the promise no longer holds. The promise: 300 people wait at most five times
as long as one does, at p95, and nobody hears of an error. `python benchmarks/fillers.py [people]`
"""

import asyncio
import gc
import json
import math
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))

import site_of
import websockets
from sqlalchemy import Connection, select
from streamlit.proto.BackMsg_pb2 import BackMsg

from portal.api.app import PREFIX
from portal.demo.plan import Book
from portal.people import sessions
from portal.store.database import open_store
from portal.store.tables import accounts
from portal.web.keys import SESSION

UNIVERSITIES, PEOPLE = 168, 300
EVERY, PULSE = 5.0, 6.0
"""Seconds between two changes of one person, at the mean, and between two looks at what others did."""
ALONE, TOGETHER, FASTER = 60, 40.0, 20.0
"""Changes of one person alone; seconds that all fill in together; seconds of each faster step."""
STEPS = (4.0, 3.5, 3.0, 2.5, 2.0)
COMING = 2
"""People who open the page in the same moment; the others have it open already, or come later."""
PROMISE = 5.0
NATION = 3_000
"""Universities and colleges of the country, about."""
LATE = 60.0
"""Seconds after which an answer counts as an error."""

BOOK = Book(
    "green-canteen", "绿色食堂评定", ("第一食堂",), ("typical",), UNIVERSITIES, {"填报中": UNIVERSITIES}
)


@dataclass(slots=True)
class Line:
    """One connection that is kept: as little HTTP as needed, so that measuring costs little."""

    host: str
    port: int
    headers: str
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request and return what it answers. Raises for anything but 200."""
        if self.writer is None or self.reader is None or self.reader.at_eof():
            self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
        text = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        head = f"{method} {path} HTTP/1.1\r\n{self.headers}content-length: {len(text)}\r\n"
        head += f"idempotency-key: {os.urandom(8).hex()}\r\n\r\n"
        self.writer.write(head.encode() + text)
        told = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        size = int(told.partition("content-length: ")[2].partition("\r\n")[0])
        answer = await self.reader.readexactly(size)
        if not told.startswith("http/1.1 200"):
            raise OSError(told.partition("\r\n")[0] + answer.decode("utf-8", "replace")[:300])
        return json.loads(answer)


@dataclass(slots=True)
class Filler:
    """One person with the page open, and what the page knows."""

    line: Line
    assessment: str = ""
    subject: str = ""
    facts: list[str] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    mark: str = ""
    seen: str = ""
    heard: float = 0.0
    typing: websockets.ClientConnection | None = None
    waiting: dict[int, asyncio.Future[Any]] = field(default_factory=dict)
    count: int = 0
    held: list[asyncio.Task[None]] = field(default_factory=list)

    async def open(self) -> None:
        """Fetch what the page fetches."""
        proof = (await self.line.ask("GET", "/session"))["proof"]
        self.line.headers += f"x-csrf-token: {proof}\r\n"
        (self.assessment,) = [one["id"] for one in await self.line.ask("GET", f"{PREFIX}/assessments")]
        whole = await self.line.ask("GET", f"{PREFIX}/assessments/{self.assessment}")
        self.subject = next(one["id"] for one in whole["subjects"] if not one["is_university"])
        form = await self.line.ask("GET", f"{self.path}/answers")
        book = await self.line.ask("GET", f"{PREFIX}/standards/{form['standard']}/{form['edition']}")
        self.facts = [one for one in form["facts"] if book["questions"][one]["answer"]["kind"] == "yes_no"]
        self.answers = {name: one["value"] for name, one in form["answers"].items()}
        self.versions = {name: one["version"] for name, one in form["answers"].items()}
        self.mark = (await self.line.ask("GET", f"{self.path}/score"))["mark"]

    @property
    def path(self) -> str:
        """Where the page of this person asks."""
        return f"{PREFIX}/assessments/{self.assessment}/subjects/{self.subject}"

    async def listen(self) -> None:
        """Hand each reply to whoever waits for it."""
        assert self.typing is not None
        async for text in self.typing:
            told = json.loads(text)
            self.waiting.pop(told["id"]).set_result(told)

    async def ask(self, use: str, body: dict[str, Any], **more: str) -> Any:
        """Ask over the connection that stays open. Raises for anything but 200."""
        assert self.typing is not None
        self.count += 1
        waiting = self.waiting[self.count] = asyncio.get_running_loop().create_future()
        await self.typing.send(json.dumps({"id": self.count, "do": use, "body": body, **more}))
        told = await asyncio.wait_for(waiting, LATE)
        if told["status"] != 200:
            raise OSError(str(told)[:300])
        return told["body"]

    async def change(self) -> float:
        """Change an answer; return after how many milliseconds the new score was there."""
        fact = random.choice(self.facts)
        value, version = self.answers.get(fact) is not True, self.versions.get(fact, 0)
        entry = {"subject": self.subject, "fact": fact, "value": value, "base": version}
        begin = time.perf_counter()
        reply = await self.ask("fill.save", {"entries": [entry], "since": self.mark}, op=os.urandom(8).hex())
        took = (time.perf_counter() - begin) * 1000
        for one in reply["saved"]:
            self.answers[fact], self.versions[fact] = value, one["version"]
        for one in reply["refused"]:  # a colleague was faster: take what stands, as the page offers
            details = one["details"]
            self.answers[fact], self.versions[fact] = details["theirs"]["value"], details["version"]
        self.mark = reply["score"]["mark"]
        if reply["news"]:
            self.hear(reply["news"])
        return took

    async def look(self) -> None:
        """Ask what others did, and for the score after it, unless saving has just told."""
        if time.monotonic() - self.heard < PULSE / 2:
            return
        if self.hear(await self.ask("fill.pulse", {"since": self.seen})):
            self.mark = (await self.ask("fill.score", {"since": self.mark}))["mark"]

    def hear(self, news: Any) -> bool:
        """Take over what others did; return whether there was anything."""
        self.seen, self.heard = news["at"], time.monotonic()
        unseen = [one for one in news["answers"] if self.versions.get(one["fact"], 0) < one["version"]]
        for one in unseen:
            self.answers[one["fact"]], self.versions[one["fact"]] = one["value"], one["version"]
        return bool(unseen)


def connection(address: str, cookie: str, path: str, *protocols: str) -> websockets.connect:
    """Open a connection that stays open, as the page does."""
    host = urlsplit(address).netloc
    return websockets.connect(
        f"ws://{host}{path}",
        origin=websockets.Origin(f"http://{host}"),
        subprotocols=[websockets.Subprotocol(one) for one in protocols] or None,
        additional_headers={"Cookie": cookie},
        max_size=None,
    )


@asynccontextmanager
async def page(address: str, line: Line, cookie: str) -> AsyncIterator[Filler]:
    """Open the page of one person, and hold what it holds open."""
    asked = BackMsg()
    asked.rerun_script.page_name = "fill"
    async with connection(address, cookie, "/_stcore/stream", "streamlit") as drawn:
        await drawn.send(asked.SerializeToString())

        async def listen() -> None:
            async for _ in drawn:
                pass

        who = Filler(line)
        who.held.append(asyncio.create_task(listen()))
        try:
            await who.open()
            async with connection(address, cookie, f"{who.path}/typing") as who.typing:
                who.held.append(asyncio.create_task(who.listen()))
                yield who
        finally:
            for one in who.held:
                one.cancel()


@dataclass(slots=True)
class Crowd:
    """Everybody who fills in, and what they met with."""

    every: float = EVERY
    times: list[float] = field(default_factory=list)
    opened: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    door: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(COMING))

    async def person(self, address: str, line: Line, cookie: str, ready: asyncio.Event) -> None:
        """Open the page, and fill in until told to stop."""
        try:
            async with AsyncExitStack() as stack:
                async with self.door:
                    begin = time.perf_counter()
                    who = await stack.enter_async_context(page(address, line, cookie))
                    self.opened.append((time.perf_counter() - begin) * 1000)
                ready.set()
                await asyncio.gather(self._changing(who), self._looking(who), *who.held)
        except (OSError, asyncio.IncompleteReadError, websockets.WebSocketException) as error:
            self.errors.append(f"{type(error).__name__}: {error}")
        finally:
            ready.set()

    async def _changing(self, who: Filler) -> None:
        while True:
            await asyncio.sleep(random.expovariate(1 / self.every))
            self.times.append(await who.change())

    async def _looking(self, who: Filler) -> None:
        while True:
            await asyncio.sleep(PULSE * random.uniform(0.9, 1.1))
            await who.look()


def cookies(folder: Path, count: int) -> list[str]:
    """Sign so many people in, two of each university, and return their cookies."""
    now = datetime.now(UTC)
    logins = [f"{who}-{at:03}" for at in range(1, UNIVERSITIES + 1) for who in ("filler", "approver")]

    def work(connection: Connection) -> list[str]:
        known = {one.login: one.id for one in connection.execute(select(accounts.c.login, accounts.c.id))}
        made = [sessions.begin(connection, known[one], "127.0.0.1", now) for one in logins[:count]]
        return [f"{SESSION}={one.token}" for one in made]

    database = open_store(str(folder / "demonstration" / "zhunsheng.db"))
    try:
        return database.write(work)
    finally:
        database.close()


def memory(process: int) -> int:
    """Return how many megabytes a process holds."""
    lines = Path(f"/proc/{process}/status").read_text("utf-8").splitlines()
    return next(int(one.split()[1]) for one in lines if one.startswith("VmRSS")) // 1024


def computed(process: int) -> float:
    """Return how many seconds a process has computed."""
    fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def spread(times: list[float]) -> tuple[float, float]:
    """Return median and p95."""
    return statistics.median(times), statistics.quantiles(times, n=20)[18]


async def measured(site: site_of.Site, people: list[str]) -> bool:
    """Measure one, then all, then all of them faster; print, and return whether the promise is kept."""
    host, process = urlsplit(site.address), site.process.pid

    def line(cookie: str) -> Line:
        head = f"host: {host.netloc}\r\ncookie: {cookie}\r\norigin: {site.address}\r\n"
        return Line(host.hostname or "", host.port or 80, head + "content-type: application/json\r\n")

    before = memory(process)
    async with page(site.address, line(people[0]), people[0]) as who:
        alone = []
        for _ in range(ALONE + 10):
            await asyncio.sleep(0.1)
            alone.append(await who.change())
    floor = spread(alone[10:])
    print(f"{'1 人':<28} 中位 {floor[0]:7.1f}   p95 {floor[1]:7.1f} 毫秒   内存 {before} MB", flush=True)

    crowd, tasks, there = Crowd(), [], []
    for cookie in people:
        there.append(asyncio.Event())
        tasks.append(asyncio.create_task(crowd.person(site.address, line(cookie), cookie, there[-1])))
    begin = time.perf_counter()
    for one in there:
        await one.wait()
    median, late = spread(crowd.opened)
    print(
        f"{len(people)} 人陆续打开填报，同时 {COMING} 人，{time.perf_counter() - begin:.0f} 秒：每人中位 {median:.0f}   "
        f"p95 {late:.0f} 毫秒，内存 {memory(process)} MB",
        flush=True,
    )
    kept, most, fine = True, 0, False
    for at, every in enumerate((EVERY, *STEPS)):
        crowd.every = every
        await asyncio.sleep(EVERY)  # until those who still wait at the old pace have gone on
        crowd.times.clear()
        begin, used = time.perf_counter(), computed(process)
        await asyncio.sleep(FASTER if at else TOGETHER)
        seconds, found = time.perf_counter() - begin, list(crowd.times)
        busy = (computed(process) - used) / seconds
        median, late = spread(found)
        kept = late <= PROMISE * floor[1] and not crowd.errors
        as_many = round(len(people) * EVERY / every)
        print(
            f"{len(people)} 人，每人每 {every:g} 秒改一处（相当于 {as_many} 人）：中位 {median:7.1f}   p95 {late:7.1f} 毫秒，"
            f"是 1 人的 {late / floor[1]:.1f} 倍；每秒 {len(found) / seconds:.0f} 处，出错 {len(crowd.errors)} 次，"
            f"占 {busy:.2f} 核，内存 {memory(process)} MB",
            flush=True,
        )
        fine = fine or (at == 0 and kept)
        if not kept:
            break
        most = as_many
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    print(*sorted(set(crowd.errors))[:5], sep="\n")
    if most:
        print(
            f"一个进程撑得住 {most} 人。全国约 {NATION} 所、每所 2 人，同时填报需要 {math.ceil(NATION * 2 / most)} 个副本，"
            f"合计每秒 {NATION * 2 / EVERY:.0f} 处改动，数据库要另行配足。"
        )
    return fine


def main(count: int) -> int:
    """Prepare, measure and print."""
    gc.disable()  # what is measured is not how long we look for our own rubbish
    with tempfile.TemporaryDirectory() as name:
        folder = site_of.prepared(Path(name) / "data", (BOOK,))
        people = cookies(folder, count)
        site = site_of.Site(folder)
        try:
            fine = asyncio.run(measured(site, people))
        finally:
            site.stop()
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE))
