"""The store: a write has happened when it returns, one that fails leaves nothing behind, and many at once lose nothing."""

import threading

import pytest
from sqlalchemy import exc, func, insert, select, text

from portal.store.database import Unavailable, open_store
from portal.store.tables import accounts, log
from portal.store.unavailable import SENTENCES
from portal.trail import Entry, append, done_before


def line(op: str, chain: str = "system") -> Entry:
    return Entry(op, chain, "2026-11-26T00:00:00.000000Z", "somebody", "answer.save", "thing", {})


def locked_line(connection, op: str) -> None:
    """Append as use cases do: on PostgreSQL under a lock of what the chain belongs to."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(1)"))
    append(connection, line(op))


def count(database) -> int:
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(log)).scalar_one()


def test_a_write_that_fails_leaves_nothing_and_its_neighbours_stand(database):
    def fails(connection):
        append(connection, line("broken", "another"))
        raise LookupError("a mistake of one write")

    threads = [
        threading.Thread(target=database.write, args=(lambda c, n=n: locked_line(c, f"op{n}"),))
        for n in range(20)
    ]
    for thread in threads:
        thread.start()
    with pytest.raises(LookupError, match="a mistake of one write"):
        database.write(fails)
    for thread in threads:
        thread.join()
    assert count(database) == 20
    with database.read() as connection:
        assert not done_before(connection, "broken")
        assert done_before(connection, "op7")


def test_nothing_is_written_or_read_after_the_store_is_closed(database):
    database.close()
    with pytest.raises(Unavailable) as found:
        database.write(lambda connection: append(connection, line("late")))
    assert found.value.reason == "closed"
    with pytest.raises(Unavailable), database.read():
        pass
    database.close()


def test_what_was_queued_before_the_end_is_written(database):
    results = []
    threads = [
        threading.Thread(
            target=lambda n=n: results.append(database.write(lambda c: locked_line(c, f"op{n}")))
        )
        for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    address = database.engine.url
    database.close()
    again = open_store(address.render_as_string(hide_password=False))
    assert count(again) == len(results) == 20
    again.close()


def test_a_reader_sees_one_state_from_beginning_to_end(database):
    database.write(lambda c: append(c, line("first")))
    with database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(log)) == 1
        database.write(lambda c: append(c, line("second")))
        assert connection.scalar(select(func.count()).select_from(log)) == 1
    assert count(database) == 2


def test_a_reader_cannot_write(database):
    with pytest.raises(Unavailable) as found, database.read() as connection:
        append(connection, line("smuggled"))
    assert found.value.reason == "read_only"
    assert count(database) == 0


def test_a_write_inside_a_write_is_refused_instead_of_waiting_for_itself(sqlite_address):
    database = open_store(sqlite_address)
    with pytest.raises(RuntimeError, match="a write inside a write"):
        database.write(lambda _: database.write(lambda c: append(c, line("inner"))))
    database.close()


@pytest.mark.parametrize(
    "wrong", ["SELECT * FROM nothing_of_that_name", "SELECT nonsense FROM log", "SELEKT"]
)
def test_a_mistake_of_a_programmer_is_not_called_unavailable(database, wrong):
    with pytest.raises(exc.DBAPIError):
        database.write(lambda c: c.execute(text(wrong)))
    with pytest.raises(exc.DBAPIError), database.read() as connection:
        connection.execute(text(wrong))
    database.write(lambda c: append(c, line("after")))


def test_a_broken_rule_of_the_tables_is_the_caller_s_alone(database):
    def orphan(connection):
        connection.execute(insert(accounts).values(id="a", login="same", name="甲", created_at="t"))
        connection.execute(insert(accounts).values(id="b", login="same", name="乙", created_at="t"))

    with pytest.raises(exc.IntegrityError):
        database.write(orphan)
    database.write(lambda c: append(c, line("after")))
    assert count(database) == 1


def test_what_a_person_reads_is_chinese_and_says_what_to_do_next():
    for reason, (what, following) in SENTENCES.items():
        found = Unavailable("could not write block 7", reason)
        assert str(found) == "could not write block 7"
        assert found.message == f"{what}。{following}。"
        assert found.refusal.kind == "busy"
        assert "block" not in found.message


def test_the_clock_may_go_back_a_day(database):
    """The order of the trail is its own; the time is only said."""
    times = ["2026-11-26T00:00:00.000000Z", "2026-11-25T00:00:00.000000Z"]
    for at in times:
        database.write(lambda c, at=at: append(c, Entry(at, "system", at, "somebody", "test", "clock", {})))
    with database.read() as connection:
        assert list(connection.scalars(select(log.c.at).order_by(log.c.place))) == times
