"""Clearance reports against the gate and the rates: guards of their approval, and findings.

What a report says goes in whatever it says; what stands against it is noticed (rules §6). The same
rules then stand in the way of its approval.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tilth.core.days import first_day, last_day
from tilth.core.findings import Finding
from tilth.core.findings import register as register_findings
from tilth.core.geometry.encoding import NANODEGREES
from tilth.core.life.accredited import Work
from tilth.core.life.gate import Ask, Gates
from tilth.core.life.gate_rules import GateRules
from tilth.core.life.rates import Rates, problem_of, processed, rate_problems, slip
from tilth.core.life.register import Held, Register
from tilth.core.problems import Parameter, Problem

__all__ = ["ReportCheck", "report_findings", "report_guards"]

Fields = Mapping[str, Any]

_EARTH_M = 6_371_007.2
"""Radius of the sphere that has the area of WGS 84."""

_TOLD_AS = {
    "team_unknown": "report_team_unknown",
    "team_without_members": "report_team_unknown",
    **dict.fromkeys(
        ("training_missing", "training_expired", "training_failed", "training_course_unknown"),
        "report_without_training",
    ),
    **dict.fromkeys(
        (
            "asset_unknown",
            "asset_not_in_use",
            "asset_not_tested",
            "asset_test_failed",
            "asset_test_expired",
        ),
        "report_without_tested_asset",
    ),
}
_ACCREDITATION = "report_without_accreditation"

_KEPT_BY = {
    _ACCREDITATION: ("accreditation", "reports_without_accreditations"),
    "report_team_unknown": ("team", "reports_without_teams"),
    "report_without_training": ("training_result", "reports_without_training_results"),
    "report_without_tested_asset": ("asset", "reports_without_assets"),
}
"""Kind of which an operation that keeps no such thing here has no record, and what is told then."""


def report_guards(
    register: Register,
    report: Held,
    gate_rules: GateRules | None = None,
    rates: Rates | None = None,
) -> list[Problem]:
    """Everything that stands in the way of approving a clearance report.

    The gate is asked for the report's own days, with its revisions; then the rates.
    """
    check = ReportCheck(register, gate_rules or GateRules(), rates or Rates())
    return check.problems(report.record, report.now())


def report_findings(
    register: Register,
    reports: Iterable[tuple[str, Fields]],
    gate_rules: GateRules | None = None,
    rates: Rates | None = None,
) -> list[Finding]:
    """What clearance reports, by record and fields, give to notice."""
    check = ReportCheck(register, gate_rules or GateRules(), rates or Rates())
    found = [one for record, fields in reports for one in check.findings(record, fields)]
    return found + check.close()


@dataclass
class ReportCheck:
    """Checks reports one after the other; what it was asked once it remembers.

    Parameters
    ----------
    register
        Not to be changed while this is in use.
    gated
        Findings ask the gate; without it only the rates, for an operation that does not run its
        life here.
    """

    register: Register
    gate_rules: GateRules = field(default_factory=GateRules)
    rates: Rates = field(default_factory=Rates)
    gated: bool = True
    _gates: Gates = field(init=False)
    _tasks: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    _types: dict[tuple[str, str], str] = field(default_factory=dict)
    _not_kept: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the gate ready."""
        self._gates = Gates(self.register, self.gate_rules)

    def problems(self, record: str, fields: Fields) -> list[Problem]:
        """What stands in the way of approving a report, by the gate and by the rates."""
        found = [*self._gate(record, fields)]
        return found + rate_problems(
            fields,
            self.rates,
            where=record,
            asset_types=self._asset_types(record, fields),
            ground_m2=_ground_m2(fields.get("shape")),
        )

    def _gate(self, record: str, fields: Fields) -> Iterable[Problem]:
        if not fields.get("team"):
            return (Problem("team_missing", record, {}),)
        return self._gates.problems(self._ask(record, fields))

    def _ask(self, record: str, fields: Fields) -> Ask:
        """Question to the gate; what the report leaves open its task answers."""
        author = record.split("/", 1)[0]
        task = self._task(str(fields.get("task", "")), author)
        methods = list(fields.get("methods", ()))
        for line in fields.get("work", ()):
            if "method" in line and line["method"] not in methods:
                methods.append(line["method"])
        activity = str(fields.get("activity") or task.get("activity") or "") or _activity(methods)
        begins = str(fields["happened_on"])
        return Ask(
            str(fields["team"]),
            str(fields.get("organisation") or author),
            Work(activity, tuple(methods), tuple(task.get("hazard_types", ()))),
            tuple(fields.get("assets", ())),
            first_day(begins),
            max(last_day(begins), last_day(str(fields.get("period_to") or begins))),
        )

    def _task(self, name: str, author: str) -> Mapping[str, Any]:
        if not name:
            return {}
        if (name, author) not in self._tasks:
            held = self.register.find("task", name, author)
            self._tasks[name, author] = {} if held is None else held.now()
        return self._tasks[name, author]

    def _asset_types(self, record: str, fields: Fields) -> list[str]:
        author = str(fields.get("organisation") or record.split("/", 1)[0])
        found = []
        for name in fields.get("assets", ()):
            if (name, author) not in self._types:
                held = self._gates.find("asset", name, author)
                kind = "" if held is None else str(held.fields.get("asset_type", ""))
                self._types[name, author] = kind
            found.append(self._types[name, author])
        return found

    # -- findings ----------------------------------------------------------------------------------

    def findings(self, record: str, fields: Fields) -> list[Finding]:
        """What one report gives to notice; what a whole operation lacks is kept for `close`."""
        found = list(self._gate_findings(record, fields)) if self.gated else []
        ground_m2 = _ground_m2(fields.get("shape"))
        types = self._asset_types(record, fields)
        rows = list(processed(fields, self.rates, asset_types=types, ground_m2=ground_m2))
        # A polygon tells of the whole report, not of each line of its work.
        drawn = ground_m2 if "processed_area_m2" in fields else None
        factors = [slip(one, None if number else drawn) for number, one in enumerate(rows)]
        slipped = next((pair for pair in zip(rows, factors, strict=True) if pair[1]), None)
        worst = next((one for one in rows if one.area_m2 > one.most), None)
        if slipped is not None:
            one, factor = slipped
            params: dict[str, Parameter] = {
                "area": f"{one.area_m2:,.0f}",
                "factor": factor,
                "likely": f"{one.area_m2 / factor:,.2f}",
            }
            found.append(Finding("decimal_slip", record, params=params, area_m2=one.area_m2))
        if worst is not None:
            told = problem_of(worst, record)
            found.append(Finding(told.code, record, params=told.params, area_m2=worst.area_m2))
        return found

    def _gate_findings(self, record: str, fields: Fields) -> Iterable[Finding]:
        area = float(fields.get("processed_area_m2") or 0)
        team, day = str(fields.get("team", "")), str(fields.get("happened_on", ""))
        rules: dict[str, list[str]] = {}
        for problem in self._gate(record, fields):
            code = _TOLD_AS.get(problem.code, _ACCREDITATION)
            if problem.code == "team_missing":
                continue  # minimum data: told as such
            rules.setdefault(code, []).append(problem.code)
        for code, told in rules.items():
            kind, none_kept = _KEPT_BY[code]
            if not self.register.of(kind):
                self._not_kept.setdefault(none_kept, set()).add(record)
                continue
            params = {"team": team, "day": day, "rules": ", ".join(dict.fromkeys(told))}
            yield Finding(code, record, params=params, area_m2=area)

    def close(self) -> list[Finding]:
        """What concerns the operation as a whole: it keeps no such records here."""
        operation = min(self.register.of("operation"), default="")
        return [
            Finding(code, operation or min(records), params={"reports": len(records)})
            for code, records in self._not_kept.items()
            if records
        ]

    def continue_from(self, before: ReportCheck) -> None:
        """Keep what another check found lacking until each report is looked at again."""
        self._not_kept = {code: set(records) for code, records in before._not_kept.items()}

    def forget(self, record: str) -> None:
        """Take a report out again, which is withdrawn or is to be looked at anew."""
        for records in self._not_kept.values():
            records.discard(record)


def _activity(methods: Iterable[str]) -> str:
    """Activity of a clearance report that names none: battle area or mines, by its methods."""
    methods = list(methods)
    return "bac" if methods and all(one.startswith("bac_") for one in methods) else "clearance"


def _ground_m2(value: Any) -> float | None:
    """Area of a polygon to a hundredth part, on a sphere: enough to tell what is plausible."""
    if not isinstance(value, Mapping) or "Polygon" not in str(value.get("type", "")):
        return None
    parts = value["coordinates"] if value["type"] == "MultiPolygon" else [value["coordinates"]]
    total = 0.0
    for rings in parts:
        areas = [_ring_m2(ring) for ring in rings]
        total += areas[0] - sum(areas[1:]) if areas else 0.0
    return total


def _ring_m2(ring: list[list[int]]) -> float:
    scale = math.radians(1 / NANODEGREES) * _EARTH_M
    east, north = ring[0]
    doubled = 0.0
    before = (0, 0)
    for x, y in ring[1:]:
        point = (x - east, y - north)
        doubled += before[0] * point[1] - point[0] * before[1]
        before = point
    return abs(doubled) / 2 * scale * scale * math.cos(math.radians(north / NANODEGREES))


register_findings(
    {
        "report_without_accreditation": (
            "{team} reported work of {day} that no accreditation covers: {rules}.",
            "tilth gate tells what would open it; or correct the team, the day or the methods.",
        ),
        "report_team_unknown": (
            "{team} reported work of {day} and is not known with its members: {rules}.",
            "Record the team with its members, or correct the team's code in the report.",
        ),
        "report_without_training": (
            "{team} reported work of {day} without a course passed for it: {rules}.",
            "tilth gate tells who and which course; record the results.",
        ),
        "report_without_tested_asset": (
            "{team} reported work of {day} with an asset that does not count as tested: {rules}.",
            "tilth gate tells which; record its tests, or correct the asset in the report.",
        ),
        "reports_without_accreditations": (
            "{reports} clearance reports stand in an operation that holds no accreditation.",
            "Record them with tilth accredit, and each report is looked at by itself.",
        ),
        "reports_without_teams": (
            "{reports} clearance reports stand in an operation that holds no team.",
            "Record the teams with tilth record, and each report is looked at by itself.",
        ),
        "reports_without_training_results": (
            "{reports} clearance reports stand in an operation that holds no training result.",
            "Record them with tilth training, and each report is looked at by itself.",
        ),
        "reports_without_assets": (
            "{reports} clearance reports name assets in an operation that holds none.",
            "Record the assets with tilth record, and each report is looked at by itself.",
        ),
        "rate_implausible": (
            "{area} m² by {method} in {days} days with {count} × {unit} is {rate} m² each a day; "
            "up to {most} is plausible.",
            "Correct the area, the days or who worked; or explain it.",
        ),
        "beyond_possible": (
            "{area} m² by {method} in {days} days with {count} × {unit} is {rate} m² each a day; "
            "more than {ceiling} is not possible.",
            "Correct the area or its unit, the days, or who worked; it cannot be approved.",
        ),
        "decimal_slip": (
            "{area} m² divided by {factor} would be {likely} m², which fits: a decimal point or a "
            "unit may have slipped.",
            "Look at the paper, and correct the area; or explain it.",
        ),
    }
)
