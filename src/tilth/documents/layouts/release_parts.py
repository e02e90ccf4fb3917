"""Released ground on pages: rows, descriptions, turning points."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tilth.documents.blocks import Block, Paragraph, Table
from tilth.documents.layouts.parts import grid, heading, turning_points
from tilth.documents.layouts.words import code, codes, mark, organisation
from tilth.documents.paper import Attachment
from tilth.documents.reader import Reader

__all__ = ["front", "geojson", "one_by_one", "outlines"]

Row = Mapping[str, Any]
NANODEGREES = 1e9
FEW = 8
"""Up to so many released areas stand one by one on the first page."""


def front(reader: Reader, rows: Sequence[Row], level: str) -> list[Block]:
    """Released areas where the reader looks first: each of a few, or many by what was done."""
    say = reader.say
    names = "; ".join(dict.fromkeys(organisation(one["organisation"]) for one in rows))
    table = release_table(reader, rows, level)
    if len(rows) > FEW:
        table = _grouped(reader, rows, level)
    blocks: list[Block] = [table]
    if names:
        blocks.append(Paragraph(say("Work done by: {names}.").format(names=names)))
    if any(one["credited_m2"] != one["area_m2"] for one in rows):
        said = say("Ground that another release took first is counted there.")
        blocks.append(Paragraph(said, "quiet"))
    return blocks


def one_by_one(reader: Reader, rows: Sequence[Row], level: str) -> list[Block]:
    """Every released area, where the first pages show them only by what was done."""
    if len(rows) <= FEW:
        return []
    return [heading(reader.say("Released areas, one by one")), release_table(reader, rows, level)]


def _grouped(reader: Reader, rows: Sequence[Row], level: str) -> Table:
    """Released areas by what was done and how deep, in the order of the first of each."""
    say = reader.say
    groups: dict[tuple[str, str], list[Row]] = {}
    for one in rows:
        key = (_done(reader, {**one, "not_searched_reason": ""}), _depth(reader, one))
        groups.setdefault(key, []).append(one)

    def sums(some: Sequence[Row]) -> tuple[str, str, str]:
        whole = sum(float(one["area_m2"]) for one in some)
        counted = sum(float(one["credited_m2"]) for one in some)
        return reader.count(len(some)), reader.exact(whole), reader.exact(counted)

    return grid(
        [
            say("What was done"),
            say("Depth"),
            say("Number"),
            say("Area of the polygons"),
            say("Counted {mark}").format(mark=mark(level)),
        ],
        [(done, depth, *sums(some)) for (done, depth), some in groups.items()],
        numbers=[1, 2, 3, 4],
        wide=[0],
        total=(say("all"), "", *sums(rows)),
    )


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
                "\n".join(p for p in (str(one["organisation"]["code"]), *one["teams"]) if p),
                _depth(reader, one),
                reader.exact(one["area_m2"]),
                reader.exact(one["credited_m2"]),
            )
            for one in rows
        ],
        numbers=[3, 4, 5],
        wide=[1],
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
