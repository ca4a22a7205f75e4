"""The tree is that of RFC 6962, its proofs prove, and nothing else passes for a proof."""

import hashlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.merkle import (
    EMPTY,
    Edge,
    consistency,
    consistent,
    included,
    inclusion,
    leaf_hash,
    node_hash,
    root_of,
    split,
    subtree_of,
)

REFERENCE_INPUTS = [
    bytes.fromhex(one)
    for one in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
REFERENCE_ROOTS = [  # of the first 1, 2, … 8 inputs, as published with the reference implementation of RFC 6962
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def by_definition(leaves):
    """Return the root as RFC 6962 §2.1 defines it, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = max(1 << i for i in range(20) if 1 << i < len(leaves))
    return hashlib.sha256(b"\x01" + by_definition(leaves[:k]) + by_definition(leaves[k:])).digest()


def leaves_of(count, seed=0):
    return [leaf_hash(f"{seed}/{number}".encode()) for number in range(count)]


def flipped(data, chance):
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ (1 << chance.randrange(8))]) + data[place + 1 :]


def test_the_roots_are_those_published():
    leaves = [leaf_hash(one) for one in REFERENCE_INPUTS]
    assert [root_of(leaves[:size]).hex() for size in range(1, 9)] == REFERENCE_ROOTS
    assert root_of([]) == EMPTY == hashlib.sha256(b"").digest()


def test_500_random_trees_prove_what_is_so_and_refuse_every_changed_byte():
    chance = random.Random(11)  # noqa: S311  the same choices in every run
    refused = 0
    for seed in range(500):
        size = chance.randrange(1, 300)
        leaves = leaves_of(size, seed)
        tree, root = subtree_of(leaves), root_of(leaves)
        assert root == by_definition(leaves)
        index, first = chance.randrange(size), chance.randrange(1, size + 1)
        proof, old = inclusion(index, size, tree), root_of(leaves[:first])
        growth = consistency(first, size, tree)
        assert included(leaves[index], index, size, proof, root)
        assert consistent(first, size, old, root, growth)
        # Another leaf, another place, another size, another root, a byte of the proof, a piece more or less.
        assert not included(flipped(leaves[index], chance), index, size, proof, root)
        assert not included(leaves[index], index, size, proof, flipped(root, chance))
        assert not any(
            included(leaves[index], other, size, proof, root) for other in range(size) if other != index
        )
        assert not included(leaves[index], index, size, [*proof, root], root)
        assert not consistent(first, size, old, root, [*growth, root])
        for place in range(len(proof)):
            broken = [*proof[:place], flipped(proof[place], chance), *proof[place + 1 :]]
            assert not included(leaves[index], index, size, broken, root)
            assert not included(leaves[index], index, size, proof[:place] + proof[place + 1 :], root)
            refused += 2
        for place in range(len(growth)):
            broken = [*growth[:place], flipped(growth[place], chance), *growth[place + 1 :]]
            assert not consistent(first, size, old, root, broken)
            assert not consistent(first, size, old, root, growth[:place] + growth[place + 1 :])
            refused += 2
        # A rewritten past is never the beginning of what came after.
        if first < size:
            rewritten = [*leaves[: first - 1], leaf_hash(b"another"), *leaves[first:]]
            lie = consistency(first, size, subtree_of(rewritten))
            assert not consistent(first, size, old, root_of(rewritten), lie)
            assert not consistent(first, size, flipped(old, chance), root, growth)
    assert refused >= 2000, refused


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 31, 33])
def test_every_proof_of_small_trees(size):
    leaves = leaves_of(size)
    tree, root = subtree_of(leaves), root_of(leaves)
    for index in range(size):
        proof = inclusion(index, size, tree)
        for said in range(size):
            for length in range(size, size + 3):
                right = said == index and length == size
                # A leaf may sit at the same place of a larger tree with the same shape of path; then the root differs.
                assert included(leaves[index], said, length, proof, root) <= (said == index)
                assert not right or included(leaves[index], said, length, proof, root)
    for first in range(1, size + 1):
        proof = consistency(first, size, tree)
        for said in range(1, size + 1):
            assert consistent(said, size, root_of(leaves[:first]), root, proof) == (said == first)


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=70), st.data())
def test_what_anybody_makes_up_is_no_proof(contents, data):
    leaves = [leaf_hash(one) for one in contents]
    root = root_of(leaves)
    number = data.draw(st.integers(-2, len(leaves) + 2))
    made_up = data.draw(st.lists(st.binary(min_size=31, max_size=33), max_size=7))
    honest = 0 <= number < len(leaves) and made_up == inclusion(number, len(leaves), subtree_of(leaves))
    leaf = leaves[number % len(leaves)]
    assert included(leaf, number, len(leaves), made_up, root) == honest
    assert not consistent(number, len(leaves) + 5, root, node_hash(root, root), made_up)


def test_the_middle_of_a_proof_cannot_be_left_out():
    """A published audit log once skipped the middle of a chain when it checked a proof."""
    leaves = leaves_of(13)
    proof = consistency(5, 13, subtree_of(leaves))
    for cut in range(1, len(proof)):
        assert not consistent(5, 13, root_of(leaves[:5]), root_of(leaves), proof[:cut])
        assert not consistent(5, 13, root_of(leaves[:5]), root_of(leaves), proof[cut:])


def test_nonsense_is_asked_for_in_vain():
    tree = subtree_of(leaves_of(4))
    for index, size in ((4, 4), (-1, 4), (0, 0)):
        with pytest.raises(ValueError, match="no such leaf"):
            inclusion(index, size, tree)
    for first, second in ((0, 4), (5, 4)):
        with pytest.raises(ValueError, match="beginning"):
            consistency(first, second, tree)
    assert not included(b"short", 0, 1, [], b"short")
    assert not consistent(3, 3, EMPTY, EMPTY, [EMPTY])


def test_an_edge_knows_the_root_all_along():
    edge, leaves = Edge(), leaves_of(130)
    for count, leaf in enumerate(leaves, 1):
        edge.add(leaf)
        assert edge.root() == by_definition(leaves[:count])
        assert len(edge.peaks) == count.bit_count()
    assert [split(count) for count in (2, 3, 4, 5, 8, 9)] == [1, 2, 2, 4, 4, 8]
