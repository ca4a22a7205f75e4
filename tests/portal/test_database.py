"""The store: a write has happened when it returns, one that fails leaves nothing behind, and many at once lose nothing."""

import threading

import pytest
from sqlalchemy import func, select

from portal.store.database import Unavailable, open_store
from portal.store.tables import log, metadata
from portal.trail import Entry, append, done_before


@pytest.fixture
def database(tmp_path):
    found = open_store(str(tmp_path / "data" / "zhunsheng.db"))
    found.write(metadata.create_all)
    yield found
    found.close()


def line(op: str, chain: str = "system") -> Entry:
    return Entry(op, chain, "2026-11-26T00:00:00.000000Z", "somebody", "answer.save", "thing", {})


def count(database) -> int:
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(log)).scalar_one()


def test_a_write_that_fails_leaves_nothing_and_its_neighbours_stand(database):
    def fails(connection):
        append(connection, line("broken"))
        raise LookupError("a mistake of one write")

    threads = [
        threading.Thread(target=database.write, args=(lambda c, n=n: append(c, line(f"op{n}")),))
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


def test_nothing_is_written_after_the_store_is_closed(database):
    database.close()
    with pytest.raises(Unavailable):
        database.write(lambda connection: append(connection, line("late")))
