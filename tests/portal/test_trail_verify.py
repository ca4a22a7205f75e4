"""The trail checked offline: seven ways to forge it, each found and told; a whole trail passes, and nothing altered does."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from portal import trail_verify
from portal.checkpoint import Seal, sign
from portal.merkle import Edge
from portal.moment import moment_of
from portal.store.tables import checkpoints, leaves, log, tiles
from portal.trail import Entry, append, canonical, hash_of
from portal.trail_verify import verify
from tests.portal.trails import (
    KEYS,
    SEAL,
    STRANGER,
    changed_bytes,
    checkpoint,
    entry,
    export,
    fill,
    invented,
    moment,
    rechained,
    records_of,
    recount,
    unguarded,
    written,
)

SEALED = (8, 15, 20)
WHOLE = invented(24, SEALED)
HELD = [one["checkpoint"] for one in WHOLE if "checkpoint" in one]


def lines_of(records):
    return [index for index, one in enumerate(records) if "hash" in one]


# Seven forgeries of a file, made by hand: each takes the records and a number, and gives the forged ones. ---------------


def deleted(records, at):
    """Take a line out."""
    return recount([one for index, one in enumerate(records) if index != at])


def inserted(records, at):
    """Put a line of one's own in, as true as one line alone can be."""
    said = entry(999, records[at]["chain"])
    place, previous = records[at]["place"], records[at]["previous"]
    made = {name: getattr(said, name) for name in Entry.__slots__}
    made |= {"place": place, "previous": previous, "hash": hash_of(said, place, previous)}
    return recount([*records[:at], made, *records[at:]])


def reordered(records, at):
    """Let a line and the next one of its chain change places."""
    later = next(i for i in range(at + 1, len(records)) if records[i].get("chain") == records[at]["chain"])
    found = list(records)
    found[at], found[later] = found[later], found[at]
    return found


def altered(records, at):
    """Let a line say something else, and leave its hash."""
    changed = {**records[at], "details": {**records[at]["details"], "version": 777}}
    return [*records[:at], changed, *records[at + 1 :]]


def truncated(records, at):
    """Cut lines off before a checkpoint that stays."""
    last = max(index for index, one in enumerate(records) if "checkpoint" in one)
    kept = [one for index, one in enumerate(records) if index < at or "checkpoint" in one or index > last]
    return recount(kept)


def forked(records, at):
    """Tell another story from one line on, with hashes that fit, under the old checkpoints."""
    told = [
        {**one, "actor": "另一个人"} if index >= at and "hash" in one else one
        for index, one in enumerate(records)
    ]
    return rechained(told)


def owned(records, at):
    """Do what the owner of the database can: alter a line, hash all anew, and sign with a key of one's own."""
    whole = rechained(altered(records, at))
    edge, found, thief = Edge(), [], Seal(STRANGER, SEAL.origin)
    for one in whole:
        if "checkpoint" in one:
            found.append({"checkpoint": sign(thief, edge.size, edge.root(), moment(1)).note})
            continue
        if "hash" in one:
            edge.add(trail_verify.leaf_hash(bytes.fromhex(one["hash"])))
        found.append(one)
    return found


FORGERIES = {
    deleted: {"gap", "truncated"},
    inserted: {"order"},
    reordered: {"gap"},
    altered: {"altered"},
    truncated: {"truncated"},
    forked: {"checkpoint_root"},
    owned: {"checkpoint_signature"},
}


def test_a_whole_trail_passes_and_says_what_it_holds():
    report = verify(written(WHOLE), KEYS, HELD)
    assert report.wrong is None
    assert (report.lines, report.chains, report.checkpoints, report.unsealed, report.held) == (24, 3, 3, 4, 3)
    assert report.sentences == [
        "审计日志核对：通过。",
        "共 24 行、3 条链、3 个检查点，每一行的指纹、次序、检查点的签名和根都对得上。",
        "最后一个检查点签于 2026-11-01T00:00:20.000000Z，覆盖前 20 行。",
        "其后 4 行还没有检查点，次序和指纹无误，尚无签名为证。",
        "另外保存的 3 个检查点都与审计日志相符。",
    ]


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda one: one.__name__)
def test_each_of_seven_forgeries_is_found_wherever_it_is_made(forge):
    codes = set()
    for at in lines_of(WHOLE)[:18]:
        found = verify(written(forge(WHOLE, at)), KEYS)
        assert found.wrong is not None, at
        assert found.sentences[0] == "审计日志核对：不通过。"
        codes.add(found.wrong.code)
        if forge in (inserted, altered, reordered):
            assert found.wrong.line in (at + 1, at + 2), (
                found.wrong
            )  # the very place, or whom it pushes aside
            assert found.wrong.chain == WHOLE[at]["chain"]
        if forge in (forked, owned):  # between two checkpoints, as near as a root can tell
            sealed = next(
                i for i in range(at if forge is forked else 0, len(WHOLE)) if "checkpoint" in WHOLE[i]
            )
            assert found.wrong.line == sealed + 1
    assert codes == FORGERIES[forge]


# Each protection bites: without it, a forgery that it is there for passes. ----------------------------------------------


def test_without_hashes_an_alteration_passes(monkeypatch):
    forged = written(altered(WHOLE, 3))
    assert verify(forged, KEYS).wrong.code == "altered"

    def believed(said, place, previous):
        return next(one["hash"] for one in WHOLE if one.get("op_id") == said.op_id)

    monkeypatch.setattr(trail_verify, "hash_of", believed)
    assert verify(forged, KEYS).wrong is None


def follow_nothing(checking, chain, place, said, digest):
    checking.chains[chain] = (place, digest)


@pytest.mark.parametrize("forge", [deleted, reordered, inserted])
def test_without_chains_what_no_checkpoint_covers_yet_could_be_forged(monkeypatch, forge):
    tail = invented(12, (3,))
    forged = written(forge(tail, 7))
    assert verify(forged, KEYS).wrong is not None
    monkeypatch.setattr(trail_verify._Checking, "follow", follow_nothing)
    assert verify(forged, KEYS).wrong is None


@pytest.mark.parametrize("forge", [deleted, reordered, inserted, forked])
def test_without_roots_one_who_hashes_anew_would_get_away(monkeypatch, forge):
    forged = rechained(forge(WHOLE, 3)) if forge is not deleted else rechained(inserted(deleted(WHOLE, 3), 3))
    if forge is inserted:
        forged = rechained(deleted(inserted(WHOLE, 3), 9))
    assert verify(written(forged), KEYS).wrong.code == "checkpoint_root"

    class Any(bytes):
        __hash__ = None

        def __eq__(self, other):
            return True

        def __ne__(self, other):
            return False

    monkeypatch.setattr(Edge, "root", lambda _: Any())
    assert verify(written(forged), KEYS).wrong is None


def test_without_the_right_key_the_owner_of_the_database_would_get_away():
    forged = written(owned(WHOLE, 3))
    assert verify(forged, KEYS).wrong.code == "checkpoint_signature"
    assert verify(forged, [STRANGER.public]).wrong is None


def resigned(records):
    """Return the same records with every checkpoint made anew by the real key: a fork by who holds it."""
    edge, found = Edge(), []
    for one in records:
        if "checkpoint" in one:
            found.append({"checkpoint": sign(SEAL, edge.size, edge.root(), moment(50)).note})
            continue
        if "hash" in one:
            edge.add(trail_verify.leaf_hash(bytes.fromhex(one["hash"])))
        found.append(one)
    return found


def test_without_a_checkpoint_kept_outside_one_with_the_key_would_get_away():
    """Even who owns database, program and key cannot make an old report fit: whoever kept one notices."""
    forged = written(resigned(rechained(altered(WHOLE, 3))))
    assert verify(forged, KEYS).wrong is None
    for held in HELD:
        found = verify(forged, KEYS, [held]).wrong
        assert found.code == "fork"
        assert "历史被重写过" in found.what


def test_a_tail_cut_off_with_its_checkpoints_is_found_by_one_kept_outside():
    cut = recount(WHOLE[: WHOLE.index({"checkpoint": HELD[0]}) + 1])
    assert verify(written(cut), KEYS).wrong is None
    found = verify(written(cut), KEYS, [HELD[2]])
    assert found.wrong.code == "truncated"
    assert str(found.wrong) == (
        "全文：保存在外的检查点覆盖 20 行，文件里只有 8 行，末尾被截去。请以保存在外的检查点为准，并通知各方。"
    )


def test_the_owner_of_the_database_is_found_out_in_the_store_itself(database):
    """Rewrite the log in place with hashes that fit, leaves, kept hashes and all; only the signature cannot be made."""
    notes = fill(database, 20, SEALED)
    assert verify(export(database), KEYS, [notes[0].note]).wrong is None
    unguarded(database, "log", "leaves", "tiles", "checkpoints")
    forged = rechained(altered(records_of(export(database)), 3))

    def rewrite(connection):
        for table in (leaves, tiles, log):
            connection.execute(delete(table))
        for number, one in enumerate((one for one in forged if "hash" in one), 1):
            row = {**one, "details": canonical(one["details"]), "seq": number}
            connection.execute(insert(log).values(row))
            connection.execute(insert(leaves).values(position=number - 1, seq=number))

    database.write(rewrite)
    found = verify(export(database), KEYS).wrong
    assert (found.code, found.where) == ("checkpoint_root", "第 10 行")
    assert "第 1 到第 8 行之间在签名之后被改写过" in found.what
    database.write(lambda c: c.execute(delete(checkpoints)))
    assert verify(export(database), KEYS).wrong.code == "unsealed"
    assert verify(export(database), KEYS, [notes[1].note]).wrong.code == "held_origin"


@pytest.mark.parametrize(
    ("forge", "code"),
    [
        (lambda c: c.execute(delete(leaves).where(leaves.c.position == 4)), {"gap", "order", "truncated"}),
        (lambda c: c.execute(update(log).where(log.c.seq == 5).values(actor="别人")), {"altered"}),
        (lambda c: c.execute(update(log).where(log.c.seq == 5).values(details='{"version": 5}')), {"format"}),
        (lambda c: c.execute(update(log).where(log.c.seq == 5).values(details="no json")), {"format"}),
        (lambda c: c.execute(update(log).where(log.c.seq == 5).values(hash="x")), {"altered"}),
        (
            lambda c: (
                c.execute(delete(leaves).where(leaves.c.seq >= 16)),
                c.execute(delete(log).where(log.c.seq >= 16)),
            ),
            {"truncated"},
        ),
        (lambda c: swap(c, 4, 7), {"gap"}),
    ],
)
def test_tables_changed_by_hand_are_found(database, forge, code):
    fill(database, 20, SEALED)
    unguarded(database, "log", "leaves", "checkpoints")
    database.write(forge)
    assert verify(export(database), KEYS).wrong.code in code


def swap(connection, one, other):
    """Let two leaves change places."""
    seqs = dict(connection.execute(select(leaves.c.position, leaves.c.seq)).all())
    connection.execute(delete(leaves).where(leaves.c.position.in_([one, other])))
    connection.execute(
        insert(leaves), [{"position": one, "seq": seqs[other]}, {"position": other, "seq": seqs[one]}]
    )


# Files ------------------------------------------------------------------------------------------------------------------


def test_every_changed_byte_of_what_is_sealed_is_found():
    whole = b"".join(written(invented(6, (3, 6))))
    assert verify(whole.splitlines(keepends=True), KEYS).wrong is None
    count = 0
    for broken in changed_bytes(whole):
        assert verify(broken.splitlines(keepends=True), KEYS).wrong is not None, broken
        count += 1
    assert count >= 4000


@given(st.data())
def test_any_forgery_of_any_trail_is_found(data):
    size = data.draw(st.integers(4, 30))
    sealed = data.draw(st.sets(st.integers(1, size), min_size=1, max_size=4)) | {size}
    whole = invented(size, sealed, data.draw(st.integers(1, 4)))
    forge = data.draw(st.sampled_from([deleted, inserted, altered, truncated, forked, owned]))
    forged = forge(whole, data.draw(st.sampled_from(lines_of(whole)[: size - 1])))
    if data.draw(st.booleans()) and forge is not truncated:
        forged = rechained(forged)
    assert verify(written(whole), KEYS).wrong is None
    assert verify(written(forged), KEYS).wrong is not None


@given(st.binary(max_size=200))
def test_nothing_made_up_passes_or_breaks(text):
    for start in ([], written(WHOLE)[:1], written(WHOLE)[:3]):
        assert verify([*start, *text.splitlines(keepends=True)], KEYS).wrong is not None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda _: [], "format"),
        (lambda r: r[1:], "format"),
        (lambda r: [{**r[0], "format": "zhunsheng-trail-2"}, *r[1:]], "format"),
        (lambda r: [{**r[0], "lines": True}, *r[1:]], "format"),
        (lambda r: [{**r[0], "origin": "other"}, *r[1:]], "checkpoint_origin"),
        (lambda r: [{**r[0], "lines": 25}, *r[1:]], "count"),
        (lambda r: r[:-1], "count"),
        (lambda r: [*r, {"checkpoint": HELD[2]}], "checkpoint_order"),
        (lambda r: [*r, {"checkpoint": 5}], "checkpoint_malformed"),
        (lambda r: [*r, {**r[-1], "more": 1}], "format"),
        (lambda r: recount([one for one in r if "checkpoint" not in one]), "unsealed"),
        (lambda r: [{**r[0], "origin": "", "lines": 0, "checkpoints": 0}], None),
        (lambda r: [{**r[0], "lines": 0, "checkpoints": 0}], "unsealed"),
    ],
)
def test_what_a_file_may_lack_is_told(change, code):
    found = verify(written(change(WHOLE)), KEYS).wrong
    assert (found and found.code) == code


@pytest.mark.parametrize(
    "raw",
    [
        b'{"format":"zhunsheng-trail-1","origin":"","lines":0,"checkpoints":0}\n',  # not in order
        b'{"checkpoints":0,"format":"zhunsheng-trail-1","lines":0,"lines":0,"origin":""}\n',
        b'{"checkpoints":0,"format":"zhunsheng-trail-1","lines":NaN,"origin":""}\n',
        b'{"checkpoints":0,"format":"zhunsheng-trail-1","lines":0.0,"origin":""}\n',
        b'{"checkpoints":0,"format":"zhunsheng-trail-1","lines":0,"origin":""}',
        b"[]\n",
        b"[" * 100_000 + b"\n",
        b'{"a":' + b"9" * 10_000 + b"}\n",
        b"\xff\n",
        b" " * 3_000_001,
    ],
)
def test_a_line_is_written_in_one_way_only(raw):
    assert verify([raw], KEYS).wrong.code == "format"


def test_a_checkpoint_kept_outside_must_be_one(tmp_path):
    found = verify(written(WHOLE), KEYS, ["a letter"]).wrong
    assert (found.code, found.where) == ("held_malformed", "保存在外的检查点")
    other = sign(Seal(SEAL.signer, "another/log"), 3, bytes(32), moment(1)).note
    assert verify(written(WHOLE), KEYS, [other]).wrong.code == "held_origin"
    thief = sign(Seal(STRANGER, SEAL.origin), 3, bytes(32), moment(1)).note
    assert verify(written(WHOLE), KEYS, [thief]).wrong.code == "held_signature"


def test_keys_may_have_changed_on_the_way():
    old = invented(10, (10,))
    edge, rest = Edge(), invented(14)[11:]
    records = [*old, *rest]
    for one in records:
        if "hash" in one:
            edge.add(trail_verify.leaf_hash(bytes.fromhex(one["hash"])))
    successor = replace(SEAL, signer=STRANGER, former=tuple(KEYS))
    records.append({"checkpoint": sign(successor, 14, edge.root(), moment(60)).note})
    whole = written(recount(records))
    assert verify(whole, KEYS).wrong.code == "checkpoint_signature"
    assert verify(whole, [*KEYS, STRANGER.public]).wrong is None


def test_an_export_is_the_same_whenever_it_is_made(database):
    fill(database, 20, SEALED)
    first = export(database)
    assert first == export(database)
    assert written(records_of(first)) == first
    report = verify(first, KEYS)
    assert (report.wrong, report.lines, report.checkpoints) == (None, 20, 3)
    assert moment_of(report.last.at)


def test_a_clock_that_goes_back_is_no_forgery(database):
    chance = random.Random(5)  # noqa: S311  the same choices in every run
    for number in range(1, 12):
        one = replace(entry(number), at=moment(chance.randrange(90_000)))
        database.write(lambda c, one=one: append(c, one))
    checkpoint(database, 0)
    assert verify(export(database), KEYS).wrong is None
