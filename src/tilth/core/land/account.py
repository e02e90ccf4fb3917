"""From clusters to kept rows: arrange the ground once, read it at every level.

The arrangement of a cluster holds every statement's ring, so the four levels differ only in the
views that the rules read: one geometric computation answers all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from tilth.core.chains import APPROVED, LEVELS, PRUDENT
from tilth.core.days import NEVER
from tilth.core.land.arrangement import Arrangement
from tilth.core.land.book import LandBook
from tilth.core.land.clusters import Cluster
from tilth.core.land.plain import PlainFaces
from tilth.core.land.rows import HazardRow, LandRows, RowBuilder, beside, release_row
from tilth.core.land.rules import Case, History, history
from tilth.core.land.views import HazardView, ProcessedView, ReleaseView

__all__ = ["case_of", "face_sets", "rows_at_levels", "rows_of"]


def _view(book: LandBook, record: str, level: int) -> Any:
    return book.views[record][level - 1]


def case_of(book: LandBook, cluster: Cluster, level: int) -> Case:
    """Views of a cluster at a level, as the rules read them."""
    hazards = [view for record in cluster.hazards if (view := _view(book, record, level))]
    releases: list[ReleaseView] = []
    for record in cluster.releases:
        view = _view(book, record, level)
        if view is not None:
            named = book.hazard_named(record, view.named)
            releases.append(view if named == view.named else replace(view, named=named))
    works = [view for record in cluster.works if (view := _view(book, record, level))]
    masks = []
    for record in cluster.hazards:
        for number, view in enumerate(book.views[record]):
            if isinstance(view, HazardView):
                opens = view.suspected(prudent=number + 1 == PRUDENT)[0]
                masks += [(frozenset(g.keys), max(g.opens, opens)) for g in view.grounds]
    return Case(
        hazards=[
            replace(h, parents=tuple(book.hazard_named(h.record, p) for p in h.parents))
            if h.parents
            else h
            for h in hazards
        ],
        releases=releases,
        revocations=book.revocation_views(level, cluster.releases) if book.revocations else [],
        processed=[work for work in works if isinstance(work, ProcessedView)],
        masks=sorted(set(masks), key=lambda mask: (mask[1], sorted(mask[0]))),
        approved=case_of(book, cluster, APPROVED) if level == PRUDENT else None,
    )


def face_sets(
    cluster: Cluster, arrangement: Arrangement, number: int
) -> list[tuple[frozenset[str], float]]:
    """Faces of one cluster that are accounted in it: keys of the shapes that cover, area in m²."""
    rows = range(
        int(arrangement.cluster_offset[number]), int(arrangement.cluster_offset[number + 1])
    )
    at, members = arrangement.set_offset, arrangement.members
    faces = []
    for row in rows:
        face = frozenset(cluster.shapes[m] for m in members[at[row] : at[row + 1]].tolist())
        if cluster.accounts_for(face):
            faces.append((face, float(arrangement.area_m2[row])))
    return faces


def rows_of(
    book: LandBook,
    cluster: Cluster,
    level: int,
    faces: Sequence[tuple[frozenset[str], float]],
) -> LandRows:
    """Kept rows of a cluster at a level, from its faces."""
    case = case_of(book, cluster, level)
    within = _taken_in_later(case)
    inside: list[list[tuple[int, float]]] = [[] for _ in case.hazards]
    read: list[tuple[History, float]] = []
    known: dict[frozenset[str], History] = {}
    for face, area_m2 in faces:
        essence = case.essence(face)
        if essence not in known:
            known[essence] = history(face, case)
        read.append((known[essence], area_m2))
        for hazard, extension, segments in known[essence].entries:
            if extension:
                opens = within(hazard, face)
                if opens != NEVER:
                    inside[hazard].append((max(opens, segments[0].since), area_m2))
    builder = RowBuilder(
        (_hazard_row(book, view, inside[n], case.prudent) for n, view in enumerate(case.hazards)),
        (release_row(view) for view in case.releases),
    )
    for one, area_m2 in read:
        builder.add(one, area_m2, NEVER)
    return builder.rows()


def _taken_in_later(case: Case) -> Any:
    """Day on which a hazard's own ring took in ground that is its extension already."""

    def opens(hazard: int, face: frozenset[str]) -> int:
        view = case.hazards[hazard]
        days = [g.opens for g in view.grounds if not face.isdisjoint(g.keys)]
        first = view.suspected(prudent=case.prudent)[0]
        return max(min(days), first) if days else NEVER

    return opens


def _hazard_row(
    book: LandBook, view: HazardView, inside: Sequence[tuple[int, float]], prudent: bool
) -> HazardRow:
    """Classes over time, and the area of the rings in force, measured apart from any face."""
    opens = view.suspected(prudent=prudent)[0]
    in_force = sorted({max(g.opens, opens) for g in view.grounds})
    days = sorted({*in_force, *(day for day, _ in inside)})
    rings = []
    for day in days if opens != NEVER else []:
        keys = [k for g in view.grounds if max(g.opens, opens) <= day for k in g.keys]
        shapes = [book.geometry[key] for key in dict.fromkeys(keys)]
        whole = shapes[0] if len(shapes) == 1 else shapely.union_all(np.array(shapes, object))
        extended = sum(area for since, area in inside if since <= day)
        rings.append((day, float(shapely.area(whole)) - extended))
    classes = []
    for day in sorted({one[0] for one in view.classes}):
        classes.append((day, view.class_at(day)))
    return HazardRow(view.record, view.place, tuple(classes), tuple(rings))


def rows_at_levels(
    book: LandBook,
    clusters: Sequence[Cluster],
    arrangement: Arrangement,
    levels: Iterable[str] = tuple(LEVELS),
) -> dict[str, dict[str, LandRows]]:
    """Rows by level and cluster id.

    An arrangement that does not prove itself shows in the closure of its hazards, which is measured
    against their rings apart.
    """
    faces = PlainFaces(book, clusters, arrangement)
    result: dict[str, dict[str, LandRows]] = {}
    for level in levels:
        number = LEVELS[level]
        odd = faces.faces(number)
        general = {n: rows_of(book, clusters[n], number, found) for n, found in odd.items()}
        hazards = [
            general[n].hazards if n in general else _hazard_rows(book, cluster, number)
            for n, cluster in enumerate(clusters)
        ]
        plain = faces.rows(number, hazards)
        result[level] = {
            cluster.id: beside(plain[n], general[n]) if n in general else plain[n]
            for n, cluster in enumerate(clusters)
        }
    return result


def _hazard_rows(book: LandBook, cluster: Cluster, level: int) -> tuple[HazardRow, ...]:
    views = [_view(book, record, level) for record in cluster.hazards]
    return tuple(_hazard_row(book, v, (), level == PRUDENT) for v in views if v is not None)
