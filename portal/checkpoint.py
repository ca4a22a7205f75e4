"""Checkpoints: how long the trail is and what its root is, signed. Whoever holds one notices any later change of the past.

A checkpoint is a signed note as transparency logs write it: origin, number of lines, root, time, an empty line, the
signature. It is made with every change of state and once a day, and means most where others keep it: in every report,
in the mail of a university, in print. It must leave the house only after the transaction it was made in is durable.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from portal.merkle import LARGEST
from portal.moment import moment_of, text_of
from portal.refusal import Refusal
from portal.signing import PublicKey, Signer, load_secret
from portal.store.tables import checkpoints, leaves, log
from portal.trail_tree import Damaged, add_leaves, edge_at, grow

EVERY = timedelta(days=1)
"""How long lines may wait for a checkpoint when no state changes."""

_ED25519 = b"\x01"
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Seal:
    """Who signs checkpoints and reports, and the name of the log they speak of, the same for as long as it lives."""

    signer: Signer
    origin: str
    former: tuple[PublicKey, ...] = ()
    """Keys that signed this log before the present one."""

    @property
    def keys(self) -> tuple[PublicKey, ...]:
        """The keys whose checkpoints count."""
        return (self.signer.public, *self.former)

    def __post_init__(self) -> None:
        if not self.origin.isascii() or not self.origin.isprintable() or set(self.origin) & set(" +"):
            raise ValueError("an origin is one word of plain letters, like zhunsheng.example.org/trail")


def seal_of(path: Path, origin: str | None = None) -> Seal:
    """Return the seal of a secret key file. Raises BadKey, with a sentence, if it cannot be used."""
    key = load_secret(path)
    return Seal(key, origin or f"zhunsheng/{key.public.name.lower()}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The first `size` lines have this root. `note` is the whole signed text."""

    origin: str
    size: int
    root: bytes
    at: str
    note: str

    @property
    def body(self) -> str:
        """What is signed."""
        return _body(self.origin, self.size, self.root, self.at)


def _body(origin: str, size: int, root: bytes, at: str) -> str:
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\nat {at}\n"


def sign(seal: Seal, size: int, root: bytes, at: str) -> Checkpoint:
    """Return a signed checkpoint."""
    body = _body(seal.origin, size, root, at)
    return Checkpoint(
        seal.origin,
        size,
        root,
        at,
        _note(body, seal.origin, seal.signer.public, seal.signer.sign(body.encode())),
    )


def _note(body: str, origin: str, key: PublicKey, signature: bytes) -> str:
    return f"{body}\n— {origin} {base64.b64encode(key_hash(origin, key) + signature).decode()}\n"


def key_hash(origin: str, key: PublicKey) -> bytes:
    """Return the four bytes that say in a note which key signed it."""
    return hashlib.sha256(origin.encode() + b"\n" + _ED25519 + key.raw).digest()[:4]


def read_note(note: str, keys: Iterable[PublicKey]) -> Checkpoint | Refusal:
    """Read a checkpoint and check its signature against the keys one trusts."""
    found, signature = _parsed(note)
    if found is None:
        return Refusal("invalid", "checkpoint_malformed", "检查点不完整或被改动过", "请重新取得检查点的原文")
    for key in keys:
        mine = signature[:4] == key_hash(found.origin, key)
        if mine and key.made(signature[4:], found.body.encode()):
            return found if note == _note(found.body, found.origin, key, signature[4:]) else _altered()
    return _altered()


def _altered() -> Refusal:
    return Refusal(
        "invalid",
        "checkpoint_signature",
        "检查点的签名与所给的公钥不符：不是这把钥匙签的，或签名之后有改动",
        "请核对公钥；公钥无误的，不要采信这个检查点",
    )


def _parsed(note: str) -> tuple[Checkpoint | None, bytes]:
    lines = note.split("\n") if len(note) <= _LONGEST else []
    if len(lines) != 7 or lines[4] or lines[6] or not lines[3].startswith("at "):
        return None, b""
    origin, size, root, at, words = lines[0], lines[1], _raw(lines[2]), lines[3][3:], lines[5].split(" ")
    if not (size.isascii() and size.isdecimal()) or len(size) > 19 or len(words) != 3 or not origin.isascii():
        return None, b""
    signature = _raw(words[2])
    if root is None or len(root) != 32 or signature is None or len(signature) != 68:
        return None, b""
    found = Checkpoint(origin, int(size), root, at, note)
    return (found if 0 < found.size <= LARGEST and _is_moment(at) else None), signature


def _is_moment(text: str) -> bool:
    try:
        return text_of(moment_of(text)) == text
    except ValueError:
        return False


def _raw(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


# In the store ---------------------------------------------------------------------------------------------------------


BROKEN = Refusal(
    "state", "trail_broken", "审计日志与已签名的检查点不符", "请停止改动并运行 zhunsheng audit verify"
)


def make(connection: Connection, seal: Seal, at: str) -> Checkpoint | Refusal | None:
    """Make a checkpoint of everything written so far, as the last thing in a transaction; None for an empty trail.

    Nothing is signed that contradicts what was signed before: then somebody changed the past, and the answer says so.
    """
    try:
        with connection.begin_nested():  # what it has begun goes, the rest of the transaction stands
            return _made(connection, seal, at)
    except (Damaged, IntegrityError):
        return BROKEN


def _made(connection: Connection, seal: Seal, at: str) -> Checkpoint | None:
    size = grow(connection)
    last = latest(connection)  # only now: until the tree is ours, another may be making one
    before = last.size if last else 0
    if size < before:
        raise Damaged("there are fewer leaves than were signed")
    edge = edge_at(connection, before)
    if last is not None and not _stands(last, seal, edge.root()):
        raise Damaged("the last checkpoint is not ours, or says something else")
    if size == before:
        return last
    add_leaves(connection, edge, size)
    made = sign(seal, size, edge.root(), at)
    connection.execute(
        insert(checkpoints).values(size=size, root=made.root.hex(), note=made.note, at=made.at)
    )
    return made


def _stands(last: Checkpoint, seal: Seal, root: bytes) -> bool:
    """Whether the last checkpoint is ours, and the tree still begins with what it says."""
    said = read_note(last.note, seal.keys)
    return isinstance(said, Checkpoint) and (said.size, said.root) == (last.size, last.root) == (
        last.size,
        root,
    )


def latest(connection: Connection) -> Checkpoint | None:
    """Return the last checkpoint that was made."""
    found = connection.execute(select(checkpoints).order_by(checkpoints.c.size.desc()).limit(1)).first()
    return None if found is None else stored(found.size, found.root, found.note, found.at)


def covering(connection: Connection, position: int) -> Checkpoint | None:
    """Return the first checkpoint that speaks of a leaf: always the same one, however long the trail becomes."""
    wanted = select(checkpoints).where(checkpoints.c.size > position).order_by(checkpoints.c.size).limit(1)
    found = connection.execute(wanted).first()
    return None if found is None else stored(found.size, found.root, found.note, found.at)


def stored(size: int, root: str, note: str, at: str) -> Checkpoint:
    """Return a checkpoint as it is kept; its signature is for those to check who did not make it."""
    return Checkpoint(note.split("\n", 1)[0], size, bytes.fromhex(root), at, note)


def due(connection: Connection, at: str) -> bool:
    """Whether the daily checkpoint is to be made: lines have waited for a day, or there never was a checkpoint.

    A clock that went back by more than that makes one as well, so that lines do not wait until it has caught up.
    """
    newest = connection.execute(select(func.max(log.c.seq))).scalar()
    if newest is None or connection.execute(select(leaves.c.seq).where(leaves.c.seq == newest)).first():
        return False
    last = latest(connection)
    return last is None or abs(moment_of(at) - moment_of(last.at)) >= EVERY
