"""The land balance, its cuts and its movements, as sums over kept rows (rules §3).

``recorded + extensions − overlaps = cancelled + reduced + cleared + remaining``: every term is the
sum of its own faces. ``closure_m2`` sets the rings, measured apart, against the right-hand side.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilth.core.days import month_of
from tilth.core.land.rows import PROCESSED, REPROCESSED, LandRows
from tilth.core.land.rules import OVERLAP, RELEASED, REMAINING

__all__ = ["CUTS", "Balance", "balance", "cut", "movements", "not_closed"]

_CLAIMS = ("cancelled_m2", "reduced_m2", "cleared_m2")
CLOSURE_M2 = 1e-6
CLOSURE_RELATIVE = 1e-12


@dataclass(frozen=True, slots=True)
class Balance:
    """Terms per hazard, float64[n_hazards] each, in m²; `total` sums them.

    ``rings_m2`` is the area of the rings in force, measured apart; ``closure_m2`` the difference
    of the two sides.
    """

    terms: Mapping[str, NDArray[np.float64]]
    rings_m2: NDArray[np.float64]
    closure_m2: NDArray[np.float64]
    unattached_m2: float

    def total(self, where: NDArray[np.bool_] | None = None) -> dict[str, float]:
        """Sum of each term over all hazards, or those selected."""
        pick = slice(None) if where is None else where
        totals = {name: float(values[pick].sum()) for name, values in self.terms.items()}
        totals["closure_m2"] = float(self.closure_m2[pick].sum())
        return totals


def _sums(rows: LandRows, mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.bincount(
        rows.hazard[mask], weights=rows.area_m2[mask], minlength=len(rows.hazards)
    ).astype(np.float64)


def _rings(rows: LandRows, until: int) -> NDArray[np.float64]:
    return np.array(
        [next((m2 for day, m2 in reversed(h.rings) if day <= until), 0.0) for h in rows.hazards],
        np.float64,
    )


def _claims(rows: LandRows) -> NDArray[np.int8]:
    return np.array([release.claim for release in rows.releases] or [0], np.int8)


def balance(rows: LandRows, until: int) -> Balance:
    """State at the end of a day.

    Parameters
    ----------
    rows
        Of any number of clusters at one level and position.
    until
        Ordinal of the day, inclusive.
    """
    at = rows.state(until)
    held = at >= 0
    status = np.where(held, rows.segment_status[at], 0) if len(at) else np.empty(0, np.uint8)
    flags = np.where(held, rows.segment_flags[at], 0) if len(at) else np.empty(0, np.uint8)
    release = rows.segment_release[at] if len(at) else np.empty(0, np.int32)
    extension = rows.extension == 1
    claim = np.where(status == RELEASED, _claims(rows)[np.maximum(release, 0)], -1)
    masks = {
        "recorded_m2": held & ~extension,
        "extensions_m2": held & extension,
        "overlaps_m2": status == OVERLAP,
        **{name: claim == number for number, name in enumerate(_CLAIMS)},
        "remaining_m2": status == REMAINING,
        "processed_m2": (status == REMAINING) & ((flags & PROCESSED) > 0),
        "reprocessed_m2": (flags & REPROCESSED) > 0,
    }
    terms = {name: _sums(rows, mask) for name, mask in masks.items()}
    rings = _rings(rows, until)
    right = (
        terms["cancelled_m2"] + terms["reduced_m2"] + terms["cleared_m2"] + terms["remaining_m2"]
    )
    closure = rings + terms["extensions_m2"] - terms["overlaps_m2"] - right
    loose = (rows.loose_since <= until) & (until < rows.loose_until)
    return Balance(terms, rings, closure, float(rows.loose_area_m2[loose].sum()))


def not_closed(result: Balance) -> NDArray[np.int64]:
    """Hazards whose two sides differ by more than 1e-6 m² or 1e-12 of their area."""
    allowed = np.maximum(CLOSURE_M2, CLOSURE_RELATIVE * result.rings_m2)
    return np.flatnonzero(~(np.abs(result.closure_m2) <= allowed))


CUTS: tuple[str, ...] = (
    "hazard",
    "classification",
    "organisation",
    "month",
    "method",
    "project",
    "place",
)
"""Cuts of hazards (hazard, classification, place) balance; cuts of work split what was released."""


def cut(rows: LandRows, until: int, by: str) -> list[dict[str, float | str]]:
    """Balance cut by hazard, classification or place, or released land by who, when and how.

    Parameters
    ----------
    by
        One of `CUTS`. Cuts of the work (organisation, month, method, project) have no remaining
        and add up to the three released terms; methods stay apart from depth classes and from the
        technical asset of a reduction (rules §3).
    """
    if by in ("hazard", "classification", "place"):
        result = balance(rows, until)
        names: dict[str, Callable[[int], str]] = {
            "hazard": lambda n: rows.hazards[n].record,
            "place": lambda n: rows.hazards[n].place,
            "classification": lambda n: _class_at(rows.hazards[n].classes, until),
        }
        keys = np.array([names[by](n) for n in range(len(rows.hazards))], dtype=object)
        lines: list[dict[str, float | str]] = []
        for key in sorted(set(keys)):
            lines.append({by: str(key), **result.total(keys == key)})
        return lines
    return _work(rows, until, by)


def _class_at(classes: tuple[tuple[int, str], ...], until: int) -> str:
    return next((name for day, name in reversed(classes) if day <= until), "")


def _work(rows: LandRows, until: int, by: str) -> list[dict[str, float | str]]:
    at = rows.state(until)
    released = (at >= 0) & (rows.segment_status[at] == RELEASED) if len(at) else at >= 0
    release = rows.segment_release[at[released]]
    per = np.bincount(release, weights=rows.area_m2[released], minlength=len(rows.releases))
    of: dict[str, Callable[[int], str]] = {
        "organisation": lambda n: rows.releases[n].organisation,
        "month": lambda n: month_of(rows.releases[n].counts),
        "method": lambda n: _method(rows, n),
        "project": lambda n: rows.releases[n].project,
    }
    groups: dict[str, dict[str, float | str]] = {}
    for number, area in enumerate(per):
        if area == 0.0:
            continue
        key = of[by](number)
        group = groups.setdefault(key, {by: key, **dict.fromkeys(_CLAIMS, 0.0)})
        name = _CLAIMS[rows.releases[number].claim]
        group[name] = float(group[name]) + float(area)
    return [groups[key] for key in sorted(groups)]


def _method(rows: LandRows, number: int) -> str:
    release = rows.releases[number]
    if release.technical_asset:
        return f"{release.methods or '-'} ({release.technical_asset} technical asset)"
    return release.methods


def movements(rows: LandRows, since: int, until: int) -> dict[str, float]:
    """What moved between the end of two days, net: each m² of each hazard compared on both.

    ``remaining(since) + newly recorded + newly extended − newly overlapping + revoked − cancelled −
    reduced − cleared = remaining(until)``. Credit that passes between releases is both revoked and
    released; *newly overlapping* is signed.
    """
    before, after = rows.state(since), rows.state(until)
    if not len(before):
        return dict.fromkeys((*_MOVES, "remaining_since_m2", "remaining_m2", "closure_m2"), 0.0)
    area = rows.area_m2
    was = np.where(before >= 0, rows.segment_status[before], 0)
    now = np.where(after >= 0, rows.segment_status[after], 0)
    old = np.where(was == RELEASED, rows.segment_release[before], -1)
    new = np.where(now == RELEASED, rows.segment_release[after], -1)
    changed = old != new
    claim = np.where(changed & (new >= 0), _claims(rows)[np.maximum(new, 0)], -1)
    entered = (before < 0) & (after >= 0)
    extension = rows.extension == 1
    moves = {
        "newly_recorded_m2": area[entered & ~extension].sum(),
        "newly_extended_m2": area[entered & extension].sum(),
        "newly_overlapping_m2": area[now == OVERLAP].sum() - area[was == OVERLAP].sum(),
        "revoked_m2": area[changed & (old >= 0)].sum(),
        **{name: area[claim == number].sum() for number, name in enumerate(_CLAIMS)},
    }
    result = {name: float(value) for name, value in moves.items()}
    result["remaining_since_m2"] = float(area[was == REMAINING].sum())
    result["remaining_m2"] = float(area[now == REMAINING].sum())
    result["closure_m2"] = (
        result["remaining_since_m2"]
        + result["newly_recorded_m2"]
        + result["newly_extended_m2"]
        - result["newly_overlapping_m2"]
        + result["revoked_m2"]
        - result["cancelled_m2"]
        - result["reduced_m2"]
        - result["cleared_m2"]
        - result["remaining_m2"]
    )
    return result


_MOVES = (
    "newly_recorded_m2",
    "newly_extended_m2",
    "newly_overlapping_m2",
    "revoked_m2",
    *_CLAIMS,
)
