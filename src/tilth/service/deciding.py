"""Vouch, approve, return, revoke, withdraw: acts on statements, with what they would move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tilth.core.access import same_person
from tilth.core.chains import Said
from tilth.core.days import first_day, last_day, precision
from tilth.core.problems import Parameter, Problem, Refused, register
from tilth.core.statement import (
    MAX_DECIDES,
    parse_header,
    split_record_id,
    statement_hash,
)
from tilth.service.choosing import (
    Act,
    chosen,
    resolve_record,
    standing_of_statements,
    statements_of,
)
from tilth.service.deliveries import find_delivery
from tilth.service.register import held
from tilth.service.release_guards import Guarded, guard_approval
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

NEEDS_REASON = ("return", "revoke", "withdraw", "undo", "dispute", "erase")

register(
    {
        "reason_missing": (
            "To {act} needs a reason.",
            "Give --reason with a sentence that will still be understood in ten years.",
        ),
        "bad_day": ("{text} is no day.", "Write a day as 2026-03-31."),
        "revoked_before_release": (
            "The release is of {released_on}, and a revocation of {on} would move no ground.",
            "Give the day on which the item was found, not one before the release.",
        ),
        "not_revocable": (
            "{record} is no released area.",
            "Name a released area: only released ground can be revoked.",
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
class Plan:
    """Statements ready to be appended, by log, and how much they decide."""

    act: str
    drafts: Mapping[str, Sequence[Draft]]
    statements: int
    records: int


def plan(session: Session, act: Act) -> Plan:
    """Choose the statements and draft the act; nothing is written.

    Raises
    ------
    Refused
        ``reason_missing``, ``day_after_today``, ``nothing_chosen``, ``unknown_record``,
        ``not_permitted`` and the like;
        of an approval everything that its guards find in the way, see
        `tilth.service.release_guards`.
    """
    session.require_actor()
    require_reason(act.act, act.reason)
    _require_day(session, act.on)
    picked = chosen(session, act)
    if act.act == "revoke":
        return _revocation(session, act, sorted(picked))
    targets = [said for record in sorted(picked) for said in picked[record]]
    undoing = act.act == "withdraw" and bool(act.imported)
    if not undoing:
        targets = [said for said in targets if said.act != "withdraw"]
    if not targets:
        raise Refused(Problem("nothing_to_decide", act.act))
    _not_the_author(session, act, targets)
    by_log: dict[str, list[Said]] = {}
    for said in targets:
        by_log.setdefault(session.log_for(act.act, said.organisation, said.kind), []).append(said)
    guarded = _guarded(session, act, targets)
    drafts: dict[str, list[Draft]] = {log: list(first) for log, first in guarded.first.items()}
    for log, said_there in by_log.items():
        if undoing:
            said_now = _undone_import(session, act, log, said_there)
        elif act.act == "withdraw":
            said_now = [_withdrawal(session, one, act.reason, log) for one in said_there]
        else:
            said_now = decisions_on(
                session, act.act, said_there, log=log, reason=act.reason, on=act.on, guarded=guarded
            )
        drafts.setdefault(log, []).extend(said_now)
    return Plan(act.act, drafts, len(targets), len({said.record for said in targets}))


def _guarded(session: Session, act: Act, targets: Sequence[Said]) -> Guarded:
    """Ask the guards of an approval; no other act has rules to override."""
    if act.act == "approve":
        return guard_approval(
            session, targets, override=act.override, reason=act.reason, day=act.on
        )
    if act.override:
        params = {"rule": ", ".join(act.override), "found": "none"}
        raise Refused(Problem("override_not_needed", "--override", params))
    return Guarded()


def require_reason(act: str, reason: str) -> None:
    """Refuse an act that needs a reason and has none.

    Raises
    ------
    Refused
        ``reason_missing``.
    """
    if act in NEEDS_REASON and not reason.strip():
        raise Refused(Problem("reason_missing", act, {"act": act}))


def _require_day(session: Session, text: str) -> None:
    """Refuse what is no day, month or year, and a day that has not come.

    Raises
    ------
    Refused
        ``bad_day``, ``day_after_today``.
    """
    try:
        if text and (not precision(text) or not first_day(text)):
            raise ValueError(text)
    except ValueError:
        raise Refused(Problem("bad_day", text, {"text": text})) from None
    if text > session.today():
        params: dict[str, Parameter] = {"value": text, "today": session.today()}
        raise Refused(Problem("day_after_today", text, params))


def _not_the_author(session: Session, act: Act, targets: Sequence[Said]) -> None:
    """Whoever said it does not verify it (rules §2), unless with a reason that stays."""
    if act.act != "vouch" or act.reason.strip():
        return
    own = sum(1 for said in targets if same_person(said.actor, session.actor))
    if own:
        params: dict[str, Parameter] = {"count": own, "actor": session.actor}
        raise Refused(Problem("own_statement", "vouch", params))


def carry_out(session: Session, plan: Plan) -> list[str]:
    """Append what was planned, in all logs or in none; returns the hashes of the new statements.

    The record of a rule set that goes before its first decision is not among them.
    """
    with session.workspace.writing():
        planned = {
            log: [one for one in drafts if not _stands_already(session, one)]
            for log, drafts in plan.drafts.items()
        }
        session.workspace.append_together(planned.items())
    return [
        statement_hash(one.header)
        for drafts in planned.values()
        for one in drafts
        if not _is_rule_set(one)
    ]


def _is_rule_set(draft: Draft) -> bool:
    return parse_header(draft.header).kind == "rule_set"


def _stands_already(session: Session, draft: Draft) -> bool:
    """Whether a rule set was said by another decision since this one was planned."""
    record = parse_header(draft.header).record
    return _is_rule_set(draft) and bool(session.workspace.store.of_records([record]))


def decisions_on(
    session: Session,
    act: str,
    said: Sequence[Said],
    *,
    log: str,
    reason: str = "",
    on: str = "",
    guarded: Guarded | None = None,
) -> list[Draft]:
    """Drafts of one decision on many statements, at most 10,000 in each.

    Parameters
    ----------
    guarded
        What the guards of an approval say: its rule set and what was overridden.
    """
    fields: dict[str, Any] = {"reason": reason} if reason else {}
    drafts = []
    ordered = sorted(said, key=lambda one: one.hash)
    for start in range(0, len(ordered), MAX_DECIDES):
        some = ordered[start : start + MAX_DECIDES]
        content = dict(fields)
        if guarded is not None:
            content |= guarded.fields
            if overrides := guarded.overrides_of(one.record for one in some):
                content["overrides"] = overrides
        drafts.append(
            session.draft(
                act,
                "decision",
                content,
                log=log,
                decides=[one.hash for one in some],
                happened_on=on or session.today(),
            )
        )
    return drafts


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
    _not_before_release(session, records, act.on or session.today())
    log = session.log_for("revoke", session.authority, "released_area")
    fields: dict[str, Any] = {"records": list(records), "reason": act.reason}
    if act.area is not None:
        fields["area"] = dict(act.area)
    if act.standing:
        fields["still_standing"] = [resolve_record(session, name) for name in act.standing]
    draft = session.draft(
        "revoke", "decision", fields, log=log, happened_on=act.on or session.today()
    )
    return Plan("revoke", {log: [draft]}, 1, len(records))


def _not_before_release(session: Session, records: Sequence[str], day: str) -> None:
    """Refuse to revoke a release from a day before its own: it would move no ground.

    Raises
    ------
    Refused
        ``revoked_before_release``.
    """
    early = [
        Problem("revoked_before_release", record, {"on": day, "released_on": one.happened_on})
        for record, one in held(session, records).items()
        if last_day(day) < first_day(one.happened_on)
    ]
    if early:
        raise Refused(*early)
