"""What the land rules read: hazards, releases, revocations and processed land at one level.

A view refers to ground by the *keys* of shapes: the hash of the statement that drew it, with a
prefix for derived ground (`zone_key`). A face of the arrangement is a set of such keys.
"""

from __future__ import annotations

from dataclasses import dataclass

from tilth.core.days import NEVER

__all__ = [
    "CANCELLED",
    "CLEARED",
    "REDUCED",
    "RELEASE_TYPES",
    "Ground",
    "HazardView",
    "ProcessedView",
    "ReleaseView",
    "Requirement",
    "RevocationView",
    "zone_key",
]

CANCELLED, REDUCED, CLEARED = 0, 1, 2
RELEASE_TYPES = {"cancelled": CANCELLED, "reduced": REDUCED, "cleared": CLEARED}
"""Order of claims from the least to the greatest: in a tie the lesser claim takes the credit."""


def zone_key(statement: str) -> str:
    """Key of the ground within the extension distance of the ring that a statement drew."""
    return f"zone:{statement}"


@dataclass(frozen=True, slots=True)
class Ground:
    """Ground a hazard took in on one day, by one chain of statements.

    ``keys`` are alternatives: a face in any of them is in. ``opens`` is the day it is in force
    from, ``day`` the day compared with releases; they differ for a month or a year (rules §1).
    ``first`` marks the record's first ring, ``approved`` ground that the authority accepted.
    """

    keys: tuple[str, ...]
    opens: int
    day: int
    first: bool
    approved: bool


@dataclass(frozen=True, slots=True)
class Requirement:
    """Depth (cm) and search required from a day on; ``raises`` only ever adds to the one before."""

    opens: int
    depth_cm: float
    subsurface: bool
    raises: bool = False


@dataclass(frozen=True, slots=True)
class HazardView:
    """A hazard area at one level.

    ``classes`` are (opens, day, class, approved) in order of day; ground counts from the first of
    them that is SHA or CHA. ``replaced`` is the day it was marked replaced by its children, or
    `NEVER`.
    """

    record: str
    grounds: tuple[Ground, ...]
    classes: tuple[tuple[int, int, str, bool], ...]
    requirements: tuple[Requirement, ...]
    day: int
    parents: tuple[str, ...] = ()
    approved: bool = False
    replaced: int = NEVER
    place: str = ""

    def suspected(self, *, prudent: bool = False) -> tuple[int, int]:
        """Opening and comparison day of the first classification as SHA or CHA.

        At *prudent* what is not approved opens ground but makes no day earlier (rules §2).
        """
        named = [one for one in self.classes if one[2] != "indication"]
        if not named:
            return NEVER, NEVER
        opens = min(one[0] for one in named)
        if not prudent:
            return opens, min(one[1] for one in named)
        approved = [one[1] for one in named if one[3]]
        return opens, min(approved) if approved else max(one[1] for one in named)

    def class_at(self, until: int) -> str:
        """Classification on a day: SHA, CHA, or indication while it is neither."""
        current = "indication"
        for opens, _, name, _ in self.classes:
            if opens <= until and not (name == "indication" and current != "indication"):
                current = name
        return current

    def required(self, day: int) -> tuple[float, bool]:
        """Depth in cm and whether sub-surface search is required on a day; (0, False) if none."""
        depth, subsurface = 0.0, False
        for one in self.requirements:
            if one.opens > day:
                continue
            if one.raises:
                depth, subsurface = max(depth, one.depth_cm), subsurface or one.subsurface
            else:
                depth, subsurface = one.depth_cm, one.subsurface
        return depth, subsurface


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """A released area at one level.

    ``ground`` is a conjunction of alternatives: a face is in when every tuple has a key that
    covers it. ``counts`` is the day it counts from, ``day`` the day compared with hazards and
    revocations. ``depth_cm`` is None when not given.
    """

    record: str
    statement: str
    ground: tuple[tuple[str, ...], ...]
    counts: int
    day: int
    claim: int
    cleared: bool
    depth_cm: float | None
    surface_only: bool
    named: str
    whole: bool
    organisation: str
    methods: str
    place: str = ""
    technical_asset: str = ""
    project: str = ""

    @property
    def order(self) -> tuple[int, int, int, str]:
        """Order of credit: day, lesser claim first, record id."""
        return (self.counts, self.day, self.claim, self.record)

    def deep_enough(self, depth_cm: float, subsurface: bool) -> bool:
        """Whether a cleared release meets a requirement; a depth not given counts (rules §3)."""
        if not self.cleared:
            return True
        if subsurface and self.surface_only:
            return False
        return self.depth_cm is None or self.depth_cm >= depth_cm


@dataclass(frozen=True, slots=True)
class RevocationView:
    """Ground reopened from ``opens``: every release of ``day`` or earlier is void there.

    ``ground`` is a conjunction as in `ReleaseView`; ``standing`` are records that it names as
    still standing.
    """

    statement: str
    record: str
    ground: tuple[tuple[str, ...], ...]
    opens: int
    day: int
    standing: frozenset[str]


@dataclass(frozen=True, slots=True)
class ProcessedView:
    """Land a report says was worked on a day."""

    record: str
    keys: tuple[str, ...]
    opens: int
    day: int
