"""Drawers and pages of how a figure came to be, down to the checkpoint of the log."""

from __future__ import annotations

import csv
import html
import io
import math
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from tilth.service.origin_steps import Ask
from tilth.service.origins import FIGURES, trace
from tilth.service.session import open_session
from tilth.web.origins.tables import as_csv

SignIn = Callable[..., Client]
IN_DRAWER = {"HX-Request": "true"}


def text_of(client: Client, address: str, **headers: str) -> str:
    answer = client.get(html.unescape(address), headers=headers)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def rows_of(text: str) -> list[tuple[str, float]]:
    body = text.split("<tbody>")[1].split("</tbody>", maxsplit=1)[0]
    found = re.findall(r'<tr><th scope="row"><a href="([^"]+)".*?value="([-0-9.E]+)"', body, re.S)
    return [(link, float(value)) for link, value in found]


@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_has_its_page_its_drawer_and_its_file(
    read_only: Path, sign_in: SignIn, figure: str
) -> None:
    client = sign_in()
    page, drawer = text_of(client, f"/how/{figure}"), text_of(client, f"/how/{figure}", **IN_DRAWER)
    assert "<html" in page
    assert "<html" not in drawer
    assert "The rows sum to the figure." in drawer
    lines = list(csv.DictReader(io.StringIO(text_of(client, f"/how/{figure}.csv")[1:])))
    unit = FIGURES[figure].unit
    with open_session(read_only) as session:
        found = trace(session, Ask(figure))
    assert math.fsum(float(line[unit]) for line in lines) - found.between == pytest.approx(
        found.whole, abs=1e-6
    )


def test_a_square_metre_is_followed_from_the_page_to_the_checkpoint(
    read_only: Path, sign_in: SignIn
) -> None:
    client = sign_in()
    whole = text_of(client, "/how/cleared", **IN_DRAWER)
    hazard, m2 = rows_of(whole)[0]
    step = text_of(client, hazard, **IN_DRAWER)
    assert "Balance of this hazard" in step
    assert "closes: the rings measured apart give the same" in step
    releases = rows_of(step)
    assert releases
    assert sum(value for _, value in releases) <= m2 + 1e-6
    record = text_of(client, releases[0][0], **IN_DRAWER)
    assert record.count("this is what the figure reads") == 1
    statement = re.findall(r'href="(/how/statement/[0-9a-f]{64}[^"]*)"', record)[-1]
    proof = text_of(client, statement, **IN_DRAWER)
    assert "The proof leads from this statement to the signed root" in proof
    assert "tilth/" in proof.split("<pre")[1], "the checkpoint as signed stands there"


def test_an_item_is_followed_to_the_line_of_its_report(read_only: Path, sign_in: SignIn) -> None:
    client = sign_in()
    address = "/how/found?in=category:ap_mine"
    text = text_of(client, address, **IN_DRAWER)
    organisation, pieces = rows_of(text)[0]
    months = text_of(client, f"{organisation}&by=month", **IN_DRAWER)
    assert sum(value for _, value in rows_of(months)) == pieces
    month, pieces = rows_of(months)[0]
    reports = text_of(client, month, **IN_DRAWER)
    found = rows_of(reports)
    assert sum(value for _, value in found) == pieces
    lines = text_of(client, found[0][0], **IN_DRAWER)
    foot = lines.split("<tfoot>")[1].split("</tfoot>")[0]
    assert f'value="{int(found[0][1])}"' in foot, "the lines sum to what the report adds"


def test_what_may_not_be_read_and_what_is_not_there_are_answered_alike(
    read_only: Path, sign_in: SignIn
) -> None:
    with open_session(read_only) as session:
        rows = trace(session, Ask("remaining", "prudent", limit=0)).rows
        other = next(
            party.id
            for party in session.workspace.settings.organisations
            if party.name == "Plough Again"
        )
    client = sign_in("team_leader", organisation="Green Furrow")
    hidden = next(row.key for row in rows if row.key.startswith(other))
    missing = f"{other}/hazard_area/PA-HA-999999"
    for address in ("/how/record/{}", "/how/remaining?in=hazard:{}"):
        there = client.get(address.format(hidden), headers=IN_DRAWER)
        not_there = client.get(address.format(missing), headers=IN_DRAWER)
        assert there.status_code == not_there.status_code == 404
        assert there.content.decode().replace(hidden, missing) == not_there.content.decode()
    text = text_of(client, "/how/remaining?level=prudent", **IN_DRAWER)
    assert hidden.split("/")[2] not in text
    assert "that you may not read" in text


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("/how/area", "unknown_figure"),
        ("/how/remaining?by=month", "figure_not_cut"),
        ("/how/found?by=report", "too_many_reports"),
        ("/how/remaining?until=2025-01-01&known=whenever", "bad_known_at"),
    ],
)
def test_a_step_that_is_not_there_says_why(
    read_only: Path, sign_in: SignIn, address: str, code: str
) -> None:
    answer = sign_in().get(address, headers=IN_DRAWER)
    assert answer.status_code == 422
    assert code in answer.content.decode()
    assert "<html" not in answer.content.decode()


def test_the_place_of_the_cut_narrows_the_figure(read_only: Path, sign_in: SignIn) -> None:
    client = sign_in()
    here = text_of(client, "/how/remaining?place=OR0102", **IN_DRAWER)
    assert "OR0102" in here
    with open_session(read_only) as session:
        found = trace(session, Ask("remaining", of={"place": "OR0102"}))
    assert f'value="{found.total}"' in here


def test_a_table_to_take_away_starts_no_formula_and_says_synthetic() -> None:
    answer = as_csv("x", ["a", "b"], [["=1+1", "-5"], ["@cmd", 7]], synthetic=True)
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert lines[1] == ["'=1+1", "-5", "SYNTHETIC"]
    assert lines[2] == ["'@cmd", "7", "SYNTHETIC"]
    assert "SYNTHETIC-x.csv" in answer["Content-Disposition"]
