"""How long a session lasts, whose page it shows, and what happens when nobody was there.

Times of OWASP ASVS 5.0 7.3: 15 minutes without a request lock the session until the person proves
again who it is; after 12 hours it ends. A form that was sent to a locked session is kept and can be
sent after all. The cookie ends with the browser.
"""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from allauth.account.internal.flows.login import get_authentication_records
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone

from tilth.web.people.membership import active_members
from tilth.web.people.models import Member

__all__ = [
    "ABSOLUTE",
    "IDLE",
    "Kept",
    "begin",
    "choose",
    "forget_kept",
    "forget_sent",
    "keep",
    "kept",
    "lock_state",
    "member_of",
]

IDLE = 15 * 60
"""Seconds without a request after which a session is locked."""
ABSOLUTE = 12 * 3600
"""Seconds after which a session ends whatever happens."""
_TOUCH = 30
"""Seconds between two notes of when the person was last here."""
_LARGEST = 256 * 1024
"""Bytes of a form that a locked session keeps."""

_BEGAN, _SEEN, _LOCKED, _MEMBER, _KEPT = (
    "people_began",
    "people_seen",
    "people_locked",
    "people_member",
    "people_kept",
)


def begin(request: HttpRequest, user: User, now: float) -> None:
    """Start the clocks of a session when somebody signs in."""
    request.session[_BEGAN] = request.session[_SEEN] = now
    request.session.pop(_LOCKED, None)
    request.session.pop(_MEMBER, None)
    found = active_members(user)
    if found:
        request.session[_MEMBER] = found[0].pk


def member_of(request: HttpRequest) -> Member | None:
    """Membership in which the signed-in user acts; None for one who belongs nowhere."""
    if not request.user.is_authenticated:
        return None
    chosen = request.session.get(_MEMBER)
    found = (
        Member.objects.select_related("user")
        .filter(pk=chosen, user_id=request.user.pk, active=True)
        .first()
        if chosen is not None
        else None
    )
    if found is None:
        others = active_members(request.user)
        found = others[0] if others else None
        if found is not None:
            request.session[_MEMBER] = found.pk
    return found


def choose(request: HttpRequest, member: Member) -> None:
    """Act for another organisation from now on; the caller has checked whose membership it is."""
    request.session[_MEMBER] = member.pk
    request.session.pop(_KEPT, None)


def lock_state(request: HttpRequest, *, counts: bool) -> str:
    """``open``, ``locked`` or ``over``; an open session notes that somebody is here.

    Parameters
    ----------
    counts
        Whether this request is the work of a person, not of a page that asks on its own.
    """
    session, now = request.session, time.time()
    began = session.get(_BEGAN)
    if began is None or now - began > ABSOLUTE or now < began - IDLE:
        return "over"
    locked = session.get(_LOCKED)
    if locked is None and now - session.get(_SEEN, 0) > IDLE:
        session[_LOCKED] = locked = now
    if locked is not None:
        if not _proved_since(request, locked):
            return "locked"
        session.pop(_LOCKED)
        session[_SEEN] = now
    if counts and now - session.get(_SEEN, 0) > _TOUCH:
        session[_SEEN] = now
        UserSession.objects.filter(session_key=session.session_key).update(
            last_seen_at=timezone.now()
        )
    return "open"


def _proved_since(request: HttpRequest, moment: float) -> bool:
    records = get_authentication_records(request, request.user)
    return any(one.get("reauthenticated") and one.get("at", 0) >= moment for one in records)


class Kept(NamedTuple):
    """A form that was sent while the session was locked."""

    path: str
    fields: list[tuple[str, str]]
    files: bool


def keep(request: HttpRequest) -> bool:
    """Keep the form of a request in the session; False where it is too large."""
    pairs = [
        (name, value)
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken"
        for value in values
    ]
    if sum(len(name) + len(value) for name, value in pairs) > _LARGEST:
        return False
    request.session[_KEPT] = [request.get_full_path(), pairs, bool(request.FILES)]
    return True


def kept(request: HttpRequest) -> Kept | None:
    """Form that was kept; it stays until it is sent or let go."""
    found: Any = request.session.get(_KEPT)
    if found is None:
        return None
    path, pairs, files = found
    return Kept(path, [(name, value) for name, value in pairs], files)


def forget_kept(request: HttpRequest) -> None:
    """Let the kept form go."""
    request.session.pop(_KEPT, None)


def forget_sent(request: HttpRequest) -> None:
    """Let the kept form go once it is sent after all."""
    found = kept(request)
    if found is not None and found.path == request.get_full_path():
        forget_kept(request)
