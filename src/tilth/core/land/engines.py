"""Which engine answers: the edge walk once it is compiled, the faces until then.

Compiling takes 15 to 25 s on a machine's first run and is done during set-up (`compile_now`) or in
the background (`start_compiling`), never while a person waits. Numba keeps the machine code beside
the package, or in the user's cache directory where the package may not be written to, or wherever
``NUMBA_CACHE_DIR`` says; loading it takes well under a second.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tilth.core.land.arrangement import Arrangement
from tilth.core.land.faces import faces_arrangement
from tilth.core.land.rings import Rings, rings_of

__all__ = ["arrange", "compile_now", "ready", "start_compiling"]

# Numba takes a second to import, so the edge walk is imported where it is first needed.
_lock = threading.Lock()
_state: dict[str, Any] = {"ready": False, "looked": False, "thread": None}


def compile_now() -> None:
    """Compile the edge walk, or load it from disk, and return when it is ready; for set-up."""
    from tilth.core.land import edgewalk  # noqa: PLC0415

    with _lock:
        edgewalk.compile_edge_walk()
        _state["ready"] = True


def start_compiling() -> threading.Thread:
    """Compile in a thread of its own, unless one is at it already; `ready` tells when it is done.

    The thread is a daemon: a program that ends does not wait for it.
    """
    thread: threading.Thread | None = _state["thread"]
    if thread is None or not (thread.is_alive() or _state["ready"]):
        thread = threading.Thread(target=compile_now, name="tilth-compile", daemon=True)
        _state["thread"] = thread
        thread.start()
    return thread


def ready() -> bool:
    """Whether the edge walk can answer at once.

    The first call looks for machine code on disk and loads it if there is any; it never compiles.
    """
    if not _state["ready"] and not _state["looked"] and _lock.acquire(blocking=False):
        try:
            from tilth.core.land import edgewalk  # noqa: PLC0415

            _state["looked"] = True
            _state["ready"] = edgewalk.load_edge_walk()
        finally:
            _lock.release()
    return bool(_state["ready"])


def arrange(
    geometries: NDArray[Any],
    cluster_offset: NDArray[np.int64],
    cluster_shapes: NDArray[np.int32],
    rings: Rings | None = None,
    threads: int = 1,
) -> Arrangement:
    """Covering sets of clusters and their areas, by whichever engine is ready.

    The engines agree to about 1e-8 m² a set, not to the last bit, and the faces know no set that
    lies below GEOS's own rounding.

    Parameters
    ----------
    geometries
        Array of valid polygons, multipolygons, None or empty, in metres.
    cluster_offset, cluster_shapes, threads
        As for `edge_walk`.
    rings
        Of the same geometries, where they are kept prepared.
    """
    if ready():
        from tilth.core.land.edgewalk import edge_walk  # noqa: PLC0415

        prepared = rings_of(geometries) if rings is None else rings
        return edge_walk(prepared, cluster_offset, cluster_shapes, threads)
    start_compiling()
    return faces_arrangement(geometries, cluster_offset, cluster_shapes)
