"""Tables of samples, items, work and releases that several documents show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tilth.documents.blocks import Block, Paragraph, Table
from tilth.documents.layouts.parts import grid, overrides, warning
from tilth.documents.layouts.words import away, code, codes, mark, organisation
from tilth.documents.reader import Reader
from tilth.text import accounts

__all__ = [
    "decision_table",
    "explosives_table",
    "item_table",
    "left_out",
    "method_table",
    "nearby_table",
    "reopened",
    "sample_table",
    "stoppage_table",
    "work_words",
]

Row = Mapping[str, Any]


def sample_table(reader: Reader, samples: Sequence[Row], sampled: Mapping[str, Row]) -> list[Block]:
    """Samples, and how much of the ground those that passed cover."""
    say = reader.say
    blocks: list[Block] = [
        grid(
            [
                say("Sample"),
                say("Day"),
                say("Stage"),
                say("By"),
                say("Area"),
                say("Items missed"),
                say("Result"),
            ],
            [
                (
                    f"{mark(one['said']['level'])} {one['sample']}",
                    reader.day(one["on"]),
                    code(reader, "inspection_stage", one["stage"]),
                    organisation(one["by"]),
                    reader.exact(one["area_m2"]),
                    reader.count(one["items_missed"]),
                    code(reader, "sample_result", one["result"]),
                )
                for one in samples
            ],
            numbers=[4, 5],
            wide=[2, 3],
            empty=say("No sample of this ground is recorded."),
        )
    ]
    whole = sampled.get("", {})
    if whole and float(whole["area_m2"]):
        said = say("Samples that passed after the work cover {sampled} of {area}: {share}.")
        blocks.append(
            Paragraph(
                said.format(
                    sampled=reader.exact(whole["sampled_m2"]),
                    area=reader.exact(whole["area_m2"]),
                    share=reader.share(whole["permille"], 1000),
                )
            )
        )
    return blocks


def item_table(reader: Reader, items: Row) -> Table:
    """Items by category and by what became of them; columns without any are left out."""
    say = reader.say
    shown = {"items": items["joint"]}
    ends = [one for one in accounts.item_ends(shown, say) if one.value or one.name == "unaccounted"]
    sources = [one for one in accounts.item_sources(shown, say) if one.value or one.name == "found"]
    parts = [*sources, *ends]
    return grid(
        [say("Category"), *(part.label for part in parts)],
        [
            (
                code(reader, "category", row["category"]),
                *(reader.count(row[part.name]) for part in parts),
            )
            for row in items["by"]
            if row["category"] != "saa"
        ],
        numbers=range(1, len(parts) + 1),
        wide=[0],
        shared=len(parts) > 4,
        total=(say("all"), *(reader.count(part.value) for part in parts)) if items["by"] else (),
        empty=say("No item is recorded."),
    )


def method_table(reader: Reader, rows: Sequence[Row]) -> Table:
    """Land processed and hours by method, as reports declare them."""
    say = reader.say
    return grid(
        [say("Method"), say("Area processed, as declared"), say("Hours")],
        [
            (
                codes(reader, "method", str(one["method"]).split("+")),
                reader.exact(one["processed_area_m2"]) if one["processed_area_m2"] else "",
                reader.decimal(one["hours"]) if one["hours"] else "",
            )
            for one in rows
        ],
        numbers=[1, 2],
        wide=[0],
        empty=say("No report is recorded."),
    )


def stoppage_table(reader: Reader, rows: Sequence[Row]) -> Table:
    """Hours lost by cause."""
    say = reader.say
    return grid(
        [say("Cause of the stoppage"), say("Hours lost")],
        [
            (code(reader, "stoppage_cause", one["cause"]), reader.decimal(one["hours"]))
            for one in rows
        ],
        numbers=[1],
        wide=[0],
        empty=say("No stoppage is reported."),
    )


def work_words(reader: Reader, work: Row) -> str:
    """How much was worked, in a sentence."""
    if not work["reports"]:
        return reader.say("No report is recorded.")
    said = reader.say(
        "{reports} reports on {days} days from {first} to {last}: {hours} hours of teams, "
        "{people} people-days."
    )
    return said.format(
        reports=reader.count(work["reports"]),
        days=reader.count(work["days"]),
        first=reader.day(work["first_day"]),
        last=reader.day(work["last_day"]),
        hours=reader.decimal(work["hours"]),
        people=reader.count(work["person_days"]),
    )


def explosives_table(reader: Reader, rows: Sequence[Row]) -> Table:
    """Explosives allotted, issued, used, returned and still held."""
    say = reader.say
    names = ("allotted", "issued", "used", "returned", "held", "uncovered")
    return grid(
        [
            say("Explosive"),
            say("Unit"),
            say("allotted"),
            say("issued"),
            say("used"),
            say("returned"),
            say("held"),
            say("without issue"),
        ],
        [
            (
                one["explosive"],
                code(reader, "explosive_unit", one["unit"]),
                *(reader.decimal(one[name]) for name in names),
            )
            for one in rows
        ],
        numbers=range(2, 8),
        wide=[0],
        empty=say("No explosives are recorded."),
    )


def decision_table(reader: Reader, releases: Sequence[Row]) -> list[Block]:
    """Who verified and approved which released area, when, under which rules."""
    say = reader.say
    acts = {
        "vouch": say("verified"),
        "approve": say("approved"),
        "return": say("returned"),
        "dispute": say("disputed"),
    }
    made: dict[tuple[str, ...], list[str]] = {}
    blocks: list[Block] = []
    passed: dict[tuple[str, str], Row] = {}
    for one in releases:
        for decision in one["decisions"]:
            act = acts.get(str(decision["act"]), str(decision["act"]))
            gone = f" ({say('withdrawn since')})" if decision["withdrawn"] else ""
            key = (
                f"{act}{gone}",
                reader.day(decision["on"]),
                f"{decision['by']} · {decision['actor']}",
                _rules(decision["rule_set"]),
            )
            made.setdefault(key, []).append(str(one["release"]))
            for line in decision["overrides"]:
                passed.setdefault((line["rule"], decision["reason"]), line)
    for reason in dict.fromkeys(reason for _, reason in passed):
        lines = [line for (_, why), line in passed.items() if why == reason]
        blocks += overrides(reader, lines, reason)
    table = grid(
        [say("Decision"), say("Day"), say("By"), say("Rule set"), say("Released areas")],
        [(*key, ", ".join(names)) for key, names in sorted(made.items(), key=_by_day)],
        wide=[2, 4],
        empty=say("Nothing has been decided on it."),
    )
    return [table, *blocks]


def _by_day(one: tuple[tuple[str, ...], list[str]]) -> tuple[str, ...]:
    """Day first, then decision and who took it."""
    return (one[0][1], *one[0])


def _rules(name: str) -> str:
    """Name and version of a rule set with the first digits of its hash."""
    parts = name.split("/")
    return f"{parts[0]} {parts[1]}, {parts[2][:8]}…" if len(parts) == 3 else name


def reopened(reader: Reader, rows: Sequence[Row]) -> list[Block]:
    """Revocations and recalls that stand on ground of the document, in frames."""
    say = reader.say
    said = {
        "revoke": say("Revoked on {day} by {by}: {reason}"),
        "recall": say("Recalled on {day} by {by}, not yet decided: {reason}"),
    }
    return [
        warning(
            said[one["act"]].format(day=reader.day(one["on"]), by=one["by"], reason=one["reason"])
        )
        for one in rows
    ]


def nearby_table(reader: Reader, rows: Sequence[Row], reach_m: int) -> Table:
    """Hazards around with what remains of each at *prudent*."""
    say = reader.say
    return grid(
        [
            say("Hazard area"),
            say("Classification"),
            say("Distance"),
            say("True bearing"),
            say("Remaining"),
        ],
        [
            (
                str(one["hazard"]),
                code(reader, "classification", one["classification"]),
                *away(reader, one),
                f"{mark(one['level'])} {reader.exact(one['remaining_m2'])}",
            )
            for one in rows
        ],
        numbers=[2, 3, 4],
        wide=[1],
        empty=say("No other hazard area is recorded within {metres} m.").format(
            metres=reader.count(reach_m)
        ),
    )


def left_out(reader: Reader, account: Row) -> list[Block]:
    """What the figures of an account leave out."""
    lines = reader.figure("", "", "", account).left_out
    if not lines:
        return [Paragraph(reader.say("nothing left out"), "quiet")]
    text = reader.say("Left out of these figures: {lines}.").format(lines="; ".join(lines))
    return [Paragraph(text, "quiet")]
