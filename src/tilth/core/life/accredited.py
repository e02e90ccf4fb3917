"""Accreditations day by day: in force or not, and for which work.

A month or a year is read the stricter way: what opens counts from its last day, what closes from
its first. An accreditation counts where the authority said it, or approved its statement; what
suspends or withdraws it counts whoever of those who may say it did.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

from tilth.core.chains import APPROVED
from tilth.core.days import NEVER, first_day, last_day
from tilth.core.life.register import Event, Held
from tilth.core.life.spans import ALWAYS, Spans, joined, shared

__all__ = ["Accreditation", "Work", "accreditation_of", "open_for"]

OPENING = ("provisional", "full")
CLOSING = ("suspended", "withdrawn")
"""The one that closes for good last."""

_SCOPE = ("activities", "methods", "hazard_types")


class Work(NamedTuple):
    """What somebody is to do, or did: what a scope has to cover. Empty is not asked for."""

    activity: str
    methods: tuple[str, ...] = ()
    hazard_types: tuple[str, ...] = ()

    def told(self) -> str:
        """Codes in one line.

        Examples
        --------
        >>> Work("bac", ("bac_surface",), ("cluster_strike", "battle_area")).told()
        'bac (bac_surface; cluster_strike, battle_area)'
        """
        inside = "; ".join(", ".join(one) for one in (self.methods, self.hazard_types) if one)
        return " ".join(one for one in (self.activity, f"({inside})" if inside else "") if one)

    def parts(self) -> Iterator[Work]:
        """Yield the work taken apart, so that each part is one method on one type of hazard."""
        for method, hazard_type in product(self.methods or ("",), self.hazard_types or ("",)):
            yield Work(
                self.activity,
                (method,) if method else (),
                (hazard_type,) if hazard_type else (),
            )


@dataclass(frozen=True, slots=True)
class Phase:
    """Days, by ordinal, over which an accreditation did not change."""

    first: int
    last: int
    status: str
    expires: int
    scope: Mapping[str, frozenset[str]]

    @property
    def open(self) -> tuple[int, int]:
        """Days of it on which the accreditation is in force."""
        return self.first, min(self.last, self.expires) if self.status in OPENING else -1

    def lacks(self, work: Work) -> tuple[str, ...]:
        """Codes of the work outside its scope, in the order asked; an empty scope lacks none."""
        asked = zip(
            _SCOPE,
            ((work.activity,) if work.activity else (), work.methods, work.hazard_types),
            strict=True,
        )
        return tuple(
            code
            for name, codes in asked
            for code in codes
            if self.scope[name] and code not in self.scope[name]
        )


@dataclass(frozen=True, slots=True)
class Accreditation:
    """One accreditation as its phases.

    Parameters
    ----------
    counts
        The authority said it or approved its statement; otherwise it opens nothing.
    """

    held: Held
    counts: bool
    phases: tuple[Phase, ...]

    def spans(self, work: Work) -> Spans:
        """Days on which it is in force and covers the work."""
        if not self.counts:
            return ()
        return joined(one.open for one in self.phases if not one.lacks(work))

    def on(self, day: int) -> Phase:
        """Phase of a day; before its issue the first one."""
        for phase in self.phases:
            if day <= phase.last:
                return phase
        return self.phases[-1]


def open_for(work: Work, accreditations: Iterable[Accreditation]) -> Spans:
    """Days on which the accreditations together cover every part of the work."""
    held = tuple(accreditations)
    days = ALWAYS
    for part in work.parts():
        days = shared(days, joined(span for one in held for span in one.spans(part)))
    return days


class _Change(NamedTuple):
    """A revision on a day that it acts on; ``counted`` is what of it acts."""

    day: int
    closes: str
    fields: Mapping[str, Any]


def accreditation_of(held: Held, authority: str) -> Accreditation:
    """Accreditation of a record and its revisions."""
    said_by_authority = held.author == authority
    fields = dict(held.fields)
    start = last_day(str(fields.get("issued_on") or held.happened_on))
    changes: dict[int, list[_Change]] = {}
    for event in held.events:
        for change in _changes(event, said_by_authority or event.level == APPROVED):
            changes.setdefault(max(change.day, start), []).append(change)
    firsts = sorted({start, *changes})
    lasts = [*(day - 1 for day in firsts[1:]), NEVER]
    phases: list[Phase] = []
    for first, last in zip(firsts, lasts, strict=True):
        closes = [str(phases[-1].status)] if phases and phases[-1].status == "withdrawn" else []
        for change in changes.get(first, ()):
            fields |= change.fields
            closes.append(change.closes)
        closed = max(closes, key=("", *CLOSING).index, default="")
        if closed:
            fields["status"] = closed
        phases.append(_phase(first, last, fields))
    return Accreditation(held, said_by_authority or held.level == APPROVED, tuple(phases))


def _changes(event: Event, counted: bool) -> Iterator[_Change]:
    """Yield what a revision does, on its last day; what closes does so from its first day on."""
    status = str(event.fields.get("status", ""))
    closes = status if status in CLOSING else ""
    fields = event.fields if counted else {}
    first, last = first_day(event.happened_on), last_day(event.happened_on)
    if closes and first < last:
        yield _Change(first, closes, {})
    if closes or counted:
        yield _Change(last, closes, fields)


def _phase(first: int, last: int, fields: Mapping[str, Any]) -> Phase:
    expires = str(fields.get("expires_on", ""))
    return Phase(
        first,
        last,
        str(fields.get("status", "")),
        first_day(expires) if expires else NEVER,
        {name: frozenset(fields.get(name, ())) for name in _SCOPE},
    )
