"""XLSX, XLS and ODS: one sheet as a table; numbers and dates come typed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from tilth.core.problems import Problem, Refused, register
from tilth.exchange.confined import Folder, read_frames, run_confined
from tilth.exchange.detect import Header, find_header
from tilth.exchange.guard import Limits
from tilth.exchange.table import RawRow, Stated, Table

__all__ = ["Choose", "read_workbook"]

_HEADER_ROWS = 40
Choose = Callable[[dict[str, tuple[str, ...]]], str]
"""From the columns of each layer or sheet, the name of the one to read."""


def read_workbook(
    path: Path, form: str, layer: str | None, choose: Choose, limits: Limits, where: str
) -> Table:
    """Open one sheet of a workbook; the heading row is found below titles, headings are joined.

    Parameters
    ----------
    path
        A checked file (`tilth.exchange.guard`).
    layer
        Name of the sheet; without it `choose` is asked when several have data.

    Raises
    ------
    Refused
        ``layer_unknown``, ``header_missing``, and what the confined reader refuses.
    """
    folder = Folder()
    output = folder.path / "rows"
    job = {"action": "sheets", "path": str(path), "layer": layer or ""}
    run_confined(job, output, limits, where)
    names, heads = _look(output, where)
    if layer and layer not in names:
        params: dict[str, str | int | float] = {"layer": layer, "layers": ", ".join(names)}
        raise Refused(Problem("layer_unknown", where, params))
    headers = {name: header for name, rows in heads.items() if (header := _header(rows))}
    if not headers:
        raise Refused(Problem("header_missing", where))
    chosen = (
        layer
        if layer in headers
        else next(iter(headers))
        if len(headers) == 1
        else choose({name: header.names for name, header in headers.items()})
    )
    header = headers[str(chosen)]
    last = heads[str(chosen)][0][header.last][0]
    stated = Stated(form, layer=str(chosen), layers=tuple(headers), header_row=last)
    warnings = []
    if len(headers) > 1 and not layer:
        others = ", ".join(name for name in headers if name != chosen)
        warnings.append(Problem("several_layers", where, {"layer": chosen or "", "others": others}))
    rows = partial(_rows, folder, output, str(chosen), last, len(header.names))
    return Table(header.names, rows, stated, warnings=warnings)


Numbered = list[tuple[int, list[Any]]]


def _look(output: Path, where: str) -> tuple[list[str], dict[str, tuple[Numbered, Any]]]:
    """Sheet names, and the first rows and merged cells of each that has any."""
    names: list[str] = []
    heads: dict[str, tuple[Numbered, Any]] = {}
    sheet = ""
    for frame in read_frames(output):
        if "problem" in frame:
            raise Refused(Problem(frame["problem"], where, frame["params"]))
        if "sheets" in frame:
            names = frame["sheets"]
        elif "sheet" in frame:
            sheet = frame["sheet"]
            heads[sheet] = ([], frame["merged"])
        elif len(heads[sheet][0]) < _HEADER_ROWS:
            heads[sheet][0].extend(islice(frame["rows"], _HEADER_ROWS))
    return names, {name: head for name, head in heads.items() if head[0]}


def _header(head: tuple[Numbered, Any]) -> Header | None:
    """Find the headings of a sheet; row numbers in merges are those of the sheet, from 0."""
    rows, merged = head
    index = {number - 1: place for place, (number, _) in enumerate(rows)}
    shifted = [
        ((index[top], left), (index[bottom], right))
        for (top, left), (bottom, right) in merged
        if top in index and bottom in index
    ]
    try:
        return find_header([cells for _, cells in rows], shifted)
    except Refused:
        return None


def _rows(folder: Folder, output: Path, sheet: str, last: int, width: int) -> Iterator[RawRow]:
    """Rows below the headings; holds the folder, so that it lives as long as they are read."""
    current = ""
    for frame in read_frames(folder.path / output.name):
        current = frame.get("sheet", current)
        if current != sheet:
            continue
        for number, cells in frame.get("rows", ()):
            if number <= last:
                continue
            problem = None
            if len(cells) < width:
                cells.extend([None] * (width - len(cells)))
            elif any(cell is not None for cell in cells[width:]):
                params: dict[str, str | int | float] = {"cells": len(cells), "columns": width}
                problem = Problem("too_many_cells", f"row {number}", params)
            else:
                del cells[width:]
            yield RawRow(f"row {number}", cells, problem=problem)


register(
    {
        "layer_unknown": (
            "The file has no sheet or layer {layer}; it has {layers}.",
            "Name one of them with --layer.",
        ),
        "several_layers": (
            "Several sheets or layers have data; {layer} was read, not {others}.",
            "Import the others with --layer and the kind they hold.",
        ),
    }
)
