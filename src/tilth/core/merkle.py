"""The Merkle tree of RFC 6962 §2.1 and RFC 9162 §2.1: roots, and proofs anyone can check.

A log's head is a `Frontier`: the roots of the perfect subtrees that its leaves fill, largest first.
It is all that appending needs, a few hundred bytes for any size of log.

Hashes are 32 raw bytes here; the leaves of a log are `leaf_hash` of the header bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

__all__ = [
    "EMPTY_ROOT",
    "HASH_BYTES",
    "Frontier",
    "consistency_proof",
    "inclusion_proof",
    "leaf_hash",
    "node_hash",
    "verify_consistency",
    "verify_inclusion",
]

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""Root of a log without leaves, RFC 9162 §2.1.1."""


def leaf_hash(data: bytes) -> bytes:
    """SHA-256 of 0x00 and the leaf's bytes."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of 0x01 and the two children; the prefix keeps a node from passing as a leaf."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier(NamedTuple):
    """The head of a growing tree.

    Parameters
    ----------
    size
        Number of leaves.
    peaks
        Roots of the perfect subtrees, one for each bit that is set in ``size``, largest first.

    Examples
    --------
    >>> Frontier().extend([leaf_hash(b"")]).root.hex()[:16]
    '6e340b9cffb37a98'
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def extend(self, leaves: Iterable[bytes]) -> Frontier:
        """Return the head after these leaf hashes."""
        size, peaks = self.size, list(self.peaks)
        sha256 = hashlib.sha256
        for leaf in leaves:
            node, filled = leaf, size
            while filled & 1:
                node = sha256(b"\x01" + peaks.pop() + node).digest()
                filled >>= 1
            peaks.append(node)
            size += 1
        return Frontier(size, tuple(peaks))

    @property
    def root(self) -> bytes:
        """Root of the tree: the peaks joined from the smallest up."""
        if not self.peaks:
            return EMPTY_ROOT
        *others, node = self.peaks
        for peak in reversed(others):
            node = node_hash(peak, node)
        return node

    def to_bytes(self) -> bytes:
        """Return the peaks in one string of bytes; `from_bytes` reads it."""
        return b"".join(self.peaks)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> Frontier:
        """Read a head back.

        Raises
        ------
        ValueError
            When the bytes do not hold as many peaks as the size needs.
        """
        if size < 0 or len(data) != size.bit_count() * HASH_BYTES:
            msg = f"{len(data)} bytes are not the head of a tree of {size} leaves"
            raise ValueError(msg)
        starts = range(0, len(data), HASH_BYTES)
        return cls(size, tuple(data[start : start + HASH_BYTES] for start in starts))


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Hashes that lead from one leaf to the root of these leaves, RFC 9162 §2.1.3.1.

    Raises
    ------
    ValueError
        When there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        msg = f"no leaf {index} in a tree of {len(leaves)}"
        raise ValueError(msg)
    proof: list[bytes] = []
    start, stop = 0, len(leaves)
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            proof.append(_root(leaves, middle, stop))
            stop = middle
        else:
            proof.append(_root(leaves, start, middle))
            start = middle
    proof.reverse()
    return proof


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether the proof shows that the tree with this root holds the leaf at that place.

    RFC 9162 §2.1.3.2.
    """
    if not 0 <= index < size:
        return False
    place, last, node = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            node = node_hash(step, node)
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            node = node_hash(node, step)
        place >>= 1
        last >>= 1
    return last == 0 and node == root


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """Hashes that show the first ``old_size`` leaves to be the beginning of all, RFC 9162 §2.1.4.1.

    Empty when the old size is 0 or all leaves: there is nothing to show.

    Raises
    ------
    ValueError
        When the old size is beyond the leaves.
    """
    if not 0 <= old_size <= len(leaves):
        msg = f"no tree of {old_size} leaves within one of {len(leaves)}"
        raise ValueError(msg)
    if old_size in (0, len(leaves)):
        return []
    proof: list[bytes] = []
    start, stop = 0, len(leaves)
    while stop != old_size:
        middle = start + _split(stop - start)
        if old_size <= middle:
            proof.append(_root(leaves, middle, stop))
            stop = middle
        else:
            proof.append(_root(leaves, start, middle))
            start = middle
    if start:  # otherwise the old root itself is that subtree, and the checker has it
        proof.append(_root(leaves, start, stop))
    proof.reverse()
    return proof


def verify_consistency(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the proof shows that the new tree begins with the old one, RFC 9162 §2.1.4.2.

    Every tree begins with the empty one; that needs no proof.
    """
    if not 0 <= old_size <= new_size:
        return False
    if old_size in (0, new_size):
        expected = EMPTY_ROOT if old_size == 0 else new_root
        return not proof and old_root == expected
    place, last = old_size - 1, new_size - 1
    while place & 1:
        place >>= 1
        last >>= 1
    steps = iter(proof)
    # a subtree that is the whole old tree is not in the proof: its root is the old root
    first = next(steps, None) if place else old_root
    if first is None:
        return False
    old = new = first
    for step in steps:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            new = node_hash(new, step)
        place >>= 1
        last >>= 1
    return last == 0 and old == old_root and new == new_root


def _split(count: int) -> int:
    """Largest power of two below a count of two or more."""
    return 1 << ((count - 1).bit_length() - 1)


def _root(leaves: Sequence[bytes], start: int, stop: int) -> bytes:
    return Frontier().extend(leaves[start:stop]).root
