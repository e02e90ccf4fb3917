"""Small worlds for the land rules: statements in a line each, geometry on an integer grid."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass, field
from typing import Any

import shapely

from tilth.core.chains import Said
from tilth.core.days import ordinal
from tilth.core.land.balance import balance
from tilth.core.land.book import LandBook
from tilth.core.land.keeper import LandKeeper

OPERATOR, AUTHORITY, OTHER = "op", "na", "zz"


def box(west: float, south: float, east: float, north: float) -> Any:
    return shapely.box(west, south, east, north)


def day(number: int) -> str:
    """Day ``number`` of the world: 1 January 2026 is day 1."""
    return shapely_free_date(number)


def shapely_free_date(number: int) -> str:
    import datetime as dt

    return (dt.date(2026, 1, 1) + dt.timedelta(days=number - 1)).isoformat()


@dataclass
class World:
    """Writes statements and decisions, and asks for balances."""

    said: list[tuple[Said, dict[str, Any]]] = field(default_factory=list)
    counter: Any = field(default_factory=itertools.count)
    newest: dict[str, str] = field(default_factory=dict)

    def _say(self, shape: Any = None, **kwargs: Any) -> Said:
        number = next(self.counter)
        digest = hashlib.sha256(
            repr((number, sorted(kwargs.items(), key=str))).encode()
        ).hexdigest()
        said = Said(hash=digest, actor="A1", said_at="", **kwargs)
        drawn = {digest: shape} if shape is not None else {}
        self.said.append((said, drawn))
        return said

    def record(
        self,
        kind: str,
        local_id: str,
        on: int | str,
        shape: Any = None,
        *,
        act: str = "record",
        replaces: tuple[str, ...] = (),
        organisation: str = OPERATOR,
        **fields: Any,
    ) -> Said:
        record = f"{organisation}/{kind}/{local_id}"
        content = dict(fields)
        if shape is not None:
            content["shape"] = True
        said = self._say(
            shape,
            organisation=organisation,
            act=act,
            kind=kind,
            record=record,
            replaces=replaces,
            happened_on=on if isinstance(on, str) else day(on),
            fields=content,
        )
        if act != "revise":
            self.newest[record] = said.hash
        return said

    def hazard(self, local_id: str, on: int | str, shape: Any = None, **fields: Any) -> Said:
        fields.setdefault("classification", "SHA")
        return self.record("hazard_area", local_id, on, shape, **fields)

    def revise(self, local_id: str, on: int | str, shape: Any = None, **fields: Any) -> Said:
        return self.record("hazard_area", local_id, on, shape, act="revise", **fields)

    def release(
        self, local_id: str, on: int | str, shape: Any = None, kind: str = "cleared", **fields: Any
    ) -> Said:
        return self.record("released_area", local_id, on, shape, release_type=kind, **fields)

    def report(self, local_id: str, on: int | str, shape: Any) -> Said:
        return self.record("clearance_report", local_id, on, shape)

    def correct(self, said: Said, on: int | str, shape: Any = None, **fields: Any) -> Said:
        organisation, kind, local = said.record.split("/", 2)
        return self.record(
            kind,
            local,
            on,
            shape,
            act="correct",
            replaces=(said.hash,),
            organisation=organisation,
            **fields,
        )

    def withdraw(self, said: Said) -> Said:
        organisation, kind, local = said.record.split("/", 2)
        return self.record(
            kind,
            local,
            said.happened_on,
            act="withdraw",
            replaces=(said.hash,),
            organisation=organisation,
        )

    def decide(self, act: str, *targets: Said, organisation: str = AUTHORITY) -> Said:
        return self._say(
            organisation=organisation,
            act=act,
            kind="decision",
            record="",
            decides=tuple(t.hash for t in targets),
            fields={},
        )

    def approve(self, *targets: Said) -> Said:
        return self.decide("approve", *targets)

    def vouch(self, *targets: Said) -> Said:
        return self.decide("vouch", *targets, organisation=OPERATOR)

    def revoke(
        self, on: int | str, *records: Said, area: Any = None, standing: tuple[Said, ...] = ()
    ) -> Said:
        fields: dict[str, Any] = {"records": [r.record for r in records]}
        if standing:
            fields["still_standing"] = [r.record for r in standing]
        if area is not None:
            fields["area"] = True
        return self._say(
            area,
            organisation=AUTHORITY,
            act="revoke",
            kind="decision",
            record="",
            happened_on=on if isinstance(on, str) else day(on),
            fields=fields,
        )

    def recall(self, on: int | str, *records: Said, organisation: str = OPERATOR) -> Said:
        return self._say(
            organisation=organisation,
            act="recall",
            kind="decision",
            record="",
            happened_on=on if isinstance(on, str) else day(on),
            fields={"records": [r.record for r in records], "missed": "sample"},
        )

    def lift(self, *recalls: Said, organisation: str = AUTHORITY) -> Said:
        return self.decide("lift", *recalls, organisation=organisation)

    def keeper(self, engine: Any = None, order: Any = None) -> LandKeeper:
        book = LandBook(AUTHORITY)
        keeper = LandKeeper(book, engine)
        for number in order if order is not None else range(len(self.said)):
            book.take(*self.said[number])
        keeper.recompute()
        return keeper

    def ask(
        self, until: int, level: str = "reported", keeper: LandKeeper | None = None
    ) -> dict[str, float]:
        rows = (keeper or self.keeper()).rows(level)
        result = balance(rows, ordinal(day(until)))
        totals = result.total()
        totals["unattached_m2"] = result.unattached_m2
        return {name: round(value, 6) + 0.0 for name, value in totals.items() if round(value, 6)}
