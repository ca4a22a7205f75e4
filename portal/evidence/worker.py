"""The process that looks at one file: it knows no secret, writes no file, opens no connection, and soon ends.

It reads the file from its standard input and answers on its standard output: the length of a line of JSON (eight
digits), the line, then the preview. Where the system can limit a process (not on Windows), memory and computing are
limited; the audit hook is a second fence for Python code only, since native code does not pass it.
"""

import json
import os
import sys
from dataclasses import asdict
from typing import Any, BinaryIO

from portal.evidence.limits import FILE_SIZE, WORKER_CPU, WORKER_MEMORY
from portal.evidence.verdict import Found, NotTaken

FORBIDDEN = (
    "ctypes.",
    "os.chmod",
    "os.chown",
    "os.exec",
    "os.fork",
    "os.kill",
    "os.link",
    "os.mkdir",
    "os.posix_spawn",
    "os.putenv",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.spawn",
    "os.startfile",
    "os.symlink",
    "os.system",
    "os.truncate",
    "pty.",
    "shutil.",
    "socket.",
    "subprocess.",
    "urllib.",
)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def confine() -> None:
    """Take from this process what it does not need."""
    try:
        import resource  # noqa: PLC0415  not on Windows
    except ImportError:
        pass
    else:
        resource.setrlimit(resource.RLIMIT_AS, (WORKER_MEMORY, WORKER_MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (WORKER_CPU, WORKER_CPU))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    sys.dont_write_bytecode = True
    sys.addaudithook(_refuse)


def _refuse(event: str, given: tuple[Any, ...]) -> None:
    if event == "open":
        mode, flags = given[1], given[2]
        if (isinstance(mode, str) and set(mode) & set("wax+")) or (
            isinstance(flags, int) and flags & WRITING
        ):
            raise PermissionError("this process writes no files")
    elif event.startswith(FORBIDDEN):
        raise PermissionError(event)


def answer(source: BinaryIO, extension: str) -> tuple[dict[str, Any], bytes]:
    """Look at what comes in and return what is to be told, and the preview."""
    from portal.evidence.look import look  # noqa: PLC0415  loaded when the process is confined already

    try:
        found: Found = look(source.read(FILE_SIZE + 1), extension)
    except NotTaken as refused:
        return {"refused": refused.code, "details": refused.details}, b""
    except MemoryError:
        return {"refused": "too_heavy", "details": {}}, b""
    told = asdict(found)
    preview = told.pop("preview") or b""
    return told, preview


def main() -> None:
    """Answer once."""
    confine()
    told, preview = answer(sys.stdin.buffer, sys.argv[1] if len(sys.argv) > 1 else "")
    line = json.dumps(told, ensure_ascii=True).encode()
    sys.stdout.buffer.write(b"%08d" % len(line) + line + preview)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
