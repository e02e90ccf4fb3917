"""Service record of a person or a team: days, work, items, accidents, honours; people by code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tilth.core.life.formation import organisations_of
from tilth.core.life.register import Held
from tilth.core.life.service_record import Stay
from tilth.core.statement import split_record_id
from tilth.service.paper_values.desk import Desk, desk, part_of
from tilth.service.service_record import as_value, service_of
from tilth.service.session import Session

__all__ = ["build"]


def build(session: Session, subject: str, *, level: str = "", until: str = "") -> dict[str, Any]:
    """Value of a service record.

    Parameters
    ----------
    subject
        Code of a person, or code or id of a team.
    level
        Only *reported*: service is derived from what teams say of their days.

    Raises
    ------
    Refused
        ``nobody_served``, ``bad_level``, ``bad_day``.
    """
    asked = desk(session, "service_record", level=level or "reported", until=until)
    called, service = service_of(session, subject, asked.until)
    team = asked.register.of("team").get(service.who)
    told = as_value(session, called, service)
    return asked.value(
        team,
        {
            "person": "" if team else called,
            "team": _team(asked, service.who),
            "organisation": _organisation(asked, team, called, service.stays),
            "days_deployed": service.days,
            "days_worked": service.days_worked,
            "reports": len(service.reports),
            "hours": told["hours"],
            "stays": [
                {**one._asdict(), "deployment": split_record_id(one.deployment)[2]}
                for one in service.stays
            ],
            "work": told["work"],
            "items": [
                {"category": category, "pieces": pieces}
                for category, pieces in sorted(service.items.items())
            ],
            "accidents": [
                {
                    "accident": held.local_id,
                    "on": held.happened_on,
                    **part_of(held.at(asked.until), "accident_type", "device"),
                }
                for record in service.accidents
                if (held := asked.register.of("accident").get(record)) is not None
            ],
            "honours": [
                {
                    "on": one.happened_on,
                    **part_of(one.at(asked.until), "honour_type", "given_by", "citation"),
                }
                for one in service.honours
            ],
        },
        name=called,
    )


def _team(asked: Desk, record: str) -> dict[str, str] | None:
    team = asked.register.of("team").get(record)
    if team is None:
        return None
    return part_of(team.at(asked.until), "code", "name", "echelon")


def _organisation(asked: Desk, team: Held | None, called: str, stays: Sequence[Stay]) -> str:
    """Whose team it is, or whose teams list a person on the first day of the last deployment."""
    if team is not None:
        return asked.session.organisation_name(team.author)
    day = next((one.first_day for one in reversed(stays) if one.first_day), asked.until)
    listing = organisations_of(asked.register, called, day)
    return ", ".join(asked.session.organisation_name(one) for one in sorted(listing))
