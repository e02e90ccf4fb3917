"""Tiles of the map for one reader, cut out of the arrays.

Making a tile needs no session, so that a process makes several at a time. Where a tile would hold
too many features, points are summed into cells by month, and small areas are drawn as dots with
the share of the ground that they cover.
"""

from __future__ import annotations

import gzip
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tilth.core.days import NEVER, iso, last_day
from tilth.exchange.tiles import (
    MAX_ZOOM,
    TileAddress,
    area_layer,
    joined,
    lonlat_of,
    point_layer,
)
from tilth.service.map_arrays import POINT_LAYERS, NameTable, Part
from tilth.service.map_features import COARSE_ZOOM
from tilth.service.map_sight import View

__all__ = ["MAX_ZOOM", "make_tile", "tile_address"]

_AREAS_AT_MOST = 2_500
_POINTS_AT_MOST = 10_000
_CELLS_AT_MOST = 10_000
_DOTS_AT_MOST = 5_000
_DOTS = ((7, 1), (6, 1), (6, 6), (6, 12), (5, 12))
"""Bits of a dot's cell each way, and the months that it stands for: ever coarser."""
_LABEL_ZOOM = 12
_LABELLED = ("hazards", "tasks")
_EARTH_M = 40_075_016.685578488  # circumference at the equator of Web Mercator's sphere
_TILES_KEPT = 600


def tile_address(z: int, x: int, y: int) -> TileAddress | None:
    """Address of a tile, None where there is none."""
    address = TileAddress(z, x, y)
    return address if address.valid else None


def _within(part: Part, address: TileAddress) -> NDArray[np.int64]:
    """Rows whose box meets a tile and a little around it, or whose point lies in it."""
    x0, y0, x1, y1 = address.box
    if len(part.keys):
        bits = 2 * (32 - address.z)
        first = np.uint64(_key(address.x, address.y, address.z) << bits)
        last = np.uint64(((_key(address.x, address.y, address.z) + 1) << bits) - 1)
        low = int(np.searchsorted(part.keys, first, side="left"))
        return np.arange(low, int(np.searchsorted(part.keys, last, side="right")))
    if not len(part.box):
        return np.empty(0, np.int64)
    edge = (x1 - x0) // 32
    box = part.box
    return np.flatnonzero(
        (box[:, 0] < x1 + edge)
        & (box[:, 2] >= max(0, x0 - edge))
        & (box[:, 1] < y1 + edge)
        & (box[:, 3] >= max(0, y0 - edge))
    )


def _key(x: int, y: int, bits: int) -> int:
    """Key of a cell along the Morton curve, x in the even bits."""
    key = 0
    for bit in range(bits):
        key |= ((x >> bit) & 1) << (2 * bit) | ((y >> bit) & 1) << (2 * bit + 1)
    return key


# -- tiles ---------------------------------------------------------------------------------------

_kept: OrderedDict[Any, bytes] = OrderedDict()
_lock = Lock()


def make_tile(view: View, layer: str, address: TileAddress, *, packed: bool = True) -> bytes:
    """Vector tile of a layer; empty bytes where there is nothing to see.

    Parameters
    ----------
    packed
        Compressed by gzip.

    Raises
    ------
    Refused
        ``map_not_ready``, ``no_such_layer``.
    """
    sight = view.sight.name
    key = (view.folder, view.position, layer, view.level, address, sight, view.choice, packed)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    data = _tile(view, layer, address)
    if packed and data:
        data = gzip.compress(data, 3, mtime=0)
    with _lock:
        _kept[key] = data
        while len(_kept) > _TILES_KEPT:
            _kept.popitem(last=False)
    return data


_Some = tuple[Part, NDArray[np.int64], NDArray[np.int64]]
"""Features of a part: rows, and the number of each."""


def _tile(view: View, layer: str, address: TileAddress) -> bytes:
    parts: list[_Some] = []
    for part, first, gone in view.layer(layer).parts:
        rows = _within(part, address)
        if gone is not None:
            rows = rows[~gone[rows]]
        rows = view.chosen(layer, part, rows)
        if len(rows):
            parts.append((part, rows, rows + first))
    if not parts:
        return b""
    # a tile may hold one layer of a name, so that all its features lie together
    some = parts[0] if len(parts) == 1 else _together(parts)
    if layer in POINT_LAYERS:
        draw = _cells if len(some[1]) > _POINTS_AT_MOST else _points
        return draw(layer, address, some)
    return _areas(layer, address, some, view.names if _has_labels(layer, address) else None)


def _together(parts: Sequence[_Some]) -> _Some:
    """Features of several parts as those of one, points along the Morton curve."""
    whole = Part(
        {
            name: np.concatenate([part.columns[name][rows] for part, rows, _ in parts])
            for name in parts[0][0].columns
        },
        np.concatenate([part.xy[rows] for part, rows, _ in parts]),
        np.concatenate([part.box[rows] if len(part.box) else part.box for part, rows, _ in parts]),
    )
    numbers = np.concatenate([some for _, _, some in parts])
    rows = np.arange(len(whole))
    if len(parts[0][0].keys):
        whole.keys = np.concatenate([part.keys[rows] for part, rows, _ in parts])
        rows = np.argsort(whole.keys, kind="stable")
        return whole, rows, numbers[rows]
    fine = [part.areas.some(rows) for part, rows, _ in parts if part.areas is not None]
    coarse = [part.coarse.some(rows) for part, rows, _ in parts if part.coarse is not None]
    whole.areas, whole.coarse = joined(fine), joined(coarse)
    return whole, rows, numbers


def _has_labels(layer: str, address: TileAddress) -> bool:
    return layer in _LABELLED and address.z >= _LABEL_ZOOM


def _attributes(layer: str, part: Part, rows: NDArray[np.int64]) -> dict[str, Any]:
    """What every feature carries: see the names in `static/ground/layers.js`."""
    columns = part.columns
    until = columns["until"][rows]
    levels = columns["levels"][rows]
    # the highest of reported, verified and approved at which it is there
    highest = np.where(levels & 4, 3, np.where(levels & 2, 2, 1))
    found = {
        "c": columns["cls"][rows],
        "d": columns["since"][rows],
        "e": np.where(until == NEVER, 0, until),
        "o": columns["organisation"][rows],
        "l": highest,
    }
    if layer == "hazards":
        found |= {"w": columns["more"][rows], "x": columns["most"][rows]}
    if layer == "items":
        found["q"] = columns["more"][rows]
    return found


def _points(layer: str, address: TileAddress, some: _Some) -> bytes:
    part, rows, numbers = some
    return point_layer(layer, address, part.xy[rows], numbers, _attributes(layer, part, rows))


def _cells(layer: str, address: TileAddress, some: _Some) -> bytes:
    """Points summed into cells by month; each counts from the last day of its month."""
    part, rows, _ = some
    months, month = _by_month(part.columns["since"][rows])
    keys, xy = part.keys[rows], part.xy[rows]
    for bits in (8, 7, 6, 5):
        # keys ascend, so that the points of a cell are neighbours and nothing is sorted
        cell = keys >> np.uint64(2 * (32 - address.z - bits))
        rank = np.concatenate((np.zeros(1, np.int64), np.cumsum(cell[1:] != cell[:-1])))
        group = rank * len(months) + month
        lines = np.bincount(group)
        held = np.flatnonzero(lines)
        if len(held) <= _CELLS_AT_MOST or bits == 5:
            break
    pieces = lines
    if layer == "items":
        pieces = np.rint(np.bincount(group, part.columns["more"][rows])).astype(np.int64)
    count = lines[held]
    middle = np.column_stack([np.bincount(group, xy[:, n])[held] / count for n in (0, 1)])
    attributes = {"d": months[held % len(months)], "n": count, "q": pieces[held]}
    numbers = np.arange(len(held))
    return point_layer(f"{layer}_dots", address, middle.astype(np.uint32), numbers, attributes)


def _areas(layer: str, address: TileAddress, some: _Some, texts: NameTable | None) -> bytes:
    """Areas; where there are too many, those smaller than a dot as dots."""
    (part, rows, numbers), dots = some, b""
    if len(rows) > _AREAS_AT_MOST:
        size = (part.box[rows, 2:] - part.box[rows, :2]).max(axis=1)
        large = size >= (address.box[2] - address.box[0]) // 48
        if large.sum() > _AREAS_AT_MOST:
            floor = np.sort(size)[-_AREAS_AT_MOST]
            large = size > floor
        dots = _dots(layer, address, part, rows[~large])
        rows, numbers = rows[large], numbers[large]
    source = part.coarse if address.z <= COARSE_ZOOM else part.areas
    if source is None or not len(rows):
        return dots
    # the small lie above the large, so that each can be met
    order = np.argsort(-part.columns["m2"][rows], kind="stable")
    rows, numbers = rows[order], numbers[order]
    attributes = _attributes(layer, part, rows)
    if texts is not None:
        labels = [texts.label(int(one)).split("\t", 1)[0] for one in part.columns["record"][rows]]
        attributes["t"] = labels
    return dots + area_layer(layer, address, source.some(rows), numbers, attributes)


def _dots(layer: str, address: TileAddress, part: Part, rows: NDArray[Any]) -> bytes:
    """Small areas by cell, class and month, with the share of the cell that they cover.

    What ends some day is left out: a dot never says more than what holds for good.
    """
    rows = rows[part.columns["until"][rows] == NEVER]
    if not len(rows):
        return b""
    xy = part.xy[rows].astype(np.int64)
    classes = part.columns["cls"][rows].astype(np.int64)
    x0, y0, _, _ = address.box
    for bits, period in _DOTS:
        shift = 32 - address.z - bits
        months, month = _by_month(part.columns["since"][rows], period)
        cell = ((xy[:, 1] - y0) >> shift << 20) + ((xy[:, 0] - x0) >> shift)
        order, start = _grouped(cell, month * 256 + classes)
        if len(start) <= _DOTS_AT_MOST:
            break
    m2 = np.add.reduceat(part.columns["m2"][rows][order], start)
    ends = [*start.tolist()[1:], len(order)]
    at = cell[order][start]
    middle = np.column_stack(((at & 0xFFFFF), at >> 20)) * (1 << shift) + (1 << (shift - 1))
    middle = middle + np.array([x0, y0])
    latitude = lonlat_of(middle)[:, 1]
    side_m = _EARTH_M * np.cos(np.radians(latitude)) / (1 << (address.z + bits))
    attributes = {
        "c": classes[order][start],
        "d": months[month[order][start]],
        "n": np.diff([*start.tolist(), ends[-1]]),
        "s": np.clip(np.rint(100 * m2 / side_m**2), 1, 100).astype(np.int64),
    }
    inside = ((middle >= 0) & (middle < 1 << 32)).all(axis=1)
    kept = {key: values[inside] for key, values in attributes.items()}
    numbers = np.flatnonzero(inside)
    return point_layer(f"{layer}_dots", address, middle[inside], numbers, kept)


def _grouped(one: NDArray[Any], other: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Order that brings equal pairs together, and where each pair begins in it."""
    order = np.lexsort((other, one))
    a, b = one[order], other[order]
    fresh = np.ones(len(order), bool)
    fresh[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1])
    return order, np.flatnonzero(fresh)


def _by_month(days: NDArray[Any], period: int = 1) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Last days of the months, or of each 6 or 12 months, and which of them each day belongs to.

    Days are looked up in a table of all days between the first and the last: nothing is sorted.
    """
    low, high = int(days.min()), int(days.max())
    table = np.fromiter((_month_end(day, period) for day in range(low, high + 1)), np.int64)
    ends, place = np.unique(table, return_inverse=True)
    return ends, place[days - low]


@lru_cache(maxsize=65536)
def _month_end(day: int, period: int) -> int:
    year, month = int(iso(day)[:4]), int(iso(day)[5:7])
    return last_day(f"{year:04}-{-(-month // period) * period:02}")
