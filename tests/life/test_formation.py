"""The joint formation: chains of command, members by day, liaison, and what does not fit."""

from __future__ import annotations

from typing import Any

import pytest
from formation import AUTHORITY, OPERATOR, OTHER, Formation, day
from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.core.findings import FINDINGS
from tilth.core.life.formation import (
    chain_of_command,
    formation_findings,
    formation_of,
    members_of,
    organisations_of,
    postings,
    speaks_for,
    team_of,
)
from tilth.core.life.register import Held, Register


def team(register: Register, code: str) -> Held:
    found = team_of(register, code)
    assert found is not None
    return found


def contingent() -> Formation:
    """A contingent with one company of two teams; T-2 moves to the other company in March."""
    made = Formation()
    made.say("team", "CON", echelon="formation")
    made.say("team", "C-1", echelon="unit", parent="CON")
    made.say("team", "C-2", echelon="unit", parent="CON")
    made.say("team", "T-1", echelon="team", parent="C-1", members=[{"person": "P-1"}])
    moving = made.say("team", "T-2", echelon="team", parent="C-1")
    made.revise(moving, "2026-03-01", parent="C-2")
    return made


def names(chain: list[Held]) -> list[str]:
    return [one.local_id for one in chain]


def test_a_team_has_its_unit_and_its_formation_of_that_day() -> None:
    register = contingent().register()
    assert names(chain_of_command(register, team(register, "T-1"), day(1))) == ["T-1", "C-1", "CON"]
    moving = team(register, "T-2")
    assert names(chain_of_command(register, moving, "2026-02-28")) == ["T-2", "C-1", "CON"]
    assert names(chain_of_command(register, moving, "2026-03-01")) == ["T-2", "C-2", "CON"]
    assert formation_of(register, moving, "2026-03-01").local_id == "CON"


def test_two_organisations_may_call_a_team_alike() -> None:
    made = contingent()
    made.say("team", "T-1", OTHER, name="Their own")
    register = made.register()
    assert team_of(register, "T-1") is None
    assert team(register, f"{OTHER}/team/T-1").fields["name"] == "Their own"
    own = team_of(register, "T-1", OPERATOR)
    assert own is not None
    assert own.author == OPERATOR


def test_a_chain_that_comes_back_ends_and_is_told_once() -> None:
    made = Formation()
    for code, parent in (("A", "B"), ("B", "C"), ("C", "A"), ("D", "A"), ("E", "E")):
        made.say("team", code, parent=parent)
    register = made.register()
    assert names(chain_of_command(register, team(register, "D"), day(1))) == ["D", "A", "B", "C"]
    told = [one for one in formation_findings(register) if one.code == "command_loop"]
    assert [one.params["chain"] for one in told] == ["A → B → C → A", "E → E"]


@settings(max_examples=60)
@given(st.lists(st.integers(0, 7), min_size=8, max_size=8))
def test_every_chain_ends_and_a_loop_is_told_exactly_where_there_is_one(above: list[int]) -> None:
    made = Formation()
    for number, parent in enumerate(above):
        made.say("team", f"T-{number}", **({} if parent == number else {"parent": f"T-{parent}"}))
    register = made.register()
    loops = set()
    for start in range(8):
        walked = [start]
        while above[walked[-1]] != walked[-1] and above[walked[-1]] not in walked:
            walked.append(above[walked[-1]])
        chain = chain_of_command(register, team(register, f"T-{start}"), day(1))
        assert names(chain) == [f"T-{number}" for number in walked]
        if above[walked[-1]] != walked[-1]:
            loops.add(frozenset(walked[walked.index(above[walked[-1]]) :]))
    told = [one for one in formation_findings(register) if one.code == "command_loop"]
    assert len(told) == len(loops)


MEMBERS = [
    {"person": "P-1", "function": "leader"},
    {"person": "P-2", "function": "medic", "period_from": "2026-02-01", "period_to": "2026-02"},
    {"person": "P-3", "period_from": "2026-03"},
]


@pytest.mark.parametrize(
    ("on", "people"),
    [
        ("2026-01-31", ["P-1"]),
        ("2026-02-01", ["P-1", "P-2"]),
        ("2026-02-28", ["P-1", "P-2"]),
        ("2026-03-01", ["P-1", "P-3"]),
        ("2026-07-01", []),
    ],
)
def test_members_are_those_of_the_day_while_the_team_is_there(on: str, people: list[str]) -> None:
    made = Formation()
    made.say("team", "T-1", members=MEMBERS, period_to="2026-06-30")
    assert list(members_of(team(made.register(), "T-1"), on)) == people


def test_a_member_who_left_by_a_later_list_is_a_member_before_it() -> None:
    made = Formation()
    said = made.say("team", "T-1", members=[{"person": "P-1"}, {"person": "P-2"}])
    made.revise(said, "2026-04-01", members=[{"person": "P-1"}])
    held = team(made.register(), "T-1")
    assert list(members_of(held, "2026-03-31")) == ["P-1", "P-2"]
    assert list(members_of(held, "2026-04-01")) == ["P-1"]


# -- liaison --------------------------------------------------------------------------------------

TODAY = "2026-05-01"


def two_nations() -> Formation:
    made = Formation()
    made.say("organisation", "OTH", AUTHORITY, code="OTH", log_id=OTHER)
    made.say("organisation", "OP", AUTHORITY, code="OP", log_id=OPERATOR)
    made.say("team", "T-1", members=[{"person": "P-1"}])
    return made


def codes(made: Formation, actor: str, organisation: str, act: str = "record") -> list[str]:
    problems = speaks_for(made.register(), actor, organisation, act, TODAY)
    return [one.code for one in problems]


def test_a_sapper_of_another_organisation_needs_a_liaison() -> None:
    made = two_nations()
    assert codes(made, "P-1", OPERATOR) == []
    assert codes(made, "P-1", OTHER) == ["speaks_for_other"]
    (problem,) = speaks_for(made.register(), "P-1", OTHER, "record", TODAY)
    assert problem.where == f"{OPERATOR}/team/T-1"
    made.say("liaison", "L-1", OTHER, speaker="P-1", for_organisation="OTH")
    assert codes(made, "P-1", OTHER) == []


def test_a_clerk_whom_nobody_lists_is_not_questioned() -> None:
    assert codes(two_nations(), "im1", OTHER) == []


LIAISONS: list[tuple[dict[str, Any], str, list[str]]] = [
    ({}, OTHER, []),
    ({}, OPERATOR, ["speaks_for_other"]),
    ({"speaker": "P-2"}, OTHER, ["speaks_for_other"]),
    ({"speaker": "OP"}, OTHER, []),
    ({"for_organisation": "OP"}, OTHER, ["speaks_for_other"]),
    ({"acts": ["record"]}, OTHER, []),
    ({"acts": ["vouch"]}, OTHER, ["speaks_for_other"]),
    ({"period_from": "2026-05-01", "period_to": "2026-05-01"}, OTHER, []),
    ({"period_from": "2026-05-02"}, OTHER, ["speaks_for_other"]),
    ({"period_to": "2026-04"}, OTHER, ["speaks_for_other"]),
]


@pytest.mark.parametrize(("fields", "said_by", "found"), LIAISONS)
def test_a_liaison_is_the_word_of_who_is_spoken_for(
    fields: dict[str, Any], said_by: str, found: list[str]
) -> None:
    made = two_nations()
    made.say("liaison", "L-1", said_by, **{"speaker": "P-1", "for_organisation": "OTH", **fields})
    assert codes(made, "P-1", OTHER) == found


def test_a_liaison_without_a_list_says_and_decides_nothing() -> None:
    made = two_nations()
    made.say("liaison", "L-1", OTHER, speaker="P-1", for_organisation="OTH")
    assert codes(made, "P-1", OTHER, "correct") == []
    assert codes(made, "P-1", OTHER, "vouch") == ["speaks_for_other"]


def test_the_paper_that_the_authority_entered_for_a_nation_is_that_nations_paper() -> None:
    made = two_nations()
    made.say("team", "T-9", AUTHORITY, organisation="OTH", members=[{"person": "P-9"}])
    register = made.register()
    assert organisations_of(register, "P-9", TODAY) == {OTHER: f"{AUTHORITY}/team/T-9"}


# -- findings -------------------------------------------------------------------------------------


def told(made: Formation, code: str) -> list[tuple[str, str, dict[str, Any]]]:
    assert code in FINDINGS
    return [
        (one.record.split("/")[-1], one.other.split("/")[-1], dict(one.params))
        for one in formation_findings(made.register())
        if one.code == code
    ]


def test_what_names_an_unknown_team_or_nobody_is_a_finding() -> None:
    made = contingent()
    made.say("team", "T-3", parent="C-9")
    made.say("asset", "MD-1", team="T-9")
    made.say("asset", "MD-2", team="T-1")
    made.say("asset", "MD-3")
    made.say("deployment", "D-1", place="Dagua")
    made.say("honour", "H-1", honoured_organisation="OP")
    made.say("honour", "H-2", given_by="Council")
    assert told(made, "team_parent_unknown") == [("T-3", "", {"parent": "C-9"})]
    assert told(made, "team_not_recorded") == [("MD-1", "", {"team": "T-9"})]
    assert [one[0] for one in told(made, "names_nobody")] == ["D-1", "H-2"]


POSTED: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"period_from": "2026-03-01"}, {"period_from": "2026-04-01", "place": "Bora"}, "2026-04-01"),
    ({"period_from": "2026-03-01"}, {"period_from": "2026-04-01"}, ""),
    (
        {"period_from": "2026-03-01", "period_to": "2026-03-31"},
        {"period_from": "2026-04-01", "place": "Bora"},
        "",
    ),
    (
        {"period_from": "2026-03-01", "period_to": "2026-04-01"},
        {"period_from": "2026-04-01", "place": "Bora"},
        "2026-04-01",
    ),
    (
        {"period_from": "2026-03-01", "person": "P-2"},
        {"period_from": "2026-03-01", "place": "Bora"},
        "",
    ),
    (
        {"period_from": "2026-03-01", "person": "", "team": "T-1"},
        {"period_from": "2026-03-05", "place": "Bora"},
        "2026-03-05",
    ),
]


@pytest.mark.parametrize(("first", "second", "on"), POSTED)
def test_nobody_is_in_two_places_on_one_day(
    first: dict[str, Any], second: dict[str, Any], on: str
) -> None:
    made = contingent()
    for number, fields in enumerate((first, second), 1):
        made.say("deployment", f"D-{number}", **{"person": "P-1", "place": "Dagua", **fields})
    found = [(one[0], one[1], one[2]["day"]) for one in told(made, "deployed_twice")]
    assert found == ([("D-1", "D-2", on)] if on else [])


def test_a_team_takes_its_members_of_those_days_along() -> None:
    made = Formation()
    members = [{"person": "P-1"}, {"person": "P-2", "period_to": "2026-03-10"}]
    made.say("team", "T-1", members=members)
    made.say("deployment", "D-1", team="T-1", place="Dagua", period_from="2026-03-05")
    found = {one.who.split("/")[-1]: one.days[1] - one.days[0] for one in postings(made.register())}
    assert found["P-2"] == 5
    assert found["P-1"] == found["T-1"] > 1000


def test_a_person_in_the_lists_of_two_nations_is_told_with_the_first_day() -> None:
    made = two_nations()
    members = [{"person": "P-1", "period_from": "2026-02-01"}]
    made.say("team", "T-1", OTHER, members=members)
    (found,) = told(made, "listed_by_two")
    assert found[2] == {"who": "P-1", "count": 1, "day": "2026-02-01"}


def test_lists_without_days_are_told_with_the_day_of_the_later_one() -> None:
    made = two_nations()
    made.say("team", "T-1", OTHER, members=[{"person": "P-1"}])
    (found,) = told(made, "listed_by_two")
    assert found[2]["day"] == "2026-01-01"


def test_a_liaison_that_somebody_else_said_is_a_finding() -> None:
    made = two_nations()
    made.say("liaison", "L-1", OPERATOR, speaker="P-1", for_organisation="OTH")
    made.say("liaison", "L-2", OTHER, speaker="P-1", for_organisation="OTH")
    assert told(made, "liaison_not_own") == [("L-1", "", {"organisation": "OTH"})]


def test_a_formation_in_order_has_no_findings() -> None:
    assert formation_findings(contingent().register()) == []
