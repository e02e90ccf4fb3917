"""Whatever comes in, the answer is records, refused rows or a problem; never a traceback.

1. Arbitrary bytes, arbitrary tables, arbitrary JSON. 2. Good files with bytes changed.
"""

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from office_files import SQUARE, deliver, layer, workbook

from tilth.core.kinds.catalogue import KINDS
from tilth.core.problems import CATALOGUE, Problem, Refused

DATA = Path(__file__).parents[1] / "data"


def formatted(problem: Problem) -> None:
    """A problem's texts take its parameters."""
    text = CATALOGUE[problem.code]
    text.what.format(**problem.params)
    text.fix.format(**problem.params)


def survive(data: bytes | str, kind: str) -> None:
    try:
        delivery, rows = deliver(data, kind, set_fields={"happened_on": "2024"})
    except Refused as error:
        for problem in error.problems:
            formatted(problem)
        return
    assert delivery.accepted == len(rows)
    for one in delivery.refused:
        assert one.problems
        for problem in one.problems:
            formatted(problem)
    for warning in delivery.warnings:
        formatted(warning)


kinds = st.sampled_from(sorted(KINDS))


@given(st.binary(max_size=400), kinds)
def test_arbitrary_bytes(data: bytes, kind: str) -> None:
    if not data.startswith((b"PK", b"SQLite", b"\xd0\xcf", b"\x00\x00\x27\x0a", b"<")):
        survive(data, kind)


WORDS = (
    "id date year month place area area_ha latitude longitude x y classification status type "
    "AP_mines UXO total_items category quantity depth method wkt items name sex remarks"
)
HEADINGS = st.sampled_from(WORDS.split())
ODD_CELLS = """1.234|2,006|01/02/2024|13/01/2024|18.5|-200|SHA|44°15'N|POINT(1 2)|m|٣|1e400|=1|NaN
|\u202e7|1/0|🚩|POLYGON((0 0,1 1,1 0,0 1,0 0))"""
CELLS = st.one_of(
    st.text(max_size=12), st.sampled_from(ODD_CELLS.split("|")), st.floats().map(repr)
)


@given(
    st.lists(HEADINGS, min_size=1, max_size=7),
    st.lists(st.lists(CELLS, max_size=8), max_size=8),
    kinds,
)
def test_arbitrary_tables(headings: list[str], rows: list[list[str]], kind: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([headings, *rows])
    survive(text.getvalue().encode("utf-8", "replace"), kind)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | CELLS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(HEADINGS, inner, max_size=4),
    max_leaves=12,
)
features = st.fixed_dictionaries(
    {
        "type": st.just("Feature"),
        "geometry": st.none()
        | st.fixed_dictionaries(
            {
                "type": st.sampled_from(["Point", "Polygon", "MultiPolygon", "GeometryCollection"]),
                "coordinates": json_values,
            }
        ),
        "properties": st.none() | st.dictionaries(HEADINGS, json_values, max_size=6),
    }
)


@given(st.lists(features | json_values, max_size=4), kinds)
def test_arbitrary_features(found: list[object], kind: str) -> None:
    collection = json.dumps({"type": "FeatureCollection", "features": found})
    survive(collection, kind)
    survive("\n".join(json.dumps(one) for one in found), kind)


CSV_FILE = (DATA / "colombia/clearance-2005-2014.csv").read_bytes()[:3000]


@given(st.lists(st.tuples(st.integers(0, 2999), st.integers(0, 255)), max_size=12))
def test_a_table_with_bytes_changed(changes: list[tuple[int, int]]) -> None:
    data = bytearray(CSV_FILE)
    for at, value in changes:
        data[at] = value
    survive(bytes(data), "clearance_summary")


@pytest.fixture(scope="module")
def binaries(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("good")
    table = workbook({"a": [["date", "place", "area"], ["2024-01-01", "A", 5.5]]})
    package = layer(folder / "a.gpkg", [SQUARE], {"place": ["A"]}, "GPKG").read_bytes()
    layer(folder / "a.shp", [SQUARE], {"place": ["A"]}, "ESRI Shapefile")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for suffix in (".shp", ".shx", ".dbf"):
            archive.write(folder / f"a{suffix}", f"a{suffix}")
    places = layer(folder / "a.kml", [SQUARE], {"place": ["A"]}, "KML").read_bytes()
    return [table, package, packed.getvalue(), (folder / "a.shp").read_bytes(), places]


@settings(max_examples=12)
@given(data=st.data())
def test_a_binary_file_with_bytes_changed(binaries: list[bytes], data: st.DataObject) -> None:
    good = bytearray(data.draw(st.sampled_from(binaries)))
    for _ in range(data.draw(st.integers(1, 8))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(len(good) // 2, len(good)))
    survive(bytes(good[:cut]), "hazard_area")
