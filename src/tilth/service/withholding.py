"""What is told of a record and on a paper, and to whom; the rest stays behind and is named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tilth.core import canonical
from tilth.core.problems import Problem, Refused, register
from tilth.core.statement import split_record_id
from tilth.service import records
from tilth.service.choosing import resolve_record
from tilth.service.lens import Lens, is_readable, not_readable
from tilth.service.register import register_of
from tilth.service.session import Session
from tilth.service.viewing import note_view

__all__ = ["life_shown", "name_of_person", "require_paper"]

register(
    {
        "document_of_all": (
            "A {document} tells of everybody's ground, and you may not read all of it.",
            "Ask the authority for it, or for the right to read it.",
        ),
    }
)

_NUMBERED = ("order_number", "certificate_number")
_DRAWN = ("shape", "point", "boundary")


def life_shown(session: Session, name: str, why: str = "record") -> dict[str, Any]:
    """A record as `tilth.service.records.life` tells it, as far as the person may read it.

    Who said what is told within the organisation and to the authority; a view of a protected
    record is noted before anything is read.

    Parameters
    ----------
    why
        What it is opened for, as the note of a protected record says.

    Returns
    -------
    dict
        As `life`, with ``withheld``: names of the fields that were left out.

    Raises
    ------
    Refused
        ``not_readable``, the same for what is not there; ``ambiguous_record``,
        ``views_not_kept``.
    """
    record = resolve_record(session, name)
    author, kind, _ = split_record_id(record)
    defined = session.kinds.get(kind)
    if defined is not None and defined.protected:
        note_view(session, record, why)
    told = records.life(session, record)
    if session.roles is None:
        return {**told, "withheld": []}
    lens = Lens(session)
    values = lens.fields(kind, told["values"], author, record=record)
    withheld = list(lens.withheld)
    kept = {**told, "values": values, "withheld": withheld}
    kept["fields"] = [one for one in told["fields"] if one["name"] in values]
    if any(one in withheld for one in _DRAWN):
        kept["ground"], kept["geometry"] = {}, []
    if not lens.shows(author, kind, "remarks", record=record):
        kept["life"] = [{**line, "actor": "", "note": ""} for line in told["life"]]
    return kept


def require_paper(session: Session, document: str, about: str, subject: str) -> None:
    """Refuse a document of what the person may not read.

    Parameters
    ----------
    about
        Kind of the record it is made of; empty for one of the whole operation, which needs the
        right to read all ground.

    Raises
    ------
    Refused
        ``not_readable``, ``document_of_all``.
    """
    if session.roles is None:
        return
    lens = Lens(session)
    if not about:
        if "place" not in lens.cuts():
            raise Refused(Problem("document_of_all", document, {"document": document}))
        return
    if document == "service_record":  # a person has none, and is asked about where service is read
        return
    of_kind = register_of(session).of(about)
    named = {one for one in session.workspace.store.find_record(subject) if _is_of(one, about)}
    called = register_of(session).find(about, subject, session.own)
    named |= {called.record} if called is not None else set()
    named |= {
        record
        for record, one in of_kind.items()
        if subject in (one.now().get(number) for number in _NUMBERED)
    }
    if not lens.readable(named):
        raise not_readable(subject)


def _is_of(record: str, kind: str) -> bool:
    return split_record_id(record)[1] == kind


def name_of_person(session: Session, why: str) -> Callable[[str], str | None]:
    """Reader of rank and name by code; None for who is not in the vault.

    Of whom the person of the session may not read it gives the code. Each name that is told is
    noted once, before it is told.
    """
    known = _names(session)
    noted: set[str] = set()

    def name(code: str) -> str | None:
        if code not in known:
            return None
        record, called = known[code]
        if session.roles is not None and session.views is None:
            return code
        if not is_readable(session, record):
            return code
        if record not in noted:
            noted.add(record)
            note_view(session, record, why)
        return called or code

    return name


def _names(session: Session) -> Mapping[str, tuple[str, str]]:
    """Record, and rank with name, of each person in the vault by code; the newest said of one."""
    found = {}
    for record, _, payload in session.workspace.vault.payloads():
        if split_record_id(record)[1] == "person":
            fields = canonical.decode(payload)
            parts = (str(fields.get("rank", "")), str(fields.get("name", "")))
            found[str(fields["code"])] = record, " ".join(part for part in parts if part)
    return found
