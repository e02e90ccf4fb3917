"""Maps: every shape of the zoo can be drawn, and scale, grid and marks say what is true."""

import math
import re
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, box
from shapely.geometry.base import BaseGeometry

from tilth.core.geometry.encoding import value_of
from tilth.core.geometry.frame import Frame
from tilth.documents.blocks import Drawing
from tilth.documents.maps import Feature, Ground, map_svg, site_map
from tilth.documents.reader import reader_in
from zoo import METRES

ENGLISH = reader_in("en")
FRAME = Frame(36_000_000_000, 50_000_000_000)
SVG = "{http://www.w3.org/2000/svg}"
ROLES = ("hazard", "neighbour", "released", "task", "evidence", "sample", "anything new")


def drawn(*features: Feature, **more: object) -> ElementTree.Element:
    ground = Ground(features, **more)  # type: ignore[arg-type]
    return ElementTree.fromstring(map_svg(ground, ENGLISH))


def words(svg: ElementTree.Element) -> list[str]:
    return ["".join(one.itertext()) for one in svg.iter(f"{SVG}text")]


def numbers(svg: ElementTree.Element) -> list[float]:
    """Every coordinate of every path and text."""
    texts = [one.get("d", "") for one in svg.iter(f"{SVG}path")]
    texts += [one.get(name, "") for one in svg.iter(f"{SVG}text") for name in ("x", "y")]
    return [float(one) for text in texts for one in re.findall(r"-?[\d.]+(?:e[+-]?\d+)?", text)]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", sorted(METRES))
def test_every_shape_of_the_zoo_can_be_drawn(name: str, role: str) -> None:
    shape = METRES[name]
    beside = Feature("hazard", box(0, 0, 100, 100), "HA-1", "CHA")
    features = (beside,) if shape is None else (beside, Feature(role, shape, name, "SHA"))
    coordinates = numbers(drawn(*features))
    assert coordinates
    assert np.isfinite(coordinates).all()


def test_the_zoo_passes_the_typesetter() -> None:
    from tilth.documents.typeset import pictures

    features = tuple(
        Feature("released", shape, name, "reduced")
        for name, shape in METRES.items()
        if shape is not None
    )
    drawing = Drawing(svg=map_svg(Ground(features, synthetic=True), ENGLISH), alt="zoo")
    value = {
        "document": "map",
        "operation": "x",
        "synthetic": True,
        "moment": "2026-01-01T00:00:00Z",
    }
    assert pictures(ENGLISH.paper(value, "Zoo", [], [drawing]), dots_per_inch=20)


def test_nothing_to_draw_gives_an_empty_map() -> None:
    assert "grid north" in words(drawn())


sizes = st.floats(1, 50_000)
places = st.floats(-100_000, 100_000)


@given(places, places, sizes, sizes)
def test_scale_bar_and_grid_agree_with_what_is_drawn(
    west: float, south: float, across: float, up: float
) -> None:
    """Pixels of a known rectangle, of the bar and between the lines give one scale."""
    svg = drawn(Feature("hazard", box(west, south, west + across, south + up), "", "CHA"))
    outline = next(one for one in svg.iter(f"{SVG}path") if one.get("fill") == "#d32f2f")
    corners = np.array(re.findall(r"(-?[\d.]+) (-?[\d.]+)", outline.get("d", "")), float)
    scale = np.ptp(corners, axis=0).max() / max(across, up)
    said = next(one for one in words(svg) if re.fullmatch(r"[\d\u202f.]+ k?m", one))
    length, unit = said.replace("\u202f", "").split()
    metres = float(length) * (1000 if unit == "km" else 1)
    halves = [one for one in svg.iter(f"{SVG}rect") if one.get("height") == "5"]
    assert sum(float(one.get("width", "")) for one in halves) == pytest.approx(
        metres * scale, abs=0.5
    )

    lines = [one for one in svg.iter(f"{SVG}path") if one.get("stroke") == "#8a968f"]
    across_at = [
        float(found[1])
        for one in lines
        if (found := re.match(r"M([\d.]+) [\d.]+V", one.get("d", "")))
    ]
    labels = [one for one in words(svg) if re.fullmatch(r"[−\d\u202f.]+", one)][: len(across_at)]
    values = [float(one.replace("\u202f", "").replace("−", "-")) for one in labels]
    for (x0, x1), (v0, v1) in zip(pairwise(across_at), pairwise(values), strict=True):
        assert (x1 - x0) / (v1 - v0) == pytest.approx(scale, rel=0.02)


@given(places, places, sizes)
def test_areas_are_drawn_true_to_scale(west: float, south: float, size: float) -> None:
    half = shapely.Polygon([(west, south), (west + size, south), (west, south + size)])
    whole = box(west, south, west + size, south + size)
    svg = drawn(Feature("hazard", whole, "", "CHA"), Feature("released", half, "", "cleared"))
    areas = {}
    for one in svg.iter(f"{SVG}path"):
        corners = re.findall(r"(-?[\d.]+) (-?[\d.]+)", one.get("d", ""))
        if one.get("fill") in ("#d32f2f", "#2e7d4f"):
            areas[one.get("fill")] = shapely.Polygon(np.array(corners, float)).area
    assert areas["#2e7d4f"] / areas["#d32f2f"] == pytest.approx(0.5, abs=1e-3)


def test_the_legend_explains_what_is_drawn_and_nothing_else() -> None:
    told = words(
        drawn(
            Feature("hazard", box(0, 0, 100, 100), "HA-1", "SHA"),
            Feature("released", box(0, 0, 50, 50), "RA-1", "cleared"),
            Feature("accident", Point(20, 20)),
        )
    )
    assert {"suspected hazardous area (SHA)", "cleared", "accident", "HA-1", "RA-1"} <= set(told)
    assert not {"confirmed hazardous area (CHA)", "reduced", "evidence"} & set(told)


def test_confirmed_is_red_suspected_orange_and_half_covering() -> None:
    svg = drawn(
        Feature("hazard", box(0, 0, 100, 100), "", "CHA"),
        Feature("hazard", box(200, 0, 300, 100), "", "SHA"),
    )
    fills = {one.get("fill"): one for one in svg.iter(f"{SVG}path") if one.get("fill-opacity")}
    red, orange = fills["#d32f2f"], fills["#f57c00"]
    assert red.get("fill-opacity") == orange.get("fill-opacity") == "0.5"
    assert red.get("stroke-dasharray") != orange.get("stroke-dasharray")


def test_holes_stay_open() -> None:
    ring = METRES["hole"]
    assert isinstance(ring, BaseGeometry)
    svg = drawn(Feature("hazard", ring, "", "CHA"))
    outline = next(one for one in svg.iter(f"{SVG}path") if one.get("fill") == "#d32f2f")
    assert outline.get("fill-rule") == "evenodd"
    assert outline.get("d", "").count("M") == 2


def test_turning_points_are_numbered_and_no_label_lies_on_another() -> None:
    turns = [(math.cos(n / 3) * 400, math.sin(n / 3) * 400) for n in range(18)]
    hazard = shapely.Polygon(turns)
    points = tuple((f"TP{n + 1}", x, y) for n, (x, y) in enumerate(turns))
    told = words(drawn(Feature("hazard", hazard, "HA-1", "CHA"), points=points))
    assert {label for label, _, _ in points} <= set(told)
    crowded = tuple((f"TP{n}", n / 10, 0.0) for n in range(300))
    few = [one for one in words(drawn(Feature("hazard", hazard), points=crowded)) if "TP" in one]
    assert 0 < len(set(few)) < 60


@pytest.mark.parametrize("synthetic", [True, False])
def test_synthetic_stands_across_the_map(synthetic: bool) -> None:
    svg = drawn(Feature("hazard", box(0, 0, 1, 1)), synthetic=synthetic)
    assert ("SYNTHETIC" in words(svg)) is synthetic


def test_a_name_cannot_break_out_of_the_picture() -> None:
    evil = '</text><script>alert("1")</script>&amp;\x00\u202e#'
    told = words(drawn(Feature("hazard", box(0, 0, 1, 1), evil, "CHA")))
    assert '</text><script>alert("1")</script>&amp;��#' in told


def layer(role: str, shape: BaseGeometry, label: str, style: str) -> dict[str, object]:
    degrees = shapely.transform(shapely.segmentize(shape, 50), FRAME.unproject)
    return {"role": role, "label": label, "style": style, "shape": value_of(degrees)}


def site(**changes: object) -> dict[str, object]:
    return {
        "level": "prudent",
        "until": "2026-12-12",
        "moment": "2026-12-12T14:03:00Z",
        "synthetic": True,
        "code": "8G9PZ-8TNPD-KRM4A-6NMBF-6",
        "subject": {"name": "T-1", "record": ""},
        "map": {
            "frame_longitude_nd": FRAME.longitude_nd,
            "frame_latitude_nd": FRAME.latitude_nd,
            "layers": [layer("hazard", box(1000, 2000, 1200, 2100), "HA-7", "CHA")],
        },
        **changes,
    }


def test_the_map_of_a_value_says_frame_level_day_and_code() -> None:
    corner = FRAME.unproject(np.array([[1000.0, 2000.0]]))[0]
    points = [{"label": "TP1", "longitude": f"{corner[0]:.7f}", "latitude": f"{corner[1]:.7f}"}]
    drawing = site_map(site(), ENGLISH, points=points, caption="Worksite")
    assert drawing is not None
    told = words(ElementTree.fromstring(drawing.svg))
    assert any("50.000° N 36.000° E (WGS 84 LAEA)" in one for one in told)
    assert any("◆ prudent · until 2026-12-12" in one and "8G9PZ-8TNPD" in one for one in told)
    assert drawing.alt == "Map of T-1: HA-7."
    assert "TP1" in told


def test_true_north_is_told_where_it_is_not_the_grids() -> None:
    """200 km east of the centre, at 50 degrees north, the meridian leans to the west by 2.1°.

    Convergence of the azimuthal projection on the sphere: longitude difference times the sine of
    the latitude (2.8° times 0.766), here to a tenth of a degree.
    """
    east = site()
    east["map"] = {
        **east["map"],  # type: ignore[dict-item]
        "layers": [layer("hazard", box(200_000, 0, 200_100, 100), "HA-7", "CHA")],
    }
    drawing = site_map(east, ENGLISH)
    assert drawing is not None
    (line,) = [one for one in words(ElementTree.fromstring(drawing.svg)) if "True north" in one]
    found = re.search(r"lies ([−\d.]+)° clockwise", line)
    assert found is not None
    assert float(found[1].replace("−", "-")) == pytest.approx(-2.1, abs=0.1)


def test_without_a_map_in_the_value_there_is_none() -> None:
    assert site_map(site(map=None), ENGLISH) is None
