"""Fifty people save at once: nothing is overwritten, nobody is turned away, on both stores."""

import contextlib
import threading

import saving
from sqlalchemy import select

from portal.store.database import Database, open_store
from portal.store.postgresql import Turnstile
from portal.store.tables import answer_history
from tests.size import sized

PATIENCE = 120.0
"""Seconds; generous, since how fast a machine is says nothing about the code."""


def at_once(jobs):
    errors = []

    def guarded(job):
        try:
            job()
        except Exception as error:  # noqa: BLE001  what anybody would have seen
            errors.append(repr(error))

    threads = [threading.Thread(target=guarded, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_fifty_people_save_their_answers(database):
    places = saving.seats(database, 50, assessments_count=10)
    heard = [0] * 50

    def writer(number):
        for step in range(1, 9):
            outcome = saving.write(database, places, number, step, PATIENCE)
            assert outcome == "saved"
            heard[number] = step

    assert at_once([lambda n=n: writer(n) for n in range(50)]) == []
    assert heard == [8] * 50
    assert saving.wrongs(database, places, heard) == []


def shares(database, *, writers=50, saves=600):
    """Let people save until so many answers are kept; return how many each had by then."""
    places = saving.seats(database, writers, assessments_count=10)
    heard, ready, over = [0] * writers, threading.Barrier(writers), threading.Event()

    def writer(number):
        ready.wait()
        while not over.is_set():
            assert saving.write(database, places, number, heard[number] + 1, PATIENCE) == "saved"
            heard[number] += 1
            if sum(heard) >= saves:
                over.set()

    assert at_once([lambda n=n: writer(n) for n in range(writers)]) == []
    assert saving.wrongs(database, places, heard) == []
    return heard


def test_nobody_is_starved(database):
    heard = shares(database, saves=sized(600, 6_000))
    assert min(heard) * 2 >= sum(heard) / len(heard)


def test_without_the_one_writer_somebody_would_be(sqlite_address):
    opened = open_store(sqlite_address)
    plain = saving.Plain(sqlite_address)
    heard = shares(Database(opened.engine, plain))
    assert min(heard) * 2 < sum(heard) / len(heard)
    plain.close()
    opened.close()


def test_without_the_turnstile_somebody_would_be(postgresql_address, monkeypatch):
    monkeypatch.setattr(Turnstile, "turn", lambda *_: contextlib.nullcontext())
    opened = open_store(postgresql_address)
    heard = shares(opened)
    assert min(heard) * 2 < sum(heard) / len(heard)
    opened.close()


def count_up(database, seat, *, writers, each, checked=True):
    """Let each add one to the same answer several times; who is refused looks again."""

    def writer(number):
        for step in range(each):
            outcome = "conflict"
            while outcome == "conflict":
                with database.read() as connection:
                    value, version = saving.standing(connection, seat)
                op = f"{number}-{step}-{version}"
                outcome = database.write(
                    lambda c: saving.save(c, seat, op, value + 1, version, checked=checked),  # noqa: B023
                    PATIENCE,
                )

    errors = at_once([lambda n=n: writer(n) for n in range(writers)])
    with database.read() as connection:
        return errors, saving.standing(connection, seat)


def test_fifty_people_change_the_same_answer_and_every_change_counts(database):
    (seat,) = saving.seats(database, 1)
    assert count_up(database, seat, writers=50, each=1) == ([], (50, 50))
    with database.read() as connection:
        versions = connection.scalars(
            select(answer_history.c.version).order_by(answer_history.c.version)
        ).all()
        assert versions == list(range(1, 51))
        assert saving.broken_chains(connection) == []


def test_without_the_version_changes_would_be_overwritten(database):
    (seat,) = saving.seats(database, 1)
    database.write(lambda c: saving.save(c, seat, "first", 0, 0))
    _, (value, _) = count_up(database, seat, writers=20, each=10, checked=False)
    assert value < 200
