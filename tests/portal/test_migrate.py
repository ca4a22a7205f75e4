"""Migrations: both stores come to the shape of the tables, with their data, forth and back, also four at once."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from killing import context
from rows import everything, row
from sqlalchemy import column, create_engine, exc, inspect, select, text
from sqlalchemy import table as named

from portal.store import migrate
from portal.store.database import open_store
from portal.store.guards import EVERY, put_up, take_down
from portal.store.migrate import Newer, current, downgrade, head, pending, upgrade
from portal.store.tables import metadata
from tests.size import sized

STEPS = ["0001", "0002"]
"""Every step there is, oldest first."""


@pytest.fixture
def empty(empty_address):
    """Give a store with nothing in it, of both kinds."""
    found = open_store(empty_address)
    yield found
    found.close()


def test_an_empty_store_has_every_step_before_it_and_then_none(empty):
    assert current(empty) is None
    assert list(pending(empty)) == STEPS
    upgrade(empty)
    assert pending(empty) == ()
    assert current(empty) == head() == STEPS[-1]
    upgrade(empty)
    assert current(empty) == head()


def test_a_store_half_way_has_the_rest_before_it(empty):
    upgrade(empty, STEPS[0])
    assert list(pending(empty)) == STEPS[1:]


def test_a_store_from_the_future_is_not_touched(database):
    database.write(lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    for step in (pending, upgrade):
        with pytest.raises(Newer, match="9999"):
            step(database)


def test_what_the_steps_make_is_what_the_tables_say(database):
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_every_default_key_index_and_condition_is_what_the_tables_say(database, request):
    """Alembic does not compare conditions, nor defaults on SQLite, so the two are also laid side by side."""
    with database.read() as connection:
        migrated = shape(connection)
    if database.kind == "sqlite":
        other = create_engine("sqlite://")
    else:
        server = request.getfixturevalue("postgresql")
        name = server.create()
        request.addfinalizer(lambda: server.drop(name))
        other = create_engine(server.address(name).replace("postgresql:", "postgresql+psycopg:"))
    with other.begin() as connection:
        metadata.create_all(connection)
        made = shape(connection)
    other.dispose()
    del migrated["alembic_version"]
    assert migrated == made


def shape(connection):
    """Return all that can be asked about the tables of a store."""
    inspector = inspect(connection)
    asked = (
        inspector.get_columns,
        inspector.get_foreign_keys,
        inspector.get_unique_constraints,
        inspector.get_indexes,
        inspector.get_check_constraints,
    )
    return {
        table: (
            repr(inspector.get_pk_constraint(table)),
            *(sorted(repr(sorted(found.items(), key=str)) for found in ask(table)) for ask in asked),
        )
        for table in inspector.get_table_names()
    }


def test_a_change_of_the_tables_without_a_step_would_be_noticed(database):
    database.write(lambda c: c.execute(text("ALTER TABLE rounds ADD COLUMN forgotten INTEGER")))
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) != []


def test_every_step_keeps_the_data_forth_and_back(database):
    database.write(lambda c: [row(c, table) for table in metadata.sorted_tables for _ in range(3)])
    with database.read() as connection:
        before = everything(connection)
    assert all(before.values())
    for step in reversed(STEPS[:-1]):
        downgrade(database, step)
        assert current(database) == step
    upgrade(database)
    with database.read() as connection:
        assert everything(connection) == before


def fill_as_of(connection):
    """Put rows into every table that is there, in the columns that are there."""
    inspector = inspect(connection)
    names = set(inspector.get_table_names())
    for one in metadata.sorted_tables:
        if one.name in names:
            columns = {found["name"] for found in inspector.get_columns(one.name)}
            for _ in range(sized(3, 2_000)):
                row(connection, one, only=columns)


def there(connection):
    """Return all rows of every table that is there, in the columns that are there."""
    inspector = inspect(connection)
    found = {}
    for name in sorted(set(inspector.get_table_names()) & metadata.tables.keys()):
        columns = [column(one["name"]) for one in inspector.get_columns(name)]
        found[name] = sorted(
            (tuple(one) for one in connection.execute(select(*columns).select_from(named(name)))), key=repr
        )
    return found


def carried(database, step):
    """Fill a store at a step, take it up to the newest and back down; return what was there at each of the three."""
    upgrade(database, step)
    database.write(fill_as_of, 600)
    found = []
    for move in (lambda: None, lambda: upgrade(database), lambda: downgrade(database, step)):
        move()
        with database.read() as connection:
            found.append(there(connection))
    assert current(database) == step
    return found


@pytest.mark.parametrize("step", STEPS)
def test_from_every_step_the_data_goes_up_and_comes_down_again(empty, step):
    before, above, after = carried(empty, step)
    assert all(before.values())
    assert before == after
    assert {name: len(rows) for name, rows in above.items()} == {
        name: len(rows) for name, rows in before.items()
    }


def test_a_step_that_loses_a_row_would_be_noticed(empty, monkeypatch):
    whole = migrate._alembic

    def careless(step, connection):
        whole(step, connection)
        if inspect(connection).has_table("sign_ons"):
            connection.execute(text("DELETE FROM sign_ons"))

    upgrade(empty, STEPS[0])
    monkeypatch.setattr(migrate, "_alembic", careless)
    before, above, after = carried(empty, STEPS[0])
    assert before["sign_ons"]
    assert not above["sign_ons"]
    assert before != after


def test_back_to_nothing_leaves_nothing(database):
    database.write(lambda c: [row(c, table) for table in metadata.sorted_tables])
    downgrade(database, "base")
    with database.read() as connection:
        assert [name for name in inspect(connection).get_table_names() if name != "alembic_version"] == []
        if database.kind == "postgresql":
            assert (
                connection.scalar(text("SELECT count(*) FROM pg_proc WHERE proname LIKE 'zhunsheng%'")) == 0
            )
    upgrade(database)
    assert pending(database) == ()


def test_a_table_with_rows_that_refer_to_it_can_be_built_anew(database, monkeypatch):
    """What a later step will do on SQLite: a new table, the rows moved, the old one dropped; nothing refers to nothing."""
    database.write(lambda c: [row(c, table) for table in metadata.sorted_tables for _ in range(2)])
    with database.read() as connection:
        before = everything(connection)
    migrate._run(database, rebuild)
    with database.read() as connection:
        assert everything(connection) == before
        if database.kind == "sqlite":
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []


def rebuild(config):
    connection = config.attributes["connection"]
    take_down(connection, {"log": EVERY})
    operations = Operations(MigrationContext.configure(connection))
    for table in ("assessments", "accounts", "log"):
        with operations.batch_alter_table(
            table, recreate="always" if connection.dialect.name == "sqlite" else "auto"
        ):
            pass
    put_up(connection, {"log": EVERY})


def test_a_step_that_fails_leaves_the_store_as_it_was(empty, monkeypatch):
    upgrade(empty, STEPS[0])
    whole = migrate._alembic

    def fails(step, connection):
        whole(step, connection)
        raise LookupError("in the very end")

    monkeypatch.setattr(migrate, "_alembic", fails)
    with pytest.raises(LookupError):
        upgrade(empty)
    assert current(empty) == STEPS[0]


def test_a_step_that_would_leave_rows_that_refer_to_nothing_is_undone(sqlite_address, monkeypatch):
    database = open_store(sqlite_address)
    database.write(lambda c: [row(c, table) for table in metadata.sorted_tables])
    monkeypatch.setattr(
        migrate, "_alembic", lambda _, connection: connection.execute(text("DELETE FROM universities"))
    )
    with pytest.raises(RuntimeError, match="refer to nothing"):
        downgrade(database, "0001")
    with database.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM universities")) > 0
    database.close()


def upgraded(address, together, results, unlocked):
    """Migrate at the same moment as others, in a process of its own."""
    if unlocked:
        migrate._on_postgresql = migrate._alembic
    database = open_store(address)
    together.wait()
    try:
        upgrade(database)
        results.put(current(database))
    except exc.DBAPIError as error:
        results.put(type(error).__name__)
    database.close()


def four_at_once(address, *, unlocked=False):
    together, results = context.Barrier(4, timeout=120), context.Queue()
    processes = [
        context.Process(target=upgraded, args=(address, together, results, unlocked), daemon=True)
        for _ in range(4)
    ]
    for process in processes:
        process.start()
    found = [results.get(timeout=120) for _ in processes]
    for process in processes:
        process.join()
    return found


@pytest.mark.parametrize("_", range(sized(1, 10)))
def test_four_replicas_may_migrate_at_once(empty_address, _):
    assert four_at_once(empty_address) == [head()] * 4
    database = open_store(empty_address)
    assert pending(database) == ()
    database.close()


def test_without_the_lock_they_would_be_in_each_other_s_way(postgresql):
    name = postgresql.create()
    assert four_at_once(postgresql.address(name), unlocked=True) != [head()] * 4
    postgresql.drop(name)


def test_who_waits_for_a_reader_tries_again_and_gets_through(postgresql):
    """A forgotten reader holds a table; the migration lets others pass meanwhile, and comes back."""
    name = postgresql.create()
    database = open_store(postgresql.address(name))
    upgrade(database, STEPS[0])
    tries = []
    whole = migrate._alembic

    def counted(step, connection):
        tries.append(connection.execute(text("SET LOCAL lock_timeout = '10ms'")))
        if len(tries) == 2:
            reader.rollback()
        whole(step, connection)

    migrate._alembic = counted
    try:
        with database.engine.connect() as reader:
            reader.execute(text("LOCK TABLE log IN ACCESS SHARE MODE"))
            reader.execute(text("LOCK TABLE log IN SHARE MODE"))
            upgrade(database)
    finally:
        migrate._alembic = whole
    assert len(tries) == 2
    assert pending(database) == ()
    database.close()
    postgresql.drop(name)
