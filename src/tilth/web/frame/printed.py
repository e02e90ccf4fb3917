"""Figures, marks and days as pages print them; nothing else prints a figure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from tilth.documents.reader import Reader, reader_in
from tilth.text import accounts
from tilth.text.figures import LEVELS, Number
from tilth.text.language import say_in
from tilth.web.frame.cut import Cut

__all__ = ["area", "count", "cutlink", "day", "exact", "figure", "mark", "moment", "share"]


def _reader() -> Reader:
    return reader_in(get_language() or "en")


def mark(level: str) -> SafeString | str:
    """Mark of a level with its word for those who do not see it."""
    found = LEVELS.get(level)
    if found is None:
        return ""
    word = say_in(get_language() or "en")(level)
    return format_html(
        '<span class="mark mark-{}" title="{}"><span aria-hidden="true">{}</span>'
        '<span class="unseen">{}</span></span>',
        level,
        word,
        found.mark,
        word,
    )


def area(m2: Number | None) -> SafeString | str:
    """Area in the unit that reads best, exact m² in its title."""
    if m2 is None:
        return "–"
    reader = _reader()
    return format_html(
        '<data class="number" value="{}" title="{}">{}</data>',
        Decimal(str(m2)),
        reader.exact(m2),
        reader.area(m2),
    )


def exact(m2: Number | None) -> str:
    """Area in m², to the square centimetre."""
    return "–" if m2 is None else _reader().exact(m2)


def count(number: Number | None) -> SafeString | str:
    """Whole number in groups of three."""
    if number is None:
        return "–"
    return format_html('<data class="number" value="{}">{}</data>', number, _reader().count(number))


def share(part: Number, whole: Number) -> str:
    """Part of a whole in per cent; nothing where there is no whole."""
    return _reader().share(part, whole) if whole else ""


def day(text: str | None) -> SafeString | str:
    """Day, month or year, in ISO 8601 in every language."""
    if not text:
        return "–"
    return format_html('<time datetime="{}" dir="ltr">{}</time>', text, text[:10])


def moment(text: str | None) -> SafeString | str:
    """Time in UTC, to the minute."""
    if not text:
        return "–"
    return format_html('<time datetime="{}" dir="ltr">{}</time>', text, _reader().moment(str(text)))


def figure(
    context: Context,
    label: str,
    value: Number | None,
    *,
    unit: str = "m2",
    account: Mapping[str, Any] | None = None,
    how: str = "",
    mark: str = "",
    size: str = "",
) -> dict[str, Any]:
    """The one component for a figure.

    Parameters
    ----------
    value
        m² where ``unit`` is ``m2``, else a count (``items``) or a decimal with that unit.
    account
        What `tilth.service.accounting.account` answers, or as much of it as says ``level``,
        ``until``, ``known_at``, ``position``, ``left_out`` and ``land``.
    how
        Address of how the figure came to be.
    mark
        Key of the land's pattern, such as ``cleared``.
    size
        ``large`` or ``small``.
    """
    known = account or {}
    say = say_in(get_language() or "en")
    left_out = accounts.left_out_lines(known, say) if "land" in known else []
    reader = _reader()
    return {
        "label": label,
        "value": value,
        "unit": unit,
        "text": _figure_text(value, unit),
        "level": known.get("level", ""),
        "until": known.get("until", ""),
        "position": accounts.position_line(known, say) if known.get("position") else "",
        "known_at": reader.moment(str(known.get("known_at", ""))),
        "left_out": [reader.numbers(line) for line in left_out],
        "how": how,
        "key": mark,
        "size": size,
        "cut": context.get("cut"),
    }


def _figure_text(value: Number | None, unit: str) -> SafeString | str:
    if unit == "m2":
        return area(value)
    if unit in ("items", ""):
        return count(value)
    return "–" if value is None else _reader().decimal(value, unit)


def cutlink(context: Context, **changes: Any) -> str:
    """Query of this page's cut with changes, beginning with ``?``."""
    cut: Cut = context.get("cut") or Cut()
    return f"?{cut.query(**changes)}"
