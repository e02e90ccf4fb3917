"""What a form sent: texts by field, rows of lines, shapes; and the button that was pressed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict

from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.problems import Problem, Refused, register
from tilth.service.drawing import drawn_data
from tilth.service.entering import Survey
from tilth.service.forms_of import wkt_of

__all__ = ["button_of", "survey_of", "typed_of"]

_MOST_ROWS = 200
_MOST_BYTES = 2 * 1024 * 1024
_LEGS = ("point_type", "point", "from", "bearing_deg", "distance_m", "coordinates")
_FIRST_LEGS = 5
_NORTHS = ("true", "magnetic", "grid")

register(
    {
        "shape_file_too_large": (
            "The file {name} has {size} bytes; a form takes one shape of at most {most}.",
            "Bring files of any size in by the import.",
        ),
    }
)


def button_of(posted: QueryDict) -> str:
    """Button that sent the form: ``look``, ``say``, ``add:items``, ``drop:items:3`` or the like."""
    return posted.get("do", "look")[:80]


def survey_of(posted: QueryDict) -> Survey:
    """How positions and bearings were measured."""
    north = _said_once(posted, "north")
    return Survey(
        _said_once(posted, "crs")[:40],
        north if north in _NORTHS else "",
        _said_once(posted, "declination")[:20],
        posted.get("f-happened_on", posted.get("on", "")).strip()[:10],
    )


def _said_once(posted: QueryDict, name: str) -> str:
    """What was typed in the first of several boxes that hold the same."""
    return next((text.strip() for text in posted.getlist(name) if text.strip()), "")


def typed_of(request: HttpRequest, kind: Kind) -> dict[str, Any]:
    """Everything typed, by field, as `tilth.service.forms_of.entries_of` takes it.

    Rows are added and dropped by the button pressed; a file with a shape becomes its text.

    Raises
    ------
    Refused
        What a file that holds no shape gives, ``shape_file_too_large``.
    """
    posted, button = request.POST, button_of(request.POST)
    typed: dict[str, Any] = {}
    for one in kind.fields:
        key = f"f-{one.name}"
        if one.type is FieldType.LINES:
            typed[one.name] = _rows(posted, one, button)
        elif one.type is FieldType.SHAPE:
            if key in posted or f"{key}-how" in posted:
                typed[one.name] = _shape(request, key, button)
        elif one.type is FieldType.CODES:
            typed[one.name] = posted.getlist(key)[:200]
        elif key in posted:
            typed[one.name] = posted.get(key, "")
    return typed


def _rows(posted: QueryDict, one: Field, button: str) -> list[dict[str, Any]]:
    text = posted.get(f"n-{one.name}", "0")
    count = min(_MOST_ROWS, int(text)) if text.isdecimal() and len(text) < 5 else 0
    rows = [_row(posted, one, at) for at in range(count)]
    dropped = button.rsplit(":", 1)[-1] if button.startswith(f"drop:{one.name}:") else ""
    if dropped.isdecimal() and int(dropped) < len(rows):
        rows.pop(int(dropped))
    if button == f"add:{one.name}" and len(rows) < _MOST_ROWS:
        rows.append({})
    return rows


def _row(posted: QueryDict, one: Field, at: int) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for cell in one.fields:
        key = f"f-{one.name}-{at}-{cell.name}"
        if cell.type is FieldType.CODES:
            row[cell.name] = posted.getlist(key)[:200]
        else:
            row[cell.name] = posted.get(key, "")
    return row


def _shape(request: HttpRequest, key: str, button: str) -> dict[str, Any]:
    posted = request.POST
    shape: dict[str, Any] = {
        "text": posted.get(key, ""),
        "was": posted.get(f"{key}-was", ""),
        "canonical": _canonical(posted.get(f"{key}-canonical", "")),
        "how": "traverse" if posted.get(f"{key}-how") == "traverse" else "text",
        "rows": _legs(posted, key, button),
    }
    sent = request.FILES.get(f"{key}-file")
    if isinstance(sent, UploadedFile) and sent.size:
        if sent.size > _MOST_BYTES:
            params: Mapping[str, str | int] = {
                "name": str(sent.name),
                "size": sent.size,
                "most": _MOST_BYTES,
            }
            raise Refused(Problem("shape_file_too_large", key.removeprefix("f-"), params))
        value = drawn_data(sent.read(), str(sent.name), where=key.removeprefix("f-")).value
        text = wkt_of(value)
        shape |= {"text": text, "was": text, "canonical": value, "how": "text"}
    return shape


def _canonical(text: str) -> dict[str, Any] | None:
    if not text:
        return None
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        return None


def _legs(posted: QueryDict, key: str, button: str) -> list[dict[str, str]]:
    text = posted.get(f"n{key[1:]}-legs", "0")
    count = min(_MOST_ROWS, int(text)) if text.isdecimal() and len(text) < 5 else 0
    legs = [
        {name: posted.get(f"{key}-leg-{at}-{name}", "")[:200] for name in _LEGS}
        for at in range(count)
    ]
    if button == f"legs:{key[2:]}":
        legs += [dict.fromkeys(_LEGS, "") for _ in range(_FIRST_LEGS)]
        for leg, kind in zip(legs, ("SP", "TP", "TP", "TP", "SP"), strict=False):
            leg["point_type"] = leg["point_type"] or kind
    return legs[:_MOST_ROWS]
