"""GeoPackage, shapefile, KML, KMZ and GPX by GDAL in a confined process."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import shapely

from tilth.core.problems import Problem, Refused, register
from tilth.exchange.confined import Folder, read_frames, run_confined
from tilth.exchange.detect import detect_encoding
from tilth.exchange.guard import Limits, check_markup
from tilth.exchange.spreadsheets import Choose
from tilth.exchange.table import RawRow, Stated, Table

__all__ = ["pack_shapefile", "read_layer"]

_SIDECARS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_TECHNICAL = {
    # Columns that the KML and GPX drivers add to every layer, whatever the file holds.
    "KML": "begin end altitudeMode tessellate extrude visibility drawOrder icon snippet",
    "GPX": "ageofdgpsdata dgpsid hdop vdop pdop fix sat magvar geoidheight "
    "link1_href link1_text link1_type link2_href link2_text link2_type number",
}


def read_layer(
    path: Path,
    form: str,
    layer: str | None,
    choose: Choose,
    limits: Limits,
    where: str,
) -> Table:
    """Open one layer; features without a shape stay as rows.

    Parameters
    ----------
    path
        A checked file in a folder that lives as long as the table; for a shapefile its ``.shp``.
    form
        ``GeoPackage``, ``shapefile``, ``KML`` or ``GPX``.

    Raises
    ------
    Refused
        ``layer_unknown``, ``file_empty``, ``xml_entities`` and kin, and what the confined reader
        refuses.
    """
    warnings: list[Problem] = []
    if form in {"KML", "KMZ", "GPX"}:
        with path.open("rb") as stream:
            names = check_markup(stream, limits, where)
        if "NetworkLink" in names:
            warnings.append(Problem("links_not_followed", where, {"links": names["NetworkLink"]}))
    encoding = _table_encoding(path) if form == "shapefile" else ""
    job = {"action": "layers", "path": str(path), "layer": layer or "", "encoding": encoding}
    folder = Folder()
    output = folder.path / "layers"
    layers, head = _open(job, output, limits, where)
    chosen, others = _choose(layers, layer, choose, where)
    if others and not layer:
        params: dict[str, str | int | float] = {"layer": chosen, "others": ", ".join(others)}
        warnings.append(Problem("several_layers", where, params))
    if head is None:
        output = folder.path / "features"
        _, head = _open({**job, "layer": chosen}, output, limits, where)
    if head is None:
        raise Refused(Problem("file_empty", where))
    technical = set(_TECHNICAL.get("KML" if form == "KMZ" else form, "").split())
    kept = [n for n, name in enumerate(head["columns"]) if name not in technical]
    stated = Stated(
        form,
        encoding=encoding,
        layer=chosen,
        layers=tuple(one["name"] for one in layers),
        crs=head["crs"],
    )
    rows = partial(_rows, folder, output.name, kept, where)
    columns = tuple(head["columns"][n] for n in kept)
    return Table(columns, rows, stated, spatial=True, warnings=warnings)


def _open(
    job: dict[str, Any], output: Path, limits: Limits, where: str
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """Layers with features, and columns and reference system of the one that was read if any."""
    run_confined(job, output, limits, where)
    frames = list(islice(read_frames(output), 2))
    for frame in frames:
        if "problem" in frame:
            raise Refused(Problem(frame["problem"], where, frame["params"]))
    layers = [one for one in frames[0]["layers"] if one["features"]] if frames else []
    if not layers:
        raise Refused(Problem("file_empty", where))
    return layers, frames[1] if len(frames) > 1 else None


def _choose(
    layers: list[dict[str, Any]], layer: str | None, choose: Choose, where: str
) -> tuple[str, list[str]]:
    names = [one["name"] for one in layers]
    if layer:
        if layer not in names:
            params: dict[str, str | int | float] = {"layer": layer, "layers": ", ".join(names)}
            raise Refused(Problem("layer_unknown", where, params))
        return layer, []
    # The points of a track repeat the track itself.
    own = [one for one in layers if not one["name"].endswith(("track_points", "route_points"))]
    if len(own) == 1:
        chosen = str(own[0]["name"])
    else:
        chosen = choose({one["name"]: tuple(one["columns"]) for one in own or layers})
    return chosen, [name for name in names if name != chosen]


def _rows(folder: Folder, name: str, kept: list[int], where: str) -> Iterator[RawRow]:
    """Features of the layer; holds the folder, so that it lives as long as they are read."""
    for frame in read_frames(folder.path / name):
        if "problem" in frame:
            raise Refused(Problem(frame["problem"], where, frame["params"]))
        features = frame.get("features", ())
        shapes = shapely.from_wkb([wkb for _, wkb, _ in features], on_invalid="ignore")
        for (number, wkb, cells), shape in zip(features, shapes, strict=True):
            part = f"feature {number}"
            problem = None
            if wkb is not None and shape is None:
                problem = Problem("geometry_unreadable", part)
            yield RawRow(part, [cells[n] for n in kept], shape, problem)


def _table_encoding(path: Path) -> str:
    """Encoding of a shapefile's table: what its ``.cpg`` says, else from its bytes."""
    cpg = path.with_suffix(".cpg")
    if cpg.exists():
        said = cpg.read_bytes()[:40].decode("ascii", "ignore").strip()
        try:
            return "".encode(said).decode() or said
        except LookupError:
            pass
    table = path.with_suffix(".dbf")
    if not table.exists():
        return ""
    with table.open("rb") as stream:
        stream.seek(8)
        begin = int.from_bytes(stream.read(2), "little")  # dBASE: length of the header
        stream.seek(begin)
        return detect_encoding(stream.read(1024**2).replace(b"\0", b" ")).name


def pack_shapefile(path: Path) -> bytes:
    """Put a ``.shp`` and the files that belong to it into one zip, the same bytes every time.

    The parts of a shapefile are one delivery; this is what is kept of it.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for suffix in _SIDECARS:
            part = _sidecar(path, suffix)
            if part is not None:
                entry = zipfile.ZipInfo(f"{path.stem}{suffix}", (1980, 1, 1, 0, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, part.read_bytes())
    return packed.getvalue()


def _sidecar(path: Path, suffix: str) -> Path | None:
    for candidate in (path.with_suffix(suffix), path.with_suffix(suffix.upper())):
        if candidate.is_file() and not candidate.is_symlink():
            return candidate
    return None


register(
    {
        "links_not_followed": (
            "The file links to {links} other files or servers, which were not fetched.",
            "Save the linked places in this file and import it again.",
        ),
        "geometry_unreadable": (
            "The shape of the feature cannot be read.",
            "Digitise it again, or save the layer again from the program it comes from.",
        ),
    }
)
