"""What was judged, kept as text under its hash: the same text is kept once, and nothing of it is ever changed."""

import hashlib
import json
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, insert, select

from portal.store.tables import snapshots


def keep(connection: Connection, text: str, at: str) -> str:
    """Keep a text under its hash, and return the hash."""
    found = hashlib.sha256(text.encode()).hexdigest()
    if kept(connection, found) is None:
        connection.execute(insert(snapshots).values(sha256=found, document=text, at=at))
    return found


def kept(connection: Connection, sha256: str | None) -> str | None:
    """Return a text by its hash; None when it is not there."""
    return connection.execute(
        select(snapshots.c.document).where(snapshots.c.sha256 == sha256)
    ).scalar_one_or_none()


def loads(text: str) -> Any:
    """Read JSON with exact numbers."""
    return json.loads(text, parse_float=Decimal)
