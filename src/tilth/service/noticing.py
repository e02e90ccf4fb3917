"""Reads every record in force once and tells what its fields, shapes and items give to notice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
import shapely

from tilth.core import canonical
from tilth.core.chains import REPORTED, Said, Standing, chains_of
from tilth.core.findings import Finding
from tilth.core.geometry.checks import (
    fix_findings,
    larger_than_district,
    outline_marks,
    place_findings,
    same_shape_findings,
    shape_findings,
)
from tilth.core.geometry.encoding import shapes_of
from tilth.core.geometry.frame import Frame
from tilth.core.items.book import ItemBook
from tilth.core.items.checks import (
    handover_findings,
    reference_findings,
    source_findings,
    summary_findings,
)
from tilth.core.items.context import ItemIndex
from tilth.core.items.lots import amounts
from tilth.core.items.model import ItemSource
from tilth.core.items.places import Layer, cancelled_findings, outside_findings
from tilth.core.kinds.notice import notices
from tilth.core.kinds.validate import checker
from tilth.core.land.book import KINDS_OF_GROUND
from tilth.core.land.findings_places import Declared, Gazetteer, sum_findings
from tilth.core.land.resolve import statement_in_force
from tilth.core.land.views import CANCELLED, ReleaseView
from tilth.service.ground import KINDS_OF_ITEMS, Books, items_in_force, lineage, source_of
from tilth.service.session import Session, said_of
from tilth.store.protocol import Entry

__all__ = ["Look", "Noticed", "RecordNotes", "notice_records"]

_CHUNK = 2_000
_FAR = "9999-12-31"
_NOT_LOOKED_AT = ("operation", "delivery")
_SAME_SHAPE = ("hazard_area", "released_area", "clearance_report", "evidence_point")
"""Kinds of which two records with one outline or one point say the same twice, or so it seems."""
_AREAL = (3, 6)


@dataclass(slots=True)
class Noticed:
    """Findings, the newest ``seq`` of each record, and the statement in force of each."""

    findings: list[Finding] = field(default_factory=list)
    newest: dict[str, int] = field(default_factory=dict)
    source: dict[str, str] = field(default_factory=dict)


class Look(Protocol):
    """Is shown every statement in force with all its fields; those of people excepted."""

    def take(self, said: Said, fields: Mapping[str, Any]) -> None:
        """Look at a statement, in place of what was seen of its record before."""
        ...

    def forget(self, record: str) -> None:
        """Nothing of this record is in force any more."""
        ...


def notice_records(session: Session, books: Books, look: Look | None = None) -> Noticed:
    """Findings of fields, shapes, places and items of every record in force as reported.

    Parameters
    ----------
    books
        As at the position of the question; each record is read once more from the store, and
        the item book is made on the way.
    look
        Is shown every open statement on the way.
    """
    notes = RecordNotes(session, books, look)
    book = ItemBook(lineage(books))
    book.load(notes.read_all())
    alone = [one for found in notes.found.values() for one in found]
    return Noticed([*alone, *notes.between(book)], notes.newest, notes.source)


class RecordNotes:
    """What each record gives to notice by itself, and what of it others are compared with.

    Parameters
    ----------
    books
        They may go forward meanwhile; `read` looks again at records that were touched.
    index
        What the sources of items as reported say of each other, where it is kept current; a
        record is to be read again when it changes what others say of it.

    Attributes
    ----------
    found
        Findings by record; records that give none are not named.
    newest
        Newest ``seq`` in force of each record.
    source
        File (blob) that the statement in force of each record came from, where it came from one.
    cancelled
        Records of cancelled land that items are held against.
    """

    def __init__(
        self,
        session: Session,
        books: Books,
        look: Look | None = None,
        index: ItemIndex | None = None,
    ) -> None:
        self.session, self.books, self.look, self.index = session, books, look, index
        self.frame = session.frame()
        self.found: dict[str, list[Finding]] = {}
        self.newest: dict[str, int] = {}
        self.source: dict[str, str] = {}
        self._marks: dict[str, tuple[str, set[bytes]]] = {}
        self._summaries: dict[str, Declared] = {}
        self._words: dict[str, set[str]] = {}
        self._gazetteer = Gazetteer([])
        self._cancelled: Layer | None = None
        self.look_around()

    def look_around(self) -> None:
        """Read again what records are held against: the gazetteer, and cancelled land."""
        places = _in_force(self.session, self.books, list(self.books.others))
        self._gazetteer = Gazetteer(_places(self.session, places))
        self.look_at_cancelled()

    def look_at_cancelled(self) -> None:
        """Read again which land is cancelled."""
        names, areas = _cancelled(self.books)
        self.cancelled = frozenset(names)
        self._cancelled = None
        if names and self.frame is not None:
            self._cancelled = Layer(self.frame, areas, names)

    def read_all(self) -> Iterator[ItemSource]:
        """Look at every record in force; their item sources, for an item book."""
        wanted = _in_force(self.session, self.books)
        kinds = [name for name in self.session.kinds if name not in _NOT_LOOKED_AT]
        entries = self.session.workspace.store.entries_of_kinds(kinds, until_seq=self.books.seq)
        yield from self._read(entries, wanted)

    def read(self, records: Iterable[str]) -> None:
        """Look at some records again; what is no longer in force is forgotten."""
        chosen = list(records)
        for record in chosen:
            for held in (self.found, self.newest, self.source, self._marks, self._summaries):
                held.pop(record, None)
            self._words.pop(record, None)
            if self.look is not None:
                self.look.forget(record)
        wanted = _in_force(self.session, self.books, chosen)
        entries = self.session.workspace.store.by_hash(wanted).values()
        for _ in self._read(sorted(entries, key=lambda entry: entry.seq), wanted):
            pass

    def _read(self, entries: Iterable[Entry], wanted: Mapping[str, Said]) -> Iterator[ItemSource]:
        items = items_in_force(
            self.books, "reported", {s.record for s in wanted.values()} & self.books.items.keys()
        )
        speaking = {said.hash for said in items.values()}
        chunk: list[tuple[Said, dict[str, Any]]] = []
        for entry in entries:
            said = wanted.get(entry.hash)
            if said is None:
                continue
            fields = self._fields(entry, said)
            self.newest[said.record] = entry.seq
            if said.act != "revise" and said.source:
                self.source[said.record] = said.source
            chunk.append((said, fields))
            if len(chunk) == _CHUNK:
                yield from self._take(chunk, speaking)
                chunk = []
        yield from self._take(chunk, speaking)

    def _fields(self, entry: Entry, said: Said) -> dict[str, Any]:
        """Fields, of people from the vault: there only their completeness is looked at."""
        fields = self.session.fields_of(entry)
        commitment = fields.get("commitment")
        if commitment is None or not self.session.kinds[said.kind].protected:
            return fields
        payload = self.session.workspace.vault.payload(str(commitment))
        return {} if payload is None else dict(canonical.decode(payload))

    def _note(self, found: Iterable[Finding]) -> None:
        for one in found:
            self.found.setdefault(one.record, []).append(one)

    def _take(
        self, chunk: Sequence[tuple[Said, dict[str, Any]]], speaking: Container[str]
    ) -> list[ItemSource]:
        sources = []
        for said, fields in chunk:
            if not fields:
                continue
            kind = self.session.kinds[said.kind]
            if said.act != "revise":
                missing = checker(kind).check(fields, today=_FAR).missing
                self._note(notices(kind, said.record, fields, missing))
            if said.kind == "organisation":
                words = {str(fields.get(name)) for name in ("code", "name", "local_id")}
                self._words.setdefault(said.record, set()).update(words)
            if said.hash in speaking:
                sources.append(source_of(self.books, said, fields))
            if self.look is not None and not kind.protected and said.act != "revise":
                self.look.take(said, fields)
        open_ = [(s, f) for s, f in chunk if f and not self.session.kinds[s.kind].protected]
        if self.frame is not None:
            self._shapes(open_, self.frame)
        self._items(sources)
        return sources

    def _shapes(self, chunk: Sequence[tuple[Said, dict[str, Any]]], frame: Frame) -> None:
        drawn = [(said, fields, value) for said, fields in chunk if (value := _drawing(fields))]
        if not drawn:
            return
        records = [said.record for said, _, _ in drawn]
        values = [value for _, _, value in drawn]
        degrees = shapes_of(values)
        self._note(shape_findings(records, degrees, frame, [v.get("repair") for v in values]))
        self._against_places(drawn, degrees, frame)
        compared = [n for n, (said, _, _) in enumerate(drawn) if said.kind in _SAME_SHAPE]
        for n, marks in zip(compared, outline_marks(degrees[compared]), strict=True):
            said = drawn[n][0]
            self._marks.setdefault(said.record, (said.kind, set()))[1].update(marks)
        for said, fields, _ in drawn:
            if any(one.name == "accuracy_m" for one in self.session.kinds[said.kind].fields):
                accuracy = fields.get("accuracy_m")
                self._note(
                    fix_findings(
                        said.record, accuracy_m=None if accuracy is None else float(accuracy)
                    )
                )

    def _against_places(
        self, drawn: Sequence[tuple[Said, dict[str, Any], Any]], degrees: Any, frame: Frame
    ) -> None:
        meant = [self._gazetteer.find(str(fields.get("place", ""))) for _, fields, _ in drawn]
        at = [
            n
            for n, place in enumerate(meant)
            if place is not None and place.value is not None and drawn[n][0].kind != "place"
        ]
        if not at:
            return
        places = [place for n in at if (place := meant[n]) is not None]
        boundaries = shapes_of([place.value or {} for place in places])
        names = [place.name for place in places]
        records = [drawn[n][0].record for n in at]
        self._note(place_findings(records, degrees[at], boundaries, names, frame))
        hazards = [n for n, one in enumerate(at) if drawn[one][0].kind == "hazard_area"]
        size = shapely.area(frame.project_geometries(degrees[at]))
        whole = shapely.area(frame.project_geometries(boundaries))
        areal = np.isin(shapely.get_type_id(boundaries), _AREAL)
        self._note(
            larger_than_district(
                [records[n] for n in hazards],
                [float(size[n]) for n in hazards],
                [float(whole[n]) if areal[n] else None for n in hazards],
                [names[n] for n in hazards],
            )
        )

    def _items(self, sources: Sequence[ItemSource]) -> None:
        for source in sources:
            context = None
            if self.index is not None and source.record in self.index.facts:
                context = self.index.context(source.record)
            self._note(source_findings(source, context))
            if source.kind == "clearance_summary":
                self._summaries[source.record] = _declared(source)
        if self.frame is not None:
            self._note(outside_findings(sources, self.frame))
        if self._cancelled is not None:
            self._note(cancelled_findings(sources, self._cancelled.names_at))

    def between(self, book: ItemBook) -> list[Finding]:
        """Findings that need all records: between sources, and between shapes."""
        index = book.index
        found = [] if self.index is not None else list(self._told_later(index))
        for record, facts in index.facts.items():
            if facts.later:
                found += reference_findings(index, record)
            found += summary_findings(index, record)
        members = {one.name for one in self.session.workspace.settings.organisations}
        members |= {word for words in self._words.values() for word in words}
        members |= {facts.organisation for facts in index.facts.values()}
        found += handover_findings([book.rollup], index, members - {"", "None"})
        summaries = [self._summaries[record] for record in sorted(self._summaries)]
        found += sum_findings(summaries, self._gazetteer)
        if self.frame is not None:
            found += self._same_shapes(self.frame)
        return found

    def _told_later(self, index: ItemIndex) -> Iterator[Finding]:
        """What later lines say of sources; told with each source where its index was given."""
        store = self.session.workspace.store
        for record in index.dependent():
            context = index.context(record)
            if context.later:
                statement = index.facts[record].statement
                said = next(s for s in self.books.items[record] if s.hash == statement)
                entry = store.by_hash([statement])[statement]
                source = source_of(self.books, said, self.session.fields_of(entry))
                yield from source_findings(source, context)

    def _same_shapes(self, frame: Frame) -> list[Finding]:
        """Records with one outline: only those that share a mark are read again."""
        sharing: dict[tuple[str, bytes], list[str]] = defaultdict(list)
        for record, (kind, marks) in self._marks.items():
            for one in marks:
                sharing[kind, one].append(record)
        chosen: dict[str, set[str]] = defaultdict(set)
        for (kind, _), records in sharing.items():
            if len(records) > 1:
                chosen[kind].update(records)
        found: list[Finding] = []
        for kind in sorted(chosen):
            wanted = _in_force(self.session, self.books, sorted(chosen[kind]))
            entries = self.session.workspace.store.by_hash(wanted)
            pairs = [
                (wanted[name].record, value)
                for name, entry in entries.items()
                if (value := _drawing(self.session.fields_of(entry)))
            ]
            shapes = shapes_of([value for _, value in pairs])
            found += same_shape_findings([record for record, _ in pairs], shapes, frame)
        return found


def _drawing(fields: Mapping[str, Any]) -> Any:
    """Shape or point that a statement draws, as it stores it."""
    return fields.get("shape") or fields.get("point")


def _in_force(
    session: Session, books: Books, records: Sequence[str] | None = None
) -> dict[str, Said]:
    """Statements in force as reported, by hash: of all records, or of some, and every revision."""
    books_of = (books.others, books.items, books.land.statements)
    store = session.workspace.store
    held: dict[str, Sequence[Said]] = {}
    if records is None:
        for some in reversed(books_of):
            held |= some
        kinds = {*KINDS_OF_GROUND, *KINDS_OF_ITEMS, "place", *_NOT_LOOKED_AT}
        others = [name for name in session.kinds if name not in kinds]
        entries: Iterable[Entry] = store.entries_of_kinds(others, until_seq=books.seq)
    else:
        for record in records:
            said_of_it = next((some[record] for some in books_of if record in some), None)
            if said_of_it is not None:
                held[record] = said_of_it
        rest = [record for record in records if record not in held]
        entries = [
            entry
            for some in store.of_records(rest).values()
            for entry in some
            if entry.seq <= books.seq
        ]
    rest_of: dict[str, list[Said]] = defaultdict(list)
    for entry in entries:
        said = said_of(entry)
        if said.record and said.kind in session.kinds and said.kind not in _NOT_LOOKED_AT:
            rest_of[said.record].append(replace(said, fields=None))
    standing = books.land.standing
    wanted = {}
    for statements in [*held.values(), *rest_of.values()]:
        for said in _spoken(statements, standing):
            wanted[said.hash] = said
    return wanted


def _spoken(statements: Sequence[Said], standing: Standing) -> Iterator[Said]:
    value = statement_in_force(statements, REPORTED, standing)
    if value is not None:
        yield value
    if len(statements) > 1:
        first, revisions = chains_of(statements)
        ended = first is not None and value is None
        for chain in [] if ended else revisions:
            one = chain.value(REPORTED, standing)
            if one is not None and one.act != "withdraw":
                yield one


def _places(session: Session, wanted: Mapping[str, Said]) -> Iterator[dict[str, Any]]:
    hashes = [said.hash for said in wanted.values() if said.kind == "place"]
    entries = session.workspace.store.by_hash(hashes)
    for name in hashes:
        yield session.fields_of(entries[name])


def _cancelled(books: Books) -> tuple[list[str], Any]:
    """Records and ground of land that is cancelled as reported, revoked records left out."""
    revoked = {
        record
        for said in books.land.revocations.values()
        if said.act == "revoke"
        for record in (said.fields or {}).get("records", ())
    }
    areas, names = [], []
    for record, views in books.land.views.items():
        view = views[0]
        if isinstance(view, ReleaseView) and view.claim == CANCELLED and record not in revoked:
            for key in _drawn(view, books.land.geometry):
                areas.append(books.land.geometry[key])
                names.append(record)
    shapes = np.empty(len(areas), dtype=object)
    shapes[:] = areas
    return names, shapes


def _drawn(view: ReleaseView, geometry: Mapping[str, Any]) -> Iterable[str]:
    return [key for keys in view.ground for key in keys if key in geometry]


def _declared(source: ItemSource) -> Declared:
    fields = source.fields
    day = source.happened_on
    area = fields.get("declared_area_m2")
    return Declared(
        source.record,
        source.organisation,
        source.place,
        (str(fields.get("period_from", day)), str(fields.get("period_to", day))),
        str(fields.get("activity", "")),
        None if area is None else str(area),
        int(fields.get("items_total", sum(amounts(line)[0] for line in fields.get("items", ())))),
    )
