"""Files that are there whole or not there: written beside, made durable, then given their name."""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from portal.store.blobs import CHUNK
from portal.store.database import sync_folder


def pieces(path: Path) -> Iterator[bytes]:
    """Return a file in pieces."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def sha256_of(path: Path) -> str:
    """Return the hash of a file."""
    digest = hashlib.sha256()
    for chunk in pieces(path):
        digest.update(chunk)
    return digest.hexdigest()


def write(path: Path, chunks: Iterable[bytes], mode: int = 0o600) -> str:
    """Write a file so that it is there whole or not there, and return its hash."""
    digest = hashlib.sha256()
    handle, name = tempfile.mkstemp(prefix=".coming-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            for chunk in chunks:
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
        sync_folder(path.parent)
    finally:
        Path(name).unlink(missing_ok=True)
    return digest.hexdigest()


def sync(path: Path) -> None:
    """Make a file durable that somebody else wrote."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_tree(folder: Path) -> None:
    """Make the names in a folder and below durable."""
    for inner in folder.rglob("*"):
        if inner.is_dir():
            sync_folder(inner)
    sync_folder(folder)


def private_folder(path: Path) -> Path:
    """Make a folder that only its owner can look into."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path
