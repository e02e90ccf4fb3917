"""Makes docs/reference/test-vectors.json: run this file to write it, the test checks it.

Everything in it follows from the published seed below, so that another program can make the same.
"""

import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tilth.core import canonical, merkle, statement
from tilth.core.checkpoint import Checkpoint, Verifier, checkpoint_text, sign_note
from tilth.core.keyring import log_origin
from tilth.core.statement import Header, Source
from tilth.store.protocol import Receipt
from tilth.store.sealing import FIRST_PREVIOUS, receipt_body

FILE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "test-vectors.json"

EIGHT_LEAVES = (
    *("", "00", "10", "2021", "3031", "40414243", "5051525354555657"),
    "606162636465666768696a6b6c6d6e6f",
)
SEED = bytes(range(32))
OPERATION, ORGANISATION = "0a" * 16, "1b" * 16


def canonical_values() -> list[dict[str, str]]:
    values: list[object] = [
        {"b": 1, "a": [None, True, False]},
        {"quantity": 2**53 - 1, "least": -(2**53) + 1},
        {"text": 'quote " backslash \\ slash / tab \t nul \x00 delete \x7f'},
        {"name": "Мінне поле — حقل ألغام", "beyond": "\U0001f4a3"},
        {"area_m2": "2170.50", "shape": {"coordinates": [30_123_456_789, 48_000_000_000]}},
        {},
    ]
    return [
        {
            "json": json.dumps(value, ensure_ascii=True),
            "canonical_hex": canonical.encode(value).hex(),
        }
        for value in values
    ]


def merkle_values() -> dict[str, object]:
    leaves = [merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in EIGHT_LEAVES]
    sizes = range(len(leaves) + 1)
    return {
        "leaves_hex": list(EIGHT_LEAVES),
        "leaf_hashes": [leaf.hex() for leaf in leaves],
        "roots_by_size": [merkle.Frontier().extend(leaves[:size]).root.hex() for size in sizes],
        "inclusion_in_8": [
            [step.hex() for step in merkle.inclusion_proof(leaves, index)]
            for index in range(len(leaves))
        ],
        "consistency_with_8": [
            [step.hex() for step in merkle.consistency_proof(leaves, size)] for size in sizes
        ],
    }


def statement_values() -> list[dict[str, str]]:
    nonce = "00112233445566778899aabbccddeeff"
    fields = {
        "classification": "CHA",
        "declared_area_m2": "2170.50",
        "happened_on": "2026-03-01",
        "local_id": "HA/7",
        "name": "Поле біля мосту",
    }
    content = statement.content_bytes(fields, nonce)
    record = statement.record_id(ORGANISATION, "hazard_area", "HA/7")
    header = statement.header_bytes(
        Header(
            format=statement.FORMAT,
            operation=OPERATION,
            organisation=ORGANISATION,
            epoch=1,
            act="record",
            kind="hazard_area",
            record=record,
            happened_on="2026-03-01",
            precision="day",
            said_at="2026-03-02T06:30:00Z",
            actor="IM-1",
            source=Source("ab" * 32, "row 2"),
            synthetic=True,
            content=canonical.sha256(content),
        )
    )
    reason = statement.content_bytes({"reason": "checked on the ground"}, nonce)
    vouch = statement.header_bytes(
        Header(
            format=statement.FORMAT,
            operation=OPERATION,
            organisation=ORGANISATION,
            epoch=1,
            act="vouch",
            kind="decision",
            decides=(statement.statement_hash(header),),
            said_at="2026-03-03T06:30:00Z",
            actor="QA-2",
            synthetic=True,
            content=canonical.sha256(reason),
        )
    )
    return [
        {
            "header": one.decode(),
            "content": kept.decode(),
            "content_sha256": canonical.sha256(kept),
            "statement_hash": statement.statement_hash(one),
        }
        for one, kept in ((header, content), (vouch, reason))
    ]


def checkpoint_values(statements: list[dict[str, str]]) -> dict[str, object]:
    key = Ed25519PrivateKey.from_private_bytes(SEED)
    public = key.public_key().public_bytes_raw()
    log = log_origin(OPERATION, ORGANISATION, 1)
    head = merkle.Frontier().extend(bytes.fromhex(one["statement_hash"]) for one in statements)
    text = checkpoint_text(Checkpoint(log, head.size, head.root))
    note = sign_note(text, [(log, key)])
    receipt = Receipt(1, 1_772_433_000_000_000, log, 0, head.size, 1, head.root.hex())
    body = receipt_body(receipt, note=note, contents=head.size, previous=FIRST_PREVIOUS)
    return {
        "private_key_seed": SEED.hex(),
        "public_key": public.hex(),
        "verifier_key": str(Verifier(log, public)),
        "checkpoint": text,
        "note": note,
        "receipt": body.decode(),
        "receipt_signature": key.sign(body).hex(),
    }


def all_vectors() -> dict[str, object]:
    statements = statement_values()
    return {
        "about": (
            "Test vectors of Tilth's log: canonical JSON (RFC 8785 without floats), Merkle tree"
            " (RFC 6962, RFC 9162), statements, checkpoint (C2SP tlog-checkpoint and signed-note,"
            " Ed25519) and receipt. The two statements are the leaves of the checkpoint's log."
        ),
        "canonical": canonical_values(),
        "merkle": merkle_values(),
        "statements": statements,
        "log": checkpoint_values(statements),
    }


def text_of_vectors() -> str:
    return json.dumps(all_vectors(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(text_of_vectors(), encoding="utf-8")
