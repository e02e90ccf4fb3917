"""The array rules of plain clusters give the general rules' rows, byte for byte."""

from __future__ import annotations

import random

import pytest
import shapely
from world import World, box

from tilth.core.chains import LEVELS
from tilth.core.land import engines
from tilth.core.land.account import face_sets, rows_of
from tilth.core.land.keeper import arrange_clusters
from tilth.core.land.plain import PlainClusters, is_plain


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    engines.compile_now()


def plain_world(seed: int) -> World:
    """Hazards apart from each other, each with releases and reports said once."""
    r = random.Random(seed)  # noqa: S311
    world = World()
    for number in range(6):
        west = number * 400
        fields = {"classification": r.choice(["SHA", "CHA", "indication"])}
        if r.random() < 0.5:
            fields["required_depth_cm"] = "10"
        if r.random() < 0.3:
            fields["required_search"] = "subsurface"
        hazard = world.hazard(
            f"H{number}", r.randint(1, 5), box(west, 0, west + 100, 100), **fields
        )
        said = [hazard]
        for k in range(r.randint(0, 9)):
            x, y = west + r.randint(-6, 9) * 10, r.randint(-6, 9) * 10
            shape = box(x, y, x + r.randint(1, 7) * 10, y + r.randint(1, 7) * 10)
            if r.random() < 0.3:
                shape = shapely.affinity.rotate(shape, r.uniform(0, 90))
            more = (
                {"hazard": r.choice([f"H{number}", f"H{number}", "H99"])}
                if r.random() < 0.8
                else {}
            )
            if r.random() < 0.6:
                more["depth_cm"] = r.choice(["5", "10", "20"])
            if r.random() < 0.2:
                more["search"] = "surface"
            kind = r.choice(["cancelled", "reduced", "cleared", "cleared", "cleared"])
            on = r.randint(1, 20) if r.random() < 0.9 else "2026-01"
            said.append(world.release(f"R{number}-{k}", on, shape, kind, **more))
        for k in range(r.randint(0, 4)):
            x, y = west + r.randint(-2, 8) * 10, r.randint(-2, 8) * 10
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


@pytest.mark.parametrize("seed", range(40))
def test_same_bytes_as_the_general_rules(seed: int) -> None:
    keeper = plain_world(seed).keeper()
    clusters = [c for c in keeper.clusters.values() if is_plain(keeper.book, c)]
    if not clusters:
        pytest.skip("no plain cluster in this world")
    arrangement = arrange_clusters(keeper.book, clusters)
    batch = PlainClusters(keeper.book, clusters, arrangement)
    for level, number in LEVELS.items():
        for n, (cluster, ours) in enumerate(zip(clusters, batch.rows(number), strict=True)):
            faces = face_sets(cluster, arrangement, n)
            general = rows_of(keeper.book, cluster, number, faces)
            assert ours.to_bytes() == general.to_bytes(), (level, cluster.id)


def test_most_clusters_are_plain() -> None:
    counted = [
        is_plain(keeper.book, cluster)
        for keeper in (plain_world(seed).keeper() for seed in range(20))
        for cluster in keeper.clusters.values()
        if cluster.hazards
    ]
    assert sum(counted) > 0.3 * len(counted)
