"""Records of a kind one page after the other, by the order in which they were first said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tilth.core import canonical
from tilth.core.chains import LEVELS
from tilth.core.life.register import Held
from tilth.core.statement import read_header
from tilth.service.lens import Lens
from tilth.service.register import held
from tilth.service.session import Session
from tilth.service.viewing import note_view
from tilth.store.protocol import Entry

__all__ = ["Listed", "RecordPage", "record_list"]

_LOOKED_AT = 5_000
"""Statements that a page looks at: where little may be read it ends early and goes on."""
_AT_ONCE = 500
_LEVEL_NAMES = {number: name for name, number in LEVELS.items()}


@dataclass(frozen=True, slots=True)
class Listed:
    """A record as a list gives it: what is in force at *reported*, as the reader sees it.

    Parameters
    ----------
    statement
        Hash of the statement in force.
    withheld
        Names of the fields that are left out.
    """

    record: str
    kind: str
    local_id: str
    author: str
    organisation: str
    happened_on: str
    level: str
    statement: str
    fields: dict[str, Any]
    withheld: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A page; ``after`` is where the next one begins, 0 where there is none."""

    rows: tuple[Listed, ...]
    after: int


def record_list(
    session: Session,
    lens: Lens,
    kind: str,
    *,
    where: Mapping[str, str] | None = None,
    after: int = 0,
    limit: int = 100,
) -> RecordPage:
    """Records of a kind that are in force and may be read, the first said first.

    A page is read at a ``seq`` and goes on behind it, so that what is said meanwhile moves nothing.
    It may hold fewer than ``limit`` and still not be the last.

    Parameters
    ----------
    where
        Values that fields have, as text.
    after
        `RecordPage.after` of the page before.

    Raises
    ------
    Refused
        ``unknown_kind``, ``views_not_kept``.
    """
    session.kind(kind)
    wanted = dict(where or {})
    rows: list[Listed] = []
    firsts = _firsts(session, kind, after)
    looked = 0
    while looked < _LOOKED_AT:
        some = list(islice(firsts, min(_AT_ONCE, max(limit, 50))))
        looked += len(some)
        if not some:
            return RecordPage(tuple(rows), 0)
        readable = lens.readable(record for _, record in some)
        known = held(session, readable)
        for seq, record in some:
            after = seq
            one = known.get(record)
            if one is None:
                continue
            shown = _listed(session, lens, one, wanted)
            if shown is not None:
                rows.append(shown)
            if len(rows) == limit:
                return RecordPage(tuple(rows), after)
    return RecordPage(tuple(rows), after)


def _firsts(session: Session, kind: str, after: int) -> Iterator[tuple[int, str]]:
    """First statement of each record: its ``seq``, and the record."""
    store = session.workspace.store
    rows = store.select(kind, ["seq", "record"], {"act": "record"}, after_seq=after)
    while some := list(islice(rows, _AT_ONCE)):
        entries = store.of_records({str(record) for _, record in some})
        for seq, record in some:
            if next((one.seq for one in entries[str(record)] if _is_first(one)), seq) == seq:
                yield int(seq), str(record)


def _is_first(entry: Entry) -> bool:
    return read_header(entry.header).act == "record"


def _listed(session: Session, lens: Lens, one: Held, wanted: Mapping[str, str]) -> Listed | None:
    values = one.now()
    if "commitment" in values:
        note_view(session, one.record, "list")
        payload = session.workspace.vault.payload(str(values["commitment"]))
        values = {} if payload is None else dict(canonical.decode(payload))
    shown = lens.fields(one.kind, values, one.author, record=one.record)
    withheld = lens.withheld
    if any(name not in shown or _text(shown[name]) != value for name, value in wanted.items()):
        return None
    called = shown.get("code") if session.kinds[one.kind].protected else ""
    return Listed(
        one.record,
        one.kind,
        str(called or one.local_id),
        one.author,
        session.organisation_name(one.author),
        one.happened_on,
        _LEVEL_NAMES.get(one.level, ""),
        one.statement,
        shown,
        withheld,
    )


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
