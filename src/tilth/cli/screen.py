"""Where answers go: a terminal or a pipe, with marks or plain ASCII, with colour or without.

Texts from files may hold control characters that would move the cursor or turn the reading
direction; nothing reaches the terminal before they are made visible.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from tilth.text import figures

__all__ = ["Column", "Screen", "clean", "open_screen", "progress"]

_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    r"""Text with control characters and direction marks made visible, on one line.

    Examples
    --------
    >>> clean("a\x1b[31mb\nc")
    'a�[31mb c'
    """
    return _UNSAFE.sub("�", text.replace("\n", " ").replace("\t", " ").replace("\r", " "))


@dataclass(frozen=True, slots=True)
class Column:
    """Heading of a table's column; numbers stand to the right and never break."""

    heading: str = ""
    numeric: bool = False
    wrap: bool = True


@dataclass(frozen=True, slots=True)
class Screen:
    """One place to write to.

    Parameters
    ----------
    console
        Knows the width and whether colour may be used.
    ascii
        Replace marks and signs by ASCII.
    """

    console: Console
    ascii: bool = False

    def said(self, text: str) -> str:
        """Text as it may be shown here."""
        text = clean(text)
        return figures.plain(text) if self.ascii else text

    def line(self, text: str = "", style: str = "") -> None:
        """Write a line, broken at the width."""
        self.console.print(Text(self.said(text), style=style), overflow="fold")

    def spans(self, *spans: tuple[str, str]) -> None:
        """Write a line of differently styled texts, each given as (text, style)."""
        made = Text()
        for text, style in spans:
            made.append(self.said(text), style=style)
        self.console.print(made, overflow="fold")

    def table(
        self, columns: Sequence[Column], rows: Sequence[Sequence[str | tuple[str, str]]]
    ) -> None:
        """Write aligned rows; a cell is a text or (text, style)."""
        made = Table(
            box=None,
            padding=(0, 2, 0, 0),
            pad_edge=False,
            show_header=any(column.heading for column in columns),
            header_style="dim",
        )
        for column in columns:
            made.add_column(
                self.said(column.heading),
                justify="right" if column.numeric else "left",
                no_wrap=column.numeric or not column.wrap,
                overflow="fold",
            )
        for row in rows:
            cells = (cell if isinstance(cell, tuple) else (cell, "") for cell in row)
            made.add_row(*(Text(self.said(text), style=style) for text, style in cells))
        self.console.print(made)

    def last(self, happened: str, following: str = "") -> None:
        """Last line of every answer: what happened, and what to do next.

        A command that would be broken at the width stands on a line of its own.
        """
        self.line()
        following = self.said(following)
        fits = cell_len(f"{self.said(happened)}  Next: {following}") <= self.console.width
        if not following or fits:
            more = [("  Next: ", "dim"), (following, "")] if following else []
            self.spans((happened, "bold"), *more)
            return
        self.line(happened, "bold")
        self.spans(("Next: ", "dim"), (following, ""))

    def json(self, value: Any) -> None:
        """Write a value as JSON, unbroken and without colour, whatever the width."""
        text = json.dumps(value, ensure_ascii=self.ascii, indent=2, allow_nan=False)
        self.console.file.write(f"{text}\n")


def open_screen(
    *, ascii_only: bool = False, stream: IO[str] | None = None, width: int | None = None
) -> Screen:
    """Screen on standard output, or on another stream.

    Falls back to ASCII where the stream's encoding cannot show the marks.
    """
    out = stream if stream is not None else sys.stdout
    try:
        "◐╱²".encode(getattr(out, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        ascii_only = True
    console = Console(
        file=out, width=width, highlight=False, markup=False, emoji=False, safe_box=True
    )
    return Screen(console, ascii_only)


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Show a progress bar on standard error while the block runs; silent when that is no terminal.

    Yields a function that is told how much is done so far.
    """
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task(clean(what), total=total)
        yield lambda done: bar.update(task, completed=done)
