"""Files as offices send them, built for the tests: sheets, layers, text in several encodings."""

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import openpyxl
import pyogrio
import shapely

from tilth.core.kinds.catalogue import KINDS
from tilth.exchange.delivery import Delivery, Row, read_delivery

TODAY = "2026-11-22"
SQUARE = shapely.box(18.60, 44.10, 18.61, 44.11)
BOW_TIE = shapely.Polygon([(18.6, 44.1), (18.61, 44.11), (18.61, 44.1), (18.6, 44.11)])


def deliver(data: bytes | Path | str, kind: str, **options: object) -> tuple[Delivery, list[Row]]:
    """Read a delivery to its end; text stands for its UTF-8 bytes."""
    content = data.encode() if isinstance(data, str) else data
    filename = data.name if isinstance(data, Path) else "file"
    chosen = {"filename": filename, "kind": KINDS[kind], "today": TODAY, **options}
    delivery = read_delivery(content, **chosen)
    return delivery, list(delivery)


def codes(delivery: Delivery) -> list[str]:
    """Problem codes of the refused rows, in their order."""
    return [problem.code for row in delivery.refused for problem in row.problems]


def warned(delivery: Delivery) -> set[str]:
    return {warning.code for warning in delivery.warnings}


def workbook(sheets: dict[str, Sequence[Sequence[object]]], merged: Sequence[str] = ()) -> bytes:
    """An XLSX of sheets, the cells named being merged on the first."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    for cells in merged:
        book.worksheets[0].merge_cells(cells)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def open_document(rows: Sequence[Sequence[str]]) -> bytes:
    """An ODS of texts, as small as the format allows."""
    cells = "".join(
        "<table:table-row>"
        + "".join(
            '<table:table-cell office:value-type="string">'
            f"<text:p>{cell}</text:p></table:table-cell>"
            for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    names = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<?xml version="1.0"?><office:document-content xmlns:office="{names}:office:1.0" '
        f'xmlns:table="{names}:table:1.0" xmlns:text="{names}:text:1.0" office:version="1.2">'
        f'<office:body><office:spreadsheet><table:table table:name="Hoja1">{cells}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            f'<?xml version="1.0"?><manifest:manifest xmlns:manifest="{names}:manifest:1.0"/>',
        )
        archive.writestr("content.xml", content)
    return packed.getvalue()


def layer(
    path: Path,
    shapes: Sequence[object],
    fields: dict[str, Sequence[object]],
    driver: str,
    crs: str = "EPSG:4326",
    **options: object,
) -> Path:
    """A GIS file of one layer; None is a null shape."""
    wkb = np.array([None if s is None else shapely.to_wkb(s) for s in shapes], dtype=object)
    kinds = {s.geom_type for s in shapes if s is not None}
    pyogrio.raw.write(
        path,
        wkb,
        [np.array(list(values), dtype=_dtype(values)) for values in fields.values()],
        list(fields),
        geometry_type=kinds.pop() if len(kinds) == 1 else "Unknown",
        crs=crs,
        driver=driver,
        **options,
    )
    return path


def _dtype(values: Sequence[object]) -> object:
    if all(isinstance(value, dt.date) for value in values):
        return "datetime64[D]"
    return None if all(isinstance(value, int | float) for value in values) else object


def zip_of(*paths: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in paths:
            archive.write(path, path.name)
    return packed.getvalue()
