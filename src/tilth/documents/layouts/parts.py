"""Parts that several documents share: labels of codes, tables of land and of points, rules."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from tilth.documents.blocks import Bar, Block, Column, Fields, Heading, Paragraph, Table
from tilth.documents.layouts.words import code, rule
from tilth.documents.paper import Attachment
from tilth.documents.reader import Reader
from tilth.text import accounts

__all__ = [
    "bar",
    "columns",
    "grid",
    "heading",
    "land_table",
    "overrides",
    "pairs",
    "points_csv",
    "turning_points",
    "warning",
]

Row = Mapping[str, Any]


def heading(text: str, depth: int = 1) -> Heading:
    """Heading."""
    return Heading(text, depth)


def warning(text: str) -> Paragraph:
    """Paragraph in a frame."""
    return Paragraph(text, "warning")


def pairs(*rows: tuple[str, object], columns: int = 2) -> Fields:
    """Label and value pairs; what is not said shows as such."""
    return Fields(tuple((label, str(value)) for label, value in rows), columns)


def columns(
    *labels: str, numbers: Sequence[int] = (), wide: Sequence[int] = (), shared: bool = False
) -> tuple[Column, ...]:
    """Columns of a table.

    Parameters
    ----------
    numbers
        Places of columns that hold numbers.
    wide
        Places of columns that share the free width.
    shared
        All columns share the width, the wide ones a little more: long heads then break.
    """
    return tuple(
        Column(
            label=label,
            align="end" if at in numbers else "start",
            share=(1.3 if shared else 1.0) if at in wide else float(shared),
        )
        for at, label in enumerate(labels)
    )


def grid(
    labels: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    numbers: Sequence[int] = (),
    wide: Sequence[int] = (),
    shared: bool = False,
    total: Sequence[str] = (),
    caption: str = "",
    empty: str = "",
) -> Table:
    """Table of texts; see `columns`."""
    return Table(
        columns(*labels, numbers=numbers, wide=wide, shared=shared),
        tuple(tuple(row) for row in rows),
        tuple(total),
        caption,
        empty,
    )


def land_table(reader: Reader, account: Row) -> Table:
    """Both sides of the land balance with their closure, exact to the square centimetre."""
    say = reader.say
    left, right = accounts.equation(account, say)
    rows = [(part.label, reader.exact(part.value)) for part in left]
    rows += [
        (f"{'=' if at == 0 else '+'} {part.label}", reader.exact(part.value))
        for at, part in enumerate(right)
    ]
    return grid(
        [say("Land balance"), say("Area")],
        rows,
        numbers=[1],
        wide=[0],
        total=(say("balance"), _closure(reader, account)),
    )


def bar(reader: Reader, account: Row) -> Bar:
    """Land account as a bar; a difference within the tolerance is no news on paper."""
    drawn = reader.land_bar(reader.say("What has become of the ground"), account)
    return msgspec.structs.replace(drawn, closure=_closure(reader, account))


def _closure(reader: Reader, account: Row) -> str:
    if accounts.is_closed(account):
        return reader.say("closes")
    return accounts.closure_line(account, reader.say)


def turning_points(reader: Reader, rows: Sequence[Row], caption: str = "") -> Table:
    """Table of turning points with distance and bearing to the next."""
    say = reader.say
    return grid(
        [
            say("Point"),
            say("Type of point"),
            say("Latitude"),
            say("Longitude"),
            say("To the next, m"),
            say("True bearing"),
        ],
        [
            (
                str(one["label"]),
                code(reader, "marker_type", one["point_type"]),
                reader.decimal(one["latitude"], "°"),
                reader.decimal(one["longitude"], "°"),
                reader.decimal(one["to_next_m"]) if one["to_next_m"] else "",
                reader.decimal(one["bearing_deg"], "°") if one["bearing_deg"] else "",
            )
            for one in rows
        ],
        numbers=[2, 3, 4, 5],
        wide=[1],
        caption=caption,
        empty=say("No outline is recorded."),
    )


def points_csv(reader: Reader, groups: Mapping[str, Sequence[Row]]) -> Attachment | None:
    """Turning points of several areas as a table for programs; None where there are none."""
    text = io.StringIO(newline="")
    names = ("area", "label", "point_type", "latitude", "longitude", "to_next_m", "bearing_deg")
    writer = csv.writer(text)
    writer.writerow(names)
    for area, rows in groups.items():
        for one in rows:
            writer.writerow([area, *(one[name] for name in names[1:])])
    if not any(groups.values()):
        return None
    return Attachment(
        name="turning-points.csv",
        media_type="text/csv",
        about=reader.say("turning points, WGS 84 degrees"),
        text=text.getvalue(),
    )


def overrides(reader: Reader, lines: Sequence[Row], reason: str = "") -> list[Block]:
    """Rules that were overridden, in a frame: they stay visible for ever."""
    if not lines:
        return []
    say = reader.say
    names = list(dict.fromkeys(str(one["rule"]) for one in lines))
    said = [say("Decided although a rule stood in the way:")]
    said += [f"– {rule(reader, name)} ({name})" for name in names]
    if reason:
        said.append(say("Reason: {reason}").format(reason=reason))
    return [warning("\n".join(said))]
