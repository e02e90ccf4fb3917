"""One line of the inbox for each statement that waits, read from the store for some records."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
import shapely

from tilth.core.chains import Said, Standing, standing_of
from tilth.core.geometry.encoding import shapes_of
from tilth.core.geometry.frame import Frame
from tilth.core.items.lots import amounts
from tilth.core.kinds.validate import checker
from tilth.core.problems import Refused
from tilth.core.statement import Header, read_header, split_record_id
from tilth.core.waiting import RETURNED, Waiting, waiting_of
from tilth.service.session import Session, said_of
from tilth.store.protocol import Entry, Receipt

__all__ = ["Line", "bare", "decisions_about", "lines_of", "received_at"]

_NAMED = ("hazard", "task", "team", "teams", "project", "report", "place", "area_name")
"""Fields whose words are searched beside the ids."""
_LINES_LEFT_OUT = "items"


class Line(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A statement that waits.

    Parameters
    ----------
    organisation
        Id of its author.
    actor
        Code of who said it.
    act
        ``record``, ``correct``, ``revise`` or ``withdraw``.
    state, level, event, before, rivals, answers
        As in `tilth.core.waiting.Waiting`.
    seq
        Order of receipt of the statement; unique.
    received_at, since
        UTC microseconds since 1970: when the statement came in, and when it was returned (0).
    m2
        Ground it draws, measured in the operation's frame; 0 without a polygon.
    pieces
        Items it lists.
    codes
        What the statement itself gives to notice: codes of findings.
    text
        What a search looks through, lower case.
    """

    statement: str
    record: str
    kind: str
    organisation: str
    actor: str
    act: str
    state: str
    level: int
    event: bool
    before: str
    rivals: tuple[str, ...]
    answers: str
    seq: int
    received_at: int
    since: int
    happened_on: str
    m2: float
    pieces: int
    place: str
    codes: tuple[str, ...]
    text: str

    @property
    def local_id(self) -> str:
        """The author's own identifier."""
        return split_record_id(self.record)[2]


class _Came(NamedTuple):
    """What a line holds that the statement does not say: how it came in, what it is called."""

    seq: int
    received_at: int
    since: int
    names: tuple[str, ...]
    codes: tuple[str, ...]


def received_at(receipts: Sequence[Receipt]) -> Callable[[int], int]:
    """Function from ``seq`` to the time of receipt, UTC microseconds since 1970."""
    firsts = [one.first_seq for one in receipts]
    times = [one.received_at for one in receipts]
    return lambda seq: times[max(0, bisect_right(firsts, seq) - 1)] if seq and times else 0


def bare(entry: Entry, header: Header) -> Said:
    """Statement about a record as its header says it, its content not read."""
    return Said(
        hash=entry.hash,
        organisation=header.organisation,
        actor=header.actor,
        act=header.act,
        kind=header.kind,
        record=header.record,
        replaces=header.replaces,
        happened_on=header.happened_on,
        said_at=header.said_at,
    )


def decisions_about(session: Session, hashes: Iterable[str]) -> dict[str, tuple[int, Said]]:
    """Decisions on statements, then what undoes them, then what undoes that: seq and statement."""
    found: dict[str, tuple[int, Said]] = {}
    fresh = set(hashes)
    while fresh:
        entries = {entry.hash: entry for entry in session.workspace.store.deciding(fresh)}
        fresh = set(entries) - set(found)
        found |= {name: (entries[name].seq, said_of(entries[name])) for name in fresh}
    return found


def lines_of(
    session: Session,
    records: Collection[str],
    received: Callable[[int], int],
    *,
    frame: Frame | None,
    today: str,
) -> list[Line]:
    """Lines of all that waits of some records."""
    store = session.workspace.store
    entries: dict[str, Entry] = {}
    said: dict[str, list[Said]] = {}
    for record, some in store.of_records(list(records)).items():
        for entry in some:
            entries[entry.hash] = entry
            said.setdefault(record, []).append(bare(entry, read_header(entry.header)))
    authors = {one.hash: one.organisation for some in said.values() for one in some}
    decisions = decisions_about(session, authors)
    standing, _ = standing_of(
        (one for _, one in decisions.values()), authors, session.authority, authors
    )
    waits = [
        (one, known)
        for some in said.values()
        if (found := waiting_of(some, standing))
        for known in [{one.hash: one for one in some}]
        for one in found
    ]
    names = _names(session, {known[one.statement].record for one, known in waits})
    when = {name: received(seq) for name, (seq, _) in decisions.items()}
    fields = [_fields(session, entries, known[one.statement], known) for one, known in waits]
    areas = _areas([one.get("shape") for one in fields], frame)
    lines = []
    for (one, known), values, m2 in zip(waits, fields, areas, strict=True):
        this = known[one.statement]
        came = _Came(
            entries[this.hash].seq,
            received(entries[this.hash].seq),
            _returned(one, standing, when),
            tuple(names.get(this.record, ())),
            tuple(_codes(session, this, values, today)),
        )
        lines.append(_line(one, this, values, m2, came))
    return lines


def _returned(one: Waiting, standing: Standing, when: Mapping[str, int]) -> int:
    """When a returned statement was sent back first; 0 for any other."""
    if one.state != RETURNED:
        return 0
    times = [
        when[decision.hash]
        for decision in standing.decided_by.get(one.statement, ())
        if decision.act == "return"
    ]
    return min(times, default=0)


def _fields(
    session: Session, entries: Mapping[str, Entry], said: Said, known: Mapping[str, Said]
) -> dict[str, Any]:
    """Fields of a statement; of a withdrawal those of what it ends."""
    while said.act == "withdraw":
        earlier = next((known[one] for one in said.replaces if one in known), None)
        if earlier is None:
            return {}
        said = earlier
    return session.fields_of(entries[said.hash])


def _areas(values: Sequence[Any], frame: Frame | None) -> list[float]:
    """Areas in m² of canonical shapes, 0 where there is none or it draws no ground."""
    areas = np.zeros(len(values))
    drawn = [
        at
        for at, value in enumerate(values)
        if isinstance(value, Mapping) and str(value.get("type", "")).endswith("Polygon")
    ]
    if frame is not None and drawn:
        try:
            shapes = shapes_of([values[at] for at in drawn])
            areas[drawn] = shapely.area(frame.project_geometries(shapes))
        except Refused:  # one of another program's shapes is none: measured one by one
            areas[drawn] = [_area(values[at], frame) for at in drawn]
    return [float(one) for one in areas.round(6)]


def _area(value: Any, frame: Frame) -> float:
    try:
        return float(shapely.area(frame.project_geometries(shapes_of([value])))[0])
    except Refused:
        return 0.0


def _names(session: Session, records: Collection[str]) -> dict[str, list[str]]:
    """National ids of records."""
    found: dict[str, list[str]] = {}
    for entry in session.workspace.store.concerning(records):
        header = read_header(entry.header)
        if header.act == "name":
            name = str(session.fields_of(entry).get("national_id", ""))
            found.setdefault(header.record, []).append(name)
    return found


def _line(one: Waiting, said: Said, fields: Mapping[str, Any], m2: float, came: _Came) -> Line:
    lines = fields.get(_LINES_LEFT_OUT, ())
    words = [split_record_id(said.record)[2], *came.names, *_words(fields), said.actor]
    return Line(
        statement=one.statement,
        record=said.record,
        kind=said.kind,
        organisation=said.organisation,
        actor=said.actor,
        act=said.act,
        state=one.state,
        level=one.level,
        event=one.event,
        before=one.before,
        rivals=one.rivals,
        answers=one.answers,
        seq=came.seq,
        received_at=came.received_at,
        since=came.since,
        happened_on=said.happened_on,
        m2=m2,
        pieces=sum(amounts(line)[0] for line in lines) if isinstance(lines, list) else 0,
        place=str(fields.get("place", "") or ""),
        codes=came.codes,
        text=" ".join(words).casefold(),
    )


def _words(fields: Mapping[str, Any]) -> Iterator[str]:
    for name in _NAMED:
        value = fields.get(name)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str) and one:
                yield one.split("/", 2)[-1]


def _codes(session: Session, said: Said, fields: Mapping[str, Any], today: str) -> Iterator[str]:
    """What a first statement or correction gives to notice by itself."""
    kind = session.kinds.get(said.kind)
    if kind is None or kind.protected or said.act not in ("record", "correct") or not fields:
        return
    if checker(kind).check(fields, today=today, where=said.record).missing:
        yield "incomplete"
    if said.kind == "hazard_area" and "shape" not in fields:
        yield "hazard_without_polygon"
