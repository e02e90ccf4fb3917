"""Everything the land account gives reason to notice, across records and organisations (rules §7).

Findings are made at *reported*: what is said counts at once, and so does what is odd about it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tilth.core.chains import REPORTED
from tilth.core.findings import Finding
from tilth.core.geometry.frame import Frame
from tilth.core.kinds.status import with_status
from tilth.core.land.account import rows_at_levels
from tilth.core.land.balance import cut
from tilth.core.land.book import LandBook
from tilth.core.land.findings_overlaps import hazard_overlaps, release_overlaps
from tilth.core.land.findings_releases import (
    cleared_below,
    outside_hazards,
    uncounted,
    whole_releases,
)
from tilth.core.land.findings_rings import (
    closed_hazards,
    closing_word,
    corrected_rings,
    fields_in_force,
    revised_rings,
)
from tilth.core.land.findings_said import (
    decided_findings,
    drawn_m2,
    hazard_findings,
    release_findings,
    revocation_findings,
)
from tilth.core.land.findings_scene import Noise, Scene
from tilth.core.land.keeper import arrange_clusters
from tilth.core.land.resolve import statement_in_force
from tilth.core.land.rows import joined

__all__ = [
    "Noise",
    "Scene",
    "decided_findings",
    "ground_findings",
    "organisations_of",
    "revocation_findings",
    "said_findings",
    "scene_findings",
]


def ground_findings(
    book: LandBook,
    frame: Frame,
    until: int,
    names: Mapping[str, str],
    noise: Noise = Noise(),  # noqa: B008 - a tuple of numbers, never changed
    *,
    named: Callable[[str], str] = str,
) -> list[Finding]:
    """Findings that have ground: overlaps, releases that do not count, rings over time.

    Parameters
    ----------
    book
        Refreshed; as it stands at the position of the question.
    frame
        That in which the book's geometry is.
    until
        Day as an ordinal, inclusive.
    names
        Names of organisations by id, for records that do not say who did the work.
    named
        Name of an organisation, whatever word a record uses for it.

    Returns
    -------
    list of Finding
        Shapes in WGS 84 degrees; ordered by code and records.
    """
    return scene_findings(Scene(book, until, noise), frame, names, named=named)


def scene_findings(
    scene: Scene,
    frame: Frame,
    names: Mapping[str, str],
    *,
    named: Callable[[str], str] = str,
) -> list[Finding]:
    """`ground_findings` of a scene, which may be confined to some clusters.

    What is told of a record is whole when the scene holds every cluster whose box meets one of the
    record's own.
    """
    told = organisations_of(scene.book, [*scene.hazards, *scene.releases], names)
    organisations = {record: named(organisation) for record, organisation in told.items()}
    closed = _closed(scene)
    found = [
        *hazard_overlaps(scene, organisations),
        *release_overlaps(scene, organisations),
        *uncounted(scene),
        *outside_hazards(scene),
        *whole_releases(scene),
        *cleared_below(scene),
        *revised_rings(scene),
        *corrected_rings(scene),
        *closed_hazards(scene, closed, _remaining(scene, closed)),
    ]
    return _in_degrees(sorted(found, key=lambda one: (one.code, one.record, one.other)), frame)


def said_findings(
    book: LandBook,
    said_day: Callable[[str], int],
    records: Collection[str] | None = None,
) -> list[Finding]:
    """Findings about what was said and decided of hazards, releases and reports; no shapes.

    Parameters
    ----------
    said_day
        Day (ordinal) in the operation's time zone of a ``said_at``.
    records
        Only what is told of these; then without what revocations say.
    """
    chosen = book.statements if records is None else records
    found = [
        *decided_findings(
            book,
            {record: book.statements[record] for record in chosen},
            said_day,
            lambda r: drawn_m2(book, r),
        ),
        *hazard_findings(book, records),
        *release_findings(book, records),
        *(revocation_findings(book) if records is None else ()),
    ]
    return sorted(found, key=lambda one: (one.code, one.record, one.other))


def organisations_of(
    book: LandBook, records: Sequence[str], names: Mapping[str, str]
) -> dict[str, str]:
    """Who did the work of each record: its field, else the name of its author."""
    result = {}
    for record in records:
        said = statement_in_force(book.statements[record], REPORTED, book.standing)
        named = str((said.fields or {}).get("organisation", "")) if said is not None else ""
        author = record.split("/", 1)[0]
        result[record] = named or names.get(author, author)
    return result


def _closed(scene: Scene) -> dict[str, str]:
    """Word of the status of hazards that are said to be over."""
    words = {
        record: closing_word(with_status(fields_in_force(scene.book.statements[record], scene)))
        for record in scene.hazards
    }
    return {record: word for record, word in words.items() if word}


def _remaining(scene: Scene, closed: Mapping[str, str]) -> dict[str, float]:
    """Square metres remaining of some hazards, by the engine of areas."""
    clusters = {c.id: c for record in closed for c in scene.clusters_with(record)}
    if not clusters:
        return {}
    chosen = [clusters[name] for name in sorted(clusters)]
    arrangement = arrange_clusters(scene.book, chosen)
    rows = rows_at_levels(scene.book, chosen, arrangement, ["reported"])["reported"]
    cut_by_hazard = cut(joined([rows[cluster.id] for cluster in chosen]), scene.until, "hazard")
    return {str(line["hazard"]): float(line["remaining_m2"]) for line in cut_by_hazard}


def _in_degrees(found: Sequence[Finding], frame: Frame) -> list[Finding]:
    shapes: NDArray[Any] = np.empty(len(found), dtype=object)
    shapes[:] = [one.shape for one in found]
    degrees = frame.unproject_geometries(shapes)
    return [replace(one, shape=shape) for one, shape in zip(found, degrees, strict=True)]
