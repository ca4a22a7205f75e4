"""Guards: triggers on both stores that let history be added to, and not be changed or taken away.

They stop mistakes of our own program. Whoever owns the database can remove them; what he does then, the chain of the
trail and its signed checkpoints bring to light.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import Connection

Columns = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """What of a table stands for ever: `columns` (none named: every one), and its rows in any case.

    Once the column `after` is filled, as when an appeal is decided, the columns `once` stand too.
    """

    columns: Columns = ()
    after: str = ""
    once: Columns = ()


EVERY = Kept()
"""No column may change, so no row may."""

GUARDED: Mapping[str, Kept] = MappingProxyType(
    {
        "answer_history": EVERY,
        "appeals": Kept(
            ("id", "assessment_id", "subject_id", "indicator", "text", "by", "at"),
            "decided_at",
            ("reviewer_id", "outcome", "points", "reason", "decided_at"),
        ),
        "assessments": Kept(("id", "round_id", "university_id", "created_at")),
        "assignments": Kept(("id", "assessment_id", "account_id", "task")),
        "blobs": Kept(("sha256", "size", "type", "taken_at", "stored_at")),
        "checkpoints": EVERY,
        "claim_history": EVERY,
        "evidence": Kept(
            (
                *("id", "assessment_id", "subject_id", "fact", "sha256", "name", "title", "dated"),
                *("valid_until", "issuer", "by", "at"),
            ),
            "removed_at",
            ("removed_at", "removed_by"),
        ),
        "findings": EVERY,
        "leaves": EVERY,
        "log": EVERY,
        "notes": EVERY,
        "photos": Kept(("id", "assessment_id", "subject_id", "fact", "account_id", "sha256", "name", "at")),
        "publications": Kept(
            ("id", "round_id", "kind", "document", "sha256", "by", "at"),
            "withdrawn_at",
            ("withdrawn_at", "withdrawn_by", "withdrawn_for"),
        ),
        "requests": Kept(
            ("id", "assessment_id", "subject_id", "indicator", "account_id", "text", "asked_at"),
            "answered_at",
            ("answered_at", "answer", "answered_by"),
        ),
        "rounds": Kept(("id", "standard", "edition", "edition_hash", "created_at")),
        "scorecards": EVERY,
        "seen": EVERY,
        "snapshots": EVERY,
        "subjects": Kept(("id", "assessment_id", "place_id", "slug", "kind")),
        "submissions": EVERY,
        "surveys": EVERY,
        "tiles": EVERY,
    }
)
"""What stands for ever. Tables that are not here say how things are now, and how that came about stands in the trail."""

_FUNCTION = """
CREATE OR REPLACE FUNCTION zhunsheng_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'restrict_violation', MESSAGE = TG_TABLE_NAME || ' is append-only';
END $$
"""


def put_up(connection: Connection, guarded: Mapping[str, Kept] = GUARDED) -> None:
    """Put guards on tables. A migration that builds a guarded table anew calls this at its end."""
    postgresql = connection.dialect.name == "postgresql"
    if postgresql:
        connection.exec_driver_sql(_FUNCTION)
    for table, kept in guarded.items():
        for name, event, condition in _guards(table, kept, connection.dialect.name):
            if postgresql:
                when = f" WHEN ({condition})" if condition else ""
                each = "STATEMENT" if event == "TRUNCATE" else "ROW"
                body = f"FOR EACH {each}{when} EXECUTE FUNCTION zhunsheng_keep()"
            else:
                when = f"WHEN {condition} " if condition else ""
                body = f"{when}BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            connection.exec_driver_sql(f"CREATE TRIGGER {name} BEFORE {event} ON {table} {body}")


def take_down(connection: Connection, guarded: Mapping[str, Kept] = GUARDED) -> None:
    """Take the guards off tables: for a migration that changes what they keep."""
    on = connection.dialect.name == "postgresql"
    for table, kept in guarded.items():
        for name in names(table, kept, connection.dialect.name):
            connection.exec_driver_sql(f"DROP TRIGGER {name}{f' ON {table}' if on else ''}")


def names(table: str, kept: Kept, dialect: str) -> tuple[str, ...]:
    """Return the names of the triggers of a table."""
    return tuple(name for name, _, _ in _guards(table, kept, dialect))


def _guards(table: str, kept: Kept, dialect: str) -> list[tuple[str, str, str]]:
    """Return the triggers of a table: the name, what it stands against, and under which condition."""
    found = [("update", _change_of(kept.columns), ""), ("delete", "DELETE", "")]
    if kept.once:
        found.append(("once", _change_of(kept.once), f"OLD.{kept.after} IS NOT NULL"))
    if dialect == "postgresql":
        found.append(("truncate", "TRUNCATE", ""))
    return [(f"keep_{table}_{kind}", event, condition) for kind, event, condition in found]


def _change_of(columns: Columns) -> str:
    quoted = ", ".join(f'"{column}"' for column in columns)
    return f"UPDATE OF {quoted}" if columns else "UPDATE"
