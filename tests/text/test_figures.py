"""Figures as the interface page says: m² below 1 ha, ha above, km² from 1,000 ha; marks; days."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.text import figures


@pytest.mark.parametrize(
    ("m2", "written"),
    [
        (0, "0 m²"),
        (0.0, "0 m²"),
        (-0.0, "0 m²"),
        (1e-9, "< 0.01 m²"),
        (-1e-9, "> −0.01 m²"),
        (12.345, "12.35 m²"),
        (9_999.99, "9,999.99 m²"),
        (9_999.996, "1.00 ha"),
        ("10000", "1.00 ha"),
        (-25_000, "−2.50 ha"),
        (9_999_940, "999.99 ha"),
        (9_999_960, "10.00 km²"),
        (424_000_000, "424.00 km²"),
        (Decimal("2170631.03"), "217.06 ha"),
    ],
)
def test_area_takes_the_unit_that_reads_best(m2: object, written: str) -> None:
    assert figures.area(m2) == written  # type: ignore[arg-type]


def test_exact_area_keeps_every_digit_of_a_large_sum() -> None:
    assert figures.area_exact("12345678901234567.89") == "12,345,678,901,234,567.89 m²"


@given(st.floats(min_value=1e-12, max_value=1e12))
def test_what_is_not_zero_never_reads_as_zero(m2: float) -> None:
    assert figures.area(m2).split(" ")[0] not in {"0", "0.00"}
    assert not figures.area_exact(m2).startswith("0 ")


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_a_part_never_reads_as_nothing_or_all(part: int, rest: int) -> None:
    assert figures.share(part, part + rest) not in {"0 %", "100 %", ""}


def test_days_keep_their_precision() -> None:
    assert figures.day("2026-03-01") == "1 Mar 2026"
    assert figures.day("2026-03") == "Mar 2026"
    assert figures.day("2026") == "2026"
    assert figures.day("2026-03-01T10:00:00Z") == "1 Mar 2026"
    assert figures.day("2026-13") == "2026-13"


def test_plain_leaves_names_alone() -> None:
    assert figures.plain("● Харків · 3 km²") == "* Харків | 3 km2"
    assert {figures.plain(one.mark) for one in figures.LEVELS.values()} == {"o", "%", "*", "^"}
