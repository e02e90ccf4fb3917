"""Shapes as values: what goes in comes out, to the nanodegree, and what cannot is said."""

import contextlib
import json
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import zoo
from tilth.core import canonical
from tilth.core.geometry.encoding import (
    shape_of,
    shapes_of,
    snapped,
    unwritable,
    value_of,
    values_of,
)
from tilth.core.problems import CATALOGUE, Refused

WRITABLE = sorted(set(zoo.DEGREES) - set(zoo.NOT_WRITABLE_DEGREES))


@pytest.mark.parametrize("name", WRITABLE)
def test_the_zoo_comes_back_on_the_grid(name: str) -> None:
    geometry = zoo.DEGREES[name]
    value = value_of(geometry)
    canonical.require_canonical(value)
    back = shape_of(value)
    if name != "empty part":  # the empty part has nothing to write
        assert shapely.equals_exact(back, shapely.force_2d(snapped([geometry])[0]))
    assert back.geom_type == geometry.geom_type
    assert value_of(back) == value


@pytest.mark.parametrize(("name", "code"), zoo.NOT_WRITABLE_DEGREES.items())
def test_what_cannot_be_written_is_a_problem(name: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        value_of(zoo.DEGREES[name])
    (problem,) = refused.value.problems
    assert problem.code == code
    CATALOGUE[code].what.format(**problem.params)


def test_problems_name_the_shape_and_leave_the_others() -> None:
    shapes = [zoo.DEGREES["square"], None, zoo.DEGREES["not a number"], zoo.DEGREES["point"]]
    assert {at: p.where for at, p in unwritable(shapes).items()} == {1: "shape 2", 2: "shape 3"}


def test_order_and_direction_stay_as_entered() -> None:
    value = value_of(zoo.DEGREES["square started elsewhere"])
    other = value_of(zoo.DEGREES["square"])
    assert value["coordinates"] != other["coordinates"]
    assert shape_of(value).equals(shape_of(other))


def test_what_was_entered_and_repaired_stands_beside() -> None:
    entered = {"crs": "EPSG:3116", "format": "decimal"}
    repair = {"method": "make_valid/structure", "before_m2": "1.000", "after_m2": "2.000"}
    values = values_of([zoo.DEGREES["point"], zoo.DEGREES["line"]], [None, entered], [repair, None])
    assert "entered" not in values[0]
    assert values[0]["repair"] == repair
    assert values[1]["entered"] == entered


def test_bytes_are_stable() -> None:
    # The nanodegree integers are signed: this line must never change.
    value = value_of(shapely.box(-0.5, 44.25, 18.000000001, 45))
    assert json.dumps(value, sort_keys=True).replace(" ", "") == (
        '{"coordinates":[[[18000000001,44250000000],[18000000001,45000000000],'
        "[-500000000,45000000000],[-500000000,44250000000],[18000000001,44250000000]]],"
        '"type":"Polygon"}'
    )


nano = st.tuples(st.integers(-180 * 10**9, 180 * 10**9), st.integers(-90 * 10**9, 90 * 10**9)).map(
    list
)
rings = st.lists(nano, min_size=3, max_size=8).map(lambda ring: [*ring, ring[0]])
polygons = st.lists(rings, min_size=1, max_size=3)
values = st.one_of(
    st.fixed_dictionaries({"type": st.just(name), "coordinates": coordinates})
    for name, coordinates in {
        "Point": nano,
        "MultiPoint": st.lists(nano, min_size=1, max_size=4),
        "LineString": st.lists(nano, min_size=2, max_size=5),
        "MultiLineString": st.lists(st.lists(nano, min_size=2, max_size=4), min_size=1, max_size=3),
        "Polygon": polygons,
        "MultiPolygon": st.lists(polygons, min_size=1, max_size=3),
    }.items()
)


@given(st.lists(values, max_size=6))
def test_value_to_shape_to_value_is_exact(given_values: list[dict[str, Any]]) -> None:
    assert values_of(shapes_of(given_values)) == given_values


MALFORMED: list[Any] = [
    None,
    {},
    {"type": "Circle", "coordinates": [0, 0]},
    {"type": ["Point"], "coordinates": [0, 0]},
    {"type": "Point"},
    {"type": "Point", "coordinates": None},
    {"type": "Point", "coordinates": [0]},
    {"type": "Point", "coordinates": [0, 0, 0]},
    {"type": "Point", "coordinates": [0.5, 0]},
    {"type": "Point", "coordinates": [True, 0]},
    {"type": "Point", "coordinates": ["0", 0]},
    {"type": "Point", "coordinates": "00"},
    {"type": "Point", "coordinates": [10**30, 0]},
    {"type": "Point", "coordinates": [180 * 10**9 + 1, 0]},
    {"type": "Point", "coordinates": [0, -90 * 10**9 - 1]},
    {"type": "LineString", "coordinates": [[0, 0]]},
    {"type": "LineString", "coordinates": []},
    {"type": "Polygon", "coordinates": [[0, 0], [1, 0], [1, 1], [0, 0]]},
    {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [0, 0]]]},
    {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]},
    {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]], []]},
    {"type": "Polygon", "coordinates": {"a": 1}},
    {"type": "MultiPolygon", "coordinates": [[]]},
    # One position too long and one too short: the sum is right, the shape is not.
    {"type": "LineString", "coordinates": [[0, 0, 0], [1]]},
]


@pytest.mark.parametrize("value", MALFORMED, ids=lambda value: str(value)[:60])
def test_a_malformed_value_is_refused_by_its_place(value: Any) -> None:
    for before in ([], [{"type": "Point", "coordinates": [1, 2]}]):
        with pytest.raises(Refused) as refused:
            shapes_of([*before, value])
        assert refused.value.problems[0].code == "shape_malformed"
        assert refused.value.problems[0].where == f"shape {len(before) + 1}"


@given(st.recursive(st.none() | st.integers() | st.floats() | st.text(max_size=3), st.lists))
def test_any_nesting_gives_a_shape_or_a_problem(coordinates: Any) -> None:
    for name in ("Point", "Polygon", "MultiPolygon"):
        value = {"type": name, "coordinates": coordinates}
        with contextlib.suppress(Refused):
            assert value_of(shape_of(value)) == value


def test_no_shapes_give_no_values() -> None:
    assert values_of([]) == []
    assert len(shapes_of([])) == 0
    assert unwritable(np.array([], dtype=object)) == {}
