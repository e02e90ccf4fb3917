"""Pieces of ground that a figure of the land account sums, and their cuts, down to each record.

A piece is the ground of one hazard that shares one history (`tilth.core.land.rows`). A figure is
the sum of its pieces; any cut of them adds up to it again, which is checked at every step against
the balance, where it is computed on its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilth.core.days import month_of
from tilth.core.land.rows import PROCESSED, REPROCESSED, LandRows
from tilth.core.land.rules import OVERLAP, RELEASED, REMAINING

__all__ = [
    "LAND_CUTS",
    "LAND_FIGURES",
    "Ground",
    "Pieces",
    "cuts_of_land",
    "ground_on",
    "grouped",
    "narrowed",
    "pieces_of",
    "release_methods",
]

_CLAIMS = {"cancelled": 0, "reduced": 1, "cleared": 2}
_OF_HAZARDS = ("hazard", "place", "classification")
_OF_WORK = ("release", "organisation", "month", "method", "project")
LAND_CUTS = (*_OF_HAZARDS, *_OF_WORK)
"""Cuts of a figure of land; those of the work split released ground only."""

_TERMS: Mapping[str, Callable[[Ground], NDArray[np.bool_]]] = {
    "recorded": lambda s: s.held & ~s.extension,
    "extensions": lambda s: s.held & s.extension,
    "overlaps": lambda s: s.status == OVERLAP,
    "cancelled": lambda s: s.claim == _CLAIMS["cancelled"],
    "reduced": lambda s: s.claim == _CLAIMS["reduced"],
    "cleared": lambda s: s.claim == _CLAIMS["cleared"],
    "released": lambda s: s.claim >= 0,
    "remaining": lambda s: s.status == REMAINING,
    "processed": lambda s: (s.status == REMAINING) & ((s.flags & PROCESSED) > 0),
    "reprocessed": lambda s: (s.flags & REPROCESSED) > 0,
}
LAND_FIGURES = tuple(_TERMS)
"""Figures of land that are sums over the ground of hazards."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Each row on one day: whether it is ground yet, what became of it, and by which release."""

    rows: LandRows
    until: int
    held: NDArray[np.bool_]
    extension: NDArray[np.bool_]
    status: NDArray[np.uint8]
    flags: NDArray[np.uint8]
    release: NDArray[np.int32]
    claim: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Pieces:
    """Pieces of ground: hazard and release as positions in the rows' tables, area in m².

    ``release`` is -1 where no release is credited with the piece.
    """

    rows: LandRows
    until: int
    hazard: NDArray[np.int32]
    release: NDArray[np.int32]
    area_m2: NDArray[np.float64]

    @property
    def total(self) -> float:
        """Sum of the pieces, m²."""
        return float(self.area_m2.sum())


def ground_on(rows: LandRows, until: int) -> Ground:
    """What became of each row by the end of a day (ordinal, inclusive)."""
    at = rows.state(until)
    held = at >= 0
    if not len(at):
        none = np.empty(0, np.uint8)
        return Ground(
            rows, until, held, held, none, none, np.empty(0, np.int32), np.empty(0, np.int8)
        )
    status = np.where(held, rows.segment_status[at], 0).astype(np.uint8)
    flags = np.where(held, rows.segment_flags[at], 0).astype(np.uint8)
    release = np.where(status == RELEASED, rows.segment_release[at], -1).astype(np.int32)
    claims = np.array([one.claim for one in rows.releases] or [0], np.int8)
    claim = np.where(release >= 0, claims[np.maximum(release, 0)], -1).astype(np.int8)
    return Ground(rows, until, held, rows.extension == 1, status, flags, release, claim)


def pieces_of(ground: Ground, figure: str) -> Pieces:
    """Pieces of ground that a figure, one of `LAND_FIGURES`, sums."""
    chosen = _TERMS[figure](ground)
    rows = ground.rows
    return Pieces(
        rows, ground.until, rows.hazard[chosen], ground.release[chosen], rows.area_m2[chosen]
    )


def cuts_of_land(figure: str) -> tuple[str, ...]:
    """Cuts that split a figure; what no release is credited with has none of the work."""
    return LAND_CUTS if figure in (*_CLAIMS, "released") else _OF_HAZARDS


def release_methods(rows: LandRows, number: int) -> str:
    """Methods of a release as one key, with the technical asset of a reduction (rules §3)."""
    release = rows.releases[number]
    if release.technical_asset:
        return f"{release.methods or '-'} ({release.technical_asset} technical asset)"
    return release.methods


def _names(pieces: Pieces, by: str) -> list[str]:
    """Value of a cut for each hazard, or for each release, in the order of the rows' tables."""
    rows = pieces.rows
    if by == "hazard":
        return [one.record for one in rows.hazards]
    if by == "place":
        return [one.place for one in rows.hazards]
    if by == "classification":
        return [_class_at(one.classes, pieces.until) for one in rows.hazards]
    if by == "release":
        return [one.record for one in rows.releases]
    if by == "organisation":
        return [one.organisation for one in rows.releases]
    if by == "month":
        return [month_of(one.counts) for one in rows.releases]
    if by == "method":
        return [release_methods(rows, number) for number in range(len(rows.releases))]
    return [one.project for one in rows.releases]


def _class_at(classes: tuple[tuple[int, str], ...], until: int) -> str:
    return next((name for day, name in reversed(classes) if day <= until), "")


def _of(pieces: Pieces, by: str) -> NDArray[np.int32]:
    return pieces.hazard if by in _OF_HAZARDS else pieces.release


def grouped(pieces: Pieces, by: str) -> dict[str, float]:
    """Sum of the pieces for each value of a cut, m²; values without ground are left out."""
    names = _names(pieces, by)
    sums = np.bincount(_of(pieces, by), weights=pieces.area_m2, minlength=len(names))
    groups: dict[str, float] = {}
    for number in np.flatnonzero(sums).tolist():
        groups[names[number]] = groups.get(names[number], 0.0) + float(sums[number])
    return groups


def narrowed(pieces: Pieces, by: str, values: frozenset[str]) -> Pieces:
    """Only the pieces whose value of a cut is one of these."""
    names = _names(pieces, by)
    wanted = np.array([name in values for name in names], dtype=bool)
    number = _of(pieces, by)
    if not len(wanted):
        chosen = np.zeros(len(number), dtype=bool)
    else:
        chosen = (number >= 0) & wanted[np.maximum(number, 0)]
    return Pieces(
        pieces.rows,
        pieces.until,
        pieces.hazard[chosen],
        pieces.release[chosen],
        pieces.area_m2[chosen],
    )
