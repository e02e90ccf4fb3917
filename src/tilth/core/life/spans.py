"""Days as spans: sorted, disjoint pairs of first and last day (ordinals), both counted.

What opens a gate holds for some days and not for others; to be open is to lie inside.
"""

from __future__ import annotations

from collections.abc import Iterable

from tilth.core.days import NEVER

__all__ = ["ALWAYS", "Spans", "first_gap", "joined", "shared"]

Spans = tuple[tuple[int, int], ...]

ALWAYS: Spans = ((0, NEVER),)


def joined(spans: Iterable[tuple[int, int]]) -> Spans:
    """Union of spans in any order; those that end before they begin hold no day.

    Examples
    --------
    >>> joined([(8, 9), (1, 3), (4, 5), (7, 6)])
    ((1, 5), (8, 9))
    """
    merged: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if last < first:
            continue
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)


def shared(one: Spans, other: Spans) -> Spans:
    """Days that are in both.

    Examples
    --------
    >>> shared(((1, 5), (8, 9)), ((4, 8),))
    ((4, 5), (8, 8))
    """
    return joined(
        (max(first, begin), min(last, end)) for first, last in one for begin, end in other
    )


def first_gap(spans: Spans, first: int, last: int) -> int | None:
    """First day from ``first`` to ``last`` that is in no span; None when all are.

    Examples
    --------
    >>> first_gap(((1, 5), (8, 9)), 4, 9)
    6
    """
    for begin, end in spans:
        if begin > first:
            break
        if first <= end:
            first = end + 1
    return first if first <= last else None
