"""The map drawn on the server, for browsers without WebGL, for print and for slow links.

The same features by the same choice as the tiles, in the marks of the documents' maps, in Web
Mercator; small areas beyond what can be told apart are drawn as dots.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tilth.documents.map_marks import AREAS, INK, PATTERNS, area_key, point_symbol
from tilth.documents.svg import number
from tilth.exchange.land import land
from tilth.exchange.tiles import MAX_LATITUDE, Areas, lonlat_of, world_of
from tilth.service.map_arrays import POINT_LAYERS, Part
from tilth.service.map_sight import View
from tilth.service.map_table import Asked, found_in
from tilth.text.language import Say

__all__ = ["HEIGHT", "WIDTH", "Extent", "extent_of", "picture"]

WIDTH, HEIGHT = 960, 640
_MOST = 4_000
"""Areas drawn as such and points drawn each, for a layer; of what is more, cells are drawn."""
_CELL = 6
"""Pixels of a cell into which points and small areas are summed."""
_ORDER = ("reports", "hazards", "released", "tasks", "items", "evidence", "findings")
_ROLES = {
    "hazards": "hazard",
    "released": "released",
    "tasks": "task",
    "reports": "other",
    "items": "item",
    "evidence": "evidence",
    "findings": "missed",
}
_EARTH_M = 40_075_016.685578488
_LEAST_SPAN = 1 << 8
"""World grid steps across the narrowest picture, about 2 m."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Middle and width of a picture, on the world grid."""

    x: float
    y: float
    width: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        high = self.width * HEIGHT / WIDTH
        corners = [
            (self.x - self.width / 2, self.y + high / 2),
            (self.x + self.width / 2, self.y - high / 2),
        ]
        (west, south), (east, north) = lonlat_of(np.clip(np.array(corners), 0, 2**32 - 1)).tolist()
        return west, south, east, north

    def moved(self, right: float, down: float) -> Extent:
        """Extent so many parts of its width and height further."""
        high = self.width * HEIGHT / WIDTH
        return Extent(self.x + right * self.width, self.y + down * high, self.width)

    def zoomed(self, times: float) -> Extent:
        """Extent with its width so many times smaller."""
        width = min(max(self.width / times, _LEAST_SPAN), float(1 << 32))
        return Extent(self.x, self.y, width)


def extent_of(box: Sequence[float] | None, view: View) -> Extent:
    """Extent around a box in degrees (west, south, east, north), else around the whole map."""
    if box is not None:
        west, south, east, north = box
        south, north = max(south, -MAX_LATITUDE), min(north, MAX_LATITUDE)
        (x0, y1), (x1, y0) = world_of(np.array([[west, south], [east, north]])).tolist()
    elif view.manifest["box"]:
        x0, y0, x1, y1 = view.manifest["box"]
    else:
        x0, y0, x1, y1 = 0, 0, (1 << 32) - 1, (1 << 32) - 1
    width = max(x1 - x0, (y1 - y0) * WIDTH / HEIGHT, _LEAST_SPAN)
    margin = 1.0 if box is not None else 1.1
    return Extent((x0 + x1) / 2, (y0 + y1) / 2, width * margin)


def picture(view: View, asked: Asked, extent: Extent, say: Say) -> str:
    """Draw the map.

    Parameters
    ----------
    asked
        Its box is that of the extent.
    say
        Words in the reader's language.

    Returns
    -------
    str
        A whole SVG document, `WIDTH` by `HEIGHT` pixels.
    """
    pen = _Pen(extent)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" fill="{INK}">',
        f"<defs>{PATTERNS}</defs>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#dfe8ee"/>',
        f'<path d="{pen.path(_land_in(extent))}" fill="#f6f5f0"/>',
        *_graticule(extent, pen),
    ]
    for layer in _ORDER:
        if layer in asked.layers:
            for part, rows in found_in(view, layer, asked):
                parts += _drawn(view, layer, part, rows, pen)
    parts += _scale(extent, say)
    if view.manifest["synthetic"]:
        parts.append(_stamp(say("SYNTHETIC")))
    parts.append("</svg>")
    return "\n".join(parts)


@dataclass(frozen=True, slots=True)
class _Pen:
    """World grid to pixels."""

    extent: Extent

    def pixels(self, xy: NDArray[Any]) -> NDArray[np.float64]:
        scale = WIDTH / self.extent.width
        middle = np.array([self.extent.x, self.extent.y])
        return np.asarray((xy - middle) * scale + np.array([WIDTH / 2, HEIGHT / 2]))

    def path(self, areas: Areas) -> str:
        """Path of areas, every ring of them; what lies far outside is drawn no further."""
        if not len(areas):
            return ""
        points = np.clip(self.pixels(areas.xy), -4 * WIDTH, 5 * WIDTH)
        texts = [f"{x:.1f} {y:.1f}" for x, y in points.tolist()]
        rings = pairwise(areas.vertex_offset.tolist())
        return "".join(f"M{'L'.join(texts[a:b])}Z" for a, b in rings if b - a > 2)


def _land_in(extent: Extent) -> Areas:
    areas = land()
    first = areas.vertex_offset[areas.ring_offset[:-1]]
    low, high = np.minimum.reduceat(areas.xy, first), np.maximum.reduceat(areas.xy, first)
    half = np.array([extent.width / 2, extent.width * HEIGHT / WIDTH / 2])
    middle = np.array([extent.x, extent.y])
    meets = ((low <= middle + half) & (high >= middle - half)).all(axis=1)
    return areas.some(np.flatnonzero(meets))


def _drawn(view: View, layer: str, part: Part, rows: NDArray[np.int64], pen: _Pen) -> Iterator[str]:
    if not len(rows):
        return
    classes = view.manifest["classes"][layer]
    if layer in POINT_LAYERS or part.areas is None:
        yield from _points(layer, part, rows, pen)
        return
    scale = WIDTH / pen.extent.width
    size = (part.box[rows, 2:] - part.box[rows, :2]).max(axis=1) * scale
    large = size >= 2
    if large.sum() > _MOST:
        large &= size > np.sort(size)[-_MOST]
    for number_of, name in enumerate(classes):
        of_class = part.columns["cls"][rows] == number_of
        mark = AREAS[area_key(_ROLES[layer], name)]
        areas = part.areas.some(rows[of_class & large])
        if len(areas):
            fill = ' style="fill:none"' if layer in ("reports", "tasks") else ""
            # rings run one way and holes the other, so that areas over each other stay filled
            yield f'<path d="{pen.path(areas)}" fill-rule="nonzero" {mark.attributes()}{fill}/>'
        yield from _dots(part, rows[of_class & ~large], pen, mark.stroke)


def _points(layer: str, part: Part, rows: NDArray[np.int64], pen: _Pen) -> Iterator[str]:
    if len(rows) > _MOST // 4:
        yield from _dots(part, rows, pen, INK)
        return
    for x, y in pen.pixels(part.xy[rows]).tolist():
        yield point_symbol(_ROLES[layer], x, y)


def _dots(part: Part, rows: NDArray[np.int64], pen: _Pen, colour: str) -> Iterator[str]:
    """One dot for each cell of some pixels, larger where more is in it."""
    if not len(rows):
        return
    cell = np.floor(pen.pixels(part.xy[rows]) / _CELL).astype(np.int64)
    cells, count = np.unique(cell, axis=0, return_counts=True)
    circles = "".join(
        f'<circle cx="{number((x + 0.5) * _CELL)}" cy="{number((y + 0.5) * _CELL)}" '
        f'r="{number(min(_CELL / 2, 0.8 + 0.5 * math.log10(n + 1)))}"/>'
        for (x, y), n in zip(cells.tolist(), count.tolist(), strict=True)
    )
    yield f'<g fill="{colour}" fill-opacity="0.75">{circles}</g>'


def _graticule(extent: Extent, pen: _Pen) -> Iterator[str]:
    """Meridians and parallels of round degrees, with their numbers at the edge."""
    west, south, east, north = extent.box
    step = _round_step((east - west) / 6)
    digits = max(0, -math.floor(math.log10(step)))
    line = 'stroke="#9aa7a0" stroke-width="0.5" fill="none"'
    for n in range(math.ceil(west / step), math.floor(east / step) + 1):
        ((x, _),) = pen.pixels(world_of(np.array([[n * step, 0.0]]))).tolist()
        yield f'<path d="M{number(x)} 0V{HEIGHT}" {line}/>'
        yield _small(x + 3, HEIGHT - 4, _said(n * step, digits, "EW"))
    for n in range(math.ceil(south / step), math.floor(north / step) + 1):
        ((_, y),) = pen.pixels(world_of(np.array([[0.0, n * step]]))).tolist()
        yield f'<path d="M0 {number(y)}H{WIDTH}" {line}/>'
        yield _small(4, y - 3, _said(n * step, digits, "NS"))


def _round_step(wanted: float) -> float:
    power = 10 ** math.floor(math.log10(max(wanted, 1e-6)))
    return float(power * next(one for one in (1, 2, 5, 10) if power * one >= wanted))


def _said(degrees: float, digits: int, signs: str) -> str:
    return f"{abs(degrees):.{digits}f}° {signs[degrees < 0]}"


def _small(x: float, y: float, words: str) -> str:
    return (
        f'<text x="{number(x)}" y="{number(y)}" font-size="11" fill="#55635b" '
        f'direction="ltr">{words}</text>'
    )


def _scale(extent: Extent, say: Say) -> Iterator[str]:
    """Bar of a round length, true in the middle of the picture."""
    del say
    ((_, latitude),) = lonlat_of(np.array([[extent.x, extent.y]])).tolist()
    metres = extent.width / 2**32 * _EARTH_M * math.cos(math.radians(latitude))
    length = _round_step(metres / 12)
    wide = length / metres * WIDTH
    words = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    x, y = WIDTH - wide - 20, HEIGHT - 22
    yield (
        f'<rect x="{number(x - 8)}" y="{number(y - 20)}" width="{number(wide + 16)}" height="36" '
        f'fill="#ffffff" fill-opacity="0.85"/>'
        f'<path d="M{number(x)} {number(y - 4)}v8h{number(wide)}v-8" fill="none" stroke="{INK}"/>'
    )
    yield _small(x, y - 7, words)


def _stamp(words: str) -> str:
    return (
        f'<text x="{WIDTH / 2}" y="{HEIGHT / 2 + 60}" font-size="170" text-anchor="middle" '
        f'fill="#b3261e" fill-opacity="0.11" font-weight="700" '
        f'transform="rotate(-34 {WIDTH / 2} {HEIGHT / 2})">{words}</text>'
    )
