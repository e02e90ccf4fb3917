"""Sessions: their key is renewed whenever somebody proves who they are, and any can be ended."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest

__all__ = ["end_sessions", "renew"]


def renew(request: HttpRequest) -> None:
    """Give the session a new key (ASVS 5.0 7.2.4); what it holds stays, the old key is void."""
    old = request.session.session_key
    request.session.cycle_key()
    if old:
        UserSession.objects.filter(session_key=old).update(session_key=request.session.session_key)


def end_sessions(user: User, *, but: str = "") -> int:
    """End every session of a user but the one of a key; returns how many.

    Parameters
    ----------
    but
        Key of a session that goes on, for a person who changes the own password.
    """
    ended = UserSession.objects.filter(user=user).exclude(session_key=but)
    engine: Any = import_module(settings.SESSION_ENGINE)
    keys = list(ended.values_list("session_key", flat=True))
    for key in keys:
        engine.SessionStore(key).delete()
    ended.delete()
    return len(keys)
