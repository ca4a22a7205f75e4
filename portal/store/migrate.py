"""Bring a store to the shape this program knows: all steps in one transaction, by one process at a time."""

import threading
from functools import partial
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from portal.store.database import Database
from portal.store.sqlite import open_alone

FOLDER = Path(__file__).parent / "migrations"

DEADLINE = 600.0
"""Seconds that a migration may wait for others to let go of the tables; a migration itself may take longer."""

LOCK = 0x7A68756E
"""The number of the lock that PostgreSQL gives to one process at a time."""

_one_at_a_time = threading.Lock()  # Alembic keeps what it works on in a module


class Newer(Exception):
    """The store was written by a newer version of this program; this one must not touch it."""


def head() -> str:
    """Return the step this program is at."""
    found = _scripts().get_current_head()
    assert found is not None
    return found


def current(database: Database) -> str | None:
    """Return the step a store is at; None for an empty one."""
    with database.read() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def pending(database: Database) -> tuple[str, ...]:
    """Return the steps a store has before it, oldest first. Raises `Newer` for a store from the future."""
    scripts, at = _scripts(), current(database)
    steps = [step.revision for step in scripts.walk_revisions()]  # newest first
    if at is None:
        return tuple(reversed(steps))
    if at not in steps:
        raise Newer(at)
    return tuple(reversed(steps[: steps.index(at)]))


def upgrade(database: Database, to: str = "head") -> None:
    """Take a store forward; a store that is there already stays as it is. Raises `Newer`, or `Unavailable`."""
    if pending(database):
        _run(database, partial(command.upgrade, revision=to))


def downgrade(database: Database, to: str) -> None:
    """Take a store back to a step, or to `base`: empty."""
    _run(database, partial(command.downgrade, revision=to))


def _run(database: Database, step: partial[None]) -> None:
    with _one_at_a_time:
        if database.kind == "postgresql":
            database.write(partial(_on_postgresql, step), DEADLINE)
        else:
            _on_sqlite(database, step)


def _on_postgresql(step: partial[None], connection: Connection) -> None:
    connection.execute(text("SET LOCAL lock_timeout = 0"))
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK})
    # A table somebody reads is waited for briefly, then all is tried anew: who waits for a table stops its readers.
    connection.execute(text("SET LOCAL lock_timeout = '5s'"))
    _alembic(step, connection)


def _on_sqlite(database: Database, step: partial[None]) -> None:
    path = database.engine.url.database
    assert path is not None
    engine = open_alone(Path(path))
    try:
        with engine.begin() as connection:
            _alembic(step, connection)
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                raise RuntimeError(f"the migration would leave rows that refer to nothing: {broken[:5]}")
    finally:
        engine.dispose()


def _alembic(step: partial[None], connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    step(config)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())
