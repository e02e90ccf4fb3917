"""How the compiled parts of the edge walk are declared, and the small tools they share.

Only the entry point is kept on disk. Numba notices a change of the file that holds the entry but
not of the modules that it calls, so the entry carries a fingerprint of all of them
(`fingerprint`); a stale machine code would be a wrong land account.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from types import CodeType
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Floats",
    "Ints",
    "bucket",
    "fingerprint",
    "first_at_least",
    "grown_floats",
    "grown_ints",
    "kernel",
    "lean",
    "sort_by",
    "zeros",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# Without the wrappers for callers from Python and C a third of the compile time is saved.
_OPTIONS: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}
_Function = TypeVar("_Function", bound=Callable[..., Any])


def kernel(function: _Function) -> _Function:
    """Compile on first use from compiled code; without the GIL, and never with fast math.

    Fast math may rearrange the error-free products that exact orientation stands on.
    """
    return cast("_Function", numba.njit(**_OPTIONS)(function))


def lean(function: _Function) -> _Function:
    """As `kernel` for functions that allocate nothing and return only numbers.

    They borrow the arrays of their caller instead of counting references to them. Counting costs
    more than the geometry: an atomic operation for each array of each call, and calls are many.
    Never return an array from such a function: it would be freed under its owner.
    """
    options: dict[str, Any] = {**_OPTIONS, "_nrt": False}
    return cast("_Function", numba.njit(**options)(function))


def fingerprint(*entries: Any) -> int:
    """Digest of the code of kernels and of every kernel and constant that they reach."""
    digest = hashlib.sha256()
    seen: set[str] = set()
    for entry in entries:
        _absorb(entry, digest.update, seen)
    return int.from_bytes(digest.digest()[:7], "big")


def _absorb(entry: Any, update: Callable[[bytes], None], seen: set[str]) -> None:
    function = getattr(entry, "py_func", entry)
    name = f"{function.__module__}.{function.__qualname__}"
    if name in seen:
        return
    seen.add(name)
    code: CodeType = function.__code__
    update(repr((name, code.co_consts, code.co_names, code.co_varnames)).encode() + code.co_code)
    for used in sorted(code.co_names):
        value = function.__globals__.get(used)
        if isinstance(value, int | float):
            update(repr((used, value)).encode())
        elif hasattr(value, "py_func"):
            _absorb(value, update, seen)


@kernel
def grown_ints(a: Ints) -> Ints:
    """Twice as many rows; plain loops, because slice assignment alone compiles for seconds."""
    b = np.empty((2 * a.shape[0], a.shape[1]), np.int64)
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            b[i, j] = a[i, j]
    return b


@kernel
def grown_floats(a: Floats) -> Floats:
    """Twice as many rows."""
    b = np.empty((2 * a.shape[0], a.shape[1]), np.float64)
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            b[i, j] = a[i, j]
    return b


@lean
def sort_by(index: Ints, first: int, last: int, key: Floats) -> None:
    """Sort ``index[first:last]`` by ``key[index]`` in place.

    Shell's method with Knuth's gaps: short, no memory, and library sorts compile for seconds.
    """
    gap = 1
    while gap < (last - first) // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for a in range(first + gap, last):
            moved = index[a]
            k = key[moved]
            b = a - gap
            while b >= first and key[index[b]] > k:
                index[b + gap] = index[b]
                b -= gap
            index[b + gap] = moved
        gap //= 3


@lean
def first_at_least(index: Ints, n: int, key: Floats, value: float) -> int:
    """First place in ``index[:n]``, sorted by `key`, whose key is not less than `value`."""
    low = 0
    high = n
    while low < high:
        middle = (low + high) // 2
        if key[index[middle]] < value:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def zeros(n: int) -> Ints:
    """`n` zeros (``numpy.zeros`` is compiled anew for each way of calling it)."""
    a = np.empty(n, np.int64)
    for i in range(n):
        a[i] = 0
    return a


@kernel
def bucket(key: Ints, n: int, n_keys: int) -> tuple[Ints, Ints]:
    """Group rows by ``key[:n, 0]`` by counting: offsets of each key, and rows in that order."""
    offset = zeros(n_keys + 1)
    rows = np.empty(n, np.int64)
    for a in range(n):
        offset[key[a, 0] + 1] += 1
    for k in range(n_keys):
        offset[k + 1] += offset[k]
    for a in range(n - 1, -1, -1):  # from behind, so that offset[k + 1] ends as the start of k
        k = key[a, 0]
        offset[k + 1] -= 1
        rows[offset[k + 1]] = a
    for k in range(n_keys):
        offset[k] = offset[k + 1]
    offset[n_keys] = n
    return offset, rows
