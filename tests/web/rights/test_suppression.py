"""Small counts of people cannot be worked out from what is told of a table beside them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.core.suppression import SMALLEST_TOLD, bounds, table_of, withheld

Counts = Sequence[Sequence[int]]


def with_totals(inner: Counts) -> list[list[int]]:
    columns = [sum(row[at] for row in inner) for at in range(len(inner[0]))]
    return [[*row, sum(row)] for row in [*inner, columns]]


def possible(counts: Counts, hidden: frozenset[tuple[int, int]], most: int) -> Iterator[Counts]:
    """Every table that agrees with what is told, its withheld inner counts up to ``most``."""
    height, breadth = len(counts) - 1, len(counts[0]) - 1

    def rows(at: int) -> list[tuple[int, ...]]:
        choices = [
            range(most + 1) if (at, column) in hidden else (counts[at][column],)
            for column in range(breadth)
        ]
        told = None if (at, breadth) in hidden else counts[at][breadth]
        return [row for row in itertools.product(*choices) if told in (None, sum(row))]

    def agrees(column: int, sums: Sequence[int]) -> bool:
        return (height, column) in hidden or counts[height][column] == sums[column]

    for inner in itertools.product(*map(rows, range(height))):
        sums = [sum(row[at] for row in inner) for at in range(breadth)]
        whole = (height, breadth) in hidden or counts[height][breadth] == sum(sums)
        if whole and all(agrees(at, sums) for at in range(breadth)):
            yield with_totals(inner)


INNER = st.sampled_from([(1, 2), (1, 3), (1, 4), (2, 1), (2, 2), (3, 1)]).flatmap(
    lambda size: st.lists(
        st.lists(st.integers(0, 7), min_size=size[1], max_size=size[1]),
        min_size=size[0],
        max_size=size[0],
    )
)


@settings(max_examples=120, deadline=None)
@given(INNER)
def test_no_small_count_can_be_worked_out(inner: Counts) -> None:
    counts = with_totals(inner)
    hidden = withheld(counts)
    small = {
        (row, column)
        for row, values in enumerate(counts)
        for column, value in enumerate(values)
        if 0 < value < SMALLEST_TOLD
    }
    assert small <= hidden
    left: dict[tuple[int, int], set[int]] = {cell: set() for cell in small}
    for one in possible(counts, hidden, 13) if small else ():
        for row, column in small:
            left[row, column].add(one[row][column])
    for cell, values in left.items():
        assert max(values) - min(values) >= SMALLEST_TOLD, (cell, hidden)
        assert values >= set(range(min(values), min(max(values), 9) + 1)), "no gaps"


SMALL_TABLES = st.lists(
    st.lists(st.integers(0, 4), min_size=2, max_size=2), min_size=1, max_size=2
).map(with_totals)


@settings(max_examples=80, deadline=None)
@given(SMALL_TABLES, st.data())
def test_the_interval_is_what_trying_everything_gives(counts: Counts, data: st.DataObject) -> None:
    cells = [(row, column) for row in range(len(counts)) for column in range(len(counts[0]))]
    inner = [one for one in cells if one[0] < len(counts) - 1 and one[1] < len(counts[0]) - 1]
    cell = data.draw(st.sampled_from(inner))
    hidden = frozenset({cell, *data.draw(st.sets(st.sampled_from(cells)))})
    most = 16  # no more people than that in any of these tables
    values = {one[cell[0]][cell[1]] for one in possible(counts, hidden, most)}
    told = bounds(counts, hidden, cell)
    assert (min(values), max(values)) == (told.least, min(told.most, most))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 40), min_size=5, max_size=5), min_size=4, max_size=6).map(
        with_totals
    )
)
def test_larger_tables_are_protected_too_and_tell_the_grand_total(counts: Counts) -> None:
    hidden = withheld(counts, keep_total=True)
    whole = len(counts) - 1, len(counts[0]) - 1
    assert (whole in hidden) == (0 < counts[whole[0]][whole[1]] < SMALLEST_TOLD)
    for row, values in enumerate(counts):
        for column, value in enumerate(values):
            if 0 < value < SMALLEST_TOLD:
                found = bounds(counts, hidden, (row, column))
                assert found.width >= SMALLEST_TOLD
                assert found.least <= value <= found.most


def test_a_table_without_small_counts_is_told_whole() -> None:
    assert withheld(with_totals([[5, 8], [0, 12]])) == frozenset()


@pytest.mark.parametrize("hidden", [{(0, 0)}, {(0, 0), (0, 1)}, {(0, 0), (1, 0)}])
def test_withholding_the_small_count_or_its_row_alone_gives_it_back(
    hidden: set[tuple[int, int]],
) -> None:
    counts = with_totals([[2, 7], [8, 6]])
    found = bounds(counts, hidden, (0, 0))
    assert (found.least, found.most) == (2, 2)


def test_one_way_counts_and_their_total_are_protected() -> None:
    counts = table_of({("all", "killed"): 2, ("all", "injured"): 9, ("all", "unhurt"): 11}).counts
    hidden = withheld(counts, keep_total=True)
    assert {(0, 1), (1, 1)} < hidden, "killed, withheld twice over, not alone"
    assert (1, 3) not in hidden
