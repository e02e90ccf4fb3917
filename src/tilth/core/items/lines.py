"""Item lines of a source: what each adds, and what later lines say of earlier ones.

Days: a source counts from the last day its date allows, and a disposal from the last day of its
own, never before the finding. A month or year is so read like a release (rules §1): no figure
claims an item before it is certain that it was found, nor a destruction before it was certainly
done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from tilth.core.days import first_day, last_day
from tilth.core.items.model import ENDS, ItemSource, micrograms

__all__ = [
    "KINDS",
    "LaterDisposal",
    "Lot",
    "Tally",
    "amounts",
    "later_disposals",
    "lots",
    "method_key",
    "split_reference",
    "when",
]

KINDS = ("clearance_report", "spot_task", "clearance_summary", "released_area")
"""Kinds that speak of items, in the order in which a reference without kind is looked up."""

_ORIGIN_OF_KIND = {"spot_task": "spot_task"}
_ENDS = frozenset(ENDS)


class When(NamedTuple):
    """First and last day (ordinals) of a source's work, and the month it is cut under."""

    first: int
    last: int
    month: str


class Lot(NamedTuple):
    """What alike lines of one source have in common; ``disposal`` is empty while it has no end."""

    category: str
    model: str
    origin: str
    disposal: str
    disposed_on: str
    handed_over_to: str
    received_from: str
    where: str


class Tally(NamedTuple):
    """Pieces and micrograms of a lot; ``line_id`` is empty where no later line speaks of it."""

    lot: Lot
    line_id: str
    pieces: int
    micrograms: int


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
    return When(min(first_day(start), first_day(end)), last_day(end), end[:7])


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


def amounts(line: Mapping[str, Any]) -> tuple[int, int]:
    """Pieces and micrograms of a line.

    A line that gives neither counts as one piece, the least it can mean (finding
    `item_without_quantity`); one that gives only a weight has no pieces.
    """
    weight = line.get("weight_kg")
    quantity = line.get("quantity")
    if weight is None:
        return (1 if quantity is None else int(quantity)), 0
    return int(quantity or 0), micrograms(weight)


def lots(
    source: ItemSource,
    apart: frozenset[str] = frozenset(),
    where: tuple[str, ...] = (),
) -> list[Tally]:
    """Lines that add to *found* or *received*, alike ones summed.

    A declared total without any line counts as that many items of unknown category and without
    an end: somebody reported them. Beside lines a total is only compared.

    Parameters
    ----------
    apart
        Ids of lines that later lines speak of; the first line of each such id stays alone.
    where
        Place of each line of ``fields["items"]`` against the ground, or empty.
    """
    origin_of_kind = _ORIGIN_OF_KIND.get(source.kind, "clearance")
    counted: dict[tuple[tuple[str, ...], str], list[int]] = {}
    seen: set[str] = set()
    lines = source.fields.get("items", ())
    for at, line in enumerate(lines):
        if "disposal_of" in line:
            continue
        get = line.get
        line_id = ""
        if apart and (name := get("line_id", "")) in apart and name not in seen:
            line_id = name
            seen.add(name)
        lot = (
            get("category", "unknown"),
            get("model", ""),
            get("origin", origin_of_kind),
            get("disposal", ""),
            get("disposed_on", ""),
            get("handed_over_to", ""),
            get("received_from", ""),
            where[at] if where else "",
        )
        pieces, weight = get("quantity"), 0
        if pieces is None or "weight_kg" in line:
            pieces, weight = amounts(line)
        total = counted.get((lot, line_id))
        if total is None:
            counted[lot, line_id] = [pieces, weight]
        else:
            total[0] += pieces
            total[1] += weight
    declared = source.fields.get("items_total")
    if declared and not lines:
        unknown = ("unknown", "", origin_of_kind, "", "", "", "", "unplaced" if where else "")
        counted[unknown, ""] = [int(declared), 0]
    return [Tally(_lot(lot), name, total[0], total[1]) for (lot, name), total in counted.items()]


def _lot(words: tuple[str, ...]) -> Lot:
    """Lot of words as entered: only an end is kept as disposal, only its own receiver."""
    disposal = words[3]
    if (disposal and disposal not in _ENDS) or (words[5] and disposal != "handed_over"):
        kept = disposal if disposal in _ENDS else ""
        words = (*words[:3], kept, words[4], "", *words[6:])
    return Lot._make(words)


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
