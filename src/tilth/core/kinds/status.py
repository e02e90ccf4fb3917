"""Several vocabularies of area status, read onto three axes without loss.

The words mix three questions: what the ground is (classification), how far work has come
(work status) and what was decided about release. Here each word is read onto the axes it speaks
of, and the word itself is kept, so that a record goes back out with the status it came with. A
word never releases ground: what it says of release is kept as a *claim* beside the account.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

__all__ = ["VOCABULARIES", "Axes", "Reading", "Vocabulary", "read_status", "with_status"]


class Axes(NamedTuple):
    """What a status word says on each axis; empty where it says nothing.

    ``classification``, ``work_status`` and ``release_claim`` are values of the code lists of
    those names.
    """

    classification: str = ""
    work_status: str = ""
    release_claim: str = ""


class Vocabulary(NamedTuple):
    """One source's list of status words."""

    name: str
    source: str
    words: Mapping[str, Axes]


class Reading(NamedTuple):
    """A status word as understood: which vocabulary, the word as entered, its axes."""

    vocabulary: str
    word: str
    axes: Axes


_OPEN = Axes(work_status="open")
_WORKED_ON = Axes(work_status="worked_on")
_SUSPENDED = Axes(work_status="suspended")
_COMPLETE = Axes(work_status="work_complete")
_RELEASED = Axes(work_status="work_complete", release_claim="released")
_HANDED_OVER = Axes(work_status="work_complete", release_claim="handed_over")
_CANCELLED = Axes(work_status="work_complete", release_claim="cancelled")
_EXPIRED = Axes(work_status="work_complete", release_claim="expired")


def _vocabulary(name: str, source: str, words: dict[str, Axes]) -> Vocabulary:
    return Vocabulary(name, source, MappingProxyType(words))


VOCABULARIES: Mapping[str, Vocabulary] = MappingProxyType(
    {
        one.name: one
        for one in (
            _vocabulary(
                "mdr_text",
                "GICHD minimum data requirements, draft 2018, text",
                {"open": _OPEN, "closed": _COMPLETE, "handed over": _HANDED_OVER},
            ),
            _vocabulary(
                "mdr_diagram",
                "GICHD minimum data requirements, draft 2018, diagram",
                {
                    "Open": _OPEN,
                    "Closed": _COMPLETE,
                    "Suspended": _SUSPENDED,
                    "Released": _RELEASED,
                },
            ),
            _vocabulary(
                "imas_symbology",
                "Symbology of IMAS TNMA 07.11/01",
                {"Open": _OPEN, "Worked on": _WORKED_ON, "Closed": _COMPLETE},
            ),
            _vocabulary(
                "imsma_ng",
                "IMSMA NG base terms; Active is shown as Open",
                {
                    "Active": _OPEN,
                    "Worked on": _WORKED_ON,
                    "Closed": _COMPLETE,
                    "Expired": _EXPIRED,
                },
            ),
            _vocabulary(
                "imsma_core_somalia",
                "IMSMA Core as configured in Somalia",
                {
                    "Open": _OPEN,
                    "Closed": _COMPLETE,
                    "Cancelled": _CANCELLED,
                    "Released": _RELEASED,
                    "Suspended": _SUSPENDED,
                    "In progress": _WORKED_ON,
                },
            ),
        )
    }
)
"""Vocabularies in the order in which an unnamed one is looked for."""


def _same(word: str) -> str:
    return " ".join(word.replace("_", " ").split()).casefold()


_BY_WORD: Mapping[str, Mapping[str, Axes]] = MappingProxyType(
    {
        name: MappingProxyType({_same(word): axes for word, axes in one.words.items()})
        for name, one in VOCABULARIES.items()
    }
)


def read_status(word: str, vocabulary: str = "") -> Reading:
    """Read a status word, whatever its case.

    Parameters
    ----------
    word
        As entered; it comes back unchanged in the reading.
    vocabulary
        Name of the vocabulary the source uses; without it the first one that has the word. All
        that have a word read it alike.

    Returns
    -------
    Reading
        With empty axes and no vocabulary when the word is in none: it is kept all the same.

    Raises
    ------
    KeyError
        When there is no vocabulary of that name.

    Examples
    --------
    >>> read_status("Worked On").axes.work_status
    'worked_on'
    >>> read_status("handed over").axes
    Axes(classification='', work_status='work_complete', release_claim='handed_over')
    """
    known = (vocabulary,) if vocabulary else tuple(_BY_WORD)
    for name in known:
        axes = _BY_WORD[name].get(_same(word))
        if axes is not None:
            return Reading(name, word, axes)
    return Reading(vocabulary, word, Axes())


def with_status(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a hazard area with the axes that its ``status_entered`` speaks of.

    What the source states on an axis itself stays. Fields without a status word, or with one
    that no vocabulary has, come back as they are.
    """
    filled = dict(fields)
    word = fields.get("status_entered")
    vocabulary = fields.get("status_vocabulary", "")
    if not isinstance(word, str) or not (vocabulary == "" or vocabulary in VOCABULARIES):
        return filled
    reading = read_status(word, vocabulary)
    if reading.vocabulary:
        filled.setdefault("status_vocabulary", reading.vocabulary)
    for axis, value in reading.axes._asdict().items():
        if value:
            filled.setdefault(axis, value)
    return filled
