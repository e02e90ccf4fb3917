"""What changed since a reader's last visit: one small row of figures now and then, kept for long.

The figures of an old position would cost minutes to compute again. A row is kept at most once an
hour, and the older a row is the fewer of its neighbours stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tilth.core.keyring import split_origin
from tilth.service.face import read_face
from tilth.service.session import Session

__all__ = ["NAME", "changes_since", "pruned", "row_of", "with_row"]

NAME = "history"
"""Name of the published value."""

_HOURS, _DAYS = timedelta(hours=48), timedelta(days=62)
_LAND = (
    "recorded_m2",
    "extensions_m2",
    "overlaps_m2",
    "cancelled_m2",
    "reduced_m2",
    "cleared_m2",
    "remaining_m2",
)

Row = Mapping[str, Any]


def row_of(position: int, seq: int, at: str, accounts: Mapping[str, Mapping[str, Any]]) -> Row:
    """Row of figures: the terms of both accounts at each level.

    Parameters
    ----------
    at
        Time of receipt of the newest statement, UTC.
    accounts
        By level, as ``accounting.account`` tells them.
    """
    return {
        "position": position,
        "seq": seq,
        "at": at,
        "until": next((one["until"] for one in accounts.values()), ""),
        "levels": {
            level: {
                "land": {name: one["land"][name] for name in _LAND},
                "items": {name: n for name, n in one["items"].items() if isinstance(n, int)},
            }
            for level, one in accounts.items()
        },
    }


def with_row(rows: Sequence[Row], row: Row) -> list[Row]:
    """Rows with one more, pruned; those of a future that a restored log does not know are gone."""
    known = [one for one in rows if one["seq"] <= row["seq"] and one["at"] <= row["at"]]
    if known and known[-1]["position"] == row["position"]:
        known.pop()
    return pruned([*known, row])


def pruned(rows: Sequence[Row]) -> list[Row]:
    """The first row of each hour of the last two days, of each day of two months, of each month.

    The newest row is always among them; ages are counted from it.
    """
    if not rows:
        return []
    newest = datetime.fromisoformat(rows[-1]["at"])
    kept: dict[str, Row] = {}
    for row in rows:
        age = newest - datetime.fromisoformat(row["at"])
        width = 13 if age <= _HOURS else 10 if age <= _DAYS else 7
        kept.setdefault(row["at"][:width], row)
    found = list(kept.values())
    return found if found[-1] is rows[-1] else [*found, rows[-1]]


def changes_since(session: Session, position: int) -> dict[str, Any] | None:
    """What changed between an earlier position and what is published now.

    Figures are compared with the newest row that is not later than the position, which is told;
    statements are counted from that row on, so that both speak of the same stretch.

    Parameters
    ----------
    position
        Number of receipts, as published values state it.

    Returns
    -------
    dict or None
        ``since`` (``position``, ``at``, ``until`` of the row), ``until`` and ``position`` now,
        ``exact`` (whether the row is that very position), ``levels``: level → ``land`` and
        ``items`` → change of each term, ``statements``: ``organisation`` (name), ``log``, ``act``,
        ``kind``, ``count``. None where nothing is published or no row is old enough.
    """
    overview = read_face(session, "overview")
    rows = (read_face(session, NAME) or {}).get("rows", [])
    before = next((one for one in reversed(rows) if one["position"] <= position), None)
    if overview is None or before is None:
        return None
    now = row_of(
        overview["position"], overview["seq"], overview["received_at"], overview["accounts"]
    )
    return {
        "since": {name: before[name] for name in ("position", "at", "until")},
        "exact": before["position"] == position,
        "position": now["position"],
        "received_at": now["at"],
        "until": now["until"],
        "levels": {
            level: {
                part: _difference(before["levels"].get(level, {}).get(part, {}), figures)
                for part, figures in parts.items()
            }
            for level, parts in now["levels"].items()
        },
        "statements": _statements(session, before["seq"], now["seq"]),
    }


def _difference(before: Mapping[str, float], now: Mapping[str, float]) -> dict[str, float]:
    return {
        name: round(value - before.get(name, 0), 6) + 0
        for name, value in now.items()
        if value != before.get(name, 0)
    }


def _statements(session: Session, after: int, until: int) -> list[dict[str, Any]]:
    found = []
    for log, act, kind, count in session.workspace.store.acts_between(after, until):
        organisation = split_origin(log)[1]
        name = session.organisation_name(organisation)
        found.append(
            {"organisation": name, "log": organisation, "act": act, "kind": kind, "count": count}
        )
    return sorted(found, key=lambda one: (-one["count"], one["organisation"], one["act"]))
