"""A document's question and what all builders read alike: records, organisations, areas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tilth.core.chains import LEVELS
from tilth.core.geometry.frame import Frame
from tilth.core.life.register import Held, Register
from tilth.core.problems import Problem, Refused, register
from tilth.service.accounting import Position, position_at
from tilth.service.register import register_of
from tilth.service.session import Session

__all__ = ["PLACES", "Desk", "day_before", "decimals", "desk", "m2", "part_of"]

PLACES = 6
"""Decimal places of every area in a value, as in ``tilth account --json``."""

LEVEL_NAMES = {number: name for name, number in LEVELS.items()}

register(
    {
        "no_subject": (
            "A document {document} is made of a {kind}, and none is named {name}.",
            "Give the id of a {kind}; tilth log lists the newest records.",
        ),
        "bad_period": (
            "{text} is no period of a situation report.",
            "Give daily, weekly, or the first day of the period as 2026-03-01.",
        ),
    }
)


def m2(value: float) -> str:
    """Area in m² as a decimal string with six places.

    Examples
    --------
    >>> m2(2.5), m2(-1e-9)
    ('2.500000', '0.000000')
    """
    text = f"{value:.{PLACES}f}"
    return text.removeprefix("-") if not float(text) else text


def decimals(value: Any, name: str = "") -> Any:
    """A value of the accounts with its floats as decimal strings, ready for canonical bytes.

    A closure keeps its digits: rounded to six places it would always close.

    Examples
    --------
    >>> decimals({"remaining_m2": 1.5, "closure_m2": 1e-9, "found": 3})
    {'remaining_m2': '1.500000', 'closure_m2': '1e-09', 'found': 3}
    """
    if isinstance(value, Mapping):
        return {str(key): decimals(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [decimals(inner, name) for inner in value]
    if isinstance(value, float):
        return repr(value + 0.0) if name == "closure_m2" else m2(value)
    return value


def part_of(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Those fields of a record, ``""`` where it does not say them: a blank stays a blank."""
    return {name: values.get(name, "") for name in names}


@dataclass(slots=True)
class Desk:
    """Who asks for a document, at which level and until which day; what is read for it once.

    Parameters
    ----------
    since
        Day after which movements are asked for, or empty.
    """

    session: Session
    document: str
    level: str
    until: str
    since: str = ""
    position: Position = field(init=False)
    register: Register = field(init=False)
    frame: Frame | None = field(init=False)
    surveyed: list[tuple[frozenset[str], frozenset[str], Any, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Read the register, the position and the frame."""
        self.position = position_at(self.session, "")
        self.register = register_of(self.session)
        self.frame = self.session.frame()

    def value(
        self, subject: Held | None, data: Mapping[str, Any], name: str = ""
    ) -> dict[str, Any]:
        """Whole value: what every document begins with, then what this one says.

        Parameters
        ----------
        subject
            Record it is about; None for the operation.
        name
            What it is about, where that is not the record's local id.
        """
        settings = self.session.workspace.settings
        record = subject.record if subject else ""
        local = subject.local_id if subject else settings.operation_name
        return {
            "document": self.document,
            "operation": settings.operation_name,
            "authority": settings.name_of(settings.authority),
            "synthetic": settings.synthetic,
            "level": self.level,
            "until": self.until,
            "since": self.since,
            "known_at": self.position.known_at,
            "moment": f"{self.position.known_at[:19]}Z",
            "position": self.heads(),
            "subject": {"name": name or local, "record": record},
            **data,
        }

    def heads(self) -> list[dict[str, Any]]:
        """Position as ``tilth account --json`` gives it."""
        return [{"log": log, "size": size, "root": root} for log, size, root in self.position.heads]

    def find(self, kind: str, name: str) -> Held:
        """Record a document is made of.

        Raises
        ------
        Refused
            ``no_subject``.
        """
        held = self.register.find(kind, name)
        if held is None:
            params = {"document": self.document, "kind": kind, "name": name}
            raise Refused(Problem("no_subject", name, params))
        return held

    def organisation(self, code: str) -> dict[str, str]:
        """Code and name of the organisation that a word means; the word itself where unknown."""
        if not code:
            return {"code": "", "name": ""}
        log = self.register.organisation_of(code)
        held = self.register.described(code)
        name = str(held.now().get("name", "")) if held else ""
        short = str(held.now().get("code", "")) if held else ""
        if not name and log:
            name = self.session.organisation_name(log)
        return {"code": short or code, "name": name or code}

    def said(self, held: Held) -> dict[str, str]:
        """Who said a record, when, and its level now: what stands beside every figure of it."""
        return {
            "by": self.session.organisation_name(held.author),
            "actor": held.actor,
            "on": held.happened_on,
            "level": LEVEL_NAMES.get(held.level, "reported"),
        }

    def decided(self, held: Held) -> bool:
        """Whether the authority has approved a record as it stands."""
        return held.level >= LEVELS["approved"]

    def counts(self, held: Held) -> bool:
        """Whether a record is in force at the document's level; *prudent* reads it as reported.

        What is only said and not decided stands in a dossier: suspicion needs no approval.
        """
        return self.level == "prudent" or held.level >= LEVELS[self.level]


def desk(session: Session, document: str, *, level: str, until: str = "", since: str = "") -> Desk:
    """Set out a document's question.

    Raises
    ------
    Refused
        ``bad_level``, ``bad_day``.
    """
    if level not in LEVELS:
        raise Refused(Problem("bad_level", level, {"level": level}))
    day = until or session.today()
    for text in (day, since):
        try:
            if text:
                date.fromisoformat(text)
        except ValueError:
            raise Refused(Problem("bad_day", text, {"text": text})) from None
    return Desk(session, document, level, day, since)


def day_before(day: str, days: int) -> str:
    """Day so many days earlier."""
    return (date.fromisoformat(day) - timedelta(days=days)).isoformat()
