"""From rows that were marked to a decision: frozen, explained, confirmed, and taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from tilth.core.chains import LEVELS
from tilth.core.problems import Problem, Refused
from tilth.service import frozen
from tilth.service.frozen import Examined, Frozen
from tilth.service.guarding import HARD
from tilth.service.inbox import Filter
from tilth.service.inbox_acts import Decided, Kept, records_of, undo_decision
from tilth.service.lens import Lens
from tilth.service.session import Session
from tilth.text.messages import problem_text
from tilth.web.frame.refusals import status_of
from tilth.web.inbox.asked import (
    address,
    filter_of,
    kept_filter,
    marked,
    pairs,
    seen_of,
    set_marked,
    tokens,
)
from tilth.web.jobs.queue import start
from tilth.web.ledger import desk

__all__ = ["ask", "choice", "examine_again", "undo"]

_TOLD = 200
"""Reports of one rule that a page lists."""
_TERMS = (
    "recorded_m2",
    "extensions_m2",
    "overlaps_m2",
    "cancelled_m2",
    "reduced_m2",
    "cleared_m2",
    "remaining_m2",
)


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Freeze what is marked, the one report on the screen, or all that match; then explain it."""
    act = request.POST.get("act", "")
    scope = request.POST.get("scope", "marked")
    wanted = filter_of(request.POST)
    chosen = tokens(request.POST.getlist("mark"))
    if scope == "marked":
        shown = tokens(request.POST.getlist("shown"))
        kept = {name: state for name, state in marked(request).items() if name not in shown}
        chosen = kept | chosen
        set_marked(request, chosen)
    try:
        with desk(request) as session:
            lens = Lens(session)
            seen = wanted if scope == "all" else seen_of(_readable(session, lens, chosen), chosen)
            made = frozen.freeze(session, lens, act, seen)
            small = len(made.statements) <= frozen.SMALL
            if small:
                made = frozen.examine(session, made.id)
    except Refused as refused:
        values = {"problems": refused.problems, "back": address(wanted)}
        return render(request, "inbox/refused.html", values, status=status_of(refused))
    query = {} if small else {"job": str(start(request, "inbox_examine", name=made.id).pk)}
    if reason := request.POST.get("reason", "")[:2_000]:
        request.session[f"inbox_reason_{made.id}"] = reason
    return redirect(_choice(made.id, **query))


def _readable(session: Session, lens: Lens, chosen: Collection[str]) -> dict[str, str]:
    """Record of each statement that the reader may read; others are as if they were not there."""
    found = records_of(session, chosen)
    readable = lens.readable(found.values())
    return {statement: record for statement, record in found.items() if record in readable}


def _choice(name: str, **query: str) -> str:
    found = "&".join(f"{key}={value}" for key, value in query.items())
    return f"{reverse('inbox:choice', args=[name])}{'?' if found else ''}{found}"


@require_http_methods(["GET", "POST"])
def choice(request: HttpRequest, name: str) -> HttpResponse:
    """A frozen list: what deciding on it would move; confirmed by sending the form."""
    if request.method == "POST":
        return _confirm(request, name)
    with desk(request) as session:
        found = frozen.read_frozen(session, name)
        stale = session.workspace.store.last_seq()
    return _page(request, found, stale=stale)


def _confirm(request: HttpRequest, name: str) -> HttpResponse:
    reason, override = request.POST.get("reason", ""), request.POST.getlist("override")
    with desk(request) as session:
        found = frozen.read_frozen(session, name)
        try:
            found = frozen.confirm(session, name, reason, override)
        except Refused as refused:
            return _page(
                request,
                found,
                status=status_of(refused),
                problems=refused.problems,
                reason=reason,
                overridden=override,
            )
    done = {one.statement for one in found.decided.done} if found.decided else set()
    set_marked(request, {k: v for k, v in marked(request).items() if k not in done})
    request.session.pop(f"inbox_reason_{name}", None)
    return redirect(_choice(name))


def _page(
    request: HttpRequest, found: Frozen, *, stale: int = 0, status: int = 200, **more: Any
) -> HttpResponse:
    wanted = kept_filter(found.wanted)
    values: dict[str, Any] = {
        "choice": found,
        "count": len(found.statements),
        "statements": found.statements[:_TOLD],
        "back": address(wanted),
        "query": pairs(wanted),
        "job": request.GET.get("job", "") if found.examined is None else "",
        "reason": request.session.get(f"inbox_reason_{found.id}", ""),
        "overridden": [],
    }
    told = found.examined
    if found.decided is not None:
        values |= _outcome(found.decided)
    elif told is not None:
        values |= _foreseen(told) | {"is_stale": bool(stale) and stale != told.seq}
    values |= more
    return render(request, "inbox/choice.html", values, status=status)


def _foreseen(told: Examined) -> dict[str, Any]:
    """What a decision would move at each level, and what it would leave."""
    lands = {level: told.moves[level]["land"] for level in LEVELS if level in told.moves}
    terms = [term for term in _TERMS if any(term in land for land in lands.values())]
    return {
        "examined": told,
        "terms": terms,
        "moves": [
            (level, [land.get(term) for term in terms], told.moves[level]["pieces"])
            for level, land in lands.items()
        ],
        "rules": _by_rule(told.refused),
        "changed_since": told.changed_since,
        "already": told.decided_since,
    }


def _by_rule(refused: Iterable[Kept]) -> list[dict[str, Any]]:
    """What stands in the way, rule by rule, the commonest first."""
    found: dict[str, list[Kept]] = {}
    for one in refused:
        found.setdefault(one.problem.code, []).append(one)
    language = get_language() or "en"
    rules = sorted(found.items(), key=lambda one: (-len(one[1]), one[0]))
    return [
        {
            "code": code,
            "count": len(some),
            "kept": [(one, problem_text(one.problem, language)) for one in some[:_TOLD]],
            "more": max(0, len(some) - _TOLD),
            "overridable": code not in HARD and code not in _NOT_OVERRIDDEN,
        }
        for code, some in rules
    ]


_NOT_OVERRIDDEN = frozenset(
    {"not_permitted", "role_not_permitted", "own_statement", "choose_one", "stands_returned"}
)
"""Not rules of work: what the person may not do at all, or by another way."""


def _outcome(decided: Decided) -> dict[str, Any]:
    return {
        "decided": decided,
        "done": len(decided.done),
        "done_rows": decided.done[:_TOLD],
        "rules": _by_rule(decided.refused),
        "changed_since": decided.changed_since,
        "already": decided.already,
    }


@require_POST
def examine_again(request: HttpRequest, name: str) -> HttpResponse:
    """Find out anew what a frozen list would move, since something came in."""
    with desk(request) as session:
        found = frozen.read_frozen(session, name)
        if len(found.statements) <= frozen.SMALL:
            frozen.examine(session, name)
            return redirect(_choice(name))
    return redirect(_choice(name, job=str(start(request, "inbox_examine", name=name).pk)))


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Take a decision back, by a statement that says why."""
    reason = request.POST.get("reason", "")
    name = request.POST.get("choice", "")
    decisions = [one for one in request.POST.getlist("decision") if one.isalnum()]
    with desk(request) as session:
        try:
            if not decisions:
                raise Refused(Problem("nothing_decided", "undo"))
            count = undo_decision(session, decisions, reason)
        except Refused as refused:
            found = frozen.read_frozen(session, name)
            return _page(
                request,
                found,
                status=status_of(refused),
                undo_problems=refused.problems,
                undo_reason=reason,
            )
    messages.success(
        request,
        ngettext(
            "The decision was taken back; its reports wait again.",
            "The decisions were taken back; their reports wait again.",
            count,
        ),
    )
    return redirect(address(Filter()))
