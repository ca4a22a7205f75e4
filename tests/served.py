"""A portal in a folder of its own, served by a process of its own, with people whose password everybody knows."""

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from portal.demo.people import PASSWORD, Person, admit
from portal.moment import now, text_of
from portal.store.database import open_store
from portal.store.migrate import upgrade

ROOT = Path(__file__).resolve().parent.parent
KEY = "9f2c4d1ab07e63588a1d2c3b4e5f60718293a4b5c6d7e8f9"
PATIENCE = 120
"""Seconds; only a broken server takes so long."""

STAFF = (
    Person("secretariat", "秘书处", "secretariat"),
    Person("inspector", "评审专家", "inspector"),
    Person("admin", "管理员", "administrator"),
)

SERVE = ("portal.command", "serve")
"""The module that serves, and what it is told; `{port}` stands for the port."""

__all__ = ("KEY", "PASSWORD", "ROOT", "STAFF", "prepared", "serving")


def prepared(folder: Path, people=STAFF) -> dict[str, str]:
    """Make an empty portal with some people, and return the environment that serves it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "secret.key").write_text(KEY, "utf-8")
    (folder / "secret.key").chmod(0o400)
    database = open_store(str(folder / "zhunsheng.db"))
    upgrade(database)
    database.write(lambda connection: admit(connection, list(people), text_of(now())))
    database.close()
    return {"ZHUNSHENG_DATA": str(folder), "ZHUNSHENG_RULES": str(ROOT)}


@contextmanager
def serving(environment: dict[str, str], log: Path, module: tuple[str, ...] = SERVE):
    """Serve a portal and give its address; the process is ended by itself, not by name."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ZHUNSHENG_")}
    own = {**environment, "ZHUNSHENG_LISTEN": f"127.0.0.1:{port}", "PYTHONUTF8": "1"}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *(word.format(port=port) for word in module)],
            cwd=ROOT,
            env={**kept, **own},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}/"
    try:
        _until_ready(process, address, log)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(20)
        print(log.read_text("utf-8", "replace")[-8000:])  # noqa: T201  pytest shows it when a test failed


def _until_ready(process, address, log):
    until = time.monotonic() + PATIENCE
    while True:
        assert process.poll() is None, log.read_text("utf-8")
        try:
            with urlopen(f"{address}readyz", timeout=5):  # noqa: S310  our own address
                return
        except (URLError, OSError):
            assert time.monotonic() < until, log.read_text("utf-8")
            time.sleep(0.1)
