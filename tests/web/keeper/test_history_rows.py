"""Rows of the history: news is kept, the old thin out, a restored log forgets its other future."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tilth.service.history import pruned, with_row

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def row(position: int, age: timedelta) -> dict[str, Any]:
    at = (NOW - age).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {"position": position, "seq": position, "at": at, "levels": {}}


def test_the_old_thin_out_and_the_newest_stays() -> None:
    rows = [row(n, timedelta(minutes=20 * (20_000 - n))) for n in range(20_000)]
    kept = pruned(rows)
    assert kept[0] is rows[0]
    assert kept[-1] is rows[-1]
    ages = [NOW - datetime.fromisoformat(one["at"]) for one in kept]
    assert 45 <= sum(age <= timedelta(hours=48) for age in ages) <= 50
    assert len(kept) < 130
    assert pruned(kept) == kept


def test_a_restored_log_forgets_what_it_never_received() -> None:
    before = [row(5, timedelta(days=3)), row(9, timedelta(days=1))]
    fresh = row(7, timedelta(hours=1))
    assert with_row(before, fresh) == [before[0], fresh]


def test_the_same_position_is_one_row() -> None:
    first = row(5, timedelta(hours=3))
    assert with_row([first], row(5, timedelta(hours=3))) == [first]
