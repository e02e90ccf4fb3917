"""What waits to be decided: the newest statement of each chain, and for what (rules §2).

A decision is taken on statements. Of a record's chains each has one newest statement that may wait:
to be checked by its own organisation, to be accepted by the authority, to be corrected after a
return, or, where two statements replace the same one, to be chosen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tilth.core.chains import APPROVED, REPORTED, VERIFIED, Chain, Said, Standing, chains_of

__all__ = [
    "CONTESTED",
    "CORRECTED",
    "REPORTS",
    "RETURNED",
    "STATES",
    "SUBMITTED",
    "WAITS_VERIFIED",
    "WITHDRAWN",
    "Waiting",
    "turn_of",
    "waiting_of",
]

SUBMITTED, WAITS_VERIFIED, CORRECTED = "submitted", "verified", "corrected"
CONTESTED, RETURNED, WITHDRAWN = "contested", "returned", "withdrawn"
STATES = (WAITS_VERIFIED, SUBMITTED, CORRECTED, CONTESTED, RETURNED, WITHDRAWN)

REPORTS = frozenset(
    {
        "hazard_area",
        "evidence_point",
        "released_area",
        "clearance_report",
        "spot_task",
        "clearance_summary",
        "accident",
        "victim",
        "marking",
        "eore_session",
        "beneficiary_count",
        "stockpile_destruction",
    }
)
"""Kinds that report from the field: their level moves a figure or a map. The others run the
operation (tasks, teams, courses); nobody has to accept them before they count."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The newest statement of a chain that is not approved as it stands.

    Parameters
    ----------
    statement
        Its hash; of a contested chain the smallest of the rivals' hashes.
    state
        One of `STATES`.
    level
        Level it has by now: `REPORTED` or `VERIFIED`.
    event
        Of the chain of a revision: something that happened to the record on a day of its own.
    before
        Hash of the statement that stays in force at the highest level until this one is decided;
        empty where there is none.
    rivals
        Hashes of the statements between which the authority chooses, in order.
    answers
        Hash of the returned statement that this one corrects; empty without.
    """

    statement: str
    state: str
    level: int = REPORTED
    event: bool = False
    before: str = ""
    rivals: tuple[str, ...] = ()
    answers: str = ""


def waiting_of(statements: Iterable[Said], standing: Standing) -> list[Waiting]:
    """What of one record waits to be decided.

    Parameters
    ----------
    statements
        Every statement held on the record.

    Notes
    -----
    A withdrawal waits where something is in force that only its decision ends: a statement that
    was verified or approved before, or a hazard, which *prudent* keeps until the authority accepts
    that it is withdrawn. What happened to a record that is gone at every level no longer waits.
    """
    first, events = chains_of(statements)
    found = []
    if first is not None:
        waits, gone = _waiting(first, standing, event=False)
        found += [waits] if waits else []
        if gone:
            return found
    for chain in events:
        waits, _ = _waiting(chain, standing, event=True)
        found += [waits] if waits else []
    return found


def _waiting(chain: Chain, standing: Standing, *, event: bool) -> tuple[Waiting | None, bool]:
    """What of a chain waits, and whether its record is gone at every level."""
    path, contested = chain.path(standing)
    if not path:
        return None, False
    before = _in_force_before(path, standing)
    if contested:
        rivals = _rivals(chain, path, standing)
        level = max(standing.level(one) for one in rivals)
        kept = before if path[-1] not in rivals else ""
        return Waiting(rivals[0], CONTESTED, level, event, kept, rivals), False
    last = path[-1]
    level = standing.level(last)
    withdrawn = chain.nodes[last].act == "withdraw"
    if level >= APPROVED:
        return None, withdrawn
    earlier = _in_force_before(path[:-1], standing)
    answers = path[-2] if len(path) > 1 and path[-2] in standing.returned else ""
    if last in standing.returned:
        state = RETURNED
    elif withdrawn:
        if not earlier and chain.nodes[last].kind != "hazard_area":
            return None, True
        state = WITHDRAWN
    elif earlier and standing.level(earlier) > level:
        state = CORRECTED
    else:
        state = WAITS_VERIFIED if level >= VERIFIED else SUBMITTED
    return Waiting(last, state, level, event, earlier, (), answers), False


def _in_force_before(path: list[str], standing: Standing) -> str:
    """Hash of the newest statement that has the highest level above *reported*; empty without."""
    best, level = "", REPORTED
    for one in path:
        if standing.level(one) >= max(level, VERIFIED):
            best, level = one, standing.level(one)
    return best


def _rivals(chain: Chain, path: list[str], standing: Standing) -> tuple[str, ...]:
    """Ends of the branches between which nobody has chosen yet."""
    branches = chain.children.get(path[-1], [])
    if len(branches) < 2:  # the chain itself began more than once
        branches = chain.roots
    ends: set[str] = set()
    for branch in branches:
        ends |= {one for one in (branch, *chain.after(branch)) if not chain.children.get(one)}
    return tuple(sorted(ends))


def turn_of(state: str, level: int = REPORTED) -> str:
    """Whose turn it is: ``author`` or ``authority``.

    Of what is *reported* the author's organisation checks first, though the authority may decide
    at once; of what was returned the author corrects; between rivals the authority chooses.

    Examples
    --------
    >>> turn_of(SUBMITTED), turn_of(CONTESTED), turn_of(WITHDRAWN, VERIFIED)
    ('author', 'authority', 'authority')
    """
    if state == CONTESTED:
        return "authority"
    if state == RETURNED:
        return "author"
    return "authority" if level >= VERIFIED else "author"
