"""The operation from mandate to honours: who was allowed, who did, who checked, who got the land.

One account and one pass over the findings; everything else is read from the register.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tilth.core.chains import LEVELS
from tilth.core.life.formation import members_of
from tilth.core.life.quality import passed
from tilth.core.life.register import Held
from tilth.core.life.service_record import return_checklist
from tilth.core.life.tasks import TaskCase
from tilth.core.problems import Problem, Refused
from tilth.service.accounting import Question, account, accounts
from tilth.service.findings import findings
from tilth.service.paper_values.desk import Desk, decimals, desk, m2, part_of
from tilth.service.paper_values.forces import accreditations
from tilth.service.paper_values.ground import area_m2
from tilth.service.paper_values.handed import handovers
from tilth.service.paper_values.situation import organisation_rows, tasks_by_state
from tilth.service.paper_values.standings import explosives, task_cases
from tilth.service.paper_values.states import nonconformities, severities
from tilth.service.session import Session

__all__ = ["build"]

_MANDATE = ("mandate", "ordered_by", "order_document", "ordered_on", "authority", "rule_set")
_PERIOD = ("period_from", "period_to", "actual_from", "actual_to", "time_zone")


def build(
    session: Session, subject: str = "", *, level: str = "", until: str = ""
) -> dict[str, Any]:
    """Value of the operation completion report.

    Parameters
    ----------
    subject
        Empty, or the operation's name: a workspace holds one operation.
    level
        Of the accounts; *approved* if empty. All levels stand side by side once.

    Raises
    ------
    Refused
        ``no_subject``, ``bad_level``, ``bad_day``.
    """
    name = session.workspace.settings.operation_name
    if subject not in ("", name, "operation"):
        params = {"document": "operation_completion_report", "kind": "operation", "name": subject}
        raise Refused(Problem("no_subject", subject, params))
    asked = desk(session, "operation_completion_report", level=level or "approved", until=until)
    levels = accounts(session, Question(until=asked.until), list(LEVELS))
    answer = levels[asked.level]
    hazards = account(session, Question(until=asked.until, by="classification"), asked.level)
    cases = task_cases(asked)
    faults = nonconformities(asked)
    return asked.value(
        None,
        {
            "mandate": _mandate(asked),
            "organisations": _organisations(asked),
            "projects": _projects(asked),
            "formation": _formation(asked),
            "training": _training(asked),
            "accreditations": accreditations(asked),
            "task_states": tasks_by_state(asked, cases.values()),
            "tasks_total": len(cases),
            "explosives": explosives(asked, [one.task for one in cases.values()]),
            "account": decimals(answer),
            "levels": [
                {
                    "level": one,
                    "land": decimals(levels[one]["land"]),
                    "items": decimals(levels[one]["items"]),
                }
                for one in LEVELS
            ],
            "classifications": decimals(hazards["by"]),
            "per_organisation": organisation_rows(asked, ""),
            "work": _work(asked),
            "visits": _visits(asked),
            "severities": severities(faults),
            "open_nonconformities": [one for one in faults if one["state"] != "closed"],
            "samples": _samples(asked),
            "accidents": _accidents(asked),
            "handovers": handovers(asked),
            "reopened": _reopened(asked),
            "deployments": _deployments(asked),
            "returned": _returned(asked, cases),
            "honours": _honours(asked),
            "findings": _findings(session),
            "left_out": decimals(answer["left_out"]),
        },
    )


def _by_day(asked: Desk, kind: str) -> list[Held]:
    """Records of a kind by the document's day, by day and id."""
    found = [one for one in asked.register.of(kind).values() if one.happened_on <= asked.until]
    return sorted(found, key=lambda one: (one.happened_on, one.record))


def _mandate(asked: Desk) -> dict[str, Any]:
    """What the operation's records say, the later ones before the earlier."""
    values: dict[str, Any] = {}
    for one in _by_day(asked, "operation"):
        values |= one.at(asked.until)
    boundary = values.get("boundary")
    return {
        "name": str(values.get("name", "") or asked.session.workspace.settings.operation_name),
        **part_of(values, *_MANDATE, *_PERIOD),
        "boundary_m2": area_m2(asked, boundary) if boundary else "",
    }


def _organisations(asked: Desk) -> list[dict[str, Any]]:
    """Organisations by code, with their roles and how many statements their log holds."""
    sizes = {log.split("/")[2]: size for log, size, _ in asked.position.heads}
    rows = []
    for one in _by_day(asked, "organisation"):
        values = one.at(asked.until)
        log = asked.register.organisation_of(str(values.get("code") or one.local_id))
        rows.append(
            {
                "code": str(values.get("code", "") or one.local_id),
                **part_of(values, "name", "state", "period_from", "period_to"),
                "roles": [str(role) for role in values.get("roles", ())],
                "statements": sizes.get(log, 0),
            }
        )
    return sorted(rows, key=lambda one: one["code"])


def _projects(asked: Desk) -> list[dict[str, Any]]:
    return [
        {
            "project": str(one.at(asked.until).get("code", "") or one.local_id),
            **part_of(one.at(asked.until), "name", "donor", "agreement_number"),
            **part_of(one.at(asked.until), "period_from", "period_to"),
            "targets": [
                part_of(line, "indicator", "amount", "unit")
                for line in one.at(asked.until).get("targets", ())
            ],
        }
        for one in _by_day(asked, "project")
    ]


def _formation(asked: Desk) -> list[dict[str, Any]]:
    """Teams by organisation and echelon, and how many people of which function were ever in them.

    A person counts once in an organisation, under the first function met.
    """
    teams: dict[str, Counter[str]] = {}
    people: dict[str, dict[str, str]] = {}
    for one in _by_day(asked, "team"):
        values = one.at(asked.until)
        teams.setdefault(one.author, Counter())[str(values.get("echelon", ""))] += 1
        listed = people.setdefault(one.author, {})
        for line in values.get("members", ()):
            listed.setdefault(str(line.get("person", "")), str(line.get("function", "")))
        for person, function in members_of(one, asked.until).items():
            listed.setdefault(person, function)
    return [
        {
            "organisation": asked.session.organisation_name(author),
            "teams": dict(sorted(teams[author].items())),
            "people": len(people[author]),
            "functions": dict(sorted(Counter(people[author].values()).items())),
        }
        for author in sorted(teams, key=asked.session.organisation_name)
    ]


def _training(asked: Desk) -> list[dict[str, Any]]:
    """Courses with how many persons and teams passed and did not; the newest result counts."""
    results: dict[str, dict[tuple[str, str], str]] = {}
    for one in _by_day(asked, "training_result"):
        values = one.at(asked.until)
        course = asked.register.find("training_course", str(values.get("course", "")), one.author)
        key = course.record if course else str(values.get("course", ""))
        who = (str(values.get("person", "")), str(values.get("team", "")))
        results.setdefault(key, {})[who] = str(values.get("result", ""))
    rows = []
    for one in _by_day(asked, "training_course"):
        values = one.at(asked.until)
        found = Counter(results.get(one.record, {}).values())
        rows.append(
            {
                "course": str(values.get("code", "") or one.local_id),
                **part_of(values, "name", "centre", "period_from", "period_to"),
                "activities": list(values.get("activities", ())),
                "passed": found["passed"],
                "failed": found["failed"],
            }
        )
    return rows


def _work(asked: Desk) -> list[dict[str, Any]]:
    """Reports, hours and people's days by organisation, as last said at *reported*.

    Read from the read table: a year's reports are many.
    """
    columns = ["seq", "record", "act", "organisation", "happened_on", "hours", "personnel"]
    last: dict[str, tuple[Any, ...]] = {}
    for row in asked.session.workspace.store.select("clearance_report", columns):
        known = last.get(str(row[1]))
        if known is None or row[0] > known[0]:
            last[str(row[1])] = row
    sums: dict[str, list[float]] = {}
    for _, _, act, code, day, hours, personnel in last.values():
        if act == "withdraw" or not day or str(day) > asked.until:
            continue
        into = sums.setdefault(asked.register.called(str(code or "")), [0, 0.0, 0])
        into[0] += 1
        into[1] += float(hours or 0)
        into[2] += int(personnel or 0)
    rows = [
        {
            **asked.organisation(code),
            "reports": int(reports),
            "hours": f"{hours:.2f}",
            "person_days": int(days),
        }
        for code, (reports, hours, days) in sorted(sums.items())
    ]
    totals = [sum(column) for column in zip(*sums.values(), strict=True)] or [0, 0.0, 0]
    joint = {"reports": int(totals[0]), "hours": f"{totals[1]:.2f}", "person_days": int(totals[2])}
    return [*rows, {"code": "", "name": "", **joint}]


def _visits(asked: Desk) -> list[dict[str, Any]]:
    """Quality visits by stage and result."""
    found: Counter[tuple[str, str]] = Counter()
    for one in _by_day(asked, "qm_visit"):
        values = one.at(asked.until)
        found[str(values.get("stage", "")), str(values.get("result", ""))] += 1
    return [{"stage": s, "result": r, "visits": n} for (s, r), n in sorted(found.items())]


def _samples(asked: Desk) -> list[dict[str, Any]]:
    """Samples by stage: how many, on how much ground, passed, items missed."""
    stages: dict[str, list[Held]] = {}
    for one in _by_day(asked, "sample_inspection"):
        stages.setdefault(str(one.now().get("stage", "")), []).append(one)
    rows = []
    for stage, some in sorted(stages.items()):
        area = 0.0
        for one in some:
            shape = one.now().get("shape")
            area += float(area_m2(asked, shape) if shape else one.now().get("sampled_area_m2") or 0)
        rows.append(
            {
                "stage": stage,
                "samples": len(some),
                "area_m2": m2(area),
                "passed": sum(1 for one in some if passed(one)),
                "items_missed": sum(int(one.now().get("items_missed", 0)) for one in some),
            }
        )
    return rows


def _accidents(asked: Desk) -> list[dict[str, Any]]:
    """Accidents by type, with people killed and injured; of people only their number."""
    rows: dict[str, dict[str, int]] = {}
    for one in _by_day(asked, "accident"):
        values = one.at(asked.until)
        row = rows.setdefault(
            str(values.get("accident_type", "")), {"accidents": 0, "killed": 0, "injured": 0}
        )
        row["accidents"] += 1
        row["killed"] += int(values.get("killed", 0))
        row["injured"] += int(values.get("injured", 0))
    return [{"accident_type": name, **row} for name, row in sorted(rows.items())]


def _reopened(asked: Desk) -> list[dict[str, Any]]:
    """Revocations and recalls that stand, by day."""
    standing = [*asked.register.revocations.values(), *asked.register.recalls.values()]
    rows = [
        {
            "act": said.act,
            "on": said.happened_on,
            "by": asked.session.organisation_name(said.organisation),
            "releases": len((said.fields or {}).get("records", ())),
            "reason": str((said.fields or {}).get("reason", "")),
        }
        for said in standing
        if said.happened_on <= asked.until
    ]
    return sorted(rows, key=lambda one: (one["on"], one["act"], one["reason"]))


def _deployments(asked: Desk) -> list[dict[str, Any]]:
    """Deployments by organisation: how many, from when to when, how many still go on."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in _by_day(asked, "deployment"):
        groups.setdefault(one.author, []).append(one.at(asked.until))
    rows = []
    for author, some in groups.items():
        ends = [str(one.get("period_to", "")) for one in some]
        rows.append(
            {
                "organisation": asked.session.organisation_name(author),
                "deployments": len(some),
                "first_day": min(str(one.get("period_from", "")) for one in some),
                "last_day": max(ends),
                "open": sum(1 for end in ends if not end or end > asked.until),
            }
        )
    return sorted(rows, key=lambda one: one["organisation"])


def _returned(asked: Desk, cases: Mapping[str, TaskCase]) -> list[dict[str, Any]]:
    """What each organisation deployed has to do before it goes home; empty when it may go.

    Returns
    -------
    list of dict
        ``organisation`` and ``left``: rows of ``code`` (a rule of the return) and ``records``.
    """
    rows = []
    for author in sorted({one.author for one in asked.register.of("deployment").values()}):
        left: dict[str, list[str]] = {}
        for one in return_checklist(asked.register, author, asked.until, cases):
            left.setdefault(one.code, []).append(one.where.rsplit("/", 1)[-1])
        rows.append(
            {
                "organisation": asked.session.organisation_name(author),
                "left": [{"code": code, "records": left[code]} for code in sorted(left)],
            }
        )
    return sorted(rows, key=lambda one: str(one["organisation"]))


def _honours(asked: Desk) -> list[dict[str, Any]]:
    return [
        {
            "on": one.happened_on,
            **part_of(one.at(asked.until), "honour_type", "person", "team", "given_by", "citation"),
            "organisation": asked.organisation(
                str(one.at(asked.until).get("honoured_organisation", ""))
            ),
        }
        for one in _by_day(asked, "honour")
    ]


def _findings(session: Session) -> list[dict[str, Any]]:
    """Findings as they stand now, by code, most first: open, explained, m² and items at stake."""
    rows: dict[str, dict[str, Any]] = {}
    area: Counter[str] = Counter()
    for one in findings(session):
        code = str(one["code"])
        row = rows.setdefault(code, {"code": code, "open": 0, "explained": 0, "items": 0})
        row["open" if one["state"] == "open" else "explained"] += 1
        row["items"] += int(one["items"])
        area[code] += float(one["area_m2"])  # type: ignore[assignment] # a counter of m²
    found = [{**row, "area_m2": m2(area[code])} for code, row in rows.items()]
    return sorted(found, key=lambda one: (-one["open"], -one["explained"], one["code"]))
