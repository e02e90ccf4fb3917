"""Work as documents list it: reports of a task or hazard, hours, stoppages, items."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from tilth.core.days import first_day, last_day
from tilth.core.items.account import account as item_account
from tilth.core.items.book import ItemBook
from tilth.core.items.model import ItemSource
from tilth.core.life.register import Held
from tilth.core.statement import split_record_id
from tilth.service.ground import KINDS_OF_ITEMS
from tilth.service.paper_values.desk import Desk
from tilth.service.register import held

__all__ = [
    "at_work",
    "by_method",
    "happened",
    "items_of",
    "naming",
    "of_task",
    "stoppages",
    "total",
]


def happened(desk: Desk, one: Held) -> bool:
    """Whether a record lies within the document's days: after *since*, up to *until*."""
    day = last_day(one.happened_on)
    return day <= first_day(desk.until) and (not desk.since or day > first_day(desk.since))


def naming(desk: Desk, kind: str, field: str, target: Held) -> list[Held]:
    """Records of a kind kept with the ground that name another record in a field, by day.

    Parameters
    ----------
    target
        May be named by its full id, its local id, its code or its order number.
    """
    names = [target.record, target.local_id, *_codes(target)]
    rows = desk.session.workspace.store.select(kind, ["record"], {field: names})
    found = held(desk.session, {str(row[0]) for row in rows}).values()
    chosen = [one for one in found if _means(desk, one, field, target)]
    return sorted(chosen, key=lambda one: (one.happened_on, one.record))


def _codes(target: Held) -> list[str]:
    named = (target.fields.get("code"), target.fields.get("order_number"))
    return [str(one) for one in named if one]


def _means(desk: Desk, one: Held, field: str, target: Held) -> bool:
    """Whether a record in force still names the target, and not another author's of that name."""
    name = str(one.now().get(field, ""))
    if name == target.record:
        return True
    if name not in (target.local_id, *_codes(target)):
        return False
    known = desk.session.workspace.store.find_record(name)
    known = [record for record in known if split_record_id(record)[1] == target.kind]
    own = [record for record in known if record.startswith(f"{one.author}/")]
    return target.record in (own or known or [target.record])


def of_task(desk: Desk, kind: str, task: Held) -> list[Held]:
    """Records of the register that name a task, by day."""
    found = []
    for one in desk.register.of(kind).values():
        name = str(one.now().get("task", ""))
        if name == task.record or (name and desk.register.find("task", name, one.author) == task):
            found.append(one)
    return sorted(found, key=lambda one: (one.happened_on, one.record))


def total(values: Iterable[object]) -> str:
    """Exact sum of decimal strings; what is missing counts as nothing.

    Examples
    --------
    >>> total(["1.50", "", "2"])
    '3.50'
    """
    return str(sum((Decimal(str(one)) for one in values if one not in ("", None)), Decimal(0)))


def at_work(reports: Sequence[Held]) -> dict[str, Any]:
    """Reports, their days, hours of teams, people's days and pieces of metal."""
    fields = [one.now() for one in reports]
    days = {one.happened_on for one in reports}
    return {
        "reports": len(reports),
        "days": len(days),
        "first_day": min(days, default=""),
        "last_day": max((str(f.get("period_to") or f["happened_on"]) for f in fields), default=""),
        "hours": total(one.get("hours", "") for one in fields),
        "person_days": sum(int(one.get("personnel", 0)) for one in fields),
        "clutter_count": sum(int(one.get("clutter_count", 0)) for one in fields),
    }


def by_method(reports: Sequence[Held]) -> list[dict[str, str]]:
    """Land processed and hours by method, as reports declare them; they may overlap."""
    lines: dict[str, list[Mapping[str, Any]]] = {}
    for one in reports:
        values = one.now()
        work = values.get("work") or (
            [{**values, "method": "+".join(sorted(values.get("methods", ())))}]
        )
        for line in work:
            lines.setdefault(str(line.get("method", "")), []).append(line)
    return [
        {
            "method": method,
            "processed_area_m2": _said([one.get("processed_area_m2") for one in found]),
            "hours": _said([one.get("hours") for one in found]),
        }
        for method, found in sorted(lines.items())
    ]


def _said(values: Sequence[object]) -> str:
    """Sum of what was said; empty where nobody said anything."""
    return total(values) if any(one not in ("", None) for one in values) else ""


def stoppages(reports: Sequence[Held]) -> list[dict[str, str]]:
    """Hours lost by cause."""
    hours: dict[str, list[object]] = {}
    for one in reports:
        for line in one.now().get("stoppages", ()):
            hours.setdefault(str(line.get("cause", "")), []).append(line.get("hours", ""))
    return [{"cause": cause, "hours": total(found)} for cause, found in sorted(hours.items())]


def items_of(desk: Desk, sources: Collection[Held]) -> dict[str, Any]:
    """Item account of some records alone, by category, at the document's day.

    A line of one of them that tells the end of an item found in a record outside them is not
    matched here; the account of the operation is (rules §4).

    Returns
    -------
    dict
        ``joint`` and ``by`` (rows by category), each with the terms of the balance, in pieces, and
        ``small_arms_found``.
    """
    book = ItemBook()
    book.load(
        ItemSource(
            record=one.record,
            kind=one.kind,
            statement=one.statement,
            organisation=str(one.fields.get("organisation", "")),
            happened_on=one.happened_on,
            place=str(one.fields.get("place", "")),
            methods=tuple(one.fields.get("methods", ())),
            fields=one.fields,
        )
        for one in sorted(sources, key=lambda one: one.record)
        if one.kind in KINDS_OF_ITEMS and one.fields.get("items")
    )
    found = item_account(book.rollup, desk.until, by="category")
    return {
        "joint": {
            **found.joint.items.as_dict(),
            "small_arms_found": found.joint.small_arms.found,
        },
        "by": [
            {"category": one.value, **one.items.as_dict()}
            for one in found.rows
            if one.items.found or one.items.received
        ],
    }
