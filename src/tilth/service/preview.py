"""What a planned act would move: the accounts with its statements taken in, and nothing stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tilth.core.chains import LEVELS, Said
from tilth.core.days import ordinal
from tilth.core.items.account import account as item_account
from tilth.core.items.lots import amounts
from tilth.core.land.balance import balance
from tilth.core.land.keeper import LandKeeper
from tilth.core.statement import parse_header, statement_hash
from tilth.service.accounting import is_kept, kept_at, position_at
from tilth.service.deciding import Plan
from tilth.service.ground import (
    KINDS_OF_ITEMS,
    item_book,
    item_source,
    items_in_force,
    read_books,
    take_entries,
)
from tilth.service.nearby import books_around
from tilth.service.session import Session
from tilth.store.protocol import Draft, Entry

__all__ = ["moved", "preview"]

Sides = dict[str, dict[str, Any]]
_LEAST_M2 = 0.01


def preview(session: Session, plan: Plan) -> dict[str, Any]:
    """Both accounts of today at every level, before and after a plan.

    Only the ground concerned is computed. Where the accounts of the whole are kept the terms are
    theirs; else those of the ground concerned, which ``whole`` tells. The differences are the same.

    Returns
    -------
    dict
        ``act``, ``statements``, ``records``, ``whole``, and ``levels``: level → ``before`` and
        ``after``, each with ``land`` (terms in m²) and ``items`` (pieces).
    """
    planned = _entries(plan)
    records = _concerned(session, planned)
    books = books_around(session, records)
    keeper = LandKeeper(books.land, threads=2)
    keeper.recompute()
    speaking = sorted(records & books.items.keys())
    was = {level: items_in_force(books, level, speaking) for level in LEVELS}
    before = _land(session, keeper)
    take_entries(session, books, planned, session.frame())
    keeper.update()
    after = _land(session, keeper)
    whole = _whole_land(session)
    now = {level: items_in_force(books, level, speaking) for level in LEVELS}
    pieces = _items(session, was, now, planned)
    levels: dict[str, Sides] = {}
    for level in LEVELS:
        items = pieces.get(level, ({}, {}))
        start = whole.get(level, before[level])
        end = {name: start[name] + after[level][name] - before[level][name] for name in start}
        levels[level] = {
            "before": {"land": dict(start), "items": items[0]},
            "after": {"land": end, "items": items[1]},
        }
    return {
        "act": plan.act,
        "statements": plan.statements,
        "records": plan.records,
        "whole": bool(whole),
        "levels": levels,
    }


def moved(
    session: Session, plan: Plan, *, each: Callable[[int], None] = lambda _: None
) -> dict[str, dict[str, Any]]:
    """What a plan moves at each level: land of the ground concerned, and pieces in its reports.

    It costs as much as the ground concerned, not as the whole; pieces are those that the reports
    list, where `preview` counts those of summaries too.

    Parameters
    ----------
    each
        Called with the number of the step that was done, of four.

    Returns
    -------
    dict
        Level → ``land`` (term in m² → how much it changes, none below a square decimetre) and
        ``pieces``.
    """
    planned = _entries(plan)
    records = _concerned(session, planned)
    books = books_around(session, records)
    each(1)
    keeper = LandKeeper(books.land, threads=2)
    keeper.recompute()
    speaking = sorted(records & books.items.keys())
    was = {level: items_in_force(books, level, speaking) for level in LEVELS}
    before = _land(session, keeper)
    each(2)
    take_entries(session, books, planned, session.frame())
    keeper.update()
    after = _land(session, keeper)
    each(3)
    now = {level: items_in_force(books, level, speaking) for level in LEVELS}
    pieces = _listed(session, [*was.values(), *now.values()], {one.hash: one for one in planned})
    each(4)
    return {
        level: {
            "land": {
                name: round(value - before[level][name], 2)
                for name, value in after[level].items()
                if abs(value - before[level][name]) > _LEAST_M2
            },
            "pieces": sum(pieces.get(one.hash, 0) for one in now[level].values())
            - sum(pieces.get(one.hash, 0) for one in was[level].values()),
        }
        for level in LEVELS
    }


def _listed(
    session: Session, in_force: Sequence[Mapping[str, Said]], planned: Mapping[str, Entry]
) -> dict[str, int]:
    """Pieces that statements list, by hash; only of those in force here and not there."""
    met = Counter(one.hash for some in in_force for one in some.values())
    asked = [name for name, count in met.items() if count < len(in_force)]
    known = {**session.workspace.store.by_hash(asked), **planned}
    return {
        name: sum(amounts(line)[0] for line in session.fields_of(known[name]).get("items", ()))
        for name in asked
        if name in known
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


def _concerned(session: Session, planned: Sequence[Entry]) -> set[str]:
    """Records whose account the planned statements may change."""
    records: set[str] = set()
    hashes: set[str] = set()
    seen: set[str] = set()

    def note(entry: Entry) -> None:
        header = parse_header(entry.header)
        fields = session.fields_of(entry)
        if header.act in ("revoke", "recall"):
            records.update(map(str, fields.get("records", ())))
        elif header.kind != "decision":
            records.add(header.record)
        hashes.update(fields.get("decides", header.decides))

    for entry in planned:
        note(entry)
    while fresh := hashes - seen:  # an undo names decisions, whose statements it concerns
        seen |= fresh
        for entry in session.workspace.store.by_hash(fresh).values():
            note(entry)
    return records


def _land(session: Session, keeper: LandKeeper) -> dict[str, dict[str, float]]:
    today = ordinal(session.today())
    return {level: balance(keeper.rows(level), today).total() for level in LEVELS}


def _whole_land(session: Session) -> dict[str, dict[str, float]]:
    """Terms of the whole account today, where it is kept at every level."""
    position = position_at(session, "")
    if not is_kept(session, position):
        return {}
    today = ordinal(session.today())
    kept = kept_at(session, position, list(LEVELS))
    return {level: balance(one.rows, today).total() for level, one in kept.items()}


def _items(
    session: Session,
    was: Mapping[str, Mapping[str, Said]],
    now: Mapping[str, Mapping[str, Said]],
    planned: Sequence[Entry],
) -> dict[str, tuple[dict[str, int], dict[str, int]]]:
    """Pieces before and after, at the levels where a statement comes in or out of force.

    All that speaks of items is read: summaries and reports are compared over an organisation.
    """
    changes = {level: _changed(was[level], now[level]) for level in LEVELS}
    if not any(changes.values()):
        return {}
    entries = {entry.hash: entry for entry in planned}
    last = session.workspace.store.last_seq()
    books = read_books(session, until_seq=last, kinds=KINDS_OF_ITEMS)
    books.land.refresh()
    today = session.today()
    result = {}
    for level, records in changes.items():
        if not records:
            continue
        book = item_book(session, books, level)
        before = item_account(book.rollup, today).joint.items.as_dict()
        sources = {
            record: item_source(session, books, now[level][record], entries)
            if record in now[level]
            else None
            for record in records
        }
        book.update(sources)
        after = item_account(book.rollup, today).joint.items.as_dict()
        result[level] = (dict(before), dict(after))
    return result


def _changed(was: Mapping[str, Said], now: Mapping[str, Said]) -> list[str]:
    """Records of which another statement is in force, or none any more."""
    return [
        record
        for record in sorted({*was, *now})
        if _hash(was.get(record)) != _hash(now.get(record))
    ]


def _hash(said: Said | None) -> str:
    return said.hash if said else ""
