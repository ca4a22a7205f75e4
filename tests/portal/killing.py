"""Writers in a process of their own, killed with signal 9 in the middle of their work, again and again."""

import contextlib
import multiprocessing
import random
import sys
import threading
import time

import saving

from portal.store.database import Unavailable, open_store
from portal.store.migrate import upgrade

SLOWEST = 120.0
"""Seconds to wait for a child before the test is given up; no measure of anything."""

context = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
if sys.platform != "win32":  # children come into the world with their libraries loaded
    context.set_forkserver_preload(
        ["sqlalchemy.dialects.postgresql.psycopg", "pysqlite3.dbapi2", "alembic.command"]
    )


def save_for_ever(pipe, address, places, begun, too_early):
    """Save with one thread a place until killed, and report each operation once it is durable (or before: a fault)."""
    database = open_store(address)
    mouth = threading.Lock()

    def report(number, step, outcome):
        with mouth:
            pipe.send((number, step, outcome))

    def writer(number):
        seat = places[number]
        try:
            save_on(number, seat)
        except BaseException as error:
            report(number, -1, repr(error))
            raise

    def save_on(number, seat):
        for step in range(begun[number] + 1, 1_000_000):

            def work(connection, step=step):
                outcome = saving.save(connection, seat, f"{number}-{step}", step, step - 1)
                if too_early:
                    report(number, step, outcome)
                return outcome

            outcome = database.write(work, deadline=SLOWEST)
            if not too_early:
                report(number, step, outcome)

    threads = [threading.Thread(target=writer, args=(number,)) for number in range(len(places))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def kill_and_look(address, *, kills, writers=4, seed=0, too_early=False):
    """Kill writers many times and return (acknowledged in all, done before the kill but not heard of, what is wrong).

    Each new process takes up what its predecessor had not heard about, with the same operation ids. Nobody else has the
    store open meanwhile, so that each one begins with what the last one left behind.
    """
    chance = random.Random(seed)  # noqa: S311  when to kill is no secret
    with opened(address) as database:
        places = saving.seats(database, writers)
    heard, repeated, wrong = [0] * writers, 0, []
    for number in range(1, kills + 1):
        for writer, step, outcome in _until_killed(chance, address, places, tuple(heard), too_early):
            if outcome not in {"saved", "again"} or step != heard[writer] + 1:
                wrong.append(f"writer {writer} at {step} after {heard[writer]}: {outcome}")
            repeated += outcome == "again"
            heard[writer] = max(heard[writer], step)
        if too_early or wrong or number == kills:
            with opened(address) as database:
                wrong += saving.wrongs(database, places, heard)
        if wrong:
            break
    return sum(heard), repeated, wrong


def _until_killed(chance, *arguments):
    """Start a writer, kill it after a number of reports, and yield all of them, also those sent in its last moment."""
    ours, theirs = context.Pipe()
    process = context.Process(target=save_for_ever, args=(theirs, *arguments), daemon=True)
    process.start()
    theirs.close()
    left = chance.randint(1, 30)
    try:
        while ours.poll(SLOWEST):
            try:
                yield ours.recv()
            except EOFError:
                return
            left -= 1
            if left == 0:
                time.sleep(
                    chance.choice((0, chance.uniform(0, 0.01)))
                )  # not always in the moment after a report
                process.kill()
        raise TimeoutError("the writer says nothing")
    finally:
        process.kill()
        process.join()
        ours.close()


class Savers:
    """Threads of this process that save for as long as the block lasts, and note what they heard.

    They wait as long as anybody does, `DEADLINE`: what takes longer is an error that a person would see.
    """

    def __init__(self, database, writers):
        self.database, self.places = database, saving.seats(database, writers)
        self.heard, self.errors, self.broken = [0] * writers, [], None
        self._moved, self._enough = threading.Condition(), threading.Event()
        self._threads = [threading.Thread(target=self._save, args=(number,)) for number in range(writers)]

    def _save(self, number):
        while not self._enough.is_set():
            try:
                saving.write(self.database, self.places, number, self.heard[number] + 1)
            except Unavailable as error:
                self.errors.append(error)
                continue
            except BaseException as error:
                with self._moved:
                    self.broken = error
                    self._moved.notify_all()
                raise
            with self._moved:
                self.heard[number] += 1
                self._moved.notify_all()

    def wait_for(self, more):
        """Wait until so many more answers are acknowledged."""
        with self._moved:
            goal = sum(self.heard) + more
            enough = self._moved.wait_for(lambda: self.broken or sum(self.heard) >= goal, timeout=SLOWEST)
        if self.broken:
            raise self.broken
        assert enough, "the writers are stuck"

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._enough.set()
        for thread in self._threads:
            thread.join()

    def result(self):
        """Return (errors anybody saw, acknowledged by writer, what is wrong)."""
        return self.errors, self.heard, saving.wrongs(self.database, self.places, self.heard)


def cut_connections(database, server, *, cuts):
    """Cut a connection of eight savers each time a few answers are acknowledged."""
    with Savers(database, 8) as savers, server.connected() as connection:
        for _ in range(cuts):
            savers.wait_for(3)
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s ORDER BY state = 'idle', random() LIMIT 1",
                (database.engine.url.database,),
            )
    return savers.result()


def kill_server(server, *, rounds):
    """Kill every process of the server while four save, and start it again, several times."""
    with opened(server.address(server.create())) as database:
        upgrade(database)
        with Savers(database, 4) as savers:
            for _ in range(rounds):
                savers.wait_for(20)
                server.kill()
                server.start()
            savers.wait_for(4)
        return savers.result()


@contextlib.contextmanager
def opened(address):
    database = open_store(address)
    try:
        yield database
    finally:
        database.close()
