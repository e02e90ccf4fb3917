"""Completion report: the balance of the ground, the work, what was found, how it was checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tilth.documents.blocks import Block, Paragraph
from tilth.documents.layouts.lists import (
    decision_table,
    explosives_table,
    item_table,
    left_out,
    method_table,
    reopened,
    sample_table,
    stoppage_table,
    work_words,
)
from tilth.documents.layouts.parts import (
    bar,
    grid,
    heading,
    land_table,
    pairs,
    points_csv,
    warning,
)
from tilth.documents.layouts.release_parts import front, geojson, one_by_one, outlines
from tilth.documents.layouts.states import nonconformity_table, severity_table, state
from tilth.documents.layouts.words import bullets, code, organisation
from tilth.documents.maps import site_map
from tilth.documents.paper import Paper
from tilth.documents.reader import Reader

__all__ = ["layout"]

Row = Mapping[str, Any]


def layout(value: Row, reader: Reader) -> Paper:
    """Pages of a completion report."""
    say, hazard = reader.say, value["hazard"]
    blocks: list[Block] = [*_summary(value, reader), *reopened(reader, value["reopened"])]
    if hazard:
        account = value["account"]
        blocks += [
            heading(say("Account of the hazard area")),
            bar(reader, account),
            land_table(reader, account),
            *left_out(reader, account),
        ]
    blocks += [
        heading(say("Released areas")),
        *front(reader, value["releases"], value["level"]),
    ]
    drawing = site_map(value, reader)
    if drawing:
        blocks.append(drawing)
    blocks += [
        heading(say("Work")),
        Paragraph(work_words(reader, value["work"])),
        method_table(reader, value["methods"]),
        stoppage_table(reader, value["stoppages"]),
        heading(say("Items")),
        item_table(reader, value["items"]),
        heading(say("Explosives")),
        explosives_table(reader, value["explosives"]),
        heading(say("Quality control")),
        *sample_table(reader, value["samples"], value["sampled"]),
        heading(say("Nonconformities")),
        severity_table(reader, value["severities"]),
        nonconformity_table(reader, value["nonconformities"]),
        heading(say("Accidents")),
        _accidents(value, reader),
        heading(say("Decisions on the released areas")),
        *decision_table(reader, value["releases"]),
        *one_by_one(reader, value["releases"], value["level"]),
        *outlines(reader, value["releases"]),
    ]
    points = {str(one["release"]): one["turning_points"] for one in value["releases"]}
    attached = [points_csv(reader, points), geojson(value, reader, "released")]
    return reader.paper(
        value,
        say("Completion report"),
        bullets(
            (
                str(value["subject"]["name"]),
                f"{hazard['hazard']} {hazard['name']}".strip() if hazard else "",
                ", ".join(p for p in (hazard["place"], hazard["admin1"]) if p) if hazard else "",
            )
        ),
        blocks,
        [one for one in attached if one],
    )


def _summary(value: Row, reader: Reader) -> list[Block]:
    say, hazard = reader.say, value["hazard"]
    blocks: list[Block] = []
    still = [one for one in value["nonconformities"] if one["state"] != "closed"]
    if still:
        names = ", ".join(str(one["nonconformity"]) for one in still)
        blocks.append(warning(say("Nonconformities not closed: {names}.").format(names=names)))
    open_stock = [one for one in value["explosives"] if one["held"] != "0"]
    if open_stock:
        names = ", ".join(f"{one['explosive']} {reader.decimal(one['held'])}" for one in open_stock)
        blocks.append(
            warning(say("Explosives neither used nor returned: {names}.").format(names=names))
        )
    blocks += [
        grid(
            [say("Task"), say("Organisation"), say("Activity"), say("Planned"), say("State")],
            [
                (
                    str(one["order_number"] or one["task"]),
                    organisation(one["assigned_to"]),
                    code(reader, "activity", one["activity"]),
                    f"{reader.day(one['planned_from'])} – {reader.day(one['planned_to'])}",
                    state(reader, one["state"], contested=one["contested"]),
                )
                for one in value["tasks"]
            ],
            wide=[1],
            empty=say("No task is ordered."),
        ),
        pairs(
            (
                say("Classification"),
                code(reader, "classification", hazard["classification"]) if hazard else "",
            ),
            (
                say("Required depth"),
                reader.decimal(value["required_depth_cm"], "cm")
                if value["required_depth_cm"]
                else "",
            ),
        ),
    ]
    return blocks


def _accidents(value: Row, reader: Reader) -> Block:
    say = reader.say
    return grid(
        [say("Accident"), say("Day"), say("Type"), say("Device"), say("Killed"), say("Injured")],
        [
            (
                str(one["accident"]),
                reader.day(one["on"]),
                code(reader, "accident_type", one["accident_type"]),
                code(reader, "category", one["device"]),
                reader.count(one["killed"] or 0),
                reader.count(one["injured"] or 0),
            )
            for one in value["accidents"]
        ],
        numbers=[4, 5],
        wide=[2, 3],
        empty=say("No accident on the worksite is recorded."),
    )
