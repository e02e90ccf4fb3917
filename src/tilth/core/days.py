"""Days with a precision: a day, a month or a year in the field, as ordinals.

A month or a year is read the way that leaves ground remaining (rules §1), so every date has a
first and a last day and each rule says which of the two it means.
"""

from __future__ import annotations

import calendar
import datetime as dt
from functools import lru_cache

__all__ = ["NEVER", "first_day", "iso", "last_day", "month_of", "ordinal", "precision"]

NEVER = 2**31 - 1
"""An ordinal after every day, for what has not happened."""

_PRECISION = {4: "year", 7: "month", 10: "day"}


def precision(value: str) -> str:
    """``day``, ``month`` or ``year``; empty for an empty value.

    Examples
    --------
    >>> precision("2026-03")
    'month'
    """
    return _PRECISION.get(len(value), "")


@lru_cache(maxsize=65536)
def first_day(value: str) -> int:
    """Proleptic Gregorian ordinal of the first day of a date as written.

    Examples
    --------
    >>> iso(first_day("2026-03"))
    '2026-03-01'
    """
    year = int(value[:4])
    month = int(value[5:7]) if len(value) >= 7 else 1
    day = int(value[8:10]) if len(value) >= 10 else 1
    return dt.date(year, month, day).toordinal()


@lru_cache(maxsize=65536)
def last_day(value: str) -> int:
    """Ordinal of the last day of a date as written.

    Examples
    --------
    >>> iso(last_day("2028-02"))
    '2028-02-29'
    """
    if len(value) >= 10:
        return first_day(value)
    year = int(value[:4])
    month = int(value[5:7]) if len(value) >= 7 else 12
    return dt.date(year, month, calendar.monthrange(year, month)[1]).toordinal()


def ordinal(day: str) -> int:
    """Ordinal of an ISO day ``YYYY-MM-DD``."""
    return dt.date.fromisoformat(day).toordinal()


@lru_cache(maxsize=65536)
def iso(day: int) -> str:
    """ISO day of an ordinal."""
    return dt.date.fromordinal(day).isoformat()


def month_of(day: int) -> str:
    """``YYYY-MM`` of an ordinal."""
    return iso(day)[:7]
