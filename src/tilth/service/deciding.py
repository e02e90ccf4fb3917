"""Vouch, approve, return, revoke, withdraw: acts on statements, with what they would move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from tilth.core import canonical
from tilth.core.chains import REPORTED, Chain, Said, Standing, chains_of, standing_of
from tilth.core.days import first_day, precision
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.problems import Parameter, Problem, Refused, register
from tilth.core.statement import (
    MAX_DECIDES,
    RECORD_ACTS,
    parse_header,
    split_record_id,
    statement_hash,
)
from tilth.service.deliveries import find_delivery, opened
from tilth.service.session import Session, said_of
from tilth.store.protocol import Draft

__all__ = [
    "Act",
    "Plan",
    "carry_out",
    "decisions_on",
    "plan",
    "require_reason",
    "resolve_record",
    "standing_of_statements",
    "statements_of",
]

BATCH = 1_000
_HASH_DIGITS = 64
NEEDS_REASON = ("return", "revoke", "withdraw", "undo", "dispute", "erase")

register(
    {
        "reason_missing": (
            "To {act} needs a reason.",
            "Give --reason with a sentence that will still be understood in ten years.",
        ),
        "unknown_record": (
            "There is no record {name}.",
            "Give its local id, its national id or its full id; tilth log lists the newest.",
        ),
        "ambiguous_record": (
            "{name} is the id of several records: {records}.",
            "Give the full id.",
        ),
        "bad_day": ("{text} is no day.", "Write a day as 2026-03-31."),
        "contested_record": (
            "{record} is contested: two statements replace the same one.",
            "Choose by naming the hash of one of them: {statements}",
        ),
        "unknown_field": ("{kind} has no field {field}.", "Take one of: {fields}."),
        "nothing_chosen": (
            "No record is chosen.",
            "Name records, an import with --import, or --kind with --where FIELD=VALUE.",
        ),
        "not_revocable": (
            "{record} is no released area.",
            "Only released ground can be revoked.",
        ),
        "own_statement": (
            "{count} of the statements chosen were said by {actor}, who cannot verify them.",
            "Let somebody else verify them, or give --reason: a finding for ever.",
        ),
        "nothing_to_decide": (
            "Nothing of what is chosen can be decided so: it is withdrawn or held in part.",
            "Look at it with tilth show.",
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


@dataclass(frozen=True, slots=True)
class Plan:
    """Statements ready to be appended, by log, and how much they decide."""

    act: str
    drafts: Mapping[str, Sequence[Draft]]
    statements: int
    records: int


def resolve_record(session: Session, name: str) -> str:
    """Full id of the one record that a name means.

    Raises
    ------
    Refused
        ``unknown_record`` or ``ambiguous_record``.
    """
    found = session.workspace.store.find_record(name) or _people_called(session, name)
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


def plan(session: Session, act: Act) -> Plan:
    """Choose the statements and draft the act; nothing is written.

    Raises
    ------
    Refused
        ``reason_missing``, ``nothing_chosen``, ``unknown_record``, ``not_permitted`` and the like.
    """
    session.require_actor()
    require_reason(act.act, act.reason)
    _require_day(act.on)
    chosen = _chosen(session, act)
    if act.act == "revoke":
        return _revocation(session, act, sorted(chosen))
    targets = [said for record in sorted(chosen) for said in chosen[record]]
    undoing = act.act == "withdraw" and bool(act.imported)
    if not undoing:
        targets = [said for said in targets if said.act != "withdraw"]
    if not targets:
        raise Refused(Problem("nothing_to_decide", act.act))
    _not_the_author(session, act, targets)
    by_log: dict[str, list[Said]] = {}
    for said in targets:
        by_log.setdefault(session.log_for(act.act, said.organisation), []).append(said)
    drafts: dict[str, Sequence[Draft]] = {}
    for log, said_there in by_log.items():
        if undoing:
            drafts[log] = _undone_import(session, act, log, said_there)
        elif act.act == "withdraw":
            drafts[log] = [_withdrawal(session, one, act.reason, log) for one in said_there]
        else:
            drafts[log] = decisions_on(
                session, act.act, said_there, log=log, reason=act.reason, on=act.on
            )
    return Plan(act.act, drafts, len(targets), len({said.record for said in targets}))


def require_reason(act: str, reason: str) -> None:
    """Refuse an act that needs a reason and has none.

    Raises
    ------
    Refused
        ``reason_missing``.
    """
    if act in NEEDS_REASON and not reason.strip():
        raise Refused(Problem("reason_missing", act, {"act": act}))


def _require_day(text: str) -> None:
    """Refuse what is no day, month or year.

    Raises
    ------
    Refused
        ``bad_day``.
    """
    try:
        if text and (not precision(text) or not first_day(text)):
            raise ValueError(text)
    except ValueError:
        raise Refused(Problem("bad_day", text, {"text": text})) from None


def _not_the_author(session: Session, act: Act, targets: Sequence[Said]) -> None:
    """Whoever said it does not verify it (rules §2), unless with a reason that stays."""
    if act.act != "vouch" or act.reason.strip():
        return
    own = sum(1 for said in targets if said.actor == session.actor)
    if own:
        params: dict[str, Parameter] = {"count": own, "actor": session.actor}
        raise Refused(Problem("own_statement", "vouch", params))


def carry_out(session: Session, plan: Plan) -> list[str]:
    """Append what was planned; returns the hashes of the new statements."""
    hashes = []
    for log, drafts in plan.drafts.items():
        for start in range(0, len(drafts), BATCH):
            batch = drafts[start : start + BATCH]
            session.workspace.append(batch, log=log)
            hashes += [statement_hash(draft.header) for draft in batch]
    return hashes


def _chosen(session: Session, act: Act) -> dict[str, list[Said]]:
    """Statements in force of each record chosen: by name, by import, or by a field's value."""
    if act.imported:
        return _by_record(statements_of(session, act.imported))
    if act.records:
        return _named(session, act)
    if not act.kind:
        raise Refused(Problem("nothing_chosen", act.act))
    kind = session.kind(act.kind)
    wanted = {_field_named(kind, name): text for name, text in act.where.items()}
    rows = session.workspace.store.select(kind.name, ["record"])
    held = _in_force_of(session, {str(row[0]) for row in rows})
    return {record: said for record, said in held.items() if _says(session, said, wanted)}


def _named(session: Session, act: Act) -> dict[str, list[Said]]:
    """Statements in force of records named, and single statements named by their hash."""
    statements, records = [], []
    for name in act.records:
        said = _statement_named(session, name)
        if said is not None:
            statements.append(said)
        else:
            records.append(resolve_record(session, name))
    chosen = _by_record(statements)
    for record, said_of_it in _in_force_of(session, records, choosing=act.act).items():
        chosen.setdefault(record, []).extend(said_of_it)
    return chosen


def _statement_named(session: Session, name: str) -> Said | None:
    """Statement about a record whose hash is ``name``; None where it names something else."""
    if len(name) != _HASH_DIGITS:
        return None
    entry = session.workspace.store.by_hash([name]).get(name)
    said = said_of(entry) if entry else None
    return said if said is not None and said.act in RECORD_ACTS else None


def _in_force_of(
    session: Session, records: Iterable[str], choosing: str = ""
) -> dict[str, list[Said]]:
    """Newest statement of each chain of each record, also where it is a withdrawal.

    Parameters
    ----------
    choosing
        Act that decides: to verify or approve a contested record is to choose between its
        statements, so that one of them has to be named.

    Raises
    ------
    Refused
        ``contested_record``.
    """
    held = session.workspace.store.of_records(list(records))
    said = {record: [said_of(entry) for entry in entries] for record, entries in held.items()}
    standing = standing_of_statements(session, (one for some in said.values() for one in some))
    chosen = {}
    for record, statements in said.items():
        first, revisions = chains_of(statements)
        chains = [*([first] if first else []), *revisions]
        if choosing in ("vouch", "approve"):
            for chain in chains:
                _require_uncontested(record, chain, standing)
        chosen[record] = [value for chain in chains if (value := chain.value(REPORTED, standing))]
    return chosen


def _require_uncontested(record: str, chain: Chain, standing: Standing) -> None:
    path, contested = chain.path(standing)
    if not contested:
        return
    ends = [one for one in chain.nodes if not chain.after(one) and one not in path[:-1]]
    params = {"record": record, "statements": ", ".join(sorted(ends))}
    raise Refused(Problem("contested_record", record, params))


def standing_of_statements(session: Session, statements: Iterable[Said]) -> Standing:
    """What the decisions held here make of some statements."""
    authors = {one.hash: one.organisation for one in statements}
    decisions: dict[str, Said] = {}
    fresh = set(authors)
    while fresh:  # decisions, then what undoes them, then what undoes that
        found = {entry.hash: said_of(entry) for entry in session.workspace.store.deciding(fresh)}
        fresh = set(found) - set(decisions)
        decisions |= found
    return standing_of(decisions.values(), authors, session.authority)[0]


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
    chosen: dict[str, list[Said]] = {}
    for said in statements:
        chosen.setdefault(said.record, []).append(said)
    return chosen


def statements_of(session: Session, imported: str) -> list[Said]:
    """Statements that an import said, as far as nothing later has replaced them.

    Raises
    ------
    Refused
        ``unknown_import``.
    """
    store = session.workspace.store
    fields = find_delivery(session, imported).fields
    blob, kind = str(fields["file_sha256"]), str(fields["of_kind"])
    said = [said_of(entry) for entry in store.from_source(blob)]
    said = [one for one in said if one.kind == kind]
    held = store.of_records({one.record for one in said})
    replaced = {
        target
        for entries in held.values()
        for entry in entries
        for target in parse_header(entry.header).replaces
    }
    return [one for one in said if one.hash not in replaced]


def decisions_on(
    session: Session, act: str, said: Sequence[Said], *, log: str, reason: str = "", on: str = ""
) -> list[Draft]:
    """Drafts of one decision on many statements, at most 10,000 in each."""
    fields = {"reason": reason} if reason else {}
    hashes = sorted(one.hash for one in said)
    return [
        session.draft(
            act,
            "decision",
            fields,
            log=log,
            decides=hashes[start : start + MAX_DECIDES],
            happened_on=on or session.today(),
        )
        for start in range(0, len(hashes), MAX_DECIDES)
    ]


def _withdrawal(session: Session, said: Said, reason: str, log: str) -> Draft:
    return session.draft(
        "withdraw",
        said.kind,
        {"reason": reason},
        log=log,
        record=said.record,
        replaces=(said.hash,),
        happened_on=said.happened_on,
    )


def _undone_import(session: Session, act: Act, log: str, said: Sequence[Said]) -> list[Draft]:
    """What an import began ends; what it corrected or ended says again what it said before.

    The delivery itself is withdrawn too, so that the same file may be taken in once more.
    """
    before = session.workspace.store.by_hash({one.replaces[0] for one in said if one.replaces})
    drafts = []
    for one in said:
        earlier = said_of(before[one.replaces[0]]) if one.replaces else None
        if earlier is None or earlier.act == "withdraw" or earlier.fields is None:
            drafts.append(_withdrawal(session, one, act.reason, log))
            continue
        drafts.append(
            session.draft(
                "correct",
                one.kind,
                earlier.fields,
                log=log,
                record=one.record,
                replaces=(one.hash,),
                happened_on=earlier.happened_on,
            )
        )
    past = find_delivery(session, act.imported)
    delivery = said_of(session.workspace.store.by_hash([past.statement])[past.statement])
    return [*drafts, _withdrawal(session, delivery, act.reason, log)]


def _revocation(session: Session, act: Act, records: Sequence[str]) -> Plan:
    """One statement of the authority that reopens ground, an event with its own day."""
    for record in records:
        if split_record_id(record)[1] != "released_area":
            raise Refused(Problem("not_revocable", record, {"record": record}))
    log = session.log_for("revoke", session.authority)
    fields: dict[str, Any] = {"records": list(records), "reason": act.reason}
    if act.area is not None:
        fields["area"] = dict(act.area)
    if act.standing:
        fields["still_standing"] = [resolve_record(session, name) for name in act.standing]
    draft = session.draft(
        "revoke", "decision", fields, log=log, happened_on=act.on or session.today()
    )
    return Plan("revoke", {log: [draft]}, 1, len(records))
