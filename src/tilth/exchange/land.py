"""The bundled basemap: land without any border, as areas of the world grid.

Made by ``tools/basemap.py``; what it was made from is told in ``basemap/SOURCE.toml``.
"""

from __future__ import annotations

import lzma
from functools import lru_cache
from pathlib import Path

import numpy as np

from tilth.exchange.tiles import Areas, TileAddress, area_layer

__all__ = ["LAND_ZOOM", "land", "land_tile"]

LAND_ZOOM = 7
"""Deepest zoom at which land has more to show; clients draw closer from it."""
_FILE = Path(__file__).parent / "basemap" / "land.xz"


@lru_cache(maxsize=1)
def land() -> Areas:
    """Land of the world, cut into pieces that touch few tiles each."""
    data = lzma.decompress(_FILE.read_bytes())
    step, *sizes = np.frombuffer(data, "<u4", 6).tolist()
    at, parts = 24, []
    for kind, size in zip(("<u2", "<u2", "u1", "<i4", "<i4"), sizes, strict=True):
        parts.append(np.frombuffer(data, kind, size, at))
        at += parts[-1].nbytes
    rings, vertices, hole, east, south = parts
    xy = np.column_stack((np.cumsum(east, dtype=np.int64), np.cumsum(south, dtype=np.int64)))
    return Areas(
        np.concatenate((np.zeros(1, np.int64), np.cumsum(rings, dtype=np.int64))),
        np.concatenate((np.zeros(1, np.int64), np.cumsum(vertices, dtype=np.int64))),
        hole.astype(bool),
        np.clip(xy * step, 0, (1 << 32) - 1).astype(np.uint32),
    )


@lru_cache(maxsize=1)
def _boxes() -> np.ndarray[tuple[int, int], np.dtype[np.uint32]]:
    areas = land()
    first = areas.vertex_offset[areas.ring_offset[:-1]]
    low = np.minimum.reduceat(areas.xy, first)
    return np.column_stack((low, np.maximum.reduceat(areas.xy, first)))


@lru_cache(maxsize=512)
def land_tile(address: TileAddress) -> bytes:
    """Vector tile with the layer ``land``; empty bytes at sea."""
    x0, y0, x1, y1 = address.box
    box, edge = _boxes().astype(np.int64), (x1 - x0) // 16
    rows = np.flatnonzero(
        (box[:, 0] < x1 + edge)
        & (box[:, 2] > x0 - edge)
        & (box[:, 1] < y1 + edge)
        & (box[:, 3] > y0 - edge)
    )
    return area_layer("land", address, land().some(rows), np.zeros(len(rows), np.int64), {})
