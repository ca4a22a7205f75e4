"""Gate of the API: each hostile call is answered with the agreed status and words, and changes nothing; none escapes."""

import json
import os
import re
from datetime import timedelta
from pathlib import Path

import desks
import pytest
import wire
from hostile_calls import HOSTILE, Ask, Raw
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from test_api import Calling

from portal.api import shield, strict
from portal.api.app import create
from portal.evidence.shelf import Piece
from portal.people import tokens
from portal.policy import Member
from portal.store.database import open_store
from portal.store.tables import accounts, assessments, log, metadata
from portal.use_cases.uploads import add_evidence

WORDS = Path(__file__).with_name("hostile_calls.txt")
ENGLISH = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,} [A-Za-z]{2,}")
"""Three words in a row: names of headers and formats are no English."""


class World(Calling):
    """One world for all calls; they must not change it."""

    def __init__(self, desk):
        super().__init__(desk)
        self.names = dict(desk.ids) | {"theirs": desk.ids["other canteen"], "token": self.tokens["filler"]}
        self.names["piece"] = self.add("a", "canteen", "filler", "mine")
        self.names["their_piece"] = self.add("b", "other canteen", "stranger", "theirs")
        assert not desk.save("filler", "s.plan", True, subject="school", op_id="used").warnings
        self.hand_in()
        self.people()

    def add(self, assessment, subject, who, op):
        ids, people = self.desk.ids, self.desk.people
        found = add_evidence(
            self.desk.portal,
            people[who],
            ids[assessment],
            ids[subject],
            "c.licence",
            "a.txt",
            b"one\ntwo\n" + who.encode(),
            op_id=op,
        )
        assert isinstance(found, Piece), found
        return found.id

    def hand_in(self):
        self.desk.portal.database.write(
            lambda c: c.execute(
                update(assessments).where(assessments.c.id == self.desk.ids["b"]).values(state="已提交")
            )
        )

    def people(self):
        """Make the accounts whose tokens are no good any more."""
        for name in ("late", "withdrawn", "disabled"):
            member = Member("filler", self.desk.ids["A"])
            self.desk.people[name] = desks.account(self.desk, name, member)
        self.tokens |= {name: self.token(self.desk.people[name]) for name in ("withdrawn", "disabled")}
        write, now = self.desk.portal.database.write, self.desk.time[0]
        late, past = self.desk.people["late"].id, now - timedelta(days=400)
        self.tokens["late"] = write(lambda c: tokens.issue(c, late, "系统", 180, past))[1]
        write(lambda c: tokens.end_all(c, self.desk.people["withdrawn"].id, now))
        disabled = update(accounts).where(accounts.c.id == self.desk.people["disabled"].id)
        write(lambda c: c.execute(disabled.values(disabled_at=self.desk.portal.at())))

    def count_all(self):
        """Count the rows of every table, and name the last line of the trail."""
        with self.desk.portal.database.read() as connection:
            found = {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in metadata.sorted_tables
            }
            return found, connection.execute(select(func.max(log.c.seq))).scalar()

    def bytes_of(self, ask):
        """Return a call as it goes over the line."""
        if isinstance(ask, Raw):
            return ask.sent if isinstance(ask.sent, bytes) else ask.sent(self.tokens["filler"])
        body = self.named(ask.body)
        headers = {"Host": "x", "Connection": "close"}
        if ask.who:
            headers["Authorization"] = f"Bearer {self.tokens[ask.who]}"
        if ask.method not in ("GET", "OPTIONS", "TRACE"):
            headers |= {"Idempotency-Key": f"hostile-{next(self.count)}", "Content-Type": "application/json"}
            headers["Content-Length"] = str(len(body))
        headers |= ask.headers
        path = ask.path
        for name, found in self.names.items():
            path = path.replace(f"{{{name}}}", found)
        lines = [f"{ask.method} {path} HTTP/1.1", *(f"{name}: {one}" for name, one in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + body

    def named(self, body):
        if isinstance(body, bytes):
            return body
        if isinstance(body, str):
            return body.encode("utf-8")
        text = json.dumps(body, ensure_ascii=False)
        for name, found in self.names.items():
            text = text.replace(f'"{{{name}}}"', f'"{found}"')
        return text.encode()

    def answer(self, sent):
        """Send bytes and return status, headers and body of the answer; 0 for none."""
        return parsed(wire.raw(self.port, sent, end=False) if b"close" in sent else wire.raw(self.port, sent))


def parsed(said):
    if not said:
        return 0, {}, b""
    head, _, body = said.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(one.lower().split(": ", 1) for one in lines)
    return int(first.split()[1]), headers, body[: int(headers.get("content-length", len(body)))]


@pytest.fixture(scope="module")
def world(sqlite_template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "zhunsheng.db").write_bytes(sqlite_template.read_bytes())
    store = open_store(str(folder / "zhunsheng.db"))
    desk = desks.make(store, folder / "blobs")
    found = World(desk)
    with wire.served(create(desk.portal)) as port:
        found.port = port
        yield found
    store.close()


def agreed():
    lines = WORDS.read_text("utf-8").splitlines() if WORDS.exists() else []
    return dict(line.split(" | ", 1) for line in lines if line and not line.startswith("#"))


def said_well(status, headers, body):
    """Return the words of an answer that says no; check that they are for a person, and tell nothing of our insides."""
    told = json.loads(body)
    assert headers["content-type"] == "application/problem+json"
    assert (told["status"], told["detail"].count("。") >= 2) == (status, True), told
    text = json.dumps(told, ensure_ascii=False)
    assert "Traceback" not in text
    places = [*told.get("errors", ()), *told.get("details", {}).get("errors", ())]
    lines = [one if isinstance(one, str) else f"{one['where']}：{one['what']}" for one in places]
    for words in (told["title"], told["detail"], *lines):
        assert re.search("[\u4e00-\u9fff]", words)
        assert not ENGLISH.search(words), words
    return told["detail"] + "".join(f"〔{one}〕" for one in lines[:3]).replace("\n", " ")


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_calls_are_refused_in_the_agreed_words_and_change_nothing(world, case, request):
    ask, before = HOSTILE[case], world.count_all()
    status, headers, body = world.answer(world.bytes_of(ask))
    assert status == ask.status, body[:600].decode()
    said = f"{status} {said_well(status, headers, body)}" if status else "0"
    for name, one in world.names.items():
        said = said.replace(one, f"{{{name}}}")
    if request.config.getoption("--update-golden"):
        kept = agreed() | {case: said}
        ordered = "".join(f"{one} | {kept[one]}\n" for one in HOSTILE if one in kept)
        WORDS.write_text(
            "# The status and the words that each hostile call is answered with.\n" + ordered, "utf-8"
        )
    assert said == agreed()[case]
    assert world.count_all() == before


def test_the_agreed_words_are_whole():
    assert list(agreed()) == list(HOSTILE)
    assert len(HOSTILE) >= 60


def test_what_a_stranger_says_our_name_is_stands_in_no_answer(world):
    for path in ("/rounds", "/rounds/", "/openapi.json", "/nothing"):
        ask = Ask(0, "GET", path, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
        _, headers, body = world.answer(world.bytes_of(ask))
        assert b"evil" not in body
        assert not [one for one in headers.values() if "evil" in one]


# Mutations --------------------------------------------------------------------------------------------------------

SEEDS = [one for one in HOSTILE.values() if isinstance(one, Ask) and len(str(one.body)) < 5_000]
PIECES = [
    *(
        b"\0",
        b"\r\n",
        b"\r\n\r\n",
        b"%00",
        b"..",
        b"/",
        b"{",
        b"[",
        b'"',
        b"\\ud800",
        b"\xff",
        b"\xe2\x80\xae",
    ),
    *(b"NaN", b"1e999", b"-1", b"null", b"true", b"99999999999999999999", b"'; --", b"<script>", b"=1+1"),
    *(
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Length: 3\r\n",
        b"Expect: 100-continue\r\n",
        b"Range: bytes=0-",
    ),
]


@st.composite
def mutated(draw):
    """Draw a call and damage it in some places: its line, its head or its body."""
    seed = draw(st.sampled_from(SEEDS))
    hits = draw(
        st.lists(st.tuples(st.floats(0, 1), st.sampled_from([*PIECES, b""]), st.integers(0, 30)), max_size=4)
    )
    return seed, hits


def damaged(sent, hits):
    made = bytearray(sent)
    for where, piece, gone in hits:
        at = int(where * len(made))
        made[at : at + gone] = piece
    return bytes(made)


@settings(
    max_examples=4_000 if os.environ.get("ZHUNSHENG_SOAK") else 400,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(mutated())
def test_damaged_calls_never_escape(world, call):
    ask, hits = call
    sent = damaged(world.bytes_of(ask), hits)
    status, headers, body = parsed(wire.raw(world.port, sent))
    assert status < 500 or status == 501, body[:500]
    assert b"Traceback" not in body
    if status >= 400:
        said_well(status, headers, body)


# The protections bite ----------------------------------------------------------------------------------------------


def bites(world, case):
    status, _, _ = world.answer(world.bytes_of(HOSTILE[case]))
    return status != HOSTILE[case].status


def test_each_protection_bites(world, monkeypatch):
    """Without it, another answer is given: the corpus would tell."""
    with monkeypatch.context() as patch:
        patch.setattr(shield, "MAX_TARGET", 10**9)
        assert bites(world, "an address of five thousand letters")
    with monkeypatch.context() as patch:
        patch.setattr(shield, "MAX_HEADERS", 10**9)
        assert bites(world, "a header of twenty thousand letters")
    with monkeypatch.context() as patch:
        patch.setattr(shield, "MAX_BODY", 10**9)
        assert bites(world, "a body of three megabytes")
    with monkeypatch.context() as patch:
        patch.setattr(shield, "CHANGING", frozenset())
        patch.setattr(strict, "_says_json", lambda _: True)
        assert bites(world, "a condition that nobody can keep")
        assert bites(world, "a body that is said to be text")
    with monkeypatch.context() as patch:
        patch.setattr(wire.Framing, "send_400_response", wire.Framing.__mro__[1].send_400_response)
        _, headers, _ = world.answer(world.bytes_of(HOSTILE["no http"]))
        assert headers["content-type"] != "application/problem+json"
    assert world.desk.portal.database is not None
