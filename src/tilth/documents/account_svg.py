"""The picture of an account: the land bar with its labels, the items beside it, what is left out.

A pure function of the JSON value of ``tilth account``: the same value gives the same bytes. The
picture carries its level, its dates and its description, follows the reader's light or dark
scheme, and says SYNTHETIC across itself when the data is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from tilth.documents.style import STYLE, patterns
from tilth.documents.svg import Sheet, legible, number, text_width
from tilth.text import accounts, figures

__all__ = ["account_svg"]

Say = Callable[[str], str]

BESIDE_FROM = 820
"""From this width on the items stand beside the land, below it they follow."""

NARROW_BELOW = 560
BAR_HEIGHT = 44.0
BAND_HEIGHT = 10.0
"""Lower edge of the bar, where re-processed and processed land are shown."""

LEAST_SEGMENT = 2.5
"""A part that is not nothing is never drawn thinner than this."""


@dataclass
class _Column:
    """A running position on the sheet: where the column starts, how wide it is, how far down."""

    sheet: Sheet
    x: float
    width: float
    y: float

    def words(self, text: str, css: str, size: float, *, height: float = 1.5) -> None:
        """Write lines of text, broken to the width of the column."""
        for line in _wrapped(text, size, self.width):
            self.y += size * height
            self.sheet.text(self.x, self.y, line, css)


def _wrapped(text: str, size: float, width: float) -> list[str]:
    lines: list[str] = []
    for word in text.split(" "):
        if lines and text_width(f"{lines[-1]} {word}", size) <= width:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return lines


def _shortened(text: str, size: float, width: float) -> str:
    if text_width(text, size) <= width:
        return text
    while text and text_width(f"{text}…", size) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _header(column: _Column, account: Mapping[str, Any], say: Say) -> None:
    sheet = column.sheet
    level = figures.level(str(account["level"]))
    title = f"{level.mark} {say(level.name)}"
    column.y += 18
    sheet.text(column.x, column.y, title, "level")
    start = column.x + text_width(title, 17) + 14
    name = accounts.operation_name(account)
    room = column.x + column.width - start
    sheet.text(start, column.y, _shortened(name, 14, room), "quiet name")
    column.y += 4
    column.words(accounts.time_line(account, say), "quiet small", 12)
    column.words(accounts.position_line(account, say), "quiet small", 12)


def _headline(column: _Column, account: Mapping[str, Any], say: Say) -> None:
    land = account["land"]
    value = figures.area(land.get("remaining_m2", 0))
    of_all = say("remaining of {area} recorded").format(
        area=figures.area(land.get("recorded_m2", 0))
    )
    if not any(float(part.value) for part in accounts.land_parts(account, say)):
        value, of_all = "–", say("no hazard with a polygon is recorded")
    column.y += 44
    column.sheet.text(column.x, column.y, value, "figure")
    start = text_width(value, 30) + 14
    if start + text_width(of_all, 14) <= column.width:
        column.sheet.text(column.x + start, column.y, of_all, "quiet")
    else:
        column.y += 20
        column.sheet.text(column.x, column.y, of_all, "quiet")
    column.y += 8


def _segments(parts: list[accounts.Part], width: float) -> list[float]:
    """Widths of the parts: in proportion, but none that is not nothing vanishes."""
    values = [max(0.0, float(part.value)) for part in parts]
    whole = sum(values)
    if whole == 0:
        return [0.0] * len(parts)
    widths = [max(LEAST_SEGMENT, width * v / whole) if v else 0.0 for v in values]
    widest = widths.index(max(widths))
    widths[widest] -= sum(widths) - width
    return widths


def _sources(column: _Column, account: Mapping[str, Any], say: Say) -> None:
    left, _ = accounts.equation(account, say)
    said = [f"{part.label} {figures.area(part.value)}" for part in left]
    column.words("  ".join(said), "small", 12)
    column.y += 8


def _bar(column: _Column, account: Mapping[str, Any], say: Say) -> None:
    sheet, land = column.sheet, account["land"]
    parts = accounts.land_parts(account, say)
    widths = _segments(parts, column.width)
    top, whole = column.y, sum(float(part.value) for part in parts)
    sheet.rect(column.x, top, column.width, BAR_HEIGHT, "empty")
    starts = [column.x + sum(widths[:index]) for index in range(len(widths))]
    for part, start, width in zip(parts, starts, widths, strict=True):
        sheet.rect(start, top, width, BAR_HEIGHT, f"land {part.name}")
    if whole:
        scale = column.width / whole
        extension = float(land.get("extensions_m2", 0)) * scale
        if extension:
            sheet.rect(
                column.x - 3, top - 3, max(extension, 6) + 3, BAR_HEIGHT + 6, "extension", rx="2"
            )
        released = sum(widths[:-1])
        again = min(float(land.get("reprocessed_m2", 0)) * scale, released)
        processed = min(float(land.get("processed_m2", 0)) * scale, widths[-1])
        band = top + BAR_HEIGHT - BAND_HEIGHT
        sheet.rect(column.x, band, again, BAND_HEIGHT, "again")
        sheet.rect(starts[-1], band, processed, BAND_HEIGHT, "processed")
    column.y = top + BAR_HEIGHT + 14
    shown = [
        (part, start, width)
        for part, start, width in zip(parts, starts, widths, strict=True)
        if width or part.name == "remaining"
    ]
    if sheet.width < NARROW_BELOW:
        _listed_labels(column, [part for part, _, _ in shown], whole)
    else:
        _led_labels(column, shown, whole)


def _listed_labels(column: _Column, parts: list[accounts.Part], whole: float) -> None:
    """Labels of a narrow picture: one row for each part."""
    sheet, end = column.sheet, column.x + column.width
    for part in parts:
        column.y += 22
        sheet.rect(column.x, column.y - 11, 14, 12, f"land {part.name}")
        sheet.text(column.x + 22, column.y, part.label, "label")
        sheet.text(end - 62, column.y, figures.area(part.value), "value", anchor="end")
        sheet.text(end, column.y, figures.share(part.value, whole), "quiet small", anchor="end")
    column.y += 6


def _led_labels(
    column: _Column, shown: list[tuple[accounts.Part, float, float]], whole: float
) -> None:
    """Labels under their part of the bar, pushed apart where they would touch, each on a line."""
    sheet = column.sheet
    needed = [
        18 + max(text_width(part.label, 13), text_width(figures.area(part.value), 14))
        for part, _, _ in shown
    ]
    places: list[float] = []
    for (_, start, _), _width in zip(shown, needed, strict=True):
        least = places[-1] + needed[len(places) - 1] + 14 if places else column.x
        places.append(max(start, least))
    limit = column.x + column.width
    for index in range(len(places) - 1, -1, -1):
        places[index] = min(places[index], limit - needed[index])
        limit = places[index] - 14
    top = column.y
    for (part, start, width), place in zip(shown, places, strict=True):
        if width:
            from_x = start + min(width / 2, 14)
            sheet.path([(from_x, top - 13), (from_x, top - 7), (place + 6, top + 7)], "lead")
        sheet.rect(place, top + 9, 12, 12, f"land {part.name}")
        sheet.text(place + 18, top + 20, part.label, "label")
        sheet.text(place + 18, top + 38, figures.area(part.value), "value")
        sheet.text(place + 18, top + 54, figures.share(part.value, whole), "quiet small")
    column.y = top + 58


def _beside_land(column: _Column, account: Mapping[str, Any], say: Say) -> None:
    """Closure, then what the bar shows only as an edge or a band, and what stands outside it."""
    land = account["land"]
    column.y += 6
    closed = accounts.is_closed(account)
    column.words(accounts.closure_line(account, say), "small good" if closed else "small bad", 12)
    notes = [
        ("again", "reprocessed_m2", say("re-processed, released more than once")),
        ("processed", "processed_m2", say("processed, not released")),
        ("extension", "extensions_m2", say("extension beyond the recorded edge")),
        ("outside", "unattached_m2", say("unattached, outside every hazard")),
        ("declared", "declared_m2", say("declared by hand, beside the balance")),
    ]
    for css, name, label in notes:
        if float(land.get(name, 0)):
            column.y += 19
            column.sheet.rect(column.x, column.y - 9, 14, 9, css)
            said = f"{label} {figures.area(land[name])}"
            column.sheet.text(column.x + 22, column.y, said, "small")


def _left_out(column: _Column, account: Mapping[str, Any], say: Say) -> None:
    lines = accounts.left_out_lines(account, say)
    column.y += 10
    column.words(say("left out of these figures") if lines else say("nothing left out"), "cap", 12)
    for line in lines:
        column.words(f"– {line}", "small", 12)


def _items(column: _Column, account: Mapping[str, Any], say: Say) -> None:
    sheet, end = column.sheet, column.x + column.width
    found, received = accounts.item_sources(account, say)
    whole = float(found.value) + float(received.value)
    column.y += 18
    sheet.text(column.x, column.y, say("items"), "cap")
    column.y += 26
    sheet.text(column.x, column.y, figures.count(found.value), "figure lesser")
    said = found.label
    if float(received.value):
        said = f"{said} + {figures.count(received.value)} {received.label}"
    sheet.text(column.x + text_width(figures.count(found.value), 22) + 10, column.y, said, "quiet")
    column.y += 8
    for part in accounts.item_ends(account, say):
        column.y += 21
        value = float(part.value)
        css = "pieces open" if part.name == "unaccounted" else "pieces"
        muted = "" if value else " quiet"
        sheet.text(column.x, column.y, part.label, f"small{muted}")
        sheet.text(end, column.y, figures.count(part.value), f"small{muted}", anchor="end")
        sheet.rect(column.x, column.y + 4, column.width, 2, "track")
        share = column.width * value / whole if whole else 0.0
        sheet.rect(column.x, column.y + 4, max(share, 2 if value else 0), 2, css)
    small_arms = account["items"].get("small_arms_found", 0)
    column.y += 26
    sheet.text(column.x, column.y, say("small-arms ammunition, apart"), "quiet small")
    sheet.text(end, column.y, figures.count(small_arms), "quiet small", anchor="end")


def account_svg(
    account: Mapping[str, Any], *, width: int = 960, rtl: bool = False, say: Say = str
) -> str:
    """Draw an account.

    Parameters
    ----------
    account
        The value of ``tilth account --json``: areas in m², items in pieces.
    width
        Pixels; below 560 the labels become a list, from 820 the items stand beside the land.
    rtl
        Mirror the picture for right-to-left readers.
    say
        The reader's gettext function.

    Returns
    -------
    str
        A whole SVG document in UTF-8, the same for the same arguments.
    """
    sheet = Sheet(width, rtl)
    pad = 16 if width < NARROW_BELOW else 24
    beside = width >= BESIDE_FROM
    header = _Column(sheet, pad, width - 2 * pad, pad)
    _header(header, account, say)
    land_width = width * 0.64 - pad if beside else width - 2 * pad
    land = _Column(sheet, pad, land_width, header.y)
    for draw in (_headline, _sources, _bar, _beside_land):
        draw(land, account, say)
    if beside:
        items = _Column(sheet, pad + land_width + 40, width * 0.36 - 40 - pad, header.y + 4)
    else:
        items = _Column(sheet, pad, width - 2 * pad, land.y + 10)
    _items(items, account, say)
    last = land if beside else items
    _left_out(last, account, say)
    height = max(land.y, items.y) + pad
    if account.get("synthetic"):
        sheet.stamp(say("SYNTHETIC"), height)
    return _document(sheet, height, account, say)


def _told(text: str) -> str:
    return escape(legible(text), quote=False)


def _document(sheet: Sheet, height: float, account: Mapping[str, Any], say: Say) -> str:
    told = json.dumps(account, sort_keys=True, default=str)
    key = "t" + hashlib.sha256(f"{told}{sheet.width}{sheet.rtl}".encode()).hexdigest()[:8]
    level = figures.level(str(account["level"]))
    title = f"{accounts.operation_name(account)}: {say('land and items')}, {say(level.name)}"
    direction = "rtl" if sheet.rtl else "ltr"
    body = "\n".join(sheet.elements)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="tilth-account {key}" role="img" '
        f'aria-labelledby="{key}-title {key}-words" direction="{direction}" '
        f'viewBox="0 0 {number(sheet.width)} {number(height)}" width="{number(sheet.width)}" '
        f'height="{number(height)}">\n'
        f'<title id="{key}-title">{_told(title)}</title>\n'
        f'<desc id="{key}-words">{_told(accounts.description(account, say))}</desc>\n'
        f"<style>{STYLE.replace('KEY', key)}</style>\n"
        f"<defs>{patterns(key)}</defs>\n"
        f'<rect class="paper" width="{number(sheet.width)}" height="{number(height)}"/>\n'
        f"{body}\n</svg>\n"
    )
