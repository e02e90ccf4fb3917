"""Refused rows as a file of the same columns plus the reason, to be mended and imported again."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence

from tilth.core.problems import Problem
from tilth.exchange.delivery import RefusedRow

__all__ = ["PART", "REASON", "refused_csv", "safe_cell"]

REASON, PART = "tilth_reason", "tilth_row"
"""Headings of the columns added; they are not used when the file comes back."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(text: str) -> str:
    """Text that a spreadsheet program does not take for a formula.

    A quotation mark is set before what begins like one, unless it is a plain number.

    Examples
    --------
    >>> safe_cell("=1+1"), safe_cell("-12.5"), safe_cell("Dagua")
    ("'=1+1", '-12.5', 'Dagua')
    """
    if not text.startswith(_FORMULA):
        return text
    digits = text[1:].replace(".", "", 1).replace(",", "", 1)
    return text if text[0] in "+-" and digits.isdecimal() else f"'{text}"


def refused_csv(
    columns: Sequence[str], rows: Sequence[RefusedRow], say: Callable[[Problem], str]
) -> str:
    """Write refused rows as CSV, the columns of the file first.

    Parameters
    ----------
    say
        Turns a problem into words, in the reader's language.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*map(safe_cell, columns), REASON, PART])
    for row in rows:
        cells = list(row.cells) + [""] * (len(columns) - len(row.cells))
        reasons = "; ".join(dict.fromkeys(say(problem) for problem in row.problems))
        writer.writerow([*map(safe_cell, cells), safe_cell(reasons), row.part])
    return text.getvalue()
