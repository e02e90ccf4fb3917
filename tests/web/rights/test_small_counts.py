"""Victims are told to who may not read of each one in counts that name nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from strip import acting, party, strip

from tilth.core.suppression import SMALLEST_TOLD
from tilth.service.indicators import indicators
from tilth.service.lens import Lens
from tilth.service.recording import say, say_many
from tilth.service.session import Session
from tilth.service.victims import casualties_told, victim_tables

KILLED = [("2024-05-01", "killed", "female", 11)] * 2
INJURED = [("2024-06-01", "injured", "male", 40)] * 9
EARLIER = [("2023-06-01", "injured", "male", 41)] * 7 + [("2023-07-01", "killed", "male", 30)] * 6


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with strip(tmp_path_factory.mktemp("small") / "strip") as opened:
        today = opened.today()
        told = [*KILLED, *INJURED, *EARLIER, (today, "killed", "male", 20)]
        rows: list[tuple[str, dict[str, Any]]] = [
            ("victim", {"happened_on": on, "outcome": outcome, "sex": sex, "age_years": age})
            for on, outcome, sex, age in told
        ]
        say_many(opened, rows, speaking_for="WHITE")
        for day, killed in (("2024-05-01", 2), ("2024-06-01", 9), ("2024-07-01", 0)):
            fields = {"happened_on": day, "killed": killed, "injured": 8, "place": "Mill"}
            say(opened, "accident", fields, speaking_for="WHITE")
        say(opened, "clearance_report", {"happened_on": "2024-04-01", "place": "Mill"})
        yield opened


def test_the_authority_is_told_no_small_count_of_others(session: Session) -> None:
    with acting(session, "Blue", "information_manager"):
        told = victim_tables(session)
    assert told is not None
    assert not told["whole"]
    assert told["until"] < session.today()
    years = told["year_outcome"]
    assert years["rows"] == ["2023", "2024"], "years that are over"
    assert years["counts"][-1][-1] == len(KILLED + INJURED + EARLIER)
    row, column = years["rows"].index("2024"), years["columns"].index("killed")
    assert years["counts"][row][column] is None
    assert None in (years["counts"][row][1 - column], years["counts"][row][-1])
    for table in (years, told["sex_age"]):
        shown = [one for line in table["counts"] for one in line if one]
        assert min(shown) >= SMALLEST_TOLD


def test_their_own_organisation_is_told_everything(session: Session) -> None:
    with acting(session, "White", "information_manager"):
        told = victim_tables(session)
    assert told is not None
    assert told["whole"]
    assert sum(line[-1] for line in told["year_outcome"]["counts"][:-1]) == 25


@pytest.mark.parametrize(
    ("name", "role"),
    [("Red", "information_manager"), ("White", "team_leader"), ("Blue", "observer")],
)
def test_others_are_told_nothing(session: Session, name: str, role: str) -> None:
    with acting(session, name, role):
        told = victim_tables(session)
    assert told is None or sum(map(sum, told["year_outcome"]["counts"])) == 0


def test_small_counts_of_a_month_are_withheld_from_who_reads_no_accidents(
    session: Session,
) -> None:
    with acting(session, "Blue", "observer"):
        hidden = {one["month"]: one["killed"] for one in indicators(session)["months"]}
    with acting(session, "Blue", "quality_officer"):
        shown = {one["month"]: one["killed"] for one in indicators(session)["months"]}
    assert (shown["2024-05"], shown["2024-06"], shown["2024-07"]) == (2, 9, 0)
    assert hidden["2024-05"] is None
    assert hidden["2024-06"] in (None, 9)


def test_nothing_is_withheld_where_no_roles_are_asked(session: Session) -> None:
    row = {"month": "2024-05", "killed": 1, "injured": 0}
    assert casualties_told(session, [row]) == [row]
    assert casualties_told(session, []) == []
    assert Lens(session).may_read(party(session, "White"), "accident") == "full"
