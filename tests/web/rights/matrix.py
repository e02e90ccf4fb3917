"""The tables of *Roles of people* as the page says them, and every case that follows from them.

Whatever shows records — address, tile, export, search, API, error text — is tried with `cases`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tilth.core.kinds.catalogue import KINDS

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "roles.md"
_RELATIONS = ("own", "authority", "granted", "concerned", "open", "other")
_SPANS = {
    "all": set(_RELATIONS) - {"other"},
    "own": {"own", "concerned", "open"},
    "open": {"open"},
    "–": set(),
}
_ACTS = {
    "say": "record correct revise withdraw",
    "check": "vouch return dispute undo",
    "decide": "approve revoke recall lift name",
    "inspect": "inspect_internal inspect_external",
}


class Case(NamedTuple):
    """Whether somebody of a role reads a field of a kind in a record that stands so to them."""

    role: str
    relation: str
    kind: str
    field: str
    expected: bool


@cache
def tables() -> list[list[list[str]]]:
    """Tables of the page, as rows of cells, their heads first."""
    found: list[list[list[str]]] = [[]]
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("|") and not line.startswith("|---"):
            found[-1].append([cell.strip() for cell in line.strip("|").split("|")])
        elif found[-1] and not line.startswith("|"):
            found.append([])
    return [one for one in found if one]


@cache
def table(*heads: str, number: int = 0) -> dict[str, dict[str, str]]:
    """One of the tables whose head begins so, by the first cell of each row."""
    found = [one for one in tables() if tuple(one[0][: len(heads)]) == heads]
    head, *rows = found[number]
    return {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in rows}


ROLES = tuple(table("role"))
CLASS_OF = {
    kind: name for name, row in table("class", "kinds").items() for kind in row["kinds"].split(", ")
}


def acts(role: str, kind: str) -> set[str]:
    """Acts that the page allows a role on a kind."""
    cell = table("class", "information_manager")[CLASS_OF[kind]][role]
    words = [] if cell == "–" else cell.split(", ")
    return {act for word in words for act in _ACTS.get(word, word).split()}


def span(role: str, kind: str) -> set[str]:
    """Relations in which the page lets a role read a kind in full."""
    return _SPANS[table("class", "information_manager", number=1)[CLASS_OF[kind]][role]]


def field_class(kind: str, field: str) -> str:
    """Class of a field, as the page says."""
    if KINDS[kind].protected:
        return "protected"
    row = table("kind", "position", "internal")[kind]
    fitting = [name for name in ("position", "internal") if field in row[name].split(", ")]
    return fitting[0] if fitting else "ordinary"


def cases() -> Iterator[Case]:
    """Every role, relation, kind and field; a relation that a kind cannot have is left out."""
    shown = table("relation", "ordinary")
    for kind, defined in KINDS.items():
        classes = {one.name: field_class(kind, one.name) for one in defined.fields}
        for role in ROLES:
            reads = span(role, kind)
            for relation in relations(kind):
                for field, name in classes.items():
                    told = relation in reads and shown[relation][name] == "yes"
                    yield Case(role, relation, kind, field, told)


def relations(kind: str) -> tuple[str, ...]:
    """Relations that a record of a kind may have to its reader."""
    wanted = set(_RELATIONS)
    if KINDS[kind].protected:
        wanted -= {"authority", "concerned"}
    if kind not in _OPEN:
        wanted -= {"open"}
    return tuple(one for one in _RELATIONS if one in wanted)


_OPEN = {"operation", "place", "rule_set", "organisation", "released_area", "handover"}
