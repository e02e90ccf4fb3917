"""The curve over time says on each day what the balance of that day says."""

from __future__ import annotations

import numpy as np
import pytest
from histories import world_of
from world import day

from tilth.core.chains import LEVELS
from tilth.core.days import ordinal
from tilth.core.land.balance import balance
from tilth.core.land.keeper import LandKeeper
from tilth.core.land.rows import joined
from tilth.core.land.series import TERMS, first_day_of, points, series
from tilth.core.land.totals import Totals


@pytest.mark.parametrize("seed", range(300, 306))
def test_every_point_is_the_balance_of_its_day(seed: int) -> None:
    keeper = world_of(seed, 80).keeper()
    for level in LEVELS:
        rows = keeper.rows(level)
        days = [ordinal(day(1)) - 3, *range(ordinal(day(1)), ordinal(day(45)), 4)]
        curve = series(rows, days)
        for number, until in enumerate(days):
            result = balance(rows, until)
            for term, value in {
                **result.total(),
                "unattached_m2": result.unattached_m2,
            }.items():
                if term in curve:
                    assert curve[term][number] == pytest.approx(value, rel=1e-12, abs=1e-9), term


def test_what_was_taken_out_again_leaves_nothing_behind() -> None:
    rows = world_of(301, 80).keeper().rows("reported")
    before = series(rows, [first_day_of(rows) - 1])
    assert {term: float(values[0]) for term, values in before.items()} == dict.fromkeys(
        [*TERMS, "unattached_m2"], 0.0
    )


def test_a_curve_of_no_ground_is_flat() -> None:
    assert not series(joined([]), [1, 2])["remaining_m2"].any()
    assert first_day_of(joined([])) == 0


@pytest.mark.parametrize(("begin", "until"), [(100, 100), (100, 130), (0, 800), (-9000, 9000)])
def test_points_end_today_and_stay_few(begin: int, until: int) -> None:
    days = points(begin, until)
    assert days[0] == begin
    assert days[-1] == until
    assert len(days) <= 261
    assert len(set(np.diff(days[1:]))) <= 1


@pytest.mark.parametrize("seed", range(310, 316))
def test_totals_brought_forward_are_those_of_all_rows_to_the_last_bit(seed: int) -> None:
    whole = world_of(seed, 90).keeper()
    statements = [said for some in whole.book.statements.values() for said in some]
    world = world_of(seed, 90)
    keeper = LandKeeper(type(whole.book)(whole.book.authority))
    until = ordinal(day(30))
    totals = {level: Totals(keeper.kept[level], keeper.rows(level), until) for level in LEVELS}
    said = [*world.said]
    assert len(said) >= len(statements)
    for start in range(0, len(said), 7):
        for one, geometry in said[start : start + 7]:
            keeper.book.take(one, geometry)
        keeper.update()
        for level in LEVELS:
            totals[level].bring(keeper.settled)
            full = balance(keeper.rows(level), until)
            held = totals[level].balance()
            assert held.total() == full.total()
            assert held.unattached_m2 == full.unattached_m2
            names = [row.record for row in keeper.rows(level).hazards]
            assert [totals[level].hazard(n) for n in range(len(names))] == names
        keeper.settled.clear()
