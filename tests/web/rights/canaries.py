"""A strip of four organisations on which every field of every kind says something of its own.

Each text holds a *canary*, a word that stands nowhere else, and around it what would run in a
browser, be counted by a spreadsheet or turn the line round: where a page shows the word it shows
whether it wrote the rest safely, too. `Told.may_see` answers from the tables of *Roles of people*
who may see which word; nothing of the program is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely
from matrix import field_class, span, table
from strip import CENTRE, hazard, party, strip, task

from tilth.core.geometry.encoding import value_of
from tilth.core.kinds.catalogue import KINDS
from tilth.core.kinds.model import Field, FieldType
from tilth.core.problems import Refused
from tilth.service.choosing import Act
from tilth.service.current import publish_now
from tilth.service.deciding import carry_out, plan
from tilth.service.recording import say
from tilth.service.session import Session

WORD = re.compile(r"zq[0-9a-z]{4}qzq", re.IGNORECASE)
BEFORE = "=1+"
AFTER = "\"'><img src=x onerror=zap()></script>{{7*191}}{% zap %}\u202e-->]]>"
"""What stands around a word; none of it may reach a reader but as text."""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_BY_PROGRAMS = {"operation", "rule_set", "organisation", "delivery", "document", "explanation"}
"""Kinds that programs say, or of which an operation has one."""
_STRUCTURAL = {
    *("organisation", "log_id", "data_rights", "happened_on", "acts", "for_organisation"),
    *("whole_of", "statements", "follows", "overrides", "extent", "replaced", "frequency"),
    *("line_id", "disposal_of", "report"),
}
"""Fields whose words name something else; they are left out or given as what they name."""
_NAMING = ("organisation", "inspected", "assigned_to", "holder", "for_organisation")


class Canary(NamedTuple):
    """Where a word stands."""

    author: str
    kind: str
    field: str
    record: str
    relation: str
    """What the record is to Red: ``own``, ``granted``, ``concerned``, ``open`` or ``other``."""


@dataclass
class Told:
    """Every word, and the records that hold them."""

    folder: Path
    words: dict[str, Canary] = field(default_factory=dict)
    records: dict[str, Canary] = field(default_factory=dict)
    statements: dict[str, str] = field(default_factory=dict)
    parties: dict[str, str] = field(default_factory=dict)

    def word(self, canary: Canary) -> str:
        """A word of its own for a place."""
        number, digits = len(self.words), ""
        for _ in range(4):
            number, digit = divmod(number, len(_DIGITS))
            digits = _DIGITS[digit] + digits
        name = f"zq{digits}qzq"
        self.words[name] = canary
        return name

    def relation(self, reader: str, one: Canary) -> str:
        """How a record stands to a reader's organisation, by how the strip was made."""
        protected = KINDS[one.kind].protected
        if one.author == reader:
            return "own"
        if reader == "Blue":
            return "other" if protected else "authority"
        if reader == "Red":
            return one.relation
        return "open" if one.relation == "open" or one.kind == "place" else "other"

    def may_see(self, reader: str, role: str, one: Canary) -> bool:
        """Whether the page of roles shows this field of this record to the reader."""
        relation = self.relation(reader, one)
        shown = relation in span(role, one.kind) and relation != "other"
        if not shown and (relation != "open") and one.relation == "open":
            shown, relation = "open" in span(role, one.kind), "open"
        name = field_class(one.kind, one.field)
        return shown and table("relation", "ordinary")[relation][name] == "yes"


def ring(number: int, size: float = 30.0) -> dict[str, Any]:
    """A square of its own for each record, north of the strip."""
    east, north = 60.0 * (number % 40), 5_000.0 + 60.0 * (number // 40)
    box = shapely.get_coordinates(shapely.box(east, north, east + size, north + size))
    return value_of(shapely.Polygon(np.round(CENTRE.unproject(box), 9)))


def spot(number: int) -> dict[str, Any]:
    """A point of its own for each record."""
    east, north = 60.0 * (number % 40) + 7.0, 5_000.0 + 60.0 * (number // 40) + 7.0
    return value_of(shapely.Point(np.round(CENTRE.unproject(np.array([[east, north]])), 9)[0]))


Text = Callable[[str, str], str]
"""Text of a field by the name of the field and of the cell in its lines."""


def filled(kind: str, text: Text, number: int, links: dict[str, str]) -> dict[str, Any]:
    """Fields of a record of a kind, every one that takes a text with the text that is its own."""
    found: dict[str, Any] = {}
    for one in KINDS[kind].fields:
        if one.name in links:
            found[one.name] = links[one.name]
        elif one.name not in _STRUCTURAL:
            value = _value(one, one.name, text, number, links)
            if value is not None:
                found[one.name] = value
    found["happened_on"] = "2026-01-05"
    return found


_PLAIN: dict[FieldType, Any] = {FieldType.DECIMAL: "3", FieldType.DAY: "2026-01-05"}


def _value(one: Field, top: str, text: Text, number: int, links: dict[str, str]) -> Any:
    kind, value = one.type, None
    if kind in (FieldType.TEXT, FieldType.TEXTS):
        word = text(top, one.name)
        value = word[: one.longest] if kind is FieldType.TEXT else [word]
    elif one.codelist:
        first = one.codelist.codes[0].value
        value = first if kind is FieldType.CODE else [first]
    elif kind is FieldType.INTEGER:
        value = int(one.least or 3)
    elif kind is FieldType.SHAPE:
        value = ring(number) if "Polygon" in one.shapes else spot(number)
    elif kind is FieldType.LINES:
        cells = {
            cell.name: _value(cell, top, text, number, links)
            for cell in one.fields
            if cell.name not in _STRUCTURAL
        }
        value = [{name: cell for name, cell in cells.items() if cell is not None}]
    return _PLAIN.get(kind, value)


@contextmanager
def told(folder: Path) -> Iterator[tuple[Told, Session]]:
    """Build the strip with its canaries; everything is published at the end."""
    with strip(folder) as session:
        found = Told(folder)
        found.parties = {name: party(session, name) for name in ("Blue", "Red", "Green", "White")}
        hazards = {
            "Blue": hazard(session, "HB-1", 600),
            "Red": hazard(session, "HR-1", 800, "RED"),
            "Green": hazard(session, "HG-1", 1000, "GREEN"),
            "White": hazard(session, "HW-1", 1200, "WHITE"),
        }
        own_tasks = {
            name: task(session, f"T{name[0]}-1", f"H{name[0]}-1", name.upper(), by=_code(name))
            for name in hazards
        }
        (issued,) = session.workspace.store.find_record("TASK-1")
        (strip_hazard,) = session.workspace.store.find_record("HA-1")
        for kind in sorted(KINDS, key=lambda name: name == "status_change"):  # of what is there
            if kind in _BY_PROGRAMS:
                continue
            for author, on in hazards.items():
                relation = {"Red": "own", "Green": "granted"}.get(author, "other")
                links = {"task": own_tasks[author], "hazard": on}
                _say(session, found, kind, author, relation, links)
            if {"task", "hazard"} & {one.name for one in KINDS[kind].fields}:
                links = {"task": issued, "hazard": strip_hazard}
                _say(session, found, kind, "Blue", "concerned", links)
        _open_area(session, found, hazards["White"])
        publish_now(session)
        yield found, session


def _code(name: str) -> str:
    return "" if name == "Blue" else name.upper()


def _links(session: Session, found: Told, kind: str, author: str, links: dict[str, str]) -> Any:
    """What a record has to name beside, of the same author."""
    mine = {one.kind: record for record, one in found.records.items() if one.author == author}
    given = {name: value for name, value in links.items() if name in _fields(kind)}
    wanted = {
        *("accident", "visit", "handover", "subject", "released_areas"),
    }
    for name in wanted & _fields(kind):
        target = {
            "accident": "accident",
            "visit": "qm_visit",
            "handover": "handover",
            "subject": "nonconformity" if kind == "status_change" else "task",
            "released_areas": "released_area",
        }[name]
        if target in mine:
            given[name] = [mine[target]] if name == "released_areas" else mine[target]
    if kind == "status_change":
        given |= {"axis": "nonconformity", "move": "act"}
    if kind == "beneficiary_count":
        given["subject"] = links["hazard"]
    if kind == "liaison":
        given["for_organisation"] = author.upper()
    for name in _NAMING[1:4]:
        if name in _fields(kind):
            given[name] = author.upper()
    return given


def _fields(kind: str) -> set[str]:
    return {one.name for one in KINDS[kind].fields}


def _say(
    session: Session,
    found: Told,
    kind: str,
    author: str,
    relation: str,
    links: dict[str, str],
    **more: Any,
) -> str:
    if kind == "place":
        relation = "open" if author != "Red" else "own"
    number = len(found.records)
    about = Canary(author, kind, "local_id", "", relation)
    local = found.word(about).upper()
    words: list[str] = [local.lower()]

    def text(top: str, cell: str) -> str:
        del cell
        if top == "local_id":
            return local
        word = found.word(about._replace(field=top))
        words.append(word)
        if top == "code":
            return word.upper()
        return f"{BEFORE}{word}{AFTER}"

    values = filled(kind, text, number, _links(session, found, kind, author, links))
    values |= {"local_id": local, **more}
    spoken = say(session, kind, values, speaking_for=_code(author))
    for word in words:
        found.words[word] = found.words[word]._replace(record=spoken.record)
    found.records[spoken.record] = about._replace(record=spoken.record)
    found.statements[spoken.record] = spoken.statement
    return spoken.record


def _open_area(session: Session, found: Told, on: str) -> None:
    """A release of White's that is approved: open to every member."""
    links = {"hazard": on}
    record = _say(session, found, "released_area", "White", "open", links)
    for act in ("vouch", "approve"):
        try:
            carry_out(session, plan(session, Act(act, records=[record], reason="looked at")))
        except Refused as refused:
            rules = tuple({one.code for one in refused.problems})
            named = Act(act, records=[record], reason="looked at", override=rules)
            carry_out(session, plan(session, named))
