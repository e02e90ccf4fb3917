"""The cut: which truth a page shows. It is the address, so a link shows others the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict

from tilth.core.chains import LEVELS
from tilth.core.days import first_day

__all__ = ["NAMES", "Cut", "cut_of"]

NAMES: Mapping[str, str] = {
    "level": "level",
    "until": "until",
    "known_at": "known",
    "organisations": "org",
    "place": "place",
}
"""Name of each part of the cut in the address."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Level, days and places that page, map, table and exports share.

    Parameters
    ----------
    level
        ``reported``, ``verified``, ``approved`` or ``prudent``; empty for the page's own default.
    until
        Day, inclusive; empty for today.
    known_at
        Day, time or ``position:N``; empty for now.
    organisations, place
        Empty for all.
    wrong
        Parts of the address that could not be read; the page says so.
    """

    level: str = ""
    until: str = ""
    known_at: str = ""
    organisations: tuple[str, ...] = ()
    place: str = ""
    wrong: tuple[str, ...] = ()

    def query(self, **changes: object) -> str:
        """Address query of this cut with changes; parts that are empty are left out.

        Examples
        --------
        >>> Cut(level="approved", organisations=("RED", "BLU")).query(until="2026-03-31")
        'level=approved&until=2026-03-31&org=RED&org=BLU'
        """
        return urlencode(replace(self, **changes).pairs())  # type: ignore[arg-type]

    def pairs(self) -> list[tuple[str, str]]:
        """Name and value of each part that is not empty, as an address or a form holds them."""
        found: list[tuple[str, str]] = []
        for one in fields(self):
            name, value = NAMES.get(one.name, ""), getattr(self, one.name)
            if name and value:
                values = value if isinstance(value, tuple) else (value,)
                found += [(name, each) for each in values]
        return found

    @property
    def past(self) -> bool:
        """Whether the page shows what was known at an earlier time."""
        return bool(self.known_at)


def cut_of(query: QueryDict) -> Cut:
    """Read the cut of an address; what cannot be read is left out and named in ``wrong``."""
    wrong = []
    level = query.get("level", "")
    if level and level not in LEVELS:
        wrong.append("level")
        level = ""
    until = query.get("until", "")
    if until and not _is_day(until):
        wrong.append("until")
        until = ""
    return Cut(
        level,
        until,
        query.get("known", "")[:40],
        tuple(one[:80] for one in query.getlist("org") if one)[:50],
        query.get("place", "")[:200],
        tuple(wrong),
    )


def _is_day(text: str) -> bool:
    try:
        return len(text) == len("2026-03-31") and bool(first_day(text))
    except ValueError:
        return False


def page_cut(request: HttpRequest) -> Cut:
    """Cut of a request, read once."""
    found: Cut | None = getattr(request, "_cut", None)
    if found is None:
        found = cut_of(request.GET)
        request._cut = found  # type: ignore[attr-defined]
    return found
