"""The end of an operation on pages: land handed over, the return, honours, findings left open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tilth.documents.blocks import Block, Paragraph, Table
from tilth.documents.layouts.parts import grid, heading
from tilth.documents.layouts.words import code, organisation, rule, span
from tilth.documents.reader import Reader

__all__ = ["findings", "handed", "returned"]

Row = Mapping[str, Any]
LISTED = 8
"""Records named in a cell; the embedded value names them all."""


def handed(value: Row, reader: Reader) -> list[Block]:
    """Certificates, people present, reviews afterwards, ground opened again."""
    say, given = reader.say, value["handovers"]
    reviews = given["reviews"]
    present = given["present"]
    people = say("Present: {women} women, {men} men, {girls} girls, {boys} boys.").format(
        **{name: "–" if n is None else reader.count(n) for name, n in present.items()}
    )
    if given["not_counted"]:
        more = say("Handovers that give no numbers: {count}.")
        people = f"{people} {more.format(count=reader.count(given['not_counted']))}"
    blocks: list[Block] = [
        heading(say("Handover")),
        grid(
            [say("Purpose of the land"), say("Certificates"), say("Released areas"), say("Area")],
            [
                (
                    code(reader, "land_use", one["purpose"]) or say("not given"),
                    reader.count(one["certificates"]),
                    reader.count(one["released_areas"]),
                    reader.exact(one["area_m2"]),
                )
                for one in given["purposes"]
            ],
            numbers=[1, 2, 3],
            wide=[0],
            total=(
                say("all"),
                reader.count(given["certificates"]),
                reader.count(given["released_areas"]),
                reader.exact(given["area_m2"]),
            )
            if given["purposes"]
            else (),
            empty=say("Nothing has been handed over."),
        ),
    ]
    if given["certificates"]:
        blocks.append(Paragraph(people))
    if reviews["reviews"]:
        said = say(
            "Reviews after handover: {reviews}; with an accident: {accidents}; items found: "
            "{items}."
        )
        blocks.append(
            Paragraph(
                said.format(
                    reviews=reader.count(reviews["reviews"]),
                    accidents=reader.count(reviews["accidents"]),
                    items=reader.count(reviews["items_found"]),
                )
            )
        )
    return [*blocks, _reopened(value, reader)]


def _reopened(value: Row, reader: Reader) -> Table:
    say = reader.say
    acts = {"revoke": say("revoked"), "recall": say("recalled, not yet decided")}
    return grid(
        [say("Ground opened again"), say("Day"), say("Released areas"), say("Reason")],
        [
            (
                acts.get(str(one["act"]), str(one["act"])),
                reader.day(one["on"]),
                reader.count(one["releases"]),
                str(one["reason"]),
            )
            for one in value["reopened"]
        ],
        numbers=[2],
        wide=[3],
        empty=say("No release was revoked or recalled."),
    )


def returned(value: Row, reader: Reader) -> list[Block]:
    """Deployments, what is left before the return, honours."""
    say = reader.say
    return [
        heading(say("Deployment and return")),
        grid(
            [say("Organisation"), say("Deployments"), say("Period"), say("Still open")],
            [
                (
                    str(one["organisation"]),
                    reader.count(one["deployments"]),
                    span(reader, one["first_day"], one["last_day"]),
                    reader.count(one["open"]),
                )
                for one in value["deployments"]
            ],
            numbers=[1, 3],
            wide=[0],
            empty=say("No deployment is recorded."),
        ),
        heading(say("Before the contingents go home"), 2),
        _left(value, reader),
        heading(say("Honours")),
        grid(
            [say("Day"), say("Honour"), say("To"), say("Given by"), say("Citation")],
            [
                (
                    reader.day(one["on"]),
                    str(one["honour_type"]),
                    _honoured(reader, one),
                    str(one["given_by"]),
                    str(one["citation"]),
                )
                for one in value["honours"]
            ],
            wide=[1, 2, 3, 4],
            empty=say("No honour is recorded."),
        ),
    ]


def _left(value: Row, reader: Reader) -> Table:
    """What has to be done before each organisation goes home."""
    say = reader.say
    rules = {
        "asset_not_reconciled": say("assets neither returned nor handed over nor retired"),
        "deployment_open": say("deployments not closed"),
        "explosives_not_reconciled": say("explosives not accounted for"),
        "task_not_ended": say("tasks not ended"),
    }
    return grid(
        [say("Organisation"), say("Still to be done"), say("Number"), say("Records")],
        [
            (
                str(one["organisation"]),
                rules.get(str(left["code"]), str(left["code"])),
                reader.count(len(left["records"])),
                _some(left["records"]),
            )
            for one in value["returned"]
            for left in one["left"] or [{"code": say("nothing"), "records": []}]
        ],
        numbers=[2],
        wide=[1, 3],
        empty=say("No deployment is recorded."),
    )


def _some(names: Sequence[str]) -> str:
    """The first names of a list, and how it goes on."""
    return ", ".join(names[:LISTED]) + (" …" if len(names) > LISTED else "")


def _honoured(reader: Reader, one: Row) -> str:
    person = reader.person(str(one["person"])) if one["person"] else ""
    return ", ".join(
        part for part in (person, str(one["team"]), organisation(one["organisation"])) if part
    )


def findings(value: Row, reader: Reader) -> list[Block]:
    """What was noticed, by code: open and explained, with what is at stake."""
    say = reader.say
    return [
        heading(say("Findings")),
        grid(
            [say("Finding"), say("Open"), say("Explained"), say("Area"), say("Items")],
            [
                (
                    f"{rule(reader, one['code'])}\n({one['code']})",
                    reader.count(one["open"]),
                    reader.count(one["explained"]),
                    reader.exact(one["area_m2"]),
                    reader.count(one["items"]),
                )
                for one in value["findings"]
            ],
            numbers=[1, 2, 3, 4],
            wide=[0],
            empty=say("Nothing was noticed."),
        ),
    ]
