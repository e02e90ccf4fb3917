"""Settings that everybody may read: nothing here says where anything is or who anybody is."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from tilth.service.installed import extra_fields, parties
from tilth.service.log_check import log_lines
from tilth.service.ruling import rule_set_text
from tilth.text.language import reviewed
from tilth.web.ledger import desk
from tilth.web.people.membership import ADMINISTRATOR
from tilth.web.people.models import Member

__all__ = ["basemaps", "fields", "home", "keys", "languages", "organisations", "rules"]

TABS = (
    ("office:home", gettext_lazy("Overview"), False),
    ("office:people", gettext_lazy("People"), True),
    ("office:security", gettext_lazy("Security log"), True),
    ("office:organisations", gettext_lazy("Organisations"), False),
    ("office:rules", gettext_lazy("Rule set"), False),
    ("office:fields", gettext_lazy("National fields"), False),
    ("office:languages", gettext_lazy("Languages"), False),
    ("office:basemaps", gettext_lazy("Basemaps"), False),
    ("office:keys", gettext_lazy("Keys"), False),
)
"""URL name, word, and whether only administrators see it."""


def tabs(request: HttpRequest) -> list[tuple[str, Any]]:
    """Pages of the settings that this member may open."""
    member = request.member  # type: ignore[attr-defined]
    administers = ADMINISTRATOR in member.roles
    return [(url, word) for url, word, only in TABS if administers or not only]


def show(
    request: HttpRequest, template: str, values: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A page of the settings with its tabs."""
    values["tabs"] = tabs(request)
    match = request.resolver_match
    values["tab"] = match.view_name if match else ""
    return render(request, f"office/{template}.html", values, status=status)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What can be set, and how each thing stands in a line."""
    with desk(request) as session:
        ruling = rule_set_text(session)
        known = parties(session)
        extra = len(extra_fields(session))
    member = request.member  # type: ignore[attr-defined]
    writing = [one for one in known if one.id]
    values = {
        "ruling": ruling,
        "writing": len(writing),
        "others": len(known) - len(writing),
        "held": sum(one.key_here for one in writing),
        "extra": extra,
        "administers": ADMINISTRATOR in member.roles,
        "people": Member.objects.filter(organisation=member.organisation, active=True).count(),
    }
    return show(request, "home", values)


@require_safe
def organisations(request: HttpRequest) -> HttpResponse:
    """Who takes part, as what, and whose keys are here."""
    with desk(request) as session:
        known = parties(session)
    return show(request, "organisations", {"parties": known})


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """The rule set in force, or one that was said before."""
    name = request.GET.get("of", "")[:200]
    with desk(request) as session:
        ruling = rule_set_text(session, name)
    return show(request, "rules", {"ruling": ruling})


@require_safe
def fields(request: HttpRequest) -> HttpResponse:
    """Fields that the national programme added."""
    with desk(request) as session:
        extra = extra_fields(session)
    return show(request, "fields", {"extra": extra})


@require_safe
def languages(request: HttpRequest) -> HttpResponse:
    """Languages of the pages, and which of them a native speaker has looked through."""
    rows = [(code, word, reviewed(code)) for code, word in settings.LANGUAGES]
    return show(request, "languages", {"rows": rows})


@require_safe
def basemaps(request: HttpRequest) -> HttpResponse:
    """What lies under the map: the neutral one that comes along, and the deployer's own."""
    own = settings.FILE_SETTINGS.get("basemap", [])
    found = own if isinstance(own, list) else [own]
    rows = [
        {
            "name": str(one.get("name", _("without a name"))),
            "type": str(one.get("type", "")),
            "attribution": str(one.get("attribution", "")),
        }
        for one in found
        if isinstance(one, dict)
    ]
    return show(request, "basemaps", {"rows": rows})


@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """Whose private keys lie on this server, and what that means."""
    with desk(request) as session:
        lines = log_lines(session)
        names = {one.id: one.name for one in parties(session)}
    rows = [(one, names.get(one.organisation, one.organisation)) for one in lines]
    held = sorted({name for one, name in rows if one.written_here})
    return show(request, "keys", {"rows": rows, "held": held})
