"""What a file is, by its content, and the reader that opens it.

The name counts little: offices rename files. Content that does not fit any format we read is
refused, and so is content that would make GDAL open something else than what it seems to be.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from tilth.core.problems import Problem, Refused, register
from tilth.exchange.confined import Folder
from tilth.exchange.delimited import read_delimited
from tilth.exchange.detect import detect_encoding
from tilth.exchange.features import read_features
from tilth.exchange.guard import Limits, check_prolog, check_size, open_archive, read_member
from tilth.exchange.spreadsheets import Choose, read_workbook
from tilth.exchange.table import Table
from tilth.exchange.vector import read_layer

__all__ = ["identify", "open_table"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SHAPEFILE = b"\x00\x00\x27\x0a"
_SQLITE = b"SQLite format 3\x00"
_ROOT = re.compile(rb"<(?:\w+:)?([A-Za-z]\w*)")
_READABLE = (
    ".shp",
    ".kml",
    ".gpkg",
    ".geojson",
    ".json",
    ".ndjson",
    ".csv",
    ".tsv",
    ".gpx",
    ".xlsx",
)
_SHAPE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_HEAD = 65_536


def identify(data: Path | bytes) -> str:
    """Name the format of a file from its first bytes.

    Returns
    -------
    str
        ``archive``, ``XLS``, ``GeoPackage``, ``shapefile``, ``KML``, ``GPX``, ``JSON``, ``CSV``,
        or ``XML`` for another kind of XML.

    Examples
    --------
    >>> identify(b'{"type": "FeatureCollection", "features": []}')
    'JSON'
    """
    head = _head(data)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "archive"
    for mark, name in ((_OLE, "XLS"), (_SQLITE, "GeoPackage"), (_SHAPEFILE, "shapefile")):
        if head.startswith(mark):
            return name
    text = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x1e")
    if text.startswith((b"{", b"[")):
        return "JSON"
    if text.startswith(b"<"):
        root = _ROOT.search(re.sub(rb"<!--.*?-->", b"", text, flags=re.DOTALL))
        word = root[1].decode().lower() if root else ""
        return {"kml": "KML", "gpx": "GPX"}.get(word, "XML")
    return "CSV"


def _head(data: Path | bytes) -> bytes:
    if isinstance(data, bytes):
        return data[:_HEAD]
    with data.open("rb") as stream:
        return stream.read(_HEAD)


def open_table(
    data: Path | bytes, layer: str | None, choose: Choose, limits: Limits, where: str
) -> Table:
    """Identify a file, refuse a hostile one, and open it as a table.

    Parameters
    ----------
    choose
        Asked when a file has several sheets or layers and `layer` names none.
    where
        Name of the file in problems.

    Raises
    ------
    Refused
        With the problem of the guard or of the reader.
    """
    size = len(data) if isinstance(data, bytes) else data.stat().st_size
    check_size(size, limits, where)
    form = identify(data)
    if form == "archive":
        return _open_archive(data, layer, choose, limits, where)
    if form == "JSON":
        return read_features(data, limits, where)
    if form == "CSV":
        _refuse_binary(data, where)
        return read_delimited(data, limits, where)
    if form == "XML":
        raise Refused(Problem("format_unknown", where))
    folder = Folder()
    path = data if isinstance(data, Path) else _store(folder, f"file{_SUFFIX[form]}", data)
    if form == "XLS":
        return read_workbook(path, form, layer, choose, limits, where)
    if form in {"KML", "GPX"} and path.suffix.lower() != _SUFFIX[form]:
        path = _store(folder, f"file{_SUFFIX[form]}", path.read_bytes())
    return read_layer(path, form, layer, choose, limits, where)


_SUFFIX = {"XLS": ".xls", "GeoPackage": ".gpkg", "shapefile": ".shp", "KML": ".kml", "GPX": ".gpx"}


def _store(folder: Folder, name: str, data: bytes) -> Path:
    path = folder.path / name
    path.write_bytes(data)
    return path


def _refuse_binary(data: Path | bytes, where: str) -> None:
    """Refuse what is neither text nor any format we know, before it is taken for a CSV."""
    head = _head(data)
    control = sum(byte < 9 or 13 < byte < 32 for byte in head[:4096])
    utf16 = detect_encoding(head).name.startswith("utf-16")
    if (not utf16 and control > len(head[:4096]) // 20) or head.startswith(b"%PDF"):
        raise Refused(Problem("format_unknown", where))


def _open_archive(
    data: Path | bytes, layer: str | None, choose: Choose, limits: Limits, where: str
) -> Table:
    stream: BinaryIO = io.BytesIO(data) if isinstance(data, bytes) else data.open("rb")
    with stream, open_archive(stream, limits, where) as archive:
        names = [one.filename for one in archive.infolist() if not one.is_dir()]
        office = _office(archive, names, where)
        if office:
            for name in names:
                if name.endswith((".xml", ".rels")):
                    with archive.open(name) as part:
                        check_prolog(part.read(1024**2), f"{where}, member {name}")
            folder = Folder()
            path = data if isinstance(data, Path) else _store(folder, "book", data)
            return read_workbook(path, office, layer, choose, limits, where)
        return _open_packed(archive, names, layer, choose, limits, where)


def _office(archive: zipfile.ZipFile, names: list[str], where: str) -> str:
    if "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names):
        return "XLSX"
    if "mimetype" in names and b"opendocument.spreadsheet" in read_member(
        archive, "mimetype", where
    ):
        return "ODS"
    return ""


def _open_packed(
    archive: zipfile.ZipFile,
    names: list[str],
    layer: str | None,
    choose: Choose,
    limits: Limits,
    where: str,
) -> Table:
    """Open the one delivery in a zip: a shapefile with its parts, or a single file."""
    found = [name for name in names if name.lower().endswith(_READABLE) and "__MACOSX" not in name]
    shapes = [name for name in found if name.lower().endswith(".shp")]
    if shapes:
        stems = {PurePosixPath(name).stem: name for name in shapes}
        if layer and layer not in stems:
            params: dict[str, str | int | float] = {"layer": layer, "layers": ", ".join(stems)}
            raise Refused(Problem("layer_unknown", where, params))
        if len(stems) > 1 and not layer:
            raise Refused(Problem("archive_several", where, {"names": ", ".join(stems)}))
        return _open_shapefile(archive, stems[layer or next(iter(stems))], choose, limits, where)
    documents = [name for name in found if name.lower().endswith(".kml")]
    if documents:  # the first one is the document of a KMZ (OGC KML 2.3, annex C)
        found = [next((n for n in documents if n.lower() == "doc.kml"), documents[0])]
    if len(found) != 1:
        code = "archive_several" if found else "format_unknown"
        raise Refused(Problem(code, where, {"names": ", ".join(found[:10])}))
    inner = read_member(archive, found[0], where)
    form = identify(inner)
    if form == "archive" and not found[0].lower().endswith(".xlsx"):
        raise Refused(Problem("format_unknown", where))
    table = open_table(inner, layer, choose, limits, f"{where}, member {found[0][:80]}")
    table.stated.format = "KMZ" if documents else f"{table.stated.format} in a zip"
    return table


def _open_shapefile(
    archive: zipfile.ZipFile, name: str, choose: Choose, limits: Limits, where: str
) -> Table:
    folder = Folder()
    stem = name[: -len(".shp")].lower()
    for member in archive.namelist():
        suffix = member[-4:].lower()
        if member[:-4].lower() == stem and suffix in _SHAPE_PARTS:
            _store(folder, f"layer{suffix}", read_member(archive, member, where))
    table = read_layer(folder.path / "layer.shp", "shapefile", None, choose, limits, where)
    table.stated.layer = PurePosixPath(name).stem
    return table


register(
    {
        "format_unknown": (
            "The file is in no format that can be read.",
            "Send CSV, XLSX, GeoJSON, GeoPackage, a zipped shapefile, KML, KMZ or GPX.",
        ),
        "archive_several": (
            "The archive holds several deliveries: {names}.",
            "Name one with --layer, or pack each of them alone.",
        ),
    }
)
