"""When a source counts, and what its lines say of earlier reports' lines.

Days: a source counts from the last day its date allows, and a disposal from the last day of its
own, never before the finding. A month or year is so read like a release (rules §1): no figure
claims an item before it is certain that it was found, nor a destruction before it was certainly
done.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from tilth.core.days import first_day, last_day
from tilth.core.items.lots import amounts
from tilth.core.items.model import ENDS, ItemSource

__all__ = [
    "KINDS",
    "LaterDisposal",
    "When",
    "later_disposals",
    "method_key",
    "split_reference",
    "when",
]

KINDS = (
    "clearance_report",
    "spot_task",
    "clearance_summary",
    "released_area",
    "stockpile_destruction",
)
"""Kinds that speak of items, in the order in which a reference without kind is looked up."""

_ENDS = frozenset(ENDS)


class When(NamedTuple):
    """First and last day (ordinals) of a source's work, and the month it is cut under."""

    first: int
    last: int
    month: str


@dataclass(frozen=True, slots=True)
class LaterDisposal:
    """A line that disposes of an earlier line.

    Parameters
    ----------
    record, statement, line_id
        Where it is said.
    target, target_line
        Local id or full record id of the earlier report, and its line.
    first, last
        Days (ordinals) that the date of disposal allows.
    disposal, party
        End state (empty: none, such as *rendered safe*) and receiver of a handover.
    pieces, micrograms
        How much; None takes all that is left.
    """

    record: str
    statement: str
    line_id: str
    target: str
    target_line: str
    first: int
    last: int
    disposal: str
    party: str
    pieces: int | None
    micrograms: int | None


def when(source: ItemSource) -> When:
    """Days of a source's work; those of its period, where the kind has one."""
    start = end = source.happened_on
    fields = source.fields
    if source.kind == "clearance_report":
        end = max(end, fields.get("period_to", end), key=last_day)
    elif source.kind == "clearance_summary":
        end = fields.get("period_to", end)
        start = fields.get("period_from", end)
    elif source.kind == "released_area":
        start = fields.get("started_on", start)
    first, last = first_day(start), last_day(end)
    # A coarse end ("2026-03") does not make work begin before its own start; only a period
    # written backwards does.
    return When(first if first <= last else first_day(end), last, end[:7])


def method_key(methods: tuple[str, ...]) -> str:
    """Methods of a source as one combined key, in order of name.

    Examples
    --------
    >>> method_key(("mechanical", "manual"))
    'manual+mechanical'
    """
    return "+".join(sorted(set(methods)))


def split_reference(reference: str) -> tuple[str, str]:
    """Report and line of a ``disposal_of`` value.

    Examples
    --------
    >>> split_reference("DR-7#3")
    ('DR-7', '3')
    """
    report, _, line = reference.rpartition("#")
    return (report, line) if report else (line, "")


def later_disposals(source: ItemSource) -> list[LaterDisposal]:
    """Lines of a source that dispose of earlier lines."""
    found = []
    for line in [line for line in source.fields.get("items", ()) if "disposal_of" in line]:
        report, name = split_reference(line["disposal_of"])
        day = line.get("disposed_on") or source.happened_on
        disposal = line.get("disposal", "")
        silent = "quantity" not in line and "weight_kg" not in line
        pieces, weight = (None, None) if silent else amounts(line)
        found.append(
            LaterDisposal(
                source.record,
                source.statement,
                line.get("line_id", ""),
                report,
                name,
                first_day(day),
                last_day(day),
                disposal if disposal in _ENDS else "",
                line.get("handed_over_to", "") if disposal == "handed_over" else "",
                pieces,
                weight,
            )
        )
    return found
