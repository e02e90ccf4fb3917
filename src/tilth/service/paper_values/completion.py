"""Completion report of a task or a hazard: what was worked, found, checked and left."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tilth.core.life.register import Held
from tilth.core.life.tasks import TaskCase
from tilth.core.problems import Problem, Refused
from tilth.service.paper_values.checks import sample_rows, samples_on, shares
from tilth.service.paper_values.desk import Desk, desk, part_of
from tilth.service.paper_values.ground import (
    ground_account,
    layer,
    map_value,
    named_record,
    outlines,
)
from tilth.service.paper_values.releases import holding, release_rows, reopened
from tilth.service.paper_values.standings import explosives, task_cases
from tilth.service.paper_values.states import nonconformities, severities, task_line
from tilth.service.paper_values.work import (
    at_work,
    by_method,
    items_of,
    naming,
    stoppages,
)
from tilth.service.session import Session

__all__ = ["build", "ordered"]


def build(session: Session, subject: str, *, level: str = "", until: str = "") -> dict[str, Any]:
    """Value of a completion report.

    Parameters
    ----------
    subject
        A task (by any id or its order number), or a hazard area: then of all its tasks.
    level
        Of the figures: *reported* if empty, since the report is what the authority decides on.

    Raises
    ------
    Refused
        ``no_subject``, ``bad_level``, ``bad_day``.
    """
    asked = desk(session, "completion_report", level=level or "reported", until=until)
    task, hazard, cases = _subject(asked, subject)
    tasks = [one.task for one in cases]
    about = task or hazard
    reports = _reports(asked, tasks, hazard if task is None else None)
    ground = ground_account(asked, [hazard.record] if hazard else [])
    releases = _releases(asked, task, hazard, ground.releases)
    credited = [one for one in ground.releases if ground.credited.get(one)]
    beside = holding(asked, {*credited, *(one.record for one in releases)})
    names = {one.record for one in tasks}
    samples = samples_on(asked, tasks=names, areas=releases)
    areas = {name for one in releases for name in (one.record, one.local_id)}
    faults = [
        one
        for one in nonconformities(asked)
        if one["task"] in names or areas.intersection(one["released_areas"])
    ]
    required = [str(one.at(asked.until).get("required_depth_cm", "")) for one in tasks]
    accidents = {one.record: one for case in cases for one in case.accidents}
    return asked.value(
        about,
        {
            "tasks": [task_line(asked, one) for one in cases],
            "hazard": {
                "hazard": hazard.local_id,
                "record": hazard.record,
                **part_of(hazard.at(asked.until), "name", "classification", "place", "admin1"),
                "required_depth_cm": str(hazard.at(asked.until).get("required_depth_cm", "")),
            }
            if hazard
            else None,
            "account": ground.account,
            "required_depth_cm": max(filter(None, required), key=Decimal, default=""),
            "releases": release_rows(asked, releases, ground),
            "reopened": reopened(asked, releases),
            "work": at_work(reports),
            "methods": by_method(reports),
            "stoppages": stoppages(reports),
            "items": items_of(asked, [*reports, *releases]),
            "explosives": explosives(asked, tasks),
            "samples": sample_rows(asked, samples),
            "sampled": shares(asked, releases, samples),
            "nonconformities": faults,
            "severities": severities(faults),
            "accidents": [
                {
                    "accident": one.local_id,
                    "on": one.happened_on,
                    **part_of(one.now(), "accident_type", "device", "killed", "injured"),
                }
                for _, one in sorted(accidents.items())
                if one.happened_on <= asked.until
            ],
            "map": map_value(asked, _layers(asked, hazard, beside, samples)),
        },
        name=str(task.now().get("order_number", "")) if task else "",
    )


def _subject(asked: Desk, subject: str) -> tuple[Held | None, Held | None, list[TaskCase]]:
    """Task meant (or None), the hazard, and the tasks that the report is about."""
    task = asked.register.find("task", subject) or ordered(asked, subject)
    if task is not None:
        found = list(task_cases(asked, task).values())
        return task, found[0].hazard if found else None, found
    hazard = named_record(asked, "hazard_area", subject)
    if hazard is None:
        params = {"document": asked.document, "kind": "task or hazard area", "name": subject}
        raise Refused(Problem("no_subject", subject, params))
    of_hazard = [
        one
        for one in task_cases(asked).values()
        if one.hazard is not None and one.hazard.record == hazard.record
    ]
    return None, hazard, sorted(of_hazard, key=lambda one: (one.task.happened_on, one.task.record))


def ordered(asked: Desk, number: str) -> Held | None:
    """Task of an order number that only one has."""
    found = [
        one
        for one in asked.register.of("task").values()
        if number and one.now().get("order_number") == number
    ]
    return found[0] if len(found) == 1 else None


def _reports(asked: Desk, tasks: Sequence[Held], hazard: Held | None) -> list[Held]:
    """Reports and spot tasks at the document's level that name a task, or else the hazard."""
    found: dict[str, Held] = {}
    for kind in ("clearance_report", "spot_task"):
        for task in tasks:
            found |= {one.record: one for one in naming(asked, kind, "task", task)}
        if hazard is not None:
            found |= {one.record: one for one in naming(asked, kind, "hazard", hazard)}
    chosen = [one for one in found.values() if asked.counts(one) and one.happened_on <= asked.until]
    return sorted(chosen, key=lambda one: (one.happened_on, one.record))


def _releases(
    asked: Desk, task: Held | None, hazard: Held | None, bearing: Sequence[str]
) -> list[Held]:
    """Releases at the document's level: of the task, or all that bear on the hazard."""
    if task is not None:
        found = naming(asked, "released_area", "task", task)
    else:
        found = holding(asked, bearing) if hazard is not None else []
    return [one for one in found if asked.counts(one) and one.happened_on <= asked.until]


def _layers(
    asked: Desk, hazard: Held | None, releases: Sequence[Held], samples: Sequence[Held]
) -> list[dict[str, Any]]:
    layers = []
    if hazard is not None:
        style = str(hazard.at(asked.until).get("classification", ""))
        drawn = outlines(hazard, asked.until)
        layers += [layer("hazard", one, hazard.local_id, style) for one in drawn]
    for one in releases:
        values = one.at(asked.until)
        if values.get("shape"):
            style = str(values.get("release_type", ""))
            layers.append(layer("released", values["shape"], one.local_id, style))
    for one in samples:
        values = one.at(asked.until)
        if values.get("shape"):
            layers.append(layer("sample", values["shape"], one.local_id))
        if values.get("missed_at"):
            layers.append(layer("missed", values["missed_at"], one.local_id))
    return layers
