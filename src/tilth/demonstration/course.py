"""The course of events: which acts there are, when each arrives, and which acts it speaks of.

Rows of a table, one for each act, are sorted by the day of arrival; numbers of acts are places in
that order. Decisions speak of acts that arrived before them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from tilth.demonstration.cast import END, MEMBERS, ORDERED, START
from tilth.demonstration.ledger import TOLD, Told
from tilth.demonstration.life import Decided, Life
from tilth.demonstration.plan import CLEARED
from tilth.demonstration.quality import NEVER
from tilth.demonstration.scale import stream
from tilth.demonstration.world import World

__all__ = ["Course", "What", "ran"]

LAST = END + 7
"""Last day on which anything arrives."""

_LATE = 0.03
"""Share of reports that arrive 20-70 days after the day."""
_CORRECTED = 0.015
_WITHDRAWN = 0.002
_RETURNED = 0.01
_UNDONE = 0.1
"""Share of returns that were on the wrong paper."""
_DISPUTED = 0.4
"""Share of claims on another's ground that are disputed."""

Ints = NDArray[np.int64]


class What(IntEnum):
    """What an act is; of acts that arrive on one day, the smaller comes first."""

    OPERATION = 0
    ORGANISATION = 1
    PLACE = 2
    HAZARD = 3
    EVIDENCE = 4
    SUSPECTED = 5
    CONFIRMED = 6
    REPLACED = 7
    REDRAWN = 8
    RAISED = 9
    RING_CORRECTED = 10
    RELEASE = 11
    REPORT = 12
    SPOT = 13
    SUMMARY = 14
    ACCIDENT = 15
    REPORT_CORRECTED = 16
    RELEASE_CORRECTED = 17
    WITHDRAWN = 18
    DISPUTED = 19
    VOUCHED = 20
    RETURNED = 21
    APPROVED = 22
    UNDONE = 23
    REVOKED = 24
    TOLD = TOLD


DECIDABLE = (
    What.HAZARD,
    What.SUSPECTED,
    What.CONFIRMED,
    What.REPLACED,
    What.REDRAWN,
    What.RAISED,
    What.RING_CORRECTED,
    What.RELEASE,
    What.REPORT,
    What.SPOT,
    What.SUMMARY,
    What.REPORT_CORRECTED,
    What.RELEASE_CORRECTED,
)
"""Acts that are vouched for and approved."""


@dataclass(slots=True)
class Course:
    """All acts in the order in which they arrive.

    Parameters
    ----------
    what, index, day, happened
        Of each act: kind of event, row of that event's table, day of arrival, day in the field.
    batches
        Acts that a vouch or approval names, by its row.
    speaks_of
        The act that any other follow-up names, by (event, row).
    members
        Operator of a vouch or approval batch, by its row.
    subjects
        Acts that a decision of the life around the work names, by its row.
    summaries
        Operator, community, first day (an ordinal) and pieces of each summary, of 31 days.
    told
        Acts of the life around the work.
    """

    what: Ints
    index: Ints
    day: Ints
    happened: Ints
    batches: list[list[int]] = field(default_factory=list)
    members: list[int] = field(default_factory=list)
    subjects: dict[int, tuple[int, ...]] = field(default_factory=dict)
    speaks_of: dict[tuple[int, int], int] = field(default_factory=dict)
    summaries: list[tuple[int, int, int, int]] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)


class _Table:
    """Rows of acts before they are sorted."""

    def __init__(self) -> None:
        self.parts: list[tuple[What, Ints, Ints, Ints]] = []

    def add(self, what: What, index: Ints, day: Ints, happened: Ints, last: int = LAST) -> None:
        arrived = np.minimum(np.asarray(day, dtype=np.int64), last)
        self.parts.append((what, np.asarray(index), arrived, np.asarray(happened)))

    def columns(self) -> tuple[Ints, Ints, Ints, Ints]:
        what = np.concatenate([np.full(len(part[1]), part[0]) for part in self.parts])
        rest = [np.concatenate([part[c] for part in self.parts]) for c in (1, 2, 3)]
        return what, rest[0].astype(np.int64), rest[1], rest[2].astype(np.int64)


def ran(world: World, life: Life) -> Course:
    """Lay out the course of events of a world, and of the life around its work."""
    rng = stream(world.seed, "course")
    table = _Table()
    _setting(table, world)
    _survey(table, world, rng)
    delays = _field_acts(table, world, rng)
    summaries = _summaries(table, world)
    decided = _decided(table, world, rng, delays, summaries, life)
    acts = life.told(decided.outcome)
    days = np.array([one.day for one in acts])
    happened = np.array([one.happened for one in acts])
    table.add(What.TOLD, np.arange(len(acts)), days, happened, int(days.max()))
    what, index, day, happened = table.columns()
    order = np.lexsort((index, what, day))
    course = Course(
        what[order], index[order], day[order], happened[order], summaries=summaries, told=acts
    )
    numbers = {int(w): _numbers(course, w) for w in np.unique(what).tolist()}
    for row, members in enumerate(decided.batches):
        course.batches.append([int(numbers[w][i]) for w, i in members])
        course.members.append(decided.members[row])
    for follow, subject in decided.follows.items():
        course.speaks_of[follow] = int(numbers[subject[0]][subject[1]])
    for row, one in enumerate(acts):
        course.subjects[row] = tuple(int(numbers[what][at]) for what, at in one.subjects)
    return course


def _numbers(course: Course, what: int) -> dict[int, int]:
    """Number of the act of each row of an event's table."""
    at = np.flatnonzero(course.what == what)
    return dict(zip(course.index[at].tolist(), at.tolist(), strict=True))


def _setting(table: _Table, world: World) -> None:
    start = np.array([ORDERED])
    table.add(What.OPERATION, np.array([0]), start, start)
    rows = np.arange(len(MEMBERS))
    table.add(What.ORGANISATION, rows, np.full(len(rows), ORDERED), np.full(len(rows), ORDERED))
    rows = np.arange(len(world.communities) + len(world.districts))
    table.add(What.PLACE, rows, np.full(len(rows), ORDERED), np.full(len(rows), ORDERED))


def _survey(table: _Table, world: World, rng: np.random.Generator) -> None:
    """Hazards found, reclassified, split, redrawn; some rings were in the wrong datum at first."""
    plan, rows = world.plan, np.arange(len(world.hazards.rings))
    found = START + plan.found
    arrives = found + rng.integers(1, 9, len(rows))
    table.add(What.HAZARD, rows, arrives, found)
    later = plan.confirmed > 0
    day = START + plan.confirmed
    table.add(What.CONFIRMED, rows[later], day[later] + 9, day[later])
    firm = plan.confirmed >= 0
    seen = np.maximum(found, day)
    table.add(What.EVIDENCE, rows[firm], seen[firm] + 9, seen[firm])
    vague = plan.indicated
    table.add(What.SUSPECTED, rows[vague], found[vague] + 12, found[vague] + 4)
    parents = np.unique(world.hazards.parent[world.hazards.parent >= 0])
    split = found[parents] + 25
    table.add(What.REPLACED, parents, split + 9, split)
    plain = rows[(world.hazards.parent < 0) & plan.worked]
    few = max(1, len(rows) // 100)
    chosen = rng.permutation(plain)
    redrawn, raised, moved = chosen[:few], chosen[few : 2 * few], chosen[2 * few : 3 * few]
    on = found[redrawn] + rng.integers(40, 150, few)
    table.add(What.REDRAWN, redrawn, on + 6, on)
    on = found[raised] + rng.integers(60, 160, few)
    table.add(What.RAISED, raised, on + 6, on)
    table.add(What.RING_CORRECTED, moved, arrives[moved] + 30, found[moved])


def _field_acts(table: _Table, world: World, rng: np.random.Generator) -> dict[What, Ints]:
    """Releases, reports, spot tasks, and what their authors take back or put right."""
    reports, releases, spots = world.reports.day, world.releases.day, world.spots.day
    arrives = {}
    for what, days, slow in (
        (What.REPORT, reports, _LATE),
        (What.RELEASE, releases, _LATE / 3),
        (What.SPOT, spots, 0.0),
    ):
        wait = rng.integers(0, 4, len(days)) + (6 if what is What.RELEASE else 0)
        late = rng.random(len(days)) < slow
        wait[late] = rng.integers(20, 71, int(late.sum()))
        if what is What.REPORT:  # a report tells of disposals, so it is written after them
            counts = np.diff(world.finds.starts)
            np.maximum.at(wait, np.repeat(np.arange(len(days)), counts), world.finds.lag)
        arrives[what] = np.minimum(days + wait, LAST)
        table.add(what, np.arange(len(days)), arrives[what], days)
    draw = rng.permutation(len(reports))
    fixed = draw[: max(1, round(_CORRECTED * len(reports)))]
    gone = draw[len(fixed) : len(fixed) + max(1, round(_WITHDRAWN * len(reports)))]
    on = arrives[What.REPORT][fixed] + rng.integers(3, 60, len(fixed))
    fixed, on = fixed[on < LAST], on[on < LAST]
    table.add(What.REPORT_CORRECTED, fixed, on, reports[fixed])
    out = arrives[What.REPORT][gone] + rng.integers(2, 20, len(gone))
    gone, out = gone[out < LAST], out[out < LAST]
    table.add(What.WITHDRAWN, gone, out, reports[gone])
    return arrives


def _summaries(table: _Table, world: World) -> list[tuple[int, int, int, int]]:
    """Totals of 31 days of two organisations for one community each: compared, not added."""
    rows = []
    communities = world.plan.community[world.reports.hazard]
    month = world.reports.day // 31
    for operator in (0, 1):
        mine = world.reports.organisation == operator
        for one in np.unique(month[mine]).tolist():
            here = np.flatnonzero(mine & (month == one))
            community = int(np.bincount(communities[here]).argmax())
            counted = here[communities[here] == community]
            pieces = (world.finds.starts[counted + 1] - world.finds.starts[counted]).sum()
            rows.append((operator, community, 31 * one, int(pieces) + one % 3))
    happened = np.array([min(row[2] + 30, END) for row in rows])
    days = happened + 5
    table.add(What.SUMMARY, np.arange(len(rows)), days, happened)
    return rows


@dataclass(slots=True)
class _Decided:
    batches: list[list[tuple[int, int]]] = field(default_factory=list)
    members: list[int] = field(default_factory=list)
    acts: list[What] = field(default_factory=list)
    follows: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    outcome: Decided = field(default_factory=Decided)


def _owners(world: World, summaries: Ints) -> dict[What, Ints]:
    """Operator of each row of each event that is decided on."""
    hazards, releases = world.plan.organisation, world.releases.organisation
    owners = dict.fromkeys(DECIDABLE, hazards)
    owners[What.SUMMARY] = summaries
    owners[What.RELEASE] = owners[What.RELEASE_CORRECTED] = releases
    owners[What.REPORT] = owners[What.REPORT_CORRECTED] = world.reports.organisation
    owners[What.SPOT] = world.spots.organisation
    return owners


def _decided(
    table: _Table,
    world: World,
    rng: np.random.Generator,
    arrives: dict[What, Ints],
    summaries: list[tuple[int, int, int, int]],
    life: Life,
) -> _Decided:
    """Vouches and approvals in weekly batches, returns, disputes, revocations, withdrawals."""
    result = _Decided()
    for what in (What.WITHDRAWN, What.REPORT_CORRECTED):
        for row in _rows_of(table, what).tolist():
            result.follows[int(what), row] = (int(What.REPORT), row)
    for row in _rows_of(table, What.RING_CORRECTED).tolist():
        result.follows[int(What.RING_CORRECTED), row] = (int(What.HAZARD), row)
    returned = _returns(table, world, rng, arrives, result)
    _claims(table, world, rng, arrives, result)
    ready = _ready(table, world, life)
    approved = _batched(table, world, rng, returned, summaries, ready, result)
    taken = _revocations(table, world, rng, approved, life, result)
    withdrawn = frozenset(_rows_of(table, What.WITHDRAWN).tolist())
    stands = {
        row: (what, row)
        for batch, act in zip(result.batches, result.acts, strict=True)
        if act is What.APPROVED
        for what, row in batch
        if what in (What.RELEASE, What.RELEASE_CORRECTED)
    }
    school = _school(world, approved, life, result)
    result.outcome = Decided(approved, stands, withdrawn, taken, school)
    return result


def _ready(table: _Table, world: World, life: Life) -> dict[What, Ints]:
    """First day on which no rule stands in the way of approving a release or a report."""
    releases = life.checks.ready.copy()
    for what, hazards, _, raised in table.parts:
        if what is What.RAISED:
            for hazard, day in zip(hazards.tolist(), raised.tolist(), strict=True):
                shallow = (world.releases.hazard == hazard) & (world.releases.day >= day)
                releases[shallow & (world.releases.kind == CLEARED)] = NEVER
    reports = np.zeros(len(world.reports.day), dtype=np.int64)
    late, released_late = life.lapsed()
    reports[late] = releases[released_late] = NEVER
    return {
        What.RELEASE: releases,
        What.RELEASE_CORRECTED: releases,
        What.REPORT: reports,
        What.REPORT_CORRECTED: reports,
    }


def _school(
    world: World, approved: dict[int, int], life: Life, result: _Decided
) -> tuple[int, int] | None:
    """Take one approval out of its batch: it needs a reason, since a rule stands in its way."""
    mended = {row for what, row in result.follows if what == What.RELEASE_CORRECTED}
    again = set(world.releases.again.tolist())
    revoked = {result.follows[key][1] for key in result.follows if key[0] == What.REVOKED}
    for row, day in sorted(approved.items()):
        plain = world.releases.kind[row] == CLEARED and world.releases.again[row] < 0
        if not plain or row in mended | again | revoked:
            continue
        subject = (int(What.RELEASE), row)
        for number, batch in enumerate(result.batches):
            if subject in batch and result.acts[number] is What.APPROVED and len(batch) > 1:
                batch.remove(subject)
                life.school = row
                return row, day
    return None


def _rows_of(table: _Table, what: What) -> Ints:
    rows = [part[1] for part in table.parts if part[0] is what]
    return np.concatenate(rows) if rows else np.empty(0, dtype=np.int64)


def _returns(
    table: _Table, world: World, rng: np.random.Generator, arrives: dict[What, Ints],
    result: _Decided,
) -> Ints:  # fmt: skip
    """Releases that the authority sends back; most come corrected, some returns are withdrawn."""
    cleared = np.flatnonzero((world.releases.kind == CLEARED) & ~world.releases.claimed)
    number = max(2, round(_RETURNED * len(cleared)))
    rows = rng.choice(cleared, number, replace=False)
    on = arrives[What.RELEASE][rows] + rng.integers(15, 50, number)
    rows, on = rows[on < LAST - 20], on[on < LAST - 20]
    table.add(What.RETURNED, rows, on, on)
    wrong = np.zeros(len(rows), dtype=bool)
    wrong[: max(1, round(_UNDONE * len(rows)))] = len(rows) > 1
    table.add(What.UNDONE, rows[wrong], on[wrong] + 3, on[wrong] + 3)
    mended = rows[~wrong]
    again = on[~wrong] + rng.integers(5, 20, len(mended))
    table.add(What.RELEASE_CORRECTED, mended, again, world.releases.day[mended])
    for row in rows.tolist():
        result.follows[int(What.RETURNED), row] = (int(What.RELEASE), row)
    for row in rows[wrong].tolist():
        result.follows[int(What.UNDONE), row] = (int(What.RETURNED), row)
    for row in mended.tolist():
        result.follows[int(What.RELEASE_CORRECTED), row] = (int(What.RELEASE), row)
    return np.asarray(mended)


def _claims(
    table: _Table, world: World, rng: np.random.Generator, arrives: dict[What, Ints],
    result: _Decided,
) -> None:  # fmt: skip
    """Disputes by those who released the same ground first."""
    claimed = np.flatnonzero(world.releases.claimed)
    disputed = claimed[rng.random(len(claimed)) < _DISPUTED]
    disputed = disputed if len(disputed) else claimed[:1]
    on = arrives[What.RELEASE][disputed] + rng.integers(2, 15, len(disputed))
    table.add(What.DISPUTED, disputed, on, on)
    for row in disputed.tolist():
        result.follows[int(What.DISPUTED), row] = (int(What.RELEASE), row)


def _batched(
    table: _Table,
    world: World,
    rng: np.random.Generator,
    returned: Ints,
    summaries: list[tuple[int, int, int, int]],
    ready: dict[What, Ints],
    result: _Decided,
) -> dict[int, int]:
    """Weekly vouches by each operator, approvals of its statements; days of approved releases."""
    owners = _owners(world, np.array([row[0] for row in summaries]))
    skip = {
        What.RELEASE: set(returned.tolist()),
        What.REPORT: set(_rows_of(table, What.WITHDRAWN).tolist())
        | set(_rows_of(table, What.REPORT_CORRECTED).tolist()),
        What.HAZARD: set(_rows_of(table, What.RING_CORRECTED).tolist()),
    }
    weeks: dict[tuple[int, int, int], list[tuple[int, int]]] = {}
    approved: dict[int, int] = {}
    undone = {
        row: day
        for part in table.parts
        if part[0] is What.UNDONE
        for row, day in zip(part[1].tolist(), part[2].tolist(), strict=True)
    }
    for what, index, arrived, _ in [part for part in table.parts if part[0] in DECIDABLE]:
        vouched = arrived + rng.integers(3, 22, len(index))
        vouched[rng.random(len(index)) < 0.02] = LAST + 1
        accepted = vouched + rng.integers(7, 60, len(index))
        accepted[rng.random(len(index)) < 0.03] = LAST + 1
        if what in ready:
            accepted = np.maximum(accepted, ready[what][index])
        owner = owners[what][index]
        rows = zip(index.tolist(), owner.tolist(), vouched.tolist(), accepted.tolist(), strict=True)
        for row, operator, first, second in rows:
            if row in skip.get(what, ()):
                continue
            freed = undone.get(row, 0) if what is What.RELEASE else 0
            for act, day in ((What.VOUCHED, first), (What.APPROVED, max(second, freed + 1))):
                friday = day + (5 - day) % 7  # ordinals count Sunday as 0 modulo 7
                if friday <= LAST:
                    weeks.setdefault((friday, int(act), operator), []).append((int(what), row))
                    if act is What.APPROVED and what in (What.RELEASE, What.RELEASE_CORRECTED):
                        approved[row] = friday
    for (friday, act_number, operator), members in sorted(weeks.items()):
        number, day_of_it = np.array([len(result.batches)]), np.array([friday])
        table.add(What(act_number), number, day_of_it, day_of_it)
        result.batches.append(members)
        result.members.append(operator)
        result.acts.append(What(act_number))
    return approved


def _revocations(
    table: _Table, world: World, rng: np.random.Generator, approved: dict[int, int],
    life: Life, result: _Decided,
) -> list[tuple[int, int]]:  # fmt: skip
    """Accidents on approved ground whose order is done, and the revocations that follow."""
    again = set(world.releases.again.tolist())
    ends = {hazard: life.tasks.completed[row] for hazard, row in life.tasks.of_hazard.items()}
    first = [
        row
        for row, day in sorted(approved.items())
        if day < LAST - 30
        and world.releases.kind[row] == CLEARED
        and world.releases.again[row] < 0
        and not world.releases.claimed[row]
        and row not in again
        and not world.hazards.over[world.releases.hazard[row]]
        and day > ends[int(world.releases.hazard[row])]
    ]
    number = min(len(first), 1 + world.scale.hazards // 1000)
    rows = np.sort(rng.choice(first, number, replace=False)) if first else np.empty(0, dtype=int)
    on = np.array([approved[int(row)] + int(rng.integers(8, 20)) for row in rows], dtype=np.int64)
    table.add(What.ACCIDENT, np.arange(number), on + 1, on)
    table.add(What.REVOKED, np.arange(number), on + 2, on)
    for at, row in enumerate(rows.tolist()):
        result.follows[int(What.REVOKED), at] = (int(What.RELEASE), row)
        result.follows[int(What.ACCIDENT), at] = (int(What.RELEASE), row)
    return list(zip(rows.tolist(), on.tolist(), strict=True))
