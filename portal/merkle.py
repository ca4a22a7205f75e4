"""The tree of RFC 6962 over the lines of the trail: one root for all of them, and short proofs about it.

A proof of inclusion shows that a line is in the tree of a root; a proof of consistency shows that an older tree is the
beginning of a newer one. Both are checked with nothing but hashes. Where the inner hashes come from is the caller's
matter: `Subtree` gives the hash of the leaves from `low` up to before `high`.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence

EMPTY = hashlib.sha256(b"").digest()
"""The root of the tree without leaves."""

LARGEST = 1 << 62
"""Leaves that a tree may have; no honest proof speaks of more."""

Subtree = Callable[[int, int], bytes]


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf. Leaves and nodes begin differently, so that neither can pass for the other."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(count: int) -> int:
    """Return how many of `count` leaves (at least two) go to the left: the largest power of two below."""
    return 1 << ((count - 1).bit_length() - 1)


def subtree_of(leaves: Sequence[bytes]) -> Subtree:
    """Return the hashes of a tree from the hashes of its leaves, all in memory."""

    def subtree(low: int, high: int) -> bytes:
        edge = Edge()
        for leaf in leaves[low:high]:
            edge.add(leaf)
        return edge.root()

    return subtree


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root of a tree from the hashes of its leaves."""
    edge = Edge()
    for leaf in leaves:
        edge.add(leaf)
    return edge.root()


class Edge:
    """The right edge of a tree that grows: enough to go on and to know the root, and no more than 62 hashes."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Take in the next leaf, by its hash."""
        number, found = self.size, leaf
        while number & 1:
            found = node_hash(self.peaks.pop(), found)
            number >>= 1
        self.peaks.append(found)
        self.size += 1

    def root(self) -> bytes:
        """Return the root of what has been taken in so far."""
        return joined(self.peaks)


def joined(peaks: Sequence[bytes]) -> bytes:
    """Return the root over the hashes of whole trees that stand side by side, the largest first."""
    if not peaks:
        return EMPTY
    found = peaks[-1]
    for peak in reversed(peaks[:-1]):
        found = node_hash(peak, found)
    return found


def inclusion(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """Return the proof that leaf `index` is in the tree of the first `size` leaves."""
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    found = list[bytes]()
    low, high = 0, size
    while high - low > 1:
        middle = low + split(high - low)
        if index < middle:
            found.append(subtree(middle, high))
            high = middle
        else:
            found.append(subtree(low, middle))
            low = middle
    return found[::-1]


def consistency(first: int, second: int, subtree: Subtree) -> list[bytes]:
    """Return the proof that the tree of `first` leaves is the beginning of the tree of `second` leaves."""
    if not 0 < first <= second:
        raise ValueError("only a tree that is not empty and not larger can be a beginning")
    found = list[bytes]()
    low, high, whole = 0, second, True
    while first != high:
        middle = low + split(high - low)
        if first <= middle:
            found.append(subtree(middle, high))
            high = middle
        else:
            found.append(subtree(low, middle))
            low, whole = middle, False
    return ([] if whole else [subtree(low, high)]) + found[::-1]


def included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether a proof shows that a leaf, by its hash, is number `index` of the tree of `size` leaves with this root."""
    if not 0 <= index < size <= LARGEST or not _hashes([leaf, root, *proof]):
        return False
    number, last, found = index, size - 1, leaf
    for other in proof:
        if last == 0:
            return False
        if number & 1 or number == last:
            found = node_hash(other, found)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            found = node_hash(found, other)
        number, last = number >> 1, last >> 1
    return last == 0 and found == root


def consistent(first: int, second: int, old: bytes, new: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that the tree of `first` leaves with root `old` is the beginning of that with root `new`."""
    if not 0 < first <= second <= LARGEST or not _hashes([old, new, *proof]):
        return False
    if first == second:
        return not proof and old == new
    path = [old, *proof] if first & (first - 1) == 0 else list(proof)
    if not path:
        return False
    number, last = first - 1, second - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    before = after = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if number & 1 or number == last:
            before, after = node_hash(other, before), node_hash(other, after)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            after = node_hash(after, other)
        number, last = number >> 1, last >> 1
    return last == 0 and before == old and after == new


def _hashes(found: Sequence[bytes]) -> bool:
    return all(len(one) == len(EMPTY) for one in found)
