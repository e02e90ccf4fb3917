"""What pages look like: a wrong number, label or reading direction is seen in the picture."""

from collections.abc import Callable
from typing import Any

import pytest
from pictures import DOTS_PER_INCH, differing, stored

from tilth.documents import direction, typeset
from tilth.documents.blocks import Block, Fields, Heading, Table
from tilth.documents.paper import Paper
from tilth.documents.typeset import pictures

Make = Callable[..., Paper]
Blocks = Callable[[str], tuple[Block, ...]]


def first_page(paper: Paper) -> bytes:
    return pictures(paper, dots_per_inch=DOTS_PER_INCH)[0]


@pytest.mark.parametrize("language", ["en", "ar", "ko", "uk"])
def test_a_page_looks_as_it_did(make: Make, every_block: Blocks, language: str) -> None:
    page = first_page(make(*every_block(language), language=language))
    assert differing(page, stored(f"every-block-{language}", page)) == 0


def changed(
    blocks: tuple[Block, ...], kind: type[Block], change: Callable[[Any], Block]
) -> list[Block]:
    """Blocks with the first of a kind changed."""
    at = next(n for n, one in enumerate(blocks) if isinstance(one, kind))
    return [*blocks[:at], change(blocks[at]), *blocks[at + 1 :]]


def other_number(table: Table) -> Table:
    (name, day, area), *rest = table.rows
    wrong = area.replace("234", "284")
    assert wrong != area
    return Table(
        table.columns, ((name, day, wrong), *rest), table.total, table.caption, table.empty
    )


@pytest.mark.parametrize("language", ["en", "ar"])
def test_one_wrong_digit_is_seen(make: Make, every_block: Blocks, language: str) -> None:
    blocks = changed(every_block(language), Table, other_number)
    page = first_page(make(*blocks, language=language))
    assert differing(page, stored(f"every-block-{language}", page)) > 0


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_wrong_label_is_seen(make: Make, every_block: Blocks, language: str) -> None:
    def relabelled(fields: Fields) -> Fields:
        (_, value), *rest = fields.rows
        return Fields((("Death", value), *rest), fields.columns)

    blocks = changed(every_block(language), Fields, relabelled)
    page = first_page(make(*blocks, language=language))
    assert differing(page, stored(f"every-block-{language}", page)) > 0


def test_a_line_read_from_the_wrong_end_is_seen(
    make: Make, every_block: Blocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the signs of direction the day in an Arabic line reads 01-03-2026."""
    with monkeypatch.context() as broken:
        broken.setattr(typeset, "isolated", lambda line: line)
        page = first_page(make(*every_block("ar"), language="ar"))
    assert differing(page, stored("every-block-ar", page)) > 0
    assert typeset.isolated is direction.isolated


def test_a_page_set_from_the_wrong_side_is_seen(make: Make, every_block: Blocks) -> None:
    import msgspec

    paper = make(*every_block("ar"), language="ar")
    page = first_page(msgspec.structs.replace(paper, right_to_left=False))
    assert differing(page, stored("every-block-ar", page)) > 100


def test_the_comparison_sees_size_and_nothing_where_there_is_nothing(make: Make) -> None:
    page = first_page(make(Heading("x")))
    assert differing(page, page) == 0
    larger = pictures(make(Heading("x")), dots_per_inch=80)[0]
    assert differing(page, larger) > 1000
