"""Every address of the server, as the program itself lists them, with values for its parts.

A new address is tried as soon as it is there. One whose parts nobody knows values for fails the
tests (`Address.paths` raises), and so does none: `EXCUSED` names the few that are tried elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple
from urllib.parse import quote

from django.urls import get_resolver
from django.urls.resolvers import RegexPattern, URLPattern, URLResolver

_PART = re.compile(r"<(?:\w+:)?(\w+)>")
_NAMED = re.compile(r"\^?\(\?P<(\w+)>[^()]*\)")

EXCUSED = {
    "account_logout": "signs out whoever tries the others; tests/web/people",
    "people:link": "takes a code and no account; tests/web/people/test_arriving_by_link.py",
    "openid_connect_login": "leads to another service; tests/web/people/test_other_services.py",
    "openid_connect_callback": "answers another service; tests/web/people/test_other_services.py",
}
"""Addresses that walks leave out, and why."""


class Address(NamedTuple):
    """One address: how it is written, its full name, its parts, whether nobody has to sign in."""

    route: str
    name: str
    parts: tuple[str, ...]
    is_open: bool

    def paths(self, known: Mapping[str, Sequence[Any]], most: int = 4) -> Iterator[str]:
        """Paths with known values for each part, at most so many of each.

        A value is looked for under ``name of the address.part``, ``area.part`` and ``part``.
        """
        area = self.name.split(":")[0]
        values = []
        for part in self.parts:
            for key in (f"{self.name}.{part}", f"{area}.{part}", part):
                if key in known:
                    values.append([str(one) for one in known[key]][:most])
                    break
            else:
                raise AssertionError(f"nothing says what to try for {part} of {self.route}")
        for chosen in product(*values):
            path = self.route
            for part, value in zip(self.parts, chosen, strict=True):
                written = quote(value, safe="/~:@!$&'()*+,;=")
                path = re.sub(rf"<(?:\w+:)?{part}>", lambda _, w=written: w, path)
            yield "/" + path


def addresses() -> list[Address]:
    """Every address, in the order in which the server tries them."""
    return list(_walk(get_resolver(), "", ""))


def _walk(resolver: Any, before: str, names: str) -> Iterator[Address]:
    for one in resolver.url_patterns:
        text = str(one.pattern)
        if isinstance(one.pattern, RegexPattern):
            text = _NAMED.sub(r"<\1>", text).lstrip("^").rstrip("$")
        if isinstance(one, URLResolver):
            inside = f"{names}{one.namespace}:" if one.namespace else names
            yield from _walk(one, before + text, inside)
        elif isinstance(one, URLPattern):
            parts = tuple(_PART.findall(before + text))
            is_open = not getattr(one.callback, "login_required", True)
            yield Address(before + text, f"{names}{one.name}", parts, is_open)


def tried(among: Iterable[Address] | None = None) -> list[Address]:
    """Those that are not excused."""
    return [one for one in (addresses() if among is None else among) if one.name not in EXCUSED]


NOWHERE: dict[str, list[Any]] = {
    "record": ["0" * 32 + "/hazard_area/NOWHERE"],
    "name": ["0" * 32 + "/hazard_area/NOWHERE"],
    "inbox.name": ["f" * 32],
    "importing.name": ["f" * 16],
    "statement": ["f" * 64],
    "named": ["f" * 64],
    "digest": ["f" * 64],
    "act": ["vouch", "withdraw"],
    "kind": ["hazard_area", "victim"],
    "figure": ["remaining", "found"],
    "log": ["tilth/" + "0" * 32 + "/1"],
    "code": ["ZZZZ-ZZZZ"],
    "importing.pk": ["00000000-0000-4000-8000-000000000000"],
    "pk": [987654],
    "number": [987654],
    "provider_id": ["nobody"],
    "z": [8],
    "x": [153],
    "y": [86],
    "position": ["now"],
    "ground.name": ["neutral"],
    "layer": ["hazards", "released"],
    "level": ["prudent"],
    "day": ["2026-01-31"],
    "token": ["f" * 43],
    "path": ["nowhere"],
    "file": ["nowhere"],
    "view": ["nowhere"],
}
"""Values that nothing has, for every part that an address may have."""
