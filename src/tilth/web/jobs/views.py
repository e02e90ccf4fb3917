"""Pages of a person's own work: what waits, what is at work, what came of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from tilth.core.problems import Problem, Refused
from tilth.service.positions import position_at
from tilth.web.jobs.forms import AccountAtForm
from tilth.web.jobs.models import Job
from tilth.web.jobs.queue import KINDS, Kind, cancel, interrupt_lost, jobs_of, retry, start
from tilth.web.ledger import desk
from tilth.web.people.models import Member

__all__ = ["again", "ask_account", "end", "listed", "part", "rows", "show"]

_LOOK_S = 2
"""Seconds between two looks of a page at work that is not over."""


def _member(request: HttpRequest) -> Member:
    member: Member | None = getattr(request, "member", None)
    if member is None:
        raise Refused(Problem("not_signed_in"))
    return member


def _own(request: HttpRequest, number: int) -> Job:
    interrupt_lost()
    found = Job.objects.filter(pk=number, member=_member(request)).first()
    if found is None:
        raise Refused(Problem("not_readable", str(number)))
    return found


def _line(one: Job) -> dict[str, Any]:
    kind = KINDS.get(one.kind, Kind(one.kind, dict))
    return {
        "job": one,
        "title": kind.title,
        "about": kind.about(one.params),
        "template": kind.template if one.state == "done" else "",
        "look_s": _LOOK_S,
    }


def _list(request: HttpRequest) -> dict[str, Any]:
    lines = [_line(one) for one in jobs_of(_member(request))]
    return {"lines": lines, "active": any(one["job"].active for one in lines), "look_s": _LOOK_S}


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Work that the reader asked for, newest first, and the form for an account of earlier."""
    form = AccountAtForm(initial={"known": request.GET.get("known", "")})
    return render(request, "jobs/list.html", {**_list(request), "form": form})


@require_GET
def rows(request: HttpRequest) -> HttpResponse:
    """The rows of the list alone; the page asks for them while something is not over."""
    return render(request, "jobs/rows.html", _list(request))


@require_GET
def show(request: HttpRequest, number: int) -> HttpResponse:
    """One piece of work."""
    return render(request, "jobs/job.html", _line(_own(request, number)))


@require_GET
def part(request: HttpRequest, number: int) -> HttpResponse:
    """How far it is, alone; the page asks for it while it is not over."""
    return render(request, "jobs/part.html", _line(_own(request, number)))


@require_POST
def end(request: HttpRequest, number: int) -> HttpResponse:
    """Cancel."""
    cancel(_member(request), number)
    return redirect("jobs:show", number)


@require_POST
def again(request: HttpRequest, number: int) -> HttpResponse:
    """Ask once more for what was not done."""
    retry(_member(request), number)
    return redirect("jobs:show", number)


@require_POST
def ask_account(request: HttpRequest) -> HttpResponse:
    """Ask for the account as known at an earlier time."""
    form = AccountAtForm(request.POST)
    problems: tuple[Problem, ...] = ()
    if form.is_valid():
        known, until = form.cleaned_data["known"].strip(), form.cleaned_data["until"]
        try:
            with desk(request) as session:
                position_at(session, known)  # what cannot be read is said now, not later
            made = start(request, "account_at", known_at=known, until=until)
            return redirect("jobs:show", made.pk)
        except Refused as refused:
            problems = refused.problems
    values = {**_list(request), "form": form, "problems": problems}
    return render(request, "jobs/list.html", values, status=422)


# the page asks by itself: that is no sign of a person who is still there
rows.asks_alone = True  # type: ignore[attr-defined]
part.asks_alone = True  # type: ignore[attr-defined]
