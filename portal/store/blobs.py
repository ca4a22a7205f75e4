"""Evidence by its content: what is stored under its SHA-256 is there whole, or not there."""

import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from portal.store.database import sync_folder

CHUNK = 1 << 20
HASH = re.compile(r"[0-9a-f]{64}")
UPLOAD = re.compile(r"[0-9A-Za-z]{1,64}")
COMING = ".coming-"
PARTS = ".parts"
ASIDE = ".aside"


class Changed(Exception):
    """A part that is there already came again with another content."""


class Blobs(Protocol):
    """Where evidence is kept, and the parts of what is still being uploaded."""

    def put(self, chunks: Iterable[bytes]) -> tuple[str, int]:
        """Store content durably and return its SHA-256 and size; the same content is stored once."""

    def read(self, sha256: str) -> Iterator[bytes]:
        """Return content in pieces. Raises KeyError for what is not there."""

    def has(self, sha256: str) -> bool:
        """Whether the content is there."""

    def each(self) -> Iterator[str]:
        """Return the SHA-256 of everything that is there, for backup and verification."""

    def resting(self, seconds: float) -> Iterator[str]:
        """Return what was stored longer ago than that."""

    def set_aside(self, sha256: str) -> None:
        """Take content out of the way: it is told by `each` no more, and is back as soon as anybody asks for it."""

    def aside(self, seconds: float = 0) -> Iterator[str]:
        """Return what was set aside longer ago than that."""

    def forget(self, sha256: str) -> None:
        """Throw away what was set aside."""

    def put_part(self, upload: str, number: int, data: bytes) -> None:
        """Keep a part of an upload; sent again it changes nothing. Raises Changed for another content."""

    def parts(self, upload: str) -> Mapping[int, int]:
        """Return the parts of an upload that have arrived: number and size."""

    def join(self, upload: str) -> Iterator[bytes]:
        """Return the parts of an upload in order. Raises KeyError for one that was damaged on the way."""

    def drop(self, upload: str) -> None:
        """Let the parts of an upload go."""

    def sweep(self, stray: float, resting: float) -> int:
        """Remove temporary files older than `stray` seconds and parts older than `resting`; return how many."""


def part_name(number: int, data: bytes) -> str:
    """Return the name of a part: its number, and its hash so that a torn one is recognised."""
    return f"{number:05d}-{hashlib.sha256(data).hexdigest()}"


def agree(there: Iterable[str], name: str) -> bool:
    """Whether a part is there already. Raises Changed when it is there with another content."""
    same = [one for one in there if one[:5] == name[:5]]
    if same and name not in same:
        raise Changed(name)
    return bool(same)


def whole_part(name: str, data: bytes) -> bytes:
    """Return a part as it was sent. Raises KeyError for a torn one."""
    if hashlib.sha256(data).hexdigest() != name[6:]:
        raise KeyError(name)
    return data


def checked(pattern: re.Pattern[str], key: str) -> str:
    """Return a key that may become a path. Raises KeyError for any other text."""
    if not pattern.fullmatch(key):
        raise KeyError(key)
    return key


class Folder:
    """Evidence in a folder: two letters of the hash, then the hash."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)

    def path(self, sha256: str) -> Path:
        """Return where content lies. Raises KeyError for what is no hash."""
        checked(HASH, sha256)
        return self.root / sha256[:2] / sha256

    def put(self, chunks: Iterable[bytes]) -> tuple[str, int]:
        """Store content: a temporary file, made durable, then given its name."""
        digest, size = hashlib.sha256(), 0
        handle, name = tempfile.mkstemp(prefix=COMING, dir=self.root)
        try:
            with os.fdopen(handle, "wb") as file:
                for chunk in chunks:
                    digest.update(chunk)
                    size += len(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            found = digest.hexdigest()
            self._settle(Path(name), self.path(found))
        finally:
            Path(name).unlink(missing_ok=True)
        return found, size

    def _settle(self, temporary: Path, target: Path) -> None:
        """Give a file its name, durably; also when another put the same there a moment ago and may not be done."""
        target.parent.mkdir(exist_ok=True)
        if not target.exists():
            temporary.chmod(0o400)
            temporary.replace(target)
        sync_folder(target.parent)
        sync_folder(self.root)

    def read(self, sha256: str) -> Iterator[bytes]:
        """Return content in pieces."""
        if not self.has(sha256):
            raise KeyError(sha256)
        return _pieces(self.path(sha256))

    def has(self, sha256: str) -> bool:
        """Whether the content is there."""
        return HASH.fullmatch(sha256) is not None and (
            self.path(sha256).exists() or self._brought_back(sha256)
        )

    def _brought_back(self, sha256: str) -> bool:
        try:
            (self.root / ASIDE / sha256).replace(self.path(sha256))
        except FileNotFoundError:
            return self.path(sha256).exists()  # another may have been quicker
        sync_folder(self.path(sha256).parent)
        return True

    def each(self) -> Iterator[str]:
        """Return what is there, in order."""
        for folder in sorted(self.root.glob("[0-9a-f][0-9a-f]")):
            yield from sorted(one.name for one in folder.iterdir() if HASH.fullmatch(one.name))

    def resting(self, seconds: float) -> Iterator[str]:
        """Return what was stored longer ago than that."""
        return (one for one in self.each() if _older(self.path(one), seconds))

    def set_aside(self, sha256: str) -> None:
        """Take content out of the way."""
        there = self.root / ASIDE / checked(HASH, sha256)
        there.parent.mkdir(exist_ok=True)
        try:
            os.utime(self.path(sha256))
            self.path(sha256).replace(there)
        except FileNotFoundError:
            return
        sync_folder(there.parent)

    def aside(self, seconds: float = 0) -> Iterator[str]:
        """Return what was set aside longer ago than that."""
        for path in sorted((self.root / ASIDE).glob("*")):
            if HASH.fullmatch(path.name) and _older(path, seconds):
                yield path.name

    def forget(self, sha256: str) -> None:
        """Throw away what was set aside."""
        (self.root / ASIDE / checked(HASH, sha256)).unlink(missing_ok=True)

    def _upload(self, upload: str) -> Path:
        return self.root / PARTS / checked(UPLOAD, upload)

    def _names(self, upload: str) -> list[str]:
        folder = self._upload(upload)
        return sorted(one.name for one in folder.iterdir() if one.name[0] != ".") if folder.is_dir() else []

    def put_part(self, upload: str, number: int, data: bytes) -> None:
        """Keep a part: a lost one is sent again, so it need not be durable, only whole."""
        name, folder = part_name(number, data), self._upload(upload)
        if agree(self._names(upload), name):
            return
        folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=COMING, dir=folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(temporary).replace(folder / name)
        finally:
            Path(temporary).unlink(missing_ok=True)

    def parts(self, upload: str) -> Mapping[int, int]:
        """Return the parts that have arrived."""
        folder = self._upload(upload)
        return {int(name[:5]): (folder / name).stat().st_size for name in self._names(upload)}

    def join(self, upload: str) -> Iterator[bytes]:
        """Return the parts in order."""
        folder = self._upload(upload)
        for name in self._names(upload):
            yield whole_part(name, (folder / name).read_bytes())

    def drop(self, upload: str) -> None:
        """Let the parts go."""
        folder = self._upload(upload)
        if folder.is_dir():
            for one in folder.iterdir():
                one.unlink(missing_ok=True)
            folder.rmdir()

    def sweep(self, stray: float, resting: float) -> int:
        """Remove what nobody will finish."""
        now, removed = time.time(), 0
        for pattern, age in (
            (f"{COMING}*", stray),
            (f"{PARTS}/*/{COMING}*", stray),
            (f"{PARTS}/*/0*", resting),
        ):
            for path in self.root.glob(pattern):
                try:
                    if now - path.stat().st_mtime > age:
                        path.unlink()
                        removed += 1
                except FileNotFoundError:
                    continue
        for folder in self.root.glob(f"{PARTS}/*"):
            if now - folder.stat().st_mtime > resting and not any(folder.iterdir()):
                folder.rmdir()
        return removed


def _older(path: Path, seconds: float) -> bool:
    try:
        return time.time() - path.stat().st_mtime >= seconds
    except FileNotFoundError:
        return False


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def open_blobs(address: str) -> Blobs:
    """Open the store that an address names: the path of a folder, or s3://bucket/prefix?endpoint=…&region=…

    The keys of a bucket come from the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), never from the address.
    """
    if address.startswith("s3://"):
        from portal.store.bucket import open_bucket  # noqa: PLC0415  who uses a folder needs none of it

        return open_bucket(address)
    return Folder(Path(address.removeprefix("file://")))
