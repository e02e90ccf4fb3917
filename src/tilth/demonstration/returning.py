"""Acts eight and nine: the contingents go home, and those who did the work are thanked."""

from __future__ import annotations

from typing import Any

from tilth.demonstration.cast import AUTHORITY, END, OPERATORS, START, iso_day
from tilth.demonstration.formation import Formation
from tilth.demonstration.ledger import Ledger
from tilth.demonstration.orders import TAKER
from tilth.demonstration.world import World

__all__ = ["tell_return"]

_HOME = END + 5
_THANKED = END + 3
_HONOURED_TEAMS = 12

Fields = dict[str, Any]


def tell_return(ledger: Ledger, world: World, formation: Formation) -> None:
    """Tell honours, the end of every deployment, and what went home."""
    _tell_honours(ledger, formation)
    foreign = {at for at, one in enumerate(OPERATORS) if one.state != AUTHORITY.state}
    for team in formation.teams.values():
        if team.operator == TAKER and team.code.startswith(f"{OPERATORS[TAKER].code}-S"):
            continue  # its survey teams stay, with the orders that are left
        _close(ledger, team.operator, team.code)
    for person in formation.staff:
        if person.operator in foreign:
            _close(ledger, person.operator, person.code)
    for asset in formation.assets.values():
        if asset.operator in foreign:
            event = {"status": "returned"}
            ledger.revise(asset.operator, "asset", asset.code, _HOME - 1, event)
    event = {"actual_from": iso_day(START), "actual_to": iso_day(END)}
    ledger.revise(-1, "operation", "OP-1", _HOME + 2, event)


def _close(ledger: Ledger, operator: int, code: str) -> None:
    event = {"period_to": iso_day(_HOME)}
    ledger.revise(operator, "deployment", f"{code}-DP", _HOME, event)


def _tell_honours(ledger: Ledger, formation: Formation) -> None:
    given: list[tuple[str, Fields]] = [
        (
            "Order of the Furrow",
            {"honoured_organisation": one.code, "citation": f"For {one.name} as a whole."},
        )
        for one in OPERATORS
    ]
    teams = [team for team in formation.teams.values() if team.code.split("-")[1][0] == "T"]
    step = max(1, len(teams) // _HONOURED_TEAMS)
    for team in teams[::step][:_HONOURED_TEAMS]:
        words = {"team": team.code, "citation": "For a year of work without haste."}
        given.append(("Letter of thanks", words))
        words = {"person": team.members[0].code, "citation": "For leading a team with care."}
        given.append(("Medal for care in clearance", words))
    for number, (name, fields) in enumerate(given, 1):
        head = {"honour_type": name, "given_by": AUTHORITY.name}
        ledger.record(-1, "honour", f"HN-{number:03d}", _THANKED, head | fields)
