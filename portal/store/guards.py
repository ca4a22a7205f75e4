"""Guards: triggers on both stores that let history be added to, and not be changed or taken away.

They stop mistakes of our own program. Whoever owns the database can remove them; what he does then, the chain of the
trail and its signed checkpoints bring to light.
"""

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import Connection

Columns = tuple[str, ...]

EVERY: Columns = ()
"""No column may change, so no row may."""

GUARDED: Mapping[str, Columns] = MappingProxyType(
    {
        "answer_history": EVERY,
        "claim_history": EVERY,
        "checkpoints": EVERY,
        "evidence": ("id", "assessment_id", "subject_id", "fact", "sha256", "by", "at"),
        "findings": EVERY,
        "leaves": EVERY,
        "log": EVERY,
        "publications": ("id", "round_id", "document", "sha256", "at"),
        "scorecards": EVERY,
        "seen": EVERY,
        "snapshots": EVERY,
        "submissions": EVERY,
        "tiles": EVERY,
    }
)
"""What stands for ever: whole tables, or the columns of a table whose other columns may change. Rows stay in any case."""

_FUNCTION = """
CREATE OR REPLACE FUNCTION zhunsheng_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'restrict_violation', MESSAGE = TG_TABLE_NAME || ' is append-only';
END $$
"""


def put_up(connection: Connection, guarded: Mapping[str, Columns] = GUARDED) -> None:
    """Put guards on tables. A migration that builds a guarded table anew calls this at its end."""
    postgresql = connection.dialect.name == "postgresql"
    if postgresql:
        connection.exec_driver_sql(_FUNCTION)
    for table, columns in guarded.items():
        for statement in (_for_postgresql if postgresql else _for_sqlite)(table, columns):
            connection.exec_driver_sql(statement)


def take_down(connection: Connection, guarded: Mapping[str, Columns] = GUARDED) -> None:
    """Take the guards off tables: for a migration that changes what they keep."""
    for table in guarded:
        for name in names(table, connection.dialect.name):
            on = f" ON {table}" if connection.dialect.name == "postgresql" else ""
            connection.exec_driver_sql(f"DROP TRIGGER {name}{on}")


def names(table: str, dialect: str) -> tuple[str, ...]:
    """Return the names of the triggers of a table."""
    kinds = ("update", "delete", "truncate") if dialect == "postgresql" else ("update", "delete")
    return tuple(f"keep_{table}_{kind}" for kind in kinds)


def _event(columns: Columns) -> str:
    quoted = ", ".join(f'"{column}"' for column in columns)
    return f"UPDATE OF {quoted}" if columns else "UPDATE"


def _for_sqlite(table: str, columns: Columns) -> list[str]:
    update, delete = names(table, "sqlite")
    body = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    return [
        f"CREATE TRIGGER {update} BEFORE {_event(columns)} ON {table} {body}",
        f"CREATE TRIGGER {delete} BEFORE DELETE ON {table} {body}",
    ]


def _for_postgresql(table: str, columns: Columns) -> list[str]:
    update, delete, truncate = names(table, "postgresql")
    row, statement = (f"FOR EACH {kind} EXECUTE FUNCTION zhunsheng_keep()" for kind in ("ROW", "STATEMENT"))
    return [
        f"CREATE TRIGGER {update} BEFORE {_event(columns)} ON {table} {row}",
        f"CREATE TRIGGER {delete} BEFORE DELETE ON {table} {row}",
        f"CREATE TRIGGER {truncate} BEFORE TRUNCATE ON {table} {statement}",
    ]
