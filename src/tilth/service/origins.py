"""How a figure came to be: the rows that sum to it, narrowed step by step down to one record.

Every step says what its rows sum to, and what the account says of the same ground or items, which
is computed apart. What the reader may not see stands as a count and a sum, never as a place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from tilth.core.chains import LEVELS
from tilth.core.days import iso, ordinal
from tilth.core.land.balance import Balance, balance
from tilth.core.problems import Problem, Refused, register
from tilth.core.statement import split_record_id
from tilth.service import accounting
from tilth.service.item_origins import SMALL
from tilth.service.lens import Lens, not_readable
from tilth.service.origin_items import ITEM_CUTS, ITEM_FIGURES, account_of_items, items_step
from tilth.service.origin_land import (
    LAND_FIGURES,
    Ground,
    cuts_of_land,
    ground_on,
    grouped,
    narrowed,
    pieces_of,
)
from tilth.service.origin_steps import RECORDS, Ask, Parts, Row, Step, label_of
from tilth.service.positions import Position, position_at
from tilth.service.session import Session

__all__ = [
    "FIGURES",
    "Ask",
    "Figure",
    "Row",
    "Step",
    "Terms",
    "Trace",
    "kept_position",
    "terms_of",
    "trace",
]

CLOSURE_M2 = 1e-6
CLOSURE_RELATIVE = 1e-12
KEPT_DAYS = 4
LOOKED_UP = 400
"""Released areas of others that are looked up one by one, whether they are open to all."""

_REMEMBERED = "origins of land"
_SUMS = {"released": ("cancelled", "reduced", "cleared")}
_TELLING_NOTHING = frozenset({"model", "origin", "where"})
"""Cuts of items that tell of no place and of nobody."""


register(
    {
        "unknown_figure": (
            "There is no figure {figure}.",
            "Follow a figure from the operation page, or take one of: {figures}.",
        ),
        "figure_not_cut": (
            "The figure {figure} is not split by {by}, or not for you.",
            "Take one of: {cuts}.",
        ),
        "not_counted_yet": (
            "The account at that time is not kept.",
            "Ask for it as a job; it is told when it is ready.",
        ),
    }
)


class Figure(NamedTuple):
    """A figure that can be followed: its name, its label, ``m2`` or ``pieces``, its cuts."""

    name: str
    label: str
    unit: str
    cuts: tuple[str, ...]


_LABELS = {
    "recorded": "recorded",
    "extensions": "extensions",
    "overlaps": "overlaps",
    "cancelled": "cancelled",
    "reduced": "reduced",
    "cleared": "cleared",
    "released": "released",
    "remaining": "remaining",
    "processed": "processed, within remaining",
    "reprocessed": "re-processed",
}
DECLARED = "declared"
"""Areas that summaries declare: summed among themselves, split once, never with measured ground."""

_OF_SUMMARIES = ("organisation", "month", "method", "place", "project")

FIGURES: Mapping[str, Figure] = {
    **{name: Figure(name, _LABELS[name], "m2", cuts_of_land(name)) for name in LAND_FIGURES},
    DECLARED: Figure(DECLARED, "declared by hand", "m2", _OF_SUMMARIES),
    **{name: Figure(name, label, "pieces", ITEM_CUTS) for name, label in ITEM_FIGURES.items()},
}
"""Every figure that is followed here, land before items."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One step of how a figure came to be.

    Parameters
    ----------
    whole
        The figure itself, before any narrowing; ``steps`` lead from it to here.
    total
        What the account says of what is left here; None where it is withheld.
    summed
        Sum of all rows, shown or withheld, less ``between``.
    equal
        Whether the two agree: land to 1e-6 m² or 1e-12, items exactly.
    behind, behind_sum
        Rows that the reader may not see: how many, and their sum.
    newer
        Statements received since the position.
    """

    figure: Figure
    level: str
    until: str
    position: Position
    of: Mapping[str, str]
    by: str
    cuts: tuple[str, ...]
    whole: float
    steps: tuple[Step, ...]
    total: float
    summed: float
    equal: bool
    rows: tuple[Row, ...]
    count: int
    offset: int
    between: float
    behind: int
    behind_sum: float
    newer: int
    reached: int | None = None


class _Here(NamedTuple):
    """Where a step stands: its figure and cut, and how far the logs were known."""

    figure: Figure
    by: str
    cuts: tuple[str, ...]
    position: Position
    until: int
    newer: int


def kept_position(session: Session, known_at: str = "") -> Position:
    """Newest position, not after the one asked for, at which the accounts are kept.

    A short log is counted in passing. An earlier time is answered exactly or not at all: only
    *now* may stand a few statements back, and says so.

    Raises
    ------
    Refused
        ``not_counted_yet``, ``bad_known_at``.
    """
    position = position_at(session, known_at)
    if position.seq <= SMALL or accounting.is_kept(session, position):
        return position
    if not known_at:
        names = session.workspace.store.kept_keys(accounting.BOOK)
        for number in sorted({int(name[:10]) for name in names}, reverse=True):
            if number < position.receipts:
                earlier = position_at(session, f"position:{number}")
                if accounting.is_kept(session, earlier):
                    return earlier
    raise Refused(Problem("not_counted_yet", known_at, {"known_at": known_at}))


def trace(session: Session, ask: Ask, reader: Lens | None = None) -> Trace:
    """Rows that sum to a figure, narrowed and split as asked, as far as the reader may see.

    Raises
    ------
    Refused
        ``unknown_figure``, ``figure_not_cut``, ``not_readable``, ``bad_level``, ``bad_day``,
        ``bad_known_at``, ``not_counted_yet``.
    """
    figure = FIGURES.get(ask.figure)
    if figure is None:
        params = {"figure": ask.figure, "figures": ", ".join(FIGURES)}
        raise Refused(Problem("unknown_figure", ask.figure, params))
    if ask.level not in LEVELS:
        raise Refused(Problem("bad_level", ask.level, {"level": ask.level}))
    until = _day(ask.until or session.today())
    cuts = _open_cuts(figure, ask.of, reader)
    by = ask.by or next((one for one in cuts), "")
    if by not in cuts and (by or not ask.of):
        _refuse_cut(figure, by, cuts)
    _require_readable(ask.of, reader)
    position = kept_position(session, ask.known_at)
    if figure.name == DECLARED:
        whole, steps, parts = _declared(session, position, ask, by)
    elif figure.unit == "m2":
        whole, steps, parts = _land(session, position, until, ask, by)
    else:
        whole, steps, parts = items_step(session, position, ask, by, until)
    newer = session.workspace.store.last_seq() - position.seq
    here = _Here(figure, by, cuts, position, until, newer)
    return _answer(ask, here, whole, steps, parts, reader)


def _day(text: str) -> int:
    try:
        return ordinal(text)
    except ValueError as error:
        raise Refused(Problem("bad_day", text, {"text": text})) from error


def _open_cuts(figure: Figure, of: Mapping[str, str], reader: Lens | None) -> tuple[str, ...]:
    """Cuts by which what is left can still be split, and that the reader may see."""
    unknown = [name for name in of if name not in figure.cuts]
    if unknown:
        _refuse_cut(figure, unknown[0], figure.cuts)
    allowed = None if reader is None else {*reader.cuts(), *RECORDS, *_TELLING_NOTHING}
    if allowed is not None:
        for name in of:
            if name not in allowed:
                _refuse_cut(figure, name, tuple(one for one in figure.cuts if one in allowed))
    return tuple(
        name
        for name in figure.cuts
        if name not in of and (allowed is None or name in allowed) and "report" not in of
        if figure.name != DECLARED or not of
    )


def _refuse_cut(figure: Figure, by: str, cuts: tuple[str, ...]) -> None:
    params = {"figure": figure.label, "by": by, "cuts": ", ".join(cuts)}
    raise Refused(Problem("figure_not_cut", by, params))


def _require_readable(of: Mapping[str, str], reader: Lens | None) -> None:
    for name in RECORDS & of.keys():
        if of[name].count("/") < 2 or (reader is not None and not reader.sees(of[name])):
            raise not_readable(of[name])


def _readable(rows: list[Row], by: str, reader: Lens | None) -> list[Row]:
    """Rows of records that the reader may see.

    Of what is open once it is approved only so many are looked up as a hazard has; in a longer
    list the reader sees the organisations that may be read whole.
    """
    if reader is None or by not in RECORDS:
        return rows
    whole: dict[str, Any] = {}
    shown: list[Row] = []
    others: list[Row] = []
    for row in rows:
        author, kind, _ = split_record_id(row.key)
        if kind not in whole:
            whole[kind] = reader.organisations_full(kind)
        (shown if author in whole[kind] else others).append(row)
    if by == "release" and len(others) <= LOOKED_UP:
        also = reader.open_areas(row.key for row in others)
    else:
        also = frozenset().union(*(reader.records_full(kind) for kind in whole))
    return [*shown, *(row for row in others if row.key in also)]


@dataclass(frozen=True, slots=True)
class _Day:
    """Land on a day: its pieces, and the balance, which is computed apart."""

    ground: Ground
    balance: Balance


def _day_of(session: Session, position: Position, level: str, until: int) -> _Day:
    """Land of a kept position on a day; the last few are remembered."""
    known: dict[tuple[int, str, int], _Day] = session.remembered.setdefault(_REMEMBERED, {})
    name = (position.receipts, level, until)
    if name not in known:
        rows = accounting.land_at(session, position, level)
        known[name] = _Day(ground_on(rows, until), balance(rows, until))
        while len(known) > KEPT_DAYS:
            del known[next(iter(known))]
    return known[name]


def _land(
    session: Session, position: Position, until: int, ask: Ask, by: str
) -> tuple[float, tuple[Step, ...], Parts]:
    """A figure of land: the whole from the balance, everything below it from its pieces."""
    day = _day_of(session, position, ask.level, until)
    pieces = pieces_of(day.ground, ask.figure)
    totals = day.balance.total()
    whole = sum(totals[f"{name}_m2"] for name in _SUMS.get(ask.figure, (ask.figure,)))
    steps = []
    for name, key in ask.of.items():
        pieces = narrowed(pieces, name, frozenset({key}))
        steps.append(Step(name, key, label_of(name, key), pieces.total))
    total = pieces.total if ask.of else whole
    if not by:
        return whole, tuple(steps), Parts([Row("", "", pieces.total)], total)
    groups = grouped(pieces, by)
    rows = [Row(key, label_of(by, key), value) for key, value in groups.items()]
    return whole, tuple(steps), Parts(rows, total)


def _declared(
    session: Session, position: Position, ask: Ask, by: str
) -> tuple[float, tuple[Step, ...], Parts]:
    """Areas that summaries declare, by one cut; the sum is that of the account."""
    cut = by or next(iter(ask.of))
    question = accounting.Question(ask.until, f"position:{position.receipts}", by=cut)
    account = accounting.account(session, question, ask.level)
    whole = float(account["land"]["declared_m2"])
    rows = [
        Row(str(row[cut]), str(row[cut]), float(row["declared_m2"]))
        for row in account["by"]
        if row.get("declared_m2")
    ]
    if by:
        return whole, (), Parts(rows, whole)
    rows = [row for row in rows if row.key == ask.of[cut]]
    total = sum(row.value for row in rows)
    return whole, (Step(cut, ask.of[cut], ask.of[cut], total),), Parts(rows, total)


class Terms(NamedTuple):
    """The balance of one hazard on a day, m²; ``closure`` sets its rings against it."""

    hazard: str
    terms: Mapping[str, float]
    rings: float
    closure: float


def terms_of(session: Session, ask: Ask, reader: Lens | None = None) -> Terms | None:
    """Every term of the hazard to which a figure of land is narrowed; None without one.

    Raises
    ------
    Refused
        As `trace`.
    """
    hazard = ask.of.get("hazard", "")
    if not hazard:
        return None
    _require_readable({"hazard": hazard}, reader)
    until = _day(ask.until or session.today())
    day = _day_of(session, kept_position(session, ask.known_at), ask.level, until)
    number = next(
        (n for n, one in enumerate(day.ground.rows.hazards) if one.record == hazard), None
    )
    if number is None:
        return None
    result = day.balance
    terms = {name.removesuffix("_m2"): float(m2[number]) for name, m2 in result.terms.items()}
    return Terms(hazard, terms, float(result.rings_m2[number]), float(result.closure_m2[number]))


def _answer(
    ask: Ask,
    here: _Here,
    whole: float,
    steps: tuple[Step, ...],
    parts: Parts,
    reader: Lens | None,
) -> Trace:
    exact = here.figure.unit == "pieces"
    summed = math.fsum(row.value for row in parts.rows) - parts.between
    shown = _readable(parts.rows, here.by, reader)
    hidden = len(parts.rows) - len(shown)
    shown = sorted(shown, key=_ORDERS.get(ask.sort, _ORDERS["value"]))
    page = shown[ask.offset : ask.offset + ask.limit] if ask.limit else shown[ask.offset :]
    behind = math.fsum(row.value for row in parts.rows) - math.fsum(row.value for row in shown)
    allowed = 0.0 if exact else max(CLOSURE_M2, CLOSURE_RELATIVE * abs(parts.total))
    return Trace(
        figure=here.figure,
        level=ask.level,
        until=iso(here.until),
        position=here.position,
        of=ask.of,
        by=here.by,
        cuts=here.cuts,
        whole=whole,
        steps=steps,
        total=parts.total,
        summed=summed,
        equal=abs(summed - parts.total) <= allowed,
        rows=tuple(page),
        count=len(shown),
        offset=ask.offset,
        between=parts.between,
        behind=hidden,
        behind_sum=behind if hidden else 0.0,
        newer=here.newer,
        reached=parts.reached,
    )


_ORDERS: Mapping[str, Callable[[Row], Any]] = {
    "value": lambda row: (-row.value, row.key),
    "key": lambda row: row.key,
}


def placed(
    session: Session, account: Mapping[str, Any], place: str, reader: Lens
) -> dict[str, Any]:
    """An account narrowed to the hazards and reports of one place; what stands beside is left out.

    Parameters
    ----------
    account
        As ``accounting.account`` gives it; its level, day and position are kept where they can be.

    Raises
    ------
    Refused
        ``figure_not_cut`` where the reader may not see places, ``not_counted_yet``.
    """
    if "place" not in reader.cuts():
        _refuse_cut(FIGURES["remaining"], "place", tuple(sorted(reader.cuts())))
    level, until = str(account["level"]), ordinal(str(account["until"]))
    sizes = sum(head["size"] for head in account["position"])
    position = kept_position(session)
    if sizes != position.seq:
        position = kept_position(session, str(account["known_at"]))
    day = _day_of(session, position, level, until)
    here = np.array([one.place == place for one in day.ground.rows.hazards], dtype=bool)
    rows = account_of_items(session, position, level, until, "place").rows
    found = next((one for one in rows if one.value == place), None)
    items = dict.fromkeys(account["items"], 0)
    if found is not None:
        items = {
            **found.items.as_dict(),
            "small_arms_found": found.small_arms.found,
            "closure": found.items.closure,
        }
    return {
        **account,
        "land": {**day.balance.total(here), "unattached_m2": 0.0, "declared_m2": 0.0},
        "items": items,
        "left_out": {},
        "not_closed": [],
    }


def categories(session: Session, question: accounting.Question, level: str) -> list[dict[str, Any]]:
    """Items by category on a day, in the shape of the published ones."""
    position = position_at(session, question.known_at)
    until = _day(question.until or session.today())
    found = account_of_items(session, position, level, until, "category").rows
    return [
        {"category": one.value, **one.items.as_dict(), "small_arms_found": one.small_arms.found}
        for one in found
    ]
