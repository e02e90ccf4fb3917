"""Operation completion report: the whole story, from the mandate to the honours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tilth.documents.blocks import Block, Figures, Paragraph, Table
from tilth.documents.layouts.lists import explosives_table, left_out
from tilth.documents.layouts.operation_end import findings, handed, returned
from tilth.documents.layouts.parts import bar, grid, heading, land_table, pairs, warning
from tilth.documents.layouts.situation import item_balance, organisation_table
from tilth.documents.layouts.states import nonconformity_table, severity_table, state_table
from tilth.documents.layouts.words import code, codes, organisation, span
from tilth.documents.paper import Attachment, Paper
from tilth.documents.reader import Reader

__all__ = ["layout"]

Row = Mapping[str, Any]
LISTED = 12
"""Up to so many accreditations stand one by one."""

_LAND = ("recorded_m2", "cancelled_m2", "reduced_m2", "cleared_m2", "remaining_m2")


def layout(value: Row, reader: Reader) -> Paper:
    """Pages of the operation's completion report."""
    say, account = reader.say, value["account"]
    land, items = account["land"], account["items"]
    released = sum(float(land[name]) for name in _LAND[1:4])
    blocks: list[Block] = [
        *_open(value, reader),
        Figures(
            (
                reader.area_figure(say("released"), f"{released:.6f}", account),
                reader.count_figure(say("items found"), items["found"], account),
                reader.area_figure(say("remaining"), land["remaining_m2"], account),
            )
        ),
        *_mandate(value, reader),
        *_forces(value, reader),
        *_tasks(value, reader),
        *_accounts(value, reader),
        *_quality(value, reader),
        *handed(value, reader),
        *returned(value, reader),
        *findings(value, reader),
    ]
    return reader.paper(
        value,
        say("Operation completion report"),
        [str(value["mandate"]["name"]), reader.until(value["until"])],
        blocks,
        [_csv(value, reader)],
    )


def _open(value: Row, reader: Reader) -> list[Block]:
    """What is left open, before anything is praised."""
    say = reader.say
    noticed = sum(int(one["open"]) for one in value["findings"])
    faults = len(value["open_nonconformities"])
    lines = []
    if value["account"]["not_closed"]:
        lines.append(say("The land account does not close: do not pass it on."))
    if noticed:
        lines.append(say("Findings left open: {count}.").format(count=reader.count(noticed)))
    if faults:
        lines.append(say("Nonconformities not closed: {names}.").format(names=reader.count(faults)))
    return [warning("\n".join(lines))] if lines else []


def _mandate(value: Row, reader: Reader) -> list[Block]:
    say, mandate = reader.say, value["mandate"]
    blocks: list[Block] = [
        heading(say("Mandate")),
        pairs(
            (say("Ordered by"), mandate["ordered_by"]),
            (say("Document"), mandate["order_document"]),
            (say("Ordered on"), reader.day(mandate["ordered_on"])),
            (say("Authority"), mandate["authority"] or value["authority"]),
            (say("Planned"), span(reader, mandate["period_from"], mandate["period_to"])),
            (say("Carried out"), span(reader, mandate["actual_from"], mandate["actual_to"])),
            (say("Rule set"), mandate["rule_set"]),
            (
                say("Ground within the boundary"),
                reader.exact(mandate["boundary_m2"]) if mandate["boundary_m2"] else "",
            ),
        ),
    ]
    if mandate["mandate"]:
        blocks.append(Paragraph(str(mandate["mandate"])))
    blocks.append(
        grid(
            [say("Organisation"), say("State"), say("Roles"), say("Period"), say("Statements")],
            [
                (
                    organisation(one),
                    str(one["state"]),
                    codes(reader, "organisation_role", one["roles"]),
                    span(reader, one["period_from"], one["period_to"]),
                    reader.count(one["statements"]),
                )
                for one in value["organisations"]
            ],
            numbers=[4],
            wide=[0, 2],
            caption=say("Organisations of the operation"),
            empty=say("No organisation is recorded."),
        )
    )
    if value["projects"]:
        blocks.append(_projects(value, reader))
    return blocks


def _projects(value: Row, reader: Reader) -> Table:
    say = reader.say
    return grid(
        [say("Project"), say("Donor"), say("Agreement"), say("Period"), say("Targets")],
        [
            (
                f"{one['project']} {one['name']}".strip(),
                str(one["donor"]),
                str(one["agreement_number"]),
                span(reader, one["period_from"], one["period_to"]),
                "\n".join(
                    f"{line['indicator']}: {reader.decimal(line['amount'])} {line['unit']}".strip()
                    for line in one["targets"]
                ),
            )
            for one in value["projects"]
        ],
        wide=[0, 4],
        caption=say("Projects"),
    )


def _forces(value: Row, reader: Reader) -> list[Block]:
    say = reader.say
    return [
        heading(say("Formation")),
        grid(
            [say("Organisation"), say("Teams and units"), say("People"), say("By function")],
            [
                (
                    str(one["organisation"]),
                    _counted(
                        reader, one["teams"], [code(reader, "echelon", n) for n in one["teams"]]
                    ),
                    reader.count(one["people"]),
                    _counted(
                        reader,
                        one["functions"],
                        [code(reader, "function", n) for n in one["functions"]],
                    ),
                )
                for one in value["formation"]
            ],
            numbers=[2],
            wide=[1, 3],
            empty=say("No team is recorded."),
        ),
        heading(say("Training and accreditation")),
        grid(
            [say("Course"), say("Centre"), say("Activities"), say("Passed"), say("Not passed")],
            [
                (
                    f"{one['course']} {one['name']}".strip(),
                    str(one["centre"]),
                    codes(reader, "activity", one["activities"]),
                    reader.count(one["passed"]),
                    reader.count(one["failed"]),
                )
                for one in value["training"]
            ],
            numbers=[3, 4],
            wide=[0, 2],
            empty=say("No course is recorded."),
        ),
        *_accreditations(value, reader),
    ]


def _accreditations(value: Row, reader: Reader) -> list[Block]:
    """Accreditations that count: a few one by one; of many their numbers, and those not full."""
    say = reader.say
    rows = [one for one in value["accreditations"] if one["counts"]]
    listed = rows if len(rows) <= LISTED else [one for one in rows if one["status"] != "full"]
    blocks: list[Block] = []
    if len(rows) > LISTED:
        groups: dict[tuple[str, str, str], int] = {}
        for one in rows:
            key = (
                code(reader, "accreditation_holder", one["holder_type"]),
                codes(reader, "activity", one["activities"]),
                code(reader, "accreditation_status", one["status"]),
            )
            groups[key] = groups.get(key, 0) + 1
        blocks.append(
            grid(
                [say("Accreditations of"), say("Activities"), say("State"), say("Number")],
                [(*key, reader.count(number)) for key, number in sorted(groups.items())],
                numbers=[3],
                wide=[1],
                total=(say("all"), "", "", reader.count(len(rows))),
            )
        )
    if listed or not rows:
        blocks.append(
            grid(
                [
                    say("Accreditation"),
                    say("Holder"),
                    say("Activities"),
                    say("State"),
                    say("Valid"),
                ],
                [
                    (
                        str(one["certificate"]),
                        str(one["holder"]),
                        codes(reader, "activity", one["activities"]),
                        code(reader, "accreditation_status", one["status"]),
                        span(reader, one["issued_on"], one["expires_on"]),
                    )
                    for one in listed
                ],
                wide=[2],
                empty=say("No accreditation is recorded."),
            )
        )
    return blocks


def _counted(reader: Reader, counts: Mapping[str, int], names: Sequence[str]) -> str:
    """Numbers with what they count."""
    return ", ".join(
        f"{reader.count(number)} × {name or reader.say('not given')}"
        for number, name in zip(counts.values(), names, strict=True)
    )


def _tasks(value: Row, reader: Reader) -> list[Block]:
    say = reader.say
    return [
        heading(say("Tasks and work")),
        state_table(reader, value["task_states"]),
        grid(
            [say("Organisation"), say("reports"), say("hours"), say("people-days")],
            [
                (
                    organisation(one) or say("jointly"),
                    reader.count(one["reports"]),
                    reader.decimal(one["hours"]),
                    reader.count(one["person_days"]),
                )
                for one in value["work"][:-1]
            ],
            numbers=[1, 2, 3],
            wide=[0],
            total=(
                say("jointly"),
                reader.count(value["work"][-1]["reports"]),
                reader.decimal(value["work"][-1]["hours"]),
                reader.count(value["work"][-1]["person_days"]),
            ),
            caption=f"{say('Work of teams')} {reader.mark('reported')}",
        ),
        heading(say("Explosives"), 2),
        explosives_table(reader, value["explosives"]),
    ]


def _accounts(value: Row, reader: Reader) -> list[Block]:
    say, account = reader.say, value["account"]
    names = {
        "recorded_m2": say("recorded"),
        "cancelled_m2": say("cancelled"),
        "reduced_m2": say("reduced"),
        "cleared_m2": say("cleared"),
        "remaining_m2": say("remaining"),
    }
    return [
        heading(say("Land account")),
        bar(reader, account),
        land_table(reader, account),
        grid(
            [say("Level"), *names.values()],
            [
                (
                    reader.mark(one["level"]),
                    *(reader.exact(one["land"][name]) for name in names),
                )
                for one in value["levels"]
            ],
            numbers=range(1, 6),
            wide=[0],
            caption=say("The same at every level"),
        ),
        *left_out(reader, account),
        heading(say("Item account")),
        item_balance(reader, account),
        heading(say("By organisation, and jointly")),
        organisation_table(reader, value["per_organisation"], worked=False),
        Paragraph(
            say(
                "What one organisation handed to another stands in both their rows and once in "
                "the joint one."
            ),
            "quiet",
        ),
    ]


def _quality(value: Row, reader: Reader) -> list[Block]:
    say = reader.say
    return [
        heading(say("Quality")),
        grid(
            [say("Visits"), say("Result"), say("Number")],
            [
                (
                    code(reader, "inspection_stage", one["stage"]),
                    code(reader, "visit_result", one["result"]) or say("not given"),
                    reader.count(one["visits"]),
                )
                for one in value["visits"]
            ],
            numbers=[2],
            wide=[0, 1],
            empty=say("No quality visit is recorded."),
        ),
        grid(
            [say("Samples"), say("Number"), say("Area"), say("Passed"), say("Items missed")],
            [
                (
                    code(reader, "inspection_stage", one["stage"]),
                    reader.count(one["samples"]),
                    reader.exact(one["area_m2"]),
                    reader.count(one["passed"]),
                    reader.count(one["items_missed"]),
                )
                for one in value["samples"]
            ],
            numbers=[1, 2, 3, 4],
            wide=[0],
            empty=say("No sample is recorded."),
        ),
        severity_table(reader, value["severities"]),
        nonconformity_table(reader, value["open_nonconformities"]),
        heading(say("Accidents"), 2),
        grid(
            [say("Type"), say("Accidents"), say("Killed"), say("Injured")],
            [
                (
                    code(reader, "accident_type", one["accident_type"]),
                    reader.count(one["accidents"]),
                    reader.count(one["killed"]),
                    reader.count(one["injured"]),
                )
                for one in value["accidents"]
            ],
            numbers=[1, 2, 3],
            wide=[0],
            empty=say("No accident is recorded."),
        ),
    ]


def _csv(value: Row, reader: Reader) -> Attachment:
    """Released ground and items by organisation, the joint row last, for programs."""
    names = [name for name in value["per_organisation"][-1] if name not in ("name",)]
    lines = [",".join(names)]
    for one in value["per_organisation"]:
        cells = [str(one[name]).replace('"', '""') for name in names]
        lines.append(",".join(f'"{cell}"' for cell in cells))
    return Attachment(
        name="organisations.csv",
        media_type="text/csv",
        about=reader.say("both accounts by organisation, the joint row last"),
        text="\n".join(lines) + "\n",
    )
