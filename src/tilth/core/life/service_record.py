"""What a person or a team served, derived; and what must be done before a contingent goes home.

Nothing here is entered: days come from deployments, land, hours and items from the reports of the
team, and of a person from those of the teams in the days they list the person. Land is as reports
declare it, by method; it is work done, and releases nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from tilth.core.days import NEVER, first_day, iso, last_day, precision
from tilth.core.items.lots import lots
from tilth.core.items.model import ItemSource
from tilth.core.life import explosives
from tilth.core.life.formation import chain_of_command, days_of, members_days, postings, team_of
from tilth.core.life.quality import same_organisation, speaker_of
from tilth.core.life.register import Held, Register
from tilth.core.life.spans import Spans, joined, shared
from tilth.core.life.tasks import OPEN_STATES, TaskCase, standing_of
from tilth.core.problems import Problem, register

__all__ = ["MethodWork", "Service", "Stay", "return_checklist", "service_record", "teams_served"]

RECONCILED = frozenset({"retired", "returned", "handed_over"})
"""States of an asset after which its organisation has nothing more to answer for."""


class Stay(NamedTuple):
    """Days at a place under one deployment; ``last_day`` is empty while it goes on."""

    deployment: str
    place: str
    first_day: str
    last_day: str


class MethodWork(NamedTuple):
    """Land processed (m²) and hours by one method, or a combined key, as reports declare them."""

    method: str
    area_m2: Decimal
    hours: Decimal


@dataclass(frozen=True, slots=True)
class Service:
    """The service record of a person or a team up to a day.

    Parameters
    ----------
    who
        Code of the person, or record id of the team.
    days
        Calendar days deployed, each counted once.
    days_worked
        Calendar days that reports cover, each counted once.
    hours
        Hours of the team on task.
    items
        Pieces found by category, what was received from others left out.
    accidents
        Record ids of accidents on tasks of the team in those days.
    honours
        Records of honours to the person or team.
    """

    who: str
    until: str
    stays: tuple[Stay, ...]
    days: int
    reports: tuple[str, ...]
    days_worked: int
    work: tuple[MethodWork, ...]
    hours: Decimal
    items: Mapping[str, int]
    accidents: tuple[str, ...]
    honours: tuple[Held, ...]


def teams_served(register: Register, who: str) -> dict[str, Spans]:
    """Teams whose reports count for a person (by code) or a team (by record), and on which days.

    For a unit or a formation also every team below it, in the days it stood below it.
    """
    teams = register.of("team")
    if who in teams:
        return {
            record: spans for record in sorted(teams) if (spans := _under(register, record, who))
        }
    found = {}
    for record, team in sorted(teams.items()):
        spans = members_days(team, who)
        if spans:
            found[record] = spans
    return found


def _under(register: Register, record: str, above: str) -> Spans:
    """Days on which a team is another one or stands below it in the chain of command."""
    team = register.of("team")[record]
    if record == above:
        return ((0, NEVER),)
    changes = sorted({0, *_changes(register, team)})
    spans = []
    for number, day in enumerate(changes):
        end = changes[number + 1] - 1 if number + 1 < len(changes) else NEVER
        chain = chain_of_command(register, team, iso(max(day, 1)))
        if any(one.record == above for one in chain):
            spans.append((day, end))
    return joined(spans)


def _changes(register: Register, team: Held) -> set[int]:
    """Days on which the chain of command above a team may change."""
    todo, met, days = [team], {team.record}, set()
    while todo:
        one = todo.pop()
        days |= {last_day(event.happened_on) for event in one.events}
        for values in (one.fields, *(event.fields for event in one.events)):
            above = team_of(register, str(values.get("parent", "")), one.author)
            if above is not None and above.record not in met:
                met.add(above.record)
                todo.append(above)
    return days


def service_record(register: Register, reports: Iterable[Held], who: str, until: str) -> Service:
    """Service of a person or team, up to a day, inclusive.

    Parameters
    ----------
    reports
        Clearance reports and spot tasks in force; those of other teams are passed over.
    who
        Code of the person, or record id of the team.
    """
    end = last_day(until)
    teams = teams_served(register, who)
    served = sorted(
        (one for one in reports if _served(register, one, teams, end)),
        key=lambda one: (one.happened_on, one.record),
    )
    stays = [one for one in postings(register) if one.who == who and one.days[0] <= end]
    deployed = joined((one.days[0], min(one.days[1], end)) for one in stays)
    worked = joined(_days_of_report(one) for one in served)
    fields = [one.now() for one in served]
    return Service(
        who,
        until,
        tuple(_stay(one.deployment, one.place, one.days) for one in stays),
        _length(deployed),
        tuple(one.record for one in served),
        _length(shared(worked, ((0, end),))),
        tuple(_by_method(fields)),
        sum((_number(one.get("hours")) for one in fields), Decimal(0)),
        _found(served),
        tuple(_accidents(register, teams, end)),
        tuple(_honours(register, who, end)),
    )


def _served(register: Register, report: Held, teams: Mapping[str, Spans], end: int) -> bool:
    team = team_of(register, str(report.now().get("team", "")), report.author)
    if team is None or team.record not in teams or last_day(report.happened_on) > end:
        return False
    return bool(shared((_days_of_report(report),), teams[team.record]))


def _days_of_report(report: Held) -> tuple[int, int]:
    """Days a report covers; one dated by a month or a year is one day, the least it can mean."""
    day = report.happened_on
    first = first_day(day)
    if precision(day) != "day":
        return first, first
    return first, max(first, last_day(str(report.now().get("period_to") or day)))


def _length(spans: Spans) -> int:
    return sum(last - first + 1 for first, last in spans)


def _stay(deployment: str, place: str, days: tuple[int, int]) -> Stay:
    first, last = (iso(day) if 0 < day < NEVER else "" for day in days)
    return Stay(deployment, place, first, last)


def _number(value: Any) -> Decimal:
    return Decimal(str(value)) if value not in (None, "") else Decimal(0)


def _by_method(reports: Iterable[Mapping[str, Any]]) -> list[MethodWork]:
    """Land and hours by method; a report without lines by method counts under all its methods."""
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for one in reports:
        whole = {**one, "method": "+".join(sorted(set(one.get("methods", ()))))}
        for line in one.get("work") or [whole]:
            method = str(line.get("method", ""))
            area, hours = sums.get(method, (Decimal(0), Decimal(0)))
            sums[method] = (
                area + _number(line.get("processed_area_m2")),
                hours + _number(line.get("hours")),
            )
    return [MethodWork(method, *both) for method, both in sorted(sums.items()) if any(both)]


def _found(reports: Iterable[Held]) -> dict[str, int]:
    """Pieces found by category, as the item account counts the lines of a report."""
    counts: dict[str, int] = {}
    for one in reports:
        source = ItemSource(
            one.record, one.kind, one.statement, "", one.happened_on, "", (), one.now()
        )
        for tally in lots(source):
            if not tally.lot.received_from and tally.pieces:
                category = tally.lot.category
                counts[category] = counts.get(category, 0) + tally.pieces
    return dict(sorted(counts.items()))


def _accidents(register: Register, teams: Mapping[str, Spans], end: int) -> list[str]:
    """Accidents on tasks that name one of the teams, on days that count."""
    found = []
    for record, held in sorted(register.of("accident").items()):
        fields = held.now()
        task = register.find("task", str(fields.get("task", "")), held.author)
        if task is None or last_day(held.happened_on) > end:
            continue
        days = ((first_day(held.happened_on), last_day(held.happened_on)),)
        for name in task.now().get("teams", ()):
            team = _team_of_task(register, task, str(name))
            if team is not None and team.record in teams and shared(days, teams[team.record]):
                found.append(record)
                break
    return found


def _team_of_task(register: Register, task: Held, name: str) -> Held | None:
    """Team that an order names: of the organisation it is given to, else the only one so called."""
    operator = register.organisation_of(str(task.now().get("assigned_to", "")))
    return team_of(register, name, operator) or team_of(register, name, task.author)


def _honours(register: Register, who: str, end: int) -> list[Held]:
    found = []
    for _, held in sorted(register.of("honour").items()):
        fields = held.now()
        team = team_of(register, str(fields.get("team", "")), held.author)
        named = {str(fields.get("person", "")), team.record if team else ""}
        if who in named and last_day(held.happened_on) <= end:
            found.append(held)
    return sorted(found, key=lambda one: (one.happened_on, one.record))


def return_checklist(
    register: Register, organisation: str, day: str, tasks: Mapping[str, TaskCase]
) -> list[Problem]:
    """What an organisation still has to do before its contingent returns; empty when nothing.

    Parameters
    ----------
    organisation
        Organisation id.
    day
        Day of the return: what is closed on it is closed.
    tasks
        Every task with all that bears on it.

    Returns
    -------
    list of Problem
        ``deployment_open``, ``asset_not_reconciled``, ``explosives_not_reconciled``,
        ``task_not_ended``; ``where`` is the record that stands in the way.
    """
    return [
        *_open_deployments(register, organisation, day),
        *_open_assets(register, organisation, day),
        *_open_explosives(register, organisation, day),
        *_open_tasks(register, organisation, day, tasks),
    ]


def _open_deployments(register: Register, organisation: str, day: str) -> list[Problem]:
    found = []
    for record, held in sorted(register.of("deployment").items()):
        fields = held.at(day)
        first, last = days_of(fields)
        if speaker_of(register, held) == organisation and first <= last_day(day) < last:
            who = str(fields.get("person") or fields.get("team") or "?")
            place = str(fields.get("place") or "?")
            found.append(Problem("deployment_open", record, {"who": who, "place": place}))
    return found


def _open_assets(register: Register, organisation: str, day: str) -> list[Problem]:
    found = []
    for record, held in sorted(register.of("asset").items()):
        fields = held.at(day)
        status = str(fields.get("status", "in_use"))
        if speaker_of(register, held) == organisation and status not in RECONCILED:
            code = str(fields.get("code", held.local_id))
            params = {"asset": code, "status": status}
            found.append(Problem("asset_not_reconciled", record, params))
    return found


def _open_explosives(register: Register, organisation: str, day: str) -> list[Problem]:
    found = []
    for one in explosives.stock(register, day):
        if one.key.organisation != organisation or not (one.held or one.uncovered):
            continue
        params = {
            "explosive": one.key.explosive,
            "unit": one.key.unit,
            "held": explosives.shown(one.held),
            "uncovered": explosives.shown(one.uncovered),
        }
        found.append(Problem("explosives_not_reconciled", one.key.task, params))
    return found


def _open_tasks(
    register: Register, organisation: str, day: str, tasks: Mapping[str, TaskCase]
) -> list[Problem]:
    found = []
    for record, case in sorted(tasks.items()):
        fields = case.task.at(day)
        if not same_organisation(register, str(fields.get("assigned_to", "")), organisation):
            continue
        state = standing_of(register, case, day).state
        if state in OPEN_STATES:
            number = str(fields.get("order_number", case.task.local_id))
            found.append(Problem("task_not_ended", record, {"task": number, "state": state}))
    return found


register(
    {
        "deployment_open": (
            "The deployment of {who} to {place} is not closed.",
            "Correct it with its last day: period_to.",
        ),
        "asset_not_reconciled": (
            "The asset {asset} is {status}: neither returned nor handed over nor retired.",
            "Revise its status, with the day: returned, handed_over (and to whom) or retired.",
        ),
        "explosives_not_reconciled": (
            "Of {explosive}, {held} {unit} are still held and {uncovered} {unit} were used or "
            "returned without an issue.",
            "Return or use what is held, and record the issue that is missing.",
        ),
        "task_not_ended": (
            "The task {task} is {state}.",
            "Complete it, or let the tasking authority hand it over or cancel it.",
        ),
    }
)
