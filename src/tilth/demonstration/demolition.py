"""Act five, beside the reports: explosives drawn, used charge by charge, and brought back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tilth.demonstration.cast import code_of
from tilth.demonstration.daily import Daybook
from tilth.demonstration.ledger import Ledger
from tilth.demonstration.tasks import Tasks
from tilth.demonstration.world import World

__all__ = ["Demolitions", "demolished", "tell_demolitions"]

_EXPLOSIVE = "Demolition charge, 200 g block"
_UNIT = "piece"
_BOX = 50
_ITEMISED_REPORTS = 5_000
"""With so many reports or fewer the log names each item; with more, the items of each report."""

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Demolitions:
    """Reports with items destroyed in place, by order and month.

    ``used`` counts one charge for each item, by order.
    """

    months: list[list[list[int]]]
    used: list[int]

    def drawn(self, row: int) -> int:
        """Charges drawn for an order, in full boxes; none where nothing was blown up."""
        return -(-self.used[row] * 21 // 20 // _BOX) * _BOX

    def allotted(self, row: int) -> list[Fields]:
        """What the order allots: a box more than will be drawn."""
        quantity = str(self.drawn(row) + _BOX)
        return [{"explosive": _EXPLOSIVE, "unit": _UNIT, "quantity": quantity}]


def demolished(
    world: World, tasks: Tasks, daybook: Daybook, withdrawn: frozenset[int]
) -> Demolitions:
    """Lay out the demolition log.

    Parameters
    ----------
    withdrawn
        Reports that were taken back, for which nothing was blown up.
    """
    reports = world.reports
    order = np.lexsort((reports.day, reports.hazard))
    months: list[list[list[int]]] = [[] for _ in range(len(tasks))]
    used = [0] * len(tasks)
    month = -1
    for at in order.tolist():
        row = tasks.of_hazard[int(reports.hazard[at])]
        charges = 0 if at in withdrawn else len(daybook.charged(at))
        if not charges:
            continue
        this = int(reports.day[at]) // 31
        if not months[row] or this != month:
            months[row].append([])
            month = this
        months[row][-1].append(at)
        used[row] += charges
    return Demolitions(months, used)


def tell_demolitions(
    ledger: Ledger, world: World, tasks: Tasks, daybook: Daybook, log: Demolitions
) -> None:
    """Tell the explosives of every order: one issue, a log a month, one return."""
    for row in range(len(tasks)):
        drawn = log.drawn(row)
        if not drawn:
            continue
        _tell(ledger, world, tasks, row, "issue", tasks.first[row], {"quantity": str(drawn)})
        for reports in log.months[row]:
            day = int(world.reports.day[reports[-1]])
            _tell(ledger, world, tasks, row, "use", day, _charges(world, daybook, reports))
        if drawn > log.used[row]:
            rest = {"quantity": str(drawn - log.used[row])}
            _tell(ledger, world, tasks, row, "return", tasks.completed[row], rest)


def _charges(world: World, daybook: Daybook, reports: list[int]) -> Fields:
    names = world.local_ids["clearance_report"]
    lines: list[Fields] = []
    total = 0
    itemised = len(names) <= _ITEMISED_REPORTS
    for at in reports:
        charged = daybook.charged(at)
        total += len(charged)
        if itemised:
            lines += [
                {"report": names[at], "line_id": str(line), "quantity": "1"} for line in charged
            ]
        else:
            lines.append({"report": names[at], "quantity": str(len(charged))})
    return {"quantity": str(total), "charges": lines}


def _tell(
    ledger: Ledger, world: World, tasks: Tasks, row: int, act: str, day: int, fields: Fields
) -> None:
    operator = tasks.operator[row]
    code, kind = code_of(operator), f"explosives_{act}"
    head = {
        "place": world.place(tasks.hazard[row]),
        "task": ledger.record_of(-1, "task", tasks.local_id(row)),
        "explosive": _EXPLOSIVE,
        "unit": _UNIT,
        "lot": f"{code}-2024-{row % 9 + 1}",
        "store": f"{code}-ST",
        "by": f"{tasks.team_codes(row)[0]}-1" if act == "use" else f"{code}-ST1",
    }
    number = ledger.number(operator, kind)
    ledger.record(operator, kind, f"{code}-{act[0].upper()}X-{number:05d}", day, head | fields)
