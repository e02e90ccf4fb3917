"""What is noticed about items: in a report, between a report and later lines, between sources.

Positions against the ground are checked in `tilth.core.items.places`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from tilth.core.days import first_day, iso, last_day
from tilth.core.findings import Finding, register
from tilth.core.items.account import handovers
from tilth.core.items.context import Context, Facts, ItemIndex
from tilth.core.items.contributions import excesses
from tilth.core.items.lines import when
from tilth.core.items.lots import amounts
from tilth.core.items.model import SMALL_ARMS, ItemSource
from tilth.core.items.rollup import Rollup
from tilth.core.problems import Parameter

__all__ = ["handover_findings", "reference_findings", "source_findings", "summary_findings"]

_MINES = ("ap_mine", "ap_mine_improvised", "av_mine")
"""Categories of which each piece has a place of its own (rules §4)."""


def source_findings(source: ItemSource, context: Context | None = None) -> list[Finding]:
    """What a source alone shows, and, with its context, what later lines say of it."""
    lines = [line for line in source.fields.get("items", ()) if not line.get("disposal_of")]
    found = [
        *_without_quantity(source, lines),
        *_total(source, lines),
        *_without_position(source, lines),
        *_before_found(source, lines),
    ]
    if context is not None and context.later:
        found += _later_findings(source, context)
    return found


def reference_findings(index: ItemIndex, record: str) -> list[Finding]:
    """Disposals said by a record of reports that are not held."""
    missing = index.unanswered(record)
    return [
        Finding(
            "disposal_of_unknown",
            record,
            params={"reference": f"{one.target}#{one.target_line}", "lines": len(missing)},
            items=sum(o.pieces or 0 for o in missing),
        )
        for one in missing[:1]
    ]


def summary_findings(index: ItemIndex, record: str) -> list[Finding]:
    """Difference between a summary and the reports beside it; other summaries of the same."""
    summary = index.facts[record]
    if summary.kind not in ("clearance_summary", "released_area"):
        return []
    found = []
    beside = list(index.beside(summary))
    counted = sum(one.found for one in beside)
    # A release that lists no items declares none: there is nothing to compare.
    declares = summary.found or summary.kind == "clearance_summary"
    if beside and declares and counted != summary.found:
        found.append(_difference(summary, beside, counted))
    twins = [] if beside else sorted(index.twins(summary), key=lambda one: one.record)
    for twin in twins:
        if record < twin.record:  # each pair once
            items = min(summary.found, twin.found)
            params: dict[str, Parameter] = {"items": items}
            found.append(Finding("summaries_overlap", record, twin.record, params, items=items))
    return found


def handover_findings(
    rollups: Iterable[Rollup], index: ItemIndex, members: Collection[str]
) -> list[Finding]:
    """Handovers within the operation of which the two sides tell different numbers.

    Parameters
    ----------
    members
        Organisations of the operation, as the ``organisation`` field writes them; what is handed
        to or received from anyone else has no other side here.
    """
    speakers = _speakers(index)
    findings: dict[tuple[str, str], Finding] = {}
    for pair, (given, got) in sorted(handovers(rollups).items()):
        giver, receiver, category, model = pair
        if given == got or giver not in members or receiver not in members:
            continue
        told = [
            speakers.get((*pair, side)) or speakers.get((giver, receiver, "", "", side))
            for side in (False, True)
        ]
        records = [one.record if one else "" for one in told]
        statements = [one.statement if one else "" for one in told]
        first, other = records if records[0] else (records[1], "")
        known = findings.get((first, other))
        more = known.items if known else 0
        params: dict[str, Parameter] = {
            "giver": giver,
            "receiver": receiver,
            "category": category,
            "model": model,
            "handed_over": given,
            "received": got,
            "statement_giver": statements[0],
            "statement_receiver": statements[1],
        }
        findings[first, other] = Finding(
            "handover_mismatch",
            first,
            other,
            dict(known.params) if known else params,
            items=more + abs(given - got),
        )
    return list(findings.values())


def _speakers(index: ItemIndex) -> dict[tuple[str, str, str, str, bool], Facts]:
    """Latest source that tells of each handover, by pair, category and model, and by pair alone."""
    latest: dict[tuple[str, str, str, str, bool], Facts] = {}
    for facts in sorted(index.facts.values(), key=lambda f: (f.last, f.record)):
        for giver, receiver, category, model, received in facts.transfers:
            latest[giver, receiver, category, model, received] = facts
            latest[giver, receiver, "", "", received] = facts
        for one in facts.later:
            if one.party:
                latest[facts.organisation, one.party, "", "", False] = facts
    return latest


def _without_quantity(source: ItemSource, lines: list[dict[str, Any]]) -> list[Finding]:
    count = sum("quantity" not in line and "weight_kg" not in line for line in lines)
    if not count:
        return []
    return [Finding("item_without_quantity", source.record, params={"lines": count}, items=count)]


def _total(source: ItemSource, lines: list[dict[str, Any]]) -> list[Finding]:
    declared = source.fields.get("items_total")
    if declared is None or not lines:
        return []
    pieces = sum(amounts(line)[0] for line in lines)
    small = sum(amounts(line)[0] for line in lines if line.get("category") == SMALL_ARMS)
    # A paper may or may not count cartridges in its total; either is a total of its lines.
    if declared in (pieces, pieces - small):
        return []
    difference = declared - (pieces - small)
    return [
        Finding(
            "items_total_differs",
            source.record,
            params={"declared": declared, "lines": pieces - small},
            items=abs(difference),
        )
    ]


def _without_position(source: ItemSource, lines: list[dict[str, Any]]) -> list[Finding]:
    if source.kind not in ("clearance_report", "spot_task"):  # sums have no positions by nature
        return []
    items = 0
    for line in lines:
        if line.get("category") in _MINES and "received_from" not in line:
            pieces = amounts(line)[0]
            items += max(0, pieces - (1 if "position" in line else 0))
    if not items:
        return []
    return [Finding("mine_without_position", source.record, params={"items": items}, items=items)]


def _before_found(source: ItemSource, lines: list[dict[str, Any]]) -> list[Finding]:
    start = when(source).first
    early = [
        line for line in lines if line.get("disposed_on") and last_day(line["disposed_on"]) < start
    ]
    if not early:
        return []
    items = sum(amounts(line)[0] for line in early)
    day = min((line["disposed_on"] for line in early), key=first_day)
    return [
        Finding(
            "disposed_before_found",
            source.record,
            params={"items": items, "disposed_on": day, "found_on": iso(start)},
            items=items,
        )
    ]


def _later_findings(source: ItemSource, context: Context) -> list[Finding]:
    found = []
    start = when(source).first
    early: dict[str, tuple[int, int]] = {}
    for one in context.later:
        if one.last < start:
            items, day = early.get(one.record, (0, one.last))
            early[one.record] = (items + (one.pieces or 0), min(day, one.last))
    for record, (items, day) in sorted(early.items()):
        params: dict[str, Parameter] = {
            "items": items,
            "disposed_on": iso(day),
            "found_on": iso(start),
        }
        found.append(Finding("disposed_before_found", record, source.record, params, items=items))
    beyond: dict[str, int] = {}
    if context.counted:
        for excess in excesses(source, context.later):
            record = excess.disposal.record
            beyond[record] = beyond.get(record, 0) + excess.pieces
    for record, items in sorted(beyond.items()):
        over: dict[str, Parameter] = {"items": items}
        found.append(Finding("disposal_exceeds_found", record, source.record, over, items=items))
    return found


def _difference(summary: Facts, beside: list[Facts], counted: int) -> Finding:
    latest = max(beside, key=lambda one: (one.last, one.record))
    return Finding(
        "summary_differs",
        summary.record,
        latest.record if len(beside) == 1 else "",
        {
            "summary": summary.found,
            "reports": counted,
            "difference": summary.found - counted,
            "count": len(beside),
            "from": iso(summary.first),
            "to": iso(summary.last),
        },
        items=abs(summary.found - counted),
    )


register(
    {
        "item_without_quantity": (
            "{lines} item lines give neither a quantity nor a weight; each counts as one piece.",
            "Correct the report with the number of pieces.",
        ),
        "items_total_differs": (
            "The declared total of {declared} items differs from the lines, which sum to {lines}.",
            "Compare with the paper, then correct the total or the lines.",
        ),
        "mine_without_position": (
            "{items} mines have no position of their own.",
            "Correct the report with one line and one position for each mine.",
        ),
        "disposed_before_found": (
            "{items} items were disposed of on {disposed_on}, before they were found on "
            "{found_on}.",
            "Compare both days with the papers and correct the wrong one.",
        ),
        "disposal_exceeds_found": (
            "A later disposal speaks of {items} items more than were left on the line it names.",
            "Check the line that is named and the quantity, and correct either report.",
        ),
        "disposal_of_unknown": (
            "{lines} lines dispose of items of reports that are not held, such as {reference}.",
            "Import the earlier report, or correct the reference to report#line.",
        ),
        "summary_differs": (
            "The summary gives {summary} items from {from} to {to}; {count} reports over the same "
            "place and days give {reports}. The summary is compared, not added.",
            "Ask the organisation which is right; correct the summary or send what is missing.",
        ),
        "summaries_overlap": (
            "Two summaries of one organisation speak of the same place and days; both are counted, "
            "up to {items} items twice.",
            "Withdraw one of them, or correct the periods, if they tell of the same items.",
        ),
        "handover_mismatch": (
            "{giver} says it handed over {handed_over} items ({category} {model}) to {receiver}, "
            "who says it received {received}.",
            "Compare both handover papers; the side that is wrong corrects its report.",
        ),
    }
)
