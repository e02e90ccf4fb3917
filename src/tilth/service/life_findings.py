"""Findings of the life of an operation: who was allowed, who checked, what was overridden."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tilth.core.chains import Said
from tilth.core.findings import Finding
from tilth.core.life.beneficiaries import BANDS, bands_of, beneficiary_findings
from tilth.core.life.explosives import explosives_findings, reports_named
from tilth.core.life.formation import formation_findings
from tilth.core.life.gate_rules import gate_rules_of
from tilth.core.life.overridden import overridden_findings
from tilth.core.life.rates import rates_of
from tilth.core.life.register import Held
from tilth.core.life.reports import ReportCheck
from tilth.core.life.task_findings import closed_tasks, task_findings
from tilth.core.life.task_guards import Gate
from tilth.core.life.tasks import timeline
from tilth.core.problems import Problem
from tilth.service import doubting, quality
from tilth.service.ground import Books
from tilth.service.handing_over import handovers_findings
from tilth.service.register import register_of
from tilth.service.release_guards import own_work_findings
from tilth.service.ruling import rules_on
from tilth.service.session import Session
from tilth.service.tasks import gate_of, task_cases

__all__ = ["LifeNotes"]

_WITH_OVERRIDES = ("status_change", "handover", "qm_visit", "sample_inspection")
_OF_PEOPLE = ("eore_session", "beneficiary_count")
_READ = ("task", "organisation", "team", "happened_on", "period_to")
"""Fields of reports that the findings of tasks read."""


class LifeNotes:
    """Looks at clearance reports as they are read, then at everything that is no account.

    Reports are held against the gate and the rates one by one; of their items only what the
    demolition log may name is kept, equal lines once, so that a million of them fit.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._check = self._begin()
        self._found: dict[str, list[Finding]] = {}
        self._gates: dict[str, Gate] = {}
        self._reports: dict[str, Held] = {}
        self._lines: dict[tuple[str, str, int], dict[str, Any]] = {}

    def _begin(self) -> ReportCheck:
        """A check by the register as it is now."""
        self.register = register_of(self.session)
        ruling = rules_on(self.session)
        gate, rates = gate_rules_of(ruling.rules.gate), rates_of(ruling.rules.rates)
        self._named = reports_named(self.register)
        self._logged = bool(self._named)
        return ReportCheck(self.register, gate, rates, gated=ruling.strict)

    def look_again(self) -> None:
        """Go by the register as it is now; what was seen of each report stays until it is taken."""
        before, self._check = self._check, self._begin()
        self._check.continue_from(before)
        self._gates.clear()

    def task_of(self, record: str) -> str:
        """Task that a report names, empty where none."""
        held = self._reports.get(record)
        return "" if held is None else str(held.fields.get("task", ""))

    def take(self, said: Said, fields: Mapping[str, Any]) -> None:
        """Look at a report or spot task in force, with all its fields."""
        self.forget(said.record)
        if said.kind == "clearance_report":
            if found := self._check.findings(said.record, fields):
                self._found[said.record] = found
        elif said.kind != "spot_task":
            return
        if fields.get("task") or said.record.split("/", 2)[2] in self._named:
            self._reports[said.record] = self._slim(said, fields)

    def forget(self, record: str) -> None:
        """Take a report out again, which is withdrawn or is to be looked at anew."""
        self._check.forget(record)
        self._found.pop(record, None)
        self._reports.pop(record, None)

    def _slim(self, said: Said, fields: Mapping[str, Any]) -> Held:
        kept = {name: fields[name] for name in _READ if name in fields}
        if self._logged:
            lines = fields.get("items", ())
            kept["items"] = [self._line(line) for line in lines if "line_id" in line]
        return Held(
            said.record,
            said.kind,
            said.organisation,
            said.actor,
            said.hash,
            0,
            said.happened_on,
            said.said_at,
            kept,
        )

    def _line(self, line: Mapping[str, Any]) -> dict[str, Any]:
        key = str(line["line_id"]), str(line.get("disposal", "")), int(line.get("quantity", 0))
        if key not in self._lines:
            names = ("line_id", "disposal", "quantity")
            self._lines[key] = dict(zip(names, key, strict=True))
        return self._lines[key]

    def findings(self, books: Books) -> list[Finding]:
        """Everything noticed, once all reports were taken."""
        parts = self.parts(books)
        return [*self.of_reports(), *(one for make in parts.values() for one in make())]

    def of_reports(self) -> list[Finding]:
        """What reports give to notice one by one."""
        found = [one for some in self._found.values() for one in some]
        return [*found, *self._check.close()]

    def parts(self, books: Books) -> dict[str, Callable[[], list[Finding]]]:
        """What must be looked at as a whole, by name; each of them may take seconds."""
        session = self.session
        return {
            "tasks": self._of_tasks,
            "formation": lambda: self._of_formation(books),
            "quality": lambda: list(quality.findings(session)),
            "doubt": lambda: list(doubting.findings(session)),
            "handover": lambda: list(handovers_findings(session)),
            "own_work": lambda: list(own_work_findings(session)),
        }

    def _of_formation(self, books: Books) -> list[Finding]:
        register = self.register
        records = [one for kind in _WITH_OVERRIDES for one in register.of(kind).values()]
        people = [one for kind in _OF_PEOPLE for one in register.of(kind).values()]
        return [
            *overridden_findings(books.land.decisions(), records),
            *formation_findings(register),
            *beneficiary_findings(people, self._bands()),
        ]

    def _of_tasks(self) -> list[Finding]:
        register, day = self.register, self.session.today()
        cases = task_cases(self.session, register)
        lines = {record: timeline(register, case) for record, case in cases.items()}
        found = task_findings(
            register, cases, self._reports.values(), day=day, timelines=lines, gate=self._gate_on
        )
        closed = closed_tasks(lines)
        return found + explosives_findings(register, self._reports, closed=closed, day=day)

    def _gate_on(self, task: Held, day: str) -> Sequence[Problem]:
        """What the gates find against a task by the rule set of a day."""
        ruling = rules_on(self.session, day)
        if ruling.rules.identity not in self._gates:
            self._gates[ruling.rules.identity] = gate_of(self.register, ruling)
        return self._gates[ruling.rules.identity](task, day)

    def _bands(self) -> Any:
        """Age bands of the operation, those of handover forms without."""
        text = str(self.session.operation_fields().get("age_bands", ""))
        return bands_of(text) if text else BANDS
