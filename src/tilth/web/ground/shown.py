"""What the map's scripts are given: addresses, layers, days, words; as JSON in the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tilth.core.days import ordinal
from tilth.service.basemaps import Basemap
from tilth.service.map_arrays import LAYERS, POINT_LAYERS
from tilth.service.map_sight import View
from tilth.service.map_table import box_in_degrees
from tilth.service.map_tiles import MAX_ZOOM
from tilth.web.ground.asked import Wanted
from tilth.web.ground.words import LAYER_WORDS, class_word

__all__ = ["page_data"]


def page_data(view: View, found: Wanted, until: int, offered: Sequence[Basemap]) -> dict[str, Any]:
    """Everything the scripts need; no record's ground is in it."""
    manifest, language = view.manifest, get_language() or "en"
    first, last = manifest["days"]
    return {
        "position": view.position,
        "past": bool(found.cut.known_at),
        "level": view.level,
        "sight": view.sight.name,
        "synthetic": manifest["synthetic"],
        "box": list(found.box) if found.box else box_in_degrees(manifest["box"]),
        "boxAsked": found.box is not None,
        "until": until,
        "days": [first or until, max(last, until, ordinal(manifest["today"]))],
        "today": ordinal(manifest["today"]),
        "maxZoom": MAX_ZOOM,
        "tiles": _pattern("ground:tile", ("LAYER", "LEVEL", "POSITION"), ".mvt"),
        "base": _pattern("ground:base", ("NAME",), ""),
        "feature": reverse("ground:feature", args=["POSITION", "LAYER", 0]).removesuffix("0"),
        "list": reverse("ground:list"),
        "state": reverse("ground:state"),
        "coordinates": reverse("ground:coordinates"),
        "download": reverse("ground:download"),
        "page": reverse("ground:map"),
        "still": reverse("ground:still"),
        "layers": [
            {
                "id": layer,
                "word": str(LAYER_WORDS[layer]),
                "point": layer in POINT_LAYERS,
                "classes": [
                    {"id": name, "word": class_word(layer, name, language)}
                    for name in manifest["classes"].get(layer, ())
                ],
            }
            for layer in LAYERS
            if layer not in manifest.get("without", ())
        ],
        "organisations": manifest["organisations"],
        "basemaps": [
            {
                "id": one.id,
                "title": one.title,
                "attribution": one.attribution,
                "min": one.min_zoom,
                "max": one.max_zoom,
                "vector": one.vector,
            }
            for one in offered
        ],
        "words": _words(),
    }


def _pattern(name: str, words: tuple[str, ...], end: str) -> str:
    """Address with ``{z}/{x}/{y}`` in place of numbers."""
    whole = reverse(name, args=[*words, 0, 0, 0])
    return f"{whole.removesuffix('/0/0/0' + end)}/{{z}}/{{x}}/{{y}}{end}"


def _words() -> dict[str, str]:
    return {
        "synthetic": _("SYNTHETIC"),
        "play": _("Play the days"),
        "stop": _("Stop"),
        "metres": _("m"),
        "kilometres": _("km"),
        "area": _("area"),
        "length": _("length"),
        "points": _("points"),
        "measure": _("Measure"),
        "measuring": _("Click the corners of a line or area; Enter ends, Escape clears."),
        "newer": _("A newer map is ready."),
        "items": _("items"),
        "lines": _("lines"),
        "since": _("since"),
        "noWebgl": _("This browser draws no interactive map; here is the map drawn by the server."),
        "notFound": _("That is no place I can read."),
        "map": _("Map of the operation. Arrow keys move it, plus and minus change the scale."),
        "byMonth": _("From afar items and small areas are counted by month."),
        "failed": _("Part of the map could not be loaded."),
    }
