"""The reader's language: gettext catalogues, looked up by tag, English where there is none.

Message ids are the English texts themselves. They stand where they belong (labels beside fields,
sentences beside problem codes, ``say("…")`` in the presenters) and are collected by
`tilth.text.extract`.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

__all__ = ["DOMAIN", "LOCALE", "Say", "languages", "reviewed", "say_in"]

DOMAIN = "tilth"
LOCALE = Path(__file__).parent / "locale"
"""Holds ``<language>/LC_MESSAGES/tilth.mo``."""

Say = Callable[[str], str]
"""The reader's gettext function: message id in, text in the reader's language out."""


@lru_cache(maxsize=64)
def say_in(language: str = "en", folder: Path = LOCALE) -> Say:
    """Return the gettext function of a language.

    Parameters
    ----------
    language
        Tag such as ``uk`` or ``pt-BR``; a regional one falls back to its language, an unknown
        one to English.

    Examples
    --------
    >>> say_in("en")("Happened on")
    'Happened on'
    """
    found = _catalogue(language, folder)

    def say(message: str) -> str:
        # The empty message id is the catalogue's own header.
        return found.gettext(message) if message else ""

    return say


def _catalogue(language: str, folder: Path) -> gettext.NullTranslations:
    tag = language.replace("-", "_")
    tags = [tag, tag.partition("_")[0]] if tag.replace("_", "").isalnum() else []
    return gettext.translation(DOMAIN, str(folder), languages=tags or ["en"], fallback=True)


def reviewed(language: str, folder: Path = LOCALE) -> bool:
    """Whether a native speaker looked through the words of a language, as its catalogue says.

    English, in which the program is written, needs no catalogue.

    Examples
    --------
    >>> reviewed("en")
    True
    """
    if language.partition("-")[0] == "en":
        return True
    return _catalogue(language, folder).info().get("x-reviewed") == "yes"


def languages(folder: Path = LOCALE) -> list[str]:
    """Tags of the languages there is a catalogue for, English first."""
    found = sorted(path.parts[-3] for path in folder.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))
    return ["en", *(tag for tag in found if tag != "en")]
