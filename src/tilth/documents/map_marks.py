"""Marks of maps: how each thing on the ground is drawn, the same on the map and in its legend.

Hazards after the colours of IMAS (confirmed red, suspected orange, half covering), land as on the
account's bar. Nothing is told by colour alone: outlines and patterns differ too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tilth.documents.svg import number
from tilth.text.language import Say

__all__ = ["AREAS", "PATTERNS", "POINTS", "Mark", "area_key", "names", "point_symbol"]

INK = "#17211c"


@dataclass(frozen=True, slots=True)
class Mark:
    """How an area or line is drawn, as SVG attributes.

    Parameters
    ----------
    order
        Areas of a lower order are drawn first.
    """

    fill: str
    stroke: str
    width: float = 1.2
    dash: str = ""
    cover: float = 1.0
    order: int = 0

    def attributes(self) -> str:
        """SVG attributes of a shape with this mark."""
        fill = f'fill="{self.fill}"'
        cover = f' fill-opacity="{number(self.cover)}"' if self.cover < 1 else ""
        dash = f' stroke-dasharray="{self.dash}"' if self.dash else ""
        return f'{fill}{cover} stroke="{self.stroke}" stroke-width="{number(self.width)}"{dash}'


AREAS: Mapping[str, Mark] = MappingProxyType(
    {
        "boundary": Mark("none", INK, 1.0, "10 3 2 3", order=0),
        "neighbour CHA": Mark("#d32f2f", "#8e1b1b", 0.9, "2 2", 0.25, order=1),
        "neighbour SHA": Mark("#f57c00", "#9a4e00", 0.9, "2 2", 0.25, order=1),
        "neighbour": Mark("none", "#9a4e00", 0.9, "2 2", order=1),
        "hazard CHA": Mark("#d32f2f", "#8e1b1b", 1.6, "", 0.5, order=2),
        "hazard SHA": Mark("#f57c00", "#9a4e00", 1.6, "7 3", 0.5, order=2),
        "hazard": Mark("none", "#9a4e00", 1.6, "7 3", order=2),
        "remaining": Mark("url(#remaining)", "#b45f06", 0.9, order=3),
        "released cancelled": Mark("#64748b", "#3f4b5c", 0.9, "", 0.8, order=4),
        "released reduced": Mark("url(#reduced)", "#0a5f5f", 0.9, "", 0.85, order=4),
        "released cleared": Mark("#2e7d4f", "#1d5233", 0.9, "", 0.8, order=4),
        "released": Mark("none", "#1d5233", 0.9, order=4),
        "sample": Mark("none", "#5b2a86", 1.4, "1.5 2.5", order=5),
        "visit": Mark("none", "#5b2a86", 1.4, "6 2 1.5 2", order=5),
        "task": Mark("none", INK, 2.2, "9 4", order=6),
        "other": Mark("none", INK, 0.9, order=5),
    }
)
"""Areas and lines by what they are and of which type."""

PATTERNS = (
    '<pattern id="remaining" width="7" height="7" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect width="7" height="7" fill="#fde9c8"/>'
    '<rect width="2.4" height="7" fill="#b45f06"/></pattern>'
    '<pattern id="reduced" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<rect width="6" height="6" fill="#0f8a8a"/><rect width="6" height="1" fill="#bfe6e3"/>'
    "</pattern>"
)


def _polygon(corners: str, fill: str) -> str:
    return f'<polygon points="{corners}" fill="{fill}" stroke="{INK}" stroke-width="1"/>'


def _cross(colour: str) -> str:
    lines = '<path d="M-5 -5L5 5M-5 5L5 -5" fill="none" stroke="{}" stroke-width="{}"/>'
    return lines.format("#ffffff", "4") + lines.format(colour, "2")


_SYMBOLS: Mapping[str, str] = MappingProxyType(
    {
        "evidence": _polygon("0,-6 6,5 -6,5", "#fdd835"),
        "accident": _polygon("0,-7 2,-2 7,-2 3,2 5,7 0,4 -5,7 -3,2 -7,-2 -2,-2", "#d32f2f"),
        "benchmark": _polygon("-5,-5 5,-5 5,5 -5,5", "#ffffff") + f'<circle r="1.6" fill="{INK}"/>',
        "marker": f'<circle r="3.6" fill="#ffffff" stroke="{INK}" stroke-width="1.4"/>',
        "missed": _cross("#b3261e"),
        "item": _polygon("0,-5 5,0 0,5 -5,0", "#ffffff"),
        "visit": '<circle r="5" fill="#ffffff" stroke="#5b2a86" stroke-width="2"/>',
        "turning point": f'<circle r="2.2" fill="{INK}" stroke="#ffffff" stroke-width="0.8"/>',
        "other": f'<circle r="3" fill="#ffffff" stroke="{INK}" stroke-width="1"/>',
    }
)
POINTS = tuple(_SYMBOLS)
"""What a point may stand for."""


def point_symbol(role: str, x: float, y: float) -> str:
    """Symbol of a point, its middle at a place of the picture."""
    symbol = _SYMBOLS.get(role, _SYMBOLS["other"])
    return f'<g transform="translate({number(x)} {number(y)})">{symbol}</g>'


def area_key(role: str, style: str) -> str:
    """Mark of an area, the general one of its role where its type has none of its own."""
    for key in (f"{role} {style}".strip(), role):
        if key in AREAS:
            return key
    return "other"


def names(say: Say) -> Mapping[str, str]:
    """Words of the legend, by mark."""
    return {
        "boundary": say("boundary of the operation"),
        "neighbour CHA": say("confirmed hazardous area beside it"),
        "neighbour SHA": say("suspected hazardous area beside it"),
        "neighbour": say("hazard beside it"),
        "hazard CHA": say("confirmed hazardous area (CHA)"),
        "hazard SHA": say("suspected hazardous area (SHA)"),
        "hazard": say("hazard"),
        "remaining": say("remaining"),
        "released cancelled": say("cancelled"),
        "released reduced": say("reduced"),
        "released cleared": say("cleared"),
        "released": say("released"),
        "sample": say("sample of quality control"),
        "visit": say("visit of quality management"),
        "task": say("worksite of the task"),
        "other": say("other"),
        "evidence": say("evidence"),
        "accident": say("accident"),
        "benchmark": say("benchmark"),
        "marker": say("permanent marker"),
        "missed": say("item missed"),
        "item": say("item found"),
        "turning point": say("turning point, numbered as in the table"),
    }
