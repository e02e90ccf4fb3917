"""Pages and drawers of how a figure came to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET

from tilth.core import merkle
from tilth.service import log_check, origin_record
from tilth.service.lens import Lens
from tilth.service.origin_steps import PAGE, RECORDS, Ask
from tilth.service.origins import FIGURES, Trace, terms_of, trace
from tilth.service.positions import Position
from tilth.web.frame.cut import Cut, page_cut
from tilth.web.ledger import desk
from tilth.web.origins.tables import as_csv
from tilth.web.origins.words import (
    act_words,
    code_word,
    cut_word,
    figure_word,
    kind_word,
    value_word,
)

__all__ = ["ask_of", "how", "record", "statement", "table"]

_MOST_STEPS = 8


def ask_of(request: HttpRequest, figure: str) -> Ask:
    """The step that an address names; place and a single organisation of the cut narrow it."""
    cut, query = page_cut(request), request.GET
    known = FIGURES.get(figure)
    of: dict[str, str] = {}
    if known is not None and cut.place and "place" in known.cuts:
        of["place"] = cut.place
    if known is not None and len(cut.organisations) == 1 and "organisation" in known.cuts:
        of["organisation"] = cut.organisations[0]
    for one in query.getlist("in")[:_MOST_STEPS]:
        by, _, key = one.partition(":")
        of[by] = key[:300]
    offset = query.get("offset", "0")
    return Ask(
        figure,
        cut.level or "approved",
        cut.until,
        cut.known_at,
        of,
        query.get("by", "")[:40],
        "key" if query.get("sort") == "key" else "value",
        min(int(offset), 10**7) if offset.isdecimal() else 0,
    )


def address(ask: Ask, of: Mapping[str, str] | None = None, **more: str | int) -> str:
    """Address of a step; what is as it is by default is left out."""
    pairs: list[tuple[str, str]] = [("level", ask.level)]
    pairs += [("until", ask.until)] if ask.until else []
    pairs += [("known", ask.known_at)] if ask.known_at else []
    pairs += [("in", f"{by}:{key}") for by, key in (ask.of if of is None else of).items()]
    pairs += [(name, str(value)) for name, value in more.items() if value not in ("", 0)]
    return f"{reverse('origins:how', args=[ask.figure])}?{urlencode(pairs)}"


@require_GET
def how(request: HttpRequest, figure: str) -> HttpResponse:
    """One step: the figure, how it was narrowed, and the rows that sum to it."""
    ask = ask_of(request, figure)
    with desk(request) as session:
        reader = Lens(session)
        found = trace(session, ask, reader)
        terms = terms_of(session, ask, reader) if found.figure.unit == "m2" else None
    values = {**_shown(ask, found), "terms": _terms(ask, terms) if terms else None}
    return _page(request, "origins/how.html", "origins/_how.html", values)


def _page(request: HttpRequest, page: str, part: str, values: dict[str, Any]) -> HttpResponse:
    in_drawer = "HX-Request" in request.headers
    values = {**values, "part": part, "in_drawer": in_drawer}
    response = render(request, part if in_drawer else page, values)
    response.headers["Vary"] = "HX-Request, Cookie, Accept-Language"
    return response


def _account(level: str, until: str, position: Position) -> dict[str, Any]:
    """What the component of a figure says of where it stands."""
    heads = [{"log": log, "size": size, "root": root} for log, size, root in position.heads]
    return {"level": level, "until": until, "known_at": position.known_at, "position": heads}


def _shown(ask: Ask, found: Trace) -> dict[str, Any]:
    """Values of the step for its template."""
    here = replace(ask, by=found.by)
    rows = [
        {
            "word": value_word(found.by, row.key, row.label),
            "value": row.value,
            "address": _below(here, row.key, found),
        }
        for row in found.rows
    ]
    steps = []
    so_far: dict[str, str] = {}
    for step in found.steps:
        so_far[step.by] = step.key
        steps.append(
            {
                "cut": cut_word(step.by),
                "word": value_word(step.by, step.key, step.label),
                "total": step.total,
                "address": address(here, so_far),
            }
        )
    return {
        "found": found,
        "unit": found.figure.unit,
        "tag_unit": "m2" if found.figure.unit == "m2" else "items",
        "figure_word": figure_word(ask.figure),
        "land_key": ask.figure if ask.figure in _KEYS else "",
        "account": _account(found.level, found.until, found.position),
        "rows": rows,
        "steps": steps,
        "by_word": cut_word(found.by) if found.by else "",
        "whole_address": address(here, {}),
        "cuts": [
            {"word": cut_word(one), "address": address(here, by=one), "here": one == found.by}
            for one in found.cuts
            if _offered(one, found)
        ],
        "is_record": found.by in RECORDS,
        "here_address": address(here, by=found.by, offset=found.offset),
        "table_address": address(here, by=found.by).replace("?", ".csv?", 1),
        "other_order": address(here, by=found.by, sort="" if ask.sort == "key" else "key"),
        "by_key": ask.sort == "key",
        "before": address(here, by=found.by, sort=_sort(ask), offset=found.offset - PAGE)
        if found.offset
        else "",
        "after": address(here, by=found.by, sort=_sort(ask), offset=found.offset + PAGE)
        if found.offset + PAGE < found.count
        else "",
        "first": found.offset + 1,
        "last": found.offset + len(rows),
    }


_KEYS = ("cleared", "reduced", "cancelled", "remaining", "reprocessed", "extension")


def _sort(ask: Ask) -> str:
    return "key" if ask.sort == "key" else ""


def _offered(cut: str, found: Trace) -> bool:
    """Reports are offered once an organisation is chosen."""
    return cut != "report" or "organisation" in found.of


_NEXT = {"place": "hazard", "classification": "hazard", "hazard": "release"}


def _below(ask: Ask, key: str, found: Trace) -> str:
    """Where a row leads: to the record where it is one, else one step further down."""
    of = {**ask.of, ask.by: key}
    works = "release" in found.figure.cuts
    if ask.by in ("release", "report") or (ask.by == "hazard" and not works):
        return record_address(key, ask)
    if found.figure.unit == "pieces":
        following = "report" if "organisation" in of and "month" in of else ""
    else:
        following = _NEXT.get(ask.by, "release" if works else "hazard")
    return address(ask, of, by=following if following in FIGURES[ask.figure].cuts else "")


def record_address(record: str, ask: Ask) -> str:
    """Address of a record's statements, as a step of a figure."""
    pairs = [("figure", ask.figure), ("level", ask.level)]
    pairs += [("in", f"{by}:{key}") for by, key in ask.of.items()]
    return f"{reverse('origins:record', args=[record])}?{urlencode(pairs)}"


def _terms(ask: Ask, terms: Any) -> dict[str, Any]:
    """The balance of the hazard: each term with its own address."""
    hazard = {"hazard": terms.hazard}
    left = ("recorded", "extensions", "overlaps")
    right = ("cancelled", "reduced", "cleared", "remaining")
    beside = ("processed", "reprocessed")

    def told(name: str) -> dict[str, Any]:
        where = address(replace(ask, figure=name), hazard)
        return {
            "key": name,
            "word": figure_word(name),
            "value": terms.terms[name],
            "address": where,
            "here": name == ask.figure,
        }

    return {
        "left": [told(name) for name in left],
        "right": [told(name) for name in right],
        "beside": [told(name) for name in beside if terms.terms[name]],
        "rings": terms.rings,
        "closure": f"{terms.closure:.1e}" if terms.closure else "",
        "closes": abs(terms.closure) <= max(1e-6, 1e-12 * terms.rings),
        "record": record_address(terms.hazard, ask),
    }


@require_GET
def table(request: HttpRequest, figure: str) -> HttpResponse:
    """Every row of a step as CSV: exact m², the level, the day and the position in each row."""
    ask = replace(ask_of(request, figure), limit=0, offset=0)
    with desk(request) as session:
        found = trace(session, ask, Lens(session))
        synthetic = session.workspace.settings.synthetic
    unit = found.figure.unit
    heading = ["figure", "level", "until", "known_at", "by", "value", "name", unit]
    head = [figure, found.level, found.until, found.position.known_at, found.by]
    rows: list[list[Any]] = [
        [*head, row.key, row.label, repr(row.value) if unit == "m2" else int(row.value)]
        for row in found.rows
    ]
    if found.behind:
        behind = repr(found.behind_sum) if unit == "m2" else int(found.behind_sum)
        rows.append([*head, "", f"not shown: {found.behind}", behind])
    return as_csv(f"{figure}-{found.by}-{found.level}-{found.until}", heading, rows, synthetic)


@require_GET
def record(request: HttpRequest, record: str) -> HttpResponse:
    """Statements of a record, and of a report the lines that the figure counts."""
    level = page_cut(request).level or "approved"
    figure = request.GET.get("figure", "")
    ask = ask_of(request, figure)
    pieces = figure in FIGURES and FIGURES[figure].unit == "pieces"
    with desk(request) as session:
        step = origin_record.record_step(
            session, record, level, figure=figure if pieces else "", of=ask.of
        )
    told = [{**one, "words": act_words(one["act"], "")} for one in step.statements]
    values = {
        "step": step,
        "statements": told,
        "kind_word": kind_word(step.kind),
        "lines": [
            one._replace(
                category=value_word("category", one.category),
                disposal=code_word("disposal", one.disposal) if one.disposal else "",
            )
            for one in step.lines or ()
        ],
        "query": request.GET.urlencode(),
        "level": level,
        "figure_word": figure_word(figure) if figure in FIGURES else "",
        "back": address(ask) if figure in FIGURES else "",
        "record_page": _record_page(record, page_cut(request)),
        "here_address": request.get_full_path(),
    }
    return _page(request, "origins/record.html", "origins/_record.html", values)


def _record_page(record: str, cut: Cut) -> str:
    try:
        return f"{reverse('record:show', args=[record])}?{cut.query()}"
    except NoReverseMatch:
        return ""


@require_GET
def statement(request: HttpRequest, named: str) -> HttpResponse:
    """A statement, its place in its log, and the proof that the checkpoint holds it."""
    with desk(request) as session:
        proven = log_check.prove(session, named)
    holds = merkle.verify_inclusion(
        bytes.fromhex(proven.hash),
        proven.index,
        proven.size,
        [bytes.fromhex(one) for one in proven.proof],
        bytes.fromhex(proven.root),
    )
    values = {
        "proven": proven,
        "words": act_words(str(proven.values["act"]), str(proven.values["kind"])),
        "holds": holds,
        "back": _record_back(request, proven),
        "check_page": _log_page(named),
        "here_address": request.get_full_path(),
    }
    return _page(request, "origins/statement.html", "origins/_statement.html", values)


def _record_back(request: HttpRequest, proven: log_check.Proven) -> str:
    record = str(proven.values.get("record", ""))
    if not record:
        return ""
    return f"{reverse('origins:record', args=[record])}?{request.GET.urlencode()}"


def _log_page(named: str) -> str:
    try:
        return reverse("log:statement", args=[named])
    except NoReverseMatch:
        return ""
