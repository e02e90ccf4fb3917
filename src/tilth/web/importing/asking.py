"""What the form of a file says, and what looking at the file told, ready for the page."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import tomli_w
from django.http import QueryDict

from tilth.core.access import Actor, Subject, may
from tilth.core.kinds.model import Kind
from tilth.core.problems import Problem
from tilth.core.roles import allows
from tilth.service.session import Session
from tilth.text.messages import problem_text
from tilth.web.importing.models import Upload

__all__ = ["Column", "codes", "columns", "forget", "levels", "read", "refused_rows"]

LONGEST = 100_000


class Column(NamedTuple):
    """A column of the file: its heading, the fields read from it, cells of the first rows."""

    place: int
    name: str
    fields: tuple[str, ...]
    cells: tuple[str, ...]


def read(form: QueryDict, kinds: Mapping[str, Kind]) -> dict[str, Any]:
    """What the form says; a kind that there is not becomes none."""
    kind = form.get("kind", "")
    asked: dict[str, Any] = {
        "kind": kind if kind in kinds else "",
        "layer": form.get("layer", "")[:200],
        "source": form.get("source", "").strip()[:200],
        "new_source": bool(form.get("new_source")),
        "crs": form.get("crs", "").strip()[:40],
        "organisation": form.get("organisation", "").strip()[:80],
        "set_fields": _pairs(form.get("set_fields", "")),
        "mapping": _mapping(form),
    }
    return {name: value for name, value in asked.items() if value or name == "kind"}


def _pairs(text: str) -> dict[str, str]:
    """``field = value`` on each line."""
    found = {}
    for line in text[:LONGEST].splitlines():
        name, equals, value = line.partition("=")
        if equals and name.strip():
            found[name.strip()] = value.strip()
    return found


def _mapping(form: QueryDict) -> str:
    """The mapping as edited: the whole text, or the suggested one with columns read otherwise."""
    text = form.get("mapping", "")[:LONGEST].replace("\r\n", "\n")
    if form.get("mapping_mode") == "text":
        return text
    chosen = {
        name: str(value)
        for name, value in form.items()
        if name.startswith("column-") and value != "="
    }
    if not chosen or not text:
        return "" if form.get("kind") != form.get("kind_before") else text
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return text
    fields: dict[str, Any] = document.setdefault("fields", {})
    for name, value in chosen.items():  # the field that each column is to be read as
        heading = form.get(f"heading-{name[7:]}", "")
        for field in [one for one, source in fields.items() if _only(source) == heading]:
            del fields[field]
        if value:
            fields[value] = heading
    return tomli_w.dumps(document)


def _only(source: object) -> str:
    """The one column of a source, empty where it is read from several."""
    if isinstance(source, str):
        return source
    return str(source.get("column", "")) if isinstance(source, dict) else ""


def columns(one: Upload) -> list[Column]:
    """Columns of the file with what is read from each."""
    told = one.told or {}
    used: Mapping[str, Sequence[str]] = told.get("used", {})
    rows = [row["cells"] for row in told.get("refused", ())[:3]]
    return [
        Column(
            place,
            name,
            tuple(used.get(name, ())),
            tuple(str(cells[place]) for cells in rows if place < len(cells)),
        )
        for place, name in enumerate(told.get("columns", ()))
    ]


def levels(session: Session, kind: str) -> list[str]:
    """Levels that this person may give to what is taken in."""
    found = ["reported"]
    roles = session.roles
    if roles is None or allows(roles, "vouch", kind):
        found.append("verified")
    authority = frozenset({"authority"} if session.own == session.authority else ())
    subject = Subject(session.own, worked=frozenset({""}))
    approving = may(Actor(session.own, session.actor, authority), "approve", subject).allowed
    if approving and (roles is None or allows(roles, "approve", kind)):
        found.append("approved")
    return found


def refused_rows(told: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """Rows that cannot go in, with their problems in words."""
    return [
        {"part": row["part"], "cells": row["cells"], "problems": _said(row["problems"], language)}
        for row in told.get("refused", ())
    ]


def _said(values: Sequence[Mapping[str, Any]], language: str) -> list[dict[str, str]]:
    return [
        problem_text(Problem(one["code"], one["where"], one["params"]), language) for one in values
    ]


def codes(told: Mapping[str, Any], language: str) -> list[tuple[str, int, str]]:
    """Problem codes with how often each stands in the way, the most frequent first, one example."""
    examples: dict[str, str] = {}
    for row in told.get("refused", ()):
        for one in _said(row["problems"], language):
            examples.setdefault(one["code"], one["what"])
    counted: Mapping[str, int] = told.get("codes", {})
    ordered = sorted(counted.items(), key=lambda pair: -pair[1])
    return [(code, count, examples.get(code, "")) for code, count in ordered]


def forget(one: Upload) -> None:
    """Remove the bytes of a file that is no longer needed."""
    shutil.rmtree(one.folder, ignore_errors=True)
