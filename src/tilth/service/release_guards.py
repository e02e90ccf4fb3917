"""Asks every guard of approval about many statements at once, reading what they need in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tilth.core.chains import APPROVED, Said
from tilth.core.days import first_day, last_day
from tilth.core.findings import Finding
from tilth.core.findings import register as register_findings
from tilth.core.life.accredited import Work
from tilth.core.life.gate import Ask, Gates
from tilth.core.life.gate_rules import gate_rules_of
from tilth.core.life.rates import rates_of
from tilth.core.life.register import Held, Register
from tilth.core.life.release import (
    WORK,
    Area,
    activity_of,
    confirm_guards,
    is_confirming,
    own_work,
    release_guards,
)
from tilth.core.life.reports import ReportCheck
from tilth.core.problems import Problem, Refused, register
from tilth.core.statement import split_record_id
from tilth.service.guarding import HARD, settle
from tilth.service.register import held, register_of
from tilth.service.release_facts import Names, areas_of
from tilth.service.ruling import Ruling, first_saying, rules_on
from tilth.service.session import Session
from tilth.store.protocol import Draft

__all__ = ["Guarded", "Obstacle", "guard_approval", "obstacles", "told_briefly", "unobstructed"]

_MOST_TOLD = 20

register(
    {
        "more_in_the_way": (
            "And {count} more records stand in the way: {rules}.",
            "Choose fewer records to see theirs; tilth release-check tells of each.",
        ),
        "release_without_team": (
            "Neither {record} nor its task names the teams that did the work.",
            "Let its author name the teams, so that their accreditation can be seen.",
        ),
    }
)
register_findings(
    {
        "own_work_approved": (
            "{organisation} approved its own work, which another organisation typed in.",
            "Nothing closes this; have another authority approve, where there is one.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stands in the way of one statement."""

    record: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class Guarded:
    """An approval that its guards let through.

    Parameters
    ----------
    fields
        For the content of the decision: the rule set it was taken under.
    overrides
        By record decided on: what stood in its way and was overridden.
    first
        Drafts by log that have to be said before it, in the same transaction.
    """

    fields: Mapping[str, Any] = field(default_factory=dict)
    overrides: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)
    first: Mapping[str, Sequence[Draft]] = field(default_factory=dict)

    def overrides_of(self, records: Iterable[str]) -> list[dict[str, str]]:
        """Lines for the field ``overrides`` of a decision on these records."""
        return [
            dict(line) for one in dict.fromkeys(records) for line in self.overrides.get(one, ())
        ]


def guard_approval(
    session: Session,
    targets: Sequence[Said],
    *,
    override: Collection[str] = (),
    reason: str = "",
    day: str = "",
    found: Sequence[Obstacle] | None = None,
) -> Guarded:
    """Ask every guard about an approval of these statements.

    Parameters
    ----------
    override
        Codes of rules that are overridden, which needs a reason.
    day
        Day of the decision; today without. The rule set in force on it is followed.
    found
        What `obstacles` found in their way, where it was asked already at this position.

    Raises
    ------
    Refused
        With everything that stands in the way and is not overridden: that of the first twenty
        records, then how many more; ``override_needs_reason``, ``override_not_needed``.
    """
    day = day or session.today()
    ruling = rules_on(session, day)
    if found is None:
        found = obstacles(session, targets, ruling)
    try:
        settle([one.problem for one in found], override, reason)
    except Refused as refused:
        raise Refused(*told_briefly(refused.problems)) from None
    lines: dict[str, list[dict[str, str]]] = defaultdict(list)
    for one in found:
        line = {"rule": one.problem.code, "record": one.problem.where}
        if one.record != one.problem.where:
            line["subject"] = one.record
        if line not in lines[one.record]:
            lines[one.record].append(line)
    if not ruling.strict and not any(_is_ruled(one) for one in targets):
        return Guarded()
    return Guarded({"rule_set": ruling.rules.identity}, lines, first_saying(session, ruling, day))


def _is_ruled(said: Said) -> bool:
    return said.kind == "released_area" or is_confirming(said.fields or {})


def told_briefly(problems: Sequence[Problem]) -> list[Problem]:
    """Problems of the first twenty records in the way, each once, then how many more there are."""
    by_record: dict[str, list[Problem]] = {}
    seen = set()
    for one in problems:
        key = (one.code, one.where, *sorted(one.params.items()))
        if key not in seen:
            seen.add(key)
            by_record.setdefault(one.where, []).append(one)
    chosen = list(by_record)[:_MOST_TOLD]
    told = [one for record in chosen for one in by_record[record]]
    rest = [one for record in list(by_record)[_MOST_TOLD:] for one in by_record[record]]
    if rest:
        rules = ", ".join(sorted({one.code for one in rest}))
        more: dict[str, str | int] = {"count": len(by_record) - len(chosen), "rules": rules}
        told.append(Problem("more_in_the_way", "", more))
    return told


def obstacles(session: Session, targets: Sequence[Said], ruling: Ruling) -> list[Obstacle]:
    """Everything that stands in the way of approving statements, in their order.

    Confirmed ground is always guarded; everything else where the operation runs its life here.
    """
    around = _Around(session, ruling)
    around.read(targets)
    return [Obstacle(said.record, one) for said in targets for one in around.problems(said)]


def unobstructed(session: Session, targets: Sequence[Said]) -> tuple[list[Said], list[Obstacle]]:
    """Statements that may be approved today, and what stands in the way of the others."""
    found = obstacles(session, targets, rules_on(session))
    stopped = {one.record for one in found}
    return [one for one in targets if one.record not in stopped], found


def own_work_findings(session: Session) -> list[Finding]:
    """Approved work that the authority did itself and another organisation typed in."""
    known = register_of(session)
    store, called = session.workspace.store, sorted(known.codes(session.authority))
    found = []
    for kind in sorted(WORK):
        if not any(one.name == "organisation" for one in session.kinds[kind].fields):
            continue
        rows = store.select(kind, ["record"], {"organisation": called})
        records = {str(row[0]) for row in rows}
        others = {one for one in records if split_record_id(one)[0] != session.authority}
        for record, one in sorted(held(session, others).items()):
            if one.level == APPROVED and str(one.now().get("organisation")) in called:
                params = {"organisation": str(one.now()["organisation"])}
                found.append(Finding("own_work_approved", record, params=params))
    return found


def _apart(released: Iterable[Said]) -> list[list[Said]]:
    """Statements in lists in which no two say different things of one record.

    Revisions stay with the statement that is decided on with them.
    """
    lists: list[list[Said]] = []
    met: dict[str, int] = defaultdict(int)
    for one in sorted(released, key=lambda one: one.act == "revise"):
        at = 0 if one.act == "revise" else met[one.record]
        met[one.record] += one.act != "revise"
        if at == len(lists):
            lists.append([])
        lists[at].append(one)
    return lists


class _Around:
    """What lies around the statements asked about; read once for all of them."""

    def __init__(self, session: Session, ruling: Ruling) -> None:
        self.session, self.ruling = session, ruling
        self.register: Register = register_of(session)
        self.called = self.register.codes(session.authority)
        self.hazards = Names(session, "hazard_area")
        self.gates = Gates(self.register, gate_rules_of(ruling.rules.gate))
        self.reports = ReportCheck(self.register, self.gates.rules, rates_of(ruling.rules.rates))
        self.said: dict[str, Held] = {}
        self.evidence: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        self.areas: dict[str, Area] = {}  # by statement
        self.merged: dict[str, Mapping[str, Any]] = {}

    # -- reading -----------------------------------------------------------------------------------

    def read(self, targets: Sequence[Said]) -> None:
        """Read what the guards of these statements need."""
        confirming = [
            one for one in targets if one.kind == "hazard_area" and is_confirming(one.fields or {})
        ]
        if confirming:
            self.said = held(self.session, {one.record for one in confirming})
            self._read_evidence({one.record for one in confirming})
        revised = [one for one in targets if one.kind == "clearance_report" and one.act == "revise"]
        if revised:
            known = held(self.session, {one.record for one in revised})
            self.merged = {
                one.hash: {**known[one.record].now(), **(one.fields or {})}
                for one in revised
                if one.record in known
            }
        if not self.ruling.strict:
            return
        released = [one for one in targets if one.kind == "released_area"]
        for some in _apart(released):
            made = areas_of(self.session, some, self.ruling.rules)
            self.areas |= {one.hash: made[one.record] for one in some}

    def _read_evidence(self, hazards: Collection[str]) -> None:
        """Evidence points in force that name any of these hazards."""
        naming: dict[str, str] = {}
        rows = self.session.workspace.store.select(
            "evidence_point", ["record", "hazard"], {"category": "direct"}
        )
        for record, name in rows:
            if name:
                hazard = self.hazards.record(split_record_id(str(record))[0], str(name))
                if hazard in hazards:
                    naming[str(record)] = hazard
        for record, point in held(self.session, naming).items():
            self.evidence[naming[record]].append(point.now())

    # -- asking ------------------------------------------------------------------------------------

    def problems(self, said: Said) -> list[Problem]:
        """What stands in the way of approving one statement."""
        fields = said.fields or {}
        found: list[Problem] = []
        if said.kind == "hazard_area" and is_confirming(fields):
            known = self.said.get(said.record)
            others = [] if known is None else [known.fields, *(e.fields for e in known.events)]
            evidence = self.evidence.get(said.record, ())
            found += confirm_guards(said.record, [fields, *others], evidence, self.ruling.rules)
        area = self.areas.get(said.hash)
        if said.kind == "clearance_report":
            worked = self.merged.get(said.hash, fields)
            told = self.reports.problems(said.record, worked)
            found += [one for one in told if self.ruling.strict or one.code in HARD]
        if not self.ruling.strict:
            return found
        worked = fields if area is None else area.fields
        found += own_work(
            said.record, said.organisation, worked, self.session.authority, self.called
        )
        if area is not None:
            found += release_guards(area, self.ruling.rules)
            found += self._workers(said, area)
        return found

    def _workers(self, said: Said, area: Area) -> list[Problem]:
        """Whether those who worked released ground were accredited on its days."""
        fields = area.fields
        task = area.task or {}
        teams = fields.get("teams") or task.get("teams") or ()
        if not teams:
            local = split_record_id(said.record)[2]
            return [Problem("release_without_team", said.record, {"record": local})]
        methods = tuple(fields.get("methods", ()))
        hazard_type = (area.hazard or {}).get("area_type")
        work = Work(
            activity_of(area.release_type, methods), methods, (hazard_type,) if hazard_type else ()
        )
        ended = said.happened_on or str(fields["happened_on"])
        first = first_day(str(fields.get("started_on") or ended))
        found: list[Problem] = []
        for team in teams:
            ask = Ask(
                str(team),
                str(fields.get("organisation", "")) or said.organisation,
                work,
                tuple(fields.get("assets", ())),
                min(first, last_day(ended)),
                last_day(ended),
            )
            found += self.gates.problems(ask)
        return found
