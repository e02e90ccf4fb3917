"""Kept rows of the land account: what became of each piece of ground, for every *until* at once.

A row is the ground of one hazard that shares one history; its segments say from which day it was
remaining, released or counted under another hazard. A balance at any day is a sum over rows, so
no geometry is touched when only the day of the question changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from tilth.core.land.rules import History
from tilth.core.land.views import ReleaseView

__all__ = [
    "PROCESSED",
    "REPROCESSED",
    "HazardRow",
    "LandRows",
    "ReleaseRow",
    "RowBuilder",
    "beside",
    "joined",
    "release_row",
]

PROCESSED, REPROCESSED = 1, 2


class HazardRow(NamedTuple):
    """What a balance needs of a hazard.

    ``classes`` are (day, class) changes, ``rings`` (day, area of its rings in force from that day,
    m²) measured apart from the faces, for the closure.
    """

    record: str
    place: str
    classes: tuple[tuple[int, str], ...]
    rings: tuple[tuple[int, float], ...]


class ReleaseRow(NamedTuple):
    """What a balance needs of a release; ``claim`` 0 cancelled, 1 reduced, 2 cleared.

    ``project`` is a key of `tilth.core.projects` until `LandRows.under` has looked it up.
    """

    record: str
    claim: int
    organisation: str
    methods: str
    counts: int
    place: str
    technical_asset: str
    project: str = ""


@dataclass(frozen=True, slots=True)
class LandRows:
    """Rows of one cluster, or of many joined.

    Attributes
    ----------
    hazard
        int32[n]; position in ``hazards``.
    extension
        uint8[n]; 1 for ground outside every ring that a cleared release added to the hazard.
    area_m2
        float64[n].
    segment_offset
        int64[n + 1] into the ``segment_*`` arrays; each segment holds until the next of its row.
    segment_since, segment_status, segment_release, segment_flags
        int32 day ordinal; 1 remaining, 2 released, 3 overlap; int32 position in ``releases`` or
        -1; 1 processed, 2 reprocessed.
    loose_area_m2, loose_since, loose_until
        Unattached ground and the days between which it is unattached (until exclusive).
    """

    hazards: tuple[HazardRow, ...]
    releases: tuple[ReleaseRow, ...]
    hazard: NDArray[np.int32]
    extension: NDArray[np.uint8]
    area_m2: NDArray[np.float64]
    segment_offset: NDArray[np.int64]
    segment_since: NDArray[np.int32]
    segment_status: NDArray[np.uint8]
    segment_release: NDArray[np.int32]
    segment_flags: NDArray[np.uint8]
    loose_area_m2: NDArray[np.float64]
    loose_since: NDArray[np.int32]
    loose_until: NDArray[np.int32]

    def to_bytes(self) -> bytes:
        """Same rows, same bytes: tables and little-endian arrays in a fixed order."""
        arrays = [np.ascontiguousarray(getattr(self, name)).tobytes() for name in _ARRAYS]
        return msgspec.msgpack.encode((self.hazards, self.releases, arrays))

    @classmethod
    def from_bytes(cls, data: bytes) -> LandRows:
        """Inverse of `to_bytes`."""
        hazards, releases, arrays = _DECODER.decode(data)
        values = [
            np.frombuffer(raw, dtype) for raw, dtype in zip(arrays, _ARRAYS.values(), strict=True)
        ]
        return cls(hazards, releases, *values)

    def under(self, meaning: Callable[[str], str], named: Callable[[str], str] = str) -> LandRows:
        """Rows with the projects that the keys of their releases mean, organisations by name."""
        releases = tuple(
            one._replace(project=meaning(one.project), organisation=named(one.organisation))
            for one in self.releases
        )
        return self if releases == self.releases else replace(self, releases=releases)

    def state(self, until: int) -> NDArray[np.int64]:
        """Segment in force for each row on a day, or -1 before its first."""
        begun = self.segment_since <= until
        count = np.add.reduceat(begun, self.segment_offset[:-1]) if len(self.hazard) else begun[:0]
        return np.where(count > 0, self.segment_offset[:-1] + count - 1, -1)


_ARRAYS: dict[str, np.dtype[Any]] = {
    "hazard": np.dtype("<i4"),
    "extension": np.dtype("<u1"),
    "area_m2": np.dtype("<f8"),
    "segment_offset": np.dtype("<i8"),
    "segment_since": np.dtype("<i4"),
    "segment_status": np.dtype("<u1"),
    "segment_release": np.dtype("<i4"),
    "segment_flags": np.dtype("<u1"),
    "loose_area_m2": np.dtype("<f8"),
    "loose_since": np.dtype("<i4"),
    "loose_until": np.dtype("<i4"),
}
_DECODER = msgspec.msgpack.Decoder(
    tuple[tuple[HazardRow, ...], tuple[ReleaseRow, ...], list[bytes]]
)


def joined(parts: Sequence[LandRows]) -> LandRows:
    """Rows of several clusters as one, in the order given."""
    hazards = np.cumsum([0, *(len(p.hazards) for p in parts)])
    releases = np.cumsum([0, *(len(p.releases) for p in parts)])
    offsets = [np.diff(p.segment_offset) for p in parts]

    def column(name: str) -> list[NDArray[Any]]:
        return [getattr(p, name) for p in parts] or [np.empty(0, _ARRAYS[name])]

    moved = [
        np.where(p.segment_release >= 0, p.segment_release + r, -1).astype(np.int32)
        for p, r in zip(parts, releases, strict=False)
    ]
    owned = [(p.hazard + h).astype(np.int32) for p, h in zip(parts, hazards, strict=False)]
    return LandRows(
        tuple(h for p in parts for h in p.hazards),
        tuple(r for p in parts for r in p.releases),
        np.concatenate([np.empty(0, np.int32), *owned]),
        np.concatenate(column("extension")),
        np.concatenate(column("area_m2")),
        np.cumsum(np.concatenate([np.zeros(1, np.int64), *offsets])),
        np.concatenate(column("segment_since")),
        np.concatenate(column("segment_status")),
        np.concatenate([np.empty(0, np.int32), *moved]),
        np.concatenate(column("segment_flags")),
        np.concatenate(column("loose_area_m2")),
        np.concatenate(column("loose_since")),
        np.concatenate(column("loose_until")),
    )


def release_row(view: ReleaseView) -> ReleaseRow:
    """What a balance needs of a release's view."""
    return ReleaseRow(
        view.record,
        view.claim,
        view.organisation,
        view.methods,
        view.counts,
        view.place,
        view.technical_asset,
        view.project,
    )


def beside(plain: LandRows, general: LandRows) -> LandRows:
    """Rows of one cluster in two parts as one: the same hazards, first the one, then the other.

    A release may stand in the tables of both parts.
    """
    shift = len(plain.releases)
    moved = np.where(general.segment_release >= 0, general.segment_release + shift, -1)
    values = {
        name: np.concatenate([getattr(plain, name), getattr(general, name)])
        for name in _ARRAYS
        if name not in ("segment_offset", "segment_release")
    }
    return LandRows(
        hazards=general.hazards,
        releases=plain.releases + general.releases,
        segment_offset=np.concatenate(
            [plain.segment_offset, general.segment_offset[1:] + plain.segment_offset[-1]]
        ),
        segment_release=np.concatenate([plain.segment_release, moved.astype(np.int32)]),
        **values,
    )


class RowBuilder:
    """Collects faces with their histories; faces that share one become one row."""

    def __init__(self, hazards: Iterable[HazardRow], releases: Iterable[ReleaseRow]) -> None:
        self._hazards, self._releases = tuple(hazards), tuple(releases)
        self._rows: dict[tuple[int, bool, tuple[tuple[int, ...], ...]], float] = {}
        self._loose: dict[tuple[int, int], float] = {}

    def add(self, history: History, area_m2: float, never: int) -> None:
        """Add a face; areas are summed in the order of the calls."""
        for hazard, extension, segments in history.entries:
            spans = tuple(
                (
                    s.since,
                    s.status,
                    s.release,
                    PROCESSED * s.processed + REPROCESSED * s.reprocessed,
                )
                for s in segments
            )
            key = (hazard, extension, spans)
            self._rows[key] = self._rows.get(key, 0.0) + area_m2
        changes = history.unattached
        for number, (since, loose) in enumerate(changes):
            if loose:
                until = changes[number + 1][0] if number + 1 < len(changes) else never
                self._loose[since, until] = self._loose.get((since, until), 0.0) + area_m2

    def rows(self) -> LandRows:
        """Everything added, in the order of the calls; releases without credit are left out."""
        keys = list(self._rows)
        segments = [s for key in keys for s in key[2]]
        used = sorted({s[2] for s in segments if s[2] >= 0})
        place = {old: new for new, old in enumerate(used)}
        loose = list(self._loose)
        return LandRows(
            self._hazards,
            tuple(self._releases[n] for n in used),
            np.array([key[0] for key in keys], np.int32),
            np.array([key[1] for key in keys], np.uint8),
            np.array([self._rows[key] for key in keys], np.float64),
            np.cumsum([0, *(len(key[2]) for key in keys)]).astype(np.int64),
            np.array([s[0] for s in segments], np.int32),
            np.array([s[1] for s in segments], np.uint8),
            np.array([place.get(s[2], -1) for s in segments], np.int32),
            np.array([s[3] for s in segments], np.uint8),
            np.array([self._loose[key] for key in loose], np.float64),
            np.array([key[0] for key in loose], np.int32),
            np.array([key[1] for key in loose], np.int32),
        )
