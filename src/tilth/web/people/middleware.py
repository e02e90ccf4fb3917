"""Whose page it is: sets ``request.member``, and lets nobody in who has not signed in.

Every page needs a person who is signed in and belongs to an organisation, unless its view says
otherwise with `django.contrib.auth.decorators.login_not_required`. Views whose requests a page
makes on its own, such as a job's progress, are marked by `asks_alone`, so that an open page does
not keep a session alive for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from allauth.account.adapter import get_adapter
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse

from tilth.web.people import security_log
from tilth.web.people.guarding import forget_sent, keep, lock_state, member_of
from tilth.web.people.membership import ADMINISTRATOR

__all__ = ["People", "asks_alone"]

_REFUSING = frozenset({"not_permitted", "role_not_permitted", "not_readable"})
_API = "/api/"
_ACCOUNT = "/account/"


View = TypeVar("View", bound=Callable[..., Any])


def asks_alone(view: View) -> View:
    """Mark a view whose requests do not show that somebody is there."""
    view.asks_alone = True  # type: ignore[attr-defined]
    return view


class People:
    """Stands behind authentication and the check of forms, before every view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Find the member; tell the security log what was denied."""
        request.member = member_of(request)  # type: ignore[attr-defined]
        response = self._get_response(request)
        refused = getattr(request, "refused_code", "")
        if response.status_code == 403 or refused in _REFUSING:
            security_log.denied(request, refused or "forbidden")
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Send away who is not signed in, was away too long, or belongs nowhere."""
        del args, kwargs
        if request.path.startswith(_API) and "Authorization" in request.headers:
            return None  # a token speaks; whoever is signed in by a cookie beside it does not
        for_all = not getattr(view, "login_required", True)
        if not request.user.is_authenticated:
            asks_itself = request.path.startswith(_API)  # for a token
            return None if for_all or asks_itself else _to(request, _sign_in(), 401)
        state = lock_state(request, counts=not getattr(view, "asks_alone", False))
        if state == "over":
            logout(request)
            request.member = None  # type: ignore[attr-defined]
            return None if for_all else _to(request, _sign_in(), 401)
        if for_all or request.path.startswith(_ACCOUNT):
            return None
        if state == "locked":
            return self._locked(request)
        if request.method == "POST":
            forget_sent(request)
        if request.member is None:  # type: ignore[attr-defined]
            return _to(request, reverse("people:account"), 403, back="")
        if _needs_factor(request):
            return _to(request, reverse("mfa_index"), 403, back="")
        return None

    def _locked(self, request: HttpRequest) -> HttpResponse:
        """Ask who it is; without any way to prove it, the session ends."""
        methods = get_adapter().get_reauthentication_methods(request.user)
        if not methods:
            logout(request)
            return _to(request, _sign_in(), 401)
        where = None
        if request.method == "POST" and not request.path.startswith(_API) and keep(request):
            where = reverse("people:kept")
        return _to(request, methods[0]["url"], 401, back=where)


def _sign_in() -> str:
    return reverse("account_login")


def _needs_factor(request: HttpRequest) -> bool:
    """Whether the member has to add a second factor before anything else."""
    wanted = settings.SIGN_IN.second_factor
    if wanted == "none":
        return False
    member = request.member  # type: ignore[attr-defined]
    if wanted == "administrators" and ADMINISTRATOR not in member.roles:
        return False
    return not is_mfa_enabled(request.user)


def _to(
    request: HttpRequest, address: str, status: int, *, back: str | None = None
) -> HttpResponse:
    """Lead to an address, as what asked can follow: a page, a part of one, a program."""
    if request.path.startswith(_API):
        problem = {"type": "about:blank", "status": status, "code": "not_signed_in"}
        return JsonResponse(problem, status=status, content_type="application/problem+json")
    part = "HX-Request" in request.headers
    if back is None:
        back = (
            _page_of_part(request) if part or request.method != "GET" else request.get_full_path()
        )
    if back:
        address = f"{address}?{urlencode({'next': back})}"
    if part:
        return HttpResponse(status=status, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _page_of_part(request: HttpRequest) -> str:
    """Path of the page that asked for a part, from what htmx or the browser says of it."""
    parts = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "/")
    return f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
