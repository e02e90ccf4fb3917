"""What stands on the pages of a document, block below block: plain data before any typesetting.

Labels are translated already, numbers and days are written already (`tilth.documents.reader`).
Nothing in a text is markup: `tilth.documents.typeset` sets it as it is.
"""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = [
    "Bar",
    "Block",
    "Checklist",
    "Column",
    "Drawing",
    "Fields",
    "Figure",
    "Figures",
    "Heading",
    "Items",
    "PageBreak",
    "Paragraph",
    "Part",
    "Signatures",
    "Table",
]

Align = Literal["start", "end", "center"]
Tone = Literal["plain", "quiet", "warning"]
Answer = Literal["yes", "no", "not_applicable", "not_seen", "open"]


class _Value(msgspec.Struct, frozen=True, kw_only=True):
    """Plain data."""


class _Block(msgspec.Struct, frozen=True, tag_field="block"):
    """One thing below the other on the pages."""


class Heading(_Block, frozen=True, tag="heading"):
    """Heading; depth 1 for a part, 2 for a section of it."""

    text: str
    depth: int = 1


class Paragraph(_Block, frozen=True, tag="paragraph"):
    """Running text; line breaks in it are kept.

    ``warning`` sets it in a frame: what must not be overlooked.
    """

    text: str
    tone: Tone = "plain"


class Fields(_Block, frozen=True, tag="fields"):
    """Label and value pairs, side by side where there is room.

    Parameters
    ----------
    rows
        ``(label, value)``; a pair with an empty value shows a dash: not said is shown as such.
    columns
        How many pairs stand beside each other: 1 or 2.
    """

    rows: tuple[tuple[str, str], ...]
    columns: int = 2


class Column(msgspec.Struct, frozen=True):
    """Head of a table's column.

    Parameters
    ----------
    share
        Part of the free width; 0 takes as much as the column's texts need.
    """

    label: str
    align: Align = "start"
    share: float = 0


class Table(_Block, frozen=True, tag="table"):
    """Table whose head is repeated on every page.

    Parameters
    ----------
    rows
        As many texts in each as there are columns.
    total
        Last row, set apart; empty without one.
    caption
        Stands above.
    empty
        What is said instead of a table without rows.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] = ()
    caption: str = ""
    empty: str = ""


class Figure(_Value, frozen=True, kw_only=True):
    """A number with all that belongs to it; nothing else on a page shows an account's number.

    Parameters
    ----------
    label
        What is counted.
    level
        ``reported``, ``verified``, ``approved`` or ``prudent``: its mark stands first.
    level_name
        The level in the reader's language.
    value, exact
        In the unit that reads best, and in m² or pieces to the last digit; equal ones show once.
    until
        Day it holds until, with its word: ``until 2026-12-12``.
    left_out
        What it leaves out, a line for each reason; empty says ``nothing_left_out``.
    position
        Short position.
    """

    label: str
    level: str
    level_name: str
    value: str
    exact: str
    until: str
    left_out: tuple[str, ...]
    nothing_left_out: str
    position: str


class Figures(_Block, frozen=True, tag="figures"):
    """Figures beside each other, at most three in a row."""

    figures: tuple[Figure, ...]


class Part(_Value, frozen=True, kw_only=True):
    """One part of a bar.

    Parameters
    ----------
    name
        ``remaining``, ``cancelled``, ``reduced``, ``cleared``: its mark of the interface.
    amount
        Exact decimal, for its length.
    value, share
        As written beside it.
    """

    name: str
    label: str
    amount: str
    value: str
    share: str


class Bar(_Block, frozen=True, tag="bar"):
    """The land account as a bar with its legend and its closure.

    Parameters
    ----------
    closure
        Sentence that says whether the balance closes.
    notes
        What stands beside the balance, ``(label, value)``: extensions, re-processed, unattached.
    """

    title: str
    parts: tuple[Part, ...]
    closure: str
    closed: bool
    notes: tuple[tuple[str, str], ...] = ()


class Drawing(_Block, frozen=True, tag="drawing"):
    """A picture such as a map, over the whole width.

    Parameters
    ----------
    svg
        Whole SVG document, made by this program (`tilth.documents.maps`).
    alt
        What it shows, for who cannot see it.
    """

    svg: str
    alt: str
    caption: str = ""
    width_percent: int = 100


class Checklist(_Block, frozen=True, tag="checklist"):
    """Questions with an answer and a remark.

    Parameters
    ----------
    rows
        ``(question, answer, answer in words, remark)``; the answer is one of `Answer`.
    heads
        Heads of the columns question, answer, remark.
    """

    rows: tuple[tuple[str, Answer, str, str], ...]
    heads: tuple[str, str, str]


class Signatures(_Block, frozen=True, tag="signatures"):
    """Fields to sign: ``(role, name, organisation)`` each, with words for signature and date."""

    rows: tuple[tuple[str, str, str], ...]
    signature: str
    date: str


class Items(_Block, frozen=True, tag="items"):
    """A list; ``numbered`` counts its entries."""

    texts: tuple[str, ...]
    numbered: bool = False


class PageBreak(_Block, frozen=True, tag="page_break"):
    """What follows begins on a new page."""


Block = (
    Heading
    | Paragraph
    | Fields
    | Table
    | Figures
    | Bar
    | Drawing
    | Checklist
    | Signatures
    | Items
    | PageBreak
)
