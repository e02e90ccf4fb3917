"""One-time links: how a person comes in for the first time, and again after forgetting.

No mail server is assumed: an administrator hands the link over. Its code stands behind ``#`` in
the address. A browser never sends that part, so it reaches no log, no ``Referer`` and no program
that looks at links in messages (ASVS 5.0 14.2.1); a small script moves it into the form, and
without scripts the person copies it there. It is kept as a hash, good for an hour and one use.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from tilth.core.problems import Problem, Refused, register
from tilth.web.people import security_log
from tilth.web.people.membership import active_members, add_member, checked_username
from tilth.web.people.models import Event, Member, OneTimeLink

__all__ = ["LASTS", "find_link", "invite", "one_time_sign_in", "reset", "use_link"]

LASTS = timedelta(hours=1)

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Signs that are not mistaken for each other on paper or over the telephone."""
_SIGNS, _GROUP = 28, 4

register(
    {
        "link_spent": (
            "This link was used already, is older than an hour, or was never made.",
            "Ask an administrator of your organisation for a new one.",
        ),
        "reset_elsewhere": (
            "{code} belongs to another organisation too.",
            "Whoever runs the server makes the link: tilth user recover.",
        ),
    }
)


def _made(
    user: User,
    organisation: str,
    purpose: str,
    *,
    made_by: User | None,
    clears_factors: bool = False,
) -> str:
    """Path of a new link; older ones of the user end."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_SIGNS))
    now = timezone.now()
    OneTimeLink.objects.filter(user=user, ended_at=None).update(ended_at=now)
    OneTimeLink.objects.create(
        token_hash=_hash(code),
        purpose=purpose,
        user=user,
        organisation=organisation,
        clears_factors=clears_factors,
        made_by=made_by,
        made_at=now,
        expires_at=now + LASTS,
    )
    grouped = "-".join(code[start : start + _GROUP] for start in range(0, _SIGNS, _GROUP))
    return f"{reverse('people:link')}#{grouped}"


def _hash(code: str) -> str:
    plain = "".join(one for one in code.lower() if one in _ALPHABET)
    return hashlib.sha256(plain.encode()).hexdigest()


def invite(
    request: HttpRequest, username: str, person_code: str, roles: Sequence[str]
) -> tuple[Member, str]:
    """Invite a new person into the administrator's own organisation; the path to hand over.

    Raises
    ------
    Refused
        ``username_malformed``, ``username_taken`` (an account that exists is never opened to
        another organisation's administrator), and what `add_member` refuses.
    """
    acting: Member = request.member  # type: ignore[attr-defined]
    with transaction.atomic():
        name = checked_username(username)
        if User.objects.filter(username__iexact=name).exists():
            raise Refused(Problem("username_taken", "username", {"username": name}))
        user = _new_user(name)
        member, _ = add_member(user, acting.organisation, person_code, roles)
        path = _made(user, acting.organisation, OneTimeLink.INVITATION, made_by=acting.user)
        security_log.note(Event.INVITED, request=request, member=member, roles=member.roles)
    return member, path


def reset(request: HttpRequest, member: Member, *, clears_factors: bool = False) -> str:
    """Path by which a person of the administrator's organisation sets a new password.

    Raises
    ------
    Refused
        ``reset_elsewhere``: who may open an account could act for its other organisations.
    """
    if Member.objects.filter(user=member.user).exclude(pk=member.pk).exists():
        raise Refused(Problem("reset_elsewhere", "", {"code": member.person_code}))
    acting: Member = request.member  # type: ignore[attr-defined]
    purpose = OneTimeLink.INVITATION if member.invited else OneTimeLink.RESET
    with transaction.atomic():
        path = _made(
            member.user,
            member.organisation,
            purpose,
            made_by=acting.user,
            clears_factors=clears_factors,
        )
        security_log.note(
            Event.RESET_HANDED_OUT, request=request, member=member, clears_factors=clears_factors
        )
    return path


def one_time_sign_in(
    username: str,
    organisation: str,
    person_code: str,
    roles: Sequence[str],
    *,
    clears_factors: bool = False,
) -> str:
    """Path of a link made on the machine, where whoever runs the server stands.

    The user and the membership are made where they are not there; what is there stays as it is.

    Parameters
    ----------
    organisation
        Id of the organisation's log.

    Raises
    ------
    Refused
        ``username_malformed``, and what `add_member` refuses.
    """
    with transaction.atomic():
        name = checked_username(username)
        user = User.objects.filter(username=name).first() or _new_user(name)
        member, made = add_member(user, organisation, person_code, roles)
        path = _made(
            user,
            organisation,
            OneTimeLink.MACHINE,
            made_by=None,
            clears_factors=clears_factors,
        )
        event = Event.INVITED if made else Event.RESET_HANDED_OUT
        security_log.note(event, member=member, on_the_machine=True)
    return path


def _new_user(username: str) -> User:
    user = User(username=username)
    user.set_unusable_password()
    user.save()
    return user


def find_link(code: str) -> OneTimeLink | None:
    """Link of a code, None when it cannot be used."""
    link = OneTimeLink.objects.select_related("user").filter(token_hash=_hash(code)).first()
    return link if link is not None and good(link) else None


def good(link: OneTimeLink) -> bool:
    """Whether the link can be used now and leads to a person who is still in an organisation."""
    return link.good_at(timezone.now()) and bool(active_members(link.user))


def use_link(link: OneTimeLink, request: HttpRequest) -> None:
    """End a link by using it: of two who try at once, one comes through.

    Raises
    ------
    Refused
        ``link_spent``.
    """
    now = timezone.now()
    used = OneTimeLink.objects.filter(pk=link.pk, ended_at=None, expires_at__gt=now)
    if not used.update(ended_at=now):
        raise Refused(Problem("link_spent"))
    if link.clears_factors:
        Authenticator.objects.filter(user=link.user).delete()
    security_log.note(
        Event.LINK_USED,
        request=request,
        user=link.user,
        organisation=link.organisation,
        purpose=link.purpose,
    )
