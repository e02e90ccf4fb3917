"""Exact orientation of points on an integer grid, and the parity of a point in a ring.

All coordinates here are whole numbers of at most 2^52 held in float64, so that differences are
exact. Products are rounded; rounding is monotone, so unequal rounded products have the true sign
of their difference, and equal ones are told apart by their rounding errors, which Dekker's product
gives exactly. What is then still zero is a true coincidence (a shared edge, a vertex on an edge)
and is settled by simulation of simplicity: shape ``i`` of a cluster is thought moved by
``i · (ε, ε²)`` with ε smaller than any number. Areas are continuous, so the move costs nothing.

Sources: T. J. Dekker, A floating-point technique for extending the available precision (1971);
H. Edelsbrunner and E. P. Mücke, Simulation of simplicity (1990).
"""

from __future__ import annotations

from tilth.core.land.edgewalk_kernels import Floats, Ints, lean

__all__ = ["accurate_orientation", "inside", "orientation", "segment_tie"]

_SPLIT = 134217729.0
"""2^27 + 1: Veltkamp's constant, cuts a float64 into two halves of 26 bits."""


@lean
def _product_error(a: float, b: float, product: float) -> float:
    """Return ``a·b − product`` exactly, where ``product`` is the rounded product."""
    c = _SPLIT * a
    a_high = c - (c - a)
    a_low = a - a_high
    c = _SPLIT * b
    b_high = c - (c - b)
    b_low = b - b_high
    return ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


@lean
def _difference(a: float, b: float, c: float, d: float) -> float:
    """``a·b − c·d`` with its exact sign and an error of a few units in its last place."""
    left = a * b
    right = c * d
    rounded = left - right
    exact = rounded + (_product_error(a, b, left) - _product_error(c, d, right))
    if rounded == 0.0 or (exact != 0.0 and (exact > 0.0) == (rounded > 0.0)):
        return exact
    return rounded * 1e-30  # the rounded products differ, so their order is the true one


@lean
def orientation(ax: float, ay: float, bx: float, by: float, cx: float, cy: float) -> float:
    """Positive when c lies left of a→b, negative right of it, 0 on it: only the sign is exact."""
    u = bx - ax
    v = cy - ay
    w = by - ay
    z = cx - ax
    left = u * v
    right = w * z
    if left == right:
        return _difference(u, v, w, z)
    return left - right


@lean
def accurate_orientation(ax: float, ay: float, bx: float, by: float, cx: float, cy: float) -> float:
    """As `orientation`, with a small relative error too: where edges cross follows from it."""
    return _difference(bx - ax, cy - ay, by - ay, cx - ax)


@lean
def segment_tie(ax: float, ay: float, bx: float, by: float) -> float:
    """Side of a→b on which a point of it falls when moved by (ε, ε²): the sign counts."""
    if by != ay:
        return ay - by
    return bx - ax


@lean
def inside(
    px: float, py: float, shift: float, x: Floats, y: Floats, first: int, last: int, ring: Ints
) -> bool:
    """Whether a point lies in a shape, by the parity of a ray to the east.

    Parameters
    ----------
    px, py
        The point, of shape ``i``.
    shift
        +1 when the shape asked about comes after ``i`` in the cluster, −1 before: where it is
        thought moved to as seen from the point.
    x, y, ring
        Vertices and ring offsets of the cluster.
    first, last
        Rings of the shape asked about are ``first:last``.
    """
    odd = False
    for r in range(first, last):
        y1 = y[ring[r]]
        for e in range(ring[r], ring[r + 1] - 1):
            y0 = y1
            y1 = y[e + 1]
            if shift > 0.0:
                above0 = y0 >= py
                above1 = y1 >= py
            else:
                above0 = y0 > py
                above1 = y1 > py
            if above0 != above1:
                x0 = x[e]
                x1 = x[e + 1]
                if x0 < px and x1 < px:
                    continue
                if x0 > px and x1 > px:
                    odd = not odd
                    continue
                side = orientation(x0, y0, x1, y1, px, py)
                if side == 0.0:
                    side = shift * (y1 - y0)
                if (side > 0.0) == above1:  # an upward edge east of the point, or its mirror
                    odd = not odd
    return odd
