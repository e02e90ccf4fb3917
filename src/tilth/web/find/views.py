"""The search page, its quick answer, and the options of a field that names records."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tilth.service.lens import Lens
from tilth.service.search import Found, find
from tilth.web.frame.cut import page_cut
from tilth.web.ledger import desk

__all__ = ["options", "results"]

_EACH, _ALONE, _OFFERED = 6, 40, 12


@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """Hits by kind; of one kind page by page. With ``?part=quick`` the best few."""
    text = request.GET.get("q", "")[:200]
    kind = request.GET.get("kind", "")[:60]
    page = _page(request.GET.get("page", ""))
    limit = _ALONE if kind else _EACH
    with desk(request) as session:
        found = find(
            session,
            Lens(session),
            text,
            kinds=(kind,) if kind else (),
            limit=limit,
            skip=(page - 1) * limit if kind else 0,
        )
    if request.GET.get("part") == "quick":
        return render(request, "find/quick.html", {"found": found})
    called = _called(found) if not kind and "all" not in request.GET else []
    if len(called) == 1:  # what was typed is the id of one record: it is opened at once
        query = page_cut(request).query()
        address = reverse("record:show", args=called)
        return redirect(f"{address}?{query}" if query else address)
    last = found.groups[0].total > page * limit if kind and found.groups else False
    value = {
        "found": found,
        "kind": kind,
        "page_number": page,
        "next": page + 1 if last else 0,
        "check_url": _check_of(found.document),
    }
    return render(request, "find/results.html", value)


def _check_of(code: str) -> str:
    """Address of the check of a document; empty without a code."""
    return f"{reverse('papers:check')}?{urlencode({'code': code})}" if code else ""


def _called(found: Found) -> list[str]:
    """Records whose id is what was typed."""
    text = found.text.casefold()
    hits = [hit for group in found.groups for hit in group.hits]
    return [hit.record for hit in hits if text in (hit.local_id.casefold(), hit.record)]


def _page(text: str) -> int:
    return min(1_000, max(1, int(text))) if text.isdecimal() and len(text) < 5 else 1


@require_safe
def options(request: HttpRequest) -> HttpResponse:
    """Options of a field that names a record, as one types; only readable ones are offered."""
    kinds = tuple(one for one in request.GET.getlist("kind") if one)[:10]
    text = next((request.GET[one] for one in request.GET if one.startswith("f-")), "")
    text = (request.GET.get("q") or text).rsplit(";", 1)[-1].strip()[:200]
    with desk(request) as session:
        found = find(session, Lens(session), text, kinds=kinds, limit=_OFFERED)
    hits = [hit for group in found.groups for hit in group.hits][:_OFFERED]
    return render(request, "find/options.html", {"hits": hits})
