"""Hostile files: each is refused with a problem of its own, soon and in little memory.

1. Archives: bombs, paths, links, passwords, overlapping members, endless directories.
2. XML: entities, document types, depth. 3. JSON: depth, numbers, garbage.
4. Text: NUL bytes, cells without end, columns without number.
5. Spreadsheets whose cells are far apart end the confined reader, not us.
"""

import io
import json
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from tilth.core.kinds.catalogue import KINDS
from tilth.core.problems import CATALOGUE, Refused
from tilth.exchange.containers import open_table
from tilth.exchange.delivery import read_delivery
from tilth.exchange.guard import Limits

LIMITS = Limits()


def refused(data: bytes | Path, limits: Limits = LIMITS) -> str:
    """Code with which a file is refused; reading it whole must not take long either."""
    began = time.perf_counter()
    with pytest.raises(Refused) as caught:
        for _ in open_table(data, None, lambda found: next(iter(found)), limits, "f").rows():
            pass
    assert time.perf_counter() - began < 20
    (problem,) = caught.value.problems
    text = CATALOGUE[problem.code]
    text.what.format(**problem.params)
    text.fix.format(**problem.params)
    return problem.code


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return packed.getvalue()


def test_a_bomb_is_not_unpacked() -> None:
    assert refused(zipped(("a.csv", b"0" * 50_000_000))) == "archive_bomb"


def test_many_middling_members_are_a_bomb_too() -> None:
    small = replace(LIMITS, unpacked_bytes=10_000_000)
    members = [(f"{n}.csv", bytes(range(256)) * 8_000) for n in range(8)]
    assert refused(zipped(*members), small) == "archive_bomb"


def test_overlapping_members_are_a_bomb() -> None:
    data = zipped(("a.csv", b"x" * 1000), method=zipfile.ZIP_STORED)
    at = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    entry = data[at:end]
    twice = data[:at] + entry + entry.replace(b"a.csv", b"b.csv")
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2, 2, 2 * len(entry), at, 0)
    assert refused(twice + tail) == "archive_bomb"


@pytest.mark.parametrize(
    "name", ["../../etc/cron.d/x.csv", "/etc/passwd.csv", "C:\\x.csv", "..\\x.csv"]
)
def test_paths_out_of_the_folder(name: str) -> None:
    assert refused(zipped((name, b"a,b\n1,2\n"))) == "archive_path"


def test_links() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        link = zipfile.ZipInfo("areas.csv")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert refused(packed.getvalue()) == "archive_link"


def test_passwords() -> None:
    data = bytearray(zipped(("a.csv", b"a,b\n1,2\n")))
    for mark, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        data[data.index(mark) + offset] |= 1
    assert refused(bytes(data)) == "archive_encrypted"


def test_too_many_members() -> None:
    members = [(f"{n}.txt", b"") for n in range(60)]
    assert refused(zipped(*members), replace(LIMITS, members=50)) == "archive_too_many"


def test_a_broken_archive() -> None:
    data = zipped(("a.csv", b"a,b\n1,2\n"))
    assert refused(data[:-30]) == "archive_broken"
    flipped = bytearray(zipped(("a.csv", b"a,b\n" + b"1,2\n" * 50), method=zipfile.ZIP_STORED))
    flipped[60] ^= 0xFF
    assert refused(bytes(flipped)) == "archive_broken"


def test_an_archive_in_an_archive() -> None:
    inner = zipped(("a.csv", b"a,b\n1,2\n"))
    assert refused(zipped(("a.csv", inner))) == "format_unknown"


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>&c;</name></Document></kml>"""
FETCH = b"""<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<kml><Document><name>&x;</name></Document></kml>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE gpx SYSTEM "http://127.0.0.1/gpx.dtd"><gpx></gpx>"""


@pytest.mark.parametrize("data", [LAUGHS, FETCH, OUTSIDE, zipped(("doc.kml", LAUGHS))])
def test_entities(data: bytes) -> None:
    assert refused(data) == "xml_entities"


def test_entities_in_the_parts_of_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["name", "area"])
    book.save(tmp_path / "x.xlsx")
    for coding in ("utf-8", "utf-16"):
        changed = io.BytesIO()
        with (
            zipfile.ZipFile(tmp_path / "x.xlsx") as old,
            zipfile.ZipFile(changed, "w") as new,
        ):
            for name in old.namelist():
                data = old.read(name)
                if name.endswith("sheet1.xml"):
                    data = LAUGHS.decode().encode(coding)
                new.writestr(name, data)
        assert refused(changed.getvalue()) == "xml_entities"


def test_deep_markup() -> None:
    deep = b"<kml>" + b"<Folder>" * 5000 + b"</Folder>" * 5000 + b"</kml>"
    assert refused(deep) == "nested_too_deep"


def test_markup_that_pretends() -> None:
    vrt = b'<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource>'
    assert refused(vrt + b"</OGRVRTLayer></OGRVRTDataSource>") == "format_unknown"
    assert refused(b"<kml><Placemark></kml>") == "xml_broken"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"type":"FeatureCollection","features":' + "[" * 100_000, "nested_too_deep"),
        ("[" * 100_000, "nested_too_deep"),
        ('{"features": [1, 2', "json_broken"),
        ('{"type": "FeatureCollection"}', "json_broken"),
        ('{"features": []}', "file_empty"),
        ("[]", "file_empty"),
        ('{"features": [5]}', "json_broken"),
    ],
)
def test_json(text: str, code: str) -> None:
    assert refused(text.encode()) == code


def hazard(data: bytes, **options: object) -> tuple[list[object], list[str]]:
    delivery = read_delivery(
        data, filename="f", kind=KINDS["hazard_area"], today="2026-11-22", **options
    )
    rows = list(delivery)
    return rows, [problem.code for one in delivery.refused for problem in one.problems]


def test_one_hostile_feature_leaves_the_others() -> None:
    good = {"type": "Feature", "geometry": None, "properties": {"date": "2024", "place": "Dagua"}}
    deep = '{"type":"Feature","geometry":null,"properties":{"x":' + "[" * 3000 + "]" * 3000 + "}}"
    text = (
        f'{{"type":"FeatureCollection","features":[{json.dumps(good)},{deep},{json.dumps(good)}]}}'
    )
    assert refused(text.encode()) == "nested_too_deep"  # one document is read or refused whole
    lines = "\n".join([json.dumps(good), deep, json.dumps(good)])
    rows, codes = hazard(lines.encode())
    assert (len(rows), codes) == (2, ["nested_too_deep"])


@pytest.mark.parametrize("number", ["1" * 5000, "1e999999999", "-" + "9" * 400])
def test_enormous_numbers_refuse_their_row_alone(number: str) -> None:
    feature = '{"type":"Feature","geometry":null,"properties":{"date":"2024","place":"A","area":N}}'
    text = "\n".join([feature.replace("N", "5"), feature.replace("N", number)])
    began = time.perf_counter()
    rows, codes = hazard(text.encode())
    assert time.perf_counter() - began < 5
    assert len(rows) == 1
    assert len(codes) == 1


def test_nul_bytes() -> None:
    assert refused(b"name,area\nA,1\nB\0C,2\n") == "nul_bytes"


def test_a_cell_without_end() -> None:
    assert refused(b"name,area\nA," + b"1" * 5_000_000 + b"\n") == "cell_too_long"
    assert refused(b"x" * 3_000_000) == "cell_too_long"
    quoted = b'name,area\n"A,1\n' + b"B,2\n" * 600_000  # a quotation mark that is never closed
    assert refused(quoted) == "cell_too_long"


def test_ten_gigabytes_in_one_cell_are_never_held(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as stream:  # sparse: it has the size, not the bytes
        stream.write(b"name,area\n" + b"A,1\n" * 50_000 + b"B,")
        stream.truncate(10 * 1024**3)
    assert refused(path) == "file_too_large"
    assert refused(path, replace(LIMITS, file_bytes=20 * 1024**3)) == "nul_bytes"


def test_columns_without_number() -> None:
    assert (
        refused((",".join(f"c{n}x" for n in range(5000)) + "\n1,2\n").encode())
        == "too_many_columns"
    )


def test_rows_without_number() -> None:
    text = b"name,area\n" + b"A,1\n" * 500
    assert refused(text, replace(LIMITS, rows=100)) == "too_many_rows"


@pytest.mark.parametrize("data", [b"\x7fELF" + bytes(range(256)) * 20, b"%PDF-1.7\n" + bytes(3000)])
def test_what_is_no_table(data: bytes) -> None:
    assert refused(data) == "format_unknown"


def test_an_empty_file() -> None:
    assert refused(b"") == "file_empty"


def edited_workbook(edit: Callable[[str], str], tmp_path: Path) -> bytes:
    """A small workbook whose sheet was edited by hand."""
    book = openpyxl.Workbook()
    book.active.append(["name", "area"])
    book.active.append(["A", 1])
    book.save(tmp_path / "x.xlsx")
    changed = io.BytesIO()
    with zipfile.ZipFile(tmp_path / "x.xlsx") as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith("sheet1.xml"):
                data = edit(data.decode()).encode()
            new.writestr(name, data)
    return changed.getvalue()


def test_cells_far_apart_end_the_reader_and_not_us(tmp_path: Path) -> None:
    def far(sheet: str) -> str:
        cell = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        return sheet.replace("</sheetData>", cell)

    small = replace(LIMITS, reader_bytes=1024**3)
    assert refused(edited_workbook(far, tmp_path), small) in {
        "reader_out_of_memory",
        "reader_failed",
        "too_many_columns",
    }


def test_a_reader_that_does_not_end_is_stopped(tmp_path: Path) -> None:
    rows = "".join(
        f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="B{n}"><v>{n}</v></c></row>'
        for n in range(3, 200_000)
    )
    data = edited_workbook(lambda s: s.replace("</sheetData>", rows + "</sheetData>"), tmp_path)
    impatient = replace(LIMITS, reader_seconds=0)
    assert refused(data, impatient) in {"reader_too_slow", "reader_failed"}


def test_a_database_that_is_no_geopackage() -> None:
    assert refused(b"SQLite format 3\0" + bytes(4096)) == "reader_failed"


def test_a_shapefile_of_nonsense() -> None:
    assert refused(b"\x00\x00\x27\x0a" + bytes(200)) in {"reader_failed", "file_empty"}


def test_a_tighter_limit_of_the_shell_is_kept() -> None:
    """Raising a hard limit is an error; a shell with one could read no spreadsheet."""
    hard = "import resource as r; r.setrlimit(r.RLIMIT_FSIZE, (2**20, 2**20))"
    told = "from tilth.exchange.worker import _confine; _confine(r.RLIMIT_FSIZE, 2**30)"
    shown = "print(r.getrlimit(r.RLIMIT_FSIZE))"
    done = subprocess.run(
        [sys.executable, "-c", "; ".join((hard, told, shown))],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "(1048576, 1048576)\n"
