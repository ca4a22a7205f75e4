"""What a report carries so that it proves itself: its line in the trail, and that the line is under a signed checkpoint.

With the document, this bundle and a public key anybody can check, offline, that the association wrote the document into
its trail, when, and that the trail has not been rewritten since without contradicting this very report.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from portal.checkpoint import Checkpoint, covering, read_note
from portal.merkle import included, inclusion, leaf_hash
from portal.refusal import MISSING, Refusal
from portal.signing import PublicKey
from portal.store.tables import log
from portal.trail import Entry, canonical, hash_of
from portal.trail_export import FIELDS, line_data
from portal.trail_tree import nodes, place_in_tree

FORMAT = "zhunsheng-proof-1"
_KEYS = {"format", "line", "index", "inclusion", "checkpoint"}
_LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class Proven:
    """What a bundle shows: who did what when to which thing, under which checkpoint."""

    line: Mapping[str, Any]
    index: int
    checkpoint: Checkpoint


def bundle(connection: Connection, op_id: str) -> str | Refusal:
    """Return the proof for the line of an operation: the same text whenever it is asked for.

    The line must name the document by its fingerprint, as `sha256` or among the `scorecards` of its details.
    """
    found = place_in_tree(connection, op_id)
    if found is None:
        return MISSING
    row, position = found
    sealed = covering(connection, position) if position is not None else None
    if position is None or sealed is None:
        return Refusal("state", "no_checkpoint_yet", "这一步还没有签名的检查点", "请在下一个检查点生成后再取")
    proof = inclusion(position, sealed.size, nodes(connection))
    data = {
        "format": FORMAT,
        "line": line_data(row),
        "index": position,
        "inclusion": [one.hex() for one in proof],
        "checkpoint": sealed.note,
    }
    return canonical(data) + "\n"


def naming(connection: Connection, chain: str, document: bytes, actions: Iterable[str]) -> str | None:
    """Return the operation of the first line of a chain, among some actions, that names a document."""
    digest = hashlib.sha256(document).hexdigest()
    rows = connection.execute(
        select(log.c.op_id, log.c.details)
        .where(log.c.chain == chain, log.c.action.in_(list(actions)), log.c.details.contains(digest))
        .order_by(log.c.place)
    )
    return next((row.op_id for row in rows if _names(json.loads(row.details), digest)), None)


def verify_bundle(document: bytes, text: str, keys: Sequence[PublicKey]) -> Proven | Refusal:
    """Check a document against its bundle and the keys one trusts."""
    data = _parsed(text)
    if data is None:
        return _refused("proof_malformed", "证明文件不完整或被改动过", "请重新取得证明文件")
    line, index = data["line"], data["index"]
    sealed = read_note(data["checkpoint"], keys)
    if isinstance(sealed, Refusal):
        return sealed
    if not _names(line["details"], hashlib.sha256(document).hexdigest()):
        return _refused(
            "proof_other", "证明说的不是这份文件，或文件被改动过", "请重新取得文件，不要采用这一份"
        )
    said = (line[name] for name in ("op_id", "chain", "at", "actor", "action", "target", "details"))
    digest = hash_of(Entry(*said), line["place"], line["previous"])
    proof = [bytes.fromhex(one) for one in data["inclusion"]]
    leaf = leaf_hash(bytes.fromhex(digest))
    if digest != line["hash"] or not included(leaf, index, sealed.size, proof, sealed.root):
        return _refused("proof_wrong", "证明与签名的检查点不符", "请重新取得证明文件；仍不符的，不要采信")
    return Proven(line, index, sealed)


def _refused(code: str, what: str, then: str) -> Refusal:
    return Refusal("invalid", code, what, then)


def _names(details: Mapping[str, Any], digest: str) -> bool:
    named = details.get("scorecards", ())
    listed = list(named.values()) if isinstance(named, dict) else named if isinstance(named, list) else []
    return details.get("sha256") == digest or digest in listed


def _parsed(text: str) -> dict[str, Any] | None:
    """Return a bundle as data if it is written in exactly the one way we write it, else None."""
    if len(text) > _LONGEST:
        return None
    try:
        data = json.loads(text)
        same = isinstance(data, dict) and (canonical(data) + "\n").encode() == text.encode()
    except (ValueError, RecursionError):
        return None
    if not same or data.keys() != _KEYS or data["format"] != FORMAT or not isinstance(data["line"], dict):
        return None
    line, proof = data["line"], data["inclusion"]
    kinds = {"place": int, "details": dict}
    whole = line.keys() == set(FIELDS) and all(type(line[name]) is kinds.get(name, str) for name in FIELDS)
    listed = isinstance(proof, list) and all(isinstance(one, str) and _is_hash(one) for one in proof)
    shaped = type(data["index"]) is int and isinstance(data["checkpoint"], str)
    return data if whole and listed and shaped else None


def _is_hash(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")
