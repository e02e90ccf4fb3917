"""What a planned act would move: the accounts with its statements taken in, and nothing stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tilth.core.chains import LEVELS, Said
from tilth.core.days import ordinal
from tilth.core.items.account import account as item_account
from tilth.core.items.book import ItemBook
from tilth.core.items.model import ItemSource
from tilth.core.land.balance import balance
from tilth.core.land.book import KINDS_OF_GROUND
from tilth.core.land.keeper import LandKeeper
from tilth.core.statement import parse_header, statement_hash
from tilth.service.deciding import Plan
from tilth.service.ground import (
    Books,
    item_book,
    item_source,
    items_in_force,
    read_books,
    take_entries,
)
from tilth.service.session import Session
from tilth.store.protocol import Draft, Entry

__all__ = ["preview"]

Sides = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Counted:
    """Items at a level: the book, the records that a plan concerns and what they say now."""

    level: str
    book: ItemBook
    records: Sequence[str]
    was: Mapping[str, Said]


def preview(session: Session, plan: Plan) -> dict[str, Any]:
    """Both accounts of today at every level, before and after a plan.

    Returns
    -------
    dict
        ``act``, ``statements``, ``records``, and ``levels``: level → ``before`` and ``after``,
        each with ``land`` (terms in m²) and ``items`` (pieces).
    """
    books = read_books(session, until_seq=session.workspace.store.last_seq())
    planned = _entries(plan)
    kinds, records = _concerned(session, planned)
    keeper = LandKeeper(books.land, threads=2)
    ground = not kinds.isdisjoint(KINDS_OF_GROUND)
    if ground:
        keeper.recompute()
    else:
        books.land.refresh()
    speaking = sorted(records & books.items.keys())
    counted = [
        _Counted(
            level,
            item_book(session, books, level),
            speaking,
            items_in_force(books, level, speaking),
        )
        for level in LEVELS
        if speaking
    ]
    before = _sides(session, keeper if ground else None, counted)
    take_entries(session, books, planned, session.frame())
    if ground:
        keeper.update()
    else:
        books.land.refresh()
    for one in counted:
        _bring_forward(session, books, one, {entry.hash: entry for entry in planned})
    after = _sides(session, keeper if ground else None, counted)
    return {
        "act": plan.act,
        "statements": plan.statements,
        "records": plan.records,
        "levels": {level: {"before": before[level], "after": after[level]} for level in before},
    }


def _entries(plan: Plan) -> list[Entry]:
    """Drafts as statements that are not in any log yet."""
    drafts: list[tuple[str, Draft]] = [
        (log, draft) for log, some in plan.drafts.items() for draft in some
    ]
    return [
        Entry(0, log, 0, statement_hash(draft.header), draft.header, draft.content)
        for log, draft in drafts
    ]


def _concerned(session: Session, planned: Sequence[Entry]) -> tuple[set[str], set[str]]:
    """Kinds and records whose account the planned statements may change."""
    kinds: set[str] = set()
    records: set[str] = set()
    hashes: set[str] = set()
    for entry in planned:
        header = parse_header(entry.header)
        fields = session.fields_of(entry)
        if header.record:
            kinds.add(header.kind)
            records.add(header.record)
        if header.act == "revoke":
            kinds.add("released_area")
        hashes.update(fields.get("decides", header.decides))
    seen: set[str] = set()
    while hashes - seen:  # an undo names decisions, whose statements it concerns
        found = session.workspace.store.by_hash(hashes - seen)
        seen |= hashes
        for entry in found.values():
            header = parse_header(entry.header)
            if header.act == "revoke":
                kinds.add("released_area")
            if header.kind == "decision":
                hashes |= set(session.fields_of(entry).get("decides", header.decides))
            else:
                kinds.add(header.kind)
                records.add(header.record)
    return kinds, records


def _bring_forward(
    session: Session,
    books: Books,
    counted: _Counted,
    planned: Mapping[str, Entry],
) -> None:
    """Put the records that speak of items in or out of force in an item book."""
    now = items_in_force(books, counted.level, counted.records)
    changes: dict[str, ItemSource | None] = {}
    for record in counted.records:
        old, new = counted.was.get(record), now.get(record)
        if (old and old.hash) != (new and new.hash):
            changes[record] = None if new is None else item_source(session, new, planned)
    if changes:
        counted.book.update(changes)


def _sides(session: Session, keeper: LandKeeper | None, counted: Sequence[_Counted]) -> Sides:
    """Terms of both accounts today at every level; of what cannot change, nothing."""
    today = session.today()
    books = {one.level: one.book for one in counted}
    sides: Sides = {}
    for level in LEVELS:
        land: Mapping[str, float] = {}
        if keeper is not None:
            land = balance(keeper.rows(level), ordinal(today)).total()
        items: Mapping[str, Any] = {}
        if level in books:
            items = item_account(books[level].rollup, today).joint.items.as_dict()
        sides[level] = {"land": dict(land), "items": dict(items)}
    return sides
