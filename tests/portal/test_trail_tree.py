"""The tree as it is kept: late lines find a place, leaves never move, kept hashes give the same roots and proofs."""

import random
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from portal import trail_tree
from portal.merkle import consistency, included, inclusion, leaf_hash, root_of, subtree_of
from portal.store.database import open_store
from portal.store.tables import holes, leaves, log, metadata, tiles
from portal.trail import START, append, canonical, hash_of
from portal.trail_tree import Damaged, gaps, grow, lines_in_order, nodes, place_in_tree
from portal.trail_verify import verify
from tests.portal.trails import KEYS, checkpoint, entry, export, fill


def line_at(seq, chain="a:one", place=1, previous=START):
    """Return a row of the log with a number of its own, as a transaction leaves it that began early and ended late."""
    one = entry(seq, chain)
    values = {name: getattr(one, name) for name in type(one).__slots__}
    return {
        **values,
        "details": canonical(one.details),
        "seq": seq,
        "place": place,
        "previous": previous,
        "hash": hash_of(one, place, previous),
    }


def order(database):
    with database.read() as connection:
        return list(connection.execute(select(leaves.c.seq).order_by(leaves.c.position)).scalars())


def open_holes(database):
    with database.read() as connection:
        return [
            tuple(one) for one in connection.execute(select(holes.c.low, holes.c.high).order_by(holes.c.low))
        ]


def write(database, *numbers):
    database.write(lambda c: c.execute(insert(log), [line_at(n, f"a:{n}") for n in numbers]))


def test_lines_that_show_up_late_become_the_next_leaves_and_none_moves(database):
    write(database, 1, 2, 5, 9)
    first = checkpoint(database, 1)
    assert (order(database), open_holes(database)) == ([1, 2, 5, 9], [(3, 4), (6, 8)])
    write(database, 7, 3, 12)
    second = checkpoint(database, 2)
    assert order(database) == [1, 2, 5, 9, 3, 7, 12]
    assert open_holes(database) == [(4, 4), (6, 6), (8, 8), (10, 11)]
    write(database, 4, 6)
    checkpoint(database, 3)
    write(database, 8, 10, 11)
    checkpoint(database, 4)
    assert order(database) == [1, 2, 5, 9, 3, 7, 12, 4, 6, 8, 10, 11]
    assert open_holes(database) == []
    report = verify(export(database), KEYS, [first.note, second.note])
    assert (report.wrong, report.held) == (None, 2)


@given(low=st.integers(1, 50), present=st.sets(st.integers(1, 60)), length=st.integers(0, 30))
def test_gaps_are_what_is_not_there(low, present, length):
    high = low + length
    inside = sorted(one for one in present if low <= one <= high)
    found = gaps(low, high, inside)
    open_numbers = [number for one, other in found for number in range(one, other + 1)]
    assert open_numbers == [number for number in range(low, high + 1) if number not in inside]
    assert all(one <= other for one, other in found)
    assert all(other + 1 < one for (_, other), (one, _) in pairwise(found))


@settings(max_examples=40)
@given(st.lists(st.lists(st.integers(1, 40), max_size=12), max_size=8))
def test_whatever_the_order_in_which_lines_show_up_each_becomes_one_leaf(tmp_path_factory, rounds):
    database = open_store(str(tmp_path_factory.mktemp("order") / "zhunsheng.db"))
    try:
        database.write(metadata.create_all)
        seen, before = set(), []
        for numbers in rounds:
            new = sorted(set(numbers) - seen)
            seen |= set(new)
            if new:
                write(database, *new)
            assert database.write(grow) == len(seen)
            after = order(database)
            assert after[: len(before)] == before
            assert sorted(after) == sorted(seen)
            before = after
    finally:
        database.close()


def test_kept_hashes_give_the_roots_and_proofs_of_the_whole_tree(database, monkeypatch):
    """Three levels of kept hashes, four to a row, so that 300 lines are a tall tree."""
    monkeypatch.setattr(trail_tree, "HEIGHT", 2)
    monkeypatch.setattr(trail_tree, "_WIDTH", 4)
    chance = random.Random(3)  # noqa: S311  the same choices in every run
    sizes = [1, 3, 4, 5, 16, 17, 63, 64, 65, 127, 255, 256, 257, 300]
    count = 0
    for size in sizes:
        rows = [line_at(number, f"a:{number}") for number in range(count + 1, size + 1)]
        database.write(lambda c, rows=rows: c.execute(insert(log), rows))
        assert database.write(grow) == size
        count = size
    with database.read() as connection:
        hashes = [
            leaf_hash(bytes.fromhex(one))
            for one in connection.execute(select(log.c.hash).order_by(log.c.seq)).scalars()
        ]
        kept, memory = nodes(connection), subtree_of(hashes)
        assert set(connection.execute(select(tiles.c.level)).scalars()) == {2, 4, 6, 8}
        for size in sizes:
            root = kept(0, size)
            assert root == root_of(hashes[:size])
            index, first = chance.randrange(size), chance.randrange(1, size + 1)
            assert inclusion(index, size, kept) == inclusion(index, size, memory)
            assert consistency(first, size, kept) == consistency(first, size, memory)
            assert included(hashes[index], index, size, inclusion(index, size, kept), root)
        with pytest.raises(Damaged, match="expected"):
            kept(0, 301)


def test_a_proof_reads_a_few_hundred_rows_of_a_long_trail(database, monkeypatch):
    database.write(
        lambda c: c.execute(insert(log), [line_at(number, f"a:{number}") for number in range(1, 3001)])
    )
    checkpoint(database, 1)
    read = []
    with database.read() as connection:
        whole = trail_tree._row

        def counted(connection, level, start, count):
            read.append(count)
            return whole(connection, level, start, count)

        monkeypatch.setattr(trail_tree, "_row", counted)
        proof = inclusion(1234, 3000, nodes(connection))
    assert len(proof) == 12
    assert sum(read) < 600, read  # all 3,000 without the kept hashes


def test_lines_come_in_the_order_of_the_tree_and_the_rest_after(database):
    write(database, 2, 5)
    checkpoint(database, 1)
    write(database, 3)
    checkpoint(database, 2)
    write(database, 4, 7)
    with database.read() as connection:
        assert [row.seq for row in lines_in_order(connection)] == [2, 5, 3, 4, 7]
        assert place_in_tree(connection, "op-3")[1] == 2
        assert place_in_tree(connection, "op-7")[1] is None
        assert place_in_tree(connection, "op-8") is None


def test_many_at_once_make_one_tree(database):
    """Ten writers append and make checkpoints at the same time: every line is a leaf once, every root is right."""

    def one(number):
        def work(connection):
            append(connection, entry(number, f"a:{number}"))
            grow(connection)

        database.write(work)

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(one, range(1, 61)))
    checkpoint(database, 100)
    assert len(order(database)) == len(set(order(database))) == 60
    assert verify(export(database), KEYS).wrong is None


def test_the_lock_is_what_keeps_the_tree_one(database):
    """Without it, two transactions on PostgreSQL would both take the same leaves: shown by the order of their waiting."""
    if database.kind != "postgresql":
        assert database.write(grow) == 0  # one writer thread: needless
        return
    fill(database, 3)
    with database.engine.connect() as first, first.begin():
        assert grow(first) == 3
        with database.engine.connect() as second, second.begin():
            free = second.exec_driver_sql(f"SELECT pg_try_advisory_xact_lock({trail_tree._LOCK})").scalar()
            assert free is False
