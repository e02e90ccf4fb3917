"""Publishes the findings as a work list, and reads it for a person.

``findings``: ``open`` and ``explained``, ``codes`` and ``owners`` and ``weights`` (name → open and
explained), ``waiting`` (clusters and records to be looked at again) and ``complete``.
``findings:rows``: every finding as an array, see `Row`. ``findings:shapes:N``: WKB in base64 of
the rows from N thousand on. ``findings:closed``: those that no longer arise, the newest first.
"""

from __future__ import annotations

import base64
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import shapely

from tilth.core.finding_weights import weight_of
from tilth.core.problems import Parameter
from tilth.core.statement import split_record_id
from tilth.service import findings as computing
from tilth.service.current import Current
from tilth.service.finding_books import FindingBooks
from tilth.service.finding_parts import KeptFinding
from tilth.service.session import Session
from tilth.store.protocol import Receipt

__all__ = ["CLOSED", "COUNTS", "PER_PART", "ROWS", "Row", "publish"]

COUNTS, ROWS, CLOSED = "findings", "findings:rows", "findings:closed"
PER_PART = 1_000
"""Shapes in one published value."""
_MOST_CLOSED = 500
_STEP_S = 0.15
_LIST_S, _KEEP_S = 30.0, 300.0
"""Seconds between two times that the list is published, and kept for `service.findings`."""


class Row(msgspec.Struct, array_like=True, frozen=True):
    """A finding in the work list.

    Parameters
    ----------
    owner
        Id of the organisation whose record it is told of: who can close it.
    since, opened
        Day (ordinal) and position (receipt) at which the newest statement concerned came in.
    lon, lat
        A point on the ground concerned, WGS 84 degrees; None without ground.
    reason
        Of the explanation in force; None while the finding is open.
    """

    code: str
    record: str
    other: str
    params: dict[str, Parameter]
    area_m2: float
    items: int
    owner: str
    since: int
    opened: int
    lon: float | None
    lat: float | None
    reason: str | None

    @property
    def key(self) -> tuple[str, str, str]:
        """What an explanation names."""
        return self.code, self.record, self.other


def publish(current: Current) -> None:
    """Look again at what was touched, a slice at each turn; publish the list at its own pace."""
    pace = current.pace
    books = current.remembered.get(COUNTS)
    if isinstance(books, FindingBooks):
        books.touch(current.touched, current.clusters)
    else:
        books = current.remembered[COUNTS] = FindingBooks(current)
    _look_again(current, books)
    if books.settled and pace.due(current, COUNTS):
        with pace.at(current, COUNTS, share=0.125, least_s=_LIST_S):
            _publish(current, books)


def _look_again(current: Current, books: FindingBooks) -> None:
    """Look again at some of what waits: records in slices, then a part of the whole."""
    pace, step, whole = current.pace, f"{COUNTS}:step", f"{COUNTS}:whole"
    if books.waiting > books.whole:
        if pace.due(current, step):
            with pace.at(current, step, share=0.5 if books.settled else 0.25, done=None):
                end = pace.clock() + _STEP_S
                books.step(lambda: not pace.hurried and pace.clock() >= end)
            pace.outdate(COUNTS)
    else:
        pace.rest(step)
    while books.whole == books.waiting > 0 and pace.due(current, whole):
        with pace.at(current, whole, share=0.125, done=None):
            books.step_whole()
        pace.outdate(COUNTS)
    if not books.whole:
        pace.rest(whole)


def _publish(current: Current, books: FindingBooks) -> None:
    session, pace = current.session, current.pace
    found = books.findings()
    if not books.waiting and pace.due(current, f"{COUNTS}:kept"):
        with pace.at(current, f"{COUNTS}:kept", share=0.125, least_s=_KEEP_S):
            computing.keep(session, current.position, found)
    rows = _rows(session, books, found)
    shapes = [base64.b64encode(one.wkb).decode() for one in found]
    for start in range(0, len(shapes), PER_PART):
        part = {"shapes": shapes[start : start + PER_PART]}
        pace.put(current, f"{COUNTS}:shapes:{start // PER_PART}", part)
    before = current.remembered.get(ROWS)
    closed = current.remembered.setdefault(CLOSED, [])
    if before is not None:
        standing = {row.key for row in rows}
        gone = [row for row in before if row.key not in standing]
        closed[:0] = [_closed(row, current) for row in gone]
        del closed[_MOST_CLOSED:]
    current.remembered[ROWS] = rows
    pace.put(current, CLOSED, {"rows": closed})
    pace.put(current, ROWS, {"rows": rows})
    pace.put(current, COUNTS, {**_counts(session, rows), "waiting": books.waiting})


def _closed(row: Row, current: Current) -> dict[str, Any]:
    return {
        "code": row.code,
        "record": row.record,
        "other": row.other,
        "area_m2": row.area_m2,
        "owner": row.owner,
        "closed_by": current.position.receipts,
        "at": current.position.known_at,
    }


def _rows(session: Session, books: FindingBooks, found: Sequence[KeptFinding]) -> list[Row]:
    reasons = computing.explanations(session)
    receipts: list[Receipt] = session.workspace.store.receipts()
    firsts = [receipt.first_seq for receipt in receipts]
    wkb = np.empty(len(found), dtype=object)
    wkb[:] = [one.wkb or None for one in found]
    points = shapely.point_on_surface(shapely.from_wkb(wkb))
    lon, lat = shapely.get_x(points).tolist(), shapely.get_y(points).tolist()
    return [
        Row(
            one.code,
            one.record,
            one.other,
            one.params,
            round(one.area_m2, 6),
            one.items,
            split_record_id(one.record)[0],
            one.since,
            bisect_left(firsts, books.newest_of(one) + 1),
            None if x != x else round(x, 7),  # noqa: PLR0124 - not a number: without ground
            None if y != y else round(y, 7),  # noqa: PLR0124
            reasons.get(one.key),
        )
        for one, x, y in zip(found, lon, lat, strict=True)
    ]


def _counts(session: Session, rows: Sequence[Row]) -> dict[str, Any]:
    """How many are open and explained, by code, owner and weight."""
    sums: dict[str, dict[str, Counter[str]]] = {"codes": {}, "owners": {}, "weights": {}}
    whole: Counter[str] = Counter()
    for row in rows:
        state = "open" if row.reason is None else "explained"
        whole[state] += 1
        names = (row.code, session.organisation_name(row.owner), weight_of(row.code))
        for cut, name in zip(sums, names, strict=True):
            sums[cut].setdefault(name, Counter())[state] += 1
    return {
        "open": whole["open"],
        "explained": whole["explained"],
        **{
            cut: {
                name: {"open": n["open"], "explained": n["explained"]}
                for name, n in sorted(found.items())
            }
            for cut, found in sums.items()
        },
    }
