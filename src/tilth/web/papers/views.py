"""Pages of documents."""

from __future__ import annotations

from dataclasses import asdict

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tilth.core.problems import Problem, Refused
from tilth.core.roles import allows
from tilth.service import papers
from tilth.service.paper_values.registry import KINDS_OF_DOCUMENT
from tilth.web.frame.words import DOCUMENT_STATES, DOCUMENTS
from tilth.web.jobs import queue
from tilth.web.ledger import desk, public_desk

__all__ = ["check", "fetch", "home", "make"]

ABOUT_ALL = frozenset({"situation_report", "operation_completion_report"})
"""Documents that collect the whole operation and are set by the worker."""
PER_PAGE = 50


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Documents issued, newest first, with what became of each."""
    asked = request.GET
    with desk(request) as session:
        found = papers.documents(session)
        may_make = session.roles is None or allows(session.roles, "record", "document")
    kind, state = asked.get("type", ""), asked.get("state", "")
    text = asked.get("q", "").strip().casefold()
    lines = [
        one
        for one in found
        if (not kind or one.document == kind)
        and (not state or one.state == state)
        and (not text or text in f"{one.subject} {one.code}".casefold())
    ]
    number = asked.get("page", "1")
    pages = max(1, -(-len(lines) // PER_PAGE))
    page = min(max(int(number) if number.isdecimal() else 1, 1), pages)
    values = {
        "lines": [
            {**asdict(one), "slug": one.code.replace("-", "")}
            for one in lines[(page - 1) * PER_PAGE : page * PER_PAGE]
        ],
        "total": len(lines),
        "any": bool(found),
        "page": page,
        "pages": pages,
        "words": DOCUMENTS,
        "states": DOCUMENT_STATES,
        "may_make": may_make,
        "asked": asked,
    }
    return render(request, "papers/home.html", values)


@require_http_methods(["GET", "POST"])
def make(request: HttpRequest) -> HttpResponse:
    """Choose a document and issue it."""
    asked = request.POST if request.method == "POST" else request.GET
    wish = {
        "document": asked.get("type", ""),
        "subject": asked.get("subject", "").strip(),
        "language": asked.get("language", "") or get_language() or "en",
        "level": asked.get("level", ""),
        "until": asked.get("until", ""),
    }
    problems: tuple[Problem, ...] = ()
    if request.method == "POST":
        try:
            return _made(request, wish)
        except Refused as refused:
            problems = refused.problems
    values = {
        "wish": wish,
        "problems": problems,
        "kinds": [
            (name, DOCUMENTS.get(name, name), KINDS_OF_DOCUMENT[name].about)
            for name in KINDS_OF_DOCUMENT
        ],
    }
    return render(request, "papers/make.html", values, status=422 if problems else 200)


def _made(request: HttpRequest, wish: dict[str, str]) -> HttpResponse:
    if wish["document"] in ABOUT_ALL:
        with desk(request) as session:
            session.require_role("record", "document")
        started = queue.start(request, "document", **wish)
        return redirect("jobs:show", number=started.pk)
    with desk(request) as session:
        issued = papers.issue(session, **wish)
    said = (
        _("Issued with the code {code}.")
        if issued.new
        else _("Nothing it says has changed: this is the earlier one, with its code {code}.")
    )
    messages.success(request, said.format(code=issued.code))
    return redirect(f"{reverse('papers:list')}?q={issued.code}")


@require_GET
def fetch(request: HttpRequest, code: str) -> HttpResponse:
    """A document as PDF, made again from its kept value in the language asked for."""
    with desk(request) as session:
        issued = papers.again(session, code, request.GET.get("language", ""))
    response = HttpResponse(issued.pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{issued.code}-{issued.language}.pdf"'
    return response


@login_not_required
@require_GET
def check(request: HttpRequest) -> HttpResponse:
    """Say what became of the document with a code: for anybody who holds the paper."""
    code = request.GET.get("code", "").strip()[:60]
    problems: tuple[Problem, ...] = ()
    found = None
    if code:
        try:
            with public_desk() as session:
                found = papers.check(session, code)
        except Refused as refused:
            problems = refused.problems
    values = {
        "code": code,
        "found": found,
        "word": DOCUMENTS.get(found.document, found.document) if found else "",
        "state": DOCUMENT_STATES.get(found.state, found.state) if found else "",
        "problems": problems,
    }
    return render(request, "papers/check.html", values, status=422 if problems else 200)
