"""Which report adds what to the item account, kept by organisation and month of the work.

The account's rollup forgets the reports it sums. What each of them adds is kept beside it in
*shards* of one organisation and month, so that a figure is followed to its reports by reading only
those it names, and one more report changes one shard.
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from tilth.core.items.book import ItemBook
from tilth.core.items.contributions import WorkDone
from tilth.core.items.model import SMALL_ARMS, STATES, Key
from tilth.service.ground import Books, item_book, read_books
from tilth.service.positions import Position
from tilth.service.session import Session

if TYPE_CHECKING:
    from tilth.service.current import Current

__all__ = ["BOOK", "SMALL", "Asked", "Told", "publish", "reports_of", "shards_of"]

BOOK = "item_origins"
"""Book of the store in which the shards are kept."""

SMALL = 20_000
"""Up to so many statements the shards are made in passing, where none are kept."""

_POSITION = "position"
_WAITING = "item_origins waiting"
_COLUMNS = tuple(name for name in Key._fields if name not in ("organisation", "month"))


Shelf = tuple[str, str]
"""Organisation and month of the work."""


class Asked(NamedTuple):
    """Which contributions: of these states, small arms or not, by a day, of these cut values."""

    states: frozenset[str]
    small_arms: bool
    until: int
    of: Mapping[str, str]


class Told(NamedTuple):
    """What one report adds: pieces and micrograms, by the statement in force."""

    record: str
    statement: str
    pieces: int
    micrograms: int


class _Shard(msgspec.Struct):
    """Contributions of the reports of one organisation and month."""

    records: list[str]
    statements: list[str]
    keys: list[tuple[str, ...]]
    cells: bytes


def shards_of(book: ItemBook, books: Books, wanted: Set[Shelf] | None = None) -> dict[Shelf, bytes]:
    """Shards of all organisations and months, or of some; empty bytes where nothing is left."""
    meaning = books.projects().meaning
    facts = book.index.facts
    members: dict[Shelf, list[tuple[str, array[int]]]] = {}
    for record, packed in book.by_record():
        shelf = _shelf(facts[record].work)
        if wanted is None or shelf in wanted:
            members.setdefault(shelf, []).append((record, packed))
    made = dict.fromkeys(wanted or (), b"")
    for shelf, told in members.items():
        made[shelf] = _packed(book, told, meaning)
    return made


def _shelf(work: WorkDone) -> Shelf:
    return work.organisation, work.month


def _packed(
    book: ItemBook, told: list[tuple[str, array[int]]], meaning: Callable[[str], str]
) -> bytes:
    whole = array("q")
    for _, packed in told:
        whole.extend(packed)
    cells = book.rollup.cells_of(whole)
    used, key = np.unique(cells.key, return_inverse=True)
    keys = []
    for number in used.tolist():
        one = book.rollup.keys[number]
        one = one._replace(project=meaning(one.project))
        keys.append(tuple(getattr(one, name) for name in _COLUMNS))
    record = np.repeat(np.arange(len(told)), [len(packed) // 3 for _, packed in told])
    columns = (record, key, cells.day, cells.state, cells.pieces, cells.micrograms)
    shard = _Shard(
        [record for record, _ in told],
        [book.index.facts[record].statement for record, _ in told],
        keys,
        np.array(columns, dtype="<i8").tobytes(),
    )
    return zlib.compress(msgspec.msgpack.encode(shard), 1)


def _level(level: str) -> str:
    """Level at which items are read: *prudent* reads them as approved."""
    return "approved" if level == "prudent" else level


@dataclass(slots=True)
class _Waiting:
    """What was said since the shards of a level were last kept; None where all of them are due."""

    records: set[str] | None = None
    shelves: dict[str, Shelf] = field(default_factory=dict)


def publish(current: Current) -> None:
    """Keep the shards of every level, those of organisations and months that were spoken of."""
    known = current.session.remembered.setdefault(_WAITING, {})
    for level, book in current.items.items():
        waiting = known.setdefault(level, _Waiting())
        if current.touched is None:
            waiting.records = None
        elif waiting.records is not None:
            waiting.records |= current.touched
        name = f"{BOOK} {level}"
        if current.pace.due(current, name):
            with current.pace.at(current, name, share=0.125, least_s=10.0):
                _publish(current, level, book, waiting)


def _publish(current: Current, level: str, book: ItemBook, waiting: _Waiting) -> None:
    """Write the shards in which a record stood or stands that something was said of."""
    facts, records = book.index.facts, waiting.records
    wanted: set[Shelf] | None = None
    if records is None:
        waiting.shelves = {record: _shelf(one.work) for record, one in facts.items()}
    else:
        before = {waiting.shelves[one] for one in records if one in waiting.shelves}
        for one in records:
            waiting.shelves.pop(one, None)
            if one in facts:
                waiting.shelves[one] = _shelf(facts[one].work)
        wanted = before | {waiting.shelves[one] for one in records if one in waiting.shelves}
    shards = shards_of(book, current.books, wanted)
    store = current.session.workspace.store
    values: dict[str, bytes | None] = {}
    if wanted is None:
        values = {one: None for one in store.kept_keys(BOOK) if one.startswith(f"{level}\n")}
    for (organisation, month), value in shards.items():
        values[f"{level}\n{organisation}\n{month}"] = value or None
    values[f"{_POSITION}\n{level}"] = str(current.position.receipts).encode()
    store.keep_many(BOOK, values)
    waiting.records = set()


def reports_of(
    session: Session, position: Position, level: str, asked: Asked
) -> tuple[list[Told], int] | None:
    """Reports that add to a figure, and the receipt their shards reach; None where none are kept.

    Parameters
    ----------
    asked
        ``of`` may name ``organisation`` and ``month``; the fewer it leaves open the less is read.
    """
    level = _level(level)
    reached = session.workspace.store.kept(BOOK, [f"{_POSITION}\n{level}"])
    if reached:
        shards = _kept(session, level, asked.of)
        number = int(next(iter(reached.values())))
    elif position.seq <= SMALL:
        shards = _made(session, position, level)
        shards = {shelf: one for shelf, one in shards.items() if _fits(shelf, asked.of)}
        number = position.receipts
    else:
        return None
    found = [told for shelf in sorted(shards) for told in _told(_read(shards[shelf]), asked)]
    return found, number


def _fits(shelf: Shelf, of: Mapping[str, str]) -> bool:
    organisation, month = shelf
    return of.get("organisation", organisation) == organisation and of.get("month", month) == month


def _kept(session: Session, level: str, of: Mapping[str, str]) -> dict[Shelf, bytes]:
    store = session.workspace.store
    names = []
    for name in store.kept_keys(BOOK):
        kept_level, organisation, *month = name.split("\n")
        if kept_level == level and month and _fits((organisation, month[0]), of):
            names.append(name)
    found = store.kept(BOOK, names)
    return {(name.split("\n")[1], name.split("\n")[2]): value for name, value in found.items()}


def _made(session: Session, position: Position, level: str) -> dict[Shelf, bytes]:
    """Shards made from the log; those of one position are remembered."""
    remembered = session.remembered.setdefault(BOOK, {})
    if remembered.get(_POSITION) != position.receipts:
        remembered.clear()
        remembered[_POSITION] = position.receipts
        remembered["books"] = books = read_books(session, until_seq=position.seq)
        books.land.refresh()
    if level not in remembered:
        books = remembered["books"]
        remembered[level] = shards_of(item_book(session, books, level), books)
    made: dict[Shelf, bytes] = remembered[level]
    return made


def _read(data: bytes) -> tuple[_Shard, NDArray[np.int64]]:
    shard = msgspec.msgpack.decode(zlib.decompress(data), type=_Shard)
    return shard, np.frombuffer(shard.cells, "<i8").reshape(6, -1).astype(np.int64)


def _told(read: tuple[_Shard, NDArray[np.int64]], asked: Asked) -> list[Told]:
    shard, (record, key, day, state, pieces, weight) = read
    places = {_COLUMNS.index(name): value for name, value in asked.of.items() if name in _COLUMNS}
    category = _COLUMNS.index("category")
    wanted = np.array(
        [
            (one[category] == SMALL_ARMS) == asked.small_arms
            and all(one[place] == value for place, value in places.items())
            for one in shard.keys
        ],
        dtype=bool,
    )
    states = np.isin(state, [STATES.index(name) for name in asked.states])
    chosen = states & (day <= asked.until)
    if len(wanted):
        chosen &= wanted[key]
    count = len(shard.records)
    sums = np.zeros((2, count), np.int64)
    np.add.at(sums[0], record[chosen], pieces[chosen])
    np.add.at(sums[1], record[chosen], weight[chosen])
    return [
        Told(shard.records[at], shard.statements[at], int(sums[0, at]), int(sums[1, at]))
        for at in np.flatnonzero(sums.any(axis=0)).tolist()
    ]
