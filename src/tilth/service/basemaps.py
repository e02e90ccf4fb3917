"""Basemaps under the map: the bundled land, and those that the deployer names.

Nothing is asked of anybody else unless ``DIR/server.toml`` names it, and then only by the server,
never by a browser: who asks for which tile would tell where an operation works. ::

    [[basemap]]
    id = "relief"
    title = "Relief"
    type = "raster"             # pmtiles, raster, wms or wmts
    url = "https://tiles.example.org/{z}/{x}/{y}.png"   # or path = "region.pmtiles"
    attribution = "© Example Survey"
    max_zoom = 15
    private_network = false     # true where the host is in your own network
"""

from __future__ import annotations

import gzip
import os
import re
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from pmtiles import reader as pmtiles_reader
from pmtiles.tile import Compression, TileType

from tilth.core.problems import Problem, Refused, register
from tilth.exchange.fetching import fetch_picture
from tilth.exchange.land import LAND_ZOOM, land_tile
from tilth.exchange.tiles import TileAddress
from tilth.service.map_tiles import MAX_ZOOM

__all__ = ["LAND", "Basemap", "base_tile", "basemaps_of"]

register(
    {
        "bad_basemap": (
            "The basemap {id} of server.toml cannot be used: {reason}.",
            "Correct it in server.toml and start the server again.",
        ),
        "no_such_basemap": (
            "There is no basemap {id}.",
            "Take one of those that the map offers.",
        ),
    }
)

_TYPES = ("pmtiles", "raster", "wms", "wmts")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,30}")
_CACHE_S = 30 * 86_400
_CACHE_FILES = 20_000
_SWEEP_EVERY = 500
_HALF_WORLD_M = 20_037_508.342789244  # half the width of Web Mercator
_CONTENT = {
    TileType.PNG: "image/png",
    TileType.JPEG: "image/jpeg",
    TileType.WEBP: "image/webp",
    TileType.MVT: "application/vnd.mapbox-vector-tile",
}


@dataclass(frozen=True, slots=True)
class Basemap:
    """A basemap that the map offers.

    Parameters
    ----------
    kind
        ``land``, ``pmtiles``, ``raster``, ``wms`` or ``wmts``.
    vector
        Whether its tiles are vector tiles.
    private
        Whether its host may lie in a private network.
    """

    id: str
    title: str
    kind: str
    source: str = ""
    attribution: str = ""
    min_zoom: int = 0
    max_zoom: int = MAX_ZOOM
    vector: bool = False
    private: bool = False


LAND = Basemap("land", "Land without borders", "land", max_zoom=LAND_ZOOM, vector=True)


def basemaps_of(tables: Iterable[Mapping[str, Any]], folder: Path) -> list[Basemap]:
    """Basemaps of ``server.toml`` after the bundled one.

    Parameters
    ----------
    tables
        The tables ``basemap``.
    folder
        The workspace's; paths are relative to it.

    Raises
    ------
    Refused
        ``bad_basemap`` for each that cannot be used.
    """
    found, problems = [LAND], []
    for table in tables:
        try:
            found.append(_read(table, folder))
        except ValueError as error:
            params = {"id": str(table.get("id", "")), "reason": str(error)}
            problems.append(Problem("bad_basemap", "server.toml", params))
    if problems:
        raise Refused(*problems)
    return found


def _read(table: Mapping[str, Any], folder: Path) -> Basemap:
    name, kind = str(table.get("id", "")), str(table.get("type", ""))
    if not _NAME.fullmatch(name) or name == LAND.id:
        msg = "its id must be of small letters, digits, - and _, and not 'land'"
        raise ValueError(msg)
    if kind not in _TYPES:
        msg = f"its type must be one of {', '.join(_TYPES)}"
        raise ValueError(msg)
    low, high = int(table.get("min_zoom", 0)), int(table.get("max_zoom", MAX_ZOOM))
    if not 0 <= low <= high <= 24:
        msg = "its zooms must be 0 ≤ min_zoom ≤ max_zoom ≤ 24"
        raise ValueError(msg)
    title = str(table.get("title", name))
    attribution = str(table.get("attribution", ""))
    vector = False
    if kind == "pmtiles":
        path = folder / str(table.get("path", ""))
        source = str(path.resolve())
        if not path.is_file():
            msg = f"there is no file {path}"
            raise ValueError(msg)
        header = _archive(source).header()
        high = min(high, int(header["max_zoom"]))
        low = max(low, int(header["min_zoom"]))
        if header["tile_type"] not in _CONTENT:
            msg = "its tiles are neither pictures nor vector tiles"
            raise ValueError(msg)
        vector = header["tile_type"] == TileType.MVT
    else:
        source = str(table.get("url", ""))
        parts = urlsplit(source)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            msg = (
                "its url must begin with https:// or http:// and name a host, and nobody's password"
            )
            raise ValueError(msg)
    private = bool(table.get("private_network", False))
    return Basemap(name, title, kind, source, attribution, low, high, vector, private)


def base_tile(basemap: Basemap, address: TileAddress, folder: Path) -> tuple[bytes, str, str]:
    """Tile of a basemap: bytes, content type, content encoding; empty bytes where there is none.

    Raises
    ------
    Refused
        What `tilth.exchange.fetching` refuses.
    """
    if basemap.kind == "land":
        data = land_tile(address) if address.z <= LAND_ZOOM else b""
        packed = gzip.compress(data, 6, mtime=0) if data else b""
        return packed, _CONTENT[TileType.MVT], "gzip"
    if not basemap.min_zoom <= address.z <= basemap.max_zoom:
        return b"", "image/png", ""
    if basemap.kind == "pmtiles":
        return _of_archive(basemap, address)
    return _cached(basemap, address, folder)


_locks: dict[str, threading.Lock] = {}


@lru_cache(maxsize=16)
def _archive(path: str) -> Any:
    opened: Any = pmtiles_reader  # it has no types
    with Path(path).open("rb") as file:  # what is mapped stays when the file is closed
        return opened.Reader(opened.MmapSource(file))


def _of_archive(basemap: Basemap, address: TileAddress) -> tuple[bytes, str, str]:
    reader = _archive(basemap.source)
    header = reader.header()
    with _locks.setdefault(basemap.source, threading.Lock()):
        data = reader.get(*address) or b""
    packed = header["tile_compression"] == Compression.GZIP
    return data, _CONTENT[header["tile_type"]], "gzip" if packed else ""


def _cached(basemap: Basemap, address: TileAddress, folder: Path) -> tuple[bytes, str, str]:
    """Picture from the folder of what was fetched, else fetched."""
    path = folder / "derived" / "basemap" / basemap.id / f"{address.z}-{address.x}-{address.y}"
    try:
        if time.time() - path.stat().st_mtime < _CACHE_S:
            kind, _, data = path.read_bytes().partition(b"\n")
            return data, kind.decode("ascii"), ""
    except (OSError, UnicodeDecodeError):
        pass  # not there yet, or taken away just now
    data, content_type = fetch_picture(_address_of(basemap, address), private=basemap.private)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    draft.write_bytes(content_type.encode("ascii") + b"\n" + data)
    draft.replace(path)
    _sweep(path.parent)
    return data, content_type, ""


_written = {"tiles": 0}


def _sweep(folder: Path) -> None:
    """Now and then, remove the oldest pictures beyond a number."""
    _written["tiles"] += 1
    if _written["tiles"] % _SWEEP_EVERY:
        return
    known = sorted(folder.iterdir(), key=lambda one: one.stat().st_mtime)
    for one in known[: max(0, len(known) - _CACHE_FILES)]:
        one.unlink(missing_ok=True)


def _address_of(basemap: Basemap, address: TileAddress) -> str:
    if basemap.kind == "wms":
        return _wms(basemap.source, address)
    words = {
        "z": address.z,
        "x": address.x,
        "y": address.y,
        "-y": (1 << address.z) - 1 - address.y,
        "TileMatrix": address.z,
        "TileCol": address.x,
        "TileRow": address.y,
    }
    return re.sub(r"\{([^{}]+)\}", lambda one: str(words.get(one[1], one[0])), basemap.source)


def _wms(url: str, address: TileAddress) -> str:
    """Request of WMS 1.3.0 for a tile in EPSG:3857."""
    size = 2 * _HALF_WORLD_M / (1 << address.z)
    west = address.x * size - _HALF_WORLD_M
    north = _HALF_WORLD_M - address.y * size
    box = (west, north - size, west + size, north)
    query = {
        "SERVICE": "WMS",
        "VERSION": "1.3.0",
        "REQUEST": "GetMap",
        "CRS": "EPSG:3857",
        "BBOX": ",".join(f"{one:.6f}" for one in box),
        "WIDTH": "256",
        "HEIGHT": "256",
        "FORMAT": "image/png",
        "STYLES": "",
    }
    given = {part.split("=", 1)[0].upper() for part in urlsplit(url).query.split("&") if part}
    rest = urlencode({name: value for name, value in query.items() if name not in given})
    return f"{url}{'&' if urlsplit(url).query else '?'}{rest}"
