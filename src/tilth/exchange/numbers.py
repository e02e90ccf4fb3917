"""Numbers as offices write them: which sign separates decimals is decided for a whole column.

``127.630`` is a hundred and twenty-seven thousand or a hundred and twenty-seven and a bit. One
cell cannot tell; the column often can. Where it cannot, its cells are refused until a mapping says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from tilth.core.problems import register
from tilth.exchange.words import latin_digits

__all__ = [
    "BOTH",
    "Bounds",
    "NumberFormat",
    "decide_numbers",
    "is_open",
    "read_number",
    "shape_of_number",
]

_SPACES = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
_GROUP_SIGNS = re.compile(rf"(?<=\d)[ {_SPACES}'’](?=\d)")
_MASK = str.maketrans("123456789", "9" * 9)
_ALL = str.maketrans("0123456789", "9" * 10)
_NUMBER = re.compile(r"([+-]?)((?:\d[\d.,]*|[.,]\d+))")
_EXPONENT = re.compile(r"([+-]?\d+(?:[.,]\d+)?)[eE]([+-]?\d{1,3})")
_THREES = re.compile(r"[1-9]\d{0,2}(?:([.,])\d{3})(?:\1\d{3})*")
_PLAIN = re.compile(r"(?:-?[1-9][0-9]*|0)(?:\.[0-9]+)?")
_INDIAN = re.compile(r"[1-9]\d?(?:,\d{2})+,\d{3}")
BOTH = "both"
"""A column whose every separator could be either sign."""


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """What a column's separators mean.

    Parameters
    ----------
    decimal
        ``"."``, ``","``, or `BOTH` when the column allows both readings; empty when no value has
        a separator.
    mixed
        Some values prove one reading and some the other: each is read for itself, and what
        fits both is refused.
    why
        Evidence, for people: the value that decided.
    """

    decimal: str = ""
    mixed: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a field allows, which can rule out a reading.

    Parameters
    ----------
    integer
        Only whole numbers.
    most
        Greatest absolute value, as 90 for a latitude.
    """

    integer: bool = False
    most: Decimal | None = None


def _bare(text: str) -> str:
    """Text without signs that group digits in every country: spaces and apostrophes."""
    text = latin_digits(text).strip().replace("−", "-")
    if not text.isdecimal():
        text = _GROUP_SIGNS.sub("", text)
    return text


def shape_of_number(text: str) -> str:
    """Mask digits, so that a column of a million values has few arrangements of them.

    A leading 0 stays: no one groups digits behind it.

    Examples
    --------
    >>> shape_of_number("1.521,82"), shape_of_number("0.125"), shape_of_number("-10.5")
    ('9.999,99', '0.999', '-99.9')
    """
    if text.isascii() and " " not in text and "'" not in text:
        at = 1 if text[:1] in {"+", "-"} else 0
        masked = text.translate(_ALL)
        return f"{masked[:at]}0{masked[at + 1 :]}" if text[at : at + 1] == "0" else masked
    text = _bare(text)
    first = next((n for n, character in enumerate(text) if character.isdecimal()), 0)
    return text[: first + 1].translate(_MASK) + text[first + 1 :].translate(_ALL)


def is_open(text: str) -> bool:
    """Whether a value allows both readings: every separator is followed by three digits.

    Examples
    --------
    >>> is_open("127.630"), is_open("1.521,82"), is_open("0.125")
    (True, False, False)
    """
    match = _NUMBER.match(_bare(text))
    return match is not None and _reading(match[2]) == BOTH


def _reading(text: str) -> str:
    """Which sign must be the decimal one: ``.`` or ``,``, `BOTH`, or empty for no separator."""
    points, commas = text.count("."), text.count(",")
    if not points and not commas:
        return ""
    if points and commas:
        return "." if text.rindex(".") > text.rindex(",") else ","
    sign, other = (".", ",") if points else (",", ".")
    if max(points, commas) > 1:
        return other  # a sign that stands twice groups digits
    if _THREES.fullmatch(text.lstrip("+-")):
        return BOTH
    return sign


def _possible(text: str, decimal: str, bounds: Bounds) -> bool:
    """Whether a value of that reading is one the field allows."""
    value = _value(text, decimal)
    if value is None:
        return False
    if bounds.integer and value != value.to_integral_value():
        return False
    return bounds.most is None or abs(value) <= bounds.most


def decide_numbers(values: Iterable[str], bounds: Bounds = Bounds()) -> NumberFormat:
    """Decide what separates decimals in a column, from all its distinct values.

    Examples
    --------
    >>> decide_numbers(["1.521,82", "127.630"]).decimal
    ','
    >>> decide_numbers(["127.630", "54.370"]).decimal
    'both'
    >>> decide_numbers(["18.601", "44.110"], Bounds(most=Decimal(180))).decimal
    '.'
    """
    proof: dict[str, str] = {}
    open_values: list[str] = []
    for value in values:
        text = _bare(value)
        match = _NUMBER.match(text)
        if match is None:
            continue
        sign = _reading(match[2])
        if sign == BOTH:
            open_values.append(match[2])
        elif sign:
            proof.setdefault(sign, value)
    if len(proof) == 2:
        return NumberFormat(BOTH if open_values else "", True, " / ".join(proof.values()))
    if proof:
        ((sign, example),) = proof.items()
        return NumberFormat(sign, False, example)
    if not open_values:
        return NumberFormat("")
    return _by_bounds(open_values, bounds)


def _by_bounds(values: list[str], bounds: Bounds) -> NumberFormat:
    """Decide by what the field allows, where every separator is followed by three digits."""
    signs = {"." if "." in value else "," for value in values}
    if len(signs) == 2:
        return NumberFormat(BOTH, False, values[0])
    sign = signs.pop()
    other = "," if sign == "." else "."
    possible = [
        one for one in (sign, other) if all(_possible(value, one, bounds) for value in values)
    ]
    if len(possible) == 1:
        return NumberFormat(possible[0], False, f"{values[0]}, by what the field allows")
    return NumberFormat(BOTH, False, values[0])


def _value(text: str, decimal: str) -> Decimal | None:
    canonical = _canonical(text, decimal)
    return None if canonical is None else Decimal(canonical)


def _canonical(text: str, decimal: str) -> str | None:
    """Digits with a point, grouping removed; None when the grouping does not fit the sign."""
    group = "," if decimal == "." else "."
    whole, _, fraction = text.partition(decimal)
    if group in fraction or decimal in fraction:
        return None
    if group in whole:
        fits = _THREES.fullmatch(whole.lstrip("+-")) or _INDIAN.fullmatch(whole.lstrip("+-"))
        if not fits:
            return None
        whole = whole.replace(group, "")
    return f"{whole or '0'}.{fraction}" if fraction else whole


def read_number(text: str, form: NumberFormat) -> tuple[str, str]:
    """Read one number of a column.

    Returns
    -------
    tuple of str
        The number with a point and without grouping, digits as entered, leading zeros and ``+``
        removed; and what follows it, such as a unit. On failure the first is empty and the second
        a problem code: ``not_a_number`` or ``ambiguous_number``.

    Examples
    --------
    >>> read_number("54.370,50 m²", NumberFormat(","))
    ('54370.50', 'm²')
    >>> read_number("127.630", NumberFormat(BOTH))
    ('', 'ambiguous_number')
    """
    if form.decimal == "." and not form.mixed and _PLAIN.fullmatch(text):
        return text, ""
    text = _bare(text)
    if text.isdecimal():
        return text.lstrip("0") or "0", ""
    if match := _EXPONENT.fullmatch(text):
        number = Decimal(match[1].replace(",", ".")).scaleb(int(match[2]))
        return (
            (_tidy(format(number, "f")), "") if abs(int(match[2])) <= 30 else ("", "not_a_number")
        )
    match = _NUMBER.match(text)
    if match is None:
        return "", "not_a_number"
    digits, rest = match[2], text[match.end() :].strip()
    if digits[-1] in ".,":
        digits = digits[:-1]
    if any(character.isdecimal() for character in rest.removesuffix("m2")):
        return "", "not_a_number"
    own = _reading(digits)
    decimal = form.decimal
    if decimal == BOTH or form.mixed:
        if own == BOTH:
            return "", "ambiguous_number"
        decimal = own
    number_text = _canonical(digits, decimal or own or ".")
    if number_text is None:
        return "", "not_a_number"
    return _tidy(match[1] + number_text), rest


def _tidy(text: str) -> str:
    """Canonical digits: no plus sign, no leading zeros, no bare point; zeros after it stay."""
    negative = text.startswith("-")
    whole, point, fraction = text.lstrip("+-").partition(".")
    whole = whole.lstrip("0") or "0"
    digits = f"{whole}{point}{fraction}" if fraction else whole
    return f"-{digits}" if negative and digits.strip("0.") else digits


register(
    {
        "ambiguous_number": (
            "{value} can be read in two ways: every separator of the column {column} is followed "
            "by exactly three digits.",
            "Say in a mapping which sign separates decimals: "
            '{field} = {{ column = "{column}", decimal = "," }}, or ".".',
        ),
        "not_a_number": (
            "{value} in column {column} is not a number.",
            "Correct the cell, or leave it empty if the number is not known.",
        ),
    }
)
