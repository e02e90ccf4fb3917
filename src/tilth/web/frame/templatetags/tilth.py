"""Tags that print figures, marks, days and problems; nothing else prints a figure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import template
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tilth.core.findings import Finding
from tilth.core.kinds.catalogue import CODELISTS, KINDS
from tilth.core.problems import Problem
from tilth.core.statement import split_record_id
from tilth.documents.reader import Reader, reader_in
from tilth.service.recalling import OpenRecall
from tilth.text import accounts
from tilth.text.figures import LEVELS, Number
from tilth.text.language import say_in
from tilth.text.messages import finding_text, label, problem_text
from tilth.web.frame.cut import Cut
from tilth.web.frame.words import DOCUMENT_STATES, DOCUMENTS, MOVES, STATES

register = template.Library()


def _reader() -> Reader:
    return reader_in(get_language() or "en")


@register.simple_tag
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


@register.filter
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


@register.filter
def exact(m2: Number | None) -> str:
    """Area in m², to the square centimetre."""
    return "–" if m2 is None else _reader().exact(m2)


@register.filter
def count(number: Number | None) -> SafeString | str:
    """Whole number in groups of three."""
    if number is None:
        return "–"
    return format_html('<data class="number" value="{}">{}</data>', number, _reader().count(number))


@register.simple_tag
def share(part: Number, whole: Number) -> str:
    """Part of a whole in per cent; nothing where there is no whole."""
    return _reader().share(part, whole) if whole else ""


@register.filter
def day(text: str | None) -> SafeString | str:
    """Day, month or year, in ISO 8601 in every language."""
    if not text:
        return "–"
    return format_html('<time datetime="{}" dir="ltr">{}</time>', text, text[:10])


@register.filter
def moment(text: str | None) -> SafeString | str:
    """Time in UTC, to the minute."""
    if not text:
        return "–"
    return format_html('<time datetime="{}" dir="ltr">{}</time>', text, _reader().moment(str(text)))


@register.filter
def said(text: str) -> str:
    """Label of a field, kind or code in the reader's language."""
    return say_in(get_language() or "en")(str(text))


@register.filter
def local_id(record: str) -> str:
    """The id that people know, out of a full record id."""
    try:
        return split_record_id(record)[2]
    except ValueError:
        return record


@register.inclusion_tag("frame/figure.html", takes_context=True)
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


@register.inclusion_tag("frame/problem.html")
def problem(one: Problem) -> dict[str, Any]:
    """A problem: what, where, how to put it right, its code small beside."""
    return problem_text(one, get_language() or "en")


@register.simple_tag
def finding_words(one: Finding) -> dict[str, str]:
    """A finding's sentences in the reader's language."""
    return finding_text(one, get_language() or "en")


@register.simple_tag(takes_context=True)
def cutlink(context: Context, **changes: Any) -> str:
    """Query of this page's cut with changes, beginning with ``?``."""
    cut: Cut = context.get("cut") or Cut()
    return f"?{cut.query(**changes)}"


@register.simple_tag
def level_word(level: str) -> str:
    """Word of a level."""
    return say_in(get_language() or "en")(level)


@register.simple_tag
def land_word(key: str) -> str:
    """Word of what became of land, by its key in an account."""
    return {
        "cleared": _("cleared"),
        "reduced": _("reduced"),
        "cancelled": _("cancelled"),
        "remaining": _("remaining"),
        "extension": _("extension"),
        "reprocessed": _("processed again"),
        "unattached": _("outside every hazard"),
    }.get(key, key)


@register.simple_tag
def task_state(state: str) -> str:
    """Word of a task's or nonconformity's state."""
    return str(STATES.get(state, state))


@register.simple_tag
def task_move(move: str) -> str:
    """Word of a move of a task or nonconformity."""
    return str(MOVES.get(move, move))


@register.simple_tag
def code_label(codelist: str, value: str) -> str:
    """Label of a code in the reader's language; the code itself where the list has none."""
    listed = CODELISTS.get(codelist)
    found = next((one for one in listed.codes if one.value == value), None) if listed else None
    return label(found, get_language() or "en") if found else str(value or "")


@register.filter
def kind_label(kind: str) -> str:
    """Name of a kind in the reader's language."""
    found = KINDS.get(kind)
    return label(found, get_language() or "en") if found else str(kind)


@register.simple_tag
def why(recall: OpenRecall, area: str) -> str:
    """What a recalled area shares with the one in which an item was missed."""
    return recall.why.get(area, "")


@register.simple_tag
def document_word(kind: str) -> str:
    """Name of a kind of document."""
    return str(DOCUMENTS.get(kind, kind))


@register.simple_tag
def document_state(state: str) -> str:
    """What became of a document, in words."""
    return str(DOCUMENT_STATES.get(state, state))
