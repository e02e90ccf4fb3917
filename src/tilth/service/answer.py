"""The account at a level on a day as plain values, from whatever holds its figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from tilth.core.chains import LEVELS
from tilth.core.days import iso, last_day
from tilth.core.items.account import account as item_account
from tilth.core.items.rollup import Rollup
from tilth.core.land.balance import Balance, not_closed
from tilth.core.land.resolve import statement_in_force
from tilth.service.ground import Books
from tilth.service.leftout import Left, summed
from tilth.service.positions import Position
from tilth.service.session import Session

__all__ = ["PLACES", "Declared", "Figures", "answer_of", "declared_in"]

PLACES = 6
"""Decimals of m²."""


class Declared(NamedTuple):
    """Area that a summary declares: the day it counts from, m² as written, and whose it is."""

    day: int
    m2: str
    organisation: str
    month: str
    method: str
    place: str
    project: str = ""


class Figures(NamedTuple):
    """What an account on a day is told from.

    Parameters
    ----------
    land
        The balance on that day.
    hazard
        Record id of the hazard at a place of the balance's arrays.
    """

    land: Balance
    hazard: Callable[[int], str]
    rollup: Rollup
    left: Iterable[Left]
    declared: Iterable[Declared]


def declared_in(books: Books, level: str, records: Iterable[str]) -> dict[str, Declared]:
    """Declared areas of summaries in force: summed among themselves only, exactly."""
    found = {}
    for record in records:
        statements = books.items[record]
        if statements[0].kind != "clearance_summary":
            continue
        said = statement_in_force(statements, LEVELS[level], books.land.standing)
        fields = (said.fields if said else None) or {}
        if said is not None and "declared_area_m2" in fields:
            found[record] = Declared(
                last_day(said.happened_on),
                str(fields["declared_area_m2"]),
                books.named(str(fields.get("organisation", ""))),
                said.happened_on[:7],
                "+".join(sorted(set(fields.get("methods", ())))),
                str(fields.get("place", "")),
            )
    return found


def answer_of(
    session: Session, position: Position, level: str, until: int, figures: Figures
) -> dict[str, Any]:
    """The account at a level on a day (ordinal), uncut, in the shape of ``accounting.account``."""
    result = figures.land
    land: dict[str, Any] = {k: round(v, PLACES) + 0.0 for k, v in result.total().items()}
    land["closure_m2"] = float(result.closure_m2.sum())
    land["unattached_m2"] = round(result.unattached_m2, PLACES)
    declared = sum((Decimal(one.m2) for one in figures.declared if one.day <= until), Decimal(0))
    land["declared_m2"] = float(declared)
    left = summed(figures.left, until)
    without = left.pop("without_polygon", {"records": 0, "declared_m2": 0.0})
    land["without_polygon"] = {
        "count": without["records"],
        "declared_m2": without["declared_m2"],
    }
    return {
        "operation": session.workspace.settings.operation_name,
        "synthetic": session.workspace.settings.synthetic,
        "level": level,
        "known_at": position.known_at,
        "until": iso(until),
        "position": [
            {"log": log, "size": size, "root": root} for log, size, root in position.heads
        ],
        "land": land,
        "items": _items(figures.rollup, iso(until)),
        "left_out": left,
        "not_closed": [figures.hazard(int(number)) for number in not_closed(result)],
        "by": [],
    }


def _items(rollup: Rollup, until: str) -> dict[str, Any]:
    result = item_account(rollup, until)
    return {
        **result.joint.items.as_dict(),
        "small_arms_found": result.joint.small_arms.found,
        "origins": dict(result.origins),
        "closure": result.joint.items.closure,
    }
