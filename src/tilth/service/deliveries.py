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
    "ended",
    "find_delivery",
    "import_id",
    "newest",
    "opened",
    "read_notes",
    "records_of",
    "taken_back",
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
    organisation: str = ""


def import_id(blob: str, kind: str, layer: str) -> str:
    """Id of an import: the same file as the same kind is the same import, under any name."""
    return canonical.sha256(f"{blob}\n{kind}\n{layer}".encode())[:12]


def deliveries(session: Session, kind: str = "", *, organisation: str = "") -> list[Past]:
    """Every delivery that was completed and not taken back, oldest first.

    Of one kind and of one organisation, if named: another one's file of the same name, or of the
    same bytes, continues nothing of this one's.
    """
    found: dict[str, Past] = {}
    for entry in session.workspace.store.entries_of_kinds(["delivery"]):
        header = statement.parse_header(entry.header)
        found.pop(header.record, None)
        if header.act != "withdraw" and organisation in ("", header.organisation):
            name = statement.split_record_id(header.record)[2]
            fields = session.fields_of(entry)
            found[header.record] = Past(name, fields, entry.hash, header.organisation)
    return [past for past in found.values() if kind in ("", past.fields.get("of_kind"))]


def taken_back(session: Session, name: str) -> tuple[int, str]:
    """Where a delivery was last withdrawn: its ``seq`` and hash; 0 and empty when it never was."""
    record = statement.record_id(session.own, "delivery", name)
    held = session.workspace.store.of_records([record]).get(record, [])
    if held and statement.parse_header(held[-1].header).act == "withdraw":
        return held[-1].seq, held[-1].hash
    return 0, ""


def find_delivery(session: Session, name: str) -> Past:
    """Delivery by import id; the own organisation's first, where several sent the same bytes.

    Raises
    ------
    Refused
        ``unknown_import``.
    """
    named = [past for past in deliveries(session) if past.id == name]
    if named:
        return min(named, key=lambda past: past.organisation != session.own)
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
        fields = opened(session, last)
        if fields or "commitment" not in (last.fields or {}):
            found[record] = replace(last, fields=fields)
    return found


def ended(session: Session, records: Iterable[str]) -> dict[str, str]:
    """Hash of the withdrawal in force of each record that was ended by its author."""
    found = {}
    for record, entries in session.workspace.store.of_records(list(records)).items():
        chain, _ = chains_of([said_of(entry) for entry in entries])
        value = chain.value(REPORTED, Standing()) if chain else None
        if value is not None and value.act == "withdraw":
            found[record] = value.hash
    return found


def opened(session: Session, said: Said) -> dict[str, Any]:
    """Fields of a statement; of a protected one those in the vault, none once erased."""
    fields = dict(said.fields or {})
    if "commitment" not in fields:
        return fields
    payload = session.workspace.vault.payload(str(fields["commitment"]))
    return {} if payload is None else dict(canonical.decode(payload))


def records_of(session: Session, past: Sequence[Past], kind: str) -> set[str]:
    """Records that the rows of earlier deliveries are about."""
    found = set()
    for one in past:
        for entry in session.workspace.store.from_source(str(one.fields["file_sha256"])):
            header = statement.parse_header(entry.header)
            if header.kind == kind and header.record:
                found.add(header.record)
    return found
