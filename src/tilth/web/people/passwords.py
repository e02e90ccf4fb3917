"""Which passwords are refused: no rules of composition, but what an attacker tries first.

OWASP ASVS 5.0 6.2: at least 12 characters, any of them, long ones welcome; compared with lists
kept here, offline. Django ships 20,000 common passwords; nearly all are shorter than 12, so what is
compared is also the password without digits and signs around it, without spelling with digits,
and said once where it says a thing twice. Words that stand for this operation and these
organisations are as good as nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tilth.core.problems import Refused
from tilth.web.ledger import public_desk

__all__ = ["ForeseeableValidator", "LengthValidator", "foreseeable"]

LONGEST = 256
_LEFT_OVER = 6
"""Characters that have to remain beside words that everybody here knows."""
_SHORTEST_WORD = 4
_DIGITS_AS_LETTERS = str.maketrans("0134578$@!", "oieastbsai")
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "йцукенгшщзхъфывапролджэячсмитьбю",
    "йцукенгшщзхїфівапролджєячсмитьбю",
    "ضصثقفغعهخحجدشسيبلاتنمكطئءؤرلاىةوزظ",
    "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡ",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p",
)
"""Keyboards and alphabets walked along."""


@cache
def _common() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)


def foreseeable(password: str, words: Iterable[str]) -> bool:
    """Whether somebody who knows the operation would guess this password.

    Parameters
    ----------
    words
        Names and codes of the operation, its organisations and the person.

    Examples
    --------
    >>> foreseeable("Password-2026!!", []), foreseeable("qwertyuiopas", [])
    (True, True)
    >>> foreseeable("Kharkiv-North-2026", ["Kharkiv North"])
    True
    >>> foreseeable("grey heron over wet maize", ["Kharkiv North"])
    False
    """
    plain = password.casefold()
    if len(set(plain)) < 5 or _walked(plain):
        return True
    if any(one in _common() for one in _forms(plain)):
        return True
    rest = plain
    for word in sorted(_parts(words), key=len, reverse=True):
        rest = rest.replace(word, " ")
    return len(re.sub(r"[\W\d_]+", "", rest)) < _LEFT_OVER and rest != plain


def _forms(plain: str) -> Iterator[str]:
    """The password and what it comes down to."""
    for text in (plain, plain.translate(_DIGITS_AS_LETTERS)):
        core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)
        for one in (text, core, re.sub(r"[\W\d_]+", "", text)):
            yield one
            yield _said_once(one)


def _said_once(text: str) -> str:
    """Part that a text repeats, or the text."""
    place = (text + text).find(text, 1)
    return text[:place] if 0 < place < len(text) else text


def _walked(plain: str) -> bool:
    """Whether the password is a walk along a keyboard, forwards, backwards or in pieces."""
    letters = re.sub(r"[\W_]+", "", plain) or plain
    left = letters
    for row in _ROWS:
        for line in (row, row[::-1]):
            for size in range(len(line), _SHORTEST_WORD - 1, -1):
                for start in range(len(line) - size + 1):
                    left = left.replace(line[start : start + size], "")
    return len(left) < _LEFT_OVER and left != letters


def _parts(words: Iterable[str]) -> set[str]:
    found = set()
    for text in words:
        folded = text.casefold()
        found.add(folded)
        found |= set(re.split(r"[\W_]+", folded))
        found.add(re.sub(r"[\W_]+", "", folded))
    return {one for one in found if len(one) >= _SHORTEST_WORD}


def _known_here() -> list[str]:
    """Names of the operation and its organisations; none while no workspace is served."""
    try:
        with public_desk() as session:
            known = session.workspace.settings
            return [known.operation_name, *(one.name for one in known.organisations), "tilth"]
    except Refused:
        return ["tilth"]


class ForeseeableValidator:
    """Refuse what `foreseeable` finds, in the way Django's validators do."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ``ValidationError`` for a password that would be guessed."""
        words = _known_here()
        if user is not None and user.pk:
            words.append(user.get_username())
            words += user.memberships.values_list("person_code", flat=True)
        if foreseeable(password, words):
            raise ValidationError(
                _("This password would be among the first that somebody tries."),
                code="password_foreseeable",
            )

    def get_help_text(self) -> str:
        """Say what is wanted."""
        return _("Four or five words that have nothing to do with the work make a good one.")


class LengthValidator:
    """Refuse what is longer than `LONGEST`: nobody types it, and hashing it costs the server."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ``ValidationError`` for a password that is too long."""
        del user
        if len(password) > LONGEST:
            raise ValidationError(
                _("A password has at most %(longest)d characters."),
                code="password_too_long",
                params={"longest": LONGEST},
            )

    def get_help_text(self) -> str:
        """Say how long it may be."""
        return _("It may be long: up to %(longest)d characters.") % {"longest": LONGEST}
