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
        What a shape is; ``odd`` marks shapes of records that were not said just once, or that a
        revocation touches: ground under them needs the general rules.
    level
        1 reported, 2 verified, 3 approved; *prudent* is as approved for what was said once.
    hazard, named
        Position in ``hazards`` of the hazard a ring or zone belongs to, or a release names; -1.
    release
        Position of the record in the cluster's releases.
    hazards, hazard_offset
        (cluster, record) of every hazard, and where each cluster's begin.
    starts
        Last day on which each hazard's ring came into force at any level.
    """

    offset: Ints
    role: NDArray[np.int8]
    odd: Flags
    level: NDArray[np.int8]
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
    hazards: list[tuple[int, str]]
    hazard_offset: Ints
    starts: Ints


_TYPES: tuple[type[np.generic], ...] = (
    np.int8,
    np.bool_,
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
_PLAIN = (0, NEVER, NEVER, 0, 0.0, False, False, -1, -1, False, -1)
_UNKNOWN = (OTHER, True, *_PLAIN)


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
    return Columns(
        np.cumsum([0, *(len(cluster.shapes) for cluster in clusters)]).astype(np.int64),
        *arrays,
        hazards,
        np.cumsum([0, *(len(cluster.hazards) for cluster in clusters)]).astype(np.int64),
        np.array([_starts(book, record) for _, record in hazards], np.int64),
    )


def _entries(
    book: LandBook, cluster: Cluster, position: dict[str, int], revoked: set[str]
) -> dict[str, tuple[Any, ...]]:
    """Column values of each shape of a cluster, by key."""
    known: dict[str, tuple[Any, ...]] = dict.fromkeys(cluster.foreign, (FOREIGN, False, *_PLAIN))
    for record in cluster.hazards:
        odd = not _is_plain_hazard(book, record)
        for key in book.keys_of(record):
            rest = (*_PLAIN[:7], position[record], *_PLAIN[8:])
            known[key] = (RING, odd, *rest)
            known[zone_key(key)] = (ZONE, odd, *rest)
    for number, record in enumerate(cluster.releases):
        views = book.views[record]
        view = views[0]
        plain = (
            isinstance(view, ReleaseView)
            and len(book.statements[record]) == 1
            and not view.whole
            and record not in revoked
        )
        if plain and isinstance(view, ReleaseView):
            named = position.get(book.hazard_named(record, view.named), -1) if view.named else -1
            depth = np.nan if view.depth_cm is None else view.depth_cm
            level = 1 + (views[1] is not None) + (views[2] is not None)
            known[view.statement] = (
                *(RELEASE, False, level, view.counts, view.day, view.claim, depth, view.cleared),
                *(view.surface_only, -1, named, view.statement in cluster.home, number),
            )
            continue
        for key in book.keys_of(record):  # a release of a whole hazard has the ring's own key
            role, _, *rest = known.get(key, (OTHER, True, *_PLAIN[:9], key in cluster.home, number))
            known[key] = (role, True, *rest)
    for record in cluster.works:
        views = book.views[record]
        work = views[0]
        if isinstance(work, ProcessedView) and len(book.statements[record]) == 1:
            level = 1 + (views[1] is not None) + (views[2] is not None)
            entry = (WORK, False, level, work.opens, work.day, *_PLAIN[3:])
            known.update(dict.fromkeys(work.keys, entry))
    return known


def _is_plain_hazard(book: LandBook, record: str) -> bool:
    """One ring, one requirement, no family, and *prudent* reads it as *approved* does."""
    approved, prudent = book.views[record][2:]
    if approved is not None and approved != prudent:
        return False
    views = [view for view in book.views[record] if isinstance(view, HazardView)]
    return all(map(_plain_view, views)) and not any(
        book.kinds.get(one) == "hazard_area" for one in book.naming(record)
    )


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
    return max((_begins(v, prudent=p)[0] for v in views for p in (False, True)), default=NEVER)


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
