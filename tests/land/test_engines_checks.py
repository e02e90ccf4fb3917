"""The checks must catch mistakes, and the engines keep their promises of use."""

import subprocess
import sys
import time

import numpy as np
import pytest
import shapely
from shapely import Polygon, box
from shapes import cluster, star

from tilth.core.land import edgewalk, edgewalk_clusters, engines, faces
from tilth.core.land.arrangement import (
    Check,
    UnsoundError,
    assert_sound,
    closure,
    concatenate,
    unsound,
    with_closure,
)
from tilth.core.land.edgewalk import edge_walk
from tilth.core.land.edgewalk_kernels import fingerprint, kernel
from tilth.core.land.rings import rings_of

BOW_TIE = Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])


def operation(n_clusters: int, seed: int = 3) -> tuple:
    """Make hazards with releases around, as clusters."""
    rng = np.random.default_rng(seed)
    shapes, offset = [], [0]
    for c in range(n_clusters):
        middle = (200.0 * c, -70.0 * c)
        count = int(rng.integers(1, 12))
        for _ in range(count):
            made = star(int(rng.integers(10**6)), int(rng.integers(4, 20)), 60.0)
            shapes.append(shapely.transform(made, lambda p, m=middle: p + m + rng.normal(0, 20, 2)))
        offset.append(offset[-1] + count)
    array = np.array(shapes, dtype=object)
    return array, np.array(offset), np.arange(len(array), dtype=np.int32)


@pytest.mark.parametrize("engine", [faces.faces_arrangement, None])
def test_an_unrepaired_bow_tie_is_caught(engine):
    shapes, offset, listed = cluster([box(0, 0, 100, 100), BOW_TIE])
    arrangement = (engine or (lambda *a: edge_walk(rings_of(a[0]), *a[1:])))(shapes, offset, listed)
    with pytest.raises(UnsoundError, match="cluster 0: invalid_shapes 1"):
        assert_sound(arrangement)


def test_faces_of_a_bow_tie_do_not_close_either():
    """Even where nobody asks for validity: its signed area is 0, its faces hold half a hectare."""
    shapes, offset, listed = cluster([BOW_TIE])
    arrangement = faces.faces_arrangement(shapes, offset, listed)
    assert closure(arrangement, offset, shapely.area(shapes)).tolist() == [5000.0]
    assert arrangement.checks[0, Check.CLOSURE] > 1e9


def test_clipping_before_noding_is_caught(monkeypatch):
    """The trap that silently lost 8.7 ha: clipped vertices lie microscopically off the edge."""
    rng = np.random.default_rng(5)
    caught = tried = 0
    while caught < 2:
        tried += 1
        assert tried < 400, "GEOS has learnt to clip without loss"
        hazard = star(tried, 24, 90.0)
        releases = [
            shapely.affinity.rotate(box(x, -50, x + 12, 150), rng.uniform(5, 85), origin=(50, 50))
            for x in range(-40, 140, 10)
        ]
        clipped = [hazard.intersection(r) for r in releases]
        clipped = [c for c in clipped if c.geom_type in ("Polygon", "MultiPolygon")]
        monkeypatch.setattr(faces, "_GRIDS_M", (0.0,))
        if len(unsound(faces.faces_arrangement(*cluster([hazard, *clipped])))):
            caught += 1
            assert_sound(faces.faces_arrangement(*cluster([hazard, *releases])))
            monkeypatch.undo()  # noded on a nanometre, even these close
            assert_sound(faces.faces_arrangement(*cluster([hazard, *clipped])))


def test_a_lost_set_is_caught():
    """Closure sees ground that went missing between the engine and its reader."""
    shapes, offset, listed = cluster([box(0, 0, 100, 100), box(50, 0, 150, 100)])
    rings = rings_of(shapes)
    good = edge_walk(rings, offset, listed)
    area = good.area_m2.copy()
    area[1] -= 1.0
    bad = with_closure(
        good._replace(area_m2=area, checks=good.checks.copy()), offset, rings.area_m2
    )
    assert unsound(good).tolist() == []
    with pytest.raises(UnsoundError, match="closure 1e"):
        assert_sound(bad)


@pytest.mark.parametrize(
    ("check", "value"),
    [(Check.GAP, 1.5), (Check.PARITY_ERRORS, 1), (Check.LOWEST, -2.0), (Check.CLOSURE, np.nan)],
)
def test_every_check_speaks(check, value):
    one = edge_walk(rings_of(np.array([box(0, 0, 1, 1)])), np.array([0, 1]), np.array([0]))
    two = concatenate([one, one])
    two.checks[1, check] = value
    assert unsound(two).tolist() == [1]
    with pytest.raises(UnsoundError) as caught:
        assert_sound(two)
    assert caught.value.clusters == [1]
    assert check.name.lower() in caught.value.reasons[0]


def test_a_missed_crossing_is_caught(monkeypatch):
    """Take one crossing out of what the walk is given: parity or a gap must show it.

    The kernels run as plain Python here, with a search for crossings that loses the last one.
    """
    assert _walk_in_python(lose=False) == (0, 0.0)
    errors, gap = _walk_in_python(lose=True)
    assert errors > 0
    assert gap > 1e6


def _walk_in_python(lose: bool) -> tuple[int, float]:
    code = f"""
import numpy as np
from shapely import box
from tilth.core.land import edgewalk_clusters as c, edgewalk_crossings as k, edgewalk_walk as w
from tilth.core.land.edgewalk_labels import keys_of_positions
from tilth.core.land.rings import rings_of
rings = rings_of(np.array([box(0, 0, 10, 10), box(5, -5, 15, 7)]))
middle, shapes = np.zeros(2), np.arange(2)
ground = c._ground(rings, shapes, middle, c._grid_step(rings, shapes, middle))
room = np.empty((8, 2), int), np.empty((8, 3)), np.empty((8, 2), int)
events = k.find_events(ground, k.Events(np.zeros(2, int), *room))
assert events.used[0] == 4
events.used[0] -= {int(lose)}
labels, errors = w.walk(ground, events, keys_of_positions(2))
print(errors, float(np.abs(labels.gap[: labels.used[0]]).max()))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": ":".join(sys.path), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    errors, gap = done.stdout.split()
    return int(errors), float(gap)


def test_same_bytes_whatever_the_threads():
    shapes, offset, listed = operation(60)
    rings = rings_of(shapes)
    one = edge_walk(rings, offset, listed)
    assert_sound(one)
    for threads in (2, 5):
        many = edge_walk(rings, offset, listed, threads=threads)
        assert [a.tobytes() for a in one] == [a.tobytes() for a in many]


def test_same_bytes_alone_or_among_others():
    shapes, offset, listed = operation(12)
    rings = rings_of(shapes)
    together = edge_walk(rings, offset, listed)
    for c in range(12):
        mine = listed[offset[c] : offset[c + 1]]
        alone = edge_walk(rings, np.array([0, len(mine)]), mine)
        fresh = edge_walk(rings_of(shapes[mine]), np.array([0, len(mine)]), np.arange(len(mine)))
        assert alone.sets(0) == together.sets(c) == fresh.sets(0)
        assert alone.checks.tobytes() == together.checks[c : c + 1].tobytes()


def test_order_of_shapes_changes_no_area():
    shapes, offset, listed = operation(1, seed=8)
    order = np.random.default_rng(1).permutation(len(shapes))
    straight = edge_walk(rings_of(shapes), offset, listed).sets(0)
    mixed = edge_walk(rings_of(shapes[order]), offset, listed).sets(0)
    renamed = {tuple(sorted(order[list(members)])): area for members, area in mixed.items()}
    assert renamed == pytest.approx(straight, abs=1e-9)


def test_four_thousand_shapes_in_one_cluster():
    """Sub-quadratic: four times the shapes on four times the ground cost about four times."""
    spent = []
    for side in (32, 64):
        rng = np.random.default_rng(side)
        x, y = (30.0 * a.ravel() for a in np.meshgrid(np.arange(side), np.arange(side)))
        noise = rng.normal(0, 0.15, (4, side * side))
        blocks = shapely.box(x + noise[0], y + noise[1], x + 30 + noise[2], y + 30 + noise[3])
        shapes = np.concatenate([[box(0, 0, 30 * side, 30 * side)], blocks])
        rings = rings_of(shapes)
        start = time.process_time()
        done = edge_walk(rings, np.array([0, len(shapes)]), np.arange(len(shapes)))
        spent.append(time.process_time() - start)
        assert_sound(done)
    assert len(shapes) == 4097
    assert spent[1] < 10 * spent[0] + 0.1


def test_many_layers_over_one_place():
    """Sets of up to two hundred members; the table of members grows as it must."""
    shapes, offset, listed = cluster([box(k, -k, 300 + k, 300 - k) for k in range(200)])
    done = edge_walk(rings_of(shapes), offset, listed)
    assert_sound(done)
    assert done.sets(0)[tuple(range(200))] == pytest.approx(101.0 * 101.0)


def test_arrange_answers_with_faces_until_the_walk_is_ready(monkeypatch):
    shapes, offset, listed = cluster([box(0, 0, 100, 100), box(50, 0, 150, 100)])
    expected = {(0,): 5000, (0, 1): 5000, (1,): 5000}
    monkeypatch.setattr(edgewalk, "edge_walk", lambda *_: pytest.fail("nobody may wait for this"))
    started = []
    monkeypatch.setattr(engines, "ready", lambda: False)
    monkeypatch.setattr(engines, "start_compiling", lambda: started.append(True))
    assert engines.arrange(shapes, offset, listed).sets(0) == pytest.approx(expected)
    assert started == [True]
    monkeypatch.undo()
    engines.compile_now()
    assert engines.ready()
    assert engines.arrange(shapes, offset, listed).sets(0) == pytest.approx(expected)


def test_without_a_place_for_machine_code_it_is_compiled_by_each_process(monkeypatch):
    """A read-only installation without a writable home must still start."""

    class NoPlace:
        @staticmethod
        def njit(*, cache: bool = False, **_: object):
            def declare(function):
                if cache:
                    msg = "cannot cache function: no locator available"
                    raise RuntimeError(msg)
                return ("compiled later", function.__name__)

            return declare

    monkeypatch.setattr(edgewalk_clusters, "numba", NoPlace)
    assert edgewalk_clusters.entry() == ("compiled later", "walk_clusters")


def test_fingerprint_sees_a_change_far_below():
    """Numba does not notice that a kernel in another module changed; the fingerprint does."""

    def made(constant: int):
        @kernel
        def bottom(x: int) -> int:
            return x + 1 if constant == 1 else x + 2

        scope = {"bottom": bottom, "kernel": kernel}
        exec(f"@kernel\ndef bottom(x):\n    return x + {constant}\n", scope)
        exec("@kernel\ndef top(x):\n    return bottom(x)\n", scope)
        return fingerprint(scope["top"])

    assert made(1) == made(1)
    assert made(1) != made(2)
