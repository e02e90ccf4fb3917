"""Who may inspect whose work, and what quality gives reason to notice.

The inspector is not who did the work: an external inspection is made by the authority, a mine
action centre or a quality body, of another organisation than the one inspected; an internal one by
another person than did the work. What was said all the same is kept and told as a finding.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import NamedTuple

from tilth.core.access import Actor, Subject, may, same_person
from tilth.core.findings import Finding
from tilth.core.findings import register as register_findings
from tilth.core.life.formation import members_of, team_of
from tilth.core.life.quality import Case, cases, is_overdue, passed, speaker_of
from tilth.core.life.register import Held, Register
from tilth.core.problems import Parameter, Problem
from tilth.core.problems import register as register_problems

__all__ = [
    "Inspected",
    "inspected_by_sample",
    "inspected_by_visit",
    "inspection_problems",
    "on_released",
    "quality_findings",
]


class Inspected(NamedTuple):
    """Whose work is inspected.

    Parameters
    ----------
    organisations
        Ids, or codes of organisations that have none here.
    people
        Codes of the people who did the work, as far as records tell.
    """

    organisations: frozenset[str]
    people: frozenset[str] = frozenset()


def _people_of(
    register: Register, teams: Iterable[object], organisation: str, day: str
) -> Iterator[str]:
    for name in teams:
        team = team_of(register, str(name), organisation) if name else None
        if team is not None:
            yield from members_of(team, day)


def inspected_by_visit(register: Register, visit: Held) -> Inspected:
    """Whose work a visit looks at; an internal one that names nobody, its own organisation's."""
    fields = visit.now()
    code = str(fields.get("inspected", ""))
    organisation = register.organisation_of(code) or code
    if not organisation and fields.get("stage") == "internal":
        organisation = speaker_of(register, visit)
    people = _people_of(register, (fields.get("team"),), organisation, visit.happened_on)
    return Inspected(frozenset({organisation} - {""}), frozenset(people))


def inspected_by_sample(register: Register, sample: Held, releases: Iterable[Held]) -> Inspected:
    """Whose work a sample looks at: that of the released areas, else of its task's operator.

    Parameters
    ----------
    releases
        Released areas that the sample is taken from.
    """
    organisations: set[str] = set()
    people: set[str] = set()
    for release in releases:
        values = release.now()
        worker = speaker_of(register, release)
        organisations.add(worker)
        teams = values.get("teams", ())
        people.update(_people_of(register, teams, worker, release.happened_on))
    if not organisations:
        name = str(sample.now().get("task", ""))
        task = register.find("task", name, sample.author) if name else None
        code = str(task.now().get("assigned_to", "")) if task is not None else ""
        organisations.add(register.organisation_of(code) or code)
    return Inspected(frozenset(organisations - {""}), frozenset(people - {""}))


def inspection_problems(
    register: Register, inspection: Held, inspected: Inspected
) -> list[Problem]:
    """What stands against an inspection, by the table of permissions.

    Returns
    -------
    list of Problem
        ``inspection_not_permitted`` (no role, or an internal one of others) and ``own_inspection``,
        which a reason overrides where there is nobody else.
    """
    fields = inspection.now()
    stage = str(fields.get("stage", ""))
    speaker = speaker_of(register, inspection)
    inspectors = set(map(str, fields.get("inspectors", ()))) or {inspection.actor}
    own = sorted(
        one for one in inspectors if any(same_person(one, other) for other in inspected.people)
    )
    found = []
    for organisation in sorted(inspected.organisations):
        roles = register.roles(speaker, inspection.happened_on)
        actor = Actor(speaker, own[0] if own else inspection.actor, roles)
        subject = Subject(organisation, said_by=own[0] if own else "")
        allowed = may(actor, f"inspect_{stage}", subject) if stage else None
        if allowed is None or allowed.allowed:
            continue
        params: dict[str, Parameter] = {
            "organisation": register.parties.get(speaker, speaker),
            "inspected": register.parties.get(organisation, organisation),
            "stage": stage,
            "needed": allowed.role or "inspector",
            "who": own[0] if own else register.parties.get(speaker, speaker),
        }
        code = "own_inspection" if allowed.overridable else "inspection_not_permitted"
        found.append(Problem(code, inspection.record, params))
    return found


def quality_findings(
    register: Register, day: str, releases: Mapping[str, Iterable[Held]]
) -> list[Finding]:
    """What quality gives reason to notice.

    Parameters
    ----------
    day
        Today: what is due before it and not closed is overdue.
    releases
        Released areas of each sample and of each nonconformity, by its record.
    """
    raised = cases(register)
    return [
        *_of_nonconformities(register, raised, day, releases),
        *_of_visits(register, raised),
        *_of_samples(register, raised, releases),
    ]


def _of_nonconformities(
    register: Register,
    raised: Iterable[Case],
    day: str,
    releases: Mapping[str, Iterable[Held]],
) -> Iterator[Finding]:
    for case in raised:
        record, fields, now = case.held.record, case.fields, case.standing
        if is_overdue(case, day):
            params = {"due": str(fields.get("due_on", "")), "severity": case.severity}
            yield Finding("nonconformity_overdue", record, params={**params, "state": now.state})
        if now.contested:
            params = {"moves": ", ".join(_local(one) for one in now.rivals), "state": now.state}
            yield Finding("nonconformity_contested", record, params=params)
        for move in now.ignored:
            yield Finding("nonconformity_move_ignored", move, record, {"state": now.state})
        held = [*releases.get(record, ()), *_named(register, case.held, "task", "visit")]
        if case.is_open and not held and not fields.get("team"):
            yield Finding("nonconformity_on_nothing", record)


def on_released(
    released: Mapping[str, Iterable[Held]], approved: Container[str]
) -> Iterator[Finding]:
    """Open major and critical nonconformities on ground that is approved.

    They were raised after the approval, or it went through without being asked about them.

    Parameters
    ----------
    released
        Nonconformities that bear on it, by released area.
    approved
        Released areas of which a statement is approved.
    """
    for area, bearing in sorted(released.items()):
        for one in bearing if area in approved else ():
            params = {"severity": str(one.now().get("severity", "")), "record": _local(area)}
            yield Finding("nonconformity_on_released", one.record, area, params)


def _named(register: Register, held: Held, *names: str) -> Iterator[Held]:
    """Records that a record names and that are held here."""
    fields = held.now()
    for name in names:
        kind = "qm_visit" if name == "visit" else name
        found = register.find(kind, str(fields.get(name, "")), held.author)
        if found is not None:
            yield found


def _of_visits(register: Register, raised: Iterable[Case]) -> Iterator[Finding]:
    answered = {
        found.record
        for case in raised
        if (found := register.find("qm_visit", str(case.fields.get("visit", "")), case.held.author))
    }
    for record, visit in sorted(register.of("qm_visit").items()):
        fields = visit.now()
        if not fields.get("checklist"):
            yield Finding("visit_without_checklist", record)
        if fields.get("result") == "unsatisfactory" and record not in answered:
            yield Finding("visit_without_nonconformity", record)
        yield from _independence(register, visit, inspected_by_visit(register, visit))


def _of_samples(
    register: Register, raised: Iterable[Case], releases: Mapping[str, Iterable[Held]]
) -> Iterator[Finding]:
    named: set[str] = set()
    for case in raised:
        author = case.held.author
        named.update(map(str, case.fields.get("released_areas", ())))
        task = str(case.fields.get("task", ""))
        found = register.find("task", task, author) if task else None
        named.update({task, found.record if found is not None else task} - {""})
    for record, sample in sorted(register.of("sample_inspection").items()):
        fields, areas = sample.now(), list(releases.get(record, ()))
        task = str(fields.get("task", ""))
        held = register.find("task", task, sample.author) if task else None
        about = {one.record for one in areas} | {one.local_id for one in areas} | {task}
        about |= {held.record} if held is not None else set()
        missed = int(fields.get("items_missed", 0))
        if (fields.get("result") == "failed" or missed) and not about & named:
            yield Finding("sample_failed_without_nonconformity", record, items=missed)
        if not areas and held is None and not fields.get("shape"):
            yield Finding("sample_on_nothing", record)
        if fields.get("result") == "passed" and not passed(sample):
            yield Finding(
                "sample_passed_with_items", record, params={"items": missed}, items=missed
            )
        yield from _independence(register, sample, inspected_by_sample(register, sample, areas))


def _independence(register: Register, inspection: Held, inspected: Inspected) -> Iterator[Finding]:
    for one in inspection_problems(register, inspection, inspected):
        yield Finding(one.code, inspection.record, params=dict(one.params))


def _local(record: str) -> str:
    return record.split("/", 2)[-1]


_TEXTS: Mapping[str, tuple[str, str]] = {
    "inspection_not_permitted": (
        "{organisation} is no {needed} for the {stage} inspection of {inspected}.",
        "Let who may record it: the authority, a mine action centre or a quality body for an "
        "external inspection, the organisation itself for an internal one. The authority gives "
        "roles in its record of the organisation.",
    ),
    "own_inspection": (
        "{who} would inspect the work they did themselves.",
        "Let another organisation inspect, or another person; where there is nobody else, "
        "override own_inspection with a reason: a finding for ever.",
    ),
}
register_problems(_TEXTS)
register_findings(_TEXTS)
register_findings(
    {
        "nonconformity_overdue": (
            "The {severity} nonconformity was to be put right by {due} and is {state}.",
            "Put it right and say so with tilth nonconformity act; who inspected then closes it.",
        ),
        "nonconformity_contested": (
            "Two moves follow the same one ({moves}); the more careful state counts: {state}.",
            "Let the authority approve one of them.",
        ),
        "nonconformity_move_ignored": (
            "This move of a nonconformity changes nothing: it was not possible, or not theirs to "
            "make. The state is {state}.",
            "Withdraw it, and make a move that the state allows.",
        ),
        "nonconformity_on_nothing": (
            "The nonconformity names neither released areas nor a task or a visit that are held "
            "here, nor a team, and blocks nothing.",
            "Correct it with what it bears on.",
        ),
        "nonconformity_on_released": (
            "The {severity} nonconformity is open and bears on {record}, which is approved.",
            "Put it right and close it; or let the authority return or revoke the release.",
        ),
        "visit_without_checklist": (
            "The visit has no checklist.",
            "Correct the visit with the questions that were looked at.",
        ),
        "visit_without_nonconformity": (
            "The result of the visit is unsatisfactory, and no nonconformity names it.",
            "Raise what was found with tilth nonconformity raise.",
        ),
        "sample_failed_without_nonconformity": (
            "The sample failed, and no nonconformity names its ground or its task.",
            "Raise one with tilth nonconformity raise.",
        ),
        "sample_on_nothing": (
            "The sample has no polygon and names neither a released area nor a task that are held "
            "here; it shows nothing about any ground.",
            "Correct it with the released areas that it was taken from, or with its polygon.",
        ),
        "sample_passed_with_items": (
            "The sample is passed although {items} items were missed; it does not count as passed.",
            "Correct the result, or the number of items.",
        ),
    }
)
