"""Teams, assets and accreditations as documents list them; of people only codes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tilth.core.days import NEVER, first_day, last_day
from tilth.core.kinds.lists_formation import FUNCTION
from tilth.core.life.register import Held
from tilth.service.paper_values.desk import Desk, part_of

__all__ = ["accreditations", "assets", "holds_on", "teams"]

_RANK = {code.value: number for number, code in enumerate(FUNCTION.codes)}


def holds_on(values: Mapping[str, Any], day: str) -> bool:
    """Whether ``period_from`` and ``period_to`` hold a day; what is not said does not bound."""
    start = first_day(str(values["period_from"])) if values.get("period_from") else 0
    end = last_day(str(values["period_to"])) if values.get("period_to") else NEVER
    return start <= first_day(day) <= end


def _members(values: Mapping[str, Any], day: str) -> list[dict[str, str]]:
    found = [
        {"person": str(one.get("person", "")), "function": str(one.get("function", ""))}
        for one in values.get("members", ())
        if holds_on(one, day)
    ]
    return sorted(found, key=lambda one: (_RANK.get(one["function"], len(_RANK)), one["person"]))


def teams(desk: Desk, codes: Iterable[str], author: str) -> list[dict[str, Any]]:
    """Teams by code, with who is in them on the document's day.

    Parameters
    ----------
    author
        Organisation id whose teams are meant first.
    """
    found = []
    for code in codes:
        held = desk.register.find("team", code, author)
        values = held.at(desk.until) if held else {}
        found.append(
            {
                "code": code,
                "name": str(values.get("name", "")),
                "activities": list(values.get("activities", ())),
                "methods": list(values.get("methods", ())),
                "members": _members(values, desk.until),
                "known": held is not None,
            }
        )
    return found


def assets(desk: Desk, codes: Iterable[str], author: str) -> list[dict[str, Any]]:
    """Assets by code, each with its newest test of each kind by the document's day."""
    found = []
    for code in codes:
        held = desk.register.find("asset", code, author)
        values = held.at(desk.until) if held else {}
        newest: dict[str, Mapping[str, Any]] = {}
        for test in sorted(values.get("tests", ()), key=lambda one: str(one.get("tested_on", ""))):
            if str(test.get("tested_on", "")) <= desk.until:
                newest[str(test.get("test", ""))] = test
        found.append(
            {
                "code": code,
                **part_of(values, "asset_type", "model", "serial", "status"),
                "tests": [
                    {"test": name, **part_of(test, "tested_on", "result", "valid_until")}
                    for name, test in sorted(newest.items())
                ],
                "known": held is not None,
            }
        )
    return found


def accreditations(desk: Desk, holders: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Accreditations by holder and day of issue, as they stand on the document's day.

    Only those count that the authority said or approved; the others are told as such.

    Parameters
    ----------
    holders
        Codes of organisations, teams and assets; none given: of everybody.
    """
    wanted = set(holders)
    rows = [_accreditation(desk, one) for one in _known(desk)]
    chosen = [one for one in rows if not wanted or one["holder"] in wanted]
    return sorted(chosen, key=lambda one: (one["holder"], one["issued_on"], one["certificate"]))


def _known(desk: Desk) -> Iterator[Held]:
    for one in desk.register.of("accreditation").values():
        if first_day(one.happened_on) <= first_day(desk.until):
            yield one


def _accreditation(desk: Desk, held: Held) -> dict[str, Any]:
    values = held.at(desk.until)
    return {
        **part_of(values, "holder_type", "holder", "certificate", "status", "sop_version"),
        **part_of(values, "issued_on", "expires_on", "reason"),
        "activities": list(values.get("activities", ())),
        "methods": list(values.get("methods", ())),
        "hazard_types": list(values.get("hazard_types", ())),
        "counts": held.author == desk.register.authority or desk.decided(held),
        "said": desk.said(held),
    }
