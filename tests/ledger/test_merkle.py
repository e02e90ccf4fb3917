"""The Merkle tree against RFC 6962's own examples and against another implementation."""

import itertools
import pickle

import pymerkle
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pymerkle import InmemoryTree
from vectors import EIGHT_LEAVES

from tilth.core import merkle
from tilth.core.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)

leaves_of_bytes = st.lists(st.binary(max_size=8), max_size=40)
EIGHT = [leaf_hash(bytes.fromhex(leaf)) for leaf in EIGHT_LEAVES]


def root(leaves):
    return Frontier().extend(leaves).root


def oracle(data: list[bytes]) -> InmemoryTree:
    tree = InmemoryTree(algorithm="sha256")
    for leaf in data:
        tree.append_entry(leaf)
    return tree


def test_the_root_of_an_empty_tree_is_the_hash_of_nothing():
    expected = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert Frontier().root == EMPTY_ROOT == bytes.fromhex(expected)


def test_the_root_of_the_eight_leaves_that_everyone_uses():
    expected = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    assert root(EIGHT).hex() == expected


@given(leaves_of_bytes)
def test_roots_agree_with_another_implementation(data):
    assume(data)
    hashes = [leaf_hash(leaf) for leaf in data]
    tree = oracle(data)
    for size in range(1, len(data) + 1):
        assert root(hashes[:size]) == tree.get_root(size)


@given(leaves_of_bytes, st.data())
def test_inclusion_proofs_agree_with_another_implementation(data, draw):
    assume(data)
    hashes = [leaf_hash(leaf) for leaf in data]
    index = draw.draw(st.integers(0, len(data) - 1))
    proof = inclusion_proof(hashes, index)
    # theirs counts from 1 and begins with the leaf itself
    theirs = oracle(data).prove_inclusion(index + 1, len(data)).path
    assert [hashes[index], *proof] == theirs
    assert verify_inclusion(hashes[index], index, len(data), proof, root(hashes))


@given(st.integers(1, 40), st.integers(0, 40))
def test_consistency_proofs_agree_with_another_implementation(old, more):
    """Theirs orders the hashes otherwise, so each is checked against the other's roots."""
    data = [bytes([number]) for number in range(old + more)]
    hashes = [leaf_hash(leaf) for leaf in data]
    tree = oracle(data)
    was, now = tree.get_root(old), tree.get_root()
    assert verify_consistency(old, was, len(data), now, consistency_proof(hashes, old))
    theirs = tree.prove_consistency(old, len(data))
    pymerkle.verify_consistency(root(hashes[:old]), root(hashes), theirs)


@given(st.integers(0, 40), st.integers(0, 40))
def test_consistency_holds_between_any_two_sizes(old, more):
    hashes = [leaf_hash(bytes([number])) for number in range(old + more)]
    proof = consistency_proof(hashes, old)
    assert verify_consistency(old, root(hashes[:old]), len(hashes), root(hashes), proof)


def test_consistency_proofs_are_those_of_the_rfc():
    """RFC 9162 §2.1.5: its tree of seven leaves, with its names of the nodes."""
    a, b, c, d, e, f, j = leaves = [leaf_hash(bytes([number])) for number in range(7)]
    g, h, i = (merkle.node_hash(*pair) for pair in ((a, b), (c, d), (e, f)))
    k = merkle.node_hash(g, h)
    m = merkle.node_hash(i, j)
    assert consistency_proof(leaves, 3) == [c, d, g, m]
    assert consistency_proof(leaves, 4) == [m]
    assert consistency_proof(leaves, 6) == [i, j, k]
    assert inclusion_proof(leaves, 0) == [b, h, m]
    assert inclusion_proof(leaves, 3) == [c, g, m]
    assert inclusion_proof(leaves, 4) == [f, j, k]
    assert inclusion_proof(leaves, 6) == [i, k]


@given(st.integers(1, 20), st.data())
def test_a_proof_with_any_change_is_refused(size, draw):
    hashes = [leaf_hash(bytes([number])) for number in range(size)]
    index = draw.draw(st.integers(0, size - 1))
    proof = inclusion_proof(hashes, index)
    good = root(hashes)
    assert not verify_inclusion(leaf_hash(b"other"), index, size, proof, good)
    assert not verify_inclusion(hashes[index], index, size, proof, EMPTY_ROOT)
    assert not verify_inclusion(hashes[index], index, size, [*proof, EMPTY_ROOT], good)
    for place in range(len(proof)):
        changed = [*proof]
        changed[place] = EMPTY_ROOT
        assert not verify_inclusion(hashes[index], index, size, changed, good)
        assert not verify_inclusion(hashes[index], index, size, proof[:place], good)
    for other in range(size + 2):
        if other != index:
            assert not verify_inclusion(hashes[index], other, size, proof, good)


@pytest.mark.parametrize(("old", "new"), [*itertools.combinations(range(12), 2), (5, 5)])
def test_a_rewritten_history_is_not_consistent(old, new):
    hashes = [leaf_hash(bytes([number])) for number in range(new)]
    proof = consistency_proof(hashes, old)
    was, now = root(hashes[:old]), root(hashes)
    assert verify_consistency(old, was, new, now, proof)
    assert (
        not verify_consistency(old, was, new, root([*hashes[:-1], EMPTY_ROOT]), proof) or old == 0
    )
    assert not verify_consistency(old, leaf_hash(b"x"), new, now, proof)
    assert not verify_consistency(old, was, new, now, [*proof, EMPTY_ROOT])
    for place in range(len(proof)):
        changed = [*proof]
        changed[place] = leaf_hash(b"y")
        assert not verify_consistency(old, was, new, now, changed)
        assert not verify_consistency(old, was, new, now, proof[:place])


@pytest.mark.parametrize(("old", "new"), [(3, 2), (-1, 2)])
def test_sizes_that_cannot_be_are_not_consistent(old, new):
    assert not verify_consistency(old, EMPTY_ROOT, new, EMPTY_ROOT, [])


def test_places_that_are_not_there_are_refused():
    with pytest.raises(ValueError, match="no leaf 8"):
        inclusion_proof(EIGHT, 8)
    with pytest.raises(ValueError, match="no tree of 9"):
        consistency_proof(EIGHT, 9)
    assert not verify_inclusion(EIGHT[0], 8, 8, [], EIGHT[0])


@given(st.lists(st.integers(0, 9), max_size=6))
def test_a_head_goes_on_from_where_it_was_kept(batches):
    hashes = [leaf_hash(bytes([number])) for number in range(sum(batches))]
    head, done = Frontier(), 0
    for count in batches:
        head = head.extend(hashes[done : done + count])
        head = Frontier.from_bytes(head.size, head.to_bytes())
        head = pickle.loads(pickle.dumps(head))
        done += count
        assert head == Frontier().extend(hashes[:done])
        assert len(head.peaks) == done.bit_count()


@pytest.mark.parametrize(("size", "data"), [(1, b""), (0, bytes(32)), (3, bytes(32)), (-1, b"")])
def test_peaks_that_do_not_fit_the_size_are_refused(size, data):
    with pytest.raises(ValueError, match="not the head of a tree"):
        Frontier.from_bytes(size, data)


def test_a_node_cannot_pass_as_a_leaf():
    left, right = EIGHT[:2]
    assert root(EIGHT[:2]) == merkle.node_hash(left, right)
    assert merkle.node_hash(left, right) != leaf_hash(left + right)
