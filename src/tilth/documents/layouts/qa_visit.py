"""Report on a quality visit: result first, then checklist, nonconformities, samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tilth.documents.blocks import Block, Checklist, Items, Paragraph
from tilth.documents.layouts.lists import sample_table
from tilth.documents.layouts.parts import heading, pairs, warning
from tilth.documents.layouts.states import moves, nonconformity_table
from tilth.documents.layouts.words import bullets, code, level_of, organisation
from tilth.documents.maps import site_map
from tilth.documents.paper import Paper
from tilth.documents.reader import Reader

__all__ = ["layout"]

Row = Mapping[str, Any]


def layout(value: Row, reader: Reader) -> Paper:
    """Pages of a visit's report."""
    say, visit = reader.say, value["visit"]
    blocks: list[Block] = [*_result(value, reader), *_visit(visit, reader)]
    if value["checklist"]:
        blocks += [heading(say("Checklist")), _checklist(value, reader)]
    blocks += [
        heading(say("Nonconformities raised")),
        nonconformity_table(reader, value["nonconformities"]),
    ]
    for one in value["nonconformities"]:
        if one["moves"]:
            blocks.append(heading(str(one["nonconformity"]), 2))
            blocks += moves(reader, one["moves"])
    blocks += [heading(say("Samples taken at the visit"))]
    blocks += sample_table(reader, value["samples"], {})
    drawing = site_map(value, reader)
    if drawing:
        blocks += [heading(say("Where")), drawing]
    return reader.paper(
        value,
        say("Report on a quality visit"),
        bullets(
            (
                f"{visit['visit']} · {reader.day(visit['on'])}",
                say("{inspector} at {inspected}").format(
                    inspector=organisation(visit["inspector"]),
                    inspected=organisation(visit["inspected"]),
                ),
            )
        ),
        blocks,
    )


def _result(value: Row, reader: Reader) -> list[Block]:
    say, visit = reader.say, value["visit"]
    still = [one for one in value["nonconformities"] if one["state"] != "closed"]
    wrong = [one for one in value["checklist"] if one["answer"] == "no"]
    said = [
        say("Result: {result}.").format(result=code(reader, "visit_result", visit["result"]))
        if visit["result"]
        else say("No result is recorded."),
        say("Questions answered with no: {count}.").format(count=reader.count(len(wrong))),
        say("Nonconformities raised: {raised}; not closed by {day}: {open}.").format(
            raised=reader.count(len(value["nonconformities"])),
            open=reader.count(len(still)),
            day=reader.day(value["until"]),
        ),
    ]
    blocks: list[Block] = [Items(tuple(said))]
    if visit["operations_suspended"]:
        blocks.append(warning(say("The visit stopped the work.")))
    if visit["special_monitoring"]:
        blocks.append(warning(say("The visit ordered closer watching.")))
    return blocks


def _visit(visit: Row, reader: Reader) -> list[Block]:
    say = reader.say
    blocks: list[Block] = [
        heading(say("The visit")),
        pairs(
            (say("Visit"), visit["visit"]),
            (say("Day"), reader.day(visit["on"])),
            (say("Inspected by"), organisation(visit["inspector"])),
            (say("Inspectors"), ", ".join(reader.person(one) for one in visit["inspectors"])),
            (say("Organisation inspected"), organisation(visit["inspected"])),
            (say("Team"), visit["team"]),
            (say("Task"), visit["order_number"] or visit["task"]),
            (say("Activity"), code(reader, "activity", visit["activity"])),
            (say("Stage"), code(reader, "inspection_stage", visit["stage"])),
            (say("Level"), level_of(reader, visit["said"])),
        ),
    ]
    if visit["description"]:
        blocks.append(Paragraph(str(visit["description"])))
    return blocks


def _checklist(value: Row, reader: Reader) -> Checklist:
    say = reader.say
    return Checklist(
        rows=tuple(
            (
                code(reader, "checklist_question", one["question"]),
                one["answer"] if one["answer"] in ("yes", "no", "not_applicable") else "not_seen",
                code(reader, "checklist_answer", one["answer"]),
                str(one["remark"]),
            )
            for one in value["checklist"]
        ),
        heads=(say("Question"), say("Answer"), say("Remark")),
    )
