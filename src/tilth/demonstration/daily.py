"""Fields of clearance reports, as they should read and with the mistakes that get corrected."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tilth.demonstration import records
from tilth.demonstration.cast import OPERATORS, iso_day
from tilth.demonstration.ordnance import CONDITIONS, DISPOSALS, RECEIVER, TYPES
from tilth.demonstration.scale import METHODS, stream
from tilth.demonstration.world import World

__all__ = ["Daybook"]

Fields = dict[str, Any]

_WEATHER = ("clear", "overcast", "light rain", "wind", "fog in the morning")
_STOPPAGES = ("weather", "equipment", "demolition", "inspection", "medical", "access")

_IN_PLACE = DISPOSALS.index("destroyed_in_place")
_FOLLOW_UP = {"flail": 8, "mdd": 4}
"""What part of the ground people follow up behind a machine or dogs: one in so many."""

_LINES = [
    {"category": category, **({"subcategory": sub} if sub else {}), "model": model}
    for category, sub, model in TYPES
]


class Daybook:
    """Writes reports one by one; what later reports and receivers tell is looked up by report."""

    def __init__(self, world: World) -> None:
        self._world = world
        rng = stream(world.seed, "daybook")
        number = len(world.reports.day)
        self._hours = rng.integers(45, 81, number)
        self._stopped = np.where(rng.random(number) < 0.2, rng.integers(5, 36, number), 0)
        self._weather = rng.integers(0, len(_WEATHER), number)
        self._clutter = rng.poisson(60, number)
        self._small_arms = np.where(rng.random(number) < 0.08, rng.geometric(0.003, number), 0)
        later, received = world.finds.later, world.finds.received
        self._later = _by_report(later.report, number)
        self._received = _by_report(received.report, number)

    def report(self, at: int) -> Fields:
        """Fields of a report as it should read."""
        world = self._world
        reports, plan = world.reports, world.plan
        owner = int(reports.hazard[at])
        method = METHODS[int(plan.method[owner])]
        member = OPERATORS[int(reports.organisation[at])].code
        area = float(reports.outlines.areas_m2[at])
        declared = f"{area * (1 + (int(self._clutter[at]) % 21 - 10) / 500):.0f}"
        hours = f"{int(self._hours[at]) / 10:.1f}"
        point = reports.outlines.corner(at)
        fields: Fields = {
            "local_id": world.local_ids["clearance_report"][at],
            "happened_on": iso_day(int(reports.day[at])),
            "organisation": member,
            "place": world.place(owner),
            "team": f"{member}-T{int(reports.team[at]) + 1:03d}",
            "activity": "bac" if method.area_type != "minefield" else "clearance",
            "hazard": world.record("hazard_area", owner),
            "methods": list(method.codes),
            "shape": reports.outlines.value(at),
            "point": point,
            "processed_area_m2": declared,
            "depth_cm": method.depth_cm,
            "hours": hours,
            "personnel": method.people - int(self._weather[at]) % 3,
            "clutter_count": int(self._clutter[at]),
            "weather": _WEATHER[int(self._weather[at])],
            "work": _work(method.codes, area, declared),
        }
        if self._stopped[at]:
            cause = _STOPPAGES[int(self._clutter[at]) % len(_STOPPAGES)]
            fields["stoppages"] = [{"cause": cause, "hours": f"{int(self._stopped[at]) / 10:.1f}"}]
        items = self._items(at, point)
        if items:
            fields["items"] = items
            if at % 3 == 0:
                fields["items_total"] = sum(
                    line.get("quantity", 0)
                    for line in items
                    if "disposal_of" not in line and line["category"] != "saa"
                ) + (2 if at % 1500 == 0 else 0)
        return fields

    def charged(self, at: int) -> list[int]:
        """Numbers of a report's item lines that were destroyed in place."""
        finds = self._world.finds
        start, stop = int(finds.starts[at]), int(finds.starts[at + 1])
        here = np.flatnonzero(finds.disposal[start:stop] == _IN_PLACE) + 1
        lines: list[int] = here.tolist()
        number = stop - start + bool(self._small_arms[at]) + len(self._received.get(at, ()))
        later = finds.later.in_place
        rows = enumerate(self._later.get(at, ()), number + 1)
        return lines + [line for line, row in rows if later[row]]

    def mistaken(self, at: int) -> Fields:
        """The same report with a mistake of the kind that its organisation corrects later."""
        fields = self.report(at)
        kind = at % 4
        if kind == 0:
            fields["hours"] = fields["hours"].replace(".", "")  # 72 hours instead of 7.2
        elif kind == 1:
            fields["shape"] = records.shifted(fields["shape"])
        elif kind == 2 and fields.get("items"):
            fields["items"][0] = {**fields["items"][0], "depth_cm": "100"}
        else:
            fields["processed_area_m2"] = f"{fields['processed_area_m2']}0"
        return fields

    def _items(self, at: int, point: Fields) -> list[Fields]:
        finds = self._world.finds
        start, stop = int(finds.starts[at]), int(finds.starts[at + 1])
        day = int(self._world.reports.day[at])
        rows = zip(
            finds.type[start:stop].tolist(),
            finds.nano[start:stop].tolist(),
            finds.depth_cm[start:stop].tolist(),
            finds.condition[start:stop].tolist(),
            finds.disposal[start:stop].tolist(),
            finds.lag[start:stop].tolist(),
            finds.stock[start:stop].tolist(),
            strict=True,
        )
        lines = []
        for number, (kind, nano, depth, condition, disposal, lag, stock) in enumerate(rows, 1):
            line: Fields = {
                "line_id": str(number),
                **_LINES[kind],
                "quantity": 1,
                "position": {"type": "Point", "coordinates": nano},
                "depth_cm": str(depth),
                "condition": CONDITIONS[condition],
            }
            word = DISPOSALS[disposal]
            if word:
                line["disposal"] = word
            if lag:
                line["disposed_on"] = iso_day(day + lag)
            if word == "handed_over":
                line["handed_over_to"] = OPERATORS[RECEIVER].code
            if stock:
                line["origin"] = "stockpile"
            lines.append(line)
        return lines + self._other_lines(at, len(lines), point)

    def _other_lines(self, at: int, number: int, point: Fields) -> list[Fields]:
        """Small arms, what was taken over, and the ends of earlier items."""
        world, lines = self._world, []
        small_arms = int(self._small_arms[at])
        if small_arms:
            amount: Fields = {"quantity": small_arms}
            if small_arms > 900:  # so many are weighed
                amount = {"weight_kg": f"{small_arms * 12 / 1000:.1f}"}
            lines.append(
                {"category": "saa", "model": "Cartridge 7.62 mm", **amount}
                | {"position": point, "depth_cm": "0", "condition": "intact"}
                | {"disposal": "moved_and_destroyed"}
            )
        received = world.finds.received
        for row in self._received.get(at, ()):
            lines.append(
                {
                    **_LINES[int(received.type[row])],
                    "quantity": int(received.quantity[row]),
                    "position": point,
                    "depth_cm": "0",
                    "condition": "unknown",
                    "disposal": "moved_and_destroyed",
                    "received_from": OPERATORS[int(received.giver[row])].code,
                }
            )
        later = world.finds.later
        for row in self._later.get(at, ()):
            of, line = int(later.of[row]), int(later.line[row])
            kind = int(world.finds.type[world.finds.starts[of] + line])
            lines.append(
                {
                    **_LINES[kind],
                    "quantity": 1,
                    "position": point,
                    "depth_cm": "0",
                    "condition": "unknown",
                    "disposal": "destroyed_in_place" if later.in_place[row] else DISPOSALS[1],
                    "disposal_of": f"{world.local_ids['clearance_report'][of]}#{line + 1}",
                }
            )
        return [{"line_id": str(number + n), **line} for n, line in enumerate(lines, 1)]


def _work(codes: tuple[str, ...], area: float, declared: str) -> list[Fields]:
    """Ground by method: the first takes all of it, others what they follow up."""
    follow = f"{area / _FOLLOW_UP.get(codes[0], 1):.0f}"
    return [
        {"method": code, "processed_area_m2": follow if place else declared}
        for place, code in enumerate(codes)
    ]


def _by_report(report: NDArray[np.int64], number: int) -> dict[int, list[int]]:
    """Rows of each report that has any."""
    rows: dict[int, list[int]] = {}
    for row, at in enumerate(report.tolist()):
        rows.setdefault(at, []).append(row)
    return rows
