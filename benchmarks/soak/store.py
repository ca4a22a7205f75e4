"""The crash tests of the store, ten times as long as in the test run: `python benchmarks/soak/store.py`, an hour or less.

Prints what it counted; exits with 1 if anything was lost, doubled or damaged, or if a protection taken away went unnoticed.
"""

import sys
import tempfile
import time
from pathlib import Path
from unittest import mock

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "portal"))

import powercut
import saving
from killing import cut_connections, kill_and_look, kill_server, opened
from sqlalchemy import insert, select, text

from portal.store import sqlite
from portal.store.migrate import upgrade
from portal.store.tables import log
from portal.trail import Entry, canonical, hash_of
from tools.postgres import PostgreSQL

KILLS, CUTS, ROUNDS, CONNECTIONS = 250, 100_000, 50, 500
BIG = 1_000_000_000
"""Bytes of trail to read and check."""


def migrated(address: str) -> str:
    with opened(address) as database:
        upgrade(database)
    return address


def killed_writers(address: str) -> bool:
    heard, repeated, wrong = kill_and_look(address, kills=KILLS, seed=int(time.time()))
    kind = address.partition(":")[0] if "://" in address else "sqlite"
    print(
        f"{kind}: {KILLS} kills of the writer, {heard} acknowledged, {repeated} done but unheard of, wrong: {wrong}"
    )
    return not wrong


def power(folder: Path) -> bool:
    """Print the price of every setting; only the one in use may cost nothing."""
    fine = True
    for name, settings, options, cuts in (
        ("as it is used", {}, {}, CUTS),
        ("as used, systems that sync folders", {}, {"lenient": True}, CUTS // 10),
        ("no folder synced", {}, {"sync_folders": False}, CUTS // 10),
        ("no folder synced, lenient", {}, {"sync_folders": False, "lenient": True}, CUTS // 10),
        ("synchronous=NORMAL", {"synchronous": "NORMAL"}, {}, CUTS // 10),
        ("synchronous=OFF", {"synchronous": "OFF"}, {}, CUTS // 10),
    ):
        with pytest.MonkeyPatch.context() as patch, mock.patch.dict(sqlite.SETTINGS, settings):
            place = folder / name.replace(" ", "-")
            place.mkdir()
            events, database = powercut.record(place, patch, **options)
            left = place / "left"
            left.mkdir()
            toll = powercut.fail(events, database, left, cuts=cuts)
        print(f"power, {name}: {toll}")
        safe = not toll.losing and not toll.damaged
        fine &= safe == (not settings and "sync_folders" not in options)
    return fine


def long_trail(address: str) -> bool:
    """Write a trail of a gigabyte, check it, and go on writing."""
    with opened(address) as database:
        (seat,) = saving.seats(database, 1)
        last, place, size = saving.START, 0, 0
        letter = "字" * 3000
        while size < BIG:
            rows = []
            for _ in range(200):
                place += 1
                entry = Entry(
                    f"big-{place}", "system", saving.AT, "somebody", "test", "big", {"text": letter}
                )
                row = {
                    "chain": entry.chain,
                    "place": place,
                    "op_id": entry.op_id,
                    "at": entry.at,
                    "actor": entry.actor,
                    "action": entry.action,
                    "target": entry.target,
                    "details": canonical(entry.details),
                    "previous": last,
                    "hash": hash_of(entry, place, last),
                }
                last = row["hash"]
                size += len(row["details"].encode())
                rows.append(row)
            database.write(lambda connection, rows=rows: connection.execute(insert(log), rows))
        started = time.perf_counter()
        with database.read() as connection:
            broken = saving.broken_chains(connection)
        print(
            f"a trail of {size / 1e9:.1f} GB, {place} lines, read and checked in {time.perf_counter() - started:.0f} s"
        )
        saving.write(database, [seat], 0, 1)
        with database.read() as connection:
            whole = connection.scalar(text("PRAGMA quick_check")) == "ok"
            there = connection.execute(select(log.c.seq).where(log.c.op_id == "0-1")).first() is not None
    return not broken and whole and there


def main() -> int:
    """Run everything."""
    good = []
    with tempfile.TemporaryDirectory() as name, PostgreSQL(durable=True) as server:
        folder = Path(name)
        good.append(killed_writers(migrated(str(folder / "kill" / "zhunsheng.db"))))
        good.append(killed_writers(migrated(server.address(server.create()))))
        good.append(power(folder))
        errors, heard, wrong = kill_server(server, rounds=ROUNDS)
        print(
            f"{ROUNDS} kills of the whole server, {sum(heard)} acknowledged, errors {errors}, wrong: {wrong}"
        )
        good.append(not errors and not wrong)
        with opened(migrated(server.address(server.create()))) as database:
            errors, heard, wrong = cut_connections(database, server, cuts=CONNECTIONS)
        print(f"{CONNECTIONS} connections cut, {sum(heard)} acknowledged, errors {errors}, wrong: {wrong}")
        good.append(not errors and not wrong)
        good.append(long_trail(migrated(str(folder / "long" / "zhunsheng.db"))))
    return not all(good)


if __name__ == "__main__":
    sys.exit(main())
