"""Samples of finished ground as documents list them, and how much of the ground they cover."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from tilth.core.life.quality import passed, sampled_share
from tilth.core.life.register import Held
from tilth.service.paper_values.desk import Desk, m2, part_of
from tilth.service.paper_values.ground import area_m2

__all__ = ["permille", "sample_rows", "samples_on", "shares"]


def samples_on(
    desk: Desk, *, tasks: Collection[str] = (), areas: Collection[Held] = ()
) -> list[Held]:
    """Samples by the document's day that name one of these tasks or released areas.

    Parameters
    ----------
    tasks
        Full record ids.
    """
    names = {name for one in areas for name in (one.record, one.local_id)}
    found = []
    for one in desk.register.of("sample_inspection").values():
        values = one.now()
        task = desk.register.find("task", str(values.get("task", "")), one.author)
        named = {str(name) for name in values.get("released_areas", ())}
        if one.happened_on <= desk.until and ((task and task.record in tasks) or named & names):
            found.append(one)
    return sorted(found, key=lambda one: (one.happened_on, one.record))


def sample_rows(desk: Desk, samples: Iterable[Held]) -> list[dict[str, Any]]:
    """Samples in rows; the area is that of the polygon where one was drawn."""
    rows = []
    for one in samples:
        values = one.at(desk.until)
        shape = values.get("shape")
        rows.append(
            {
                "sample": one.local_id,
                "on": one.happened_on,
                **part_of(values, "stage", "method", "result", "missed_category", "cause_of_miss"),
                "by": desk.organisation(str(values.get("organisation", ""))),
                "area_m2": area_m2(desk, shape)
                if shape
                else m2(float(values.get("sampled_area_m2") or 0)),
                "drawn": bool(shape),
                "items_missed": int(values.get("items_missed", 0)),
                "passed": passed(one),
                "released_areas": [
                    str(name).rsplit("/", 1)[-1] for name in values.get("released_areas", ())
                ],
                "said": desk.said(one),
            }
        )
    return rows


def shares(
    desk: Desk, releases: Collection[Held], samples: Collection[Held]
) -> dict[str, dict[str, Any]]:
    """How much of each released area passed samples cover, and of all of them together.

    Returns
    -------
    dict
        By record, and under ``""`` the sum: ``area_m2``, ``sampled_m2``, ``permille`` (rounded
        down: a share is never told greater than it is).
    """
    found = sampled_share(desk.register, releases, samples, desk.frame)
    rows = {
        record: {
            "area_m2": m2(one.area_m2),
            "sampled_m2": m2(one.sampled_m2),
            "permille": permille(one.sampled_m2, one.area_m2),
        }
        for record, one in found.items()
    }
    area = sum(one.area_m2 for one in found.values())
    sampled = sum(one.sampled_m2 for one in found.values())
    rows[""] = {"area_m2": m2(area), "sampled_m2": m2(sampled), "permille": permille(sampled, area)}
    return rows


def permille(part: float, whole: float) -> int:
    """Part of a whole in thousandths, rounded down; 0 of nothing.

    Examples
    --------
    >>> permille(1.0, 3.0), permille(1.0, 0.0)
    (333, 0)
    """
    return min(1000, int(1000 * part / whole)) if whole > 0 else 0
