"""Positions as people type them: one reading or a problem, and what was typed stays beside."""

import doctest
import importlib
from fractions import Fraction

import mgrs
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tilth.core.geometry.coordinates import Position, read_pair, read_position
from tilth.core.geometry.notations import read_angle, read_two_angles
from tilth.core.geometry.systems import (
    degrees_labelled_metres,
    exchanged,
    geometries_to_wgs84,
    system,
    to_wgs84,
    unknown_shift,
)
from tilth.core.problems import CATALOGUE, Problem, Refused

BOSNIA = (15.0, 42.0, 20.0, 46.0)
D = 10**9
LAT, LON = 44_258_333_333, 18_510_000_000  # 44°15'30", 18°30'36"


def found(outcome: Position | Problem) -> tuple[int, int]:
    assert isinstance(outcome, Position), outcome
    return outcome.longitude_nd, outcome.latitude_nd


def code(outcome: Position | Problem) -> str:
    assert isinstance(outcome, Problem), outcome
    CATALOGUE[outcome.code].what.format(**outcome.params)
    return outcome.code


@pytest.mark.parametrize(
    "text",
    [
        "44°15'30\"N 18°30'36\"E",
        "44° 15′ 30″ N, 18° 30′ 36″ E",
        "44º15´30´´N 18º30´36´´E",  # ordinal sign and acute accents of a Spanish keyboard
        "N44 15 30 E018 30 36",
        "44 15.5N 18 30.6E",
        "44 15,5 N 18 30,6 E",
        "44-15-30N 018-30-36E",
        "441530N 0183036E",
        "44d15m30sN 18d30m36sE",
        "44 deg 15 min 30 sec north; 18 deg 30 min 36 sec east",
        "E 18°30'36\" N 44°15'30\"",
        "latitud 44° 15' 30'' norte longitud 18° 30' 36'' este",
        "44° 15' 30'' nord / 18° 30' 36'' est",
        "44°15′30″ с.ш., 18°30′36″ в.д.",
        "С 44°15'30\" В 18°30'36\"",
        "44°15'30\" Пн.Ш. 18°30'36\" Сх.Д.",
        "44 градуса 15 минут 30 сек север 18 градусов 30 минут 36 сек восток",
        "٤٤°١٥'٣٠\" شمالاً ١٨°٣٠'٣٦\" شرقاً",
        "خط العرض ٤٤°١٥'٣٠\" خط الطول ١٨°٣٠'٣٦\"",
        "۴۴°۱۵'۳۰\"N ۱۸°۳۰'۳۶\"E",
        "\u200e44°15'30\"N\u00a018°30'36\"E\u200f",
    ],
)
def test_one_place_in_many_hands(text: str) -> None:
    position = read_position(text)
    assert found(position) == (LON, LAT)
    assert position.entered == {"format": "dms", "text": text}


@pytest.mark.parametrize(
    ("text", "longitude", "latitude"),
    [
        ("44.25 N 18.5 E", 18.5, 44.25),
        ("44,25 N 18,5 E", 18.5, 44.25),
        ("N 44.25, E 18.5", 18.5, 44.25),
        ("lat: 44.25, lon: 18.5", 18.5, 44.25),
        ("(44.25°N, 18.5°E)", 18.5, 44.25),
        ("٤٤٫٢٥ شمال ١٨٫٥ شرق", 18.5, 44.25),
        ("4.6 S 74.1 W", -74.1, -4.6),
        ("4.6 sur 74.1 oeste", -74.1, -4.6),
        ("4,6 ю.ш. 74,1 з.д.", -74.1, -4.6),
        ("48.1 137.2", 137.2, 48.1),  # a latitude of 137 does not exist
        ("137.2 48.1", 137.2, 48.1),
        ("−4.6 −120.5", -120.5, -4.6),  # minus signs, not hyphens
        ("5 5", 5, 5),  # both orders are the same place
    ],
)
def test_decimal_degrees_are_not_marked_as_entered(
    text: str, longitude: float, latitude: float
) -> None:
    position = read_position(text)
    assert found(position) == (round(longitude * D), round(latitude * D))
    assert position.entered == {}
    assert position.point.equals_exact(shapely.Point(longitude, latitude), 1e-12)


@pytest.mark.parametrize("text", ["44.25 18.5", "44.25, 18.5", "44,25; 18,5", "18.5/44.25"])
def test_the_order_of_bare_numbers_needs_evidence(text: str) -> None:
    assert code(read_position(text)) == "coordinate_order_unclear"
    assert found(read_position(text, bounds=BOSNIA)) == (round(18.5 * D), round(44.25 * D))
    assert code(read_position(text, bounds=(0, 0, 50, 50))) == "coordinate_order_unclear"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "abc",
        "44.25",
        "44.25 N",
        "44,25,18,5",
        "44.25 N 18.5 N",
        "-44.25 S 18.5 E",  # south said twice
        "44 15 61 N 18 30 36 E",
        "44 75 N 18 30 E",
        "44 60 N 18 30 E",
        "44.5 15 30 N 18 30 36 E",
        "44 15 30 18 30 36 5",
        "44'15°30\" N 18°30'36\" E",
        "44.25N, 18.5E, 120 m",
        "1e1 2e1",
        "nan nan",
        "44..25 N 18.5 E",
        "4" * 5000 + " N 18 E",
        "44.25 Q 18.5 E",
        "37T CN 123 4567",
        "37T CN 123",
    ],
)
def test_what_has_no_reading_is_said(text: str) -> None:
    outcome = read_position(text, where="row 7")
    assert code(outcome) == "coordinate_unreadable"
    assert outcome.where == "row 7"


@pytest.mark.parametrize("text", ["91 N 5 E", "5 N 181 E", "99 99", "90.000000001 N 0 E"])
def test_what_is_no_place_is_said(text: str) -> None:
    assert code(read_position(text)) == "coordinate_out_of_range"


def test_o_is_west_in_spanish_and_east_in_german() -> None:
    assert code(read_position("4.6 N 74.1 O")) == "hemisphere_unclear"
    assert found(read_position("4.6 N 74.1 O", bounds=(-80, 0, -70, 10)))[0] == round(-74.1 * D)
    assert found(read_position("50 N 8 O", bounds=(5, 45, 15, 55)))[0] == 8 * D


def test_two_columns() -> None:
    assert found(read_pair("18,5", "44,25")) == (round(18.5 * D), round(44.25 * D))
    swapped = read_pair("44.25 N", "18.5 E")
    assert found(swapped) == (round(18.5 * D), round(44.25 * D))
    assert [w.code for w in swapped.warnings] == ["latitude_longitude_exchanged"]
    unlikely = read_pair("44.25", "18.5", bounds=BOSNIA)
    assert found(unlikely) == (round(44.25 * D), round(18.5 * D))  # as said, not as guessed
    assert [w.code for w in unlikely.warnings] == ["latitude_longitude_exchanged"]
    assert code(read_pair("18.5 E", "44.25 W")) == "coordinate_unreadable"
    assert code(read_pair("18.5", "")) == "coordinate_unreadable"
    assert code(read_pair("5", "91")) == "coordinate_out_of_range"


def test_utm_by_zone_and_band() -> None:
    position = read_position("37T 456789.5 5123456")
    expected = pyproj.Transformer.from_crs(32637, 4326, always_xy=True).transform(456789.5, 5123456)
    assert np.abs(np.array(found(position)) - np.array(expected) * D).max() <= 1
    assert position.entered == {
        "crs": "EPSG:32637",
        "format": "utm",
        "text": "37T 456789.5 5123456",
    }
    for same in ("37N 456789.5 5123456", "37 n 456789.5mE 5123456mN", "37Т 456789.5 5123456"):
        assert found(read_position(same)) == found(position)


def test_utm_letter_s_is_a_band_and_a_hemisphere() -> None:
    # 4,123,456 m is 37 degrees north in band S, or 53 degrees south.
    assert code(read_position("37S 456789 4123456")) == "hemisphere_unclear"
    syria = read_position("37S 456789 4123456", bounds=(35, 32, 43, 38))
    assert found(syria)[1] > 37 * D
    falklands = read_position("21S 400000 4270000", bounds=(-62, -53, -57, -51))
    assert found(falklands)[1] < -51 * D
    assert found(read_position("20S 400000 8270000"))[1] < -15 * D
    for wrong in ("37C 456789 5123456", "70T 456789 5123456", "37T 999999 5123456"):
        assert code(read_position(wrong)) == "coordinate_outside_system"


def test_mgrs_names_a_square_by_its_corner() -> None:
    position = read_position("37T CN 12345 12345")
    assert position.entered == {
        "format": "mgrs",
        "square_m": "1",
        "text": "37T CN 12345 12345",
    }
    # The second way: the square as UTM, projected by PROJ.
    zone, hemisphere, east, north = mgrs.MGRS().MGRSToUTM("37TCN1234512345")
    (expected,) = to_wgs84(np.array([[east, north]]), f"EPSG:326{zone}")
    assert hemisphere == "N"
    assert np.abs(np.array(found(position)) - expected * D).max() < 100  # 1 cm
    assert found(read_position("37тсN1234512345")) == found(position)  # Cyrillic т and с
    assert read_position("37TCN1212").entered["square_m"] == "1000"
    assert code(read_position("37TZZ1234512345")) == "coordinate_unreadable"


def test_the_axis_order_trap() -> None:
    """Easting first whatever the definition says: 3116 defines north first, 28992 east first."""
    bogota = read_pair("1000000", "1000000", crs="EPSG:3116")
    assert found(bogota) == (-74_077_507_917, 4_596_200_417)  # the origin: 74°04'39.0285"W
    assert bogota.entered["crs"] == "EPSG:3116"
    east = read_pair("1010000", "1000000", crs="EPSG:3116")
    assert found(east)[0] > found(bogota)[0]
    assert abs(found(east)[1] - found(bogota)[1]) < 1_000_000

    amersfoort = read_pair("155000", "463000", crs="EPSG:28992")
    assert np.allclose(np.array(found(amersfoort)) / D, (5.38721, 52.15517), atol=2e-5)
    wrong = read_pair("463000", "155000", crs="EPSG:28992")
    assert [w.code for w in wrong.warnings] == ["latitude_longitude_exchanged"]

    (lonlat,) = to_wgs84(np.array([[18.5, 44.25]]), "EPSG:4326")
    assert lonlat.tolist() == [18.5, 44.25]
    (shape,) = geometries_to_wgs84(np.array([shapely.Point(155000, 463000)]), "EPSG:28992")
    assert np.allclose((shape.x, shape.y), (5.38721, 52.15517), atol=2e-5)


def test_systems_are_named_by_code_or_wkt_and_nothing_else() -> None:
    for name in ("EPSG:3116", "epsg: 3116", "3116", pyproj.CRS.from_epsg(3116).to_wkt()):
        known = system(name)
        assert not isinstance(known, Problem)
        assert known.to_epsg() == 3116
    for name in ("", "EPSG:99999", "/etc/passwd", "+init=file:x", "+proj=longlat", "WGS84"):
        assert code(system(name)) == "crs_unknown"
    assert code(system("EPSG:4978")) == "crs_unsupported"  # geocentric
    assert code(system("EPSG:5703")) == "crs_unsupported"  # heights
    with pytest.raises(Refused):
        to_wgs84(np.zeros((1, 2)), "EPSG:99999")
    assert code(read_position("1 2", crs="EPSG:99999")) == "crs_unknown"
    wkt = pyproj.CRS.from_epsg(3116).to_wkt()
    assert read_pair("1000000", "1000000", crs=wkt).entered["crs"] == "EPSG:3116"


def test_numbers_that_contradict_their_system() -> None:
    assert code(read_pair("-74.1", "4.6", crs="EPSG:3116")) == "degrees_labelled_metres"
    degrees, metres = np.array([[18.5, 44.25]] * 3), np.array([[456789.0, 5123456.0]] * 3)
    assert code(degrees_labelled_metres(degrees, "EPSG:32634")) == "degrees_labelled_metres"
    assert code(degrees_labelled_metres(metres, "EPSG:4326")) == "metres_labelled_degrees"
    assert degrees_labelled_metres(degrees, "EPSG:4326") is None
    assert degrees_labelled_metres(metres, "EPSG:32634") is None
    assert degrees_labelled_metres(np.empty((0, 2)), "EPSG:32634") is None
    assert degrees_labelled_metres(np.full((2, 2), np.nan), "EPSG:32634") is None


def test_exchanged_columns_show_by_the_bounds_or_by_the_pole() -> None:
    right = np.array([[18.5, 44.25], [18.6, 44.3], [18.7, 44.4], [0.0, 0.0]])
    assert exchanged(right, BOSNIA) is None
    problem = exchanged(right[:, ::-1], BOSNIA, "column lat")
    assert problem.params["count"] == 3
    assert problem.params["total"] == 4
    assert problem.where == "column lat"
    assert exchanged(right[:, ::-1]) is None  # without bounds both are places on Earth
    far_east = np.array([[48.1, 137.2], [48.2, 137.3]])
    assert exchanged(far_east) is not None
    assert exchanged(np.empty((0, 2)), BOSNIA) is None
    fiji = (177.0, -20.0, -178.0, -16.0)
    assert exchanged(np.array([[-17.0, 179.9], [-17.0, -179.9]]), fiji) is not None
    assert exchanged(np.array([[179.9, -17.0], [-179.9, -17.0]]), fiji) is None


def test_an_unknown_datum_shift_is_a_warning_a_known_one_is_kept() -> None:
    old = read_position("44.25 N 18.5 E", crs="EPSG:4618")  # SAD69 means nothing in Bosnia
    assert [w.code for w in old.warnings] == ["crs_shift_unknown"]
    balkans = read_pair("6500000", "4900000", crs="EPSG:3908")
    assert float(balkans.entered["shift_accuracy_m"]) > 0
    assert balkans.warnings == ()
    # The same grid under its withdrawn code has no shift outside Slovenia.
    many = np.array([[6_500_000.0, 4_900_000.0]] * 3)
    assert code(unknown_shift(many, "EPSG:31276")) == "crs_shift_unknown"
    assert unknown_shift(many, "EPSG:3908") is None
    assert unknown_shift(np.array([[18.5, 44.25]]), "EPSG:4326") is None
    assert unknown_shift(np.empty((0, 2)), "EPSG:31276") is None


def test_a_grid_outside_its_area_is_a_warning() -> None:
    codes = [w.code for w in read_pair("500000", "9000000", crs="EPSG:3116").warnings]
    assert codes == ["coordinate_outside_area"]
    assert code(read_pair("1e9", "5", crs="EPSG:3116")) == "coordinate_unreadable"
    assert code(read_position("1 2 3", crs="EPSG:3116")) == "coordinate_unreadable"


nanodegrees = st.integers(-89 * D, 89 * D)


@given(nanodegrees, nanodegrees)
def test_decimal_text_comes_back_to_the_nanodegree(latitude: int, longitude: int) -> None:
    def written(value: int, positive: str, negative: str) -> str:
        whole, part = divmod(abs(value), D)
        return f"{whole}.{part:09d} {negative if value < 0 else positive}"

    text = f"{written(latitude, 'N', 'S')} {written(longitude, 'E', 'W')}"
    assert found(read_position(text)) == (longitude, latitude)


@given(st.integers(0, 89), st.integers(0, 59), st.integers(0, 59999), st.sampled_from("NS"))
def test_dms_is_exact(degrees: int, minutes: int, milliseconds: int, letter: str) -> None:
    text = f"{degrees}°{minutes}'{milliseconds / 1000:.3f}\"{letter} 0°0'0\"E"
    exact = degrees + Fraction(minutes, 60) + Fraction(milliseconds, 3_600_000)
    sign = -1 if letter == "S" else 1
    assert found(read_position(text)) == (0, sign * round(exact * D))


@given(st.text(alphabet="0123456789.,;-+°'\" NSEWОСВтДo/|:()٤٫\u200f", max_size=40))
def test_any_text_gives_a_position_or_a_problem(text: str) -> None:
    read_two_angles(text)
    read_angle(text)
    for crs in ("EPSG:4326", "EPSG:32637"):
        outcome = read_position(text, crs=crs)
        if isinstance(outcome, Position):
            assert abs(outcome.latitude_nd) <= 90 * D
        else:
            assert outcome.code in CATALOGUE
        assert isinstance(read_pair(text[:20], text[20:], crs=crs), Position | Problem)


@pytest.mark.parametrize("name", ["coordinates", "encoding", "frame", "notations"])
def test_examples_in_the_docstrings_run(name: str) -> None:
    module = importlib.import_module(f"tilth.core.geometry.{name}")
    outcome = doctest.testmod(module)
    assert outcome.attempted
    assert not outcome.failed
