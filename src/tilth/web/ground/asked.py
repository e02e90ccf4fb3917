"""Reads an address of the map: layers, choice, extent, and whose map it is."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict

from tilth.core.chains import LEVELS
from tilth.core.days import first_day, ordinal
from tilth.core.problems import Problem, Refused
from tilth.service.map_arrays import LAYERS, current_position, has_map, position_name
from tilth.service.map_sight import STATUSES, Choice, View, sight_of
from tilth.service.map_table import Asked
from tilth.service.positions import position_at
from tilth.service.session import Session
from tilth.web.frame.cut import Cut, page_cut

__all__ = ["OFF", "Wanted", "box_of", "choice_of", "view_of", "wanted"]

LEVEL = "prudent"
"""Level at which the map opens."""
OFF = ("tasks", "reports", "items", "findings", "evidence")
"""Layers that are not shown unless asked for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an address of the map asks for.

    Parameters
    ----------
    classes
        As ``layer:class``.
    since
        Day from which what is wanted begins; empty for any.
    """

    cut: Cut
    layers: tuple[str, ...]
    classes: tuple[str, ...] = ()
    status: str = ""
    text: str = ""
    since: str = ""
    box: tuple[float, float, float, float] | None = None
    page: int = 1

    def pairs(self) -> list[tuple[str, str]]:
        """Name and value of each part that is not as usual, the cut's first."""
        found = self.cut.pairs()
        if self.layers != usual_layers():
            found += [("layer", one) for one in self.layers] or [("layer", "")]
        found += [("class", one) for one in self.classes]
        plain = {"status": self.status, "q": self.text, "since": self.since}
        found += [(name, value) for name, value in plain.items() if value]
        if self.box is not None:
            found.append(("bbox", ",".join(f"{one:.6f}" for one in self.box)))
        return found

    def query(self, **changes: object) -> str:
        """Address query with changes."""
        changed = replace(self, **changes)  # type: ignore[arg-type]
        pairs = changed.pairs()
        if changed.page > 1:
            pairs.append(("page", str(changed.page)))
        return urlencode(pairs)

    def asked(self, until: int) -> Asked:
        """Question for the list."""
        return Asked(self.layers, self.box, until, self.page)

    def choice(self, place: str = "") -> Choice:
        """Choice among what may be seen; classes of a layer that names none are all."""
        pairs = sorted({(of, word) for of, _, word in (one.partition(":") for one in self.classes)})
        return Choice(
            tuple(pairs),
            self.cut.organisations,
            self.status,
            self.text or place,
            ordinal(self.since) if self.since else 0,
        )


def usual_layers() -> tuple[str, ...]:
    """Layers shown where the address names none."""
    return tuple(one for one in LAYERS if one not in OFF)


def wanted(request: HttpRequest) -> Wanted:
    """Read the address; what cannot be read is left out."""
    query, cut = request.GET, page_cut(request)
    given = query.getlist("layer")
    layers = tuple(one for one in LAYERS if one in given) if given else usual_layers()
    if not given and "finding" in query:  # where a list of findings leads here
        layers = tuple(one for one in LAYERS if one in (*layers, "findings"))
    status = query.get("status", "")
    since = query.get("since", "")
    page = query.get("page", "1")
    return Wanted(
        cut,
        layers,
        tuple(one[:80] for one in query.getlist("class") if ":" in one)[:60],
        status if status in STATUSES else "",
        query.get("q", "").replace("\x00", "")[:100],
        since if _is_day(since) else "",
        box_of(query),
        max(1, int(page)) if page.isdecimal() and len(page) < 6 else 1,
    )


def choice_of(request: HttpRequest, layer: str) -> Choice:
    """Choice of a tile: only the classes of its own layer, so that equal tiles are one."""
    found = wanted(request)
    own = tuple(one for one in found.classes if one.startswith(f"{layer}:"))
    status = found.status if layer == "hazards" else ""
    return replace(found, classes=own, status=status).choice(found.cut.place)


def box_of(query: QueryDict) -> tuple[float, float, float, float] | None:
    """West, south, east, north in degrees; None where the address has no sensible extent."""
    parts = query.get("bbox", "").split(",")
    if len(parts) != 4:
        return None
    try:
        west, south, east, north = map(float, parts)
    except ValueError:
        return None
    sane = all(math.isfinite(one) for one in (west, south, east, north))
    if not sane or not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        return None
    return west, south, east, north


def view_of(session: Session, found: Wanted) -> View:
    """Map at the cut's level and position, as the signed-in person sees it.

    Raises
    ------
    Refused
        ``map_not_ready``, ``map_of_past_not_made``, ``bad_known_at``.
    """
    folder = session.workspace.path
    level = found.cut.level if found.cut.level in LEVELS else LEVEL
    if found.cut.known_at:
        position = position_name(position_at(session, found.cut.known_at))
        if not has_map(folder, position):
            raise Refused(Problem("map_of_past_not_made", "", {"known_at": found.cut.known_at}))
    else:
        position = current_position(folder)
    return View(folder, position, level, sight_of(session, position), found.choice(found.cut.place))


def _is_day(text: str) -> bool:
    try:
        return len(text) == len("2026-03-31") and bool(first_day(text))
    except ValueError:
        return False
