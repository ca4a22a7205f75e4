"""SQLite: durable from the first byte, one writer, and a clean word when the disk is full or read-only."""

import sqlite3
import threading

import pytest
import saving
from sqlalchemy import create_engine, event, exc, text

from portal.store import sqlite
from portal.store.database import Unavailable, open_sqlite, open_store
from portal.store.sqlite import make_folder, sqlite_module, wal_reset_fault


@pytest.fixture
def database(sqlite_address):
    """Give an SQLite store."""
    found = open_store(sqlite_address)
    yield found
    found.close()


@pytest.fixture
def seat(database):
    """Give a place to write at."""
    return saving.seats(database, 1)[0]


@pytest.mark.parametrize(
    ("version", "faulty"),
    [
        ("3.6.23", False),
        ("3.7.0", True),
        ("3.40.1", True),
        ("3.44.5", True),
        ("3.44.6", False),
        ("3.45.0", True),
        ("3.50.6", True),
        ("3.50.7", False),
        ("3.51", True),
        ("3.51.2", True),
        ("3.51.3", False),
        ("3.53.4", False),
        ("4.0.0", False),
    ],
)
def test_versions_that_can_corrupt_their_log_are_known(version, faulty):
    assert wal_reset_fault(version) is faulty


def test_the_sqlite_in_use_has_not_the_fault():
    assert not wal_reset_fault(sqlite_module().sqlite_version)


def test_every_connection_is_set_as_it_must_be(database):
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "mmap_size": 0,
        "recursive_triggers": 1,
    }

    def settings(connection):
        return {name: connection.scalar(text(f"PRAGMA {name}")) for name in [*wanted, "wal_autocheckpoint"]}

    assert database.write(settings) == {**wanted, "wal_autocheckpoint": 1000}
    with database.read() as connection:
        assert settings(connection) == {**wanted, "wal_autocheckpoint": 0}


def test_a_store_that_cannot_keep_a_write_ahead_log_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "_set", lambda *_, **__: "delete")
    with pytest.raises(Unavailable, match="not wal"):
        open_sqlite(tmp_path / "zhunsheng.db")


def test_each_new_folder_is_made_durable_in_the_one_above(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(sqlite, "sync_folder", synced.append)
    make_folder(tmp_path / "a" / "b")
    assert set(synced) == {tmp_path, tmp_path / "a"}
    synced.clear()
    open_sqlite(tmp_path / "a" / "b" / "zhunsheng.db").close()
    assert synced == [tmp_path / "a" / "b", tmp_path / "a"]


def test_what_is_no_database_is_called_damaged(tmp_path):
    path = tmp_path / "zhunsheng.db"
    path.write_bytes(b"this is a letter, not a database" * 200)
    with pytest.raises(Unavailable) as found:
        open_sqlite(path)
    assert found.value.reason == "damaged"


def test_a_full_disk_is_said_and_leaves_nothing_half_written(database, seat):
    saving.write(database, [seat], 0, 1)
    pages = database.write(lambda c: c.scalar(text("PRAGMA page_count")))
    database.write(lambda c: c.exec_driver_sql(f"PRAGMA max_page_count={pages}"))
    step, found = 2, None
    while found is None:
        try:
            saving.write(database, [seat], 0, step)
            step += 1
        except Unavailable as error:
            found = error
    assert found.reason == "full"
    assert "磁盘已满" in found.message
    assert saving.wrongs(database, [seat], [step - 1]) == []
    database.write(lambda c: c.exec_driver_sql("PRAGMA max_page_count=1000000"))
    assert saving.write(database, [seat], 0, step) == "saved"
    assert saving.wrongs(database, [seat], [step]) == []


def test_on_a_full_disk_every_caller_hears_it_and_none_hears_yes(database):
    places = saving.seats(database, 30)
    pages = database.write(lambda c: c.scalar(text("PRAGMA page_count")))
    database.write(lambda c: c.exec_driver_sql(f"PRAGMA max_page_count={pages}"))
    heard = [0] * 30
    refused = []

    def writer(number):
        for step in range(1, 50):
            try:
                saving.write(database, places, number, step)
            except Unavailable as error:
                refused.append(error.reason)
                return
            heard[number] = step

    run([lambda n=n: writer(n) for n in range(30)])
    assert set(refused) == {"full"}
    assert saving.wrongs(database, places, heard) == []


def test_a_read_only_disk_is_said_and_leaves_nothing_half_written(database, seat):
    saving.write(database, [seat], 0, 1)
    with database._writer.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
    with pytest.raises(Unavailable) as found:
        saving.write(database, [seat], 0, 2)
    assert found.value.reason == "read_only"
    assert "只能读" in found.value.message
    assert saving.wrongs(database, [seat], [1]) == []


def test_one_bad_write_among_many_in_one_commit_harms_none_of_them(database):
    """A write whose fault comes to light at the commit only is found by running each for itself."""
    go, begun = threading.Event(), threading.Event()

    def first(_connection):
        begun.set()
        go.wait()

    def bad(connection):
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        connection.exec_driver_sql(
            "INSERT INTO tokens (id, account_id, token_hash, title, created_at, expires_at)"
            " VALUES ('t', 'nobody', 'h', 't', 't', 't')"
        )

    def good(connection, number):
        connection.exec_driver_sql(
            "INSERT INTO universities (id, code, title, created_at) VALUES (?, ?, 't', 't')",
            (str(number), str(number)),
        )

    waiting = database._writer.submit(first)
    begun.wait()
    together = [database._writer.submit(lambda c, n=n: good(c, n)) for n in range(5)]
    together.insert(2, database._writer.submit(bad))
    go.set()
    assert waiting.result() is None
    assert isinstance(together.pop(2).exception(), exc.IntegrityError)
    assert [one.exception() for one in together] == [None] * 5
    with database.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM universities")) == 5
        assert connection.scalar(text("SELECT count(*) FROM tokens")) == 0


def test_a_write_that_does_not_begin_in_time_is_given_up_and_never_happens(database, seat):
    go, begun = threading.Event(), threading.Event()

    def slow(_connection):
        begun.set()
        go.wait()

    waiting = database._writer.submit(slow)
    begun.wait()
    with pytest.raises(Unavailable) as found:
        saving.write(database, [seat], 0, 1, deadline=0)
    assert found.value.reason == "busy"
    go.set()
    waiting.result()
    assert saving.wrongs(database, [seat], [0]) == []


def test_a_write_that_has_begun_is_waited_for_and_a_time_out_of_its_own_is_its_own(database):
    go = threading.Event()
    threading.Timer(0.05, go.set).start()
    assert database.write(lambda _: go.wait(), deadline=0.01) is True

    def late(_connection):
        raise TimeoutError("of the work itself")

    with pytest.raises(TimeoutError, match="of the work itself"):
        database.write(late)


def test_the_writer_outlives_whatever_a_write_raises(database, seat):
    def leaves(_connection):
        raise SystemExit

    with pytest.raises(SystemExit):
        database.write(leaves)
    assert saving.write(database, [seat], 0, 1) == "saved"


def test_two_processes_worth_of_writers_never_hear_that_the_file_is_locked(database, sqlite_address):
    """A command line beside the server: each has a writer of its own, and BEGIN IMMEDIATE waits its turn."""
    other = open_store(sqlite_address)
    places = saving.seats(database, 8)
    heard = [0] * 8

    def writer(number):
        for step in range(1, 11):
            store = (database, other)[number % 2]
            saving.write(store, places, number, step, 120)
            heard[number] = step

    run([lambda n=n: writer(n) for n in range(8)])
    assert heard == [10] * 8
    assert saving.wrongs(other, places, heard) == []
    other.close()


def test_without_the_writer_somebody_hears_that_the_file_is_locked(sqlite_address):
    """What the one writer protects from: who has read before writing cannot wait, however long he may."""
    engine = create_engine(f"sqlite:///{sqlite_address}", module=sqlite_module())

    @event.listens_for(engine, "connect")
    def _connected(raw, _record):
        raw.isolation_level = None
        raw.execute("PRAGMA busy_timeout=10000")

    @event.listens_for(engine, "begin")
    def _begun(connection):
        connection.exec_driver_sql("BEGIN DEFERRED")

    put = text("INSERT INTO universities (id, code, title, created_at) VALUES (:id, :id, 't', 't')")
    with engine.connect() as one, engine.connect() as two:
        for connection in (one, two):
            connection.execute(text("SELECT count(*) FROM universities")).all()
        one.execute(put, {"id": "1"})
        one.commit()
        with pytest.raises(exc.OperationalError, match="locked"):
            two.execute(put, {"id": "2"})
    engine.dispose()


def test_the_file_is_an_ordinary_sqlite_file(database, sqlite_address):
    """Any tool can read it."""
    database.close()
    plain = sqlite3.connect(sqlite_address)
    assert plain.execute("SELECT count(*) FROM log").fetchone() == (0,)
    plain.close()


def run(jobs):
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
