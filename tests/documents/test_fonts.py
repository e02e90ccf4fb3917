"""Fonts that are shipped: where they come from, and that they hold every letter we print."""

import hashlib
import unicodedata

import pytest
from babel.messages.pofile import read_po
from fontTools.ttLib import TTFont

from tilth.documents.letters import FONTS, printable
from tilth.text import figures
from tilth.text.language import LOCALE

LISTED = dict(
    line.split()[::-1][:2]
    for line in (FONTS / "VENDORED").read_text().splitlines()
    if line.startswith("sha256")
)


REGULAR, BOLD = (
    set(TTFont(FONTS / f"NotoSans-{style}.ttf").getBestCmap()) for style in ("Regular", "Bold")
)


def test_every_font_is_the_one_that_is_listed() -> None:
    held = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in FONTS.glob("*.ttf")
    }
    assert held == LISTED
    assert "SIL Open Font License, Version 1.1" in (FONTS / "OFL.txt").read_text("utf-8")


def test_the_list_of_letters_is_that_of_the_fonts() -> None:
    for point in (*range(0x20, 0x3000), *range(0xAC00, 0xD7B0), 0x1F600):
        letter = chr(point)
        if letter == unicodedata.normalize("NFC", letter) and "�" not in printable(letter):
            assert (printable(letter) == letter) is (point in REGULAR), hex(point)


def test_both_weights_hold_the_same_letters() -> None:
    assert REGULAR == BOLD


@pytest.mark.parametrize(
    "language", sorted(path.name for path in LOCALE.iterdir() if path.is_dir())
)
def test_every_letter_of_a_catalogue_is_held(language: str) -> None:
    with (LOCALE / language / "LC_MESSAGES" / "tilth.po").open("rb") as file:
        words = {str(one.string) for one in read_po(file) if one.id}
    missing = {letter for word in words for letter in word if ord(letter) not in REGULAR} - {"\n"}
    assert not missing


def test_the_marks_of_the_interface_are_held() -> None:
    marks = "".join(one.mark for one in figures.LEVELS.values()) + "◌⊘⚠✓✗☐−²·…≤≥→–\u202f\u00a0"
    assert set(map(ord, marks)) <= REGULAR


def test_korean_syllables_are_those_of_the_national_standard() -> None:
    rows = (bytes((row, cell)) for row in range(0xB0, 0xC9) for cell in range(0xA1, 0xFF))
    standard = {ord(pair.decode("euc_kr")) for pair in rows}
    assert len(standard) == 2350
    assert standard <= REGULAR
