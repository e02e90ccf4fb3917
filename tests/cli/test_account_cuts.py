"""Cuts of the account: on the demonstration, rows add up to the total at every level and clock."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from desk import Desk, survey

from tilth.service import accounting

CLOCKS = ((), ("--until", "2025-06-30"), ("--since", "2025-06-30"), ("--known-at", "2025-07-31"))
CUTS = ("hazard", "classification", "organisation", "month", "method", "project", "place")
LEVELS = ("reported", "verified", "approved", "prudent")
BETWEEN = {"received", "handed_over"}
"""Handed over within the operation cancels in the total, not between the rows of a cut."""


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, str]:
    folder = tmp_path_factory.mktemp("cuts")
    desk = Desk(folder)
    desk.run("demo", str(folder / "d"))
    return desk, str(folder / "d")


@pytest.mark.parametrize("clock", CLOCKS, ids=lambda one: one[0] if one else "now")
@pytest.mark.parametrize("cut", CUTS)
def test_rows_of_a_cut_add_up_to_the_total(
    demonstration: tuple[Desk, str], cut: str, clock: tuple[str, ...]
) -> None:
    desk, folder = demonstration
    for level in LEVELS:
        value = desk.json("account", folder, "--level", level, "--by", cut, *clock)
        assert value["by"], (cut, level)
        assert abs(value["land"]["closure_m2"]) < 1e-3
        land: Counter[str] = Counter()
        items: Counter[str] = Counter()
        for row in value["by"]:
            land.update({name: x for name, x in row.items() if name.endswith("_m2")})
            items.update(row.get("items", {}))
        assert land["cleared_m2"] > 0
        for name, sum_of_rows in land.items():
            assert sum_of_rows == pytest.approx(value["land"][name], abs=1e-3), (level, name)
        for name in items.keys() - BETWEEN:
            assert items[name] == value["items"][name], (level, name)
        if items:
            between = items["received"] - items["handed_over"]
            assert between == value["items"]["received"] - value["items"]["handed_over"]


def test_a_period_ends_after_it_begins(desk: Desk, tmp_path: Path) -> None:
    survey(desk)
    period = ("account", "work", "--since", "2026-03-01", "--until", "2026-02-28")
    assert desk.refused(*period) == ["since_after_until"]
    assert desk.refused("account", "work", "--until", "2026-13-40") == ["bad_day"]
    assert desk.json("account", "work", "--since", "2026-03-01", "--until", "2026-03-01")


def test_a_statement_stays_whole_on_a_narrow_screen(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey(desk)
    monkeypatch.setenv("COLUMNS", "60")
    lines = desk.run("log", "work").splitlines()
    assert "  released_area/RA-4" in lines
    assert all(len(line.rstrip()) <= 60 for line in lines)


def test_an_account_that_does_not_close_ends_with_status_1(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey(desk)
    honest = accounting.accounts

    def unbalanced(*given: Any) -> dict[str, Any]:
        found = honest(*given)
        found["reported"]["land"]["closure_m2"] = 5.0
        found["reported"]["not_closed"] = ["land"]
        return found

    monkeypatch.setattr(accounting, "accounts", unbalanced)
    assert desk.json("account", "work", status=1)["land"]["closure_m2"] == 5.0
    assert "does not close" in desk.run("account", "work", status=1).lower()

    def lost(*given: Any) -> dict[str, Any]:
        found = honest(*given)
        found["reported"]["items"]["closure"] = 3
        return found

    monkeypatch.setattr(accounting, "accounts", lost)
    assert desk.json("account", "work", status=1)["items"]["closure"] == 3


def test_a_position_not_reached_yet_is_refused(demonstration: tuple[Desk, str]) -> None:
    desk, folder = demonstration
    told = desk.json("account", folder, "--known-at", "position:999999", status=2)
    assert [one["code"] for one in told["problems"]] == ["bad_known_at"]
