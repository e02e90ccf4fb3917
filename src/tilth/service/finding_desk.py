"""The work list of findings as one person may see it, from what the keeper published."""

from __future__ import annotations

import base64
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import shapely

from tilth.core import roles
from tilth.core.days import ordinal
from tilth.core.finding_weights import WEIGHTS, weight_of
from tilth.core.findings import Finding
from tilth.core.statement import read_header, split_record_id
from tilth.service import findings as computing
from tilth.service.face import read_face, read_faces, statements_since
from tilth.service.finding_list import CLOSED, COUNTS, PER_PART, ROWS, Row
from tilth.service.lens import Lens, not_readable
from tilth.service.session import Session
from tilth.text.messages import finding_text

__all__ = ["STATES", "Ask", "Behind", "Line", "WorkList", "explain", "export", "work_list"]

STATES = ("open", "explained", "closed")
_REMEMBERED = "finding_rows"


@dataclass(frozen=True, slots=True)
class Ask:
    """Which findings; empty for all.

    Parameters
    ----------
    code, owner, weight
        Code, id of an organisation, one of `tilth.core.finding_weights.WEIGHTS`.
    state
        One of `STATES`; without, what is open or explained.
    days
        So many days old at the least.
    record
        Only what is told of this record, by full or local id.
    """

    code: str = ""
    owner: str = ""
    weight: str = ""
    state: str = "open"
    days: int = 0
    record: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A finding with its words; what may not be read is empty.

    Parameters
    ----------
    other
        Empty too where it may not be read; then ``withheld`` says so and no sentence names it.
    at
        Longitude and latitude of a point of the ground, where the person may know it.
    closed_by
        Position after which it no longer arose; 0 while it stands.
    may_explain
        Whether the person may say why it stands.
    """

    number: int
    code: str
    weight: str
    record: str
    other: str
    what: str
    fix: str
    area_m2: float
    items: int
    owner: str
    owner_name: str
    state: str
    reason: str
    since: str
    age_days: int
    opened: int
    at: tuple[float, float] | None = None
    place: str = ""
    withheld: bool = False
    closed_by: int = 0
    may_explain: bool = False


@dataclass(frozen=True, slots=True)
class Behind:
    """Findings told of records that may not be read: how many, and the m² at stake."""

    count: int
    area_m2: float


@dataclass(frozen=True, slots=True)
class WorkList:
    """A page of the list.

    Parameters
    ----------
    position, received_at
        What the findings are of.
    newer
        Statements that came in since.
    waiting
        Clusters and records that the keeper has yet to look at again.
    total
        Findings that match.
    codes, owners, weights, states
        How many of those match which all other parts of the question do, by value.
    """

    lines: Sequence[Line]
    total: int
    position: int
    received_at: str
    newer: int
    waiting: int
    behind: Behind | None
    codes: Mapping[str, int]
    owners: Mapping[str, int]
    weights: Mapping[str, int]
    states: Mapping[str, int]
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Known:
    """Rows of one publication, read once."""

    position: int
    seq: int
    received_at: str
    until: str
    rows: tuple[Row, ...]


def work_list(
    session: Session, ask: Ask, language: str, *, page: int = 1, per_page: int = 50
) -> WorkList | None:
    """Findings that match and may be read, the weightiest first; None while none are published."""
    known = _known(session)
    if known is None:
        return None
    lens = Lens(session)
    counts = read_face(session, COUNTS) or {}
    shown, behind = _readable(lens, known.rows)
    reasons = _reasons(session, known)
    matching, sums = _matching(session, known, shown, ask, reasons)
    part = slice((page - 1) * per_page, page * per_page)
    closed = _closed(session, lens, ask)
    sums["states"]["closed"] = len(closed)
    if ask.state == "closed":
        lines, total = closed[part], len(closed)
    else:
        lines = _lines(session, lens, known, matching[part], reasons, language)
        total = len(matching)
    return WorkList(
        lines,
        total,
        known.position,
        known.received_at,
        statements_since(session, {"seq": known.seq}),
        int(counts.get("waiting", 0)),
        behind,
        **{name: dict(sorted(found.items())) for name, found in sums.items()},
        names={one.id: one.name for one in session.workspace.settings.organisations},
    )


def export(session: Session, ask: Ask, language: str) -> list[dict[str, Any]]:
    """Everything that matches and may be read, for `findings_csv` and `findings_geojson`."""
    known = _known(session)
    if known is None:
        return []
    lens = Lens(session)
    shown, _ = _readable(lens, known.rows)
    reasons = _reasons(session, known)
    matching, _ = _matching(session, known, shown, ask, reasons)
    lines = _lines(session, lens, known, matching, reasons, language)
    shapes = _shapes(session, [one.number for one in lines if one.at is not None])
    return [
        {
            **{name: getattr(one, name) for name in ("code", "record", "other", "what", "fix")},
            "area_m2": one.area_m2,
            "items": one.items,
            "owner": one.owner_name,
            "state": one.state,
            "reason": one.reason,
            "age_days": one.age_days,
            "geometry": shapes.get(one.number),
        }
        for one in lines
    ]


def explain(session: Session, code: str, record: str, other: str, reason: str) -> str:
    """Say why a published finding stands; see `tilth.service.findings.explain`.

    Raises
    ------
    Refused
        ``not_readable`` for what may not be read, and what that function refuses.
    """
    known = _known(session)
    if known is None:
        return computing.explain(session, code, record, reason, other=other)
    shown, _ = _readable(Lens(session), known.rows)
    if not any(known.rows[number].record == record for number in shown):
        raise not_readable(record)
    standing = {known.rows[number].key for number in shown}
    return computing.explain(session, code, record, reason, other=other, known=standing)


def _known(session: Session) -> _Known | None:
    """Rows as published, decoded once for each publication."""
    remembered = session.remembered.get(_REMEMBERED)
    counts = read_face(session, COUNTS)
    if counts is None:
        return None
    if isinstance(remembered, _Known) and remembered.position == counts["position"]:
        return remembered
    face = read_face(session, ROWS) or {}
    rows = msgspec.convert(face.get("rows", []), list[Row])
    found = _Known(face["position"], face["seq"], face["received_at"], face["until"], tuple(rows))
    session.remembered[_REMEMBERED] = found
    return found


def _readable(lens: Lens, rows: Sequence[Row]) -> tuple[list[int], Behind | None]:
    """Numbers of the rows whose record may be read in full, and what lies behind.

    A released area that is open to every member is not looked up one by one: what is wrong with it
    is for those who may read it anyway.
    """
    shown: list[int] = []
    whole: dict[tuple[str, str], str] = {}
    count, area_m2 = 0, 0.0
    for number, row in enumerate(rows):
        author, kind, _ = split_record_id(row.record) if row.record else (row.owner, "", "")
        if (author, kind) not in whole:
            whole[author, kind] = lens.may_read(author, kind, approved=False)
        much = whole[author, kind]
        if much != "full":
            much = lens.may_read(author, kind, record=row.record, approved=False)
        if much == "full":
            shown.append(number)
        elif much == "aggregate":
            count += 1
            area_m2 += row.area_m2
    return shown, Behind(count, round(area_m2, 6)) if count else None


def _reasons(session: Session, known: _Known) -> dict[tuple[str, str, str], str]:
    """Reasons given since the list was published; a page shows at once what was just said."""
    found = {}
    store = session.workspace.store
    for entry in store.entries_of_kinds([computing.KIND], after_seq=known.seq):
        header, fields = read_header(entry.header), session.fields_of(entry)
        about = str(fields.get("about", ""))
        heard = (about.split("/", 1)[0], session.authority)
        if header.act in ("record", "correct") and header.organisation in heard:
            key = (str(fields.get("finding", "")), about, str(fields.get("other", "")))
            found[key] = str(fields.get("reason", ""))
    return found


def _matching(
    session: Session,
    known: _Known,
    shown: Iterable[int],
    ask: Ask,
    reasons: Mapping[tuple[str, str, str], str],
) -> tuple[list[int], dict[str, Counter[str]]]:
    """Numbers of the rows that match, and counts of each part beside all the others."""
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for name in ("codes", "owners", "weights", "states"):
        sums[name] = Counter()
    last = ordinal(session.today()) - ask.days
    found = []
    for number in shown:
        row = known.rows[number]
        state = "open" if row.reason is None and row.key not in reasons else "explained"
        weight = weight_of(row.code)
        if ask.days and row.since > last:
            continue
        if ask.record and ask.record not in (row.record, row.record.split("/", 2)[-1]):
            continue
        parts = {
            "codes": (row.code, ask.code),
            "owners": (row.owner, ask.owner),
            "weights": (weight, ask.weight),
            "states": (state, ask.state),
        }
        missed = [name for name, (value, wanted) in parts.items() if wanted and value != wanted]
        for name, (value, _) in parts.items():
            if not missed or missed == [name]:
                sums[name][value] += 1
        if not missed:
            found.append(number)
    rank = {name: place for place, name in enumerate(WEIGHTS)}

    def order(number: int) -> tuple[Any, ...]:
        row = known.rows[number]
        return rank[weight_of(row.code)], -row.area_m2, -row.items, row.key

    return sorted(found, key=order), dict(sums)


def _lines(
    session: Session,
    lens: Lens,
    known: _Known,
    numbers: Sequence[int],
    reasons: Mapping[tuple[str, str, str], str],
    language: str,
) -> list[Line]:
    rows = [known.rows[number] for number in numbers]
    others = lens.readable({row.other for row in rows if row.other})
    places = _places(session, lens, [row.record for row in rows])
    today = ordinal(session.today())
    found = []
    for number, row in zip(numbers, rows, strict=True):
        withheld = bool(row.other) and row.other.count("/") > 1 and row.other not in others
        reason = reasons.get(row.key, row.reason)
        text = {"what": "", "fix": ""}
        if not withheld:
            text = finding_text(Finding(row.code, row.record, row.other, row.params), language)
        found.append(
            Line(
                number,
                row.code,
                weight_of(row.code),
                row.record,
                "" if withheld else row.other,
                text["what"],
                text["fix"],
                row.area_m2,
                row.items,
                row.owner,
                session.organisation_name(row.owner),
                "open" if reason is None else "explained",
                reason or "",
                _day(row.since),
                max(0, today - row.since) if row.since else 0,
                row.opened,
                _at(lens, row),
                places.get(row.record, ""),
                withheld,
                may_explain=_may_explain(session, row),
            )
        )
    return found


def _day(since: int) -> str:
    return np.datetime64(since - ordinal("1970-01-01"), "D").item().isoformat() if since else ""


def _may_explain(session: Session, row: Row) -> bool:
    owner = session.own in (row.owner, session.authority)
    return owner and roles.allows(session.roles, "record", computing.KIND)


def _at(lens: Lens, row: Row) -> tuple[float, float] | None:
    """Point on the ground, where the person may know where the record's ground is."""
    if row.lon is None or row.lat is None or row.record.count("/") < 2:
        return None
    author, kind, _ = split_record_id(row.record)
    shown = lens.shows(author, kind, "shape", record=row.record)
    if row.other.count("/") > 1:
        other, other_kind, _ = split_record_id(row.other)
        shown = shown and lens.shows(other, other_kind, "shape", record=row.other)
    return (row.lon, row.lat) if shown else None


def _places(session: Session, lens: Lens, records: Iterable[str]) -> dict[str, str]:
    """Place that each record names, where the person may read it."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for record in records:
        if record.count("/") > 1:
            author, kind, _ = split_record_id(record)
            known = session.kinds.get(kind)
            named = known is not None and any(one.name == "place" for one in known.fields)
            if named and lens.shows(author, kind, "place", record=record):
                by_kind[kind].append(record)
    store = session.workspace.store
    return {
        str(record): str(place)
        for kind, some in by_kind.items()
        for record, place in store.select(kind, ["record", "place"], {"record": sorted(set(some))})
        if place
    }


def _shapes(session: Session, numbers: Sequence[int]) -> dict[int, Any]:
    """Geometry of some rows as GeoJSON."""
    names = {f"{COUNTS}:shapes:{number // PER_PART}" for number in numbers}
    parts = read_faces(session, names)
    found = {}
    for number in numbers:
        part = parts.get(f"{COUNTS}:shapes:{number // PER_PART}", {}).get("shapes", ())
        if number % PER_PART < len(part):
            wkb = base64.b64decode(part[number % PER_PART])
            if wkb:
                found[number] = msgspec.json.decode(shapely.to_geojson(shapely.from_wkb(wkb)))
    return found


def _closed(session: Session, lens: Lens, ask: Ask) -> list[Line]:
    """Findings that no longer arise, the newest first."""
    lines = []
    for number, one in enumerate((read_face(session, CLOSED) or {}).get("rows", [])):
        author, kind, _ = split_record_id(one["record"])
        weight = weight_of(one["code"])
        wanted = (
            (ask.code, one["code"]),
            (ask.owner, one["owner"]),
            (ask.weight, weight),
            (ask.record, one["record"]),
        )
        if any(value and value != own for value, own in wanted):
            continue
        if lens.may_read(author, kind, record=one["record"], approved=False) != "full":
            continue
        lines.append(
            Line(
                number,
                one["code"],
                weight,
                one["record"],
                "",
                "",
                "",
                one["area_m2"],
                0,
                one["owner"],
                session.organisation_name(one["owner"]),
                "closed",
                "",
                one["at"][:10],
                0,
                0,
                closed_by=one["closed_by"],
            )
        )
    return lines
