"""A portal with a clock that is moved by hand, some universities, and people in their roles."""

from datetime import UTC, datetime, timedelta
from itertools import count
from types import SimpleNamespace

from argon2 import PasswordHasher
from sqlalchemy import func, insert, select

from portal.people import passwords
from portal.people.actors import OPERATOR, actor_of
from portal.policy import Member
from portal.portal import Portal
from portal.refusal import Refusal
from portal.store.blobs import Folder
from portal.store.tables import log, rounds, universities
from portal.use_cases.accounts import change_password, create_account, sign_in

HERE, THERE = "192.0.2.7", "198.51.100.9"
GOOD = "四棵银杏在湖边 lantern"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
NO_RULES = SimpleNamespace(edition=lambda *_: None)
_ops = count()


class Clock:
    """The time, moved by hand."""

    def __init__(self):
        self.now = datetime(2026, 11, 26, 8, tzinfo=UTC)

    def __call__(self):
        return self.now

    def pass_by(self, **how):
        self.now += timedelta(**how)


def op() -> str:
    return f"op-{next(_ops)}"


def world(database, tmp_path, monkeypatch) -> Portal:
    """Return a portal with three universities and two rounds; passwords are made cheaply."""
    monkeypatch.setattr(passwords, "HASHER", CHEAP)
    monkeypatch.setattr(passwords, "_nobody", lambda: CHEAP.hash("nobody"))
    portal = Portal(database, Folder(tmp_path / "blobs"), lambda: NO_RULES, Clock())
    at = portal.at()

    def settle(connection):
        for one in ("U1", "U2", "U3"):
            connection.execute(insert(universities).values(id=one, code=one, title=one, created_at=at))
        for one in ("R1", "R2"):
            connection.execute(insert(rounds).values(round_values(at) | {"id": one}))

    database.write(settle)
    return portal


def round_values(at):
    """Return what a round has, but for its id."""
    return {
        "title": "一个批次",
        "standard": "s",
        "edition": "e",
        "edition_hash": "0",
        "as_of": "2026-01-01",
        "state": "进行中",
        "created_at": at,
    }


def person(portal, login, *roles, password=GOOD, by=OPERATOR):
    """Create an account that has chosen its own password, and return its id and session."""
    made = create_account(portal, by, op(), login, f"{login}先生", roles)
    assert not isinstance(made, Refusal), made
    first = sign_in(portal, login, made.password, HERE)
    assert first.must_change
    session = change_password(portal, first.token, made.password, password, HERE)
    assert not isinstance(session, Refusal), session
    return made.account, session.token


def actor(portal, account):
    with portal.database.read() as connection:
        return actor_of(connection, account)


def role(name, university=None, round_id=None):
    return Member(name, university, round_id)


def lines(portal, action=None):
    """Return the lines of the trail, or how many there are of an action."""
    with portal.database.read() as connection:
        if action is None:
            return connection.execute(select(log)).all()
        return connection.scalar(select(func.count()).where(log.c.action == action))


def code(answer):
    """Return the code of a refusal; fails for anything that was carried out."""
    assert isinstance(answer, Refusal), answer
    for said in (answer.what, answer.next):  # two sentences for a person, in Chinese, without their full stop
        assert said
        assert any("一" <= one <= "鿿" for one in said)
        assert not said.endswith("。")
    return answer.code
