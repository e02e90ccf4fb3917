"""Who may work: the authority accredits, a course is recorded, the gate is asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tilth.core.days import first_day, last_day, precision
from tilth.core.kinds.model import Codelist
from tilth.core.life.accredited import CLOSING, accreditation_of
from tilth.core.life.expiring import expiring
from tilth.core.life.gate import Gates, gate
from tilth.core.life.gate_rules import gate_rules_of
from tilth.core.life.register import Held, Register
from tilth.core.problems import Problem, Refused, register
from tilth.service.deciding import resolve_record
from tilth.service.recording import Spoken, revise, say_many
from tilth.service.register import register_of
from tilth.service.ruling import rules_on
from tilth.service.session import Session

__all__ = ["Permit", "Question", "accredit", "ask_gate", "change_status", "ending", "train"]

KIND = "accreditation"
_MOST_DAYS = 36_600

register(
    {
        "only_the_authority_accredits": (
            "Only the authority of the operation accredits; {organisation} is not.",
            "Let the authority say it, or record it with tilth record accreditation and ask for "
            "its approval.",
        ),
        "ends_before_it_begins": (
            "It would end on {ends}, before it begins on {begins}.",
            "Correct one of the two days.",
        ),
        "not_an_accreditation": (
            "{name} is a {kind}, and no accreditation.",
            "Give the id of an accreditation, or --holder-type to accredit somebody.",
        ),
        "withdrawn_for_good": (
            "{name} was withdrawn; that is for good.",
            "Accredit its holder anew.",
        ),
        "status_stands": (
            "{name} is {status} on {day} already.",
            "Give another status, another last day, or another day of the change.",
        ),
        "unknown_course": (
            "No course {course} is recorded, or several have this code.",
            "Record it with tilth record training_course, or give its full id. Known: {known}",
        ),
        "nobody_named": (
            "Nobody is named who took the course.",
            "Give --passed and --failed with the codes of the people.",
        ),
        "passed_and_failed": (
            "{person} is named as passed and as failed.",
            "Name everybody once.",
        ),
        "unknown_code": (
            "{value} is not in the code list {codelist}.",
            "Take one of: {codes}.",
        ),
        "days_out_of_range": (
            "{days} days ahead cannot be looked at.",
            "Give a number of days from 0 to {most}.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Permit:
    """An accreditation to be said.

    Parameters
    ----------
    holder
        Code or id of the organisation, team or asset.
    organisation
        Whose team or asset, where several have that code.
    issued, expires
        First and last day that count; issued today without.
    """

    holder: str
    holder_type: str
    activities: Sequence[str] = ()
    methods: Sequence[str] = ()
    hazard_types: Sequence[str] = ()
    status: str = "full"
    issued: str = ""
    expires: str = ""
    organisation: str = ""
    certificate: str = ""
    sop_version: str = ""
    reason: str = ""
    local_id: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What the gate is asked; see ``tilth gate --help``."""

    team: str
    activity: str
    methods: Sequence[str] = ()
    hazard_types: Sequence[str] = ()
    assets: Sequence[str] = ()
    organisation: str = ""
    day: str = ""
    until: str = ""


def accredit(session: Session, permit: Permit) -> dict[str, Any]:
    """Say, as the authority, that an organisation, a team or an asset may do some work.

    Returns
    -------
    dict
        ``record``, ``local_id``, ``statement``, ``missing``, ``holder`` (as stored) and ``known``:
        whether a record of the holder is held.

    Raises
    ------
    Refused
        ``only_the_authority_accredits``, ``ambiguous_record``, ``bad_day``,
        ``ends_before_it_begins`` and what `tilth.service.recording.say` refuses.
    """
    _require_authority(session)
    issued = _day(permit.issued) or session.today()
    _in_order(issued, _day(permit.expires))
    holder, known = _holder(register_of(session), permit)
    given = {
        "holder_type": permit.holder_type,
        "holder": holder,
        "activities": list(permit.activities),
        "methods": list(permit.methods),
        "hazard_types": list(permit.hazard_types),
        "issued_on": issued,
        "expires_on": permit.expires,
        "status": permit.status,
        "certificate": permit.certificate,
        "sop_version": permit.sop_version,
        "reason": permit.reason,
        "local_id": permit.local_id,
    }
    fields = {name: value for name, value in given.items() if value}
    (said,) = say_many(session, [(KIND, fields)], speaking_for=_authority(session))
    return {**_told(said), "holder": holder, "known": known}


def change_status(
    session: Session, name: str, status: str, *, reason: str = "", on: str = "", expires: str = ""
) -> dict[str, Any]:
    """Suspend, withdraw, restore or prolong an accreditation from a day on.

    Parameters
    ----------
    status
        New status; as it was when empty and ``expires`` is given.
    on
        Day of the change; today without.

    Raises
    ------
    Refused
        ``unknown_record``, ``not_an_accreditation``, ``withdrawn_for_good``, ``status_stands``,
        ``reason_missing`` to suspend or withdraw, ``bad_day``, ``not_permitted``.
    """
    record = resolve_record(session, name)
    held = register_of(session).of(KIND).get(record)
    if held is None:
        params = {"name": name, "kind": record.split("/", 2)[1].replace("_", " ")}
        raise Refused(Problem("not_an_accreditation", record, params))
    day = _day(on) or session.today()
    _day(expires)
    if status in CLOSING and not reason.strip():
        act = "suspend" if status == "suspended" else "withdraw"
        raise Refused(Problem("reason_missing", act, {"act": act}))
    phase = accreditation_of(held, session.authority).on(last_day(day))
    if phase.status == "withdrawn":
        raise Refused(Problem("withdrawn_for_good", record, {"name": name}))
    if status in ("", phase.status) and not expires:
        params = {"name": name, "status": phase.status, "day": day}
        raise Refused(Problem("status_stands", record, params))
    given = {"status": status, "expires_on": expires, "reason": reason}
    said = revise(session, name, {key: value for key, value in given.items() if value}, day)
    return {**_told(said), "status": status or phase.status, "on": day}


def train(
    session: Session,
    course: str,
    *,
    passed: Sequence[str],
    failed: Sequence[str] = (),
    until: str = "",
    on: str = "",
    speaking_for: str = "",
) -> list[Spoken]:
    """Record who passed and who failed a course, all of them or none.

    A result is called ``COURSE.PERSON.DAY``, so that a list entered twice is refused.

    Parameters
    ----------
    passed, failed
        Codes of people.
    until
        Last day on which a passed result counts.
    on
        Day of the results; today without.

    Raises
    ------
    Refused
        ``unknown_course``, ``nobody_named``, ``passed_and_failed``, ``bad_day``,
        ``ends_before_it_begins``, and what `tilth.service.recording.say_many` refuses.
    """
    known = register_of(session)
    author = known.organisation_of(speaking_for) if speaking_for else session.own
    held = known.find("training_course", course, author)
    if held is None:
        names = ", ".join(
            str(one.fields.get("code", one.local_id))
            for one in known.of("training_course").values()
        )
        raise Refused(Problem("unknown_course", course, {"course": course, "known": names or "-"}))
    day = _day(on) or session.today()
    _in_order(day, _day(until))
    both = sorted(set(passed) & set(failed))
    if both:
        raise Refused(*(Problem("passed_and_failed", one, {"person": one}) for one in both))
    if not passed and not failed:
        raise Refused(Problem("nobody_named", course))
    code = str(held.fields.get("code", held.local_id))
    named = code if known.find("training_course", code, author) is held else held.record
    rows = []
    for result, people in (("passed", passed), ("failed", failed)):
        for person in dict.fromkeys(people):
            fields = {
                "local_id": f"{code}.{person}.{day}",
                "happened_on": day,
                "course": named,
                "person": person,
                "result": result,
            }
            if until and result == "passed":
                fields["valid_until"] = until
            rows.append(("training_result", fields))
    return say_many(session, rows, speaking_for=speaking_for)


def ask_gate(session: Session, question: Question) -> list[Problem]:
    """Everything that stands in the way of a piece of work, with what would open it.

    The rule set in force on the first day decides what is required.

    Raises
    ------
    Refused
        ``bad_day``, ``ends_before_it_begins``, ``unknown_code``.
    """
    day = _day(question.day) or session.today()
    until = _day(question.until) or day
    _in_order(day, until)
    kind = session.kind(KIND)
    asked = {
        "activities": (question.activity,) if question.activity else (),
        "methods": question.methods,
        "hazard_types": question.hazard_types,
    }
    for name, codes in asked.items():
        _require_codes(kind.field(name).codelist, codes)
    return gate(
        register_of(session),
        team=question.team,
        organisation=question.organisation,
        activity=question.activity,
        methods=question.methods,
        hazard_types=question.hazard_types,
        assets=question.assets,
        day=day,
        until=until,
        rules=gate_rules_of(rules_on(session, day).rules.gate),
    )


def ending(session: Session, days: int) -> list[dict[str, Any]]:
    """What counts today and ends within some days: accreditations, results of courses, tests.

    Returns
    -------
    list of dict
        ``last`` (last day that counts), ``days`` (left after today), ``kind``, ``record``,
        ``holder``, ``about``; the nearest first. What is renewed already is left out.

    Raises
    ------
    Refused
        ``days_out_of_range``.
    """
    if not 0 <= days <= _MOST_DAYS:
        params = {"days": days, "most": _MOST_DAYS}
        raise Refused(Problem("days_out_of_range", "--expiring", params))
    today = session.today()
    return [
        {**one._asdict(), "days": first_day(one.last) - first_day(today)}
        for one in expiring(_gates(session, today), today, days)
    ]


def _gates(session: Session, day: str) -> Gates:
    return Gates(register_of(session), gate_rules_of(rules_on(session, day).rules.gate))


def _require_authority(session: Session) -> None:
    try:
        session.log_for("approve", session.authority, "")
    except Refused:
        params = {"organisation": session.organisation_name(session.own)}
        raise Refused(Problem("only_the_authority_accredits", "", params)) from None


def _authority(session: Session) -> str:
    return "" if session.own == session.authority else session.authority


def _holder(known: Register, permit: Permit) -> tuple[str, bool]:
    """Name under which the holder is stored, and whether it is recorded.

    A code stays a code; where several records have it, the one meant is stored by its full id.
    """
    name, kind = permit.holder, permit.holder_type
    if kind == "organisation":
        found = known.find(kind, name)
        return name, found is not None or bool(known.organisation_of(name))
    fitting = list(_called(known, kind, name))
    if permit.organisation:
        words = known.codes(known.organisation_of(permit.organisation)) | {permit.organisation}
        fitting = [
            one
            for one in fitting
            if one.author in words or str(one.fields.get("organisation", "")) in words
        ]
    if len(fitting) > 1:
        records = ", ".join(one.record for one in fitting[:5])
        raise Refused(Problem("ambiguous_record", name, {"name": name, "records": records}))
    alone = known.find(kind, name)
    if fitting and (alone is None or alone.record != fitting[0].record):
        return fitting[0].record, True
    return name, bool(fitting)


def _called(known: Register, kind: str, name: str) -> Iterable[Held]:
    """Yield records of a kind that a name may mean."""
    for record, held in sorted(known.of(kind).items()):
        if name in (record, held.local_id, held.fields.get("code")):
            yield held


def _require_codes(codelist: Codelist | None, values: Iterable[str]) -> None:
    if codelist is None:
        return
    codes = ", ".join(code.value for code in codelist.codes)
    wrong = [value for value in values if value not in codelist]
    if wrong:
        raise Refused(
            *(
                Problem(
                    "unknown_code",
                    value,
                    {"value": value, "codelist": codelist.name, "codes": codes},
                )
                for value in wrong
            )
        )


def _day(text: str) -> str:
    """Give back a day, month or year as it is, or refuse it; empty stays empty."""
    try:
        if text and (not precision(text) or not first_day(text)):
            raise ValueError(text)
    except ValueError:
        raise Refused(Problem("bad_day", text, {"text": text})) from None
    return text


def _in_order(begins: str, ends: str) -> None:
    if ends and last_day(ends) < first_day(begins):
        params = {"begins": begins, "ends": ends}
        raise Refused(Problem("ends_before_it_begins", ends, params))


def _told(said: Spoken) -> dict[str, Any]:
    return {
        "record": said.record,
        "local_id": said.local_id,
        "statement": said.statement,
        "missing": list(said.missing),
    }
