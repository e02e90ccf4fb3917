"""Reads every record in force once and tells what its fields, shapes and items give to notice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from tilth.core import canonical
from tilth.core.chains import REPORTED, Said, Standing, chains_of
from tilth.core.findings import Finding
from tilth.core.geometry.checks import (
    fix_findings,
    larger_than_district,
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
from tilth.core.items.lots import amounts
from tilth.core.items.model import ItemSource
from tilth.core.items.places import Layer, cancelled_findings, outside_findings
from tilth.core.kinds.notice import notices
from tilth.core.kinds.validate import checker
from tilth.core.land.book import KINDS_OF_GROUND
from tilth.core.land.findings_places import Declared, Gazetteer, sum_findings
from tilth.core.land.resolve import statement_in_force
from tilth.core.land.views import CANCELLED, ReleaseView
from tilth.service.ground import KINDS_OF_ITEMS, Books, item_source, items_in_force, source_of
from tilth.service.session import Session, said_of
from tilth.store.protocol import Entry

__all__ = ["Noticed", "notice_records"]

_CHUNK = 2_000
_FAR = "9999-12-31"
_SAME_SHAPE = ("hazard_area", "released_area", "clearance_report", "evidence_point")
"""Kinds of which two records with one outline or one point say the same twice, or so it seems."""
_AREAL = (3, 6)


@dataclass(slots=True)
class Noticed:
    """Findings, the newest ``seq`` of each record, and the statement in force of each."""

    findings: list[Finding] = field(default_factory=list)
    newest: dict[str, int] = field(default_factory=dict)
    source: dict[str, str] = field(default_factory=dict)


Look = Callable[[Said, Mapping[str, Any]], None]
"""Is shown every statement in force with all its fields; those of people excepted."""


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
    reader = _Reader(session, books, look)
    book = ItemBook()
    book.load(reader.sources())
    reader.close(book)
    return reader.noticed


class _Reader:
    def __init__(self, session: Session, books: Books, look: Look | None) -> None:
        self.session, self.books, self.look = session, books, look
        self.frame = session.frame()
        self.noticed = Noticed()
        self.wanted = _in_force(session, books)
        self.items = {said.hash: said for said in items_in_force(books, "reported").values()}
        self.gazetteer = Gazetteer(_places(session, self.wanted))
        self.shapes: dict[str, list[tuple[str, BaseGeometry]]] = defaultdict(list)
        self.summaries: list[Declared] = []
        self.members = {one.name for one in session.workspace.settings.organisations}
        self.cancelled = _cancelled(books, self.frame) if self.frame is not None else None

    def sources(self) -> Iterator[ItemSource]:
        """Item sources in force, for the item book; everything else is noticed on the way."""
        kinds = [name for name in self.session.kinds if name not in ("operation", "delivery")]
        entries = self.session.workspace.store.entries_of_kinds(kinds, until_seq=self.books.seq)
        chunk: list[tuple[Said, dict[str, Any]]] = []
        for entry in entries:
            said = self.wanted.get(entry.hash)
            if said is None:
                continue
            fields = self._fields(entry, said)
            self.noticed.newest[said.record] = entry.seq
            if said.act != "revise":
                self.noticed.source[said.record] = said.source
            chunk.append((said, fields))
            if len(chunk) == _CHUNK:
                yield from self._take(chunk)
                chunk = []
        yield from self._take(chunk)

    def _fields(self, entry: Entry, said: Said) -> dict[str, Any]:
        """Fields, of people from the vault: there only their completeness is looked at."""
        fields = self.session.fields_of(entry)
        commitment = fields.get("commitment")
        if commitment is None or not self.session.kinds[said.kind].protected:
            return fields
        payload = self.session.workspace.vault.payload(str(commitment))
        return {} if payload is None else dict(canonical.decode(payload))

    def _take(self, chunk: Sequence[tuple[Said, dict[str, Any]]]) -> Iterator[ItemSource]:
        found = self.noticed.findings
        sources = []
        for said, fields in chunk:
            if not fields:
                continue
            kind = self.session.kinds[said.kind]
            if said.act != "revise":
                missing = checker(kind).check(fields, today=_FAR).missing
                found += notices(kind, said.record, fields, missing)
            if said.kind == "organisation":
                self.members |= {str(fields.get(n)) for n in ("code", "name", "local_id")}
            if said.hash in self.items:
                sources.append(source_of(self.books, said, fields))
            if self.look is not None and not kind.protected and said.act != "revise":
                self.look(said, fields)
        open_ = [(s, f) for s, f in chunk if f and not self.session.kinds[s.kind].protected]
        if self.frame is not None:
            self._shapes(open_, self.frame)
        self._items(sources)
        yield from sources

    def _shapes(self, chunk: Sequence[tuple[Said, dict[str, Any]]], frame: Frame) -> None:
        drawn = [
            (said, fields, value)
            for said, fields in chunk
            if (value := fields.get("shape") or fields.get("point"))
        ]
        if not drawn:
            return
        found = self.noticed.findings
        records = [said.record for said, _, _ in drawn]
        values = [value for _, _, value in drawn]
        degrees = shapes_of(values)
        found += shape_findings(records, degrees, frame, [v.get("repair") for v in values])
        self._against_places(drawn, degrees, frame)
        for (said, fields, _), shape in zip(drawn, degrees, strict=True):
            if said.kind in _SAME_SHAPE:
                self.shapes[said.kind].append((said.record, shape))
            if any(one.name == "accuracy_m" for one in self.session.kinds[said.kind].fields):
                accuracy = fields.get("accuracy_m")
                found += fix_findings(
                    said.record, accuracy_m=None if accuracy is None else float(accuracy)
                )

    def _against_places(
        self, drawn: Sequence[tuple[Said, dict[str, Any], Any]], degrees: Any, frame: Frame
    ) -> None:
        meant = [self.gazetteer.find(str(fields.get("place", ""))) for _, fields, _ in drawn]
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
        found = self.noticed.findings
        found += place_findings(records, degrees[at], boundaries, names, frame)
        hazards = [n for n, one in enumerate(at) if drawn[one][0].kind == "hazard_area"]
        size = shapely.area(frame.project_geometries(degrees[at]))
        whole = shapely.area(frame.project_geometries(boundaries))
        areal = np.isin(shapely.get_type_id(boundaries), _AREAL)
        found += larger_than_district(
            [records[n] for n in hazards],
            [float(size[n]) for n in hazards],
            [float(whole[n]) if areal[n] else None for n in hazards],
            [names[n] for n in hazards],
        )

    def _items(self, sources: Sequence[ItemSource]) -> None:
        found = self.noticed.findings
        for source in sources:
            found += source_findings(source)
            if source.kind == "clearance_summary":
                self.summaries.append(_declared(source))
        if self.frame is not None:
            found += outside_findings(sources, self.frame)
        if self.cancelled is not None:
            found += cancelled_findings(sources, self.cancelled.names_at)

    def close(self, book: ItemBook) -> None:
        """Findings that need all records: between sources, and between shapes."""
        found, index = self.noticed.findings, book.index
        for record in index.dependent():
            context = index.context(record)
            if context.later:
                said = next(s for s in self.books.items[record] if s.hash in self.items)
                found += source_findings(item_source(self.session, self.books, said), context)
        for record, facts in index.facts.items():
            if facts.later:
                found += reference_findings(index, record)
            found += summary_findings(index, record)
        members = self.members | {facts.organisation for facts in index.facts.values()}
        found += handover_findings([book.rollup], index, members - {"", "None"})
        found += sum_findings(self.summaries, self.gazetteer)
        if self.frame is not None:
            for pairs in self.shapes.values():
                records = [record for record, _ in pairs]
                found += same_shape_findings(records, [shape for _, shape in pairs], self.frame)


def _in_force(session: Session, books: Books) -> dict[str, Said]:
    """Statements in force as reported, by hash: of every record, and of every revision."""
    held: dict[str, Sequence[Said]] = {**books.land.statements, **books.items, **books.others}
    kinds = {*KINDS_OF_GROUND, *KINDS_OF_ITEMS, "place", "operation", "delivery"}
    others = [name for name in session.kinds if name not in kinds]
    rest: dict[str, list[Said]] = defaultdict(list)
    store = session.workspace.store
    for entry in store.entries_of_kinds(others, until_seq=books.seq):
        said = said_of(entry)
        if said.record:
            rest[said.record].append(replace(said, fields=None))
    standing = books.land.standing
    wanted = {}
    for statements in [*held.values(), *rest.values()]:
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


def _cancelled(books: Books, frame: Frame) -> Layer | None:
    """Land that is cancelled as reported, revoked records left out."""
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
    if not areas:
        return None
    shapes = np.empty(len(areas), dtype=object)
    shapes[:] = areas
    return Layer(frame, shapes, names)


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
