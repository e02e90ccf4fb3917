"""A record's life as it is shown, the log newest first, and acts on the record as a whole."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import shapely

from tilth.core.chains import LEVELS, PRUDENT, REPORTED, Chain, Said, Standing, chains_of
from tilth.core.days import ordinal
from tilth.core.geometry.encoding import shape_of
from tilth.core.geometry.frame import Frame
from tilth.core.kinds.model import FieldType, Kind
from tilth.core.land.account import case_of, face_sets
from tilth.core.land.clusters import clusters_of
from tilth.core.land.keeper import arrange_clusters
from tilth.core.land.rows import LandRows
from tilth.core.land.rules import RELEASED, REMAINING
from tilth.core.land.statuses import statuses
from tilth.core.problems import Problem, Refused, register
from tilth.core.statement import parse_header, split_record_id
from tilth.service import accounting
from tilth.service.deciding import require_reason, resolve_record, standing_of_statements
from tilth.service.deliveries import opened
from tilth.service.nearby import books_around
from tilth.service.session import Session, said_of
from tilth.store.protocol import Entry, Receipt
from tilth.store.vault import Erased

__all__ = [
    "Receipts",
    "erase_records",
    "life",
    "name_record",
    "national_ids",
    "newest_statements",
    "statements_about",
    "terms_of",
]

CREDIT_STATEMENTS = 20_000
"""Up to so many statements a record's credit is computed when no account is kept."""

register(
    {
        "name_taken": (
            "{name} names the record {record} already.",
            "Give another id, or tilth undo the statement that gave this one.",
        ),
        "bad_national_id": (
            "{name} is no id.",
            "Give 1 to 200 characters, not those of a full record id.",
        ),
    }
)


class Receipts:
    """When which statement was received."""

    def __init__(self, receipts: Sequence[Receipt]) -> None:
        self._receipts = receipts
        self._first = [receipt.first_seq for receipt in receipts]

    def at(self, seq: int) -> str:
        """UTC time of receipt of a statement."""
        receipt = self._receipts[max(0, bisect_right(self._first, seq) - 1)]
        moment = datetime.fromtimestamp(receipt.received_at / 1e6, UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def newest_statements(session: Session, limit: int) -> list[dict[str, Any]]:
    """Last statements of all logs, newest first, as plain values."""
    store = session.workspace.store
    last = store.last_seq()
    receipts = Receipts(store.receipts())
    entries = list(store.entries(after_seq=max(0, last - limit)))
    return [_line(session, entry, receipts) for entry in reversed(entries)]


def _line(session: Session, entry: Entry, receipts: Receipts) -> dict[str, Any]:
    header = parse_header(entry.header)
    fields = session.fields_of(entry)
    return {
        "received_at": receipts.at(entry.seq),
        "said_at": header.said_at,
        "happened_on": header.happened_on,
        "act": header.act,
        "kind": header.kind,
        "record": header.record,
        "organisation": session.organisation_name(header.organisation),
        "actor": header.actor,
        "hash": entry.hash,
        "position": entry.seq,
        "note": _note(header.act, header.decides_count or len(header.decides), fields),
    }


def _note(act: str, decides: int, fields: Mapping[str, Any]) -> str:
    """What a statement says beside its header, in a few words."""
    parts = []
    if decides:
        parts.append(f"on {decides} statements" if decides > 1 else "on 1 statement")
    if act in ("revoke", "recall"):
        named = [split_record_id(str(one))[2] for one in fields.get("records", ())]
        parts.append(f"of {', '.join(named[:3])}{' …' if len(named) > 3 else ''}")
    if act == "name":
        parts.append(str(fields.get("national_id", "")))
    if fields.get("reason") and act != "record":
        parts.append(str(fields["reason"]))
    return ": ".join(parts)


def life(session: Session, name: str) -> dict[str, Any]:
    """A record as it is shown: names, levels, fields, ground, and its life oldest first.

    Returns
    -------
    dict
        ``record``, ``kind``, ``label``, ``names``, ``levels`` (level → hash in force), ``fields``
        (``name``, ``label``, ``value``), ``values`` (as recorded), ``geometry`` (lines), ``ground``
        (``area_m2``, ``credit``), ``life``, ``synthetic``.

    Raises
    ------
    Refused
        ``unknown_record`` or ``ambiguous_record``.
    """
    store = session.workspace.store
    record = resolve_record(session, name)
    _, kind_name, local = split_record_id(record)
    entries = store.of_records([record]).get(record, [])
    said = [said_of(entry) for entry in entries]
    standing = standing_of_statements(session, said)
    chain, revisions = chains_of(said)
    levels = _levels(chain, standing)
    acts = statements_about(session, record, entries)
    names = national_ids(session, acts)
    values = _values(session, said, chain, revisions, standing)
    kind = session.kinds.get(kind_name)
    ground = _ground(session, record, kind_name, values)
    receipts = Receipts(store.receipts())
    return {
        "record": record,
        "kind": kind_name,
        "label": kind.label if kind else kind_name,
        "names": [local, *names],
        "levels": levels,
        "fields": _shown(kind, values) if kind else [],
        "values": values,
        "geometry": _ground_lines(values, ground),
        "ground": ground,
        "life": [_line(session, entry, receipts) for entry in acts],
        "synthetic": session.workspace.settings.synthetic,
    }


def _levels(chain: Chain | None, standing: Standing) -> dict[str, str]:
    """Hash of the statement of the first chain that is in force at each level."""
    found: dict[str, str] = {}
    for level, number in LEVELS.items():
        value = chain.value(number, standing) if chain and number != PRUDENT else None
        if value is not None:
            found[level] = "withdrawn" if value.act == "withdraw" else value.hash
    return found


def statements_about(session: Session, record: str, entries: Sequence[Entry]) -> list[Entry]:
    """Every statement on a record: its own, decisions on them, what undoes those, in order."""
    store = session.workspace.store
    found = {entry.hash: entry for entry in entries}
    for entry in store.concerning([record]):
        found[entry.hash] = entry
    fresh = set(found)
    while fresh:
        deciding = {entry.hash: entry for entry in store.deciding(fresh)}
        fresh = set(deciding) - set(found)
        found |= deciding
    return sorted(found.values(), key=lambda entry: entry.seq)


def national_ids(session: Session, acts: Iterable[Entry]) -> list[str]:
    """National ids that a record was given, in order."""
    given = [entry for entry in acts if parse_header(entry.header).act == "name"]
    ids = (str(session.fields_of(entry).get("national_id", "")) for entry in given)
    return [one for one in dict.fromkeys(ids) if one]


def _values(
    session: Session,
    said: Sequence[Said],
    chain: Chain | None,
    revisions: Sequence[Chain],
    standing: Standing,
) -> dict[str, Any]:
    """Fields at *reported*: of the first chain, then what each later revision states."""
    first = chain.value(REPORTED, standing) if chain else None
    if first is None or first.act == "withdraw":
        return {}
    spoken = [first]
    events = [one.value(REPORTED, standing) for one in revisions]
    spoken += sorted(
        (one for one in events if one is not None and one.act != "withdraw"),
        key=lambda one: (one.happened_on, said.index(one)),
    )
    values: dict[str, Any] = {}
    for one in spoken:
        values |= opened(session, one)
    return values


def _shown(kind: Kind, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Fields in the order of their kind, each as one line of text."""
    shown = []
    for one in kind.fields:
        value = values.get(one.name)
        if value is None or (one.type is FieldType.SHAPE and value["type"] != "Point"):
            continue
        if one.type is FieldType.SHAPE:
            longitude, latitude = value["coordinates"]
            text = f"latitude {latitude / 1e9:.9g}, longitude {longitude / 1e9:.9g}"
        elif one.type is FieldType.LINES:
            text = f"{len(value)} lines" if len(value) != 1 else "1 line"
        elif one.type in (FieldType.RECORD, FieldType.RECORDS):
            named = value if isinstance(value, list) else [value]
            text = ", ".join(_short(str(name)) for name in named)
        elif isinstance(value, list):
            text = ", ".join(map(str, value))
        else:
            text = f"{value} {one.unit}".strip()
        shown.append({"name": one.name, "label": one.label, "value": text})
    return shown


def _short(name: str) -> str:
    """Local id of a record; a name that is no full id as it is. ``values`` keep the whole."""
    return split_record_id(name)[2] if name.count("/") >= 2 else name


def _ground(session: Session, record: str, kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Area of the newest shape in the operation's frame, and what the account makes of it."""
    frame, shape = session.frame(), values.get("shape")
    found: dict[str, Any] = {}
    if shape is not None and frame is not None:
        found["type"] = str(shape["type"])
        found |= _measured(shape, frame)
    if kind in ("hazard_area", "released_area"):
        found["credit"] = _credit(session, record)
    if kind == "hazard_area" and shape is not None and frame is not None:
        found["statuses"] = _statuses(session, record)
    return found


def _statuses(session: Session, record: str) -> dict[str, dict[str, dict[str, float]]]:
    """First, latest and joint status of a hazard's released ground per level, as of today.

    Computed from the faces of its own cluster; levels without released ground are left out.
    """
    book = books_around(session, [record]).land
    book.refresh()
    today = ordinal(session.today())
    found = {}
    for cluster in clusters_of(book, book.views):
        if record not in cluster.hazards:
            continue
        faces = face_sets(cluster, arrange_clusters(book, [cluster]), 0)
        for level, number in LEVELS.items():
            told = statuses(case_of(book, cluster, number), faces, record, today)
            if told.first:
                found[level] = {
                    name: {claim: round(m2, 6) for claim, m2 in sorted(table.items())}
                    for name, table in told._asdict().items()
                }
    return found


def _measured(shape: Mapping[str, Any], frame: Frame) -> dict[str, Any]:
    degrees = shape_of(shape)
    metres = frame.project_geometries(np.array([degrees], dtype=object))
    centre = degrees.representative_point()
    return {
        "area_m2": round(float(shapely.area(metres)[0]), 6),
        "points": int(shapely.get_num_coordinates(degrees)),
        "longitude": round(float(centre.x), 6),
        "latitude": round(float(centre.y), 6),
    }


def _credit(session: Session, record: str) -> dict[str, dict[str, float]]:
    """Per level, m² that a release was credited, or that became of a hazard, as of today.

    Empty where no account is kept and the log is too long to compute one in passing.
    """
    position = accounting.position_at(session, "")
    if position.seq > CREDIT_STATEMENTS and not accounting.is_kept(session, position):
        return {}
    today = ordinal(session.today())
    kept = accounting.kept_at(session, position, list(LEVELS))
    return {
        level: terms for level, one in kept.items() if (terms := terms_of(one.rows, record, today))
    }


def terms_of(rows: LandRows, record: str, today: int) -> dict[str, float]:
    """Square metres that became of a hazard's ground, or were credited to a release, on a day."""
    at = rows.state(today)
    if not len(at):
        return {}
    status = np.where(at >= 0, rows.segment_status[at], 0)
    release = np.where(status == RELEASED, rows.segment_release[at], -1)
    hazards = [n for n, one in enumerate(rows.hazards) if one.record == record]
    releases = [n for n, one in enumerate(rows.releases) if one.record == record]
    terms: dict[str, float] = {}
    if hazards:
        own = np.isin(rows.hazard, hazards)
        terms["released_m2"] = float(rows.area_m2[own & (status == RELEASED)].sum())
        terms["remaining_m2"] = float(rows.area_m2[own & (status == REMAINING)].sum())
    if releases:
        terms["credited_m2"] = float(rows.area_m2[np.isin(release, releases)].sum())
    return {name: round(value, 6) for name, value in terms.items()}


def _ground_lines(values: Mapping[str, Any], ground: Mapping[str, Any]) -> list[str]:
    """The ground in words: type, area, where, repair, and what the account makes of it."""
    lines = []
    if "area_m2" in ground:
        lines.append(
            f"{ground['type']} of {ground['area_m2']:,.2f} m² with {ground['points']} points, "
            f"around {ground['latitude']}, {ground['longitude']}"
        )
    shape = values.get("shape") or {}
    if entered := shape.get("entered"):
        lines.append(f"entered as {entered.get('crs', '')} {entered.get('format', '')}".rstrip())
    if repair := shape.get("repair"):
        lines.append(f"repaired: {repair['before_m2']} m² before, {repair['after_m2']} m² after")
    for level, terms in (ground.get("credit") or {}).items():
        said = ", ".join(
            f"{name.removesuffix('_m2')} {value:,.2f} m²" for name, value in terms.items()
        )
        lines.append(f"at {level}: {said}")
    for level, tables in (ground.get("statuses") or {}).items():
        for name, table in tables.items():
            said = ", ".join(f"{claim} {value:,.2f} m²" for claim, value in table.items())
            lines.append(f"at {level}, {name} status: {said}")
    return lines


def name_record(session: Session, name: str, national_id: str) -> dict[str, str]:
    """Give a record a national id, as the authority; every id finds the record from then on.

    Raises
    ------
    Refused
        ``unknown_record``, ``bad_national_id``, ``name_taken``, ``not_permitted``.
    """
    session.require_actor()
    record = resolve_record(session, name)
    wanted = national_id.strip()
    if not 0 < len(wanted) <= 200 or wanted.count("/") > 1:
        raise Refused(Problem("bad_national_id", national_id, {"name": national_id}))
    taken = [one for one in session.workspace.store.find_record(wanted) if one != record]
    if taken:
        raise Refused(Problem("name_taken", wanted, {"name": wanted, "record": taken[0]}))
    author, kind, _ = split_record_id(record)
    log = session.log_for("name", author, kind)
    draft = session.draft(
        "name",
        "decision",
        {"national_id": wanted},
        log=log,
        record=record,
        happened_on=session.today(),
    )
    session.workspace.append([draft], log=log)
    return {"record": record, "national_id": wanted}


def erase_records(session: Session, names: Sequence[str], reason: str) -> tuple[list[str], Erased]:
    """Erase records of people: their data, the files it came from, those files' refused rows.

    Raises
    ------
    Refused
        ``reason_missing``, ``unknown_record``, ``not_protected``, ``not_permitted``.
    """
    actor = session.require_actor()
    require_reason("erase", reason)
    records = [resolve_record(session, name) for name in names]
    for record in records:
        author, kind, _ = split_record_id(record)
        session.log_for("erase", author, kind)
    return records, session.workspace.erase(records, reason=reason, actor=actor)
