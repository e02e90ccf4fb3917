"""Say, correct and decide by a form: what is unlikely is asked, nothing typed is lost."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tilth.core.statement import parse_header
from tilth.service.register import held
from tilth.service.session import Session

SignIn = Callable[..., Client]

SQUARE = "44.0020 N 34.9700 W\n44.0020 N 34.9680 W\n44.0005 N 34.9680 W\n44.0005 N 34.9700 W"
HAZARD: Mapping[str, Any] = {
    "f-local_id": "HA-TEST-1",
    "f-happened_on": "2025-11-20",
    "f-classification": "SHA",
    "f-shape-how": "text",
    "f-shape": SQUARE,
}
LEGS = (
    ("SP", "SP", "", "", "44.0020 N 34.9700 W"),
    ("TP", "T1", "90", "160", ""),
    ("TP", "T2", "180", "166", ""),
    ("TP", "T3", "270", "161", ""),
    ("SP", "", "0", "165", ""),
)


def codes(page: Any) -> list[str]:
    return re.findall(r'class="problem-code">([^<]+)', page.content.decode())


def typed(page: Any, name: str) -> str:
    """What stands in a field of the form."""
    text = page.content.decode()
    box = re.search(rf'name="{name}"[^>]*value="([^"]*)"', text)
    area = re.search(rf'<textarea[^>]*name="{name}"[^>]*>([^<]*)<', text)
    found = box or area
    return html.unescape(found.group(1)) if found else ""


def count(ledger: Session) -> int:
    return ledger.workspace.store.last_seq()


def test_looking_first_stores_nothing_and_says_what_it_moves(
    served: Path, sign_in: SignIn, ledger: Session
) -> None:
    before = count(ledger)
    page = sign_in(organisation="Plough").post("/record/new/hazard_area", {**HAZARD, "do": "look"})
    text = page.content.decode()
    assert page.status_code == 200
    assert "What it moves in the accounts of today" in text
    assert "recorded" in text
    assert typed(page, "f-shape").replace("\r", "") == SQUARE
    assert count(ledger) == before


def test_said_record_keeps_the_coordinates_as_they_were_entered(
    served: Path, sign_in: SignIn, ledger: Session
) -> None:
    client = sign_in(organisation="Plough", code="PA-IM9")
    utm = ["25T 341520 4873938", "25T 341620 4873938", "25T 341620 4873838"]
    sent = {**HAZARD, "f-shape": "\r\n".join(utm), "do": "say"}
    page = client.post("/record/new/hazard_area", sent)
    assert page.status_code == 302
    record = page["Location"].removeprefix("/record/")
    one = held(ledger, [record])[record]
    assert one.actor == "PA-IM9"
    assert one.fields["shape"]["entered"]["positions"] == utm
    shown = client.get(f"/record/{record}").content.decode()
    assert utm[0] in shown
    assert "5,000" in shown or "5 000" in shown or "5\u202f000" in shown


def test_problem_stands_at_its_field_and_nothing_typed_is_lost(
    served: Path, sign_in: SignIn, ledger: Session
) -> None:
    before = count(ledger)
    sent = {**HAZARD, "f-declared_area_m2": "twelve", "f-name": "Старе поле", "do": "say"}
    page = sign_in(organisation="Plough").post("/record/new/hazard_area", sent)
    text = page.content.decode()
    assert page.status_code == 422
    assert codes(page) == ["value_unread"]
    assert re.search(r'id="f-declared_area_m2"[^>]*aria-invalid="true"', text)
    assert typed(page, "f-declared_area_m2") == "twelve"
    assert typed(page, "f-name") == "Старе поле"
    assert count(ledger) == before


def test_confirmed_ground_without_evidence_is_asked_about_first(
    served: Path, sign_in: SignIn, ledger: Session
) -> None:
    client = sign_in(organisation="Plough")
    sent = {**HAZARD, "f-classification": "CHA", "do": "say"}
    asked = client.post("/record/new/hazard_area", sent)
    assert asked.status_code == 422
    assert codes(asked) == ["ask_first", "cha_without_direct_evidence"]
    anyway = client.post("/record/new/hazard_area", {**sent, "anyway": "1"})
    assert anyway.status_code == 302


def test_report_of_an_impossible_day_is_asked_about_first(
    served: Path, sign_in: SignIn, ledger: Session
) -> None:
    sent = {
        "f-happened_on": "2025-11-20",
        "f-processed_area_m2": "1276300000",
        "f-methods": ["manual_detector"],
        "f-personnel": "10",
        "do": "say",
    }
    page = sign_in(organisation="Plough").post("/record/new/clearance_report", sent)
    assert page.status_code == 422
    assert "ask_first" in codes(page)
    assert "beyond_possible" in codes(page)


def test_value_of_a_form_never_names_a_file_of_the_server(
    served: Path, sign_in: SignIn, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.geojson"
    secret.write_text('{"type":"Point","coordinates":[1,2]}')
    client = sign_in(organisation="Plough")
    shape = {**HAZARD, "f-shape": f"@{secret}", "do": "look"}
    page = client.post("/record/new/hazard_area", shape)
    assert page.status_code == 422
    assert codes(page) == ["coordinate_unreadable"]


def test_traverse_shows_its_misclosure_before_it_is_said(
    served: Path, sign_in: SignIn, ledger: Session
) -> None:
    legs = {
        f"f-shape-leg-{at}-{name}": text
        for at, row in enumerate(LEGS)
        for name, text in zip(
            ("point_type", "point", "bearing_deg", "distance_m", "coordinates"), row, strict=True
        )
    }
    sent = {**HAZARD, **legs, "n-shape-legs": "5", "f-shape-how": "traverse", "north": "true"}
    client = sign_in(organisation="Plough")
    answer = client.post(
        "/record/measure", {**sent, "field": "shape", "kind": "hazard_area"}
    ).json()
    assert float(answer["entered"]["misclosure_m"]) == pytest.approx(1.41, abs=0.1)
    assert int(answer["entered"]["misclosure_ratio"]) > 300
    missing = client.post("/record/new/hazard_area", {**sent, "north": "", "do": "look"})
    assert codes(missing) == ["north_not_said"]
    said = client.post("/record/new/hazard_area", {**sent, "do": "say"})
    record = said["Location"].removeprefix("/record/")
    assert held(ledger, [record])[record].fields["shape"]["entered"]["format"] == "traverse"


def test_drawn_area_is_measured_in_the_frame_and_told_with_what_it_shares(
    read_only: Path, sign_in: SignIn, ledger: Session
) -> None:
    rows = ledger.workspace.store.select("hazard_area", ["record"], {"act": "record"})
    record = next(str(row[0]) for row in rows)
    shape = held(ledger, [record])[record].fields["shape"]
    degrees = [[x / 1e9, y / 1e9] for x, y in shape["coordinates"][0]]
    wkt = "POLYGON((" + ",".join(f"{x} {y}" for x, y in degrees) + "))"
    sent = {"field": "shape", "kind": "hazard_area", "f-shape": wkt, "f-shape-how": "text"}
    answer = sign_in().post("/record/measure", sent).json()
    shared = {one["record"]: one["area_m2"] for one in answer["overlaps"]}
    assert shared[record] == pytest.approx(answer["area_m2"], abs=0.1)
    other = sign_in("observer", organisation="Green").post("/record/measure", sent).json()
    assert record not in {one["record"] for one in other["overlaps"]}


def test_file_with_one_shape_becomes_the_text_of_the_field(
    served: Path, sign_in: SignIn, ledger: Session
) -> None:
    ring = [[-34.97, 44.0], [-34.96, 44.0], [-34.96, 44.01], [-34.97, 44.0]]
    data = str({"type": "Polygon", "coordinates": [ring]}).replace("'", '"').encode()
    sent = {
        **HAZARD,
        "f-shape": "",
        "f-shape-file": SimpleUploadedFile("one.geojson", data),
        "do": "file:shape",
    }
    page = sign_in(organisation="Plough").post("/record/new/hazard_area", sent)
    assert typed(page, "f-shape").startswith("POLYGON ((-34.97 44")


def test_lines_are_added_and_dropped_without_scripts(served: Path, sign_in: SignIn) -> None:
    client = sign_in(organisation="Plough")
    sent = {"f-happened_on": "2025-11-20", "n-items": "1", "f-items-0-quantity": "7"}
    more = client.post("/record/new/clearance_report", {**sent, "do": "add:items"})
    assert typed(more, "n-items") == "2"
    assert typed(more, "f-items-0-quantity") == "7"
    less = client.post(
        "/record/new/clearance_report",
        {**sent, "n-items": "2", "f-items-1-quantity": "9", "do": "drop:items:0"},
    )
    assert typed(less, "n-items") == "1"
    assert typed(less, "f-items-0-quantity") == "9"


# -- a correction ----------------------------------------------------------------------------------


def form_of(client: Client, address: str) -> dict[str, Any]:
    """Everything that stands in a form, as a browser would send it back."""
    text = client.get(address).content.decode()
    sent: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]+>", text.split('class="say-form"')[1]):
        kind = re.search(r'type="([^"]+)"', tag)
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name is None or (kind and kind[1] in ("radio", "checkbox") and "checked" not in tag):
            continue
        sent.setdefault(name[1], []).append(html.unescape(value[1]) if value else "")
    for name, value in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)<', text):
        sent[name] = [html.unescape(value)]
    for name, inner in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', text, re.S):
        chosen = re.search(r'value="([^"]*)" selected', inner)
        sent[name] = [chosen[1] if chosen else ""]
    return {name: value if len(value) > 1 else value[0] for name, value in sent.items()}


def own_hazard(ledger: Session, part: str) -> str:
    known = ledger.workspace.settings.organisations
    owner = next(one.id for one in known if part in one.name)
    rows = ledger.workspace.store.select("hazard_area", ["record"], {"act": "record"})
    return next(str(row[0]) for row in rows if str(row[0]).startswith(owner))


def test_correction_says_only_what_was_changed(
    served: Path, sign_in: SignIn, ledger: Session
) -> None:
    record = own_hazard(ledger, "Plough")
    before = held(ledger, [record])[record].fields
    client = sign_in(organisation="Plough")
    sent = form_of(client, f"/record/{record}/correct")
    unchanged = client.post(f"/record/{record}/correct", {**sent, "do": "say"})
    assert codes(unchanged) == ["nothing_typed"]
    page = client.post(f"/record/{record}/correct", {**sent, "f-name": "Mended", "do": "say"})
    assert page.status_code == 302
    assert held(ledger, [record])[record].fields == {**before, "name": "Mended"}


def test_stale_form_shows_both_and_says_nothing(
    served: Path, sign_in: SignIn, ledger: Session
) -> None:
    record = own_hazard(ledger, "Plough")
    one, other = sign_in(organisation="Plough"), sign_in(organisation="Plough")
    mine = form_of(one, f"/record/{record}/correct")
    theirs = form_of(other, f"/record/{record}/correct")
    other.post(f"/record/{record}/correct", {**theirs, "f-name": "Theirs", "do": "say"})
    before = count(ledger)
    page = one.post(f"/record/{record}/correct", {**mine, "f-name": "Mine", "do": "say"})
    text = page.content.decode()
    assert codes(page) == ["form_is_stale"]
    assert "Theirs" in text
    assert typed(page, "f-name") == "Mine"
    assert count(ledger) == before
    again = {**mine, "f-name": "Mine", "made_from": typed(page, "made_from"), "do": "say"}
    assert one.post(f"/record/{record}/correct", again).status_code == 302
    assert held(ledger, [record])[record].fields["name"] == "Mine"


def test_event_has_its_day_and_states_only_what_it_changed(
    served: Path, sign_in: SignIn, ledger: Session
) -> None:
    record = own_hazard(ledger, "Plough")
    client = sign_in(organisation="Plough")
    sent = form_of(client, f"/record/{record}/revise")
    page = client.post(
        f"/record/{record}/revise",
        {**sent, "on": "2025-06", "f-required_depth_cm": "35", "do": "say"},
    )
    assert page.status_code == 302
    event = held(ledger, [record])[record].events[-1]
    entry = ledger.workspace.store.by_hash([event.statement])[event.statement]
    assert parse_header(entry.header).happened_on == "2025-06"
    assert set(ledger.fields_of(entry)) == {"happened_on", "required_depth_cm"}


def test_another_organisation_and_another_role_say_nothing(
    served: Path, sign_in: SignIn, ledger: Session
) -> None:
    record, before = own_hazard(ledger, "Plough"), count(ledger)
    assert sign_in().get(f"/record/{record}/correct").status_code == 403
    officer = sign_in("quality_officer", organisation="Plough")
    assert officer.post(f"/record/{record}/correct", {"do": "say"}).status_code == 403
    assert officer.post("/record/new/hazard_area", {**HAZARD, "do": "say"}).status_code == 403
    assert count(ledger) == before


# -- decisions -------------------------------------------------------------------------------------


def test_withdrawal_needs_a_reason_and_ends_the_record(
    served: Path, sign_in: SignIn, ledger: Session
) -> None:
    client = sign_in(organisation="Plough")
    said = client.post("/record/new/hazard_area", {**HAZARD, "do": "say"})
    record = said["Location"].removeprefix("/record/")
    address = f"/record/{record}/decide/withdraw"
    sent = form_of(client, address)
    assert codes(client.post(address, {**sent, "do": "act"})) == ["reason_missing"]
    done = client.post(address, {**sent, "reason": "typed twice", "do": "act"})
    assert done.status_code == 302
    assert held(ledger, [record]) == {}
    assert "Withdrawn" in client.get(f"/record/{record}").content.decode()


def test_decision_on_what_was_corrected_since_decides_nothing(
    served: Path, sign_in: SignIn, ledger: Session
) -> None:
    record = own_hazard(ledger, "Plough")
    authority, author = sign_in(), sign_in(organisation="Plough")
    address = f"/record/{record}/decide/return"
    sent = form_of(authority, address)
    form = form_of(author, f"/record/{record}/correct")
    author.post(f"/record/{record}/correct", {**form, "f-name": "Other", "do": "say"})
    before = count(ledger)
    page = authority.post(address, {**sent, "reason": "wrong ring", "do": "act"})
    assert codes(page) == ["form_is_stale"]
    assert count(ledger) == before
