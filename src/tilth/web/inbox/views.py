"""The list of what waits, and one report beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from tilth.core.problems import Problem, Refused
from tilth.core.waiting import REPORTS, STATES
from tilth.service import inbox
from tilth.service.inbox import Filter
from tilth.service.inbox_acts import acts_offered
from tilth.service.inbox_checks import checks
from tilth.service.inbox_ground import near
from tilth.service.inbox_look import look, versions
from tilth.service.lens import Lens
from tilth.service.records import name_record
from tilth.service.session import Session
from tilth.web.frame.refusals import status_of
from tilth.web.inbox.asked import address, filter_of, marked, pairs, set_marked, tokens
from tilth.web.ledger import desk

__all__ = ["around", "checked", "listed", "mark", "name"]


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """What waits; with ``s`` one report beside it, and with ``part=pane`` that report alone."""
    wanted, statement = filter_of(request.GET), request.GET.get("s", "")
    problems: tuple[Problem, ...] = ()
    with desk(request) as session:
        lens = Lens(session)
        if request.GET.get("part") == "pane":
            return render(request, "inbox/report.html", _report(session, lens, wanted, statement))
        try:
            values = _list(session, lens, wanted, request.GET.get("after", ""))
        except Refused as refused:
            problems, wanted = refused.problems, Filter()
            values = _list(session, lens, wanted, "")
        if statement:
            try:
                values |= _report(session, lens, wanted, statement)
            except Refused as refused:
                problems += refused.problems
    chosen = marked(request)
    for row in values["rows"]:
        row["is_marked"] = row["row"].line.statement in chosen
    values |= {"problems": problems, "marked": len(chosen), "wanted": wanted}
    status = status_of(Refused(*problems)) if problems else 200
    return render(request, "inbox/list.html", values, status=status)


def _list(session: Session, lens: Lens, wanted: Filter, after: str) -> dict[str, Any]:
    counts = inbox.counts(session, lens, wanted)
    page = inbox.waiting(session, lens, wanted, after)
    names = {one.id: one.name for one in session.workspace.settings.organisations}
    labels = {name: kind.label for name, kind in session.kinds.items()}
    query = pairs(wanted)
    return {
        "counts": counts,
        "page": page,
        "rows": [
            {
                "row": row,
                "label": labels.get(row.line.kind, row.line.kind),
                "href": address(wanted, after=after, s=row.line.statement),
                "token": f"{row.line.statement}.{row.line.state}",
            }
            for row in page.rows
        ],
        "tabs": [
            (state, counts.states.get(state, 0), address(replace(wanted, state=state)))
            for state in STATES
        ],
        "all_count": sum(counts.states.values()),
        "all_href": address(replace(wanted, state="")),
        "mine_href": address(Filter(turn="mine")),
        "kinds": sorted(
            ((name, labels.get(name, name), n) for name, n in counts.kinds.items()),
            key=lambda one: (one[0] not in REPORTS, -one[2]),
        ),
        "reports": REPORTS,
        "organisations": sorted(
            (names.get(one, one), one, n) for one, n in counts.organisations.items()
        ),
        "sorts": inbox.SORTS,
        "query": query,
        "is_filtered": bool(query.keys() - {"state", "sort", "turn"}),
        "next_after": page.after,
        "before_after": page.before,
        "after": after,
        "acts": acts_offered(session),
        "is_authority": session.own == session.authority,
        "clear_href": address(Filter()),
    }


def _report(session: Session, lens: Lens, wanted: Filter, statement: str) -> dict[str, Any]:
    found = look(session, lens, statement)
    return {
        "look": found,
        "back": address(wanted),
        "wanted": wanted,
        "may_name": found.row is not None and session.own == session.authority,
        "newest_href": address(wanted, s=found.newest) if found.newest else "",
    }


@require_POST
def mark(request: HttpRequest) -> HttpResponse:
    """Remember which rows of a page are marked, then go on where ``go`` says."""
    shown = tokens(request.POST.getlist("shown"))
    here = tokens(request.POST.getlist("mark"))
    chosen = {name: state for name, state in marked(request).items() if name not in shown} | here
    if request.POST.get("go") == "clear":
        chosen = {}
    set_marked(request, chosen)
    if "HX-Request" in request.headers:
        return render(request, "inbox/marked.html", {"marked": len(chosen)})
    wanted = filter_of(request.POST)
    go = request.POST.get("go", "")
    after = go.removeprefix("after:") if go.startswith("after:") else request.POST.get("after", "")
    return redirect(address(wanted, after=after))


@require_GET
def checked(request: HttpRequest, statement: str) -> HttpResponse:
    """What the checks say of a report."""
    with desk(request) as session:
        lens = Lens(session)
        found = look(session, lens, statement)
        told = checks(session, lens, [one.statement for one in found.seen] or [statement])
    values = {
        "look": found,
        "failed": [one for one in told if one.state == "failed"],
        "noticed": [one for one in told if one.state == "noticed"],
        "passed": [one for one in told if one.state == "passed"],
    }
    return _part(request, "inbox/checks.html", values)


@require_GET
def around(request: HttpRequest, statement: str) -> HttpResponse:
    """The ground of a report beside the records that it touches."""
    with desk(request) as session:
        lens = Lens(session)
        found = look(session, lens, statement)
        now, before = versions(session, lens, found)
        ground = near(session, lens, found.record, now, before)
    return _part(request, "inbox/around.html", {"look": found, "near": ground})


def _part(request: HttpRequest, template: str, values: dict[str, Any]) -> HttpResponse:
    """A part of a report, or, without JavaScript, a page that holds it."""
    if "HX-Request" in request.headers:
        return render(request, template, values)
    return render(request, "inbox/part.html", {**values, "part": template})


@require_POST
def name(request: HttpRequest, statement: str) -> HttpResponse:
    """Give the record of a report a national id."""
    given = request.POST.get("national_id", "")
    with desk(request) as session:
        lens = Lens(session)
        found = look(session, lens, statement)
        try:
            name_record(session, found.record, given)
        except Refused as refused:
            values = {"problems": refused.problems, "given": given}
            values |= _report(session, lens, Filter(), statement)
            return render(request, "inbox/one.html", values, status=status_of(refused))
    return redirect(address(Filter(), s=statement))
