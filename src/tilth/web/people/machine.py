"""People, as whoever runs the server sees them from its machine."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import django

from tilth.core.problems import Problem, Refused

__all__ = ["add", "change", "end", "listing", "open_accounts", "recover"]


def open_accounts(folder: Path, database_url: str = "") -> None:
    """Open the database of accounts that belongs to a workspace.

    Settings are read once a process: a process opens the accounts of one workspace.
    """
    os.environ["TILTH_WORKSPACE"] = str(folder)
    os.environ.setdefault("TILTH_LOG", "warning")
    if database_url:
        os.environ["TILTH_DATABASE_URL"] = database_url
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tilth.web.settings")
    django.setup()


def add(username: str, organisation: str, person_code: str, roles: Sequence[str]) -> str:
    """Path of a link for a person who is new, or new to the organisation.

    Raises
    ------
    Refused
        What `tilth.web.people.invitations.one_time_sign_in` refuses.
    """
    from tilth.web.people.invitations import one_time_sign_in  # noqa: PLC0415

    return one_time_sign_in(username, organisation, person_code, roles)


def recover(username: str, *, clears_factors: bool = False) -> str:
    """Path of a link for somebody who cannot come in; a membership that had ended begins again.

    Raises
    ------
    Refused
        ``person_unknown``.
    """
    from tilth.web.people.invitations import one_time_sign_in  # noqa: PLC0415
    from tilth.web.people.membership import reactivate  # noqa: PLC0415

    members = _members(username)
    if not any(one.active for one in members):
        reactivate(members[0])
    chosen = next(one for one in members if one.active)
    return one_time_sign_in(
        chosen.user.get_username(),
        chosen.organisation,
        chosen.person_code,
        chosen.roles,
        clears_factors=clears_factors,
    )


def end(username: str, organisation: str = "") -> int:
    """End a person's memberships, or the one in an organisation, and every session; how many.

    Raises
    ------
    Refused
        ``person_unknown``, ``last_administrator``.
    """
    from tilth.web.people.membership import deactivate  # noqa: PLC0415

    members = [one for one in _members(username, organisation) if one.active]
    for member in members:
        deactivate(member)
    return len(members)


def change(username: str, roles: Iterable[str], organisation: str = "") -> list[str]:
    """Give a person these roles in an organisation, or in every one; the roles held then.

    Raises
    ------
    Refused
        ``person_unknown``, ``role_unknown``, ``role_missing``, ``last_administrator``.
    """
    from tilth.web.people.membership import change_roles  # noqa: PLC0415

    wanted = list(roles)
    members = _members(username, organisation)
    for member in members:
        change_roles(member, wanted)
    return list(members[0].roles)


def listing() -> list[dict[str, Any]]:
    """Everybody, by organisation and code."""
    from tilth.web.people.models import Member  # noqa: PLC0415

    found = Member.objects.select_related("user").order_by("organisation", "person_code")
    return [
        {
            "username": one.user.get_username(),
            "organisation": one.organisation,
            "person_code": one.person_code,
            "roles": list(one.roles),
            "active": one.active,
            "last_sign_in": one.user.last_login.strftime("%Y-%m-%dT%H:%M:%SZ")
            if one.user.last_login
            else "",
        }
        for one in found
    ]


def _members(username: str, organisation: str = "") -> list[Any]:
    from tilth.web.people.models import Member  # noqa: PLC0415

    found = Member.objects.select_related("user").filter(user__username=username.strip().lower())
    if organisation:
        found = found.filter(organisation=organisation)
    members = list(found.order_by("created", "pk"))
    if not members:
        raise Refused(Problem("person_unknown", username))
    return members
