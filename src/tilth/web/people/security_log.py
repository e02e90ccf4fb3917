"""The security log: one row and one log line for each thing that touches who may do what.

The row holds the address it came from and is read by administrators of the organisation alone; the
line goes to the journal of the server and holds what happened and the number of the account.
"""

from __future__ import annotations

import logging
from typing import Any

from allauth.core.internal.httpkit import get_client_ip
from django.contrib.auth.models import User
from django.http import HttpRequest

from tilth.web.people.models import Event, Member, SecurityEvent

__all__ = ["denied", "note"]

_log = logging.getLogger("tilth.security")


def note(
    event: Event,
    *,
    request: HttpRequest | None = None,
    member: Member | None = None,
    user: User | None = None,
    organisation: str = "",
    **detail: Any,
) -> None:
    """Append a line.

    Parameters
    ----------
    request
        Who did it and from where; None on the machine.
    member, user
        Whom it is about. Of a user the one organisation is taken where there is only one.
    detail
        Codes and counts; never a password, a token or what was typed as a name.
    """
    if member is None and user is not None:
        member = _member_of(user, organisation, request)
    if user is None and member is not None:
        user = member.user
    by = getattr(request, "user", None)
    row = SecurityEvent(
        event=event,
        username=user.get_username() if user is not None else "",
        person_code=member.person_code if member is not None else "",
        organisation=organisation or (member.organisation if member is not None else ""),
        by=by.get_username() if by is not None and by.is_authenticated else "",
        address=get_client_ip(request) if request is not None else None,
        detail=detail,
    )
    row.save()
    told = {"user": user.pk if user is not None else None, "code": str(detail.get("code", ""))}
    _log.info(str(event), extra=told)


def _member_of(user: User, organisation: str, request: HttpRequest | None) -> Member | None:
    acting: Member | None = getattr(request, "member", None)
    if acting is not None and acting.user_id == user.pk:
        return acting
    known = Member.objects.filter(user=user, active=True).order_by("created")
    if organisation:
        known = known.filter(organisation=organisation)
    return known.first()


def denied(request: HttpRequest, code: str) -> None:
    """Append that somebody signed in was refused, with the problem's code and the page's name."""
    member = getattr(request, "member", None)
    match = request.resolver_match
    note(
        Event.DENIED,
        request=request,
        member=member,
        user=request.user if request.user.is_authenticated else None,
        code=code,
        page=match.view_name if match is not None else "",
    )
