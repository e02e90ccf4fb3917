"""Vouch, approve, return, revoke, withdraw: acts on statements, with what they would move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tilth.core.chains import REPORTED, Chain, Said, Standing, chains_of
from tilth.core.kinds.model import FieldType
from tilth.core.problems import Problem, Refused, register
from tilth.core.statement import MAX_DECIDES, parse_header, split_record_id
from tilth.service.deliveries import find_delivery
from tilth.service.session import Session, said_of
from tilth.store.protocol import Draft

__all__ = ["Act", "Plan", "carry_out", "plan", "resolve_record"]

BATCH = 1_000
NEEDS_REASON = ("return", "revoke", "withdraw", "undo", "dispute")

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
        "unknown_field": ("{kind} has no field {field}.", "Take one of: {fields}."),
        "nothing_chosen": (
            "No record is chosen.",
            "Name records, an import with --import, or --kind with --where FIELD=VALUE.",
        ),
        "not_revocable": (
            "{record} is no released area.",
            "Only released ground can be revoked.",
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
    found = session.workspace.store.find_record(name)
    if not found:
        raise Refused(Problem("unknown_record", name, {"name": name}))
    if len(found) > 1:
        params = {"name": name, "records": ", ".join(found[:5])}
        raise Refused(Problem("ambiguous_record", name, params))
    return found[0]


def plan(session: Session, act: Act) -> Plan:
    """Choose the statements and draft the act; nothing is written.

    Raises
    ------
    Refused
        ``reason_missing``, ``nothing_chosen``, ``unknown_record``, ``not_permitted`` and the like.
    """
    session.require_actor()
    if act.act in NEEDS_REASON and not act.reason.strip():
        raise Refused(Problem("reason_missing", act.act, {"act": act.act}))
    chosen = _chosen(session, act)
    if act.act == "revoke":
        return _revocation(session, act, sorted(chosen))
    targets = [said for record in sorted(chosen) for said in chosen[record]]
    targets = [said for said in targets if said.act != "withdraw"]
    if not targets:
        raise Refused(Problem("nothing_to_decide", act.act))
    by_log: dict[str, list[Said]] = {}
    for said in targets:
        by_log.setdefault(session.log_for(act.act, said.organisation), []).append(said)
    draft = _withdrawals if act.act == "withdraw" else _decisions
    drafts = {log: draft(session, act, log, said) for log, said in by_log.items()}
    return Plan(act.act, drafts, len(targets), len({said.record for said in targets}))


def carry_out(session: Session, plan: Plan) -> list[str]:
    """Append what was planned; returns the hashes of the new statements."""
    hashes = []
    for log, drafts in plan.drafts.items():
        for start in range(0, len(drafts), BATCH):
            receipt = session.workspace.append(drafts[start : start + BATCH], log=log)
            entries = session.workspace.store.entries(after_seq=receipt.first_seq - 1)
            hashes += [entry.hash for entry in entries]
    return hashes


def _chosen(session: Session, act: Act) -> dict[str, list[Said]]:
    """Statements in force of each record chosen: by name, by import, or by a field's value."""
    store = session.workspace.store
    if act.imported:
        past = find_delivery(session, act.imported)
        return _of_import(session, past.fields)
    if act.records:
        records = [resolve_record(session, name) for name in act.records]
    elif act.kind:
        records = _matching(session, act.kind, act.where)
    else:
        raise Refused(Problem("nothing_chosen", act.act))
    chosen = {}
    for record, entries in store.of_records(records).items():
        chains = _chains([said_of(entry) for entry in entries])
        chosen[record] = [value for chain in chains if (value := _in_force(chain))]
    return chosen


def _chains(said: Sequence[Said]) -> list[Chain]:
    first, revisions = chains_of(said)
    return [*([first] if first else []), *revisions]


def _in_force(chain: Chain) -> Said | None:
    return chain.value(REPORTED, Standing())


def _of_import(session: Session, fields: Mapping[str, Any]) -> dict[str, list[Said]]:
    """Statements that an import said, as far as nothing later has replaced them."""
    store = session.workspace.store
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
    chosen: dict[str, list[Said]] = {}
    for one in said:
        if one.hash not in replaced:
            chosen.setdefault(one.record, []).append(one)
    return chosen


def _matching(session: Session, kind_name: str, where: Mapping[str, str]) -> list[str]:
    """Records of a kind with a statement whose fields have these values."""
    kind = session.kind(kind_name)
    asked: dict[str, Any] = {}
    for name, text in where.items():
        known = {one.name: one for one in kind.fields}
        if name not in known:
            params = {"kind": kind.name, "field": name, "fields": ", ".join(known)}
            raise Refused(Problem("unknown_field", name, params))
        if known[name].type is FieldType.INTEGER and text.lstrip("-").isdecimal():
            asked[name] = int(text)
        elif known[name].type is FieldType.BOOLEAN:
            asked[name] = text.lower() in ("true", "yes", "1")
        else:
            asked[name] = text
    rows = session.workspace.store.select(kind.name, ["record"], asked)
    return sorted({str(row[0]) for row in rows})


def _decisions(session: Session, act: Act, log: str, said: Sequence[Said]) -> list[Draft]:
    fields = {"reason": act.reason} if act.reason else {}
    hashes = sorted(one.hash for one in said)
    return [
        session.draft(
            act.act,
            "decision",
            fields,
            log=log,
            decides=hashes[start : start + MAX_DECIDES],
            happened_on=act.on or session.today(),
        )
        for start in range(0, len(hashes), MAX_DECIDES)
    ]


def _withdrawals(session: Session, act: Act, log: str, said: Sequence[Said]) -> list[Draft]:
    return [
        session.draft(
            "withdraw",
            one.kind,
            {"reason": act.reason},
            log=log,
            record=one.record,
            replaces=(one.hash,),
            happened_on=one.happened_on,
        )
        for one in said
    ]


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
