"""Settings that every member reads: who takes part, by which rules, whose keys are here."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tilth.core.keyring import split_origin
from tilth.service.session import Session
from tilth.store.rotation import keys as keys_of
from tilth.web.ledger import close_desk

SignIn = Callable[..., Client]

FIELDS = """
[[field]]
kind = "hazard_area"
name = "x_parcel"
type = "text"
label = "Cadastral parcel"

[[field]]
kind = "clearance_report.items"
name = "x_rack"
type = "text"
label = "Rack"
"""


def text(client: Client, page: str) -> str:
    answer = client.get(f"/settings/{page}" if page else "/settings")
    assert answer.status_code == 200
    inner = answer.content.decode().split("<main")[1].split("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", inner)).split())


@pytest.mark.parametrize("role", ["observer", "team_leader", "administrator"])
def test_every_member_reads_what_the_operation_is_set_up_with(
    read_only: Path, sign_in: SignIn, role: str
) -> None:
    client = sign_in(role)
    for page in ("", "organisations", "rules", "fields", "languages", "basemaps", "keys"):
        assert text(client, page)


def test_organisations_are_those_of_the_records_with_what_they_are(
    read_only: Path, sign_in: SignIn, ledger: Session
) -> None:
    shown = text(sign_in("observer"), "organisations")
    for party in ledger.workspace.settings.organisations:
        assert party.name in shown
    assert "National mine action authority" in shown
    assert "keeps no records here" in shown  # a donor


def test_the_page_of_keys_says_in_whose_names_this_server_could_write(
    read_only: Path, sign_in: SignIn, ledger: Session
) -> None:
    shown = text(sign_in("observer"), "keys")
    said = shown.split("This server holds the keys of:")[1].split(".")[0]
    assert {one.strip() for one in said.split(",")} == {
        party.name for party in ledger.workspace.settings.organisations
    }
    assert "could write in their names" in shown


def test_a_key_kept_elsewhere_is_said_to_be_elsewhere(
    served: Path, sign_in: SignIn, ledger: Session
) -> None:
    line = keys_of(ledger.workspace)[0]
    (served / "keys" / f"{line.key}.pem").unlink()
    close_desk()
    name = ledger.workspace.settings.name_of(split_origin(line.log)[1])
    shown = text(sign_in("observer"), "keys")
    assert name not in shown.split("This server holds the keys of:")[1].split(".")[0]
    assert re.search(rf"{name} 1 \S+ elsewhere", shown.replace("\u202f", ""))


def test_the_rule_set_is_shown_whole_and_an_older_one_by_name(
    read_only: Path, sign_in: SignIn
) -> None:
    from tilth.service.ruling import default_rules

    client = sign_in("observer")
    shown = text(client, "rules")
    assert default_rules().sha256 in shown
    assert "strict =" in shown
    assert "comes with Tilth" in text(client, "rules?of=default")
    answer = client.get("/settings/rules?of=<script>")
    assert answer.status_code == 422
    assert b"rule_set_unknown" in answer.content
    assert b"<script>" not in answer.content.split(b"<main")[1]


def test_national_fields_are_listed_and_their_absence_says_what_to_do(
    served: Path, sign_in: SignIn
) -> None:
    client = sign_in("observer")
    assert "fields.toml" in text(client, "fields")
    (served / "fields.toml").write_text(FIELDS, "utf-8")
    close_desk()
    shown = text(client, "fields")
    assert "hazard_area x_parcel Cadastral parcel" in shown
    assert "clearance_report.items x_rack Rack" in shown


def test_basemaps_of_the_deployer_are_listed(
    read_only: Path, sign_in: SignIn, settings: Any
) -> None:
    client = sign_in("observer")
    assert "No other basemap" in text(client, "basemaps")
    settings.FILE_SETTINGS = {"basemap": [{"name": "Survey 1:50 000", "type": "pmtiles"}]}
    assert "Survey 1:50 000 pmtiles" in text(client, "basemaps")


def test_languages_say_which_were_looked_through(read_only: Path, sign_in: SignIn) -> None:
    shown = text(sign_in("observer"), "languages")
    assert "English English looked through" in shown
    assert "العربيّة Arabic not yet looked through" in shown


def test_nobody_reads_settings_without_signing_in(read_only: Path, db: None) -> None:
    for page in ("", "/organisations", "/rules", "/keys", "/people"):
        assert Client().get(f"/settings{page}").headers["Location"].startswith("/account/sign-in")


def test_a_password_made_of_the_operations_words_is_refused(
    read_only: Path, db: None, sign_in: SignIn
) -> None:
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    client = sign_in("observer")
    name = client.get("/settings").context["operation"].name
    with pytest.raises(ValidationError):
        validate_password(f"{name.replace(' ', '-')}-2026")
    validate_password("grey heron over wet maize")
