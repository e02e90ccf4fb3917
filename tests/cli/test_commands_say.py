"""One record said by hand: read like an import's cells, all or nothing, and taken back."""

from __future__ import annotations

import json

import pytest
import shapely
from desk import Desk, features, square

IM1 = ("--actor", "im1")


def shown(desk: Desk, name: str) -> dict[str, object]:
    """Fields of a record as they are recorded, by name."""
    values: dict[str, object] = desk.json("show", "work", name)["values"]
    return values


def test_a_team_is_said_in_words_and_lines_of_the_field(desk: Desk) -> None:
    said = desk.json(
        "record", "work", "team", "code=T-1", "echelon=equipo", "methods=ручной; perros",
        'members=[{"person":"D-017","function":"sapper","period_from":"3 March 2026"}]', *IM1,
    )  # fmt: skip
    (team,) = said["records"]
    assert team["record"].endswith("/team/T-1")
    values = shown(desk, "T-1")
    assert values["echelon"] == "team"
    assert values["methods"] == ["manual", "mdd"]
    assert values["organisation"] == "Blue"
    assert values["members"] == [
        {"person": "D-017", "function": "deminer", "period_from": "2026-03-03"}
    ]


def test_the_last_line_says_how_to_take_it_back(desk: Desk) -> None:
    printed = desk.run("record", "work", "team", "code=T-1", "echelon=team", *IM1)
    assert "Recorded team T-1." in printed
    assert "tilth correct work T-1 FIELD=VALUE" in printed


def test_numbers_keep_their_digits_and_units_are_understood(desk: Desk) -> None:
    desk.run(
        "record", "work", "clearance_report", "local_id=R-1", "happened_on=2026-03-02", "team=T-1",
        "organisation=Blue", "processed_area_m2=1.5 ha", "hours=7.50", "personnel=6", *IM1,
    )  # fmt: skip
    values = shown(desk, "R-1")
    assert values["processed_area_m2"] == "15000"
    assert values["hours"] == "7.50"
    assert values["personnel"] == 6


REFUSED = [
    (("asset", "asset_type=tank"), "value_no_code"),
    (("asset", "colour=red"), "no_such_field"),
    (("asset", "code"), "not_field_and_value"),
    (("asset", "code=A", "code=B"), "typed_twice"),
    (("asset",), "nothing_typed"),
    (("clearance_report", "hours=seven"), "value_unread"),
    (("clearance_report", "processed_area_m2=1,200"), "value_unread"),
    (("clearance_report", "happened_on=3/4/2026"), "value_unread"),
    (("clearance_report", "happened_on=2031-01-01"), "day_after_today"),
    (("clearance_report", "shape=somewhere"), "coordinate_unreadable"),
    (("clearance_report", "shape=@nothing.geojson"), "system_refused"),
    (("clearance_report", "items=two mines"), "value_unread"),
    (("clearance_report", 'items=[{"colour":"red"}]'), "no_such_field"),
    (("clearance_report", "hours=-3"), "below_least"),
    (("tank", "code=A"), "unknown_kind"),
    (("person", "name=Somebody"), "required_missing"),
    (("asset", "code=A", "--for", "Nobody"), "organisation_unknown"),
]


@pytest.mark.parametrize(("typed", "code"), REFUSED)
def test_what_cannot_be_read_is_refused_and_nothing_is_stored(
    desk: Desk, typed: tuple[str, ...], code: str
) -> None:
    before = desk.json("log", "work")["total"]
    assert code in desk.refused("record", "work", *typed, *IM1)
    assert desk.json("log", "work")["total"] == before


def test_every_wrong_field_is_told_at_once(desk: Desk) -> None:
    codes = desk.refused(
        "record", "work", "asset", "asset_type=tank", "colour=red", "tests=broken", *IM1
    )
    assert codes == ["value_no_code", "no_such_field", "value_unread"]


def test_nobody_says_nothing(desk: Desk) -> None:
    assert desk.refused("record", "work", "asset", "code=A") == ["actor_missing"]


def test_a_dry_run_stores_nothing_and_tells_what_is_missing(desk: Desk) -> None:
    before = desk.json("log", "work")["total"]
    said = desk.json("record", "work", "project", "code=P-1", "--dry-run", *IM1)
    assert said["dry_run"] is True
    assert said["records"][0]["missing"] == ["donor", "period_from"]
    assert desk.json("log", "work")["total"] == before
    desk.run("record", "work", "person", "code=D-1", "name=Jane Roe", "--dry-run", *IM1)
    assert not any(
        b"Jane Roe" in path.read_bytes() for path in desk.folder.rglob("*") if path.is_file()
    )


def test_a_record_file_says_all_of_them_or_none(desk: Desk) -> None:
    good = [{"code": f"A-{n}", "asset_type": "detector", "serial": "7"} for n in range(3)]
    desk.write("assets.json", json.dumps([*good, {"code": "A-9", "asset_type": "tank"}]))
    command = ("record", "work", "asset", "--json-file", "assets.json", *IM1)
    before = desk.json("log", "work")["total"]
    assert desk.refused(*command) == ["value_no_code"]
    assert desk.json("log", "work")["total"] == before
    desk.write("assets.json", json.dumps(good))
    assert len(desk.json(*command)["records"]) == 3
    assert shown(desk, "A-2")["asset_type"] == "detector"
    assert desk.refused(*command) == ["record_taken"] * 3


def test_a_number_in_a_file_keeps_its_digits(desk: Desk) -> None:
    desk.write("r.json", '{"local_id": "R-1", "happened_on": "2026-03-02", "hours": 7.50}')
    desk.run("record", "work", "clearance_report", "--json-file", "r.json", *IM1)
    assert shown(desk, "R-1")["hours"] == "7.50"


@pytest.mark.parametrize("text", ["[]", "{}", "[1]", "nothing", '{"a": '])
def test_a_file_that_holds_no_record_is_refused(desk: Desk, text: str) -> None:
    desk.write("bad.json", text)
    codes = desk.refused("record", "work", "asset", "--json-file", "bad.json", *IM1)
    assert codes in (["not_records"], ["json_broken"])


def area(desk: Desk, name: str) -> float:
    ground: dict[str, float] = desk.json("show", "work", name)["ground"]
    return round(ground["area_m2"])


def test_an_area_is_drawn_from_a_file_or_from_positions(desk: Desk) -> None:
    hazard = ("record", "work", "hazard_area", "classification=SHA", "happened_on=2026-01-01")
    desk.write("field.geojson", features({"shape": square(0, 0, 100, 200)}))
    desk.run(*hazard, "local_id=HA-1", "shape=@field.geojson", *IM1)
    assert area(desk, "HA-1") == 20_000
    desk.write("bare.json", json.dumps(square(300, 0, 400, 200)))
    desk.run(*hazard, "local_id=HA-2", "shape=@bare.json", *IM1)
    assert area(desk, "HA-2") == 20_000
    corners = "50.00N 36.0E; 50.00N 36.001E; 50.001N 36.001E; 50.001N 36.0E"
    desk.run(*hazard, "local_id=HA-3", f"shape={corners}", *IM1)
    ring = shapely.Polygon([(36, 50), (36.001, 50), (36.001, 50.001), (36, 50.001)])
    found = desk.json("show", "work", "HA-3")["values"]["shape"]
    drawn = shapely.Polygon([(x / 1e9, y / 1e9) for x, y in found["coordinates"][0]])
    assert drawn.equals(ring)


def test_two_fields_in_one_file_become_one_area_and_a_bow_tie_is_told(desk: Desk) -> None:
    hazard = ("record", "work", "hazard_area", "classification=SHA", "happened_on=2026-01-01")
    both = features({"shape": square(0, 0, 100, 100)}, {"shape": square(50, 0, 150, 100)})
    desk.write("two.geojson", both)
    said = desk.json(*hazard, "local_id=HA-1", "shape=@two.geojson", *IM1)
    assert area(desk, "HA-1") == 15_000
    assert [one["code"] for one in said["warnings"]] == ["shape_mended"]


def test_lines_come_from_a_table_or_a_file(desk: Desk) -> None:
    report = ("record", "work", "clearance_report", "happened_on=2026-03-02")
    desk.write("items.csv", "category,quantity,depth_cm\nПФМ-1,,\nap_mine,2,7.50\nmuse,1,\n")
    assert desk.refused(*report, "local_id=R-1", "items=@items.csv", *IM1) == ["value_no_code"]
    desk.write("items.csv", "category,quantity,depth_cm\nap_mine,2,7.50\nmuse,1,\n")
    desk.run(*report, "local_id=R-1", "items=@items.csv", *IM1)
    desk.write("items.json", '[{"category": "uxo", "quantity": 1, "position": [36.0, 50.0]}]')
    desk.run(*report, "local_id=R-2", "items=@items.json", *IM1)
    assert shown(desk, "R-1")["items"] == [
        {"category": "ap_mine", "quantity": 2, "depth_cm": "7.50"},
        {"category": "uxo", "quantity": 1},
    ]
    (line,) = shown(desk, "R-2")["items"]  # type: ignore[misc]
    assert line["position"]["coordinates"] == [36_000_000_000, 50_000_000_000]
    desk.write("items.json", '[{"category": "uxo", "position": [36.0]}]')
    assert desk.refused(*report, "items=@items.json", *IM1) == ["shape_unreadable"]


def test_a_point_is_read_in_any_notation(desk: Desk) -> None:
    accident = ("record", "work", "accident", "happened_on=2026-03-02")
    points = {}
    for number, (typed, more) in enumerate(
        [
            ("50.0N 36.0E", ()),
            ("POINT (36 50)", ()),
            ("37U 285016 5542944", ()),
            ("285016 5542944", ("--crs", "EPSG:32637")),
        ]
    ):
        desk.run(*accident, f"local_id=A-{number}", f"point={typed}", *more, *IM1)
        points[typed] = shown(desk, f"A-{number}")["point"]
    for found in points.values():
        x, y = found["coordinates"]  # type: ignore[index]
        assert abs(x / 1e9 - 36) < 2e-5
        assert abs(y / 1e9 - 50) < 2e-5


def test_points_and_areas_in_one_field_are_refused(desk: Desk) -> None:
    point = {"type": "Point", "coordinates": [36.0, 50.0]}
    desk.write("mixed.geojson", features({"shape": square(0, 0, 9, 9)}, {"shape": point}))
    desk.write("empty.geojson", features())
    hazard = ("record", "work", "hazard_area", "happened_on=2026-01-01", *IM1)
    assert desk.refused(*hazard, "shape=@mixed.geojson") == ["shape_mixed"]
    assert desk.refused(*hazard, "shape=@empty.geojson") == ["file_empty"]
    assert desk.refused(*hazard, "shape=50N 36E") == ["wrong_shape_type"]
    assert desk.refused(*hazard, "shape=POLYGON ((0 0, 0 99, 1 1, 0 0))") != []


def test_the_fields_of_lines_are_listed_by_their_dotted_names(desk: Desk) -> None:
    assert "members.person*" in desk.run("kinds", "team")


TRAVERSE = """point_type,point,from,bearing_deg,distance_m,coordinates
BM,BM1,,,,"50.0N 36.0E"
SP,SP,BM1,90,10,
TP,TP1,SP,0,100,
TP,TP2,TP1,90,50,
TP,TP3,TP2,180,100,
SP,SP,TP3,270,50,
"""


def test_a_traverse_needs_its_north(desk: Desk) -> None:
    desk.write("tp.csv", TRAVERSE)
    hazard = (
        "record", "work", "hazard_area", "local_id=HA-1", "classification=SHA",
        "happened_on=2026-01-01", "shape=@tp.csv",
    )  # fmt: skip
    assert desk.refused(*hazard, *IM1) == ["north_not_said"]
    desk.run(*hazard, "--north", "true", *IM1)
    assert abs(area(desk, "HA-1") - 5_000) <= 5
    entered = desk.json("show", "work", "HA-1")["values"]["shape"]["entered"]
    assert entered["format"] == "traverse"
    assert entered["north"] == "true"


def test_a_correction_changes_what_it_names_and_an_empty_field_goes(desk: Desk) -> None:
    desk.run("record", "work", "team", "code=T-1", "echelon=team", "name=Alfa", *IM1)
    desk.run("correct", "work", "T-1", "name=Alpha", *IM1)
    assert shown(desk, "T-1")["name"] == "Alpha"
    assert shown(desk, "T-1")["echelon"] == "team"
    desk.run("correct", "work", "T-1", "name=", *IM1)
    assert "name" not in shown(desk, "T-1")
    assert desk.refused("correct", "work", "T-1", "echelon=team", *IM1) == ["nothing_changes"]
    assert desk.refused("correct", "work", "T-9", "echelon=team", *IM1) == ["unknown_record"]


def test_a_revision_is_an_event_with_its_day(desk: Desk) -> None:
    desk.run(
        "record", "work", "asset", "code=MD-1", "asset_type=detector", "happened_on=2026-01-01",
        "status=in_use", *IM1,
    )  # fmt: skip
    desk.run("revise", "work", "MD-1", "status=repair", "--on", "2026-03-01", *IM1)
    life = desk.json("show", "work", "MD-1")["life"]
    assert [one["act"] for one in life] == ["record", "revise"]
    assert life[1]["happened_on"] == "2026-03-01"
    empty = desk.refused("revise", "work", "MD-1", "status=", "--on", "2026-03-02", *IM1)
    assert empty == ["empty_in_revision"]


def test_a_dry_run_of_a_correction_changes_nothing(desk: Desk) -> None:
    desk.run("record", "work", "team", "code=T-1", "echelon=team", *IM1)
    printed = desk.run("correct", "work", "T-1", "echelon=unit", "--dry-run", *IM1)
    assert "Nothing was stored." in printed
    assert shown(desk, "T-1")["echelon"] == "team"


def test_a_person_goes_to_the_vault_and_is_found_by_code(desk: Desk) -> None:
    person = ("record", "work", "person", "code=D-017", "name=Jane Roe", "sex=mujer")
    said = desk.json(*person, *IM1)
    assert said["records"][0]["fields"] == {}
    assert shown(desk, "D-017")["name"] == "Jane Roe"
    desk.run("correct", "work", "D-017", "rank=Sergeant", *IM1)
    assert shown(desk, "D-017")["rank"] == "Sergeant"
    assert desk.refused(*person, *IM1) == ["person_code_taken"]
    assert "Jane" not in json.dumps(desk.json("log", "work"))


def test_the_mandate_is_said_after_the_frame_was_fixed_and_leaves_it(desk: Desk) -> None:
    desk.write("field.geojson", features({"shape": square(0, 0, 100, 200)}))
    desk.run("record", "work", "hazard_area", "local_id=HA-1", "shape=@field.geojson", *IM1)
    mandate = ("ordered_by=Council", "order_document=Decree 7", "ordered_on=2025-12-20")
    desk.run("correct", "work", "operation", *mandate, *IM1)
    assert shown(desk, "operation")["ordered_by"] == "Council"
    assert area(desk, "HA-1") == 20_000
