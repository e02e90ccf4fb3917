"""Handover certificate: what was done on the ground, by whom, how deep, on what evidence.

It never says what the ground is; it says what was done there and who accepted it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tilth.core.life.register import Held
from tilth.service.paper_values.checks import sample_rows, samples_on, shares
from tilth.service.paper_values.desk import Desk, desk, part_of
from tilth.service.paper_values.ground import (
    account_of,
    distances,
    ground_account,
    layer,
    map_value,
    near,
    outlines,
    position_of,
    survey,
)
from tilth.service.paper_values.releases import naming_releases, release_rows, reopened
from tilth.service.paper_values.work import at_work, by_method, items_of, naming
from tilth.service.register import held
from tilth.service.session import Session

__all__ = ["build"]

NEIGHBOURS_M = 500.0
"""How far around the ground a certificate names hazards that remain: direction and distance only,
since outlines of uncleared ground are need-to-know; our choice."""

_PRESENT = ("present_women", "present_men", "present_girls", "present_boys")


def build(session: Session, subject: str, *, level: str = "", until: str = "") -> dict[str, Any]:
    """Value of a handover certificate.

    Parameters
    ----------
    subject
        The handover, by any id or its certificate number.
    level
        Level at which ground counts as released; *approved* if empty.

    Raises
    ------
    Refused
        ``no_subject``, ``bad_level``, ``bad_day``.
    """
    asked = desk(session, "handover_certificate", level=level or "approved", until=until)
    given = _numbered(asked, subject) or asked.find("handover", subject)
    values = given.at(asked.until)
    named = [str(one) for one in values.get("released_areas", ())]
    releases = naming_releases(asked, named, given.author)
    named_here = [one.record for one in releases]
    others = _others(asked, releases)
    survey(asked, {*named_here, *(one.record for one in others)}, {asked.level, "prudent"})
    ground = ground_account(asked, [], releases=named_here)
    reports, tasks = _evidence(asked, releases)
    samples = samples_on(asked, areas=releases)
    rows = release_rows(asked, releases, ground)
    return asked.value(
        given,
        {
            "handover": {
                "handover": given.local_id,
                "on": given.happened_on,
                **part_of(values, "certificate_number", "purpose", "residual_risk", "liability"),
                **part_of(values, "place", "admin1", "description", "rule_set", "reason"),
                "organisation": asked.organisation(str(values.get("organisation", ""))),
                "recipients": [str(one) for one in values.get("recipients", ())],
                "present": {name.removeprefix("present_"): values.get(name) for name in _PRESENT},
                "markers_recorded": bool(values.get("markers_recorded", False)),
                "overrides": [
                    part_of(one, "rule", "record") for one in values.get("overrides", ())
                ],
                "statements": [str(one) for one in values.get("statements", ())],
                "said": asked.said(given),
            },
            "missing": sorted({*named} - {name for one in releases for name in _names(one)}),
            "releases": rows,
            "account": ground.account,
            "reopened": reopened(asked, releases),
            "tasks": tasks,
            "work": at_work(reports),
            "methods": by_method(reports),
            "items": items_of(asked, [*reports, *releases]),
            "samples": sample_rows(asked, samples),
            "sampled": shares(asked, releases, samples),
            "markers": [
                {
                    **part_of(one, "label", "marker_type"),
                    **position_of(one.get("point")),
                }
                for one in values.get("markers", ())
            ],
            "signatories": [
                part_of(one, "role", "person", "organisation")
                for one in values.get("signatories", ())
            ],
            "reach_m": int(NEIGHBOURS_M),
            "nearby": _nearby(asked, releases, others),
            "map": map_value(asked, _layers(asked, releases, values.get("markers", ()))),
        },
        name=str(values.get("certificate_number", "")) or given.local_id,
    )


def _numbered(asked: Desk, number: str) -> Held | None:
    found = [
        one
        for one in asked.register.of("handover").values()
        if number and one.now().get("certificate_number") == number
    ]
    return found[0] if len(found) == 1 else None


def _names(one: Held) -> tuple[str, str]:
    return one.record, one.local_id


def _evidence(asked: Desk, releases: Sequence[Held]) -> tuple[list[Held], list[dict[str, Any]]]:
    """Reports of the tasks that the releases name (or else of their hazards), and those tasks."""
    found: dict[str, Held] = {}
    tasks: dict[str, Held] = {}
    for one in releases:
        values = one.at(asked.until)
        task = asked.register.find("task", str(values.get("task", "")), one.author)
        if task is not None:
            tasks[task.record] = task
    for task in tasks.values():
        found |= {one.record: one for one in naming(asked, "clearance_report", "task", task)}
    reports = [one for one in found.values() if one.happened_on <= asked.until]
    return (
        sorted(reports, key=lambda one: (one.happened_on, one.record)),
        [
            {
                "task": one.local_id,
                **part_of(one.at(asked.until), "order_number", "activity", "required_depth_cm"),
                "assigned_to": asked.organisation(str(one.now().get("assigned_to", ""))),
            }
            for _, one in sorted(tasks.items())
        ],
    )


def _others(asked: Desk, releases: Sequence[Held]) -> list[Held]:
    """Hazards whose box lies within reach of the ground, its own among them."""
    records = near(asked, _site(asked, releases), NEIGHBOURS_M).get("hazard_area", set())
    return [one for one in held(asked.session, records).values() if outlines(one, asked.until)]


def _site(asked: Desk, releases: Sequence[Held]) -> list[dict[str, Any]]:
    drawn = (one.at(asked.until).get("shape") for one in releases)
    return [shape for shape in drawn if shape]


def _nearby(asked: Desk, releases: Sequence[Held], others: Sequence[Held]) -> list[dict[str, Any]]:
    """Hazards within reach on which ground remains at *prudent*; where, but no outline."""
    site = _site(asked, releases)
    prudent = ground_account(asked, [one.record for one in others], "prudent")
    rows = []
    for one in others:
        remaining = account_of(prudent, one.record)["remaining_m2"]
        metres, bearing = min(distances(asked, site, outlines(one, asked.until)))
        if float(remaining) > 0 and metres <= NEIGHBOURS_M:
            rows.append(
                {
                    "hazard": one.local_id,
                    "classification": str(one.at(asked.until).get("classification", "")),
                    "distance_m": metres,
                    "bearing_deg": bearing,
                    "remaining_m2": remaining,
                    "level": "prudent",
                }
            )
    return sorted(rows, key=lambda one: (one["distance_m"], one["hazard"]))


def _layers(asked: Desk, releases: Sequence[Held], markers: Sequence[Any]) -> list[dict[str, Any]]:
    layers = []
    for one in releases:
        values = one.at(asked.until)
        if values.get("shape"):
            style = str(values.get("release_type", ""))
            layers.append(layer("released", values["shape"], one.local_id, style))
        if values.get("benchmark"):
            layers.append(layer("benchmark", values["benchmark"]))
    for line in markers:
        if line.get("point"):
            layers.append(layer("marker", line["point"], str(line.get("label", ""))))
    return layers
