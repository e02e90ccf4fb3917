"""Which orders there are: one for each hazard that is worked, with its teams, days and releases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilth.demonstration.cast import PROJECTS, START
from tilth.demonstration.formation import Formation, team_code
from tilth.demonstration.plan import CLEARED
from tilth.demonstration.scale import WorkMethod
from tilth.demonstration.training import Expiring
from tilth.demonstration.world import World

__all__ = ["USES", "Tasks", "expiring", "ordered", "projects_of", "uses_of"]

USES = (
    *("crops",) * 11,
    *("pasture",) * 4,
    *("forest",) * 2,
    *("road",) * 2,
    "cultural",
)
"""What ground is given back for, by hazard; one of the first hazards becomes a memorial."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tasks:
    """One row for each order, in the order of issue; days are ordinals.

    Parameters
    ----------
    hazard, operator
        Row of the hazard, index into `OPERATORS`.
    first, last
        First and last day reported.
    written, issued, completed, accepted
        Days of the order and its moves; the last of a task that nobody accepted is as if it were.
    teams
        Numbers of the teams of each.
    releases
        Rows of the cleared ground that the operator released under each, by day.
    of_hazard
        Row by hazard.
    """

    hazard: list[int]
    operator: list[int]
    first: list[int]
    last: list[int]
    written: list[int]
    issued: list[int]
    completed: list[int]
    accepted: list[int]
    teams: list[list[int]]
    releases: list[list[int]]
    of_hazard: dict[int, int]

    def __len__(self) -> int:
        """Count the orders."""
        return len(self.hazard)

    def local_id(self, row: int) -> str:
        """Local id of an order, the authority's."""
        return f"TO-{row + 1:05d}"

    def method(self, world: World, row: int) -> WorkMethod:
        """How the ground of an order is cleared."""
        return world.method(self.hazard[row])

    def team_codes(self, row: int) -> list[str]:
        """Codes of its teams."""
        return [team_code(self.operator[row], number) for number in self.teams[row]]

    def assets(self, world: World, formation: Formation, row: int) -> list[str]:
        """Codes of the assets of its teams that its methods need."""
        codes = self.method(world, row).codes
        return [
            asset for team in self.team_codes(row) for asset in formation.assets_for(team, codes)
        ]


def ordered(world: World) -> Tasks:
    """Lay out the orders that the work of the story was done under."""
    reports, releases = world.reports, world.releases
    number = len(world.hazards.rings)
    first = np.full(number, 1 << 40)
    last = np.zeros(number, dtype=np.int64)
    np.minimum.at(first, reports.hazard, reports.day)
    np.maximum.at(last, reports.hazard, reports.day)
    worked = np.flatnonzero(last)
    worked = worked[np.lexsort((worked, first[worked]))]
    own = np.flatnonzero((releases.kind == CLEARED) & ~releases.claimed)
    own = own[np.lexsort((own, releases.day[own], releases.hazard[own]))]
    cuts = np.searchsorted(releases.hazard[own], np.arange(number + 1))
    released = [own[cuts[at] : cuts[at + 1]].tolist() for at in worked.tolist()]
    pairs = np.unique(np.column_stack((reports.hazard, reports.team)), axis=0)
    teams: dict[int, list[int]] = {}
    for hazard, team in pairs.tolist():
        teams.setdefault(hazard, []).append(team)
    ends = [
        max(int(last[at]), *(int(releases.day[row]) for row in rows), 0)
        for at, rows in zip(worked.tolist(), released, strict=True)
    ]
    rows = range(len(worked))
    completed = [end + 1 + row % 3 for row, end in zip(rows, ends, strict=True)]
    return Tasks(
        hazard=worked.tolist(),
        operator=world.plan.organisation[worked].tolist(),
        first=first[worked].tolist(),
        last=last[worked].tolist(),
        written=(first[worked] - 6).tolist(),
        issued=(first[worked] - 3).tolist(),
        completed=completed,
        accepted=[day + 14 + row % 8 for row, day in zip(rows, completed, strict=True)],
        teams=[teams[at] for at in worked.tolist()],
        releases=released,
        of_hazard={at: row for row, at in enumerate(worked.tolist())},
    )


def projects_of(hazard: int, operator: int) -> list[str]:
    """Codes of the projects that pay for the ground of a hazard; every seventeenth is shared."""
    own = next(one.code for one in PROJECTS if operator in one.operators)
    other = PROJECTS[-1].code
    return [own, other] if hazard % 17 == 0 and own != other else [own]


def uses_of(tasks: Tasks, hazard: int) -> str:
    """What the ground of a hazard is to be used for."""
    if tasks.of_hazard.get(hazard) == 1:
        return "memorial"
    return USES[hazard * 7 % len(USES)]


def expiring(world: World, tasks: Tasks) -> Expiring | None:
    """Team whose course runs out in the midst of the last order that it was given.

    It works on for some days: its reports of that time go in, and nobody may approve them.
    """
    orders: dict[tuple[int, int], int] = {}
    for row in range(len(tasks)):
        for team in tasks.teams[row]:
            orders[tasks.operator[row], team] = row  # the last one stays: rows are by day
    reports = world.reports
    best: tuple[int, Expiring] | None = None
    for (operator, team), row in sorted(orders.items()):
        if tasks.issued[row] < START + 60:
            continue
        mine = (reports.organisation == operator) & (reports.team == team)
        days = np.sort(reports.day[mine & (reports.hazard == tasks.hazard[row])])
        late = min(5, len(days) // 3)
        if late and (best is None or late > best[0]):
            best = late, Expiring(operator, team, int(days[-late]) - 1)
        if best is not None and best[0] == 5:
            break
    return None if best is None else best[1]
