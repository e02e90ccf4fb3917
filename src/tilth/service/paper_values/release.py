"""Report on one release: the ground cancelled, reduced or cleared, and on what grounds."""

from __future__ import annotations

from typing import Any

from tilth.core.life.register import Held
from tilth.core.problems import Problem, Refused
from tilth.service.paper_values.checks import sample_rows, samples_on, shares
from tilth.service.paper_values.desk import Desk, desk, part_of
from tilth.service.paper_values.ground import (
    ground_account,
    layer,
    map_value,
    named_record,
    near,
    outlines,
    position_of,
)
from tilth.service.paper_values.releases import release_rows, reopened
from tilth.service.paper_values.work import items_of
from tilth.service.register import held
from tilth.service.session import Session

__all__ = ["build"]


def build(session: Session, subject: str, *, level: str = "", until: str = "") -> dict[str, Any]:
    """Value of a cancellation, reduction or clearance report on one released area.

    Raises
    ------
    Refused
        ``no_subject``, ``bad_level``, ``bad_day``.
    """
    asked = desk(session, "release_report", level=level or "reported", until=until)
    release = named_record(asked, "released_area", subject)
    if release is None:
        params = {"document": asked.document, "kind": "released area", "name": subject}
        raise Refused(Problem("no_subject", subject, params))
    values = release.at(asked.until)
    hazard = named_record(asked, "hazard_area", str(values.get("hazard", "")), release.author)
    ground = ground_account(asked, [], releases=[release.record])
    samples = samples_on(asked, areas=[release])
    return asked.value(
        release,
        {
            "release": release_rows(asked, [release], ground)[0],
            "hazard": {
                "hazard": hazard.local_id,
                **part_of(hazard.at(asked.until), "name", "classification", "area_type", "place"),
                "on": hazard.happened_on,
                "direct_evidence": list(hazard.at(asked.until).get("direct_evidence", ())),
                "indirect_evidence": list(hazard.at(asked.until).get("indirect_evidence", ())),
            }
            if hazard
            else None,
            "account": ground.account,
            "evidence": _evidence(asked, release, hazard),
            "items": items_of(asked, [release]),
            "samples": sample_rows(asked, samples),
            "sampled": shares(asked, [release], samples),
            "reopened": reopened(asked, [release]),
            "map": map_value(asked, _layers(asked, release, hazard)),
        },
    )


def _evidence(asked: Desk, release: Held, hazard: Held | None) -> list[dict[str, Any]]:
    """Evidence on the ground released, or that names its hazard: what was weighed."""
    shape = release.at(asked.until).get("shape")
    records = near(asked, [shape], 0.0).get("evidence_point", set()) if shape else set()
    names = {hazard.record, hazard.local_id} if hazard else set()
    if hazard is not None:
        rows = asked.session.workspace.store.select(
            "evidence_point", ["record"], {"hazard": sorted(names)}
        )
        records |= {str(row[0]) for row in rows}
    found = [
        {
            "evidence": one.local_id,
            "on": one.happened_on,
            **part_of(one.at(asked.until), "evidence_type", "category", "description", "method"),
            **part_of(one.at(asked.until), "information_class", "source_type"),
            **position_of(one.at(asked.until).get("point")),
        }
        for one in held(asked.session, records).values()
        if one.happened_on <= asked.until
    ]
    return sorted(found, key=lambda one: (one["on"], one["evidence"]))


def _layers(asked: Desk, release: Held, hazard: Held | None) -> list[dict[str, Any]]:
    layers = []
    if hazard is not None:
        style = str(hazard.at(asked.until).get("classification", ""))
        drawn = outlines(hazard, asked.until)
        layers += [layer("hazard", one, hazard.local_id, style) for one in drawn]
    values = release.at(asked.until)
    if values.get("shape"):
        style = str(values.get("release_type", ""))
        layers.append(layer("released", values["shape"], release.local_id, style))
    if values.get("benchmark"):
        layers.append(layer("benchmark", values["benchmark"]))
    return layers
