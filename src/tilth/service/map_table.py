"""The list beside the map: the same features by the same choice, as rows, pages and a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from tilth.core.chains import LEVELS
from tilth.core.days import NEVER, iso, last_day
from tilth.core.problems import Problem, Refused, register
from tilth.core.statement import split_record_id
from tilth.exchange.tiles import lonlat_of, shapes_of_areas, world_of
from tilth.service.map_arrays import LAYERS, POINT_LAYERS, Part, has_map, position_name
from tilth.service.map_sight import STATUSES, View, statuses
from tilth.service.positions import position_at
from tilth.service.session import Session

__all__ = [
    "PAGE",
    "Asked",
    "Listed",
    "Moment",
    "as_geojson",
    "box_in_degrees",
    "feature_of",
    "found_in",
    "listed",
    "moments_of",
]

PAGE = 50
MOST_PAGES = 2_000
MOST_IN_FILE = 20_000
_MOMENTS, _MONTHS = 36, "months"
_LEVELS = ("reported", "verified", "approved")

register(
    {
        "no_such_feature": (
            "The map has no such thing that you may see.",
            "It may have changed meanwhile; load the map again.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list shows.

    Parameters
    ----------
    layers
        In the order of `LAYERS`.
    box
        West, south, east, north in degrees; None for everywhere.
    until
        Ordinal of the day; 0 for any.
    page
        From 1.
    """

    layers: tuple[str, ...] = LAYERS
    box: tuple[float, float, float, float] | None = None
    until: int = 0
    page: int = 1


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the list.

    Parameters
    ----------
    counts
        Features by layer, of those asked for.
    m2
        Sum of their areas by layer, overlaps counted twice.
    """

    rows: list[dict[str, Any]]
    counts: dict[str, int]
    m2: dict[str, float]
    page: int
    pages: int


_Found = tuple[str, Part, int, NDArray[np.int64]]


def listed(view: View, asked: Asked) -> Listed:
    """Features that the map shows, the newest first within each layer.

    Raises
    ------
    Refused
        ``map_not_ready``, ``no_such_layer``.
    """
    counts: dict[str, int] = {}
    m2: dict[str, float] = {}
    every: list[_Found] = []
    for layer in asked.layers:
        some = list(_found(view, layer, asked))
        counts[layer] = sum(len(rows) for *_, rows in some)
        m2[layer] = float(sum(part.columns["m2"][rows].sum() for _, part, _, rows in some))
        every += some
    pages = min(MOST_PAGES, max(1, -(-sum(counts.values()) // PAGE)))
    page = min(max(1, asked.page), pages)
    shown = _page(every, counts, (page - 1) * PAGE, PAGE)
    return Listed([_row(view, *one, asked.until) for one in shown], counts, m2, page, pages)


def _found(view: View, layer: str, asked: Asked) -> Iterator[_Found]:
    for part, first, gone in view.layer(layer).parts:
        rows = _in_box(part, asked.box)
        if gone is not None:
            rows = rows[~gone[rows]]
        yield layer, part, first, view.chosen(layer, part, rows, asked.until)


def found_in(view: View, layer: str, asked: Asked) -> Iterator[tuple[Part, NDArray[np.int64]]]:
    """Rows of a layer's parts that the list would show."""
    for _, part, _, rows in _found(view, layer, asked):
        yield part, rows


def _in_box(part: Part, box: tuple[float, float, float, float] | None) -> NDArray[np.int64]:
    if box is None or not len(part):
        return np.arange(len(part))
    west, south, east, north = box
    (x0, y1), (x1, y0) = world_of(np.array([[west, south], [east, north]])).tolist()
    if len(part.box):
        flags = (
            (part.box[:, 0] <= x1)
            & (part.box[:, 2] >= x0)
            & (part.box[:, 1] <= y1)
            & (part.box[:, 3] >= y0)
        )
    else:
        x, y = part.xy[:, 0], part.xy[:, 1]
        flags = (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
    return np.flatnonzero(flags)


def _page(
    every: Sequence[_Found], counts: Mapping[str, int], skip: int, take: int
) -> list[tuple[str, Part, int, int]]:
    """Rows of a page: layer after layer, in each the newest first."""
    shown: list[tuple[str, Part, int, int]] = []
    for layer in counts:
        if skip >= counts[layer]:
            skip -= counts[layer]
            continue
        own = [one for one in every if one[0] == layer]
        since = np.concatenate([one[1].columns["since"][one[3]] for one in own])
        source = np.concatenate([np.full(len(one[3]), n) for n, one in enumerate(own)])
        rows = np.concatenate([one[3] for one in own])
        wanted = min(len(rows), skip + take)
        # no two alike, so that a thing never stands on two pages
        key = np.arange(len(rows)) - (since.astype(np.int64) << 32)
        order = (
            np.argpartition(key, wanted - 1)[:wanted] if wanted < len(rows) else np.arange(wanted)
        )
        order = order[np.argsort(key[order])][skip : skip + take]
        for at in order.tolist():
            _, part, first, _ = own[int(source[at])]
            shown.append((layer, part, first, int(rows[at])))
        take -= len(order)
        skip = 0
        if take <= 0:
            break
    return shown


def _row(
    view: View, layer: str, part: Part, first: int, row: int, until: int = 0
) -> dict[str, Any]:
    manifest, columns = view.manifest, part.columns
    number = int(columns["record"][row])
    record = view.names.record(number)
    words = view.names.label(number).split("\t")
    bits, ends = int(columns["levels"][row]), int(columns["until"][row])
    ((longitude, latitude),) = lonlat_of(part.xy[row : row + 1]).tolist()
    found = {
        "layer": layer,
        "number": first + row,
        "record": record,
        "kind": split_record_id(record)[1],
        "id": words[0],
        "words": words[1:],
        "class": manifest["classes"][layer][int(columns["cls"][row])],
        "organisation": manifest["organisations"][int(columns["organisation"][row])],
        "since": iso(int(columns["since"][row])) if columns["since"][row] > 0 else "",
        "until": "" if ends == NEVER else iso(ends - 1),
        "m2": float(columns["m2"][row]),
        "level": next((one for one in reversed(_LEVELS) if bits & 1 << (LEVELS[one] - 1)), ""),
        "longitude": round(longitude, 6),
        "latitude": round(latitude, 6),
    }
    if layer == "items":
        found["quantity"] = int(columns["more"][row])
    if layer == "hazards":
        found["status"] = STATUSES[int(statuses(part, np.array([row]), until)[0])]
    return found


def feature_of(view: View, layer: str, number: int) -> dict[str, Any]:
    """A feature of the map by its number, as a row of the list.

    Raises
    ------
    Refused
        ``no_such_feature``: it is not there, or the reader may not see it.
    """
    missing = Refused(Problem("no_such_feature", f"{layer} {number}"))
    try:
        part, row = view.layer(layer).at(number)
    except KeyError:
        raise missing from None
    if not len(view.chosen(layer, part, np.array([row]))):
        raise missing
    first = number - row
    found = _row(view, layer, part, first, row)
    if part.areas is not None:
        box = part.box[row].reshape(2, 2)
        (west, north), (east, south) = lonlat_of(box).tolist()
        found["box"] = [west, south, east, north]
    return found


def as_geojson(view: View, asked: Asked) -> dict[str, Any]:
    """What the list shows as a FeatureCollection in WGS 84 degrees, at most 20,000 features.

    ``complete`` is false where there are more; data of a synthetic operation say so in every
    feature.
    """
    features: list[dict[str, Any]] = []
    total = 0
    for layer in asked.layers:
        for name, part, first, rows in _found(view, layer, asked):
            total += len(rows)
            room = MOST_IN_FILE - len(features)
            features += _features(view, name, part, first, rows[:room], asked.until)
    manifest = view.manifest
    return {
        "type": "FeatureCollection",
        "synthetic": manifest["synthetic"],
        "level": view.level,
        "until": iso(asked.until) if asked.until else "",
        "known_at": manifest["known_at"],
        "position": view.position,
        "complete": total <= MOST_IN_FILE,
        "features": features,
    }


def _features(
    view: View, layer: str, part: Part, first: int, rows: NDArray[np.int64], until: int
) -> Iterator[dict[str, Any]]:
    if not len(rows):
        return
    if layer in POINT_LAYERS or part.areas is None:
        shapes = shapely.points(lonlat_of(part.xy[rows]))
    else:
        world = shapes_of_areas(part.areas.some(rows))
        shapes = shapely.transform(world, lonlat_of)
    texts = np.asarray(shapely.to_geojson(shapely.transform(shapes, lambda at: at.round(7))))
    synthetic = bool(view.manifest["synthetic"])
    for row, text in zip(rows.tolist(), texts.tolist(), strict=True):
        told = _row(view, layer, part, first, row, until)
        del told["number"], told["longitude"], told["latitude"]
        yield {
            "type": "Feature",
            "geometry": None if text is None else msgspec.json.decode(text),
            "properties": {**told, "synthetic": synthetic},
        }


class Moment(NamedTuple):
    """A time as of which the map can be asked for, and whether it is made."""

    known_at: str
    ready: bool


def moments_of(session: Session) -> list[Moment]:
    """Ends of the last 36 months before today in which anything was received, newest first."""
    folder = session.workspace.path
    return [Moment(end, has_map(folder, name)) for end, name in _month_ends(session)]


def _month_ends(session: Session) -> list[tuple[str, str]]:
    """Day and name of the position at each month's end, remembered until something is said."""
    key = (session.workspace.store.last_seq(), session.today())
    known = session.remembered.get(_MONTHS)
    if known is not None and known[0] == key:
        return list(known[1])
    receipts = session.workspace.store.receipts()
    zone = ZoneInfo(session.workspace.settings.time_zone)
    moments = (datetime.fromtimestamp(one.received_at / 1e6, UTC) for one in receipts)
    months = {moment.astimezone(zone).strftime("%Y-%m") for moment in moments}
    ends = sorted((iso(last_day(month)) for month in months), reverse=True)
    ends = [one for one in ends if one < session.today()][:_MOMENTS]
    found = [(one, position_name(position_at(session, one))) for one in ends]
    session.remembered[_MONTHS] = (key, found)
    return found


def box_in_degrees(box: Sequence[int]) -> list[float]:
    """West, south, east, north of a box on the world grid; empty for an empty one."""
    if not box:
        return []
    (west, north), (east, south) = lonlat_of(np.array(box).reshape(2, 2)).tolist()
    return [round(one, 7) for one in (west, south, east, north)]
