"""Take in a file: read it, say what it changes, append it in sealed batches (issue: rows stay)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from tilth.core import canonical
from tilth.core.chains import Said
from tilth.core.days import first_day
from tilth.core.kinds.model import Kind
from tilth.core.problems import Parameter, Problem, Refused, register
from tilth.core.statement import Source, parse_header, record_id, statement_hash
from tilth.exchange.delivery import Delivery, Row, read_delivery
from tilth.exchange.guard import Limits, check_size
from tilth.exchange.identity import fingerprint
from tilth.exchange.mapping import Mapping as ColumnMapping
from tilth.exchange.mapping import write_mapping
from tilth.exchange.mapping_file import read_mapping
from tilth.exchange.refused import PART
from tilth.exchange.vector import pack_shapefile
from tilth.service.deliveries import (
    Notes,
    Past,
    deliveries,
    ended,
    import_id,
    newest,
    read_notes,
    records_of,
    taken_back,
)
from tilth.service.doubting import MISSES, Proposed
from tilth.service.recalling import recall_after_import
from tilth.service.session import Session
from tilth.store.protocol import Draft

__all__ = ["Changes", "Imported", "Order", "import_file"]

BATCH = 1_000
HALF = 0.5

register(
    {
        "file_missing": ("There is no file {path}.", "Check the path."),
        "file_changed": (
            "The file changed while it was being read.",
            "Wait until whoever writes it has finished, then import it again.",
        ),
        "level_not_permitted": (
            "The level {level} cannot be given here.",
            "Take reported or verified; only the authority approves.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Order:
    """What the person asked for; see ``tilth import --help``."""

    file: Path
    kind: str
    layer: str = ""
    mapping: Path | None = None
    set_fields: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    new_source: bool = False
    organisation: str = ""
    crs: str = ""
    dry_run: bool = False
    withdraw_gone: bool = False
    look: Callable[[Row], None] | None = None  # called with each row that can go in


@dataclass(slots=True)
class Changes:
    """How a delivery differs from what its source said before, in records."""

    added: int = 0
    corrected: int = 0
    revised: int = 0
    unchanged: int = 0
    gone: int = 0
    withdrawn: int = 0


@dataclass(slots=True)
class Imported:
    """What an import did, or with ``dry_run`` would do.

    ``incomplete`` counts records by the minimum-data field they lack, ``lacking`` those that lack
    any.
    """

    id: str
    delivery: Delivery | None
    changes: Changes
    incomplete: Counter[str]
    statements: list[str]
    read: int = 0
    lacking: int = 0
    repeated: bool = False
    recalled: list[Proposed] = field(default_factory=list)
    """What missed items put in doubt, as far as no recall named it before."""


@dataclass(slots=True)
class _Job:
    session: Session
    order: Order
    kind: Kind
    blob: str
    id: str
    source: str
    past: list[Past]
    known: dict[str, Said]
    log: str
    done: dict[str, str]
    again: tuple[Past, ...] = ()  # the same bytes, read otherwise
    mended: bool = False  # refused rows that come back: what went in before is not gone
    changes: Changes = field(default_factory=Changes)
    incomplete: Counter[str] = field(default_factory=Counter)
    lacking: int = 0
    marks: list[str] = field(default_factory=list)
    parts: dict[str, str] = field(default_factory=dict)
    met: set[str] = field(default_factory=set)
    ended: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    statements: list[str] = field(default_factory=list)


def import_file(
    session: Session, order: Order, progress: Callable[[int], None] | None = None
) -> Imported:
    """Import a file as records of a kind.

    Bytes that were imported before as this kind add nothing; only the rows refused then may go in
    when the person says how to read them (``--set``, ``--mapping``, ``--crs``). Rows of a source
    that said something before become corrections (same day) or, with a later day, revisions; what
    is gone stays unless it is to be withdrawn. Each batch of 1,000 is sealed on its own; after a
    kill the same call completes the import.

    Raises
    ------
    Refused
        When nothing can be read or done: what the reader refuses, ``which_source``,
        ``file_missing``, ``not_permitted``.
    """
    kind = session.kind(order.kind)
    session.require_role("record", kind.name)
    session.require_role("record", "delivery")
    if not order.file.is_file():
        raise Refused(Problem("file_missing", str(order.file), {"path": str(order.file)}))
    if not order.dry_run:
        session.require_actor()
    check_size(order.file.stat().st_size, Limits(), order.file.name)  # before it fills the memory
    blob = canonical.sha256(_bytes_of(order.file))
    identity = import_id(blob, kind.name, order.layer)
    past = deliveries(session, kind.name, organisation=session.own)
    before = next((one for one in past if one.id == identity), None)
    if before is not None and not _read_otherwise(before, order):
        return _repeated(before)
    delivery = _open(session, order, kind, progress)
    if before is not None and before.fields.get("mapping") == write_mapping(delivery.mapping):
        return _repeated(before)
    if before is not None:
        past.remove(before)
    job = _Job(
        session,
        order,
        kind,
        blob,
        identity,
        order.source or (str(before.fields["source"]) if before else order.file.name),
        past,
        {},
        session.log,
        _already(session, blob, kind.name, taken_back(session, identity)[0]),
        again=(before,) if before else (),
    )
    _settle_source(job, delivery)
    if order.dry_run:
        for _ in _drafts(job, delivery):
            pass
        _count_gone(job)
    elif kind.protected:  # a payload waits in the vault for its statement only under the lock
        with session.workspace.writing():
            _store(job, delivery)
    else:
        _store(job, delivery)
    return Imported(
        identity,
        delivery,
        job.changes,
        job.incomplete,
        job.statements,
        delivery.read,
        job.lacking,
        recalled=[] if order.dry_run else _recalled(session, kind),
    )


def _recalled(session: Session, kind: Kind) -> list[Proposed]:
    """Recall what a miss puts in doubt: one that came in, or ground that came in after it."""
    if kind.name not in (*MISSES, "released_area", "clearance_report"):
        return []
    return recall_after_import(session)


def _read_otherwise(before: Past, order: Order) -> bool:
    """Whether rows refused before may be taken in now: the person says how to read them."""
    told = order.set_fields or order.mapping is not None or order.crs
    return bool(before.fields.get("refused")) and bool(told)


def _repeated(before: Past) -> Imported:
    """Answer for bytes that were imported before: nothing is added."""
    unchanged = int(before.fields.get("accepted", 0)) + int(before.fields.get("unchanged", 0))
    read = int(before.fields.get("read", 0))
    return Imported(
        before.id, None, Changes(unchanged=unchanged), Counter(), [], read, repeated=True
    )


def _bytes_of(file: Path) -> bytes:
    """What is kept of a file; the parts of a shapefile are one delivery."""
    return pack_shapefile(file) if file.suffix.lower() == ".shp" else file.read_bytes()


def _open(
    session: Session, order: Order, kind: Kind, progress: Callable[[int], None] | None
) -> Delivery:
    mapping: ColumnMapping | None = None
    if order.mapping is not None:
        if not order.mapping.is_file():
            raise Refused(Problem("file_missing", str(order.mapping), {"path": str(order.mapping)}))
        text = order.mapping.read_text(encoding="utf-8")
        mapping = read_mapping(text, kind, str(order.mapping))
    return read_delivery(
        order.file,
        filename=order.file.name,
        kind=kind,
        today=session.today(),
        source=order.source or order.file.name,
        mapping=mapping,
        set_fields=order.set_fields,
        crs=order.crs or None,
        layer=order.layer or None,
        frame=session.frame(),
        limits=Limits(),
        progress=progress,
    )


def _already(session: Session, blob: str, kind: str, after_seq: int) -> dict[str, str]:
    """Rows of these bytes that an interrupted import has stored: part → record.

    What an import said that was taken back, up to ``after_seq``, is said anew.
    """
    found = {}
    for entry in session.workspace.store.from_source(blob):
        header = parse_header(entry.header)
        ours = (header.organisation, header.kind) == (session.own, kind)
        if entry.seq > after_seq and ours and header.source is not None:
            found[header.source.part] = header.record
    return found


def _settle_source(job: _Job, delivery: Delivery) -> None:
    """Find what the source said before; stop when the rows look like another source's."""
    own = [one for one in job.past if one.fields.get("source") == job.source]
    others = [one for one in job.past if one.fields.get("source") != job.source]
    settled = job.order.new_source or job.order.source or job.again
    if not own and others and not settled:
        marks = {row.mark.hex() for row in delivery}
        for other in others:
            shared = marks.intersection(read_notes(job.session, other).marks)
            if marks and len(shared) > HALF * len(marks):
                share = round(100 * len(shared) / len(marks))
                params: dict[str, Parameter] = {
                    "share": share,
                    "other": str(other.fields["source"]),
                }
                raise Refused(Problem("which_source", job.source, params))
    job.mended = PART in delivery.columns
    if own:
        job.known = newest(job.session, records_of(job.session, own, job.kind.name))
    if job.kind.protected:
        job.people = {str((s.fields or {}).get("local_id")): r for r, s in job.known.items()}


def _drafts(job: _Job, delivery: Delivery) -> Iterator[Draft]:
    """Statements of the rows that say something new."""
    rows = iter(delivery)
    while some := list(islice(rows, BATCH)):
        if job.order.look is not None:
            for row in some:
                job.order.look(row)
        names = {str(row.fields["local_id"]) for row in some}
        records = [record_id(job.session.own, job.kind.name, name) for name in names]
        job.ended = ended(job.session, records)
        yield from _of_rows(job, some)


def _of_rows(job: _Job, rows: list[Row]) -> Iterator[Draft]:
    for row in rows:
        if not job.kind.protected:
            job.marks.append(row.mark.hex())
        missing = [name for name in row.missing if name != "organisation"]  # `_draft` gives it
        job.incomplete.update(missing)
        job.lacking += bool(missing)
        draft = _draft(job, row)
        if draft is not None:
            yield draft


def _draft(job: _Job, row: Row) -> Draft | None:
    session, kind = job.session, job.kind
    fields = dict(row.fields)
    fields.setdefault(
        "organisation", job.order.organisation or session.organisation_name(session.own)
    )
    local = str(fields["local_id"])
    record = record_id(session.own, kind.name, local)
    if kind.protected:  # the id of a person's record says nothing about the person
        known = job.people.get(local)
        record = known or record_id(session.own, kind.name, session.workspace.nonce())
    if row.part in job.done:
        job.parts[row.part] = job.done[row.part]
        job.met.add(job.done[row.part])
        job.changes.unchanged += 1
        return None
    job.parts[row.part] = record
    no_links: tuple[str, ...] = ()
    before = None if record in job.met else job.known.get(record)
    job.met.add(record)
    if before is None:
        job.changes.added += 1
        act, replaces = "record", no_links
        if record in job.ended:  # said again after it was withdrawn: no rival of what was said
            act, replaces = "correct", (job.ended.pop(record),)
    elif fingerprint(before.fields or {}) == fingerprint(fields):
        job.changes.unchanged += 1
        return None
    else:
        act, replaces = _follows(before, fields, kind)
        if act == "revise":
            job.changes.revised += 1
        else:
            job.changes.corrected += 1
    if job.order.dry_run:
        return None
    happened_on = "" if kind.protected else str(fields.get("happened_on", ""))
    if kind.protected:
        payload = canonical.encode(fields)
        fields = {
            "commitment": session.workspace.vault.put_payload(record, payload, source=job.blob)
        }
    return session.draft(
        act,
        kind.name,
        fields,
        log=job.log,
        record=record,
        replaces=replaces,
        happened_on=happened_on,
        source=Source(job.blob, row.part),
    )


def _follows(before: Said, fields: Mapping[str, Any], kind: Kind) -> tuple[str, tuple[str, ...]]:
    """A hazard of a later day is a revision; anything else corrects what was said.

    Only hazard areas have a life of their own events (rules §2); a released area or a report with
    another day is the same work, dated better.
    """
    later = first_day(str(fields["happened_on"])) > first_day(before.happened_on)
    if kind.name == "hazard_area" and later:
        return "revise", ()
    return "correct", (before.hash,)


def _keep_file(job: _Job) -> int:
    """Keep the file's bytes, which are held in memory no longer than that; returns their number."""
    workspace, data = job.session.workspace, _bytes_of(job.order.file)
    if canonical.sha256(data) != job.blob:
        raise Refused(Problem("file_changed", job.order.file.name))
    if job.kind.protected:
        workspace.vault.put_source(data)
    else:
        workspace.store.put_blob(data)
    return len(data)


def _store(job: _Job, delivery: Delivery) -> None:
    """Blob first, then rows in sealed batches, what is gone, and last the delivery itself."""
    workspace, size = job.session.workspace, _keep_file(job)

    def batches() -> Iterator[list[Draft]]:
        drafts = _drafts(job, delivery)
        while batch := list(islice(drafts, BATCH)):
            if delivery.frame is not None and job.session.frame() is None:
                job.session.fix_frame(delivery.frame)
            job.statements += [statement_hash(draft.header) for draft in batch]
            yield batch

    for _ in workspace.append_many(batches(), log=job.log):
        pass
    if delivery.frame is not None:
        job.session.fix_frame(delivery.frame)
    _count_gone(job)
    if job.order.withdraw_gone and not job.mended:
        _withdraw_gone(job)
    _write_down(job, delivery, size)


def _count_gone(job: _Job) -> None:
    job.changes.gone = 0 if job.mended else len(set(job.known) - job.met)


def _withdraw_gone(job: _Job) -> None:
    gone = sorted(set(job.known) - job.met)
    drafts = [
        job.session.draft(
            "withdraw",
            job.kind.name,
            {"reason": f"gone from the delivery {job.id}"},
            log=job.log,
            record=record,
            replaces=(job.known[record].hash,),
            happened_on=job.known[record].happened_on,
            source=Source(job.blob, "gone"),
        )
        for record in gone
    ]
    for start in range(0, len(drafts), BATCH):
        job.session.workspace.append(drafts[start : start + BATCH], log=job.log)
    job.changes.withdrawn = len(gone)


def _write_down(job: _Job, delivery: Delivery, size: int) -> None:
    """Keep what was refused and noticed, and say in the log that the import is complete."""
    session, kind = job.session, job.kind
    notes = Notes(
        delivery.columns,
        [
            (one.part, one.cells, [(p.code, p.where, dict(p.params)) for p in one.problems])
            for one in delivery.refused
        ],
        [
            (one.code, one.part, job.parts.get(one.part, ""), dict(one.params), one.items)
            for one in delivery.noticed
        ],
        job.marks,
    )
    encoded = msgspec.json.encode(notes)
    today = session.today()
    fields: dict[str, Any] = {
        "local_id": job.id,
        "happened_on": today,
        "organisation": session.organisation_name(session.own),
        "source": job.source,
        "file_sha256": job.blob,
        "file_bytes": size,
        "of_kind": kind.name,
        "read": delivery.read,
        "accepted": job.changes.added + job.changes.corrected + job.changes.revised,
        "unchanged": job.changes.unchanged,
        "refused": len(delivery.refused),
    }
    if job.order.layer:
        fields["layer"] = job.order.layer
    if kind.protected:
        session.workspace.vault.put_refused(job.id, job.blob, encoded)
        fields["source"] = job.id
    else:
        fields["notes_sha256"] = session.workspace.store.put_blob(encoded)
        fields["filename"] = job.order.file.name
        fields["mapping"] = write_mapping(delivery.mapping)
    record = record_id(session.own, "delivery", job.id)
    _, earlier = taken_back(session, job.id)
    earlier = earlier or next((one.statement for one in job.again), "")
    draft = session.draft(
        "correct" if earlier else "record",
        "delivery",
        fields,
        log=job.log,
        record=record,
        replaces=(earlier,) if earlier else (),
        happened_on=today,
        source=Source(job.blob, "file"),
    )
    session.workspace.append([draft], log=job.log)
