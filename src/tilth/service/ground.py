"""Reads the logs into the books of land and items, up to a position."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely

from tilth.core.chains import LEVELS, Said
from tilth.core.geometry.encoding import shapes_of
from tilth.core.geometry.frame import Frame
from tilth.core.geometry.repair import repair_areas
from tilth.core.items.book import ItemBook
from tilth.core.items.bulk import Bulk
from tilth.core.items.context import Lineage
from tilth.core.items.model import ItemSource
from tilth.core.land.book import KINDS_OF_GROUND, LandBook
from tilth.core.land.resolve import statement_in_force
from tilth.core.land.rings import to_grid
from tilth.core.life.register import Register, held_of
from tilth.core.projects import ProjectBook
from tilth.service.session import Session, said_without
from tilth.store.protocol import Entry

__all__ = [
    "KINDS_OF_ITEMS",
    "KINDS_READ",
    "Books",
    "item_book",
    "item_books",
    "item_source",
    "items_in_force",
    "lineage",
    "move_items",
    "places_above",
    "read_books",
    "source_of",
    "take_entries",
]

KINDS_OF_ITEMS = (
    "clearance_report",
    "spot_task",
    "clearance_summary",
    "released_area",
    "stockpile_destruction",
)
KINDS_OF_PAYERS = ("project", "task")
KINDS_OF_NAMES = ("organisation",)
KINDS_READ = tuple(
    sorted(
        {
            *KINDS_OF_GROUND,
            *KINDS_OF_ITEMS,
            *KINDS_OF_PAYERS,
            *KINDS_OF_NAMES,
            *("place", "decision", "operation"),
        }
    )
)
"""Every kind that the accounts read; what is said of others moves neither of them."""

_CHUNK = 2_000
_PARTIES = ("handed_over_to", "received_from")
_AREAL = (3, 6)


@dataclass(slots=True)
class Books:
    """Everything held up to a position, ready for both accounts.

    ``items`` are the statements that speak of items by record; their lines stay in the store and
    are read again when a rollup is made. ``payers`` are projects and the tasks that name them.
    """

    land: LandBook
    items: dict[str, list[Said]]
    others: dict[str, list[Said]]
    payers: dict[str, list[Said]] = field(default_factory=dict)
    seq: int = 0
    names: Register = field(default_factory=lambda: Register(""))

    def named(self, organisation: str) -> str:
        """Name of an organisation, whatever word a record uses for it; see `Register.called`."""
        self.names.refresh()
        return self.names.called(organisation)

    def projects(self) -> ProjectBook:
        """Projects and tasks as reported, by which keys of work are looked up."""
        held: dict[str, dict[str, Mapping[str, Any]]] = {"project": {}, "task": {}}
        for record, statements in self.payers.items():
            said = held_of(statements, self.land.standing)
            if said is not None:
                held[said.kind][record] = said.now()
        return ProjectBook(held["project"], held["task"], self.land.aliases)


def read_books(
    session: Session,
    *,
    until_seq: int,
    books: Books | None = None,
    kinds: Sequence[str] = (*KINDS_OF_GROUND, *KINDS_OF_ITEMS, *KINDS_OF_PAYERS, "place"),
) -> Books:
    """Books with every statement on these kinds up to a ``seq``; given books are brought forward.

    Geometry is decoded in bulk and projected to the operation's frame. A shape of another author
    that is not valid is repaired for the account; what was said stays as it is.
    """
    fields = session.operation_fields()
    if books is None:
        land = LandBook(session.authority, float(fields.get("extension_distance_m", 50)))
        books = Books(land, {}, {}, names=Register(session.authority))
    frame = session.frame()
    entries = session.workspace.store.entries_of_kinds(
        sorted({*kinds, *KINDS_OF_NAMES, "decision"}), after_seq=books.seq, until_seq=until_seq
    )
    for chunk in _chunks(entries):
        take_entries(session, books, chunk, frame)
    books.seq = until_seq
    return books


def _chunks(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    chunk: list[Entry] = []
    for entry in entries:
        chunk.append(entry)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def take_entries(
    session: Session, books: Books, chunk: Sequence[Entry], frame: Frame | None
) -> None:
    """Take statements into the books, their shapes projected to the frame."""
    said: list[Said] = []
    drawn: list[tuple[int, str, Any]] = []
    for entry in chunk:
        one = said_without(entry, "items", session.kinds)
        if isinstance(one.fields, dict):
            drawn += [(len(said), key, value) for key, value in _shapes(one, one.fields)]
        said.append(one)
    geometry: list[dict[str, Any]] = [{} for _ in said]
    if drawn and frame is not None:
        shapes = _projected([value for _, _, value in drawn], frame)
        for (number, key, _), shape in zip(drawn, shapes, strict=True):
            geometry[number][key] = shape
    for one, shapes_of_one in zip(said, geometry, strict=True):
        _keep(books, one, shapes_of_one)


def _shapes(said: Said, fields: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Areal shapes of a statement by key; in the fields a marker stays in their place."""
    name = "area" if said.act == "revoke" else "shape"
    if said.kind not in (*KINDS_OF_GROUND, "decision"):
        return
    value = fields.get(name)
    if value is not None:
        if value["type"] in ("Polygon", "MultiPolygon"):
            fields[name] = True
            yield said.hash, value
        else:
            del fields[name]
    work = [dict(line) for line in fields.get("work", ())]
    for number, line in enumerate(work):
        if "shape" in line:
            yield f"{said.hash}#{number}", line["shape"]
            line["shape"] = True
    if work:
        fields["work"] = work


def _projected(values: Sequence[Any], frame: Frame) -> Any:
    metres = shapely.transform(frame.project_geometries(shapes_of(values)), to_grid)
    wrong = ~shapely.is_valid(metres)
    if wrong.any():
        metres[wrong] = repair_areas(metres[wrong])
    areal = np.isin(shapely.get_type_id(metres), _AREAL)
    metres[~areal] = None
    return metres


def _keep(books: Books, said: Said, geometry: dict[str, Any]) -> None:
    geometry = {key: shape for key, shape in geometry.items() if shape is not None}
    fields = said.fields
    if fields is not None and "shape" in fields and said.hash not in geometry:
        fields = {name: value for name, value in fields.items() if name != "shape"}
        said = replace(said, fields=fields)
    if said.act == "name" and said.organisation == books.land.authority:
        national = str((fields or {}).get("national_id", ""))
        if national:
            books.land.aliases[national] = said.record
    if said.kind in KINDS_OF_GROUND or said.kind == "decision":
        books.land.take(said, geometry)
    if said.kind in KINDS_OF_ITEMS:
        books.items.setdefault(said.record, []).append(said)
        if said.kind not in KINDS_OF_GROUND:
            books.land.know(said)
    elif said.kind in KINDS_OF_PAYERS:
        books.payers.setdefault(said.record, []).append(said)
        books.land.know(said)
    elif said.kind in KINDS_OF_NAMES:
        books.names.take(said)
    elif said.kind == "place":
        books.others.setdefault(said.record, []).append(said)


def item_source(
    session: Session, books: Books, said: Said, planned: Mapping[str, Entry] | None = None
) -> ItemSource:
    """Statement with its item lines, read again from the store or from what is only planned."""
    entry = (planned or {}).get(said.hash)
    if entry is None:
        entry = session.workspace.store.by_hash([said.hash])[said.hash]
    return source_of(books, said, session.fields_of(entry))


def source_of(books: Books, said: Said, fields: dict[str, Any]) -> ItemSource:
    """A statement and its fields as the item account reads them: organisations by their names."""
    if any(name in line for line in fields.get("items", ()) for name in _PARTIES):
        lines = [
            {**line, **{name: books.named(str(line[name])) for name in _PARTIES if name in line}}
            for line in fields["items"]
        ]
        fields = {**fields, "items": lines}
    return ItemSource(
        record=said.record,
        kind=said.kind,
        statement=said.hash,
        organisation=books.named(str(fields.get("organisation", ""))),
        happened_on=said.happened_on,
        place=str(fields.get("place", "")),
        methods=tuple(fields.get("methods", ())),
        fields=fields,
    )


def items_in_force(
    books: Books, level: str, records: Iterable[str] | None = None
) -> dict[str, Said]:
    """Statement in force at a level of each record, or of those named, that speaks of items."""
    number = LEVELS[level]
    found: dict[str, Said] = {}
    for record in books.items if records is None else records:
        value = statement_in_force(books.items[record], number, books.land.standing)
        if value is None or value.fields is None:
            continue
        if value.kind != "released_area" or "has_items" in value.fields:
            found[record] = value
    return found


def item_book(session: Session, books: Books, level: str) -> ItemBook:
    """Item book at a level; *prudent* reads items as approved."""
    return item_books(session, books, [level])[level]


def item_books(session: Session, books: Books, levels: Sequence[str]) -> dict[str, ItemBook]:
    """Item books at several levels; every statement is read once for all of them."""
    by_hash: dict[str, tuple[Said, list[Bulk]]] = {}
    bulks = {level: Bulk() for level in levels}
    for level, bulk in bulks.items():
        for said in items_in_force(books, level).values():
            by_hash.setdefault(said.hash, (said, []))[1].append(bulk)
    for entry in session.workspace.store.entries_of_kinds(KINDS_OF_ITEMS, until_seq=books.seq):
        if entry.hash in by_hash:
            said, wanted = by_hash[entry.hash]
            source = source_of(books, said, session.fields_of(entry))
            for bulk in wanted:
                bulk.read(source)
    made = {level: ItemBook(lineage(books)) for level in levels}
    for level, book in made.items():
        book.fill(bulks[level])
    return made


def move_items(session: Session, books: Books, book: ItemBook, levels: tuple[str, str]) -> None:
    """Bring an item book from one level to another: only what differs is read."""
    before, after = (items_in_force(books, level) for level in levels)
    changes: dict[str, ItemSource | None] = dict.fromkeys(before.keys() - after.keys())
    for record, said in after.items():
        if record not in before or before[record].hash != said.hash:
            changes[record] = item_source(session, books, said)
    book.update(changes)


def places_above(books: Books) -> dict[str, str]:
    """The place that holds each place, by code or name, as the gazetteer says."""
    above: dict[str, str] = {}
    for statements in books.others.values():
        said = statement_in_force(statements, LEVELS["reported"], books.land.standing)
        fields = (said.fields if said else None) or {}
        parent = str(fields.get("parent", ""))
        for name in (fields.get("code"), fields.get("name")):
            if name and parent:
                above[str(name)] = parent
    return above


def lineage(books: Books) -> Lineage:
    """A place and every place that holds it."""
    above = places_above(books)

    def line_of(place: str) -> tuple[str, ...]:
        line = [place]
        while line[-1] in above and above[line[-1]] not in line:
            line.append(above[line[-1]])
        return tuple(line)

    return line_of
