"""What an account at a level leaves out: counted with the day it would count from (rules §2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from math import fsum
from typing import Any, NamedTuple

import shapely

from tilth.core.chains import APPROVED, LEVELS, PRUDENT, Said, chains_of
from tilth.core.days import first_day
from tilth.core.kinds.model import Kind
from tilth.core.land.book import KINDS_OF_GROUND, LandBook
from tilth.core.land.clusters import first_view
from tilth.core.land.resolve import statement_in_force
from tilth.core.land.views import HazardView
from tilth.service.ground import Books

__all__ = ["Left", "left_of", "left_out", "summed"]


class Left(NamedTuple):
    """One record left out: why, from which day, its m² and its declared m² (decimal text)."""

    reason: str
    day: int
    m2: float
    declared_m2: str


def left_out(books: Books, kinds: Mapping[str, Kind], level: str) -> list[Left]:
    """Every record that the figures at a level leave out, or count with a reservation."""
    every = dict.fromkeys([*books.land.statements, *books.items])
    return sorted(one for left in left_of(books, kinds, level, every).values() for one in left)


def left_of(
    books: Books, kinds: Mapping[str, Kind], level: str, records: Iterable[str]
) -> dict[str, list[Left]]:
    """What is left out of some records; those that are counted without reserve are not named."""
    minimum, number = _minimum(kinds), LEVELS[level]
    found: dict[str, list[Left]] = {}
    for record in records:
        left: list[Left] = []
        if record in books.land.statements:
            left += _of_land(books.land, record, number, minimum)
        if record in books.items:
            left += _of_items(books, record, number, minimum)
        if left:
            found[record] = left
    return found


def _minimum(kinds: Mapping[str, Kind]) -> dict[str, frozenset[str]]:
    return {
        name: frozenset(one.name for one in kind.fields if one.minimum and one.name != "items")
        for name, kind in kinds.items()
    }


def _of_land(
    book: LandBook, record: str, number: int, minimum: Mapping[str, frozenset[str]]
) -> Iterator[Left]:
    statements = book.statements[record]
    view = first_view(book, record)
    if any(said.fields is None for said in statements):
        yield Left("not_held", _day(statements), 0.0, "0")
    reasons = []
    if any(said.hash in book.standing.returned for said in statements):
        reasons.append("returned")
    if len(statements) > 1 and _contested(statements, book):
        reasons.append("contested")
    if view is not None and book.views[record][number - 1] is None:
        reasons.append("below_level")
    if reasons:
        m2 = sum(float(shapely.area(book.geometry[key])) for key in book.keys_of(record))
        yield from (Left(reason, _day(statements), m2, "0") for reason in reasons)
    if view is not None or statements[-1].kind == "hazard_area":
        yield from _reserved(book, record, statements, number, minimum)


def _reserved(
    book: LandBook,
    record: str,
    statements: list[Said],
    number: int,
    minimum: Mapping[str, frozenset[str]],
) -> Iterator[Left]:
    view = book.views[record][number - 1]
    if isinstance(view, HazardView):
        if not view.grounds:
            yield Left("without_polygon", _day(statements), 0.0, _declared(statements))
        elif view.suspected()[0] > view.day and view.class_at(view.day) == "indication":
            yield Left("indications", _day(statements), 0.0, _declared(statements))
    said = statement_in_force(statements, number, book.standing)
    if said is not None and not minimum[said.kind] <= set(said.fields or {}):
        yield Left("incomplete", _day(statements), 0.0, "0")


def _of_items(
    books: Books, record: str, level: int, minimum: Mapping[str, frozenset[str]]
) -> Iterator[Left]:
    """Spot tasks and summaries; reports are records of land."""
    statements = books.items[record]
    if statements[0].kind in KINDS_OF_GROUND:
        return
    number = APPROVED if level == PRUDENT else level
    said = statement_in_force(statements, number, books.land.standing)
    if said is None:
        if any(one.act == "record" for one in statements):
            yield Left("below_level", _day(statements), 0.0, _declared(statements))
    elif not minimum[said.kind] <= set(said.fields or {}):
        yield Left("incomplete", _day(statements), 0.0, "0")


def _contested(statements: list[Said], book: LandBook) -> bool:
    chain, revisions = chains_of(statements)
    return any(one.path(book.standing)[1] for one in [*([chain] if chain else []), *revisions])


def _day(statements: Iterable[Said]) -> int:
    return min(first_day(said.happened_on) for said in statements if said.happened_on)


def _declared(statements: list[Said]) -> str:
    for said in reversed(statements):
        if said.fields and "declared_area_m2" in said.fields:
            return str(said.fields["declared_area_m2"])
    return "0"


def summed(left: Iterable[Left], until: int) -> dict[str, dict[str, Any]]:
    """Counts and areas by reason, of what happened by a day; declared areas exactly."""
    groups: dict[str, list[Left]] = {}
    for one in left:
        if one.day <= until:
            groups.setdefault(one.reason, []).append(one)
    return {
        reason: {
            "records": len(group),
            "m2": round(fsum(one.m2 for one in group), 6),  # exact, in whatever order they come
            "declared_m2": float(sum((Decimal(one.declared_m2) for one in group), Decimal(0))),
        }
        for reason, group in sorted(groups.items())
    }
