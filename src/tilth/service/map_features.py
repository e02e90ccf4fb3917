"""From books to the features of the map's layers: what is drawn, of whom, at which levels and days.

What a layer has more, in the columns ``more`` and ``most``: hazards the day of the first release on
them and the day from which no ground remains (0 for never); released land 1 where the release is in
doubt (revoked or recalled, wholly or in part); items the pieces; findings the kind of the record
concerned.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from tilth.core.chains import LEVELS, PRUDENT
from tilth.core.days import NEVER, first_day, last_day
from tilth.core.geometry.encoding import shape_of
from tilth.core.geometry.frame import Frame
from tilth.core.land.book import LandBook
from tilth.core.land.clusters import Cluster
from tilth.core.land.rows import LandRows
from tilth.core.land.views import ProcessedView
from tilth.core.life.tasks import timeline
from tilth.core.statement import split_record_id
from tilth.exchange.tiles import areas_of, simplified, world_of
from tilth.service.ground import KINDS_OF_ITEMS, Books, items_in_force
from tilth.service.map_arrays import COLUMNS, Part
from tilth.service.map_ground import (
    HAZARD_CLASSES,
    Faces,
    drawn_hazards,
    drawn_releases,
    worked_days,
)
from tilth.service.register import held, register_of
from tilth.service.session import Session
from tilth.service.tasks import task_cases

__all__ = [
    "COARSE_ZOOM",
    "Gathered",
    "Names",
    "evidence",
    "ground",
    "items",
    "morton",
    "reports",
    "tasks",
]

COARSE_ZOOM = 11
"""Up to this zoom areas are drawn from outlines in which only what is seen there is left."""
_LINES_AT_ONCE = 50_000
_POINT_BYTES = 21
_CLAIMS = ("cancelled", "reduced", "cleared")


@dataclass(slots=True)
class Names:
    """Records and words of a position by number: what the small columns stand for."""

    records: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    organisations: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    classes: dict[str, list[str]] = field(default_factory=dict)
    first: int = 0
    """Number of the first record here; those before are of the base."""
    called: Callable[[str], str] = str
    """Name of an organisation by its id."""
    numbers: dict[str, int] = field(default_factory=dict)
    _places: dict[str, dict[str, int]] = field(default_factory=dict)

    def beside(self) -> Names:
        """Names of what comes beside these: records go on counting, words stay what they are."""
        words = {layer: list(some) for layer, some in self.classes.items()}
        first = self.first + len(self.records)
        authors, organisations = list(self.authors), list(self.organisations)
        return Names([], [], authors, organisations, list(self.kinds), words, first, self.called)

    def record(self, record: str, label: str) -> int:
        """Number of a record; its label is what people find it by."""
        if record not in self.numbers:
            self.numbers[record] = self.first + len(self.records)
            self.records.append(record)
            self.labels.append(label)
        return self.numbers[record]

    def number(self, table: str, word: str) -> int:
        """Place of a word in a table of at most 255 words; what comes later shares the last."""
        words = self._table(table)
        known = self._places.setdefault(table, {one: n for n, one in enumerate(words)})
        if word not in known:
            if len(words) >= 255:
                return 254
            known[word] = len(words)
            words.append(word)
        return known[word]

    def _table(self, table: str) -> list[str]:
        plain = {"authors": self.authors, "organisations": self.organisations, "kinds": self.kinds}
        return plain[table] if table in plain else self.classes.setdefault(table, [])


@dataclass(slots=True)
class Gathered:
    """Features of a layer as they are found; the same ground at several levels is one feature."""

    rows: dict[tuple[Any, ...], int] = field(default_factory=dict)
    shapes: list[Any] = field(default_factory=list)
    of_shape: dict[str, int] = field(default_factory=dict)

    def add(self, key: str, shape: Any, row: tuple[Any, ...], levels: int) -> None:
        """Add a feature: ``row`` is (record, cls, author, organisation, since, until, more, most).

        ``key`` names the shape.
        """
        at = self.of_shape.setdefault(key, len(self.shapes))
        if at == len(self.shapes):
            self.shapes.append(shape)
        full = (at, *row)
        self.rows[full] = self.rows.get(full, 0) | levels

    def part(self, frame: Frame | None, *, points: bool = False) -> Part:
        """Everything added, sorted along the Morton curve of the middles.

        Shapes are metres of the frame, or degrees where no frame is given.
        """
        shapes = np.empty(len(self.shapes), dtype=object)
        shapes[:] = self.shapes
        m2 = shapely.area(shapes) if frame is not None else np.zeros(len(shapes))
        degrees = frame.unproject_geometries(shapes) if frame is not None else shapes
        world = shapely.transform(degrees, lambda lonlat: world_of(lonlat).astype(np.float64))
        table = np.array([*self.rows], dtype=np.int64).reshape(-1, 9)
        columns = _columns(table[:, 1:], np.array([*self.rows.values()], np.uint8), m2[table[:, 0]])
        box = shapely.bounds(world).reshape(-1, 4)
        middle = (box[:, :2] + box[:, 2:]) / 2
        if points and len(shapes):
            inside = shapely.point_on_surface(world)
            middle = shapely.get_coordinates(inside)
        keys = morton(middle[table[:, 0]].astype(np.uint32).reshape(-1, 2))
        order = np.argsort(keys, kind="stable")
        at = table[order, 0]
        part = Part(
            {name: values[order] for name, values in columns.items()},
            middle[at].astype(np.uint32).reshape(-1, 2),
            box[at].astype(np.uint32).reshape(-1, 4),
        )
        if points:
            part.keys = keys[order]
        else:
            part.areas = areas_of(world[at])
            part.coarse = areas_of(simplified(world, COARSE_ZOOM)[at])
        return part


def _columns(
    table: NDArray[np.int64], levels: NDArray[np.uint8], m2: NDArray[np.float64]
) -> dict[str, NDArray[Any]]:
    record, cls, author, organisation, since, until, more, most = table.T
    values = {
        "record": record,
        "levels": levels,
        "cls": cls,
        "author": author,
        "organisation": organisation,
        "since": since,
        "until": until,
        "more": more,
        "most": most,
        "m2": m2,
    }
    return {name: np.ascontiguousarray(values[name], dtype=kind) for name, kind in COLUMNS.items()}


def morton(xy: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Keys along the Morton curve of the world grid: bits of x and y by turns.

    Each tile of any zoom is one stretch of keys.
    """

    def spread(values: NDArray[np.uint32]) -> NDArray[np.uint64]:
        wide = values.astype(np.uint64)
        for shift, mask in (
            (16, 0x0000FFFF0000FFFF),
            (8, 0x00FF00FF00FF00FF),
            (4, 0x0F0F0F0F0F0F0F0F),
            (2, 0x3333333333333333),
            (1, 0x5555555555555555),
        ):
            wide = (wide | (wide << np.uint64(shift))) & np.uint64(mask)
        return wide

    return np.asarray((spread(xy[:, 1]) << np.uint64(1)) | spread(xy[:, 0]))


def label_of(book: LandBook, record: str, national: Mapping[str, str]) -> str:
    """What people find a record by: its own id, its national id, its name, its place."""
    fields: Mapping[str, Any] = {}
    for said in book.statements.get(record, ()):
        fields = {**fields, **(said.fields or {})}
    return words_of(record, fields, national)


def words_of(record: str, fields: Mapping[str, Any], national: Mapping[str, str]) -> str:
    """The same from the record's fields; words are parted by tabs, the first one is the id."""
    named = (national.get(record), fields.get("name"), fields.get("place"))
    words = [split_record_id(record)[2], *(str(one) for one in named if one)]
    return "\t".join(one.replace("\t", " ").replace("\n", " ") for one in words)


def ground(
    books: Books,
    names: Names,
    rows: Mapping[str, LandRows],
    records: Collection[str],
    clusters: Iterable[Cluster],
) -> tuple[Gathered, Gathered]:
    """Features of hazards and of released land.

    Parameters
    ----------
    rows
        Account at each level, of (at least) the clusters of these records.
    clusters
        Those that hold ground of these records.
    """
    book = books.land
    national = {record: name for name, record in book.aliases.items()}
    hazards, released = Gathered(), Gathered()
    names.classes["hazards"] = list(HAZARD_CLASSES)
    names.classes["released"] = list(_CLAIMS)
    of_hazards = [one for one in records if book.kinds.get(one) == "hazard_area"]
    of_releases = [one for one in records if book.kinds.get(one) == "released_area"]
    clusters, cut = list(clusters), Faces(book)
    who = {record: _who(books, names, record, national) for record in (*of_hazards, *of_releases)}
    for name, level in LEVELS.items():
        days, bit = worked_days(rows[name]), 1 << (level - 1)
        for one in drawn_hazards(book, level, of_hazards):
            first, done = (_day(day) for day in days.get(one.record, (NEVER, NEVER)))
            row = (*_head(who, one), first, done)
            hazards.add(one.key, one.shape, row, bit)
        for one in drawn_releases(book, level, of_releases, clusters, cut):
            row = (*_head(who, one), int(one.record in book.revoked), 0)
            released.add(one.key, one.shape, row, bit)
    return hazards, released


def _head(who: Mapping[str, tuple[int, int, int]], one: Any) -> tuple[int, ...]:
    record, author, organisation = who[one.record]
    return record, one.cls, author, organisation, one.since, one.until


def _day(day: int) -> int:
    return 0 if day == NEVER else day


def _who(
    books: Books, names: Names, record: str, national: Mapping[str, str]
) -> tuple[int, int, int]:
    """Numbers of the record, its author, and the organisation whose work it is."""
    author = split_record_id(record)[0]
    said = books.land.statements[record][-1]
    organisation = books.named(str((said.fields or {}).get("organisation", ""))) or names.called(
        author
    )
    return (
        names.record(record, label_of(books.land, record, national)),
        names.number("authors", author),
        names.number("organisations", organisation),
    )


def reports(books: Books, names: Names, records: Iterable[str]) -> Gathered:
    """Polygons of clearance reports: land processed, which releases nothing."""
    book = books.land
    national = {record: name for name, record in book.aliases.items()}
    found = Gathered()
    for record in records:
        if book.kinds.get(record) != "clearance_report":
            continue
        views = book.views[record]
        if not any(views):
            continue
        number, author, organisation = _who(books, names, record, national)
        fields = book.statements[record][-1].fields or {}
        methods = sorted(
            {*fields.get("methods", ()), *(one.get("method", "") for one in fields.get("work", ()))}
            - {""}
        )
        word = methods[0] if len(methods) == 1 else "several" if methods else ""
        cls = names.number("reports", word)
        for level, view in enumerate(views):
            if isinstance(view, ProcessedView):
                row = (number, cls, author, organisation, view.opens, NEVER, 0, 0)
                for key in view.keys:
                    found.add(key, book.geometry[key], row, 1 << level)
    return found


def tasks(session: Session, books: Books, names: Names, only: Collection[str] | None) -> Gathered:
    """Worksites of tasks, else their hazard areas, by their state from day to day.

    A task is drawn at *verified* and above where its newest statement has that level, at *prudent*
    always: an order is no claim about ground.
    """
    register, frame, found = register_of(session), session.frame(), Gathered()
    if frame is None or (only is not None and not only):
        return found
    for record, case in sorted(task_cases(session, register).items()):
        if only is not None and record not in only:
            continue
        fields = case.task.now()
        shape = fields.get("shape") or (case.hazard.now().get("shape") if case.hazard else None)
        if not isinstance(shape, Mapping) or shape["type"] not in ("Polygon", "MultiPolygon"):
            continue
        metres = frame.project_geometries(np.array([shape_of(shape)], dtype=object))[0]
        number = names.record(record, words_of(record, fields, {}))
        organisation = books.named(str(fields.get("assigned_to", ""))) or names.called(
            case.task.author
        )
        who = (
            names.number("authors", case.task.author),
            names.number("organisations", organisation),
        )
        line = timeline(register, case)
        since = first_day(case.task.happened_on)
        days = [since, *(max(day, since) for day in line.days)]
        states = ["planned", *line.states]
        for begins, ends, state in zip(days, [*days[1:], NEVER], states, strict=True):
            if begins < ends:
                row = (number, names.number("tasks", state), *who, begins, ends, 0, 0)
                found.add(f"{record}", metres, row, _levels(case.task.level))
    return found


def _levels(level: int) -> int:
    """Bits of the levels at which a record is drawn whose newest statement has a level."""
    return sum(1 << (n - 1) for n in range(1, PRUDENT) if level >= n) | 1 << (PRUDENT - 1)


def evidence(
    session: Session, books: Books, names: Names, only: Collection[str] | None
) -> Gathered:
    """Points of evidence, drawn at the levels of their newest statement and at *prudent* always."""
    found = Gathered()
    store = session.workspace.store
    wanted = only
    if wanted is None:
        wanted = {str(row[0]) for row in store.select("evidence_point", ["record"])}
    national = {record: name for name, record in books.land.aliases.items()}
    for record, one in sorted(held(session, wanted).items()) if wanted else ():
        fields = one.now()
        point = fields.get("point")
        if not isinstance(point, Mapping) or point["type"] != "Point":
            continue
        organisation = books.named(str(fields.get("organisation", ""))) or names.called(one.author)
        row = (
            names.record(record, words_of(record, fields, national)),
            names.number("evidence", str(fields.get("category", ""))),
            names.number("authors", one.author),
            names.number("organisations", organisation),
            first_day(one.happened_on),
            NEVER,
            0,
            0,
        )
        found.add(one.statement, shape_of(point), row, _levels(one.level))
    return found


def items(session: Session, books: Books, names: Names, only: Collection[str] | None) -> Part:
    """Positions of item lines that are in force at some level, by category."""
    levels = _item_levels(books, only)
    national = {record: name for name, record in books.land.aliases.items()}
    columns: list[NDArray[np.int64]] = []
    points: list[NDArray[np.float64]] = []
    for kind in KINDS_OF_ITEMS:
        if "items" not in {one.name for one in session.kinds[kind].fields}:
            continue
        heads = _heads(session, books, names, kind, levels, national, only)
        if not heads:
            continue
        for lonlat, table in _lines(session, names, kind, heads, only):
            points.append(lonlat)
            columns.append(table)
    table = np.concatenate(columns) if columns else np.empty((0, 9), np.int64)
    lonlat = np.concatenate(points) if points else np.empty((0, 2))
    xy = world_of(lonlat)
    keys = morton(xy)
    order = np.argsort(keys, kind="stable")
    made = _columns(table[order, :8], table[order, 8].astype(np.uint8), np.zeros(len(order)))
    return Part(made, xy[order], np.empty((0, 4), np.uint32), keys=keys[order])


def _item_levels(books: Books, only: Collection[str] | None) -> dict[str, int]:
    """Bits of the levels at which a statement that speaks of items is in force, by its hash."""
    records = None if only is None else [one for one in only if one in books.items]
    found: dict[str, int] = {}
    for name, level in LEVELS.items():
        for said in items_in_force(books, name, records).values():
            found[said.hash] = found.get(said.hash, 0) | 1 << (level - 1)
    return found


_Heads = dict[int, tuple[int, ...]]


def _heads(
    session: Session,
    books: Books,
    names: Names,
    kind: str,
    levels: Mapping[str, int],
    national: Mapping[str, str],
    only: Collection[str] | None,
) -> _Heads:
    """By ``seq`` of a statement in force: record, author, organisation, day, levels."""
    defined = {one.name for one in session.kinds[kind].fields}
    wanted = ["seq", "hash", "record", "author", "happened_on"]
    wanted += [one for one in ("organisation", "place") if one in defined]
    where = None if only is None else {"record": sorted(only)}
    found: _Heads = {}
    rows = session.workspace.store.select(kind, wanted, where, until_seq=books.seq)
    for seq, statement, record, author, happened_on, *more in rows:
        bits = levels.get(statement, 0)
        if not bits:
            continue
        named = dict(zip(wanted[5:], more, strict=True))
        organisation = books.named(str(named.get("organisation") or "")) or names.called(
            str(author)
        )
        found[seq] = (
            names.record(record, words_of(record, {"place": named.get("place")}, national)),
            names.number("authors", str(author)),
            names.number("organisations", organisation),
            last_day(happened_on),
            bits,
        )
    return found


def _lines(
    session: Session, names: Names, kind: str, heads: _Heads, only: Collection[str] | None
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.int64]]]:
    """Positions in degrees, and the columns of the features with the levels last."""
    where = None if only is None else {"seq": sorted(heads)}
    rows = session.workspace.store.select(
        kind, ["seq", "category", "quantity", "position"], where, lines="items"
    )
    chunk: list[tuple[int, str, int, bytes]] = []
    for row in rows:
        if row[0] in heads and row[3] is not None and len(row[3]) == _POINT_BYTES:
            chunk.append(row)
            if len(chunk) == _LINES_AT_ONCE:
                yield _chunk(names, heads, chunk)
                chunk = []
    if chunk:
        yield _chunk(names, heads, chunk)


def _chunk(
    names: Names, heads: _Heads, chunk: list[tuple[int, str, int, bytes]]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    packed = np.frombuffer(b"".join(bytes(row[3]) for row in chunk), np.uint8).reshape(-1, 21)
    lonlat = packed[:, 5:].copy().view("<f8")
    table = np.zeros((len(chunk), 9), np.int64)
    head = np.array([heads[row[0]] for row in chunk], np.int64)
    table[:, 0], table[:, 2], table[:, 3], table[:, 4] = (
        head[:, 0],
        head[:, 1],
        head[:, 2],
        head[:, 3],
    )
    table[:, 1] = [names.number("items", str(row[1] or "")) for row in chunk]
    table[:, 5] = NEVER
    table[:, 6] = [row[2] or 0 for row in chunk]
    table[:, 8] = head[:, 4]
    return lonlat, table
