"""The published test vectors are what the code gives, and what others give for the same input."""

import hashlib
import json

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pymerkle import InmemoryTree
from vectors import FILE, text_of_vectors

VECTORS = json.loads(FILE.read_text(encoding="utf-8"))


def test_the_published_file_is_what_the_code_gives():
    """Write it anew by running tests/ledger/vectors.py, and say in CHANGELOG why it changed."""
    assert FILE.read_text(encoding="utf-8") == text_of_vectors()


def test_another_program_gives_the_same_canonical_bytes():
    for one in VECTORS["canonical"]:
        assert rfc8785.dumps(json.loads(one["json"])).hex() == one["canonical_hex"]
    for one in VECTORS["statements"]:
        for part in ("header", "content"):
            assert rfc8785.dumps(json.loads(one[part])).decode() == one[part]


def test_another_program_gives_the_same_roots():
    tree = InmemoryTree(algorithm="sha256")
    assert VECTORS["merkle"]["roots_by_size"][0] == hashlib.sha256(b"").hexdigest()
    for leaf, root in zip(
        VECTORS["merkle"]["leaves_hex"], VECTORS["merkle"]["roots_by_size"][1:], strict=True
    ):
        tree.append_entry(bytes.fromhex(leaf))
        assert tree.get_root().hex() == root


def test_the_chain_from_content_to_signature_can_be_followed_by_hand():
    nodes = []
    for one in VECTORS["statements"]:
        assert hashlib.sha256(one["content"].encode()).hexdigest() == one["content_sha256"]
        assert json.loads(one["header"])["content"] == one["content_sha256"]
        leaf = hashlib.sha256(b"\x00" + one["header"].encode()).digest()
        assert leaf.hex() == one["statement_hash"]
        nodes.append(leaf)
    root = hashlib.sha256(b"\x01" + b"".join(nodes)).hexdigest()
    log = VECTORS["log"]
    receipt = json.loads(log["receipt"])
    assert receipt["root"] == root
    assert receipt["checkpoint"] == hashlib.sha256(log["note"].encode()).hexdigest()
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(log["public_key"]))
    key.verify(bytes.fromhex(log["receipt_signature"]), log["receipt"].encode())
