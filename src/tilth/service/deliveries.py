"""What earlier deliveries of a source said, and what was written down about each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from tilth.core import canonical, statement
from tilth.core.chains import REPORTED, Said, Standing, chains_of
from tilth.core.problems import Problem, Refused, register
from tilth.service.session import Session, said_of

__all__ = [
    "Notes",
    "Past",
    "deliveries",
    "find_delivery",
    "import_id",
    "newest",
    "read_notes",
    "records_of",
]

register(
    {
        "unknown_import": (
            "There is no import {name}.",
            "Take its id from the import's report or from tilth log.",
        ),
        "which_source": (
            "{share} % of the rows equal rows of the source {other}: is this a later delivery?",
            "Give --source {other} to continue it, or --new-source if it is another one.",
        ),
    }
)


class Notes(msgspec.Struct, frozen=True):
    """What is kept beside the rows of a delivery: JSON, a blob of its own or a vault entry.

    ``refused`` are (part, cells, [(code, where, params)]); ``noticed`` (code, part, record,
    params, items); ``marks`` fingerprints of the rows, hexadecimal.
    """

    columns: tuple[str, ...]
    refused: list[tuple[str, tuple[str, ...], list[tuple[str, str, dict[str, Any]]]]]
    noticed: list[tuple[str, str, str, dict[str, Any], int]]
    marks: list[str]

    def problems(self) -> Iterator[tuple[str, Problem]]:
        """Problems of refused rows with the part they stand in."""
        for part, _, problems in self.refused:
            for code, where, params in problems:
                yield part, Problem(code, where, params)

    def findings(self) -> Counter[str]:
        """How many findings of each code there were."""
        return Counter(code for code, *_ in self.noticed)


@dataclass(frozen=True, slots=True)
class Past:
    """A delivery that went in: its import id, its fields and the statement that says so."""

    id: str
    fields: Mapping[str, Any]
    statement: str


def import_id(blob: str, kind: str, layer: str) -> str:
    """Id of an import: the same file as the same kind is the same import, under any name."""
    return canonical.sha256(f"{blob}\n{kind}\n{layer}".encode())[:12]


def deliveries(session: Session, kind: str = "") -> list[Past]:
    """Every delivery that was completed, oldest first; of one kind of rows if it is named."""
    found = []
    for entry in session.workspace.store.entries_of_kinds(["delivery"]):
        header = statement.parse_header(entry.header)
        fields = session.fields_of(entry)
        if header.act == "record" and kind in ("", fields.get("of_kind")):
            found.append(Past(statement.split_record_id(header.record)[2], fields, entry.hash))
    return found


def find_delivery(session: Session, name: str) -> Past:
    """Delivery by import id.

    Raises
    ------
    Refused
        ``unknown_import``.
    """
    for past in deliveries(session):
        if past.id == name:
            return past
    raise Refused(Problem("unknown_import", name, {"name": name}))


def read_notes(session: Session, past: Past) -> Notes:
    """Notes of a delivery: from the blobs, or from the vault when its rows are of people."""
    digest = str(past.fields.get("notes_sha256", ""))
    if digest:
        return msgspec.json.decode(session.workspace.store.blob(digest), type=Notes)
    data = session.workspace.vault.refused(past.id)
    if data is None:
        return Notes((), [], [], [])
    return msgspec.json.decode(data, type=Notes)


def newest(session: Session, records: Iterable[str]) -> dict[str, Said]:
    """What each record says last at *reported*, revisions included; withdrawn ones are left out.

    For protected kinds the fields are those of the vault; an erased record says nothing.
    """
    found = {}
    for record, entries in session.workspace.store.of_records(list(records)).items():
        said = [said_of(entry) for entry in entries]
        place = {one.hash: number for number, one in enumerate(said)}
        chain, revisions = chains_of(said)
        value = chain.value(REPORTED, Standing()) if chain else None
        if value is None or value.act == "withdraw":
            continue
        events = [one.value(REPORTED, Standing()) for one in revisions]
        spoken = [value, *(one for one in events if one is not None and one.act != "withdraw")]
        last = max(spoken, key=lambda one: (one.happened_on, place[one.hash]))
        opened = _opened(session, last)
        if opened is not None:
            found[record] = opened
    return found


def _opened(session: Session, said: Said) -> Said | None:
    """A statement with the payload that its commitment stands for, None once erased."""
    commitment = (said.fields or {}).get("commitment")
    if commitment is None:
        return said
    payload = session.workspace.vault.payload(str(commitment))
    return None if payload is None else replace(said, fields=canonical.decode(payload))


def records_of(session: Session, past: Sequence[Past], kind: str) -> set[str]:
    """Records that the rows of earlier deliveries are about."""
    found = set()
    for one in past:
        for entry in session.workspace.store.from_source(str(one.fields["file_sha256"])):
            header = statement.parse_header(entry.header)
            if header.kind == kind and header.record:
                found.add(header.record)
    return found
