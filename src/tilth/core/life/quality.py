"""Nonconformities: their states, what they block, and how much of the ground was sampled.

A nonconformity bears on the released areas that it names; naming none, on those of its task, and on
those that name no task held here, of its operator on its hazard area; naming no task, on those of
its team. While it is open a critical one stops its task, and a major or critical one blocks
approval of release and handover of what it bears on (issue: quality; closed before handover: IMAS
08.30).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import shapely

from tilth.core.days import first_day, last_day
from tilth.core.geometry.encoding import shapes_of
from tilth.core.geometry.frame import Frame
from tilth.core.geometry.repair import repair_areas
from tilth.core.life.moves import Axis, Move, Standing, standing
from tilth.core.life.register import Held, Register
from tilth.core.statement import split_record_id

__all__ = [
    "AXIS",
    "Case",
    "OpenCases",
    "Sampled",
    "cases",
    "is_overdue",
    "open_against",
    "open_critical",
    "passed",
    "polygons_of",
    "roles_on",
    "same_organisation",
    "sampled_share",
    "speaker_of",
]

AXIS = Axis(
    "nonconformity",
    "open",
    (
        Move("act", ("open", "reopened"), "action_taken", ("inspected",), needs_reason=True),
        Move(
            "close",
            ("action_taken",),
            "closed",
            ("inspector", "authority"),
            guards=("closes_own_action",),
        ),
        Move(
            "reopen",
            ("action_taken", "closed"),
            "reopened",
            ("inspector", "authority"),
            needs_reason=True,
        ),
    ),
    careful=("reopened", "open", "action_taken", "closed"),
)
"""Moves of a nonconformity: who was inspected acts, who inspected or the authority closes."""

CLOSED = "closed"
BLOCKING = ("major", "critical")


class Case(NamedTuple):
    """A nonconformity with its state."""

    held: Held
    fields: Mapping[str, Any]
    standing: Standing

    @property
    def severity(self) -> str:
        """``minor``, ``major`` or ``critical``."""
        return str(self.fields.get("severity", ""))

    @property
    def is_open(self) -> bool:
        """Whether it is not closed."""
        return self.standing.state != CLOSED


def same_organisation(register: Register, code: str, organisation: str) -> bool:
    """Whether a code means the organisation of that id (or of that code, where it has no log)."""
    if not code or not organisation:
        return False
    return (register.organisation_of(code) or code) == organisation or code in register.codes(
        organisation
    )


def speaker_of(register: Register, held: Held) -> str:
    """Organisation id, or code, that a record speaks for: its author.

    The authority may enter the papers of others: there the field ``organisation`` counts.
    """
    named = str(held.fields.get("organisation", ""))
    if held.author != register.authority or not named:
        return held.author
    return register.organisation_of(named) or named


def roles_on(register: Register, held: Held, organisation: str) -> frozenset[str]:
    """Roles of an organisation on a nonconformity: inspector, inspected, authority."""
    found = set()
    if organisation in (held.author, speaker_of(register, held)):
        found.add("inspector")
    if same_organisation(register, str(held.fields.get("inspected", "")), organisation):
        found.add("inspected")
    if organisation == register.authority:
        found.add("authority")
    return frozenset(found)


def cases(register: Register, day: str = "") -> list[Case]:
    """Every nonconformity raised by a day (inclusive) with its state then; in order of record.

    Parameters
    ----------
    day
        Without it: all, with every move held.
    """
    moved: dict[str, list[Held]] = {}
    for change in register.of("status_change").values():
        if change.fields.get("axis") == AXIS.name:
            subject = str(change.fields.get("subject", ""))
            found = register.find("nonconformity", subject, change.author)
            if found is not None:
                moved.setdefault(found.record, []).append(change)
    made = []
    for record, held in sorted(register.of("nonconformity").items()):
        if day and first_day(held.happened_on) > last_day(day):
            continue

        def roles(change: Held, held: Held = held) -> frozenset[str]:
            return roles_on(register, held, speaker_of(register, change))

        now = standing(AXIS, moved.get(record, ()), roles=roles, day=day)
        made.append(Case(held, held.at(day) if day else held.now(), now))
    return made


def is_overdue(case: Case, day: str) -> bool:
    """Whether the day by which it had to be put right is over, and nobody has closed it."""
    due = str(case.fields.get("due_on", ""))
    return bool(due) and case.is_open and last_day(due) < last_day(day)


@dataclass(slots=True)
class OpenCases:
    """Open nonconformities by what they bear on, to be asked about many releases.

    Parameters
    ----------
    day
        As at the end of this day; without it with everything held.
    """

    register: Register
    day: str = ""
    _areas: dict[str, list[Case]] = field(default_factory=dict)
    _tasks: dict[str, list[Case]] = field(default_factory=dict)
    _teams: dict[tuple[str, str], list[Case]] = field(default_factory=dict)
    _hazards: dict[str, list[tuple[str, Case]]] = field(default_factory=dict)
    _stops: dict[str, list[Case]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Sort the open ones by what they bear on."""
        for case in cases(self.register, self.day):
            if case.is_open:
                self._sort_in(case)

    def _sort_in(self, case: Case) -> None:
        register, fields, author = self.register, case.fields, case.held.author
        visit = register.find("qm_visit", str(fields.get("visit", "")), author)
        seen = visit.now() if visit is not None else {}
        task = str(fields.get("task") or seen.get("task") or "")
        task = _record_of(register, "task", task, author)
        team = str(fields.get("team") or seen.get("team") or "")
        areas = [str(one) for one in fields.get("released_areas", ())]
        for area in areas:
            self._areas.setdefault(register.aliases.get(area, area), []).append(case)
        if task:
            self._stops.setdefault(task, []).append(case)
        if areas:
            return
        if task:
            self._tasks.setdefault(task, []).append(case)
            order = register.of("task").get(task)
            values = order.now() if order is not None else {}
            if hazard := str(values.get("hazard", "")):
                code = str(values.get("assigned_to", ""))
                worker = register.organisation_of(code) or code
                self._hazards.setdefault(hazard.rsplit("/", maxsplit=1)[-1], []).append(
                    (worker, case)
                )
        elif team:
            inspected = str(fields.get("inspected") or seen.get("inspected") or "")
            organisation = register.organisation_of(inspected) or inspected
            self._teams.setdefault((organisation, team), []).append(case)

    @property
    def blocking(self) -> bool:
        """Whether any of them stands in the way of anything."""
        kept = (*self._areas.values(), *self._tasks.values(), *self._teams.values())
        return any(case.severity in BLOCKING for some in kept for case in some)

    def critical(self, task: str) -> list[Held]:
        """Critical ones that bear on a task (its record id), in order of record."""
        found = [one.held for one in self._stops.get(task, ()) if one.severity == "critical"]
        return sorted(found, key=lambda one: one.record)

    def against(
        self, fields: Mapping[str, Any], *, record: str = "", every: bool = False
    ) -> list[Held]:
        """Major and critical ones that bear on a released area, in order of record.

        Parameters
        ----------
        fields
            Of the released area.
        record
            Its record id; without it, its local id tells which it is.
        every
            The minor ones too.
        """
        author = split_record_id(record)[0] if record else ""
        name = str(fields.get("local_id", "")) or (split_record_id(record)[2] if record else "")
        found = [*self._areas.get(record, ()), *self._areas.get(name, ())]
        task = _record_of(self.register, "task", str(fields.get("task", "")), author)
        found += self._tasks.get(task, ()) if task else ()
        held = task in self.register.of("task")
        if self._teams or not held:
            code = str(fields.get("organisation", ""))
            workers = {author, self.register.organisation_of(code) or code}
            if not held:  # nobody leaves an open one behind by naming no task, or one unknown
                hazard = str(fields.get("hazard", "")).split("/")[-1]
                on_it = self._hazards.get(hazard, ())
                found += [case for worker, case in on_it if worker in workers]
            for team in fields.get("teams", ()):
                for worker in workers:
                    found += self._teams.get((worker, str(team)), ())
        blocking = {one.held.record: one.held for one in found if every or one.severity in BLOCKING}
        return [blocking[one] for one in sorted(blocking)]


def _record_of(register: Register, kind: str, name: str, author: str) -> str:
    """Record id that a name means, or the name itself."""
    found = register.find(kind, name, author) if name else None
    return found.record if found is not None else name


def open_critical(register: Register, task: str, day: str = "") -> list[Held]:
    """Critical nonconformities on a task (its record id) that are open on a day.

    To ask about many tasks make one `OpenCases`.
    """
    return OpenCases(register, day).critical(task)


def open_against(
    register: Register, fields: Mapping[str, Any], day: str = "", *, record: str = ""
) -> list[Held]:
    """Open major and critical nonconformities that bear on a released area.

    To ask about many releases make one `OpenCases`.
    """
    return OpenCases(register, day).against(fields, record=record)


def passed(sample: Held) -> bool:
    """Whether a sample was passed, and nothing was missed in it."""
    values = sample.now()
    return values.get("result") == "passed" and not int(values.get("items_missed", 0))


@dataclass(frozen=True, slots=True)
class Sampled:
    """How much of a released area passed samples cover.

    Parameters
    ----------
    sampled_m2, area_m2
        Square metres in the operation's frame.
    samples
        Record ids of the samples that count.
    """

    sampled_m2: float
    area_m2: float
    samples: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """Part of the area that was sampled, 0 to 1; 0 for an area without polygon."""
        return min(1.0, self.sampled_m2 / self.area_m2) if self.area_m2 > 0 else 0.0


def sampled_share(
    register: Register, releases: Iterable[Held], samples: Iterable[Held], frame: Frame | None
) -> dict[str, Sampled]:
    """How much of each released area passed samples cover, by record.

    Drawn samples count where they lie, each square metre once; a sample without polygon counts
    the area that it declares, in equal parts for the released areas that it names. A sample from
    before the work's last day counts nothing: the ground was not finished.

    Parameters
    ----------
    frame
        Frame of the operation; without one nothing has been drawn, and all areas are 0.
    """
    held = list(releases)
    if not held:
        return {}
    good = sorted((one for one in samples if passed(one)), key=lambda one: one.record)
    ground, taken = polygons_of(held, frame), polygons_of(good, frame)
    drawn = [(one, shape) for one, shape in zip(good, taken, strict=True) if shape is not None]
    declared = [one for one, shape in zip(good, taken, strict=True) if shape is None]
    sizes = np.nan_to_num(shapely.area(ground)).tolist()  # of no polygon: not a number
    made = {one.record: Sampled(0.0, size) for one, size in zip(held, sizes, strict=True)}
    near: dict[int, list[int]] = {}
    tree = shapely.STRtree([shape for _, shape in drawn])
    for n, m in tree.query(ground, predicate="intersects").T.tolist():
        if _finished(held[n], drawn[m][0]):
            near.setdefault(n, []).append(m)
    for n, some in near.items():
        parts = [shapely.intersection(ground[n], drawn[m][1]) for m in sorted(some)]
        covered = float(shapely.area(shapely.union_all(parts)))
        area = made[held[n].record].area_m2
        names = tuple(drawn[m][0].record for m in sorted(some))
        made[held[n].record] = Sampled(min(area, covered), area, names)
    by_name = _by_name(held) if declared else {}
    for sample in declared:
        _add_declared(register, by_name, made, sample)
    return made


def _finished(release: Held, sample: Held) -> bool:
    """Whether the ground was finished when the sample was taken; the same day counts.

    A sample of a month or a year counts from its first day: it may be of before the work's end.
    """
    return first_day(sample.happened_on) >= last_day(release.happened_on)


def _by_name(releases: Iterable[Held]) -> dict[str, list[Held]]:
    """Releases by record and by local id."""
    found: dict[str, list[Held]] = {}
    for one in releases:
        found.setdefault(one.record, []).append(one)
        found.setdefault(one.local_id, []).append(one)
    return found


def _add_declared(
    register: Register,
    releases: Mapping[str, Sequence[Held]],
    made: dict[str, Sampled],
    sample: Held,
) -> None:
    values = sample.now()
    named = {register.aliases.get(str(n), str(n)) for n in values.get("released_areas", ())}
    part = float(values.get("sampled_area_m2", 0)) / max(1, len(named))
    meant = {one.record: one for name in named for one in releases.get(name, ())}
    for one in meant.values():
        if not _finished(one, sample):
            continue
        known = made[one.record]
        sampled = min(known.area_m2, known.sampled_m2 + part)
        made[one.record] = Sampled(sampled, known.area_m2, (*known.samples, sample.record))


def polygons_of(held: Sequence[Held], frame: Frame | None) -> list[Any]:
    """Valid areal shape in metres of each record's field ``shape``, or None, in their order."""
    made: list[Any] = [None] * len(held)
    if frame is None:
        return made
    values = [one.now().get("shape") for one in held]
    drawn = [
        n
        for n, value in enumerate(values)
        if isinstance(value, Mapping) and value.get("type") in ("Polygon", "MultiPolygon")
    ]
    if not drawn:
        return made
    shapes = frame.project_geometries(shapes_of([values[n] or {} for n in drawn]))
    wrong = ~shapely.is_valid(shapes)
    if wrong.any():
        shapes[wrong] = repair_areas(shapes[wrong])
    for n, shape in zip(drawn, shapes, strict=True):
        made[n] = shape
    return made
