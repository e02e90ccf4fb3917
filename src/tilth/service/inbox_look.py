"""One report of the inbox: what it says beside what was said before, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tilth.core import roles
from tilth.core.chains import REPORTED, Said
from tilth.core.items.lots import amounts
from tilth.core.keyring import split_origin
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.kinds.validate import check
from tilth.core.statement import RECORD_ACTS, read_header, split_record_id
from tilth.core.waiting import CONTESTED, RETURNED, WAITS_VERIFIED
from tilth.service import records
from tilth.service.inbox import Row, is_mine, row_of
from tilth.service.inbox_acts import ACTS, Already, Seen, decided_by
from tilth.service.inbox_book import waiting_book
from tilth.service.inbox_lines import Line
from tilth.service.lens import Lens, not_readable
from tilth.service.record_life import Life, Shown, lines_of, read_life, shown_value
from tilth.service.record_links import NAMED, meant, short
from tilth.service.session import Session
from tilth.service.viewing import note_view

__all__ = ["Cell", "Column", "FieldRow", "ItemRow", "Look", "look", "versions"]

BEFORE, NOW, RIVAL = "before", "now", "rival"


@dataclass(frozen=True, slots=True)
class Column:
    """One version of the report: what it was ``before``, ``now``, or one ``rival`` of several."""

    statement: str
    role: str
    level: str
    act: str
    actor: str
    said_at: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A value in one version, None where it is not said, and the records that it names."""

    value: Shown | None
    links: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field in every version; ``cells`` are in the order of the columns."""

    name: str
    label: str
    cells: tuple[Cell, ...]
    differs: bool


@dataclass(frozen=True, slots=True)
class ItemRow:
    """Alike items in every version, in pieces; category and disposal are English labels."""

    category: str
    model: str
    disposal: str
    pieces: tuple[int, ...]

    @property
    def differs(self) -> bool:
        """Whether the versions do not agree."""
        return len(set(self.pieces)) > 1


@dataclass(frozen=True, slots=True)
class Look:
    """A report on the screen.

    Parameters
    ----------
    row
        Its line; None where it no longer waits.
    seen
        What a decision carries: the statement and the state it is in; one for each rival.
    already, newest
        Who decided it, and the hash of the newest statement that waits of its record, where it no
        longer waits itself.
    answers
        Reason of the return that this correction answers.
    missing
        Labels of the minimum data that it lacks.
    acts
        What the reader may do with it now.
    """

    record: str
    statement: str
    kind: str
    label: str
    local_id: str
    names: tuple[str, ...]
    organisation: str
    row: Row | None
    seen: tuple[Seen, ...]
    columns: tuple[Column, ...]
    fields: tuple[FieldRow, ...]
    items: tuple[ItemRow, ...]
    withheld: tuple[str, ...]
    missing: tuple[str, ...]
    life: tuple[Mapping[str, Any], ...]
    acts: tuple[str, ...]
    already: Already | None = None
    newest: str = ""
    answers: str = ""
    protected: bool = False

    @property
    def source(self) -> Mapping[str, Any] | None:
        """File and row that the statement came from; None where it was typed."""
        for one in self.life:
            if one["hash"] == self.statement:
                found: Mapping[str, Any] | None = one["source"]
                return found
        return None


def look(session: Session, lens: Lens, statement: str) -> Look:
    """A statement that waits, or waited, with what it is decided by.

    Raises
    ------
    Refused
        ``not_readable``, ``views_not_kept``.
    """
    record = _record_of(session, statement)
    if not lens.sees(record):
        raise not_readable(statement[:12])  # never the record that the hash belongs to
    author, kind_name, local = split_record_id(record)
    kind = session.kinds.get(kind_name)
    if kind is not None and kind.protected:
        note_view(session, record, "inbox")
    line = _line_of(session, record, statement)
    entries = session.workspace.store.of_records([record]).get(record, [])
    about = records.statements_about(session, record, entries)
    life = read_life(session, record, about)
    told = lens.shows(author, kind_name, "remarks", record=record)
    columns = tuple(_columns(life, line, statement, told=told))
    values = [_values(life, one.statement) for one in columns]
    seen = [lens.fields(kind_name, one, author, record=record) for one in values]
    withheld = lens.withheld

    def shows(name: str) -> bool:
        return lens.shows(author, kind_name, name, record=record)

    waits = _line_of(session, record, "")
    already = None if line else decided_by(session, [Seen(record, statement)])[0]
    return Look(
        record=record,
        statement=statement,
        kind=kind_name,
        label=kind.label if kind else kind_name,
        local_id=local,
        names=tuple(records.national_ids(session, about)),
        organisation=session.organisation_name(author),
        row=_row(session, line) if line else None,
        seen=tuple(_seen(record, line)) if line else (),
        columns=columns,
        fields=tuple(_fields(session, kind, author, seen)) if kind else (),
        items=tuple(_items(kind, seen)) if kind else (),
        withheld=tuple(_label(kind, name) for name in withheld),
        missing=tuple(_missing(session, kind, life.said[statement], values[-1])) if values else (),
        life=tuple(lines_of(session, life, shows, told=told)),
        acts=_acts(session, line) if line else (),
        already=already if already is not None and already.act else None,
        newest=waits.statement if line is None and waits is not None else "",
        answers=_answered(life, line) if line else "",
        protected=bool(kind and kind.protected),
    )


def versions(
    session: Session, lens: Lens, found: Look
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Fields of a report as the reader sees them, now and in the version before, if any.

    Of a withdrawal *now* is what it ends.
    """
    columns = [one for one in found.columns if one.role != BEFORE] or list(found.columns)
    earlier = next((one for one in found.columns if one.role == BEFORE), None)
    held = session.workspace.store.by_hash([one.statement for one in found.columns])
    author = split_record_id(found.record)[0]

    def fields(statement: str) -> dict[str, Any]:
        values = session.fields_of(held[statement])
        return lens.fields(found.kind, values, author, record=found.record)

    if not columns:
        return {}, None
    now = columns[0]
    if now.act == "withdraw":
        return (fields(earlier.statement) if earlier else {}), None
    return fields(now.statement), fields(earlier.statement) if earlier else None


def _record_of(session: Session, statement: str) -> str:
    found = session.workspace.store.by_hash([statement])
    if statement not in found:
        raise not_readable(statement[:12])
    header = read_header(found[statement].header)
    if header.act not in RECORD_ACTS:
        raise not_readable(statement[:12])
    return header.record


def _line_of(session: Session, record: str, statement: str) -> Line | None:
    """Line on which a statement waits; any line of its record without one."""
    lines = waiting_book(session).of_record(record)
    for one in lines:
        if statement in (one.statement, *one.rivals) or not statement:
            return one
    return None


def _row(session: Session, line: Line) -> Row:
    book = waiting_book(session)
    now = session.workspace.surroundings.clock()
    return row_of(session, line, book.codes_of(line), mine=is_mine(session, line), now=now)


def _seen(record: str, line: Line) -> Iterator[Seen]:
    for one in line.rivals or (line.statement,):
        yield Seen(record, one, line.state)


# -- versions --------------------------------------------------------------------------------------


def _columns(life: Life, line: Line | None, statement: str, *, told: bool) -> Iterator[Column]:
    said = life.said[statement]
    before = line.before if line is not None else ""
    if not before and said.replaces and said.replaces[0] in life.values:
        before = said.replaces[0]
    if said.act == "revise" and not before and life.chain is not None:
        first = life.at("reported")
        before = first.hash if first is not None and first.act != "withdraw" else ""
    if before and before != statement:
        yield _column(life, before, BEFORE, told=told)
    if line is not None and line.state == CONTESTED:
        for one in line.rivals:
            yield _column(life, one, RIVAL, told=told)
    else:
        yield _column(life, statement, NOW, told=told)


def _column(life: Life, statement: str, role: str, *, told: bool) -> Column:
    said = life.said[statement]
    return Column(
        statement,
        role,
        life.level_of(statement),
        said.act,
        said.actor if told else "",
        said.said_at,
    )


def _values(life: Life, statement: str) -> dict[str, Any]:
    """Fields of a version; a withdrawal says none, and only why."""
    said = life.said[statement]
    return {} if said.act == "withdraw" else dict(life.values.get(statement, {}))


def _fields(
    session: Session, kind: Kind, author: str, seen: Sequence[Mapping[str, Any]]
) -> Iterator[FieldRow]:
    for one in kind.fields:
        if one.type is FieldType.LINES and one.name == "items":
            continue
        values = [fields.get(one.name) for fields in seen]
        if all(value is None for value in values):
            continue
        cells = tuple(_cell(session, one, author, value) for value in values)
        differs = len(values) > 1 and any(value != values[0] for value in values[1:])
        yield FieldRow(one.name, one.label, cells, differs)


def _cell(session: Session, one: Field, author: str, value: Any) -> Cell:
    if value is None:
        return Cell(None)
    if one.type not in (FieldType.RECORD, FieldType.RECORDS) and one.name not in NAMED:
        return Cell(shown_value(one, value))
    kind = one.refers_to or NAMED.get(one.name, "")
    names = [str(name) for name in (value if isinstance(value, list) else [value])]
    links = tuple(
        {"text": short(name), "record": meant(session, kind, name, author)} for name in names
    )
    return Cell(shown_value(one, value), links)


def _items(kind: Kind, seen: Sequence[Mapping[str, Any]]) -> Iterator[ItemRow]:
    """Items of every version by category, model and disposal."""
    field = next((one for one in kind.fields if one.name == "items"), None)
    if field is None:
        return
    words = {inner.name: _words(inner) for inner in field.fields}
    found: dict[tuple[str, str, str], list[int]] = {}
    for column, fields in enumerate(seen):
        for row in fields.get("items", ()):
            category, disposal = str(row.get("category", "")), str(row.get("disposal", ""))
            key = (
                words["category"].get(category, category),
                str(row.get("model", "")),
                words.get("disposal", {}).get(disposal, disposal),
            )
            found.setdefault(key, [0] * len(seen))[column] += amounts(row)[0]
    for (category, model, disposal), pieces in sorted(found.items()):
        yield ItemRow(category, model, disposal, tuple(pieces))


def _words(one: Field) -> dict[str, str]:
    return {code.value: code.label for code in one.codelist.codes} if one.codelist else {}


def _label(kind: Kind | None, name: str) -> str:
    if kind is None:
        return name
    return next((one.label for one in kind.fields if one.name == name), name)


def _missing(
    session: Session, kind: Kind | None, said: Said, values: Mapping[str, Any]
) -> Iterator[str]:
    if kind is None or said.act not in ("record", "correct") or not values:
        return
    for name in check(kind, values, today=session.today()).missing:
        outer, _, inner = name.partition(".")
        one = kind.field(outer)
        yield next((x.label for x in one.fields if x.name == inner), inner) if inner else one.label


def _answered(life: Life, line: Line) -> str:
    """Reason for which the statement before was returned, or this one is."""
    about = line.statement if line.state == RETURNED else line.answers
    for one in life.standing.decided_by.get(about, ()) if about else ():
        if one.act == "return":
            return str((one.fields or {}).get("reason", ""))
    return ""


# -- what the reader may do ------------------------------------------------------------------------


def _acts(session: Session, line: Line) -> tuple[str, ...]:
    found = []
    for act in ACTS:
        if act == "vouch" and line.state in (WAITS_VERIFIED, CONTESTED):
            continue
        if line.state == RETURNED or (act == "vouch" and line.level > REPORTED):
            continue
        if _may(session, act, line):
            found.append(act)
    return tuple(found)


def _may(session: Session, act: str, line: Line) -> bool:
    if not roles.allows(session.roles, act, line.kind):
        return False
    return any(
        session.permission(act, split_origin(log)[1], line.organisation).allowed
        for log in session.own_logs()
    )
