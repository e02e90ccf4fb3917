"""Places: which place a record means, and what a place's parts sum to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from tilth.core.findings import Finding, register

__all__ = ["Declared", "Gazetteer", "Place", "sum_findings"]


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the gazetteer: its name, the place that holds it, its boundary or position.

    ``value`` is a canonical shape in WGS 84, None when neither is known.
    """

    key: str
    name: str
    parent: str
    value: Mapping[str, Any] | None


class Gazetteer:
    """Places by code, name and alias, whatever the case; an ambiguous word means none.

    Parameters
    ----------
    entries
        Fields of `place` records.
    """

    def __init__(self, entries: Iterable[Mapping[str, Any]]) -> None:
        self._by_word: dict[str, Place | None] = {}
        for fields in entries:
            key = str(fields.get("code") or fields.get("local_id", ""))
            place = Place(
                key,
                str(fields.get("name", key)),
                str(fields.get("parent", "")),
                fields.get("shape") or fields.get("point"),
            )
            words = [key, place.name, *map(str, fields.get("aliases", ()))]
            for word in {_fold(word) for word in words} - {""}:
                known = self._by_word.get(word, place)
                self._by_word[word] = place if known == place else None

    def find(self, word: str) -> Place | None:
        """Place that a record's ``place`` means; None when it is unknown or ambiguous."""
        return self._by_word.get(_fold(word))

    def parent(self, word: str) -> Place | None:
        """Place that holds the one meant."""
        place = self.find(word)
        return self.find(place.parent) if place is not None and place.parent else None


def _fold(word: str) -> str:
    return " ".join(word.split()).casefold()


class Declared(NamedTuple):
    """What a summary declares of a place: decimal m² (None when not given) and items found."""

    record: str
    organisation: str
    place: str
    period: tuple[str, str]
    activity: str
    area_m2: str | None
    items: int


def sum_findings(summaries: Sequence[Declared], gazetteer: Gazetteer) -> list[Finding]:
    """Summaries of a place that differ from the sum of those of its parts: `place_sum_differs`.

    Compared are summaries of one organisation, activity and period over a place and over at
    least two of the places directly within it: fewer are a part of the whole and prove nothing.
    """
    own: dict[tuple[str, ...], list[Declared]] = defaultdict(list)
    parts: dict[tuple[str, ...], list[Declared]] = defaultdict(list)
    for one in summaries:
        place, parent = gazetteer.find(one.place), gazetteer.parent(one.place)
        key = (one.organisation, one.activity, *one.period)
        if place is not None:
            own[*key, place.key].append(one)
        if parent is not None:
            parts[*key, parent.key].append(one)
    found = []
    for where in sorted(set(own) & set(parts)):
        within = parts[where]
        if len({one.place for one in within}) < 2:
            continue
        whole = sorted(own[where])
        m2, parts_m2 = _sum_m2(whole), _sum_m2(within)
        items, parts_items = sum(one.items for one in whole), sum(one.items for one in within)
        if m2 == parts_m2 and items == parts_items:
            continue
        params: dict[str, str | int | float] = {
            "place": whole[0].place,
            "m2": str(m2),
            "parts_m2": str(parts_m2),
            "items": items,
            "parts_items": parts_items,
            "count": len(within),
        }
        found.append(
            Finding(
                "place_sum_differs",
                whole[0].record,
                params=params,
                area_m2=float(abs(m2 - parts_m2)),
                items=abs(items - parts_items),
            )
        )
    return found


def _sum_m2(declared: Iterable[Declared]) -> Decimal:
    return sum((Decimal(one.area_m2) for one in declared if one.area_m2 is not None), Decimal(0))


register(
    {
        "place_sum_differs": (
            "The summary of {place} declares {m2} m² and {items} items; {count} summaries of the "
            "places within it declare {parts_m2} m² and {parts_items} items.",
            "Ask the organisation which is right, and correct the summary or its parts.",
        ),
    }
)
