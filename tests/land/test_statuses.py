"""First, latest and joint status of released ground, counted by hand on the grid."""

from __future__ import annotations

from world import World, box, day

from tilth.core.chains import LEVELS
from tilth.core.days import ordinal
from tilth.core.land.account import case_of, face_sets
from tilth.core.land.keeper import arrange_clusters
from tilth.core.land.statuses import Statuses, statuses


def asked(world: World, until: int, level: str = "reported") -> Statuses:
    keeper = world.keeper()
    (cluster,) = keeper.clusters.values()
    faces = face_sets(cluster, arrange_clusters(keeper.book, [cluster]), 0)
    case = case_of(keeper.book, cluster, LEVELS[level])
    return statuses(case, faces, cluster.hazards[0], ordinal(day(until)))


def overlapping() -> World:
    world = World()
    world.hazard("H1", 1, box(0, 0, 100, 100))
    world.release("R1", 5, box(0, 0, 60, 100), "cancelled", hazard="H1")
    world.release("R2", 9, box(40, 0, 100, 100), "cleared", hazard="H1")
    return world


def test_the_first_has_the_credit_the_latest_speaks_last_and_both_speak_together() -> None:
    told = asked(overlapping(), 20)
    assert told.first == {"cancelled": 6000.0, "cleared": 4000.0}
    assert told.latest == {"cancelled": 4000.0, "cleared": 6000.0}
    assert told.joint == {"cancelled": 4000.0, "cancelled+cleared": 2000.0, "cleared": 4000.0}


def test_before_the_second_release_there_is_one_status() -> None:
    told = asked(overlapping(), 7)
    assert told.first == told.latest == told.joint == {"cancelled": 6000.0}


def test_a_void_release_has_no_status() -> None:
    world = overlapping()
    second = next(said for said, _ in world.said if said.record.endswith("R2"))
    world.revoke(12, second, standing=tuple(s for s, _ in world.said if s.record.endswith("R1")))
    told = asked(world, 20)
    assert told.first == told.latest == told.joint == {"cancelled": 6000.0}
