"""Papers that tests of documents set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tilth.documents.blocks import (
    Block,
    Checklist,
    Column,
    Fields,
    Figures,
    Heading,
    Items,
    PageBreak,
    Paragraph,
    Signatures,
    Table,
)
from tilth.documents.paper import Attachment, Paper
from tilth.documents.reader import reader_in

POSITION = [{"log": "a", "size": 1200, "root": "5dc9da79a70659a9"}]
ACCOUNT = {
    "level": "approved",
    "until": "2026-12-12",
    "position": POSITION,
    "left_out": {"returned": {"records": 2, "m2": "1234.500000"}},
    "land": {
        "recorded_m2": "424000000.000000",
        "extensions_m2": "12.500000",
        "overlaps_m2": "0.000000",
        "cancelled_m2": "60000000.000000",
        "reduced_m2": "2500000.250000",
        "cleared_m2": "300000000.750000",
        "remaining_m2": "61500011.500000",
        "closure_m2": "0.0",
    },
    "not_closed": [],
}
VALUE: dict[str, Any] = {
    "document": "test_page",
    "operation": "Northern District",
    "synthetic": True,
    "level": "approved",
    "until": "2026-12-12",
    "moment": "2026-12-12T14:03:00Z",
    "position": POSITION,
    "code": "8G9PZ-8TNPD-KRM4A-6NMBF-6",
    "subject": {"name": "HA-7", "record": "ab/hazard_area/HA-7"},
}


@pytest.fixture
def make() -> Callable[..., Paper]:
    """Make a paper of blocks."""

    def paper(*blocks: Block, language: str = "en", **changes: Any) -> Paper:
        value = {**VALUE, **changes}
        table = Attachment(name="land.csv", media_type="text/csv", about="land", text="a,b\n1,2\n")
        reader = reader_in(language)
        return reader.paper(value, "Page", ["HA-7"], blocks, [table])

    return paper


@pytest.fixture
def every_block() -> Callable[[str], tuple[Block, ...]]:
    """One of each block, for a reader of a language."""

    def blocks(language: str) -> tuple[Block, ...]:
        reader = reader_in(language)
        say = reader.say
        return (
            Heading(say("land and items")),
            reader.land_bar(say("recorded"), ACCOUNT),
            Figures(
                (
                    reader.area_figure(say("remaining"), "61500011.500000", ACCOUNT),
                    reader.count_figure(say("found"), 1_500_000, ACCOUNT),
                )
            ),
            Fields(((say("Depth"), "20 cm"), ("قرية", "أرض مشتبه بها HA-7، 2026-03-01"))),
            Fields((("지뢰", "제거 완료"), (say("Reason"), "")), 1),
            Table(
                (Column(say("Area"), "start", 1), Column(say("Day")), Column("m²", "end")),
                (("RA-1", "2026-03-01", reader.exact("1234.50")), ("RA-2", "", "")),
                total=(say("all"), "", reader.exact("1234.50")),
                caption=say("cleared"),
                empty="-",
            ),
            Table((Column("x"),), (), empty=say("No report is recorded.")),
            Checklist(
                (
                    ("A?", "yes", "yes", ""),
                    ("B?", "no", "no", "two pickets"),
                    ("C?", "open", "open", ""),
                    ("D?", "not_seen", "not seen", ""),
                    ("E?", "not_applicable", "not applicable", ""),
                ),
                ("Question", "Answer", "Remark"),
            ),
            Paragraph("A line.\nAnother line."),
            Paragraph("Aside.", "quiet"),
            Paragraph(say("not reviewed by a native speaker"), "warning"),
            Items(("one", "two")),
            Items(("one", "two"), numbered=True),
            PageBreak(),
            Heading(say("cleared"), 2),
            Signatures((("Operator", "A. B.", "Org"), ("Land user", "", "")), "Signature", "Date"),
        )

    return blocks
