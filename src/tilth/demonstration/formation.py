"""The joint formation: chains of command of four organisations, their people and their assets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from tilth.demonstration.cast import OPERATORS, code_of
from tilth.demonstration.scale import METHODS
from tilth.demonstration.world import World

__all__ = [
    "EOD_TEAMS",
    "SURVEY_TEAMS",
    "Asset",
    "Formation",
    "Person",
    "Team",
    "formed",
    "team_code",
]

SURVEY_TEAMS, EOD_TEAMS = 6, 4
"""Survey and disposal teams of each operator, beside those that clear."""

_TEAMS_IN_UNIT = 12
_FEW_TEAMS = 40
"""With so many teams or fewer every sapper has a file; with more, leaders and medics have."""

_CREW = ("leader", "medic", "deminer", "deminer", "deminer", "driver")
_STAFF = ("IM1", "IM2", "IM3", "QA1", "QA2", "QA3", "HQ1", "ST1")
"""Desks of a headquarters: records, quality, command, the store of explosives."""

_MODELS = {"detector": "Detector, induction", "dog": "Shepherd", "machine": "Light flail"}
_ASSETS = {"detector": "D", "dog": "K", "machine": "M"}
_ASSET_FOR = {"mdd": "dog", "flail": "machine"}
_USED_BY = {"manual_detector": "detector", "bac_subsurface": "detector", **_ASSET_FOR}
"""Asset by the method that needs one."""


class Person(NamedTuple):
    """Somebody of the formation; the name is drawn when the file is written."""

    code: str
    operator: int
    function: str
    team: str


@dataclass(frozen=True, slots=True)
class Team:
    """A team with what it is equipped for."""

    code: str
    operator: int
    name: str
    parent: str
    activities: tuple[str, ...]
    methods: tuple[str, ...]
    members: tuple[Person, ...]


class Asset(NamedTuple):
    """A detector set, a dog or a machine of a team."""

    code: str
    operator: int
    type: str
    team: str
    model: str


@dataclass(slots=True)
class Formation:
    """Everybody and everything, by code."""

    teams: dict[str, Team] = field(default_factory=dict)
    units: list[tuple[int, str, str, str]] = field(default_factory=list)
    """Operator, code, name and parent of formations and units."""
    staff: list[Person] = field(default_factory=list)
    assets: dict[str, Asset] = field(default_factory=dict)

    @property
    def people(self) -> list[Person]:
        """Everybody, staff first."""
        return [*self.staff, *(one for team in self.teams.values() for one in team.members)]

    def assets_for(self, team: str, methods: tuple[str, ...]) -> list[str]:
        """Codes of the assets of a team that these methods need."""
        types = dict.fromkeys(_USED_BY[method] for method in methods if method in _USED_BY)
        codes = (f"{team}-{_ASSETS[one]}" for one in types)
        return [code for code in codes if code in self.assets]


def team_code(operator: int, number: int) -> str:
    """Code of a team that clears, as reports name it."""
    return f"{code_of(operator)}-T{number + 1:03d}"


def formed(world: World) -> Formation:
    """Form the chains of command that the work of the story needs."""
    formation = Formation()
    methods = _methods_of_teams(world)
    few = len(methods) <= _FEW_TEAMS
    for operator in range(-1, len(OPERATORS)):
        code = code_of(operator)
        formation.staff += [Person(f"{code}-{desk}", operator, "staff", "") for desk in _STAFF]
    for operator, member in enumerate(OPERATORS):
        code = member.code
        formation.units.append((operator, f"{code}-F", member.name, ""))
        numbers = sorted(number for owner, number in methods if owner == operator)
        for unit in range(-(-len(numbers) // _TEAMS_IN_UNIT)):
            name = f"Clearance company {unit + 1}"
            formation.units.append((operator, f"{code}-U{unit + 1}", name, f"{code}-F"))
        formation.units.append((operator, f"{code}-US", "Survey and disposal section", f"{code}-F"))
        for place, number in enumerate(numbers):
            parent = f"{code}-U{place // _TEAMS_IN_UNIT + 1}"
            _add_team(formation, operator, number, parent, methods[operator, number], few)
        for letter, count, name, activities, skills in _SPECIALISTS:
            for number in range(1, count + 1):
                team = f"{code}-{letter}{number}"
                crew = _crew(operator, team, ("leader", "surveyor") if few else ("leader",))
                formation.teams[team] = Team(
                    team, operator, f"{name} {number}", f"{code}-US", activities, skills, crew
                )
    return formation


_SPECIALISTS = (
    ("S", SURVEY_TEAMS, "Survey team", ("nts", "ts"), ("interview", "visual", "flail")),
    ("E", EOD_TEAMS, "Disposal team", ("eod_spot_task",), ("visual", "manual_detector")),
)


def _methods_of_teams(world: World) -> dict[tuple[int, int], tuple[str, ...]]:
    """Methods that each team that clears will use, by operator and number."""
    reports = world.reports
    rows = np.unique(
        np.column_stack((reports.organisation, reports.team, world.plan.method[reports.hazard])),
        axis=0,
    )
    found: dict[tuple[int, int], dict[str, None]] = {}
    for operator, team, method in rows.tolist():
        found.setdefault((operator, team), {}).update(dict.fromkeys(METHODS[method].codes))
    return {key: tuple(codes) for key, codes in found.items()}


def _add_team(
    formation: Formation,
    operator: int,
    number: int,
    parent: str,
    methods: tuple[str, ...],
    few: bool,
) -> None:
    code = team_code(operator, number)
    battle = any(one.startswith("bac") for one in methods)
    mines = any(not one.startswith("bac") for one in methods)
    activities = ("clearance",) * mines + ("bac",) * battle
    functions: tuple[str, ...] = _CREW if few else _CREW[:2]
    if few:
        functions += ("dog_handler",) * ("mdd" in methods)
        functions += ("machine_operator",) * ("flail" in methods)
    formation.teams[code] = Team(
        code,
        operator,
        f"Clearance team {number + 1}",
        parent,
        activities,
        methods,
        _crew(operator, code, functions),
    )
    for kind in dict.fromkeys(_USED_BY[one] for one in methods if one in _USED_BY):
        asset = f"{code}-{_ASSETS[kind]}"
        formation.assets[asset] = Asset(asset, operator, kind, code, _MODELS[kind])


def _crew(operator: int, team: str, functions: tuple[str, ...]) -> tuple[Person, ...]:
    return tuple(
        Person(f"{team}-{place}", operator, function, team)
        for place, function in enumerate(functions, 1)
    )
