"""Publishes what is kept current: small values at once, large ones at their own pace."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from tilth.service import face

if TYPE_CHECKING:
    from tilth.service.current import Current
    from tilth.service.positions import Position
    from tilth.service.session import Session

__all__ = ["PUBLISHERS", "Pace", "publish"]

PUBLISHERS = (
    "tilth.service.overview",
    "tilth.service.item_origins",
    "tilth.service.item_where",
    "tilth.service.finding_list",
    "tilth.service.inbox",
    "tilth.service.search_kept",
    "tilth.service.map_layers",
)
"""Modules with ``publish(current)``, in the order in which they are asked."""

_LOG = logging.getLogger("tilth.keeper")


@dataclass(slots=True)
class Pace:
    """When each value was published, and when it may be again.

    Parameters
    ----------
    clock
        Seconds, never running backwards.
    hurried
        Whether everything is due at once; for tests and small operations.
    """

    clock: Callable[[], float] = time.monotonic
    hurried: bool = False
    _held_at: dict[str, tuple[int, str]] = field(default_factory=dict)
    _free_at: dict[str, float] = field(default_factory=dict)
    _wants: dict[str, float] = field(default_factory=dict)
    _values: dict[str, bytes | None] = field(default_factory=dict)

    def due(self, current: Current, name: str) -> bool:
        """Whether a value is older than the position or the day, and its turn has come."""
        if self._held_at.get(name) == (current.position.receipts, current.today):
            self._wants.pop(name, None)
            return False
        self._wants[name] = self._free_at.get(name, 0.0)
        return self.hurried or self.clock() >= self._wants[name]

    @contextmanager
    def at(
        self,
        current: Current,
        name: str,
        *,
        share: float = 1.0,
        least_s: float = 0.0,
        done: Position | Literal["now"] | None = "now",
    ) -> Iterator[None]:
        """Compute a value; it is due again only so late that it takes that share of the time.

        Parameters
        ----------
        share
            1 for what costs little, 1/8 for what must leave most of the time to others.
        least_s
            Seconds between two beginnings at the least.
        done
            Position that the value holds at when this is done; None for a step on the way.
        """
        began = self.clock()
        yield
        ended = self.clock()
        again = max(began + least_s, ended + (ended - began) * (1 / share - 1))
        self._free_at[name] = self._wants[name] = again
        held = current.position if done == "now" else done
        if held is not None:
            self._held_at[name] = (held.receipts, current.today)
            if held.receipts == current.position.receipts:
                self._wants.pop(name, None)

    def outdate(self, name: str) -> None:
        """A value is due again when its turn comes, though the position has not moved."""
        self._held_at.pop(name, None)

    def rest(self, name: str) -> None:
        """Nothing of this waits for its turn."""
        self._wants.pop(name, None)

    def rest_s(self) -> float:
        """Seconds until something that waits for its turn is due; infinite when nothing does."""
        return max(0.0, min(self._wants.values(), default=math.inf) - self.clock())

    def put(self, current: Current, name: str, value: Mapping[str, Any]) -> None:
        """Lay a value ready; it is written with the others at the end of the turn."""
        self._values[name] = face.sealed(current.position, current.today, value)

    def drop(self, name: str) -> None:
        """Take a published value back at the end of the turn."""
        self._values[name] = None

    def flush(self, session: Session) -> None:
        """Write what was laid ready, in one transaction."""
        if self._values:
            session.workspace.store.keep_many(face.BOOK, self._values)
            self._values = {}


def publish(current: Current) -> float:
    """Ask every publisher in turn, then write what they laid ready.

    One that fails is logged and does not keep the others from their turn.

    Returns
    -------
    float
        Seconds until it is worth while to ask again though nothing new came in.
    """
    for name in PUBLISHERS:
        try:
            import_module(name).publish(current)
        except Exception:
            if current.pace.hurried:
                raise
            _LOG.exception("%s could not publish at position %d", name, current.position.receipts)
    current.pace.flush(current.session)
    current.touched, current.clusters = set(), set()
    return current.pace.rest_s()
