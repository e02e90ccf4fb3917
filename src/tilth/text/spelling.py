"""One word however it is spelt: case, accents, scripts, and the letters that scripts disagree on.

Names of places reach an operation in several scripts and in more than one romanisation of each.
A word is brought to plain Latin letters by the Unicode table of `anyascii`; what is left of the
difference between two romanisations is taken by `sounded`, and the vowels that Arabic and Hebrew
do not write by `skeleton`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

__all__ = ["CONSONANTAL", "folded", "is_word", "likeness", "skeleton", "sounded", "words_in"]

CONSONANTAL = "*"
"""Stands before a word of a script that leaves vowels out."""

_LONGEST = 40
"""Letters of a word that are looked at."""
_PIECES = re.compile(r"[^\W\d_]+|\d+")
_MARKS = re.compile(r"[\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u0640]")
_UNVOWELLED = re.compile(r"[\u0590-\u05ff\u0600-\u06ff\u0750-\u077f\ufb1d-\ufdff\ufe70-\ufeff]")
_ARTICLE = "\u0627\u0644"
_SOUNDS = (
    ("shch", "s"),
    *((two, "s") for two in ("sh", "sz", "sch")),
    *((two, "c") for two in ("ch", "ts", "tz", "cz")),
    *(("zh", "z"), ("kh", "h"), ("gh", "g"), ("ph", "f"), ("th", "t"), ("dj", "d"), ("dh", "d")),
    *(("ck", "k"), ("q", "k"), ("x", "ks"), ("w", "v"), ("ou", "u"), ("oo", "u"), ("ee", "i")),
    *(("y", "i"), ("j", "i")),
)
_DOUBLED = re.compile(r"(.)\1+")
_VOWELS = str.maketrans("", "", "aeiouyw")
_ALIKE = str.maketrans("vp", "fb")
"""Arabic writes neither v nor p."""


@lru_cache(maxsize=65536)
def folded(word: str) -> str:
    """Word in small Latin letters and digits; zeros before a number left out.

    Examples
    --------
    >>> folded("Žepče"), folded("Харків"), folded("파주시"), folded("00012")
    ('zepce', 'kharkiv', 'pajusi', '12')
    >>> folded("حلب")
    '*hlb'
    """
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", word))
    unvowelled = bool(_UNVOWELLED.search(plain))
    if unvowelled:
        plain = plain.removeprefix(_ARTICLE) if len(plain) > len(_ARTICLE) + 1 else plain
    letters = "".join(one for one in anyascii(plain).casefold() if one.isalnum())[:_LONGEST]
    if letters.isdigit():
        return letters.lstrip("0") or "0"
    return f"{CONSONANTAL}{letters}" if unvowelled and letters else letters


def words_in(text: str, most: int = 60) -> list[str]:
    """Folded words of a text, in order, each once; letters and digits part from each other.

    Examples
    --------
    >>> words_in("HA-0012, Šamac / Шамац")
    ['ha', '12', 'samac', 'shamats']
    """
    found: dict[str, None] = {}
    for piece in _PIECES.findall(text[: most * _LONGEST]):
        if word := folded(piece):
            found[word] = None
            if len(found) >= most:
                break
    return list(found)


def is_word(word: str) -> bool:
    """Whether a folded word is of letters alone, so that it may be misspelt; numbers may not."""
    return word.removeprefix(CONSONANTAL).isalpha()


@lru_cache(maxsize=65536)
def sounded(word: str) -> str:
    """Folded word without what romanisations disagree on.

    Examples
    --------
    >>> sounded(folded("Шамац")) == sounded(folded("Šamac"))
    True
    >>> sounded(folded("Київ")) == sounded(folded("Kyiv"))
    True
    """
    for letters, sound in _SOUNDS:
        word = word.replace(letters, sound)
    return _DOUBLED.sub(r"\1", word)


def skeleton(word: str) -> str:
    """Consonants of a folded word, as Arabic and Hebrew write it.

    Examples
    --------
    >>> skeleton(folded("Quneitra")), skeleton(folded("القنيطرة"))
    ('kntr', 'kntr')
    """
    bones = word.removeprefix(CONSONANTAL).translate(_VOWELS)
    return sounded(bones).translate(_ALIKE).rstrip("h")


def _threes(word: str) -> set[str]:
    padded = f"  {word} "
    return {padded[at : at + 3] for at in range(len(padded) - 2)}


def likeness(one: str, other: str) -> float:
    """How much two folded words are alike, 0 to 1: the share of their trigrams that both have.

    Examples
    --------
    >>> likeness("sarajevo", "sarajewo") > 0.5 > likeness("sarajevo", "mostar")
    True
    """
    first, second = _threes(one), _threes(other)
    return 2 * len(first & second) / (len(first) + len(second))
