"""Curves over time at each level: as values for the picture, as a table, as a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from tilth.core.days import ordinal
from tilth.service.face import read_faces
from tilth.text.figures import LEVELS
from tilth.web.frame.cut import Cut, page_cut
from tilth.web.ledger import desk
from tilth.web.origins.tables import as_csv

__all__ = ["TERMS", "page", "table", "values"]

EPOCH = 719_163
"""Ordinal of 1970-01-01."""

_RELEASED = ("cancelled_m2", "reduced_m2", "cleared_m2")


class Term(NamedTuple):
    """A curve: its word, which part of the account it is of, the terms that it sums."""

    word: Any
    part: str
    sums: tuple[str, ...]


TERMS: Mapping[str, Term] = {
    "released": Term(_("ground released"), "land", _RELEASED),
    "cleared": Term(_("ground cleared"), "land", ("cleared_m2",)),
    "remaining": Term(_("ground remaining"), "land", ("remaining_m2",)),
    "found": Term(_("items found"), "items", ("found",)),
    "destroyed": Term(_("items destroyed"), "items", ("destroyed",)),
}
"""Curves by name, in the order in which they are offered."""


class Curves(NamedTuple):
    """One term over time: days, and by level one value a day; m² or pieces."""

    name: str
    days: list[str]
    levels: dict[str, list[float]]
    position: int


def _read(request: HttpRequest) -> tuple[Curves, bool]:
    """Curves that an address names, as far as they are published, and whether they are invented."""
    name = request.GET.get("term", "")
    name = name if name in TERMS else "released"
    cut = page_cut(request)
    with desk(request) as session:
        faces = read_faces(session, [f"series:{level}" for level in LEVELS])
        synthetic = session.workspace.settings.synthetic
    return _curves(name, faces, cut), synthetic


def _curves(name: str, faces: Mapping[str, Mapping[str, Any]], cut: Cut) -> Curves:
    """Curves are of what is known now; an earlier knowledge has none."""
    if not faces or cut.past:
        return Curves(name, [], {}, 0)
    term = TERMS[name]
    first = next(iter(faces.values()))
    days = [day for day in first["days"] if not cut.until or day <= cut.until]
    levels = {}
    for level in LEVELS:
        found = faces.get(f"series:{level}")
        if found is not None and found["days"] == first["days"]:
            sums = zip(*(found[term.part][one] for one in term.sums), strict=True)
            levels[level] = [round(sum(one), 2) for one in sums][: len(days)]
    return Curves(name, days, levels, int(first["position"]))


@require_GET
def values(request: HttpRequest) -> JsonResponse:
    """Values of the picture: days as seconds since 1970, and the unit that reads best."""
    found, synthetic = _read(request)
    most = max((max(one, default=0.0) for one in found.levels.values()), default=0.0)
    unit, factor = _unit(TERMS[found.name].part, most)
    return JsonResponse(
        {
            "term": found.name,
            "days": [(ordinal(day) - EPOCH) * 86_400 for day in found.days],
            "levels": {name: some for name, some in found.levels.items() if name != "prudent"},
            "unit": unit,
            "factor": factor,
            "synthetic": synthetic,
        }
    )


def _unit(part: str, most: float) -> tuple[str, float]:
    if part == "items":
        return "", 1.0
    if most < 10_000:
        return "m²", 1.0
    return ("ha", 1e4) if most < 10_000_000 else ("km²", 1e6)


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The table behind the picture."""
    found, _synthetic = _read(request)
    rows = [
        (day, [some[at] for some in found.levels.values()]) for at, day in enumerate(found.days)
    ]
    part = "HX-Request" in request.headers
    template = "operation/_curve.html" if part else "operation/curve.html"
    response = render(
        request,
        template,
        {
            "term": found.name,
            "term_word": TERMS[found.name].word,
            "terms": [(name, term.word) for name, term in TERMS.items()],
            "is_land": TERMS[found.name].part == "land",
            "columns": list(found.levels),
            "rows": rows[::-1],
            "in_drawer": part,
        },
    )
    response.headers["Vary"] = "HX-Request, Cookie, Accept-Language"
    return response


@require_GET
def table(request: HttpRequest) -> HttpResponse:
    """The same as CSV: m² or pieces, exact to the square centimetre."""
    found, synthetic = _read(request)
    unit = "m2" if TERMS[found.name].part == "land" else "pieces"
    heading = ["day", *(f"{found.name}_{level}_{unit}" for level in found.levels)]
    rows = [
        [day, *(some[at] for some in found.levels.values())] for at, day in enumerate(found.days)
    ]
    return as_csv(f"curve-{found.name}", heading, rows, synthetic)
