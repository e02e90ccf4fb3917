"""A file becomes an approved figure: imported, decided, worked on, put on paper, in a browser."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from officer import Office, Officer
from playwright.sync_api import expect

from tilth.service.session import open_session

SIDE_DEGREES = 0.002


@pytest.fixture(scope="module")
def authority(office: Office) -> Officer:
    """Information manager of the authority."""
    officer = office.sit_down("omaa2")
    roles = ("information_manager", "operations_manager", "quality_officer")
    office.arrive(officer, office.invite("omaa2", *roles, organisation="OMAA"))
    return officer


@pytest.fixture(scope="module")
def operator(office: Office) -> Officer:
    """Information manager of the contingent, who reads French."""
    officer = office.sit_down("sec8", language="fr")
    roles = ("information_manager", "operations_manager")
    office.arrive(officer, office.invite("sec8", *roles, organisation="SEC"))
    return officer


def free_corner(office: Office) -> tuple[float, float]:
    """Degrees, south and west of everything recorded."""
    with open_session(office.server.folder) as session:
        rows = session.workspace.store.select("hazard_area", ["shape_west", "shape_south"])
        found = [row for row in rows if row[0] is not None]
    return min(row[0] for row in found) - 0.02, min(row[1] for row in found) - 0.02


def square(west: float, south: float) -> dict[str, Any]:
    east, north = west + SIDE_DEGREES, south + SIDE_DEGREES
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def hazards_file(folder: Path, west: float, south: float) -> Path:
    rows = [
        ("SEC-HA-901", square(west, south)),
        ("SEC-HA-902", square(west + 2 * SIDE_DEGREES, south)),
    ]
    features = [
        {
            "type": "Feature",
            "geometry": geometry,
            "properties": {
                "local_id": name,
                "happened_on": "2026-01-10",
                "classification": "SHA",
                "area_type": "minefield",
            },
        }
        for name, geometry in rows
    ]
    features.append({"type": "Feature", "geometry": None, "properties": {"local_id": "SEC-HA-903"}})
    path = folder / "southern strip.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def recorded(officer: Officer, level: str) -> float:
    """Recorded land at a level once every statement is counted, in m²."""
    page = officer.open(f"/?level={level}")
    for _ in range(60):
        if page.get_by_text(re.compile(r"newer|plus récent")).count() == 0:
            break
        page.wait_for_timeout(500)
        page = officer.open(f"/?level={level}")
    shown = page.locator(".figure", has=page.locator(".figure-label")).first
    return float(shown.locator("data.number").first.get_attribute("value") or "nan")


def test_a_file_is_looked_at_taken_in_and_approved_and_the_account_follows(
    office: Office, authority: Officer, operator: Officer, tmp_path: Path
) -> None:
    before = recorded(authority, "approved")
    page = operator.open("/import")
    page.locator("#file").set_input_files(hazards_file(tmp_path, *free_corner(office)))
    page.locator("#kind").select_option("hazard_area")
    page.locator("main form button").first.click()
    expect(page.locator(".counts").first).to_be_visible(timeout=60_000)
    expect(page.locator("img.picture")).to_be_visible()
    operator.picture("import-looked-at-fr")
    counts = [int(re.sub(r"\D", "", one)) for one in page.locator(".counts dd").all_inner_texts()]
    assert counts[:2] == [3, 2] or counts[:2] == [3, 3], counts
    page.locator("form[action$='take-in'] button").click()
    expect(page.locator(".message").first).to_be_visible(timeout=60_000)

    page = authority.open("/inbox?text=SEC-HA-90")
    page.get_by_label("Mark SEC-HA-901").check()
    page.get_by_label("Mark SEC-HA-902").check()
    page.get_by_role("button", name=re.compile("Approve")).first.click()
    expect(page.locator("main")).to_contain_text("SEC-HA-901", timeout=60_000)
    authority.picture("inbox-choice-en")
    page.get_by_role("button", name="Approve", exact=False).last.click()
    expect(page.get_by_text("Undo").first).to_be_visible(timeout=60_000)
    authority.picture("inbox-decided-en")

    for _ in range(60):
        after = recorded(authority, "approved")
        if after > before:
            break
        authority.page.wait_for_timeout(500)
    metres = SIDE_DEGREES * 111_320
    assert after - before == pytest.approx(2 * metres * metres * 0.65, rel=0.3)
    authority.picture("operation-after-approval-en")


def test_how_a_figure_came_to_be_leads_to_the_checkpoint(authority: Officer) -> None:
    page = authority.open("/?level=approved")
    page.locator(".figure-value a").first.click()
    drawer = page.locator("#drawer")
    expect(drawer.locator("h1, h2").first).to_be_visible()
    authority.picture("how-it-came-to-be-en")
    expect(drawer.locator("table, ol, ul").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_be_empty()


def test_a_report_is_returned_with_a_reason_and_its_author_is_told(
    authority: Officer, operator: Officer
) -> None:
    page = authority.open("/inbox?kind=released_area&turn=mine")
    page.locator("input[data-mark]").first.check()
    page.get_by_role("button", name=re.compile("Return")).first.click()
    page.locator("#reason").fill("The western side crosses the ditch; walk it again.")
    page.get_by_role("button", name=re.compile("Return")).last.click()
    expect(page.get_by_text("Undo").first).to_be_visible(timeout=60_000)
    listed = authority.open("/inbox?state=returned")
    expect(listed.locator("main")).to_contain_text(re.compile(r"SEC|OCP|GF|PA"))


def test_a_task_is_suspended_and_resumed_from_the_board(authority: Officer) -> None:
    page = authority.open("/tasks")
    page.locator("a[data-row]").first.click()
    move = page.locator("details.move", has_text="Suspend")
    move.locator("summary").click()
    move.get_by_label("Reason").fill("Floodwater on the access lane")
    move.get_by_role("button", name="Suspend").click()
    expect(page.locator("h1 .tag")).to_have_text("suspended")
    authority.picture("task-en")
    move = page.locator("details.move", has_text="Resume")
    move.locator("summary").click()
    move.get_by_label("Reason").fill("Water gone, lane walked")
    move.get_by_role("button", name="Resume").click()
    expect(page.locator("h1 .tag")).not_to_have_text("suspended")


def test_a_document_is_issued_and_its_code_checked_from_paper(
    office: Office, authority: Officer
) -> None:
    page = authority.open("/tasks?state=accepted")
    page.locator("a[data-row]").first.click()
    page.get_by_role("link", name="the order on paper").click()
    page.get_by_role("button", name="Issue it").click()
    expect(page.locator(".messages")).to_contain_text(re.compile("code"))
    code = page.locator("tbody code").first.inner_text()
    href = page.locator("tbody a[data-row]").first.get_attribute("href")
    answer = page.request.get(f"{office.address}{href}")
    assert answer.body()[:4] == b"%PDF"
    passer_by = office.sit_down("nobody")
    passer_by.page.goto(f"{office.address}/check?code={code}")
    expect(passer_by.page.locator("main")).to_contain_text("issued, and stands")
    passer_by.picture("check-code-en")
