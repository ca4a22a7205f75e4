"""Guards: history can be added to, and neither changed nor taken away, on both stores."""

import pytest
from rows import row
from sqlalchemy import delete, exc, inspect, select, text, update

from portal.store import guards, sqlite
from portal.store.database import open_store
from portal.store.guards import GUARDED
from portal.store.tables import log, metadata

WHOLE = sorted(name for name, kept in GUARDED.items() if not kept.columns)
PARTLY = sorted(set(GUARDED) - set(WHOLE))
ONCE = sorted(name for name, kept in GUARDED.items() if kept.once)
OPEN = {
    *("universities", "places", "accounts", "memberships", "sessions", "tokens", "sign_ons", "attempts"),
    *("recusals", "answers", "claims", "uploads", "likenesses", "holes"),
}
"""Tables that say how things are now, or hold what is on its way or can be worked out again."""


@pytest.mark.parametrize("name", sorted(GUARDED))
def test_a_row_of_history_is_not_taken_away(database, name):
    table = metadata.tables[name]
    database.write(lambda c: row(c, table))
    refused(database, lambda c: c.execute(delete(table)))


@pytest.mark.parametrize("name", WHOLE)
def test_a_row_of_history_is_not_changed_in_any_column(database, name):
    table = metadata.tables[name]
    database.write(lambda c: row(c, table))
    for column in table.columns:
        refused(database, lambda c, column=column: c.execute(update(table).values({column: column})))


@pytest.mark.parametrize("name", PARTLY)
def test_what_must_stand_is_not_changed_and_the_rest_may_be(database, name):
    table, kept = metadata.tables[name], GUARDED[name]
    database.write(lambda c: row(c, table, **dict.fromkeys(kept.once)))
    for column in table.columns:
        change = update(table).values({column: column})
        if column.name in kept.columns:
            refused(database, lambda c, change=change: c.execute(change))
        else:
            assert database.write(lambda c, change=change: c.execute(change).rowcount) == 1


@pytest.mark.parametrize("name", ONCE)
def test_what_is_said_once_is_not_said_again(database, name):
    """Evidence removed, an appeal decided, a request answered, a publication withdrawn: that is that."""
    table, kept = metadata.tables[name], GUARDED[name]
    first = database.write(lambda c: row(c, table))
    last = {kept.after: first[kept.after]}
    database.write(lambda c: row(c, table, **dict.fromkeys(kept.once)))
    assert database.write(lambda c: c.execute(_open(table, kept).values(last)).rowcount) == 1
    for column in kept.once:
        refused(database, lambda c, column=column: c.execute(update(table).values({column: None})))


def _open(table, kept):
    return update(table).where(table.c[kept.after].is_(None))


def test_every_table_is_kept_or_known_to_be_open():
    assert set(metadata.tables) == set(GUARDED) | OPEN
    assert not set(GUARDED) & OPEN


def test_replacing_a_row_is_changing_it(database):
    database.write(lambda c: row(c, log, op_id="one"))
    values = "SELECT seq, chain, place, op_id, at, 'another', action, target, details, previous, hash FROM log WHERE true"
    if database.kind == "sqlite":
        refused(database, lambda c: c.execute(text(f"INSERT OR REPLACE INTO log {values}")))
    changed = f"INSERT INTO log {values} ON CONFLICT (seq) DO UPDATE SET actor = 'another'"
    refused(database, lambda c: c.execute(text(changed)))


def test_emptying_a_table_is_taking_rows_away(postgresql_address):
    database = open_store(postgresql_address)
    database.write(lambda c: row(c, log))
    refused(database, lambda c: c.execute(text("TRUNCATE log CASCADE")))
    database.close()


def test_without_its_setting_sqlite_would_replace_unasked(sqlite_address, monkeypatch):
    monkeypatch.setitem(sqlite.SETTINGS, "recursive_triggers", "OFF")
    database = open_store(sqlite_address)
    database.write(lambda c: row(c, log))
    database.write(
        lambda c: c.execute(
            text(
                "INSERT OR REPLACE INTO log"
                " SELECT seq, chain, place, op_id, at, 'another', action, target, details, previous, hash FROM log"
            )
        )
    )
    with database.read() as connection:
        assert connection.scalar(select(log.c.actor)) == "another"
    database.close()


def test_without_the_guards_history_could_be_changed(database):
    database.write(guards.take_down)
    database.write(lambda c: row(c, log))
    assert database.write(lambda c: c.execute(update(log).values(actor="another")).rowcount) == 1
    assert database.write(lambda c: c.execute(delete(log)).rowcount) == 1


def test_the_guards_are_those_the_program_speaks_of(database):
    with database.read() as connection:
        found = connection.scalars(
            text(
                "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
                if database.kind == "sqlite"
                else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
            )
        ).all()
        assert sorted(found) == sorted(
            name for table, kept in GUARDED.items() for name in guards.names(table, kept, database.kind)
        )
        tables = inspect(connection).get_table_names()
    assert set(GUARDED) < set(tables)
    for table, kept in GUARDED.items():
        assert {*kept.columns, *kept.once} <= set(metadata.tables[table].columns.keys())
        assert bool(kept.once) is (kept.after in kept.once)


def refused(database, work):
    before = contents(database)
    with pytest.raises(exc.IntegrityError, match="is append-only"):
        database.write(work)
    assert contents(database) == before


def contents(database):
    with database.read() as connection:
        return {name: connection.execute(select(metadata.tables[name])).all() for name in GUARDED}
