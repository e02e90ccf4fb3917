"""Only the statements that bear on some records: their ground, what lies on it, what is decided.

A question about one report must not read a hundred thousand. Hazards are followed as long as their
boxes meet, so that every cluster that is held at all is held whole.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import shapely

from tilth.core.geometry.encoding import shapes_of
from tilth.core.land.book import KINDS_OF_GROUND, LandBook
from tilth.core.statement import parse_header, split_record_id
from tilth.service.ground import Books, take_entries
from tilth.service.session import Session
from tilth.store.protocol import Entry

__all__ = ["books_around"]

METRES_PER_DEGREE = 111_000.0
_SLACK_M = 1.0

Box = tuple[float, float, float, float]


def books_around(session: Session, records: Iterable[str]) -> Books:
    """Books with the records, all ground that their clusters hold, and what is decided on it.

    Land accounts of what is held are those of the whole; items are not, since summaries and
    reports are compared over an organisation.
    """
    fields = session.operation_fields()
    reach_m = float(fields.get("extension_distance_m", 50))
    books = Books(LandBook(session.authority, reach_m), {}, {})
    held = set(records)
    ground = {one for one in held if split_record_id(one)[1] in KINDS_OF_GROUND}
    held |= _around(session, ground, reach_m + _SLACK_M)
    frame = session.frame()
    store = session.workspace.store
    entries = [entry for some in store.of_records(held).values() for entry in some]
    decisions = {entry.hash: entry for entry in store.concerning(held)}
    fresh = {entry.hash for entry in entries} | set(decisions)
    while fresh:
        found = {entry.hash: entry for entry in store.deciding(fresh)}
        fresh = set(found) - set(decisions)
        decisions |= found
    take_entries(session, books, [*entries, *decisions.values()], frame)
    books.seq = store.last_seq()
    return books


def _around(session: Session, records: set[str], reach_m: float) -> set[str]:
    """Records on the ground of some records, and on that of every hazard whose box meets theirs."""
    store = session.workspace.store
    found, frontier = set(records), set(records)
    hazards: set[str] = set()
    while frontier:
        entries = [entry for some in store.of_records(frontier).values() for entry in some]
        seqs: set[int] = set()
        for box in _boxes(session, entries, reach_m):
            seqs.update(store.shapes_in(box))
        met = {parse_header(entry.header).record for entry in store.entries_at(sorted(seqs))}
        met = {one for one in met if one and split_record_id(one)[1] in KINDS_OF_GROUND}
        found |= met
        of_hazards = {one for one in met if split_record_id(one)[1] == "hazard_area"}
        frontier = of_hazards - hazards - records
        hazards |= of_hazards
    return found | _wholes(session, hazards)


def _boxes(session: Session, entries: Sequence[Entry], reach_m: float) -> Iterator[Box]:
    """Boxes in degrees of every shape that statements draw, widened by a distance."""
    values: list[Any] = []
    for entry in entries:
        fields = session.fields_of(entry)
        values += [one["shape"] for one in (fields, *fields.get("work", ())) if "shape" in one]
    for west, south, east, north in shapely.bounds(shapes_of(values)).tolist():
        high = reach_m / METRES_PER_DEGREE
        wide = high / max(0.01, math.cos(math.radians(max(abs(south), abs(north)))))
        yield (west - wide, south - high, east + wide, north + high)


def _wholes(session: Session, hazards: Iterable[str]) -> set[str]:
    """Releases of whole hazards, which draw no polygon, as far as they name one of these."""
    names = {name for one in hazards for name in (one, split_record_id(one)[2])}
    store = session.workspace.store
    for entry in store.concerning(hazards):
        names.add(str(session.fields_of(entry).get("national_id", "")))
    rows = store.select("released_area", ["record", "hazard"], {"extent": "whole"})
    return {str(record) for record, hazard in rows if hazard and str(hazard) in names}
