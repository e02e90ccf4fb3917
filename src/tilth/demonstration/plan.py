"""Which organisation works which hazard, by which method, from when, and how finely cut."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilth.demonstration.cast import OPERATORS
from tilth.demonstration.ground import Hazards
from tilth.demonstration.scale import METHODS, Scale, stream

__all__ = ["CANCELLED", "CLEARED", "REDUCED", "REMAINING", "Plan", "apportioned", "planned"]

CANCELLED, REDUCED, CLEARED, REMAINING = range(4)

RECLEARED = 0.055
"""Share of releases over ground that was released before: rework, joins, quality samples."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Plan:
    """One row for each hazard.

    Parameters
    ----------
    organisation, method
        Indices into `OPERATORS` and `METHODS`.
    found
        Days after the start on which survey recorded it.
    confirmed
        Days after the start on which it became a CHA; -1 never (it stays SHA), 0 from the first.
    indicated
        Whether it began as an indication.
    worked
        Whether it is released at all: a split parent and the not yet started are not.
    shares
        Of its width, by `CANCELLED` … `REMAINING`; shape (n, 4).
    pieces
        Releases by `CANCELLED`, `REDUCED` and `CLEARED`; shape (n, 3).
    community
        Index of the place.
    """

    organisation: Ints
    method: Ints
    found: Ints
    confirmed: Ints
    indicated: NDArray[np.bool_]
    worked: NDArray[np.bool_]
    shares: Floats
    pieces: Ints
    community: Ints


def apportioned(weights: Floats, total: int, least: int = 0) -> Ints:
    """Whole numbers of at least ``least`` that sum to the total, near proportion to weights.

    Examples
    --------
    >>> apportioned(np.array([3.0, 1.0, 1.0]), 10, least=1).tolist()
    [5, 3, 2]
    """
    spare = total - least * len(weights)
    exact = weights / weights.sum() * spare
    whole = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - whole), kind="stable")
    whole[order[: spare - int(whole.sum())]] += 1
    return np.asarray(whole + least)


def planned(scale: Scale, seed: int, hazards: Hazards) -> Plan:
    """Plan the operation."""
    rng = stream(seed, "plan")
    number = len(hazards.rings)
    x = hazards.centres[:, 0]
    edges = np.quantile(x, np.cumsum([member.share for member in OPERATORS])[:-1])
    organisation = np.searchsorted(edges, x)
    # Of hazards recorded over others, every second is another organisation's: two claim one field.
    stranger = hazards.over & (rng.random(number) < 0.5)
    organisation[stranger] = (organisation[stranger] + 1) % len(OPERATORS)
    method = rng.choice(len(METHODS), number, p=[one.share for one in METHODS])
    found = rng.integers(0, 130, number)
    children = np.flatnonzero(hazards.parent >= 0)
    parents = hazards.parent[children]
    for column in (organisation, method):
        column[children] = column[parents]
    found[parents] = found[parents] // 3
    found[children] = found[parents] + 25
    kind = rng.random(number)
    later = found + rng.integers(6, 30, number)
    confirmed = np.where(kind < 0.15, -1, np.where(kind < 0.65, later, 0))
    confirmed[children] = 0
    worked = rng.random(number) > 0.02
    worked[parents] = False
    if not worked.any():
        worked[-1] = True
    indicated = (rng.random(number) < 0.12) & (confirmed != 0)
    shares = _shares(rng, number)
    return Plan(
        organisation,
        method,
        found,
        confirmed,
        indicated,
        worked,
        shares,
        _pieces(scale, hazards.areas_m2, method, worked, shares),
        _communities(scale, hazards.centres),
    )


def _shares(rng: np.random.Generator, number: int) -> Floats:
    """Shares of the width: the balance of a whole operation near its end."""
    shares = rng.dirichlet((9.0, 5.0, 10.5, 1.5), number)
    shares[:, REMAINING][rng.random(number) < 0.3] = 0
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def _pieces(
    scale: Scale, areas: Floats, method: Ints, worked: NDArray[np.bool_], shares: Floats
) -> Ints:
    """How many releases each hazard is cut into."""
    first = round(scale.releases * (1 - RECLEARED))
    rate = np.array([one.team_day_m2 for one in METHODS])[method]
    at = np.flatnonzero(worked)
    pieces = np.zeros((len(areas), 3), dtype=np.int64)
    pieces[at, CANCELLED] = apportioned(areas[at] ** 0.5, 2 * len(at), least=1)
    pieces[at, REDUCED] = apportioned(areas[at] ** 0.5, 4 * len(at), least=1)
    ground = areas[at] * shares[at, CLEARED] / rate[at] ** 0.8
    pieces[at, CLEARED] = apportioned(ground, first - 6 * len(at), least=2)
    return pieces


def _communities(scale: Scale, centres: Floats) -> Ints:
    """Number the communities from west to east: about twenty hazards each."""
    number = max(2, scale.hazards // 20)
    order = np.argsort(centres[:, 0], kind="stable")
    community = np.empty(len(centres), dtype=np.int64)
    community[order] = np.arange(len(centres)) * number // len(centres)
    return community
