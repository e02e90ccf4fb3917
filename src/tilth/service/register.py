"""Reads the register of an operation's life from the store, and single records of any kind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tilth.core.chains import Said, standing_of
from tilth.core.kinds.versions import upgraded
from tilth.core.life.register import Held, Register, held_of
from tilth.core.statement import read_header
from tilth.exchange.pause import spare_what_is_held
from tilth.service.session import Session, said_of
from tilth.store.protocol import Entry

__all__ = ["MASS", "held", "held_where", "register_of"]

MASS = frozenset(
    {
        "hazard_area",
        "released_area",
        "clearance_report",
        "spot_task",
        "clearance_summary",
        "evidence_point",
        "place",
        "delivery",
    }
)
"""Kinds that the register leaves in the store: their number goes with the ground, not the people.

`held` and `held_where` read them one by one."""

_REMEMBERED = "register"
_LARGE = 2_000
"""Statements read at once beyond which they are kept out of the collector's walks."""


@dataclass(slots=True)
class _Kept:
    register: Register
    seq: int = 0


def register_of(session: Session) -> Register:
    """Register of everything received by now; kept in the session and brought forward."""
    kept = session.remembered.get(_REMEMBERED)
    if not isinstance(kept, _Kept):
        parties = {one.id: one.name for one in session.workspace.settings.organisations}
        kept = _Kept(Register(session.authority, parties))
        session.remembered[_REMEMBERED] = kept
    _bring_forward(session, kept)
    return kept.register


def _bring_forward(session: Session, kept: _Kept) -> None:
    store, register = session.workspace.store, kept.register
    until = store.last_seq()
    if until == kept.seq:
        return
    kinds = sorted(set(session.kinds) - MASS)
    fresh = []
    for entry in store.entries_of_kinds(kinds, after_seq=kept.seq, until_seq=until):
        said = _said(session, entry)
        if register.take(said):
            fresh.append(said.hash)
    waiting = []
    for entry in store.entries_of_kinds(["decision"], after_seq=kept.seq, until_seq=until):
        said = said_of(entry)
        if register.take(said):
            fresh.append(said.hash)
        elif said.act == "undo":
            waiting.append(said)
    if kept.seq:  # a decision may have come before what it decides on
        _take_decisions(session, register, fresh)
    else:
        while [one for one in waiting if register.take(one)]:
            pass
    register.refresh()
    if len(fresh) > _LARGE:
        spare_what_is_held()
    kept.seq = until


def _take_decisions(session: Session, register: Register, statements: Iterable[str]) -> None:
    fresh = set(statements)
    while fresh:
        said = [said_of(entry) for entry in session.workspace.store.deciding(fresh)]
        fresh = {one.hash for one in said if register.take(one)}


def _said(session: Session, entry: Entry) -> Said:
    """Statement with its fields at the newest version of its kind."""
    said = said_of(entry)
    kind = session.kinds.get(said.kind)
    if said.fields is None or kind is None:
        return said
    version = read_header(entry.header).kind_version
    return (
        said
        if version == kind.version
        else replace(said, fields=upgraded(kind, said.fields, version))
    )


def held(session: Session, records: Iterable[str]) -> dict[str, Held]:
    """What is in force of records of any kind, read from the store; withdrawn ones left out."""
    register = register_of(session)
    entries = session.workspace.store.of_records(list(records))
    said = {record: [_said(session, one) for one in some] for record, some in entries.items()}
    authors = {one.hash: one.organisation for some in said.values() for one in some}
    decisions: dict[str, Said] = {}
    fresh = set(authors)
    while fresh:  # decisions, then what undoes them, then what undoes that
        found = {one.hash: said_of(one) for one in session.workspace.store.deciding(fresh)}
        fresh = set(found) - set(decisions)
        decisions |= found
    targets = {*authors, *decisions}
    standing = standing_of(decisions.values(), authors, register.authority, targets)[0]
    values = {record: held_of(some, standing) for record, some in said.items()}
    return {record: value for record, value in values.items() if value is not None}


def held_where(session: Session, kind: str, field: str, value: str) -> dict[str, Held]:
    """Records of a kind that are in force and whose field is ``value``, or holds it."""
    rows = session.workspace.store.select(kind, ["record"], {field: value})
    return {
        record: one
        for record, one in held(session, {str(row[0]) for row in rows}).items()
        if one.now().get(field) == value
    }
