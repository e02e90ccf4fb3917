"""Hand released ground over, look at it again afterwards, and say whether a certificate stands."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tilth.core.chains import APPROVED, REPORTED, chains_of
from tilth.core.findings import Finding
from tilth.core.life.handover import (
    Certificate,
    Handed,
    certificate,
    handover_findings,
    handover_guards,
    review_findings,
    revocations_of,
)
from tilth.core.life.quality import OpenCases
from tilth.core.life.register import Held
from tilth.core.problems import Problem, Refused, register
from tilth.service.choosing import standing_of_statements
from tilth.service.doubting import Proposed, recalled
from tilth.service.entering import read_fields, read_records
from tilth.service.guarding import settle
from tilth.service.lens import is_readable
from tilth.service.people import require_liaison
from tilth.service.recalling import say_with_recall
from tilth.service.recording import author_of, draft_record
from tilth.service.register import register_of
from tilth.service.release_facts import Names
from tilth.service.release_guards import told_briefly
from tilth.service.ruling import first_saying, rules_on
from tilth.service.session import Session, said_of

__all__ = [
    "HandedOver",
    "Reviewed",
    "certificate_of",
    "hand_over",
    "handover_obstacles",
    "handovers_findings",
    "review",
    "typed_fields",
]

register(
    {
        "not_released": (
            "{name} is no released area, or several records have this id.",
            "Name released areas by their local id, national id or full id.",
        ),
        "not_a_handover": (
            "{name} is no handover.",
            "Take the id of one: tilth handover says it, tilth log lists the newest.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A handover that was said, or would be.

    Parameters
    ----------
    record, statement
        Empty when nothing was stored.
    areas
        Released areas, by record id.
    overrides
        What stood in the way and was overridden.
    missing
        Minimum data that the record lacks.
    """

    record: str
    statement: str
    areas: tuple[str, ...]
    rule_set: str
    overrides: tuple[Mapping[str, str], ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A review after clearance, the recall it led to, and what to do next."""

    record: str
    statement: str
    recall: Proposed | None
    next: tuple[str, ...] = ()


def typed_fields(
    session: Session, kind: str, texts: Mapping[str, str], file: Path | None
) -> tuple[dict[str, Any], list[Problem]]:
    """Fields of one record as typed and from a JSON file, and what is unlikely about its shapes.

    Raises
    ------
    Refused
        What `tilth.service.entering` refuses.
    """
    given: dict[str, Any] = {}
    if file is not None:
        given |= read_records(file)[0]
    found = read_fields(session.kind(kind), {**given, **texts})
    fields = {name: value for name, value in found.fields.items() if value is not None}
    return fields, found.warnings


def hand_over(
    session: Session,
    names: Sequence[str],
    fields: Mapping[str, Any],
    *,
    speaking_for: str = "",
    override: Collection[str] = (),
    reason: str = "",
    dry_run: bool = False,
) -> HandedOver:
    """Hand released areas over, if nothing stands in the way or all of it is overridden.

    Parameters
    ----------
    names
        Released areas by any of their ids.
    fields
        Of the handover; ``happened_on`` is today without.

    Raises
    ------
    Refused
        With everything that stands in the way; ``not_released``, ``override_needs_reason``,
        ``override_not_needed``, ``not_permitted``, ``actor_missing`` and what the kind refuses.
        Nothing is half done.
    """
    session.require_actor()
    author = author_of(session, speaking_for)
    require_liaison(session, author, "handover")
    log = session.log_for("record", author, "handover")
    day = str(fields.get("happened_on") or session.today())
    with session.workspace.writing():
        areas = _handed(session, names, author, day)
        ruling = rules_on(session, day)
        values = {**fields, "happened_on": day}
        where = str(fields.get("local_id") or fields.get("certificate_number") or "handover")
        if "certificate_number" in fields:
            values.setdefault("local_id", fields["certificate_number"])
        found = handover_guards(values, areas, ruling.rules.handover, where=where)
        try:
            overrides = settle(found, override, reason)
        except Refused as refused:
            raise Refused(*told_briefly(refused.problems)) from None
        values["released_areas"] = [one.record for one in areas]
        values["rule_set"] = ruling.rules.identity
        if statements := [one.approved for one in areas if one.approved]:
            values["statements"] = statements
        if overrides:
            values["overrides"] = overrides
        if reason.strip():
            values["reason"] = reason
        draft, spoken = draft_record(session, "handover", values, log=log, author=author)
        told = tuple(one.record for one in areas)
        if dry_run:
            return HandedOver("", "", told, ruling.rules.identity, tuple(overrides), spoken.missing)
        first = first_saying(session, ruling, day)
        session.workspace.append_together([*first.items(), (log, [draft])])
    return HandedOver(
        spoken.record,
        spoken.statement,
        told,
        ruling.rules.identity,
        tuple(overrides),
        spoken.missing,
    )


def handover_obstacles(session: Session, names: Sequence[str]) -> list[Problem]:
    """What of the ground itself stands in the way of handing these areas over today."""
    ruling = rules_on(session)
    areas = _handed(session, names, session.own)
    paper_aside = {"markers_recorded": True, "happened_on": session.today()}
    found = handover_guards(paper_aside, areas, ruling.rules.handover)
    records = {one.record for one in areas}
    return [one for one in found if one.where in records or one.code == "nonconformity_open"]


def _handed(session: Session, names: Sequence[str], author: str, day: str = "") -> list[Handed]:
    """Released areas of these names with what stands on them; each once.

    Nonconformities that are open now bear on them, and those that were on the day of the handover:
    closed since, they do not make it one without.
    """
    known, releases = register_of(session), Names(session, "released_area")
    records: list[str] = []
    problems = []
    for name in names:
        record = releases.record(author, name)
        if not record or not is_readable(session, record):
            problems.append(Problem("not_released", name, {"name": name}))
        elif record not in records:
            records.append(record)
    if problems:
        raise Refused(*problems)
    stands = _standing(session, records)
    doubted = recalled(session)
    asked = [OpenCases(known), *([OpenCases(known, day)] if day else [])]
    areas = []
    for record in records:
        one = stands[record]
        fields = one.fields or {}
        found = (cases.against(fields, record=record, every=True) for cases in asked if fields)
        against = {case.record: case for some in found for case in some}.values()
        areas.append(
            Handed(
                record,
                one.happened_on,
                one.reported,
                one.approved,
                revocations_of(known, record),
                doubted.get(record, ()),
                tuple((case.record, str(case.now().get("severity", ""))) for case in against),
            )
        )
    return areas


@dataclass(frozen=True, slots=True)
class _Stands:
    reported: str = ""
    approved: str = ""
    happened_on: str = ""
    fields: Mapping[str, Any] | None = None


def _standing(session: Session, records: Iterable[str]) -> dict[str, _Stands]:
    """Statements in force of each record, as reported and as approved."""
    wanted = list(records)
    entries = session.workspace.store.of_records(wanted)
    said = {record: [said_of(one) for one in some] for record, some in entries.items()}
    standing = standing_of_statements(session, (one for some in said.values() for one in some))
    found = dict.fromkeys(wanted, _Stands())
    for record, statements in said.items():
        chain, _ = chains_of(statements)
        if chain is None:
            continue
        reported = chain.value(REPORTED, standing)
        approved = chain.value(APPROVED, standing)
        if reported is None or reported.act == "withdraw":
            continue
        good = approved is not None and approved.act != "withdraw"
        found[record] = _Stands(
            reported.hash,
            approved.hash if approved is not None and good else "",
            reported.happened_on,
            reported.fields,
        )
    return found


def certificate_of(session: Session, name: str) -> tuple[Held, Certificate]:
    """A handover and whether its certificate still stands today.

    Raises
    ------
    Refused
        ``not_a_handover``.
    """
    held = register_of(session).find("handover", name, session.own)
    if held is None or not is_readable(session, held.record):
        raise Refused(Problem("not_a_handover", name, {"name": name}))
    return held, _certificates(session, [held])[held.record]


def _certificates(session: Session, handovers: Sequence[Held]) -> dict[str, Certificate]:
    known = register_of(session)
    approved = _approved(session, handovers)
    return {one.record: certificate(known, one, approved[one.record]) for one in handovers}


def _approved(session: Session, handovers: Sequence[Held]) -> dict[str, dict[str, str]]:
    """By handover: by released area, hash of the statement approved today."""
    releases = Names(session, "released_area")
    named = {
        one.record: [
            releases.record(one.author, str(name)) or str(name)
            for name in one.now().get("released_areas", ())
        ]
        for one in handovers
    }
    stands = _standing(session, dict.fromkeys(area for some in named.values() for area in some))
    return {
        record: {area: stands[area].approved for area in areas} for record, areas in named.items()
    }


def handovers_findings(session: Session) -> list[Finding]:
    """Certificates that no longer stand, handovers nobody asked about, reviews left undecided."""
    known = register_of(session)
    handovers = list(known.of("handover").values())
    approved = _approved(session, handovers)
    decided = {
        str((said.fields or {}).get("missed", ""))
        for said in known.decisions()
        if said.act in ("recall", "revoke")
    }
    return [*handover_findings(known, approved), *review_findings(known, decided)]


def review(session: Session, fields: Mapping[str, Any], *, speaking_for: str = "") -> Reviewed:
    """Say what was seen on handed-over ground; an accident or an item proposes a revocation.

    The proposal is a recall: it blocks further handovers and opens the ground at *prudent* until
    the authority revokes the releases or lifts it.

    Raises
    ------
    Refused
        ``not_a_handover`` and what the kind refuses.
    """
    known, author = register_of(session), author_of(session, speaking_for)
    require_liaison(session, author, "record")
    name = str(fields.get("handover", ""))
    handover = known.find("handover", name, author) if name else None
    if name and handover is None:
        raise Refused(Problem("not_a_handover", name, {"name": name}))
    values = {**fields, "handover": handover.record} if handover is not None else dict(fields)
    spoken, found = say_with_recall(
        session, "post_clearance_review", values, speaking_for=speaking_for
    )
    return Reviewed(
        spoken.record, spoken.statement, found, tuple(_next(session, handover, found, values))
    )


def _next(
    session: Session, handover: Held | None, found: Proposed | None, fields: Mapping[str, Any]
) -> list[str]:
    """What to do after a review, in the order of urgency."""
    if found is None:
        return []
    where = session.workspace.path
    steps = ["Keep people off the ground and mark it."]
    told = handover.now().get("recipients", ()) if handover is not None else ()
    if told:
        steps.append(f"Tell those who hold the certificate: {', '.join(map(str, told))}.")
    if found.statement:
        steps.append(
            f"The authority decides: tilth recall decide {where} {found.statement[:12]} "
            "--uphold rest --reason TEXT"
        )
    elif found.areas:
        steps.append(f"Recall the areas: tilth recall propose {where} {found.missed}")
    else:
        steps.append("Name the released areas concerned: no release was found at that place.")
    if fields.get("accident_after") == "yes":
        steps.append(f"Record the accident: tilth record {where} accident …")
    return steps
