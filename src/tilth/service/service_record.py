"""The service record of a person or team, and the checklist of a contingent's return."""

from __future__ import annotations

from typing import Any

from tilth.core.life.register import Held, Register
from tilth.core.life.service_record import Service, return_checklist, service_record, teams_served
from tilth.core.problems import Problem, Refused, register
from tilth.service.lens import Lens, not_readable
from tilth.service.recording import author_of
from tilth.service.register import held, register_of
from tilth.service.session import Session
from tilth.service.tasks import day_of, task_cases

__all__ = ["as_value", "checklist", "service_of"]

_REPORTS = ("clearance_report", "spot_task")

register(
    {
        "nobody_served": (
            "Nobody is called {name}: no team has this code or lists it, or several teams have it.",
            "Give the code or full id of a team, or the code of a person that a team lists.",
        ),
    }
)


def service_of(session: Session, name: str, until: str = "") -> tuple[str, Service]:
    """Service of a team (by code or id) or a person (by code), and what it is called.

    Parameters
    ----------
    until
        Day, inclusive; today if empty.

    Returns
    -------
    tuple
        Code of the person or team, and the record.

    Raises
    ------
    Refused
        ``nobody_served``, ``bad_day``.
    """
    day = day_of(session, until)
    known = register_of(session)
    team = known.find("team", name, session.own)
    if not _may_be_told(session, name, team):
        raise not_readable(name)
    who, called = (team.record, _code(team)) if team is not None else (name, name)
    teams = teams_served(known, who)
    if team is None and not teams and not _named(known, name):
        raise Refused(Problem("nobody_served", name, {"name": name}))
    return called, service_record(known, _reports(session, known, list(teams)), who, day)


def _may_be_told(session: Session, name: str, team: Held | None) -> bool:
    """Whether the person reads who serves where: in that team, or in every team that lists one."""
    if session.roles is None:
        return True
    known, lens = register_of(session), Lens(session)
    if team is not None:
        return lens.shows(team.author, "team", "members", record=team.record)
    naming = [
        (one, "members")
        for one in known.of("team").values()
        if any(line.get("person") == name for line in one.now().get("members", ()))
    ]
    for kind in ("deployment", "honour"):
        some = known.of(kind).values()
        naming += [(one, "person") for one in some if one.now().get("person") == name]
    return bool(naming) and all(
        lens.shows(one.author, one.kind, field, record=one.record) for one, field in naming
    )


def _code(team: Held) -> str:
    return str(team.now().get("code", team.local_id))


def _named(known: Register, person: str) -> bool:
    """Whether a deployment or an honour names a person whom no team lists."""
    return any(
        one.now().get("person") == person
        for kind in ("deployment", "honour")
        for one in known.of(kind).values()
    )


def _reports(session: Session, known: Register, teams: list[str]) -> list[Held]:
    """Reports in force that name one of the teams by any of its names."""
    names: set[str] = set()
    for record in teams:
        team = known.of("team")[record]
        names |= {record, team.local_id, _code(team)}
    names |= {alias for alias, record in known.aliases.items() if record in teams}
    records: set[str] = set()
    for kind in _REPORTS:
        rows = session.workspace.store.select(kind, ["record"], {"team": sorted(names)})
        records |= {str(row[0]) for row in rows}
    return list(held(session, records).values()) if names else []


def checklist(session: Session, organisation: str, on: str = "") -> tuple[str, list[Problem]]:
    """What an organisation has to do before its contingent returns; empty when nothing is left.

    Parameters
    ----------
    organisation
        Its code, name or id.
    on
        Day of the return; today if empty.

    Returns
    -------
    tuple
        Name of the organisation, and what is left.

    Raises
    ------
    Refused
        ``organisation_unknown``, ``bad_day``.
    """
    day = day_of(session, on)
    known = register_of(session)
    which = author_of(session, organisation)
    left = return_checklist(known, which, day, task_cases(session, known))
    return session.organisation_name(which), left


def as_value(session: Session, name: str, service: Service) -> dict[str, Any]:
    """A service record as plain values; of people the code alone."""
    return {
        "of": name,
        "until": service.until,
        "days_deployed": service.days,
        "stays": [one._asdict() for one in service.stays],
        "days_worked": service.days_worked,
        "reports": list(service.reports),
        "hours": str(service.hours),
        "work": [
            {"method": one.method, "area_m2": str(one.area_m2), "hours": str(one.hours)}
            for one in service.work
        ],
        "items": dict(service.items),
        "accidents": list(service.accidents),
        "honours": [
            {
                "record": one.record,
                "honour_type": one.now().get("honour_type", ""),
                "given_by": one.now().get("given_by", ""),
                "on": one.happened_on,
                "citation": one.now().get("citation", ""),
            }
            for one in service.honours
        ],
        "synthetic": session.workspace.settings.synthetic,
    }
