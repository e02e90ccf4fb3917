"""The operation page and what it asks for on its own."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from tilth.core.problems import Problem, Refused
from tilth.core.roles import allows
from tilth.service import accounting, origins
from tilth.service.face import read_face, statements_since
from tilth.service.lens import Lens
from tilth.text.accounts import closure_line, is_closed
from tilth.text.figures import LEVELS
from tilth.text.language import say_in
from tilth.web.frame.cut import Cut, page_cut
from tilth.web.ledger import desk
from tilth.web.operation import picture
from tilth.web.operation.curves import TERMS
from tilth.web.operation.models import arrive
from tilth.web.origins.tables import as_csv
from tilth.web.origins.words import task_state_word
from tilth.web.people.middleware import asks_alone

__all__ = ["account_table", "fresh", "home", "organisation_table"]


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The operation: land, items, organisations, what waits, what changed since the last visit."""
    cut = page_cut(request)
    member = request.member  # type: ignore[attr-defined]
    problems: tuple[Problem, ...] = ()
    with desk(request) as session:
        roles = session.roles or frozenset()
        try:
            shown = picture.gather(session, cut)
        except Refused as refused:
            problems = refused.problems
            shown = picture.gather(session, Cut(cut.level))
        overview = read_face(session, "overview") or {}
        visit = arrive(member, int(overview.get("position", 0)), timezone.now())
        since = picture.news(session, visit.since, shown.level, Lens(session))
    drawn = Cut(cut.level) if problems else cut
    values = {
        "shown": shown,
        "shown_level": shown.level,
        "account": shown.account,
        "stand": _stand(shown),
        "problems": problems,
        "not_kept": any(one.code == "not_counted_yet" for one in problems),
        "land": picture.land_values(shown, drawn),
        "items": picture.item_values(shown, drawn),
        "organisations": picture.organisation_values(shown, drawn),
        "waits": _waits(shown),
        "tasks": _tasks(shown),
        "since": since,
        "since_at": visit.since_at,
        "first_steps": _first_steps(roles),
        "terms": [(name, term.word) for name, term in TERMS.items()],
        "curve_levels": [
            (name, LEVELS[name].mark) for name in ("reported", "verified", "approved")
        ],
        "drawn": drawn,
        "query": drawn.query(),
        **_closing(shown, request),
    }
    return render(request, "operation/home.html", values)


def _stand(shown: picture.Picture) -> dict[str, Any]:
    """Level and day, for figures beside one that says everything."""
    known = shown.account or {}
    return {name: known[name] for name in ("level", "until") if name in known}


def _closing(shown: picture.Picture, request: HttpRequest) -> dict[str, Any]:
    if shown.account is None:
        return {}
    say = say_in(getattr(request, "LANGUAGE_CODE", "en"))
    return {"closes": is_closed(shown.account), "closing": closure_line(shown.account, say)}


def _address(name: str, query: str = "") -> str:
    """Address of a page, empty while it is not there."""
    try:
        return f"{reverse(name)}{query}"
    except NoReverseMatch:
        return ""


_INBOX = {
    "verify": "submitted",
    "approve": "verified",
    "returned": "returned",
    "contested": "contested",
}
"""What waits, and the state under which the inbox lists it."""


def _waits(shown: picture.Picture) -> list[dict[str, Any]]:
    """What waits for somebody: a key for its word, how many, m², and where it is worked on."""
    rows: list[dict[str, Any]] = []
    for key, state in _INBOX.items():
        one = shown.waiting.get(key)
        if one:
            rows.append(
                {
                    "key": key,
                    "count": one["records"],
                    "m2": one["m2"],
                    "address": _address("inbox:list", f"?state={state}"),
                }
            )
    if "open" in shown.findings:
        rows.append(
            {
                "key": "findings",
                "count": shown.findings["open"],
                "m2": None,
                "address": _address("findings:list"),
            }
        )
    ending = shown.work.get("ending")
    if ending is not None:
        rows.append(
            {"key": "ending", "count": len(ending), "m2": None, "address": _address("tasks:board")}
        )
    return rows


def _tasks(shown: picture.Picture) -> dict[str, Any]:
    work = shown.work
    return {
        "states": [
            (state, task_state_word(state), n)
            for state, n in sorted((work.get("tasks") or {}).items(), key=lambda one: -one[1])
        ],
        "contested": work.get("tasks_contested", 0),
        "teams": work.get("teams", ()) if shown.may_compare else (),
        "team_count": sum(one["count"] for one in work.get("teams", ())),
        "days": work.get("ending_days", 0),
        "address": _address("tasks:board"),
    }


def _first_steps(roles: frozenset[str]) -> str:
    """Where an operation without any record begins, for who may begin it."""
    if allows(roles, "import", "hazard_area") or allows(roles, "record", "hazard_area"):
        return _address("importing:home")
    return ""


@require_GET
@asks_alone
def fresh(request: HttpRequest) -> HttpResponse:
    """How old the figures are; where newer ones are counted, what shows them."""
    seen = request.GET.get("seq", "0")
    with desk(request) as session:
        overview = read_face(session, "overview")
        newer = statements_since(session, overview)
    counted = int(overview["seq"]) if overview else 0
    values = {
        "newer": newer,
        "seq": counted,
        "received_at": overview["received_at"] if overview else "",
        "renew": str(counted) != seen,
        "query": page_cut(request).query(),
    }
    return render(request, "operation/_fresh.html", values)


@require_GET
def account_table(request: HttpRequest) -> HttpResponse:
    """Every term of both accounts at every level, exact."""
    cut = page_cut(request)
    with desk(request) as session:
        if cut.place:
            shown = {cut.level or "approved": picture.gather(session, cut).account or {}}
        else:
            at = origins.kept_position(session, cut.known_at)
            question = accounting.Question(cut.until, f"position:{at.receipts}")
            shown = dict(accounting.accounts(session, question, list(LEVELS)))
        synthetic = session.workspace.settings.synthetic
    rows: list[list[Any]] = []
    for level, one in shown.items():
        head = [level, one["until"], one["known_at"], cut.place]
        for name, value in one["land"].items():
            if isinstance(value, int | float):
                rows.append([*head, "land", name.removesuffix("_m2"), repr(float(value)), "m2"])
        for name, value in one["items"].items():
            if isinstance(value, int):
                rows.append([*head, "items", name, value, "pieces"])
    heading = ["level", "until", "known_at", "place", "account", "term", "value", "unit"]
    return as_csv("account", heading, rows, synthetic)


@require_GET
def organisation_table(request: HttpRequest) -> HttpResponse:
    """Organisations side by side, exact, as far as the reader may compare them."""
    cut = page_cut(request)
    with desk(request) as session:
        shown = picture.gather(session, cut)
        synthetic = session.workspace.settings.synthetic
    until = shown.account["until"] if shown.account else ""
    rows = [
        [
            row["organisation"],
            shown.level,
            until,
            *(repr(float(row.get(f"{key}_m2", 0.0))) for key in picture.LAND[:3]),
            *((row.get("items") or {}).get(key, 0) for key in ("found", "unaccounted")),
        ]
        for row in shown.organisations
    ]
    heading = ["organisation", "level", "until", "cleared_m2", "reduced_m2", "cancelled_m2"]
    return as_csv("organisations", [*heading, "found", "unaccounted"], rows, synthetic)
