"""The array rules of plain clusters give the general rules' rows, byte for byte."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
import shapely
from histories import world_of
from world import World, box

from tilth.core.chains import LEVELS, Said
from tilth.core.land import engines
from tilth.core.land.account import face_sets, rows_of
from tilth.core.land.keeper import arrange_clusters
from tilth.core.land.plain import PlainFaces


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    engines.compile_now()


def plain_world(seed: int) -> World:
    """Hazards apart from each other, each with releases and reports said once."""
    r = random.Random(seed)
    world = World()
    for number in range(6):
        said = [_hazard(world, r, number)]
        said += [_release(world, r, number, k) for k in range(r.randint(0, 9))]
        for k in range(r.randint(0, 4)):
            x, y = 400 * number + r.randint(-2, 8) * 10, r.randint(-2, 8) * 10
            said.append(world.report(f"D{number}-{k}", r.randint(1, 20), box(x, y, x + 40, y + 30)))
        for one in said:
            if r.random() < 0.6:
                world.approve(one)
            elif r.random() < 0.5:
                world.vouch(one)
            if r.random() < 0.1:
                world.decide("return", one)
        if r.random() < 0.3:
            world.revise(f"H{number}", r.randint(5, 20), classification="CHA")
    return world


def _hazard(world: World, r: random.Random, number: int) -> Said:
    fields = {"classification": r.choice(["SHA", "CHA", "indication"])}
    if r.random() < 0.5:
        fields["required_depth_cm"] = "10"
    if r.random() < 0.3:
        fields["required_search"] = "subsurface"
    west = 400 * number
    return world.hazard(f"H{number}", r.randint(1, 5), box(west, 0, west + 100, 100), **fields)


def _release(world: World, r: random.Random, number: int, k: int) -> Said:
    x, y = 400 * number + r.randint(-6, 9) * 10, r.randint(-6, 9) * 10
    shape = box(x, y, x + r.randint(1, 7) * 10, y + r.randint(1, 7) * 10)
    if r.random() < 0.3:
        shape = shapely.affinity.rotate(shape, r.uniform(0, 90))
    fields = {"hazard": r.choice([f"H{number}", f"H{number}", "H99"])} if r.random() < 0.8 else {}
    if r.random() < 0.6:
        fields["depth_cm"] = r.choice(["5", "10", "20"])
    if r.random() < 0.2:
        fields["search"] = "surface"
    kind = r.choice(["cancelled", "reduced", "cleared", "cleared", "cleared"])
    on = r.randint(1, 20) if r.random() < 0.9 else "2026-01"
    return world.release(f"R{number}-{k}", on, shape, kind, **fields)


@pytest.mark.parametrize("seed", range(60))
def test_same_bytes_as_the_general_rules(seed: int) -> None:
    world = plain_world(seed) if seed % 2 else world_of(seed, 60)
    keeper = world.keeper()
    clusters = list(keeper.clusters.values())
    arrangement = arrange_clusters(keeper.book, clusters)
    batch = PlainFaces(keeper.book, clusters, arrangement)
    for level, number in LEVELS.items():
        every = [
            rows_of(keeper.book, c, number, face_sets(c, arrangement, n))
            for n, c in enumerate(clusters)
        ]
        general_faces = batch.faces(number)
        ours = batch.rows(number, [one.hazards for one in every])
        for n, cluster in enumerate(clusters):
            odd = set(general_faces.get(n, ()))
            faces = [one for one in face_sets(cluster, arrangement, n) if one not in odd]
            general = rows_of(keeper.book, cluster, number, faces)
            general = replace(general, hazards=every[n].hazards)
            assert ours[n].to_bytes() == general.to_bytes(), (level, cluster.id)


def test_most_faces_are_plain() -> None:
    plain = general = 0
    for seed in range(1, 21, 2):
        keeper = plain_world(seed).keeper()
        clusters = list(keeper.clusters.values())
        batch = PlainFaces(keeper.book, clusters, arrange_clusters(keeper.book, clusters))
        one = batch.sorted_at(LEVELS["reported"])
        plain, general = plain + one.counted.sum(), general + one.general.sum()
    assert plain > general
