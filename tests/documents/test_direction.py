"""Numbers, days and ids among letters that run the other way."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.documents.direction import isolated, needs_direction, right_to_left

CONTROLS = re.compile("[\u2066-\u2069]")


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("حتى 2026-12-12 فقط", ["2026-12-12"]),
        ("بقي 61\u202f500\u202f011.50\u00a0m² من الأرض.", ["61\u202f500\u202f011.50\u00a0m²"]),
        ("المنطقة HA-7، 12 cm", ["HA-7", "12 cm"]),
        ("−3,5 ha < 0.1 %", ["−3,5 ha", "< 0.1 %"]),
        ("الشبكة، 50.000° N 36.000° E (WGS 84 LAEA).", ["50.000° N 36.000° E (WGS 84 LAEA)"]),
        ("لدى Engineer Contingent (SEC) في", ["Engineer Contingent (SEC)"]),
        ("المنطقة (HA-7)", ["HA-7"]),
        ("مُعاد: 2, 1\u202f234.50\u00a0m²", ["2", "1\u202f234.50\u00a0m²"]),
        ("صفحة {page} من {pages}", []),
        ("علامات. Marking missing along 40 m.", ["Marking missing along 40 m"]),
        ("الرمز X00M3-VPBGE-AK9TT-9Y4V2-~", ["X00M3-VPBGE-AK9TT-9Y4V2-~"]),
        ("الرمز 8G9PZ-8TNPD-KRM4A-6NMBF-6.", ["8G9PZ-8TNPD-KRM4A-6NMBF-6"]),
    ],
)
def test_numbers_days_and_ids_read_from_left_to_right(line: str, kept: list[str]) -> None:
    assert re.findall("\u2066(.*?)\u2069", isolated(line)[1:-1]) == kept
    assert right_to_left(line)[0] == "\u2067"


@given(
    st.text(
        st.characters(
            exclude_categories=("Cs", "Cc"), exclude_characters="\u2066\u2067\u2068\u2069"
        )
    )
)
def test_nothing_is_lost_and_every_sign_is_closed(line: str) -> None:
    for made in (isolated(line), right_to_left(line)):
        assert CONTROLS.sub("", made) == line
        depth = 0
        for sign in CONTROLS.findall(made):
            depth += -1 if sign == "\u2069" else 1
            assert depth >= 0
        assert depth == 0


@pytest.mark.parametrize(
    ("text", "needed"), [("abc", False), ("지뢰", False), ("a قرية", True), ("", False)]
)
def test_only_scripts_from_the_right_need_it(text: str, needed: bool) -> None:
    assert needs_direction(text) is needed
