"""Handover certificate, in words that the land user understands.

It says what was done, by whom, to what depth, at which level and on what evidence. It never says
what the ground is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tilth.documents.blocks import Block, Figures, Paragraph, Signatures
from tilth.documents.layouts.lists import (
    decision_table,
    item_table,
    left_out,
    method_table,
    nearby_table,
    reopened,
    sample_table,
    work_words,
)
from tilth.documents.layouts.parts import grid, heading, overrides, pairs, points_csv, warning
from tilth.documents.layouts.release_parts import front, geojson, one_by_one, outlines
from tilth.documents.layouts.words import bullets, code, organisation
from tilth.documents.maps import site_map
from tilth.documents.paper import Paper
from tilth.documents.reader import Reader

__all__ = ["layout"]

Row = Mapping[str, Any]


def layout(value: Row, reader: Reader) -> Paper:
    """Pages of a handover certificate."""
    say, given = reader.say, value["handover"]
    blocks: list[Block] = [
        Paragraph(
            say(
                "This certificate says what was done on the ground drawn and described here: by "
                "whom, when, how, to what depth, on what evidence, and who accepted it. It says "
                "nothing of ground outside the turning points or deeper than the depth stated."
            )
        ),
        *_doubts(value, reader),
        *_given(value, reader),
        heading(say("Ground handed over")),
        *front(reader, value["releases"], value["level"]),
        *left_out(reader, value["account"]),
        heading(say("Residual risk and liability")),
        warning(str(given["residual_risk"] or say("Nothing is said of the residual risk."))),
        Paragraph(str(given["liability"] or say("Nothing is said of liability."))),
        Paragraph(
            say(
                "Whoever finds a suspicious object leaves it where it lies, marks the place from "
                "a distance and tells the authority at once."
            )
        ),
        *_nearby(value, reader),
        *_map(value, reader),
        *_signed(value, reader),
        *_evidence(value, reader),
        *_markers(value, reader),
        *one_by_one(reader, value["releases"], value["level"]),
        *outlines(reader, value["releases"]),
    ]
    points = {str(one["release"]): one["turning_points"] for one in value["releases"]}
    attached = [points_csv(reader, points), geojson(value, reader, "released")]
    return reader.paper(
        value,
        say("Handover certificate"),
        bullets(
            (
                str(given["certificate_number"] or given["handover"]),
                say("handed over on {day}").format(day=reader.day(given["on"])),
                say("to {recipients}").format(recipients=", ".join(given["recipients"])),
            )
        ),
        blocks,
        [one for one in attached if one],
    )


def _doubts(value: Row, reader: Reader) -> list[Block]:
    """What the reader must know before anything else."""
    say, given = reader.say, value["handover"]
    blocks = reopened(reader, value["reopened"])
    if value["missing"]:
        names = ", ".join(value["missing"])
        said = say("Named in the handover and not held here: {names}.")
        blocks.append(warning(said.format(names=names)))
    loose = [str(one["release"]) for one in value["releases"] if not one["counts"]]
    if loose:
        said = say("Not counted at the level of this certificate: {names}.")
        blocks.append(warning(said.format(names=", ".join(loose))))
    return [*blocks, *overrides(reader, given["overrides"], given["reason"])]


def _given(value: Row, reader: Reader) -> list[Block]:
    say, given = reader.say, value["handover"]
    total = sum(float(one["credited_m2"]) for one in value["releases"])
    return [
        pairs(
            (say("Certificate number"), given["certificate_number"]),
            (say("Handed over on"), reader.day(given["on"])),
            (say("Handed over by"), organisation(given["organisation"])),
            (say("Recipients"), ", ".join(given["recipients"])),
            (say("Place"), ", ".join(p for p in (given["place"], given["admin1"]) if p)),
            (say("Purpose of the land"), code(reader, "land_use", given["purpose"])),
        ),
        Figures(
            (
                reader.area_figure(
                    say("released ground handed over"), f"{total:.6f}", value["account"]
                ),
            )
        ),
    ]


def _map(value: Row, reader: Reader) -> list[Block]:
    points = [row for one in value["releases"] for row in one["turning_points"]]
    drawing = site_map(value, reader, points=points if len(value["releases"]) == 1 else ())
    return [drawing] if drawing else []


def _nearby(value: Row, reader: Reader) -> list[Block]:
    say, reach = reader.say, int(value["reach_m"])
    rows = value["nearby"]
    blocks: list[Block] = [heading(say("Hazard areas that remain nearby"))]
    if rows:
        said = say("Ground in these directions is still suspected or confirmed: keep out of it.")
        blocks.append(warning(said))
    return [*blocks, nearby_table(reader, rows, reach)]


def _signed(value: Row, reader: Reader) -> list[Block]:
    say, present = reader.say, value["handover"]["present"]
    counted = {name: "" if n is None else reader.count(n) for name, n in present.items()}
    return [
        heading(say("Present at the handover")),
        pairs(
            (say("Women"), counted["women"]),
            (say("Men"), counted["men"]),
            (say("Girls under 18"), counted["girls"]),
            (say("Boys under 18"), counted["boys"]),
        ),
        heading(say("Signatures")),
        Signatures(
            rows=tuple(
                (
                    code(reader, "signatory_role", one["role"]),
                    reader.person(one["person"]) if one["person"] else "",
                    str(one["organisation"]),
                )
                for one in value["signatories"]
            ),
            signature=say("Signature"),
            date=say("Date"),
        ),
    ]


def _evidence(value: Row, reader: Reader) -> list[Block]:
    say = reader.say
    tasks = "; ".join(
        f"{one['order_number'] or one['task']} ({organisation(one['assigned_to'])})"
        for one in value["tasks"]
    )
    return [
        heading(say("What was done, and on what evidence")),
        Paragraph(
            say("Tasks: {tasks}.").format(tasks=tasks) if tasks else say("No task is named.")
        ),
        Paragraph(work_words(reader, value["work"])),
        Paragraph(
            say("The tasks may cover more ground than this certificate: so do their reports."),
            "quiet",
        ),
        method_table(reader, value["methods"]),
        heading(say("Items found on the way"), 2),
        item_table(reader, value["items"]),
        heading(say("Quality control"), 2),
        *sample_table(reader, value["samples"], value["sampled"]),
        heading(say("Who accepted it"), 2),
        *decision_table(reader, value["releases"]),
    ]


def _markers(value: Row, reader: Reader) -> list[Block]:
    say = reader.say
    blocks: list[Block] = [heading(say("Markers on the ground"))]
    if not value["handover"]["markers_recorded"]:
        blocks.append(warning(say("The markers are not recorded.")))
    blocks.append(
        grid(
            [say("Marker"), say("Type of marker"), say("Latitude"), say("Longitude")],
            [
                (
                    str(one["label"]),
                    code(reader, "marker_type", one["marker_type"]),
                    reader.decimal(one["latitude"], "°"),
                    reader.decimal(one["longitude"], "°"),
                )
                for one in value["markers"]
            ],
            numbers=[2, 3],
            wide=[1],
            empty=say("No marker is listed."),
        )
    )
    return blocks
