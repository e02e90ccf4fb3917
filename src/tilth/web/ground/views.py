"""The map with the list beside it, and what both ask for on their own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST, require_safe

from tilth.core.days import iso, ordinal
from tilth.core.problems import Problem, Refused
from tilth.service.map_arrays import LAYERS, current_position, read_manifest
from tilth.service.map_picture import Extent, extent_of, picture
from tilth.service.map_places import coordinates_of, position_of
from tilth.service.map_sight import STATUSES, View, sight_of
from tilth.service.map_table import Listed, as_geojson, feature_of, listed, moments_of
from tilth.service.positions import position_at
from tilth.service.session import Session
from tilth.text.accounts import LEFT_OUT_LABELS
from tilth.text.language import say_in
from tilth.web.frame.cut import page_cut
from tilth.web.frame.refusals import status_of
from tilth.web.ground.asked import Wanted, view_of, wanted
from tilth.web.ground.shown import page_data
from tilth.web.ground.underlay import basemaps
from tilth.web.ground.words import LAYER_WORDS, STATUS_WORDS, class_word
from tilth.web.jobs.queue import start
from tilth.web.ledger import desk
from tilth.web.people.middleware import asks_alone

__all__ = [
    "coordinates",
    "download",
    "drawing",
    "feature",
    "page",
    "past",
    "rows",
    "state",
    "still",
]

_STEPS = (("west", -0.5, 0.0), ("north", 0.0, -0.5), ("south", 0.0, 0.5), ("east", 0.5, 0.0))
_ZOOMS = (("in", 2.0), ("out", 0.5))


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Map, list, legend and filters; without a map yet, what to do about it."""
    return _shown(request, "ground/map.html")


@require_GET
def still(request: HttpRequest) -> HttpResponse:
    """The same drawn on the server: moved and enlarged by links."""
    return _shown(request, "ground/still.html")


def _shown(request: HttpRequest, template: str) -> HttpResponse:
    found = wanted(request)
    with desk(request) as session:
        moments = moments_of(session)
        try:
            view = view_of(session, found)
        except Refused as refused:
            values = {
                "problems": refused.problems,
                "wanted": found,
                "moments": moments,
                "known_positions": [one.known_at for one in moments],
                "may_ask": any(one.code == "map_of_past_not_made" for one in refused.problems),
            }
            return render(request, "ground/none.html", values, status=status_of(refused))
        until = _until(session, found)
        found_basemaps, problems = basemaps(session.workspace.path)
    values = _values(view, found, until)
    values |= {
        "moments": moments,
        "known_positions": [one.known_at for one in moments],
        "basemaps": found_basemaps,
        "problems": problems,
        "data": page_data(view, found, until, found_basemaps),
    }
    if template == "ground/still.html":
        values |= _still_values(view, found)
    return render(request, template, values)


def _until(session: Session, found: Wanted) -> int:
    return ordinal(found.cut.until or session.today())


def _values(view: View, found: Wanted, until: int) -> dict[str, Any]:
    language = get_language() or "en"
    manifest = view.manifest
    return {
        "wanted": found,
        "view": view,
        "shown_level": view.level,
        "until": iso(until),
        "layers": _layers(view, found, language),
        "statuses": [(one, STATUS_WORDS[one]) for one in STATUSES],
        "missing": [LAYER_WORDS[one] for one in manifest.get("without", ())],
        "left_out": _left_out(view, language),
        "released_alone": "released" in found.layers and "hazards" not in found.layers,
        **_list_values(view, found, until),
        "query": found.query(page=1),
        "box_text": ",".join(f"{one:.6f}" for one in found.box or ()),
        "cut_pairs": found.cut.pairs(),
    }


def _layers(view: View, found: Wanted, language: str) -> list[dict[str, Any]]:
    known = view.manifest["classes"]
    return [
        {
            "id": layer,
            "word": LAYER_WORDS[layer],
            "on": layer in found.layers,
            "classes": [
                {
                    "id": name,
                    "word": class_word(layer, name, language),
                    "on": f"{layer}:{name}" in found.classes,
                }
                for name in known.get(layer, ())
            ],
        }
        for layer in LAYERS
        if layer not in view.manifest.get("without", ())
    ]


def _left_out(view: View, language: str) -> list[dict[str, Any]]:
    """What the map at this level leaves out: reasons with records and m²."""
    say = say_in(language)
    found: Mapping[str, Mapping[str, Any]] = view.manifest["left_out"].get(view.level, {})
    return [
        {"label": say(LEFT_OUT_LABELS.get(name, name)), **values}
        for name, values in found.items()
        if values["records"]
    ]


def _list_values(view: View, found: Wanted, until: int) -> dict[str, Any]:
    language = get_language() or "en"
    page_of_list: Listed = listed(view, found.asked(until))
    for row in page_of_list.rows:
        row["layer_word"] = LAYER_WORDS[row["layer"]]
        row["class_word"] = class_word(row["layer"], row["class"], language)
        row["status_word"] = STATUS_WORDS.get(row.get("status", ""), "")
    counts = [
        {"word": LAYER_WORDS[layer], "count": n, "m2": page_of_list.m2[layer]}
        for layer, n in page_of_list.counts.items()
    ]
    before = found.query(page=page_of_list.page - 1) if page_of_list.page > 1 else ""
    after = (
        found.query(page=page_of_list.page + 1) if page_of_list.page < page_of_list.pages else ""
    )
    return {
        "list": page_of_list,
        "counts": counts,
        "total": sum(page_of_list.counts.values()),
        "before": before,
        "after": after,
        "position": view.position,
    }


def _still_values(view: View, found: Wanted) -> dict[str, Any]:
    """Address of the picture, and of those beside it."""
    extent = extent_of(found.box, view)

    def at(other: Extent) -> str:
        return found.query(box=other.box, page=1)

    steps = [(name, at(extent.moved(right, down))) for name, right, down in _STEPS]
    zooms = [(name, at(extent.zoomed(times))) for name, times in _ZOOMS]
    return {"steps": steps, "zooms": zooms, "drawn": at(extent), "whole": found.query(box=None)}


@asks_alone
@require_GET
def rows(request: HttpRequest) -> HttpResponse:
    """The list alone, as the map moves."""
    found = wanted(request)
    with desk(request) as session:
        view = view_of(session, found)
        until = _until(session, found)
    values = {"wanted": found, "view": view, **_list_values(view, found, until)}
    return render(request, "ground/rows.html", values)


@require_safe
def drawing(request: HttpRequest) -> HttpResponse:
    """The map of an extent as SVG."""
    found = wanted(request)
    with desk(request) as session:
        view = view_of(session, found)
        until = _until(session, found)
    extent = extent_of(found.box, view)
    asked = replace(found, box=extent.box).asked(until)
    svg = picture(view, asked, extent, say_in(get_language() or "en"))
    response = HttpResponse(svg, content_type="image/svg+xml; charset=utf-8")
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


@require_GET
def feature(request: HttpRequest, position: str, layer: str, number: int) -> HttpResponse:
    """From a feature of the map to its record: the drawer, else the page."""
    found = wanted(request)
    level = request.GET.get("at", "")
    with desk(request) as session:
        view = view_of(session, found)
        view = View(
            view.folder, position, level if level else view.level, sight_of(session, position)
        )
        one = feature_of(view, layer, number)
    address = reverse("record:show", args=[one["record"]])
    query = page_cut(request).query()
    if "HX-Request" in request.headers:
        query = f"part=drawer&{query}" if query else "part=drawer"
    return redirect(f"{address}{'?' + query if query else ''}")


@asks_alone
@require_GET
def state(request: HttpRequest) -> HttpResponse:
    """Name of the newest map, so that an open page can tell that there is another."""
    with desk(request) as session:
        folder = session.workspace.path
        position = current_position(folder)
        sight = sight_of(session, position).name
    classes = read_manifest(folder, position)["classes"]
    return JsonResponse({"position": position, "sight": sight, "classes": classes})


@require_GET
def coordinates(request: HttpRequest) -> HttpResponse:
    """A place in all notations: from ``lat`` and ``lon``, or from ``text`` as somebody typed it."""
    try:
        if text := request.GET.get("text", "").strip():
            return JsonResponse(position_of(text[:200]))
        latitude, longitude = (float(request.GET.get(name, "")) for name in ("lat", "lon"))
        if not (math.isfinite(latitude) and math.isfinite(longitude)):
            raise ValueError
        if abs(latitude) > 90 or abs(longitude) > 180:
            raise ValueError
    except ValueError:
        refused = Refused(Problem("coordinate_unreadable", "lat, lon", {"text": ""}))
        return _problem(request, refused)
    except Refused as refused:
        return _problem(request, refused)
    return JsonResponse(coordinates_of(latitude, longitude))


def _problem(request: HttpRequest, refused: Refused) -> HttpResponse:
    values = {"problems": refused.problems}
    return render(request, "frame/refused_part.html", values, status=status_of(refused))


@require_GET
def download(request: HttpRequest) -> HttpResponse:
    """What the map shows as GeoJSON, as far as the person may see it."""
    found = wanted(request)
    with desk(request) as session:
        view = view_of(session, found)
        until = _until(session, found)
    value = as_geojson(view, found.asked(until))
    response = HttpResponse(msgspec.json.encode(value), content_type="application/geo+json")
    name = "map-synthetic.geojson" if value["synthetic"] else "map.geojson"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
def past(request: HttpRequest) -> HttpResponse:
    """Ask for the map as it was known at a time; it is made in the background."""
    known_at = request.POST.get("known", "")[:40]
    with desk(request) as session:
        position_at(session, known_at)
    made = start(request, "map_at", known_at=known_at)
    return redirect("jobs:show", made.pk)
