"""Where the acts of an operation's life are gathered before they are sorted among the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from tilth.demonstration.cast import code_of, iso_day, member_id
from tilth.demonstration.scale import stream

__all__ = ["TOLD", "Ledger", "Subject", "Told"]

Fields = dict[str, Any]
TOLD = 25
"""Number by which the course of events knows the acts of the life around the work."""

Subject = tuple[int, int]
"""An act by what it is and the row of that event's table."""


class Told(NamedTuple):
    """One act of the operation's life.

    Parameters
    ----------
    day, happened
        Ordinals of arrival and of the day in the field.
    operator
        Index into `OPERATORS` of who says it; -1 for the authority.
    fields
        Content, or what makes it when it is asked for.
    subjects
        Acts that a decision decides on; of a handover those that it was issued on.
    """

    day: int
    happened: int
    operator: int
    act: str
    kind: str
    local_id: str
    fields: Fields | Callable[[], Fields]
    subjects: tuple[Subject, ...] = ()

    def content(self) -> Fields:
        """Fields, made now where they were not yet."""
        return self.fields() if callable(self.fields) else self.fields


@dataclass(slots=True)
class Ledger:
    """Acts of the operation's life in the order in which they were thought of."""

    seed: int
    rows: list[Told] = field(default_factory=list)
    _people: np.random.Generator = field(init=False)
    _numbers: dict[tuple[int, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin the stream that record ids of people are drawn from."""
        self._people = stream(self.seed, "records of people")

    def unspeaking(self) -> str:
        """Random local id for the record of a person, which tells nothing."""
        return self._people.bytes(16).hex()

    def record_of(self, operator: int, kind: str, local_id: str) -> str:
        """Full record id."""
        return f"{member_id(self.seed, code_of(operator))}/{kind}/{local_id}"

    def number(self, operator: int, kind: str) -> int:
        """Next number of an organisation's records of a kind, from 1."""
        key = (operator, kind)
        self._numbers[key] = self._numbers.get(key, 0) + 1
        return self._numbers[key]

    def record(
        self,
        operator: int,
        kind: str,
        local_id: str,
        day: int,
        fields: Fields | Callable[[], Fields],
        *,
        arrives: int = 0,
        known_as: str = "",
        subjects: Sequence[Subject] = (),
    ) -> str:
        """Record something that happened on a day; returns the record's id.

        Parameters
        ----------
        arrives
            Ordinal; on its day without.
        known_as
            Local id in the fields where that of the record says nothing, as of people.
        """
        head = {
            "local_id": known_as or local_id,
            "happened_on": iso_day(day),
            "organisation": code_of(operator),
        }
        whole = (lambda: head | fields()) if callable(fields) else head | fields
        self.rows.append(
            Told(
                max(arrives, day),
                day,
                operator,
                "record",
                kind,
                local_id,
                whole,
                tuple(subjects),
            )
        )
        return self.record_of(operator, kind, local_id)

    def revise(
        self,
        operator: int,
        kind: str,
        local_id: str,
        day: int,
        fields: Fields,
    ) -> None:
        """Say what happened to a record on a day."""
        content = {"happened_on": iso_day(day)} | fields
        self.rows.append(Told(day, day, operator, "revise", kind, local_id, content))

    def decide(
        self, operator: int, act: str, day: int, fields: Fields, subjects: Sequence[Subject] = ()
    ) -> Subject:
        """Decide something; returns what later decisions name it by."""
        self.rows.append(Told(day, day, operator, act, "decision", "", fields, tuple(subjects)))
        return TOLD, len(self.rows) - 1
