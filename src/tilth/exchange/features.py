"""GeoJSON, newline-delimited GeoJSON and JSON records, one feature at a time.

Features are cut out of the document without decoding them, and decoded one by one, so that
memory does not grow with the delivery. Numbers keep the digits they are written with.
"""

from __future__ import annotations

import io
import mmap
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import shapely

from tilth.core.problems import Problem, Refused, register
from tilth.exchange.guard import Limits
from tilth.exchange.table import Cell, Entered, RawRow, Stated, Table

__all__ = ["NESTED", "read_features"]

NESTED: list[object] = []
"""Stands in a light pass for a nested value, which is not decoded."""

_CHUNK = 250
_URN = re.compile(r"EPSG:{1,2}(?:[\d.]*:)?(\d{4,6})\s*$")
_CRS84 = re.compile(r"CRS:?:?(?:[\d.]*:)?84\s*$")


class _Document(msgspec.Struct):
    features: list[msgspec.Raw]
    crs: Any = None


class _Feature(msgspec.Struct):
    """A feature with its properties decoded."""

    type: str = ""
    geometry: msgspec.Raw = msgspec.Raw(b"null")
    properties: dict[str, Any] | None = None
    id: Any = None


class _Outline(msgspec.Struct):
    """A feature with its properties cut out and not decoded."""

    type: str = ""
    geometry: msgspec.Raw = msgspec.Raw(b"null")
    properties: dict[str, msgspec.Raw] | None = None
    id: msgspec.Raw | None = None


_FEATURE = msgspec.json.Decoder(_Feature, float_hook=Entered)
_OUTLINE = msgspec.json.Decoder(_Outline)
_RECORD = msgspec.json.Decoder(dict[str, Any], float_hook=Entered)
_RAW_RECORD = msgspec.json.Decoder(dict[str, msgspec.Raw])
_SCALAR = msgspec.json.Decoder(float_hook=Entered)
_RAWS = msgspec.json.Decoder(list[msgspec.Raw])
_DOCUMENT = msgspec.json.Decoder(_Document)
Raws = Callable[[], Iterator[msgspec.Raw | bytes]]


def read_features(data: Path | bytes, limits: Limits, where: str) -> Table:
    """Open a feature collection, a sequence of features (one a line), or JSON records.

    Raises
    ------
    Refused
        ``json_broken``, ``nested_too_deep``, ``feature_too_large``, ``too_many_columns``,
        ``too_many_rows``, ``file_empty``.
    """
    raws, form, crs = _open(data, limits, where)
    first = next(raws(), None)
    if first is None:
        raise Refused(Problem("file_empty", where))
    spatial = _is_feature(bytes(first), where)
    columns = _columns(raws, spatial, limits, where)

    def rows() -> Iterator[RawRow]:
        return _rows(raws, spatial, columns)

    def scan() -> Iterator[Sequence[Cell]]:
        return _scan(raws, spatial, columns)

    stated = Stated(form if spatial else form.replace("GeoJSON", "JSON"), crs=crs)
    return Table(columns, rows, stated, spatial=spatial, scan=scan)


def _open(data: Path | bytes, limits: Limits, where: str) -> tuple[Raws, str, str]:
    """Cut the document into features, without decoding them."""
    document = _mapped(data)
    start = bytes(document[:64]).lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"\x1e") or _second_line(document):
        return lambda: _lines(data, limits, where), "GeoJSON, one feature a line", ""
    try:
        body: Any = memoryview(document)[3:] if bytes(document[:3]) == b"\xef\xbb\xbf" else document
        if start.startswith(b"["):
            raws, crs = _RAWS.decode(body), None
        else:
            parsed = _DOCUMENT.decode(body)
            raws, crs = parsed.features, parsed.crs
    except RecursionError as error:
        raise Refused(Problem("nested_too_deep", where, {"most": limits.depth})) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(Problem("json_broken", where, {"reason": str(error)[:200]})) from error
    if len(raws) > limits.rows:
        raise Refused(Problem("too_many_rows", where, {"most": limits.rows}))
    return lambda: iter(raws), "GeoJSON", _crs(crs, where)


def _mapped(data: Path | bytes) -> Any:
    if isinstance(data, bytes):
        return data
    with data.open("rb") as stream:
        return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)


def _second_line(document: Any) -> bool:
    """Whether the first line is a whole object and another follows."""
    end = document.find(b"\n")
    if end < 0 or not document[end + 1 : end + 4096].strip().startswith(b"{"):
        return False
    try:
        _RAW_RECORD.decode(document[:end].lstrip(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _lines(data: Path | bytes, limits: Limits, where: str) -> Iterator[bytes]:
    stream = io.BytesIO(data) if isinstance(data, bytes) else data.open("rb")
    with stream:
        most = limits.feature_bytes
        for number, line in enumerate(iter(lambda: stream.readline(most + 1), b""), 1):
            if len(line) > most:
                raise Refused(
                    Problem("feature_too_large", f"{where}, line {number}", {"most": most})
                )
            text = line.strip(b"\x1e\xef\xbb\xbf \t\r\n")
            if number > limits.rows:
                raise Refused(Problem("too_many_rows", where, {"most": limits.rows}))
            if text:
                yield text


def _crs(member: object, where: str) -> str:
    """Reference system of the older GeoJSON of 2008; RFC 7946 knows only WGS 84."""
    if not isinstance(member, dict):
        return ""
    properties = member.get("properties")
    name = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    if _CRS84.search(name):
        return ""
    if match := _URN.search(name):
        return f"EPSG:{match[1]}"
    raise Refused(Problem("crs_unknown", where, {"crs": name[:80]}))


def _is_feature(raw: bytes, where: str) -> bool:
    try:
        keys = _RAW_RECORD.decode(raw).keys()
    except (msgspec.DecodeError, RecursionError) as error:
        raise Refused(Problem("json_broken", where, {"reason": str(error)[:200]})) from error
    return "properties" in keys or "geometry" in keys


def _columns(raws: Raws, spatial: bool, limits: Limits, where: str) -> tuple[str, ...]:
    """Names of all properties, in the order first met."""
    names: dict[str, None] = {}
    has_id = False
    for raw in raws():
        try:
            if spatial:
                outline = _OUTLINE.decode(raw)
                has_id = has_id or outline.id is not None
                names.update(dict.fromkeys(outline.properties or ()))
            else:
                names.update(dict.fromkeys(_RAW_RECORD.decode(raw)))
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            continue  # told row by row later
        if len(names) > limits.columns:
            params: dict[str, str | int | float] = {"columns": len(names), "most": limits.columns}
            raise Refused(Problem("too_many_columns", where, params))
    if has_id and "id" not in names:
        return ("id", *names)
    return tuple(names)


def _rows(raws: Raws, spatial: bool, columns: tuple[str, ...]) -> Iterator[RawRow]:
    source = raws()
    before = 0
    while chunk := list(islice(source, _CHUNK)):
        yield from _chunk_rows(chunk, before, spatial, columns)
        before += len(chunk)


def _chunk_rows(
    chunk: Sequence[msgspec.Raw | bytes], before: int, spatial: bool, columns: tuple[str, ...]
) -> list[RawRow]:
    """Decode some features; their shapes are read all at once."""
    word = "feature" if spatial else "record"
    parts = [f"{word} {before + n}" for n in range(1, len(chunk) + 1)]
    decoded = [_decode(raw, spatial, part) for raw, part in zip(chunk, parts, strict=True)]
    shapes = [shape for _, shape, _ in decoded]
    geometries = shapely.from_geojson(shapes, on_invalid="ignore")
    rows = []
    for part, (properties, shape, problem), geometry in zip(
        parts, decoded, geometries, strict=True
    ):
        found = problem
        if found is None and shape is not None and geometry is None:
            found = Problem("geometry_unreadable", part)
        rows.append(RawRow(part, [properties.get(name) for name in columns], geometry, found))
    return rows


def _decode(
    raw: msgspec.Raw | bytes, spatial: bool, part: str
) -> tuple[dict[str, Any], str | None, Problem | None]:
    """Properties and geometry text of one feature, or why it cannot be read."""
    try:
        if not spatial:
            return _RECORD.decode(raw), None, None
        feature = _FEATURE.decode(raw)
        properties = feature.properties or {}
        if feature.id is not None:
            properties.setdefault("id", feature.id)
        shape = bytes(feature.geometry).decode()
        return properties, None if shape == "null" else shape, None
    except RecursionError:
        return {}, None, Problem("nested_too_deep", part, {"most": 1000})
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        return {}, None, Problem("json_broken", part, {"reason": str(error)[:200]})


def _scan(raws: Raws, spatial: bool, columns: tuple[str, ...]) -> Iterator[Sequence[Cell]]:
    """Pass over the cells alone; nested values are passed over as `NESTED`."""
    for raw in raws():
        try:
            if spatial:
                outline = _OUTLINE.decode(raw)
                cut = outline.properties or {}
                if outline.id is not None:
                    cut.setdefault("id", outline.id)
            else:
                cut = _RAW_RECORD.decode(raw)
            yield [_scalar(cut.get(name)) for name in columns]
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, ValueError):
            continue


def _scalar(raw: msgspec.Raw | None) -> Cell:
    if raw is None:
        return None
    text = bytes(raw)
    return NESTED if text[:1] in (b"[", b"{") else _SCALAR.decode(text)


register(
    {
        "json_broken": (
            "The JSON cannot be read: {reason}.",
            "Export it again; it may have been cut off, or be in an encoding other than UTF-8.",
        ),
        "feature_too_large": (
            "The line has more than {most} bytes.",
            "Write one feature a line, and split features that large.",
        ),
    }
)
