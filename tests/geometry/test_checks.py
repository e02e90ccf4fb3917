"""Findings about shapes: each check against shapes that have the fault and shapes that have not."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

import zoo
from tilth.core.findings import FINDINGS, Finding
from tilth.core.geometry.checks import (
    Limits,
    fix_findings,
    larger_than_district,
    place_findings,
    same_shape_findings,
    shape_findings,
)
from tilth.core.geometry.repair import repair_shapes

CODES = {
    "bow-tie": {"invalid_geometry"},
    "unequal bow-tie": {"invalid_geometry"},
    "swapped vertices": {"invalid_geometry"},
    "spike back and forth": {"invalid_geometry", "duplicate_points"},
    "self-touching ring": {"invalid_geometry"},
    "wound twice": {"invalid_geometry", "duplicate_points", "self_overlap"},
    "hole touches shell along an edge": {"invalid_geometry"},
    "hole crosses shell": {"invalid_geometry"},
    "hole outside": {"invalid_geometry"},
    "hole as large as the shell": {"invalid_geometry"},
    "holes overlap": {"invalid_geometry"},
    "parts overlap": {"invalid_geometry", "multipart", "self_overlap"},
    "parts share an edge": {"invalid_geometry", "multipart"},
    "parts are the same": {"invalid_geometry", "multipart", "self_overlap"},
    "part inside a part": {"invalid_geometry", "multipart", "self_overlap"},
    "two parts": {"multipart"},
    "nested multi": {"multipart"},
    "empty part": {"multipart"},
    "duplicate points": {"duplicate_points"},
    "near-duplicate points": {"duplicate_points"},  # on the grid they are one
    "country": {"long_edge"},
    "zero area, there and back": {"invalid_geometry", "duplicate_points", "few_vertices"},
    "one point four times": {"invalid_geometry", "duplicate_points", "few_vertices"},
    "collinear": set(),  # on the grid a valid hair, half a millimetre wide
    "across the antimeridian": {"long_edge"},  # from a frame on the other side of the Earth
}
ON_EARTH = sorted(set(zoo.DEGREES) - set(zoo.NOT_WRITABLE_DEGREES))


def all_findings(name: str) -> list[Finding]:
    shape = zoo.DEGREES[name]
    repairs = [repaired.value for repaired in repair_shapes([shape], zoo.FRAME)]
    return shape_findings(["r"], [shape], zoo.FRAME, repairs)


@pytest.mark.parametrize("name", ON_EARTH)
def test_the_zoo_has_the_findings_it_deserves(name: str) -> None:
    findings = all_findings(name)
    if name in ("across the antimeridian", "far north", "southern and western", "exchanged"):
        # Seen from a frame in Bosnia their edges are stretched; only the far one beyond 5 km.
        findings = [f for f in findings if f.code != "long_edge"]
        assert findings == []
        return
    assert {finding.code for finding in findings} == CODES.get(name, set())
    for finding in findings:
        text = FINDINGS[finding.code]
        text.what.format(**finding.params)
        assert finding.shape is None or isinstance(finding.shape, BaseGeometry)


def test_null_and_empty_shapes_have_none() -> None:
    shapes = [None, Polygon(), Point()]
    assert shape_findings(["a", "b", "c"], shapes, zoo.FRAME) == []
    assert same_shape_findings(["a", "b", "c"], shapes, zoo.FRAME) == []
    assert shape_findings([], [], zoo.FRAME) == []


def test_findings_stand_in_the_order_of_the_records() -> None:
    names = ["two parts", "square", "duplicate points", "parts overlap"]
    findings = shape_findings(names, [zoo.DEGREES[name] for name in names], zoo.FRAME)
    assert [(f.record, f.code) for f in findings] == [
        ("two parts", "multipart"),
        ("duplicate points", "duplicate_points"),
        ("parts overlap", "multipart"),
        ("parts overlap", "self_overlap"),
    ]


def test_an_invalid_shape_says_its_area_before_and_after() -> None:
    (finding,) = all_findings("bow-tie")
    assert finding.code == "invalid_geometry"
    assert float(finding.params["before_m2"]) == pytest.approx(0, abs=0.1)
    assert float(finding.params["after_m2"]) == pytest.approx(5000, abs=0.1)
    assert finding.area_m2 == pytest.approx(5000, abs=0.1)


@pytest.mark.parametrize(
    ("name", "m2"),
    [
        ("parts overlap", 2500),
        ("parts are the same", 10_000),
        ("part inside a part", 400),
        ("wound twice", 6400),
    ],
)
def test_ground_covered_twice_is_measured(name: str, m2: float) -> None:
    (finding,) = [f for f in all_findings(name) if f.code == "self_overlap"]
    assert finding.area_m2 == pytest.approx(m2, abs=0.1)
    (metres,) = zoo.FRAME.project_geometries(np.array([finding.shape]))
    assert metres.area == pytest.approx(finding.area_m2)


def test_duplicate_points_are_counted_and_shown() -> None:
    (finding,) = all_findings("duplicate points")
    assert finding.params["count"] == 2
    assert len(finding.shape.geoms) == 2
    road = LineString([(18.5, 44.25), (18.6, 44.25), (18.5, 44.25)])  # there and back is no fault
    assert [f.code for f in shape_findings(["r"], [road], zoo.FRAME)] == ["long_edge"]


def test_long_edges_are_shown_by_their_ends() -> None:
    typo = Polygon([(18.5, 44.25), (18.51, 44.25), (18.51, 44.26), (18.5, 44.36)])
    (finding,) = shape_findings(["r"], [typo], zoo.FRAME)
    assert finding.code == "long_edge"
    assert finding.params["count"] == 2  # to the mistyped vertex and back
    assert float(finding.params["km"]) == pytest.approx(12.2, abs=0.1)
    (first, _) = finding.shape.geoms
    assert first.distance(Point(18.51, 44.26)) < 1e-9
    wide = Limits(long_edge_m=20_000)
    assert shape_findings(["r"], [typo], zoo.FRAME, limits=wide) == []


def test_the_way_from_one_part_or_record_to_the_next_is_no_edge() -> None:
    near, far = zoo.DEGREES["square"], shapely.affinity.translate(zoo.DEGREES["square"], 0.5, 0)
    ringed = Polygon(
        box(18.5, 44.25, 18.51, 44.26).exterior, [box(18.5, 44.25, 18.501, 44.251).exterior]
    )
    assert shape_findings(["a", "b", "c"], [near, far, ringed], zoo.FRAME) == []
    (finding,) = shape_findings(["m"], [MultiPolygon([near, far])], zoo.FRAME)
    assert finding.code == "multipart"


def turned(shape: Polygon) -> Polygon:
    ring = list(shape.exterior.coords)[:-1]
    return Polygon([*ring[2:], *ring[:2]][::-1])


def test_two_records_with_one_ring_however_it_runs() -> None:
    square = zoo.DEGREES["square"]
    corner = square.exterior.coords[0]
    repeated = Polygon([corner, corner, *square.exterior.coords, corner, corner])
    dot = Polygon([corner] * 4)
    records = ["c", "a", "d", "b", "e", "f", "g"]
    shapes = [turned(square), square, repeated, zoo.DEGREES["hole"], zoo.DEGREES["many vertices"]]
    shapes += [dot, dot]
    findings = same_shape_findings(records, shapes, zoo.FRAME)
    # All against the first by id; a hole does not make another outline of it.
    assert [(f.code, f.record, f.other) for f in findings] == [
        ("duplicate_ring", "b", "a"),
        ("duplicate_ring", "c", "a"),
        ("duplicate_ring", "d", "a"),
    ]
    assert findings[0].area_m2 == pytest.approx(10_000, abs=0.1)


def test_a_part_can_be_anothers_ring_but_not_ones_own() -> None:
    both = MultiPolygon([zoo.DEGREES["square"], zoo.DEGREES["shared edge"]])
    twice = MultiPolygon([zoo.DEGREES["square"], zoo.DEGREES["square"]])
    found = same_shape_findings(["m", "s"], [both, zoo.DEGREES["shared edge"]], zoo.FRAME)
    assert [(f.record, f.other) for f in found] == [("s", "m")]
    assert same_shape_findings(["t"], [twice], zoo.FRAME) == []


def test_near_copies_are_not_the_same_ring() -> None:
    near = shapely.affinity.translate(zoo.DEGREES["square"], 2e-9, 0)
    assert same_shape_findings(["a", "b"], [zoo.DEGREES["square"], near], zoo.FRAME) == []


def test_two_records_on_one_point() -> None:
    points = [Point(18.5, 44.25), Point(18.5, 44.25, 120), Point(18.5, 44.2500001)]
    findings = same_shape_findings(["a", "b", "c"], points, zoo.FRAME)
    assert [(f.code, f.record, f.other) for f in findings] == [("duplicate_position", "b", "a")]


corner = st.tuples(st.integers(0, 20), st.integers(0, 20))


@given(st.lists(corner, min_size=3, max_size=8, unique=True), st.integers(0, 7), st.booleans())
def test_a_ring_is_known_from_any_start(
    ring: list[tuple[int, int]], start: int, backwards: bool
) -> None:
    there = [(18.5 + x * 1e-4, 44.25 + y * 1e-4) for x, y in ring]
    start %= len(there)
    other = [*there[start:], *there[:start]][:: -1 if backwards else 1]
    findings = same_shape_findings(["a", "b"], [Polygon(there), Polygon(other)], zoo.FRAME)
    assert len(findings) == 1
    if len(ring) > 3:
        crossed = [there[1], there[0], *there[2:]]  # another order is another ring
        assert not same_shape_findings(["a", "b"], [Polygon(there), Polygon(crossed)], zoo.FRAME)


def test_the_place_named_against_the_coordinates() -> None:
    district = box(18.4, 44.2, 18.6, 44.3)
    inside, near, far = box(18.45, 44.22, 18.46, 44.23), Point(18.603, 44.25), Point(44.25, 18.5)
    shapes = [inside, near, far, inside, None, inside]
    places = [district, district, district, None, district, Point(18.5, 44.25)]
    records = list("abcdef")
    names = ["Olovo"] * 6
    findings = place_findings(records, shapes, places, names, zoo.FRAME)
    assert [f.record for f in findings] == ["c"]
    assert float(findings[0].params["km"]) > 3000
    strict = Limits(boundary_m=100, place_m=1000)
    found = place_findings(records, shapes, places, names, zoo.FRAME, strict)
    assert [f.record for f in found] == ["b", "c", "f"]


def test_fixes_that_are_missing_coarse_or_stale() -> None:
    assert fix_findings("r", accuracy_m=3.5, age_s=20) == []
    assert [f.code for f in fix_findings("r", accuracy_m=None)] == ["fix_accuracy_missing"]
    codes = [f.code for f in fix_findings("r", accuracy_m=48.0, age_s=-4000)]
    assert codes == ["fix_accuracy_coarse", "fix_stale"]


def test_a_hazard_larger_than_its_district() -> None:
    (finding,) = larger_than_district(["a", "b", "c"], [5e8, 2e4, 9e9], [4e8, 4e8, None], ["X"] * 3)
    assert (finding.record, finding.area_m2) == ("a", 1e8)
    FINDINGS[finding.code].what.format(**finding.params)
