"""Recall released areas after a miss, tell whom it concerns, and decide about it.

What `tilth.core.life.recall` proposes becomes a decision, a recall, which stands until the
authority lifts it. What is proposed and named by no recall blocks handover all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import shapely

from tilth.core.chains import REPORTED
from tilth.core.life.quality import polygons_of
from tilth.core.life.register import Held, Register
from tilth.core.problems import Problem, Refused, register
from tilth.core.statement import content_fields, read_header, split_record_id, statement_hash
from tilth.service.deciding import require_reason, resolve_record
from tilth.service.doubting import (
    Proposed,
    areas_of,
    findings,
    named_areas,
    recalled,
    unnamed,
    would_recall,
)
from tilth.service.recording import Spoken, author_of, draft_record
from tilth.service.register import held, register_of
from tilth.service.session import Session
from tilth.service.work_table import WorkTable, work_table
from tilth.store.protocol import Draft

__all__ = [
    "Decided",
    "HandedOver",
    "OpenRecall",
    "Proposed",
    "decide",
    "findings",
    "propose",
    "recall_after_import",
    "recalled",
    "recalls",
    "say_all_with_recall",
    "say_with_recall",
    "would_recall",
]

register(
    {
        "recall_nothing": (
            "{record} puts no released area in doubt that is not recalled already.",
            "Look at what it says with tilth show; a miss names items missed, or lies on released "
            "ground.",
        ),
        "recall_unknown": (
            "There is no open recall {name}.",
            "Take one of those that tilth recall list shows: {known}",
        ),
        "recall_undecided": (
            "{count} of the released areas recalled are neither upheld nor lifted: {records}",
            "Name each with --uphold or --lift, or say --uphold rest or --lift rest.",
        ),
        "recall_decided_twice": (
            "{record} is both upheld and lifted.",
            "Name it once.",
        ),
        "recall_not_named": (
            "{record} is not among the released areas of this recall.",
            "Take one of: {records}",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A handover of recalled ground: who has to be told."""

    record: str
    certificate: str
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenRecall:
    """A recall that the authority has not decided.

    Parameters
    ----------
    areas
        Recalled areas with their square metres in the operation's frame; None without polygon.
    why
        What each shares with the area in which the item was missed.
    """

    statement: str
    organisation: str
    missed: str
    day: str
    reason: str
    areas: Mapping[str, float | None]
    why: Mapping[str, str] = field(default_factory=dict)
    handed_over: tuple[HandedOver, ...] = ()

    @property
    def area_m2(self) -> float:
        """Square metres of all recalled areas together, each area by itself."""
        return sum(area or 0.0 for area in self.areas.values())


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a recall: hashes of the revocation (empty without) and of the lift."""

    upheld: tuple[str, ...]
    lifted: tuple[str, ...]
    revocation: str
    lift: str
    told: tuple[HandedOver, ...] = ()


# -- propose ---------------------------------------------------------------------------------------


def say_with_recall(
    session: Session, kind: str, fields: Mapping[str, Any], *, speaking_for: str = ""
) -> tuple[Spoken, Proposed | None]:
    """Say a sample, an accident or a review, and recall what it puts in doubt, all or nothing.

    Raises
    ------
    Refused
        What `tilth.service.recording.say` refuses.
    """
    return say_all_with_recall(session, kind, [fields], speaking_for=speaking_for)[0]


def say_all_with_recall(
    session: Session,
    kind: str,
    rows: Iterable[Mapping[str, Any]],
    *,
    speaking_for: str = "",
    first: Sequence[tuple[str, Sequence[Draft]]] = (),
) -> list[tuple[Spoken, Proposed | None]]:
    """Say several records of a kind with the recalls that they lead to, in one transaction.

    ``first`` as in `tilth.service.recording.say_many`.

    Raises
    ------
    Refused
        With the problems of every row; then nothing is said.
    """
    author = author_of(session, speaking_for)
    log = session.log_for("record", author, kind)
    with session.workspace.writing():
        drafts, spoken = _drafted(session, kind, rows, log=log, author=author)
        unsaid = [_unsaid(draft) for draft in drafts]
        made: list[tuple[Spoken, Proposed | None]] = []
        for said, one in zip(spoken, unsaid, strict=True):
            found = would_recall(session, one, beside=unsaid)
            if found is not None and found.areas:
                drafts.append(_draft_recall(session, found, log, ""))
                found = replace(found, statement=statement_hash(drafts[-1].header))
            made.append((said, found))
        session.workspace.append_together([*first, (log, drafts)] if drafts else [])
    return made


def _drafted(
    session: Session, kind: str, rows: Iterable[Mapping[str, Any]], *, log: str, author: str
) -> tuple[list[Draft], list[Spoken]]:
    """Drafts of several records, or the problems of all of them."""
    drafts: list[Draft] = []
    spoken: list[Spoken] = []
    problems: list[Problem] = []
    taken: set[str] = set()
    for fields in rows:
        try:
            draft, one = draft_record(session, kind, fields, log=log, author=author, taken=taken)
        except Refused as refused:
            problems += refused.problems
            continue
        drafts.append(draft)
        spoken.append(one)
    if problems:
        raise Refused(*problems)
    return drafts, spoken


def _unsaid(draft: Draft) -> Held:
    """What will be held of a draft once it is said."""
    header = read_header(draft.header)
    return Held(
        header.record,
        header.kind,
        header.organisation,
        header.actor,
        statement_hash(draft.header),
        REPORTED,
        header.happened_on,
        header.said_at,
        content_fields(draft.content or b""),
    )


def propose(session: Session, missed: str, reason: str = "") -> Proposed:
    """Recall everything that a record puts in doubt and that no recall of it names yet.

    Raises
    ------
    Refused
        ``unknown_record``, ``recall_nothing``, ``not_permitted``, ``actor_missing``.
    """
    session.require_actor()
    record = resolve_record(session, missed)
    with session.workspace.writing():
        left = unnamed(session).get(record, [])
        one = register_of(session).find(split_record_id(record)[1], record)
        if one is None or not left:
            raise Refused(Problem("recall_nothing", record, {"record": missed}))
        session.require_role("recall", "released_area")
        return _append_recall(session, Proposed(record, one.happened_on, tuple(left)), reason)


def recall_after_import(session: Session) -> list[Proposed]:
    """Recall what the misses held put in doubt, as far as no recall names it; in order of miss."""
    made = []
    with session.workspace.writing():
        known = register_of(session)
        for record, left in sorted(unnamed(session).items()):
            one = known.find(split_record_id(record)[1], record)
            if one is not None:
                found = Proposed(record, one.happened_on, tuple(left))
                made.append(_append_recall(session, found, ""))
    return made


def _append_recall(session: Session, found: Proposed, reason: str) -> Proposed:
    log = session.log_for("recall", split_record_id(found.missed)[0], "")
    draft = _draft_recall(session, found, log, reason)
    session.workspace.append([draft], log=log)
    return replace(found, statement=statement_hash(draft.header))


def _draft_recall(session: Session, found: Proposed, log: str, reason: str) -> Draft:
    fields: dict[str, Any] = {
        "records": [one.record for one in found.areas],
        "missed": found.missed,
        "why": {one.record: " ".join(one.why) for one in found.areas},
        "until": session.today(),
    }
    if reason.strip():
        fields["reason"] = reason
    return session.draft("recall", "decision", fields, log=log, happened_on=found.day, follows=True)


# -- decide ----------------------------------------------------------------------------------------


def recalls(session: Session) -> list[OpenRecall]:
    """Recalls that are not lifted, in order of the miss's day, with whom to tell."""
    known = register_of(session)
    by_area = _handovers(known, work_table(session))
    named = {record for said in known.recalls.values() for record in areas_of(said)}
    areas = held(session, named)
    order = sorted(areas)
    polygons = polygons_of([areas[one] for one in order], session.frame())
    size = {
        one: None if polygon is None else float(shapely.area(polygon))
        for one, polygon in zip(order, polygons, strict=True)
    }
    made = []
    for said in known.recalls.values():
        fields, records = said.fields or {}, sorted(areas_of(said))
        made.append(
            OpenRecall(
                said.hash,
                said.organisation,
                str(fields.get("missed", "")),
                said.happened_on,
                str(fields.get("reason", "")),
                {record: size.get(record) for record in records},
                dict(fields.get("why", {})),
                _told(records, by_area),
            )
        )
    return sorted(made, key=lambda one: (one.day, one.statement))


def _handovers(known: Register, table: WorkTable) -> dict[str, list[HandedOver]]:
    by_area: dict[str, list[HandedOver]] = {}
    for record, one in sorted(known.of("handover").items()):
        values = one.now()
        made = HandedOver(
            record,
            str(values.get("certificate_number", "")),
            tuple(map(str, values.get("recipients", ()))),
        )
        for area in named_areas(known, table, one):
            by_area.setdefault(area, []).append(made)
    return by_area


def _told(
    records: Iterable[str], by_area: Mapping[str, Sequence[HandedOver]]
) -> tuple[HandedOver, ...]:
    found = {one.record: one for record in records for one in by_area.get(record, ())}
    return tuple(found[record] for record in sorted(found))


def decide(
    session: Session,
    recall: str,
    *,
    uphold: Collection[str] = (),
    lift: Collection[str] = (),
    reason: str,
) -> Decided:
    """Decide about every area of a recall: those upheld are revoked, then the recall is lifted.

    Parameters
    ----------
    recall
        Its hash or the first digits of it, or the record that tells of the miss.
    uphold, lift
        Released areas; ``rest`` in one of them means all that the other does not name.

    Raises
    ------
    Refused
        ``recall_unknown``, ``recall_undecided``, ``recall_decided_twice``, ``recall_not_named``,
        ``reason_missing``, ``not_permitted``: only the authority decides. Nothing is half done.
    """
    session.require_actor()
    require_reason("revoke", reason)
    log = session.log_for("lift", session.authority, "released_area")
    with session.workspace.writing():
        one = _open_recall(session, recall)
        upheld, lifted = _parted(session, one, uphold, lift)
        drafts = []
        if upheld:
            fields = {"records": upheld, "reason": reason, "missed": one.missed}
            fields["recall"] = one.statement
            drafts.append(session.draft("revoke", "decision", fields, log=log, happened_on=one.day))
        drafts.append(
            session.draft(
                "lift",
                "decision",
                {"reason": reason, "lifted": lifted, "upheld": upheld},
                log=log,
                decides=(one.statement,),
                happened_on=session.today(),
            )
        )
        session.workspace.append(drafts, log=log)
    hashes = [statement_hash(draft.header) for draft in drafts]
    by_area = _handovers(register_of(session), work_table(session))
    return Decided(
        tuple(upheld),
        tuple(lifted),
        hashes[0] if upheld else "",
        hashes[-1],
        _told(upheld, by_area),
    )


def _open_recall(session: Session, name: str) -> OpenRecall:
    known = recalls(session)
    found = [
        one
        for one in known
        if name and (one.statement.startswith(name) or name in _names(one.missed))
    ]
    if len(found) != 1:
        hashes = ", ".join(one.statement[:12] for one in (found or known)) or "none"
        raise Refused(Problem("recall_unknown", name, {"name": name, "known": hashes}))
    return found[0]


def _names(record: str) -> tuple[str, ...]:
    return (record, split_record_id(record)[2]) if record.count("/") > 1 else (record,)


def _parted(
    session: Session, one: OpenRecall, uphold: Collection[str], lift: Collection[str]
) -> tuple[list[str], list[str]]:
    upheld = {_among(session, one, name) for name in uphold if name != "rest"}
    lifted = {_among(session, one, name) for name in lift if name != "rest"}
    both = sorted(upheld & lifted)
    if both or ("rest" in uphold and "rest" in lift):
        record = both[0] if both else "rest"
        raise Refused(Problem("recall_decided_twice", record, {"record": record}))
    rest = set(one.areas) - upheld - lifted
    if "rest" in uphold:
        upheld |= rest
    elif "rest" in lift:
        lifted |= rest
    elif rest:
        params: dict[str, str | int] = {
            "count": len(rest),
            "records": ", ".join(split_record_id(record)[2] for record in sorted(rest)[:20]),
        }
        raise Refused(Problem("recall_undecided", one.statement, params))
    return sorted(upheld), sorted(lifted)


def _among(session: Session, one: OpenRecall, name: str) -> str:
    fitting = [record for record in one.areas if name in _names(record)]
    record = fitting[0] if len(fitting) == 1 else resolve_record(session, name)
    if record not in one.areas:
        records = ", ".join(split_record_id(area)[2] for area in list(one.areas)[:20])
        raise Refused(Problem("recall_not_named", record, {"record": name, "records": records}))
    return record
