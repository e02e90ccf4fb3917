"""What the checks say of a report: each rule that an approval asks, and findings that touch it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from tilth.core.chains import Said
from tilth.core.findings import Finding
from tilth.core.kinds.validate import check
from tilth.core.life.release import WORK, is_confirming
from tilth.core.problems import Parameter, Problem
from tilth.core.statement import split_record_id
from tilth.service.findings import BOOK
from tilth.service.guarding import HARD
from tilth.service.lens import Lens
from tilth.service.release_guards import obstacles
from tilth.service.ruling import rules_on
from tilth.service.session import Session, said_of

__all__ = ["RULES", "Check", "checks"]

RULES: Mapping[str, Sequence[str]] = {
    "released_area": (
        "release_without_hazard",
        "release_without_report",
        "release_without_criteria",
        "release_items_not_listed",
        "release_asset_not_said",
        "release_coverage",
        "release_depth",
        "release_surface_only",
        "release_visits",
        "release_sample_failed",
        "release_sample_share",
        "nonconformity_open",
        "area_recalled",
        "release_without_team",
        "accreditation",
    ),
    "clearance_report": ("accreditation", "rate_implausible", "beyond_possible"),
}
"""Rules by kind, in the order they are told; ``accreditation`` stands for all that the gate asks of
teams, training and assets."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Parameters
    ----------
    rule
        Code of the rule, or of the finding; ``minimum`` for the minimum data.
    state
        ``passed``, ``failed``, or ``noticed`` of a finding, which stands in nobody's way.
    problem, finding
        What was found: the code's sentences say what would satisfy it.
    hard
        No reason overrides it.
    """

    rule: str
    state: str
    problem: Problem | None = None
    finding: Finding | None = None
    hard: bool = False


def checks(session: Session, lens: Lens, statements: Sequence[str]) -> list[Check]:
    """Everything that is checked of statements on one record, failed before noticed before passed.

    Raises
    ------
    Refused
        ``not_readable``.
    """
    held = session.workspace.store.by_hash(statements)
    said = [said_of(held[name]) for name in statements if name in held]
    for one in said:
        lens.require_read(one.record)
    found: list[Check] = []
    for one in said:
        found += _minimum(session, one)
        found += _rules(session, one)
    for record in dict.fromkeys(one.record for one in said):
        found += _findings(session, lens, record)
    order = {"failed": 0, "noticed": 1, "passed": 2}
    unique = {(one.rule, one.state, str(one.problem), str(one.finding)): one for one in found}
    return sorted(unique.values(), key=lambda one: order[one.state])


def _minimum(session: Session, said: Said) -> Iterator[Check]:
    kind = session.kinds.get(said.kind)
    if kind is None or kind.protected or said.act not in ("record", "correct"):
        return
    missing = check(kind, said.fields or {}, today=session.today()).missing
    if not missing:
        yield Check("minimum", "passed")
        return
    local = split_record_id(said.record)[2]
    params: dict[str, Parameter] = {"record": local, "fields": ", ".join(missing)}
    yield Check("minimum", "noticed", finding=Finding("incomplete", said.record, params=params))


def _rules(session: Session, said: Said) -> Iterator[Check]:
    """What an approval would be asked; a withdrawal is not asked for rules of work."""
    if said.act == "withdraw" or said.kind not in WORK:
        return
    ruling = rules_on(session)
    problems = [one.problem for one in obstacles(session, [said], ruling)]
    for problem in problems:
        yield Check(problem.code, "failed", problem, hard=problem.code in HARD)
    failed = {one.code for one in problems}
    asked = list(RULES.get(said.kind, ())) if ruling.strict else []
    if said.kind == "clearance_report" and not ruling.strict:
        asked = ["beyond_possible"]
    if said.kind == "hazard_area" and is_confirming(said.fields or {}):
        asked.append("cha_without_direct_evidence")
    if ruling.strict:
        asked.append("own_work")
    own = {rule for rules in RULES.values() for rule in rules} | {
        "own_work",
        "cha_without_direct_evidence",
    }
    for rule in asked:
        gate = rule == "accreditation" and failed - own  # whatever code the gate gives
        if rule not in failed and not gate:
            yield Check(rule, "passed")


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """A kept finding as far as it is told here."""

    code: str
    record: str
    other: str
    params: dict[str, Parameter]
    area_m2: float
    items: int


_KEPT = msgspec.msgpack.Decoder(list[_Kept])


def _findings(session: Session, lens: Lens, record: str) -> Iterator[Check]:
    """Findings about a record as they were kept last; the other record only where it is read."""
    store = session.workspace.store
    key = max(store.kept_keys(BOOK), default="")
    kept = store.kept(BOOK, [key]).get(key) if key else None
    try:
        found = [one for one in _KEPT.decode(kept or b"\x90") if record in (one.record, one.other)]
    except msgspec.DecodeError:  # another version of the program kept them in another form
        return
    others = {name for one in found for name in (one.record, one.other) if name not in ("", record)}
    readable = lens.readable(others)
    for one in found:
        beside = one.other if one.record == record else one.record
        if one.code == "incomplete" or (beside and beside not in readable):
            continue
        told = Finding(one.code, one.record, one.other, one.params, one.area_m2, one.items)
        yield Check(one.code, "noticed", finding=told)
