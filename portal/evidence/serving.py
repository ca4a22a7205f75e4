"""Give content out: in pieces, compared with its hash on the way, under headers that let nothing in it run."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from portal.evidence.kinds import EXTENSIONS, MEDIA
from portal.evidence.names import disposition
from portal.evidence.verdict import PICTURES, Kind

SAFE: Mapping[str, str] = MappingProxyType(
    {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'self'; base-uri 'none'; form-action 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "private, no-store",
    }
)
"""With every answer that carries evidence. `sandbox` without a word allows nothing: no script, no form, no origin."""


class Damaged(Exception):
    """What is stored is not what was stored: the last piece is held back, so that nobody takes it for whole."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Evidence on its way to a reader: send the headers as they are, then the pieces."""

    name: str
    kind: Kind
    media: str
    size: int
    headers: Mapping[str, str]
    pieces: Iterator[bytes]

    def read(self) -> bytes:
        """Return all of it at once."""
        return b"".join(self.pieces)


def original(name: str, kind: Kind, size: int, sha256: str, pieces: Iterator[bytes]) -> Opened:
    """Give out what was uploaded, to be saved and not shown."""
    headers = _headers(MEDIA[kind], disposition(name, EXTENSIONS[kind][0]), size, sha256)
    return Opened(name, kind, MEDIA[kind], size, headers, verified(pieces, sha256))


def preview(name: str, kind: Kind, sha256: str, pieces: Iterator[bytes]) -> Opened:
    """Give out what may be shown in the page: a picture drawn anew, or text. It is small, and checked beforehand.

    Raises Damaged.
    """
    whole = b"".join(verified(pieces, sha256))
    media, extension = (
        ("image/jpeg", "jpg") if kind in PICTURES or kind == "pdf" else ("text/plain; charset=utf-8", "txt")
    )
    headers = _headers(media, disposition(name, extension, inline=True), len(whole), sha256)
    return Opened(name, kind, media, len(whole), headers, iter((whole,)))


def document(name: str, size: int, sha256: str, pieces: Iterator[bytes]) -> Opened:
    """Give out a PDF to be shown in a frame: whatever it asks for, the sandbox runs no script of it."""
    headers = _headers(MEDIA["pdf"], disposition(name, "pdf", inline=True), size, sha256)
    return Opened(name, "pdf", MEDIA["pdf"], size, headers, verified(pieces, sha256))


def _headers(media: str, where: str, size: int, sha256: str) -> Mapping[str, str]:
    told = {"Content-Type": media, "Content-Disposition": where, "Content-Length": str(size)}
    return MappingProxyType({**told, "ETag": f'"{sha256}"', "Accept-Ranges": "bytes", **SAFE})


def verified(pieces: Iterator[bytes], sha256: str) -> Iterator[bytes]:
    """Pass pieces on, the last one only when the whole has the hash it is kept under. Raises Damaged."""
    digest, held = hashlib.sha256(), b""
    try:
        for piece in pieces:
            digest.update(piece)
            if held:
                yield held
            held = piece
    except OSError as error:
        raise Damaged(sha256) from error
    if digest.hexdigest() != sha256:
        raise Damaged(sha256)
    yield held


def part(pieces: Iterator[bytes], first: int, last: int) -> Iterator[bytes]:
    """Pass a part of verified pieces on; its end waits too until the whole was found to be right."""
    at, held = 0, b""
    for piece in pieces:
        cut = piece[max(0, first - at) : max(0, last + 1 - at)]
        at += len(piece)
        if cut:
            if held:
                yield held
            held = cut
    yield held
