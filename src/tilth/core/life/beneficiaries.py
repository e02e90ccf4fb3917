"""People by sex and age, counted once, in bands that never merge or split a group in silence.

Records keep groups as they were counted (age from, age to). A table asks for bands; a group that
does not lie inside one band is shown under its own ages, since nobody knows how it splits.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tilth.core.findings import Finding, register
from tilth.core.life.register import Held
from tilth.core.problems import Problem, Refused
from tilth.core.problems import register as register_problems

__all__ = ["BANDS", "Band", "Cell", "Counted", "bands_of", "beneficiary_findings", "counted"]

OLDEST = 150


class Band(NamedTuple):
    """Ages in years, both inclusive."""

    first: int
    last: int

    @property
    def name(self) -> str:
        """``5-12``, or ``18+`` for an open end."""
        return f"{self.first}+" if self.last >= OLDEST else f"{self.first}-{self.last}"


BANDS = (Band(0, 17), Band(18, OLDEST))
"""Children and adults: the bands of handover forms (IMSMA NG: men, women, boys, girls)."""


class Cell(NamedTuple):
    """A row of a table of people: ``age`` is a band's name, or the group's own ages."""

    kind: str
    basis: str
    sex: str
    age: str
    in_band: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """People by cell.

    Parameters
    ----------
    people
        Each person of a double-count key once.
    sessions
        People by cell, every record added up: attendances, not people.
    """

    people: Mapping[Cell, int]
    sessions: Mapping[Cell, int]


register_problems(
    {
        "bad_bands": (
            "{text} are no age bands.",
            "Write bands without gaps or overlaps, such as 0-4,5-12,13-17,18+.",
        ),
    }
)


def bands_of(text: str) -> tuple[Band, ...]:
    """Bands from ``0-4,5-12,13-17,18+``.

    Raises
    ------
    Refused
        ``bad_bands`` when they overlap, leave a gap or are not written so.

    Examples
    --------
    >>> [band.name for band in bands_of("0-17,18+")]
    ['0-17', '18+']
    """
    bands = []
    for part in text.replace("–", "-").split(","):
        first, _, last = part.strip().partition("-")
        if first.endswith("+") and not last:
            first, last = first[:-1], str(OLDEST)
        if not (first.isdecimal() and last.isdecimal() and int(first) <= int(last) <= OLDEST):
            raise Refused(Problem("bad_bands", "bands", {"text": text}))
        bands.append(Band(int(first), int(last)))
    joined = all(one.last + 1 == two.first for one, two in itertools.pairwise(bands))
    if not joined:
        raise Refused(Problem("bad_bands", "bands", {"text": text}))
    return tuple(bands)


def counted(records: Iterable[Held], bands: Sequence[Band] = BANDS) -> Counted:
    """Count people of ``eore_session`` and ``beneficiary_count`` records.

    Records with one double-count key speak of the same people: of each group (sex and ages as
    counted) the largest count is taken, once. Without a key, place and month are the key; a
    record without a place stands for itself.
    """
    once: dict[tuple[str, _Group], int] = {}
    sessions: dict[Cell, int] = {}
    for held in records:
        fields = held.now()
        key = _key(held, fields)
        for group, people in _groups(held, fields).items():
            cell = _cell(group, bands)
            sessions[cell] = sessions.get(cell, 0) + people
            once[key, group] = max(once.get((key, group), 0), people)
    reached: dict[Cell, int] = {}
    for (_, group), number in once.items():
        cell = _cell(group, bands)
        reached[cell] = reached.get(cell, 0) + number
    return Counted(dict(sorted(reached.items())), dict(sorted(sessions.items())))


class _Group(NamedTuple):
    kind: str
    basis: str
    sex: str
    first: int
    last: int


def _key(held: Held, fields: Mapping[str, Any]) -> str:
    if given := str(fields.get("double_count_key", "")):
        return given
    place, month = str(fields.get("place", "")), held.happened_on[:7]
    return f"{place}|{month}" if place else held.record


def _groups(held: Held, fields: Mapping[str, Any]) -> dict[_Group, int]:
    """People of a record by group; lines of one group add up."""
    reached = held.kind == "eore_session"
    kind = str(fields.get("beneficiary_kind", "reached" if reached else ""))
    basis = str(fields.get("basis", "actual" if reached else ""))
    groups: dict[_Group, int] = {}
    for line in fields.get("beneficiaries", ()):
        known = "age_from" in line or "age_to" in line
        first = int(line.get("age_from", 0 if known else -1))
        last = int(line.get("age_to", OLDEST if known else -1))
        group = _Group(kind, basis, str(line.get("sex", "unknown")), first, last)
        groups[group] = groups.get(group, 0) + int(line.get("people", 0))
    return groups


def _cell(group: _Group, bands: Sequence[Band]) -> Cell:
    start = (group.kind, group.basis, group.sex)
    if group.first < 0:
        return Cell(*start, "", False)
    for band in bands:
        if band.first <= group.first and group.last <= band.last:
            return Cell(*start, band.name, True)
    return Cell(*start, Band(group.first, group.last).name, False)


def beneficiary_findings(records: Iterable[Held], bands: Sequence[Band] = BANDS) -> list[Finding]:
    """Groups that no band holds, and more first-time or disabled people than people."""
    found = []
    for held in records:
        fields = held.now()
        wide = [g for g in _groups(held, fields) if not _cell(g, bands).in_band]
        if wide:
            ages = ", ".join(sorted({_cell(g, bands).age or "not given" for g in wide}))
            found.append(Finding("age_group_across_bands", held.record, params={"ages": ages}))
        for number, line in enumerate(fields.get("beneficiaries", ()), start=1):
            people = int(line.get("people", 0))
            if max(int(line.get("first_time", 0)), int(line.get("disabled", 0))) > people:
                params = {"line": number, "people": people}
                found.append(Finding("more_than_all", held.record, params=params))
                break
    return found


register(
    {
        "age_group_across_bands": (
            "People were counted in age groups that lie in no band of the table: {ages}.",
            "Count by the bands of the operation, or choose bands that hold these groups; they "
            "are shown apart meanwhile.",
        ),
        "more_than_all": (
            "Line {line} counts {people} people, and more of them for the first time or with a "
            "disability.",
            "Correct the line.",
        ),
    }
)
