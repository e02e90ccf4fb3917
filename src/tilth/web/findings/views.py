"""The work list of findings: filtered, explained, taken away."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tilth.core import roles
from tilth.core.finding_weights import WEIGHTS
from tilth.core.problems import Problem, Refused
from tilth.service import finding_desk
from tilth.service.finding_desk import STATES, Ask
from tilth.service.findings import findings_csv, findings_geojson
from tilth.web.frame.refusals import status_of
from tilth.web.ledger import desk

__all__ = ["as_csv", "as_geojson", "explain", "listed"]

PER_PAGE = 50
_AGES = (7, 30, 90, 180)


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """The list; asked for by htmx, the part below the filters alone."""
    return _page(request, request.GET)


@require_POST
def explain(request: HttpRequest) -> HttpResponse:
    """Say why a finding stands; what was typed comes back where that is refused."""
    said = {name: request.POST.get(name, "") for name in ("code", "record", "other", "reason")}
    back = request.POST.get("back", "")
    try:
        with desk(request) as session:
            finding_desk.explain(session, **said)
    except Refused as refused:
        query = QueryDict(back)
        return _page(request, query, said, refused.problems, status_of(refused))
    messages.success(request, _("Said why it stands; say it again to correct it."))
    target = f"{reverse('findings:list')}?{back}"
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()})
    return redirect(target if safe else reverse("findings:list"))


def _page(
    request: HttpRequest,
    query: QueryDict,
    said: dict[str, str] | None = None,
    problems: tuple[Problem, ...] = (),
    status: int = 200,
) -> HttpResponse:
    ask, page = _ask(query), _page_number(query)
    language = get_language() or "en"
    with desk(request) as session:
        found = finding_desk.work_list(session, ask, language, page=page, per_page=PER_PAGE)
        may_return = roles.allows(session.roles, "return", roles.DECISION)
    values: dict[str, Any] = {
        "ask": ask,
        "found": found,
        "page": page,
        "query": _query(ask),
        "back": _query(ask, page),
        "said": said or {},
        "problems": problems,
        "may_return": may_return,
        "ages": _AGES,
        "weights": WEIGHTS,
    }
    if found is not None:
        values |= {
            "first": (page - 1) * PER_PAGE + 1,
            "last": (page - 1) * PER_PAGE + len(found.lines),
            "before": f"?{_query(ask, page - 1)}" if page > 1 else "",
            "after": f"?{_query(ask, page + 1)}" if page * PER_PAGE < found.total else "",
            "codes": [(code, code.replace("_", " "), n) for code, n in found.codes.items()],
            "owners": [(id_, found.names.get(id_, id_), n) for id_, n in found.owners.items()],
            "states": [(state, found.states.get(state, 0)) for state in STATES],
        }
    part = request.headers.get("HX-Target") == "findings-list"
    template = "findings/rows.html" if part else "findings/list.html"
    return render(request, template, values, status=status)


def _ask(query: QueryDict) -> Ask:
    """Question of an address; what cannot be read is left out."""
    days = query.get("days", "")
    state, weight = query.get("state", "open"), query.get("weight", "")
    return Ask(
        code=query.get("code", "")[:80],
        owner=query.get("owner", "")[:80],
        weight=weight if weight in WEIGHTS else "",
        state=state if state in STATES else "",
        days=int(days) if days.isdecimal() and len(days) < 5 else 0,
        record=query.get("record", "")[:200],
    )


def _page_number(query: QueryDict) -> int:
    text = query.get("page", "1")
    return max(1, int(text)) if text.isdecimal() and len(text) < 7 else 1


def _query(ask: Ask, page: int = 1) -> str:
    """Address query of a question; what is as usual is left out."""
    pairs = {
        "code": ask.code,
        "owner": ask.owner,
        "weight": ask.weight,
        "state": "" if ask.state == "open" else ask.state or "all",
        "days": ask.days or "",
        "record": ask.record,
        "page": page if page > 1 else "",
    }
    return urlencode({name: value for name, value in pairs.items() if value})


@require_GET
def as_csv(request: HttpRequest) -> HttpResponse:
    """Everything that matches and may be read, as a table to send back to the operator."""
    with desk(request) as session:
        found = finding_desk.export(session, _ask(request.GET), get_language() or "en")
    return _file(findings_csv(found).encode(), "text/csv; charset=utf-8", "findings.csv")


@require_GET
def as_geojson(request: HttpRequest) -> HttpResponse:
    """The same with its ground, as far as the person may know where it is."""
    with desk(request) as session:
        found = finding_desk.export(session, _ask(request.GET), get_language() or "en")
        synthetic = session.workspace.settings.synthetic
    value = {**findings_geojson(found), "synthetic": synthetic}
    return _file(msgspec.json.encode(value), "application/geo+json", "findings.geojson")


def _file(data: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
