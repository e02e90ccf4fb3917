"""What stands before every operation: the token, and the answer that is kept.

Cookies are not looked at, so that a page of another site cannot make a browser do anything here;
a body has to be JSON (`tilth.web.api.routes.Json`), which a form of another site cannot send.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from allauth.core.internal import ratelimit
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException, UnreadablePostError
from django.utils.translation import get_language
from ninja.security import HttpBasicAuth, HttpBearer

from tilth.core.problems import Problem, Refused
from tilth.service.face import read_faces
from tilth.service.session import Session
from tilth.web.api import tokens
from tilth.web.api.idempotency import once
from tilth.web.api.models import Token
from tilth.web.api.refusing import NotModified, answer_problems, answer_refused
from tilth.web.ledger import desk
from tilth.web.people import security_log
from tilth.web.people.models import Event, Member

__all__ = ["Basic", "Bearer", "entered", "member_of", "reading", "writing"]

_FAILED = {"token_failed": "30/m/ip"}
_FACES = ("findings", "overview")
"""What is published a while after it was received; a newer one changes answers, too."""
_log = logging.getLogger("tilth.api")
View = Callable[..., HttpResponse]


class Bearer(HttpBearer):
    """A token in ``Authorization: Bearer``; `entered` has looked at it."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Token with which the request came."""
        del token
        return getattr(request, "api_token", None)


class Basic(HttpBasicAuth):
    """A token as the password of ``Authorization: Basic``; any user name."""

    def authenticate(self, request: HttpRequest, username: str, password: str) -> Any:
        """Token with which the request came."""
        del username, password
        return getattr(request, "api_token", None)


def entered(view: View) -> View:
    """Let a view of the API only be reached with a token that is good; answer problems alike."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            token = _token_of(request)
            if request.method == "POST" and "Idempotency-Key" in request.headers:
                return once(request, token, lambda asked: _answer(view, asked, *args, **kwargs))
            return _answer(view, request, *args, **kwargs)
        except Refused as refused:
            return answer_refused(request, refused)
        except RequestDataTooBig:
            return answer_problems([Problem("body_too_large")])
        except (UnreadablePostError, RawPostDataException):
            return answer_problems([Problem("body_unread", "", {"reason": "it broke off"})])

    guarded.csrf_exempt = True  # type: ignore[attr-defined]
    return guarded


def _answer(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    try:
        response = view(request, *args, **kwargs)
    except Exception:
        _log.exception("failed")
        return answer_problems([Problem("server_fault")])
    if response.status_code == 405:
        allowed = response.headers["Allow"]
        params = {"method": str(request.method)[:20], "allowed": allowed}
        told = answer_problems([Problem("method_not_allowed", "", params)], status=405)
        told["Allow"] = allowed
        return told
    return response


def _token_of(request: HttpRequest) -> Token:
    """Token of a request, its member and user set; whoever signed in by a cookie is nobody here.

    Raises
    ------
    Refused
        ``token_refused``, ``too_many_attempts`` after 30 that were wrong in a minute.
    """
    request.user = AnonymousUser()
    request.member = None  # type: ignore[attr-defined]
    given = tokens.given_with(request)
    found = tokens.find(given) if given else None
    if found is None:
        if given:
            if not ratelimit.consume(
                request, app="api", action="token_failed", config=_FAILED, limit_get=True
            ):
                raise Refused(Problem("too_many_attempts"))
            security_log.note(Event.TOKEN_REFUSED, request=request)
        raise Refused(Problem("token_refused"))
    request.user = found.member.user
    request.member = found.member  # type: ignore[attr-defined]
    request.api_token = found  # type: ignore[attr-defined]
    tokens.note_use(request, found)
    return found


def member_of(request: HttpRequest) -> Member:
    """Member of the token."""
    member: Member = request.member  # type: ignore[attr-defined]
    return member


@contextmanager
def writing(request: HttpRequest) -> Iterator[Session]:
    """Session of the token's member in which something may be said.

    Raises
    ------
    Refused
        ``token_reads_only``.
    """
    if not request.api_token.may_write:  # type: ignore[attr-defined]
        raise Refused(Problem("token_reads_only"))
    with desk(request) as session:
        yield session


@contextmanager
def reading(request: HttpRequest, response: HttpResponse, *of: object) -> Iterator[Session]:
    """Session of the token's member, and the tag of the position that it is read at.

    Parameters
    ----------
    of
        What the answer depends on beside what is received and published, the day, the person and
        the language.

    Raises
    ------
    NotModified
        Where the asker has the answer of this position already.
    """
    with desk(request) as session:
        parts = (
            session.workspace.store.last_seq(),
            session.today(),
            session.own[:12],
            session.actor,
            "+".join(sorted(session.roles or ())),
            get_language() or "en",
            *(face.get("position") for face in read_faces(session, _FACES).values()),
            *of,
        )
        tag = f'W/"{tokens.short_hash(parts)}"'
        if tag in _asked_for(request):
            raise NotModified(tag)
        response["ETag"] = tag
        yield session


def _asked_for(request: HttpRequest) -> list[str]:
    return [one.strip() for one in request.headers.get("If-None-Match", "").split(",")]
