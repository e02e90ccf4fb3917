"""Item lines that add to what was found or received, as lots of alike pieces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from tilth.core.days import last_day
from tilth.core.items.model import ENDS, ItemSource, micrograms

__all__ = [
    "ORIGINS",
    "Lot",
    "Tally",
    "amounts",
    "declared_lot",
    "is_open",
    "lot_of",
    "lots",
    "named_lines",
    "origin_of",
    "words_of",
]

_ENDS = frozenset(ENDS)
_DESTROYED = frozenset(end for end in ENDS if "destroyed" in end)


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
    """Pieces and micrograms of a lot; ``line_id`` is set where it is one line alone."""

    lot: Lot
    line_id: str
    pieces: int
    micrograms: int


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


def words_of(line: Mapping[str, Any], origin: str, where: str) -> tuple[str, ...]:
    """What makes lines alike, as entered, in the order of `Lot`."""
    get = line.get
    return (
        get("category", "unknown"),
        get("model", ""),
        get("origin", origin),
        get("disposal", ""),
        get("disposed_on", ""),
        get("handed_over_to", ""),
        get("received_from", ""),
        where,
    )


def lot_of(words: tuple[str, ...]) -> Lot:
    """Lot of words as entered: only an end is kept as disposal, only its own receiver."""
    disposal = words[3]
    if (disposal and disposal not in _ENDS) or (words[5] and disposal != "handed_over"):
        kept = disposal if disposal in _ENDS else ""
        words = (*words[:3], kept, words[4], "", *words[6:])
    return Lot._make(words)


ORIGINS = {"spot_task": "spot_task", "stockpile_destruction": "stockpile"}
"""Origin of lines that do not name one, by kind; of every other kind ``clearance``."""


def origin_of(source: ItemSource) -> str:
    """Origin of lines that do not name one."""
    return ORIGINS.get(source.kind, "clearance")


def declared_lot(source: ItemSource, where: tuple[str, ...]) -> tuple[tuple[str, ...], int] | None:
    """Words and pieces of a total declared without any line: unknown items without an end.

    Somebody reported them, so they count. Beside lines a total is only compared.
    """
    declared = source.fields.get("items_total")
    if not declared or source.fields.get("items"):
        return None
    place = "unplaced" if where else ""
    return ("unknown", "", origin_of(source), "", "", "", "", place), int(declared)


def lots(source: ItemSource, where: tuple[str, ...] = ()) -> list[Tally]:
    """Lines that add to *found* or *received*, alike ones summed.

    Parameters
    ----------
    where
        Place of each line of ``fields["items"]`` against the ground, or empty.
    """
    origin = origin_of(source)
    counted: dict[tuple[str, ...], list[int]] = {}
    for at, line in enumerate(source.fields.get("items", ())):
        if "disposal_of" not in line:
            words = words_of(line, origin, where[at] if where else "")
            total = counted.setdefault(words, [0, 0])
            pieces, weight = amounts(line)
            total[0] += pieces
            total[1] += weight
    declared = declared_lot(source, where)
    if declared:
        counted[declared[0]] = [declared[1], 0]
    return [Tally(lot_of(words), "", *total) for words, total in counted.items()]


def named_lines(source: ItemSource, where: tuple[str, ...] = ()) -> list[Tally]:
    """Lines that a later line can speak of, one by one: of each id the first."""
    origin, seen, tallies = origin_of(source), set(), []
    for at, line in enumerate(source.fields.get("items", ())):
        name = line.get("line_id")
        if name and name not in seen and "disposal_of" not in line:
            seen.add(name)
            words = words_of(line, origin, where[at] if where else "")
            tallies.append(Tally(lot_of(words), name, *amounts(line)))
    return tallies


def is_open(lot: Lot, day: int) -> bool:
    """Whether a later line can still dispose of a lot that was found on a day."""
    if lot.disposal not in _DESTROYED:
        return True
    return bool(lot.disposed_on) and last_day(lot.disposed_on) > day
