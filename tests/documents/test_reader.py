"""How numbers and days are written: a figure copied from one language to another stays the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.documents.reader import Reader, reader_in
from tilth.text.language import languages

LANGUAGES = ("en", "fr", "es", "ru", "uk", "ar", "ko")


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "2\u202f170\u202f631.03\u00a0m²"),
        ("ar", "2\u202f170\u202f631.03\u00a0m²"),
        ("ko", "2\u202f170\u202f631.03\u00a0m²"),
        ("fr", "2\u202f170\u202f631,03\u00a0m²"),
        ("es", "2\u202f170\u202f631,03\u00a0m²"),
        ("ru", "2\u202f170\u202f631,03\u00a0m²"),
        ("uk", "2\u202f170\u202f631,03\u00a0m²"),
    ],
)
def test_square_metres_in_each_language(language: str, written: str) -> None:
    assert reader_in(language).exact("2170631.03") == written


@given(st.sampled_from(LANGUAGES), st.decimals(0, 10**12, places=2))
def test_a_comma_or_point_is_only_ever_the_decimal_sign(language: str, area: object) -> None:
    written = reader_in(language).exact(str(area))
    assert written.count(",") + written.count(".") <= 1
    assert all(one in "0123456789" for one in written if one.isdecimal())
    digits = written.removeprefix("<\u00a0").removesuffix("\u00a0m²").replace("\u202f", "")
    digits = digits.replace(",", ".")
    assert float(digits) == pytest.approx(float(str(area)), abs=0.01)


@pytest.mark.parametrize(
    ("text", "unit", "written"),
    [
        ("-0.5", "m", "−0,5\u00a0m"),
        ("1234.50", "kg", "1\u202f234,50\u00a0kg"),
        ("20", "cm", "20\u00a0cm"),
        (".5", "", "0,5"),
    ],
)
def test_decimals_keep_the_digits_that_were_entered(text: str, unit: str, written: str) -> None:
    assert reader_in("fr").decimal(text, unit) == written


def test_words_between_numbers_keep_their_commas() -> None:
    line = "indications, listed beside: 1,234, declared 12.50 m²"
    assert reader_in("fr").numbers(line) == (
        "indications, listed beside: 1\u202f234, declared 12,50\u00a0m²"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_days_are_written_alike_in_every_language(language: str) -> None:
    reader = reader_in(language)
    assert [reader.day(day) for day in ("2026-12-31", "2026-12", "2026")] == [
        "2026-12-31",
        "2026-12",
        "2026",
    ]
    assert reader.moment("2026-12-12T14:03:59Z") == "2026-12-12 14:03 UTC"


def test_there_is_a_catalogue_for_each_language() -> None:
    assert set(languages()) == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_say_that_no_native_speaker_looked_at_them(language: str) -> None:
    value = {
        "document": "x",
        "operation": "x",
        "synthetic": False,
        "moment": "2026-01-01T00:00:00Z",
    }
    notes = reader_in(language).paper(value, "", [], []).notes
    english = "not reviewed by a native speaker"
    assert (english in notes) is (language != "en")
    assert len(notes) == (0 if language == "en" else 2)


def test_a_figure_carries_level_day_position_and_what_it_leaves_out() -> None:
    account = {
        "level": "prudent",
        "until": "2026-12-12",
        "position": [{"log": "a", "size": 7, "root": "5dc9da79a7"}],
        "left_out": {"returned": {"records": 2, "m2": "1234.5"}},
    }
    figure = Reader("en", str).area_figure("Remaining", "21706.31", account)
    assert (figure.value, figure.exact) == ("2.17\u00a0ha", "21\u202f706.31\u00a0m²")
    assert (figure.level, figure.until) == ("prudent", "until 2026-12-12")
    assert figure.left_out == ("returned: 2, 1\u202f234.50\u00a0m²",)
    assert "7 statements, 5dc9da79…" in figure.position
