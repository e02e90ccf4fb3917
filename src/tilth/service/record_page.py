"""What the page of a record tells: fields, ground, papers, links and life, through the lens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tilth.core import roles
from tilth.core.chains import LEVELS, Said
from tilth.core.days import last_day, ordinal
from tilth.core.keyring import split_origin
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.kinds.validate import check
from tilth.core.land.keeper import LandKeeper
from tilth.core.life.handover import revocations_of
from tilth.core.problems import Refused
from tilth.core.statement import parse_header, split_record_id
from tilth.service import records
from tilth.service.choosing import resolve_record
from tilth.service.lens import Lens, not_readable
from tilth.service.nearby import books_around
from tilth.service.positions import position_at
from tilth.service.record_ground import told_shape
from tilth.service.record_life import Life, lines_of, read_life, shown_value
from tilth.service.record_links import NAMED, meant, short
from tilth.service.register import register_of
from tilth.service.search_kept import index_of
from tilth.service.session import Session
from tilth.service.viewing import note_view

__all__ = ["account_near", "choices", "ground_of", "made_from", "record_page"]

_ACTS = ("correct", "revise", "withdraw")
_DECISIONS = ("vouch", "approve", "return", "revoke", "recall", "dispute")
_LEVELS = ("reported", "verified", "approved")
_NOT_CORRECTED = frozenset({"delivery", "document"})
"""Kinds that programs say: nobody corrects them by hand."""


def choices(session: Session, lens: Lens, name: str) -> list[str]:
    """Full ids of the records that a name means and the reader may read; people's by their code.

    Raises
    ------
    Refused
        ``not_readable`` where there is none.
    """
    found = session.workspace.store.find_record(name)
    if not found:
        try:
            found = [resolve_record(session, name)]
        except Refused as refused:
            several = [p for p in refused.problems if p.code == "ambiguous_record"]
            named = str(several[0].params["records"]).split(", ") if several else []
            found = named
    readable = lens.readable(found)
    if not readable:
        raise not_readable(name)
    return sorted(readable)


def record_page(
    session: Session,
    record: str,
    *,
    until: str = "",
    known_at: str = "",
    why: str = "record",
) -> dict[str, Any]:
    """Everything a page tells of a record, but for its ground, papers and links.

    A view of a protected record is noted before anything of it is read.

    Parameters
    ----------
    record
        Full id, as `choices` gives it.
    until
        Day, inclusive, up to which events count in the fields; empty for today.
    known_at
        Time or position up to which statements are read; empty for now.

    Returns
    -------
    dict
        ``record``, ``kind``, ``label``, ``help``, ``local_id``, ``names`` (national ids),
        ``title``, ``place`` (``code``, ``name``), ``author``, ``organisation``, ``happened_on``,
        ``level``, ``levels`` (level → hash in force, ``withdrawn``, or empty), ``state``
        (``in_force``, ``withdrawn``, ``held_in_part``, ``erased``), ``returned``, ``rivals``,
        ``disputes``, ``revoked``, ``recalled``, ``fields``, ``withheld`` (labels), ``missing``
        (labels), ``values`` (as the reader sees them), ``made_from`` (hashes in force), ``life``,
        ``acts`` (those the reader may do), ``synthetic``, ``position``.

    Raises
    ------
    Refused
        ``not_readable``, ``views_not_kept``, ``bad_known_at``.
    """
    author, kind_name, local = split_record_id(record)
    kind = session.kinds.get(kind_name)
    lens = Lens(session)
    lens.require_read(record)
    if kind is not None and kind.protected:
        note_view(session, record, why)
    position = position_at(session, known_at)
    entries = session.workspace.store.of_records([record]).get(record, [])
    about = records.statements_about(session, record, entries)
    about = [entry for entry in about if entry.seq <= position.seq]
    if not any(parse_header(entry.header).record == record for entry in about):
        raise not_readable(record)
    life = read_life(session, record, about)
    values, sources = _values(life, until, session.today())
    seen = lens.fields(kind_name, values, author, record=record)
    withheld = lens.withheld

    def shows(name: str) -> bool:
        return lens.shows(author, kind_name, name, record=record)

    in_force = life.at("reported")
    return {
        "record": record,
        "kind": kind_name,
        "label": kind.label if kind else kind_name,
        "help": kind.help if kind else "",
        "local_id": str(seen.get("code") or local) if kind and kind.protected else local,
        "names": records.national_ids(session, about),
        "title": _title(seen, local),
        "place": _place(session, seen),
        "author": author,
        "organisation": session.organisation_name(author),
        "happened_on": in_force.happened_on if in_force else "",
        "level": life.level_of(in_force.hash) if in_force else "",
        "levels": {level: _at(life, level) for level in _LEVELS},
        "state": _state(life, values),
        "returned": bool(in_force and in_force.hash in life.standing.returned),
        "rivals": life.rivals(),
        **_doubts(session, life, record),
        "fields": _fields(session, life, seen, sources, kind) if kind else [],
        "withheld": [_label(kind, name) for name in withheld],
        "missing": _missing(session, kind, values) if values else [],
        "values": seen,
        "made_from": made_from(life),
        "life": lines_of(session, life, shows, told=shows("remarks")),
        "acts": _acts(session, kind, author, life),
        "protected": bool(kind and kind.protected),
        "synthetic": session.workspace.settings.synthetic,
        "position": position,
    }


def made_from(life: Life) -> str:
    """Hashes of what is in force, by which a form tells what it was made from."""
    told = [one for one in (life.at("reported"), *life.events("reported")) if one is not None]
    return ",".join(one.hash for one in told)


def _label(kind: Kind | None, name: str) -> str:
    if kind is None:
        return name
    return next((one.label for one in kind.fields if one.name == name), name)


def _title(values: Mapping[str, Any], local: str) -> str:
    for name in ("name", "order_number", "certificate_number", "filename"):
        if values.get(name) and values[name] != local:
            return str(values[name])
    return ""


def _place(session: Session, values: Mapping[str, Any]) -> dict[str, str]:
    code = str(values.get("place", ""))
    return {"code": code, "name": index_of(session).place_names.get(code, "")} if code else {}


def _at(life: Life, level: str) -> str:
    said = life.at(level)
    if said is None:
        return ""
    return "withdrawn" if said.act == "withdraw" else said.hash


def _state(life: Life, values: Mapping[str, Any]) -> str:
    if life.is_withdrawn:
        return "withdrawn"
    if life.chain is None:
        return "held_in_part"
    if not values:
        return "erased" if life.kind and life.kind.protected else "held_in_part"
    return "in_force"


# -- fields ----------------------------------------------------------------------------------------


def _values(life: Life, until: str, today: str) -> tuple[dict[str, Any], dict[str, Said]]:
    """Fields at *reported* on a day, and for each the statement that first said it so."""
    first = life.at("reported")
    if first is None or first.act == "withdraw" or life.chain is None:
        return {}, {}
    path, _ = life.chain.path(life.standing)
    values: dict[str, Any] = {}
    sources: dict[str, Said] = {}
    for statement in path[: path.index(first.hash) + 1]:
        now = life.values.get(statement, {})
        for name, value in now.items():
            if values.get(name) != value:
                sources[name] = life.said[statement]
        values = now
    values = dict(values)
    last = ordinal(until or today)
    for event in life.events("reported"):
        if last_day(event.happened_on) > last:
            continue
        for name, value in life.values.get(event.hash, {}).items():
            if name != "happened_on":
                values[name] = value
                sources[name] = event
    return values, sources


def _fields(
    session: Session,
    life: Life,
    seen: Mapping[str, Any],
    sources: Mapping[str, Said],
    kind: Kind,
) -> list[dict[str, Any]]:
    """Fields in the order of their kind; shapes are told apart, with the ground."""
    approved = life.at("approved")
    was = life.values.get(approved.hash, {}) if approved is not None else {}
    newest = life.at("reported")
    now = life.values.get(newest.hash, {}) if newest is not None else {}
    found = []
    for one in kind.fields:
        if one.name not in seen or one.type is FieldType.SHAPE:
            continue
        other = None
        if (
            approved is not None
            and newest is not approved
            and was.get(one.name) != now.get(one.name)
        ):
            other = shown_value(one, was[one.name]) if one.name in was else False
        said = sources.get(one.name)
        found.append(
            {
                "name": one.name,
                "label": one.label,
                "help": one.help,
                "clause": one.clause,
                "value": shown_value(one, seen[one.name]),
                "links": _links_in(session, life.record, one, seen[one.name]),
                "approved": other,
                "statement": said.hash if said else "",
                "act": said.act if said else "",
                "on": said.happened_on if said else "",
            }
        )
    return found


def _links_in(session: Session, record: str, one: Field, value: Any) -> list[dict[str, str]]:
    """Records that a field names: the text as it stands, and the full id where one is meant."""
    if one.type not in (FieldType.RECORD, FieldType.RECORDS) and one.name not in NAMED:
        return []
    kind = one.refers_to or NAMED.get(one.name, "")
    author = split_record_id(record)[0]
    names = value if isinstance(value, list) else [value]
    return [
        {"text": short(str(name)), "record": meant(session, kind, str(name), author)}
        for name in names
    ]


def _missing(session: Session, kind: Kind | None, values: Mapping[str, Any]) -> list[str]:
    """Labels of the minimum data that it lacks."""
    if kind is None:
        return []
    told = []
    for name in check(kind, values, today=session.today()).missing:
        outer, _, inner = name.partition(".")
        one = next(one for one in kind.fields if one.name == outer)
        told.append(_label_of_line(one, inner) if inner else one.label)
    return told


def _label_of_line(one: Field, name: str) -> str:
    return next((inner.label for inner in one.fields if inner.name == name), name)


# -- doubts and acts -------------------------------------------------------------------------------


def _doubts(session: Session, life: Life, record: str) -> dict[str, Any]:
    """Disputes, revocations and recalls that stand, each with who, when and why."""
    known = register_of(session)
    undone = {target for one in life.said.values() if one.act == "undo" for target in one.decides}

    def told(one: Said) -> dict[str, Any]:
        fields = one.fields or {}
        return {
            "hash": one.hash,
            "organisation": session.organisation_name(one.organisation),
            "on": one.happened_on,
            "reason": str(fields.get("reason", "")),
            "partly": "area" in fields,
            "missed": str(fields.get("missed", "")),
        }

    held_here = life.said.values()
    revocations = set(revocations_of(known, record))
    return {
        "disputes": [told(o) for o in held_here if o.act == "dispute" and o.hash not in undone],
        "revoked": [told(one) for one in held_here if one.hash in revocations],
        "recalled": [told(one) for one in held_here if one.hash in known.recalls],
    }


def _acts(session: Session, kind: Kind | None, author: str, life: Life) -> list[str]:
    """Acts that the person may do on this record now, in the order they are offered."""
    if kind is None or life.chain is None:
        return []
    found = []
    for act in _ACTS:
        if life.is_withdrawn or kind.name in _NOT_CORRECTED:
            break
        if act == "revise" and kind.protected:
            continue
        if _may(session, act, author, kind.name):
            found.append(act)
    for act in _DECISIONS:
        if act in ("revoke", "recall") and kind.name != "released_area":
            continue
        if not kind.protected and _may(session, act, author, kind.name):
            found.append(act)
    return found


def _may(session: Session, act: str, author: str, kind: str) -> bool:
    if not roles.allows(session.roles, act, kind):
        return False
    for log in session.own_logs():
        organisation = split_origin(log)[1]
        if session.permission(act, organisation, author).allowed:
            return organisation == session.own or not session.organisation
    return False


# -- ground ---------------------------------------------------------------------------------------


def ground_of(session: Session, page: Mapping[str, Any]) -> dict[str, Any]:
    """Shapes of a record as told by `told_shape`, under ``shapes``.

    Parameters
    ----------
    page
        What `record_page` gave.
    """
    frame, kind = session.frame(), session.kinds.get(str(page["kind"]))
    values: Mapping[str, Any] = page["values"]
    shapes = [
        {"name": one.name, "label": one.label, **told_shape(values[one.name], frame)}
        for one in (kind.fields if kind else ())
        if one.type is FieldType.SHAPE and one.name in values
    ]
    return {"shapes": shapes}


def account_near(session: Session, record: str) -> dict[str, dict[str, float]]:
    """What the account makes of a record's ground today, by level, in m².

    Only the statements that bear on its ground are read; the terms are those of the whole account.
    Of a hazard area ``released_m2`` and ``remaining_m2``, of a released area ``credited_m2``.
    """
    books = books_around(session, [record])
    keeper = LandKeeper(books.land, threads=1)
    keeper.recompute()
    today = ordinal(session.today())
    told = {level: records.terms_of(keeper.rows(level), record, today) for level in LEVELS}
    return {level: terms for level, terms in told.items() if terms}
