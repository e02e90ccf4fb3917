"""Map of a worksite as SVG: ground in the operation's frame, with all that a map must say.

Scale bar, metric grid with its coordinates, north of the grid, numbered turning points, legend of
what is drawn and nothing else, a line with level, day and code, and SYNTHETIC across it where the
data are. There is no basemap: what is not recorded is not drawn.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from tilth.core.geometry.encoding import shape_of
from tilth.core.geometry.frame import Frame
from tilth.documents.blocks import Drawing
from tilth.documents.map_marks import AREAS, INK, PATTERNS, area_key, names, point_symbol
from tilth.documents.map_sheet import (
    BOTTOM,
    LEFT,
    MAP_HEIGHT,
    RIGHT,
    SMALL,
    TOP,
    WIDTH,
    haloed,
    in_metres,
    lettering,
    line_of_words,
    north_arrow,
    round_length,
    scale_bar,
    stamped,
)
from tilth.documents.reader import Reader
from tilth.documents.svg import number, text_width

__all__ = ["Feature", "Ground", "map_svg", "site_map"]

_BESIDE_TURN = ((5.0, -5.0), (5.0, 12.0), (-5.0, -5.0), (-5.0, 12.0), (0.0, -8.0), (0.0, 15.0))
_BESIDE_POINT = ((0.0, 17.0), (7.0, 4.0), (-7.0, 4.0), (0.0, -9.0))
_WITHIN = ((0.0, 4.0), (0.0, 18.0), (0.0, -10.0), (0.0, 32.0), (8.0, 4.0), (-8.0, 4.0))
"""Where a label may stand: pixels to the right and down from its point."""

LEAST_SPAN_M = 20.0
MARGIN = 0.08
"""Of the span, on every side of what the map is about."""

GRID_LINES = 6
FAR = 4.0
"""Shapes reaching further than so many spans beyond the frame are cut before they are drawn."""

WORD = 11.0
_BESIDE = ("neighbour", "boundary")
"""Roles that do not decide what the map shows."""

_LEGEND_LINE = 17.0
_LEGEND_COLUMNS = 3


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing on the ground.

    Parameters
    ----------
    role
        ``hazard``, ``neighbour``, ``released``, ``task``, ``remaining``, ``evidence``,
        ``accident``, ``benchmark``, ``marker``, ``sample``, ``missed``, ``visit``, ``item``,
        ``boundary``.
    shape
        Metres in the operation's frame.
    label
        What stands beside it.
    style
        Classification of a hazard, type of a release.
    """

    role: str
    shape: BaseGeometry
    label: str = ""
    style: str = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a map shows.

    Parameters
    ----------
    points
        Turning points: label and metres east and north.
    centre
        Where the frame lies, as it is said under the map.
    true_north_deg
        Direction of true north from the grid's north in the middle of the map, clockwise.
    line
        Level, day and code, as said under the map.
    """

    features: tuple[Feature, ...]
    points: tuple[tuple[str, float, float], ...] = ()
    centre: str = ""
    true_north_deg: float = 0.0
    line: str = ""
    synthetic: bool = False


@dataclass(slots=True)
class _View:
    """Window on the ground: metres to pixels."""

    west: float
    south: float
    east: float
    north: float
    scale: float
    taken: list[tuple[float, float, float, float]] = field(default_factory=list)
    """Boxes of labels already placed, pixels."""

    def x(self, east: float) -> float:
        return LEFT + (east - self.west) * self.scale

    def y(self, north: float) -> float:
        return TOP + (self.north - north) * self.scale

    @property
    def box(self) -> BaseGeometry:
        return shapely.box(self.west, self.south, self.east, self.north)

    def free(self, box: tuple[float, float, float, float]) -> bool:
        """Whether a label's box lies in the frame and on no other label."""
        left, top, right, bottom = box
        inside = (
            left >= LEFT and right <= WIDTH - RIGHT and top >= TOP and bottom <= TOP + MAP_HEIGHT
        )
        return inside and not any(
            left < other[2] and right > other[0] and top < other[3] and bottom > other[1]
            for other in self.taken
        )


def _simple(shape: BaseGeometry | None) -> Iterator[BaseGeometry]:
    """Points, lines and polygons of a shape that can be drawn: finite and not empty."""
    if shape is None or shape.is_empty:
        return
    if hasattr(shape, "geoms"):
        for part in shape.geoms:
            yield from _simple(part)
    elif np.isfinite(shapely.get_coordinates(shape)).all():
        yield shape


def _view(ground: Ground) -> _View:
    """Window around what the map is about, as wide and high as the paper allows."""
    about = [one.shape for one in ground.features if one.role not in _BESIDE]
    shown = [part for shape in about for part in _simple(shape)]
    shown += [shapely.Point(x, y) for _, x, y in ground.points]
    shown = shown or [part for one in ground.features for part in _simple(one.shape)]
    bounds = shapely.total_bounds(np.array(shown, dtype=object)) if shown else np.zeros(4)
    west, south, east, north = bounds.tolist()
    across, up = max(east - west, LEAST_SPAN_M), max(north - south, LEAST_SPAN_M)
    width, height = WIDTH - LEFT - RIGHT, MAP_HEIGHT
    scale = min(width / (across * (1 + 2 * MARGIN)), height / (up * (1 + 2 * MARGIN)))
    x, y = (west + east) / 2, (south + north) / 2
    half_x, half_y = width / scale / 2, height / scale / 2
    return _View(x - half_x, y - half_y, x + half_x, y + half_y, scale)


def _path(view: _View, part: BaseGeometry) -> str:
    """Path data of a line or polygon; what reaches far beyond the frame is cut first."""
    bounds = part.bounds
    reach = FAR * (view.east - view.west)
    if (
        bounds[0] < view.west - reach
        or bounds[1] < view.south - reach
        or bounds[2] > view.east + reach
        or bounds[3] > view.north + reach
    ):
        cut = shapely.intersection(shapely.make_valid(part), view.box.buffer(reach / FAR))
        return "".join(_path(view, one) for one in _simple(cut) if one.geom_type != "Point")
    data = []
    for ring in shapely.get_rings(part) if part.geom_type == "Polygon" else [part]:
        corners = [
            f"{number(view.x(x))} {number(view.y(y))}"
            for x, y in shapely.get_coordinates(ring).tolist()
        ]
        data.append("M" + "L".join(corners) + ("Z" if part.geom_type == "Polygon" else ""))
    return "".join(data)


def _features(view: _View, features: Iterable[Feature]) -> Iterator[str]:
    """Areas and lines in the order of their marks, points on top of them."""
    drawn: list[tuple[int, int, str]] = []
    for at, one in enumerate(features):
        for part in _simple(one.shape):
            if part.geom_type == "Point":
                ((east, north),) = shapely.get_coordinates(part).tolist()
                drawn.append((99, at, point_symbol(one.role, view.x(east), view.y(north))))
            else:
                mark = AREAS[area_key(one.role, one.style)]
                fill = "" if part.geom_type == "Polygon" else ' style="fill:none"'
                shape = f'<path d="{_path(view, part)}" fill-rule="evenodd" {mark.attributes()}'
                drawn.append((mark.order, at, f"{shape}{fill}/>"))
    yield from (svg for _, _, svg in sorted(drawn, key=lambda one: one[:2]))


def _labels(view: _View, ground: Ground) -> Iterator[str]:
    """Names of what is drawn, then numbers of turning points, none of them on another."""
    for x, y in _places(view, ground):
        view.taken.append((x - 5, y - 5, x + 5, y + 5))
    for one, rest in _uncovered(ground.features):
        inside = list(_simple(shapely.intersection(rest, view.box)))
        if one.label and inside:
            largest = max(inside, key=lambda part: (part.area, part.length))
            ((east, north),) = shapely.get_coordinates(shapely.point_on_surface(largest)).tolist()
            places = _BESIDE_POINT if largest.geom_type == "Point" else _WITHIN
            yield from _label(view, view.x(east), view.y(north), one.label, WORD, places)
    for label, east, north in ground.points:
        x, y = view.x(east), view.y(north)
        yield point_symbol("turning point", x, y)
        yield from _label(view, x, y, label, SMALL, _BESIDE_TURN)


def _places(view: _View, ground: Ground) -> Iterator[tuple[float, float]]:
    """Pixels of every point drawn, on which no label may lie."""
    for one in ground.features:
        for part in _simple(one.shape):
            if part.geom_type == "Point":
                ((east, north),) = shapely.get_coordinates(part).tolist()
                yield view.x(east), view.y(north)


def _uncovered(features: Sequence[Feature]) -> Iterator[tuple[Feature, BaseGeometry]]:
    """Each feature with the part of it that nothing filled lies on; all of it where none is."""
    covers = [(AREAS[area_key(one.role, one.style)], _valid(one.shape)) for one in features]
    for one, (mark, shape) in zip(features, covers, strict=True):
        over = [
            other for above, other in covers if above.order > mark.order and above.fill != "none"
        ]
        free = shapely.difference(shape, shapely.union_all(np.array(over, dtype=object)))
        yield one, shape if free.is_empty else free


def _valid(shape: BaseGeometry | None) -> BaseGeometry:
    parts = np.array([shapely.make_valid(one) for one in _simple(shape)], dtype=object)
    united: BaseGeometry = shapely.union_all(parts)
    return united


def _label(
    view: _View, x: float, y: float, label: str, size: float, places: Sequence[tuple[float, float]]
) -> Iterator[str]:
    """Label at the first of some places beside a point where it touches no other."""
    wide = text_width(label, size)
    for right, down in places:
        start = {1: x + right, 0: x - wide / 2, -1: x + right - wide}[int(np.sign(right))]
        box = (start - 1, y + down - size, start + wide + 1, y + down + 2)
        if view.free(box):
            view.taken.append(box)
            yield haloed(start, y + down, label, size)
            return


def _grid(view: _View, reader: Reader) -> Iterator[str]:
    """Lines of whole metres with their coordinates outside the frame."""
    step = round_length((view.east - view.west) / GRID_LINES)
    low, high = TOP + MAP_HEIGHT, TOP
    line = 'stroke="#8a968f" stroke-width="0.4"'
    for n in range(math.ceil(view.west / step), math.floor(view.east / step) + 1):
        x = view.x(n * step)
        yield f'<path d="M{number(x)} {number(high)}V{number(low)}" {line}/>'
        yield lettering(x, low + 12, in_metres(n * step, reader), SMALL, ' text-anchor="middle"')
    for n in range(math.ceil(view.south / step), math.floor(view.north / step) + 1):
        y = view.y(n * step)
        yield f'<path d="M{number(LEFT)} {number(y)}H{number(WIDTH - RIGHT)}" {line}/>'
        yield lettering(LEFT - 4, y + 3, in_metres(n * step, reader), SMALL, ' text-anchor="end"')


def _legend(ground: Ground, reader: Reader, top: float) -> tuple[str, float]:
    """What is drawn, each with its mark; and where it ends."""
    said = names(reader.say)
    areas: dict[str, int] = {}
    points: set[str] = set()
    for one in ground.features:
        for part in _simple(one.shape):
            if part.geom_type == "Point":
                points.add(one.role if one.role in said else "other")
            else:
                key = area_key(one.role, one.style)
                areas[key] = AREAS[key].order
    entries = sorted(areas, key=lambda key: (-areas[key], key)) + sorted(points)
    entries += ["turning point"] if ground.points else []
    column = (WIDTH - 2 * RIGHT) / _LEGEND_COLUMNS
    out = []
    for at, key in enumerate(entries):
        across, down = at % _LEGEND_COLUMNS, at // _LEGEND_COLUMNS
        start = RIGHT + across * column
        y = top + down * _LEGEND_LINE + 12
        swatch = WIDTH - start - 22 if reader.right_to_left else start
        if key in areas:
            out.append(
                f'<rect x="{number(swatch)}" y="{number(y - 9)}" width="22" height="11" '
                f"{AREAS[key].attributes()}/>"
            )
        else:
            out.append(point_symbol(key, swatch + 11, y - 4))
        out.append(line_of_words(start + 29, y, said[key], reader))
    rows = math.ceil(len(entries) / _LEGEND_COLUMNS)
    return "".join(out), top + rows * _LEGEND_LINE + 4


def _notes(ground: Ground, reader: Reader) -> list[str]:
    """What the grid and the north are, then level, day and code."""
    say = reader.say
    grid = say("Grid: metres east and north of the centre of the operation's frame, {centre}.")
    turn = say("True north lies {degrees}° clockwise from the grid's north here.")
    degrees = reader.decimal(f"{round(ground.true_north_deg, 2) + 0.0:.2f}")
    return [
        grid.format(centre=ground.centre),
        turn.format(degrees=degrees),
        say("Only what is recorded is drawn; nothing is said of ground left white."),
        ground.line,
    ]


def map_svg(ground: Ground, reader: Reader) -> str:
    """Draw a map.

    Returns
    -------
    str
        A whole SVG document, 720 pixels wide; the same for the same arguments. Shapes that are
        empty or not finite are left out.
    """
    view = _view(ground)
    frame = (
        f'x="{number(LEFT)}" y="{number(TOP)}" width="{number(WIDTH - LEFT - RIGHT)}" '
        f'height="{number(MAP_HEIGHT)}"'
    )
    legend, end = _legend(ground, reader, TOP + MAP_HEIGHT + BOTTOM)
    notes = []
    for line in _notes(ground, reader):
        if line:
            end += 13
            notes.append(line_of_words(RIGHT, end, line, reader, SMALL))
    height = end + 8
    stamp = stamped(reader.say("SYNTHETIC")) if ground.synthetic else ""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {number(WIDTH)} {number(height)}" '
        f'width="{number(WIDTH)}" height="{number(height)}" fill="{INK}" '
        "font-family=\"'Noto Sans',sans-serif\">",
        f'<defs>{PATTERNS}<clipPath id="frame"><rect {frame}/></clipPath></defs>',
        f'<rect {frame} fill="#ffffff"/>',
        f'<g clip-path="url(#frame)">{"".join(_features(view, ground.features))}</g>',
        *_grid(view, reader),
        *_labels(view, ground),
        f'<rect {frame} fill="none" stroke="{INK}" stroke-width="0.8"/>',
        scale_bar(view.east - view.west, view.scale, reader),
        north_arrow(reader),
        legend,
        *notes,
        stamp,
        "</svg>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def site_map(
    value: Mapping[str, Any],
    reader: Reader,
    *,
    points: Sequence[Mapping[str, Any]] = (),
    caption: str = "",
) -> Drawing | None:
    """Map of a document's value; None where the value has nothing to draw.

    Parameters
    ----------
    value
        The document's value. ``map`` holds the centre of the frame (``frame_longitude_nd``,
        ``frame_latitude_nd``) and ``layers``, each with ``role``, ``label``, ``style`` and
        ``shape`` in canonical form.
    points
        Rows of the table of turning points: ``label``, ``latitude``, ``longitude`` in degrees.
    """
    drawn = value.get("map")
    if not drawn:
        return None
    frame = Frame(int(drawn["frame_longitude_nd"]), int(drawn["frame_latitude_nd"]))
    layers = drawn["layers"]
    shapes = np.array([shape_of(one["shape"]) for one in layers], dtype=object)
    features = tuple(
        Feature(str(one["role"]), shape, str(one["label"]), str(one["style"]))
        for one, shape in zip(layers, frame.project_geometries(shapes), strict=True)
    )
    degrees = np.array([(float(one["longitude"]), float(one["latitude"])) for one in points])
    metres = frame.project(degrees).tolist() if len(points) else []
    ground = Ground(
        features=features,
        points=tuple((str(one["label"]), x, y) for one, (x, y) in zip(points, metres, strict=True)),
        centre=_said_centre(frame),
        true_north_deg=_true_north(frame, shapes),
        line=_level_line(value, reader),
        synthetic=bool(value["synthetic"]),
    )
    alt = reader.say("Map of {subject}: {labels}.").format(
        subject=value["subject"]["name"],
        labels=", ".join(dict.fromkeys(one.label for one in features if one.label)),
    )
    return Drawing(svg=map_svg(ground, reader), alt=alt, caption=caption)


def _said_centre(frame: Frame) -> str:
    """Centre of the frame in degrees, with its projection and datum."""
    latitude, longitude = frame.latitude_nd / 1e9, frame.longitude_nd / 1e9
    north, east = "NS"[latitude < 0], "EW"[longitude < 0]
    return f"{abs(latitude):.3f}° {north} {abs(longitude):.3f}° {east} (WGS 84 LAEA)"


def _true_north(frame: Frame, degrees: np.ndarray) -> float:
    """Angle from the grid's north to true north, clockwise, in the middle of some shapes."""
    west, south, east, north = shapely.total_bounds(degrees).tolist()
    middle = ((west + east) / 2, (south + north) / 2)
    (x0, y0), (x1, y1) = frame.project(np.array([middle, (middle[0], middle[1] + 1e-4)])).tolist()
    return math.degrees(math.atan2(x1 - x0, y1 - y0))


def _level_line(value: Mapping[str, Any], reader: Reader) -> str:
    """Level, day, time of the position and code, as in the head and foot of the page."""
    parts = [reader.mark(str(value["level"])) if value.get("level") else ""]
    parts.append(reader.until(str(value.get("until", ""))))
    known = reader.moment(str(value["moment"]))
    parts.append(reader.say("known at {time}").format(time=known))
    if value.get("code"):
        parts.append(f"{reader.say('code')} {value['code']}")
    return " · ".join(part for part in parts if part)
