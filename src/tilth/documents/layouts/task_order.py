"""Task order: the order and its plans first, then the dossier of the ground."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tilth.documents.blocks import Block, Figures, PageBreak, Paragraph
from tilth.documents.layouts.lists import explosives_table, left_out, nearby_table
from tilth.documents.layouts.parts import (
    grid,
    heading,
    land_table,
    pairs,
    points_csv,
    turning_points,
    warning,
)
from tilth.documents.layouts.states import moves, state
from tilth.documents.layouts.words import (
    away,
    bullets,
    code,
    codes,
    level_of,
    organisation,
    span,
)
from tilth.documents.maps import site_map
from tilth.documents.paper import Paper
from tilth.documents.reader import Reader

__all__ = ["layout"]

Row = Mapping[str, Any]


def layout(value: Row, reader: Reader) -> Paper:
    """Pages of a task order."""
    say, order = reader.say, value["order"]
    blocks: list[Block] = [
        *_order(value, reader),
        *_plans(value, reader),
        heading(say("Teams and assets")),
        *_teams(value, reader),
        heading(say("Explosives allotted")),
        _explosives(value, reader),
        PageBreak(),
        *_ground(value, reader),
        *_around(value, reader),
        heading(say("Course of the order")),
        *moves(reader, value["moves"]),
    ]
    points = value["worksite"]["turning_points"]
    attached = points_csv(reader, {str(value["subject"]["name"]): points})
    return reader.paper(
        value,
        say("Task order"),
        bullets(
            (
                str(order["order_number"] or order["task"]),
                organisation(order["assigned_to"]),
                code(reader, "activity", order["activity"]),
            )
        ),
        blocks,
        [attached] if attached else [],
    )


def _order(value: Row, reader: Reader) -> list[Block]:
    say, order = reader.say, value["order"]
    hazard = value["hazard"] or {}
    blocks: list[Block] = []
    if order["state"] not in ("planned", "issued", "reopened", "worked_on"):
        said = say("This order is not open: {state}.")
        blocks.append(warning(said.format(state=state(reader, order["state"]))))
    if order["contested"]:
        blocks.append(warning(say("Two organisations moved this order at once; ask before work.")))
    name = f"{hazard.get('hazard', '')} {hazard.get('name', '')}".strip()
    blocks += [
        heading(say("The order")),
        pairs(
            (say("Order number"), order["order_number"] or order["task"]),
            (say("State"), state(reader, order["state"], contested=order["contested"])),
            (say("Ordered on"), reader.day(order["on"])),
            (say("Ordered by"), f"{order['said']['by']} · {order['said']['actor']}"),
            (say("To"), organisation(order["assigned_to"])),
            (say("Hazard area"), name),
            (say("Activity"), code(reader, "activity", order["activity"])),
            (say("Methods allowed"), codes(reader, "method", order["methods"])),
            (say("Required depth"), _cm(reader, order["required_depth_cm"])),
            (say("Required search"), code(reader, "search", order["required_search"])),
            (say("Contamination"), codes(reader, "area_type", order["hazard_types"])),
            (say("Planned"), span(reader, order["planned_from"], order["planned_to"])),
            (say("Intended use of the land"), code(reader, "land_use", order["intended_use"])),
            (say("Priority"), code(reader, "priority", order["priority"])),
            (say("Project"), order["project"]),
            (say("Map"), order["map_reference"]),
        ),
    ]
    if order["description"]:
        blocks.append(Paragraph(str(order["description"])))
    return blocks


def _cm(reader: Reader, depth: str) -> str:
    return reader.decimal(depth, "cm") if depth else ""


def _plans(value: Row, reader: Reader) -> list[Block]:
    say, order = reader.say, value["order"]
    minutes = order["evacuation_minutes"]
    blocks: list[Block] = [heading(say("Medical and evacuation plan"))]
    if not order["medical_plan"] or not order["evacuation_plan"]:
        blocks.append(warning(say("The medical or the evacuation plan is missing.")))
    blocks.append(
        pairs(
            (say("Medical plan"), order["medical_plan"]),
            (say("Evacuation plan"), order["evacuation_plan"]),
            (say("Minutes to the hospital"), reader.count(minutes) if minutes != "" else ""),
            columns=1,
        )
    )
    blocks += [
        heading(say("Marking of the worksite")),
        Paragraph(str(order["marking"] or say("Nothing is said of the marking."))),
    ]
    return blocks


def _teams(value: Row, reader: Reader) -> list[Block]:
    say = reader.say
    rows = []
    for team in value["teams"]:
        members = "; ".join(
            f"{code(reader, 'function', one['function'])}: {reader.person(one['person'])}"
            for one in team["members"]
        )
        name = f"{team['code']} {team['name']}".strip()
        rows.append((name, members or say("no member is recorded")))
    for asset in value["assets"]:
        tests = "; ".join(_test(reader, one) for one in asset["tests"])
        kind = code(reader, "asset_type", asset["asset_type"])
        name = " ".join(part for part in (asset["code"], kind, asset["model"]) if part)
        rows.append((name, tests or say("no test is recorded")))
    blocks: list[Block] = [
        grid(
            [say("Team or asset"), say("Members, newest tests")],
            rows,
            wide=[1],
            empty=say("No team is named."),
        )
    ]
    blocks.append(
        grid(
            [say("Accreditation"), say("Holder"), say("Activities"), say("State"), say("Valid")],
            [
                (
                    str(one["certificate"]),
                    str(one["holder"]),
                    codes(reader, "activity", one["activities"]),
                    code(reader, "accreditation_status", one["status"]),
                    span(reader, one["issued_on"], one["expires_on"]),
                )
                for one in value["accreditations"]
                if one["counts"]
            ],
            wide=[2],
            empty=say("No accreditation of these teams is recorded."),
        )
    )
    return blocks


def _test(reader: Reader, one: Row) -> str:
    words = [
        code(reader, "asset_test", one["test"]),
        code(reader, "test_result", one["result"]),
        reader.day(one["tested_on"]),
    ]
    if one["valid_until"]:
        words.append(reader.say("valid until {day}").format(day=reader.day(one["valid_until"])))
    return ", ".join(word for word in words if word)


def _explosives(value: Row, reader: Reader) -> Block:
    rows = [
        {
            **one,
            "allotted": one["quantity"],
            **dict.fromkeys(("issued", "used", "returned", "held", "uncovered"), "0"),
        }
        for one in value["explosives_allotted"]
    ]
    table = explosives_table(reader, rows)
    kept = (0, 1, 2)
    return grid(
        [table.columns[at].label for at in kept],
        [tuple(row[at] for at in kept) for row in table.rows],
        numbers=[2],
        wide=[0],
        empty=reader.say("None: explosives for this task have to be allotted first."),
    )


def _ground(value: Row, reader: Reader) -> list[Block]:
    say, hazard, site = reader.say, value["hazard"], value["worksite"]
    if hazard is None:
        return [warning(say("The hazard area of this order is not held in this workspace."))]
    where = hazard["benchmark"]
    account = hazard["account"]
    blocks: list[Block] = [
        heading(say("The ground")),
        pairs(
            (say("Hazard area"), f"{hazard['hazard']} {hazard['name']}".strip()),
            (say("Classification"), code(reader, "classification", hazard["classification"])),
            (say("Type of contamination"), code(reader, "area_type", hazard["area_type"])),
            (say("Place"), ", ".join(p for p in (hazard["place"], hazard["admin1"]) if p)),
            (say("Benchmark"), _position(reader, where)),
            (say("Marked before"), hazard["marked"]),
            (say("Direct evidence"), codes(reader, "direct_evidence", hazard["direct_evidence"])),
            (
                say("Indirect evidence"),
                codes(reader, "indirect_evidence", hazard["indirect_evidence"]),
            ),
            (say("Terrain"), code(reader, "terrain", hazard["terrain"])),
            (say("Vegetation"), code(reader, "vegetation", hazard["vegetation"])),
            (say("Metal in the ground"), code(reader, "difficulty", hazard["metal_contamination"])),
            (say("Level of the survey"), level_of(reader, hazard["said"])),
        ),
        Figures(
            (
                reader.area_figure(
                    say("remaining in the hazard area"), account["land"]["remaining_m2"], account
                ),
                reader.area_figure(
                    say("recorded in the hazard area"), account["land"]["recorded_m2"], account
                ),
            )
        ),
    ]
    drawing = site_map(value, reader, points=site["turning_points"])
    if drawing:
        blocks.append(drawing)
    if site["whole_hazard"]:
        said = say("The order covers the whole hazard area.")
    else:
        area = reader.exact(site["area_m2"])
        said = say("The order covers {area} of it, drawn on the map.").format(area=area)
    blocks += [
        Paragraph(said),
        turning_points(reader, site["turning_points"], say("Turning points of the worksite")),
        land_table(reader, account),
        *left_out(reader, account),
    ]
    return blocks


def _position(reader: Reader, where: Row) -> str:
    if not where["latitude"]:
        return ""
    return f"{reader.decimal(where['latitude'], '°')}, {reader.decimal(where['longitude'], '°')}"


def _around(value: Row, reader: Reader) -> list[Block]:
    say, reach = reader.say, int(value["reach_m"])
    metres = reader.count(reach)
    return [
        heading(say("Known evidence and accidents within {metres} m").format(metres=metres)),
        grid(
            [say("Record"), say("Day"), say("What"), say("Distance"), say("True bearing")],
            [
                *(_evidence(reader, one) for one in value["evidence"]),
                *(_accident(reader, one) for one in value["accidents"]),
            ],
            numbers=[3, 4],
            wide=[2],
            empty=say("None is recorded."),
        ),
        heading(say("Other hazard areas within {metres} m").format(metres=metres)),
        nearby_table(reader, value["neighbours"], reach),
    ]


def _evidence(reader: Reader, one: Row) -> tuple[str, ...]:
    words = [
        code(reader, "evidence_type", one["evidence_type"]),
        code(reader, "evidence_category", one["category"]),
        codes(reader, "category", one["ordnance"]),
    ]
    said = ", ".join(word for word in words if word)
    return (*_where(reader, one, "\n".join(p for p in (said, one["description"]) if p)),)


def _accident(reader: Reader, one: Row) -> tuple[str, ...]:
    say = reader.say
    words = [
        say("Accident"),
        code(reader, "accident_type", one["accident_type"]),
        code(reader, "category", one["device"]),
    ]
    hurt = say("{killed} killed, {injured} injured").format(
        killed=one["killed"] or 0, injured=one["injured"] or 0
    )
    return (*_where(reader, one, ", ".join([*(word for word in words if word), hurt])),)


def _where(reader: Reader, one: Row, what: str) -> tuple[str, str, str, str, str]:
    return (
        str(one["record"]),
        reader.day(one["on"]),
        what,
        *away(reader, one),
    )
