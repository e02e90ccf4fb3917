"""What the security log hears from Django and allauth, and what follows from it."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.signals import authentication_step_completed, password_changed, password_set
from allauth.mfa import signals as factors
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.http import HttpRequest

from tilth.web.people import security_log
from tilth.web.people.guarding import begin
from tilth.web.people.models import Event
from tilth.web.people.sessions import end_sessions, renew

__all__ = ["listen"]


def listen() -> None:
    """Connect everything; called once when the app is ready."""
    user_logged_in.connect(_signed_in, dispatch_uid="people")
    user_logged_out.connect(_signed_out, dispatch_uid="people")
    authentication_step_completed.connect(_step, dispatch_uid="people")
    for signal in (password_changed, password_set):
        signal.connect(_password, dispatch_uid="people")
    factors.authentication_failed.connect(_factor_failed, dispatch_uid="people")
    factors.authenticator_added.connect(_factor_added, dispatch_uid="people")
    factors.authenticator_reset.connect(_factor_added, dispatch_uid="people")
    factors.authenticator_removed.connect(_factor_removed, dispatch_uid="people")


def _signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    begin(request, user, time.time())
    security_log.note(Event.SIGNED_IN, request=request, user=user)


def _signed_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None:
        security_log.note(Event.SIGNED_OUT, request=request, user=user)


def _step(request: HttpRequest, user: User, **how: Any) -> None:
    """Renew the session when a person who is signed in proves again who it is."""
    if how.get("reauthenticated"):
        renew(request)
        security_log.note(
            Event.CONFIRMED, request=request, user=user, method=str(how.get("method", ""))
        )


def _password(request: HttpRequest, user: User, **_: Any) -> None:
    """End every other session: who knew the old password has no way in any more."""
    end_sessions(user, but=request.session.session_key or "")
    security_log.note(Event.PASSWORD_CHANGED, request=request, user=user)


def _factor_failed(request: HttpRequest, user: User, **_: Any) -> None:
    security_log.note(Event.SIGN_IN_FAILED, request=request, user=user, factor=True)


def _factor_added(request: HttpRequest, user: User, authenticator: Any, **_: Any) -> None:
    security_log.note(Event.FACTOR_ADDED, request=request, user=user, type=str(authenticator.type))


def _factor_removed(request: HttpRequest, user: User, authenticator: Any, **_: Any) -> None:
    security_log.note(
        Event.FACTOR_REMOVED, request=request, user=user, type=str(authenticator.type)
    )
