"""Proofs of the land account against plain overlay, and of the engines against each other.

Remaining ground of 200 hazards walked with GPS noise, bow-ties among them, is compared with GEOS's
difference of the ring and all releases; two classic mistakes, put in by hand, must break the
comparison (issue 2 §4, proofs 2 to 4).
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
import shapely
from shapely import Polygon, affinity
from shapes import differences
from world import World, day

from tilth.core.chains import LEVELS, Said
from tilth.core.days import ordinal
from tilth.core.geometry.encoding import shapes_of
from tilth.core.geometry.repair import repair_areas
from tilth.core.land import engines
from tilth.core.land.account import case_of, face_sets
from tilth.core.land.arrangement import Arrangement, assert_sound, unsound
from tilth.core.land.balance import balance, not_closed
from tilth.core.land.book import KINDS_OF_GROUND, LandBook
from tilth.core.land.clusters import Cluster
from tilth.core.land.edgewalk import edge_walk
from tilth.core.land.faces import faces_arrangement
from tilth.core.land.keeper import LandKeeper, arrange_clusters
from tilth.core.land.rings import rings_of
from tilth.core.land.rules import history
from tilth.demonstration.ground import FRAME
from tilth.demonstration.story import Act, tell

HAZARDS = 200
GRID_M = 1e-6
"""GEOS 3.14 overlays without a grid are silently wrong in rare cases."""
APART_M = 5000.0
TOLERANCE_M2 = 1e-6


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    engines.compile_now()


def walked(shape: Any, rng: np.random.Generator, sigma: float = 0.15) -> Any:
    """Walk a ring again: a fix every 15 m with noise of a receiver."""
    points = shapely.get_coordinates(shapely.segmentize(shape, 15.0))[:-1]
    return Polygon(points + rng.normal(0.0, sigma, points.shape))


def bow_tie(west: float, south: float, size: float) -> Any:
    """Two corners of a square entered in the wrong order."""
    east, north = west + size, south + size
    return Polygon([(west, south), (east, north), (east, south), (west, north)])


def drawn(number: int, rng: np.random.Generator) -> tuple[Any, list[Any]]:
    """Ring of a hazard and its releases as entered: strips walked side by side, and a bow-tie."""
    x, y = APART_M * (number % 20), APART_M * (number // 20)
    angle = np.sort(rng.random(9)) * 2 * np.pi
    radius = rng.uniform(120.0, 320.0, 9)
    ring = Polygon(np.stack([x + radius * np.cos(angle), y + radius * np.sin(angle)], axis=1))
    turn = float(rng.uniform(0, 90))
    strips = [
        affinity.rotate(shapely.box(x - 300 + 60 * k, y - 200, x - 240 + 60 * k, y + 250), turn)
        for k in range(9)
        if rng.random() < 0.7
    ]
    releases = [walked(strip, rng) for strip in strips]
    return walked(ring, rng, 0.5), [*releases, bow_tie(x - 40, y - 30, 90.0)]


@pytest.fixture(scope="module")
def entered() -> list[tuple[Any, list[Any]]]:
    rng = np.random.default_rng(20)
    return [drawn(number, rng) for number in range(HAZARDS)]


def repaired(shapes: list[Any]) -> list[Any]:
    return list(repair_areas(np.array(shapes, dtype=object)))


def asked(fields: list[tuple[Any, list[Any]]]) -> tuple[LandKeeper, np.ndarray, np.ndarray]:
    """Account of the fields: its keeper, remaining m² of each, and those that do not close."""
    world = World()
    for number, (ring, releases) in enumerate(fields):
        hazard = world.hazard(f"H{number:03}", 1, ring)
        for k, shape in enumerate(releases):
            world.release(f"R{number:03}-{k}", 5 + k, shape, "reduced", hazard=hazard.record)
    keeper = world.keeper()
    rows = keeper.rows("reported")
    result = balance(rows, ordinal(day(60)))
    assert [hazard.record[-3:] for hazard in rows.hazards] == [
        f"{n:03}" for n in range(len(fields))
    ]
    return keeper, result.terms["remaining_m2"], not_closed(result)


def about_middle(ring: Any, releases: list[Any]) -> list[Any]:
    """Shapes about a whole metre in the middle of the ring, which comes first."""
    middle = np.rint(shapely.get_coordinates(shapely.centroid(ring))[0])
    return [shapely.transform(shape, lambda p: p - middle) for shape in (ring, *releases)]


def overlaid(fields: list[tuple[Any, list[Any]]]) -> np.ndarray:
    """The same by overlay: ring less the union of its releases.

    The floating overlay is exact to a nanometre where it is right; where it is further from the
    one on the grid than the grid can move linework, it is wrong and the grid's is taken.
    """
    found = []
    for ring, releases in fields:
        hazard, *taken = about_middle(ring, releases)
        floating, gridded = (
            shapely.area(
                shapely.difference(hazard, shapely.union_all(taken, grid_size=g), grid_size=g)
            )
            for g in (0.0, GRID_M)
        )
        length = shapely.length(hazard) + sum(shapely.length(s) for s in taken)
        found.append(floating if abs(floating - gridded) <= GRID_M * length / 2 else gridded)
    return np.array(found)


def agree(account: np.ndarray, overlay: np.ndarray) -> np.ndarray:
    return np.abs(account - overlay) <= TOLERANCE_M2


@pytest.fixture(scope="module")
def mended(entered) -> list[tuple[Any, list[Any]]]:
    return [(repaired([ring])[0], repaired(releases)) for ring, releases in entered]


@pytest.fixture(scope="module")
def reference(mended) -> np.ndarray:
    return overlaid(mended)


def test_the_input_needed_repair_and_took_it(entered, mended):
    broken = [s for ring, releases in entered for s in (ring, *releases) if not s.is_valid]
    assert len(broken) >= HAZARDS  # every bow-tie at least
    assert all(s.is_valid for ring, releases in mended for s in (ring, *releases))


def test_remaining_is_the_ring_less_the_union_of_its_releases(mended, reference):
    _, ours, open_ = asked(mended)
    assert not len(open_)
    assert reference.min() > 100.0
    assert agree(ours, reference).all(), np.abs(ours - reference).max()


def test_clipping_before_noding_is_caught(mended, reference):
    """Boundaries cut to the ring first end beside its edges by rounding and dangle there.

    Polygonizing drops what dangles, and with it the faces it should part.
    """
    whole = np.array([polygonized(*field, clipped=False) for field in mended])
    assert agree(whole, reference).all()  # the same without the mistake is right
    cut = np.array([polygonized(*field, clipped=True) for field in mended])
    wrong = ~agree(cut, reference)
    assert wrong.sum() > HAZARDS / 2
    assert np.abs(cut - reference).max() > 1000.0


def polygonized(ring: Any, releases: list[Any], *, clipped: bool) -> float:
    """Remaining from one noding of the boundaries, without any check."""
    hazard, *taken = about_middle(ring, releases)
    lines = [shapely.boundary(shape) for shape in taken]
    if clipped:
        lines = [shapely.intersection(line, hazard) for line in lines]
    noded = shapely.union_all([shapely.boundary(hazard), *lines])
    parts = shapely.get_parts(shapely.polygonize([noded]))
    points = shapely.point_on_surface(parts)
    left = shapely.contains(hazard, points)
    for shape in taken:
        left &= ~shapely.contains(shape, points)
    return float(shapely.area(parts[left]).sum())


def test_a_bow_tie_fed_without_repair_is_caught(entered, mended, reference):
    """As entered: both engines call the shapes invalid, and the hazards are wrong or not closed."""
    some = 20
    fields = [
        (ring, [*releases[:-1], broken[-1]])
        for (ring, releases), (_, broken) in zip(mended[:some], entered[:some], strict=True)
    ]
    keeper, ours, open_ = asked(fields)
    clusters = list(keeper.clusters.values())
    for engine in (None, faces_arrangement):
        assert len(unsound(arrange_clusters(keeper.book, clusters, engine))) == some
    fine = agree(ours, reference[:some]) & ~np.isin(np.arange(some), open_)
    assert fine.sum() < some


SAMPLE = 12
"""Clusters of the demonstration on which the engines are compared: half of them the largest."""


@pytest.fixture(scope="module")
def demonstration() -> LandKeeper:
    """Keep the land account of the small demonstration operation."""
    story = tell("small", 1)
    acts = [act for act in story.acts() if act.kind in (*KINDS_OF_GROUND, "decision")]
    names = {act.number: hashlib.sha256(b"%d" % act.number).hexdigest() for act in acts}
    records = {act.number: f"{act.author}/{act.kind}/{act.local_id}" for act in acts}
    drawn = [(n, key, shape) for n, act in enumerate(acts) for key, shape in shapes_in(act, names)]
    metres = FRAME.project_geometries(shapes_of([shape for _, _, shape in drawn]))
    geometry: list[dict[str, Any]] = [{} for _ in acts]
    for (n, key, _), shape in zip(drawn, repair_areas(metres), strict=True):
        geometry[n][key] = shape
    book = LandBook(story.authority)
    for act, shapes in zip(acts, geometry, strict=True):
        targets = tuple(names[t] for t in act.targets if t in names)
        decision = act.kind == "decision"
        said = Said(
            hash=names[act.number],
            organisation=act.author,
            actor=act.actor,
            act=act.act,
            kind=act.kind,
            record="" if decision else records[act.number],
            replaces=() if decision else targets,
            decides=targets if decision else (),
            happened_on=act.happened_on,
            said_at=act.said_at,
            fields=dict(act.fields),
        )
        book.take(said, shapes)
    keeper = LandKeeper(book)
    keeper.recompute()
    return keeper


def shapes_in(act: Act, names: dict[int, str]) -> list[tuple[str, Any]]:
    """Areal shapes of an act by key, as the service finds them."""
    found = [(names[act.number], act.fields[k]) for k in ("shape", "area") if k in act.fields]
    found += [
        (f"{names[act.number]}#{n}", line["shape"])
        for n, line in enumerate(act.fields.get("work", ()))
        if "shape" in line
    ]
    return [(key, shape) for key, shape in found if shape["type"].endswith("Polygon")]


@pytest.fixture(scope="module")
def sample(demonstration) -> list[Cluster]:
    clusters = sorted(demonstration.clusters.values(), key=lambda c: (-len(c.shapes), c.id))
    half = SAMPLE // 2
    rest = np.random.default_rng(3).permutation(len(clusters) - half)[:half] + half
    return [*clusters[:half], *(clusters[n] for n in rest.tolist())]


def test_the_sample_is_worth_comparing(demonstration, sample):
    assert len(sample) == SAMPLE
    assert len(sample[0].shapes) >= 30
    result = balance(demonstration.rows("reported"), ordinal("2030-01-01"))
    assert not len(not_closed(result))
    totals = result.total()
    assert all(totals[f"{name}_m2"] > 0 for name in ("recorded", "cleared", "remaining"))


def test_both_engines_agree_set_by_set(demonstration, sample):
    book = demonstration.book
    walk = arrange_clusters(book, sample, edge_walked)
    seen = arrange_clusters(book, sample, faces_arrangement)
    assert_sound(walk)
    assert_sound(seen)
    for number in range(SAMPLE):
        apart = differences(walk, seen, number)
        assert len(apart) > 1
        assert max(map(abs, apart.values())) <= TOLERANCE_M2, sample[number].id


@pytest.mark.parametrize("level", LEVELS)
def test_both_engines_agree_label_by_label(demonstration, sample, level):
    """A label is what becomes of ground day by day: hazard, status and release of each segment."""
    book = demonstration.book
    both = [arrange_clusters(book, sample, e) for e in (edge_walked, faces_arrangement)]
    for number, cluster in enumerate(sample):
        case = case_of(book, cluster, LEVELS[level])
        walk, seen = ({}, {})
        for labels, arrangement in zip((walk, seen), both, strict=True):
            for face, area_m2 in face_sets(cluster, arrangement, number):
                label = history(face, case)
                labels[label] = labels.get(label, 0.0) + area_m2
        for label in walk.keys() | seen.keys():
            assert walk.get(label, 0.0) == pytest.approx(
                seen.get(label, 0.0), rel=0, abs=TOLERANCE_M2
            ), (cluster.id, label)


def edge_walked(geometries: Any, offset: Any, shapes: Any) -> Arrangement:
    return edge_walk(rings_of(geometries), offset, shapes)
