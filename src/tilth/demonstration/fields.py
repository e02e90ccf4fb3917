"""The work in the field: lots and days of work cut from the hazards, teams sent through them."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
import shapely
import shapely.affinity
from numpy.typing import NDArray

from tilth.demonstration.cast import END, OPERATORS, START, WORKDAYS
from tilth.demonstration.ground import Hazards, polygons
from tilth.demonstration.lots import Outlines, drawn, largest_parts, slabs, turned
from tilth.demonstration.plan import CANCELLED, CLEARED, REDUCED, Plan, apportioned
from tilth.demonstration.scale import METHODS, Scale, stream

__all__ = ["Releases", "Reports", "Work", "worked"]

_LEAST_LOT_M2 = 20.0
_CROSSED = 0.003
"""Share of polygons noted with two vertices exchanged."""
_EXTENDED = 0.007
"""Share of cleared lots worked beyond their edge."""
_HOLED = 0.01
"""Share of cleared lots with a pond or building that was not searched."""
_STRANGERS = 0.08
"""Share of re-clearance that another organisation claims as its own."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Releases:
    """One row for each released area, in no order of days.

    ``again`` names the release whose ground it covers once more, or -1; ``claimed`` says that
    another organisation than the sector's claims it.
    """

    hazard: Ints
    kind: Ints
    organisation: Ints
    day: Ints
    again: Ints
    claimed: Bools
    holed: Bools
    outlines: Outlines


@dataclass(frozen=True, slots=True)
class Reports:
    """One row for each clearance report; ``team`` counts within its organisation."""

    hazard: Ints
    lot: Ints
    organisation: Ints
    day: Ints
    team: Ints
    outlines: Outlines


@dataclass(frozen=True, slots=True)
class Work:
    """All work of the story, and the reports' polygons in metres for placing items."""

    releases: Releases
    reports: Reports
    ground: Shapes


def worked(scale: Scale, seed: int, hazards: Hazards, plan: Plan) -> Work:
    """Cut the ground, schedule the teams and draw what they release and report."""
    rng = stream(seed, "work")
    angle = rng.uniform(0, np.pi, len(hazards.rings))
    local = turned(
        turned(polygons(hazards.rings), np.zeros(len(angle)), -hazards.centres),
        -angle,
        np.zeros_like(hazards.centres),
    )
    owner, kind, lots = _lots(plan, local)
    lots, holed = _touched_up(rng, kind, lots)
    cleared = np.flatnonzero(kind == CLEARED)
    rate = np.array([one.team_day_m2 for one in METHODS])[plan.method[owner[cleared]]]
    days = apportioned(shapely.area(lots[cleared]) / rate, scale.reports, least=1)
    lot, parts = _days_of_work(lots, cleared, days)
    report_day, team = _scheduled(plan, owner[lot])
    parts = turned(parts, angle[owner[lot]], hazards.centres[owner[lot]])
    lots = turned(lots, angle[owner], hazards.centres[owner])
    day = _release_days(rng, plan, owner, kind, lot, report_day)
    reports = Reports(
        owner[lot],
        lot,
        plan.organisation[owner[lot]],
        report_day,
        team,
        drawn(parts, rng, _some(rng, parts, _CROSSED)),
    )
    releases = _with_reclearance(scale.releases, rng, plan, (owner, kind, day, holed, lots))
    return Work(releases, reports, parts)


def _some(rng: np.random.Generator, shapes: Shapes, share: float) -> list[int]:
    """A share of the shapes, at least one, of those with four corners or more."""
    corners = np.flatnonzero(shapely.get_num_coordinates(shapes) >= 5)
    chosen = corners[rng.random(len(corners)) < share]
    rows: list[int] = (chosen if len(chosen) else corners[:1]).tolist()
    return rows


def _lots(plan: Plan, local: Shapes) -> tuple[Ints, Ints, Shapes]:
    """Hazard, kind and shape of every lot: slabs across the hazard, cleared ones cut in rows.

    Ground is cancelled from one end, then reduced, then cleared, and the other end remains.
    """
    at = np.flatnonzero(plan.worked)
    bounds = shapely.bounds(local)
    columns: list[tuple[int, int, float, float, int]] = []
    for hazard in at.tolist():
        west, south, east, north = bounds[hazard].tolist()
        start = west
        for kind in (CANCELLED, REDUCED, CLEARED):
            width = (east - west) * plan.shares[hazard, kind]
            pieces = int(plan.pieces[hazard, kind])
            number = pieces
            if kind == CLEARED:
                number = int(np.clip(round((pieces * width / (north - south)) ** 0.5), 1, pieces))
            for step, cuts in enumerate(apportioned(np.ones(number), pieces).tolist()):
                edge = start + width * step / number
                columns.append((hazard, kind, edge, start + width * (step + 1) / number, cuts))
            start += width
    table = np.array(columns)
    owner, kinds, rows = (table[:, at].astype(np.int64) for at in (0, 1, 4))
    across = slabs(local[owner], 0, table[:, 2], table[:, 3])
    whole = np.repeat(np.arange(len(rows)), rows)
    row = np.arange(len(whole)) - np.repeat(np.cumsum(rows) - rows, rows)
    low, high = shapely.bounds(across)[:, [1, 3]].T
    step = (high - low)[whole] / rows[whole]
    lots = across[whole].copy()
    cut = rows[whole] > 1
    lots[cut] = slabs(
        across[whole][cut],
        1,
        (low[whole] + step * row)[cut],
        (low[whole] + step * (row + 1))[cut],
    )
    kept = shapely.area(lots) > _LEAST_LOT_M2
    return owner[whole][kept], kinds[whole][kept], lots[kept]


def _touched_up(rng: np.random.Generator, kind: Ints, lots: Shapes) -> tuple[Shapes, Bools]:
    """Some lots worked beyond their edge, some with a part that was not searched."""
    lots = lots.copy()
    draw = rng.random(len(lots))
    large = (kind == CLEARED) & (shapely.area(lots) > 600)
    for at in np.flatnonzero(large & (draw < _EXTENDED)).tolist():
        lots[at] = shapely.affinity.scale(lots[at], 1.25, 1.25)
    holed = large & (draw > 1 - _HOLED)
    for at in np.flatnonzero(holed).tolist():
        reach = 0.1 * float(shapely.area(lots[at])) ** 0.5
        pond = shapely.buffer(shapely.point_on_surface(lots[at]), reach, quad_segs=2)
        lots[at] = largest_parts(np.array([shapely.difference(lots[at], pond)], dtype=object))[0]
    return lots, holed


def _days_of_work(lots: Shapes, cleared: Ints, days: Ints) -> tuple[Ints, Shapes]:
    """Lot and shape of every report: a lot of several days is cut across its longer side."""
    lot = np.repeat(cleared, days)
    step = np.arange(len(lot)) - np.repeat(np.cumsum(days) - days, days)
    number = np.repeat(days, days)
    bounds = shapely.bounds(lots[lot])
    axis = (bounds[:, 3] - bounds[:, 1] > bounds[:, 2] - bounds[:, 0]).astype(int)
    parts = lots[lot].copy()
    for side in (0, 1):
        cut = np.flatnonzero((axis == side) & (number > 1))
        low, width = bounds[cut, side], bounds[cut, side + 2] - bounds[cut, side]
        edge = low + width * step[cut] / number[cut]
        pieces = slabs(parts[cut], side, edge, edge + width / number[cut])
        small = shapely.area(pieces) < 1.0
        pieces[small] = parts[cut][small]  # a corner too small to draw: the whole lot again
        parts[cut] = pieces
    return lot, parts


def _scheduled(plan: Plan, hazard: Ints) -> tuple[Ints, Ints]:
    """Day and team of every report; reports of a hazard stand together, in order of work.

    Each organisation has the fewest teams with which it is done in time; a team stays at a hazard
    until it is finished.
    """
    day = np.zeros(len(hazard), dtype=np.int64)
    team = np.zeros(len(hazard), dtype=np.int64)
    order = np.argsort(hazard, kind="stable")
    for organisation in range(len(OPERATORS)):
        mine = order[plan.organisation[hazard[order]] == organisation]
        if not len(mine):
            continue
        numbers, starts, counts = np.unique(hazard[mine], return_index=True, return_counts=True)
        ready = np.searchsorted(WORKDAYS, START + plan.found[numbers] + 20)
        by_ready = np.argsort(ready, kind="stable")
        jobs = [(int(ready[at]), int(counts[at]), int(starts[at])) for at in by_ready]
        low, high = 1, max(8, len(mine))
        while low < high:
            middle = (low + high) // 2
            if _run(jobs, middle) is None:
                low = middle + 1
            else:
                high = middle
        for (_, count, start), (begin, teams) in zip(jobs, _run(jobs, low) or (), strict=True):
            rows = mine[start : start + count]
            turn = np.arange(count)
            day[rows] = WORKDAYS[begin + turn // len(teams)]
            team[rows] = np.array(teams)[turn % len(teams)]
    return day, team


def _run(jobs: list[tuple[int, int, int]], teams: int) -> list[tuple[int, list[int]]] | None:
    """First workday and teams of each job with so many teams; None if that ends too late."""
    free = [(0, team) for team in range(teams)]
    heapq.heapify(free)
    result = []
    for ready, count, _ in jobs:
        wanted = min(teams, max(1, min(8, count // 40)))
        sent = [heapq.heappop(free) for _ in range(wanted)]
        begin = max(ready, *(end for end, _ in sent))
        end = begin - (-count // wanted)
        if end > len(WORKDAYS):
            return None
        for _, team in sent:
            heapq.heappush(free, (end, team))
        result.append((begin, sorted(team for _, team in sent)))
    return result


def _release_days(
    rng: np.random.Generator, plan: Plan, owner: Ints, kind: Ints, lot: Ints, report_day: Ints
) -> Ints:
    """Day of each release: survey soon after the finding, clearance after the last report."""
    day = START + plan.found[owner] + rng.integers(4, 20, len(owner))
    day[kind == REDUCED] += rng.integers(5, 25, int((kind == REDUCED).sum()))
    last = np.zeros(len(owner), dtype=np.int64)
    np.maximum.at(last, lot, report_day)
    done = kind == CLEARED
    day[done] = np.minimum(last[done] + rng.integers(0, 6, int(done.sum())), END)
    return day


def _with_reclearance(
    total: int,
    rng: np.random.Generator,
    plan: Plan,
    first: tuple[Ints, Ints, Ints, Bools, Shapes],
) -> Releases:
    """All releases: the first ones, and as many over cleared ground again as the total lacks."""
    owner, kind, day, holed, lots = first
    cleared = np.flatnonzero(kind == CLEARED)
    again = rng.choice(cleared, total - len(owner))
    extra = lots[again].copy()
    grown = rng.uniform(0.6, 1.2, len(again))
    shift = rng.normal(0, 4, (len(again), 2))
    for at, (factor, move) in enumerate(zip(grown.tolist(), shift.tolist(), strict=True)):
        extra[at] = shapely.affinity.scale(extra[at], factor, factor)
        extra[at] = shapely.affinity.translate(extra[at], *move)
    organisation = np.concatenate((plan.organisation[owner], plan.organisation[owner[again]]))
    claimed = np.zeros(total, dtype=bool)
    claimed[len(owner) :] = rng.random(len(again)) < _STRANGERS
    claimed[len(owner)] = True
    organisation[claimed] = (organisation[claimed] + 1) % len(OPERATORS)
    shapes = np.concatenate((lots, extra))
    return Releases(
        np.concatenate((owner, owner[again])),
        np.concatenate((kind, kind[again])),
        organisation,
        np.concatenate((day, np.minimum(day[again] + rng.integers(1, 45, len(again)), END))),
        np.concatenate((np.full(len(owner), -1), again)),
        claimed,
        np.concatenate((holed, np.zeros(len(again), dtype=bool))),
        drawn(shapes, rng, _some(rng, shapes, _CROSSED)),
    )
