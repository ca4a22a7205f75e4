"""Two replicas on PostgreSQL and an S3 server: one is killed under load, then the store goes away and comes back.

Promises: nothing acknowledged is lost; whoever was at the killed replica is served by the other within 5 seconds; the
survivor says that it is not ready within 3 seconds of losing the store, and is ready within 5 of its return.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "portal"))

import weed
from replicas import ROOT, Load, desks, lost, place, running

from engine.load import load
from portal.portal import Portal
from portal.store import migrate
from portal.store.blobs import open_blobs
from portal.store.database import open_store
from tools.postgres import PostgreSQL

PEOPLE = 8
SERVED, NOT_READY, READY = 5.0, 3.0, 5.0


def measure(folder, postgres, bucket):
    address = postgres.address("postgres")
    database = open_store(address)
    migrate.upgrade(database)
    library = load(ROOT)[0]
    portal = Portal(database, open_blobs(bucket), lambda: library)
    found = desks(portal, PEOPLE)
    with running(place(folder, address, bucket), folder, "one", "two") as (one, two):
        with Load(found, [one, two], evidence_every=8) as callers:
            callers.wait_for(80)
            for desk in found:
                desk.unheard = 0.0
            one.process.kill()
            callers.wait_for(80)
            unserved = max(desk.unheard for desk in found)
            postgres.kill()
            gone = time.monotonic()
            two.until("/readyz", 503)
            noticed = time.monotonic() - gone
            postgres.start()
            back = time.monotonic()
            two.until("/readyz", 200)
            ready = time.monotonic() - back
            callers.wait_for(40)
        wrong = callers.wrong or lost(portal, found)
    database.close()
    print(
        f"{len(callers.times)} acknowledged, {len(wrong)} lost or doubled; after the kill of a replica at most "
        f"{unserved:.1f} s to be served (limit {SERVED:.0f}); store gone: not ready after {noticed:.1f} s "
        f"(limit {NOT_READY:.0f}); store back: ready after {ready:.1f} s (limit {READY:.0f})"
    )
    return not wrong and unserved < SERVED and noticed <= NOT_READY and ready <= READY


def main():
    os.environ |= {"AWS_ACCESS_KEY_ID": weed.KEY, "AWS_SECRET_ACCESS_KEY": weed.SECRET}
    server = weed.Weed()
    try:
        server.start()
        weed.make_bucket(server)
        with tempfile.TemporaryDirectory(prefix="zs-bench-") as name, PostgreSQL(durable=False) as postgres:
            kept = measure(Path(name), postgres, server.address("bench"))
    finally:
        server.close()
    if not kept:
        print("broken: something was lost, or it took too long")
        sys.exit(1)


main()
