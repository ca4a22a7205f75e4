"""Kills a restore at each of its steps: a program of its own, which forks a child for every kill."""

import json
import os
import shutil
import signal
import sys
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from portal.refusal import Refusal
from portal.restore import UNFINISHED, restore_sqlite
from portal.store.blobs import Folder
from portal.store.database import sqlite_module

NAMES = {
    "open",
    "os.chmod",
    "os.link",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "shutil.copyfile",
    "shutil.rmtree",
    "sqlite3.connect",
}
"""What Python tells before it touches a file."""


def die_at(limit, data):
    """End this process before the step of that number that touches a folder; return a list that counts them."""
    seen = []

    def hook(name, given):
        if name in NAMES and any(data in str(one) for one in given):
            seen.append(name)
            if len(seen) == limit:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    return seen


def child(limit, store, evidence, folder):
    """Restore in a child and return how it ended, with the steps it took if it came to the end."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        seen = die_at(limit, str(store.parent))
        found = restore_sqlite(store, Folder(evidence), folder)
        said = found.message if isinstance(found, Refusal) else ""
        os.write(writing, json.dumps([seen, said]).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        told = file.read()
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), told


def state(store):
    """Return what a store says after a kill: whether it is sound, and whose rows it has."""
    with closing(sqlite_module().connect(store)) as connection:
        (sound,) = connection.execute("PRAGMA integrity_check").fetchone()
        found = {row[0] for row in connection.execute("SELECT region FROM universities")}
    return sound, sorted(found), (store.parent / UNFINISHED).exists()


def main(store, evidence, folder):
    """Print what is found after each kill, one line each: some while the new place is filled, all during the swap."""
    keep = {path.name: path.read_bytes() for path in store.parent.iterdir() if path.is_file()}
    scratch = store.parent.parent / "scratch"  # reads the rules and warms up once for all children
    assert not isinstance(restore_sqlite(scratch / store.name, Folder(scratch / "evidence"), folder), Refusal)

    def fresh():
        shutil.rmtree(store.parent)
        store.parent.mkdir()
        for name, content in keep.items():
            (store.parent / name).write_bytes(content)

    code, told = child(0, store, evidence, folder)
    steps, said = json.loads(told)
    assert (code, said) == (0, ""), (code, said)
    swap = steps.index("os.link")
    for limit in [*range(1, swap, max(1, swap // 4)), *range(swap, len(steps) + 1)]:
        fresh()
        code, _ = child(limit, store, evidence, folder)
        after = state(store)
        again, said, left = 0, "", []
        if limit % 9 == 0:
            again, told = child(0, store, evidence, folder)
            said, left = json.loads(told)[1], sorted(path.name for path in store.parent.glob(".re*"))
        sys.stdout.write(json.dumps([code, *after, again, said, left]) + "\n")


main(*map(Path, sys.argv[1:]))
