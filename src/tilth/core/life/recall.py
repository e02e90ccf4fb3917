"""Recall: which released areas are in doubt because an item was missed in one of them.

A missed item proposes every released area that no passed sample covers yet, dated after its work
and not after the miss, and that shares with the one in which it was missed any of: a team and the
method it used, an asset, or the task. Where the investigation names the cause, only that one
counts. The area in which the item was missed is always proposed. Nothing here decides: the
authority upholds a proposal (revocation) or lifts it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from tilth.core.days import first_day, last_day
from tilth.core.findings import Finding
from tilth.core.findings import register as register_findings
from tilth.core.life.quality import speaker_of
from tilth.core.life.register import Held, Register

__all__ = [
    "CAUSES",
    "Check",
    "Miss",
    "Proposal",
    "Work",
    "miss_of",
    "missed_areas",
    "proposed",
    "recall_findings",
    "works_of",
]

CAUSES = ("team_and_method", "asset", "task")
MISSED_IN = "missed_in"

Way = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Work:
    """How a released area was worked, as reported; whether it is approved does not matter.

    Parameters
    ----------
    record
        Released area.
    day
        Its *happened on*, the last day of the work.
    ways
        Teams with the method each used.
    assets, task
        Record ids, or a code with its organisation where nothing of that code is recorded.
    """

    record: str
    day: str
    ways: frozenset[Way] = frozenset()
    assets: frozenset[str] = frozenset()
    task: str = ""


@dataclass(frozen=True, slots=True)
class Miss:
    """An item that clearance should have found.

    Parameters
    ----------
    record
        The sample, accident or review that tells of it.
    day
        The day it was found.
    areas
        Released areas in which it was missed; empty when that is not known.
    tasks
        Tasks that the record itself names.
    cause
        One of `CAUSES`, or empty while no investigation names one.
    """

    record: str
    day: str
    areas: frozenset[str] = frozenset()
    tasks: frozenset[str] = frozenset()
    cause: str = ""


class Check(NamedTuple):
    """A sample that was passed: its day, and the released areas it covers."""

    record: str
    day: str
    areas: frozenset[str]


class Proposal(NamedTuple):
    """A released area in doubt, and why.

    ``why`` holds ``missed_in`` for the one in which the item was missed, and of `CAUSES` what it
    shares with it.
    """

    record: str
    why: tuple[str, ...]


def proposed(miss: Miss, works: Iterable[Work], checks: Iterable[Check]) -> list[Proposal]:
    """Released areas that a missed item puts in doubt, in order of record.

    Parameters
    ----------
    works
        Of every released area.
    checks
        Samples that were passed, internal and external.

    Examples
    --------
    >>> works = [Work(name, "2026-03-01", task="T-1") for name in ("A", "B", "C")]
    >>> miss = Miss("S-9", "2026-05-01", areas=frozenset({"A"}))
    >>> proposed(miss, works, [Check("S-1", "2026-04-01", frozenset({"A", "B"}))])
    [Proposal(record='A', why=('missed_in', 'task')), Proposal(record='C', why=('task',))]
    """
    known = list(works)
    missed = [one for one in known if one.record in miss.areas]
    ways = frozenset(way for one in missed for way in one.ways)
    assets = frozenset(asset for one in missed for asset in one.assets)
    tasks = miss.tasks | {one.task for one in missed if one.task}
    days = _check_days(miss, checks)
    found = {name: Proposal(name, (MISSED_IN,)) for name in miss.areas}
    for work in known:
        shares = (
            not ways.isdisjoint(work.ways),
            not assets.isdisjoint(work.assets),
            work.task in tasks,
        )
        why = tuple(
            cause
            for cause, shared in zip(CAUSES, shares, strict=True)
            if shared and miss.cause in ("", cause)
        )
        if work.record in miss.areas:
            found[work.record] = Proposal(work.record, (MISSED_IN, *why))
        elif why and days.get(work.record, 0) <= last_day(work.day):
            found[work.record] = Proposal(work.record, why)
    return [found[name] for name in sorted(found)]


def _check_days(miss: Miss, checks: Iterable[Check]) -> dict[str, int]:
    """Newest day of a check of each area that was passed before, or on the day of, the miss.

    A month or a year is read the way that leaves more in doubt: from its first day for what it
    comes after, to its last for what it comes before (rules §1).
    """
    newest: dict[str, int] = {}
    for check in checks:
        if last_day(check.day) <= first_day(miss.day):
            for area in check.areas:
                newest[area] = max(newest.get(area, 0), first_day(check.day))
    return newest


def miss_of(register: Register, held: Held, areas: Iterable[str]) -> Miss | None:
    """What a record tells of a missed item; None when it tells of none.

    Samples: items missed, or failed with an item named. Reviews: items found, or an accident, after
    release. Accidents: an explosion on released ground.

    Parameters
    ----------
    areas
        Released areas in which it was missed, see `missed_areas`.
    """
    values, where = held.now(), frozenset(areas)
    if held.kind == "sample_inspection":
        items = int(values.get("items_missed", 0)) > 0
        named = "missed_category" in values or "missed_at" in values
        missed = items or (values.get("result") == "failed" and named)
    elif held.kind == "post_clearance_review":
        missed = int(values.get("items_found", 0)) > 0 or values.get("accident_after") == "yes"
    else:
        missed = held.kind == "accident" and bool(where)
    if not missed:
        return None
    cause = str(values.get("cause_of_miss", ""))
    task = _named(register, "task", str(values.get("task", "")), held.author)
    return Miss(
        held.record,
        held.happened_on,
        where,
        frozenset({task} if task else ()),
        cause if cause in CAUSES else "",
    )


def missed_areas(named: Iterable[str], holding: Iterable[str]) -> frozenset[str]:
    """Released areas in which an item was missed: those named that hold the place, or all there is.

    Parameters
    ----------
    named
        Areas that the record names.
    holding
        Areas whose polygon holds the place of the item.
    """
    told, found = frozenset(named), frozenset(holding)
    return (told & found) or (told | found)


def works_of(register: Register, releases: Iterable[Held], reports: Iterable[Held]) -> list[Work]:
    """How each released area was worked, in the order given.

    What a release does not say itself is taken from the clearance reports of the same task and
    organisation that begin on its day or before.
    """
    names = _Names(register)
    told: dict[tuple[str, str], list[tuple[int, Held]]] = defaultdict(list)
    for report in reports:
        organisation = names.speaker(report)
        task = names.of("task", report.fields.get("task"), organisation)
        if task:
            told[task, organisation].append((first_day(report.happened_on), report))
    reported = {
        (task, organisation): _Reported(names, organisation, some)
        for (task, organisation), some in told.items()
    }
    return [_work_of(names, one, reported) for one in releases]


class _Names:
    """What codes mean, looked up once each."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self._known: dict[tuple[str, str, str], str] = {}
        self._speakers: dict[tuple[str, str], str] = {}

    def speaker(self, held: Held) -> str:
        """Organisation that a record speaks for."""
        key = (held.author, str(held.fields.get("organisation", "")))
        if key not in self._speakers:
            self._speakers[key] = speaker_of(self.register, held)
        return self._speakers[key]

    def of(self, kind: str, name: object, organisation: str) -> str:
        """Record id that a code means, see `_named`."""
        if not name:
            return ""
        key = (kind, str(name), organisation)
        if key not in self._known:
            self._known[key] = _named(self.register, *key)
        return self._known[key]

    def all(self, kind: str, names: Iterable[object], organisation: str) -> frozenset[str]:
        """Record ids that codes mean."""
        return frozenset(self.of(kind, name, organisation) for name in names if name)


class _Reported:
    """What the reports of one task and organisation say, growing with their days."""

    def __init__(
        self, names: _Names, organisation: str, reports: Iterable[tuple[int, Held]]
    ) -> None:
        ordered = sorted(reports, key=lambda one: (one[0], one[1].record))
        self._days = [day for day, _ in ordered]
        self._said: list[tuple[frozenset[Way], frozenset[str]]] = [(frozenset(), frozenset())]
        for _, report in ordered:
            ways, assets = self._said[-1]
            more = frozenset(_ways_reported(names, report, organisation))
            used = names.all("asset", report.fields.get("assets", ()), organisation)
            grown = (ways if more <= ways else ways | more, assets | used)
            self._said.append(grown if grown != self._said[-1] else self._said[-1])

    def until(self, day: int) -> tuple[frozenset[Way], frozenset[str]]:
        """Ways and assets of the reports that begin on a day or before."""
        return self._said[bisect_right(self._days, day)]


def _work_of(names: _Names, release: Held, reported: Mapping[tuple[str, str], _Reported]) -> Work:
    values, organisation = release.now(), names.speaker(release)
    task = names.of("task", values.get("task"), organisation)
    teams = names.all("team", values.get("teams", ()), organisation)
    methods = frozenset(map(str, values.get("methods", ())))
    assets = names.all("asset", values.get("assets", ()), organisation)
    reports = reported.get((task, organisation)) if task else None
    told: tuple[frozenset[Way], frozenset[str]] = (frozenset(), frozenset())
    if reports is not None:
        told = reports.until(last_day(release.happened_on))
    if teams and methods:
        ways = frozenset((team, method) for team in teams for method in methods)
    else:
        ways = told[0] if not teams and not methods else _completed(teams, methods, told[0])
    return Work(release.record, release.happened_on, ways, assets or told[1], task)


def _completed(
    teams: frozenset[str], methods: frozenset[str], reported: frozenset[Way]
) -> frozenset[Way]:
    """Ways of a release that says only its teams, or only its methods.

    A team that nobody reports about used any method reported, and the other way round.
    """
    found: set[Way] = set()
    for team in teams:
        own = {method for one, method in reported if one == team}
        found.update((team, method) for method in own or {method for _, method in reported})
    for method in methods:
        own = {team for team, one in reported if one == method}
        found.update((team, method) for team in own or {team for team, _ in reported})
    return frozenset(found)


def _ways_reported(names: _Names, report: Held, organisation: str) -> Iterator[Way]:
    fields = report.fields
    team = names.of("team", fields.get("team"), organisation)
    lines: Iterable[Any] = fields.get("work", ())
    methods = {*fields.get("methods", ()), *(line.get("method") for line in lines)}
    if team:
        yield from ((team, str(method)) for method in methods if method)


def _named(register: Register, kind: str, name: str, organisation: str) -> str:
    """Record id that a name means, or what stands for it where nothing of that name is recorded.

    Two organisations may both have a team 1; the number of a task is the tasking authority's.
    """
    if not name:
        return ""
    found = register.find(kind, name, organisation)
    if found is not None:
        return found.record
    return name if kind == "task" else f"{organisation}/{kind}/{name}"


def recall_findings(missing: Mapping[str, Iterable[Proposal]]) -> list[Finding]:
    """Released areas that a missed item puts in doubt and that no recall names.

    Parameters
    ----------
    missing
        By the record that tells of the miss.
    """
    return [
        Finding(
            "recall_missing",
            one.record,
            miss,
            {"missed": miss.split("/", 2)[-1], "why": ", ".join(one.why).replace("_", " ")},
        )
        for miss, some in sorted(missing.items())
        for one in some
    ]


register_findings(
    {
        "recall_missing": (
            "An item was missed ({missed}); this release is in doubt because of it ({why}), and "
            "no recall names it. Its handover is blocked.",
            "Propose the recall with tilth recall propose, so that the authority can decide.",
        ),
    }
)
