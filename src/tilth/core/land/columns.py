"""Views of many clusters as arrays, one entry for each shape of each cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tilth.core.chains import APPROVED, PRUDENT
from tilth.core.days import NEVER
from tilth.core.land.book import LandBook
from tilth.core.land.clusters import Cluster
from tilth.core.land.views import HazardView, ProcessedView, ReleaseView, zone_key

__all__ = [
    "FOREIGN",
    "RELEASE",
    "RING",
    "WORK",
    "ZONE",
    "Columns",
    "HazardColumns",
    "columns_of",
    "hazard_columns",
]

RING, ZONE, FOREIGN, RELEASE, WORK, OTHER = 1, 2, 3, 4, 5, 6

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(slots=True)
class Columns:
    """Shapes of clusters end to end.

    Attributes
    ----------
    offset
        int64[n_clusters + 1].
    role
        What a shape is.
    plain, odd
        Levels (bit ``level - 1``) at which the shape stands for its record alone, and at which it
        takes part in a way that needs the general rules; at the others it takes no part.
    rank
        Order of credit among the shapes of a cluster, from ``offset`` on; ``at_rank`` its inverse.
    hazard, named
        Position in ``hazards`` of the hazard a ring or zone belongs to, or a release names; -1.
    release
        Position of the record in the cluster's releases.
    hazards
        (cluster, record) of every hazard.
    starts
        Last day on which a ring of each hazard came into force at any level.
    """

    offset: Ints
    role: NDArray[np.int8]
    plain: NDArray[np.int8]
    odd: NDArray[np.int8]
    counts: Ints
    day: Ints
    claim: NDArray[np.int8]
    depth_cm: NDArray[np.float64]
    cleared: Flags
    surface_only: Flags
    hazard: NDArray[np.int32]
    named: NDArray[np.int32]
    home: Flags
    release: NDArray[np.int32]
    rank: Ints
    at_rank: Ints
    hazards: list[tuple[int, str]]
    starts: Ints


_TYPES: tuple[type[np.generic], ...] = (
    np.int8,
    np.int8,
    np.int8,
    np.int64,
    np.int64,
    np.int8,
    np.float64,
    np.bool_,
    np.bool_,
    np.int32,
    np.int32,
    np.bool_,
    np.int32,
)
_ALL = 0b1111
_PRUDENT_BIT = 1 << (PRUDENT - 1)
_REST = (NEVER, NEVER, 0, 0.0, False, False, -1, -1, False, -1)
_UNKNOWN = (OTHER, 0, 0, *_REST)


def columns_of(book: LandBook, clusters: Sequence[Cluster]) -> Columns:
    """Arrays of clusters; each record is looked at once a cluster."""
    revoked = {
        record
        for said in book.revocations.values()
        for record in (said.fields or {}).get("records", ())
    }
    hazards = [(n, record) for n, cluster in enumerate(clusters) for record in cluster.hazards]
    position = {record: number for number, (_, record) in enumerate(hazards)}
    table: list[tuple[Any, ...]] = []
    for cluster in clusters:
        known = _entries(book, cluster, position, revoked)
        table.extend(known.get(key, _UNKNOWN) for key in cluster.shapes)
    flat = list(zip(*table, strict=True)) if table else [()] * len(_TYPES)
    arrays = [np.array(c, t) for c, t in zip(flat, _TYPES, strict=True)]
    offset = np.cumsum([0, *(len(cluster.shapes) for cluster in clusters)]).astype(np.int64)
    of_cluster = np.repeat(np.arange(len(clusters)), np.diff(offset))
    # Among equal days and claims the record id decides, which is how shapes stand in a cluster.
    at_rank = np.lexsort((arrays[12], arrays[5], arrays[4], arrays[3], of_cluster))
    rank = np.empty(len(at_rank), np.int64)
    rank[at_rank] = np.arange(len(at_rank))
    starts = np.array([_starts(book, record) for _, record in hazards], np.int64)
    columns: tuple[Any, ...] = (offset, *arrays, rank, at_rank, hazards, starts)
    return Columns(*columns)


def _entries(
    book: LandBook, cluster: Cluster, position: dict[str, int], revoked: set[str]
) -> dict[str, tuple[Any, ...]]:
    """Column values of each shape of a cluster, by key."""
    known: dict[str, tuple[Any, ...]] = dict.fromkeys(cluster.foreign, (FOREIGN, _ALL, 0, *_REST))
    for record in cluster.hazards:
        rest = (*_REST[:6], position[record], *_REST[7:])
        for key, (plain, odd) in _ring_levels(book, record).items():
            known[key] = (RING, plain, odd, *rest)
            known[zone_key(key)] = (ZONE, plain, odd, *rest)
    by_id = {record: n for n, record in enumerate(sorted(cluster.releases))}
    for number, record in enumerate(cluster.releases):
        _add_release(book, cluster, record, (number, by_id[record]), position, revoked, known)
    for record in cluster.works:
        for level, work in enumerate(book.views[record]):
            if not isinstance(work, ProcessedView):
                continue
            for key in work.keys:
                _, plain, *_rest = known.get(key, _UNKNOWN)
                known[key] = (WORK, plain | 1 << level, 0, work.opens, work.day, *_REST[2:])
    return known


def _add_release(
    book: LandBook,
    cluster: Cluster,
    record: str,
    places: tuple[int, int],
    position: dict[str, int],
    revoked: set[str],
    known: dict[str, tuple[Any, ...]],
) -> None:
    if record in revoked:  # a revocation bears on its ground at every level
        rest = (*_REST[:8], False, places[1])
        for key in book.keys_of(record):
            role, plain, _, *values = known.get(key, (OTHER, 0, 0, *rest))
            values[8] = values[8] or key in cluster.home
            known[key] = (role, plain, _ALL, *values)
        return
    for level, view in enumerate(book.views[record]):
        if not isinstance(view, ReleaseView):
            continue
        bit = 1 << level
        alone = len(view.ground) == 1 and view.ground[0] == (view.statement,)
        if alone and not view.whole:
            named = position.get(book.hazard_named(record, view.named), -1) if view.named else -1
            depth = np.nan if view.depth_cm is None else view.depth_cm
            _, plain, odd, *_rest = known.get(view.statement, _UNKNOWN)
            known[view.statement] = (
                *(RELEASE, plain | bit, odd, view.counts, view.day, view.claim, depth),
                *(view.cleared, view.surface_only, -1, named, view.statement in cluster.home),
                places[1],
            )
            continue
        for key in {k for keys in view.ground for k in keys}:
            rest = (*_REST[:8], key in cluster.home, places[1])
            role, plain, odd, *values = known.get(key, (OTHER, 0, 0, *rest))
            known[key] = (role, plain & ~bit, odd | bit, *values)
    approved, prudent = book.views[record][2:]
    if isinstance(approved, ReleaseView) and approved != prudent:
        # What it added at approved is ground at prudent, though it may release nothing there.
        for key in {k for keys in approved.ground for k in keys if k in known}:
            role, plain, odd, *values = known[key]
            known[key] = (role, plain & ~_PRUDENT_BIT, odd | _PRUDENT_BIT, *values)


def _ring_levels(book: LandBook, record: str) -> dict[str, tuple[int, int]]:
    """Levels at which each ring of a hazard is plainly in force, and at which it is not plain."""
    views = book.views[record]
    approved, prudent = views[2:]
    family = any(book.kinds.get(one) == "hazard_area" for one in book.naming(record))
    levels: dict[str, tuple[int, int]] = dict.fromkeys(book.keys_of(record), (0, 0))
    for level, view in enumerate(views):
        if not isinstance(view, HazardView):
            continue
        simple = not family and _plain_view(view)
        if level + 1 == PRUDENT and approved is not None and approved != prudent:
            simple = False
        for key in {k for ground in view.grounds for k in ground.keys}:
            plain, odd = levels.get(key, (0, 0))
            bit = 1 << level
            levels[key] = (plain | bit, odd) if simple else (plain, odd | bit)
    return levels


def _plain_view(view: HazardView) -> bool:
    if len(view.grounds) != 1 or len(view.grounds[0].keys) != 1 or view.parents:
        return False
    constant = not view.requirements or (
        len(view.requirements) == 1 and view.requirements[0].opens <= view.grounds[0].opens
    )
    return constant and view.replaced == NEVER and view.suspected()[0] != NEVER


def _begins(view: HazardView, *, prudent: bool) -> tuple[int, int]:
    """Opening and comparison day of the one ring of a plain hazard."""
    opens, day = view.suspected(prudent=prudent)
    ground = view.grounds[0]
    return max(ground.opens, opens), max(ground.day, day)


def _starts(book: LandBook, record: str) -> int:
    views = [v for v in book.views[record] if isinstance(v, HazardView) and v.grounds]
    days = [v.suspected(prudent=p)[0] for v in views for p in (False, True)]
    return max((*days, *(g.opens for v in views for g in v.grounds)), default=NEVER)


@dataclass(slots=True)
class HazardColumns:
    """Hazards at a level; the last entry stands for none.

    ``local`` is the position among the hazards that the cluster has at this level.
    """

    held: Flags
    extends: Flags
    first: Flags
    opens: Ints
    day: Ints
    depth_cm: NDArray[np.float64]
    subsurface: Flags
    local: Ints


def hazard_columns(book: LandBook, columns: Columns, level: int) -> HazardColumns:
    """Arrays over the hazards of the columns, at a level."""
    none = (False, False, False, NEVER, NEVER, 0.0, False, -1)
    values: list[tuple[Any, ...]] = []
    prudent = level == PRUDENT
    last, local = -1, 0
    for cluster, record in columns.hazards:
        local = local if cluster == last else 0
        last = cluster
        view = book.views[record][level - 1]
        if not isinstance(view, HazardView):
            values.append(none)
            continue
        if not view.grounds:
            values.append((*none[:-1], local))
        else:
            opens, day = _begins(view, prudent=prudent)
            extends = not prudent or book.views[record][APPROVED - 1] is not None
            first = view.grounds[0].first and (not prudent or view.grounds[0].approved)
            values.append((True, extends, first, opens, day, *view.required(NEVER), local))
        local += 1
    columns_of_values = zip(*values, none, strict=True)
    return HazardColumns(*(np.array(column) for column in columns_of_values))
