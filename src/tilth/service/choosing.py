"""Which records and statements a person means: by name, by import, by the value of a field."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from tilth.core import canonical
from tilth.core.chains import REPORTED, Chain, Said, Standing, chains_of, standing_of
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.problems import Problem, Refused, register
from tilth.core.statement import RECORD_ACTS, parse_header
from tilth.service.deliveries import find_delivery, opened
from tilth.service.lens import Lens, not_readable
from tilth.service.session import Session, said_of

__all__ = ["Act", "chosen", "resolve_record", "standing_of_statements", "statements_of"]

_HASH_DIGITS = 64

register(
    {
        "unknown_record": (
            "There is no record {name}.",
            "Give its local id, its national id or its full id; tilth log lists the newest.",
        ),
        "ambiguous_record": (
            "{name} is the id of several records: {records}.",
            "Give the full id.",
        ),
        "contested_record": (
            "{record} is contested: two statements replace the same one.",
            "Choose by naming the hash of one of them: {statements}",
        ),
        "unknown_field": ("{kind} has no field {field}.", "Take one of: {fields}."),
        "nothing_chosen": (
            "No record is chosen.",
            "Name records, an import with --import, or --kind with --where FIELD=VALUE.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Act:
    """What the person asked for; see ``tilth approve --help``."""

    act: str
    records: Sequence[str] = ()
    imported: str = ""
    kind: str = ""
    where: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    on: str = ""
    area: Mapping[str, Any] | None = None
    standing: Sequence[str] = ()
    override: Sequence[str] = ()
    """Codes of the rules that are overridden, with the reason; of an approval."""


def resolve_record(session: Session, name: str) -> str:
    """Full id of the one record that a name means.

    Raises
    ------
    Refused
        ``unknown_record`` or ``ambiguous_record``; where roles are asked ``not_readable``, the
        same for what is not there and for what the person may not read.
    """
    found = session.workspace.store.find_record(name) or _people_called(session, name)
    if session.roles is not None:
        readable = Lens(session).readable(found)
        found = [one for one in found if one in readable]
        if not found:
            raise not_readable(name)
    if not found:
        raise Refused(Problem("unknown_record", name, {"name": name}))
    if len(found) > 1:
        params = {"name": name, "records": ", ".join(found[:5])}
        raise Refused(Problem("ambiguous_record", name, params))
    return found[0]


def _people_called(session: Session, name: str) -> list[str]:
    """Records of people by the id or code entered, which only the vault holds."""
    found = set()
    for record, _, data in session.workspace.vault.payloads():
        fields = canonical.decode(data)
        if name in (fields.get("local_id"), fields.get("code")):
            found.add(record)
    return sorted(found)


def chosen(session: Session, act: Act) -> dict[str, list[Said]]:
    """Statements in force of each record chosen: by name, by import, or by a field's value.

    Where roles are asked, of records that the person may read.
    """
    found = _chosen(session, act)
    if session.roles is None:
        return found
    readable = Lens(session).readable(found)
    if act.records and not readable:
        raise not_readable(act.records[0])
    return {record: said for record, said in found.items() if record in readable}


def _chosen(session: Session, act: Act) -> dict[str, list[Said]]:
    if act.imported:
        return _by_record(statements_of(session, act.imported))
    if act.records:
        return _named(session, act)
    if not act.kind:
        raise Refused(Problem("nothing_chosen", act.act))
    kind = session.kind(act.kind)
    wanted = {_field_named(kind, name): text for name, text in act.where.items()}
    rows = session.workspace.store.select(kind.name, ["record"])
    records = {str(row[0]) for row in rows}
    return _in_force_of(session, records, act.act, lambda said: _says(session, said, wanted))


def _named(session: Session, act: Act) -> dict[str, list[Said]]:
    """Statements in force of records named, and single statements named by their hash."""
    statements, records = [], []
    for name in act.records:
        said = _statement_named(session, name)
        if said is not None:
            statements.append(said)
        else:
            records.append(resolve_record(session, name))
    found = _by_record(statements)
    for record, said_of_it in _in_force_of(session, records, choosing=act.act).items():
        found.setdefault(record, []).extend(said_of_it)
    return found


def _statement_named(session: Session, name: str) -> Said | None:
    """Statement about a record whose hash is ``name``; None where it names something else."""
    if len(name) != _HASH_DIGITS:
        return None
    entry = session.workspace.store.by_hash([name]).get(name)
    said = said_of(entry) if entry else None
    return said if said is not None and said.act in RECORD_ACTS else None


def _in_force_of(
    session: Session,
    records: Iterable[str],
    choosing: str = "",
    wanted: Callable[[Sequence[Said]], bool] = lambda _: True,
) -> dict[str, list[Said]]:
    """Newest statement of each chain of each record, also where it is a withdrawal.

    Parameters
    ----------
    choosing
        Act that decides: to verify or approve a contested record is to choose between its
        statements, so that one of them has to be named.
    wanted
        Whether a record with these statements in force is meant.

    Raises
    ------
    Refused
        ``contested_record``.
    """
    held = session.workspace.store.of_records(list(records))
    said = {record: [said_of(entry) for entry in entries] for record, entries in held.items()}
    standing = standing_of_statements(session, (one for some in said.values() for one in some))
    found = {}
    for record, statements in said.items():
        first, revisions = chains_of(statements)
        chains = [*([first] if first else []), *revisions]
        values = [value for chain in chains if (value := chain.value(REPORTED, standing))]
        if not wanted(values):
            continue
        if choosing in ("vouch", "approve"):
            for chain in chains:
                _require_uncontested(record, chain, standing)
        found[record] = values
    return found


def _require_uncontested(record: str, chain: Chain, standing: Standing) -> None:
    path, contested = chain.path(standing)
    if not contested:
        return
    ends = [one for one in chain.nodes if not chain.after(one) and one not in path[:-1]]
    params = {"record": record, "statements": ", ".join(sorted(ends))}
    raise Refused(Problem("contested_record", record, params))


def standing_of_statements(
    session: Session, statements: Iterable[Said], *, without: Collection[str] = ()
) -> Standing:
    """What the decisions held here make of some statements.

    Parameters
    ----------
    without
        Hashes of decisions that are left aside, as if they had been taken back.
    """
    authors = {one.hash: one.organisation for one in statements}
    decisions: dict[str, Said] = {}
    fresh = set(authors)
    while fresh:  # decisions, then what undoes them, then what undoes that
        found = {entry.hash: said_of(entry) for entry in session.workspace.store.deciding(fresh)}
        fresh = set(found) - set(decisions)
        decisions |= found
    kept = (one for one in decisions.values() if one.hash not in without)
    return standing_of(kept, authors, session.authority)[0]


def _says(session: Session, said: Sequence[Said], wanted: Mapping[Field, str]) -> bool:
    """Whether what is in force of a record has these values."""
    values: dict[str, Any] = {}
    for one in sorted(said, key=lambda one: one.happened_on):
        if one.act == "withdraw":
            continue
        values |= opened(session, one)
    return all(_equal(field, values.get(field.name), text) for field, text in wanted.items())


def _equal(field: Field, value: object, text: str) -> bool:
    """Whether a value is what was typed; of a list, whether it holds it."""
    if value is None:
        return text == ""
    if isinstance(value, bool):
        return value == (text.lower() in ("true", "yes", "1"))
    if isinstance(value, list):
        return text in value
    if field.type is FieldType.DECIMAL:
        try:
            return Decimal(str(value)) == Decimal(text)
        except InvalidOperation:
            return False
    return str(value) == text


def _field_named(kind: Kind, name: str) -> Field:
    """Field of a kind by its name, or by a heading that only one field is known by.

    Raises
    ------
    Refused
        ``unknown_field``.
    """
    for one in kind.fields:
        if one.name == name:
            return one
    heads = [one for one in kind.fields if name.lower() in one.headings]
    if len(heads) == 1:
        return heads[0]
    names = ", ".join(one.name for one in kind.fields)
    raise Refused(
        Problem("unknown_field", name, {"kind": kind.name, "field": name, "fields": names})
    )


def _by_record(statements: Sequence[Said]) -> dict[str, list[Said]]:
    found: dict[str, list[Said]] = {}
    for said in statements:
        found.setdefault(said.record, []).append(said)
    return found


def statements_of(session: Session, imported: str) -> list[Said]:
    """Statements that an import said, as far as nothing later has replaced them.

    Raises
    ------
    Refused
        ``unknown_import``.
    """
    store = session.workspace.store
    past = find_delivery(session, imported)
    blob, kind = str(past.fields["file_sha256"]), str(past.fields["of_kind"])
    said = [said_of(entry) for entry in store.from_source(blob)]
    said = [one for one in said if (one.organisation, one.kind) == (past.organisation, kind)]
    held = store.of_records({one.record for one in said})
    replaced = {
        target
        for entries in held.values()
        for entry in entries
        for target in parse_header(entry.header).replaces
    }
    return [one for one in said if one.hash not in replaced]
