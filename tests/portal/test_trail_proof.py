"""What a report carries proves it, and gate 11: every changed byte of report, signature, proof and checkpoint is refused."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.refusal import MISSING, Refusal
from portal.signing import Signed, sign_document, verify_document
from portal.trail import Entry, append, canonical
from portal.trail_proof import Proven, bundle, verify_bundle
from portal.trail_verify import verify
from tests.portal.trails import (
    KEY,
    KEYS,
    SEAL,
    STRANGER,
    changed_bytes,
    checkpoint,
    entry,
    export,
    fill,
    moment,
    text_of,
)

REPORT = canonical({"university": "某大学", "grade": "4A", "points": "86.5"}).encode()
DIGEST = hashlib.sha256(REPORT).hexdigest()


def score_line(op_id="score-1", **details):
    return Entry(
        op_id, "a:1", moment(30), "系统", "assessment.submit", "final", details or {"sha256": DIGEST}
    )


def reported(database, line=None):
    """Give a store with lines before and after that of a report, and what the report carries."""
    fill(database, 9, (4,))
    database.write(lambda c: append(c, line or score_line()))
    checkpoint(database, 30)
    for number in range(40, 50):
        database.write(lambda c, n=number: append(c, entry(n)))
    checkpoint(database, 50)
    return carried(database)


def carried(database, op_id="score-1"):
    with database.read() as connection:
        return bundle(connection, op_id)


def test_a_report_proves_its_line_and_its_checkpoint(database):
    text = reported(database)
    found = verify_bundle(REPORT, text, KEYS)
    assert isinstance(found, Proven)
    assert (found.line["action"], found.line["target"], found.index) == ("assessment.submit", "final", 9)
    assert (found.checkpoint.size, found.checkpoint.origin) == (10, SEAL.origin)
    assert text == carried(database)  # the same for ever, however long the trail becomes
    assert verify(export(database), KEYS, [found.checkpoint.note]).wrong is None


def test_gate_every_changed_byte_is_refused(database):
    proof = reported(database)
    signature = sign_document(REPORT, KEY, "final 2026")
    note = json.loads(proof)["checkpoint"]
    assert isinstance(verify_document(REPORT, signature, KEYS), Signed)
    assert isinstance(verify_bundle(REPORT, proof, KEYS), Proven)
    refused = 0
    for report in changed_bytes(REPORT):
        assert isinstance(verify_document(report, signature, KEYS), Refusal)
        assert isinstance(verify_bundle(report, proof, KEYS), Refusal)
        refused += 2
    for broken in changed_bytes(signature.encode()):
        assert isinstance(verify_document(REPORT, text_of(broken), KEYS), Refusal)
        refused += 1
    for broken in changed_bytes(proof.encode()):
        assert isinstance(verify_bundle(REPORT, text_of(broken), KEYS), Refusal), broken
        refused += 1
    for broken in changed_bytes(note.encode()):
        changed = canonical({**json.loads(proof), "checkpoint": text_of(broken)}) + "\n"
        assert isinstance(verify_bundle(REPORT, changed, KEYS), Refusal), broken
        refused += 1
    assert refused >= 2000, refused


@pytest.mark.parametrize("shape", [list, lambda found: {f"subject {n}": one for n, one in enumerate(found)}])
def test_one_line_may_name_many_scorecards(database, shape):
    others = [hashlib.sha256(bytes([n])).hexdigest() for n in range(3)]
    text = reported(database, score_line(scorecards=shape([*others, DIGEST])))
    assert isinstance(verify_bundle(REPORT, text, KEYS), Proven)
    assert isinstance(verify_bundle(b"\x01", text, KEYS), Proven)
    found = verify_bundle(b"another", text, KEYS)
    assert isinstance(found, Refusal)
    assert "不是这份文件" in found.message


def test_a_proof_waits_for_its_checkpoint(database):
    fill(database, 2, (2,))
    assert carried(database) == MISSING
    database.write(lambda c: append(c, score_line()))
    found = carried(database)
    assert isinstance(found, Refusal)
    assert found.code == "no_checkpoint_yet"
    checkpoint(database, 9)
    assert isinstance(verify_bundle(REPORT, carried(database), KEYS), Proven)


def test_a_proof_under_a_strange_key_proves_nothing(database):
    text = reported(database)
    found = verify_bundle(REPORT, text, [STRANGER.public])
    assert isinstance(found, Refusal)
    assert "公钥" in found.message


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["line"].update(actor="别人"),
        lambda d: d["line"].update(hash="0" * 64),
        lambda d: d["line"].update(place="1"),
        lambda d: d["line"].update(details=DIGEST),
        lambda d: d["line"].update(more=1),
        lambda d: d["line"].pop("at"),
        lambda d: d.update(line=[]),
        lambda d: d.update(index=True),
        lambda d: d.update(index=8),
        lambda d: d.update(index=-1),
        lambda d: d.update(index=10**30),
        lambda d: d.update(inclusion=d["inclusion"][1:]),
        lambda d: d.update(inclusion=[*d["inclusion"], "0" * 64]),
        lambda d: d.update(inclusion=["0" * 63 + "G"]),
        lambda d: d.update(inclusion="0" * 64),
        lambda d: d.update(checkpoint=None),
        lambda d: d.update(format="zhunsheng-proof-2"),
        lambda d: d.update(more=1),
    ],
)
def test_a_proof_with_another_shape_is_refused(database, change):
    data = json.loads(reported(database))
    change(data)
    assert isinstance(verify_bundle(REPORT, canonical(data) + "\n", KEYS), Refusal)


@given(st.text(max_size=200))
def test_nothing_made_up_is_a_proof(text):
    assert isinstance(verify_bundle(REPORT, text, KEYS), Refusal)
    assert isinstance(verify_bundle(REPORT, "[" * 50_000 + text, KEYS), Refusal)
