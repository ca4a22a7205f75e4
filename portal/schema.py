"""At which state of the tables a store is, and bringing it to the one of this program."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.schema import CreateTable

from portal.store import tables
from portal.store.database import Database

MIGRATIONS = Path(tables.__file__).parent / "migrations"


@dataclass(frozen=True, slots=True)
class State:
    """The revision a store is at, the one this program needs, and whether the store is ahead of the program."""

    current: str | None
    head: str
    is_newer: bool


def head() -> str:
    """Return the revision that this program works with."""
    return _revisions()[-1]


def state_of(database: Database) -> State:
    """Compare a store with this program."""
    with database.read() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    known = _revisions()
    return State(current, known[-1], is_newer=current is not None and current not in known)


def create(database: Database) -> None:
    """Create every table in an empty store and note the revision."""

    def work(connection: Connection) -> None:
        tables.metadata.create_all(connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(64) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": head()})

    database.write(work)


def upgrade(database: Database) -> None:
    """Bring a store to the state of this program; an empty one is created."""
    if state_of(database).current is None:
        create(database)


def _revisions() -> list[str]:
    """Return every revision, the oldest first."""
    said = "".join(str(CreateTable(table)) for table in tables.metadata.sorted_tables)
    return [f"tables-{hashlib.sha256(said.encode()).hexdigest()[:12]}"]
