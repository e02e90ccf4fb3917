"""The story, act by act, in the order in which the acts arrive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tilth.demonstration import records
from tilth.demonstration.cast import (
    AUTHORITY,
    MEMBERS,
    OPERATORS,
    ORDERED,
    START,
    code_of,
    iso_day,
    member_id,
)
from tilth.demonstration.course import Course, What, ran
from tilth.demonstration.daily import Daybook
from tilth.demonstration.ledger import Told
from tilth.demonstration.life import Life, planned_life
from tilth.demonstration.mandate import Rules
from tilth.demonstration.scale import SCALES
from tilth.demonstration.world import World, built, community_code

__all__ = ["Act", "Party", "Story", "tell"]

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Act:
    """One statement of the story.

    Parameters
    ----------
    number
        Place in the story, from 0; `targets` name acts by it.
    received_on
        ISO day of arrival; acts come in its order.
    author
        Id of the organisation into whose log it goes.
    actor
        Code of who says it.
    act, kind, local_id
        As in the header; ``local_id`` is that of the record, empty for decisions.
    happened_on, said_at
        ISO day in the field; the author's clock, UTC.
    fields
        Canonical content: of a record or correction all fields, of a revision those it states,
        of a decision its reason.
    targets
        Numbers of the acts it replaces (``correct``, ``withdraw``) or decides on (all decisions;
        a ``revoke`` names records in its fields instead), or is issued on (``record`` of a
        handover, whose field ``statements`` is to hold their hashes), all smaller than its own.
    """

    number: int
    received_on: str
    author: str
    actor: str
    act: str
    kind: str
    local_id: str
    happened_on: str
    said_at: str
    fields: Fields
    targets: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation of the story."""

    id: str
    code: str
    name: str
    state: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """Everything known before the first act, and the acts.

    Parameters
    ----------
    operation
        Id of the operation, 32 hexadecimal digits.
    authority
        Id of the authority, which is one of the ``parties``.
    period_from
        ISO day of the mandate.
    """

    operation: str
    name: str
    authority: str
    parties: tuple[Party, ...]
    period_from: str
    seed: int
    scale: str
    _world: World
    _life: Life
    _course: Course

    def __len__(self) -> int:
        """Count the acts."""
        return len(self._course.what)

    def acts(self) -> Iterator[Act]:
        """Tell the story from its beginning; each act is made when it is asked for."""
        return _Teller(self._world, self._life, self._course).acts()


def tell(scale: str = "small", seed: int = 1, *, rules: Rules | None = None) -> Story:
    """Build a story.

    Parameters
    ----------
    scale
        A key of `tilth.demonstration.scale.SCALES`.
    rules
        Rule set that the authority says and decides by; without one decisions name none.

    Raises
    ------
    KeyError
        When there is no such scale.
    """
    world = built(SCALES[scale], seed)
    life = planned_life(world, rules)
    return Story(
        member_id(seed, "operation"),
        "Sael Border Strip",
        member_id(seed, AUTHORITY.code),
        tuple(
            Party(member_id(seed, one.code), one.code, one.name, one.state, one.roles)
            for one in MEMBERS
        ),
        iso_day(ORDERED),
        seed,
        scale,
        world,
        life,
        ran(world, life),
    )


class _Teller:
    """Turns rows of the course into acts."""

    def __init__(self, world: World, life: Life, course: Course) -> None:
        self._world = world
        self._life = life
        self._course = course
        self._daybook = Daybook(world)
        self._places = records.places(world)
        self._ids = [world.organisation_id(at) for at in (*range(len(OPERATORS)), -1)]
        follows = course.speaks_of
        self._fixed = {row for what, row in follows if what == What.REPORT_CORRECTED}
        self._mended = {row for what, row in follows if what == What.RELEASE_CORRECTED}
        self._moved = {row for what, row in follows if what == What.RING_CORRECTED}
        self._makers = {
            What.OPERATION: self._operation,
            What.ORGANISATION: self._organisation,
            What.PLACE: self._place,
            What.HAZARD: self._hazard,
            What.EVIDENCE: self._evidence,
            What.RING_CORRECTED: self._ring_corrected,
            What.RELEASE: self._release,
            What.RELEASE_CORRECTED: self._release_corrected,
            What.REPORT: self._report,
            What.REPORT_CORRECTED: self._report_corrected,
            What.WITHDRAWN: self._withdrawn,
            What.SPOT: self._spot,
            What.SUMMARY: self._summary,
            What.ACCIDENT: self._accident,
            What.DISPUTED: self._disputed,
            What.RETURNED: self._returned,
            What.UNDONE: self._undone,
            What.REVOKED: self._revoked,
        }

    def acts(self) -> Iterator[Act]:
        course = self._course
        rows = zip(
            course.what.tolist(),
            course.index.tolist(),
            course.day.tolist(),
            course.happened.tolist(),
            strict=True,
        )
        for number, (what, row, day, happened) in enumerate(rows):
            event = What(what)
            if event in (What.VOUCHED, What.APPROVED):
                operator, act, kind, local_id, fields, targets = self._batch(event, row)
            elif event is What.TOLD:
                yield self._told(number, row, day)
                continue
            elif event in _REVISIONS:
                operator, act, kind, local_id, fields, targets = self._revised(event, row, happened)
            else:
                operator, act, kind, local_id, fields, targets = self._makers[event](row, happened)
            yield Act(
                number,
                iso_day(day),
                self._ids[operator],
                _at_desk(operator, act, number),
                act,
                kind,
                local_id,
                fields.get("happened_on", iso_day(happened)),
                _said_at(number, day),
                fields,
                targets,
            )

    def _told(self, number: int, row: int, day: int) -> Act:
        """An act of the life around the work."""
        one: Told = self._course.told[row]
        return Act(
            number,
            iso_day(day),
            self._ids[one.operator],
            _at_desk(one.operator, one.act, number),
            one.act,
            one.kind,
            one.local_id,
            iso_day(one.happened),
            _said_at(number, day),
            one.content(),
            self._course.subjects[row],
        )

    def _subject(self, what: What, row: int) -> tuple[int, ...]:
        return (self._course.speaks_of[int(what), row],)

    def _operation(self, _row: int, _day: int) -> _Made:
        return _record(-1, "operation", records.operation(self._world))

    def _organisation(self, row: int, _day: int) -> _Made:
        return _record(-1, "organisation", records.organisation(self._world.seed, MEMBERS[row]))

    def _place(self, row: int, _day: int) -> _Made:
        return _record(-1, "place", self._places[row])

    def _hazard(self, row: int, _day: int) -> _Made:
        fields = records.hazard(self._world, row)
        if row in self._moved:
            fields["shape"] = records.shifted(fields["shape"])
        return _record(self._hazard_owner(row), "hazard_area", fields)

    def _ring_corrected(self, row: int, _day: int) -> _Made:
        made = _record(self._hazard_owner(row), "hazard_area", records.hazard(self._world, row))
        return _corrected(made, self._subject(What.RING_CORRECTED, row))

    def _evidence(self, row: int, day: int) -> _Made:
        fields = records.evidence(self._world, row, day)
        return _record(self._hazard_owner(row), "evidence_point", fields)

    def _revised(self, event: What, row: int, day: int) -> _Made:
        """An event in the life of a hazard, with its own day."""
        fields: Fields = {"happened_on": iso_day(day)}
        if event is What.SUSPECTED:
            fields |= {"classification": "SHA"}
        elif event is What.CONFIRMED:
            fields |= {"classification": "CHA", "evidence": "direct"}
            fields |= {"direct_evidence": ["ordnance_seen"]}
        elif event is What.REPLACED:
            fields |= {"replaced": True}
        elif event is What.REDRAWN:
            fields |= {"shape": records.redrawn(self._world, row)}
        else:
            fields |= {"required_depth_cm": "40", "required_search": "subsurface"}
        local_id = self._world.local_ids["hazard_area"][row]
        return self._hazard_owner(row), "revise", "hazard_area", local_id, fields, ()

    def _release(self, row: int, _day: int) -> _Made:
        fields = records.release(self._world, row) | self._life.of_release(row)
        if row in self._mended:
            fields["depth_cm"] = "5"  # what the authority sends back
        return _record(int(self._world.releases.organisation[row]), "released_area", fields)

    def _release_corrected(self, row: int, _day: int) -> _Made:
        made = _record(
            int(self._world.releases.organisation[row]),
            "released_area",
            records.release(self._world, row) | self._life.of_release(row),
        )
        return _corrected(made, self._subject(What.RELEASE_CORRECTED, row))

    def _report(self, row: int, _day: int) -> _Made:
        wrong = row in self._fixed
        fields = self._daybook.mistaken(row) if wrong else self._daybook.report(row)
        fields |= self._life.of_report(row)
        return _record(int(self._world.reports.organisation[row]), "clearance_report", fields)

    def _report_corrected(self, row: int, _day: int) -> _Made:
        made = _record(
            int(self._world.reports.organisation[row]),
            "clearance_report",
            self._daybook.report(row) | self._life.of_report(row),
        )
        return _corrected(made, self._subject(What.REPORT_CORRECTED, row))

    def _withdrawn(self, row: int, _day: int) -> _Made:
        operator = int(self._world.reports.organisation[row])
        local_id = self._world.local_ids["clearance_report"][row]
        fields = {"reason": "Sent twice under two numbers"}
        subject = self._subject(What.WITHDRAWN, row)
        return operator, "withdraw", "clearance_report", local_id, fields, subject

    def _spot(self, row: int, _day: int) -> _Made:
        fields = records.spot_task(self._world, row)
        return _record(int(self._world.spots.organisation[row]), "spot_task", fields)

    def _summary(self, row: int, day: int) -> _Made:
        operator, community, start, pieces = self._course.summaries[row]
        code = OPERATORS[operator].code
        fields = {
            "local_id": f"{code}-SU-{row + 1:03d}",
            "happened_on": iso_day(day),
            "organisation": code,
            "place": community_code(community),
            "period_from": iso_day(max(start, START)),
            "period_to": iso_day(day),
            "activity": "clearance",
            "declared_area_m2": str(1000 * (row + 7)),
            "items_total": pieces,
        }
        return _record(operator, "clearance_summary", fields)

    def _accident(self, row: int, day: int) -> _Made:
        release = self._release_of(What.ACCIDENT, row)
        return _record(-1, "accident", records.accident(self._world, release, row + 1, day))

    def _revoked(self, row: int, _day: int) -> _Made:
        release = self._release_of(What.REVOKED, row)
        return _decision(-1, "revoke", records.revocation(self._world, release, row + 1), ())

    def _disputed(self, row: int, _day: int) -> _Made:
        operator = self._hazard_owner(int(self._world.releases.hazard[row]))
        reason = {"reason": "We cleared and reported this ground before"}
        return _decision(operator, "dispute", reason, self._subject(What.DISPUTED, row))

    def _returned(self, row: int, _day: int) -> _Made:
        reason = {"reason": "Depth reached is less than the depth required"}
        return _decision(-1, "return", reason, self._subject(What.RETURNED, row))

    def _undone(self, row: int, _day: int) -> _Made:
        reason = {"reason": "Returned on the wrong paper"}
        return _decision(-1, "undo", reason, self._subject(What.UNDONE, row))

    def _batch(self, event: What, row: int) -> _Made:
        targets = tuple(sorted(self._course.batches[row]))
        if event is What.APPROVED:
            rules = self._life.rule_set
            return _decision(-1, "approve", {"rule_set": rules} if rules else {}, targets)
        return _decision(self._course.members[row], "vouch", {}, targets)

    def _hazard_owner(self, row: int) -> int:
        return int(self._world.plan.organisation[row])

    def _release_of(self, what: What, row: int) -> int:
        return int(self._course.index[self._course.speaks_of[int(what), row]])


_Made = tuple[int, str, str, str, Fields, tuple[int, ...]]
"""Operator (-1: authority), act, kind, local id, fields, targets."""

_QUALITY = ("vouch", "approve", "return", "revoke", "undo", "recall", "lift")
_DESK = dict.fromkeys(_QUALITY, "QA")
_REVISIONS = (What.SUSPECTED, What.CONFIRMED, What.REPLACED, What.REDRAWN, What.RAISED)


def _at_desk(operator: int, act: str, number: int) -> str:
    """Code of who says it: of the desk of records, or of quality."""
    return f"{code_of(operator)}-{_DESK.get(act, 'IM')}{number % 3 + 1}"


def _said_at(number: int, day: int) -> str:
    second = number * 7919 % 32_400  # some time between 8:00 and 17:00
    return f"{iso_day(day)}T{_clock(second)}Z"


def _clock(second: int) -> str:
    return f"{8 + second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"


def _record(operator: int, kind: str, fields: Fields) -> _Made:
    return operator, "record", kind, fields["local_id"], fields, ()


def _corrected(made: _Made, targets: tuple[int, ...]) -> _Made:
    operator, _, kind, local_id, fields, _ = made
    return operator, "correct", kind, local_id, fields, targets


def _decision(operator: int, act: str, fields: Fields, targets: tuple[int, ...]) -> _Made:
    return operator, act, "decision", "", fields, targets
