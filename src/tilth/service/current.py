"""What one process holds to keep the accounts current: books and accounts of every level.

A page never computes the account of a whole operation. The keeper holds it in memory, brings it
forward by what was received since, cluster by cluster, and publishes small values that pages read.
Its accounts are byte for byte those of `tilth.service.accounting.kept_at` at the same position.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from tilth.core.chains import LEVELS
from tilth.core.days import ordinal
from tilth.core.geometry.frame import Frame
from tilth.core.items.book import ItemBook
from tilth.core.items.model import ItemSource
from tilth.core.items.rollup import Rollup
from tilth.core.land.keeper import LandKeeper
from tilth.core.land.totals import Totals
from tilth.core.statement import RECORD_ACTS, read_header
from tilth.exchange.pause import collector_paused, spare_what_is_held
from tilth.service.accounting import Kept
from tilth.service.answer import Declared, Figures, declared_in
from tilth.service.face import read_face
from tilth.service.ground import (
    KINDS_READ,
    Books,
    item_books,
    items_in_force,
    places_above,
    read_books,
    source_of,
    take_entries,
)
from tilth.service.leftout import Left, left_of
from tilth.service.positions import Position
from tilth.service.publishing import Pace, publish
from tilth.service.session import Session
from tilth.service.snapshot import Level, Snapshot
from tilth.store.protocol import Entry, Receipt

__all__ = ["Current", "advance", "current_of", "publish", "publish_now", "read_face"]

_ITEM_LEVELS = ("reported", "verified", "approved")
"""*Prudent* reads items as approved."""
_CHUNK = 2_000
_LARGE = 5_000
"""Statements taken in at once beyond which what they left is kept from the collector's walks."""
_REMEMBERED = "current"


@dataclass(slots=True)
class _Basis:
    """What the books were read with: when it changes they are read anew."""

    frame: Frame | None
    extension_m: float


@dataclass(slots=True)
class Current:
    """Books and accounts at a position; made by `current_of`, brought forward by `advance`.

    Attributes
    ----------
    items
        Item books by level; *prudent* is that of *approved*.
    touched
        Records that something was said or decided of since the last publish, or whose items
        others speak of otherwise; None when everything is new.
    clusters
        Ids of clusters of ground that were made anew or dissolved since then; None likewise.
    remembered
        What publishers keep from one turn to the next, by who does.
    """

    session: Session
    books: Books
    land: LandKeeper
    position: Position
    items: dict[str, ItemBook]
    touched: set[str] | None = None
    clusters: set[str] | None = None
    pace: Pace = field(default_factory=Pace)
    snapshot: Snapshot | None = None
    remembered: dict[str, Any] = field(default_factory=dict)
    left: dict[str, dict[str, list[Left]]] = field(default_factory=dict)
    declared: dict[str, dict[str, Declared]] = field(default_factory=dict)
    _basis: _Basis = field(default_factory=lambda: _Basis(None, 0.0))
    _last: Receipt | None = None
    _spoken: dict[str, str] = field(default_factory=dict)
    _namings: dict[str, str] = field(default_factory=dict)
    _above: dict[str, str] = field(default_factory=dict)
    _kept: dict[str, Kept] = field(default_factory=dict)
    _totals: dict[str, Totals] = field(default_factory=dict)
    _waiting: dict[str, set[str]] = field(default_factory=dict)

    @property
    def today(self) -> str:
        """Day, in the operation's zone, that figures without a day hold until."""
        return self.session.today()

    def kept(self, level: str) -> Kept:
        """Both accounts at a level for every day at once, as `accounting.kept_at` gives them."""
        if level not in self._kept:
            self._kept[level] = self.snap([level]).take(level)
        return self._kept[level]

    def snap(self, levels: Sequence[str] = tuple(LEVELS)) -> Snapshot:
        """Both accounts at some levels as they are now, whatever is taken in afterwards."""
        made = Snapshot(self.position, self.books.projects().meaning, dict(self._namings))
        items: dict[int, bytes] = {}
        for level in levels:
            rollup = self.rollup(level)
            if id(rollup) not in items:
                items[id(rollup)] = rollup.to_bytes()
            left = sorted(one for some in self.left[level].values() for one in some)
            declared = tuple(sorted(self.declared[level].values()))
            made.levels[level] = Level(
                self.land.rows(level), items[id(rollup)], tuple(left), declared
            )
        return made

    def rollup(self, level: str) -> Rollup:
        """Items at a level, their projects as keys of work."""
        return self.items["approved" if level == "prudent" else level].rollup

    def figures(self, level: str) -> Figures:
        """What the account of today at a level is told from; see `answer.answer_of`."""
        totals = self._totals_of(level)
        return Figures(
            totals.balance(),
            totals.hazard,
            self.rollup(level),
            [one for some in self.left[level].values() for one in some],
            self.declared[level].values(),
        )

    def _totals_of(self, level: str) -> Totals:
        until = ordinal(self.today)
        totals = self._totals.get(level)
        if totals is None or totals.until != until:
            totals = Totals(self.land.kept[level], self.land.rows(level), until)
            self._totals[level] = totals
        else:
            totals.bring(self._waiting[level])
        self._waiting[level] = set()
        return totals


def current_of(session: Session) -> Current:
    """What is kept current in a session: made on the first call, then the same."""
    current = session.remembered.get(_REMEMBERED)
    if not isinstance(current, Current):
        current = session.remembered[_REMEMBERED] = _made(session, Pace())
    return current


def advance(current: Current) -> bool:
    """Bring everything forward to the newest position; returns whether anything was new.

    Where the log is not the continuation of what was read, as after a folder was restored from a
    backup, or the frame has changed, everything is read anew.
    """
    found = _next(current)
    if found == current.position:
        return False
    if found is None or not _take(current, found):
        _replace(current, _made(current.session, current.pace))
    return True


def _made(session: Session, pace: Pace) -> Current:
    """Everything read and computed from the log."""
    receipts = session.workspace.store.receipts()
    position = _position(receipts, {}, Position(0, 0, "", ()))
    with collector_paused():  # statements and faces are trees: nothing to collect
        books = read_books(session, until_seq=position.seq)
        land = LandKeeper(books.land, threads=2)
        land.recompute()
        current = Current(session, books, land, position, {}, pace=pace)
        current._basis = _basis(session)
        current._last = receipts[-1] if receipts else None
        for held in (books.items, books.payers, books.others):
            for record, statements in held.items():
                current._spoken.update((said.hash, record) for said in statements)
        _load_items(current)
        for level in LEVELS:
            current.left[level], current.declared[level] = {}, {}
        _retell(current, dict.fromkeys([*books.land.statements, *books.items]))
    land.settled.clear()
    current._waiting = {level: set() for level in LEVELS}
    spare_what_is_held()
    return current


def _replace(current: Current, fresh: Current) -> None:
    """Everything but the pace and what publishers remember, who are told by ``touched``."""
    for name in Current.__slots__:
        if name not in ("pace", "remembered"):
            setattr(current, name, getattr(fresh, name))


def _basis(session: Session) -> _Basis:
    fields = session.operation_fields()
    return _Basis(session.frame(), float(fields.get("extension_distance_m", 50)))


def _next(current: Current) -> Position | None:
    """Newest position; None when the log no longer is what was read."""
    before = current.position
    receipts = current.session.workspace.store.receipts(after=max(0, before.receipts - 1))
    if before.receipts and (not receipts or receipts[0] != current._last):
        return None
    fresh = receipts[1:] if before.receipts else receipts
    if not fresh:
        return before
    current._last = fresh[-1]
    return _position(fresh, {log: (size, root) for log, size, root in before.heads}, before)


def _position(
    fresh: Sequence[Receipt], heads: dict[str, tuple[int, str]], before: Position
) -> Position:
    """Position after some more receipts; that of `positions.position_at` at the same moment."""
    for receipt in fresh:
        heads[receipt.log] = (receipt.stop, receipt.root)
    last = fresh[-1] if fresh else None
    at = datetime.fromtimestamp((last.received_at if last else 0) / 1e6, UTC)
    return Position(
        before.receipts + len(fresh),
        last.first_seq + last.stop - last.start - 1 if last else 0,
        at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        tuple((log, *heads[log]) for log in sorted(heads)),
    )


def _take(current: Current, position: Position) -> bool:
    """Take in what was received up to a position; False when all must be read anew."""
    store = current.session.workspace.store
    entries = store.entries(after_seq=current.position.seq, until_seq=position.seq)
    said: set[str] = set()
    kinds: set[str] = set()
    named: set[str] = set()
    planned: dict[str, Entry] = {}
    with collector_paused():
        while chunk := list(islice(entries, _CHUNK)):
            reads = []
            for entry in chunk:
                header = read_header(entry.header)
                kinds.add(header.kind)
                if header.record:
                    said.add(header.record)
                if header.act == "name":
                    named.add(header.record)
                if header.kind in KINDS_READ:
                    reads.append(entry)
                    if header.act in RECORD_ACTS:
                        current._spoken[entry.hash] = header.record
            if "operation" in kinds and _basis(current.session) != current._basis:
                return False
            take_entries(current.session, current.books, reads, current._basis.frame)
            planned |= {entry.hash: entry for entry in reads}
        current.books.seq = position.seq
        current.position = position
        _settle(current, said, named, kinds, planned)
    if len(planned) > _LARGE:
        spare_what_is_held()
    return True


def _settle(
    current: Current, said: set[str], named: set[str], kinds: set[str], planned: dict[str, Entry]
) -> None:
    """Account again whatever the statements taken touch."""
    book = current.books.land
    also = {record for hazard in named for record in book.naming(hazard)}
    current.land.update(also)
    touched = said | _stirred(current)
    settled = set(current.land.settled)
    current.land.settled.clear()
    for waiting in current._waiting.values():
        waiting.update(settled)
    if not kinds.isdisjoint({"organisation", "place"}) and _words_changed(current):
        _load_items(current)
        _retell(current, dict.fromkeys([*book.statements, *current.books.items]))
    else:
        touched |= _move_items(current, touched, planned)
        hazards = [one for one in touched if book.kinds.get(one) == "hazard_area"]
        _retell(current, touched.union(also, *(book.naming(one) for one in hazards)))
    current._kept.clear()
    current.touched = None if current.touched is None else current.touched | touched
    current.clusters = None if current.clusters is None else current.clusters | settled


def _stirred(current: Current) -> set[str]:
    """Records whose statements were decided on, or that such a decision names."""
    book, found = current.books.land, set()
    unknown = []
    for target in book.stirred:
        decision = book.decision(target)
        if decision is not None:
            found |= {str(one) for one in (decision.fields or {}).get("records", ())}
        elif target in current._spoken:
            found.add(current._spoken[target])
        else:
            unknown.append(target)
    if unknown:
        store = current.session.workspace.store
        headers = (read_header(entry.header) for entry in store.by_hash(unknown).values())
        found |= {header.record for header in headers if header.record}
    return found


def _words_changed(current: Current) -> bool:
    """Whether an organisation or a place is called, or lies, otherwise than before."""
    current.books.names.refresh()
    namings, above = current.books.names.namings(), places_above(current.books)
    if (namings, above) == (current._namings, current._above):
        return False
    current._namings, current._above = namings, above
    return True


def _load_items(current: Current) -> None:
    """Item books from the store: those held know neither new names nor a new gazetteer."""
    _words_changed(current)
    current.items = item_books(current.session, current.books, _ITEM_LEVELS)


def _move_items(
    current: Current, touched: Iterable[str], planned: dict[str, Entry]
) -> frozenset[str]:
    """Bring the item books to what is in force now of the records touched; whom else that met."""
    books = current.books
    records = [record for record in touched if record in books.items]
    met: frozenset[str] = frozenset()
    if not records:
        return met
    read: dict[str, ItemSource] = {}
    for level, book in current.items.items():
        now = items_in_force(books, level, records)
        changes: dict[str, ItemSource | None] = {}
        for record in records:
            facts, value = book.index.facts.get(record), now.get(record)
            if value is None:
                if facts is not None:
                    changes[record] = None
            elif facts is None or facts.statement != value.hash:
                if value.hash not in read:
                    entry = planned.get(value.hash) or _entry(current, value.hash)
                    fields = current.session.fields_of(entry)
                    read[value.hash] = source_of(books, value, fields)
                changes[record] = read[value.hash]
        if changes:
            met |= book.update(changes).records
    return met


def _entry(current: Current, statement: str) -> Entry:
    return current.session.workspace.store.by_hash([statement])[statement]


def _retell(current: Current, records: Iterable[str]) -> None:
    """Say again what the accounts leave out of some records, and what they declare."""
    books, kinds = current.books, current.session.kinds
    every = [one for one in records if one in books.land.statements or one in books.items]
    summing = [one for one in every if one in books.items]
    for level in LEVELS:
        left, declared = current.left[level], current.declared[level]
        for record in every:
            left.pop(record, None)
            declared.pop(record, None)
        left.update(left_of(books, kinds, level, every))
        declared.update(declared_in(books, level, summing))


def publish_now(session: Session) -> Current:
    """Bring everything forward and publish all of it, within this process.

    For tests and small operations; the first call in a session reads the whole log.
    """
    current = current_of(session)
    advance(current)
    current.pace.hurried = True
    try:
        publish(current)
    finally:
        current.pace.hurried = False
    return current
