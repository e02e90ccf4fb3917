"""Rule sets: "all reasonable effort" as a versioned text that an authority says and stands by.

A rule set is TOML. It says what must be there before ground is confirmed, cancelled, reduced or
cleared, and before it is handed over. The text stands in the log; every decision stores the name,
version and SHA-256 of the one it was taken under, so that changing it never changes an old
decision. What counts as all reasonable effort is national (IMAS 09.10): nothing here is.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, NamedTuple

from tilth.core.days import last_day
from tilth.core.kinds import lists_land, lists_quality, lists_work
from tilth.core.kinds.handover import MARKER_TYPE, SIGNATORY_ROLE
from tilth.core.kinds.model import Codelist
from tilth.core.life.gate_rules import gate_rules_of
from tilth.core.life.rates import rates_of
from tilth.core.life.register import Held, Register
from tilth.core.problems import Parameter, Problem, Refused, register

__all__ = [
    "CONFIRM",
    "SHIPPED",
    "Demand",
    "ExceptionFor",
    "HandoverDemand",
    "RuleSet",
    "held_in_force",
    "read_rule_set",
]

CONFIRM = "confirm"
RELEASE_TYPES = ("cancelled", "reduced", "cleared")
RUNNING, ALWAYS = "running", "always"
_LONGEST = 200_000


@dataclass(frozen=True, slots=True)
class Demand:
    """What must be there before one released area is approved.

    Parameters
    ----------
    reports
        Activities of which a report on the hazard or task must be held; a named completion,
        cancellation or reduction report does as well. Empty: none is asked for.
    criteria
        Criteria of which the release must name one; empty: none is asked for.
    technical_asset
        The release must say whether it was worked with a technical asset.
    coverage_percent
        Least share of the polygon that was searched; with a technical asset and without one the
        two others count where they are given.
    depth_reached
        The depth reached must satisfy the requirement of hazard and task.
    depth_cm
        Depth that is required where neither hazard nor task states one.
    least_depth_cm
        Depth that is required whatever hazard and task state.
    items_listed
        Items found are listed, or it is said that there were none.
    visits
        Least number of quality visits to the task.
    sampled_percent
        Least share of the released m² in samples that passed after the work.
    blocked_by
        Severities of open nonconformities that stand in the way.
    """

    reports: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    technical_asset: bool = False
    coverage_percent: Decimal | None = None
    coverage_with_percent: Decimal | None = None
    coverage_without_percent: Decimal | None = None
    depth_reached: bool = False
    depth_cm: Decimal | None = None
    least_depth_cm: Decimal | None = None
    items_listed: bool = False
    visits: int = 0
    sampled_percent: Decimal | None = None
    blocked_by: tuple[str, ...] = ()

    def coverage_for(self, technical_asset: str) -> Decimal | None:
        """Least coverage in percent of a release ``with`` or ``without`` a technical asset."""
        special = {
            "with": self.coverage_with_percent,
            "without": self.coverage_without_percent,
        }.get(technical_asset)
        return self.coverage_percent if special is None else special


@dataclass(frozen=True, slots=True)
class HandoverDemand:
    """What must be there before released ground is handed over."""

    signatories: tuple[str, ...] = ()
    marker_types: tuple[str, ...] = ()
    markers_recorded: bool = False
    residual_risk: bool = False
    liability: bool = False
    recipients: bool = False
    purpose: bool = False
    blocked_by: tuple[str, ...] = ()


class ExceptionFor(NamedTuple):
    """Where other demands apply; an empty condition fits everything."""

    release_types: tuple[str, ...]
    hazard_types: tuple[str, ...]
    intended_uses: tuple[str, ...]
    changes: Mapping[str, Any]

    def fits(self, release_type: str, hazard_type: str, intended_use: str) -> bool:
        """Whether the exception applies to such ground."""
        return (
            release_type in (self.release_types or (release_type,))
            and hazard_type in (self.hazard_types or (hazard_type,))
            and intended_use in (self.intended_uses or (intended_use,))
        )


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A rule set as read.

    Parameters
    ----------
    strict
        ``running``: its guards bite where the operation runs its life here (tasks, accreditations,
        or an operation's record that names a rule set); ``always``: everywhere.
    evidence
        Codes of direct evidence that confirm ground; empty: none is needed.
    evidence_class
        That the evidence is classed as direct suffices, without saying which.
    gate, rates
        Sections on who is allowed to work and what is plausible, checked, for `gate_rules_of` and
        `rates_of`.
    """

    name: str
    version: int
    text: str
    sha256: str
    about: str
    strict: str = RUNNING
    evidence: tuple[str, ...] = ()
    evidence_class: bool = False
    demands: Mapping[str, Demand] = field(default_factory=dict)
    exceptions: tuple[ExceptionFor, ...] = ()
    handover: HandoverDemand = HandoverDemand()
    gate: Mapping[str, Any] = field(default_factory=dict)
    rates: Mapping[str, Any] = field(default_factory=dict)
    _asked: dict[tuple[str, str, str], Demand] = field(default_factory=dict, compare=False)

    @property
    def identity(self) -> str:
        """``name/version/sha256``, as stored with each decision."""
        return f"{self.name}/{self.version}/{self.sha256}"

    def demand(self, release_type: str, hazard_type: str, intended_use: str) -> Demand:
        """What is demanded of a release; later exceptions that fit come after earlier ones."""
        key = (release_type, hazard_type, intended_use)
        known = self._asked.get(key)
        if known is None:
            known = self.demands.get(release_type, Demand())
            for one in self.exceptions:
                if one.fits(*key):
                    known = replace(known, **one.changes)
            self._asked[key] = known
        return known


SHIPPED = "tilth-default"
"""Name of the rule set that ships."""


def held_in_force(known: Register, day: str) -> Held | None:
    """Rule set record of the authority in force on a day; None before the first.

    The newest by its day. Of one day, one that the authority said itself comes before the shipped
    one, which its first decision said for it; then by version, then by statement.
    """
    said = [
        one
        for one in known.of("rule_set").values()
        if one.author == known.authority and last_day(one.happened_on) <= last_day(day)
    ]

    def rank(one: Held) -> tuple[int, bool, int, str]:
        own, version = one.fields.get("name") != SHIPPED, int(one.fields.get("version", 0))
        return (last_day(one.happened_on), own, version, one.statement)

    return max(said, key=rank, default=None)


# -- reading -------------------------------------------------------------------------------------

Reader = Callable[["_Reading", str, str, Any], Any]


class _Wrong(Exception):
    """A value is not what its key wants; carries what is wanted."""


class _Reading:
    """Collects problems, each with its line and section."""

    def __init__(self, text: str) -> None:
        self.problems: list[Problem] = []
        self._lines = _lines_of(text)

    def where(self, section: str, key: str) -> str:
        lines = self._lines
        line = lines.get((section, key)) or lines.get((f"{section}.{key}".strip("."), ""))
        line = line or lines.get((section, ""))
        named = f"[{section.partition('#')[0]}]" if section else ""
        return ", ".join(part for part in (f"line {line}" if line else "", named, key) if part)

    def problem(self, code: str, section: str, at: str, /, **params: Parameter) -> None:
        self.problems.append(Problem(code, self.where(section, at), params))

    def table(
        self, value: Any, section: str, readers: Mapping[str, Reader], needed: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """Values of a table by key; keys that are not known and values that are wrong are told."""
        if not isinstance(value, dict):
            self.problem("rule_set_wrong_value", section, "", value=str(value), wanted="a section")
            return {}
        read = {}
        for key, one in value.items():
            reader = readers.get(key)
            if reader is None:
                keys = ", ".join(readers)
                self.problem("rule_set_unknown_key", section, key, key=key, keys=keys)
                continue
            try:
                read[key] = reader(self, section, key, one)
            except _Wrong as wrong:
                self.problem(
                    "rule_set_wrong_value", section, key, value=str(one), wanted=str(wrong)
                )
        for key in needed:
            if key not in value:
                self.problem("rule_set_missing_key", section, key, key=key)
        return read


_HEADER = re.compile(r"^\s*\[(\[?)\s*([A-Za-z0-9_.-]+)\s*\]\]?")
_KEY = re.compile(r"^\s*([A-Za-z0-9_-]+)\s*=")


def _lines_of(text: str) -> dict[tuple[str, str], int]:
    """Line of each key and section header; the n-th table of an array is ``name#n``."""
    lines: dict[tuple[str, str], int] = {}
    section, count = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.match(line)
        if header:
            section = header[2]
            if header[1]:
                count += 1
                section = f"{section}#{count}"
            lines.setdefault((section, ""), number)
        elif key := _KEY.match(line):
            lines.setdefault((section, key[1]), number)
    return lines


def _text(_reading: _Reading, _section: str, _key: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _Wrong("a text")
    return value


def _name(_reading: _Reading, _section: str, _key: str, value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", value):
        raise _Wrong("letters, digits, points and dashes")
    return value


def _flag(_reading: _Reading, _section: str, _key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("true or false")
    return value


def _count(least: int) -> Reader:
    def read(_reading: _Reading, _section: str, _key: str, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise _Wrong(f"a whole number of at least {least}")
        return value

    return read


def _number(most: int) -> Reader:
    def read(_reading: _Reading, _section: str, _key: str, value: Any) -> Decimal:
        known = isinstance(value, int | Decimal) and not isinstance(value, bool)
        if not known or not Decimal(value).is_finite() or not 0 <= value <= most:
            raise _Wrong(f"a number from 0 to {most}")
        return Decimal(value)

    return read


def _codes(codelist: Codelist) -> Reader:
    def read(reading: _Reading, section: str, key: str, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise _Wrong("a list of codes")
        for one in value:
            if one not in codelist:
                reading.problem(
                    "rule_set_unknown_code",
                    section,
                    key,
                    value=one,
                    codes=", ".join(code.value for code in codelist.codes),
                )
        return tuple(value)

    return read


def _settings(read: Callable[[Mapping[str, Any]], Any]) -> Reader:
    """Section that another part of the rules reads; its problems get their line."""

    def read_section(reading: _Reading, _section: str, _key: str, value: Any) -> Any:
        if not isinstance(value, dict):
            raise _Wrong("a section")
        plain = _with_floats(value)
        try:
            read(plain)
        except Refused as refused:
            for one in refused.problems:
                table, _, name = one.where.rpartition(".")
                where = reading.where(table, name)
                reading.problems.append(Problem(one.code, where, one.params))
        return plain

    return read_section


def _with_floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_floats(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_with_floats(one) for one in value]
    return float(value) if isinstance(value, Decimal) else value


def _word(*words: str) -> Reader:
    def read(_reading: _Reading, _section: str, _key: str, value: Any) -> str:
        if value not in words:
            raise _Wrong(" or ".join(words))
        return str(value)

    return read


def _any(_reading: _Reading, _section: str, _key: str, value: Any) -> Any:
    if not isinstance(value, dict):
        raise _Wrong("a section")
    return value


def _tables(_reading: _Reading, _section: str, _key: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _Wrong("a list of sections")
    return value


_DEMAND: dict[str, Reader] = {
    "reports": _codes(lists_work.ACTIVITY),
    "criteria": _codes(lists_work.RELEASE_CRITERION),
    "technical_asset": _flag,
    "coverage_percent": _number(100),
    "coverage_with_percent": _number(100),
    "coverage_without_percent": _number(100),
    "depth_reached": _flag,
    "depth_cm": _number(10_000),
    "least_depth_cm": _number(10_000),
    "items_listed": _flag,
    "visits": _count(0),
    "sampled_percent": _number(100),
    "blocked_by": _codes(lists_quality.SEVERITY),
}
_CONDITIONS: dict[str, Reader] = {
    "release_types": _codes(lists_land.RELEASE_TYPE),
    "hazard_types": _codes(lists_land.AREA_TYPE),
    "intended_uses": _codes(lists_work.LAND_USE),
}
_CONFIRM: dict[str, Reader] = {
    "direct_evidence": _codes(lists_land.DIRECT_EVIDENCE),
    "evidence_class": _flag,
}
_HANDOVER: dict[str, Reader] = {
    "signatories": _codes(SIGNATORY_ROLE),
    "marker_types": _codes(MARKER_TYPE),
    "markers_recorded": _flag,
    "residual_risk": _flag,
    "liability": _flag,
    "recipients": _flag,
    "purpose": _flag,
    "blocked_by": _codes(lists_quality.SEVERITY),
}
_TOP: dict[str, Reader] = {
    "name": _name,
    "version": _count(1),
    "about": _text,
    "strict": _word(RUNNING, ALWAYS),
    CONFIRM: _any,
    **dict.fromkeys(RELEASE_TYPES, _any),
    "exception": _tables,
    "handover": _any,
    "gate": _settings(gate_rules_of),
    "rates": _settings(rates_of),
}


def read_rule_set(text: str) -> RuleSet:
    """Read a rule set strictly: every key is known, every value of its type, every code listed.

    Raises
    ------
    Refused
        ``rule_set_not_toml``, ``rule_set_unknown_key``, ``rule_set_wrong_value``,
        ``rule_set_unknown_code``, ``rule_set_missing_key``: all that is wrong, with line and
        section; ``setting_unknown``, ``setting_bad`` under ``[gate]`` and ``[rates]``.
    """
    if len(text) > _LONGEST:
        raise Refused(Problem("rule_set_not_toml", "", {"why": f"over {_LONGEST} characters"}))
    try:
        value = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Refused(Problem("rule_set_not_toml", "", {"why": str(error)})) from None
    reading = _Reading(text)
    top = reading.table(value, "", _TOP, ("name", "version", "about"))
    confirm = reading.table(top.get(CONFIRM, {}), CONFIRM, _CONFIRM)
    demands = {
        one: Demand(**reading.table(top.get(one, {}), one, _DEMAND)) for one in RELEASE_TYPES
    }
    exceptions = tuple(
        _exception(reading, one, f"exception#{number}")
        for number, one in enumerate(top.get("exception", ()), 1)
    )
    handover = HandoverDemand(**reading.table(top.get("handover", {}), "handover", _HANDOVER))
    if reading.problems:
        raise Refused(*reading.problems)
    return RuleSet(
        name=top["name"],
        version=top["version"],
        text=text,
        sha256=hashlib.sha256(text.encode("utf-8")).hexdigest(),
        about=top["about"],
        strict=top.get("strict", RUNNING),
        evidence=confirm.get("direct_evidence", ()),
        evidence_class=confirm.get("evidence_class", False),
        demands=demands,
        exceptions=exceptions,
        handover=handover,
        gate=top.get("gate", {}),
        rates=top.get("rates", {}),
    )


def _exception(reading: _Reading, value: Any, section: str) -> ExceptionFor:
    read = reading.table(value, section, {**_CONDITIONS, **_DEMAND})
    releases, hazards, uses = (read.pop(name, ()) for name in _CONDITIONS)
    if not (releases or hazards or uses):
        reading.problem("rule_set_missing_key", section, "", key=" or ".join(_CONDITIONS))
    return ExceptionFor(releases, hazards, uses, read)


register(
    {
        "rule_set_not_toml": (
            "The rule set is not TOML: {why}.",
            "Correct the text at that place; tilth rules show prints one that is right.",
        ),
        "rule_set_unknown_key": ("A rule set has no key {key} here.", "Take one of: {keys}."),
        "rule_set_wrong_value": ("{value} is not what is wanted here.", "Give {wanted}."),
        "rule_set_unknown_code": ("{value} is not in the code list.", "Take one of: {codes}."),
        "rule_set_missing_key": (
            "{key} is missing.",
            "Add it; docs/reference/rule-set.md explains every key.",
        ),
    }
)
