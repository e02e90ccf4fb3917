"""Words of the map: layers, classes, statuses, so that they are translated."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from tilth.core.kinds.catalogue import CODELISTS
from tilth.text.messages import label
from tilth.web.frame.words import STATES

__all__ = ["LAYER_WORDS", "STATUS_WORDS", "class_word"]

LAYER_WORDS: dict[str, Any] = {
    "hazards": _("Hazard areas"),
    "released": _("Released land"),
    "tasks": _("Tasks"),
    "reports": _("Land processed (reports)"),
    "items": _("Items found"),
    "findings": _("Findings"),
    "evidence": _("Evidence"),
}

STATUS_WORDS: dict[str, Any] = {
    "untouched": _("nothing released yet"),
    "part": _("partly released"),
    "done": _("no ground remaining"),
}

_PLAIN: dict[str, Any] = {
    "SHA": _("suspected (SHA)"),
    "CHA": _("confirmed (CHA)"),
    "indication": _("indication"),
    "cancelled": _("cancelled"),
    "reduced": _("reduced"),
    "cleared": _("cleared"),
    "several": _("several methods"),
    "": _("not stated"),
}
_LISTS = {"items": "category", "reports": "method", "evidence": "evidence_category"}


def class_word(layer: str, name: str, language: str) -> str:
    """Word of a class of a layer in the reader's language."""
    if layer == "tasks" and name in STATES:
        return str(STATES[name])
    listed = CODELISTS.get(_LISTS.get(layer, ""))
    found = next((one for one in listed.codes if one.value == name), None) if listed else None
    if found is not None:
        return label(found, language)
    return str(_PLAIN.get(name, name.replace("_", " ")))
