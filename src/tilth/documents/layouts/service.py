"""Service record: what a person or a team did, and for what they were thanked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tilth.core.items.model import SMALL_ARMS
from tilth.documents.blocks import Block
from tilth.documents.layouts.parts import grid, heading, pairs
from tilth.documents.layouts.words import bullets, code, codes
from tilth.documents.paper import Paper
from tilth.documents.reader import Reader

__all__ = ["layout"]

Row = Mapping[str, Any]


def layout(value: Row, reader: Reader) -> Paper:
    """Pages of a service record."""
    say, team = reader.say, value["team"]
    name = f"{team['code']} {team['name']}".strip() if team else reader.person(value["person"])
    blocks: list[Block] = [
        pairs(
            (say("Name"), name),
            (say("Organisation"), value["organisation"]),
            (say("Days deployed"), reader.count(value["days_deployed"])),
            (say("Days worked"), reader.count(value["days_worked"])),
            (say("Reports"), reader.count(value["reports"])),
            (say("Hours of the team on task"), reader.decimal(value["hours"])),
        ),
        heading(say("Deployments")),
        grid(
            [say("Deployment"), say("Place"), say("First day"), say("Last day")],
            [
                (
                    str(one["deployment"]),
                    str(one["place"]),
                    reader.day(one["first_day"]),
                    reader.day(one["last_day"]) or say("still deployed"),
                )
                for one in value["stays"]
            ],
            wide=[1],
            empty=say("No deployment is recorded."),
        ),
        heading(say("Work of the teams in those days")),
        *_work(value, reader),
        heading(say("Honours")),
        grid(
            [say("Day"), say("Honour"), say("Given by"), say("Citation")],
            [
                (
                    reader.day(one["on"]),
                    str(one["honour_type"]),
                    str(one["given_by"]),
                    str(one["citation"]),
                )
                for one in value["honours"]
            ],
            wide=[1, 3],
            empty=say("No honour is recorded."),
        ),
    ]
    title = say("Service record")
    return reader.paper(value, title, bullets((name, value["organisation"])), blocks)


def _work(value: Row, reader: Reader) -> list[Block]:
    say = reader.say
    items = [one for one in value["items"] if one["category"] != SMALL_ARMS]
    small = sum(one["pieces"] for one in value["items"]) - sum(one["pieces"] for one in items)
    return [
        grid(
            [say("Method"), say("Area processed, as declared"), say("Hours")],
            [
                (
                    codes(reader, "method", str(one["method"]).split("+")) or say("not given"),
                    reader.exact(one["area_m2"]),
                    reader.decimal(one["hours"]) if float(one["hours"]) else "–",
                )
                for one in value["work"]
            ],
            numbers=[1, 2],
            wide=[0],
            empty=say("No report is recorded."),
        ),
        grid(
            [say("Items found"), say("Pieces")],
            [
                (code(reader, "category", one["category"]), reader.count(one["pieces"]))
                for one in items
            ],
            numbers=[1],
            wide=[0],
            total=(say("all"), reader.count(sum(one["pieces"] for one in items))) if items else (),
            empty=say("No item is recorded."),
        ),
        pairs((say("small-arms ammunition, apart"), reader.count(small))),
        grid(
            [say("Accident"), say("Day"), say("Type"), say("Device")],
            [
                (
                    str(one["accident"]),
                    reader.day(one["on"]),
                    code(reader, "accident_type", one["accident_type"]),
                    code(reader, "category", one["device"]),
                )
                for one in value["accidents"]
            ],
            wide=[2, 3],
            empty=say("No accident is recorded."),
        ),
    ]
