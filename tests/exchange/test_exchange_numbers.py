"""Numbers and dates: what a column allows is decided from all its values, or not at all.

1. A value written in one convention is read back whatever the convention, when the column has a
   value that shows it.
2. A column that allows both readings refuses, and never guesses.
3. Units are converted exactly.
"""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tilth.exchange.dates import DateFormat, decide_dates, excel_day, read_date
from tilth.exchange.numbers import BOTH, Bounds, NumberFormat, decide_numbers, read_number
from tilth.exchange.units import convert, find_unit, unit_in_heading

TODAY = "2026-11-22"
CONVENTIONS = [
    (",", "."),
    (".", ","),
    (" ", ","),
    ("\N{NO-BREAK SPACE}", "."),
    ("'", "."),
    ("", ","),
]


def written(number: Decimal, group: str, decimal: str) -> str:
    text = f"{number:,f}"
    return text.replace(",", "\0").replace(".", decimal).replace("\0", group)


cents = st.decimals("0", "99999999", places=2)


@given(st.lists(cents, min_size=1, max_size=20), st.sampled_from(CONVENTIONS))
def test_two_decimals_show_the_convention(
    numbers: list[Decimal], convention: tuple[str, str]
) -> None:
    texts = [written(number, *convention) for number in numbers]
    form = decide_numbers(texts)
    assert form.decimal == convention[1]
    for number, text in zip(numbers, texts, strict=True):
        digits, rest = read_number(text, form)
        assert (Decimal(digits), rest) == (number, "")
        assert digits == f"{number:f}"  # the zeros behind the point stay


@given(st.lists(st.integers(1000, 999_999), min_size=1), st.sampled_from([".", ","]))
def test_threes_only_are_never_guessed(numbers: list[int], sign: str) -> None:
    texts = [f"{number:,}".replace(",", sign) for number in numbers]
    form = decide_numbers(texts)
    assert form.decimal == BOTH
    assert {read_number(text, form) for text in texts} == {("", "ambiguous_number")}


@given(st.lists(st.integers(1, 999_999), min_size=1), st.integers(1_000_000, 10**9))
def test_a_number_with_two_groups_decides_for_the_column(numbers: list[int], big: int) -> None:
    texts = [f"{number:,}".replace(",", ".") for number in [*numbers, big]]
    form = decide_numbers(texts)
    assert [read_number(text, form)[0] for text in texts] == [str(n) for n in [*numbers, big]]


@pytest.mark.parametrize(
    ("texts", "bounds", "decimal"),
    [
        # 18.601 as thousands would be no longitude
        (["18.601", "44.110"], Bounds(most=Decimal(180)), "."),
        # half a deminer is not possible, two thousand are
        (["2,006", "1,250"], Bounds(integer=True), "."),
        # but 1.000 may be one, written with three decimals
        (["1.000", "2.000"], Bounds(integer=True), BOTH),
        # no one groups digits behind a zero, or four digits before a separator
        (["0.125", "3.250"], Bounds(), "."),
        (["1234,567"], Bounds(), ","),
        (["12", "7"], Bounds(), ""),
    ],
)
def test_what_rules_out_a_reading(texts: list[str], bounds: Bounds, decimal: str) -> None:
    assert decide_numbers(texts, bounds).decimal == decimal


def test_a_column_of_two_conventions_reads_what_proves_itself() -> None:
    form = decide_numbers(["1.521,82", "12.5", "127.630"])
    assert form.mixed
    assert read_number("1.521,82", form) == ("1521.82", "")
    assert read_number("12.5", form) == ("12.5", "")
    assert read_number("127.630", form) == ("", "ambiguous_number")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 234,50", "1234.50"),
        ("٢١٧٠٫٥", "2170.5"),
        ("۱۲۳۴", "1234"),
        ("007.50", "7.50"),
        ("+3", "3"),
        ("-0", "0"),
        ("-0.50", "-0.50"),
        ("1.5e3", "1500"),
        (".5", "0.5"),
        ("5.", "5"),
    ],
)
def test_single_numbers(text: str, expected: str) -> None:
    assert read_number(text, decide_numbers([text, "0.5"])) == (expected, "")


@pytest.mark.parametrize("text", ["12a5", "abc", "1-2", "1.2.3,4,5", "12 345 m² 7", "1e999"])
def test_what_is_no_number(text: str) -> None:
    digits, why = read_number(text, NumberFormat("."))
    assert digits == ""
    assert why == "not_a_number"


days = st.dates(dt.date(1900, 1, 1), dt.date(2026, 11, 22))


@given(st.lists(days, min_size=1, max_size=30), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y"]))
def test_a_day_above_twelve_decides_the_column(dates: list[dt.date], pattern: str) -> None:
    assume(any(day.day > 12 for day in dates))
    texts = [day.strftime(pattern) for day in dates]
    form = decide_dates(texts, TODAY)
    assert [read_date(text, form) for text in texts] == [(day.isoformat(), "") for day in dates]


@pytest.mark.parametrize(
    ("proof", "expected"), [("13/12/2020", "2020-02-01"), ("12/13/2020", "2020-01-02")]
)
def test_thirteen_is_no_month(proof: str, expected: str) -> None:
    form = decide_dates(["01/02/2020", proof], TODAY)
    assert read_date("01/02/2020", form) == (expected, "")


@given(
    st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12), st.integers(1990, 2025)), min_size=1)
)
def test_no_day_above_twelve_is_never_guessed(parts: list[tuple[int, int, int]]) -> None:
    assume(any(first != second for first, second, _ in parts))
    texts = [f"{first}.{second}.{year}" for first, second, year in parts]
    form = decide_dates(texts, TODAY)
    assert {read_date(text, form) for text in texts} == {("", "ambiguous_date")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01", "2026-03-01"),
        ("2026-03", "2026-03"),
        ("2026", "2026"),
        ("2026/3/1 14:05:00", "2026-03-01"),
        ("20260301", "2026-03-01"),
        ("1 March 2026", "2026-03-01"),
        ("March 1, 2026", "2026-03-01"),
        ("1 de marzo de 2026", "2026-03-01"),
        ("1er mars 2026", "2026-03-01"),
        ("1 марта 2026 г.", "2026-03-01"),
        ("1 березня 2026", "2026-03-01"),
        ("1 مارس 2026", "2026-03-01"),
        ("١ آذار ٢٠٢٦", "2026-03-01"),
        ("15 كانون الثاني 2026", "2026-01-15"),
        ("mar-26", "2026-03"),
        ("03/2026", "2026-03"),
        ("46082", "2026-03-01"),
        ("۲۰۲۶-۰۳-۰۱", "2026-03-01"),
        ("25/12/98", "1998-12-25"),
        ("25/12/25", "2025-12-25"),
    ],
)
def test_single_dates(text: str, expected: str) -> None:
    assert read_date(text, decide_dates([text], TODAY)) == (expected, "")


@pytest.mark.parametrize(
    "text", ["30/02/2020", "2020-13-01", "soon", "32 March 2020", "0020-01-01"]
)
def test_what_is_no_date(text: str) -> None:
    assert read_date(text, DateFormat("dmy")) == ("", "not_a_date")


def test_the_mapping_settles_what_the_column_does_not() -> None:
    assert read_date("01/02/2020", DateFormat("mdy")) == ("2020-01-02", "")
    assert read_number("127.630", NumberFormat(",")) == ("127630", "")


@given(days)
def test_serial_days_of_a_spreadsheet(day: dt.date) -> None:
    assume(day >= dt.date(1950, 1, 1))
    assert excel_day((day - dt.date(1899, 12, 30)).days + 0.75) == day.isoformat()


@pytest.mark.parametrize(
    ("number", "unit", "measure", "expected"),
    [
        ("5.20", "ha", "m2", "52000"),
        ("0.1", "km2", "m2", "100000"),
        ("3", "jerib", "m2", "6000"),
        ("1.5", "دونم", "m2", "1500"),
        ("1", "acre", "m2", "4046.8564224"),
        ("0.15", "m", "cm", "15"),
        ("90", "min", "h", "1.5"),
        ("2170.50", "m²", "m2", "2170.50"),
    ],
)
def test_units_are_exact(number: str, unit: str, measure: str, expected: str) -> None:
    found = find_unit(unit, measure)
    assert found is not None
    assert convert(number, found) == expected


@pytest.mark.parametrize(
    ("heading", "unit"),
    [
        ("Área (ha)", "ha"),
        ("area_sqm", "m2"),
        ("Площадь, га", "ha"),
        ("المساحة (دونم)", "dunam"),
        ("area", None),
    ],
)
def test_units_in_headings(heading: str, unit: str | None) -> None:
    found = unit_in_heading(heading, "m2")
    assert (found.name if found else None) == unit
