"""What is in doubt because something was missed, recalled already or not.

What `tilth.core.life.recall` proposes is worked out from the records held;
`tilth.service.recalling` makes it a decision. Until then it blocks handover all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import shapely

from tilth.core.chains import Said
from tilth.core.days import first_day, last_day
from tilth.core.findings import Finding
from tilth.core.geometry.encoding import shape_of
from tilth.core.life.quality import passed, polygons_of
from tilth.core.life.recall import (
    Check,
    Miss,
    Proposal,
    miss_of,
    missed_areas,
    proposed,
    recall_findings,
)
from tilth.core.life.register import Held, Register
from tilth.core.statement import read_header
from tilth.service.register import held, register_of
from tilth.service.session import Session
from tilth.service.work_table import WorkTable, work_table

__all__ = [
    "MISSES",
    "Proposed",
    "Works",
    "areas_of",
    "covered",
    "findings",
    "named_areas",
    "not_stated",
    "read_miss",
    "recalled",
    "revoked_whole",
    "telling",
    "unnamed",
    "would_recall",
]


class Works(Protocol):
    """Released areas in force as reported, all of them or those that a question is about."""

    @property
    def areas(self) -> Mapping[str, Held]:
        """By record."""
        ...

    def called(self, local_id: str) -> set[str]:
        """Those of a local id, of whatever organisation."""
        ...


MISSES = ("sample_inspection", "accident", "post_clearance_review")
"""Kinds of records that may tell of a missed item."""
NOISE_M2 = 10.0
"""A sample that touches an area by less than that does not cover it (rules §3: noise)."""
_REMEMBERED = "recall"


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a miss puts in doubt.

    Parameters
    ----------
    areas
        Those that no recall of this miss names yet.
    statement
        Hash of the recall that was appended; empty where none was.
    """

    missed: str
    day: str
    areas: tuple[Proposal, ...]
    statement: str = ""


def would_recall(session: Session, missed: Held, beside: Iterable[Held] = ()) -> Proposed | None:
    """What a record puts in doubt, recalled or not; None when it tells of no miss.

    Parameters
    ----------
    missed
        It need not be stored yet.
    beside
        Other records that are said with it.
    """
    table = work_table(session)
    miss = read_miss(session, table, missed)
    if miss is None:
        return None
    return Proposed(miss.record, miss.day, tuple(_proposals(session, table, miss, beside)))


def recalled(session: Session) -> dict[str, tuple[str, ...]]:
    """Released areas in doubt, each with the records that tell of the miss.

    Those that an open recall names, and those that are proposed and named by none: neither is
    handed over before the authority has decided.
    """
    found: dict[str, set[str]] = {}
    for said in register_of(session).recalls.values():
        for record in areas_of(said):
            found.setdefault(record, set()).add(str((said.fields or {}).get("missed", said.hash)))
    for missed, some in unnamed(session).items():
        for one in some:
            found.setdefault(one.record, set()).add(missed)
    return {record: tuple(sorted(misses)) for record, misses in sorted(found.items())}


def findings(session: Session) -> list[Finding]:
    """``recall_missing`` for each area in doubt that no recall names."""
    return recall_findings(unnamed(session))


def unnamed(session: Session) -> dict[str, list[Proposal]]:
    """Proposals that no recall of the same miss names, lifted ones included; by miss.

    Once a recall is stated, ground worked after its day is not in doubt for that miss.
    """
    known = register_of(session)
    if not telling(known):
        return {}
    table = work_table(session)
    return not_stated(known, table, _derived(session, table, known))


def not_stated(
    known: Register, table: Works, proposals: Mapping[str, Sequence[Proposal]]
) -> dict[str, list[Proposal]]:
    """Proposals, by miss, that no recall of the same miss names; see `unnamed`."""
    stated: dict[str, set[str]] = {}
    until: dict[str, str] = {}
    for said in known.decisions():
        if said.act == "recall":
            missed = str((said.fields or {}).get("missed", ""))
            stated.setdefault(missed, set()).update(areas_of(said))
            until[missed] = max(until.get(missed, ""), str((said.fields or {}).get("until", "")))
    found = {}
    for missed, some in proposals.items():
        named = stated.get(missed)
        left = [one for one in some if named is None or one.record not in named]
        if named is not None:
            end = last_day(until[missed]) if until[missed] else 0
            left = [
                one
                for one in left
                if one.record in table.areas
                and first_day(table.areas[one.record].happened_on) <= end
            ]
        if left:
            found[missed] = left
    return found


def _derived(session: Session, table: WorkTable, known: Register) -> dict[str, list[Proposal]]:
    """Proposals of every miss held; worked out anew only when something they read is new."""
    kept, moment = session.remembered.get(_REMEMBERED), _moment(table, known)
    if isinstance(kept, tuple) and kept[0] == moment:
        found: dict[str, list[Proposal]] = kept[1]
        return found
    found = {}
    for one in telling(known):
        miss = read_miss(session, table, one)
        if miss is not None:
            found[one.record] = _proposals(session, table, miss)
    session.remembered[_REMEMBERED] = (moment, found)
    return found


def telling(known: Register) -> list[Held]:
    """Records that tell of a miss, if their place is released ground; in order of record."""
    held_ = (one for kind in MISSES for one in known.of(kind).values())
    found = (one for one in held_ if miss_of(known, one, ("?",)) is not None)
    return sorted(found, key=lambda one: one.record)


def _moment(table: WorkTable, known: Register) -> tuple[Any, ...]:
    """What the proposals depend on."""
    read = (
        (one.statement, *(event.statement for event in one.events))
        for kind in (*MISSES, "handover")
        for one in known.of(kind).values()
    )
    return (table.version, frozenset(read), frozenset(known.revocations))


def _proposals(
    session: Session, table: WorkTable, miss: Miss, beside: Iterable[Held] = ()
) -> list[Proposal]:
    known = register_of(session)
    said = (*known.of("sample_inspection").values(), *beside)
    samples = [one for one in said if one.kind == "sample_inspection" and passed(one)]
    checks = [
        Check(one.record, one.happened_on, covered(session, table, one))
        for one in samples
        if one.record != miss.record
    ]
    gone = revoked_whole(known)
    return [one for one in proposed(miss, table.works(session), checks) if one.record not in gone]


def revoked_whole(known: Register) -> set[str]:
    """Released areas that are revoked whole: they remain again, whatever comes of a recall."""
    return {
        record
        for said in known.revocations.values()
        if "area" not in (said.fields or {})
        for record in areas_of(said)
    }


def read_miss(session: Session, table: Works, held_: Held) -> Miss | None:
    """What a record tells of a missed item and the areas it was missed in; None where of none."""
    if held_.kind not in MISSES:
        return None
    known, values = register_of(session), held_.now()
    if miss_of(known, held_, ("?",)) is None:  # whatever the place, nothing was missed
        return None
    named = named_areas(known, table, held_)
    if held_.kind == "post_clearance_review":
        handover = known.find("handover", str(values.get("handover", "")), held_.author)
        if handover is not None:
            named |= named_areas(known, table, handover)
    place = values.get(
        {"sample_inspection": "missed_at", "accident": "point"}.get(held_.kind, "found_at")
    )
    holding = _holding(session, place, held_.happened_on) if place else set()
    areas = missed_areas(named, holding)
    if not areas and held_.kind == "sample_inspection":
        areas = covered(session, table, held_)
    return miss_of(known, held_, areas)


def named_areas(known: Register, table: Works, held_: Held) -> set[str]:
    """Record ids of the released areas that a record names; a local id may mean several."""
    found = set()
    for name in map(str, held_.now().get("released_areas", ())):
        record = known.aliases.get(name, name)
        if record in table.areas:
            found.add(record)
        else:
            found |= table.called(name)
    return found


def _holding(session: Session, place: Mapping[str, Any], day: str) -> set[str]:
    """Released areas whose polygon holds a point, released by that day."""
    point = shape_of(place)
    west, south, east, north = point.bounds
    return {
        one.record
        for one in _drawn_in(session, (west, south, east, north))
        if shapely.intersects(shape_of(one.now()["shape"]), point)
        and first_day(one.happened_on) <= last_day(day)
    }


def covered(session: Session, table: Works, sample: Held) -> frozenset[str]:
    """Released areas that a sample covers: those it names, and where it is drawn, lies on.

    A sample that names none covers those on which its polygon lies.
    """
    named = named_areas(register_of(session), table, sample)
    shape = sample.now().get("shape")
    if not shape or (frame := session.frame()) is None:
        return frozenset(named)
    drawn = polygons_of([sample], frame)[0]
    candidates = _drawn_in(session, shape_of(shape).bounds)
    polygons = polygons_of(candidates, frame)
    touched = {
        one.record
        for one, polygon in zip(candidates, polygons, strict=True)
        if polygon is not None
        and drawn is not None
        and shapely.area(shapely.intersection(polygon, drawn)) >= NOISE_M2
    }
    if not named:
        return frozenset(touched)
    undrawn = {record for record, one in held(session, named).items() if not one.now().get("shape")}
    return frozenset((named & touched) | undrawn)


def _drawn_in(session: Session, box: tuple[float, float, float, float]) -> list[Held]:
    """Released areas in force whose bounding box meets a box in degrees."""
    store = session.workspace.store
    headers = [read_header(one.header) for one in store.entries_at(store.shapes_in(box))]
    records = {one.record for one in headers if one.kind == "released_area"}
    found = held(session, records)
    return [found[one] for one in sorted(found) if found[one].now().get("shape")]


def areas_of(said: Said) -> list[str]:
    """Released areas that a recall or a revocation names."""
    return [str(one) for one in (said.fields or {}).get("records", ())]
