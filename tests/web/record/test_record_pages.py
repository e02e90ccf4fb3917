"""A record's page, its drawer, its files, and who is shown what of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from tilth.core.statement import parse_header
from tilth.service.importing import Order, import_file
from tilth.service.session import Session

SignIn = Callable[..., Client]


def first_of(ledger: Session, kind: str, author: str = "") -> str:
    """Full id of the first record of a kind, of an organisation where one is told."""
    rows = ledger.workspace.store.select(kind, ["record"], {"act": "record"})
    return next(str(row[0]) for row in rows if str(row[0]).startswith(author))


def organisation(ledger: Session, part: str) -> str:
    known = ledger.workspace.settings.organisations
    return next(one.id for one in known if part in one.name)


def test_record_is_found_by_its_local_id_and_shows_fields_and_life(
    read_only: Path, sign_in: SignIn, ledger: Session
) -> None:
    record = first_of(ledger, "hazard_area")
    local = record.split("/")[2]
    page = sign_in().get(f"/record/{local}", follow=True)
    text = page.content.decode()
    assert page.redirect_chain == [(f"/record/{record}", 302)]
    assert local in text
    assert "What it says" in text
    assert "Its life" in text
    statement = ledger.workspace.store.of_records([record])[record][0].hash
    assert f"/log/statement/{statement}" in text


def test_corrected_record_shows_before_and_after(
    read_only: Path, sign_in: SignIn, ledger: Session
) -> None:
    entries = ledger.workspace.store.entries_of_kinds(["clearance_report"])
    corrected = next(
        header.record
        for entry in entries
        if (header := parse_header(entry.header)).act == "correct"
    )
    text = sign_in().get(f"/record/{corrected}").content.decode()
    assert '<table class="changes">' in text


def test_revoked_release_says_so(read_only: Path, sign_in: SignIn, ledger: Session) -> None:
    decisions = ledger.workspace.store.entries_of_kinds(["decision"])
    revoked = next(
        str(ledger.fields_of(entry)["records"][0])
        for entry in decisions
        if parse_header(entry.header).act == "revoke"
    )
    text = sign_in().get(f"/record/{revoked}").content.decode()
    assert "Revoked" in text
    assert "the ground remains again" in text


def test_what_is_not_there_and_what_may_not_be_read_answer_alike(
    read_only: Path, sign_in: SignIn, ledger: Session
) -> None:
    client = sign_in("observer", organisation="Green")
    hazard = first_of(ledger, "hazard_area", organisation(ledger, "Plough"))
    hidden, absent = client.get(f"/record/{hazard}"), client.get("/record/NO-SUCH-1")
    assert hidden.status_code == absent.status_code == 404
    bare = [
        re.sub(r'value="[^"]*"|Token": "[^"]*"', "", page.content.decode()).replace(name, "X")
        for page, name in ((hidden, hazard), (absent, "NO-SUCH-1"))
    ]
    assert bare[0] == bare[1]


@pytest.mark.parametrize("part", ["map.svg", "account", "correct", "revise", "decide/withdraw"])
def test_every_part_of_a_hidden_record_is_hidden(
    part: str, read_only: Path, sign_in: SignIn, ledger: Session
) -> None:
    client = sign_in("team_leader", organisation="Green")
    hazard = first_of(ledger, "hazard_area", organisation(ledger, "Plough"))
    assert client.get(f"/record/{hazard}/{part}").status_code == 404


def test_nobody_sees_a_record_without_signing_in(
    read_only: Path, client: Client, ledger: Session, db: None
) -> None:
    hazard = first_of(ledger, "hazard_area")
    page = client.get(f"/record/{hazard}")
    assert page.status_code == 302
    assert hazard.split("/")[2] not in page.content.decode()


def test_drawer_is_a_part_without_the_frame(
    read_only: Path, sign_in: SignIn, ledger: Session
) -> None:
    record = first_of(ledger, "released_area")
    text = sign_in().get(f"/record/{record}?part=drawer").content.decode()
    assert "<html" not in text
    assert "Open the record" in text


def test_small_map_is_a_picture_that_runs_nothing(
    read_only: Path, sign_in: SignIn, ledger: Session
) -> None:
    record = first_of(ledger, "hazard_area")
    picture = sign_in().get(f"/record/{record}/map.svg")
    assert picture["Content-Type"].startswith("image/svg+xml")
    assert "sandbox" in picture["Content-Security-Policy"]
    assert b"SYNTHETIC" in picture.content


def test_known_at_an_earlier_position_shows_the_record_as_it_was(
    read_only: Path, sign_in: SignIn, ledger: Session
) -> None:
    record = first_of(ledger, "hazard_area")
    store = ledger.workspace.store
    first = store.of_records([record])[record][0].seq
    receipt = next(one.number for one in store.receipts() if one.first_seq > first)
    client = sign_in()
    then = client.get(f"/record/{record}?known=position:{receipt - 1}").content.decode()
    now = client.get(f"/record/{record}").content.decode()
    assert then.count('class="life-line') < now.count('class="life-line')


def test_file_of_an_import_is_saved_and_never_shown(
    served: Path, sign_in: SignIn, ledger: Session, tmp_path: Path
) -> None:
    given = tmp_path / "evil<b>.csv"
    given.write_text("local id,date,code,name\nP-77,2025-03-01,P-77,<script>alert(1)</script>\n")
    ledger.actor = "im1"
    import_file(ledger, Order(given, "place"))
    client = sign_in()
    text = client.get("/record/P-77", follow=True).content.decode()
    (address,) = set(re.findall(r'href="(/record/[^"]+/file/[0-9a-f]{64})"', text))
    answer = client.get(address)
    assert answer.content == given.read_bytes()
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith('attachment; filename="evil_b_.csv"')
    assert "<script>alert" not in text
    assert sign_in("observer", organisation="Green").get(address).status_code == 422


def test_file_that_no_statement_came_from_is_refused(
    read_only: Path, sign_in: SignIn, ledger: Session
) -> None:
    record = first_of(ledger, "place")
    answer = sign_in().get(f"/record/{record}/file/{'0' * 64}")
    assert answer.status_code == 422
    assert "blob_not_of_record" in answer.content.decode()
