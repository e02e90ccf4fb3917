"""Who belongs to which organisation, and what must stay true of it.

Nobody is deleted: statements name the codes of people for ever. A person is deactivated, and comes
back with the same code. An organisation that has an administrator never loses the last one here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest

from tilth.core.problems import Problem, Refused, register
from tilth.core.roles import ROLES
from tilth.web.people import security_log
from tilth.web.people.models import Event, Member
from tilth.web.people.sessions import end_sessions

__all__ = [
    "ADMINISTRATOR",
    "active_members",
    "add_member",
    "change_roles",
    "checked_code",
    "checked_roles",
    "checked_username",
    "deactivate",
    "reactivate",
]

ADMINISTRATOR = "administrator"
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}", re.ASCII)
_CODE = re.compile(r"[^\s/]{1,40}")

register(
    {
        "username_malformed": (
            "{username} cannot be a sign-in name.",
            "Take 2 to 40 small letters a-z, digits, dots, dashes; best the person's code.",
        ),
        "username_taken": (
            "The sign-in name {username} is in use.",
            "Take another one. Somebody who works for two organisations is added on the machine: "
            "tilth user add.",
        ),
        "member_code_malformed": (
            "{code} cannot be the code of a person.",
            "Give a short code without spaces, for example im1; a name would stay for ever.",
        ),
        "member_code_taken": (
            "The code {code} is somebody else's in this organisation.",
            "Give each person a code of their own; somebody who left keeps theirs.",
        ),
        "role_unknown": (
            "There is no role {role}.",
            "Take one of: {roles}.",
        ),
        "role_missing": (
            "A person needs a role.",
            "Choose at least one; observer only reads.",
        ),
        "last_administrator": (
            "{code} is the last administrator of the organisation.",
            "Make somebody else administrator first.",
        ),
        "person_unknown": (
            "There is no such person in the organisation.",
            "Take a sign-in name from the list of people.",
        ),
    }
)


def checked_username(text: str) -> str:
    """Sign-in name in small letters.

    Raises
    ------
    Refused
        ``username_malformed``.
    """
    username = text.strip().lower()
    if not _USERNAME.fullmatch(username):
        raise Refused(Problem("username_malformed", "username", {"username": text[:60]}))
    return username


def checked_code(text: str) -> str:
    """Code of a person.

    Raises
    ------
    Refused
        ``member_code_malformed``: spaces, or too long; what is surely a name.
    """
    code = text.strip()
    if not _CODE.fullmatch(code) or not code.isprintable():
        raise Refused(Problem("member_code_malformed", "person_code", {"code": text[:60]}))
    return code


def checked_roles(roles: Iterable[str]) -> list[str]:
    """Roles in the order of `tilth.core.roles.ROLES`, each once.

    Raises
    ------
    Refused
        ``role_unknown``, ``role_missing``.
    """
    wanted = set(roles)
    known = ROLES
    for role in sorted(wanted - set(known)):
        params = {"role": role[:60], "roles": ", ".join(known)}
        raise Refused(Problem("role_unknown", "roles", params))
    if not wanted:
        raise Refused(Problem("role_missing", "roles"))
    return [role for role in known if role in wanted]


def active_members(user: User) -> list[Member]:
    """Organisations in which a user may act, the oldest membership first."""
    if not user.is_active:
        return []
    return list(Member.objects.filter(user=user, active=True).order_by("created", "pk"))


def add_member(
    user: User, organisation: str, person_code: str, roles: Sequence[str]
) -> tuple[Member, bool]:
    """Membership of a user in an organisation, made or as it is; and whether it was made.

    Raises
    ------
    Refused
        ``member_code_malformed``, ``member_code_taken``, ``role_unknown``, ``role_missing``.
    """
    code, wanted = checked_code(person_code), checked_roles(roles)
    with transaction.atomic():
        known = Member.objects.filter(user=user, organisation=organisation).first()
        if known is not None:
            return known, False
        if Member.objects.filter(organisation=organisation, person_code__iexact=code).exists():
            raise Refused(Problem("member_code_taken", "person_code", {"code": code}))
        made = Member.objects.create(
            user=user, organisation=organisation, person_code=code, roles=wanted
        )
    return made, True


def change_roles(
    member: Member, roles: Iterable[str], *, request: HttpRequest | None = None
) -> None:
    """Give a person these roles and no others; in force at the person's next page.

    Raises
    ------
    Refused
        ``role_unknown``, ``role_missing``, ``last_administrator``.
    """
    wanted = checked_roles(roles)
    with transaction.atomic():
        if ADMINISTRATOR not in wanted:
            _refuse_last(member)
        before, member.roles = list(member.roles), wanted
        member.save(update_fields=["roles"])
        if before != wanted:
            security_log.note(
                Event.ROLES_CHANGED, request=request, member=member, before=before, after=wanted
            )


def deactivate(member: Member, *, request: HttpRequest | None = None) -> None:
    """End a person's membership and every session of the person.

    Raises
    ------
    Refused
        ``last_administrator``.
    """
    with transaction.atomic():
        _refuse_last(member)
        member.active = False
        member.save(update_fields=["active"])
        security_log.note(Event.DEACTIVATED, request=request, member=member)
    end_sessions(member.user)


def reactivate(member: Member, *, request: HttpRequest | None = None) -> None:
    """Let a person in again, with the code and the roles of before."""
    member.active = True
    member.save(update_fields=["active"])
    security_log.note(Event.ACTIVATED, request=request, member=member)


def _refuse_last(member: Member) -> None:
    """Refuse to lose the last administrator; the rows are locked, so that two cannot both go."""
    rows = Member.objects.select_for_update(of=("self",)).filter(
        organisation=member.organisation, active=True
    )
    administrators = {
        one.pk for one in rows.select_related("user") if ADMINISTRATOR in one.roles and _can(one)
    }
    if member.active and ADMINISTRATOR in member.roles and not administrators - {member.pk}:
        raise Refused(Problem("last_administrator", "roles", {"code": member.person_code}))


def _can(member: Member) -> bool:
    """Whether the person can sign in at all: somebody invited who never came is nobody yet."""
    return member.user.is_active and member.user.last_login is not None
