"""The gate, which tells what keeps a team from doing a piece of work on a day (rules §6).

Guards are pure: they read the register and answer with problems, each naming the record that
stands in the way and what would open it (`tilth.core.life.gate_rules.GATE`). They bite on
decisions (a task issued, a report approved), never on what an organisation says. A gate is asked
for the days of the work itself, so that what was open on a day stays open for that day's report,
whatever expires later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from tilth.core.days import first_day, iso, last_day
from tilth.core.life.accredited import OPENING, Accreditation, Work, accreditation_of, open_for
from tilth.core.life.gate_rules import GateRules
from tilth.core.life.qualified import (
    Course,
    Outcome,
    in_use,
    passed_days,
    tested_days,
    tests_of,
)
from tilth.core.life.register import Held, Register
from tilth.core.life.spans import Spans, first_gap, joined
from tilth.core.problems import Parameter, Problem

__all__ = ["Ask", "Gates", "gate"]

_USUAL = GateRules()


class Ask(NamedTuple):
    """A question to the gate; days are ordinals, both counted."""

    team: str
    organisation: str
    work: Work
    assets: tuple[str, ...]
    first: int
    last: int


class _Result(NamedTuple):
    """One training result: the course by its record, or its name where it is not recorded."""

    course: str
    known: Course | None
    outcome: Outcome


def gate(  # noqa: PLR0913 - the parts of the question, by name
    register: Register,
    *,
    team: str,
    organisation: str,
    activity: str,
    methods: Sequence[str] = (),
    hazard_types: Sequence[str] = (),
    assets: Sequence[str] = (),
    day: str,
    until: str = "",
    rules: GateRules = _USUAL,
) -> list[Problem]:
    """Everything that stands in the way of a piece of work; empty when nothing does.

    Parameters
    ----------
    team, assets
        Codes, local ids or full ids.
    organisation
        Code or id; the team's own when empty.
    activity, methods, hazard_types
        Codes of the work; what is empty is not asked for.
    day, until
        First and last day of the work, ``day`` alone when the second is empty. A month or year
        means every day of it.
    """
    work = Work(activity, tuple(methods), tuple(hazard_types))
    ask = Ask(team, organisation, work, tuple(assets), first_day(day), last_day(until or day))
    return list(Gates(register, rules).problems(ask))


@dataclass
class Gates:
    """The gate over one state of the register, which remembers what it was asked.

    Parameters
    ----------
    register
        Not to be changed while this is in use.
    """

    register: Register
    rules: GateRules = _USUAL
    accredited: dict[tuple[str, str], list[Accreditation]] = field(default_factory=dict)
    results: dict[tuple[str, str], list[_Result]] = field(default_factory=dict)
    _named: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)
    _organisations: dict[str, str] = field(default_factory=dict)
    _open: dict[tuple[str, str, Work], Spans] = field(default_factory=dict)
    _assets: dict[str, tuple[Spans, Spans]] = field(default_factory=dict)
    _answers: dict[Ask, tuple[Problem, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Sort accreditations and results by who holds them."""
        for kind in ("team", "asset"):
            for held in self.register.of(kind).values():
                owner = self._organisation(str(held.fields.get("organisation", "")) or held.author)
                for name in {held.record, held.local_id, str(held.fields.get("code", ""))}:
                    self._named.setdefault((kind, owner, name), []).append(held.record)
        for held in self.register.of("accreditation").values():
            key = self._holder(held)
            accreditation = accreditation_of(held, self.register.authority)
            self.accredited.setdefault(key, []).append(accreditation)
        courses = {
            record: Course.of(held) for record, held in self.register.of("training_course").items()
        }
        for held in self.register.of("training_result").values():
            self._take_result(held, courses)

    def _take_result(self, held: Held, courses: dict[str, Course]) -> None:
        fields = held.now()
        name = str(fields.get("course", ""))
        course = self.register.find("training_course", name, held.author)
        outcome = Outcome(
            held.happened_on,
            fields.get("result") == "passed",
            str(fields.get("valid_until", "")),
            held.record,
        )
        known = None if course is None else courses[course.record]
        result = _Result(name if course is None else course.record, known, outcome)
        if fields.get("person"):
            self.results.setdefault(("person", str(fields["person"])), []).append(result)
        if fields.get("team"):
            owner = str(fields.get("organisation", "")) or held.author
            key = self._key("team", str(fields["team"]), owner)
            self.results.setdefault(("team", key), []).append(result)

    def problems(self, ask: Ask) -> tuple[Problem, ...]:
        """Everything that stands in the way, organisation first."""
        known = self._answers.get(ask)
        if known is None:
            known = self._answers[ask] = tuple(self._problems(ask))
        return known

    def _problems(self, ask: Ask) -> Iterable[Problem]:
        rules = self.rules
        team = self.find("team", ask.team, ask.organisation)
        organisation = ask.organisation
        if not organisation and team is not None:
            organisation = str(team.fields.get("organisation", "")) or team.author
        if rules.require_organisation:
            key = self._organisation(organisation)
            yield from self._accredited_for("organisation", key, organisation, ask)
        if team is None:
            yield Problem("team_unknown", ask.team, {"team": ask.team})
        if rules.require_team:
            key = f"?{ask.team}" if team is None else team.record
            yield from self._accredited_for("team", key, ask.team, ask)
        if rules.require_training and team is not None:
            yield from self._trained(team, ask)
        for asset in ask.assets:
            yield from self._asset(asset, organisation, ask)

    # -- who is meant ------------------------------------------------------------------------------

    def find(self, kind: str, name: str, organisation: str = "") -> Held | None:
        """Team or asset that a name means; the organisation's own come first."""
        if organisation:
            own = self._named.get((kind, self._organisation(organisation), name), [])
            if len(own) == 1:
                return self.register.of(kind)[own[0]]
        author = self.register.organisation_of(organisation) if organisation else ""
        return self.register.find(kind, name, author)

    def _key(self, kind: str, name: str, organisation: str = "") -> str:
        held = self.find(kind, name, organisation)
        return f"?{name}" if held is None else held.record

    def _organisation(self, name: str) -> str:
        """One key for all names of an organisation: its log, its record, or the name itself."""
        known = self._organisations.get(name)
        if known is None:
            held = self.register.find("organisation", name)
            words = [name, *([] if held is None else (str(held.now().get("code", "")),))]
            if held is not None:
                words += [held.local_id, str(held.now().get("name", ""))]
            logs = (self.register.organisation_of(word) for word in words if word)
            known = next((log for log in logs if log), "" if held is None else held.record)
            known = self._organisations[name] = known or f"?{name}"
        return known

    def _holder(self, held: Held) -> tuple[str, str]:
        fields = held.fields
        kind, name = str(fields.get("holder_type", "")), str(fields.get("holder", ""))
        if kind == "organisation":
            return kind, self._organisation(name)
        return kind, self._key(kind, name, str(fields.get("organisation", "")) or held.author)

    # -- accreditation -----------------------------------------------------------------------------

    def _accredited_for(
        self, holder_type: str, key: str, holder: str, ask: Ask
    ) -> Iterable[Problem]:
        held = self.accredited.get((holder_type, key), [])
        memo = (holder_type, key, ask.work)
        if memo not in self._open:
            self._open[memo] = open_for(ask.work, held)
        day = first_gap(self._open[memo], ask.first, ask.last)
        if day is not None:
            yield _why_not_accredited(held, holder, ask.work, day)

    # -- training ----------------------------------------------------------------------------------

    def _trained(self, team: Held, ask: Ask) -> Iterable[Problem]:
        if self._gap("team", team.record, ask) is None:
            return
        lines = _members(team, ask.first, ask.last)
        if not lines:
            params = {"team": ask.team, "day": iso(ask.first)}
            yield Problem("team_without_members", team.record, params)
        exempt = self.rules.untrained_functions
        people = {person for person, function in lines if function not in exempt}
        for person in sorted(people):
            day = self._gap("person", person, ask)
            if day is not None:
                results = self.results.get(("person", person), [])
                yield _why_not_trained(results, person, ask, day)

    def _gap(self, holder_type: str, key: str, ask: Ask) -> int | None:
        """First day asked on which nobody's result opens; None when one opens all of them."""
        memo = (f"{holder_type} trained", key, ask.work)
        if memo not in self._open:
            by_course: dict[str, list[Outcome]] = {}
            for result in self.results.get((holder_type, key), []):
                if result.known is not None and result.known.covers(ask.work):
                    by_course.setdefault(result.course, []).append(result.outcome)
            self._open[memo] = joined(
                chain.from_iterable(passed_days(some) for some in by_course.values())
            )
        return first_gap(self._open[memo], ask.first, ask.last)

    # -- assets ------------------------------------------------------------------------------------

    def _asset(self, name: str, organisation: str, ask: Ask) -> Iterable[Problem]:
        held = self.find("asset", name, organisation)
        if held is None:
            yield Problem("asset_unknown", name, {"asset": name})
            return
        if self.rules.require_asset_accreditation or ("asset", held.record) in self.accredited:
            yield from self._accredited_for("asset", held.record, name, ask)
        fields = held.now()
        if not self.rules.require_asset_tests:
            return
        if held.record not in self._assets:
            self._assets[held.record] = (in_use(held), tested_days(tests_of(fields)))
        used, tested = self._assets[held.record]
        day = first_gap(used, ask.first, ask.last)
        if day is not None:
            yield Problem("asset_not_in_use", held.record, {"asset": name, "day": iso(day)})
        if fields.get("asset_type") in self.rules.tested_assets:
            day = first_gap(tested, ask.first, ask.last)
            if day is not None:
                yield _why_not_tested(held, name, day)


_CLOSED = (
    "accreditation_suspended",
    "accreditation_expired",
    "accreditation_not_yet",
    "accreditation_withdrawn",
    "accreditation_not_approved",
)


def _why_not_accredited(
    held: Iterable[Accreditation], holder: str, work: Work, day: int
) -> Problem:
    """Tell the nearest to what is needed, of the accreditations that do not open on a day."""
    nearest: tuple[tuple[int, int, int, str], Problem] | None = None
    for one in held:
        code, params = _state_of(one, day)
        phase = one.on(day)
        lacks = phase.lacks(work)
        if not code:
            code, params = "accreditation_scope", {"lacks": ", ".join(lacks)}
            rank = (1, 0)
        else:
            rank = (2 if lacks else 0, _CLOSED.index(code))
        told = {"holder": holder, "work": work.told(), "day": iso(day), **params}
        told["local_id"] = one.held.local_id
        key = (*rank, -phase.expires, one.held.record)
        if nearest is None or key < nearest[0]:
            nearest = key, Problem(code, one.held.record, told)
    if nearest is not None:
        return nearest[1]
    params = {"holder": holder, "work": work.told(), "day": iso(day)}
    return Problem("not_accredited", holder, params)


def _state_of(one: Accreditation, day: int) -> tuple[str, dict[str, Parameter]]:
    """Why an accreditation is not in force on a day, and what to tell of it; "" when it is."""
    phase = one.on(day)
    if not one.counts:
        return "accreditation_not_approved", {}
    if day < one.phases[0].first:
        return "accreditation_not_yet", {"begins": iso(one.phases[0].first)}
    if phase.status == "suspended":
        return "accreditation_suspended", {}
    if phase.status not in OPENING:
        return "accreditation_withdrawn", {}
    if day > phase.expires:
        return "accreditation_expired", {"expired": iso(phase.expires)}
    return "", {}


def _members(team: Held, first: int, last: int) -> set[tuple[str, str]]:
    """People, by code, who may have been in a team on some of the days, with their functions."""
    found = set()
    for values in (team.at(iso(first)), team.at(iso(last))):
        for line in values.get("members", ()):
            begins = first_day(str(line["period_from"])) if line.get("period_from") else first
            ends = last_day(str(line["period_to"])) if line.get("period_to") else last
            if begins <= last and ends >= first and line.get("person"):
                found.add((str(line["person"]), str(line.get("function", ""))))
    return found


def _why_not_trained(results: Iterable[_Result], person: str, ask: Ask, day: int) -> Problem:
    params: dict[str, Parameter] = {
        "person": person,
        "team": ask.team,
        "work": ask.work.told(),
        "day": iso(day),
    }
    taken = [one for one in results if first_day(one.outcome.day) <= day]
    covering = [one for one in taken if one.known is not None and one.known.covers(ask.work)]
    if covering:
        newest = max(covering, key=lambda one: (last_day(one.outcome.day), one.outcome.record))
        outcome = newest.outcome
        if not outcome.passed:
            return Problem("training_failed", outcome.record, params)
        if outcome.expires < day:
            params["expired"] = iso(outcome.expires)
            return Problem("training_expired", outcome.record, params)
    unknown = sorted(
        (one for one in taken if one.known is None and one.outcome.passed),
        key=lambda one: one.outcome.record,
    )
    if unknown:
        params["course"] = unknown[-1].course
        return Problem("training_course_unknown", unknown[-1].outcome.record, params)
    return Problem("training_missing", person, params)


def _why_not_tested(asset: Held, name: str, day: int) -> Problem:
    params: dict[str, Parameter] = {"asset": name, "day": iso(day)}
    newest = [
        max(before, key=lambda one: (last_day(one.day), not one.passed))
        for outcomes in tests_of(asset.now()).values()
        if (before := [one for one in outcomes if first_day(one.day) <= day])
    ]
    if any(not one.passed for one in newest):
        return Problem("asset_test_failed", asset.record, params)
    expired = [one.expires for one in newest if one.passed and one.expires < day]
    if expired:
        params["expired"] = iso(min(expired))
        return Problem("asset_test_expired", asset.record, params)
    return Problem("asset_not_tested", asset.record, params)
