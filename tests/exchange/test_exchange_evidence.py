"""What contradicts, repeats or is refused is said with the evidence, and can be mended.

1. Columns whose content contradicts their heading are warnings before anything is stored.
2. Nothing is deduplicated; repetitions are findings; identifiers are made alike every time.
3. Refused rows come back as a file, are mended, and go in.
"""

import csv
import io
from collections.abc import Sequence

import pytest
from office_files import codes, deliver, warned

from tilth.core.findings import FINDINGS
from tilth.core.geometry.frame import Frame
from tilth.core.problems import CATALOGUE, Problem
from tilth.exchange.delivery import Delivery
from tilth.exchange.refused import PART, REASON, refused_csv, safe_cell


def table(headings: str, rows: Sequence[str]) -> str:
    return "\n".join([headings, *rows]) + "\n"


def evidence(delivery: Delivery, code: str) -> str:
    (warning,) = [one for one in delivery.warnings if one.code == code]
    text = CATALOGUE[code]
    assert text.fix.format(**warning.params)
    return text.what.format(**warning.params)


def test_sex_under_status() -> None:
    text = table("date,place,status", ["2024,A,M", "2024,B,F", "2024,C,M"])
    delivery, _ = deliver(text, "hazard_area")
    said = evidence(delivery, "content_contradicts_heading")
    assert "status" in said
    assert "sex" in said
    assert "M, F" in said


def test_exchanged_headings() -> None:
    text = table("date,place,classification,work status", ["2024,A,open,SHA", "2024,B,open,CHA"])
    delivery, _ = deliver(text, "hazard_area")
    said = evidence(delivery, "headings_swapped")
    assert "classification" in said
    assert "work status" in said


def test_years_written_as_amounts() -> None:
    text = table("year,place", ['"2,006",A', '"2,014",B'])
    delivery, rows = deliver(text, "hazard_area")
    assert [row.fields["happened_on"] for row in rows] == ["2006", "2014"]
    assert "2,006, 2,014" in evidence(delivery, "thousands_in_years")


def test_codes_without_their_leading_zero() -> None:
    text = table("date,p-code", ["2024,5001", "2024,11001", "2024,76233"])
    delivery, _ = deliver(text, "hazard_area")
    assert "5001 beside" in evidence(delivery, "leading_zeros_lost")
    text = table("date,p-code", ["2024,05001", "2024,11001"])
    delivery, (row, _) = deliver(text, "hazard_area")
    assert "leading_zeros_lost" not in warned(delivery)
    assert row.fields["place"] == "05001"


def test_latitude_and_longitude_exchanged() -> None:
    rows = ["2024,105.25,18.5", "2024,104.5,17.9", "2024,105.75,18.1"]
    delivery, _ = deliver(table("date,latitude,longitude", rows), "hazard_area")
    assert "latitude_longitude_exchanged" in warned(delivery)
    # 18° north, 44° east is a place on Earth; only the operation knows that it is not its own.
    rows = ["2024,18.5,44.25", "2024,18.6,44.3"]
    text = table("date,latitude,longitude", rows)
    assert "latitude_longitude_exchanged" not in warned(deliver(text, "hazard_area")[0])
    frame = Frame(18_500_000_000, 44_250_000_000)
    delivery, rows_ = deliver(text, "hazard_area", frame=frame)
    assert "latitude_longitude_exchanged" in warned(delivery)
    assert len(rows_) == 2


def test_degrees_in_a_plane_and_metres_in_degrees() -> None:
    rows = ["2024,18.5,44.25", "2024,18.6,44.3"]
    delivery, _ = deliver(table("date,x,y", rows), "hazard_area", crs="EPSG:32634")
    assert "degrees_labelled_metres" in warned(delivery)
    rows = ["2024,4903425,293256", "2024,4903525,293356"]
    delivery, found = deliver(table("date,latitude,longitude", rows), "hazard_area")
    assert "metres_labelled_degrees" in warned(delivery)
    assert found == []


def test_planes_without_a_system() -> None:
    delivery, _ = deliver(table("date,place,x,y", ["2024,A,293256,4903425"]), "hazard_area")
    assert "crs_needed" in warned(delivery)


def square(side_deg: float) -> str:
    x, y, e = 18.5, 44.25, side_deg
    return f'"POLYGON (({x} {y}, {x + e} {y}, {x + e} {y + e}, {x} {y + e}, {x} {y}))"'


def test_hectares_labelled_square_metres() -> None:
    # 0.001° by 0.001° at 44.25° is 79.9 m by 111.1 m: 0.89 ha.
    rows = [f"2024,SHA,0.89,{square(0.001)}" for _ in range(4)]
    delivery, _ = deliver(table("date,classification,area m2,wkt", rows), "hazard_area")
    assert "ha" in evidence(delivery, "unit_contradicts")
    rows = [f"2024,SHA,8890,{square(0.001)}" for _ in range(4)]
    delivery, _ = deliver(table("date,classification,area m2,wkt", rows), "hazard_area")
    assert "unit_contradicts" not in warned(delivery)


def test_areas_in_square_degrees_and_depths_in_metres() -> None:
    rows = ["2024,A,0.000001", "2024,B,0.0000023", "2024,C,0.0000007"]
    delivery, _ = deliver(table("date,place,shape_area", rows), "hazard_area")
    assert "square degrees" in evidence(delivery, "unit_contradicts")
    rows = ["2024,A,cleared,0.15", "2024,B,cleared,0.13", "2024,C,cleared,0.2"]
    delivery, _ = deliver(table("date,place,release type,depth", rows), "released_area")
    assert "look like m" in evidence(delivery, "unit_contradicts")


def test_garbled_letters() -> None:
    garbled = "Nariño".encode().decode("cp1252")
    delivery, _ = deliver(table("date,place", [f"2024,{garbled}"]), "hazard_area")
    assert "letters_garbled" in warned(delivery)


def test_repetitions_all_go_in_and_are_noticed() -> None:
    rows = ["1,2024,A", "1,2024,A", "2,2024,B", "1,2024,C"]
    delivery, found = deliver(table("id,date,place", rows), "hazard_area")
    assert len(found) == 4
    assert delivery.findings() == {"identical_rows": 1, "repeated_local_id": 2}
    (identical,) = [one for one in delivery.noticed if one.code == "identical_rows"]
    assert identical.part == "row 3"
    for one in delivery.noticed:
        assert FINDINGS[one.code].what.format(**one.params)


def test_equal_rows_get_identifiers_of_their_own() -> None:
    text = table("date,place", ["2024,A", "2024,A", "2024,B"])
    first = [row.fields["local_id"] for row in deliver(text, "hazard_area")[1]]
    longer = table("date,place", ["2024,Z", "2024,A", "2024,B", "2024,A"])
    second = [row.fields["local_id"] for row in deliver(longer, "hazard_area")[1]]
    assert len(set(first)) == 3
    assert set(first) < set(second)


def test_totals_that_differ_and_empty_areas() -> None:
    headings = "date,place,area m2,total items,AP mines,UXO"
    rows = ["2024,A,100,5,3,2", "2024,A,100,9,3,2", "2024,B,0,0,0,0", "2024,C,0,2,2,0"]
    delivery, found = deliver(table(headings, rows), "clearance_summary")
    assert len(found) == 4
    assert delivery.findings() == {
        "items_total_differs": 1,
        "zero_area": 2,
        "items_in_zero_area": 1,
    }
    by_code = {one.code: one for one in delivery.noticed}
    assert by_code["items_total_differs"].params == {"declared": 9, "lines": 5}
    assert by_code["items_in_zero_area"].items == 2


REFUSALS = table(
    "id,date,place,area,note",
    ["1,2024-01-02,A,10.5,fine", "2,2024-02-30,B,3.5,=cmd|' /C calc'!A0", "3,2199-01-01,,7.5,-5"],
)


def words(problem: Problem) -> str:
    return CATALOGUE[problem.code].what.format(**problem.params)


def test_refused_rows_are_mended_and_go_in() -> None:
    delivery, rows = deliver(REFUSALS, "hazard_area")
    assert [row.fields["local_id"] for row in rows] == ["1"]
    assert codes(delivery) == ["not_a_date", "day_after_today", "not_placed"]
    text = refused_csv(delivery.columns, delivery.refused, words)
    lines = list(csv.reader(io.StringIO(text)))
    assert lines[0] == ["id", "date", "place", "area", "note", REASON, PART]
    assert lines[1][-1] == "row 3"
    assert "2024-02-30" in lines[1][-2]
    assert lines[1][4].startswith("'=cmd")
    assert lines[2][4] == "-5"
    mended = text.replace("2024-02-30", "2024-02-29").replace("2199-01-01,", "2024-05-01,C")
    again, rows = deliver(mended, "hazard_area")
    assert codes(again) == []
    assert [row.fields["local_id"] for row in rows] == ["2", "3"]
    used = {name for line in again.lines if "←" in line for name in line.split() if REASON in name}
    assert used == set()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_becomes_a_formula(start: str) -> None:
    assert safe_cell(f"{start}SUM(A1)")[0] == "'"


def test_protected_rows_keep_to_the_same_rules() -> None:
    text = table("date,accident,name,sex,outcome", ["2024-01-02,A-1,N. N.,F,injured"] * 2)
    delivery, rows = deliver(text, "victim")
    assert len(rows) == 2
    assert delivery.findings() == {"identical_rows": 1}
    assert rows[0].fields["sex"] == rows[1].fields["sex"]
