"""Act one and two: the operation is ordered, and four organisations of two states form for it."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

from tilth.demonstration import records
from tilth.demonstration.cast import (
    AUTHORITY,
    END,
    FRIENDS,
    OPERATORS,
    ORDERED,
    PROJECTS,
    START,
    Member,
    code_of,
    iso_day,
)
from tilth.demonstration.formation import Asset, Formation, Person, Team
from tilth.demonstration.handing import land_user
from tilth.demonstration.ledger import Ledger
from tilth.demonstration.scale import SCALES, stream
from tilth.demonstration.world import World, district_code

__all__ = ["Rules", "tell_mandate"]

FORMED = ORDERED + 21
TESTED = START - 17
"""Day on which detectors, dogs and machines were tried on the test field."""
_ARRIVED = START - 4
_AMENDED = START + 54

Fields = dict[str, Any]


class Rules(NamedTuple):
    """The rule set that the authority says: name, version and TOML text."""

    name: str
    version: int
    text: str

    @property
    def identity(self) -> str:
        """As decisions store it."""
        return f"{self.name}/{self.version}/{self.sha256}"

    @property
    def sha256(self) -> str:
        """Of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def tell_mandate(ledger: Ledger, world: World, formation: Formation, rules: Rules | None) -> None:
    """Tell the amendment of the mandate, the projects, and who came with what."""
    ledger.revise(
        -1, "operation", "OP-1", _AMENDED, {"boundary": records.boundary(world.hazards.rings)}
    )
    for friend in FRIENDS:
        ledger.record(
            -1, "organisation", friend.code, ORDERED, records.organisation(world.seed, friend)
        )
    if rules is not None:
        fields = {"name": rules.name, "version": rules.version, "text": rules.text}
        local_id = f"{rules.name}-{rules.version}"
        ledger.record(-1, "rule_set", local_id, ORDERED + 7, fields | {"sha256": rules.sha256})
    _tell_projects(ledger, world)
    _tell_liaison(ledger)
    for operator, code, name, parent in formation.units:
        ledger.record(operator, "team", code, FORMED, _unit(ledger, operator, code, name, parent))
    _tell_people(ledger, world, formation)
    for team in formation.teams.values():
        ledger.record(team.operator, "team", team.code, FORMED + 3, _team(ledger, team))
        _deploy(ledger, team.operator, team.code, {"team": team.code})
    for person in formation.staff:
        if person.operator >= 0 and _foreign(OPERATORS[person.operator]):
            _deploy(ledger, person.operator, person.code, {"person": person.code} | _AT_DESK)
    for asset in formation.assets.values():
        ledger.record(asset.operator, "asset", asset.code, TESTED, _asset(asset))


_AT_DESK = {"function": "staff"}


def _foreign(member: Member) -> bool:
    return member.state != AUTHORITY.state


def _tell_projects(ledger: Ledger, world: World) -> None:
    whole = SCALES["yardstick"].area_m2
    for project in PROJECTS:
        target = project.target_m2 * world.scale.area_m2 // whole
        fields = {
            "name": project.name,
            "code": project.code,
            "donor": project.donor,
            "agreement_number": project.agreement,
            "period_from": iso_day(ORDERED + 30),
            "period_to": iso_day(END + 90),
            "targets": [{"indicator": "Ground released", "amount": str(target), "unit": "m2"}],
        }
        ledger.record(-1, "project", project.code, ORDERED + 30, fields)


def _tell_liaison(ledger: Ledger) -> None:
    """Each contingent and its neighbour: who may speak for whom."""
    for operator, speaker, acts in (
        (0, f"{OPERATORS[0].code}-HQ1", ["record", "correct", "revise"]),
        (3, OPERATORS[0].code, ["record", "revise"]),
    ):
        fields = {
            "speaker": speaker,
            "for_organisation": code_of(operator),
            "acts": acts,
            "period_from": iso_day(FORMED),
        }
        ledger.record(operator, "liaison", f"{code_of(operator)}-LI-1", FORMED, fields)


def _unit(ledger: Ledger, operator: int, code: str, name: str, parent: str) -> Fields:
    fields: Fields = {
        "code": code,
        "name": name,
        "echelon": "unit" if parent else "formation",
        "period_from": iso_day(FORMED),
    }
    if parent:
        fields["parent"] = ledger.record_of(operator, "team", parent)
    else:
        staff = [f"{code_of(operator)}-{desk}" for desk in ("HQ1", "QA1", "IM1", "ST1")]
        fields["members"] = [{"person": person, **_AT_DESK} for person in staff]
    return fields


def _team(ledger: Ledger, team: Team) -> Fields:
    return {
        "code": team.code,
        "name": team.name,
        "echelon": "team",
        "parent": ledger.record_of(team.operator, "team", team.parent),
        "activities": list(team.activities),
        "methods": list(team.methods),
        "members": [{"person": one.code, "function": one.function} for one in team.members],
        "period_from": iso_day(FORMED),
    }


def _deploy(ledger: Ledger, operator: int, code: str, who: Fields) -> None:
    fields = who | {"period_from": iso_day(_ARRIVED), "place": district_code(0)}
    ledger.record(operator, "deployment", f"{code}-DP", _ARRIVED, fields)


def _asset(asset: Asset) -> Fields:
    tests = [("maintenance", 1), ("calibration" if asset.type != "dog" else "test_field", 0)]
    return {
        "code": asset.code,
        "asset_type": asset.type,
        "model": asset.model,
        "serial": f"{sum(asset.code.encode()) * 7919 % 90_000 + 10_000}",
        "team": asset.team,
        "status": "in_use",
        "tests": [
            {
                "tested_on": iso_day(TESTED - before),
                "test": test,
                "result": "passed",
                "valid_until": iso_day(END + 90),
                "place": "Test field of the training centre",
            }
            for test, before in tests
        ],
    }


_GIVEN = (
    *("Arvo", "Belin", "Cosma", "Deru", "Elisk", "Farun", "Gelda", "Hoska", "Imre", "Jovan"),
    *("Kelda", "Lurin", "Mavet", "Nisra", "Orlin", "Pelka", "Quila", "Rastu", "Selma", "Torvi"),
)
_FAMILY = ("Bruv", "Dalek", "Fenn", "Gorst", "Hallim", "Iskar", "Koln", "Lesk", "Marn", "Nuvol")
_ENDS = ("a", "in", "ov", "ert", "ami", "os", "ulan", "ey", "izo", "und")
_RANKS = {"staff": "Captain", "leader": "Sergeant", "medic": "Corporal"}


def _tell_people(ledger: Ledger, world: World, formation: Formation) -> None:
    """Files of the people: made-up names, which go into the vault."""
    rng = stream(world.seed, "people")
    people = [*formation.people, *(_land_users(world))]
    drawn = rng.integers(0, 1 << 30, (len(people), 3)).tolist()
    for person, (first, second, third) in zip(people, drawn, strict=True):
        given = _GIVEN[first % len(_GIVEN)]
        family = _FAMILY[second % len(_FAMILY)] + _ENDS[third % len(_ENDS)]
        ledger.record(
            person.operator,
            "person",
            ledger.unspeaking(),
            FORMED + 1,
            _person(person, f"{given} {family}", first, third),
            known_as=person.code,
        )


def _land_users(world: World) -> list[Person]:
    """Who signs for the land users of each community."""
    return [Person(land_user(at), -1, "other", "") for at in range(len(world.communities))]


def _person(person: Person, name: str, first: int, third: int) -> Fields:
    fields: Fields = {
        "code": person.code,
        "name": name,
        "contacts": [f"radio Furrow {third % 900 + 100}"],
        "sex": "female" if first // 64 % 4 == 0 else "male",
        "birth_year": 1968 + third // 64 % 36,
    }
    if person.operator == 0:
        fields["rank"] = _RANKS.get(person.function, "Sapper")
    return fields
