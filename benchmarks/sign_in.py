"""What a sign-in costs, and that an unknown account cannot be told from a known one by the clock: medians within 10 %.

    python benchmarks/sign_in.py [tries]

Known and unknown accounts take turns, each try from an address of its own. Then: how long one check of permission takes.
"""

import logging
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from portal.people.actors import OPERATOR
from portal.policy import ACTIONS, STATES, Actor, Member, Object, may
from portal.portal import Portal
from portal.store.blobs import Folder
from portal.store.database import open_store
from portal.store.tables import metadata
from portal.use_cases.accounts import create_account, sign_in

ACCOUNTS = 20
logging.getLogger("zhunsheng.people").setLevel(logging.ERROR)


def main(tries: int) -> int:
    """Measure, print, and return 1 where the promise is broken."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_store(str(Path(folder) / "zhunsheng.db"))
        database.write(metadata.create_all)
        portal = Portal(database, Folder(Path(folder) / "blobs"), lambda: None)
        for number in range(ACCOUNTS):
            create_account(portal, OPERATOR, f"op{number}", f"known{number}", "某人")
        spent = {"known": [], "unknown": []}
        for number in range(2 * tries):
            login = ("known", "unknown")[(number + number // 2) % 2]  # neither is always first
            address = f"10.{number // 62500}.{number // 250 % 250}.{number % 250}"
            typed = f"{login}{number // 2 % ACCOUNTS}"  # so many that none is tried too often
            begun = time.perf_counter()
            sign_in(portal, typed, f"a wrong guess {number}", address)
            spent[login].append(time.perf_counter() - begun)
        database.close()
    medians = {login: 1000 * statistics.median(times) for login, times in spent.items()}
    for login, median in medians.items():
        print(f"{login:8} median {median:7.2f} ms over {tries} tries")
    print(f"ratio    {medians['unknown'] / medians['known']:7.3f}")
    who = Actor("a", "某人", (Member("inspector"), Member("secretariat")))
    objects = [Object("R", "U", state, frozenset({"a"})) for state in STATES]
    begun, rounds = time.perf_counter(), 200
    for _ in range(rounds):
        for action in ACTIONS:
            for one in objects:
                may(who, action, one)
    each = (time.perf_counter() - begun) / (rounds * len(ACTIONS) * len(objects))
    print(f"may()    {1e6 * each:7.2f} µs a check")
    return int(not 0.9 <= medians["unknown"] / medians["known"] <= 1.1)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
