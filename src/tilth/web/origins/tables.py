"""Tables as files: exact values, safe to open in a spreadsheet, SYNTHETIC where they are."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse

__all__ = ["as_csv"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(
    name: str, heading: Sequence[str], rows: Iterable[Sequence[Any]], synthetic: bool
) -> HttpResponse:
    """A table to take away, UTF-8 with a mark so that spreadsheets read it as such.

    Text that a spreadsheet would take for a formula gets an apostrophe; numbers stay numbers.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*heading, *(["synthetic"] if synthetic else [])])
    for row in rows:
        writer.writerow([*(_safe(one) for one in row), *(["SYNTHETIC"] if synthetic else [])])
    response = HttpResponse(
        "\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8", charset="utf-8"
    )
    called = re.sub(r"[^A-Za-z0-9._-]+", "-", f"{'SYNTHETIC-' if synthetic else ''}{name}")
    response["Content-Disposition"] = f'attachment; filename="{called}.csv"'
    return response


def _safe(value: Any) -> Any:
    text = str(value)
    if isinstance(value, str) and text.startswith(_FORMULA) and not _is_number(text):
        return f"'{text}"
    return value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
