"""Words for codes, states and problems, in the reader's language."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from unicodedata import bidirectional

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tilth.core.findings import Finding
from tilth.core.kinds.catalogue import CODELISTS, KINDS
from tilth.core.problems import Parameter, Problem
from tilth.core.statement import split_record_id
from tilth.service.recalling import OpenRecall
from tilth.text.language import say_in
from tilth.text.messages import finding_text, label, problem_text
from tilth.web.frame.words import DOCUMENT_STATES, DOCUMENTS, MOVES, STATES

__all__ = [
    "code_label",
    "document_state",
    "document_word",
    "finding_words",
    "kind_label",
    "land_word",
    "level_word",
    "local_id",
    "problem",
    "said",
    "task_move",
    "task_state",
    "why",
]


def said(text: str) -> str:
    """Label of a field, kind or code in the reader's language."""
    return say_in(get_language() or "en")(str(text))


def local_id(record: str) -> str:
    """The id that people know, out of a full record id."""
    try:
        return split_record_id(record)[2]
    except ValueError:
        return record


def problem(one: Problem) -> dict[str, Any]:
    """A problem: what, where, how to put it right, its code small beside."""
    params = {name: _apart(value) for name, value in one.params.items()}
    return problem_text(replace(one, params=params), get_language() or "en")


def _apart(value: Parameter) -> Parameter:
    """A text that could turn the sentence round it, kept to itself (Unicode UAX #9, isolates)."""
    if not isinstance(value, str):
        return value
    classes = [bidirectional(sign) for sign in value]
    if not _TURNING.intersection(classes):
        return value
    signs = zip(value, classes, strict=True)
    plain = "".join(sign for sign, one in signs if one not in _CONTROLS)
    return f"\N{FIRST STRONG ISOLATE}{plain}\N{POP DIRECTIONAL ISOLATE}"


_CONTROLS = frozenset({"RLE", "RLO", "LRE", "LRO", "RLI", "LRI", "FSI", "PDF", "PDI"})
_TURNING = _CONTROLS | {"R", "AL"}
"""Classes of signs by which a text runs otherwise than the sentence it is put into."""


def finding_words(one: Finding) -> dict[str, str]:
    """A finding's sentences in the reader's language."""
    params = {name: _apart(value) for name, value in one.params.items()}
    return finding_text(replace(one, params=params), get_language() or "en")


def level_word(level: str) -> str:
    """Word of a level."""
    return say_in(get_language() or "en")(level)


def land_word(key: str) -> str:
    """Word of what became of land, by its key in an account."""
    return {
        "cleared": _("cleared"),
        "reduced": _("reduced"),
        "cancelled": _("cancelled"),
        "remaining": _("remaining"),
        "extension": _("extension"),
        "reprocessed": _("processed again"),
        "unattached": _("outside every hazard"),
    }.get(key, key)


def task_state(state: str) -> str:
    """Word of a task's or nonconformity's state."""
    return str(STATES.get(state, state))


def task_move(move: str) -> str:
    """Word of a move of a task or nonconformity."""
    return str(MOVES.get(move, move))


def code_label(codelist: str, value: str) -> str:
    """Label of a code in the reader's language; the code itself where the list has none."""
    listed = CODELISTS.get(codelist)
    found = next((one for one in listed.codes if one.value == value), None) if listed else None
    return label(found, get_language() or "en") if found else str(value or "")


def kind_label(kind: str) -> str:
    """Name of a kind in the reader's language."""
    found = KINDS.get(kind)
    return label(found, get_language() or "en") if found else str(kind)


def why(recall: OpenRecall, area: str) -> str:
    """What a recalled area shares with the one in which an item was missed."""
    return recall.why.get(area, "")


def document_word(kind: str) -> str:
    """Name of a kind of document."""
    return str(DOCUMENTS.get(kind, kind))


def document_state(state: str) -> str:
    """What became of a document, in words."""
    return str(DOCUMENT_STATES.get(state, state))
