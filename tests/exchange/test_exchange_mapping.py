"""Mapping files and suggestions: what they say, what they refuse, and that they come back.

1. A suggested mapping, saved and read again, gives the same records.
2. A mapping settles what the file leaves open: separators, order, units, words, columns.
3. What is wrong with a mapping file is told by line and key, all at once.
4. Where two columns compete, the one nearer to the kind is taken and the other named.
"""

from pathlib import Path

import pytest
from office_files import codes, deliver, warned

from tilth.core.kinds.catalogue import KINDS
from tilth.core.problems import CATALOGUE, Refused
from tilth.exchange.headings import nearness
from tilth.exchange.mapping import write_mapping
from tilth.exchange.mapping_file import read_mapping

DATA = Path(__file__).parents[1] / "data"
HAZARD = KINDS["hazard_area"]


def read(text: str, kind: str = "hazard_area"):
    return read_mapping(text, KINDS[kind])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("colombia/clearance-2005-2014.csv", "clearance_summary"),
        ("bombing/missions-1943.csv", "evidence_point"),
    ],
)
def test_a_saved_suggestion_gives_the_same_records(name: str, kind: str) -> None:
    suggested, rows = deliver(DATA / name, kind)
    saved = read(write_mapping(suggested.mapping), kind)
    again, same = deliver(DATA / name, kind, mapping=saved)
    assert [row.fields for row in rows] == [row.fields for row in same]
    assert again.findings() == suggested.findings()


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_with_the_very_name_of_a_field_is_that_field(kind: str) -> None:
    """Also where a word of it leads away elsewhere, as in ``status_entered``."""
    for field in KINDS[kind].fields:
        near = {one.name: nearness(field.name, one, KINDS[kind]) for one in KINDS[kind].fields}
        known = {name: away for name, away in near.items() if away is not None and away < 1}
        assert min(known, key=lambda name: known[name]) == field.name


def test_every_part_of_a_mapping_survives_being_written() -> None:
    text = """
kind = "clearance_report"
crs = "EPSG:3116"
layer = "Hoja1"
group_by = ["informe"]

[fields]
local_id = "informe"
happened_on = { year = "año", month = "mes", day = "día" }
place = { columns = ["depto", "muni"], join = " - " }
processed_area_m2 = { column = "area", unit = "ha", decimal = "," }
methods = "metodo"

[constants]
organisation = "ORG1"

[values.methods]
"detector" = "manual_detector"

[position.point]
x = "este"
y = "norte"
crs = "EPSG:3115"

[lines.items]
fields = { category = "tipo", quantity = "cant" }

[values."items.category"]
"granada" = "uxo"
"""
    mapping = read(text, "clearance_report")
    assert read(write_mapping(mapping), "clearance_report") == mapping
    assert mapping.lines["items"][1]["category"].values == {"granada": "uxo"}
    assert mapping.positions["point"].columns == ("este", "norte")


AMBIGUOUS = "id,date,place,area\n1,01/02/2024,A,127.630\n2,03/04/2024,B,54.370\n"


def test_what_allows_two_readings_is_refused_until_the_mapping_says() -> None:
    delivery, rows = deliver(AMBIGUOUS, "hazard_area")
    assert rows == []
    assert codes(delivery) == ["ambiguous_date", "ambiguous_number"] * 2
    problem = delivery.refused[0].problems[0]
    text = CATALOGUE[problem.code]
    assert '{ column = "date", order = "dmy" }' in text.fix.format(**problem.params)
    mapping = read(
        """
[fields]
local_id = "id"
place = "place"
happened_on = { column = "date", order = "mdy" }
declared_area_m2 = { column = "area", decimal = ",", unit = "dunam" }
"""
    )
    _, rows = deliver(AMBIGUOUS, "hazard_area", mapping=mapping)
    assert [row.fields["happened_on"] for row in rows] == ["2024-01-02", "2024-03-04"]
    assert [row.fields["declared_area_m2"] for row in rows] == ["127630000", "54370000"]


def test_words_of_the_file_are_mapped_to_codes() -> None:
    text = "fecha,lugar,clase\n2024,A,zona roja\n2024,B,zona naranja\n2024,C,otra\n"
    mapping = read(
        """
[fields]
happened_on = "fecha"
place = "lugar"
classification = "clase"
[values.classification]
"Zona Roja" = "CHA"
"zona naranja" = "SHA"
"""
    )
    delivery, rows = deliver(text, "hazard_area", mapping=mapping)
    assert [row.fields["classification"] for row in rows] == ["CHA", "SHA"]
    (problem,) = delivery.refused[0].problems
    assert (problem.code, problem.where) == ("unknown_word", "row 4, column clase")
    assert "CHA" in str(problem.params["codes"])


def problems_of(text: str, kind: str = "hazard_area") -> list[tuple[str, str]]:
    with pytest.raises(Refused) as error:
        read(text, kind)
    for problem in error.value.problems:
        CATALOGUE[problem.code].what.format(**problem.params)
        CATALOGUE[problem.code].fix.format(**problem.params)
    return [(problem.code, problem.where) for problem in error.value.problems]


def test_every_fault_of_a_mapping_file_is_told_at_once() -> None:
    text = """kind = "released_area"
colour = "red"
crs = "WGS84"
[fields]
place = { column = "a", shade = "b" }
areas = "x"
declared_area_m2 = { column = "b", unit = "furlong", decimal = ";" }
happened_on = { month = "m" }
[constants]
height = "3"
[position.point]
latitude = "lat"
[values.name]
a = "b"
"""
    assert problems_of(text) == [
        ("mapping_key", "mapping, line 2, colour"),
        ("mapping_kind", "mapping, line 1, kind"),
        ("mapping_key", "mapping, line 5, fields.place.shade"),
        ("mapping_field", "mapping, line 6, fields.areas"),
        ("mapping_unit", "mapping, line 7, fields.declared_area_m2.unit"),
        ("mapping_value", "mapping, line 7, fields.declared_area_m2.decimal"),
        ("mapping_value", "mapping, line 8, fields.happened_on"),
        ("mapping_field", "mapping, line 13, values.name"),
        ("mapping_field", "mapping, line 10, constants.height"),
        ("mapping_value", "mapping, line 11, position.point"),
        ("mapping_value", "mapping, line 3, crs"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "fields = 3",
        "[fields]\nplace = 3",
        "[fields]\nplace = {}",
        "[fields]\nplace = { columns = 'a' }",
        "[constants]\nplace = 3",
        "group_by = 'a'",
        "items = 3",
        "[lines]\nitems = 3",
        "[position]\npoint = 3",
        "[values]\nplace = 3",
    ],
)
def test_values_of_the_wrong_type_are_problems_and_no_tracebacks(text: str) -> None:
    assert {code for code, _ in problems_of(text)} <= {"mapping_value", "mapping_field"}


def test_broken_toml_names_its_line() -> None:
    with pytest.raises(Refused) as error:
        read("[fields]\nplace = \n")
    (problem,) = error.value.problems
    assert problem.code == "mapping_syntax"
    assert "line 2" in str(problem.params["reason"])


def test_columns_that_the_file_does_not_have() -> None:
    mapping = read('[fields]\nplace = "Ort"\nname = "name"\n')
    with pytest.raises(Refused) as error:
        deliver("name,place\nA,B\n", "hazard_area", mapping=mapping)
    assert [(p.code, p.params["column"]) for p in error.value.problems] == [
        ("mapping_column", "Ort")
    ]


def test_what_is_set_wins_over_columns() -> None:
    text = "date,place,classification\n2024,A,SHA\n"
    delivery, (row,) = deliver(text, "hazard_area", set_fields={"classification": "CHA"})
    assert row.fields["classification"] == "CHA"
    assert "classification = CHA, for every row" in delivery.lines
    assert any(line == "not used: classification" for line in delivery.lines)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("colour", "red", "mapping_field"),
        ("classification", "red", "unknown_word"),
        ("happened_on", "soon", "not_a_date"),
        ("shape", "POINT(1 2)", "constant_unfit"),
    ],
)
def test_what_cannot_be_set(field: str, value: str, code: str) -> None:
    with pytest.raises(Refused) as error:
        deliver("date,place\n2024,A\n", "hazard_area", set_fields={field: value})
    assert [problem.code for problem in error.value.problems] == [code]


def test_competing_columns() -> None:
    text = "date,office latitude,office longitude,latitude,longitude,classification\n"
    text += "2024,1.5,2.5,44.25,18.5,SHA\n"
    delivery, (row,) = deliver(text, "hazard_area")
    assert row.fields["point"]["coordinates"] == [18_500_000_000, 44_250_000_000]
    assert "columns_compete" in warned(delivery)
    text = "happened_on,date,place\n2024-01-02,2023-05-06,A\n"
    delivery, (row,) = deliver(text, "hazard_area")
    assert row.fields["happened_on"] == "2024-01-02"
    (warning,) = [one for one in delivery.warnings if one.code == "columns_compete"]
    assert (warning.params["chosen"], warning.params["other"]) == ("happened_on", "date")


def test_columns_about_something_else_are_left_alone() -> None:
    text = "date,takeoff_location,base latitude,base longitude,created date,description\n"
    text += "2024-01-02,X,1.5,2.5,2025-01-01,by the river\n"
    delivery, (row,) = deliver(text, "hazard_area")
    assert row.fields.keys() == {"local_id", "happened_on", "description"}
    assert row.fields["happened_on"] == "2024-01-02"
    assert "not used: takeoff_location, base latitude, base longitude, created date" in (
        delivery.lines
    )


SIX_LANGUAGES = [
    "date,village,area (ha),classification",
    "fecha,municipio,Área (ha),clasificación",
    "date,commune,superficie (ha),classement",
    "дата,населенный пункт,площадь (га),классификация",
    "дата,населений пункт,площа (га),класифікація",
    "التاريخ,القرية,المساحة (هكتار),التصنيف",
]


@pytest.mark.parametrize("headings", SIX_LANGUAGES)
def test_headings_in_six_languages(headings: str) -> None:
    delivery, (row,) = deliver(f"{headings}\n2024-03-18,Village,1.5,SHA\n", "hazard_area")
    fields = {key: value for key, value in row.fields.items() if key != "local_id"}
    assert fields == {
        "happened_on": "2024-03-18",
        "place": "Village",
        "declared_area_m2": "15000",
        "classification": "SHA",
    }
    assert not [line for line in delivery.lines if line.startswith("not used")]


LONG = """report id,date,team,area m2,category,model,qty
R-1,2024-05-01,T1,100,AP mine,PMA-2,3
R-1,2024-05-01,T1,100,UXO,60 mm mortar,1
R-2,2024-05-02,T1,50,UXO,grenade,2
R-1,2024-05-01,T1,100,AP mine,PMA-3,1
R-3,2024-05-03,T2,50,fuze,,4
R-3,2024-05-03,T2,60,fuze,,1
"""


def test_a_long_table_of_items_gives_one_record_a_report() -> None:
    delivery, rows = deliver(LONG, "clearance_report")
    assert "one record for each report id" in delivery.lines
    assert [row.fields["local_id"] for row in rows] == ["R-1", "R-2", "R-3"]
    assert [len(row.fields["items"]) for row in rows] == [3, 1, 2]
    assert rows[0].part == "rows 2 to 5"
    assert rows[0].fields["items"][2] == {"category": "ap_mine", "model": "PMA-3", "quantity": 1}
    assert delivery.read == 6
    (differs,) = delivery.noticed
    assert differs.code == "group_differs"
    assert differs.params["fields"] == "processed_area_m2"


@pytest.mark.parametrize(
    ("position", "columns", "cells", "form"),
    [
        ('mgrs = "g"', "g", "34TBQ 93221 02903", "mgrs"),
        ('zone = "z"\neasting = "e"\nnorthing = "n"', "z,e,n", "34T,293221.0,4902902.7", "utm"),
        ('latitude = "a"\nlongitude = "b"', "a,b", "44°15'00\"N,18°24'36\"E", "dms"),
        ('latitude = "a"\nlongitude = "b"', "a,b", "44°15'00\",18°24'36\"", "dms"),
        ('x = "x"\ny = "y"\ncrs = "EPSG:32634"', "x,y", "293221.01,4902902.74", "decimal"),
    ],
)
def test_positions_in_every_notation(position: str, columns: str, cells: str, form: str) -> None:
    mapping = read(f'[fields]\nhappened_on = "d"\n[position.point]\n{position}\n')
    escaped = ",".join('"' + c.replace('"', '""') + '"' for c in cells.split(","))
    delivery, rows = deliver(f"d,{columns}\n2024,{escaped}\n", "hazard_area", mapping=mapping)
    assert codes(delivery) == []
    point = rows[0].fields["point"]
    longitude, latitude = (value / 1e9 for value in point["coordinates"])
    assert abs(latitude - 44.25) < 1e-5
    assert abs(longitude - 18.41) < 1e-5
    assert point["entered"]["format"] == form


def test_wkt_columns() -> None:
    text = 'date,classification,wkt\n2024,SHA,"POLYGON ((18 44, 18.1 44, 18.1 44.1, 18 44))"\n'
    text += "2024,SHA,\n2024,SHA,POLYGON ((18 44\n"
    delivery, (row,) = deliver(text, "hazard_area")
    assert row.fields["shape"]["type"] == "Polygon"
    assert codes(delivery) == ["not_placed", "geometry_unreadable"]


def test_half_a_position_is_refused() -> None:
    text = "date,latitude,longitude\n2024,44.5,\n2024,44.25,18.5\n"
    delivery, rows = deliver(text, "hazard_area")
    assert (len(rows), codes(delivery)) == (1, ["coordinate_incomplete"])


def test_units_within_cells() -> None:
    text = "date,place,area\n2024,A,1.5 ha\n2024,B,1200 m²\n2024,C,3 furlongs\n"
    delivery, rows = deliver(text, "hazard_area")
    assert [row.fields["declared_area_m2"] for row in rows] == ["15000", "1200"]
    assert codes(delivery) == ["not_a_number"]
