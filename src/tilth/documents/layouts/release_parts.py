"""Released ground on pages: rows, descriptions, turning points."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tilth.documents.blocks import Block, Table
from tilth.documents.layouts.parts import grid, heading, turning_points
from tilth.documents.layouts.words import code, codes, mark, organisation
from tilth.documents.paper import Attachment
from tilth.documents.reader import Reader

__all__ = ["geojson", "outlines", "release_table"]

Row = Mapping[str, Any]
NANODEGREES = 1e9


def release_table(reader: Reader, rows: Sequence[Row], level: str) -> Table:
    """Released areas: what, by whom, how deep, how large, and how much counts at a level."""
    say = reader.say
    total = sum(float(one["credited_m2"]) for one in rows)
    whole = sum(float(one["area_m2"]) for one in rows)
    return grid(
        [
            say("Released area"),
            say("What was done"),
            say("By"),
            say("Depth"),
            say("Area of the polygon"),
            say("Counted {mark}").format(mark=mark(level)),
        ],
        [
            (
                f"{one['release']}\n{reader.day(one['on'])}",
                _done(reader, one),
                "\n".join(p for p in (organisation(one["organisation"]), *one["teams"]) if p),
                _depth(reader, one),
                reader.exact(one["area_m2"]),
                reader.exact(one["credited_m2"]),
            )
            for one in rows
        ],
        numbers=[3, 4, 5],
        wide=[1, 2],
        total=(say("all"), "", "", "", reader.exact(whole), reader.exact(total)) if rows else (),
        empty=say("No released area is recorded."),
    )


def _done(reader: Reader, one: Row) -> str:
    lines = [code(reader, "release_type", one["release_type"])]
    if one["technical_asset"]:
        lines.append(code(reader, "technical_asset", one["technical_asset"]))
    if one["methods"]:
        lines.append(codes(reader, "method", one["methods"]))
    if one["criteria"]:
        lines.append(codes(reader, "release_criterion", one["criteria"]))
    if one["not_searched_reason"]:
        said = reader.say("Not searched: {reason}")
        lines.append(said.format(reason=one["not_searched_reason"]))
    return "\n".join(lines)


def _depth(reader: Reader, one: Row) -> str:
    lines = []
    if one["depth_cm"]:
        lines.append(reader.decimal(one["depth_cm"], "cm"))
    elif one["release_type"] == "cleared":
        lines.append(reader.say("not given"))
    if one["search"]:
        lines.append(code(reader, "search", one["search"]))
    return "\n".join(lines)


def outlines(reader: Reader, rows: Sequence[Row]) -> list[Block]:
    """Turning points of each released area."""
    say = reader.say
    if not rows:
        return []
    return [
        heading(say("Turning points")),
        *(turning_points(reader, one["turning_points"], str(one["release"])) for one in rows),
    ]


def geojson(value: Row, reader: Reader, role: str) -> Attachment | None:
    """Shapes of one role on the map as GeoJSON in WGS 84 degrees; None where there are none."""
    layers = [one for one in (value["map"] or {}).get("layers", ()) if one["role"] == role]
    if not layers:
        return None
    features = [
        {
            "type": "Feature",
            "properties": {
                "name": one["label"],
                "type": one["style"],
                "level": value["level"],
                "synthetic": value["synthetic"],
            },
            "geometry": {
                "type": one["shape"]["type"],
                "coordinates": _degrees(one["shape"]["coordinates"]),
            },
        }
        for one in layers
    ]
    whole = {
        "type": "FeatureCollection",
        "synthetic": value["synthetic"],
        "features": features,
    }
    return Attachment(
        name="released-areas.geojson",
        media_type="application/geo+json",
        about=reader.say("released areas, WGS 84 degrees"),
        text=json.dumps(whole, ensure_ascii=False, sort_keys=True) + "\n",
    )


def _degrees(value: Any) -> Any:
    """Coordinates in degrees, nested as they were."""
    if isinstance(value, list):
        return [_degrees(one) for one in value]
    return value / NANODEGREES
