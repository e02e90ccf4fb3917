"""Laws of rules.md §3 over random histories of acts of every kind.

L1 prudent contains approved · L2 nothing an organisation says shrinks the prudent map · L3 ground
leaves remaining only inside a release · L4 one owner, one credit · L5 credit is lost only through
a revocation · L6 order of arrival does not matter, and incremental equals full byte for byte.
"""

from __future__ import annotations

import random

import pytest
import shapely
from histories import DAYS, Oracle, whole, world_of
from world import AUTHORITY, World, day

from tilth.core.chains import LEVELS
from tilth.core.days import ordinal
from tilth.core.land import engines
from tilth.core.land.account import case_of
from tilth.core.land.balance import balance, movements, not_closed
from tilth.core.land.book import LandBook
from tilth.core.land.keeper import LandKeeper
from tilth.core.land.rules import RELEASED, REMAINING, history

UNTILS = (1, 6, 11, 17, 22, 27, 31, 45)


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    engines.compile_now()


@pytest.mark.parametrize("seed", range(10))
def test_clusters_agree_with_the_whole_world_and_close(seed: int) -> None:
    world = world_of(seed, 70)
    keeper = world.keeper()
    oracle = Oracle(keeper.book)
    for level in LEVELS:
        rows = keeper.rows(level)
        for until in UNTILS:
            result = balance(rows, ordinal(day(until)))
            assert not len(not_closed(result)), (level, until)
            got = {**result.total(), "unattached_m2": result.unattached_m2}
            want = oracle.totals(level, ordinal(day(until)))
            for name in oracle.terms:
                assert got[name] == pytest.approx(want.get(name, 0.0), abs=1e-3), (name, level)


@pytest.mark.parametrize("seed", range(100, 112))
def test_l1_prudent_contains_approved(seed: int) -> None:
    oracle = Oracle(world_of(seed, 90).keeper().book)
    for until in UNTILS:
        approved = oracle.remaining("approved", ordinal(day(until)))
        assert approved <= oracle.remaining("prudent", ordinal(day(until)))


@pytest.mark.parametrize("seed", range(200, 206))
def test_movements_close(seed: int) -> None:
    keeper = world_of(seed, 80).keeper()
    for level in LEVELS:
        rows = keeper.rows(level)
        for since, until in zip(UNTILS, UNTILS[2:], strict=False):
            moved = movements(rows, ordinal(day(since)), ordinal(day(until)))
            assert moved["closure_m2"] == pytest.approx(0.0, abs=1e-6)
            before = balance(rows, ordinal(day(since))).total()["remaining_m2"]
            assert moved["remaining_since_m2"] == pytest.approx(before, abs=1e-6)


class Ground:
    """Sample points of a world, each with the keys of the shapes that cover it."""

    def __init__(self, world: World, book: LandBook) -> None:
        dice = random.Random(5)
        where = [(dice.uniform(0, 400), dice.uniform(0, 400)) for _ in range(160)]
        cluster = whole(book)
        covered: list[set[str]] = [set() for _ in where]
        for key in cluster.shapes:
            shape = book.geometry[key]
            shapely.prepare(shape)
            for number in range(len(where)):
                if shapely.contains_xy(shape, *where[number]):
                    covered[number].add(key)
        self.faces = [frozenset(keys) for keys in covered]
        self.cases = {level: case_of(book, cluster, n) for level, n in LEVELS.items()}

    def histories(self, level: str) -> list:
        return [history(face, self.cases[level]) for face in self.faces]

    def remaining(self, level: str, until: int) -> set[int]:
        found = set()
        for number, one in enumerate(self.histories(level)):
            for _, _, segments in one.entries:
                now = [s for s in segments if s.since <= until]
                if now and now[-1].status == REMAINING:
                    found.add(number)
        return found


@pytest.mark.parametrize("seed", range(300, 303))
def test_l2_only_the_authority_shrinks_the_prudent_map(seed: int) -> None:
    world = world_of(seed, 60)
    book = LandBook(AUTHORITY)
    before: dict[int, set[int]] = {}
    shrinking = 0
    for said, shapes in world.said:
        book.take(said, shapes)
        book.refresh()
        if not any(any(views) for views in book.views.values()):
            continue
        ground = Ground(world, book)
        for until in (9, 20, 33, 60):
            now = ground.remaining("prudent", ordinal(day(until)))
            lost = before.get(until, set()) - now
            if lost:
                shrinking += 1
                assert said.organisation == AUTHORITY, (said.act, said.kind, until)
                assert said.act in ("approve", "undo", "return", "lift"), said.act
            before[until] = now
    assert shrinking  # the history did move the map


@pytest.mark.parametrize("seed", range(400, 405))
def test_l3_l4_l5_of_ground(seed: int) -> None:
    world = world_of(seed, 80)
    ground = Ground(world, world.keeper().book)
    for level, case in ground.cases.items():
        for face, one in zip(ground.faces, ground.histories(level), strict=True):
            _check_point(face, one, case)


def _check_point(face, one, case) -> None:
    counts = {
        r.counts for r in case.releases if all(not face.isdisjoint(keys) for keys in r.ground)
    }
    revoked = {
        v.opens for v in case.revocations if all(not face.isdisjoint(keys) for keys in v.ground)
    }
    remaining_before = False
    credited_before: dict[tuple[int, bool], int] = {}
    for until in range(ordinal(day(1)) - 1, ordinal(day(DAYS)) + 35):
        held = [
            (hazard, extension, [s for s in segments if s.since <= until][-1])
            for hazard, extension, segments in one.entries
            if segments[0].since <= until
        ]
        remaining = [h for h, _, s in held if s.status == REMAINING]
        credits = {(h, e): s.release for h, e, s in held if s.status == RELEASED}
        assert len(remaining) <= 1  # L4
        assert len(set(credits.values())) == len(credits)  # L4
        if remaining_before and not remaining:
            assert until in counts  # L3
        if any(key not in credits for key in credited_before):
            assert until in revoked  # L5
        assert set(credited_before) <= {(h, e) for h, e, _ in held}  # L5: ground is never lost
        remaining_before, credited_before = bool(remaining), credits


@pytest.mark.parametrize(("seed", "steps", "size"), [(1, 300, 200), (2, 80, 60)])
def test_l6_any_order_and_incremental_equals_full(seed: int, steps: int, size: int) -> None:
    """After each of the acts, arriving in any order, both accounts are the same bytes."""
    world = world_of(seed, steps, size)
    order = list(range(len(world.said)))
    random.Random(seed).shuffle(order)
    kept = LandKeeper(LandBook(AUTHORITY))
    kept.recompute()
    for number, one in enumerate(order):
        kept.book.take(*world.said[one])
        kept.update()
        full = world.keeper(order=sorted(order[: number + 1]))
        for level in LEVELS:
            ours = {name: rows.to_bytes() for name, rows in kept.kept[level].items()}
            assert ours == {name: rows.to_bytes() for name, rows in full.kept[level].items()}
