"""Hazards along a border strip: rings of 8-40 vertices, gaps, overlaps, splits and neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from tilth.core.geometry.frame import Frame
from tilth.demonstration.scale import Scale, stream

__all__ = ["FRAME", "Hazards", "found_hazards", "polygons"]

FRAME = Frame(-35_000_000_000, 44_000_000_000)
"""Open Atlantic: nobody farms here, so nobody can take a drawing of it for a warning."""

_CELL_M = 1000.0
_GAP_M = 60.0
"""Half the least gap between the hazards of two cells."""

_REACH_M = _CELL_M / 2 - _GAP_M

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Hazards:
    """Hazards as first recorded, in the order of their numbers.

    Parameters
    ----------
    rings_nd
        Closed rings in nanodegrees, each of shape (n, 2).
    rings
        The same in metres of the frame, as the account will see them.
    centres
        Shape (n, 2), metres.
    parent
        Number of the hazard it was split from, or -1.
    over
        Whether it was placed over another hazard.
    """

    rings_nd: list[NDArray[np.int64]]
    rings: list[Floats]
    centres: Floats
    parent: NDArray[np.int64]
    over: NDArray[np.bool_]

    @property
    def areas_m2(self) -> Floats:
        """Area of each ring in the frame."""
        return np.array([abs(_signed(ring)) for ring in self.rings])


def found_hazards(scale: Scale, seed: int) -> Hazards:
    """Draw the hazards of a scale; their areas sum to its ``area_m2`` within 0.01 m²."""
    rng = stream(seed, "hazards")
    splits = max(1, scale.hazards // 150)
    pairs = max(1, scale.hazards // 100)
    over = max(1, round(0.04 * scale.hazards))
    blobs = scale.hazards - 2 * splits - pairs
    units = [_unit_ring(rng) for _ in range(blobs)]
    weight = np.ones(blobs)
    weight[:splits] = 2  # the parent's ring and its children's cover the same ground
    sizes = _sizes(rng, units, weight, scale.area_m2)
    centres = _centres(rng, units, sizes, over)
    rings: list[Floats] = []
    owners, parents, overs = [], [], []
    for at, (unit, size, centre) in enumerate(zip(units, sizes, centres, strict=True)):
        ring = unit * size
        if at < splits:
            parts = [ring, *_halves(ring)]
            lineage = [-1, len(rings), len(rings)]
        elif at < splits + pairs:
            parts, lineage = _halves(ring), [-1, -1]
        else:
            parts, lineage = [ring], [-1]
        rings += [np.vstack((part, part[:1])) + centre for part in parts]
        owners += [centre] * len(parts)
        parents += lineage
        overs += [at >= blobs - over] * len(parts)
    return _on_grid(scale, rings, np.array(owners), np.array(parents), np.array(overs))


def _unit_ring(rng: np.random.Generator) -> Floats:
    """Open ring around the origin, seen whole from there, of unit area; shape (n, 2)."""
    corners = int(rng.integers(8, 41))
    angles = (np.arange(corners) + rng.uniform(-0.3, 0.3, corners)) * (2 * np.pi / corners)
    radius = np.ones(corners)
    for wave in range(2, 6):
        height = rng.normal(0, 0.22 / wave)
        radius += height * np.cos(wave * angles + rng.uniform(0, 2 * np.pi))
    radius = np.clip(radius * rng.uniform(0.94, 1.06, corners), 0.45, None)
    aspect, turn = rng.uniform(1.0, 1.7), rng.uniform(0, np.pi)
    flat = np.column_stack((np.cos(angles) * radius * aspect, np.sin(angles) * radius))
    ring = flat @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return np.asarray(ring / np.sqrt(abs(_signed(np.vstack((ring, ring[:1]))))))


def _signed(ring: Floats) -> float:
    """Signed area of a closed ring."""
    x, y = (ring - ring[0]).T
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2)


def _sizes(rng: np.random.Generator, units: list[Floats], weight: Floats, total: float) -> Floats:
    """Square roots of areas, which are lognormal, fit their cells and sum to the total."""
    drawn = rng.lognormal(0.0, 0.6, len(units))
    most = np.array([(_REACH_M - 10) / np.abs(unit).max() for unit in units]) ** 2
    low, high = 0.0, 10 * total
    for _ in range(200):
        middle = (low + high) / 2
        if float((weight * np.minimum(drawn * middle, most)).sum()) < total:
            low = middle
        else:
            high = middle
    return np.asarray(np.sqrt(np.minimum(drawn * high, most)))


def _centres(rng: np.random.Generator, units: list[Floats], sizes: Floats, over: int) -> Floats:
    """One cell of a winding strip for each, and the last ones on top of others."""
    plain = len(units) - over
    rows = max(3, round(np.sqrt(plain) / 3.4))
    columns = -(-plain // rows)
    cells = rng.permutation(rows * columns)[:plain]
    x = (cells // rows - (columns - 1) / 2) * _CELL_M
    y = (cells % rows - (rows - 1) / 2) * _CELL_M
    reach = np.array([np.abs(unit).max() for unit in units]) * sizes
    slack = np.maximum(_REACH_M - reach[:plain], 0)[:, None]
    centres = np.column_stack((x, y)) + rng.uniform(-1, 1, (plain, 2)) * slack
    below = rng.choice(plain, over, replace=False)
    turn = rng.uniform(0, 2 * np.pi, over)
    away = np.column_stack((np.cos(turn), np.sin(turn))) * sizes[below, None] * 0.5
    centres = np.vstack((centres, centres[below] + away))
    # The border winds, so the strip does too; whole columns move together, which keeps the gaps.
    column = np.rint(centres[:, 0] / (8 * _CELL_M))
    centres[:, 1] += np.rint(2.5 * np.sin(column / 3.0)) * _CELL_M
    return centres


def _halves(ring: Floats) -> list[Floats]:
    """Two rings that share the way from one corner over the origin to another."""
    middle = len(ring) // 2
    origin = np.zeros((1, 2))
    first = np.vstack((ring[: middle + 1], origin))
    second = np.vstack((ring[middle:], ring[:1], origin))
    return [first, second]


def _on_grid(
    scale: Scale, rings: list[Floats], centres: Floats, parents: NDArray[np.int64],
    overs: NDArray[np.bool_],
) -> Hazards:  # fmt: skip
    """Round to nanodegrees; the largest plain hazard takes up what the total then lacks."""
    plain = [at for at in range(len(rings)) if parents[at] < 0 and not overs[at]]
    keeper = max(plain[len(plain) // 2 :], key=lambda at: len(rings[at]))
    for _ in range(6):
        lengths = [len(ring) for ring in rings]
        degrees = FRAME.unproject(np.concatenate(rings))
        nano = np.rint(degrees * 1e9).astype(np.int64)
        metres = FRAME.project(nano / 1e9)
        cuts = np.cumsum(lengths)[:-1]
        hazards = Hazards(np.split(nano, cuts), np.split(metres, cuts), centres, parents, overs)
        lacking = scale.area_m2 - float(hazards.areas_m2.sum())
        if abs(lacking) < 0.01:
            break
        factor = np.sqrt(1 + lacking / abs(_signed(rings[keeper])))
        rings[keeper] = (rings[keeper] - centres[keeper]) * factor + centres[keeper]
    return hazards


def polygons(rings: list[Floats]) -> NDArray[np.object_]:
    """Polygons of closed rings."""
    closed = np.array([shapely.LinearRing(ring) for ring in rings], dtype=object)
    return np.asarray(shapely.polygons(closed))
