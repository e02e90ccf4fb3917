"""Who looked at records of people, told to the organisation whose records they are."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tilth.core.statement import split_record_id
from tilth.service.viewing import views_of
from tilth.web.ledger import desk

__all__ = ["seen"]

_MOST = 1000


@require_GET
def seen(request: HttpRequest) -> HttpResponse:
    """Newest views of the own organisation's protected records."""
    with desk(request) as session:
        lines = [
            {
                "seen_at": one.seen_at,
                "organisation": session.organisation_name(one.organisation),
                "actor": one.actor,
                "record": one.record,
                "kind": session.kind(split_record_id(one.record)[1]).label,
                "short": split_record_id(one.record)[2][:8],
                "why": one.why.replace("_", " "),
            }
            for one in views_of(session, _MOST + 1)
        ]
    values = {"lines": lines[:_MOST], "most": _MOST, "more": len(lines) > _MOST}
    return render(request, "rights/seen.html", values)
