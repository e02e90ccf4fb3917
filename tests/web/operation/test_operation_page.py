"""The operation page shows what the account says, at each level, and what changed since."""

from __future__ import annotations

import csv
import gzip
import html
import io
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.contrib.staticfiles import finders
from django.test import Client

from tilth.cli.app import main
from tilth.core.chains import LEVELS
from tilth.service import accounting, origins
from tilth.service.current import publish_now
from tilth.service.face import read_face
from tilth.service.recording import say
from tilth.service.session import Session, open_session
from tilth.web.frame import context
from tilth.web.ledger import close_desk
from tilth.web.operation.models import ABSENCE, Visit
from tilth.web.operation.picture import LEAST_SHARE, bar

SignIn = Callable[..., Client]
PAGE_BYTES = 150_000


def page(client: Client, address: str = "/", **headers: str) -> str:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200, answer.content[:400]
    return answer.content.decode()


def numbers(text: str) -> set[float]:
    return {float(one) for one in re.findall(r'<data class="number" value="([-0-9.E]+)"', text)}


def report(session: Session, on: str) -> None:
    """An organisation says one more clearance report."""
    author = next(one for one in session.own_logs())
    fields = {"happened_on": on, "organisation": author.split("/")[2], "place": "OR0101"}
    say(session, "clearance_report", fields)


@pytest.mark.parametrize("level", LEVELS)
def test_every_term_of_the_account_stands_on_the_page(
    read_only: Path, sign_in: SignIn, level: str
) -> None:
    with open_session(read_only) as session:
        face = read_face(session, "overview")
    assert face is not None
    land, items = face["accounts"][level]["land"], face["accounts"][level]["items"]
    shown = numbers(page(sign_in(), f"/?level={level}"))
    for term in ("recorded", "extensions", "overlaps", "cancelled", "reduced", "cleared"):
        assert land[f"{term}_m2"] in shown, term
    assert land["remaining_m2"] in shown
    assert {items["found"], items["unaccounted"], items["small_arms_found"]} <= shown


def test_a_page_without_a_level_shows_what_is_approved_until_today(
    read_only: Path, sign_in: SignIn
) -> None:
    client = sign_in()
    assert numbers(page(client)) == numbers(page(client, "/?level=approved"))
    assert numbers(page(client)) != numbers(page(client, "/?level=reported"))


def test_every_figure_leads_to_how_it_came_to_be(read_only: Path, sign_in: SignIn) -> None:
    client = sign_in()
    text = page(client)
    links = {html.unescape(one) for one in re.findall(r'href="(/how/[^"]+)"', text)}
    assert len(links) > 20
    for link in sorted(links):
        assert client.get(link).status_code == 200, link


def test_the_first_page_is_light_on_the_wire(read_only: Path, sign_in: SignIn) -> None:
    text = page(sign_in())
    size = len(gzip.compress(text.encode()))
    files = set(re.findall(r'(?:href|src)="/static/[0-9a-f]+/([^"]+)"', text))
    assert "vendor/uplot/uPlot.iife.min.js" in files
    for name in files:
        found = finders.find(name)
        assert found, name
        size += len(gzip.compress(Path(str(found)).read_bytes()))
    assert size <= PAGE_BYTES


def test_the_bar_is_whole_and_shows_the_smallest_part() -> None:
    parts = bar([("cleared", 1e8), ("reduced", 3.0), ("cancelled", 0.0), ("remaining", 5e7)])
    assert [one.key for one in parts] == ["cleared", "reduced", "remaining"]
    assert sum(one.width for one in parts) == pytest.approx(100, abs=0.01)
    assert parts[1].width == LEAST_SHARE
    assert [one.start for one in parts[1:]] == [
        pytest.approx(parts[0].width, abs=0.01),
        pytest.approx(parts[0].width + parts[1].width, abs=0.01),
    ]
    assert bar([]) == []


def test_another_day_is_the_account_of_that_day(read_only: Path, sign_in: SignIn) -> None:
    day = "2025-05-31"
    with open_session(read_only) as session:
        said = accounting.account(session, accounting.Question(until=day), "approved")
    shown = numbers(page(sign_in(), f"/?until={day}"))
    assert said["land"]["remaining_m2"] in shown
    assert said["items"]["found"] in shown


def test_a_place_is_the_land_and_items_of_that_place_alone(
    read_only: Path, sign_in: SignIn
) -> None:
    with open_session(read_only) as session:
        rows = accounting.account(session, accounting.Question(by="place"), "approved")["by"]
    (row,) = [one for one in rows if one["place"] == "OR0102"]
    shown = numbers(page(sign_in(), "/?place=OR0102"))
    for term in ("recorded_m2", "cleared_m2", "remaining_m2"):
        assert any(abs(one - row[term]) < 1e-5 for one in shown), term
    assert row["items"]["found"] in shown


def test_who_may_not_see_places_is_told_so_and_sees_the_whole(
    read_only: Path, sign_in: SignIn
) -> None:
    client = sign_in("team_leader", organisation="Green Furrow")
    text = page(client, "/?place=OR0102")
    assert "figure_not_cut" in text
    assert numbers(text) >= numbers(page(client)) - {0.0}


def test_a_time_that_is_not_kept_is_offered_as_a_job(
    read_only: Path, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(origins, "SMALL", 0)
    text = page(sign_in(), "/?known=2025-06-30")
    assert "not_counted_yet" in text
    assert 'name="known" value="2025-06-30"' in text
    assert 'action="/jobs/account"' in text


@pytest.mark.parametrize("address", ["/?known=whenever", "/?until=2025-02-31", "/?level=rumour"])
def test_a_cut_that_cannot_be_read_leaves_the_page_standing(
    read_only: Path, sign_in: SignIn, address: str
) -> None:
    assert numbers(page(sign_in(), address)) >= numbers(page(sign_in(code="zz-9"))) - {0.0}


def test_figures_say_how_old_they_are_and_come_when_they_are_counted(
    served: Path, sign_in: SignIn
) -> None:
    client = sign_in()
    seq = int(re.findall(r"fresh\?seq=(\d+)", page(client))[0])
    assert page(client, f"/operation/fresh?seq={seq}").strip() == ""
    with open_session(served, actor="im-1") as session:
        report(session, "2025-06-02")
        assert "1 newer statement" in page(client, f"/operation/fresh?seq={seq}")
        assert "1 newer statement" in page(client)
        publish_now(session)
    later = page(client, f"/operation/fresh?seq={seq}")
    assert 'hx-select="#picture"' in later
    assert "newer statement" not in page(client)


def test_asking_how_old_figures_are_keeps_no_session_alive(
    read_only: Path, sign_in: SignIn
) -> None:
    from tilth.web.operation.views import fresh

    assert fresh.asks_alone is True  # type: ignore[attr-defined]


def test_a_second_visit_says_what_changed_since_the_first(served: Path, sign_in: SignIn) -> None:
    client = sign_in()
    assert "first visit" in page(client)
    with open_session(served, actor="im-1") as session:
        report(session, "2025-06-02")
        publish_now(session)
    visit = Visit.objects.get()
    visit.seen_at -= ABSENCE + timedelta(minutes=1)
    visit.save()
    text = page(client)
    assert "1 statement since" in text
    assert "Clearance report" in text
    assert "1 statement since" in page(client), "looking twice does not make news old"


def test_curves_are_the_published_series_at_every_level(read_only: Path, sign_in: SignIn) -> None:
    client = sign_in()
    with open_session(read_only) as session:
        faces = {level: read_face(session, f"series:{level}") for level in LEVELS}
    drawn: dict[str, Any] = client.get("/operation/curve.json?term=released").json()
    assert set(drawn["levels"]) == {"reported", "verified", "approved"}
    for level, values in drawn["levels"].items():
        face = faces[level]
        assert face is not None
        land = face["land"]
        last = land["cancelled_m2"][-1] + land["reduced_m2"][-1] + land["cleared_m2"][-1]
        assert values[-1] == pytest.approx(last, abs=0.01)
        assert len(values) == len(drawn["days"])
    until = client.get("/operation/curve.json?term=remaining&until=2025-06-30").json()
    assert until["days"] == [one for one in drawn["days"] if one <= 1751241600]
    rows = list(csv.reader(io.StringIO(page(client, "/operation/curve.csv?term=destroyed"))))
    assert rows[0][0].endswith("day")
    assert rows[0][-1] == "synthetic"
    assert rows[-1][-1] == "SYNTHETIC"
    assert len(rows) == len(drawn["days"]) + 1


def test_the_account_as_a_file_is_exact(read_only: Path, sign_in: SignIn) -> None:
    rows = list(csv.DictReader(io.StringIO(page(sign_in(), "/operation/account.csv")[1:])))
    with open_session(read_only) as session:
        face = read_face(session, "overview")
    assert face is not None
    said = {(row["level"], row["term"]): float(row["value"]) for row in rows}
    for level in LEVELS:
        land = face["accounts"][level]["land"]
        assert said[level, "remaining"] == land["remaining_m2"]
        assert said[level, "found"] == face["accounts"][level]["items"]["found"]


def test_nobody_sees_the_operation_without_signing_in(
    read_only: Path, client: Client, db: None
) -> None:
    del db
    for address in ("/", "/operation/curve.json", "/operation/account.csv", "/items"):
        assert client.get(address).status_code in (302, 401), address


@pytest.fixture
def empty(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """A workspace just begun: nothing is recorded in it."""
    folder = tmp_path / "begun"
    arguments = ["init", str(folder), "--organisation", "Blue", "--operation", "Strip"]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    settings.WORKSPACE = folder
    close_desk()
    context._operation.cache_clear()
    yield folder
    close_desk()
    context._operation.cache_clear()


def test_an_empty_operation_says_what_to_do_next(empty: Path, sign_in: SignIn) -> None:
    text = page(sign_in())
    assert "Nothing is recorded yet." in text
    assert 'href="/import"' in text
    with open_session(empty) as session:
        publish_now(session)
    assert "Nothing is recorded yet." in page(sign_in(code="im-9"))
    watching = page(sign_in("observer"))
    assert "Nothing is recorded yet." in watching
    assert 'class="button" href="/import"' not in watching
