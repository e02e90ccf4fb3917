"""A small formation for the tests of guards: a record in a line each, read as a register."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, field
from typing import Any

from tilth.core.chains import Said
from tilth.core.life.register import Register

AUTHORITY, OPERATOR, OTHER = "a" * 32, "b" * 32, "c" * 32


def day(number: int) -> str:
    """Day ``number``: 1 January 2026 is day 1."""
    return (dt.date(2025, 12, 31) + dt.timedelta(days=number)).isoformat()


@dataclass
class Formation:
    """Says records, revisions and decisions; `register` reads them in any order."""

    said: list[Said] = field(default_factory=list)
    _counter: Any = field(default_factory=itertools.count)

    def say(self, kind: str, local: str, by: str = OPERATOR, on: str = "", **fields: Any) -> Said:
        return self._add(
            act="record",
            kind=kind,
            organisation=by,
            record=f"{by}/{kind}/{local}",
            happened_on=on or "2026-01-01",
            fields={"local_id": local, **fields},
        )

    def revise(self, said: Said, on: str, **fields: Any) -> Said:
        return self._add(
            act="revise",
            kind=said.kind,
            organisation=said.organisation,
            record=said.record,
            happened_on=on,
            fields=fields,
        )

    def approve(self, *targets: Said) -> Said:
        return self._add(
            act="approve",
            kind="decision",
            organisation=AUTHORITY,
            record="",
            happened_on="",
            decides=tuple(one.hash for one in targets),
            fields={},
        )

    def _add(self, **parts: Any) -> Said:
        said = Said(hash=f"{next(self._counter):064d}", actor="p1", **parts)
        self.said.append(said)
        return said

    def register(self, order: Any = None) -> Register:
        register = Register(AUTHORITY, {OPERATOR: "Operator", AUTHORITY: "Authority"})
        for number in order if order is not None else range(len(self.said)):
            register.take(self.said[number])
        register.refresh()
        return register

    # -- what most tests begin with ---------------------------------------------------------------

    def ready(self) -> Formation:
        """OP's team T-1: two people trained, team and organisation accredited for the year."""
        self.say("organisation", "OP", AUTHORITY, code="OP", name="Operator", log_id=OPERATOR)
        self.say("training_course", "C-1", code="C-1", activities=["clearance", "bac"])
        members = [{"person": "P-1", "function": "leader"}, {"person": "P-2"}]
        self.say("team", "T-1", code="T-1", organisation="OP", members=members)
        for person in ("P-1", "P-2"):
            self.trained(person, until="2026-12-31")
        self.accredited("organisation", "OP", activities=["clearance", "bac", "nts"])
        self.accredited("team", "T-1")
        return self

    def trained(self, person: str, on: str = "2026-01-05", until: str = "", **more: Any) -> Said:
        fields = {"course": "C-1", "person": person, "result": "passed", **more}
        if until:
            fields["valid_until"] = until
        return self.say("training_result", f"R-{len(self.said)}", on=on, **fields)

    def accredited(self, holder_type: str, holder: str, by: str = AUTHORITY, **more: Any) -> Said:
        fields = {
            "holder_type": holder_type,
            "holder": holder,
            "activities": ["clearance"],
            "issued_on": "2026-01-10",
            "expires_on": "2026-12-31",
            "status": "full",
        }
        return self.say("accreditation", f"ACC-{len(self.said)}", by, **{**fields, **more})
