"""Both engines against areas counted by hand or cell by cell on an integer grid (rules §3)."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box
from shapes import cluster

from tilth.core.land.arrangement import Arrangement, assert_sound
from tilth.core.land.edgewalk import edge_walk
from tilth.core.land.faces import dissolve, faces, faces_arrangement
from tilth.core.land.rings import rings_of

ENGINES = {
    "edge walk": lambda shapes, offset, listed: edge_walk(rings_of(shapes), offset, listed),
    "faces": faces_arrangement,
}


@pytest.fixture(params=sorted(ENGINES))
def arranged(request):
    def run(shapes) -> dict[tuple[int, ...], float]:
        arrangement: Arrangement = ENGINES[request.param](*cluster(shapes))
        assert_sound(arrangement)
        return arrangement.sets(0)

    return run


SQUARE = box(0, 0, 100, 100)
RING = Polygon(SQUARE.exterior, [box(20, 20, 80, 80).exterior])

CASES = {
    "one shape": ([SQUARE], {(0,): 10_000}),
    "a hazard and two releases": (
        [SQUARE, box(-5, 0, 50, 100), box(40, 0, 60, 100)],
        {(0,): 4000, (0, 1): 4000, (0, 1, 2): 1000, (0, 2): 1000, (1,): 500},
    ),
    "apart": ([SQUARE, box(200, 0, 210, 10)], {(0,): 10_000, (1,): 100}),
    "a shared edge": ([SQUARE, box(100, 0, 110, 100)], {(0,): 10_000, (1,): 1000}),
    "a shared edge from within": ([SQUARE, box(90, 0, 100, 100)], {(0,): 9000, (0, 1): 1000}),
    "a corner on an edge": (
        [SQUARE, Polygon([(50, 100), (60, 120), (40, 120)])],
        {(0,): 10_000, (1,): 200},
    ),
    "a corner on an edge from within": (
        [SQUARE, Polygon([(50, 100), (60, 80), (40, 80)])],
        {(0,): 9800, (0, 1): 200},
    ),
    "the same three times": ([SQUARE, SQUARE.reverse(), SQUARE], {(0, 1, 2): 10_000}),
    "inside": ([SQUARE, box(10, 10, 20, 20)], {(0,): 9900, (0, 1): 100}),
    "around": ([box(10, 10, 20, 20), SQUARE], {(0, 1): 100, (1,): 9900}),
    "in the hole": ([RING, box(30, 30, 40, 40)], {(0,): 6400, (1,): 100}),
    "exactly the hole": ([RING, box(20, 20, 80, 80)], {(0,): 6400, (1,): 3600}),
    "over a side of the hole": (
        [RING, box(10, 30, 30, 40)],
        {(0,): 6300, (0, 1): 100, (1,): 100},
    ),
    "parts on both sides": (
        [SQUARE, MultiPolygon([box(-10, 0, 10, 10), box(90, 0, 110, 10)])],
        {(0,): 9800, (0, 1): 200, (1,): 200},
    ),
    "a cross": (
        [box(40, 0, 60, 100), box(0, 40, 100, 60)],
        {(0,): 1600, (0, 1): 400, (1,): 1600},
    ),
    "nothing at all": ([None, Polygon(), MultiPolygon()], {}),
    "something after nothing": ([None, SQUARE, Polygon()], {(1,): 10_000}),
    # 100 ha suspected: 60 cancelled, 25 reduced, 10 cleared and 2 beyond the edge.
    "one hundred hectares": (
        [
            box(0, 0, 1000, 1000),
            box(0, 0, 600, 1000),
            box(600, 0, 850, 1000),
            box(850, 0, 950, 1000),
            box(850, 1000, 950, 1200),
        ],
        {(0,): 50_000, (0, 1): 600_000, (0, 2): 250_000, (0, 3): 100_000, (4,): 20_000},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_counted_by_hand(arranged, name):
    shapes, expected = CASES[name]
    assert arranged(shapes) == pytest.approx(expected, rel=0, abs=1e-9)
    assert list(arranged(shapes)) == sorted(expected)


cells = st.integers(0, 12)
cell_boxes = st.tuples(cells, cells, st.integers(1, 8), st.integers(1, 8))


@given(st.lists(st.lists(cell_boxes, min_size=1, max_size=3), min_size=1, max_size=7))
def test_counted_cell_by_cell(shapes):
    """Unions of boxes on a grid of 10 m, where every edge is shared with something."""
    inside = np.zeros((len(shapes), 20, 20), bool)
    polygons = []
    for number, parts in enumerate(shapes):
        for x, y, w, h in parts:
            inside[number, x : x + w, y : y + h] = True
        polygons.append(
            shapely.union_all(
                [box(10 * x, 10 * y, 10 * (x + w), 10 * (y + h)) for x, y, w, h in parts]
            )
        )
    expected: dict[tuple[int, ...], float] = {}
    for x, y in np.ndindex(20, 20):
        members = tuple(np.flatnonzero(inside[:, x, y]).tolist())
        expected[members] = expected.get(members, 0.0) + 100.0
    expected.pop((), None)
    for engine in ENGINES.values():
        arrangement = engine(*cluster(polygons))
        assert_sound(arrangement)
        assert arrangement.sets(0) == pytest.approx(expected, rel=0, abs=1e-8)


def test_many_clusters_share_shapes():
    """A release over two hazards stands in both clusters, at another position in each."""
    shapes = np.array([SQUARE, box(100, 0, 200, 100), box(90, 0, 120, 100)])
    offset, listed = np.array([0, 2, 2, 4]), np.array([0, 2, 2, 1], np.int32)
    for engine in ENGINES.values():
        arrangement = engine(shapes, offset, listed)
        assert arrangement.sets(0) == pytest.approx({(0,): 9000, (0, 1): 1000, (1,): 2000})
        assert arrangement.sets(1) == {}
        assert arrangement.sets(2) == pytest.approx({(0,): 1000, (0, 1): 2000, (1,): 8000})


def test_rings_can_be_chosen():
    joined = rings_of(np.array([SQUARE, None, RING, box(30, 30, 40, 40)]))
    assert joined.area_m2.tolist() == [10_000, 0, 6400, 100]
    chosen = joined.take(np.array([3, 2]))
    offset, listed = np.array([0, 2]), np.array([0, 1])
    assert edge_walk(chosen, offset, listed).sets(0) == pytest.approx({(0,): 100, (1,): 6400})
    assert edge_walk(joined, offset, np.array([3, 2])).sets(0) == pytest.approx(
        {(0,): 100, (1,): 6400}
    )


@pytest.mark.parametrize(
    "shape",
    [
        shapely.Point(1, 1),
        shapely.LineString([(0, 0), (1, 1)]),
        shapely.GeometryCollection([SQUARE]),
    ],
)
def test_only_areas_have_rings(shape):
    with pytest.raises(ValueError, match="only polygons"):
        rings_of(np.array([SQUARE, shape]))


def test_faces_give_geometry():
    polygons, sets = faces(np.array([SQUARE, box(-5, 0, 50, 100), box(40, 0, 60, 100)]))
    assert sets == sorted(sets)
    assert dict(zip(sets, shapely.area(polygons), strict=True)) == pytest.approx(
        {(0,): 4000, (0, 1): 4000, (0, 1, 2): 1000, (0, 2): 1000, (1,): 500}
    )


def test_faces_leave_out_what_nothing_covers():
    """Four boxes around a court: the court is a face of the linework, and of no shape."""
    around = [box(0, 0, 30, 10), box(0, 20, 30, 30), box(0, 10, 10, 20), box(20, 10, 30, 20)]
    polygons, sets = faces(np.array(around))
    assert shapely.area(polygons).sum() == 800
    assert sets == [(0,), (1,), (2,), (3,)]


def test_dissolve_joins_by_key():
    pieces = np.array([box(0, 0, 10, 10), box(10, 0, 20, 10), box(50, 0, 60, 10), box(5, 5, 6, 6)])
    keys, joined = dissolve(pieces, np.array([7, 7, 7, 3]))
    assert keys.tolist() == [3, 7]
    assert [g.geom_type for g in joined] == ["Polygon", "MultiPolygon"]
    assert joined[1].equals(shapely.union_all([box(0, 0, 20, 10), box(50, 0, 60, 10)]))


def test_dissolve_joins_what_does_not_fit_edge_to_edge():
    overlapping = np.array([box(0, 0, 10, 10), box(5, 0, 15, 10)])
    _, joined = dissolve(overlapping, np.array([1, 1]))
    assert joined[0].area == pytest.approx(150)
    assert joined[0].is_valid
