"""Pages of the own account: arriving by a link, what is kept, whose organisation one acts for."""

from __future__ import annotations

from typing import Any

from allauth.account import views as account_views
from allauth.core.internal import ratelimit
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from tilth.core.problems import Problem, Refused, register
from tilth.web.frame.headers import POLICY
from tilth.web.people import guarding, security_log
from tilth.web.people.arriving import come_in, pending_link, remember_link, set_first_password
from tilth.web.people.forms import ROLE_WORDS, FirstPasswordForm, LinkForm
from tilth.web.people.membership import active_members
from tilth.web.people.models import Event, Member, OneTimeLink
from tilth.web.people.sessions import renew

__all__ = ["account", "arrive", "forgotten", "kept", "link", "set_password", "sign_in", "switch"]

_LINK_RATE = {"people_link": "20/m/ip"}

register(
    {
        "too_many_attempts": (
            "There were too many attempts from here.",
            "Wait a minute, then try again.",
        ),
    }
)


def _with_issuers(response: HttpResponse) -> HttpResponse:
    """Let the forms of this page lead to the services that sign people in, and to nothing else."""
    origins = {origin for one in settings.SIGN_IN.issuers for origin in one.origins()}
    if origins:
        allowed = f"form-action 'self' {' '.join(sorted(origins))}"
        response["Content-Security-Policy"] = POLICY.replace("form-action 'self'", allowed)
    return response


@login_not_required
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in by name and password, passkey, or another service."""
    response: Any = account_views.login(request)
    if hasattr(response, "context_data") and response.context_data is not None:
        response.context_data["issuers"] = settings.SIGN_IN.issuers
    return _with_issuers(response)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest) -> HttpResponse:
    """Take the code of a one-time link; the address of this page never holds it."""
    form = LinkForm(request.POST or None)
    problems: tuple[Problem, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            _limited(request)
            remember_link(request, form.cleaned_data["code"])
        except Refused as refused:
            problems = refused.problems
        else:
            return redirect("people:arrive")
    status = 422 if problems or form.errors else 200
    return render(request, "people/link.html", {"form": form, "problems": problems}, status=status)


def _limited(request: HttpRequest) -> None:
    allowed = ratelimit.consume(request, app="people", action="people_link", config=_LINK_RATE)
    if not allowed:
        raise Refused(Problem("too_many_attempts"))


@login_not_required
@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def arrive(request: HttpRequest) -> HttpResponse:
    """Set a password, or come in by another service, by the link that this session brought."""
    brought = pending_link(request)
    if brought is None:
        return redirect("people:link")
    machine = brought.purpose == OneTimeLink.MACHINE
    form = FirstPasswordForm(request.POST or None, user=brought.user)
    problems: tuple[Problem, ...] = ()
    if request.method == "POST":
        try:
            if request.POST.get("way") == "straight":
                return come_in(request, brought)
            if form.is_valid():
                return set_first_password(request, brought, form.cleaned_data["password"])
        except Refused as refused:
            problems = refused.problems
    member = Member.objects.filter(user=brought.user, organisation=brought.organisation).first()
    values = {
        "form": form,
        "link": brought,
        "machine": machine,
        "invited": member,
        "problems": problems,
        "issuers": settings.SIGN_IN.issuers,
        "role_words": [ROLE_WORDS[one][0] for one in member.roles] if member else [],
    }
    status = 422 if problems or (form.is_bound and form.errors) else 200
    return _with_issuers(render(request, "people/arrive.html", values, status=status))


@login_not_required
def forgotten(request: HttpRequest) -> HttpResponse:
    """What to do when the password is forgotten: nothing is sent, somebody is asked."""
    return render(request, "people/forgotten.html")


@never_cache
def account(request: HttpRequest) -> HttpResponse:
    """The own account: who I am here, how I prove it, where I am signed in."""
    user: Any = request.user
    values = {
        "memberships": active_members(user),
        "has_password": user.has_usable_password(),
        "by_issuer": SocialAccount.objects.filter(user=user).exists(),
        "has_factor": is_mfa_enabled(user),
        "must_add_factor": settings.SIGN_IN.second_factor,
        "role_words": ROLE_WORDS,
    }
    return render(request, "people/account.html", values)


@never_cache
def set_password(request: HttpRequest) -> HttpResponse:
    """Set a first password; who comes by another service has none here, so that it can end."""
    if SocialAccount.objects.filter(user=request.user.pk).exists():
        return redirect("people:account")
    answer: HttpResponse = account_views.password_set(request)
    return answer


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Act for another organisation that the person belongs to."""
    chosen = get_object_or_404(
        Member,
        pk=_number(request.POST.get("member", "")),
        user_id=request.user.pk,
        active=True,
    )
    guarding.choose(request, chosen)
    renew(request)
    security_log.note(Event.ORGANISATION_SWITCHED, request=request, member=chosen)
    return redirect("/")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def kept(request: HttpRequest) -> HttpResponse:
    """Send the form that was kept while the session was locked; or let it go (POST)."""
    form = guarding.kept(request)
    if guarding.lock_state(request, counts=False) != "open":
        return redirect(f"{reverse('account_reauthenticate')}?next={reverse('people:kept')}")
    if form is None:
        return redirect("/")
    if request.method == "POST":
        guarding.forget_kept(request)
        return redirect(form.path)
    return render(request, "people/kept.html", {"kept": form})
