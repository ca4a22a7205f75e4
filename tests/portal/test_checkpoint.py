"""Checkpoints: a signed note that nothing can change, and never one that contradicts the last."""

import base64
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, update

from portal.checkpoint import (
    Checkpoint,
    Seal,
    covering,
    due,
    key_hash,
    latest,
    make,
    read_note,
    seal_of,
    sign,
)
from portal.merkle import consistency, consistent, leaf_hash, root_of
from portal.portal import Portal
from portal.refusal import Refusal
from portal.signing import SECRET_NAME, BadKey, make_keys
from portal.store.tables import checkpoints, leaves, log
from portal.trail import append
from portal.trail_tree import nodes
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
    records_of,
    text_of,
    unguarded,
)

NOTE = sign(SEAL, 1234, root_of([leaf_hash(b"1")]), moment(5)).note


def test_a_note_is_what_transparency_logs_write():
    lines = NOTE.split("\n")
    assert lines[:2] == ["zhunsheng.test/trail", "1234"]
    assert base64.b64decode(lines[2]) == root_of([leaf_hash(b"1")])
    assert lines[3:5] == ["at 2026-11-01T00:00:05.000000Z", ""]
    dash, name, signature = lines[5].split(" ")
    assert (dash, name, lines[6:]) == ("—", "zhunsheng.test/trail", [""])
    raw = base64.b64decode(signature)
    assert raw[:4] == key_hash("zhunsheng.test/trail", KEY.public)
    assert KEY.public.made(raw[4:], "\n".join([*lines[:4], ""]).encode())


def test_every_changed_byte_of_a_checkpoint_is_refused():
    assert isinstance(read_note(NOTE, KEYS), Checkpoint)
    refused = 0
    for seed in range(3):
        for broken in changed_bytes(NOTE.encode(), seed):
            assert isinstance(read_note(text_of(broken), KEYS), Refusal), broken
            refused += 1
    assert refused > 1000


def test_only_the_keys_one_trusts_count():
    other = sign(Seal(STRANGER, SEAL.origin), 5, b"r" * 32, moment(1)).note
    for keys in (KEYS, []):
        found = read_note(other, keys)
        assert isinstance(found, Refusal)
        assert "签名与所给的公钥不符" in found.message
    assert isinstance(read_note(other, [KEY.public, STRANGER.public]), Checkpoint)


@given(st.text(max_size=300))
def test_nothing_made_up_is_a_checkpoint(note):
    assert isinstance(read_note(note, KEYS), Refusal)


@pytest.mark.parametrize(
    "body",
    [
        "o\n0\n{root}\nat 2026-11-01T00:00:05.000000Z\n",
        "o\n٣\n{root}\nat 2026-11-01T00:00:05.000000Z\n",
        "o\n007\n{root}\nat 2026-11-01T00:00:05.000000Z\n",
        "o\n99999999999999999999\n{root}\nat 2026-11-01T00:00:05.000000Z\n",
        "o\n5\nAAAA\nat 2026-11-01T00:00:05.000000Z\n",
        "o\n5\n{root}\nat 2026-11-01 00:00\n",
        "o\n5\n{root}\n2026-11-01T00:00:05.000000Z\n",
        "准绳\n5\n{root}\nat 2026-11-01T00:00:05.000000Z\n",
    ],
)
def test_even_a_signed_note_is_written_in_one_way_only(body):
    said = body.format(root=base64.b64encode(b"r" * 32).decode())
    origin = said.split("\n")[0]
    signature = base64.b64encode(key_hash(origin, KEY.public) + KEY.sign(said.encode())).decode()
    assert isinstance(read_note(f"{said}\n— {origin} {signature}\n", KEYS), Refusal)
    right = "o\n5\n{root}\nat 2026-11-01T00:00:05.000000Z\n".format(root=base64.b64encode(b"r" * 32).decode())
    signature = base64.b64encode(key_hash("o", KEY.public) + KEY.sign(right.encode())).decode()
    assert isinstance(read_note(f"{right}\n— o {signature}\n", KEYS), Checkpoint)


def test_an_origin_is_one_plain_word():
    for origin in ("two words", "a+b", "准绳", "a\nb"):
        with pytest.raises(ValueError, match="one word"):
            Seal(KEY, origin)


def test_the_seal_comes_from_a_key_file(tmp_path):
    public = make_keys(tmp_path)
    seal = seal_of(tmp_path / SECRET_NAME)
    assert seal.origin == f"zhunsheng/{public.name.lower()}"
    assert seal.keys == (public,)
    with pytest.raises(BadKey):
        seal_of(tmp_path / "nowhere")


# In the store ---------------------------------------------------------------------------------------------------------


def test_checkpoints_say_what_was_written(database):
    assert database.write(lambda c: make(c, SEAL, moment(0))) is None
    notes = fill(database, 40, sealed=(1, 7, 8, 40))
    hashes = [leaf_hash(bytes.fromhex(one["hash"])) for one in records_of(export(database)) if "hash" in one]
    assert [one.size for one in notes] == [1, 7, 8, 40]
    for one in notes:
        assert read_note(one.note, KEYS) == one
        assert one.root == root_of(hashes[: one.size])
    with database.read() as connection:
        assert latest(connection) == notes[-1]
        assert [covering(connection, at) for at in (0, 1, 7, 39)] == notes
        assert covering(connection, 40) is None
        for old in notes:
            proof = consistency(old.size, 40, nodes(connection))
            assert consistent(old.size, 40, old.root, notes[-1].root, proof)


def test_nothing_new_needs_no_new_checkpoint(database):
    (first,) = fill(database, 3, sealed=(3,))
    assert checkpoint(database, 9) == first


def test_the_line_of_the_same_transaction_is_under_the_checkpoint(database):
    def work(connection):
        append(connection, entry(1))
        return make(connection, SEAL, moment(1))

    assert database.write(work).size == 1


def test_a_checkpoint_of_a_change_that_failed_never_was(database):
    fill(database, 2, sealed=(2,))

    def fails(connection):
        append(connection, entry(3))
        make(connection, SEAL, moment(3))
        raise LookupError

    with pytest.raises(LookupError):
        database.write(fails)
    with database.read() as connection:
        assert latest(connection).size == 2
    fill_more = database.write(lambda c: append(c, entry(4)))
    assert fill_more is None
    assert checkpoint(database, 5).size == 3


@pytest.mark.parametrize(
    "forge",
    [
        lambda c: c.execute(update(log).where(log.c.seq == 2).values(hash="0" * 64)),
        lambda c: c.execute(update(log).where(log.c.seq == 2).values(hash="no hash")),
        lambda c: c.execute(delete(leaves).where(leaves.c.position == 3)),
        lambda c: (
            c.execute(delete(leaves).where(leaves.c.position > 5)),
            c.execute(delete(log).where(log.c.seq > 6)),
        ),
        lambda c: c.execute(update(checkpoints).values(root="0" * 64)),
        lambda c: c.execute(
            update(checkpoints).values(note=sign(Seal(STRANGER, SEAL.origin), 10, b"r" * 32, moment(1)).note)
        ),
        lambda c: c.execute(
            insert(checkpoints).values(
                size=11, root="0" * 64, note=sign(SEAL, 12, bytes(32), moment(1)).note, at=moment(1)
            )
        ),
    ],
)
def test_nothing_is_signed_that_contradicts_the_last(database, forge):
    fill(database, 10, sealed=(10,))
    unguarded(database, "log", "leaves", "checkpoints")
    database.write(forge)
    database.write(lambda c: append(c, entry(11, "a:new")))
    found = database.write(lambda c: make(c, SEAL, moment(11)))
    assert isinstance(found, Refusal)
    assert found.code == "trail_broken"


def test_leaves_that_were_lost_are_made_again_as_they_were(database):
    fill(database, 10, sealed=(10,))
    unguarded(database, "leaves")
    database.write(lambda c: c.execute(delete(leaves).where(leaves.c.position > 5)))
    database.write(lambda c: append(c, entry(11)))
    assert checkpoint(database, 11).size == 11


def test_a_new_key_goes_on_where_the_old_one_ended(database):
    fill(database, 4, sealed=(4,))
    database.write(lambda c: append(c, entry(5)))
    successor = Seal(STRANGER, SEAL.origin)
    refused = database.write(lambda c: make(c, successor, moment(5)))
    assert isinstance(refused, Refusal)
    made = database.write(lambda c: make(c, replace(successor, former=(KEY.public,)), moment(5)))
    assert isinstance(read_note(made.note, [STRANGER.public]), Checkpoint)


def test_a_checkpoint_is_due_once_a_day_and_only_if_something_was_written(database):
    def is_due(number):
        with database.read() as connection:
            return due(connection, moment(number))

    assert not is_due(0)
    database.write(lambda c: append(c, entry(1)))
    assert is_due(1)
    checkpoint(database, 1)
    assert not is_due(90_000)
    database.write(lambda c: append(c, entry(2)))
    assert not is_due(86_400)
    assert is_due(86_401)
    assert not is_due(0)  # the clock went back a little
    checkpoint(database, 200_000)
    database.write(lambda c: append(c, entry(3)))
    assert not is_due(200_000 - 86_399)
    assert is_due(200_000 - 86_400)  # it went back far


def test_the_portal_marks_a_change_of_state_if_it_has_a_seal(database):
    database.write(lambda c: append(c, entry(1)))
    nothing = SimpleNamespace()
    without = Portal(database, nothing, nothing, lambda: datetime(2026, 11, 2, tzinfo=UTC))
    assert database.write(without.mark) is None
    made = database.write(replace(without, seal=SEAL).mark)
    assert (made.size, made.at) == (1, "2026-11-02T00:00:00.000000Z")
