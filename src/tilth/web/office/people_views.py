"""People of the own organisation: invite, roles, links, sessions, end; and its security log.

Only administrators, and only of their own organisation: anybody else's people do not exist here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tilth.core.problems import Problem, Refused, register
from tilth.web.office.views import show
from tilth.web.people import invitations, security_log
from tilth.web.people.forms import ROLE_WORDS, InviteForm, RolesForm
from tilth.web.people.membership import ADMINISTRATOR, change_roles, deactivate, reactivate
from tilth.web.people.models import Event, Member, SecurityEvent
from tilth.web.people.sessions import end_sessions

__all__ = [
    "active",
    "invite",
    "link",
    "people",
    "person",
    "roles",
    "security",
    "sessions",
]

_PER_PAGE = 50

register(
    {
        "administrators_only": (
            "Only an administrator of the organisation sees and changes its people.",
            "Ask one of them.",
        ),
    }
)

EVENT_WORDS = {
    "signed_in": gettext_lazy("signed in"),
    "sign_in_failed": gettext_lazy("could not sign in"),
    "sign_in_throttled": gettext_lazy("tried too often"),
    "confirmed": gettext_lazy("said again who it is"),
    "signed_out": gettext_lazy("signed out"),
    "session_ended": gettext_lazy("sessions ended"),
    "invited": gettext_lazy("invited"),
    "reset_handed_out": gettext_lazy("was given a link"),
    "link_used": gettext_lazy("used a link"),
    "link_refused": gettext_lazy("a link was refused"),
    "password_changed": gettext_lazy("set a password"),
    "factor_added": gettext_lazy("second factor added"),
    "factor_removed": gettext_lazy("second factor removed"),
    "identity_bound": gettext_lazy("bound to another service"),
    "roles_changed": gettext_lazy("roles changed"),
    "deactivated": gettext_lazy("access ended"),
    "activated": gettext_lazy("access begun again"),
    "organisation_switched": gettext_lazy("acts for this organisation"),
    "denied": gettext_lazy("was refused"),
    "token_made": gettext_lazy("token made"),
    "token_used": gettext_lazy("token used, first time that day"),
    "token_ended": gettext_lazy("token ended"),
    "token_refused": gettext_lazy("a token was refused"),
}

_View = TypeVar("_View", bound=Callable[..., HttpResponse])


def _administrators(view: _View) -> _View:
    """Let only administrators in; the middleware writes the refusal down."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        member = getattr(request, "member", None)
        if member is None or ADMINISTRATOR not in member.roles:
            raise Refused(Problem("administrators_only"))
        return never_cache(view)(request, *args, **kwargs)

    return cast("_View", guarded)


def _member(request: HttpRequest, pk: int) -> Member:
    acting = request.member  # type: ignore[attr-defined]
    found: Member = get_object_or_404(
        Member.objects.select_related("user"), pk=pk, organisation=acting.organisation
    )
    return found


def _words(member: Member) -> list[Any]:
    return [ROLE_WORDS[one][0] for one in member.roles if one in ROLE_WORDS]


@_administrators
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Everybody of the organisation who may sign in, or could before."""
    acting = request.member  # type: ignore[attr-defined]
    known = Member.objects.select_related("user").filter(organisation=acting.organisation)
    with_factor = set(
        Authenticator.objects.filter(user__memberships__in=known).values_list("user_id", flat=True)
    )
    rows = [(one, _words(one), one.user_id in with_factor) for one in known]
    rows.sort(key=lambda row: (not row[0].active, row[0].person_code.casefold()))
    return show(request, "people", {"rows": rows})


@_administrators
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Invite a person; the link is shown once."""
    form = InviteForm(request.POST or None)
    problems: tuple[Problem, ...] = ()
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            member, path = invitations.invite(
                request, given["username"], given["person_code"], given["roles"]
            )
        except Refused as refused:
            problems = refused.problems
        else:
            return _hand_over(request, member, path)
    values = {"form": form, "problems": problems, "role_words": ROLE_WORDS}
    return show(request, "invite", values, status=422 if problems or form.errors else 200)


def _hand_over(request: HttpRequest, member: Member, path: str) -> HttpResponse:
    values = {"person": member, "words": _words(member), "link": request.build_absolute_uri(path)}
    return show(request, "link", values)


@_administrators
@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: roles, links, sessions."""
    return _person(request, _member(request, pk))


def _person(
    request: HttpRequest,
    member: Member,
    *,
    form: RolesForm | None = None,
    problems: tuple[Problem, ...] = (),
) -> HttpResponse:
    shown = form or RolesForm(initial={"roles": member.roles})
    values = {
        "person": member,
        "form": shown,
        "role_words": ROLE_WORDS,
        "problems": problems,
        "sessions": UserSession.objects.filter(user=member.user).count(),
        "has_factor": Authenticator.objects.filter(user=member.user).exists(),
        "elsewhere": Member.objects.filter(user=member.user).exclude(pk=member.pk).exists(),
        "events": _told(
            SecurityEvent.objects.filter(
                organisation=member.organisation, username=member.user.get_username()
            )[:10]
        ),
    }
    return show(request, "person", values, status=422 if problems or shown.errors else 200)


@_administrators
@require_POST
def roles(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a person other roles."""
    member = _member(request, pk)
    form = RolesForm(request.POST)
    if not form.is_valid():
        return _person(request, member, form=form)
    try:
        change_roles(member, form.cleaned_data["roles"], request=request)
    except Refused as refused:
        return _person(request, member, form=form, problems=refused.problems)
    messages.success(request, _("The roles of %(code)s are changed.") % _named(member))
    return redirect("office:person", pk=pk)


def _named(member: Member) -> dict[str, str]:
    return {"code": member.person_code}


@_administrators
@require_POST
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a link by which a person chooses a new password; it is shown once."""
    member = _member(request, pk)
    if not member.active:
        raise Http404
    clears = request.POST.get("clears_factors") == "yes"
    try:
        path = invitations.reset(request, member, clears_factors=clears)
    except Refused as refused:
        return _person(request, member, problems=refused.problems)
    return _hand_over(request, member, path)


@_administrators
@require_POST
def sessions(request: HttpRequest, pk: int) -> HttpResponse:
    """End every session of a person, on every browser."""
    member = _member(request, pk)
    ended = end_sessions(member.user)
    security_log.note(Event.SESSION_ENDED, request=request, member=member, sessions=ended)
    if member.user_id == request.user.pk:
        return redirect("account_login")
    messages.success(request, _("Every session of %(code)s has ended.") % _named(member))
    return redirect("office:person", pk=pk)


@_administrators
@require_POST
def active(request: HttpRequest, pk: int) -> HttpResponse:
    """End a person's access, or begin it again."""
    member = _member(request, pk)
    try:
        if request.POST.get("active") == "yes":
            reactivate(member, request=request)
            said = _("%(code)s can sign in again.")
        else:
            deactivate(member, request=request)
            said = _("%(code)s can no longer sign in. What was said stays under the code.")
    except Refused as refused:
        return _person(request, member, problems=refused.problems)
    if member.user_id == request.user.pk:
        return redirect("account_login")
    messages.success(request, said % _named(member))
    return redirect("office:person", pk=pk)


@_administrators
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """The security log of the own organisation."""
    acting = request.member  # type: ignore[attr-defined]
    found = SecurityEvent.objects.filter(organisation=acting.organisation)
    wanted = request.GET.get("event", "")
    if wanted in EVENT_WORDS:
        found = found.filter(event=wanted)
    page = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    values = {
        "page": page,
        "events": _told(page.object_list),
        "words": EVENT_WORDS.items(),
        "wanted": wanted,
    }
    return show(request, "security", values)


def _told(events: Any) -> list[dict[str, Any]]:
    return [{"row": one, "word": EVENT_WORDS[one.event], "more": _detail(one)} for one in events]


def _detail(event: SecurityEvent) -> str:
    detail = event.detail
    if event.event == Event.ROLES_CHANGED:
        before, after = (_role_words(detail.get(name, ())) for name in ("before", "after"))
        return f"{before} → {after}"
    if event.event == Event.INVITED:
        return (
            _("on the machine")
            if detail.get("on_the_machine")
            else _role_words(detail.get("roles", ()))
        )
    return str(detail.get("code") or detail.get("type") or detail.get("method") or "")


def _role_words(codes: Any) -> str:
    return ", ".join(str(ROLE_WORDS[one][0]) for one in codes if one in ROLE_WORDS)
