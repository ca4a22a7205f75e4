"""A trail that is exported, imported, backed up or restored is the same trail: it checks, proves and goes on as before."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from whole import rules

from portal.archive import bring_in, examine, export
from portal.backup import back_up
from portal.restore import Restored, restore_postgresql, restore_sqlite
from portal.store.blobs import Folder
from portal.store.database import open_store
from portal.store.migrate import upgrade
from portal.store.tables import checkpoints, holes, leaves, log, tiles
from portal.trail import append
from portal.trail_proof import bundle
from portal.trail_verify import verify
from tests.portal import trails
from tests.portal.trails import KEYS, checkpoint, entry

SEALED = (3, 260, 600)
"""Enough lines for two tiles, and checkpoints on the way."""

LINES = 640


@pytest.fixture
def written(database):
    """Give a store with a trail that has tiles, checkpoints, lines after the last, and holes where the store makes them."""

    def undone(connection):
        append(connection, entry(0))
        raise LookupError

    begun = 1
    for end in (*SEALED, LINES):
        database.write(lambda c, a=begun, b=end: [append(c, entry(n, f"a:{n % 3}")) for n in range(a, b + 1)])
        with pytest.raises(LookupError):
            database.write(undone)  # PostgreSQL does not give a number twice
        if end in SEALED:
            checkpoint(database, end)
        begun = end + 1
    return database


def kept(database):
    """Return the tables of the trail, whole."""
    with database.read() as connection:
        return {
            table.name: connection.execute(select(table).order_by(*table.primary_key)).all()
            for table in (log, leaves, tiles, holes, checkpoints)
        }


def proofs(database):
    with database.read() as connection:
        return [bundle(connection, f"op-{number}") for number in (1, 256, 257, 600)]


def is_the_same_and_goes_on(before, database):
    """Check a copy of a trail against what it was, then write on, and hold the old checkpoints against the whole."""
    tables, lines, proven, held = before
    assert kept(database) == tables
    assert trails.export(database) == lines
    assert proofs(database) == proven
    assert verify(trails.export(database), KEYS, held).wrong is None
    top = tables["log"][-1].seq
    database.write(lambda c: [append(c, entry(number, "a:1")) for number in range(9000, 9300)])
    made = checkpoint(database, 9000)
    assert made.size == LINES + 300
    with database.read() as connection:
        assert connection.execute(select(func.min(log.c.seq)).where(log.c.seq > top)).scalar_one() > top
        assert connection.execute(select(func.count()).select_from(tiles)).scalar_one() == made.size >> 8
    report = verify(trails.export(database), KEYS, [*held, made.note])
    assert (report.wrong, report.held, report.unsealed) == (None, len(SEALED) + 1, 0)


def known(database):
    tables = kept(database)
    held = [row.note for row in tables["checkpoints"]]
    assert len(tables["tiles"]) == 2
    assert len(held) == len(SEALED)
    assert bool(tables["holes"]) == (database.kind == "postgresql")
    return tables, trails.export(database), proofs(database), held


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_trail_that_moved_to_either_store_is_the_same_and_goes_on(written, kind, postgresql, tmp_path):
    before, blobs = known(written), Folder(tmp_path / "evidence")
    first, second = tmp_path / "first.tar", tmp_path / "second.tar"
    export(written, blobs, first)
    server = postgresql.create()
    other = open_store(
        postgresql.address(server) if kind == "postgresql" else str(tmp_path / "other" / "z.db")
    )
    upgrade(other)
    assert bring_in(examine(first), other, blobs) is None
    export(other, blobs, second)
    assert second.read_bytes() == first.read_bytes()
    is_the_same_and_goes_on(before, other)
    other.close()
    postgresql.drop(server)


def test_a_trail_that_was_restored_is_the_same_and_goes_on(written, store_address, tmp_path):
    before, blobs = known(written), Folder(tmp_path / "evidence")
    noon = datetime(2026, 11, 26, 12, tzinfo=UTC)
    made = back_up(written, store_address, blobs, rules(), tmp_path / "backups", lambda: noon)
    written.write(lambda c: append(c, entry(7000)))
    checkpoint(written, 7000)
    written.close()
    if written.kind == "postgresql":
        found = restore_postgresql(store_address, blobs, made.folder)
    else:
        found = restore_sqlite(Path(store_address), blobs, made.folder)
    assert isinstance(found, Restored), found
    database = open_store(store_address)
    is_the_same_and_goes_on(before, database)
    database.close()


def test_a_checkpoint_made_after_the_backup_shows_that_an_older_state_was_restored(written, tmp_path):
    """Nothing hides a step back in time: who kept a later checkpoint sees that lines are missing."""
    held = known(written)[3]
    blobs, file = Folder(tmp_path / "evidence"), tmp_path / "all.tar"
    export(written, blobs, file)
    later = checkpoint(written, 8000)
    other = open_store(str(tmp_path / "other" / "z.db"))
    upgrade(other)
    assert bring_in(examine(file), other, blobs) is None
    assert (
        verify(trails.export(other), KEYS, [later.note]).wrong is None
    )  # the same lines, only not sealed yet
    written.write(lambda c: append(c, entry(8001)))
    later = checkpoint(written, 8001)
    found = verify(trails.export(other), KEYS, [*held, later.note]).wrong
    assert found.code == "truncated"
    other.write(lambda c: append(c, entry(8002)))
    assert verify(trails.export(other), KEYS, [later.note]).wrong.code == "fork"
    other.close()
