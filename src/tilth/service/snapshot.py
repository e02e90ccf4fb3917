"""Both accounts of every level at one moment, to be worked on while the books go forward."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tilth.core.items.rollup import Rollup
from tilth.core.land.rows import LandRows
from tilth.service.accounting import Kept
from tilth.service.answer import Declared
from tilth.service.leftout import Left
from tilth.service.positions import Position

__all__ = ["Level", "Snapshot"]


@dataclass(frozen=True, slots=True)
class Level:
    """What one level is made of: rows and items with the words that the records use."""

    rows: LandRows
    items: bytes
    left: tuple[Left, ...]
    declared: tuple[Declared, ...]


@dataclass(slots=True)
class Snapshot:
    """Accounts at a position, level by level.

    Parameters
    ----------
    levels
        Those not asked for yet.
    meaning
        Project that a key of work means, see `tilth.core.projects`.
    names
        Names of organisations by every word for them.
    """

    position: Position
    meaning: Callable[[str], str]
    names: Mapping[str, str]
    levels: dict[str, Level] = field(default_factory=dict)

    def take(self, level: str) -> Kept:
        """The account of a level, as `accounting.kept_at` gives it; it is given once."""
        one = self.levels.pop(level)
        return Kept(
            one.rows.under(self.meaning, lambda word: self.names.get(word, word)),
            Rollup.from_bytes(one.items).under(self.meaning),
            one.left,
            one.declared,
        )
