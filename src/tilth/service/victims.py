"""Counts of victims, told so that no small one can be worked out.

A reader who reads every record that is counted is told every count. Any other is told two tables
and nothing else of victims: they have no dimension in common and share only the grand total, so
that what protects each protects both; and only years that are over, so that the figures of two
days do not give one person away between them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tilth.core import canonical
from tilth.core.statement import split_record_id
from tilth.core.suppression import Table, table_of, withheld
from tilth.service.lens import Everyone, Lens
from tilth.service.register import register_of
from tilth.service.session import Session

__all__ = ["casualties_told", "victim_tables"]

_HURT = ("killed", "injured")
_ADULT = 18
"""Years of age from which a victim counts as an adult, as the Convention on the Rights of the Child
has it."""


def casualties_told(session: Session, months: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Monthly rows, ``killed`` and ``injured`` None where they are withheld.

    Nothing is withheld from who reads every accident in full.

    Months later than those asked for are not summed anywhere beside them, so that asking for fewer
    months gives nothing away.

    Parameters
    ----------
    months
        Rows with ``month``, ``killed`` and ``injured``; others of their values stay.
    """
    rows = [dict(one) for one in months]
    if session.roles is None or isinstance(Lens(session).organisations_full("accident"), Everyone):
        return rows
    table = table_of({(str(one["month"]), name): int(one[name]) for one in rows for name in _HURT})
    hidden = withheld(table.counts, keep_total=True)
    for one in rows:
        at = table.rows.index(str(one["month"]))
        for name in _HURT:
            if (at, table.columns.index(name)) in hidden:
                one[name] = None
    return rows


def victim_tables(session: Session) -> dict[str, Any] | None:
    """Victims by year and outcome, and by sex and age; None for who is told nothing of them.

    Returns
    -------
    dict
        ``year_outcome`` and ``sex_age``: each with ``rows``, ``columns`` and ``counts``, the totals
        last, None where a count is withheld; ``until``, the last day that counts; ``whole``:
        whether every record counted may be read, so that nothing is withheld.
    """
    lens = Lens(session)
    told = [
        (record, fields)
        for record, fields in _victims(session)
        if lens.may_read(split_record_id(record)[0], "victim") != "none"
    ]
    authors = {split_record_id(record)[0] for record, _ in told} or {session.own}
    much = {lens.may_read(author, "victim") for author in authors}
    if much == {"none"}:
        return None
    whole = much == {"full"}
    until = session.today() if whole else f"{int(session.today()[:4]) - 1}-12-31"
    counted = [fields for _, fields in told if str(fields.get("happened_on", "")) <= until]
    tables = {"year_outcome": (_year, _outcome), "sex_age": (_sex, _age)}
    return {
        **{
            name: _shown(_table(counted, row, column), whole=whole)
            for name, (row, column) in tables.items()
        },
        "until": until,
        "whole": whole,
    }


def _victims(session: Session) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """Victims in force, from the vault."""
    for record, one in sorted(register_of(session).of("victim").items()):
        payload = session.workspace.vault.payload(str(one.fields.get("commitment", "")))
        if payload is not None:
            yield record, canonical.decode(payload)


Part = Callable[[Mapping[str, Any]], str]


def _table(victims: Iterable[Mapping[str, Any]], row: Part, column: Part) -> Table:
    return table_of(Counter((row(one), column(one)) for one in victims))


def _shown(table: Table, *, whole: bool) -> dict[str, Any]:
    hidden = frozenset() if whole else withheld(table.counts, keep_total=True)
    return {
        "rows": list(table.rows),
        "columns": list(table.columns),
        "counts": [
            [None if (row, column) in hidden else count for column, count in enumerate(counts)]
            for row, counts in enumerate(table.counts)
        ],
    }


def _year(victim: Mapping[str, Any]) -> str:
    return str(victim.get("happened_on", ""))[:4]


def _outcome(victim: Mapping[str, Any]) -> str:
    return str(victim.get("outcome") or "unknown")


def _sex(victim: Mapping[str, Any]) -> str:
    return str(victim.get("sex") or "unknown")


def _age(victim: Mapping[str, Any]) -> str:
    if "age_years" not in victim:
        return "unknown"
    return "child" if int(victim["age_years"]) < _ADULT else "adult"
