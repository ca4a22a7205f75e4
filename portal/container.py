"""One file of many, written in exactly one way: a plain tar whose every byte follows from its names and contents.

Any tar program unpacks it. Reading holds each byte to the one way of writing, so that no damage goes unseen: not in a
heading, not in the padding, not after the end.
"""

import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

BLOCK = 512
END = bytes(2 * BLOCK)
PIECE = 1 << 20


class Damaged(ValueError):
    """A file is not what was written; the sentence says where."""


def heading(name: str, size: int) -> bytes:
    """Return the heading of a part."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    found = info.tobuf(tarfile.GNU_FORMAT, "utf-8", "strict")
    if len(found) != BLOCK:
        raise ValueError(f"a name too long for one heading: {name}")
    return found


def put(file: BinaryIO, name: str, size: int, chunks: Iterable[bytes]) -> None:
    """Write a part of a known size."""
    file.write(heading(name, size))
    written = 0
    for chunk in chunks:
        file.write(chunk)
        written += len(chunk)
    if written != size:
        raise ValueError(f"{name}: {written} bytes, {size} announced")
    file.write(bytes(-size % BLOCK))


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a file that was read: its name, and where it lies."""

    name: str
    start: int
    size: int

    def read(self, file: BinaryIO) -> Iterator[bytes]:
        """Return the content in pieces."""
        file.seek(self.start)
        left = self.size
        while left:
            chunk = file.read(min(PIECE, left))
            if not chunk:
                raise Damaged(f"{self.name} 被截断")
            left -= len(chunk)
            yield chunk

    def lines(self, file: BinaryIO, longest: int = 1 << 26) -> Iterator[bytes]:
        """Return the content line by line, each with its end."""
        file.seek(self.start)
        left = self.size
        while left:
            line = file.readline(min(longest, left))
            if not line.endswith(b"\n"):
                raise Damaged(f"{self.name} 里有一行不完整")
            left -= len(line)
            yield line


def parts(file: BinaryIO, told: Callable[[Part], None] | None = None) -> list[Part]:
    """Read every heading, all padding and the end. Raises Damaged for the first byte that is not as it must be."""
    found, at = list[Part](), 0
    while True:
        file.seek(at)
        head = file.read(BLOCK)
        if head == END[:BLOCK]:
            if file.read(BLOCK + 1) != END[BLOCK:]:
                raise Damaged("结尾不对，文件后面多了或少了内容")
            return found
        part = _part(head, at)
        padding = -part.size % BLOCK
        file.seek(part.start + part.size)
        if file.read(padding) != bytes(padding):
            raise Damaged(f"{part.name} 之后的内容被截断或改动")
        if told is not None:
            told(part)
        found.append(part)
        at = part.start + part.size + padding


def _part(head: bytes, at: int) -> Part:
    try:
        info = tarfile.TarInfo.frombuf(head, "utf-8", "strict")
        same = info.size >= 0 and heading(info.name, info.size) == head
    except (tarfile.HeaderError, ValueError, OverflowError):
        same = False
    if not same:
        raise Damaged(f"第 {at} 字节处的文件头被截断或改动")
    return Part(info.name, at + BLOCK, info.size)
