"""The confined process: opens one binary file and writes its rows as frames.

Started by `tilth.exchange.confined` with a job on standard input; it sets its own limits before
it imports a reader.
"""

from __future__ import annotations

import datetime as dt
import resource
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from tilth.exchange.confined import pack_cell, write_frame

__all__ = ["main"]

_CHUNK = 1_000
_FEATURES = 20_000
Write = Callable[[bytes], object]


def main() -> None:
    """Read the job, do it, and exit with status 0; a known failure is a frame, not a traceback."""
    job = msgspec.json.decode(sys.stdin.buffer.read())
    limits = job["limits"]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _confine(resource.RLIMIT_AS, limits["reader_bytes"])
    _confine(resource.RLIMIT_CPU, limits["reader_seconds"])
    _confine(resource.RLIMIT_FSIZE, 2 * limits["unpacked_bytes"])
    action = {"sheets": _sheets, "layers": _layers}[job["action"]]
    with Path(job["output"]).open("wb") as stream:
        try:
            action(job, stream.write)
        except MemoryError:
            sys.stderr.write("out of memory\n")
            sys.exit(3)


def _confine(which: int, most: int) -> None:
    """Set a limit, or keep the tighter one that the shell or the service has set already."""
    hard = resource.getrlimit(which)[1]
    limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(which, (limit, limit))


def _fail(write: Write, code: str, **params: object) -> None:
    write_frame(write, {"problem": code, "params": params})


def _sheets(job: dict[str, Any], write: Write) -> None:
    """Write every visible sheet: a frame with its name and merges, then frames of rows."""
    import python_calamine as calamine  # noqa: PLC0415 - after the limits are set

    try:
        book = calamine.CalamineWorkbook.from_path(job["path"])
    except calamine.PasswordError:
        _fail(write, "archive_encrypted")
        return
    except (calamine.CalamineError, OSError, ValueError) as error:
        _fail(write, "reader_failed", reason=str(error)[:200])
        return
    limits = job["limits"]
    sheets = [
        one
        for one in book.sheets_metadata
        if one.typ == calamine.SheetTypeEnum.WorkSheet
        and (one.visible == calamine.SheetVisibleEnum.Visible or one.name == job["layer"])
    ]
    write_frame(write, {"sheets": [one.name for one in sheets]})
    for one in sheets:
        if job["layer"] and one.name != job["layer"]:
            continue
        try:
            sheet = book.get_sheet_by_name(one.name)
        except (calamine.CalamineError, ValueError) as error:
            _fail(write, "reader_failed", reason=str(error)[:200])
            return
        if sheet.total_width > limits["columns"]:
            _fail(write, "too_many_columns", columns=sheet.total_width, most=limits["columns"])
            return
        if sheet.total_height > limits["rows"]:
            _fail(write, "too_many_rows", most=limits["rows"])
            return
        # Rows come from the first row of the sheet, cells from its first used column.
        left = sheet.start[1] if sheet.start else 0
        merged = [
            ((top, first - left), (bottom, last - left))
            for (top, first), (bottom, last) in (sheet.merged_cell_ranges or [])[:1000]
        ]
        write_frame(write, {"sheet": one.name, "merged": merged})
        if not _write_rows(sheet.iter_rows(), write, limits):
            return


def _write_rows(rows: Iterator[list[Any]], write: Write, limits: dict[str, int]) -> bool:
    """Write rows in chunks with the number a spreadsheet shows beside them, blank ones left out."""
    chunk: list[tuple[int, list[object]]] = []
    for number, row in enumerate(rows, 1):
        if any(isinstance(cell, str) and len(cell) > limits["cell_chars"] for cell in row):
            _fail(write, "cell_too_long", most=limits["cell_chars"])
            return False
        cells = [_cell(value) for value in row]
        if any(cell is not None for cell in cells):
            chunk.append((number, cells))
        if len(chunk) == _CHUNK:
            write_frame(write, {"rows": chunk})
            chunk = []
    write_frame(write, {"rows": chunk})
    return True


def _cell(value: object) -> object:
    """Empty cells as None, dates wrapped, durations in hours, times as text."""
    if value == "":
        return None
    if isinstance(value, dt.timedelta):
        return value.total_seconds() / 3600
    if isinstance(value, dt.time):
        return value.isoformat()
    return pack_cell(value)


def _layers(job: dict[str, Any], write: Write) -> None:
    """Write what layers a file has, then the features of the one named or the only one."""
    import pyogrio  # noqa: PLC0415 - after the limits are set

    try:
        found = []
        for name, _ in pyogrio.list_layers(job["path"])[:200]:
            info = pyogrio.read_info(job["path"], layer=name, force_feature_count=True)
            found.append(
                {
                    "name": str(name),
                    "columns": [str(one) for one in info["fields"]],
                    "features": int(info["features"]),
                }
            )
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        _fail(write, "reader_failed", reason=str(error)[:200])
        return
    write_frame(write, {"layers": found})
    filled = [one["name"] for one in found if one["features"]]
    if job["layer"] in filled or (not job["layer"] and len(filled) == 1):
        _features({**job, "layer": job["layer"] or filled[0]}, write)


def _features(job: dict[str, Any], write: Write) -> None:
    """Write one layer: a frame with columns and reference system, then frames of features."""
    import pyogrio  # noqa: PLC0415 - after the limits are set

    options = {"encoding": job["encoding"]} if job.get("encoding") else {}
    limits = job["limits"]
    at = 0
    while True:
        try:
            meta, _, shapes, columns = pyogrio.raw.read(
                job["path"],
                layer=job["layer"],
                skip_features=at,
                max_features=_FEATURES,
                datetime_as_string=True,
                **options,
            )
        except (
            pyogrio.errors.DataSourceError,
            pyogrio.errors.DataLayerError,
            pyogrio.errors.FeatureError,
            pyogrio.errors.GeometryError,
            UnicodeDecodeError,
            ValueError,
        ) as error:
            _fail(write, "reader_failed", reason=str(error)[:200])
            return
        if at == 0:
            names = [str(name) for name in meta["fields"]]
            write_frame(write, {"columns": names, "crs": meta["crs"] or ""})
        count = len(shapes) if shapes is not None else len(columns[0]) if columns else 0
        cells = list(zip(*(_values(column) for column in columns), strict=True))
        rows = [
            (at + n + 1, shapes[n] if shapes is not None else None, cells[n] if cells else ())
            for n in range(count)
        ]
        for start in range(0, count, _CHUNK):
            write_frame(write, {"features": rows[start : start + _CHUNK]})
        at += count
        if at > limits["rows"]:
            _fail(write, "too_many_rows", most=limits["rows"])
            return
        if count < _FEATURES:
            return


def _values(column: Any) -> list[object]:
    """Plain values of one field; what a number column leaves out comes as NaN."""
    return [
        None if value is None or value != value or value == "" else value  # noqa: PLR0124
        for value in column.tolist()
    ]
