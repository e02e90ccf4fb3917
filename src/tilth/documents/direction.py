"""Reading direction: texts, numbers and ids that keep to themselves among scripts of both ways.

The signs are those of the Unicode bidirectional algorithm (UAX 9); they have no width.
"""

from __future__ import annotations

import re

__all__ = ["isolated", "needs_direction", "right_to_left"]

_TO_LEFT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_SCRIPT_TO_THE_LEFT = re.compile(f"[{_TO_LEFT}]")
_WORD = rf"(?:[^\W{_TO_LEFT}]+[°%²]?|%|[*~$=](?!\S))"
_BETWEEN = r"(?:[ \u00a0\u202f\u200b.:/'’&+−–-]|,(?!\s))+"
_WORDS = f"{_WORD}(?:{_BETWEEN}{_WORD})*"
_OWN_DIRECTION = re.compile(
    rf"\{{\w+\}}|(?:[<>]\s)?[−+-]?{_WORDS}(?: ?\({_WORDS}\)(?:{_BETWEEN}{_WORDS})?)*"
)
"""Numbers with their unit, days, ids, words of other scripts: read from left to right.

A place for a value, ``{name}``, is found too, and left as it is."""

_AS_IT_BEGINS, _TO_THE_RIGHT, _TO_THE_LEFT, _ENDS = "\u2068", "\u2066", "\u2067", "\u2069"


def needs_direction(text: str) -> bool:
    """Whether a text holds letters of a script written from right to left."""
    return _SCRIPT_TO_THE_LEFT.search(text) is not None


def _numbers(line: str) -> str:
    def held(found: re.Match[str]) -> str:
        return found[0] if found[0].startswith("{") else f"{_TO_THE_RIGHT}{found[0]}{_ENDS}"

    return _OWN_DIRECTION.sub(held, line)


def isolated(line: str) -> str:
    """Line in the direction of its first letter, each number in it from left to right."""
    return f"{_AS_IT_BEGINS}{_numbers(line)}{_ENDS}" if line else line


def right_to_left(line: str) -> str:
    """Line from right to left whatever it begins with, each number in it from left to right."""
    return f"{_TO_THE_LEFT}{_numbers(line)}{_ENDS}"
