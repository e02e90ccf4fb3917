"""Every format, as offices really fill it.

1. Sheets: titles and merged headings above the data, typed numbers and dates, several sheets.
2. Layers: ten-character columns, a national grid, KML, KMZ, GPX, null and invalid shapes.
3. Text: several encodings and delimiters, all stated.
"""

import datetime as dt
import json
from pathlib import Path

import pytest
import shapely
from office_files import (
    BOW_TIE,
    SQUARE,
    codes,
    deliver,
    layer,
    open_document,
    warned,
    workbook,
    zip_of,
)

from tilth.core.geometry.encoding import shape_of
from tilth.core.problems import Refused
from tilth.exchange.vector import pack_shapefile


def refused_with(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [problem.code for problem in error.value.problems]


def test_titles_and_merged_headings() -> None:
    data = workbook(
        {
            "2024": [
                ["Monthly clearance results", None, None, None, None, None],
                [None] * 6,
                ["Province", "Place", "Destroyed items", None, None, "Area"],
                [None, None, "AP mines", "UXO", "Fuzes", "(ha)"],
                ["Norte", "Dagua", 3, 1, 0, 1.25],
                ["Norte", "Cali", 0, 0, 7, 0.1],
                ["Total", None, 3, 1, None, None],
            ]
        },
        merged=["A1:F1", "C3:E3", "A3:A4", "B3:B4"],
    )
    delivery, rows = deliver(data, "clearance_summary", set_fields={"happened_on": "2024-05"})
    assert delivery.columns == (
        "Province", "Place", "Destroyed items AP mines", "Destroyed items UXO",
        "Destroyed items Fuzes", "Area (ha)",
    )  # fmt: skip
    assert delivery.stated.header_row == 4
    assert [row.part for row in rows] == ["row 5", "row 6"]
    assert [row.fields["declared_area_m2"] for row in rows] == ["12500", "1000"]
    assert rows[0].fields["items"] == [
        {"category": "ap_mine", "disposal": "destroyed_place_unknown", "quantity": 3},
        {"category": "uxo", "disposal": "destroyed_place_unknown", "quantity": 1},
    ]
    assert rows[1].fields["items"][0]["category"] == "fuze"
    assert codes(delivery) == ["total_row"]


def test_typed_cells_have_one_reading() -> None:
    data = workbook(
        {
            "a": [
                ["id", "date", "classification", "area m2", "place"],
                ["H-1", dt.date(2024, 3, 4), "SHA", 127.630, "A"],
                ["H-2", dt.datetime.fromisoformat("2024-03-05 14:30"), "CHA", 54370.0, "B"],
                ["H-3", 45369, "SHA", 0.1 + 0.7, "C"],
            ]
        }
    )
    _, rows = deliver(data, "hazard_area")
    fields = [row.fields for row in rows]
    assert [one["happened_on"] for one in fields] == ["2024-03-04", "2024-03-05", "2024-03-18"]
    assert [one["declared_area_m2"] for one in fields] == ["127.63", "54370", "0.7999999999999999"]


def test_text_numbers_in_a_sheet_stay_ambiguous() -> None:
    data = workbook({"a": [["id", "date", "place", "area"], ["1", "2024", "A", "127.630"]]})
    delivery, rows = deliver(data, "hazard_area")
    assert (rows, codes(delivery)) == ([], ["ambiguous_number"])


def test_of_several_sheets_the_nearest_is_read_and_the_others_named() -> None:
    sheets = {
        "Cover": [["Prepared by", "office"], ["someone", "north"]],
        "Areas": [["hazard name", "classification", "place"], ["North field", "SHA", "A"]],
    }
    fixed = {"happened_on": "2024"}
    delivery, rows = deliver(workbook(sheets), "hazard_area", set_fields=fixed)
    assert (delivery.stated.layer, rows[0].fields["name"]) == ("Areas", "North field")
    assert "several_layers" in warned(delivery)
    delivery, _ = deliver(workbook(sheets), "hazard_area", set_fields=fixed, layer="Cover")
    assert delivery.columns == ("Prepared by", "office")
    with pytest.raises(Refused) as error:
        deliver(workbook(sheets), "hazard_area", layer="Other")
    assert refused_with(error) == ["layer_unknown"]


def test_open_document_sheets() -> None:
    rows = [["nombre", "código", "fecha"], ["Dagua", "76233", "2024-01-02"]]
    delivery, (row,) = deliver(open_document(rows), "place")
    assert delivery.stated.format == "ODS"
    assert (row.fields["name"], row.fields["happened_on"]) == ("Dagua", "2024-01-02")


def test_shapefile_with_columns_of_ten_letters(tmp_path: Path) -> None:
    path = layer(
        tmp_path / "hazards.shp",
        [SQUARE, BOW_TIE, None],
        {
            "Hazard_Cla": ["SHA", "CHA", "SHA"],
            "Status_1": ["Expired", "Open", "Open"],
            "Status_Cha": [dt.date(2024, 3, 1)] * 3,
            "AreaSize": [816_000.5, 12.25, 3.0],
            "Nombre": ["Nariño", "Samaná", "Córdoba"],
        },
        "ESRI Shapefile",
        encoding="cp1252",
    )
    packed = zip_of(*(p for p in tmp_path.iterdir() if p.suffix != ".cpg"))
    fixed = {"happened_on": "2024-03-18"}
    for data in (path, packed, pack_shapefile(path)):
        delivery, rows = deliver(data, "hazard_area", set_fields=fixed)
        assert codes(delivery) == ["not_placed"]
        assert delivery.refused[0].part == "feature 3"
        assert [row.fields["classification"] for row in rows] == ["SHA", "CHA"]
        assert [row.fields["status_entered"] for row in rows] == ["Expired", "Open"]
        assert rows[0].fields["release_claim"] == "expired"
        assert rows[0].fields["status_changed_on"] == "2024-03-01"
        assert rows[0].fields["declared_area_m2"] == "816000.5"
        assert rows[0].fields["name"] == "Nariño"
        (noticed,) = [one for one in delivery.noticed if one.code == "invalid_geometry"]
        assert noticed.part == "feature 2"
        assert float(noticed.params["after_m2"]) > float(noticed.params["before_m2"])
        assert rows[1].fields["shape"]["type"] == "MultiPolygon"
        assert rows[1].fields["shape"]["repair"]["method"] == "make_valid/structure"


def test_a_packed_shapefile_has_the_same_bytes_every_time(tmp_path: Path) -> None:
    path = layer(tmp_path / "a.shp", [SQUARE], {"id": ["1"]}, "ESRI Shapefile")
    first = pack_shapefile(path)
    path.touch()
    assert pack_shapefile(path) == first


def test_geopackage_in_a_national_grid(tmp_path: Path) -> None:
    # MAGNA-SIRGAS / Colombia Bogota zone: false origin 1,000,000 m at 4.596° N, 74.078° W.
    field = shapely.box(1_000_000, 1_000_000, 1_000_100, 1_000_200)
    path = layer(tmp_path / "zona.gpkg", [field], {"nombre": ["Campo"]}, "GPKG", crs="EPSG:3116")
    fixed = {"happened_on": "2024", "classification": "CHA"}
    delivery, (row,) = deliver(path, "hazard_area", set_fields=fixed)
    shape = row.fields["shape"]
    assert shape["entered"]["crs"] == "EPSG:3116"
    assert ["1000000", "1000000"] in shape["entered"]["coordinates"][0]
    west, south, _, _ = shape_of(shape).bounds
    assert abs(west - -74.0775079) < 1e-6
    assert abs(south - 4.5962004) < 1e-6
    again, _ = deliver(path, "hazard_area", set_fields=fixed, crs="EPSG:3115")
    assert "crs_overridden" in warned(again)
    assert delivery.stated.format == "GeoPackage"


def test_geopackage_of_several_layers(tmp_path: Path) -> None:
    path = tmp_path / "all.gpkg"
    layer(path, [shapely.Point(1, 1)], {"operator": ["x"]}, "GPKG", layer="offices")
    layer(
        path,
        [SQUARE],
        {"classification": ["SHA"], "hazard_nam": ["A"]},
        "GPKG",
        layer="hazards",
        append=True,
    )
    delivery, (row,) = deliver(path, "hazard_area", set_fields={"happened_on": "2024"})
    assert (delivery.stated.layer, row.fields["name"]) == ("hazards", "A")
    assert "several_layers" in warned(delivery)


KML = """<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">
<Document><Placemark><name>Поле 1</name><description>біля дороги</description>
<ExtendedData><Data name="classification"><value>SHA</value></Data></ExtendedData>
<Polygon><outerBoundaryIs><LinearRing><coordinates>
18.60,44.10,0 18.61,44.10,0 18.61,44.11,0 18.60,44.10,0
</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></Document></kml>"""


def test_kml_and_kmz(tmp_path: Path) -> None:
    fixed = {"happened_on": "2024-03-18"}
    (tmp_path / "doc.kml").write_text(KML, encoding="utf-8")
    for data, form in ((KML, "KML"), (zip_of(tmp_path / "doc.kml"), "KMZ")):
        delivery, (row,) = deliver(data, "hazard_area", set_fields=fixed)
        assert delivery.stated.format == form
        assert row.fields["name"] == "Поле 1"
        assert row.fields["description"] == "біля дороги"
        assert row.fields["classification"] == "SHA"
        assert row.fields["shape"]["coordinates"][0][0] == [18_600_000_000, 44_100_000_000]
        assert "visibility" not in delivery.columns


def test_kml_that_links_elsewhere() -> None:
    link = "<NetworkLink><Link><href>http://127.0.0.1/more.kml</href></Link></NetworkLink>"
    text = KML.replace("<Document>", f"<Document>{link}")
    delivery, rows = deliver(text, "hazard_area", set_fields={"happened_on": "2024"})
    assert len(rows) == 1
    assert "links_not_followed" in warned(delivery)


def test_gpx_waypoints() -> None:
    text = """<?xml version="1.0"?><gpx version="1.1" creator="x"
    xmlns="http://www.topografix.com/GPX/1/1"><wpt lat="44.25" lon="18.5"><ele>312</ele>
    <time>2024-03-18T08:00:00Z</time><name>UXO by the well</name></wpt></gpx>"""
    delivery, (row,) = deliver(text, "evidence_point")
    assert row.fields["point"]["coordinates"] == [18_500_000_000, 44_250_000_000]
    assert row.fields["happened_on"] == "2024-03-18"
    assert delivery.stated.layer == "waypoints"


def test_geojson_with_nested_items_and_its_own_system() -> None:
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [1_000_000, 1_000_000]},
        "properties": {
            "report_id": "R-1",
            "date": "2024-05-06",
            "team": "T1",
            "items": [
                {
                    "category": "AP mine",
                    "model": "PMA-2",
                    "quantity": 2,
                    "depth_cm": 12.50,
                    "latitude": 4.5,
                    "longitude": -74.25,
                },
                {"category": "UXO", "quantity": 1},
            ],
        },
    }
    collection = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3116"}},
        "features": [feature],
    }
    delivery, (row,) = deliver(json.dumps(collection), "clearance_report")
    assert delivery.stated.crs == "EPSG:3116"
    assert row.fields["local_id"] == "R-1"
    assert row.fields["items"] == [
        {
            "category": "ap_mine",
            "model": "PMA-2",
            "quantity": 2,
            "depth_cm": "12.5",
            "position": {"type": "Point", "coordinates": [-74_250_000_000, 4_500_000_000]},
        },
        {"category": "uxo", "quantity": 1},
    ]
    assert abs(row.fields["point"]["coordinates"][0] / 1e9 - -74.0775079) < 1e-6


def test_newline_delimited_features_keep_digits_as_written() -> None:
    line = (
        '{"type":"Feature","geometry":null,"properties":{"date":"2024","place":"A",'
        '"area":2170.50,"classification":"SHA"}}'
    )
    for text in (f"{line}\n{line}\n", f"\x1e{line}\n\x1e{line}\n"):
        delivery, rows = deliver(text, "hazard_area")
        assert [row.fields["declared_area_m2"] for row in rows] == ["2170.50"] * 2
        assert delivery.findings() == {"identical_rows": 1}
        assert "one feature a line" in delivery.stated.format


def test_json_records_without_shapes() -> None:
    text = json.dumps([{"name": "Dagua", "date": "2024"}, {"name": "Cali", "date": "2024"}])
    delivery, rows = deliver(text, "place")
    assert [row.part for row in rows] == ["record 1", "record 2"]
    assert delivery.stated.format == "JSON"


RUSSIAN = "Дата отчета;Район;Классификация;Площадь, га\n18.03.2024;Изюм;СПОО;1,5\n"
ARABIC = "التاريخ;القرية;المساحة\n2024-03-18;قرية تم تطهير المنطقة حولها من الألغام;1200\n"
SPANISH = "fecha;municipio;área\n18/03/2024;Nariño de Córdoba y Samaná;1200\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (RUSSIAN, "cp1251"),
        (ARABIC, "cp1256"),
        (SPANISH, "cp1252"),
        (RUSSIAN, "utf-8"),
        (RUSSIAN, "utf-8-sig"),
        (RUSSIAN, "utf-16"),
        (SPANISH, "utf-16-le"),
    ],
)
def test_encodings_are_detected_and_stated(text: str, encoding: str) -> None:
    lines = text.replace(";СПОО", ";SHA")
    delivery, (row,) = deliver(lines.encode(encoding), "hazard_area")
    assert delivery.stated.encoding == encoding
    assert delivery.stated.delimiter == ";"
    assert row.fields["happened_on"] == "2024-03-18"
    assert row.fields["place"] == text.splitlines()[1].split(";")[1]
    expected = "15000" if "га" in text else "1200"
    assert row.fields["declared_area_m2"] == expected


def test_two_encodings_in_one_file() -> None:
    first = "fecha,municipio\n" + "2024-01-02,Samaná Córdoba\n" * 3
    data = first.encode() + "2024-01-03,Nariño\n".encode("cp1252")
    delivery, rows = deliver(data, "hazard_area")
    assert [row.fields["place"] for row in rows][-2:] == ["Samaná Córdoba", "Nariño"]
    assert "mixed_encodings" in warned(delivery)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(delimiter: str) -> None:
    rows = [["date", "place", "remarks"], ["2024", "A", '"x, y; z"'], ["2024", "B", ""]]
    text = "\n".join(delimiter.join(row) for row in rows)
    delivery, found = deliver(text, "hazard_area")
    assert delivery.stated.delimiter == delimiter
    assert found[0].fields["remarks"] == "x, y; z"
    assert "remarks" not in found[1].fields


def test_ragged_rows() -> None:
    text = "date,place,remarks\n2024,A\n2024,B,c,d\n\n2024,C,e,,\n"
    delivery, rows = deliver(text, "hazard_area")
    assert [row.part for row in rows] == ["row 2", "row 5"]
    assert codes(delivery) == ["too_many_cells"]


def test_hxl_tags_are_no_record() -> None:
    text = "Date,Village\n#date,#loc+name\n2024-01-02,A\n"
    delivery, rows = deliver(text, "hazard_area")
    assert len(rows) == 1
    assert any("HXL" in note for note in delivery.stated.notes)
