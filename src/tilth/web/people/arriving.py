"""Arriving by a one-time link: from its code to a signed-in person.

The code is sent once; then the session, still nobody's, remembers which link it is. The link ends
when a password is set, another service's identity is bound, or, for links made on the machine, the
person goes straight in.
"""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from tilth.core.problems import Problem, Refused
from tilth.web.people import security_log
from tilth.web.people.invitations import find_link, good, use_link
from tilth.web.people.models import Event, OneTimeLink
from tilth.web.people.sessions import end_sessions

__all__ = ["bind_pending", "come_in", "pending_link", "remember_link", "set_first_password"]

_KEY = "people_link"


def remember_link(request: HttpRequest, code: str) -> OneTimeLink:
    """Link of a code, remembered by the session until it is used.

    Raises
    ------
    Refused
        ``link_spent``, the same for every code that does not work.
    """
    link = find_link(code)
    if link is None:
        security_log.note(Event.LINK_REFUSED, request=request)
        raise Refused(Problem("link_spent", "code"))
    request.session[_KEY] = link.pk
    return link


def pending_link(request: HttpRequest) -> OneTimeLink | None:
    """Link that this session brought and that can still be used."""
    key = request.session.get(_KEY)
    if key is None:
        return None
    link = OneTimeLink.objects.select_related("user").filter(pk=key).first()
    if link is None or not good(link):
        request.session.pop(_KEY, None)
        return None
    return link


def set_first_password(request: HttpRequest, link: OneTimeLink, password: str) -> HttpResponse:
    """Set the password, end the link and every session of the person, and sign the person in.

    Raises
    ------
    Refused
        ``link_spent``.
    """
    with transaction.atomic():
        use_link(link, request)
        link.user.set_password(password)
        link.user.save(update_fields=["password"])
        security_log.note(
            Event.PASSWORD_CHANGED, request=request, user=link.user, organisation=link.organisation
        )
    end_sessions(link.user)
    return _signed_in(request, link.user, "link")


def come_in(request: HttpRequest, link: OneTimeLink) -> HttpResponse:
    """Sign in by a link that was made on the machine, without a password.

    Raises
    ------
    Refused
        ``link_spent``, also for a link that an administrator made in the browser.
    """
    if link.purpose != OneTimeLink.MACHINE:
        raise Refused(Problem("link_spent"))
    use_link(link, request)
    return _signed_in(request, link.user, "link")


def bind_pending(request: HttpRequest, sociallogin: Any) -> bool:
    """Bind another service's identity to the person whose link this session brought.

    Raises
    ------
    Refused
        ``link_spent``.
    """
    link = pending_link(request)
    if link is None:
        return False
    with transaction.atomic():
        use_link(link, request)
        sociallogin.connect(request, link.user)
        security_log.note(
            Event.IDENTITY_BOUND,
            request=request,
            user=link.user,
            organisation=link.organisation,
            issuer=sociallogin.account.provider,
        )
    request.session.pop(_KEY, None)
    return True


def _signed_in(request: HttpRequest, user: User, method: str) -> HttpResponse:
    """Sign in as allauth does, through the second factor where the person has one."""
    request.session.flush()
    record_authentication(request, user, method=method)
    answer: HttpResponse = perform_login(request, Login(user=user, redirect_url="/"))
    return answer
