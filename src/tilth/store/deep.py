"""Whether the tables derived from the log are what the log says: each row is made again.

Comparing along the log needs no second database and names the statement whose row differs.
"""

from __future__ import annotations

from itertools import islice
from typing import NamedTuple

import msgspec

from tilth.core import statement
from tilth.store.ledger import Ledger
from tilth.store.reading import RawEntry
from tilth.store.readtables import Collected
from tilth.store.schema import Table
from tilth.store.session import quoted

__all__ = ["DerivedFault", "first_derived_fault"]

_STRETCH = 1_000


class DerivedFault(NamedTuple):
    """A table, and the statement whose row in it differs (None: not of any statement)."""

    table: str
    seq: int | None


def first_derived_fault(store: Ledger) -> DerivedFault | None:
    """Compare every derived table with the log; the log itself must have been verified."""
    entries = store.raw_entries()
    after = 0
    while stretch := list(islice(entries, _STRETCH)):
        until = stretch[-1].seq
        expected = _expected(store, stretch)
        for table in store.derived_tables:
            made = expected.get(table.name, [])
            held = _held(store, table, after, until)
            if not _same(made, held):
                return DerivedFault(table.name, _first_difference(made, held))
        after = until
    for table in store.derived_tables:
        sql = f"SELECT min(seq) FROM {quoted(table.name)} WHERE seq < 1 OR seq > ?"
        seq = store.raw_rows(sql, (after,))[0][0]
        if seq is not None:
            return DerivedFault(table.name, seq)
    fault = store.structure_fault()
    return None if fault is None else DerivedFault(fault, None)


def _expected(store: Ledger, stretch: list[RawEntry]) -> Collected:
    rows: Collected = {}
    for entry in stretch:
        header = statement.parse_header(entry.header)
        store.derived.add(rows, entry.seq, entry.leaf, header, entry.content)
    return rows


def _held(store: Ledger, table: Table, after: int, until: int) -> list[tuple[object, ...]]:
    wanted = ", ".join(map(quoted, table.names))
    order = ", ".join(map(quoted, table.key))
    return store.raw_rows(
        f"SELECT {wanted} FROM {quoted(table.name)} WHERE seq > ? AND seq <= ? ORDER BY {order}",
        (after, until),
    )


def _same(made: list[tuple[object, ...]], held: list[tuple[object, ...]]) -> bool:
    """Compare bytes, since 0.0 equals -0.0 and 1 equals 1.0."""
    if len(made) != len(held):
        return False
    encode = msgspec.msgpack.encode
    if encode(made) == encode(held):
        return True
    return sorted(map(encode, made)) == sorted(map(encode, held))  # keys of text sort by collation


def _first_difference(made: list[tuple[object, ...]], held: list[tuple[object, ...]]) -> int | None:
    encode = msgspec.msgpack.encode
    odd = {encode(row): row for row in made}
    for row in held:
        if odd.pop(encode(row), None) is None:
            odd[encode(row)] = row
    seqs = [row[0] for row in odd.values() if isinstance(row[0], int)]
    return min(seqs) if seqs else None
