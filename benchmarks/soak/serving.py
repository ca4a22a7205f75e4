"""One server for a long time: `python benchmarks/soak/serving.py [minutes]`, 30 by default.

50 people on this machine fill in, read what they have and hand in evidence, one thing a second each. Prints memory and
the 99th percentile of the time to answer in six parts of the run. Promises: memory grows by less than 10 % and the
percentile rises by less than 20 % between the second part, when everything is warm, and the last; nothing
acknowledged is lost. On a machine that is busy with other things the percentile says little.
"""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "portal"))

from replicas import ROOT, Load, desks, lost, place, running

from engine.load import load
from portal.portal import Portal
from portal.store import migrate
from portal.store.blobs import Folder
from portal.store.database import open_store

PEOPLE, PARTS, EVERY = 50, 6, 2.0
GROWTH, DRIFT = 0.10, 0.20


class Users(Load):
    """Callers who also read what they have filled in."""

    def _answer(self, desk, number):
        super()._answer(desk, number)
        path = f"/api/v1/assessments/{desk.assessment}/subjects/{desk.subject}/answers"
        began = time.monotonic()
        status, said = self.servers[0].ask(path, headers={"Authorization": f"Bearer {desk.token}"})
        with self.lock:
            self.times.append((time.monotonic(), time.monotonic() - began))
            if status != 200:
                self.wrong.append((status, said.decode()))


def memory(pid):
    """Return the resident memory of a process in MB."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def p99(values):
    return sorted(values)[int(len(values) * 0.99)] * 1000


def measure(folder, seconds):
    address = str(folder / "zhunsheng.db")
    database = open_store(address)
    migrate.upgrade(database)
    library = load(ROOT)[0]
    portal = Portal(database, Folder(folder / "evidence"), lambda: library)
    found = desks(portal, PEOPLE)
    database.close()
    sizes = []
    with running(place(folder, address), folder, "only") as (server,):
        with Users(found, [server], pause=1.0, evidence_every=40) as users:
            start = time.monotonic()
            while (at := time.monotonic() - start) < seconds and not users.wrong:
                sizes.append((at, memory(server.process.pid)))
                users.end.wait(EVERY)
        stopped = server.stop()
    database = open_store(address)
    portal = Portal(database, Folder(folder / "evidence"), lambda: library)
    wrong = users.wrong or lost(portal, found)
    database.close()
    length = seconds / PARTS
    parts = []
    for number in range(PARTS):
        low, high = number * length, (number + 1) * length
        mine = [took for at, took in users.times if low <= at - start < high]
        parts.append((max(size for at, size in sizes if low <= at < high), p99(mine), len(mine) / length))
        print(
            f"part {number + 1}: memory {parts[-1][0]:.0f} MB, p99 {parts[-1][1]:.0f} ms, {parts[-1][2]:.0f}/s"
        )
    growth, drift = parts[-1][0] / parts[1][0] - 1, parts[-1][1] / parts[1][1] - 1
    print(
        f"{seconds / 60:.0f} minutes, {len(users.times)} requests: memory {growth:+.1%}, p99 {drift:+.1%} since the "
        f"second part; wrong or lost: {wrong[:3]}; stopped with {stopped}"
    )
    return not wrong and growth < GROWTH and drift < DRIFT and stopped == 0


def main():
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    with tempfile.TemporaryDirectory(prefix="zs-soak-") as name:
        return 0 if measure(Path(name), minutes * 60) else 1


if __name__ == "__main__":
    sys.exit(main())
