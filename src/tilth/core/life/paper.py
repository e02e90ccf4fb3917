"""Verification codes of documents: short enough to be read out on a telephone.

A code is the first 100 bits of the SHA-256 of a document's canonical value, in Crockford's base 32
(no I, L, O, U), 20 characters in groups of five, and his check character: the number modulo 37.
37 is prime and 32 a primitive root of it, so that any one wrong character is found, and any two
changed for each other but the second and the last.
"""

from __future__ import annotations

import hashlib

from tilth.core.problems import Problem, Refused, register

__all__ = ["CODE_LENGTH", "code_of", "grouped", "read_code"]

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""D. Crockford, Base 32 (2002-2019)."""

CHECK_ALPHABET = ALPHABET + "*~$=U"
BITS = 100
CODE_LENGTH = 21
_GROUP = 5
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, "\u2010": None})

_READ_AGAIN = "Read it again: 20 letters and digits in groups of five, then one character."
register(
    {
        "code_length": (
            "A verification code has 21 characters; {text} has {length}.",
            _READ_AGAIN,
        ),
        "code_character": ("No verification code has {character} in it.", _READ_AGAIN),
        "code_misread": (
            "The last character of {text} does not fit the others: one of them was misread.",
            _READ_AGAIN,
        ),
    }
)


def _check(number: int) -> str:
    return CHECK_ALPHABET[number % len(CHECK_ALPHABET)]


def code_of(value: bytes) -> str:
    """Code of a document's canonical value, without groups.

    Examples
    --------
    >>> grouped(code_of(b"{}"))
    '8G9PZ-8TNPD-KRM4A-6NMBF-6'
    """
    number = int.from_bytes(hashlib.sha256(value).digest()) >> (256 - BITS)
    digits = [ALPHABET[number >> shift & 31] for shift in range(BITS - 5, -1, -5)]
    return "".join(digits) + _check(number)


def grouped(code: str) -> str:
    """Code as it is printed: groups of five, then the check character."""
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def read_code(text: str) -> str:
    """Code that was typed or read out, without groups.

    Case, spaces and hyphens do not matter; O is read as 0, I and L as 1.

    Raises
    ------
    Refused
        ``code_length``, ``code_character`` or ``code_misread``.
    """
    code = "".join(text.upper().split()).translate(_READ_AS)
    digits, check = code[:-1], code[-1:]
    if len(code) != CODE_LENGTH:
        raise Refused(Problem("code_length", text, {"text": text, "length": len(code)}))
    strange = [one for one in digits if one not in ALPHABET]
    if strange:
        raise Refused(Problem("code_character", text, {"character": strange[0]}))
    if check != _check(_number(digits)):
        raise Refused(Problem("code_misread", text, {"text": text}))
    return code


def _number(digits: str) -> int:
    number = 0
    for one in digits:
        number = number * 32 + ALPHABET.index(one)
    return number
