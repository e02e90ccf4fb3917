"""Random histories of acts of every kind, and the whole-world reading of them as an oracle.

The oracle knows no clusters: it arranges every shape at once with the faces engine and reads each
face with one case that holds everything.
"""

from __future__ import annotations

import random
from collections import defaultdict
from typing import Any

import shapely
from world import AUTHORITY, OPERATOR, OTHER, World, box, day

from tilth.core.chains import LEVELS
from tilth.core.days import NEVER, ordinal
from tilth.core.land.account import case_of, face_sets
from tilth.core.land.clusters import Cluster
from tilth.core.land.keeper import arrange_clusters
from tilth.core.land.rules import OVERLAP, RELEASED, REMAINING, history
from tilth.core.land.views import HazardView, ReleaseView, zone_key

CELL = 20
SIZE = 14
DAYS = 30


class Dice:
    """Draws acts; every statement it has said may be the target of a later one."""

    def __init__(self, seed: int, size: int = SIZE) -> None:
        self.size = size
        self.random = random.Random(seed)
        self.world = World()
        self.hazards: list[Any] = []
        self.releases: list[Any] = []
        self.reports: list[Any] = []
        self.decisions: list[Any] = []

    def shape(self) -> Any:
        r = self.random
        west, south = r.randrange(self.size), r.randrange(SIZE)
        east, north = west + r.randint(1, 5), south + r.randint(1, 5)
        one = box(west * CELL, south * CELL, east * CELL, north * CELL)
        if r.random() < 0.1:
            other = box((west + 6) * CELL, south * CELL, (west + 8) * CELL, north * CELL)
            one = shapely.union(one, other)
        if r.random() < 0.1:
            x, y = (west + r.random()) * CELL, (south + r.random()) * CELL
            one = shapely.union(one, shapely.Polygon([(x, y), (x + 55, y + 9), (x + 21, y + 47)]))
        return one

    def when(self) -> str:
        r = self.random
        number = r.randint(1, DAYS)
        return day(number)[:7] if r.random() < 0.08 else day(number)

    def hazard_fields(self) -> dict[str, Any]:
        r = self.random
        fields: dict[str, Any] = {"classification": r.choice(["SHA", "CHA", "SHA", "indication"])}
        if r.random() < 0.3:
            fields["required_depth_cm"] = r.choice(["10", "20"])
        if r.random() < 0.15:
            fields["required_search"] = "subsurface"
        if self.hazards and r.random() < 0.2:
            fields["parents"] = [r.choice(self.hazards).record]
        if r.random() < 0.08:
            fields["replaced"] = True
        return fields

    def release_fields(self) -> dict[str, Any]:
        r = self.random
        fields: dict[str, Any] = {}
        if self.hazards and r.random() < 0.6:
            fields["hazard"] = r.choice(self.hazards).record
        if r.random() < 0.5:
            fields["depth_cm"] = r.choice(["5", "10", "20"])
        if r.random() < 0.2:
            fields["search"] = "surface"
        if self.hazards and r.random() < 0.08:
            named = r.choice(self.hazards)
            fields |= {"hazard": named.record, "extent": "whole", "whole_of": [named.hash]}
        return fields

    def step(self) -> None:
        r, w = self.random, self.world
        said = [*self.hazards, *self.releases, *self.reports]
        roll = r.random()
        organisation = r.choice([OPERATOR, OPERATOR, OTHER])
        if roll < 0.14 or not self.hazards:
            self.hazards.append(
                w.hazard(
                    f"H{len(w.said)}",
                    self.when(),
                    self.shape(),
                    organisation=organisation,
                    **self.hazard_fields(),
                )
            )
        elif roll < 0.42 or not self.releases:
            fields = self.release_fields()
            shape = None if fields.get("extent") == "whole" else self.shape()
            kind = r.choice(["cancelled", "reduced", "cleared", "cleared"])
            self.releases.append(
                w.release(
                    f"R{len(w.said)}", self.when(), shape, kind, organisation=organisation, **fields
                )
            )
        elif roll < 0.47:
            self.reports.append(w.report(f"D{len(w.said)}", self.when(), self.shape()))
        elif roll < 0.53:
            fields = self.hazard_fields()
            fields.pop("parents", None)
            if r.random() < 0.4:
                fields.pop("classification")
            target = r.choice(self.hazards)
            shape = self.shape() if r.random() < 0.6 else None
            organisation, _, local = target.record.split("/", 2)
            self.hazards.append(
                w.revise(local, self.when(), shape, organisation=organisation, **fields)
            )
        elif roll < 0.63:
            self.correct(r.choice([*self.hazards, *self.releases]))
        elif roll < 0.66:
            target = r.choice(said)
            (
                self.hazards
                if target in self.hazards
                else self.releases
                if target in self.releases
                else self.reports
            ).append(w.withdraw(target))
        elif roll < 0.70:
            self.reopen(organisation)
        elif roll < 0.74:
            own = [s for s in said if s.organisation == OPERATOR] or said
            self.decisions.append(
                w.decide("return", r.choice(own), organisation=r.choice([OPERATOR, AUTHORITY]))
            )
        elif roll < 0.77 and self.decisions:
            self.take_back(r.choice(self.decisions))
        elif roll < 0.82:
            self.decisions.append(w.vouch(*r.sample(said, min(len(said), 4))))
        else:
            self.decisions.append(w.approve(*r.sample(said, min(len(said), 4))))

    def reopen(self, organisation: str) -> None:
        w, r = self.world, self.random
        named = r.sample(self.releases, min(len(self.releases), r.randint(1, 2)))
        if r.random() < 0.4:
            self.decisions.append(w.recall(self.when(), *named, organisation=organisation))
            return
        standing = tuple(r.sample(self.releases, 1)) if r.random() < 0.3 else ()
        area = self.shape() if r.random() < 0.4 else None
        self.decisions.append(w.revoke(self.when(), *named, area=area, standing=standing))

    def take_back(self, target: Any) -> None:
        w, r = self.world, self.random
        if target.act == "recall" and r.random() < 0.6:
            self.decisions.append(w.lift(target, organisation=r.choice([AUTHORITY, OPERATOR])))
        else:
            self.decisions.append(w.decide("undo", target, organisation=target.organisation))

    def correct(self, target: Any) -> None:
        w, r = self.world, self.random
        hazard = target in self.hazards
        fields = (
            self.hazard_fields()
            if hazard
            else {
                **self.release_fields(),
                "release_type": r.choice(["cancelled", "reduced", "cleared"]),
            }
        )
        shape = self.shape()
        if fields.get("extent") == "whole":
            shape = None
        if target.act == "revise":
            fields.pop("parents", None)
        (self.hazards if hazard else self.releases).append(
            w.correct(target, self.when(), shape, **fields)
        )


def world_of(seed: int, steps: int, size: int = SIZE) -> World:
    dice = Dice(seed, size)
    for _ in range(steps):
        dice.step()
    return dice.world


def whole(book: Any) -> Cluster:
    """Everything in one cluster."""
    kinds = defaultdict(list)
    for record in sorted(book.views):
        if any(book.views[record]) or record in book.revoked:
            kinds[book.kinds[record]].append(record)
    rings = [k for h in kinds["hazard_area"] for k in book.keys_of(h)]
    for key in rings:
        book.zone(key)
    areas = [h for h in book.revocations if h in book.geometry]
    items = [
        k
        for kind in ("released_area", "clearance_report")
        for r in kinds[kind]
        for k in book.keys_of(r)
    ]
    shapes = dict.fromkeys([*rings, *(zone_key(k) for k in rings), *items, *areas])
    return Cluster(
        "all",
        tuple(kinds["hazard_area"]),
        tuple(kinds["released_area"]),
        tuple(kinds["clearance_report"]),
        tuple(shapes),
        frozenset(rings),
        frozenset(),
        frozenset(items),
    )


class Oracle:
    """Faces of the whole world, with the history of each at every level."""

    terms = (
        "recorded_m2",
        "extensions_m2",
        "overlaps_m2",
        "cancelled_m2",
        "reduced_m2",
        "cleared_m2",
        "remaining_m2",
        "unattached_m2",
    )

    def __init__(self, book: Any, engine: Any = None) -> None:
        self.cluster = whole(book)
        arrangement = arrange_clusters(book, [self.cluster], engine)
        faces = face_sets(self.cluster, arrangement, 0)
        self.keys = [keys for keys, _ in faces]
        self.area = [area for _, area in faces]
        self.cases = {
            level: case_of(book, self.cluster, number) for level, number in LEVELS.items()
        }
        self.histories = {
            level: [history(face, case) for face in self.keys] for level, case in self.cases.items()
        }

    def states(self, level: str, until: int) -> list[list[tuple[int, bool, int, int]]]:
        """Per face: (hazard, extension, status, release) of each entry in force on a day."""
        result = []
        for one in self.histories[level]:
            now = []
            for hazard, extension, segments in one.entries:
                held = [s for s in segments if s.since <= until]
                if held:
                    now.append((hazard, extension, held[-1].status, held[-1].release))
            result.append(now)
        return result

    def remaining(self, level: str, until: int) -> set[int]:
        """Faces remaining under some hazard."""
        return {
            n
            for n, now in enumerate(self.states(level, until))
            if any(status == REMAINING for _, _, status, _ in now) and self.area[n] > 1e-6
        }

    def totals(self, level: str, until: int) -> dict[str, float]:
        totals: dict[str, float] = defaultdict(float)
        names = ("cancelled_m2", "reduced_m2", "cleared_m2")
        releases = self.cases[level].releases
        for n, now in enumerate(self.states(level, until)):
            for _, extension, status, release in now:
                totals["extensions_m2" if extension else "recorded_m2"] += self.area[n]
                if status == OVERLAP:
                    totals["overlaps_m2"] += self.area[n]
                elif status == REMAINING:
                    totals["remaining_m2"] += self.area[n]
                elif status == RELEASED:
                    totals[names[releases[release].claim]] += self.area[n]
            for number, (since, loose) in enumerate(self.histories[level][n].unattached):
                spans = self.histories[level][n].unattached
                end = spans[number + 1][0] if number + 1 < len(spans) else NEVER
                if loose and since <= until < end:
                    totals["unattached_m2"] += self.area[n]
        return dict(totals)


__all__ = [
    "AUTHORITY",
    "DAYS",
    "Dice",
    "HazardView",
    "Oracle",
    "ReleaseView",
    "ordinal",
    "world_of",
]
