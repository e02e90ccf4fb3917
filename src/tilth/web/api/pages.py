"""Pages about the API: a person's tokens, and the operations that there are."""

from __future__ import annotations

from functools import cache
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import (
    did_recently_reauthenticate,
    suspend_request,
)
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tilth.core.problems import Problem, Refused
from tilth.web.api import tokens as service
from tilth.web.api.entrance import entered
from tilth.web.api.models import Scope, Token
from tilth.web.people.guarding import member_of
from tilth.web.people.membership import ADMINISTRATOR
from tilth.web.people.models import Member

__all__ = ["description", "end", "nothing_here", "operations", "tokens"]

_LASTS = (30, 90, 365, 730)


@cache
def _described() -> dict[str, Any]:
    from tilth.web.api.routes import described  # noqa: PLC0415 - it is made once all is there

    return described()


@login_not_required
@require_safe
def description(request: HttpRequest) -> HttpResponse:
    """OpenAPI description, for who is signed in and for tokens."""
    if getattr(request, "member", None) is not None and request.user.is_authenticated:
        return JsonResponse(_described())
    return entered(lambda _: JsonResponse(_described()))(request)


def nothing_here(request: HttpRequest) -> HttpResponse:
    """What is not an address of the API."""
    del request
    from tilth.web.api.refusing import answer_problems  # noqa: PLC0415

    return answer_problems([Problem("no_such_address")])


@require_safe
def operations(request: HttpRequest) -> HttpResponse:
    """Every operation with what it takes and gives, without any script of others."""
    known = _described()
    groups: dict[str, list[dict[str, Any]]] = {}
    for address, path in known["paths"].items():
        for method, one in path.items():
            line = {
                "method": method.upper(),
                "address": address,
                "summary": one["summary"],
                "description": one.get("description", ""),
                "parameters": one.get("parameters", ()),
                "has_body": "requestBody" in one,
            }
            groups.setdefault(one["tags"][0], []).append(line)
    return render(request, "api/operations.html", {"groups": groups})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """Tokens of the person; a new one is shown once. An administrator sees the others' too."""
    # a form that waited for the person to prove who it is comes back without its member
    member = getattr(request, "member", None) or member_of(request)
    if member is None:
        raise Refused(Problem("not_signed_in"))
    problems: tuple[Problem, ...] = ()
    made, text = None, ""
    given = request.POST
    if request.method == "POST":
        if not _proved(request):
            again: HttpResponse = suspend_request(request, reverse("account_reauthenticate"))
            return again
        days = given.get("days", "")
        try:
            made, text = service.make(
                request,
                member,
                given.get("device", ""),
                given.get("scope", ""),
                int(days) if days.isdecimal() and len(days) < 6 else 0,
            )
        except Refused as refused:
            problems = refused.problems
    values = {
        "own": service.tokens_of(member),
        "others": _others(member),
        "made": made,
        "text": text,
        "problems": problems,
        "given": given,
        "scopes": Scope.choices,
        "lasts": [(days, str(days) == given.get("days", str(service.DAYS))) for days in _LASTS],
        "api_url": request.build_absolute_uri("/api/v1/"),
    }
    return render(request, "api/tokens.html", values, status=422 if problems else 200)


def _proved(request: HttpRequest) -> bool:
    """Whether the person proved lately who it is, as far as the account can be asked to."""
    can = get_adapter().get_reauthentication_methods(request.user)
    return not can or did_recently_reauthenticate(request)


def _others(member: Member) -> list[Token]:
    """Tokens that are good of everybody else of the organisation, for an administrator."""
    if ADMINISTRATOR not in member.roles:
        return []
    rows = Token.objects.select_related("member").filter(
        member__organisation=member.organisation, ended_at=None
    )
    found = [one for one in rows.exclude(member=member) if one.is_good]
    return sorted(found, key=lambda one: (one.member.person_code, one.device))


@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a token: one's own, or as an administrator one of the organisation."""
    member: Member = request.member  # type: ignore[attr-defined]
    rows = Token.objects.select_related("member")
    found = rows.filter(pk=pk, member__organisation=member.organisation).first()
    if found is None or (found.member_id != member.pk and ADMINISTRATOR not in member.roles):
        raise Refused(Problem("not_readable", str(pk), {"record": str(pk)}))
    service.end(request, found)
    messages.success(request, _("The token has ended."))
    return redirect("api:tokens")
