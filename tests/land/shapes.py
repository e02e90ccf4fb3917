"""Clusters of shapes for the tests of the two engines."""

from typing import Any

import numpy as np
import shapely
from hypothesis import strategies as st
from shapely import Polygon, box

from tilth.core.land.arrangement import Arrangement


def cluster(shapes: list[Any]) -> tuple[Any, Any, Any]:
    """Arguments for an engine: one cluster of all shapes, in order."""
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array, np.array([0, len(shapes)]), np.arange(len(shapes), dtype=np.int32)


def star(seed: int, corners: int, size: float) -> Any:
    """Polygon around (50, 50), repaired where its noise crosses itself."""
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.random(corners)) * 2 * np.pi
    radius = size * rng.uniform(0.3, 1.0, corners)
    made = Polygon(np.stack([50 + radius * np.cos(angle), 50 + radius * np.sin(angle)], axis=1))
    return areal(made)


def areal(geometry: Any) -> Any:
    """Valid polygons of a geometry; a square where nothing is left."""
    made = shapely.make_valid(geometry, method="structure", keep_collapsed=False)
    return made if made.area > 0 else box(20, 20, 30, 30)


corner = st.integers(0, 12).map(lambda k: 10.0 * k)
boxes = st.builds(
    lambda x, y, w, h: box(x, y, x + w, y + h),
    corner,
    corner,
    st.sampled_from([10.0, 30.0, 90.0]),
    st.sampled_from([10.0, 30.0, 90.0, 0.01]),
)
stars = st.builds(
    star, st.integers(0, 10_000), st.integers(3, 14), st.sampled_from([5.0, 40.0, 90.0])
)
holed = st.builds(lambda outer, inner: areal(outer.difference(inner)), boxes, boxes | stars)
two_parts = st.builds(lambda a, b: areal(shapely.union(a, b)), boxes, boxes | stars)
fresh = boxes | boxes | stars | holed | two_parts
near = st.sampled_from([0.0, 1e-12, 1e-9, 1e-7, 1e-4, 0.15])


@st.composite
def clusters(draw: st.DrawFn) -> list[Any]:
    """Draw up to nine shapes: fresh ones, copies, near-copies, copies walked with noise."""
    shapes: list[Any] = [draw(fresh)]
    for _ in range(draw(st.integers(0, 8))):
        how = draw(st.sampled_from(["fresh", "fresh", "copy", "moved", "noisy", "cut", "reversed"]))
        old = draw(st.sampled_from(shapes))
        by = draw(near)
        if how == "fresh":
            shapes.append(draw(fresh))
        elif how == "copy":
            shapes.append(old)
        elif how == "moved":
            shapes.append(shapely.transform(old, lambda p, d=by: p + np.array([d, -d / 3])))
        elif how == "noisy":
            rng = np.random.default_rng(draw(st.integers(0, 1000)))
            moved = shapely.transform(
                shapely.get_parts(old)[0], lambda p, d=by, r=rng: p + closed_noise(p, d, r)
            )
            shapes.append(areal(moved))
        elif how == "cut":
            shapes.append(areal(shapely.difference(old, draw(stars))))
        else:
            shapes.append(old.reverse())
    x, y = draw(st.sampled_from([(0.0, 0.0), (456_789.123, 5_123_456.789), (-31_000.3, 77.7)]))
    turn = draw(st.sampled_from([0.0, 0.0, 17.3]))
    shapes = [shapely.affinity.rotate(s, turn, origin=(0, 0)) if turn else s for s in shapes]
    return [areal(shapely.transform(s, lambda p: p + np.array([x, y]))) for s in shapes]


def closed_noise(points: Any, size: float, rng: np.random.Generator) -> Any:
    """Noise that leaves every ring closed: the same for vertices at the same place."""
    _, place = np.unique(points, axis=0, return_inverse=True)
    return rng.normal(0.0, size, points.shape)[place.ravel()]


def differences(one: Arrangement, other: Arrangement, number: int = 0) -> dict[Any, float]:
    """Area by which two arrangements of a cluster differ, set by set, in m²."""
    a, b = one.sets(number), other.sets(number)
    return {members: a.get(members, 0.0) - b.get(members, 0.0) for members in a.keys() | b.keys()}
