"""Papers on pages: nothing a person entered is markup, and programs read the numbers back."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from readers import boxes, embedded, facts, pages, sound

from tilth.documents.blocks import (
    Bar,
    Block,
    Checklist,
    Column,
    Drawing,
    Fields,
    Figure,
    Figures,
    Heading,
    Items,
    PageBreak,
    Paragraph,
    Part,
    Signatures,
    Table,
)
from tilth.documents.paper import Paper
from tilth.documents.typeset import VALUE_NAME, pdf, pictures

Make = Callable[..., Paper]
VALUE = b'{"land":{"remaining_m2":"61500011.500000"}}'

MARKUP = (
    "#set page(fill: red) #panic() $x^2$ \\ \\u{41} *bold* _it_ \"q\" 'a' `code` ```raw``` @ref "
    '<lab> // c /* c */ = heading - item + item ~ -- --- ... [x] {y} #(1+1) #include "/etc/passwd"'
)


SHORT = "#(1+1)*b*_i_$x^2$`c`@r"
SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'


def test_what_looks_like_markup_stands_on_the_page_as_it_was_entered(
    make: Make, tmp_path: Path
) -> None:
    """In every place where a text may stand."""
    part = Part(name="cleared", label=SHORT, amount="1", value=SHORT, share=SHORT)
    figure = Figure(
        label=SHORT,
        level="approved",
        level_name=SHORT,
        value=SHORT,
        exact=f"{SHORT}.",
        until=SHORT,
        left_out=(SHORT,),
        nothing_left_out="",
        position=SHORT,
    )
    empty = Table((Column("x"),), (), empty=SHORT)
    places: dict[Block, int] = {
        Heading(SHORT): 1,
        Heading(SHORT, 2): 1,
        Paragraph(SHORT): 1,
        Paragraph(SHORT, "quiet"): 1,
        Paragraph(SHORT, "warning"): 1,
        Fields(((SHORT, SHORT),), 1): 2,
        Fields(((SHORT, SHORT),)): 2,
        Table((Column(SHORT),), ((SHORT,),), total=(SHORT,), caption=SHORT): 4,
        empty: 1,
        Figures((figure,)): 7,
        Bar(title=SHORT, parts=(part,), closure=SHORT, closed=True, notes=((SHORT, SHORT),)): 7,
        Checklist(((SHORT, "no", SHORT, SHORT),), (SHORT, SHORT, SHORT)): 6,
        Items((SHORT,)): 1,
        Items((SHORT,), numbered=True): 1,
        Signatures(((SHORT, SHORT, SHORT),), SHORT, SHORT): 5,
        Drawing(svg=SQUARE, alt=SHORT, caption=SHORT): 1,
    }
    for block, times in places.items():
        text = "".join("".join(pages(tmp_path, pdf(make(block)))).split())
        assert text.count(SHORT) == times, type(block).__name__
    made = pdf(make(Paragraph(MARKUP), operation=MARKUP))
    text = " ".join(pages(tmp_path, made)[0].split())
    for piece in ("#set page(fill: red) #panic()", "*bold* _it_", "@ref <lab> // c /* c */"):
        assert text.count(piece) >= 2, piece
    assert facts(tmp_path, made)["Title"] == "Page"


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.text(max_size=200), min_size=4, max_size=4))
def test_any_text_can_be_set(make: Make, texts: list[str]) -> None:
    one, two, three, four = texts
    table = Table((Column(one),), ((two,),), caption=three)
    made = pdf(make(Heading(four), Paragraph(one), Fields(((two, three),)), table))
    assert made.startswith(b"%PDF-1.7")


def test_what_would_turn_the_reading_direction_is_shown(make: Make, tmp_path: Path) -> None:
    made = pdf(make(Paragraph("a\u202egnp.exe\u2066b\x00c\x1bd")))
    (text,) = pages(tmp_path, made)
    assert "a\ufffdgnp.exe\ufffdb\ufffdc\ufffdd" in text


def test_a_word_without_end_stays_on_the_page(make: Make, tmp_path: Path) -> None:
    endless = "W" * 400
    table = Table((Column("x"), Column("y", "end")), ((endless, endless),))
    made = pdf(make(Paragraph(endless), Fields(((endless, endless),)), table))
    assert all(left > 40 and right < 555 for left, right, _ in boxes(tmp_path, made))


def test_the_embedded_value_is_read_back_byte_for_byte(make: Make, tmp_path: Path) -> None:
    made = pdf(make(Paragraph("x")), VALUE)
    found = embedded(tmp_path, made)
    assert found == {VALUE_NAME: VALUE, "land.csv": b"a,b\n1,2\n"}
    assert sound(tmp_path, made)


def test_a_document_calls_itself_pdf_a_3b_and_holds_its_fonts(make: Make, tmp_path: Path) -> None:
    from readers import kept, run

    made = pdf(make(Paragraph("한국 арка العربية")), VALUE)
    meta = run("pdfinfo", "-meta", kept(tmp_path, made))
    assert "<pdfaid:part>3</pdfaid:part>" in meta
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in meta
    fonts = run("pdffonts", kept(tmp_path, made)).splitlines()[2:]
    names = {line.split()[0].split("+")[1] for line in fonts}
    assert names == {"NotoSansRegular", "NotoSansBold"}
    assert all(line.split()[-5:-2] == ["yes", "yes", "yes"] for line in fonts)


def test_the_same_paper_gives_the_same_bytes(
    make: Make, every_block: Callable[[str], tuple[Block, ...]]
) -> None:
    paper = make(*every_block("ar"), language="ar")
    assert pdf(paper, VALUE) == pdf(paper, VALUE)
    assert pdf(paper, VALUE) != pdf(paper, VALUE.replace(b"5", b"6"))


def test_the_file_is_dated_with_its_position(make: Make, tmp_path: Path) -> None:
    from readers import kept, run

    made = pdf(make(Paragraph("x")))
    assert "2026-12-12T14:03:00" in run("pdfinfo", "-isodates", kept(tmp_path, made))


def test_every_page_says_level_day_position_code_and_its_number(make: Make, tmp_path: Path) -> None:
    found = pages(tmp_path, pdf(make(Paragraph("x"), PageBreak(), Paragraph("y"))))
    assert len(found) == 2
    for number, text in enumerate(found, 1):
        for words in (
            "Northern District",
            "● approved",
            "until 2026-12-12",
            "known at 2026-12-12 14:03 UTC",
            "8G9PZ-8TNPD-KRM4A-6NMBF-6",
            "1 log, 1 200 statements, 5dc9da79…",
            f"page {number} of 2",
            "SYNTHETIC",
        ):
            assert words in text, words


@pytest.mark.parametrize("synthetic", [True, False])
def test_synthetic_stands_across_every_page_and_on_no_other(
    make: Make, tmp_path: Path, synthetic: bool
) -> None:
    """In the head, and once more across the page, where its letters are read one by one."""
    for text in pages(
        tmp_path, pdf(make(Paragraph("x"), PageBreak(), Paragraph("y"), synthetic=synthetic))
    ):
        letters = "".join(text.split())
        assert ("SYNTHETIC" in text) is synthetic
        assert all((letters.count(one) >= 2) is synthetic for one in "Y")


def test_what_is_not_issued_says_so(make: Make, tmp_path: Path) -> None:
    (text,) = pages(tmp_path, pdf(make(Paragraph("x"), code="")))
    assert "draft, not issued" in text


def test_pictures_show_each_page(make: Make) -> None:
    shown = pictures(make(Paragraph("x"), PageBreak(), Paragraph("y")), dots_per_inch=20)
    assert [one[:4] for one in shown] == [b"\x89PNG", b"\x89PNG"]
