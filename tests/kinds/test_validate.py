"""What is refused, what goes in as incomplete, and where a problem is said to stand.

R1 refused: an area that nothing places, a release without type, no day, a day after today
R2 refused: a value that is not of its type, code list or bounds; a field the kind does not have
R3 everything else goes in; missing minimum data make it incomplete
"""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.core.kinds import values
from tilth.core.kinds.catalogue import KINDS
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.kinds.validate import MOST_PROBLEMS, Checked, check
from tilth.core.problems import CATALOGUE

TODAY = "2026-11-22"
SQUARE = [[0, 0], [10, 0], [10, 10], [0, 0]]
POLYGON = {"type": "Polygon", "coordinates": [SQUARE]}
POINT = {"type": "Point", "coordinates": [36_000_000_000, 49_000_000_000]}


def checked(kind: str, fields: dict[str, Any], **more: Any) -> Checked:
    return check(KINDS[kind], fields, today=TODAY, **more)


def codes(kind: str, fields: dict[str, Any], **more: Any) -> list[str]:
    return [problem.code for problem in checked(kind, fields, **more).problems]


def one_code(field: Field, value: object) -> list[str]:
    kind = Kind("k", 1, "K", "", (field,))
    return [problem.code for problem in check(kind, {field.name: value}, today=TODAY).problems]


R1 = [
    ("hazard_area", {"happened_on": "2026"}, ["not_placed"]),
    ("hazard_area", {"happened_on": "2026", "classification": "SHA", "name": "A"}, ["not_placed"]),
    ("released_area", {"happened_on": "2026", "release_type": "cleared"}, ["not_placed"]),
    ("released_area", {"happened_on": "2026", "place": "P1"}, ["no_release_type"]),
    ("hazard_area", {"point": POINT}, ["no_day"]),
    ("accident", {}, ["no_day"]),
    ("victim", {"person_name": "N"}, ["no_day"]),
    ("hazard_area", {"happened_on": "2026-11-23", "place": "P1"}, ["day_after_today"]),
    ("hazard_area", {"happened_on": "2026-12", "place": "P1"}, ["day_after_today"]),
    ("hazard_area", {"happened_on": "2027", "place": "P1"}, ["day_after_today"]),
]
R3 = [
    ("hazard_area", {"happened_on": "2026", "point": POINT}),
    ("hazard_area", {"happened_on": "2026", "place": "P1", "declared_area_m2": "12000"}),
    ("hazard_area", {"happened_on": "2026", "description": "north of the mill"}),
    ("released_area", {"happened_on": "2026", "release_type": "cleared", "hazard": "HA-1"}),
    ("clearance_report", {"happened_on": "2026-11"}),
    ("clearance_summary", {"happened_on": "2010-08"}),
    ("evidence_point", {"happened_on": "1943-01-01"}),
    ("spot_task", {"happened_on": "2026-11-22"}),
    ("place", {"name": "Village"}),
    ("organisation", {}),
    ("operation", {"period_to": "2031-01-01"}),
]


@pytest.mark.parametrize(("kind", "fields", "expected"), R1)
def test_r1_refused(kind: str, fields: dict[str, Any], expected: list[str]) -> None:
    assert codes(kind, fields) == expected


@pytest.mark.parametrize(("kind", "fields"), R3)
def test_r3_goes_in_incomplete(kind: str, fields: dict[str, Any]) -> None:
    found = checked(kind, fields)
    assert found.problems == ()
    assert set(found.missing) == {
        one.name for one in KINDS[kind].fields if one.minimum and one.name not in fields
    }


@pytest.mark.parametrize("place", KINDS["hazard_area"].placed_by)
def test_r1_each_way_of_placing_an_area_is_enough(place: str) -> None:
    value: object = {"shape": POLYGON, "point": POINT, "benchmark": POINT}.get(place, "P1")
    assert codes("hazard_area", {"happened_on": "2026", place: value}) == []


def test_a_revision_states_what_it_states() -> None:
    found = checked("hazard_area", {"required_depth_cm": "20"}, partial=True)
    assert (found.problems, found.missing) == ((), ())
    assert codes("hazard_area", {"required_depth_cm": "deep"}, partial=True) == ["bad_number"]


TEXT = Field("f", FieldType.TEXT, "F", longest=10)
CODE = Field("f", FieldType.CODE, "F", codelist=KINDS["accident"].field("marked_before").codelist)
CODES = Field("f", FieldType.CODES, "F", codelist=CODE.codelist)
WHOLE = Field("f", FieldType.INTEGER, "F", least="0", most="10")
NUMBER = Field("f", FieldType.DECIMAL, "F", least="0.5", most="10")
NOT_NEGATIVE = Field("f", FieldType.DECIMAL, "F", least="0")
DAY = Field("f", FieldType.DAY, "F")
PLANNED = Field("f", FieldType.DAY, "F", future=True)
LIST = Field("f", FieldType.TEXTS, "F", longest=2)
SHAPE = Field("f", FieldType.SHAPE, "F", shapes=("Polygon",))
ANY_SHAPE = Field("f", FieldType.SHAPE, "F", shapes=("Point", "LineString", "Polygon"))
LINES = Field("f", FieldType.LINES, "F", fields=(WHOLE,), longest=3)


def ring(*positions: list[Any]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [list(positions)]}


R2 = [
    (TEXT, "", "empty_value"),
    (TEXT, " \n", "empty_value"),
    (TEXT, None, "bad_text"),
    (TEXT, 5, "bad_text"),
    (TEXT, "a\x00b", "bad_text"),
    (TEXT, "\ud800", "bad_text"),
    (TEXT, "x" * 11, "too_long"),
    (CODE, "maybe", "bad_code"),
    (CODE, "Yes", "bad_code"),
    (CODE, ["yes"], "bad_code"),
    (CODE, {}, "bad_code"),
    (CODES, "yes", "bad_list"),
    (CODES, [], "bad_list"),
    (CODES, ["yes", "maybe"], "bad_code"),
    (LIST, ["a", "b", "c"], "too_long"),
    (LIST, ["a", ""], "empty_value"),
    (WHOLE, "5", "bad_integer"),
    (WHOLE, 5.0, "bad_integer"),
    (WHOLE, True, "bad_integer"),
    (WHOLE, -1, "below_least"),
    (WHOLE, 11, "above_most"),
    (Field("f", FieldType.INTEGER, "F"), 2**53, "bad_integer"),
    (NUMBER, 2.5, "bad_number"),
    (NUMBER, "", "bad_number"),
    (NUMBER, "1,5", "bad_number"),
    (NUMBER, "1e3", "bad_number"),
    (NUMBER, "+1", "bad_number"),
    (NUMBER, ".5", "bad_number"),
    (NUMBER, "5.", "bad_number"),
    (NUMBER, "٥", "bad_number"),
    (NUMBER, "NaN", "bad_number"),
    (NUMBER, "1" * 31, "bad_number"),
    (NUMBER, "2\n", "bad_number"),
    (NUMBER, "0.49", "below_least"),
    (NUMBER, "10.000000000000000001", "above_most"),
    (NOT_NEGATIVE, "-0.1", "below_least"),
    (Field("f", FieldType.BOOLEAN, "F"), 1, "bad_boolean"),
    (Field("f", FieldType.BOOLEAN, "F"), "true", "bad_boolean"),
    (DAY, "2026-02-29", "bad_date"),
    (DAY, "2100-02-29", "bad_date"),
    (DAY, "2026-13", "bad_date"),
    (DAY, "2026-00-01", "bad_date"),
    (DAY, "2026-1-1", "bad_date"),
    (DAY, "20260101", "bad_date"),
    (DAY, "0206-01-01", "bad_date"),
    (DAY, "01/02/2026", "bad_date"),
    (DAY, "2026-01-01\n", "bad_date"),
    (DAY, 2026, "bad_date"),
    (Field("f", FieldType.TIME, "F"), "2026-01-01T24:00:00Z", "bad_time"),
    (Field("f", FieldType.TIME, "F"), "2026-02-30T10:00:00Z", "bad_time"),
    (Field("f", FieldType.TIME, "F"), "2026-01-01T10:00:00+02:00", "bad_time"),
    (SHAPE, POINT, "wrong_shape_type"),
    (SHAPE, {"type": ["Polygon"], "coordinates": [SQUARE]}, "wrong_shape_type"),
    (SHAPE, {"coordinates": [SQUARE]}, "wrong_shape_type"),
    (SHAPE, {"type": "Polygon"}, "bad_shape"),
    (SHAPE, {"type": "Polygon", "coordinates": []}, "bad_shape"),
    (SHAPE, {**POLYGON, "crs": "x"}, "bad_shape"),
    (SHAPE, {**POLYGON, "entered": {"x": 1.5}}, "bad_shape"),
    (SHAPE, "POLYGON((0 0))", "bad_shape"),
    (SHAPE, ring([0, 0], [1, 0], [0, 0]), "too_few_positions"),
    (SHAPE, ring([0, 0], [1, 0], [1, 1], [0, 1]), "ring_not_closed"),
    (SHAPE, ring([0, 0], [1, 0], [1, 1], [0.0, 0]), "bad_shape"),
    (SHAPE, ring([0, 0], [1, 0], [1, 1], [True, 0]), "bad_shape"),
    (SHAPE, ring([0, 0], [1, 0, 5], [1, 1], [0, 0]), "bad_shape"),
    (SHAPE, ring([0, 0], "ab", [1, 1], [0, 0]), "bad_shape"),
    (SHAPE, ring([0, 0], [180_000_000_001, 0], [1, 1], [0, 0]), "coordinate_out_of_range"),
    (SHAPE, ring([0, 0], [0, -90_000_000_001], [1, 1], [0, 0]), "coordinate_out_of_range"),
    (ANY_SHAPE, {"type": "Point", "coordinates": [0]}, "bad_shape"),
    (ANY_SHAPE, {"type": "LineString", "coordinates": [[0, 0]]}, "too_few_positions"),
    (ANY_SHAPE, {"type": "MultiPoint", "coordinates": [[0, 0], [0, 91 * 10**9]]},
     "coordinate_out_of_range"),
    (LINES, [], "bad_lines"),
    (LINES, {"f": 1}, "bad_lines"),
    (LINES, [{}], "bad_lines"),
    (LINES, ["x"], "bad_lines"),
    (LINES, [{"f": 1}] * 4, "too_long"),
    (LINES, [{"f": 1}, {"f": "1"}], "bad_integer"),
    (LINES, [{"g": 1}], "no_such_field"),
]  # fmt: skip
GOOD = [
    (TEXT, "Ünïcode ①"),
    (TEXT, "two\nlines"),
    (CODE, "yes"),
    (CODES, ["yes", "no"]),
    (LIST, ["a", "b"]),
    (WHOLE, 0),
    (WHOLE, 10),
    (NUMBER, "0.50"),
    (NUMBER, "10"),
    (NOT_NEGATIVE, "0"),
    (NOT_NEGATIVE, "-0.0"),
    (NOT_NEGATIVE, "007.10"),
    (DAY, "2024-02-29"),
    (DAY, "2000-02-29"),
    (DAY, "2026-11-22"),
    (DAY, "2026-11"),
    (DAY, "1914"),
    (PLANNED, "2030-01-01"),
    (Field("f", FieldType.TIME, "F"), "2026-01-01T23:59:59Z"),
    (Field("f", FieldType.BOOLEAN, "F"), False),
    (SHAPE, POLYGON),
    (SHAPE, {"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE, SQUARE]]}),
    (SHAPE, {**POLYGON, "entered": {"crs": "EPSG:3116"}, "repair": {"before_m2": "1.5"}}),
    (ANY_SHAPE, POINT),
    (ANY_SHAPE, {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}),
    (LINES, [{"f": 1}, {"f": 2}]),
]


@pytest.mark.parametrize(("field", "value", "expected"), R2)
def test_r2_a_wrong_value_is_refused_by_code(field: Field, value: object, expected: str) -> None:
    assert one_code(field, value) == [expected]
    assert expected in CATALOGUE


@pytest.mark.parametrize(("field", "value"), GOOD)
def test_a_good_value_goes_in_twice(field: Field, value: object) -> None:
    assert one_code(field, value) == []
    assert one_code(field, value) == []


def test_r2_unknown_fields_are_refused_not_dropped() -> None:
    found = checked("accident", {"happened_on": "2026", "sheriff": "x"}, where="row 3")
    (problem,) = found.problems
    assert (problem.code, problem.where, dict(problem.params)) == (
        "no_such_field",
        "row 3",
        {"field": "sheriff"},
    )


def test_a_problem_says_where_it_stands() -> None:
    fields = {
        "happened_on": "2026-11-31",
        "items": [{"category": "ap_mine"}, {"category": "tank", "quantity": -1}],
        "shape": {"type": "MultiPolygon", "coordinates": [[SQUARE], [[*SQUARE, [1, 1]]]]},
    }
    found = checked("clearance_report", fields, where="feature 7")
    assert [(problem.code, problem.where) for problem in found.problems] == [
        ("bad_date", "feature 7, happened_on"),
        ("bad_code", "feature 7, items 2, category"),
        ("below_least", "feature 7, items 2, quantity"),
        ("ring_not_closed", "feature 7, shape, part 2 ring 1"),
    ]


def test_lines_that_lack_minimum_data_are_named_once() -> None:
    full = {
        "category": "uxo", "model": "M", "quantity": 1, "position": POINT, "depth_cm": "0",
        "condition": "fired", "disposal": "stored",
    }  # fmt: skip
    short = {key: value for key, value in full.items() if key not in {"model", "position"}}
    fields = {"happened_on": "2026", "items": [full, short, short]}
    missing = checked("spot_task", fields).missing
    assert [name for name in missing if name.startswith("items")] == [
        "items.model",
        "items.position",
    ]


def test_a_record_broken_throughout_tells_a_hundred_problems() -> None:
    fields = {"happened_on": "2026", "items": [{"quantity": "x"}] * 5000}
    assert len(checked("spot_task", fields).problems) == MOST_PROBLEMS


def test_hostile_values_are_shown_short_and_on_one_line() -> None:
    problem = checked("accident", {"happened_on": "9\n" * 10_000}).problems[0]
    assert len(str(problem.params["value"])) <= 60
    assert "\n" not in str(problem.params["value"])


@given(st.dates(min_value=dt.date(1800, 1, 1), max_value=dt.date(2026, 11, 22)))
def test_every_day_of_the_calendar_until_today_is_good(day: dt.date) -> None:
    for text in (day.isoformat(), day.isoformat()[:7], day.isoformat()[:4]):
        assert values.bad_day(text, TODAY) is None
    assert (values.bad_day(day.isoformat(), "1899-06-15") is None) == (day <= dt.date(1899, 6, 15))


@given(
    st.text(alphabet="0123456789-.", max_size=10)
    | st.from_regex(r"(1[7-9]|20)[0-9]{2}-[0-3][0-9]-[0-3][0-9]", fullmatch=True)
)
def test_only_days_that_python_knows_are_good(text: str) -> None:
    padded = text + "-01-01"[len(text) - 4 :] if len(text) in {4, 7} else text
    try:
        day = dt.date.fromisoformat(padded)
        real = day.isoformat() == padded and day.year >= 1800
    except ValueError:
        real = False
    assert (values.bad_day(text, "9999-12-31") is None) == real


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
names = st.sampled_from([one.name for one in KINDS["clearance_report"].fields])


@given(st.dictionaries(names | st.text(max_size=5), anything, max_size=6))
def test_bad_input_gives_problems_and_never_a_traceback(fields: dict[str, Any]) -> None:
    found = checked("clearance_report", fields)
    assert all(problem.code in CATALOGUE for problem in found.problems)
    for problem in found.problems:
        CATALOGUE[problem.code].what.format(**problem.params)
        CATALOGUE[problem.code].fix.format(**problem.params)
