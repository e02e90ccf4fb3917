"""What stands around the ground on a map: scale bar, north, words; lengths in pixels."""

from __future__ import annotations

import math
from html import escape

from tilth.documents.direction import right_to_left
from tilth.documents.letters import printable
from tilth.documents.map_marks import INK
from tilth.documents.reader import Reader
from tilth.documents.svg import number, text_width

__all__ = [
    "BOTTOM",
    "LEFT",
    "MAP_HEIGHT",
    "RIGHT",
    "SMALL",
    "TOP",
    "WIDTH",
    "haloed",
    "in_metres",
    "lettering",
    "line_of_words",
    "north_arrow",
    "round_length",
    "scale_bar",
    "stamped",
]

WIDTH = 720.0
MAP_HEIGHT = 470.0
LEFT, TOP, RIGHT, BOTTOM = 46.0, 8.0, 8.0, 24.0
"""Margins of the map's frame, for the coordinates of the grid; pixels."""

SMALL = 9.0


def round_length(length: float) -> float:
    """Largest of 1, 2, 5 times a power of ten that is no longer.

    Examples
    --------
    >>> round_length(730), round_length(0.3), round_length(20)
    (500.0, 0.2, 20.0)
    """
    power = 10.0 ** math.floor(math.log10(length))
    step = next(one for one in (5, 2, 1) if one * power <= length * (1 + 1e-9))
    return step * power


def lettering(
    x: float, y: float, words: str, size: float, more: str = "", to_left: bool = False
) -> str:
    """Element of one line of text; empty words draw nothing."""
    shown = escape(printable(words), quote=False)
    if to_left:
        shown = right_to_left(shown)
    place = f'x="{number(x)}" y="{number(y)}" font-size="{number(size)}"'
    return f"<text {place}{more}>{shown}</text>" if words else ""


def haloed(x: float, y: float, words: str, size: float, anchor: str = "start") -> str:
    """Words that can be read on any ground."""
    more = f' text-anchor="{anchor}"'
    halo = ' fill="none" stroke="#ffffff" stroke-width="3" stroke-linejoin="round"'
    return lettering(x, y, words, size, more + halo) + lettering(x, y, words, size, more)


def in_metres(value: float, reader: Reader) -> str:
    """Length or coordinate, whole where it is whole."""
    return reader.decimal(int(value) if value == int(value) else round(value, 2))


def scale_bar(span_m: float, pixels_per_m: float, reader: Reader) -> str:
    """Bar of a round length with its middle, on a plate in the lower corner."""
    length = round_length(span_m / 4)
    wide = length * pixels_per_m
    x, y = LEFT + 14, TOP + MAP_HEIGHT - 14
    half = f'<rect x="{{}}" y="{number(y)}" width="{number(wide / 2)}" height="5" {{}}/>'
    edge = f'stroke="{INK}" stroke-width="0.8"'
    bar = half.format(number(x), f'fill="{INK}" {edge}')
    bar += half.format(number(x + wide / 2), f'fill="#ffffff" {edge}')
    kilometres = length >= 1000
    unit, each = ("km", length / 1000) if kilometres else ("m", length)
    ends = (
        (0.0, "0"),
        (0.5, in_metres(each / 2, reader)),
        (1.0, f"{in_metres(each, reader)} {unit}"),
    )
    words = "".join(
        lettering(x + part * wide, y - 4, said, SMALL, ' text-anchor="middle"')
        for part, said in ends
    )
    plate = (
        f'<rect x="{number(x - 10)}" y="{number(y - 17)}" width="{number(wide + 34)}" '
        'height="27" fill="#ffffff" fill-opacity="0.85"/>'
    )
    return plate + bar + words


def north_arrow(reader: Reader) -> str:
    """Arrow to the grid's north, in the upper corner of the reading end."""
    y = TOP + 12
    word = reader.say("grid north")
    wide = max(34.0, text_width(word, 8) + 6)
    x = WIDTH - RIGHT - wide / 2 - 4
    plate = (
        f'<rect x="{number(x - wide / 2)}" y="{number(y - 8)}" width="{number(wide)}" '
        'height="50" fill="#ffffff" fill-opacity="0.85"/>'
    )
    arrow = f'<path d="M{number(x)} {number(y - 4)}l6 24l-6 -5l-6 5Z" fill="{INK}"/>'
    return plate + arrow + lettering(x, y + 36, word, 8, ' text-anchor="middle"')


def line_of_words(start: float, y: float, words: str, reader: Reader, size: float = 10.0) -> str:
    """Words from a distance of the reading start."""
    if reader.right_to_left:
        return lettering(WIDTH - start, y, words, size, ' text-anchor="end"', to_left=True)
    return lettering(start, y, words, size)


def stamped(words: str) -> str:
    """Word across the map, from its lower start to its upper end."""
    x, y = WIDTH / 2, TOP + MAP_HEIGHT / 2
    size = 0.75 * math.hypot(WIDTH, MAP_HEIGHT) / max(6.0, text_width(words, 1.15))
    angle = -math.degrees(math.atan2(MAP_HEIGHT, WIDTH))
    turn = f'transform="rotate({number(angle)} {number(x)} {number(y)})"'
    colour = 'fill="#b3261e" fill-opacity="0.15" font-weight="700"'
    more = f' text-anchor="middle" {colour} {turn}'
    return lettering(x, y + size / 3, words, size, more)
