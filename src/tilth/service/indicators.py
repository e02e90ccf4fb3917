"""Indicators over time: ground blocked and released, capacity, accidents, people reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tilth.core.chains import REPORTED, Said
from tilth.core.days import ordinal
from tilth.core.land.balance import balance
from tilth.core.land.resolve import statement_in_force
from tilth.core.life.beneficiaries import BANDS, Band
from tilth.core.life.indicators import accidents_in, capacity_by_month, month_ends, reached_in
from tilth.service.accounting import kept_at, position_at
from tilth.service.ground import Books, read_books
from tilth.service.register import register_of
from tilth.service.session import Session
from tilth.service.victims import casualties_told

__all__ = ["indicators"]

_RELEASED = ("cancelled_m2", "reduced_m2", "cleared_m2")


def indicators(
    session: Session,
    *,
    level: str = "reported",
    until: str = "",
    bands: Sequence[Band] = BANDS,
) -> dict[str, Any]:
    """Rows by month, from the first record of ground to ``until``, or the last month that moved.

    Returns
    -------
    dict
        ``level``, ``until``, ``position``, and ``months``: each with ``month``, ``until`` (its
        last day), ``remaining_m2``, ``blocked_m2`` (remaining in hazard areas that block
        something) and ``blocked`` by what, ``released_m2`` in the month, ``teams``, ``reports``,
        ``person_days``, ``hours``, ``stopped_hours``, ``accidents``, ``killed``, ``injured``,
        ``reached`` (people) and ``reached_by`` sex and age. Land is that of the level, all else
        of *reported*. ``killed`` and ``injured`` are None where they are withheld.

    Raises
    ------
    Refused
        ``bad_level``.
    """
    position = position_at(session, "")
    rows = kept_at(session, position, [level])[level].rows
    last = until or session.today()
    books = read_books(
        session, until_seq=position.seq, kinds=("clearance_report", "hazard_area", "decision")
    )
    books.land.refresh()
    reports = _in_force(books, "clearance_report")
    blockages = _blockages(books)
    capacity = capacity_by_month(reports)
    register = register_of(session)
    people = [
        *register.of("eore_session").values(),
        *register.of("beneficiary_count").values(),
    ]
    days = [one.happened_on for one in (*reports, *_in_force(books, "hazard_area"))]
    first = min((day for day in days if len(day) >= len("2026-03")), default=last)
    months, released = [], 0.0
    for end in month_ends(first, last):
        month = end[:7]
        terms = balance(rows, ordinal(end)).terms
        done = float(sum(terms[name].sum() for name in _RELEASED))
        work = capacity.get(month)
        reached = reached_in(people, month, bands)
        months.append(
            {
                "month": month,
                "until": end,
                "remaining_m2": round(float(terms["remaining_m2"].sum()), 6),
                **_blocked(rows.hazards, terms["remaining_m2"], blockages),
                "released_m2": round(done - released, 6),
                "teams": len(work.teams) if work else 0,
                "reports": work.reports if work else 0,
                "person_days": work.person_days if work else 0,
                "hours": str(work.hours) if work else "0",
                "stopped_hours": str(work.stopped_hours) if work else "0",
                **accidents_in(register.of("accident").values(), month),
                "reached": reached["people"],
                "reached_by": reached["by"],
            }
        )
        released = done
    while not until and len(months) > 1 and _idle(months[-2], months[-1]):
        months.pop()
    return {
        "level": level,
        "until": last,
        "position": position.receipts,
        "synthetic": session.workspace.settings.synthetic,
        "months": casualties_told(session, months),
    }


def _idle(before: dict[str, Any], month: dict[str, Any]) -> bool:
    """Whether nothing happened in a month that an indicator tells."""
    told = ("released_m2", "reports", "accidents", "reached")
    return not any(month[name] for name in told) and (
        month["remaining_m2"] == before["remaining_m2"]
    )


def _in_force(books: Books, kind: str) -> list[Said]:
    """Statements in force as reported of every record of a kind of ground."""
    found = []
    for record, statements in books.land.statements.items():
        if books.land.kinds[record] != kind:
            continue
        said = statement_in_force(statements, REPORTED, books.land.standing)
        if said is not None:
            found.append(said if said.fields is not None else replace(said, fields={}))
    return found


def _blockages(books: Books) -> dict[str, tuple[str, ...]]:
    """What each hazard area blocks, as last said."""
    found: dict[str, tuple[str, ...]] = {}
    for said in _in_force(books, "hazard_area"):
        found[said.record] = tuple((said.fields or {}).get("blockages", ()))
    return found


def _blocked(
    hazards: Sequence[Any], remaining: NDArray[np.float64], blockages: dict[str, tuple[str, ...]]
) -> dict[str, Any]:
    """Ground remaining that blocks something, in all and by what; one m² may block several."""
    total = 0.0
    by: dict[str, float] = {}
    for hazard, m2 in zip(hazards, remaining.tolist(), strict=True):
        blocks = blockages.get(hazard.record, ())
        total += m2 if blocks else 0.0
        for what in blocks:
            by[what] = by.get(what, 0.0) + m2
    return {
        "blocked_m2": round(total, 6),
        "blocked": {what: round(m2, 6) for what, m2 in sorted(by.items())},
    }
