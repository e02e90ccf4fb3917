"""The frame: metres that come back to the same degrees, and areas that are true."""

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import zoo
from tilth.core.geometry.frame import Frame

GEOD = pyproj.Geod(ellps="WGS84")

# PROJ takes a centre within 6 nanodegrees (0.6 mm) of the equator for the equator.
latitudes = st.integers(-85 * 10**9, 85 * 10**9).filter(lambda nd: nd == 0 or abs(nd) > 6)
centres = st.builds(Frame, st.integers(-180 * 10**9, 180 * 10**9), latitudes)
offset = st.floats(-200_000, 200_000) | st.floats(-0.02, 0.02)
offsets = st.lists(st.tuples(offset, offset), min_size=1, max_size=20)


@given(centres, offsets)
def test_round_trip_is_below_a_micrometre(frame: Frame, metres: list[tuple[float, float]]) -> None:
    xy = np.array(metres)
    lonlat = frame.unproject(xy)
    assert np.abs(frame.project(lonlat) - xy).max() < 1e-6
    assert np.abs(lonlat[:, 0]).max() <= 180


@given(centres, st.floats(-100_000, 100_000), st.floats(-100_000, 100_000), st.floats(10, 5000))
def test_area_is_that_of_the_ellipsoid(frame: Frame, x: float, y: float, side: float) -> None:
    square = shapely.segmentize(shapely.box(x, y, x + side, y + side), side / 8)
    ring = frame.unproject(shapely.get_coordinates(square))
    true_m2, _ = GEOD.polygon_area_perimeter(*ring.T)
    assert abs(abs(true_m2) - side * side) <= 2e-6 * side * side


@given(centres)
def test_the_centre_is_the_origin(frame: Frame) -> None:
    centre = np.array([[frame.longitude_nd, frame.latitude_nd]]) / 1e9
    assert np.abs(frame.project(centre)).max() < 1e-6
    north = frame.project(centre + np.array([[0, 0.001]]))[0]
    east = frame.project(centre + np.array([[0.001, 0]]))[0]
    assert north[1] > 100
    assert abs(north[0]) < 1e-6
    assert east[0] > 0


def test_distances_near_the_centre_are_true() -> None:
    lonlat = np.array([[18.5, 44.25], [18.6, 44.3]])
    (x, y) = np.diff(zoo.FRAME.project(lonlat), axis=0)[0]
    assert np.hypot(x, y) == pytest.approx(GEOD.inv(*lonlat[0], *lonlat[1])[2], rel=1e-5)


def test_the_definition_holds_the_centre_in_exact_decimals() -> None:
    assert "+lat_0=-0.000000001 +lon_0=-179.123456789 " in Frame(-179_123_456_789, -1).definition


@pytest.mark.parametrize("centre", [(181 * 10**9, 0), (0, -91 * 10**9)])
def test_a_centre_that_is_no_place_is_refused(centre: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="no place"):
        Frame(*centre)


def test_a_shape_across_the_antimeridian_is_whole() -> None:
    fiji = zoo.DEGREES["across the antimeridian"]
    frame = Frame.centred_on(fiji)
    assert abs(frame.longitude_nd) > 179_990_000_000
    (metres,) = frame.project_geometries(np.array([fiji]))
    true_m2, _ = GEOD.polygon_area_perimeter(*shapely.get_coordinates(fiji).T)
    assert metres.area == pytest.approx(abs(true_m2), rel=1e-6)
    assert metres.area < 5e6
    (back,) = frame.unproject_geometries(np.array([metres]))
    assert np.abs(shapely.get_coordinates(back) - shapely.get_coordinates(fiji)).max() < 1e-12


def test_a_centre_found_from_data_is_a_round_number() -> None:
    frame = Frame.centred_on(shapely.Point(18.51249, 44.25051))
    assert (frame.longitude_nd, frame.latitude_nd) == (18_512_000_000, 44_251_000_000)
    with pytest.raises(ValueError, match="without coordinates"):
        Frame.centred_on(shapely.Polygon())
    with pytest.raises(ValueError, match="without coordinates"):
        Frame.centred_on(shapely.points(np.nan, 1.0))


def test_null_and_empty_shapes_pass() -> None:
    shapes = np.array([None, shapely.Polygon(), shapely.Point(18.5, 44.25, 7)])
    metres = zoo.FRAME.project_geometries(shapes)
    assert metres[0] is None
    assert metres[1].is_empty
    assert not metres[2].has_z


def test_no_coordinates_give_none() -> None:
    assert zoo.FRAME.project(np.empty((0, 2))).shape == (0, 2)
    assert zoo.FRAME.unproject(np.empty((0, 2))).shape == (0, 2)
