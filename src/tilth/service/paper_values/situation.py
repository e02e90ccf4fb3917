"""Situation report of a day or a week: what moved, who did what, what stopped, what went wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from tilth.core.days import first_day, last_day
from tilth.core.life.register import Held
from tilth.core.problems import Problem, Refused
from tilth.service.accounting import Question, account
from tilth.service.paper_values.desk import Desk, day_before, decimals, desk, m2, part_of
from tilth.service.paper_values.standings import task_cases
from tilth.service.paper_values.states import nonconformities, severities, task_line
from tilth.service.paper_values.work import at_work, by_method, happened, stoppages
from tilth.service.register import held
from tilth.service.session import Session

__all__ = ["build", "organisation_rows", "tasks_by_state"]

PERIODS = {"daily": 1, "weekly": 7}
CLAIMS = ("cancelled_m2", "reduced_m2", "cleared_m2")
PIECES = ("found", "destroyed", "unaccounted", "small_arms_found")
_DESTROYED = ("destroyed_in_place", "moved_and_destroyed", "destroyed_place_unknown")
_UNCHANGED = ("accepted", "cancelled", "abandoned", "handed_over")
"""States in which a task is listed only if it moved within the period."""


def build(session: Session, subject: str, *, level: str = "", until: str = "") -> dict[str, Any]:
    """Value of a situation report.

    Parameters
    ----------
    subject
        ``weekly`` (also if empty), ``daily``, or the first day of the period.
    until
        Last day of the period.

    Raises
    ------
    Refused
        ``bad_period``, ``bad_level``, ``bad_day``.
    """
    last = until or session.today()
    desk(session, "situation_report", level=level or "reported", until=last)
    since = _since(subject or "weekly", last)
    asked = desk(session, "situation_report", level=level or "reported", until=last, since=since)
    reports = _reports(asked)
    cases = list(task_cases(asked).values())
    faults = nonconformities(asked)
    answer = account(session, Question(until=last, since=since), asked.level)
    return asked.value(
        None,
        {
            "period": {
                "first_day": (date.fromisoformat(since) + timedelta(days=1)).isoformat(),
                "last_day": last,
                "days": (date.fromisoformat(last) - date.fromisoformat(since)).days,
            },
            "account": decimals(answer),
            "organisations": organisation_rows(asked, since, reports),
            "work": at_work(reports),
            "methods": by_method(reports),
            "stoppages": stoppages(reports),
            "task_states": tasks_by_state(asked, cases),
            "tasks": _tasks(asked, cases),
            "accidents": _accidents(asked),
            "nonconformities": [one for one in faults if _moved(asked, one)],
            "severities": severities(faults),
            "left_out": decimals(answer["left_out"]),
        },
    )


def _since(subject: str, last: str) -> str:
    """Day before the period's first day.

    Raises
    ------
    Refused
        ``bad_period``.
    """
    if subject in PERIODS:
        return day_before(last, PERIODS[subject])
    try:
        first = date.fromisoformat(subject)
        if first > date.fromisoformat(last):
            raise ValueError(subject)
    except ValueError:
        raise Refused(Problem("bad_period", subject, {"text": subject})) from None
    return day_before(subject, 1)


def _reports(asked: Desk) -> list[Held]:
    """Clearance reports of the period at the document's level."""
    rows = asked.session.workspace.store.select("clearance_report", ["record", "happened_on"])
    first, last = first_day(asked.since), first_day(asked.until)
    near = {str(record) for record, day in rows if day and first < last_day(str(day)) <= last}
    found = [
        one
        for one in held(asked.session, near).values()
        if happened(asked, one) and asked.counts(one)
    ]
    return sorted(found, key=lambda one: (one.happened_on, one.record))


def organisation_rows(
    asked: Desk, since: str, reports: Sequence[Held] = ()
) -> list[dict[str, Any]]:
    """Released ground and items by organisation, and jointly; the sum and the joint row agree.

    With ``since`` the rows tell the net change after that day: ground released less ground that
    was opened again. Items handed from one to another count once jointly, so that ``transferred``
    pieces stand between the sum of the rows and the joint *received* and *handed over*.

    Returns
    -------
    list of dict
        ``code``, ``name`` (both empty in the joint row, which is the last), the three released
        terms (decimal strings), ``found``, ``destroyed``, ``unaccounted``, ``small_arms_found``,
        ``reports``, ``hours``.
    """
    now = account(asked.session, Question(until=asked.until, by="organisation"), asked.level)
    before: Mapping[str, Any] = {"by": [], "land": {}, "items": {}}
    if since:
        before = account(asked.session, Question(until=since, by="organisation"), asked.level)
    ends = [{str(row["organisation"]): row for row in one["by"]} for one in (now, before)]
    worked: dict[str, list[Held]] = {}
    for one in reports:
        word = str(one.now().get("organisation", ""))
        worked.setdefault(asked.register.called(word), []).append(one)
    rows = []
    for name in {*ends[0], *ends[1], *worked}:
        after, start = (end.get(name, {}) for end in ends)
        rows.append(
            {
                **asked.organisation(name),
                **_difference(
                    {**after, **_pieces(after.get("items", {}))},
                    {**start, **_pieces(start.get("items", {}))},
                ),
                **_worked(worked.get(name, ())),
            }
        )
    joint = _difference(
        {**now["land"], **_pieces(now["items"])}, {**before["land"], **_pieces(before["items"])}
    )
    rows.sort(key=lambda row: row["code"])
    return [*rows, {"code": "", "name": "", **joint, **_worked(reports)}]


def _pieces(items: Mapping[str, Any]) -> dict[str, int]:
    return {
        "found": int(items.get("found", 0)),
        "destroyed": sum(int(items.get(name, 0)) for name in _DESTROYED),
        "unaccounted": int(items.get("unaccounted", 0)),
        "small_arms_found": int(items.get("small_arms_found", 0)),
    }


def _difference(after: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    areas = {
        name: m2(float(after.get(name, 0.0)) - float(before.get(name, 0.0))) for name in CLAIMS
    }
    return {**areas, **{name: after[name] - before[name] for name in PIECES}}


def _worked(reports: Sequence[Held]) -> dict[str, Any]:
    found = at_work(reports)
    return {name: found[name] for name in ("reports", "hours", "person_days")}


def tasks_by_state(asked: Desk, cases: Iterable[Any]) -> list[dict[str, Any]]:
    """How many tasks of each organisation stand in which state; rows add up to all tasks."""
    counted: dict[str, Counter[str]] = {}
    names: dict[str, str] = {}
    for case in cases:
        line = task_line(asked, case)
        code = line["assigned_to"]["code"]
        names[code] = line["assigned_to"]["name"]
        counted.setdefault(code, Counter())[line["state"]] += 1
    return [
        {"code": code, "name": names[code], "states": dict(sorted(counted[code].items()))}
        for code in sorted(counted)
    ]


def _tasks(asked: Desk, cases: Iterable[Any]) -> list[dict[str, Any]]:
    """Tasks that are open, or that moved within the period."""
    rows = []
    for case in cases:
        line = task_line(asked, case)
        moved = [one for one in case.changes if happened(asked, one)]
        if moved or line["state"] not in _UNCHANGED:
            last = moved[-1] if moved else None
            rows.append(
                {
                    **line,
                    "moved_on": last.happened_on if last else "",
                    "reason": str(last.fields.get("reason", "")) if last else "",
                }
            )
    return sorted(rows, key=lambda one: (one["assigned_to"]["code"], one["task"]))


def _accidents(asked: Desk) -> list[dict[str, Any]]:
    found = []
    for _, one in sorted(asked.register.of("accident").items()):
        if happened(asked, one):
            values = one.now()
            task = asked.register.find("task", str(values.get("task", "")), one.author)
            found.append(
                {
                    "accident": one.local_id,
                    "on": one.happened_on,
                    **part_of(values, "accident_type", "device", "killed", "injured", "place"),
                    "task": task.local_id if task else "",
                    "said": asked.said(one),
                }
            )
    return sorted(found, key=lambda one: (one["on"], one["accident"]))


def _moved(asked: Desk, row: Mapping[str, Any]) -> bool:
    """Whether a nonconformity was raised or moved within the period, or is still open."""
    days = [row["on"], *(move["on"] for move in row["moves"])]
    return row["state"] != "closed" or any(asked.since < day <= asked.until for day in days)
