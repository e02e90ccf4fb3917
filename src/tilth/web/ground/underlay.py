"""Tiles of basemaps: the bundled land, and the deployer's through this server."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tilth.core.problems import Problem, Refused
from tilth.service.basemaps import LAND, Basemap, base_tile, basemaps_of
from tilth.service.map_tiles import tile_address
from tilth.web.ledger import desk
from tilth.web.people.middleware import asks_alone

__all__ = ["basemaps", "tile"]

_DAY_S = 86_400


@lru_cache(maxsize=4)
def _read(folder: Path, tables: str) -> tuple[list[Basemap], tuple[Problem, ...]]:
    del tables  # settings are read once; the text is the key
    given = settings.FILE_SETTINGS.get("basemap", [])
    good: list[Basemap] = [LAND]
    problems: list[Problem] = []
    for one in given if isinstance(given, list) else []:
        try:
            good.append(basemaps_of([one], folder)[1])
        except Refused as refused:
            problems += refused.problems
    return good, tuple(problems)


def basemaps(folder: Path) -> tuple[list[Basemap], tuple[Problem, ...]]:
    """Basemaps that the map offers, and what is wrong with the others of ``server.toml``."""
    return _read(folder, repr(settings.FILE_SETTINGS.get("basemap", [])))


@asks_alone
@require_safe
def tile(request: HttpRequest, name: str, z: int, x: int, y: int) -> HttpResponse:
    """Tile of a basemap; 204 where there is none."""
    with desk(request) as session:
        folder = session.workspace.path
    known = {one.id: one for one in basemaps(folder)[0]}
    address = tile_address(z, x, y)
    if name not in known:
        raise Refused(Problem("no_such_basemap", name, {"id": name}))
    if address is None:
        raise Refused(Problem("no_such_tile", f"{z}/{x}/{y}"))
    data, kind, encoding = base_tile(known[name], address, folder)
    response = HttpResponse(data, content_type=kind, status=200 if data else 204)
    if data and encoding:
        response["Content-Encoding"] = encoding
    response["Cache-Control"] = f"private, max-age={_DAY_S}"
    return response
