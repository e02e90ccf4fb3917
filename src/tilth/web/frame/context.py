"""What every template is given: the operation, the cut, the rooms, the reader."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext_lazy as _

from tilth.core.chains import LEVELS
from tilth.core.problems import Refused
from tilth.text.figures import LEVELS as MARKS
from tilth.text.language import reviewed
from tilth.web.frame.cut import page_cut
from tilth.web.ledger import public_desk

__all__ = ["ROOMS", "page"]


class Room(NamedTuple):
    """A page of the head's list: URL name, word, key that goes there after ``g``."""

    url: str
    word: Any
    key: str = ""


ROOMS = (
    Room("operation:home", _("Operation"), "o"),
    Room("ground:map", _("Map"), "m"),
    Room("inbox:list", _("Inbox"), "i"),
    Room("tasks:board", _("Tasks"), "t"),
    Room("quality:home", _("Quality"), "q"),
    Room("items:home", _("Items")),
    Room("findings:list", _("Findings"), "f"),
    Room("importing:home", _("Import")),
    Room("papers:list", _("Documents"), "d"),
    Room("log:check", _("Check the log")),
    Room("office:home", _("Settings")),
)
"""Rooms in the order of the head; those that are not there yet are left out."""


class Operation(NamedTuple):
    """What the head says of the workspace that is served; it never changes while it is."""

    name: str
    synthetic: bool
    organisations: tuple[tuple[str, str], ...]
    authority: str


@lru_cache(maxsize=1)
def _operation() -> Operation:
    with public_desk() as session:
        known = session.workspace.settings
        parties = tuple((party.id, party.name) for party in known.organisations)
        return Operation(known.operation_name, known.synthetic, parties, known.authority)


def operation() -> Operation:
    """Operation served; empty, and nothing of it kept, while there is none."""
    try:
        return _operation()
    except Refused:
        return Operation("", False, (), "")


@lru_cache(maxsize=1)
def _rooms() -> tuple[tuple[str, Any, str], ...]:
    found = []
    for room in ROOMS:
        try:
            found.append((reverse(room.url), room.word, room.key))
        except NoReverseMatch:
            continue
    return tuple(found)


def page(request: HttpRequest) -> dict[str, Any]:
    """Values every template may use."""
    language = get_language() or "en"
    served = operation()
    names = dict(served.organisations)
    member = getattr(request, "member", None)
    cut = page_cut(request)
    return {
        "operation": served,
        "organisation_names": names,
        "member": member,
        "member_organisation": names.get(getattr(member, "organisation", ""), ""),
        "cut": cut,
        "cut_query": cut.query(),
        "levels": [(name, MARKS[name].mark) for name in LEVELS],
        "rooms": _rooms() if member is not None else (),
        "here": request.path,
        "language": language,
        "direction": "rtl" if get_language_bidi() else "ltr",
        "unreviewed": not reviewed(language),
        "release": settings.RELEASE,
    }
