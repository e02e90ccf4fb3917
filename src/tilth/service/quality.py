"""Quality as people work with it: visits, samples, nonconformities and what becomes of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tilth.core.access import same_person
from tilth.core.chains import APPROVED, REPORTED
from tilth.core.findings import Finding
from tilth.core.keyring import split_origin
from tilth.core.life import moves
from tilth.core.life.quality import (
    AXIS,
    Case,
    OpenCases,
    cases,
    is_overdue,
    roles_on,
    same_organisation,
)
from tilth.core.life.quality_findings import (
    Inspected,
    inspected_by_sample,
    inspected_by_visit,
    inspection_problems,
    on_released,
    quality_findings,
)
from tilth.core.life.register import Held, Register
from tilth.core.problems import Problem, Refused, register
from tilth.core.statement import record_id
from tilth.service import recording
from tilth.service.doubting import named_areas
from tilth.service.guarding import settle
from tilth.service.lens import is_readable
from tilth.service.people import require_liaison
from tilth.service.recalling import Proposed, say_with_recall
from tilth.service.recording import Spoken
from tilth.service.register import held, register_of
from tilth.service.session import Session
from tilth.service.work_table import WorkTable, work_table

__all__ = [
    "Listed",
    "MoveWish",
    "Moved",
    "Overriding",
    "act_on",
    "close",
    "findings",
    "nonconformities",
    "raise_nonconformity",
    "reopen",
    "sample",
    "visit",
]

register(
    {
        "unknown_nonconformity": (
            "There is no nonconformity {name}, or several are called so.",
            "Give its full id; tilth nonconformity list shows them.",
        ),
        "closes_own_action": (
            "{person} said what was done about {nonconformity}, and would close it.",
            "Let another person close it; where there is nobody else, override closes_own_action "
            "with a reason: a finding for ever.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Overriding:
    """Rules that are overridden, and why."""

    rules: Collection[str] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MoveWish:
    """How somebody wants to move a nonconformity.

    Parameters
    ----------
    reason
        What was done about it, or why it is opened again.
    on
        Day of the move; today if empty.
    speaking_for
        Code of the organisation that makes the move; the authority may enter the moves of those
        whose log is not here.
    """

    reason: str = ""
    on: str = ""
    override: Collection[str] = ()
    speaking_for: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move did."""

    nonconformity: str
    move: str
    from_state: str
    to_state: str
    record: str
    statement: str
    organisation: str
    overrides: Sequence[dict[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """A nonconformity in a list."""

    case: Case
    overdue: bool
    possible: tuple[str, ...]


# -- inspect ---------------------------------------------------------------------------------------


def visit(
    session: Session,
    fields: Mapping[str, Any],
    *,
    speaking_for: str = "",
    overriding: Overriding | None = None,
) -> Spoken:
    """Record a quality visit.

    Raises
    ------
    Refused
        ``inspection_not_permitted``; ``own_inspection`` unless overridden; what
        `tilth.service.recording.say` refuses.
    """
    with session.workspace.writing():
        known = register_of(session)
        author = recording.author_of(session, speaking_for)
        require_liaison(session, author, "record")
        draft = _unsaid(session, "qm_visit", fields, author)
        inspected = inspected_by_visit(known, draft)
        lines = _settled(known, draft, inspected, overriding)
        said = {**fields, **lines}
        if inspected.organisations and not fields.get("inspected"):
            (organisation,) = inspected.organisations
            said["inspected"] = session.organisation_name(organisation)
        return recording.say(session, "qm_visit", said, speaking_for=speaking_for)


def sample(
    session: Session,
    fields: Mapping[str, Any],
    *,
    speaking_for: str = "",
    overriding: Overriding | None = None,
) -> tuple[Spoken, Proposed | None]:
    """Record a sample inspection; a missed item recalls what it puts in doubt, in the same act.

    Raises
    ------
    Refused
        As `visit`.
    """
    with session.workspace.writing():
        known = register_of(session)
        author = recording.author_of(session, speaking_for)
        require_liaison(session, author, "record")
        draft = _unsaid(session, "sample_inspection", fields, author)
        areas = _areas_of(session, draft)
        inspected = inspected_by_sample(known, draft, areas)
        said = {**fields, **_settled(known, draft, inspected, overriding)}
        return say_with_recall(session, "sample_inspection", said, speaking_for=speaking_for)


def _unsaid(session: Session, kind: str, fields: Mapping[str, Any], author: str) -> Held:
    """What would be held of a record that is not said yet."""
    values = {"happened_on": session.today(), **fields}
    values.setdefault("organisation", session.organisation_name(author))
    local_id = str(values.get("local_id") or recording.next_id(session, kind, author))
    record = record_id(author, kind, local_id)
    day, actor = str(values["happened_on"]), session.require_actor()
    return Held(record, kind, author, actor, "", REPORTED, day, "", values)


def _areas_of(session: Session, inspection: Held) -> list[Held]:
    """Released areas that a sample or a nonconformity names, in force."""
    named = named_areas(register_of(session), work_table(session), inspection)
    found = held(session, named)
    return [found[record] for record in sorted(found)]


def _settled(
    known: Register, inspection: Held, inspected: Inspected, overriding: Overriding | None
) -> dict[str, Any]:
    """Refuse what stands against an inspection; what was overridden, as fields."""
    problems = inspection_problems(known, inspection, inspected)
    refused = [one for one in problems if one.code == "inspection_not_permitted"]
    if refused:
        raise Refused(*refused)
    wish = overriding or Overriding()
    lines = settle(problems, wish.rules, wish.reason)
    return {"overrides": lines, "reason": wish.reason.strip()} if lines else {}


# -- nonconformities -------------------------------------------------------------------------------


def raise_nonconformity(
    session: Session, fields: Mapping[str, Any], *, speaking_for: str = ""
) -> Spoken:
    """Record a nonconformity. What its visit says of task, team and organisation is taken over.

    Anybody may say that something is not as it must be; who closes it is another question.

    Raises
    ------
    Refused
        What `tilth.service.recording.say` refuses.
    """
    author = recording.author_of(session, speaking_for)
    require_liaison(session, author, "record")
    seen = register_of(session).find("qm_visit", str(fields.get("visit", "")), author)
    values = dict(fields)
    if seen is not None and is_readable(session, seen.record):
        values["visit"] = seen.record
        for name in ("inspected", "task", "team"):
            if name in seen.now():
                values.setdefault(name, seen.now()[name])
    return recording.say(session, "nonconformity", values, speaking_for=speaking_for)


def act_on(session: Session, name: str, wish: MoveWish) -> Moved:
    """Say what was done about a nonconformity: for the organisation inspected.

    Raises
    ------
    Refused
        ``unknown_nonconformity``, ``bad_day``, what `tilth.core.life.moves.next_move` refuses,
        ``override_not_needed``.
    """
    return _move(session, name, "act", wish)


def close(session: Session, name: str, wish: MoveWish) -> Moved:
    """Close a nonconformity: for who inspected, or the authority; not for who acted on it.

    Raises
    ------
    Refused
        As `act_on`; ``closes_own_action`` unless overridden with a reason.
    """
    return _move(session, name, "close", wish)


def reopen(session: Session, name: str, wish: MoveWish) -> Moved:
    """Open a nonconformity again: for who inspected, or the authority.

    Raises
    ------
    Refused
        As `act_on`.
    """
    return _move(session, name, "reopen", wish)


def _move(session: Session, name: str, move: str, wish: MoveWish) -> Moved:
    session.require_actor()
    session.require_move(AXIS.name, move)
    day = _day(session, wish.on)
    with session.workspace.writing():
        known = register_of(session)
        case = _case(session, known, name)
        subject = case.held
        speaker, author = _speaker(session, known, subject, move, wish.speaking_for)
        require_liaison(session, author, "record")
        chosen = moves.next_move(
            AXIS,
            case.standing,
            move,
            roles=roles_on(known, subject, speaker),
            reason=wish.reason,
            day=day,
            where=subject.record,
        )
        found = _own_action(case, session.actor) if "closes_own_action" in chosen.guards else []
        lines = settle(found, wish.override, wish.reason)
        fields = {
            "happened_on": day,
            "organisation": wish.speaking_for or session.organisation_name(speaker),
            "axis": AXIS.name,
            "subject": subject.record,
            "move": chosen.name,
            "from_state": case.standing.state,
            "to_state": chosen.target,
            "follows": case.standing.last,
            "reason": wish.reason.strip(),
            "overrides": lines,
        }
        said = {key: value for key, value in fields.items() if value}
        log = session.log_for("record", author, "status_change")
        draft, spoken = recording.draft_record(
            session, "status_change", said, log=log, author=author
        )
        session.workspace.append([draft], log=log)
    return Moved(
        subject.record,
        chosen.name,
        case.standing.state,
        chosen.target,
        spoken.record,
        spoken.statement,
        session.organisation_name(speaker),
        lines,
    )


def _day(session: Session, text: str) -> str:
    if not text:
        return session.today()
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Refused(Problem("bad_day", text, {"text": text})) from None


def _case(session: Session, known: Register, name: str) -> Case:
    found = known.find("nonconformity", name, session.own)
    if found is None or not is_readable(session, found.record):
        raise Refused(Problem("unknown_nonconformity", name, {"name": name}))
    return next(one for one in cases(known) if one.held.record == found.record)


def _speaker(
    session: Session, known: Register, subject: Held, move: str, code: str
) -> tuple[str, str]:
    """Organisation that makes a move, and organisation in whose log it is said.

    Without a code: the first organisation whose key is here and whose move it is, the own first.
    """
    keys = {split_origin(log)[1] for log in session.own_logs()}
    here = [session.own, *sorted(keys - {session.own})]
    if code:
        speaker = known.organisation_of(code) or code
        if speaker in here:
            return speaker, speaker
        if session.own == session.authority:
            return speaker, session.own
        return speaker, recording.author_of(session, code)
    by = next(one.by for one in AXIS.moves if one.name == move)
    for organisation in here:
        if roles_on(known, subject, organisation) & set(by):
            return organisation, organisation
    return session.own, session.own


def _own_action(case: Case, actor: str) -> list[Problem]:
    """Refuse that the same person acts on a nonconformity and closes it."""
    acted = [one for one in case.standing.trail if one.fields.get("move") == "act"]
    if not acted or not same_person(acted[-1].actor, actor):
        return []
    params = {"person": actor, "nonconformity": case.held.local_id}
    return [Problem("closes_own_action", acted[-1].record, params)]


def nonconformities(
    session: Session,
    *,
    states: Collection[str] = (),
    severities: Collection[str] = (),
    inspected: str = "",
    day: str = "",
) -> list[Listed]:
    """Nonconformities by day raised; the overdue first.

    Parameters
    ----------
    states, severities
        Only these; all without.
    inspected
        Code of an organisation.
    day
        As at the end of this day, today without.
    """
    known, until = register_of(session), _day(session, day)
    organisation = known.organisation_of(inspected) or inspected
    rows = [
        Listed(
            case,
            is_overdue(case, until),
            tuple(moves.possible(AXIS, case.standing.state)),
        )
        for case in cases(known, until)
        if (not states or case.standing.state in states)
        and (not severities or case.severity in severities)
        and (
            not inspected
            or same_organisation(known, str(case.fields.get("inspected", "")), organisation)
        )
    ]
    return sorted(rows, key=lambda one: (not one.overdue, one.case.held.happened_on))


def findings(session: Session) -> list[Finding]:
    """What quality gives reason to notice today; missing recalls are told by `doubting`."""
    known = register_of(session)
    looked_at = {**known.of("sample_inspection"), **known.of("nonconformity")}
    table = work_table(session)  # its columns tell whose work it was; no sample reads the store
    releases = {
        record: [table.areas[area] for area in sorted(named) if area in table.areas]
        for record, one in looked_at.items()
        if (named := named_areas(known, table, one))
    }
    bearing = _bearing(known, table)
    released = held(session, bearing)
    approved = {record for record, one in released.items() if one.level == APPROVED}
    found = quality_findings(known, session.today(), releases)
    return [*found, *on_released(bearing, approved)]


def _bearing(known: Register, table: WorkTable) -> dict[str, list[Held]]:
    """Open major and critical nonconformities by the released areas on which they bear."""
    open_cases = OpenCases(known)
    if not open_cases.blocking:
        return {}
    found = (
        (record, open_cases.against(one.fields, record=record))
        for record, one in table.areas.items()
    )
    return {record: some for record, some in found if some}
