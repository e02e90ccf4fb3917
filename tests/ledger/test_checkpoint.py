"""Checkpoints as C2SP signed notes: others' examples verify here, ours are in their form."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tilth.core.checkpoint import (
    Checkpoint,
    Verifier,
    checkpoint_text,
    parse_checkpoint,
    parse_note,
    parse_verifier,
    sign_note,
    verified_by,
)

# The example in the documentation of Go's golang.org/x/mod/sumdb/note, whose form C2SP took over.
GO_VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotp"
    "RZb6KE6RyyBwJnAM=\n"
)

LOG = "tilth/0a/1b/1"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
PUBLIC = KEY.public_key().public_bytes_raw()
HEAD = Checkpoint(LOG, 8, bytes(range(32)))
NOTE = sign_note(checkpoint_text(HEAD), [(LOG, KEY)])


def test_a_note_that_another_program_signed_verifies():
    verifier = parse_verifier(GO_VERIFIER)
    assert verifier.accepts(parse_note(GO_NOTE))
    assert str(verifier) == GO_VERIFIER
    assert verifier.key_hash.hex() == "c74f20a3"


def test_signing_that_text_again_gives_the_same_form():
    note = sign_note(parse_note(GO_NOTE).text, [("PeterNeumann", KEY)])
    assert note.splitlines()[:3] == GO_NOTE.splitlines()[:3]
    assert [len(line) for line in note.splitlines()] == [len(line) for line in GO_NOTE.splitlines()]


def test_a_checkpoint_is_three_lines_a_blank_one_and_a_signature():
    origin, size, root, blank, signature, end = NOTE.split("\n")
    assert (origin, size, blank, end) == (LOG, "8", "", "")
    assert base64.b64decode(root) == HEAD.root
    dash, name, encoded = signature.split(" ")
    assert (dash, name) == ("—", LOG)
    data = base64.b64decode(encoded)
    assert data[:4] == Verifier(LOG, PUBLIC).key_hash
    assert verified_by(PUBLIC, data[4:], NOTE[: NOTE.index("\n\n") + 1].encode())


@given(
    st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20),
    st.integers(0, 2**53),
    st.binary(min_size=32, max_size=32),
    st.lists(st.text(st.characters(categories=["L", "N", "P"]), min_size=1), max_size=2),
)
def test_what_was_signed_is_read_back(origin, size, root, extensions):
    head = Checkpoint(origin, size, root, tuple(extensions))
    note = parse_note(sign_note(checkpoint_text(head), [(origin, KEY), ("witness", OTHER)]))
    assert parse_checkpoint(note.text) == head
    assert Verifier(origin, PUBLIC).accepts(note)
    assert Verifier("witness", OTHER.public_key().public_bytes_raw()).accepts(note)
    assert [line.name for line in note.signatures] == [origin, "witness"]


def test_a_signature_of_a_stranger_is_passed_over():
    note = parse_note(sign_note(checkpoint_text(HEAD), [(LOG, OTHER)]))
    assert not Verifier(LOG, PUBLIC).accepts(note)
    assert not Verifier("tilth/0a/1b/2", PUBLIC).accepts(parse_note(NOTE))


def test_a_wrong_signature_of_a_known_key_is_an_error():
    changed = parse_note(NOTE.replace("\n8\n", "\n9\n"))
    with pytest.raises(ValueError, match="wrong signature"):
        Verifier(LOG, PUBLIC).accepts(changed)


def test_every_flipped_bit_of_a_note_is_seen():
    data = NOTE.encode()
    verifier = Verifier(LOG, PUBLIC)
    for place in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[place] ^= 1 << bit
            try:
                accepted = verifier.accepts(parse_note(changed.decode()))
            except ValueError:
                continue
            assert not accepted, (place, bit)


SIGNATURE = NOTE.split("\n\n")[1]


@pytest.mark.parametrize(
    "note",
    [
        "",
        "text\n",
        NOTE[:-1],
        NOTE + "\n",
        NOTE.replace("\n\n", "\n"),
        NOTE.replace("— ", "- "),
        NOTE.replace(LOG, "a\tb"),
        NOTE.replace("— ", "—  "),
        NOTE.replace(f"— {LOG}", "— a+b"),
        NOTE.replace(f"— {LOG} ", "—  "),
        "\n\n" + SIGNATURE,
        "text\n\n— name AAAA\n",
        "text\n\n— name AAAAAAAA=\n",
        "text\n\n— name AAAAAAB=\n",  # the last digit holds bits that are thrown away
        "text\n\n— a\u2003b " + SIGNATURE.split(" ")[2],
        "te\ud800xt\n\n" + SIGNATURE,
        "text\n\n" + SIGNATURE * 101,
        "x" * 1_000_000 + "\n\n" + SIGNATURE,
    ],
)
def test_malformed_notes_are_refused(note):
    with pytest.raises(ValueError, match=r"note|signature|base64"):
        parse_note(note)


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"{LOG}\n8\n",
        f"\n8\n{'A' * 43}=\n",
        f"{LOG}\n08\n{'A' * 43}=\n",
        f"{LOG}\n-1\n{'A' * 43}=\n",
        f"{LOG}\n+8\n{'A' * 43}=\n",
        f"{LOG}\n٨\n{'A' * 43}=\n",
        f"{LOG}\n8\n{'A' * 40}\n",
        f"{LOG}\n8\n{'A' * 42}B=\n",
        f"{LOG}\n8\n{'A' * 43}\n",
        f"{LOG}\n8\n{'A' * 43}=",
        f"{LOG}\n8\n{'A' * 43}=\n\nmore\n",
    ],
)
def test_malformed_checkpoints_are_refused(text):
    with pytest.raises(ValueError, match=r"checkpoint|base64"):
        parse_checkpoint(text)


def test_a_line_of_a_checkpoint_cannot_smuggle_in_another():
    with pytest.raises(ValueError, match="line break"):
        checkpoint_text(HEAD._replace(extensions=("a\nb",)))
    with pytest.raises(ValueError, match="checkpoint"):
        checkpoint_text(HEAD._replace(origin=""))


def test_a_text_that_holds_signatures_is_not_signed_again():
    with pytest.raises(ValueError, match="note"):
        sign_note("no line feed", [(LOG, KEY)])
    assert parse_note(sign_note(NOTE, [(LOG, KEY)])).text == NOTE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        GO_VERIFIER.replace("c74f20a3", "c74f20a4"),
        GO_VERIFIER.replace("ARpc", "AhpC"),
        GO_VERIFIER.replace("Peter", "Paul"),
        GO_VERIFIER[:-4],
        GO_VERIFIER.replace("PeterNeumann", "Peter Neumann"),
        GO_VERIFIER + "=",
    ],
)
def test_malformed_verifier_keys_are_refused(text):
    with pytest.raises(ValueError, match=r"key|base64"):
        parse_verifier(text)


def test_a_key_of_another_length_is_refused():
    with pytest.raises(ValueError, match="32 bytes"):
        Verifier("name", bytes(31))
    assert not verified_by(bytes(31), bytes(64), b"")
    assert not verified_by(PUBLIC, b"short", b"")
