"""Evidence by its content: what is stored under its SHA-256 is there whole, or not there."""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from portal.store.database import sync_folder

CHUNK = 1 << 20


class Blobs(Protocol):
    """Where evidence is kept."""

    def put(self, chunks: Iterable[bytes]) -> tuple[str, int]:
        """Store content durably and return its SHA-256 and size; the same content is stored once."""

    def read(self, sha256: str) -> Iterator[bytes]:
        """Return content in pieces. Raises KeyError for what is not there."""

    def has(self, sha256: str) -> bool:
        """Whether the content is there."""


class Folder:
    """Evidence in a folder: two letters of the hash, then the hash."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)

    def path(self, sha256: str) -> Path:
        """Return where content lies."""
        return self.root / sha256[:2] / sha256

    def put(self, chunks: Iterable[bytes]) -> tuple[str, int]:
        """Store content: a temporary file, made durable, then given its name."""
        digest, size = hashlib.sha256(), 0
        handle, name = tempfile.mkstemp(prefix=".coming-", dir=self.root)
        try:
            with os.fdopen(handle, "wb") as file:
                for chunk in chunks:
                    digest.update(chunk)
                    size += len(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            found = digest.hexdigest()
            target = self.path(found)
            if not target.exists():
                target.parent.mkdir(exist_ok=True)
                Path(name).chmod(0o400)
                Path(name).replace(target)
                sync_folder(target.parent)
                sync_folder(self.root)
        finally:
            Path(name).unlink(missing_ok=True)
        return found, size

    def read(self, sha256: str) -> Iterator[bytes]:
        """Return content in pieces."""
        path = self.path(sha256)
        if not path.exists():
            raise KeyError(sha256)
        return _pieces(path)

    def has(self, sha256: str) -> bool:
        """Whether the content is there."""
        return self.path(sha256).exists()


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
