"""Traverses: points as measured, the misclosure told and never hidden."""

import math
from collections.abc import Sequence
from typing import Any

import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tilth.core import canonical
from tilth.core.findings import FINDINGS
from tilth.core.geometry.declination import Declination, decimal_year, declination
from tilth.core.geometry.encoding import shape_of, value_of
from tilth.core.geometry.frame import Frame
from tilth.core.geometry.traverse import (
    COLUMNS,
    North,
    Setup,
    Traverse,
    measured,
    read_rows,
    traverse_findings,
)
from tilth.core.problems import CATALOGUE, Problem, Refused

GEOD = pyproj.Geod(ellps="WGS84")
ANCHOR = "44.25 N 18.5 E"


TRUE = Setup(north=North.TRUE, on="2026-03-01")


def walked(table: str, setup: Setup = TRUE) -> Traverse:
    """A table as text: one row a line, cells between bars, in the order of the columns."""
    rows = [
        dict(zip(COLUMNS, (cell.strip() for cell in line.split("|")), strict=True))
        for line in table.strip().splitlines()
    ]
    return measured(read_rows(rows, setup), setup)


def refused(table: str, setup: Setup = TRUE) -> list[Problem]:
    with pytest.raises(Refused) as caught:
        walked(table, setup)
    for problem in caught.value.problems:
        CATALOGUE[problem.code].what.format(**problem.params)
    return list(caught.value.problems)


def codes(problems: Sequence[Problem]) -> list[str]:
    return [problem.code for problem in problems]


SQUARE = f"""
RP | church    |           |     |       | {ANCHOR}
BM | B1        | church    | 90  | 500   |
SP | SP        | B1        | 0   | 30    |
TP | T1        | SP        | 0   | 100   |
TP | T2        | T1        | 90  | 100   |
TP | T3        | T2        | 180 | 100   |
SP | SP        | T3        | {{back}} | {{length}} |
"""


def test_a_square_walked_from_a_church() -> None:
    traverse = walked(SQUARE.format(back=270, length=100))
    assert [p.name for p in traverse.points] == ["church", "B1", "SP", "T1", "T2", "T3"]
    frame = Frame.centred_on(traverse.polygon)
    (metres,) = frame.project_geometries(shapely.get_parts(traverse.polygon))
    assert metres.area == pytest.approx(10_000, abs=1)
    assert traverse.perimeter_m == 400
    church, _, start = traverse.points[:3]
    azimuth, _, metres_off = GEOD.inv(
        church.longitude, church.latitude, start.longitude, start.latitude
    )
    assert metres_off == pytest.approx(math.hypot(500, 30), abs=0.01)
    assert azimuth == pytest.approx(math.degrees(math.atan2(500, 30)), abs=0.01)
    # Meridians draw together, so that a square of true bearings misses by millimetres.
    assert traverse.misclosure.distance_m < 0.005
    assert traverse.misclosure.ratio > 10_000
    assert traverse_findings("r", traverse) == []


def test_a_misclosure_of_3_2_metres_is_flagged_and_not_closed_in_silence() -> None:
    traverse = walked(SQUARE.format(back=270, length="96.8"))
    assert traverse.misclosure.distance_m == pytest.approx(3.2, abs=0.01)
    assert traverse.misclosure.east_m == pytest.approx(3.2, abs=0.01)
    assert traverse.misclosure.north_m == pytest.approx(0, abs=0.01)
    assert traverse.misclosure.ratio == pytest.approx(396.8 / 3.2, rel=0.01)
    (finding,) = traverse_findings("r", traverse)
    assert finding.code == "traverse_misclosure"
    assert "3.20 m" in FINDINGS[finding.code].what.format(**finding.params)
    assert GEOD.geometry_length(finding.shape) == pytest.approx(3.2, abs=0.01)
    # The polygon goes through the turning points as measured: nothing was moved.
    closed = walked(SQUARE.format(back=270, length=100))
    assert traverse.polygon.equals_exact(closed.polygon)
    assert traverse_findings("r", traverse, most_m=5) == []
    (finding,) = traverse_findings("r", traverse, most_m=5, least_ratio=300)
    assert finding.code == "traverse_misclosure"


def test_a_leg_back_that_was_not_measured_is_told() -> None:
    table = "\n".join(SQUARE.strip().splitlines()[:-1])
    traverse = walked(table)
    assert traverse.misclosure is None
    assert codes(traverse.warnings) == ["last_leg_not_measured"]
    assert [f.code for f in traverse_findings("r", traverse)] == ["traverse_not_closed"]
    assert traverse.perimeter_m == pytest.approx(400, abs=0.01)


def test_what_was_typed_is_kept_beside_the_polygon() -> None:
    setup = Setup(north=North.MAGNETIC, on="2026-03-01", distances="horizontal")
    traverse = walked(SQUARE.format(back="270°00'30\"", length="99.50"), setup)
    value = value_of(traverse.polygon, entered=traverse.entered)
    canonical.require_canonical(value)
    entered: dict[str, Any] = value["entered"]
    assert entered["format"] == "traverse"
    assert entered["rows"][0] == {"point_type": "RP", "point": "church", "coordinates": ANCHOR}
    assert entered["rows"][-1]["bearing_deg"] == "270°00'30\""
    assert entered["rows"][-1]["distance_m"] == "99.50"
    assert entered["declination_model"] == "WMM-2025"
    assert entered["misclosure_m"] == f"{traverse.misclosure.distance_m:.2f}"
    assert shape_of(value).equals_exact(traverse.polygon)


LEG = f"SP | S | | | | {ANCHOR}\nTP | A | S | 0 | 1000 |\nTP | B | A | 90 | 1000 |"


def first_azimuth(traverse: Traverse) -> float:
    start, end = traverse.points[:2]
    return GEOD.inv(start.longitude, start.latitude, end.longitude, end.latitude)[0]


def test_magnetic_bearings_are_turned_by_the_declination_of_place_and_day() -> None:
    traverse = walked(LEG, Setup(north=North.MAGNETIC, on="2025-07-02"))
    assert traverse.declination.model == "WMM-2025"
    assert first_azimuth(traverse) == pytest.approx(5.15, abs=0.01)  # NOAA's value, rounded
    stated = walked(LEG, Setup(north=North.MAGNETIC, on="1993", declination_deg="-1.5"))
    assert first_azimuth(stated) == pytest.approx(-1.5, abs=1e-6)
    assert stated.declination == Declination(-1.5, "stated")
    assert first_azimuth(walked(LEG)) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("on", ["1993-05-01", "2031", "2030-01-01", "", "soon", "2026-02-30"])
def test_a_day_without_a_magnetic_model_is_a_problem(on: str) -> None:
    assert codes(refused(LEG, Setup(north=North.MAGNETIC, on=on))) == ["declination_unknown"]


@pytest.mark.parametrize(
    ("on", "latitude", "longitude", "model"),
    [
        ("2012", 44.25, 18.5, "WMM-2010"),
        ("2019-12-31", 44.25, 18.5, "WMM-2015v2"),
        ("2020-01-01", 44.25, 18.5, "WMM-2020"),
        ("2029-12", 44.25, 18.5, "WMM-2025"),
    ],
)
def test_each_day_has_its_model(on: str, latitude: float, longitude: float, model: str) -> None:
    found = declination(longitude, latitude, on)
    assert isinstance(found, Declination)
    assert found.model == model
    assert 3 < found.degrees < 6.2  # it drifts east by a tenth of a degree a year
    assert not found.doubtful


def test_near_the_magnetic_pole_a_compass_is_doubtful() -> None:
    polar = LEG.replace(ANCHOR, "84 N 110 W")
    traverse = walked(polar, Setup(north=North.MAGNETIC, on="2026"))
    assert "declination_doubtful" in codes(traverse.warnings)


def test_days_as_decimal_years() -> None:
    assert decimal_year("2025-01-01") == pytest.approx(2025 + 0.5 / 365)
    assert decimal_year("2024-12-31") == pytest.approx(2024 + 365.5 / 366)
    assert decimal_year("2025-02") == pytest.approx(2025 + 45 / 365)
    assert decimal_year("2025") == 2025.5
    assert decimal_year("2025-1-1-1") is None


@pytest.mark.parametrize("crs", ["EPSG:32634", "EPSG:3908", "EPSG:3035"])
def test_grid_bearings_are_turned_by_the_convergence(crs: str) -> None:
    here = LEG.replace(ANCHOR, "44.25 N 18.5 E")
    setup = Setup(north=North.GRID, crs=crs)
    # Coordinates in the table are in the grid too.
    x, y = pyproj.Transformer.from_crs(4326, crs, always_xy=True).transform(18.5, 44.25)
    here = here.replace("44.25 N 18.5 E", f"{x:.3f} {y:.3f}")
    start, north = walked(here, setup).points[:2]
    to_grid = pyproj.Transformer.from_crs(4326, crs, always_xy=True)
    (ax, ay), (bx, by) = (to_grid.transform(p.longitude, p.latitude) for p in (start, north))
    assert math.degrees(math.atan2(bx - ax, by - ay)) == pytest.approx(0, abs=0.003)


def test_grid_north_needs_a_grid() -> None:
    problems = refused(LEG, Setup(north=North.GRID))
    assert codes(problems) == ["traverse_grid_unknown"]
    assert problems[0].where == "row 2"


def test_coordinates_place_a_point_and_the_leg_to_it_is_compared() -> None:
    table = f"""
    SP | S | | | | {ANCHOR}
    TP | A | S | 0  | 100 |
    TP | B | A | 90 | 100 | 44.2509 N 18.50130 E
    SP | S | B | 225 | 141.42 |
    """
    traverse = walked(table)
    assert traverse.points[2].lonlat == (18.5013, 44.2509)
    assert traverse.differences_m["B"] == pytest.approx(3.8, abs=0.1)
    assert "traverse_differs" in [f.code for f in traverse_findings("r", traverse)]


def test_slope_distances_are_not_reduced_by_invented_slopes() -> None:
    slope = walked(SQUARE.format(back=270, length=100), Setup(distances="slope"))
    plain = walked(SQUARE.format(back=270, length=100), Setup(distances="horizontal"))
    assert slope.polygon.equals_exact(plain.polygon)
    assert codes(slope.warnings) == ["slope_distances"]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("SP | S | | 0 | 100 |", ["traverse_from_unknown"]),
        (f"XX | S | | | | {ANCHOR}", ["traverse_type_unknown"]),
        ("SP | S | | | | nowhere", ["coordinate_unreadable"]),
        (f"SP | S | | | | {ANCHOR}\nTP | A | S | 361 | 10 |", ["traverse_leg_unreadable"]),
        (f"SP | S | | | | {ANCHOR}\nTP | A | S | -5 | 10 |", ["traverse_leg_unreadable"]),
        (f"SP | S | | | | {ANCHOR}\nTP | A | S | 5 | 0 |", ["traverse_leg_unreadable"]),
        (f"SP | S | | | | {ANCHOR}\nTP | A | S | 5 | 1e3 |", ["traverse_leg_unreadable"]),
        (f"SP | S | | | | {ANCHOR}\nTP | A | S | 5 |  |", ["traverse_leg_unreadable"]),
        (f"SP | S | | | | {ANCHOR}\nTP | A | S | N 5 | 10 |", ["traverse_leg_unreadable"]),
        (f"SP | S | | | | {ANCHOR}\nTP | A | Q | 5 | 10 |", ["traverse_from_unknown"]),
        (f"SP | S | | | | {ANCHOR}\nTP | A |  |  |  |", ["traverse_row_without_place"]),
        (f"SP | S | | | | {ANCHOR}\nTP | A | S | 5 | 10 |", ["traverse_too_short"]),
        (f"TP | S | | | | {ANCHOR}\n{LEG[LEG.index('TP') :]}", ["traverse_too_short"]),
        (f"{LEG}\nTP | A | B | 5 | 10 |", ["traverse_name_twice"]),
        (f"{LEG}\nSP | S | B | 225 | 10 |\nTP | C | B | 5 | 10 |", ["traverse_goes_on"]),
        (f"{LEG}\nSP | S | B | 225 | 10 |\nSP | S | B | 5 | 10 |", ["traverse_closed_twice"]),
        (f"{LEG}\nSP | S |  |  |  | {ANCHOR}", ["traverse_row_without_place"]),
        # A leg from a point that has a problem says nothing new.
        (LEG.replace("| 0 |", "| x |"), ["traverse_leg_unreadable"]),
        (LEG.replace("| 0 |", "| x |").replace("| A | 90", "| | 90"), ["traverse_leg_unreadable"]),
    ],
)
def test_what_cannot_be_computed_is_said_by_row(table: str, expected: list[str]) -> None:
    assert codes(refused(table)) == expected


def test_a_declination_that_cannot_be_read_is_said() -> None:
    setup = Setup(north=North.MAGNETIC, declination_deg="five east")
    assert codes(refused(LEG, setup)) == ["declination_unreadable"]


def test_rows_may_follow_one_another_without_names() -> None:
    table = f"SP | | | | | {ANCHOR}\nTP | | | 0 | 100 |\nIP | | | 90 | 50 |\nTP | | | 90 | 50 |"
    traverse = walked(f"{table}\nSP | | | 225 | 141.421 |")
    assert [p.point_type for p in traverse.points] == ["SP", "TP", "IP", "TP"]
    assert traverse.misclosure.distance_m < 0.01
    assert traverse.perimeter_m == pytest.approx(341.421)


corners = st.lists(
    st.tuples(st.floats(-2000, 2000), st.floats(-2000, 2000)), min_size=3, max_size=9, unique=True
)


@given(corners, st.floats(-65, 65), st.floats(-180, 180), st.sampled_from([0.0, 12.25, -7.5]))
def test_a_traverse_of_true_legs_closes(
    points: list[tuple[float, float]], latitude: float, longitude: float, turn: float
) -> None:
    """Legs from the inverse geodesic, bearings typed to 1e-9 degree, distances to a micrometre."""
    frame = Frame(round(longitude * 1e9), round(latitude * 1e9))
    lonlat = frame.unproject(shapely.get_coordinates(shapely.points(points)))
    legs = []
    for at, (lon, lat) in enumerate(lonlat):
        further = lonlat[(at + 1) % len(lonlat)]
        azimuth, _, length = GEOD.inv(lon, lat, *further)
        if length < 1e-3:
            return
        legs.append((f"{(azimuth - turn) % 360:.9f}", f"{length:.6f}"))
    anchor = " ".join(
        f"{abs(degrees):.9f} {letters[int(degrees < 0)]}"
        for degrees, letters in zip(lonlat[0][::-1], ("NS", "EW"), strict=True)
    )
    table = [{"point_type": "SP", "coordinates": anchor}]
    table += [{"point_type": "TP", "bearing_deg": b, "distance_m": d} for b, d in legs[:-1]]
    table.append({"point_type": "SP", "bearing_deg": legs[-1][0], "distance_m": legs[-1][1]})
    setup = Setup(north=North.MAGNETIC, declination_deg=f"{turn}") if turn else Setup()
    traverse = measured(read_rows(table, setup), setup)
    assert traverse.misclosure.distance_m < 1e-3
    assert traverse_findings("r", traverse) == []
    found = frame.project(shapely.get_coordinates(traverse.polygon)[:-1])
    assert found == pytest.approx(frame.project(lonlat), abs=1e-3)


cell = st.text(alphabet="0123456789.-°' NSETPBMRI|", max_size=12)


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, cell)), max_size=5))
def test_any_table_gives_a_traverse_or_problems(table: list[dict[str, str]]) -> None:
    for north in North:
        setup = Setup(north=north, on="2026", crs="EPSG:32634" if north == "grid" else "EPSG:4326")
        try:
            traverse = measured(read_rows(table, setup), setup)
        except Refused as refusal:
            known = {problem.code for problem in refusal.problems} <= set(CATALOGUE)
        else:
            known = traverse.polygon.geom_type == "Polygon"
        assert known
