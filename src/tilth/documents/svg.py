"""The few SVG elements that pictures are made of, mirrored as a whole for right-to-left readers."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from html import escape

__all__ = ["Sheet", "legible", "number", "text_width"]

WIDE_FROM = "\u1100"
"""From here on characters are about as wide as high."""

_ILLEGIBLE = re.compile(
    "[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]"
)
_MEASURES = re.compile(r"(?:[<>] )?[−-]?\d[\d,.]*(?:e[+-]?\d+)?(?: (?:m²|ha|km²|%))?")


def legible(text: str) -> str:
    r"""Text with what XML forbids and what would turn the reading direction made visible.

    Examples
    --------
    >>> legible("a\x00b\u202ec")
    'a�b�c'
    """
    return _ILLEGIBLE.sub("�", text)


def number(value: float) -> str:
    """Coordinate with at most two decimals, the same text on every machine.

    Examples
    --------
    >>> number(12.0), number(0.335), number(-0.0)
    ('12', '0.34', '0')
    """
    text = f"{value + 0.0:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def text_width(text: str, size: float) -> float:
    """Estimated width in pixels of a line in a sans-serif font, rather too wide than too narrow."""
    narrow = sum(character in "ijlt.,:;|'!()[] fI·" for character in text)
    broad = sum(character in "mwMWＭ%—" or character >= WIDE_FROM for character in text)
    return size * (0.56 * len(text) - 0.24 * narrow + 0.32 * broad)


@dataclass
class Sheet:
    """A drawing under construction, in pixels from the reading start and from the top.

    Parameters
    ----------
    width
        Pixels; fixed from the start.
    rtl
        Mirror every horizontal position; texts then run to the left from their start.
    """

    width: float
    rtl: bool = False
    elements: list[str] = field(default_factory=list)

    def rect(self, x: float, y: float, width: float, height: float, css: str, **extra: str) -> None:
        """Rectangle from its starting corner; nothing when it has no width."""
        if width <= 0:
            return
        left = self.width - x - width if self.rtl else x
        attributes = "".join(f' {name}="{escape(value)}"' for name, value in extra.items())
        self.elements.append(
            f'<rect class="{css}" x="{number(left)}" y="{number(y)}" width="{number(width)}" '
            f'height="{number(height)}"{attributes}/>'
        )

    def path(self, points: list[tuple[float, float]], css: str) -> None:
        """Open line through points."""
        moved = [(self.width - x if self.rtl else x, y) for x, y in points]
        data = "L".join(f"{number(x)} {number(y)}" for x, y in moved)
        self.elements.append(f'<path class="{css}" d="M{data}"/>')

    def text(self, x: float, y: float, words: str, css: str, *, anchor: str = "start") -> None:
        """One line of text on its base line; empty text draws nothing.

        In right-to-left text a number keeps its own direction, its sign and unit beside it.
        """
        if not words:
            return
        words = legible(words)
        if self.rtl:
            words = _MEASURES.sub("\u2066\\g<0>\u2069", words)
        position = self.width - x if self.rtl else x
        self.elements.append(
            f'<text class="{css}" x="{number(position)}" y="{number(y)}" '
            f'text-anchor="{anchor}">{escape(words, quote=False)}</text>'
        )

    def stamp(self, words: str, height: float) -> None:
        """Word across the whole sheet, from the lower start to the upper end."""
        angle = -math.degrees(math.atan2(height, self.width)) * (-1 if self.rtl else 1)
        size = 0.8 * math.hypot(self.width, height) / max(6.0, text_width(words, 1.15))
        x, y = number(self.width / 2), number(height / 2)
        self.elements.append(
            f'<text class="stamp" x="{x}" y="{y}" style="font-size:{number(size)}px" '
            f'text-anchor="middle" dominant-baseline="central" '
            f'transform="rotate({number(angle)} {x} {y})" aria-hidden="true">{escape(words)}</text>'
        )
