"""Training results and tests of assets, day by day: passed and still valid, or not.

Of one course, and of one sort of test, the newest on a day counts. As everywhere in the gate a
month or a year is read the stricter way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tilth.core.days import NEVER, first_day, last_day
from tilth.core.life.accredited import Work
from tilth.core.life.register import Held
from tilth.core.life.spans import ALWAYS, Spans, joined, shared

__all__ = ["Course", "Outcome", "in_use", "passed_days", "tested_days"]

QUALIFYING_TESTS = ("calibration", "test_field")
"""Tests that show that an asset finds what it should; maintenance alone shows nothing."""


class Outcome(NamedTuple):
    """A result of a course or of a test: passed or not, on a day, valid until a last day."""

    day: str
    passed: bool
    valid_until: str = ""
    record: str = ""

    @property
    def expires(self) -> int:
        """Last valid day, by ordinal."""
        return first_day(self.valid_until) if self.valid_until else NEVER


@dataclass(frozen=True, slots=True)
class Course:
    """What a course qualifies for; an empty list means everything."""

    record: str
    activities: frozenset[str]
    methods: frozenset[str]

    @classmethod
    def of(cls, held: Held) -> Course:
        """Course of a record, with its revisions."""
        fields = held.now()
        return cls(
            held.record,
            frozenset(fields.get("activities", ())),
            frozenset(fields.get("methods", ())),
        )

    def covers(self, work: Work) -> bool:
        """Whether it qualifies for the activity, and for one of the methods where any is asked.

        Not everybody in a team does everything: that the team covers each method is what its
        accreditation says.
        """
        activity = not (work.activity and self.activities) or work.activity in self.activities
        return activity and (
            not (work.methods and self.methods) or bool(self.methods & set(work.methods))
        )


def passed_days(outcomes: Iterable[Outcome]) -> Spans:
    """Days on which the newest outcome is passed and valid."""
    spans = []
    ordered = sorted(outcomes, key=lambda one: (last_day(one.day), not one.passed, one.record))
    starts = [last_day(one.day) if one.passed else first_day(one.day) for one in ordered]
    for number, outcome in enumerate(ordered):
        if outcome.passed:
            following = min(starts[number + 1 :], default=NEVER)
            spans.append((starts[number], min(outcome.expires, following - 1)))
    return joined(spans)


def tests_of(asset: Mapping[str, Any]) -> dict[str, list[Outcome]]:
    """Outcomes of an asset's tests by sort of test."""
    found: dict[str, list[Outcome]] = {}
    for line in asset.get("tests", ()):
        if line.get("tested_on"):
            found.setdefault(str(line.get("test", "")), []).append(
                Outcome(
                    str(line["tested_on"]),
                    line.get("result") == "passed",
                    str(line.get("valid_until", "")),
                )
            )
    return found


def tested_days(tests: Mapping[str, Sequence[Outcome]]) -> Spans:
    """Days on which an asset counts as tested.

    One test that qualifies is passed and valid, and of every sort of test it ever had until then
    the newest one is.
    """
    valid = {name: passed_days(outcomes) for name, outcomes in tests.items()}
    days = joined(span for name in QUALIFYING_TESTS for span in valid.get(name, ()))
    for name, outcomes in tests.items():
        begun = min(first_day(one.day) for one in outcomes)
        days = shared(days, joined([(0, begun - 1), *valid[name]]))
    return days


def in_use(asset: Held) -> Spans:
    """Days on which an asset is neither under repair nor retired."""
    closed = []
    status, since = str(asset.fields.get("status", "")), 0
    for event in asset.events:
        told = str(event.fields.get("status", ""))
        if not told:
            continue
        if status in _OUT:
            closed.append((since, max(since, last_day(event.happened_on) - 1)))
        status, since = told, first_day(event.happened_on)
    if status in _OUT:
        closed.append((since, NEVER))
    return _outside(joined(closed))


_OUT = ("repair", "retired")


def _outside(closed: Spans) -> Spans:
    days = ALWAYS
    for first, last in closed:
        days = shared(days, joined([(0, first - 1), (last + 1, NEVER)]))
    return days
