"""A store with rows in every table, whatever tables there are: what a backup or an export must carry over."""

import hashlib
import json
from functools import cache
from pathlib import Path

from rows import value
from sqlalchemy import Boolean, String, insert

from engine.load import load, texts
from portal.rows import PASSING
from portal.scoring import inputs_from as read_inputs
from portal.scoring import inputs_text, judged
from portal.store.tables import blobs, log, metadata, scorecards, snapshots
from portal.trail import Entry, append, canonical

ROOT = Path(__file__).parents[2]
AT = "2026-11-26T00:00:00.000000Z"
MANY = 3
ODD = '汉字 "quoted" \\ \n\u2028\u0085 \U0001f600 <b>'


@cache
def library():
    found, problems = load(ROOT)
    assert not [one for one in problems if one.severity == "error"]
    return found


def fill(database, store, *, but=()):
    """Put rows into every table: evidence with its content, a trail that holds, scorecards that can be judged again."""
    content = [f"证据 {number}".encode() * 1000 for number in range(MANY)]
    sha256 = [store.put([one])[0] for one in content]

    def work(connection):
        there = {blobs.name: [{"sha256": one} for one in sha256]}
        for number, (one, body) in enumerate(zip(sha256, content, strict=True)):
            values = _values(connection, blobs, {}, number)
            given = {"sha256": one, "size": len(body), "preview": sha256[0] if number else None}
            connection.execute(insert(blobs).values(**{**values, **given}))
        for number in range(MANY):
            for chain in ("system", f"a:{number}"):
                append(connection, Entry(f"op-{chain}-{number}", chain, AT, "某人", "round.manage", "R1", {}))
        there[log.name] = [{"seq": seq} for seq in connection.execute(log.select()).scalars().all()[:MANY]]
        for table in metadata.sorted_tables:
            if table.name in there or table.name in but:
                continue
            if table.name in (snapshots.name, scorecards.name):
                there[table.name] = _scores(connection, table, there)
                continue
            there[table.name] = []
            for number in range(MANY):
                values = _values(connection, table, there, number)
                connection.execute(insert(table).values(**values))
                there[table.name].append(values)
        assert all(there[table.name] for table in metadata.sorted_tables if table.name not in but)

    database.write(work)
    assert {table.name for table in metadata.sorted_tables} > PASSING
    return sha256


def _values(connection, table, there, number):
    found = {}
    for column in table.columns:
        keys = list(column.foreign_keys)
        if keys:
            found[column.name] = (
                there[keys[0].column.table.name][number][keys[0].column.name] if there else None
            )
        elif isinstance(column.type, Boolean):
            found[column.name] = number % 2 == 0
        elif isinstance(column.type, String) and column.nullable and number == 1:
            found[column.name] = None
        else:
            made = value(connection, table, column)
            long = (
                isinstance(column.type, String)
                and (column.type.length or 999) > 120
                and not _checked(table, column)
            )
            found[column.name] = made + ODD if long else made
    return found


def _checked(table, column):
    return any(column.name in str(getattr(one, "sqltext", "")) for one in table.constraints)


@cache
def _judged():
    """Return real inputs and the documents that follow from them."""
    edition = library().edition("social-organisation", "2024-reference")
    submission = {
        "standard": "social-organisation",
        "edition": "2024-reference",
        "as_of": "2026-06-30",
        "origin": "invented",
        "subject": {"id": "thing", "title": "某协会", "kind": "社会组织"},
        "answers": {"association.office_area": {"value": "20"}},
    }
    text = inputs_text(canonical(submission))
    return edition, text, list(judged(edition, read_inputs(text)))


def _scores(connection, table, there):
    edition, text, made = _judged()
    source = hashlib.sha256(text.encode()).hexdigest()
    if table is snapshots:
        connection.execute(insert(snapshots).values(sha256=source, document=text, at=AT))
        return [{"sha256": source}] * MANY
    found = []
    for number in range(MANY):
        values = {
            **_values(connection, scorecards, there, number),
            "layer": made[0].layer,
            "document": made[0].document,
            "sha256": made[0].sha256,
            "low": made[0].low,
            "high": made[0].high,
            "edition_hash": edition.hash,
            "inputs": source,
            "marks": canonical(dict(made[0].marks)),
        }
        connection.execute(insert(scorecards).values(**values))
        found.append(values)
    return found


def rules():
    """Return the files of the rules."""
    return texts(ROOT)


def as_json(folder):
    return json.loads((folder / "manifest.json").read_text("utf-8"))
