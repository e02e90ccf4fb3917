"""The log's own check: heads to take away, proofs against older ones, a statement's place."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from tilth.core import merkle
from tilth.core.checkpoint import parse_checkpoint, parse_note
from tilth.service.recording import say
from tilth.service.session import Session, open_session

SignIn = Callable[..., Client]


def in_page(html: str, name: str) -> dict:
    found = re.search(rf'<script id="{name}" type="application/json">(.*?)</script>', html, re.S)
    assert found
    return json.loads(found[1])


def notes(client: Client) -> dict[str, str]:
    return {one["log"]: one["note"] for one in in_page(client.get("/log").content.decode(), "logs")}


def test_every_log_is_listed_with_the_head_that_its_key_signed(
    read_only: Path, sign_in: SignIn, ledger: Session
) -> None:
    page = sign_in("operations_manager", organisation="authority").get("/log")
    heads = {one.log: one for one in ledger.workspace.store.heads()}
    listed = {one["log"]: one for one in in_page(page.content.decode(), "logs")}
    assert listed.keys() == heads.keys()
    for log, one in listed.items():
        checkpoint = parse_checkpoint(parse_note(one["note"]).text)
        assert (checkpoint.size, checkpoint.root.hex()) == (heads[log].size, heads[log].root)


def test_the_page_says_whose_keys_are_here(read_only: Path, sign_in: SignIn) -> None:
    page = sign_in().get("/log").content.decode()
    assert "could write in their names" in page


def test_a_checkpoint_taken_away_is_held_against_the_log_as_it_grew(
    served: Path, sign_in: SignIn
) -> None:
    client = sign_in()
    with open_session(served, actor="im1") as session:
        own = session.log
        before = notes(client)[own]
        say(session, "place", {"name": "Upper Sael", "local_id": "P-901"})
    page = client.post("/log/compare", {"note": before})
    assert page.status_code == 200
    older = in_page(page.content.decode(), "older-value")
    assert older["size"] > older["old_size"]
    assert merkle.verify_consistency(
        older["old_size"],
        bytes.fromhex(older["old_root"]),
        older["size"],
        bytes.fromhex(older["root"]),
        [bytes.fromhex(one) for one in older["proof"]],
    )


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda note: note.replace("tilth/", "tilth/0", 1), "log_not_here"),
        (lambda note: note[:40], "no_checkpoint"),
        (lambda note: re.sub(r"\n\d+\n", "\n999999\n", note, count=1), "checkpoint_ahead"),
        (lambda note: re.sub(r"\n\d+\n", "\n7\n", note, count=1), "checkpoint_unsigned"),
    ],
)
def test_a_checkpoint_that_cannot_be_held_against_the_log_says_why(
    read_only: Path, sign_in: SignIn, spoil: Callable[[str], str], code: str
) -> None:
    client = sign_in()
    note = spoil(next(iter(notes(client).values())))
    page = client.post("/log/compare", {"note": note})
    assert page.status_code == 422
    assert code in page.content.decode()
    assert note.splitlines()[0] in page.content.decode()


def test_a_statement_is_shown_with_a_proof_that_leads_to_the_signed_head(
    read_only: Path, sign_in: SignIn, ledger: Session
) -> None:
    entry = next(iter(ledger.workspace.store.entries_of_kinds(["released_area"])))
    page = sign_in().get(f"/log/statement/{entry.hash}")
    proven = in_page(page.content.decode(), "proven")
    leaf = merkle.leaf_hash(base64.b64decode(proven["header"]))
    assert leaf.hex() == entry.hash
    proof = [bytes.fromhex(one) for one in proven["proof"]]
    root = bytes.fromhex(proven["root"])
    assert merkle.verify_inclusion(leaf, proven["index"], proven["size"], proof, root)
    assert proven["root"] == parse_checkpoint(parse_note(proven["note"]).text).root.hex()


def test_a_statement_that_the_reader_may_not_see_is_not_there(
    read_only: Path, sign_in: SignIn, ledger: Session
) -> None:
    entry = next(iter(ledger.workspace.store.entries_of_kinds(["hazard_area"])))
    observer = sign_in("observer", organisation="authority")
    hidden = observer.get(f"/log/statement/{entry.hash}")
    absent = observer.get(f"/log/statement/{'0' * 64}")
    assert hidden.status_code == absent.status_code == 404
    strip = re.compile(r"[0-9a-f]{64}|[0-9A-Za-z]{64}")  # hashes, and the form's own token
    assert strip.sub("", hidden.content.decode()) == strip.sub("", absent.content.decode())


def test_all_leaves_can_be_fetched_and_give_the_root(
    read_only: Path, sign_in: SignIn, ledger: Session
) -> None:
    client = sign_in()
    for head in ledger.workspace.store.heads():
        data = client.get(f"/log/leaves/{head.log}?start=0").content
        leaves = [data[at : at + 32] for at in range(0, len(data), 32)]
        assert merkle.Frontier(0, ()).extend(leaves).root.hex() == head.root


def test_nobody_reads_the_log_without_signing_in(read_only: Path, client: Client, db: None) -> None:
    assert client.get("/log").status_code == 302
    assert client.post("/log/compare", {"note": "x"}).status_code in (302, 401)
