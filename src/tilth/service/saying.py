"""Say by a form: read, look at what it will move, ask what is unlikely, then say.

A form carries the hashes it was made from. Where something was said of the record since, nothing
is said by it, and the person sees both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tilth.core.chains import REPORTED
from tilth.core.kinds.model import Kind
from tilth.core.life.gate_rules import gate_rules_of
from tilth.core.life.rates import rates_of
from tilth.core.life.register import Held
from tilth.core.life.release import confirm_guards, is_confirming, runs_life
from tilth.core.life.reports import report_guards
from tilth.core.problems import Problem, Refused, register
from tilth.core.statement import split_record_id
from tilth.service import recording, speaking
from tilth.service.deciding import Plan
from tilth.service.entering import NO_SURVEY, Survey, Typed, read_fields
from tilth.service.lens import Lens
from tilth.service.preview import preview
from tilth.service.record_ground import measured, overlaps_of
from tilth.service.record_life import read_life
from tilth.service.record_page import made_from
from tilth.service.records import statements_about
from tilth.service.register import held, register_of
from tilth.service.ruling import rules_on
from tilth.service.session import Session
from tilth.service.speaking import Saying, Wish

__all__ = ["Form", "Rehearsal", "rehearse", "say", "standing_now"]

_MOVING = frozenset(
    {
        *("hazard_area", "released_area", "clearance_report", "spot_task", "clearance_summary"),
        "stockpile_destruction",
    }
)
"""Kinds whose statements may move the accounts."""

register(
    {
        "form_is_stale": (
            "Something was said of {record} since this form was opened.",
            "Look at what it says now beside what you typed, and send it again if it still holds.",
        ),
        "ask_first": (
            "This is unlikely, and nobody has said yet that it is meant.",
            "Mend it, or say it anyway; it then stays a finding.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Form:
    """What a person typed.

    Parameters
    ----------
    act
        ``record``, ``correct`` or ``revise``.
    kind
        Name of the kind.
    record
        Full id of what is corrected or revised; empty for a new record.
    given
        Fields as typed, see `tilth.service.entering.read_fields`; of a correction only those that
        were changed.
    on
        Day of an event.
    made_from
        Hashes of what was in force when the form was opened.
    anyway
        The person said that what is unlikely is meant.
    """

    act: str
    kind: str
    record: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    survey: Survey = NO_SURVEY
    on: str = ""
    made_from: str = ""
    anyway: bool = False


@dataclass(slots=True)
class Rehearsal:
    """What a form would do, with nothing done.

    Parameters
    ----------
    fields
        Canonical values read.
    warnings
        What is unlikely about a shape, or was mended.
    asks
        What is asked about first: each is told again as a finding once it is said.
    missing
        Labels of minimum data it lacks.
    shapes
        Measures of each shape by field name.
    overlaps
        Readable records under a drawn area, with m².
    moves
        What both accounts would read, as `tilth.service.preview.preview`; None where none moves.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    warnings: list[Problem] = field(default_factory=list)
    asks: list[Problem] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    shapes: dict[str, dict[str, Any]] = field(default_factory=dict)
    overlaps: list[dict[str, Any]] = field(default_factory=list)
    moves: dict[str, Any] | None = None


def standing_now(session: Session, record: str) -> str:
    """Hashes of what is in force of a record, as a form carries them."""
    entries = session.workspace.store.of_records([record]).get(record, [])
    return made_from(read_life(session, record, statements_about(session, record, entries)))


def rehearse(session: Session, form: Form) -> Rehearsal:
    """Read a form and look at what it would do; nothing is stored.

    Raises
    ------
    Refused
        What saying it would refuse, with every problem.
    """
    kind = session.kind(form.kind)
    typed = _typed(kind, form)
    _require_permission(session, form, kind)
    speaking_of = _wish(form, dry_run=True)
    if form.act == "record":
        said = speaking.record(session, form.kind, speaking_of)
    elif form.act == "correct":
        said = speaking.correct(session, form.record, speaking_of)
    else:
        said = speaking.revise(session, form.record, speaking_of, form.on)
    found = Rehearsal(dict(typed.fields), list(said.warnings))
    found.missing = (
        [_label(kind, name) for one in said.spoken for name in one.missing]
        if form.act == "record"
        else []
    )
    whole = _whole(session, form, typed)
    found.asks = _asks(session, form, whole)
    frame = session.frame()
    for name, value in typed.fields.items():
        if isinstance(value, Mapping) and "coordinates" in value:
            found.shapes[name] = measured(value, frame)
            found.overlaps += overlaps_of(session, Lens(session), value, without=form.record)
    if form.kind in _MOVING and frame is not None:
        found.moves = preview(session, _plan(session, form, typed))
    return found


def say(session: Session, form: Form) -> Saying:
    """Say what a form says.

    Raises
    ------
    Refused
        ``form_is_stale``, ``ask_first`` with what is unlikely, and what `tilth.service.speaking`
        refuses.
    """
    kind = session.kind(form.kind)
    with session.workspace.writing():
        if form.record and standing_now(session, form.record) != form.made_from:
            local = split_record_id(form.record)[2]
            raise Refused(Problem("form_is_stale", form.record, {"record": local}))
        if not form.anyway:
            asks = _asks(session, form, _whole(session, form, _typed(kind, form)))
            if asks:
                raise Refused(Problem("ask_first", form.kind), *asks)
        wish = _wish(form)
        if form.act == "record":
            return speaking.record(session, form.kind, wish)
        if form.act == "correct":
            return speaking.correct(session, form.record, wish)
        return speaking.revise(session, form.record, wish, form.on)


def _typed(kind: Kind, form: Form) -> Typed:
    return read_fields(kind, form.given, form.survey, files=False)


def _wish(form: Form, *, dry_run: bool = False) -> Wish:
    return Wish(survey=form.survey, given=form.given, dry_run=dry_run)


def _require_permission(session: Session, form: Form, kind: Kind) -> None:
    author = split_record_id(form.record)[0] if form.record else session.own
    session.log_for(form.act, author, kind.name)


def _label(kind: Kind, name: str) -> str:
    outer, _, inner = name.partition(".")
    one = next((one for one in kind.fields if one.name == outer), None)
    if one is None:
        return name
    if not inner:
        return one.label
    return next((cell.label for cell in one.fields if cell.name == inner), name)


def _plan(session: Session, form: Form, typed: Typed) -> Plan:
    """The statement that would be said, as a plan whose accounts can be looked at."""
    fields = {name: value for name, value in typed.fields.items() if value is not None}
    if form.act == "record":
        log = session.log_for("record", session.own, form.kind)
        draft, _ = recording.draft_record(session, form.kind, fields, log=log, author=session.own)
    elif form.act == "correct":
        draft, _, log = recording.draft_correction(session, form.record, typed.fields)
    else:
        on = form.on or session.today()
        draft, _, log = recording.draft_revision(session, form.record, fields, on)
    return Plan(form.act, {log: [draft]}, 1, 1)


# -- what is asked about first ---------------------------------------------------------------------


def _whole(session: Session, form: Form, typed: Typed) -> dict[str, Any]:
    """Fields that the record would have."""
    fields: dict[str, Any] = {}
    if form.record:
        before = held(session, [form.record]).get(form.record)
        fields = dict(before.now()) if before is not None else {}
    fields |= typed.fields
    if form.act == "revise":
        fields["happened_on"] = form.on or session.today()
    return {name: value for name, value in fields.items() if value is not None}


def _asks(session: Session, form: Form, fields: Mapping[str, Any]) -> list[Problem]:
    """What rules §6 lets in and asks about first, for who sits at a form."""
    record = form.record or f"{session.own}/{form.kind}/{fields.get('local_id', '-')}"
    if form.kind == "clearance_report":
        return _asks_of_report(session, record, fields)
    if form.kind == "hazard_area" and is_confirming(fields):
        named = {record, split_record_id(record)[2]}
        evidence = [
            one.now() for one in _evidence(session) if str(one.now().get("hazard", "")) in named
        ]
        return confirm_guards(record, [fields], evidence, rules_on(session).rules)
    return []


def _asks_of_report(session: Session, record: str, fields: Mapping[str, Any]) -> list[Problem]:
    known = register_of(session)
    ruling = rules_on(session)
    day = str(fields.get("happened_on") or session.today())
    report = Held(
        record,
        "clearance_report",
        split_record_id(record)[0],
        session.actor,
        "",
        REPORTED,
        day,
        session.workspace.now(),
        {"organisation": session.organisation_name(split_record_id(record)[0]), **fields}
        | {"happened_on": day},
    )
    found = report_guards(
        known, report, gate_rules_of(ruling.rules.gate), rates_of(ruling.rules.rates)
    )
    # An operation that does not run its life here is not asked about what nobody records.
    if runs_life(known, ruling.rules):
        return found
    return [one for one in found if one.code in _BY_RATES]


_BY_RATES = frozenset({"rate_implausible", "beyond_possible", "decimal_slip"})


def _evidence(session: Session) -> list[Held]:
    rows = session.workspace.store.select("evidence_point", ["record"], {"category": "direct"})
    return list(held(session, {str(row[0]) for row in rows}).values())
