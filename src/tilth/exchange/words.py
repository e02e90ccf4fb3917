"""Headings and words made comparable: case, accents, digits, separators."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["BLANK", "UNKNOWN", "fold", "latin_digits", "pieces"]

BLANK = frozenset(
    {"", "-", "--", "–", "—", "n/a", "#n/a", "null", "none", "nan", "<null>", "(null)"}
)
"""What stands in a cell that says nothing, lower case."""

UNKNOWN = frozenset(
    {
        "unknown", "unknown or not indicated", "not indicated", "not known", "not specified",
        "desconocido", "sin información", "sin informacion", "no especificado", "inconnu",
        "non spécifié", "неизвестно", "не указано", "невідомо", "не вказано", "غير معروف", "مجهول",
    }
)  # fmt: skip
"""Words by which a cell says that nobody knows: no value, and no place either."""

_SEPARATORS = re.compile(r"[\s_\-./\\:;,()\[\]{}#*?!«»\"'’]+")
_CAMEL = re.compile(r"(?<=[a-zа-яіїєґ])(?=[A-ZА-ЯІЇЄҐ])")
_DIGITS = {
    0x066B: ".",  # Arabic decimal separator: it has one meaning
    0x066C: "\N{NO-BREAK SPACE}",  # Arabic thousands separator: it has one meaning
    0x200E: None, 0x200F: None, 0x202A: None, 0x202B: None, 0x202C: None, 0x2066: None,
    0x2067: None, 0x2068: None, 0x2069: None, 0xFEFF: None,  # direction marks, byte-order mark
}  # fmt: skip


def latin_digits(text: str) -> str:
    """Digits 0–9 for those of any script, direction marks removed.

    Examples
    --------
    >>> latin_digits("١٢٫٥"), latin_digits("۲۰۲۴")
    ('12.5', '2024')
    """
    if text.isascii():
        return text
    text = text.translate(_DIGITS)
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Lower case without accents, words joined by one space.

    Letters that an alphabet counts as its own (й, ї) stay what they are.

    Examples
    --------
    >>> fold("Área_Despejada (m²)"), fold("fileId"), fold("Дата  отчёта")
    ('area despejada m2', 'file id', 'дата отчета')
    """
    text = _CAMEL.sub(" ", latin_digits(text)).casefold().replace("ё", "е")
    text = text.replace("²", "2").replace("km^2", "km2").replace("m^2", "m2")
    text = text.replace("й", "\0").replace("ї", "\1")
    text = unicodedata.normalize("NFKD", text)
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    text = text.replace("\0", "й").replace("\1", "ї")
    # Alef with hamza or madda, taa marbuta and final yaa vary between writers of one word.
    text = text.translate({0x0623: 0x0627, 0x0625: 0x0627, 0x0622: 0x0627, 0x0649: 0x064A})
    return _SEPARATORS.sub(" ", text).strip()


def pieces(text: str) -> tuple[str, ...]:
    """Words of a heading, folded.

    Examples
    --------
    >>> pieces("target_latitude")
    ('target', 'latitude')
    """
    return tuple(fold(text).split())
