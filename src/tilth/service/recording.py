"""Say one record or several: checked, given an id, kept in the vault where they are of people."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tilth.core import canonical
from tilth.core.kinds.model import Kind
from tilth.core.kinds.validate import check
from tilth.core.life.register import Held
from tilth.core.problems import Problem, Refused, register
from tilth.core.statement import (
    Source,
    parse_header,
    record_id,
    split_record_id,
    statement_hash,
)
from tilth.service.deciding import resolve_record
from tilth.service.people import require_liaison
from tilth.service.register import MASS, held, register_of
from tilth.service.session import Session
from tilth.store.protocol import Draft

__all__ = [
    "Spoken",
    "author_of",
    "correct",
    "draft_correction",
    "draft_record",
    "draft_revision",
    "next_id",
    "revise",
    "say",
    "say_many",
]

First = Sequence[tuple[str, Sequence[Draft]]]

register(
    {
        "organisation_unknown": (
            "No organisation here is called {code}.",
            "Take the code or name of an organisation of the operation: {known}",
        ),
        "record_taken": (
            "{record} is said already.",
            "Correct it with tilth correct, or give another local_id.",
        ),
        "record_withdrawn": (
            "{name} is withdrawn or held in part.",
            "Say it anew under another local_id.",
        ),
        "nothing_changes": (
            "{name} says exactly this already.",
            "Give the fields that are to change.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was said: the record, the statement's hash, the minimum data that it lacks."""

    record: str
    statement: str
    missing: tuple[str, ...] = ()

    @property
    def local_id(self) -> str:
        """The author's own identifier."""
        return split_record_id(self.record)[2]


def author_of(session: Session, speaking_for: str = "") -> str:
    """Organisation id in whose log is spoken: the own one, or that of a code.

    Raises
    ------
    Refused
        ``organisation_unknown``.
    """
    if not speaking_for:
        return session.own
    organisation = register_of(session).organisation_of(speaking_for)
    if not organisation:
        known = ", ".join(one.name for one in session.workspace.settings.organisations)
        params = {"code": speaking_for, "known": known}
        raise Refused(Problem("organisation_unknown", speaking_for, params))
    return organisation


def say(
    session: Session,
    kind: str,
    fields: Mapping[str, Any],
    *,
    speaking_for: str = "",
    source: Source | None = None,
) -> Spoken:
    """Say one record.

    Parameters
    ----------
    fields
        Canonical fields. ``local_id``, ``happened_on`` (today) and ``organisation`` (the author)
        are added where they are missing.
    speaking_for
        Code of the organisation in whose log it stands; the own one without.

    Raises
    ------
    Refused
        What `tilth.core.kinds.validate.check` refuses, ``record_taken``, ``organisation_unknown``,
        ``not_permitted``, ``role_not_permitted``, ``actor_missing``.
    """
    return say_many(session, [(kind, fields)], speaking_for=speaking_for, source=source)[0]


def say_many(
    session: Session,
    rows: Iterable[tuple[str, Mapping[str, Any]]],
    *,
    speaking_for: str = "",
    source: Source | None = None,
    first: First = (),
) -> list[Spoken]:
    """Say several records in one transaction: all of them, or none.

    Parameters
    ----------
    first
        Logs and drafts that go before them in the transaction.

    Raises
    ------
    Refused
        With the problems of every row, see `say`.
    """
    author = author_of(session, speaking_for)
    log = session.log_for("record", author, "")
    require_liaison(session, author, "record")
    with session.workspace.writing():
        drafts: list[Draft] = []
        spoken: list[Spoken] = []
        problems: list[Problem] = []
        taken: set[str] = set()
        for kind, fields in rows:
            session.require_role("record", kind)
            try:
                draft, one = draft_record(
                    session, kind, fields, log=log, author=author, source=source, taken=taken
                )
            except Refused as refused:
                problems += refused.problems
                continue
            drafts.append(draft)
            spoken.append(one)
        if problems:
            raise Refused(*problems)
        session.workspace.append_together([*first, (log, drafts)] if drafts else [])
    return spoken


def draft_record(
    session: Session,
    kind: str,
    fields: Mapping[str, Any],
    *,
    log: str,
    author: str,
    source: Source | None = None,
    taken: set[str] | None = None,
) -> tuple[Draft, Spoken]:
    """Draft of a first statement; call it within `Workspace.writing` and append it there.

    Parameters
    ----------
    taken
        Record ids drafted before in the same transaction; this one is added.

    Raises
    ------
    Refused
        As `say`.
    """
    session.require_actor()
    defined = session.kind(kind)
    session.require_role("record", kind)
    values = dict(fields)
    values.setdefault("happened_on", session.today())
    values.setdefault("organisation", session.organisation_name(author))
    drafted = set() if taken is None else taken
    if "local_id" not in values:
        values["local_id"] = next_id(session, kind, author, drafted)
    missing = _checked(session, defined, values, str(values["local_id"]))
    record = _record_for(session, defined, author, str(values["local_id"]), drafted)
    draft = _drafted(session, defined, values, act="record", log=log, record=record, source=source)
    return draft, Spoken(record, statement_hash(draft.header), missing)


def correct(
    session: Session, name: str, changes: Mapping[str, Any], *, first: First = ()
) -> Spoken:
    """Say a record again with some fields changed; None takes a field away.

    ``first`` as in `say_many`.

    Raises
    ------
    Refused
        ``unknown_record``, ``record_withdrawn``, ``nothing_changes``, ``not_permitted`` and what
        the kind refuses.
    """
    with session.workspace.writing():
        draft, spoken, log = draft_correction(session, name, changes)
        session.workspace.append_together([*first, (log, [draft])])
    return spoken


def draft_correction(
    session: Session, name: str, changes: Mapping[str, Any]
) -> tuple[Draft, Spoken, str]:
    """Draft of a correction, what it says, and the log it belongs into; see `correct`."""
    session.require_actor()
    before = _in_force(session, name)
    log = session.log_for("correct", before.author, before.kind)
    require_liaison(session, before.author, "correct")
    defined = session.kind(before.kind)
    known = _opened(session, before)
    values = {**known, **{key: value for key, value in changes.items() if value is not None}}
    values = {key: value for key, value in values.items() if changes.get(key, value) is not None}
    if values == known:
        raise Refused(Problem("nothing_changes", before.record, {"name": name}))
    missing = _checked(session, defined, values, name)
    draft = _drafted(
        session,
        defined,
        values,
        act="correct",
        log=log,
        record=before.record,
        replaces=(before.statement,),
    )
    return draft, Spoken(before.record, statement_hash(draft.header), missing), log


def revise(
    session: Session,
    name: str,
    fields: Mapping[str, Any],
    happened_on: str,
    *,
    first: First = (),
) -> Spoken:
    """Say what happened to a record on a day: only the fields that the event states.

    ``first`` as in `say_many`.

    Raises
    ------
    Refused
        As `correct`.
    """
    with session.workspace.writing():
        draft, spoken, log = draft_revision(session, name, fields, happened_on)
        session.workspace.append_together([*first, (log, [draft])])
    return spoken


def draft_revision(
    session: Session, name: str, fields: Mapping[str, Any], happened_on: str
) -> tuple[Draft, Spoken, str]:
    """Draft of an event, what it says, and the log it belongs into; see `revise`."""
    session.require_actor()
    before = _in_force(session, name)
    log = session.log_for("revise", before.author, before.kind)
    require_liaison(session, before.author, "revise")
    defined = session.kind(before.kind)
    values = {**fields, "happened_on": happened_on}
    _checked(session, defined, values, name, partial=True)
    draft = _drafted(session, defined, values, act="revise", log=log, record=before.record)
    return draft, Spoken(before.record, statement_hash(draft.header)), log


def _in_force(session: Session, name: str) -> Held:
    record = resolve_record(session, name)
    found = held(session, [record]).get(record)
    if found is None:
        raise Refused(Problem("record_withdrawn", record, {"name": name}))
    return found


def _opened(session: Session, before: Held) -> dict[str, Any]:
    """Fields in force; of people those of the vault."""
    fields = dict(before.fields)
    if "commitment" not in fields:
        return fields
    payload = session.workspace.vault.payload(str(fields["commitment"]))
    return {} if payload is None else dict(canonical.decode(payload))


def _checked(
    session: Session, kind: Kind, values: Mapping[str, Any], where: str, *, partial: bool = False
) -> tuple[str, ...]:
    checked = check(kind, values, today=session.today(), where=where, partial=partial)
    if checked.problems:
        raise Refused(*checked.problems)
    return checked.missing


def _drafted(
    session: Session,
    kind: Kind,
    values: Mapping[str, Any],
    *,
    act: str,
    log: str,
    record: str,
    replaces: Sequence[str] = (),
    source: Source | None = None,
) -> Draft:
    happened_on = "" if kind.protected else str(values["happened_on"])
    content: Mapping[str, Any] = values
    if kind.protected:
        payload = canonical.encode(values)
        content = {"commitment": session.workspace.vault.put_payload(record, payload)}
    return session.draft(
        act,
        kind.name,
        content,
        log=log,
        record=record,
        replaces=replaces,
        happened_on=happened_on,
        source=source,
    )


def _record_for(session: Session, kind: Kind, author: str, local_id: str, taken: set[str]) -> str:
    """Id of a new record; of a person's one that says nothing about the person."""
    if kind.protected:
        return record_id(author, kind.name, session.workspace.nonce())
    record = record_id(author, kind.name, local_id)
    held = session.workspace.store.of_records([record]).get(record, [])
    spoken = any(parse_header(entry.header).act != "revise" for entry in held)
    if record in taken or spoken:  # an event may come before what it happened to is said
        raise Refused(Problem("record_taken", record, {"record": record}))
    taken.add(record)
    return record


def next_id(session: Session, kind: str, author: str, taken: Collection[str] = ()) -> str:
    """``TASK-0007``: the kind, and the next number that its author has not used.

    Parameters
    ----------
    taken
        Record ids drafted before in the same transaction.
    """
    prefix = kind.upper().replace("_", "-")
    if kind in MASS:
        known = {str(row[0]) for row in session.workspace.store.select(kind, ["record"])}
    else:
        known = set(register_of(session).of(kind))
    known |= set(taken)
    number = 1 + sum(1 for one in known if one.startswith(f"{author}/{kind}/"))
    while True:
        name = f"{prefix}-{number:04d}"
        record = record_id(author, kind, name)
        if record not in known and not session.workspace.store.of_records([record]):
            return name
        number += 1
