"""Report on a release: cancellation, reduction or clearance of one polygon."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tilth.documents.blocks import Block, Paragraph
from tilth.documents.layouts.lists import (
    decision_table,
    item_table,
    left_out,
    reopened,
    sample_table,
)
from tilth.documents.layouts.parts import grid, heading, land_table, pairs, points_csv, warning
from tilth.documents.layouts.release_parts import front, geojson, outlines
from tilth.documents.layouts.words import bullets, code, codes, level_of
from tilth.documents.maps import site_map
from tilth.documents.paper import Paper
from tilth.documents.reader import Reader
from tilth.text.language import Say

__all__ = ["layout"]

Row = Mapping[str, Any]


def _titles(say: Say) -> dict[str, str]:
    return {
        "cancelled": say("Cancellation report"),
        "reduced": say("Reduction report"),
        "cleared": say("Clearance report of a released area"),
    }


def layout(value: Row, reader: Reader) -> Paper:
    """Pages of a release's report; the title is that of its type."""
    say, release, hazard = reader.say, value["release"], value["hazard"]
    rows = [release]
    blocks: list[Block] = [*reopened(reader, value["reopened"])]
    if not release["counts"]:
        blocks.append(warning(say("Not counted at the level of this report.")))
    blocks += [
        *front(reader, rows, value["level"]),
        pairs(
            (say("Level"), level_of(reader, release["said"])),
            (say("Work started on"), reader.day(release["started_on"])),
            (say("Completion report"), release["completion_report"]),
            (say("Criteria"), codes(reader, "release_criterion", release["criteria"])),
            (say("Parts not searched"), release["not_searched_reason"]),
        ),
    ]
    if release["description"]:
        blocks.append(Paragraph(str(release["description"])))
    blocks += _hazard(hazard, reader)
    blocks += [
        heading(say("Evidence weighed")),
        _evidence(value, reader),
        heading(say("Decisions on the released areas")),
        *decision_table(reader, rows),
    ]
    drawing = site_map(value, reader, points=release["turning_points"])
    if drawing:
        blocks.append(drawing)
    blocks += [
        heading(say("Balance of the hazard areas under it")),
        land_table(reader, value["account"]),
        *left_out(reader, value["account"]),
        heading(say("Items")),
        item_table(reader, value["items"]),
        heading(say("Quality control")),
        *sample_table(reader, value["samples"], value["sampled"]),
        *outlines(reader, rows),
    ]
    attached = [
        points_csv(reader, {str(release["release"]): release["turning_points"]}),
        geojson(value, reader, "released"),
    ]
    return reader.paper(
        value,
        _titles(say).get(release["release_type"], say("Report on a released area")),
        bullets(
            (
                str(release["release"]),
                say("hazard area {hazard}").format(hazard=release["hazard"]),
                reader.day(release["on"]),
            )
        ),
        blocks,
        [one for one in attached if one],
    )


def _hazard(hazard: Row | None, reader: Reader) -> list[Block]:
    say = reader.say
    if hazard is None:
        return [warning(say("The hazard area that it names is not held in this workspace."))]
    return [
        heading(say("The hazard area")),
        pairs(
            (say("Hazard area"), f"{hazard['hazard']} {hazard['name']}".strip()),
            (say("Classification"), code(reader, "classification", hazard["classification"])),
            (say("Recorded on"), reader.day(hazard["on"])),
            (say("Place"), hazard["place"]),
            (say("Direct evidence"), codes(reader, "direct_evidence", hazard["direct_evidence"])),
            (
                say("Indirect evidence"),
                codes(reader, "indirect_evidence", hazard["indirect_evidence"]),
            ),
        ),
    ]


def _evidence(value: Row, reader: Reader) -> Block:
    say = reader.say
    return grid(
        [say("Evidence"), say("Day"), say("What"), say("How it is known"), say("Reliability")],
        [
            (
                str(one["evidence"]),
                reader.day(one["on"]),
                "\n".join(
                    part
                    for part in (
                        f"{code(reader, 'evidence_type', one['evidence_type'])}, "
                        f"{code(reader, 'evidence_category', one['category'])}",
                        one["description"],
                    )
                    if part
                ),
                code(reader, "evidence_method", one["method"]),
                code(reader, "information_class", one["information_class"]),
            )
            for one in value["evidence"]
        ],
        wide=[2],
        empty=say("No evidence point is recorded here."),
    )
