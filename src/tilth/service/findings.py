"""What was noticed: findings of both accounts, of records and of imports, with owner and age."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import shapely

from tilth.core import canonical
from tilth.core.days import ordinal
from tilth.core.findings import FINDINGS, Finding
from tilth.core.keyring import split_origin
from tilth.core.land.findings import decided_findings, ground_findings, said_findings
from tilth.core.problems import Problem, Refused, register
from tilth.core.statement import parse_header, record_id, split_record_id
from tilth.exchange.pause import collector_paused
from tilth.exchange.refused import safe_cell
from tilth.service.deciding import resolve_record
from tilth.service.deliveries import newest
from tilth.service.finding_parts import (
    KeptFinding,
    day_received,
    delivery_findings,
    kept_finding,
    noise_of,
    said_day_of,
    told_once,
)
from tilth.service.ground import Books, read_books
from tilth.service.life_findings import LifeNotes
from tilth.service.noticing import notice_records
from tilth.service.positions import Position, position_at, unmoved
from tilth.service.register import register_of
from tilth.service.session import Session
from tilth.text.messages import finding_text

__all__ = [
    "explain",
    "explanations",
    "finding_counts",
    "findings",
    "findings_csv",
    "findings_geojson",
    "keep",
]

BOOK = "findings"
OPEN, EXPLAINED = "open", "explained"
KIND = "explanation"
_TELL_NOTHING = frozenset({"document", KIND})
"""Kinds that no finding is about; why one stands is read apart."""
_COLUMNS = (
    "code",
    "record",
    "other",
    "what",
    "fix",
    "area_m2",
    "items",
    "owner",
    "state",
    "reason",
    "age_days",
)

register(
    {
        "unknown_finding": (
            "There is no finding {code}.",
            "Take one of those that tilth findings counts, or a part of its name.",
        ),
        "no_such_finding": (
            "There is no finding {code} about {record}.",
            "Look at tilth findings; it may have been closed meanwhile.",
        ),
    }
)


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[KeptFinding])


def findings(session: Session, code: str = "", *, language: str = "en") -> list[dict[str, Any]]:
    """Findings as of now at *reported*, the largest area at stake first.

    Kept by position and day, so that asking again computes nothing. A finding that no longer
    arises is closed and not in the list: the statement that closed it stands in the log.

    Parameters
    ----------
    code
        Only findings of this code, or of all codes that hold this word.

    Returns
    -------
    list of dict
        ``code``, ``record``, ``other``, ``what``, ``fix``, ``area_m2``, ``items``, ``owner`` (the
        organisation that can close it), ``state`` (open or explained), ``reason`` (of the
        explanation), ``age_days`` (since the newest statement concerned came in) and ``geometry``
        (GeoJSON in WGS 84 degrees, or None).

    Raises
    ------
    Refused
        ``unknown_finding``.
    """
    codes = _codes(code)
    today, reasons = ordinal(session.today()), explanations(session)
    chosen = [one for one in _all(session) if not codes or one.code in codes]
    chosen.sort(key=lambda one: (-one.area_m2, -one.items, one.code, one.record, one.other))
    shapes = _geojson([one.wkb for one in chosen])
    return [
        {
            **_told(session, one, language),
            "state": EXPLAINED if one.key in reasons else OPEN,
            "reason": reasons.get(one.key, ""),
            "age_days": max(0, today - one.since) if one.since else 0,
            "geometry": geometry,
        }
        for one, geometry in zip(chosen, shapes, strict=True)
    ]


def finding_counts(session: Session) -> dict[str, int]:
    """How many findings of each code there are, most first."""
    return dict(Counter(one.code for one in _all(session)).most_common())


def explain(
    session: Session,
    code: str,
    record: str,
    reason: str,
    *,
    other: str = "",
    on: str = "",
    known: Container[tuple[str, str, str]] | None = None,
) -> str:
    """Say why a finding stands; it stays in the list as explained. Returns the explanation's id.

    Said again it corrects the reason; withdrawn like any record, the finding is open again.

    Parameters
    ----------
    record, other
        Any id of the records that the finding names.
    on
        Day of the explanation; today if empty.
    known
        Findings that stand, as code, record and other, where they are published; computed if not
        given.

    Raises
    ------
    Refused
        ``reason_missing``, ``no_such_finding``, ``actor_missing``, ``unknown_record``,
        ``not_permitted`` unless it is the author's or the authority's to explain.
    """
    if not reason.strip():
        raise Refused(Problem("reason_missing", "explain", {"act": "explain"}))
    about = resolve_record(session, record)
    second = resolve_record(session, other) if other else ""
    standing = {one.key for one in _all(session)} if known is None else known
    if (code, about, second) not in standing:
        raise Refused(Problem("no_such_finding", record, {"code": code, "record": record}))
    # the author's, or the authority's
    log = session.log_for("return", split_record_id(about)[0], "")
    author = split_origin(log)[1]
    local = canonical.sha256("|".join((code, about, second)).encode())[:16]
    explanation = record_id(author, KIND, local)
    before = newest(session, [explanation]).get(explanation)
    fields = {
        "local_id": local,
        "happened_on": on or session.today(),
        "finding": code,
        "about": about,
        "reason": reason,
    }
    if second:
        fields["other"] = second
    draft = session.draft(
        "record" if before is None else "correct",
        KIND,
        fields,
        log=log,
        record=explanation,
        replaces=() if before is None else (before.hash,),
        happened_on=fields["happened_on"],
    )
    session.workspace.append([draft], log=log)
    return explanation


def explanations(session: Session) -> dict[tuple[str, str, str], str]:
    """Reasons in force, by what they explain; only the author's and the authority's count."""
    entries = session.workspace.store.entries_of_kinds([KIND])
    records = {parse_header(entry.header).record for entry in entries}
    found = {}
    for record, said in sorted(newest(session, records).items()):
        fields, author = said.fields or {}, split_record_id(record)[0]
        about = str(fields.get("about", ""))
        if author in (about.split("/", 1)[0], session.authority):
            key = (str(fields.get("finding", "")), about, str(fields.get("other", "")))
            found[key] = str(fields.get("reason", ""))
    return found


def findings_csv(found: Iterable[Mapping[str, Any]]) -> str:
    """Table of findings, their ground as WKT; no cell is taken for a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*_COLUMNS, "wkt"])
    for one in found:
        geometry = one.get("geometry")
        wkt = "" if geometry is None else shapely.geometry.shape(geometry).wkt
        cells = [str(one.get(name, "")) for name in _COLUMNS]
        writer.writerow([*map(safe_cell, cells), wkt])
    return text.getvalue()


def findings_geojson(found: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """FeatureCollection of findings in WGS 84 degrees; those without ground have no geometry."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {name: one.get(name) for name in _COLUMNS},
                "geometry": one.get("geometry"),
            }
            for one in found
        ],
    }


def _codes(code: str) -> frozenset[str]:
    if not code:
        return frozenset()
    if code in FINDINGS:
        return frozenset({code})
    codes = frozenset(one for one in FINDINGS if code in one)
    if not codes:
        raise Refused(Problem("unknown_finding", code, {"code": code}))
    return codes


def _told(session: Session, one: KeptFinding, language: str) -> dict[str, Any]:
    finding = Finding(one.code, one.record, one.other, one.params)
    return {
        **finding_text(finding, language),
        "area_m2": round(one.area_m2, 6),
        "items": one.items,
        "owner": session.organisation_name(one.record.split("/", 1)[0]),
    }


def _geojson(wkb: Sequence[bytes]) -> list[dict[str, Any] | None]:
    shapes = np.empty(len(wkb), dtype=object)
    shapes[:] = [one or None for one in wkb]
    texts = shapely.to_geojson(shapely.from_wkb(shapes))
    return [None if text is None else msgspec.json.decode(text) for text in texts]


def keep(session: Session, position: Position, found: Sequence[KeptFinding]) -> None:
    """Keep the findings at a position, so that asking for them computes nothing."""
    values: dict[str, bytes | None] = dict.fromkeys(session.workspace.store.kept_keys(BOOK))
    values[_key(session, position)] = _ENCODER.encode(found)
    session.workspace.store.keep_many(BOOK, values)


def _all(session: Session) -> list[KeptFinding]:
    """Findings at the newest position, from what is kept where it is."""
    position = position_at(session, "")
    key = _key(session, position)
    kept = session.workspace.store.kept(BOOK, [key]).get(key) or _unmoved(session, position)
    if kept is not None:
        found = _DECODER.decode(kept)
    else:
        with collector_paused():  # statements and faces are trees: nothing to collect
            found = _compute(session, position)
        keep(session, position, found)
    # What is noticed about people is never kept outside their vault.
    return found + delivery_findings(session, {}, protected=True)


def _unmoved(session: Session, position: Position) -> bytes | None:
    """Findings kept at an earlier position of today, where only documents were issued since."""
    store = session.workspace.store
    kinds = sorted({*session.kinds, "decision", "log"} - _TELL_NOTHING)
    receipts = {int(name[:10]) for name in store.kept_keys(BOOK)}
    for earlier in unmoved(session, position, receipts, kinds):
        key = _key(session, earlier)
        if (kept := store.kept(BOOK, [key]).get(key)) is not None:
            return kept
    return None


def _key(session: Session, position: Position) -> str:
    """Roots of every log, and the day: what is due or late changes with it."""
    roots = "".join(root[:8] for _, _, root in position.heads)
    return f"{position.receipts:010d}:{roots}:{session.today()}"


def _compute(session: Session, position: Position) -> list[KeptFinding]:
    books = read_books(session, until_seq=position.seq)
    books.land.refresh()
    books.land.called = register_of(session).codes(session.authority)
    life = LifeNotes(session)
    noticed = notice_records(session, books, life)
    found = [
        *noticed.findings,
        *_of_land(session, books),
        *life.findings(books),
    ]
    received = day_received(session)
    kept = [kept_finding(one, noticed.newest, received) for one in found]
    kept += delivery_findings(session, noticed.source, protected=False)
    return told_once(kept)


def _of_land(session: Session, books: Books) -> list[Finding]:
    said_day = said_day_of(session)
    spoken = {
        record: said
        for record, said in books.items.items()
        if split_record_id(record)[1] != "clearance_report"  # a record of land too
    }
    found = [
        *said_findings(books.land, said_day),
        *decided_findings(books.land, spoken, said_day),
    ]
    frame = session.frame()
    if frame is None:
        return found
    names = {party.id: party.name for party in session.workspace.settings.organisations}
    until = ordinal(session.today())
    return found + ground_findings(
        books.land, frame, until, names, noise_of(session), named=books.named
    )
