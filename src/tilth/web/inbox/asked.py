"""What an address of the inbox asks for, and what somebody has marked on its pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from tilth.service.inbox import Filter
from tilth.service.inbox_acts import Seen

__all__ = [
    "address",
    "filter_of",
    "kept_filter",
    "marked",
    "pairs",
    "seen_of",
    "set_marked",
    "tokens",
]

PARTS = ("state", "turn", "kind", "organisation", "actor", "place", "code", "text", "sort")
_DAYS = {"received_from": "from", "received_to": "to"}
_MARKED = "inbox_marked"
_MOST_MARKED = 2_000
_LONGEST = 200


def filter_of(query: QueryDict | Mapping[str, Any]) -> Filter:
    """Filter of an address; what it does not name is everything."""
    named: dict[str, Any] = {name: str(query.get(name, ""))[:_LONGEST].strip() for name in PARTS}
    named["sort"] = named["sort"] or "oldest"
    for name, short in _DAYS.items():
        named[name] = str(query.get(short, ""))[:10]
    return Filter(**named, everything=query.get("everything") == "1")


def kept_filter(kept: Mapping[str, str]) -> Filter:
    """Filter of a frozen list, which keeps it as `Filter.pairs` gives it."""
    return filter_of({_DAYS.get(name, name): value for name, value in kept.items()})


def pairs(wanted: Filter, **changes: str) -> dict[str, str]:
    """Names and values of a filter as an address has them, with changes; empty ones left out."""
    found = {_DAYS.get(name, name): value for name, value in wanted.pairs().items()} | changes
    return {name: value for name, value in found.items() if value}


def address(wanted: Filter, **changes: str) -> str:
    """Address of the inbox under a filter."""
    found = urlencode(pairs(wanted, **changes))
    return f"{reverse('inbox:list')}{'?' if found else ''}{found}"


def tokens(given: Iterable[str]) -> dict[str, str]:
    """State by statement, of tokens as `Seen.token` writes them; others are left out."""
    found = {}
    for one in given:
        statement, _, state = one.partition(".")
        if len(statement) == 64 and statement.isalnum():
            found[statement] = state[:20]
    return found


def marked(request: HttpRequest) -> dict[str, str]:
    """State by statement of everything that this person has marked, on any page of the list."""
    found = request.session.get(_MARKED, {})
    return dict(found) if isinstance(found, dict) else {}


def set_marked(request: HttpRequest, chosen: Mapping[str, str]) -> None:
    """Remember what is marked; the newest where it is too much."""
    kept = list(chosen.items())[-_MOST_MARKED:]
    request.session[_MARKED] = dict(kept)


def seen_of(records: Mapping[str, str], chosen: Mapping[str, str]) -> list[Seen]:
    """Statements as they were seen; ``records`` names the record of each that is held."""
    return [
        Seen(records[statement], statement, state)
        for statement, state in chosen.items()
        if statement in records
    ]
