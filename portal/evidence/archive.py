"""What is packed: an archive is measured and its parts are compared with each other before anything is unpacked."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from portal.evidence.limits import MIB, ZIP_ENTRIES, ZIP_ENTRY, ZIP_RATIO, ZIP_TOTAL
from portal.evidence.verdict import NotTaken

BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What `zipfile` raises for archives that look valid and are not."""
GAP = 1024
"""Bytes between two parts that belong to neither: descriptors and padding, no room for another file."""


@contextmanager
def whole() -> Iterator[None]:
    """Turn whatever reading a broken archive raises into one refusal."""
    try:
        yield
    except BROKEN as error:
        raise NotTaken("damaged") from error


class Archive:
    """An archive whose parts are known to be as many, as large and where they say."""

    def __init__(self, data: bytes) -> None:
        if not data.startswith(b"PK\x03\x04"):
            raise NotTaken("damaged")
        end = data.rfind(b"PK\x05\x06")
        if end < 0 or len(data) < end + 22:
            raise NotTaken("damaged")
        if end + 22 + int.from_bytes(data[end + 20 : end + 22], "little") != len(data):
            raise NotTaken("polyglot", what="压缩包以外的内容")
        with whole():
            self._file = zipfile.ZipFile(io.BytesIO(data))
            infos = self._file.infolist()
        self.sizes = _measured(infos)
        with whole():
            _in_order(data, infos, self._file.start_dir)
        self.names = tuple(info.filename for info in infos if not info.is_dir())

    def read(self, name: str) -> bytes:
        """Unpack a part and compare its checksum."""
        with whole():
            return self._file.read(name)

    def check(self) -> None:
        """Unpack every part once, keeping none."""
        for name in self.names:
            with whole(), self._file.open(name) as part:
                while part.read(MIB):
                    pass


def _measured(infos: list[zipfile.ZipInfo]) -> dict[str, int]:
    if len(infos) > ZIP_ENTRIES:
        raise NotTaken("zip_entries", count=str(len(infos)))
    sizes: dict[str, int] = {}
    seen = set[str]()
    for info in infos:
        name = info.filename
        shown = printable(name)
        if info.flag_bits & 0x41:
            raise NotTaken("encrypted")
        if _strays(name) or _strays(info.orig_filename):
            raise NotTaken("zip_path", part=shown)
        if (info.external_attr >> 16) & 0o170000 == 0o120000:
            raise NotTaken("zip_link", part=shown)
        if name.lower() in seen:
            raise NotTaken("zip_twice", part=shown)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise NotTaken("damaged")
        if info.file_size > ZIP_ENTRY or info.file_size > max(MIB, ZIP_RATIO * info.compress_size):
            raise NotTaken("zip_bomb")
        seen.add(name.lower())
        sizes[name] = info.file_size
    if sum(sizes.values()) > ZIP_TOTAL:
        raise NotTaken("zip_bomb")
    return sizes


def _strays(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return (
        name.startswith(("/", "\\"))
        or ".." in parts
        or ":" in name
        or "\\" in name
        or len(name) > 255
        or any(ord(letter) < 32 for letter in name)
    )


def _in_order(data: bytes, infos: list[zipfile.ZipInfo], directory: int) -> None:
    """Refuse parts that overlap, leave room for something else, or are named differently in two places."""
    at = 0
    for info in sorted(infos, key=lambda one: one.header_offset):
        start = info.header_offset
        if start < at:
            raise NotTaken("zip_twice", part=printable(info.filename))
        if start - at > (GAP if at else 0):
            raise NotTaken("polyglot", what="压缩包以外的内容")
        header = data[start : start + 30]
        if len(header) < 30 or header[:4] != b"PK\x03\x04":
            raise NotTaken("damaged")
        flags, length, extra = (
            int.from_bytes(header[a:b], "little") for a, b in ((6, 8), (26, 28), (28, 30))
        )
        name = data[start + 30 : start + 30 + length]
        if name.decode("utf-8" if flags & 0x800 else "cp437", "replace") != info.orig_filename:
            raise NotTaken("zip_twice", part=printable(info.filename))
        at = start + 30 + length + extra + info.compress_size
    if at > directory:
        raise NotTaken("zip_twice", part=printable(infos[-1].filename) if infos else "")
    if directory - at > GAP:
        raise NotTaken("polyglot", what="压缩包以外的内容")


def printable(name: str) -> str:
    """Return the name of a part as it may stand in a message."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:60]
