"""CSV and TSV, row by row: no more of the file is held than one row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tilth.core.problems import Problem, Refused, register
from tilth.exchange.detect import Encoding, detect_delimiter, detect_encoding, find_header
from tilth.exchange.guard import Limits, check_nul
from tilth.exchange.table import RawRow, Stated, Table

__all__ = ["read_delimited"]

_SAMPLE = 1024**2
_CHUNK = 4 * 1024**2
_HEADER_ROWS = 40


def read_delimited(data: Path | bytes, limits: Limits, where: str) -> Table:
    """Open delimited text; encoding, delimiter and heading row are detected and stated.

    Raises
    ------
    Refused
        ``nul_bytes``, ``cell_too_long``, ``too_many_columns``, ``header_missing``,
        ``table_broken``.
    """
    encoding = detect_encoding(_telling_bytes(data, where))
    try:
        with _open(data, encoding) as stream:
            sample = stream.read(_SAMPLE)
    except UnicodeError as error:
        raise Refused(Problem("table_broken", where, {"reason": str(error)})) from error
    _check_lines(sample, limits, where)
    delimiter = detect_delimiter(sample)
    skip = 1 if sample.startswith("sep=") else 0
    stated = Stated("CSV", encoding.name, delimiter)
    warnings = []
    if encoding.stray:
        params = {"encoding": encoding.name, "stray": encoding.stray}
        warnings.append(Problem("mixed_encodings", where, params))
        stated.encoding = f"{encoding.name}, stray bytes as {encoding.stray}"
    with _open(data, encoding) as stream:
        head = list(islice(_cells(stream, delimiter, limits, where), _HEADER_ROWS))
    header = find_header(head[skip:])
    stated.header_row = header.last + skip + 1
    if len(header.names) > limits.columns:
        params_: dict[str, str | int | float] = {"columns": len(header.names)}
        raise Refused(Problem("too_many_columns", where, {**params_, "most": limits.columns}))
    begin = header.last + skip + 1
    if begin < len(head) and _is_tags(head[begin]):
        begin += 1
        stated.notes.append("a row of HXL tags below the headings was passed over")

    def rows() -> Iterator[RawRow]:
        with _open(data, encoding) as stream:
            cells = _cells(stream, delimiter, limits, where)
            yield from _numbered(cells, begin, len(header.names), limits, where)

    return Table(header.names, rows, stated, warnings=warnings)


def _telling_bytes(data: Path | bytes, where: str) -> bytes:
    """Bytes to judge the encoding by: the beginning, and every line that is not UTF-8.

    A file may be plain ASCII for a million rows before the first name with an accent.
    """
    with io.BytesIO(data) if isinstance(data, bytes) else data.open("rb") as stream:
        head = stream.read(_SAMPLE)
        if len(head) < _SAMPLE or detect_encoding(head).name.startswith("utf-16"):
            return head
        stream.seek(0)
        return _whole_lines(head) + _foreign_lines(stream, where)


def _whole_lines(head: bytes) -> bytes:
    return head[: head.rfind(b"\n") + 1] or head


def _foreign_lines(stream: io.BufferedIOBase, where: str) -> bytes:
    """Lines that are not UTF-8; the pass over the whole file also finds NUL bytes."""
    found = bytearray()
    while len(found) < _SAMPLE and (chunk := stream.read(_CHUNK)):
        chunk += stream.readline(_CHUNK)
        check_nul(chunk, where)
        if chunk.isascii():
            continue
        try:
            chunk.decode("utf-8")
        except UnicodeDecodeError:
            found += b"\n".join(line for line in chunk.split(b"\n") if not line.isascii())
    return bytes(found[:_SAMPLE])


def _open(data: Path | bytes, encoding: Encoding) -> io.TextIOWrapper:
    raw = io.BytesIO(data) if isinstance(data, bytes) else data.open("rb")
    return io.TextIOWrapper(raw, encoding.name, encoding.errors, newline="")


def _check_lines(sample: str, limits: Limits, where: str) -> None:
    if len(sample) == _SAMPLE and "\n" not in sample and "\r" not in sample:
        raise Refused(Problem("cell_too_long", where, {"most": limits.cell_chars}))


def _lines(stream: io.TextIOWrapper, limits: Limits, where: str) -> Iterator[str]:
    """Lines of bounded length, so that a line without end is refused before it is held."""
    most = 4 * limits.cell_chars
    for number, line in enumerate(iter(lambda: stream.readline(most), ""), 1):
        if len(line) == most:
            here = f"{where}, line {number}"
            raise Refused(Problem("cell_too_long", here, {"most": limits.cell_chars}))
        if "\0" in line:
            raise Refused(Problem("nul_bytes", f"{where}, line {number}", {"offset": number}))
        yield line


def _cells(
    stream: io.TextIOWrapper, delimiter: str, limits: Limits, where: str
) -> Iterator[list[str]]:
    csv.field_size_limit(limits.cell_chars)
    reader = csv.reader(_lines(stream, limits, where), delimiter=delimiter)
    try:
        yield from reader
    except csv.Error as error:
        here = f"{where}, line {reader.line_num}"
        code = "cell_too_long" if "field limit" in str(error) else "table_broken"
        params: dict[str, str | int | float] = {"most": limits.cell_chars, "reason": str(error)}
        raise Refused(Problem(code, here, params)) from error
    except UnicodeError as error:
        here = f"{where}, line {reader.line_num}"
        raise Refused(Problem("table_broken", here, {"reason": str(error)})) from error


def _numbered(
    cells: Iterator[list[str]], begin: int, width: int, limits: Limits, where: str
) -> Iterator[RawRow]:
    for number, row in enumerate(cells, 1):
        if number <= begin or not any(row):
            continue
        if number - begin > limits.rows:
            raise Refused(Problem("too_many_rows", where, {"most": limits.rows}))
        problem = None
        if len(row) < width:
            row.extend([""] * (width - len(row)))
        elif len(row) > width:
            if any(row[width:]):
                params: dict[str, str | int | float] = {"cells": len(row), "columns": width}
                problem = Problem("too_many_cells", f"row {number}", params)
            else:
                del row[width:]
        yield RawRow(f"row {number}", row, problem=problem)


def _is_tags(row: list[str]) -> bool:
    """Whether a row holds HXL tags (``#adm1+name``), a humanitarian convention."""
    filled = [cell for cell in row if cell]
    return bool(filled) and sum(cell.startswith("#") for cell in filled) >= 0.5 * len(filled)


register(
    {
        "cell_too_long": (
            "A cell has more than {most} characters.",
            "Look for a quotation mark that is opened and never closed, or shorten the cell.",
        ),
        "too_many_columns": (
            "The table has {columns} columns; at most {most} are read.",
            "Delete the columns that are not needed.",
        ),
        "too_many_rows": (
            "The table has more than {most} rows.",
            "Split it into several files and import them one after the other.",
        ),
        "too_many_cells": (
            "The row has {cells} cells under {columns} headings.",
            "Put cells that contain the delimiter in quotation marks.",
        ),
        "table_broken": (
            "The table cannot be read: {reason}.",
            "Save the file again as CSV in UTF-8 from a spreadsheet program.",
        ),
        "mixed_encodings": (
            "The file is in {encoding}, but some lines are in another encoding; they were read as "
            "{stray}.",
            "Check names with accents in the rows shown; save the file in UTF-8 if they are wrong.",
        ),
    }
)
