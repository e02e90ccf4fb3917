"""Angles as people write them: decimal degrees, degrees and minutes, degrees, minutes, seconds.

Reads hemisphere letters and words in English, Spanish, French, Russian, Ukrainian and Arabic,
Arabic and other digits, and the many marks for degree, minute and second. What has two readings
is not read. Arithmetic is exact (fractions), rounded once to the nanodegree.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction

from tilth.core.geometry.encoding import NANODEGREES

__all__ = ["Angle", "plain_text", "read_angle", "read_two_angles"]


@dataclass(frozen=True, slots=True)
class Angle:
    """One angle of a pair.

    Parameters
    ----------
    nanodegrees
        Signed, north and east positive.
    axis
        ``lat``, ``lon``, or empty where nothing said which.
    form
        ``decimal`` or ``dms`` (which includes degrees and minutes).
    two_faced
        Written with the letter O: west in Spanish and French, east in German. The sign given is
        that of west.
    """

    nanodegrees: int
    axis: str
    form: str
    two_faced: bool = False


# Words stand longest first in the expression, so that "норд" is not read as "н".
_WORDS = {
    "N": "north northern norte nord n север северная северной с сш північ північна північної пн пнш"
    " شمال شمالا شمالي ش",
    "S": "south southern sur sud s юг южная южной ю юш південь південна південної пд пдш"
    " جنوب جنوبا جنوبي ج",
    "E": "east eastern este est e восток восточная восточной в вд схід східна східної сх схд"
    " شرق شرقا شرقي ق",
    "W": "west western oeste ouest w запад западная западной з зд захід західна західної зх зхд"
    " غرب غربا غربي غ",
    "O": "o",
    "L": "latitude latitud lat широта широты широти العرض عرض",
    "G": "longitude longitud longitudine lon long lng долгота долготы довгота довготи الطول طول",
    "°": "degrees degree deg grados grado degrés degré d град градусов градуса градус درجة درجات",
    "'": "minutes minutos minute minuto min мин минут хв دقيقة دقائق",
    '"': "seconds secondes segundos second seconde segundo sec seg сек секунд ثانية ثواني",
    " ": "خط دائرة",
}
_MEANING = {
    unicodedata.normalize("NFKC", word): mark
    for mark, words in _WORDS.items()
    for word in words.split()
}
_DOTTED = re.compile(r"(?<![^\W\d_])([сюз]|пн|пд|сх|зх|в)\s?\.\s?([шд])\s?\.?(?![^\W\d_])")
_LETTERS = re.compile(r"[^\W\d_]+\.?(?![\d.])|[^\W\d_]+")
_PACKED_DMS = re.compile(r"(\d+)\s*d\s*(\d+)\s*m\s*(?:(\d+(?:\.\d+)?)\s*s?)?", re.IGNORECASE)

_MARKS = str.maketrans(
    {
        **dict.fromkeys("°º˚∘⁰", "°"),
        **dict.fromkeys("′’‘´`ʹʼ‵", "'"),
        **dict.fromkeys("″”“„ʺ˝‶", '"'),
        **dict.fromkeys("−–—‒﹣－", "-"),
        "\u066b": ".",  # Arabic decimal separator
        "\u066c": "",  # Arabic thousands separator
        "\u060c": ",",
        "\u061b": ";",
        "\u00a0": " ",
    }
)
_TOKEN = re.compile(r"(?P<number>\d+(?:\.\d+)?)|(?P<mark>[°'\"NSEWOLG+\-;,/|])|(?P<space>\s+)")

_LONGEST = 200
"""Characters; a longer cell is no coordinate, and very long numbers cost time."""

_SEPARATORS = (",", ";", "/", "|")
_AXES = {"N": "lat", "S": "lat", "E": "lon", "W": "lon", "O": "lon", "L": "lat", "G": "lon"}
_PACKED_DEGREES = {"lat": 2, "lon": 3}


def plain_text(text: str) -> str:
    """Return the text with one kind of digit, minus, degree, minute and second mark, no controls.

    Examples
    --------
    >>> plain_text("٤٤٫٢٥º")
    '44.25°'
    """
    # Marks first: compatibility forms would turn the ordinal º, often typed for °, into an o.
    text = unicodedata.normalize("NFKC", text.translate(_MARKS)).translate(_MARKS)
    kept = []
    for sign in text:
        category = unicodedata.category(sign)
        if category == "Nd":
            kept.append(str(unicodedata.digit(sign)))
        elif category not in ("Cf", "Mn"):  # direction marks; Arabic vowel signs
            kept.append(sign)
    return "".join(kept).replace("''", '"').strip()


def read_two_angles(text: str) -> tuple[Angle, Angle] | None:
    r"""Read both angles from one text, in the order written; None when there is not one reading.

    Examples
    --------
    >>> [angle.nanodegrees for angle in read_two_angles("44°15'N, 18°30'36\"E") or ()]
    [44250000000, 18510000000]
    """
    readings = {
        (first, second)
        for marks in _comma_readings(text)
        for first, second in (_two(marks),)
        if first is not None and second is not None
    }
    return next(iter(readings)) if len(readings) == 1 else None


def read_angle(text: str) -> Angle | None:
    """Read one angle from one cell; a comma between digits is the decimal separator.

    Examples
    --------
    >>> read_angle("18,5 W")
    Angle(nanodegrees=-18500000000, axis='lon', form='decimal', two_faced=False)
    """
    if len(text) > _LONGEST:
        return None
    tokens = _tokens(re.sub(r"(?<=\d),(?=\d)", ".", plain_text(text)))
    return _angle(tokens) if tokens else None


def _comma_readings(text: str) -> list[list[str]]:
    """Tokens with commas between digits as separators and, without any point, as decimals."""
    if len(text) > _LONGEST:
        return []
    text = plain_text(text)
    texts = [text]
    if not re.search(r"\d\.\d", text) and re.search(r"\d,\d", text):
        texts.append(re.sub(r"(?<=\d),(?=\d)", ".", text))
    return [tokens for tokens in map(_tokens, texts) if tokens]


def _tokens(text: str) -> list[str] | None:
    """Numbers, marks and one-letter meanings; None when something else stands in the text."""
    text = _PACKED_DMS.sub(lambda m: f"{m[1]}°{m[2]}'" + (f'{m[3]}"' if m[3] else ""), text)
    text = _DOTTED.sub(lambda m: m[1] + m[2], text.casefold())
    text = re.sub(r"[:=()\[\]]", " ", text)
    unknown = False

    def meaning(match: re.Match[str]) -> str:
        nonlocal unknown
        mark = _MEANING.get(match[0].rstrip("."))
        unknown = unknown or mark is None
        return mark or ""

    text = _LETTERS.sub(meaning, text)
    tokens, at = [], 0
    for match in _TOKEN.finditer(text):
        if match.start() != at:
            return None
        at = match.end()
        tokens.append(" " if match.lastgroup == "space" else match[0])
    return None if unknown or at != len(text) else _signed(tokens)


def _signed(tokens: list[str]) -> list[str]:
    """Join signs with their numbers; a dash straight behind a number or mark only separates."""
    joined: list[str] = []
    for at, token in enumerate(tokens):
        if token in ("+", "-"):
            behind = tokens[at - 1] if at else " "
            before = tokens[at + 1] if at + 1 < len(tokens) else " "
            is_sign = not (behind[-1].isdigit() or behind in "°'\"") and before[0] in ".0123456789"
            joined.append(token if is_sign else " ")
        elif joined and joined[-1] in ("+", "-"):
            joined[-1] += token
        else:
            joined.append(token)
    return [token for token in joined if not token.isspace()]


def _two(tokens: list[str]) -> tuple[Angle | None, Angle | None]:
    for split in (_at_separators, _at_letters, _at_degrees, _in_halves):
        groups = split(tokens)
        if groups is not None:
            return _angle(_trimmed(groups[0])), _angle(_trimmed(groups[1]))
    return None, None


Groups = tuple[list[str], list[str]]


def _trimmed(group: list[str]) -> list[str]:
    """Tokens without separators at the ends; one in the middle makes the angle unreadable."""
    ends = [at for at, token in enumerate(group) if token not in _SEPARATORS]
    return group[ends[0] : ends[-1] + 1] if ends else []


def _at_separators(tokens: list[str]) -> Groups | None:
    places = [at for at, token in enumerate(tokens) if token in _SEPARATORS]
    if len(places) != 1:
        return None
    return tokens[: places[0]], tokens[places[0] + 1 :]


def _at_letters(tokens: list[str]) -> Groups | None:
    places = [at for at, token in enumerate(tokens) if token in ("N", "S", "E", "W", "O")]
    if len(places) != 2:
        places = [at for at, token in enumerate(tokens) if token in ("L", "G")]
        if len(places) != 2 or places[0] != 0:
            return None
    cut = places[1] if places[0] == 0 else places[0] + 1
    return tokens[:cut], tokens[cut:]


def _at_degrees(tokens: list[str]) -> Groups | None:
    places = [at for at, token in enumerate(tokens) if token in ("°",)]
    if len(places) != 2 or places[0] != 1:
        return None
    return tokens[: places[1] - 1], tokens[places[1] - 1 :]


def _in_halves(tokens: list[str]) -> Groups | None:
    half = len(tokens) // 2
    if len(tokens) not in (2, 4, 6) or not all(token[-1].isdigit() for token in tokens):
        return None
    return tokens[:half], tokens[half:]


def _angle(tokens: list[str]) -> Angle | None:
    letters = [token for token in tokens if token in _AXES]
    axes = {_AXES[letter] for letter in letters}
    hemispheres = [letter for letter in letters if letter not in "LG"]
    tokens = [token for token in tokens if token not in _AXES]
    numbers = [token for token in tokens if token[-1].isdigit()]
    if len(axes) > 1 or len(hemispheres) > 1 or not 1 <= len(numbers) <= 3:
        return None
    if any(token in _SEPARATORS for token in tokens) or not _marks_fit(tokens):
        return None
    if any(number[0] in "+-" for number in numbers[1:]):
        return None
    negative = numbers[0].startswith("-")
    if negative and hemispheres:
        return None  # "-44 S": north or south is said twice and not alike
    axis = axes.pop() if axes else ""
    parts = [Fraction(number.lstrip("+-")) for number in numbers]
    if len(parts) == 1 and hemispheres and "°" not in tokens:
        parts = _unpacked(numbers[0].lstrip("+"), axis)
    if any(part.denominator != 1 for part in parts[:-1]) or any(part >= 60 for part in parts[1:]):
        return None
    degrees = sum((part / 60**at for at, part in enumerate(parts)), Fraction(0))
    if negative or (hemispheres and hemispheres[0] in "SWO"):
        degrees = -degrees
    form = "decimal" if len(parts) == 1 else "dms"
    return Angle(round(degrees * NANODEGREES), axis, form, hemispheres == ["O"])


def _marks_fit(tokens: list[str]) -> bool:
    """Whether each mark follows its number: ° the first, ' the second, " the third."""
    number = -1
    for at, token in enumerate(tokens):
        if token in ("°", "'", '"'):
            follows = at > 0 and tokens[at - 1] not in ("°", "'", '"')
            if not follows or number != "°'\"".index(token):
                return False
        else:
            number += 1
    return True


def _unpacked(number: str, axis: str) -> list[Fraction]:
    """DDMM, DDMMSS, DDDMM or DDDMMSS as on air charts; any other number is degrees."""
    whole, _, decimals = number.partition(".")
    packed = len(whole) - _PACKED_DEGREES.get(axis, 0)
    if packed not in (2, 4):
        return [Fraction(number)]
    digits = [whole[:-packed], *(whole[-packed:][at : at + 2] for at in range(0, packed, 2))]
    digits[-1] += f".{decimals}" if decimals else ""
    return [Fraction(part) for part in digits]
