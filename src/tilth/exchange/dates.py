"""Dates as offices write them: the order of day and month is decided for a whole column."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from tilth.core.problems import register
from tilth.exchange.words import fold, latin_digits

__all__ = ["DateFormat", "decide_dates", "excel_day", "month_number", "read_date"]

_MONTHS = """
january jan enero ene janvier janv январь января янв січень січня січ يناير كانون_الثاني
february feb febrero février fevr fev февраль февраля фев февр лютий лютого лют فبراير شباط
march mar marzo mars март марта мар березень березня бер مارس آذار اذار
april apr abril abr avril avr апрель апреля апр квітень квітня кві квіт أبريل ابريل نيسان
may mayo mai май мая травень травня тра трав مايو أيار ايار
june jun junio juin июнь июня июн червень червня чер черв يونيو حزيران
july jul julio juillet juil июль июля июл липень липня лип يوليو تموز
august aug agosto ago août aout август августа авг серпень серпня сер серп أغسطس اغسطس آب
september sep sept septiembre setiembre septembre сентябрь сентября сен сент вересень вересня вер
 سبتمبر أيلول
october oct octubre octobre октябрь октября окт жовтень жовтня жов жовт أكتوبر تشرين_الأول
november nov noviembre novembre ноябрь ноября ноя листопад листопада лис лист نوفمبر تشرين_الثاني
december dec diciembre dic décembre декабрь декабря дек грудень грудня гру груд ديسمبر كانون_الأول
"""
_MONTH_WORDS = {
    fold(word): number
    for number, line in enumerate(_MONTHS.strip().replace("\n ", " ").splitlines(), 1)
    for word in line.split()
}
_TIME = re.compile(
    r"[T\s]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[ap]\.?m\.?)?\s*(?:Z|[+-]\d{2}:?\d{2})?$",
    re.I,
)
_YEAR_FIRST = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?")
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_YEAR_LAST = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4}|\d{2})")
_MONTH_YEAR = re.compile(r"(\d{1,2})[-/.](\d{4})")
_WORDY = re.compile(r"[^\W\d_]+|\d+")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_EXCEL_ZERO = dt.date(1899, 12, 30)  # serial 60 is a 29 February 1900 that never was
_EXCEL_LEAST, _EXCEL_MOST = 18_264, 73_050  # 1950-01-01 to 2099-12-31
DMY, MDY, BOTH = "dmy", "mdy", "both"


@dataclass(frozen=True, slots=True)
class DateFormat:
    """In which order a column writes dates whose year stands last.

    Parameters
    ----------
    order
        ``dmy``, ``mdy``, ``both`` when the column allows both readings, empty when it has no
        such dates.
    mixed
        Some values prove one order and some the other.
    why
        The value that decided.
    pivot
        Two-digit years above it are of the last century: the two digits of this year.
    """

    order: str = ""
    mixed: bool = False
    why: str = ""
    pivot: int = 69


def decide_dates(values: Iterable[str], today: str) -> DateFormat:
    """Decide the order of day and month in a column from all its distinct values.

    Examples
    --------
    >>> decide_dates(["1/2/1943", "1/13/1943"], "2026-01-01").order
    'mdy'
    >>> decide_dates(["01/02/2020", "03/04/2020"], "2026-01-01").order
    'both'
    """
    pivot = int(today[2:4])
    proof: dict[str, str] = {}
    example = ""
    seen = differs = False
    for value in values:
        text = _without_time(value)
        match = _YEAR_LAST.fullmatch(text)
        if match is None:
            continue
        first, second = int(match[1]), int(match[2])
        seen = True
        if first > 12 >= second:
            proof.setdefault(DMY, value)
        elif second > 12 >= first:
            proof.setdefault(MDY, value)
        elif first != second:
            differs = True
            example = example or value
    if len(proof) == 2:
        return DateFormat(BOTH, True, " / ".join(proof.values()), pivot)
    if proof:
        ((order, why),) = proof.items()
        return DateFormat(order, False, why, pivot)
    if not seen:
        return DateFormat("", False, "", pivot)
    return DateFormat(BOTH if differs else DMY, False, example, pivot)


def _without_time(text: str) -> str:
    return _TIME.sub("", latin_digits(text).strip().replace("\N{NO-BREAK SPACE}", " "))


def read_date(text: str, form: DateFormat) -> tuple[str, str]:
    """Read one date of a column.

    Returns
    -------
    tuple of str
        ``YYYY-MM-DD``, ``YYYY-MM`` or ``YYYY``, and an empty string; or an empty string and
        ``not_a_date`` or ``ambiguous_date``.

    Examples
    --------
    >>> read_date("18 марта 2024 г.", DateFormat("")), read_date("3/18/24", DateFormat("mdy"))
    (('2024-03-18', ''), ('2024-03-18', ''))
    >>> read_date("45369", DateFormat(""))
    ('2024-03-18', '')
    """
    text = _without_time(text)
    if match := _YEAR_FIRST.fullmatch(text):
        return _checked(match[1], match[2], match[3])
    if match := _YEAR_LAST.fullmatch(text):
        return _year_last(match, form)
    if match := _COMPACT.fullmatch(text):
        return _checked(match[1], match[2], match[3])
    if match := _MONTH_YEAR.fullmatch(text):
        return _checked(match[2], match[1], None)
    if _SERIAL.fullmatch(text) and _EXCEL_LEAST <= float(text) <= _EXCEL_MOST:
        return excel_day(float(text)), ""
    return _wordy(text, form)


def _year_last(match: re.Match[str], form: DateFormat) -> tuple[str, str]:
    first, second = match[1], match[2]
    year = _full_year(match[3], form)
    order = form.order
    if order == BOTH or form.mixed:
        if int(first) <= 12 and int(second) <= 12:
            return "", "ambiguous_date"
        order = DMY if int(first) > 12 else MDY
    day, month = (second, first) if order == MDY else (first, second)
    return _checked(year, month, day)


def _full_year(digits: str, form: DateFormat) -> str:
    if len(digits) == 4:
        return digits
    return f"20{digits}" if int(digits) <= form.pivot else f"19{digits}"


def _wordy(text: str, form: DateFormat) -> tuple[str, str]:
    """Read dates with the name of a month, in any of six languages and any order."""
    numbers: list[str] = []
    month = 0
    pieces = _WORDY.findall(text)
    for n, piece in enumerate(pieces):
        if piece.isdecimal():
            numbers.append(piece)
            continue
        pair = f"{piece} {pieces[n + 1]}" if n + 1 < len(pieces) else ""
        found = month_number(pair) or month_number(piece)
        month = month or found
    if not month or not numbers or len(numbers) > 2:
        return "", "not_a_date"
    if len(numbers) == 1:
        return _checked(_full_year(numbers[0], form), str(month), None)
    day, year = (numbers[1], numbers[0]) if len(numbers[0]) == 4 else (numbers[0], numbers[1])
    return _checked(_full_year(year, form), str(month), day)


def month_number(text: str) -> int:
    """Number of the month that a word or a number names, 0 for none.

    Examples
    --------
    >>> month_number("marzo"), month_number("08"), month_number("شباط"), month_number("13")
    (3, 8, 2, 0)
    """
    text = latin_digits(text).strip()
    if text.isdecimal():
        return int(text) if len(text) <= 2 and 1 <= int(text) <= 12 else 0
    return _MONTH_WORDS.get(fold(text), 0)


@lru_cache(maxsize=65_536)
def _checked(year: str, month: str | None, day: str | None) -> tuple[str, str]:
    if len(year) != 4 or not 1800 <= int(year) <= 2200:
        return "", "not_a_date"
    if month is None:
        return year, ""
    if day is None:
        return (f"{year}-{int(month):02}", "") if 1 <= int(month) <= 12 else ("", "not_a_date")
    try:
        return dt.date(int(year), int(month), int(day)).isoformat(), ""
    except ValueError:
        return "", "not_a_date"


def excel_day(serial: float) -> str:
    """Day of a spreadsheet's serial number, counted from 1900; the time of day is dropped.

    Raises
    ------
    ValueError
        Outside 1950 to 2099, where a number is more likely something else.
    """
    if not _EXCEL_LEAST <= serial <= _EXCEL_MOST:
        msg = f"{serial} is no serial day between 1950 and 2099"
        raise ValueError(msg)
    return (_EXCEL_ZERO + dt.timedelta(days=int(serial))).isoformat()


register(
    {
        "ambiguous_date": (
            "{value} can be read in two ways: no date of the column {column} has a day above 12.",
            "Say in a mapping which comes first: "
            '{field} = {{ column = "{column}", order = "dmy" }}, or "mdy".',
        ),
        "not_a_date": (
            "{value} in column {column} is not a date.",
            "Write it as 2026-03-01, 2026-03 or 2026.",
        ),
    }
)
