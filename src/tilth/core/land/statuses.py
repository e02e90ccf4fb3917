"""First, latest and joint status of a hazard's released ground (rules §3, several releases).

The balance credits the first release over a square metre. What the latest one says of it, and what
all say together, is read here from the faces of the hazard's cluster, when somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tilth.core.land.rules import RELEASED, Case, history
from tilth.core.land.views import ReleaseView

__all__ = ["Statuses", "statuses"]

CLAIMS = ("cancelled", "reduced", "cleared")


class Statuses(NamedTuple):
    """m² of released ground by claim: of the first release, of the latest, and of all together.

    ``joint`` names every claim over the ground, as in ``cancelled+cleared``.
    """

    first: dict[str, float]
    latest: dict[str, float]
    joint: dict[str, float]


def statuses(
    case: Case, faces: Iterable[tuple[frozenset[str], float]], hazard: str, until: int
) -> Statuses:
    """Statuses of a hazard's released ground at the end of a day.

    Parameters
    ----------
    case, faces
        Of the hazard's cluster at a level, as for the account.
    hazard
        Record id.
    until
        Ordinal of the day.
    """
    result = Statuses({}, {}, {})
    number = case.by_record.get(hazard)
    for face, area_m2 in faces:
        for entry, _, segments in history(face, case).entries:
            held = [one for one in segments if one.since <= until]
            if entry != number or not held or held[-1].status != RELEASED:
                continue
            first = case.releases[held[-1].release]
            over = [first, *_after(case, face, first, until)]
            claims = sorted({one.claim for one in over})
            names = "+".join(CLAIMS[claim] for claim in claims)
            for table, key in (
                (result.first, CLAIMS[first.claim]),
                (result.latest, CLAIMS[over[-1].claim]),
                (result.joint, names),
            ):
                table[key] = table.get(key, 0.0) + area_m2
    return result


def _after(case: Case, face: frozenset[str], first: ReleaseView, until: int) -> list[ReleaseView]:
    """Releases over a face that count after the first one, by a day, and are not void there."""
    void = [v for v in case.revocations if all(not face.isdisjoint(keys) for keys in v.ground)]
    return [
        release
        for release in (case.releases[n] for n in case.releases_over(face))
        if release.order > first.order
        and release.counts <= until
        and not release.whole
        and not any(
            v.opens <= until and release.day <= v.day and release.record not in v.standing
            for v in void
        )
    ]
