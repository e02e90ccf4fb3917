"""Words for figures, cuts and their values in the reader's language."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from tilth.core.kinds.catalogue import KINDS
from tilth.core.kinds.lists_items import CATEGORY, DISPOSAL, ORIGIN
from tilth.core.kinds.lists_land import CLASSIFICATION
from tilth.core.kinds.lists_work import METHOD
from tilth.text.language import say_in

__all__ = [
    "CUT_WORDS",
    "FIGURE_WORDS",
    "act_words",
    "code_word",
    "cut_word",
    "figure_word",
    "kind_word",
    "task_state_word",
    "value_word",
]

FIGURE_WORDS: dict[str, Any] = {
    "recorded": gettext_lazy("recorded"),
    "extensions": gettext_lazy("extensions"),
    "overlaps": gettext_lazy("overlaps"),
    "cancelled": gettext_lazy("cancelled"),
    "reduced": gettext_lazy("reduced"),
    "cleared": gettext_lazy("cleared"),
    "released": gettext_lazy("released"),
    "remaining": gettext_lazy("remaining"),
    "processed": gettext_lazy("processed, within remaining"),
    "reprocessed": gettext_lazy("processed again"),
    "unattached": gettext_lazy("outside every hazard"),
    "declared": gettext_lazy("declared by hand"),
    "found": gettext_lazy("found"),
    "received": gettext_lazy("received"),
    "destroyed": gettext_lazy("destroyed"),
    "destroyed_in_place": gettext_lazy("destroyed in place"),
    "moved_and_destroyed": gettext_lazy("moved and destroyed"),
    "destroyed_place_unknown": gettext_lazy("destroyed, place unknown"),
    "stored": gettext_lazy("stored"),
    "handed_over": gettext_lazy("handed over"),
    "left_marked": gettext_lazy("left and marked"),
    "unaccounted": gettext_lazy("unaccounted"),
}

CUT_WORDS: dict[str, Any] = {
    "hazard": gettext_lazy("hazard"),
    "place": gettext_lazy("place"),
    "classification": gettext_lazy("classification"),
    "release": gettext_lazy("released area"),
    "organisation": gettext_lazy("organisation"),
    "month": gettext_lazy("month"),
    "method": gettext_lazy("method"),
    "project": gettext_lazy("project"),
    "category": gettext_lazy("category"),
    "model": gettext_lazy("model"),
    "origin": gettext_lazy("origin"),
    "where": gettext_lazy("where"),
    "report": gettext_lazy("report"),
}

_WHERE: dict[str, Any] = {
    "outside": gettext_lazy("outside both"),
    "hazard": gettext_lazy("inside hazards"),
    "released": gettext_lazy("inside released areas"),
    "unplaced": gettext_lazy("without a position"),
}

_TASK_STATES: dict[str, Any] = {
    "planned": gettext_lazy("planned"),
    "issued": gettext_lazy("issued"),
    "worked_on": gettext_lazy("worked on"),
    "suspended": gettext_lazy("suspended"),
    "reopened": gettext_lazy("reopened"),
    "work_complete": gettext_lazy("work complete"),
    "accepted": gettext_lazy("accepted"),
    "cancelled": gettext_lazy("cancelled"),
    "abandoned": gettext_lazy("abandoned"),
    "handed_over": gettext_lazy("handed over to another team"),
}

_ACTS: dict[str, Any] = {
    "record": gettext_lazy("recorded"),
    "correct": gettext_lazy("corrected"),
    "withdraw": gettext_lazy("withdrawn"),
    "revise": gettext_lazy("revised"),
    "vouch": gettext_lazy("verified"),
    "approve": gettext_lazy("approved"),
    "return": gettext_lazy("returned"),
    "undo": gettext_lazy("a decision withdrawn"),
    "revoke": gettext_lazy("revoked"),
    "recall": gettext_lazy("recalled"),
    "lift": gettext_lazy("a recall lifted"),
    "dispute": gettext_lazy("disputed"),
    "name": gettext_lazy("given a national id"),
    "key": gettext_lazy("a key announced"),
    "key_revoke": gettext_lazy("a key revoked"),
    "epoch": gettext_lazy("a log begun anew"),
    "countersign": gettext_lazy("countersigned"),
    "erase": gettext_lazy("erased"),
}

_LISTS = {
    "category": CATEGORY,
    "origin": ORIGIN,
    "method": METHOD,
    "classification": CLASSIFICATION,
    "disposal": DISPOSAL,
}
_LABELS = {name: {code.value: code.label for code in known.codes} for name, known in _LISTS.items()}


def figure_word(name: str) -> str:
    """Word of a figure; small-arms ammunition is named as such."""
    small = name.removeprefix("small_arms_")
    word = str(FIGURE_WORDS.get(small, small))
    if small == name:
        return word
    return _("small-arms ammunition, %(word)s") % {"word": word}


def cut_word(name: str) -> str:
    """Word of a cut."""
    return str(CUT_WORDS.get(name, name))


def task_state_word(state: str) -> str:
    """Word of a task's state."""
    return str(_TASK_STATES.get(state, state))


def kind_word(kind: str) -> str:
    """Label of a kind."""
    known = KINDS.get(kind)
    return say_in(get_language() or "en")(known.label) if known else kind


def act_words(act: str, kind: str) -> str:
    """What an act did with records of a kind; a decision names no kind of its own."""
    word = str(_ACTS.get(act, act))
    if kind not in KINDS or kind == "decision":
        return word
    return f"{kind_word(kind)}: {word}"


def code_word(list_name: str, code: str) -> str:
    """Label of a code; the code itself where its list does not know it."""
    label = _LABELS[list_name].get(code, "")
    return say_in(get_language() or "en")(label) if label else code


def value_word(by: str, key: str, label: str = "") -> str:
    """What a value of a cut is called."""
    if not key:
        return _("not given")
    if by in ("category", "origin", "classification"):
        return code_word(by, key)
    if by == "where":
        return str(_WHERE.get(key, key))
    if by == "method":
        methods, _blank, asset = key.partition(" (")
        words = " + ".join(code_word("method", one) for one in methods.split("+"))
        return f"{words} ({asset}" if asset else words
    return label or key
