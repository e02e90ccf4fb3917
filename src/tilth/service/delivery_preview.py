"""A delivery before it goes in: how it is read, what it would change, where its ground lies.

Values are plain, so that a job can keep them until the person who asked looks at them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import shapely

from tilth.core.geometry.encoding import shape_of
from tilth.core.geometry.frame import Frame
from tilth.core.kinds.model import FieldType, Kind
from tilth.core.problems import Problem
from tilth.documents.maps import Feature, Ground, map_svg
from tilth.documents.reader import reader_in
from tilth.exchange.delivery import RefusedRow, Row
from tilth.exchange.mapping import write_mapping
from tilth.exchange.refused import refused_csv
from tilth.service.deliveries import deliveries, find_delivery, read_notes
from tilth.service.importing import Imported, Order, import_file
from tilth.service.lens import Lens
from tilth.service.levels import raise_import, require_level
from tilth.service.session import Session, said_of

__all__ = ["IMPORTED", "DeliveryLine", "delivered", "look", "picture", "refused_table", "take_in"]

IMPORTED = (
    *("hazard_area", "released_area", "clearance_report", "spot_task", "clearance_summary"),
    *("evidence_point", "accident", "victim", "place", "person", "eore_session"),
)
"""Kinds that files commonly hold, in the order in which they are offered."""

MOST_SHAPES = 2_000
MOST_ROWS = 500
MOST_NEIGHBOURS = 400

ProblemValue = dict[str, Any]


@dataclass(slots=True)
class _Seen:
    """Shapes of the rows, for the picture."""

    name: str
    shapes: list[dict[str, Any]] = field(default_factory=list)
    others: int = 0

    def take(self, row: Row) -> None:
        shape = row.fields.get(self.name)
        if not shape:
            return
        if len(self.shapes) >= MOST_SHAPES:
            self.others += 1
            return
        self.shapes.append(
            {
                "id": str(row.fields.get("local_id", "")),
                "style": str(
                    row.fields.get("classification", "") or row.fields.get("release_type", "")
                ),
                "shape": shape,
            }
        )


def look(
    session: Session, order: Order, progress: Callable[[int], None] | None = None
) -> dict[str, Any]:
    """Read a file as it would be imported, and store nothing.

    Returns
    -------
    dict
        ``read``, ``changes`` (records by what happens to them), ``stated`` and ``lines`` (how it is
        read), ``columns``, ``mapping`` (TOML), ``used`` (column → fields), ``refused`` (rows with
        their problems), ``codes`` (problems by code), ``warnings``, ``lacking``, ``findings``,
        ``shapes``, ``sources``, ``layers``, ``repeated``, ``id``.

    Raises
    ------
    Refused
        As `tilth.service.importing.import_file`.
    """
    kind = session.kind(order.kind)
    seen = _Seen(_shape_field(kind))
    imported = import_file(session, replace(order, dry_run=True, look=seen.take), progress)
    return {
        **_told(session, imported, order),
        "shapes": [] if kind.protected else seen.shapes,
        "shapes_more": seen.others,
    }


def take_in(
    session: Session,
    order: Order,
    level: str = "reported",
    progress: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Import a file, and write the decisions that its level asks for, as far as they may be taken.

    Returns
    -------
    dict
        As `look` without shapes, and ``raised`` (statements), ``not_raised`` (problems),
        ``recalled`` (released areas put in doubt).

    Raises
    ------
    Refused
        As `tilth.service.importing.import_file` and ``level_not_permitted``.
    """
    require_level(session, level)
    imported = import_file(session, order, progress)
    raised = raise_import(session, imported, level)
    return {
        **_told(session, imported, order),
        "raised": raised.statements,
        "not_raised": [_value(one) for one in raised.stopped],
        "recalled": sorted({area for one in imported.recalled for area in one.areas}),
    }


def _shape_field(kind: Kind) -> str:
    return next((one.name for one in kind.fields if one.type is FieldType.SHAPE), "")


def _value(problem: Problem) -> ProblemValue:
    return {"code": problem.code, "where": problem.where, "params": dict(problem.params)}


def _told(session: Session, imported: Imported, order: Order) -> dict[str, Any]:
    delivery = imported.delivery
    past = deliveries(session, order.kind, organisation=session.own)
    value: dict[str, Any] = {
        "id": imported.id,
        "kind": order.kind,
        "read": imported.read,
        "changes": asdict(imported.changes),
        "lacking": imported.lacking,
        "incomplete": dict(imported.incomplete),
        "repeated": imported.repeated,
        "sources": sorted({str(one.fields.get("source", "")) for one in past} - {""}),
    }
    if delivery is None:
        return value | {"refused": [], "refused_count": 0, "codes": {}, "warnings": []}
    found = [problem for row in delivery.refused for problem in row.problems]
    used: dict[str, list[str]] = {}
    for name, source in delivery.mapping.fields.items():
        for column in source.columns:
            used.setdefault(column, []).append(name)
    return value | {
        "stated": delivery.stated.lines(),
        "layers": list(delivery.stated.layers),
        "lines": list(delivery.lines),
        "columns": list(delivery.columns),
        "used": used,
        "mapping": write_mapping(delivery.mapping),
        "warnings": [_value(one) for one in delivery.warnings],
        "codes": dict(Counter(one.code for one in found)),
        "refused_count": len(delivery.refused),
        "refused": [
            {
                "part": row.part,
                "cells": list(row.cells),
                "problems": [_value(one) for one in row.problems],
            }
            for row in delivery.refused[:MOST_ROWS]
        ],
        "findings": dict(delivery.findings()),
    }


def picture(
    session: Session, kind_name: str, shapes: Sequence[Mapping[str, Any]], language: str = "en"
) -> str:
    """SVG of what a delivery brings over what is recorded there and the reader may see.

    Empty when there is nothing to draw.
    """
    if not shapes:
        return ""
    degrees = [shape_of(one["shape"]) for one in shapes]
    west, south, east, north = shapely.total_bounds(degrees).tolist()
    middle = round((west + east) / 2 * 1e9), round((south + north) / 2 * 1e9)
    frame = session.frame() or Frame(*middle)
    role = "hazard" if kind_name == "hazard_area" else "released"
    if kind_name not in ("hazard_area", "released_area"):
        role = "task"
    new = _features(frame, degrees, [(role, str(o["id"]), str(o["style"])) for o in shapes])
    around = _neighbours(session, (west, south, east, north))
    beside = _features(frame, [one for one, _ in around], [words for _, words in around])
    ground = Ground((*beside, *new), synthetic=session.workspace.settings.synthetic)
    return map_svg(ground, reader_in(language))


def _features(
    frame: Frame, shapes: Sequence[Any], words: Sequence[tuple[str, str, str]]
) -> list[Feature]:
    if not shapes:
        return []
    placed = frame.project_geometries(np.array(shapes, dtype=object))
    named = len(shapes) <= 60  # more labels hide what they name
    return [
        Feature(role, shape, label if named else "", style)
        for shape, (role, label, style) in zip(placed, words, strict=True)
    ]


def _neighbours(
    session: Session, box: tuple[float, float, float, float]
) -> list[tuple[Any, tuple[str, str, str]]]:
    """Hazards recorded in a box of degrees that the reader may see."""
    lens = Lens(session)
    found: dict[str, tuple[Any, tuple[str, str, str]]] = {}
    for entry in session.workspace.store.entries_at(
        session.workspace.store.shapes_in(box)[:MOST_NEIGHBOURS]
    ):
        said = said_of(entry)
        shape = (said.fields or {}).get("shape")
        if said.kind == "hazard_area" and shape and lens.sees(said.record):
            style = str((said.fields or {}).get("classification", ""))
            found[said.record] = (shape_of(shape), ("neighbour", "", style))
    return list(found.values())


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """A delivery as it is listed."""

    id: str
    organisation: str
    source: str
    kind: str
    happened_on: str
    read: int
    accepted: int
    refused: int
    statement: str


def delivered(session: Session) -> list[DeliveryLine]:
    """Deliveries that the reader may see, newest first."""
    lens = Lens(session)
    return [
        DeliveryLine(
            one.id,
            session.organisation_name(one.organisation),
            str(one.fields.get("filename") or one.fields.get("source", "")),
            str(one.fields.get("of_kind", "")),
            str(one.fields.get("happened_on", "")),
            int(one.fields.get("read", 0)),
            int(one.fields.get("accepted", 0)),
            int(one.fields.get("refused", 0)),
            one.statement,
        )
        for one in reversed(deliveries(session))
        if lens.may_read(one.organisation, "delivery") == "full"
    ]


def refused_table(session: Session, name: str, say: Callable[[Problem], str]) -> str:
    """Rows that a delivery could not bring in, as CSV with the reason, to be mended.

    Raises
    ------
    Refused
        ``unknown_import``, ``not_readable``.
    """
    past = find_delivery(session, name)
    Lens(session).require_read(f"{past.organisation}/delivery/{past.id}")
    notes = read_notes(session, past)
    rows = [
        RefusedRow(part, cells, tuple(Problem(*one) for one in found))
        for part, cells, found in notes.refused
    ]
    return refused_csv(notes.columns, rows, say)
