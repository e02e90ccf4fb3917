"""How fast the two arrangement engines are, as ratios to what GEOS needs for the bare union.

    python bench/engines.py [--hazards 3000] [--faces] [--seed 1]

The data are made up: hazards of 0.5 to 60 ha, released in blocks walked with a receiver that errs
by decimetres, so that neighbours overlap in slivers, with some re-clearance. A cluster is a hazard
with every release whose box meets its own. The floor is `shapely.union_all` of those releases and
one intersection with the hazard, in the same run and on the same polygons.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import shapely

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from tilth.core.land.arrangement import Check, assert_sound, closure, unsound
from tilth.core.land.engines import compile_now
from tilth.core.land.faces import faces_arrangement
from tilth.core.land.rings import rings_of, to_grid

GPS_NOISE_M = 0.15


def hazards(rng: np.random.Generator, n: int) -> Any:
    """Star-shaped areas of 0.5 to 60 ha with 8 to 40 vertices, 4 % of them over another."""
    hectares = np.exp(rng.normal(np.log(8.8), 1.1, n)).clip(0.5, 60.0)
    side = int(np.ceil(np.sqrt(n)))
    middle = 1500.0 * np.stack(np.divmod(np.arange(n), side), axis=1)
    over = np.flatnonzero(rng.random(n) < 0.04)
    middle[over] = middle[over - 1] + rng.normal(0.0, 150.0, (len(over), 2))
    made = []
    for k in range(n):
        corners = int(rng.integers(8, 41))
        angle = np.sort(rng.random(corners)) * 2.0 * np.pi
        radius = 1.0 + 0.35 * rng.random() * np.sin(angle * rng.integers(2, 5) + rng.random())
        radius *= rng.uniform(0.9, 1.1, corners)
        points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
        polygon = shapely.make_valid(shapely.Polygon(points), method="structure")
        scale = np.sqrt(hectares[k] * 1e4 / polygon.area)
        made.append(shapely.transform(polygon, lambda p, s=scale, m=middle[k]: p * s + m))
    return as_projected(np.array(made, dtype=object))


def blocks(rng: np.random.Generator, hazard: Any, wanted: int) -> list[Any]:
    """Cut a hazard into about so many blocks, as teams do, without any noise."""
    size = np.sqrt(hazard.area / wanted)
    wide, tall = size * np.exp(rng.normal(0.0, 0.3)), size
    west, south, east, north = hazard.bounds
    turn = rng.random() * 180.0
    centre = ((west + east) / 2, (south + north) / 2)
    reach = np.hypot(east - west, north - south) / 2
    x = np.arange(centre[0] - reach, centre[0] + reach, wide)
    y = np.arange(centre[1] - reach, centre[1] + reach, tall)
    grid = shapely.box(
        *(a.ravel() for a in np.meshgrid(x, y)),
        *(a.ravel() for a in np.meshgrid(x + wide, y + tall)),
    )
    cells = [shapely.affinity.rotate(cell, turn, origin=centre) for cell in grid]
    cut = shapely.intersection(np.array(cells, dtype=object), hazard)
    cut = shapely.get_parts(cut)
    return [c for c in cut[shapely.get_type_id(cut) == 3] if c.area > 0.05 * wide * tall]


def as_walked(rng: np.random.Generator, polygons: Any) -> Any:
    """Plain polygons with the receiver's noise on every vertex; rings stay closed."""
    last = np.cumsum(shapely.get_num_coordinates(polygons)) - 1
    first = np.concatenate([[0], last[:-1] + 1])
    noise = rng.normal(0.0, GPS_NOISE_M, (int(last[-1]) + 1, 2))
    noise[last] = noise[first]
    return shapely.transform(polygons, lambda points: points + noise)


def as_projected(polygons: Any) -> Any:
    """Polygons as they come from projection, on the grid and mended where that is needed."""
    made = shapely.transform(polygons, to_grid)
    bad = ~shapely.is_valid(made)
    made[bad] = shapely.make_valid(made[bad], method="structure", keep_collapsed=False)
    return made[shapely.area(made) > 0.0]


def releases(rng: np.random.Generator, areas: Any, per_hazard: float) -> Any:
    """Blocks with vertices every few metres, receiver noise on 60 %, and 5 % re-clearance."""
    made: list[Any] = []
    mean = shapely.area(areas).mean()
    for hazard in areas:
        wanted = max(1.0, per_hazard * 1.35 * (hazard.area / mean) * rng.uniform(0.7, 1.3))
        cut = [b for b in blocks(rng, hazard, wanted) if rng.random() < 0.8]
        for block in cut:
            made.append(shapely.segmentize(block, block.length / 11.0))
            if rng.random() < 0.055:
                shift = rng.normal(0.0, 0.2 * np.sqrt(block.area), 2)
                made.append(shapely.transform(block, lambda p, s=shift: p + s))
    array = np.array(made, dtype=object)
    noisy = rng.random(len(array)) < 0.6
    array[noisy] = as_walked(rng, array[noisy])
    return as_projected(array)


def clusters(areas: Any, released: Any) -> tuple[Any, Any]:
    """Hazard k with the releases whose boxes meet its own; hazards are numbered first."""
    hazard, release = shapely.STRtree(released).query(areas)
    order = np.lexsort((release, hazard))
    hazard, release = hazard[order], release[order]
    count = np.bincount(hazard, minlength=len(areas)) + 1
    offset = np.concatenate([[0], np.cumsum(count)])
    shapes = np.empty(offset[-1], np.int32)
    shapes[offset[:-1]] = np.arange(len(areas))
    inner = np.ones(len(shapes), bool)
    inner[offset[:-1]] = False
    shapes[inner] = len(areas) + release
    return offset.astype(np.int64), shapes


def floor(geometries: Any, offset: Any, shapes: Any) -> float:
    """Area released inside hazards, m²: the least that any overlay has to find out."""
    total = 0.0
    for c in range(len(offset) - 1):
        listed = shapes[offset[c] : offset[c + 1]]
        union = shapely.union_all(geometries[listed[1:]])
        total += shapely.intersection(union, geometries[listed[0]]).area
    return total


def timed(what: str, call: Callable[[], Any], against: float | None = None) -> tuple[Any, float]:
    """Run once, print the CPU seconds and their ratio to the floor."""
    start = time.process_time()
    result = call()
    used = time.process_time() - start
    ratio = f"  {used / against:6.3f} x floor" if against else ""
    print(f"{what:38s} {used:8.3f} CPU s{ratio}", flush=True)
    return result, used


def one_by_one(edge_walk: Any, rings: Any, offset: Any, shapes: Any) -> None:
    """Time single clusters, with all that Python adds."""
    spent = []
    for c in range(0, len(offset) - 1, max(1, (len(offset) - 1) // 1000)):
        listed = shapes[offset[c] : offset[c + 1]]
        start = time.perf_counter()
        edge_walk(rings, np.array([0, len(listed)]), listed)
        spent.append(1e3 * (time.perf_counter() - start))
    p50, p99 = np.percentile(spent, (50, 99))
    print(f"one cluster: p50 {p50:.2f} ms, p99 {p99:.2f} ms, max {max(spent):.2f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hazards", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faces", action="store_true", help="run the reference engine too")
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    areas = hazards(rng, options.hazards)
    released = releases(rng, areas, 21.5)
    offset, shapes = clusters(areas, released)
    geometries = np.concatenate([areas, released])
    vertices = shapely.get_num_coordinates(released).mean()
    print(
        f"{len(areas)} hazards, {shapely.area(areas).sum() / 1e4:,.0f} ha; "
        f"{len(released)} releases of {vertices:.1f} coordinates; "
        f"{len(shapes) - len(areas)} pairs; "
        f"largest cluster {np.diff(offset).max()}"
    )
    print(f"RSS before {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    timed("compile, or load from disk", compile_now)
    from tilth.core.land.edgewalk import edge_walk  # noqa: PLC0415

    _, least = timed("floor: union per hazard, one clip", lambda: floor(geometries, offset, shapes))
    rings, _ = timed("rings, with check of validity", lambda: rings_of(geometries), least)
    walked, _ = timed("edge walk", lambda: edge_walk(rings, offset, shapes), least)
    timed("edge walk again", lambda: edge_walk(rings, offset, shapes), least)
    start = time.perf_counter()
    edge_walk(rings, offset, shapes, threads=2)
    print(f"edge walk on two threads: {time.perf_counter() - start:.3f} s of the clock")
    assert_sound(walked)
    print(
        f"{len(walked.area_m2)} covering sets, {len(walked.members)} members, "
        f"{walked.checks[:, Check.CROSSINGS].sum():.0f} crossings, closure "
        f"{np.abs(closure(walked, offset, rings.area_m2[shapes])).max():.1e} m²"
    )
    one_by_one(edge_walk, rings, offset, shapes)
    print(f"RSS at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    if options.faces:
        seen, _ = timed("faces", lambda: faces_arrangement(geometries, offset, shapes), least)
        print(f"clusters of faces that are not sound: {unsound(seen).tolist()}")
        print(f"RSS at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
