"""Vector tiles of the map, for the person who asks."""

from __future__ import annotations

from hashlib import sha256

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.views.decorators.http import require_safe

from tilth.core.chains import LEVELS
from tilth.core.problems import Problem, Refused
from tilth.service.map_sight import View, sight_of
from tilth.service.map_tiles import make_tile, tile_address
from tilth.web.ground.asked import choice_of
from tilth.web.ledger import desk
from tilth.web.people.middleware import asks_alone

__all__ = ["CACHED", "tile"]

CACHED = "private, max-age=86400, immutable"
"""A position never changes; what a person may see of it is part of the address and of the tag."""


@asks_alone
@require_safe
def tile(
    request: HttpRequest, layer: str, level: str, position: str, z: int, x: int, y: int
) -> HttpResponse:
    """Vector tile; 204 where there is nothing to see."""
    address = tile_address(z, x, y)
    if address is None or level not in LEVELS:
        raise Refused(Problem("no_such_tile", f"{level} {z}/{x}/{y}"))
    with desk(request) as session:
        sight = sight_of(session, position)
        view = View(session.workspace.path, position, level, sight, choice_of(request, layer))
    # the session is given back before the tile is made
    data = make_tile(view, layer, address)
    mark = f'"{sha256(data + sight.name.encode()).hexdigest()[:24]}"'
    response: HttpResponse
    if request.headers.get("If-None-Match") == mark:
        response = HttpResponseNotModified()
    else:
        kind = "application/vnd.mapbox-vector-tile"
        response = HttpResponse(data, content_type=kind, status=200 if data else 204)
        if data:
            response["Content-Encoding"] = "gzip"
    response["ETag"] = mark
    response["Cache-Control"] = CACHED
    response["Vary"] = "Cookie"
    return response
