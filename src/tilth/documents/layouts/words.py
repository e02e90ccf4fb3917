"""Words of documents: labels of codes, organisations, levels, rules, days, distances."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from tilth.core.findings import FINDINGS
from tilth.core.kinds.catalogue import CODELISTS
from tilth.core.problems import CATALOGUE
from tilth.documents.reader import Reader
from tilth.text import figures

__all__ = [
    "away",
    "bullets",
    "code",
    "codes",
    "level_of",
    "mark",
    "organisation",
    "rule",
    "span",
]

Row = Mapping[str, Any]
_DOTS = re.compile(r"…[….]+")
_PLACE = re.compile(r"\{[^{}]*\}")


def code(reader: Reader, codelist: str, value: object) -> str:
    """Label of a code in the reader's language; a code of a national programme stands for itself.

    Parameters
    ----------
    codelist
        Name of one of `tilth.core.kinds.catalogue.CODELISTS`.
    """
    known = CODELISTS[codelist]
    for one in known.codes:
        if one.value == value:
            return reader.say(one.label)
    return str(value or "")


def codes(reader: Reader, codelist: str, values: Iterable[object]) -> str:
    """Labels of several codes in a line."""
    return ", ".join(code(reader, codelist, one) for one in values)


def organisation(one: Row) -> str:
    """Name of an organisation with its code, where that is another."""
    name, short = str(one.get("name", "")), str(one.get("code", ""))
    return f"{name} ({short})" if short and short != name else name


def level_of(reader: Reader, said: Row) -> str:
    """Mark and name of the level of a record."""
    return reader.mark(str(said["level"]))


def mark(level: str) -> str:
    """Mark of a level alone, for a cell whose column says the rest."""
    return figures.level(level).mark


def rule(reader: Reader, name: str) -> str:
    """What a rule or finding says, its particulars left out."""
    text = CATALOGUE.get(name) or FINDINGS.get(name)
    return _DOTS.sub("…", _PLACE.sub("…", reader.say(text.what))) if text else name


def span(reader: Reader, first: str, last: str) -> str:
    """Days from the first to the last; open where one is not said."""
    return f"{reader.day(first)} – {reader.day(last)}".strip() if first or last else ""


def away(reader: Reader, one: Row) -> tuple[str, str]:
    """Distance and true bearing; what touches the ground says so and has no bearing."""
    if not one["distance_m"]:
        return reader.say("on it or beside it"), ""
    return reader.decimal(one["distance_m"], "m"), reader.decimal(one["bearing_deg"], "°")


def bullets(texts: Iterable[str]) -> tuple[str, ...]:
    """Texts that are not empty."""
    return tuple(text for text in texts if text)
