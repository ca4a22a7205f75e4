"""One process at a time: who serves from a folder, or replaces what is in it, holds its lock until it ends."""

import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from portal.refusal import Refusal

NAME = ".lock"


class Held(Exception):
    """Another process holds the lock."""


class FolderLock:
    """The lock of a folder; the system lets go of it when the process ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._handle: int | None = None

    def take(self) -> Self:
        """Take the lock. Raises Held when another process has it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(handle)
        except OSError as error:
            os.close(handle)
            raise Held(str(self.path)) from error
        self._handle = handle
        return self

    def release(self) -> None:
        """Let go."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def __enter__(self) -> Self:
        return self if self._handle is not None else self.take()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def in_use(folder: Path) -> Refusal:
    """Return what to say when another process holds the lock."""
    return Refusal(
        "busy",
        "folder-in-use",
        f"另一个准绳程序正在使用 {folder}",
        "请先停下它（systemctl stop zhunsheng，或在它的窗口按 Ctrl+C），再试",
    )


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
