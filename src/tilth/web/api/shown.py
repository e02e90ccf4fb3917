"""Fields as they come in a body: what a kind's JSON Schema says, and GeoJSON beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tilth.core.kinds.model import FieldType, Kind
from tilth.core.problems import Problem, Refused, register

__all__ = ["fields_given"]

register(
    {
        "value_not_exact": (
            "{field} holds a number with a fraction, which JSON keeps only nearly.",
            'Write it as text, "2170.50": its digits are kept as they are.',
        ),
    }
)


def fields_given(kind: Kind, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a body in the form in which a form gives them.

    A shape is canonical (integers of 1e-9 degree), or ``{"geojson": GEOMETRY}`` in degrees, or
    text as it is typed on a page.

    Raises
    ------
    Refused
        ``value_not_exact``: the log holds no float.
    """
    known = {one.name for one in kind.fields}
    shapes = {one.name for one in kind.fields if one.type is FieldType.SHAPE}
    found: dict[str, Any] = {}
    problems = []
    for name, value in fields.items():
        plain = isinstance(value, dict) and set(value) == {"geojson"}
        if name in shapes and isinstance(value, dict):
            found[name] = value["geojson"] if plain else {"canonical": value}
            if plain:
                continue
        else:
            found[name] = value
        # a field that is not there is told by who reads them
        if name in known and any(isinstance(one, float) for one in _leaves(value)):
            problems.append(Problem("value_not_exact", name, {"field": name}))
    if problems:
        raise Refused(*problems)
    return found


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for one in value.values():
            yield from _leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one)
    else:
        yield value
