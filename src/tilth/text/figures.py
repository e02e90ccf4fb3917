"""How a figure is written: number with unit, level with its mark, day with its precision.

A figure never stands alone: pages, documents and the command line put these parts together in
the same order (mark of level, value with unit, day it holds until, what it leaves out).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType

__all__ = [
    "LEVELS",
    "Level",
    "area",
    "area_exact",
    "count",
    "day",
    "level",
    "plain",
    "share",
]

Number = int | float | str | Decimal

HECTARE_M2 = Decimal(10_000)
SQUARE_KILOMETRE_M2 = Decimal(1_000_000)
KILOMETRES_FROM_M2 = 1000 * HECTARE_M2
"""From 1,000 ha on an area is written in km²."""

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Level:
    """A level with the mark that stands before every figure at it.

    Parameters
    ----------
    name
        ``reported``, ``verified``, ``approved`` or ``prudent``.
    mark, plain_mark
        One character; the same where only ASCII can be shown.
    """

    name: str
    mark: str
    plain_mark: str


LEVELS: Mapping[str, Level] = MappingProxyType(
    {
        one.name: one
        for one in (
            Level("reported", "○", "o"),
            Level("verified", "◐", "%"),
            Level("approved", "●", "*"),
            Level("prudent", "◆", "^"),
        )
    }
)
"""The levels in the order in which they are shown side by side."""


def level(name: str) -> Level:
    """Level of that name.

    Raises
    ------
    KeyError
        When there is no such level.
    """
    return LEVELS[name]


def _decimal(value: Number) -> Decimal:
    """Exact value of a decimal string or integer; shortest decimal of a float."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _grouped(value: Decimal, places: int) -> str:
    """Digits in groups of three, half rounded up, true minus sign."""
    rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    if rounded == 0:
        rounded = abs(rounded)
    return f"{rounded:,f}".replace("-", "−")


def area(m2: Number) -> str:
    """Area in the unit that reads best: m² below 1 ha, ha above, km² from 1,000 ha.

    What is not zero never reads as zero.

    Examples
    --------
    >>> area(9_000)
    '9,000 m²'
    >>> area("21706.3103")
    '2.17 ha'
    >>> area(424_000_000)
    '424.00 km²'
    >>> area(0.0004)
    '< 0.01 m²'
    """
    value = _decimal(m2)
    cents = value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    if abs(cents) < HECTARE_M2:
        return area_exact(value)
    hectares = (value / HECTARE_M2).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    if abs(hectares) * HECTARE_M2 < KILOMETRES_FROM_M2:
        return f"{_grouped(hectares, 2)} ha"
    return f"{_grouped(value / SQUARE_KILOMETRE_M2, 2)} km²"


def area_exact(m2: Number) -> str:
    """Area in m² with two decimals, or none where they are zero.

    Examples
    --------
    >>> area_exact("2170631.03")
    '2,170,631.03 m²'
    """
    value = _decimal(m2)
    if value != 0 and abs(value) < Decimal("0.005"):
        return "< 0.01 m²" if value > 0 else "> −0.01 m²"
    return f"{_grouped(value, 2).removesuffix('.00')} m²"


def count(number: Number) -> str:
    """Whole number in groups of three.

    Examples
    --------
    >>> count(1500000)
    '1,500,000'
    """
    return _grouped(_decimal(number), 0)


def share(part: Number, whole: Number) -> str:
    """Part of a whole in per cent, one decimal; empty when the whole is zero.

    A part that is neither nothing nor all never reads as 0 % or 100 %.

    Examples
    --------
    >>> share(1, 3), share(1, 100_000), share(99_999, 100_000), share(0, 0)
    ('33.3 %', '< 0.1 %', '> 99.9 %', '')
    """
    some, all_of = _decimal(part), _decimal(whole)
    if all_of == 0:
        return ""
    percent = 100 * some / all_of
    if 0 < percent < Decimal("0.1"):
        return "< 0.1 %"
    if Decimal("99.9") < percent < 100:
        return "> 99.9 %"
    return f"{_grouped(percent, 1).removesuffix('.0')} %"


def day(text: str) -> str:
    """Day, month or year as it is said; anything else comes back as it is.

    Examples
    --------
    >>> day("2026-03-01"), day("2026-12"), day("2026"), day("now")
    ('1 Mar 2026', 'Dec 2026', '2026', 'now')
    """
    parts = text[:10].split("-")
    if not all(part.isdigit() for part in parts) or not 1 <= len(parts) <= 3:
        return text
    if len(parts) == 1 or not 1 <= int(parts[1]) <= len(MONTHS):
        return text
    month = f"{MONTHS[int(parts[1]) - 1]} {parts[0]}"
    return month if len(parts) == 2 else f"{int(parts[2])} {month}"


_PLAIN = str.maketrans(
    {
        "²": "2",
        "−": "-",
        "…": "...",
        "·": "|",
        "×": "x",
        "≤": "<=",
        "≥": ">=",
        "→": "->",
        "▸": ">",
        "–": "-",
        "—": "-",
        "’": "'",
        **{one.mark: one.plain_mark for one in LEVELS.values()},
        "◌": ".",
        "⊘": "/",
        "⚠": "!",
        "✓": "+",
    }
)


def plain(text: str) -> str:
    """Text with marks and signs replaced for a terminal that shows only ASCII.

    Names in other scripts stay as they are: only our own signs are replaced.

    Examples
    --------
    >>> plain("● 2.17 ha · 5 m²")
    '* 2.17 ha | 5 m2'
    """
    return text.translate(_PLAIN)
