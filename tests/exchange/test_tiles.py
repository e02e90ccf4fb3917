"""Tiles made from arrays, read by a decoder that others wrote."""

from itertools import pairwise

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tilth.exchange.tiles import (
    EXTENT,
    TileAddress,
    area_layer,
    areas_of,
    lonlat_of,
    point_layer,
    ragged,
    shapes_of_areas,
    simplified,
    world_of,
)

WORLD = TileAddress(0, 0, 0)
TILE = TileAddress(12, 2258, 1490)  # around 18.5 E, 43.9 N


def decoded(data, layer="l"):
    return mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})[layer]


def in_tile(shape, address=TILE):
    """A shape drawn in steps of a tile, on the world grid."""
    step = 1 << (32 - 12 - address.z)
    x0, y0, _, _ = address.box
    return shapely.transform(shape, lambda xy: xy * step + (x0, y0))


def areas(*shapes, address=TILE):
    return areas_of(np.array([in_tile(one, address) for one in shapes], dtype=object))


def ids(n):
    return np.arange(n) + 7


def test_a_position_comes_back_to_a_centimetre():
    lonlat = np.array([[18.5, 44.25], [-179.9, -84.9], [0.0, 0.0], [179.999, 85.0]])
    back = lonlat_of(world_of(lonlat))
    assert np.abs(back - lonlat).max() < 1e-7


def test_the_poles_lie_on_the_edge_of_the_world():
    assert world_of(np.array([[0.0, 90.0], [0.0, -90.0]]))[:, 1].tolist() == pytest.approx(
        [0, 2**32 - 1], abs=500
    )


def test_points_keep_their_number_place_and_values():
    x0, y0, x1, y1 = TILE.box
    xy = np.array([[x0, y0], [x1 - 1, y1 - 1], [(x0 + x1) // 2, (y0 + y1) // 2]], np.uint32)
    tile = decoded(
        point_layer(
            "l", TILE, xy, np.array([0, 300, 2**31]), {"d": [738000, 1, 0], "who": ["a", "ж", "a"]}
        )
    )
    features = tile["features"]
    assert tile["extent"] == EXTENT
    assert [one["id"] for one in features] == [0, 300, 2**31]
    assert [one["geometry"]["coordinates"] for one in features] == [
        [0, 0],
        [4095, 4095],
        [2048, 2048],
    ]
    assert [one["properties"] for one in features] == [
        {"d": 738000, "who": "a"},
        {"d": 1, "who": "ж"},
        {"d": 0, "who": "a"},
    ]


def test_no_point_makes_no_layer():
    assert point_layer("l", TILE, np.empty((0, 2), np.uint32), np.empty(0), {"d": []}) == b""


HOLE = shapely.Polygon(
    shapely.box(10, 10, 200, 200).exterior, [shapely.box(50, 50, 90, 90).exterior]
)
TWO = shapely.MultiPolygon([shapely.box(300, 300, 350, 350), shapely.box(400, 400, 480, 450)])


def test_areas_keep_holes_parts_and_order():
    data = area_layer(
        "l", TILE, areas(HOLE, TWO, shapely.box(0, 0, 5, 5)), ids(3), {"c": [1, 2, 3]}
    )
    found = decoded(data)["features"]
    assert [one["id"] for one in found] == [7, 8, 9]
    assert [one["properties"]["c"] for one in found] == [1, 2, 3]
    read = [shapely.geometry.shape(one["geometry"]) for one in found]
    for shape, expected in zip(read, (HOLE, TWO, shapely.box(0, 0, 5, 5)), strict=True):
        assert shape.is_valid
        assert shape.equals(expected)


def test_an_area_smaller_than_a_step_is_not_drawn_and_moves_no_other():
    speck = shapely.box(20.1, 20.1, 20.4, 20.4)
    data = area_layer("l", TILE, areas(speck, HOLE, speck, TWO), ids(4), {"c": np.arange(4)})
    found = decoded(data)["features"]
    assert [(one["id"], one["properties"]["c"]) for one in found] == [(8, 1), (10, 3)]
    assert area_layer("l", TILE, areas(speck), ids(1), {}) == b""


def test_a_hole_that_vanishes_leaves_its_area_and_a_vanishing_area_takes_its_hole():
    pierced = shapely.Polygon(
        shapely.box(10, 10, 200, 200).exterior, [shapely.box(50.1, 50.1, 50.2, 50.2).exterior]
    )
    ring = shapely.Polygon(
        shapely.box(20.1, 20.1, 20.9, 20.9).exterior, [shapely.box(20.2, 20.2, 20.3, 20.3).exterior]
    )
    (found,) = decoded(area_layer("l", TILE, areas(pierced, ring), ids(2), {}))["features"]
    assert shapely.geometry.shape(found["geometry"]).equals(shapely.box(10, 10, 200, 200))


def test_an_area_larger_than_the_tile_is_cut_outside_it():
    huge = shapely.box(-200_000, -300_000, 2000, 400_000)
    hole = shapely.box(100, 100, 300, 300)
    shape = shapely.Polygon(huge.exterior, [hole.exterior])
    data = area_layer("l", TILE, areas(HOLE, shape, TWO), ids(3), {})
    found = [shapely.geometry.shape(one["geometry"]) for one in decoded(data)["features"]]
    tile = shapely.box(0, 0, EXTENT, EXTENT)
    assert found[0].equals(HOLE)
    assert found[2].equals(TWO)
    assert found[1].intersection(tile).equals(shapely.box(0, 0, 2000, EXTENT).difference(hole))
    assert max(map(abs, found[1].bounds)) <= 2 * EXTENT


def test_what_is_cut_away_whole_leaves_its_neighbours():
    away = shapely.box(90_000, 90_000, 99_000, 99_000)
    data = area_layer("l", TILE, areas(away, HOLE), ids(2), {})
    assert [one["id"] for one in decoded(data)["features"]] == [8]


def test_the_whole_world_fits_into_the_first_tile():
    data = area_layer("l", WORLD, areas(shapely.box(1, 1, 4000, 4000), address=WORLD), ids(1), {})
    assert decoded(data)["features"][0]["geometry"]["type"] == "Polygon"


def test_simplifying_keeps_what_can_be_seen():
    turns = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    circle = shapely.Polygon(
        np.column_stack((2000 + 900 * np.cos(turns), 2000 + 900 * np.sin(turns)))
    )
    given_shape = in_tile(circle)
    fewer = simplified(np.array([given_shape], dtype=object), TILE.z)[0]
    assert shapely.get_num_coordinates(fewer) < 150
    assert fewer.area == pytest.approx(given_shape.area, rel=3e-3)


def test_areas_come_back_as_polygons():
    back = shapes_of_areas(areas(HOLE, TWO))
    assert back[0].equals(in_tile(HOLE))
    assert back[1].equals(in_tile(TWO))


def test_some_areas_can_be_taken_in_any_order():
    taken = areas(HOLE, TWO, shapely.box(0, 0, 9, 9)).some(np.array([2, 0]))
    back = shapes_of_areas(taken)
    assert back[0].equals(in_tile(shapely.box(0, 0, 9, 9)))
    assert back[1].equals(in_tile(HOLE))


@given(st.lists(st.lists(st.integers(), max_size=4), max_size=8), st.data())
def test_ragged_rows_are_those_asked_for(rows, data):
    offset = np.cumsum([0, *map(len, rows)])
    flat = [value for row in rows for value in row]
    asked = data.draw(st.lists(st.integers(0, max(len(rows) - 1, 0)), max_size=5)) if rows else []
    places, fresh = ragged(offset, np.array(asked, np.int64))
    values = [flat[n] for n in places.tolist()]
    assert [values[a:b] for a, b in pairwise(fresh)] == [rows[n] for n in asked]


@given(
    st.lists(
        st.tuples(st.integers(-3000, 7000), st.integers(-3000, 7000), st.integers(1, 3000)),
        min_size=1,
        max_size=30,
    )
)
def test_every_area_of_any_size_is_read_back_as_drawn(squares):
    """Also numbers of three bytes and more, and areas that are cut."""
    shapes = [shapely.box(x, y, x + size, y + size) for x, y, size in squares]
    data = area_layer(
        "l", TILE, areas(*shapes), ids(len(shapes)), {"size": [s for *_, s in squares]}
    )
    tile = shapely.box(-EXTENT // 4, -EXTENT // 4, EXTENT * 5 // 4, EXTENT * 5 // 4)
    for one in decoded(data)["features"] if data else []:
        shape = shapes[one["id"] - 7]
        read = shapely.geometry.shape(one["geometry"])
        assert one["properties"]["size"] == squares[one["id"] - 7][2]
        assert read.intersection(tile).equals(shape.intersection(tile))


@pytest.mark.parametrize("address", [(-1, 0, 0), (3, 8, 0), (3, 0, -1), (19, 0, 0)])
def test_there_is_no_tile_outside_the_world(address):
    assert not TileAddress(*address).valid
