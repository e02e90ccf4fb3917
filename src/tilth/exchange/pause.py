"""Hold the cyclic garbage collector still while plain values are built."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collector_paused", "spare_what_is_held"]


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the collector and leave it as it was.

    Parsed records are trees of dicts and lists, without cycles. Python's collector starts again
    every 700 of them and walks those already made: a third of the time of a large delivery
    (measured: 15 µs an item without it, 22 µs with it).
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def spare_what_is_held() -> None:
    """Let the collector pass over what is held now, for as long as the program runs.

    Call it once after something large was read that lives as long as the session: walking a
    register of 13,000 statements now and then cost the person whose act it met 60 ms.
    """
    gc.freeze()
