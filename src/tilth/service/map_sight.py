"""Which features of the map a reader sees: by right, level and choice.

A reader's `Sight` is asked of the session once; everything after it works on arrays alone.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tilth.core.chains import LEVELS
from tilth.core.days import NEVER
from tilth.service import map_arrays as arrays
from tilth.service.lens import Everyone, Lens
from tilth.service.map_arrays import Layer, NameTable, Part
from tilth.service.session import Session

__all__ = ["KIND_OF", "STATUSES", "Choice", "Sight", "View", "sight_of", "statuses"]

KIND_OF: Mapping[str, str] = {
    "hazards": "hazard_area",
    "released": "released_area",
    "tasks": "task",
    "reports": "clearance_report",
    "items": "clearance_report",
    "evidence": "evidence_point",
}
"""Kind whose right to read a layer needs; findings need that of the record concerned."""
STATUSES = ("untouched", "part", "done")
"""How far release has come on a hazard: none, some, and no ground remaining."""
_REMEMBERED = "sight"
_SIGHTS = 64


@dataclass(frozen=True, slots=True)
class Sight:
    """What a reader sees of a position's map.

    Parameters
    ----------
    authors
        By kind: a flag for each organisation in whose log records stand.
    records
        By kind: numbers of single records that are seen beside these, ascending.
    is_open
        Whether approved released land that is not in doubt is seen, whoever released it.
    name
        Short name of all of this: equal names, equal sight.
    """

    authors: Mapping[str, tuple[bool, ...]] = field(default_factory=dict)
    records: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    is_open: bool = False
    name: str = ""

    def whole(self, kind: str) -> bool:
        """Whether every record of a kind is seen."""
        return all(self.authors.get(kind, (False,)))


@dataclass(frozen=True, slots=True)
class Choice:
    """What a reader wants to see of what may be seen; empty for all.

    Parameters
    ----------
    classes
        Pairs of a layer and a word of its classes; a layer without any shows all of its.
    organisations
        Names under which work counts.
    status
        Of hazards: one of `STATUSES`.
    text
        Part of an id or name.
    since
        Ordinal of the first day on which what is wanted may begin; 0 for any.
    """

    classes: tuple[tuple[str, str], ...] = ()
    organisations: tuple[str, ...] = ()
    status: str = ""
    text: str = ""
    since: int = 0


@dataclass(frozen=True, slots=True)
class View:
    """A position's map at a level as one reader chose to see it.

    Parameters
    ----------
    folder
        The workspace's.
    """

    folder: Path
    position: str
    level: str
    sight: Sight
    choice: Choice = field(default_factory=Choice)

    @property
    def manifest(self) -> dict[str, Any]:
        """What the map says of itself."""
        return arrays.read_manifest(self.folder, self.position)

    @property
    def names(self) -> NameTable:
        """Ids and labels of the records."""
        return arrays.open_names(self.folder, self.position)

    def layer(self, name: str) -> Layer:
        """Every feature of a layer, seen or not."""
        return arrays.open_layer(self.folder, self.position, name)

    def chosen(
        self, layer: str, part: Part, rows: NDArray[np.int64], until: int = 0
    ) -> NDArray[np.int64]:
        """Those rows of a part that are at the level, seen and wanted.

        Parameters
        ----------
        until
            Day (ordinal) on which they must hold; 0 for any.
        """
        columns, choice = part.columns, self.choice
        bits = columns["levels"][rows] & (1 << (LEVELS[self.level] - 1))
        rows = rows[(bits > 0) & self._seen(layer, part, rows)]
        if until:
            rows = rows[(columns["since"][rows] <= until) & (columns["until"][rows] > until)]
        if choice.since:
            rows = rows[columns["since"][rows] >= choice.since]
        if own := tuple(word for of, word in choice.classes if of == layer):
            words = self.manifest["classes"].get(layer, [])
            rows = rows[_named(columns["cls"][rows], words, own)]
        if choice.organisations:
            words = self.manifest["organisations"]
            rows = rows[_named(columns["organisation"][rows], words, choice.organisations)]
        if choice.status and layer == "hazards":
            rows = rows[statuses(part, rows, until) == STATUSES.index(choice.status)]
        if choice.text:
            rows = rows[self.names.holding(choice.text)[columns["record"][rows]]]
        return rows

    def _seen(self, layer: str, part: Part, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which rows the reader may see in full."""
        author, sight = part.columns["author"][rows], self.sight
        if layer == "findings":
            table = np.zeros((256, 256), bool)
            for at, kind in enumerate(self.manifest["kinds"]):
                own = sight.authors.get(kind, ())
                table[at, : len(own)] = own
            pair = part.columns["most"][rows]
            kinds, other = pair & 0xFF, (pair >> 8) & 0xFF
            # a finding that names two records tells where both are
            return np.asarray(table[kinds, author] & ((other == 0) | table[other, pair >> 16]))
        kind = KIND_OF[layer]
        flags = np.zeros(256, bool)
        flags[: len(sight.authors.get(kind, ()))] = sight.authors.get(kind, ())
        seen = np.asarray(flags[author])
        if sight.records.get(kind):
            seen |= np.isin(part.columns["record"][rows], np.array(sight.records[kind]))
        if layer == "released" and sight.is_open:
            prudent = (part.columns["levels"][rows] & (1 << (LEVELS["prudent"] - 1))) > 0
            seen |= prudent & (part.columns["more"][rows] == 0)
        return seen


def statuses(part: Part, rows: NDArray[np.int64], until: int) -> NDArray[np.int64]:
    """Place in `STATUSES` of hazards on a day (ordinal), or as everything held tells."""
    day = until or NEVER
    first, done = part.columns["more"][rows], part.columns["most"][rows]
    begun = (first > 0) & (first <= day)
    return np.where((done > 0) & (done <= day), 2, np.where(begun, 1, 0))


def _named(numbers: NDArray[Any], words: list[str], wanted: tuple[str, ...]) -> NDArray[np.bool_]:
    flags = np.zeros(256, bool)
    flags[[n for n, word in enumerate(words[:256]) if word in wanted]] = True
    return np.asarray(flags[numbers])


def sight_of(session: Session, position: str) -> Sight:
    """What the person of a session sees of a position's map; remembered until something is said."""
    roles = None if session.roles is None else tuple(sorted(session.roles))
    key = (session.own, roles, Lens(session).since(), position)
    known: OrderedDict[Any, Sight] = session.remembered.setdefault(_REMEMBERED, OrderedDict())
    if key not in known:
        known[key] = _sight(session, position)
        while len(known) > _SIGHTS:
            known.popitem(last=False)
    return known[key]


def _sight(session: Session, position: str) -> Sight:
    folder = session.workspace.path
    manifest = arrays.read_manifest(folder, position)
    lens = Lens(session)
    authors: dict[str, tuple[bool, ...]] = {}
    records: dict[str, tuple[int, ...]] = {}
    for kind in sorted({*KIND_OF.values(), *manifest["kinds"]} - {""}):
        full = lens.organisations_full(kind)
        authors[kind] = tuple(
            isinstance(full, Everyone) or one in full for one in manifest["authors"]
        )
        if single := lens.records_full(kind):
            numbers = _numbers(folder, position)
            found = sorted(numbers[one] for one in single if one in numbers)
            records[kind] = tuple(found)
    # an organisation that is in no log: what it may read of released land is what is open
    is_open = lens.may_read("", "released_area", approved=True) == "full"
    told = repr((sorted(authors.items()), sorted(records.items()), is_open))
    return Sight(authors, records, is_open, sha256(told.encode()).hexdigest()[:12])


@lru_cache(maxsize=4)
def _numbers(folder: Path, position: str) -> Mapping[str, int]:
    """Number of every record at a position; of those in base and beside it the latter."""
    table = arrays.open_names(folder, position)
    return {table.record(number): number for number in range(len(table))}
