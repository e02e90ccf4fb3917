"""What ends soon: accreditations, training results and tests of assets that are not renewed yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tilth.core.days import NEVER, first_day, iso, last_day
from tilth.core.life.accredited import Accreditation, Work, open_for
from tilth.core.life.gate import Gates
from tilth.core.life.qualified import Outcome, passed_days, tests_of
from tilth.core.life.spans import first_gap

__all__ = ["Expiring", "expiring"]


class Expiring(NamedTuple):
    """One thing whose last valid day is near.

    Parameters
    ----------
    last
        Last day that counts, ``YYYY-MM-DD``.
    kind, record
        ``accreditation``, ``training_result`` or ``asset``, and the record.
    holder
        Code of the organisation, team, person or asset.
    about
        Codes of the activities accredited, the course, or the test.
    """

    last: str
    kind: str
    record: str
    holder: str
    about: str


def expiring(gates: Gates, today: str, days: int) -> list[Expiring]:
    """What counts today and no longer after some days, the nearest first.

    Parameters
    ----------
    days
        How many days ahead to look; 0 for what ends today.
    """
    begins = first_day(today)
    ends = begins + days
    found = [
        *_accreditations(gates, begins, ends),
        *_training(gates, begins, ends),
        *_tests(gates, begins, ends),
    ]
    return sorted(found)


def _accreditations(gates: Gates, begins: int, ends: int) -> Iterator[Expiring]:
    for held in gates.accredited.values():
        for one in held:
            phase = one.on(begins)
            first, last = phase.open
            if not one.counts or not first <= begins <= last or phase.expires > ends:
                continue
            activities = sorted(phase.scope["activities"])
            if not _renewed(held, activities, phase.expires + 1):
                holder = str(one.held.fields.get("holder", ""))
                about = ", ".join(activities)
                yield Expiring(iso(phase.expires), "accreditation", one.held.record, holder, about)


def _renewed(held: Iterable[Accreditation], activities: Iterable[str], day: int) -> bool:
    """Whether the holder is accredited for every one of the activities on the day after."""
    others = tuple(held)
    return all(
        first_gap(open_for(Work(activity), others), day, day) is None
        for activity in activities or ("",)
    )


def _training(gates: Gates, begins: int, ends: int) -> Iterator[Expiring]:
    for (_, holder), results in gates.results.items():
        by_course: dict[str, list[Outcome]] = {}
        for one in results:
            by_course.setdefault(one.course, []).append(one.outcome)
        for course, outcomes in by_course.items():
            last = _ends(outcomes, begins, ends)
            if last is not None:
                record = _newest(outcomes, begins).record
                name = course.rsplit("/", 1)[-1]
                yield Expiring(
                    iso(last), "training_result", record, holder.rsplit("/", 1)[-1], name
                )


def _tests(gates: Gates, begins: int, ends: int) -> Iterator[Expiring]:
    for record, held in gates.register.of("asset").items():
        fields = held.now()
        if fields.get("status") == "retired":
            continue
        for test, outcomes in tests_of(fields).items():
            last = _ends(outcomes, begins, ends)
            if last is not None:
                holder = str(fields.get("code", held.local_id))
                yield Expiring(iso(last), "asset", record, holder, test)


def _ends(outcomes: Iterable[Outcome], begins: int, ends: int) -> int | None:
    """Last valid day of what is passed today, when it lies before the end of the days asked."""
    for first, last in passed_days(outcomes):
        if first <= begins <= last <= ends and last < NEVER:
            return last
    return None


def _newest(outcomes: Iterable[Outcome], day: int) -> Outcome:
    passed = [one for one in outcomes if one.passed and last_day(one.day) <= day]
    return max(passed, key=lambda one: (last_day(one.day), one.record))
