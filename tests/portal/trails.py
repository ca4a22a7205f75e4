"""What the tests of the trail share: a seal, lines, checkpoints, exports, and every way to change a single byte."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

from sqlalchemy import text

from portal.checkpoint import Checkpoint, Seal, make, sign
from portal.merkle import Edge, leaf_hash
from portal.signing import SecretKey
from portal.trail import START, Entry, append, canonical, hash_of
from portal.trail_export import exported

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

KEY = SecretKey(b"zhunsh01", bytes(range(32)))
SEAL = Seal(KEY, "zhunsheng.test/trail")
STRANGER = SecretKey(b"zhunsh01", bytes(range(1, 33)))
KEYS = [KEY.public]


def moment(number: int) -> str:
    return f"2026-11-{1 + number // 86400:02}T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}.000000Z"


def entry(number: int, chain: str = "a:one", **details: object) -> Entry:
    return Entry(
        f"op-{number}",
        chain,
        moment(number),
        "某人",
        "answer.save",
        "c.staff",
        {"version": number, **details},
    )


def checkpoint(database, number: int, seal: Seal = SEAL) -> Checkpoint:
    made = database.write(lambda connection: make(connection, seal, moment(number)))
    assert isinstance(made, Checkpoint), made
    return made


def fill(database, count: int, sealed: Sequence[int] = (), chains: int = 3) -> list[Checkpoint]:
    """Write lines to several chains, with a checkpoint after some of them."""
    notes = []
    for number in range(1, count + 1):
        database.write(lambda c, n=number: append(c, entry(n, f"a:{n % chains}")))
        if number in sealed:
            notes.append(checkpoint(database, number))
    return notes


def export(database) -> list[bytes]:
    with database.read() as connection:
        return [line.encode() for line in exported(connection)]


def invented(count: int, sealed: Sequence[int] = (), chains: int = 3, seal: Seal = SEAL) -> list[dict]:
    """Return the records of an export without a store."""
    edge, last, body, notes = Edge(), {}, [], 0
    for number in range(1, count + 1):
        one = entry(number, f"a:{number % chains}")
        place, previous = last.get(one.chain, (0, START))
        digest = hash_of(one, place + 1, previous)
        last[one.chain] = (place + 1, digest)
        edge.add(leaf_hash(bytes.fromhex(digest)))
        fields = {name: getattr(one, name) for name in Entry.__slots__}
        body.append({**fields, "place": place + 1, "previous": previous, "hash": digest})
        if number in sealed:
            body.append({"checkpoint": sign(seal, number, edge.root(), moment(number)).note})
            notes += 1
    origin = seal.origin if notes else ""
    heading = {"format": "zhunsheng-trail-1", "origin": origin, "lines": count, "checkpoints": notes}
    return [heading, *body]


def written(records: Sequence[dict]) -> list[bytes]:
    return [(canonical(one) + "\n").encode() for one in records]


def records_of(lines: Sequence[bytes]) -> list[dict]:
    return [json.loads(one) for one in lines]


def recount(records: list[dict]) -> list[dict]:
    """Correct the heading, as a careful forger does."""
    notes = sum("checkpoint" in one for one in records[1:])
    return [{**records[0], "lines": len(records) - 1 - notes, "checkpoints": notes}, *records[1:]]


def rechained(records: list[dict]) -> list[dict]:
    """Compute every place and hash anew, as one who owns the database can."""
    last, found = {}, [records[0]]
    for one in records[1:]:
        if "checkpoint" in one:
            found.append(one)
            continue
        place, previous = last.get(one["chain"], (0, START))
        said = Entry(*(one[name] for name in Entry.__slots__))
        digest = hash_of(said, place + 1, previous)
        last[one["chain"]] = (place + 1, digest)
        found.append({**one, "place": place + 1, "previous": previous, "hash": digest})
    return recount(found)


def changed_bytes(data: bytes, seed: int = 1) -> Iterator[bytes]:
    """Yield the data with one byte other than it is, for every place; also one byte less, and one more."""
    chance = random.Random(seed)  # noqa: S311  the same choices in every run
    for place, byte in enumerate(data):
        other = chance.choice([n for n in range(256) if n != byte])
        yield data[:place] + bytes([other]) + data[place + 1 :]
        yield data[:place] + bytes([byte ^ (1 << chance.randrange(8))]) + data[place + 1 :]
    yield data[:-1]
    yield data + b"\n"


def text_of(data: bytes) -> str:
    """Read a file as the command line does: nothing is lost, nothing is replaced."""
    return data.decode("utf-8", "surrogateescape")


def unguarded(database, *tables):
    """Take the guards off tables, as one who owns the database can."""

    def work(connection):
        for table in tables:
            if database.kind == "postgresql":
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            else:
                wanted = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"
                for name in connection.execute(text(wanted), {"table": table}).scalars().all():
                    connection.execute(text(f"DROP TRIGGER {name}"))

    database.write(work)
