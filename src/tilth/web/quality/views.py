"""Pages of quality."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from tilth.core.problems import Problem, Refused
from tilth.service import quality, recalling
from tilth.service.quality_pages import quality_page
from tilth.web.frame.words import STATES
from tilth.web.ledger import desk

__all__ = ["home", "move", "recall"]

_MOVES = {"act": quality.act_on, "close": quality.close, "reopen": quality.reopen}


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What quality waits for."""
    return _home(request)


def _home(
    request: HttpRequest, problems: tuple[Problem, ...] = (), about: str = ""
) -> HttpResponse:
    with desk(request) as session:
        page = quality_page(session, closed="closed" in request.GET)
    values = {
        "page": page,
        "closed": "closed" in request.GET,
        "problems": problems,
        "overridable": sorted({one.code for one in problems if one.code in OVERRIDABLE}),
        "about": about,
        "typed": request.POST,
    }
    return render(request, "quality/home.html", values, status=422 if problems else 200)


OVERRIDABLE = frozenset({"closes_own_action"})
"""Rules of these moves that a reason gets past; it stays a finding for ever."""


@require_POST
def move(request: HttpRequest, name: str) -> HttpResponse:
    """Move a nonconformity; nothing typed is lost when it is refused."""
    form = request.POST
    wish = quality.MoveWish(
        reason=form.get("reason", ""), on=form.get("on", ""), override=form.getlist("override")
    )
    act = _MOVES.get(form.get("move", ""))
    try:
        if act is None:
            params = {"move": form.get("move", ""), "state": "", "moves": ", ".join(_MOVES)}
            raise Refused(Problem("move_not_possible", name, params))
        with desk(request) as session:
            moved = act(session, name, wish)
    except Refused as refused:
        return _home(request, refused.problems, name)
    said = _("Done: {before} → {after}.")
    words = {
        "before": STATES.get(moved.from_state, moved.from_state),
        "after": STATES.get(moved.to_state, moved.to_state),
    }
    messages.success(request, said.format(**words))
    return redirect("quality:home")


@require_POST
def recall(request: HttpRequest, statement: str) -> HttpResponse:
    """Decide about every area of a recall."""
    form = request.POST
    upheld = [name for name in form.getlist("area") if form.get(f"is-{name}") == "uphold"]
    lifted = [name for name in form.getlist("area") if form.get(f"is-{name}") == "lift"]
    try:
        with desk(request) as session:
            decided = recalling.decide(
                session, statement, uphold=upheld, lift=lifted, reason=form.get("reason", "")
            )
    except Refused as refused:
        return _home(request, refused.problems, statement)
    count = len(decided.upheld)
    said = ngettext(
        "Decided: {count} area is revoked and remains again, {lifted} stand.",
        "Decided: {count} areas are revoked and remain again, {lifted} stand.",
        count,
    )
    messages.success(request, said.format(count=count, lifted=len(decided.lifted)))
    return redirect("quality:home")
