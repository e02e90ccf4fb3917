"""Task order with its dossier: the hazard, the order, the plans, what is known around it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tilth.core.life.register import Held
from tilth.core.life.tasks import AXIS, TaskCase
from tilth.service.paper_values.completion import ordered
from tilth.service.paper_values.desk import Desk, desk, part_of
from tilth.service.paper_values.forces import accreditations, assets, teams
from tilth.service.paper_values.ground import (
    account_of,
    area_m2,
    distances,
    ground_account,
    layer,
    map_value,
    near,
    outlines,
    position_of,
    survey,
    turning_points,
)
from tilth.service.paper_values.standings import task_cases, task_standing
from tilth.service.paper_values.states import trail
from tilth.service.register import held
from tilth.service.session import Session

__all__ = ["build"]

NEIGHBOURS_M = 500.0
"""How far around a worksite a dossier shows other hazards, evidence and accidents; our choice,
since a team's access and safety distances lie within it."""

NAMED = 12
"""Up to so many releases have their names on a dossier's map."""

_ORDER = ("order_number", "activity", "required_depth_cm", "required_search", "marking")
_PLANS = ("medical_plan", "evacuation_plan", "evacuation_minutes", "map_reference", "description")
_FRAME = ("planned_from", "planned_to", "project", "intended_use", "priority")
_GROUND = ("classification", "area_type", "place", "admin1", "required_depth_cm")
_MORE_GROUND = ("required_search", "terrain", "slope", "vegetation", "metal_contamination")


def build(session: Session, subject: str, *, level: str = "", until: str = "") -> dict[str, Any]:
    """Value of a task order.

    Parameters
    ----------
    subject
        The task, by any of its ids or its order number.
    level
        Of the hazard's account; *prudent* if empty, as for every dossier.

    Raises
    ------
    Refused
        ``no_subject``, ``bad_level``, ``bad_day``.
    """
    asked = desk(session, "task_order", level=level or "prudent", until=until)
    task = ordered(asked, subject) or asked.find("task", subject)
    values = task.at(asked.until)
    case = task_cases(asked, task).get(task.record) or TaskCase(task)
    hazard = case.hazard
    rings = outlines(hazard, asked.until) if hazard else []
    site = [values["shape"]] if values.get("shape") else rings
    assigned = str(values.get("assigned_to", ""))
    log = asked.register.organisation_of(assigned)
    codes = [str(one) for one in values.get("teams", ())]
    things = [str(one) for one in values.get("assets", ())]
    standing = task_standing(asked, case)
    others = _others(asked, site, hazard)
    own = [hazard.record] if hazard else []
    survey(asked, {*own, *(one.record for one in others)}, {asked.level, "prudent"})
    around = _around(asked, site, others)
    evidence, accidents = _known(asked, site, hazard)
    return asked.value(
        task,
        {
            "order": {
                **part_of(values, *_ORDER, *_PLANS, *_FRAME),
                "task": task.local_id,
                "on": task.happened_on,
                "assigned_to": asked.organisation(assigned),
                "methods": list(values.get("methods", ())),
                "hazard_types": list(values.get("hazard_types", ())),
                "state": standing.state,
                "contested": standing.contested,
                "said": asked.said(task),
            },
            "explosives_allotted": [
                part_of(one, "explosive", "unit", "quantity")
                for one in values.get("explosives_allotted", ())
            ],
            "teams": teams(asked, codes, log),
            "assets": assets(asked, things, log),
            "accreditations": accreditations(
                asked, {*asked.register.codes(log), assigned, *codes, *things} - {""}
            ),
            "moves": trail(asked, AXIS, standing),
            "hazard": _hazard(asked, hazard),
            "worksite": {
                "whole_hazard": not values.get("shape"),
                "area_m2": area_m2(asked, values["shape"]) if values.get("shape") else "",
                "turning_points": [row for one in site for row in turning_points(one)],
            },
            "neighbours": around,
            "reach_m": int(NEIGHBOURS_M),
            "evidence": evidence,
            "accidents": accidents,
            "map": map_value(asked, _layers(asked, values, hazard, around, evidence, accidents)),
        },
        name=str(values.get("order_number", "")) or task.local_id,
    )


def _hazard(asked: Desk, hazard: Held | None) -> dict[str, Any] | None:
    if hazard is None:
        return None
    values = hazard.at(asked.until)
    ground = ground_account(asked, [hazard.record])
    return {
        "hazard": hazard.local_id,
        "record": hazard.record,
        "name": str(values.get("name", "")),
        "on": hazard.happened_on,
        **part_of(values, *_GROUND, *_MORE_GROUND, "marked", "evidence", "information_class"),
        "direct_evidence": list(values.get("direct_evidence", ())),
        "indirect_evidence": list(values.get("indirect_evidence", ())),
        "contamination": list(values.get("contamination", ())),
        "benchmark": position_of(values.get("benchmark")),
        "account": ground.account,
        "said": asked.said(hazard),
    }


def _others(asked: Desk, site: Sequence[dict[str, Any]], hazard: Held | None) -> list[Held]:
    """Other hazards whose box lies within reach of the worksite."""
    records = near(asked, site, NEIGHBOURS_M).get("hazard_area", set())
    return [
        one
        for one in held(asked.session, records).values()
        if (hazard is None or one.record != hazard.record) and outlines(one, asked.until)
    ]


def _around(
    asked: Desk, site: Sequence[dict[str, Any]], others: Sequence[Held]
) -> list[dict[str, Any]]:
    """Other hazards within reach, with what remains of each at *prudent*, the nearest first."""
    if not others:
        return []
    ground = ground_account(asked, [one.record for one in others], "prudent")
    rows = []
    for one in others:
        drawn = outlines(one, asked.until)
        metres, bearing = min(distances(asked, site, drawn))
        values = one.at(asked.until)
        rows.append(
            {
                "hazard": one.local_id,
                "name": str(values.get("name", "")),
                "classification": str(values.get("classification", "")),
                "distance_m": metres,
                "bearing_deg": bearing,
                "remaining_m2": account_of(ground, one.record)["remaining_m2"],
                "level": "prudent",
                "shapes": drawn,
            }
        )
    within = [one for one in rows if one["distance_m"] <= NEIGHBOURS_M]
    return sorted(within, key=lambda one: (one["distance_m"], one["hazard"]))


def _known(
    asked: Desk, site: Sequence[dict[str, Any]], hazard: Held | None
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Evidence and accidents within reach of the worksite, or that name its hazard."""
    records = near(asked, site, NEIGHBOURS_M)
    evidence = _points(asked, site, records.get("evidence_point", set()), hazard)
    accidents = _points(asked, site, records.get("accident", set()), hazard)
    return (
        [
            {
                **where,
                **part_of(values, "evidence_type", "category", "description", "information_class"),
                "ordnance": list(values.get("ordnance", ())),
            }
            for where, values in evidence
        ],
        [
            {
                **where,
                **part_of(values, "accident_type", "device", "killed", "injured"),
            }
            for where, values in accidents
        ],
    )


def _points(
    asked: Desk, site: Sequence[dict[str, Any]], records: Iterable[str], hazard: Held | None
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    found = []
    for one in held(asked.session, records).values():
        values = one.at(asked.until)
        point = values.get("point")
        if not point or one.happened_on > asked.until:
            continue
        metres, bearing = distances(asked, site, [point])[0]
        names = {hazard.record, hazard.local_id} if hazard else set()
        if metres <= NEIGHBOURS_M or str(values.get("hazard", "")) in names:
            where = {
                "record": one.local_id,
                "on": one.happened_on,
                "distance_m": metres,
                "bearing_deg": bearing,
                **position_of(point),
                "point": {"type": "Point", "coordinates": point["coordinates"]},
            }
            found.append((where, values))
    return sorted(found, key=lambda pair: (pair[0]["distance_m"], pair[0]["record"]))


def _layers(
    asked: Desk,
    values: dict[str, Any],
    hazard: Held | None,
    around: Sequence[dict[str, Any]],
    evidence: Sequence[dict[str, Any]],
    accidents: Sequence[dict[str, Any]],
) -> list[dict[str, Any]]:
    layers = []
    for one in around:
        for shape in one["shapes"]:
            layers.append(layer("neighbour", shape, one["hazard"], one["classification"]))
    if hazard:
        style = str(hazard.at(asked.until).get("classification", ""))
        layers += [
            layer("hazard", s, hazard.local_id, style) for s in outlines(hazard, asked.until)
        ]
        layers += released_layers(asked, hazard)
        if benchmark := hazard.at(asked.until).get("benchmark"):
            layers.append(layer("benchmark", benchmark))
    if values.get("shape"):
        layers.append(layer("task", values["shape"], str(values.get("order_number", ""))))
    layers += [layer("evidence", one["point"], one["record"]) for one in evidence]
    layers += [layer("accident", one["point"], one["record"]) for one in accidents]
    return layers


def released_layers(asked: Desk, hazard: Held) -> list[dict[str, Any]]:
    """Releases at the document's level that bear on a hazard; many of them go without names."""
    ground = ground_account(asked, [hazard.record])
    credited = [one for one in ground.releases if ground.credited.get(one)]
    layers = []
    for one in held(asked.session, credited).values():
        if one.fields.get("shape"):
            style = str(one.fields.get("release_type", ""))
            label = one.local_id if len(credited) <= NAMED else ""
            layers.append(layer("released", one.fields["shape"], label, style))
    return layers
