"""Report on a quality visit: checklist, nonconformities raised, samples taken."""

from __future__ import annotations

from typing import Any

from tilth.core.kinds.lists_quality import QUESTION
from tilth.core.life.register import Held
from tilth.service.paper_values.checks import sample_rows
from tilth.service.paper_values.desk import Desk, desk, part_of
from tilth.service.paper_values.ground import layer, map_value, named_record, outlines, position_of
from tilth.service.paper_values.states import nonconformities
from tilth.service.session import Session

__all__ = ["build"]

_PLACE = {code.value: number for number, code in enumerate(QUESTION.codes)}


def build(session: Session, subject: str, *, level: str = "", until: str = "") -> dict[str, Any]:
    """Value of a visit's report.

    Parameters
    ----------
    subject
        The quality visit.

    Raises
    ------
    Refused
        ``no_subject``, ``bad_level``, ``bad_day``.
    """
    asked = desk(session, "qa_visit_report", level=level or "reported", until=until)
    visit = asked.find("qm_visit", subject)
    values = visit.at(asked.until)
    task = asked.register.find("task", str(values.get("task", "")), visit.author)
    raised = [one for one in nonconformities(asked) if one["visit"] == visit.record]
    samples = _samples(asked, visit, task)
    shape = values.get("shape")
    layers = _site(asked, task)
    if shape:
        layers.append(layer("visit", shape, visit.local_id))
    for one in samples:
        if one.fields.get("shape"):
            layers.append(layer("sample", one.fields["shape"], one.local_id))
        if one.fields.get("missed_at"):
            layers.append(layer("missed", one.fields["missed_at"], one.local_id))
    return asked.value(
        visit,
        {
            "visit": {
                "visit": visit.local_id,
                "on": visit.happened_on,
                **part_of(values, "team", "activity", "stage", "result", "place", "description"),
                "special_monitoring": bool(values.get("special_monitoring", False)),
                "operations_suspended": bool(values.get("operations_suspended", False)),
                "inspector": asked.organisation(str(values.get("organisation", ""))),
                "inspected": asked.organisation(str(values.get("inspected", ""))),
                "inspectors": [str(one) for one in values.get("inspectors", ())],
                "task": task.local_id if task else str(values.get("task", "")),
                "order_number": str(task.now().get("order_number", "")) if task else "",
                "where": position_of(shape),
                "said": asked.said(visit),
            },
            "checklist": sorted(
                (
                    part_of(one, "question", "answer", "remark")
                    for one in values.get("checklist", ())
                ),
                key=lambda one: (_PLACE.get(str(one["question"]), len(_PLACE)), one["question"]),
            ),
            "nonconformities": raised,
            "samples": sample_rows(asked, samples),
            "map": map_value(asked, layers),
        },
    )


def _site(asked: Desk, task: Held | None) -> list[dict[str, Any]]:
    """Hazard area and worksite of the task visited, so that the visit has a place on the map."""
    if task is None:
        return []
    values = task.at(asked.until)
    hazard = named_record(asked, "hazard_area", str(values.get("hazard", "")), task.author)
    layers = []
    if hazard is not None:
        style = str(hazard.at(asked.until).get("classification", ""))
        drawn = outlines(hazard, asked.until)
        layers += [layer("hazard", one, hazard.local_id, style) for one in drawn]
    if values.get("shape"):
        layers.append(layer("task", values["shape"], str(values.get("order_number", ""))))
    return layers


def _samples(asked: Desk, visit: Held, task: Held | None) -> list[Held]:
    """Samples that the visiting organisation took of the same task on the visit's day."""
    found = []
    for one in asked.register.of("sample_inspection").values():
        named = asked.register.find("task", str(one.fields.get("task", "")), one.author)
        same = task is not None and named is not None and named.record == task.record
        if same and one.author == visit.author and one.happened_on == visit.happened_on:
            found.append(one)
    return sorted(found, key=lambda one: one.record)
