"""Situation report: what moved in the period, then who did what, what stopped, what went wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tilth.documents.blocks import Block, Figures, Paragraph, Table
from tilth.documents.layouts.lists import left_out, method_table, stoppage_table, work_words
from tilth.documents.layouts.parts import bar, grid, heading, land_table, warning
from tilth.documents.layouts.states import (
    nonconformity_table,
    severity_table,
    state,
    state_table,
)
from tilth.documents.layouts.words import code, organisation
from tilth.documents.paper import Paper
from tilth.documents.reader import Reader
from tilth.text import accounts

__all__ = ["accident_table", "item_balance", "layout", "organisation_table"]

Row = Mapping[str, Any]
_CLAIMS = ("cancelled_m2", "reduced_m2", "cleared_m2")


def layout(value: Row, reader: Reader) -> Paper:
    """Pages of a situation report."""
    say, period, account = reader.say, value["period"], value["account"]
    titles = {1: say("Daily situation report"), 7: say("Weekly situation report")}
    span = say("{first} to {last}").format(
        first=reader.day(period["first_day"]), last=reader.day(period["last_day"])
    )
    blocks: list[Block] = [
        *_warnings(value, reader),
        Figures(_figures(value, reader)),
        heading(say("Land: what moved")),
        _movements(reader, account),
        heading(say("By organisation, and jointly")),
        organisation_table(reader, value["organisations"]),
        heading(say("Work")),
        Paragraph(work_words(reader, value["work"])),
        method_table(reader, value["methods"]),
        stoppage_table(reader, value["stoppages"]),
        heading(say("Tasks")),
        state_table(reader, value["task_states"]),
        _tasks(value, reader),
        heading(say("Accidents")),
        accident_table(reader, value["accidents"]),
        heading(say("Nonconformities")),
        severity_table(reader, value["severities"]),
        nonconformity_table(reader, value["nonconformities"]),
        heading(say("Where the operation stands")),
        bar(reader, account),
        land_table(reader, account),
        item_balance(reader, account),
        *left_out(reader, account),
    ]
    return reader.paper(
        value,
        titles.get(int(period["days"]), say("Situation report")),
        [span if period["days"] > 1 else reader.day(period["last_day"])],
        blocks,
    )


def _warnings(value: Row, reader: Reader) -> list[Block]:
    """What must not be overlooked in a long report."""
    say = reader.say
    said = []
    if value["accidents"]:
        hurt = sum(int(one["killed"] or 0) + int(one["injured"] or 0) for one in value["accidents"])
        said.append(
            say("Accidents in the period: {count}; people killed or injured: {hurt}.").format(
                count=reader.count(len(value["accidents"])), hurt=reader.count(hurt)
            )
        )
    stopped = [one for one in value["tasks"] if one["state"] == "suspended"]
    if stopped:
        names = ", ".join(str(one["order_number"] or one["task"]) for one in stopped)
        said.append(say("Suspended tasks: {names}.").format(names=names))
    late = [str(one["nonconformity"]) for one in value["nonconformities"] if one["overdue"]]
    if late:
        said.append(say("Overdue nonconformities: {names}.").format(names=", ".join(late)))
    return [warning("\n".join(said))] if said else []


def _figures(value: Row, reader: Reader) -> tuple[Any, ...]:
    say, account = reader.say, value["account"]
    moved, joint = account["movements"], value["organisations"][-1]
    released = sum(float(moved[name]) for name in _CLAIMS)
    return (
        reader.area_figure(say("released in the period"), f"{released:.6f}", account),
        reader.count_figure(say("items found in the period"), joint["found"], account),
        reader.area_figure(say("remaining at its end"), account["land"]["remaining_m2"], account),
    )


def _movements(reader: Reader, account: Row) -> Table:
    say, moved = reader.say, account["movements"]
    rows = [
        ("", say("remaining before"), "remaining_since_m2"),
        ("+ ", say("newly recorded"), "newly_recorded_m2"),
        ("+ ", say("newly extended"), "newly_extended_m2"),
        ("− ", say("newly overlapping"), "newly_overlapping_m2"),
        ("+ ", say("revoked"), "revoked_m2"),
        ("− ", say("cancelled"), "cancelled_m2"),
        ("− ", say("reduced"), "reduced_m2"),
        ("− ", say("cleared"), "cleared_m2"),
    ]
    return grid(
        [say("Movement"), say("Area")],
        [(f"{sign}{label}", reader.exact(moved[name])) for sign, label, name in rows],
        numbers=[1],
        wide=[0],
        total=(f"= {say('remaining')}", reader.exact(moved["remaining_m2"])),
    )


def organisation_table(reader: Reader, rows: Sequence[Row], *, worked: bool = True) -> Table:
    """Released ground and items by organisation, with their work; the joint row is the total."""
    say = reader.say

    def cells(one: Row) -> tuple[str, ...]:
        done = (reader.count(one["reports"]), reader.decimal(one["hours"])) if worked else ()
        return (
            *(reader.exact(one[name]) for name in _CLAIMS),
            reader.count(one["found"]),
            reader.count(one["destroyed"]),
            reader.count(one["unaccounted"]),
            *done,
        )

    heads = [
        say("Organisation"),
        say("cancelled"),
        say("reduced"),
        say("cleared"),
        say("items found"),
        say("destroyed"),
        say("unaccounted"),
    ]
    heads += [say("reports"), say("hours")] if worked else []
    return grid(
        heads,
        [(str(one["code"] or say("not given")), *cells(one)) for one in rows[:-1]],
        numbers=range(1, len(heads)),
        wide=[0],
        total=(say("jointly"), *cells(rows[-1])),
    )


def _tasks(value: Row, reader: Reader) -> Table:
    say = reader.say
    return grid(
        [say("Task"), say("Organisation"), say("Hazard area"), say("State"), say("Last move")],
        [
            (
                str(one["order_number"] or one["task"]),
                organisation(one["assigned_to"]),
                str(one["hazard"]),
                state(reader, one["state"], contested=one["contested"]),
                " · ".join(p for p in (reader.day(one["moved_on"]), one["reason"]) if p),
            )
            for one in value["tasks"]
        ],
        wide=[1, 4],
        empty=say("No task is open, and none moved."),
    )


def accident_table(reader: Reader, rows: Sequence[Row]) -> Table:
    """Accidents with the people hurt, as numbers."""
    say = reader.say
    return grid(
        [
            say("Accident"),
            say("Day"),
            say("Type"),
            say("Device"),
            say("Task"),
            say("Killed"),
            say("Injured"),
        ],
        [
            (
                str(one["accident"]),
                reader.day(one["on"]),
                code(reader, "accident_type", one["accident_type"]),
                code(reader, "category", one["device"]),
                str(one["task"]),
                reader.count(one["killed"] or 0),
                reader.count(one["injured"] or 0),
            )
            for one in rows
        ],
        numbers=[5, 6],
        wide=[2, 3],
        empty=say("No accident is recorded in the period."),
    )


def item_balance(reader: Reader, account: Row) -> Table:
    """Both sides of the item balance, in pieces."""
    say = reader.say
    sources = accounts.item_sources(account, say)
    ends = accounts.item_ends(account, say)
    rows = [(part.label, reader.count(part.value)) for part in sources]
    rows += [
        (f"{'=' if at == 0 else '+'} {part.label}", reader.count(part.value))
        for at, part in enumerate(ends)
    ]
    closes = say("closes") if accounts.items_closed(account) else say("NOT CLOSED")
    rows.append(
        (say("small-arms ammunition, apart"), reader.count(account["items"]["small_arms_found"]))
    )
    return grid(
        [say("Item balance"), say("Pieces")],
        rows,
        numbers=[1],
        wide=[0],
        total=(say("balance"), closes),
    )
