"""The item account on its page: every item in one state, in every cut the reader may see."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from tilth.core.items.model import STATES
from tilth.service import accounting
from tilth.service.face import read_face
from tilth.service.session import open_session

SignIn = Callable[..., Client]


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


@pytest.mark.parametrize("level", ["reported", "approved", "prudent"])
def test_every_state_of_the_account_stands_on_the_page(
    read_only: Path, sign_in: SignIn, level: str
) -> None:
    with open_session(read_only) as session:
        items = accounting.account(session, accounting.Question(), level)["items"]
    text = page(sign_in(), f"/items?level={level}")
    shown = {int(one) for one in re.findall(r'<data class="number" value="(\d+)"', text)}
    assert {items[state] for state in STATES if items[state]} <= shown
    assert items["small_arms_found"] in shown
    assert "every item is in exactly one state" in text


@pytest.mark.parametrize("by", ["category", "model", "organisation", "month", "method", "place"])
def test_every_cut_sums_to_the_account_and_leads_to_its_rows(
    read_only: Path, sign_in: SignIn, by: str
) -> None:
    client = sign_in()
    rows = list(csv.DictReader(io.StringIO(page(client, f"/items.csv?by={by}")[1:])))
    with open_session(read_only) as session:
        items = accounting.account(session, accounting.Question(), "approved")["items"]
    assert sum(int(row["found"]) for row in rows) == items["found"]
    assert sum(int(row["small_arms_found"]) for row in rows) == items["small_arms_found"]
    for row in rows:
        assert int(row["found"]) + int(row["received"]) == sum(int(row[one]) for one in STATES[2:])
    text = page(client, f"/items?by={by}")
    link = html.unescape(re.findall(r'href="(/how/found\?[^"]*in=' + by + r'[^"]*)"', text)[0])
    assert "The rows sum to the figure." in page(client, link)


def test_explosives_are_shown_of_whom_the_reader_may_read(read_only: Path, sign_in: SignIn) -> None:
    everything = page(sign_in(), "/items").split('id="stock-title"')[1]
    leader = sign_in("team_leader", organisation="Green Furrow")
    own = page(leader, "/items").split('id="stock-title"')[1]
    assert "Plough Again" in everything
    assert "Plough Again" not in own
    assert "Green Furrow" in own
    assert "that you may not read" in own
    rows = list(csv.DictReader(io.StringIO(page(sign_in(), "/items/explosives.csv")[1:])))
    for row in rows:
        issued, returned, used = (float(row[name]) for name in ("issued", "returned", "used"))
        assert issued + float(row["uncovered"]) - returned - used == pytest.approx(
            float(row["held"])
        )


def test_a_month_without_any_report_says_what_to_do(read_only: Path, sign_in: SignIn) -> None:
    text = page(sign_in(), "/items?until=2024-01-01")
    assert "No item is reported at this level." in text


@pytest.mark.parametrize("level", ["reported", "verified", "approved"])
def test_where_items_lay_adds_up_to_what_was_found(
    read_only: Path, sign_in: SignIn, level: str
) -> None:
    with open_session(read_only) as session:
        face = read_face(session, "item_where")
        items = accounting.account(session, accounting.Question(), level)["items"]
    assert face is not None
    assert face["done"] == face["of"] > 0
    assert sum(face["levels"][level].values()) == items["found"]
    text = page(sign_in(), f"/items?level={level}").split("Where they lay")[1].split("</ul>")[0]
    shown = [int(one) for one in re.findall(r'value="(\d+)"', text)]
    assert sum(shown) == items["found"]
    assert "inside released areas" in text
