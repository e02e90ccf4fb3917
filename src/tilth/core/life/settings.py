"""Sections of a rule set, read into the dataclass that holds their usual values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any, TypeVar

from tilth.core.problems import Problem, Refused, register

__all__ = ["settings_of"]

T = TypeVar("T")

register(
    {
        "setting_unknown": (
            "{setting} is no setting of a rule set.",
            "Take one of: {settings}.",
        ),
        "setting_bad": (
            "{value} is no value for {setting}.",
            "Write it like {usual}.",
        ),
    }
)


def settings_of(into: type[T], settings: Mapping[str, Any], section: str) -> T:
    """Make a dataclass of the settings given, its defaults for all others.

    A list becomes a tuple; types are those of the defaults.

    Raises
    ------
    Refused
        ``setting_unknown`` for a name the dataclass has not, ``setting_bad`` for another type.
    """
    usual: dict[str, Any] = {one.name: one.default for one in fields(into)}  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    problems = []
    for name, value in settings.items():
        where = f"{section}.{name}"
        if name not in usual:
            params = {"setting": where, "settings": ", ".join(usual)}
            problems.append(Problem("setting_unknown", where, params))
            continue
        given = tuple(value) if isinstance(value, list) else value
        if not _alike(given, usual[name]):
            params = {"value": repr(value), "setting": where, "usual": repr(usual[name])}
            problems.append(Problem("setting_bad", where, params))
        values[name] = float(given) if isinstance(given, Decimal) else given
    if problems:
        raise Refused(*problems)
    return into(**values)


def _alike(given: Any, usual: Any) -> bool:
    if isinstance(usual, float):
        known = isinstance(given, int | float | Decimal) and not isinstance(given, bool)
        return known and math.isfinite(given) and given >= 0
    if isinstance(usual, int) and not isinstance(usual, bool):
        return type(given) is int and given >= 0
    if isinstance(usual, tuple):
        return isinstance(given, tuple) and all(isinstance(one, str) for one in given)
    return type(given) is type(usual)
