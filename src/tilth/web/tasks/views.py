"""Pages of tasks and teams."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tilth.core.kinds.catalogue import CODELISTS
from tilth.core.problems import Problem, Refused
from tilth.core.roles import allows
from tilth.service import permits, task_pages, tasks
from tilth.service.session import Session
from tilth.web.frame.cut import page_cut
from tilth.web.frame.words import MOVES, STATES
from tilth.web.ledger import desk

__all__ = ["board", "gate", "move", "task", "teams"]

SOON_DAYS = 30


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Tasks by state, what each waits for and what stands in the way."""
    asked = request.GET
    states = [one for one in asked.getlist("state") if one in task_pages.STATES]
    cut = page_cut(request)
    page = asked.get("page", "1")
    with desk(request) as session:
        found = task_pages.board_page(
            session,
            states=states,
            organisation=cut.organisations[0] if len(cut.organisations) == 1 else "",
            text=asked.get("q", ""),
            page=int(page) if page.isdecimal() else 1,
            day=cut.until,
        )
        soon = task_pages.endings(session, SOON_DAYS)
        may_order = session.roles is None or allows(session.roles, "record", "task")
    values = {
        "board": found,
        "states": STATES,
        "tabs": [(state, STATES[state], n) for state, n in found.counts.items()],
        "chosen": states,
        "next_words": MOVES,
        "soon": soon,
        "soon_days": SOON_DAYS,
        "text": asked.get("q", ""),
        "may_order": may_order,
    }
    return render(request, "tasks/board.html", values)


@require_GET
def teams(request: HttpRequest) -> HttpResponse:
    """Teams, and what ends soon for them."""
    with desk(request) as session:
        found = task_pages.teams(session, page_cut(request).until)
        soon = task_pages.endings(session, 90)
    return render(request, "tasks/teams.html", {"teams": found, "soon": soon})


@require_GET
def task(request: HttpRequest, name: str) -> HttpResponse:
    """One task: its order, its gates, what was done, what may be done now."""
    return _task(request, name)


def _task(
    request: HttpRequest, name: str, problems: tuple[Problem, ...] = (), wish: str = ""
) -> HttpResponse:
    with desk(request) as session:
        found = task_pages.task_page(session, name, day=page_cut(request).until)
        overridable = [one for one in problems if one.code not in NEVER]
    values = {
        "task": found,
        "states": STATES,
        "move_words": MOVES,
        "causes": CODELISTS["status_cause"].codes,
        "problems": problems,
        "overridable": sorted({one.code for one in overridable}),
        "wished": wish,
        "typed": request.POST,
    }
    return render(request, "tasks/task.html", values, status=422 if problems else 200)


NEVER = frozenset(
    {"move_not_possible", "not_permitted", "role_not_permitted", "reason_missing", "bad_day"}
)
"""Problems of permission, order or typing: no reason gets past them."""


@require_POST
def move(request: HttpRequest, name: str) -> HttpResponse:
    """Move a task; what stands in the way is told rule by rule, and nothing typed is lost."""
    form = request.POST
    wish = tasks.MoveWish(
        reason=form.get("reason", ""),
        cause=form.get("cause", ""),
        on=form.get("on", ""),
        override=form.getlist("override"),
    )
    chosen = form.get("move", "")
    try:
        with desk(request) as session:
            moved = tasks.move_task(session, name, chosen, wish)
    except Refused as refused:
        return _task(request, name, refused.problems, chosen)
    said = _("Done: {before} → {after}. A mistake is put right by moving it back with a reason.")
    words = {
        "before": STATES.get(moved.from_state, moved.from_state),
        "after": STATES.get(moved.to_state, moved.to_state),
    }
    messages.success(request, said.format(**words))
    return redirect("tasks:task", name=moved.task)


@require_GET
def gate(request: HttpRequest) -> HttpResponse:
    """Ask whether a team may do a piece of work, and what would open the gate."""
    asked = request.GET
    problems: tuple[Problem, ...] = ()
    answered = False
    with desk(request) as session:
        if asked.get("team"):
            answered = True
            problems = _asked(session, request)
        known = task_pages.teams(session)
    values = {
        "teams": known,
        "activities": CODELISTS["activity"].codes,
        "methods": CODELISTS["method"].codes,
        "asked": asked,
        "chosen_methods": asked.getlist("method"),
        "answered": answered,
        "problems": problems,
    }
    return render(request, "tasks/gate.html", values)


def _asked(session: Session, request: HttpRequest) -> tuple[Problem, ...]:
    asked = request.GET
    question = permits.Question(
        team=asked.get("team", ""),
        activity=asked.get("activity", ""),
        methods=asked.getlist("method"),
        organisation=asked.get("organisation", ""),
        day=asked.get("day", ""),
    )
    try:
        return tuple(permits.ask_gate(session, question))
    except Refused as refused:
        return refused.problems
