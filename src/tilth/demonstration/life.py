"""The life of the operation around the work: planned before its days, told once they are known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tilth.demonstration import records
from tilth.demonstration.daily import Daybook
from tilth.demonstration.demolition import demolished, tell_demolitions
from tilth.demonstration.formation import Formation, formed, team_code
from tilth.demonstration.handing import (
    Handing,
    found_after,
    handings,
    tell_handings,
)
from tilth.demonstration.ledger import Ledger, Subject, Told
from tilth.demonstration.mandate import Rules, tell_mandate
from tilth.demonstration.orders import Turns, tell_orders, turned
from tilth.demonstration.plan import CLEARED
from tilth.demonstration.quality import Checks, checked, tell_checks
from tilth.demonstration.returning import tell_return
from tilth.demonstration.tasks import Tasks, expiring, ordered, projects_of, uses_of
from tilth.demonstration.training import Expiring, tell_training
from tilth.demonstration.world import World

__all__ = ["Decided", "Life", "planned_life"]

Fields = dict[str, Any]


@dataclass(slots=True)
class Decided:
    """What the course of events decided, for those who tell what comes of it.

    Parameters
    ----------
    approved
        Day of approval by row of the released areas.
    stands
        The statement that was approved of each.
    withdrawn
        Reports that were taken back.
    revoked
        Released area and day of the explosion, of each revocation.
    overridden
        Released area that was approved although a rule stood in the way, with the day; none
        where nothing fits.
    """

    approved: dict[int, int] = field(default_factory=dict)
    stands: dict[int, Subject] = field(default_factory=dict)
    withdrawn: frozenset[int] = frozenset()
    revoked: list[tuple[int, int]] = field(default_factory=list)
    overridden: tuple[int, int] | None = None


@dataclass(slots=True)
class Life:
    """Plan of the life around the work."""

    world: World
    formation: Formation
    tasks: Tasks
    expires: Expiring | None
    turns: Turns
    checks: Checks
    rules: Rules | None = None
    school: int = -1
    """Released area on which a school is to stand; the course of events chooses it."""
    _crews: dict[int, list[int]] = field(default_factory=dict)

    @property
    def rule_set(self) -> str:
        """Name, version and SHA-256 of the rule set, as decisions store it."""
        return self.rules.identity if self.rules else ""

    def __post_init__(self) -> None:
        """Look up who worked each lot."""
        reports = self.world.reports
        for lot, team in np.unique(np.column_stack((reports.lot, reports.team)), axis=0).tolist():
            self._crews.setdefault(lot, []).append(team)

    def of_report(self, at: int) -> Fields:
        """What a report says of the order it was worked under."""
        world = self.world
        hazard, operator = int(world.reports.hazard[at]), int(world.reports.organisation[at])
        team = team_code(operator, int(world.reports.team[at]))
        assets = self.formation.assets_for(team, world.method(hazard).codes)
        fields: Fields = {
            "task": self._order(hazard),
            "project": projects_of(hazard, operator)[0],
        }
        return fields | ({"assets": assets} if assets else {})

    def of_release(self, at: int) -> Fields:
        """What a released area says of who worked it, under which order and for what."""
        world, releases = self.world, self.world.releases
        hazard, operator = int(releases.hazard[at]), int(releases.organisation[at])
        fields: Fields = {"projects": projects_of(hazard, operator)}
        if releases.kind[at] != CLEARED:
            return fields | {"teams": [records.survey_team(world, hazard)]}
        if releases.claimed[at]:  # whoever claims another's ground was not sent there
            return fields
        lot = at if releases.again[at] < 0 else int(releases.again[at])
        teams = [team_code(operator, number) for number in self._crews.get(lot, ())]
        codes = world.method(hazard).codes
        assets = [one for team in teams for one in self.formation.assets_for(team, codes)]
        fields |= {
            "task": self._order(hazard),
            "teams": teams,
            "intended_use": "school" if at == self.school else uses_of(self.tasks, hazard),
        }
        return fields | ({"assets": assets} if assets else {})

    def _order(self, hazard: int) -> str:
        row = self.tasks.of_hazard[hazard]
        return f"{self.world.organisation_id(-1)}/task/{self.tasks.local_id(row)}"

    def lapsed(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows of the reports and releases of days on which their team's course had run out."""
        reports, releases = self.world.reports, self.world.releases
        none = np.empty(0, dtype=np.int64)
        if self.expires is None:
            return none, none
        operator, number = self.expires.operator, self.expires.number
        mine = (reports.organisation == operator) & (reports.team == number)
        late = np.flatnonzero(mine & (reports.day > self.expires.day))
        lots = np.array([lot for lot, teams in self._crews.items() if number in teams])
        worked = np.isin(
            np.where(releases.again < 0, np.arange(len(releases.day)), releases.again), lots
        )
        theirs = worked & (releases.organisation == operator) & (releases.kind == CLEARED)
        return late, np.flatnonzero(theirs & (releases.day > self.expires.day))

    def told(self, decided: Decided) -> list[Told]:
        """Every act of it."""
        world, tasks, ledger = self.world, self.tasks, Ledger(self.world.seed)
        daybook = Daybook(world)
        tell_mandate(ledger, world, self.formation, self.rules)
        tell_training(ledger, self.formation, self.expires)
        log = demolished(world, tasks, daybook, decided.withdrawn)
        tell_orders(
            ledger, world, self.formation, tasks, self.checks, log, self.turns, self.rule_set
        )
        tell_demolitions(ledger, world, tasks, daybook, log)
        missed = tell_checks(ledger, world, tasks, self.checks)
        self._recall(ledger, missed, decided)
        self._override(ledger, decided)
        doubted = {row for row, _ in decided.revoked}
        made = handings(world, tasks, decided.approved, doubted)
        issued = tell_handings(ledger, world, made, self.rule_set, decided.stands)
        if made:
            self._found_after(ledger, made[0], issued[0])
        tell_return(ledger, world, self.formation)
        return ledger.rows

    def _recall(self, ledger: Ledger, missed: dict[int, str], decided: Decided) -> None:
        """Recalls that the authority decides: of a missed item, and of each explosion."""
        world, batch = self.world, self.checks.missed
        if batch is not None:
            reason = "Item missed in a sample; this ground was worked under the same order"
            fields: Fields = {"missed": missed[batch.task], "reason": reason}
            fields["records"] = [world.record("released_area", one) for one in batch.releases]
            recall = ledger.decide(-1, "recall", batch.day + 2, fields)
            reason = "Searched again: the new sample of the same ground passed"
            lifted = {"reason": reason, "lifted": fields["records"], "upheld": []}
            ledger.decide(-1, "lift", batch.day + 14, lifted, [recall])
        for number, (release, day) in enumerate(decided.revoked, 1):
            fields = {
                "records": [world.record("released_area", release)],
                "missed": ledger.record_of(-1, "accident", f"AC-{number:03d}"),
                "reason": "Explosion on this ground",
            }
            recall = ledger.decide(-1, "recall", day + 1, fields)
            reason = "The ground is revoked; nothing else shares the order's cause"
            lifted = {"reason": reason, "lifted": [], "upheld": fields["records"]}
            ledger.decide(-1, "lift", day + 6, lifted, [recall])

    def _override(self, ledger: Ledger, decided: Decided) -> None:
        if decided.overridden is None:
            return
        row, day = decided.overridden
        fields = {
            "reason": "A school with its yard on rock: nobody will dig there",
            "overrides": [
                {"rule": "release_depth", "record": self.world.record("released_area", row)}
            ],
        }
        fields |= {"rule_set": self.rule_set} if self.rule_set else {}
        ledger.decide(-1, "approve", day, fields, [decided.stands[row]])

    def _found_after(self, ledger: Ledger, handing: Handing, record: str) -> None:
        """A review that finds an item: its operator proposes the recall, which stays open."""
        world = self.world
        at = _ploughed(world, handing)
        day = handing.day + 50
        fields = found_after(world, handing, record, at)
        review = ledger.record(-1, "post_clearance_review", "PR-FOUND", day, fields)
        fields = {
            "records": [world.record("released_area", at)],
            "missed": review,
            "reason": "Item found on ground that was handed over",
        }
        ledger.decide(handing.operator, "recall", day + 2, fields)


def _ploughed(world: World, handing: Handing) -> int:
    """Released area on which a plough turns up an item: cleared, and by nobody else again."""
    again = set(world.releases.again.tolist())
    for row in handing.releases:
        if world.releases.kind[row] == CLEARED and row not in again:
            return row
    return handing.releases[-1]


def planned_life(world: World, rules: Rules | None) -> Life:
    """Plan the life around the work of a world."""
    formation, tasks = formed(world), ordered(world)
    expires = expiring(world, tasks)
    turns = turned(world, tasks, expires)
    quiet = {turns.accident[0], turns.storm[0]}
    if expires is not None:
        quiet |= {
            row
            for row in range(len(tasks))
            if expires.code in tasks.team_codes(row) and tasks.completed[row] >= expires.day
        }
    return Life(world, formation, tasks, expires, turns, checked(world, tasks, quiet), rules)
