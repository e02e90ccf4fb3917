"""The two engines against each other, set by set (issue 2 §4, proof 3)."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from shapely import box
from shapes import areal, closed_noise, cluster, clusters, differences, star

from tilth.core.land.arrangement import CLOSURE_M2, CLOSURE_RELATIVE, assert_sound, closure, unsound
from tilth.core.land.edgewalk import edge_walk
from tilth.core.land.faces import faces_arrangement
from tilth.core.land.rings import rings_of
from zoo import COLLAPSED, INVALID, METRES


def assert_agree(shapes) -> None:
    """What differs by more than closure allows must be an error of closure of the faces."""
    array, offset, listed = cluster(shapes)
    rings = rings_of(array)
    walked = edge_walk(rings, offset, listed)
    assert_sound(walked)
    seen = faces_arrangement(array, offset, listed)
    allowed = max(CLOSURE_M2, CLOSURE_RELATIVE * rings.area_m2.max())
    own_error = np.abs(closure(seen, offset, rings.area_m2)).sum()
    apart = differences(walked, seen)
    assert max(map(abs, apart.values()), default=0.0) <= allowed + own_error, apart


@given(clusters())
def test_engines_agree(shapes):
    assert_agree(shapes)


@pytest.mark.parametrize("seed", range(6))
def test_engines_agree_on_an_operation_in_small(seed):
    """Sixty releases in one hazard: blocks on a grid, walked with noise, some of them twice."""
    rng = np.random.default_rng(seed)
    hazard = shapely.transform(star(seed, 20, 50.0), lambda p: 10 * p)
    blocks = [
        box(90 * x, 90 * y, 90 * x + 90, 90 * y + 90).segmentize(30)
        for x, y in rng.integers(0, 11, (60, 2))
    ]
    walked = [
        areal(shapely.transform(b, lambda p: p + closed_noise(p, 0.15, rng))) if k % 2 else b
        for k, b in enumerate(blocks)
    ]
    assert_agree([hazard, *walked])


ANIMALS = {
    name: shape
    for name, shape in METRES.items()
    if shape is not None
    and shape.geom_type in ("Polygon", "MultiPolygon")
    and shape.area > 0
    and name not in (*INVALID, *COLLAPSED, "not a number", "infinite")
}


@pytest.mark.parametrize("name", ANIMALS)
def test_engines_agree_on_the_zoo(name):
    """Every animal with a copy, a near-copy, its box and a cut through its middle."""
    animal = shapely.force_2d(ANIMALS[name])
    west, south, east, north = animal.bounds
    middle = (south + north) / 2
    moved = shapely.transform(animal, lambda p: p + np.array([1e-6 * (east - west), 0]))
    assert_agree([animal, animal.reverse(), moved, animal.envelope, box(west, south, east, middle)])


@pytest.mark.parametrize("name", INVALID)
def test_unrepaired_animals_are_caught(name):
    """Both engines say that they were fed what they cannot measure."""
    shapes, offset, listed = cluster([box(-1, -1, 60, 60), METRES[name]])
    assert unsound(edge_walk(rings_of(shapes), offset, listed)).tolist() == [0]
    assert unsound(faces_arrangement(shapes, offset, listed)).tolist() == [0]


@pytest.mark.parametrize("name", INVALID)
def test_repaired_animals_are_measured(name):
    repaired = shapely.make_valid(METRES[name], method="structure", keep_collapsed=False)
    assert_agree([box(-1, -1, 60, 60), repaired])
    walked = edge_walk(rings_of(np.array([repaired])), np.array([0, 1]), np.array([0]))
    assert walked.sets(0) == pytest.approx({(0,): INVALID[name]})
