"""What is found: one row for each item, its place in the ground and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from tilth.demonstration.cast import END, OPERATORS
from tilth.demonstration.fields import Work
from tilth.demonstration.ground import FRAME
from tilth.demonstration.plan import Plan
from tilth.demonstration.scale import CATEGORY_MIX, METHODS, MODELS, Scale, stream

__all__ = [
    "CONDITIONS",
    "DISPOSALS",
    "RECEIVER",
    "TYPES",
    "Finds",
    "Later",
    "Received",
    "found_items",
]

TYPES = [(category, *model) for category, models in MODELS.items() for model in models]
"""Category, subcategory and model by number."""

DISPOSALS = (
    "destroyed_in_place",
    "moved_and_destroyed",
    "stored",
    "destroyed_place_unknown",
    "rendered_safe",
    "handed_over",
    "left_marked",
    "",
)
_DISPOSAL_SHARE = (0.63, 0.2785, 0.055, 0.01, 0.012, 0.008, 0.004, 0.0025)
_STORED, _SAFE, _HANDED, _MARKED, _OPEN = (
    DISPOSALS.index(word) for word in ("stored", "rendered_safe", "handed_over", "left_marked", "")
)
CONDITIONS = ("armed", "fuzed", "unfuzed", "intact", "damaged", "deteriorated", "fired", "unknown")

RECEIVER = 0
"""Index into `OPERATORS` of who takes over what the others cannot destroy."""

_ENDED_LATER = 0.8
"""Share of stored and open items of which a later report tells the end."""
_MISCOUNTED = 0.03
"""Share of handovers that giver and receiver count differently."""
_STRAY = 0.0006
"""Share of items whose position was read some 60 m off."""

Ints = NDArray[np.int64]


class Later(NamedTuple):
    """Later disposals: ``report`` tells the end of line ``line`` of report ``of``."""

    report: Ints
    of: Ints
    line: Ints
    in_place: NDArray[np.bool_]


class Received(NamedTuple):
    """Lots that a report of the receiver takes over."""

    report: Ints
    giver: Ints
    type: Ints
    quantity: Ints


@dataclass(frozen=True, slots=True)
class Finds:
    """Items in the order of the reports; ``starts[r] : starts[r + 1]`` are those of report r.

    ``lag`` counts days to the disposal; ``stock`` marks abandoned stock found in stores.
    """

    starts: Ints
    type: NDArray[np.uint8]
    nano: Ints
    depth_cm: NDArray[np.uint8]
    condition: NDArray[np.uint8]
    disposal: NDArray[np.uint8]
    lag: NDArray[np.uint8]
    stock: NDArray[np.bool_]
    later: Later
    received: Received


def found_items(scale: Scale, seed: int, plan: Plan, work: Work, spot_items: int) -> Finds:
    """Draw all items of the reports; those of spot tasks are taken off the total."""
    rng = stream(seed, "items")
    reports = work.reports
    method = plan.method[reports.hazard]
    dense = np.array([one.finds for one in METHODS])[method]
    weight = dense * reports.outlines.areas_m2**0.6 * rng.gamma(0.7, 1.0, len(method))
    counts = rng.multinomial(scale.items - spot_items, weight / weight.sum())
    starts = np.concatenate(([0], np.cumsum(counts)))
    report = np.repeat(np.arange(len(counts)), counts)
    kind = _types(rng, method[report])
    stock = _of(("axo",))[kind] & (rng.random(len(kind)) < 0.3)
    disposal = rng.choice(len(DISPOSALS), len(kind), p=_DISPOSAL_SHARE).astype(np.uint8)
    own = (disposal == _HANDED) & (reports.organisation[report] == RECEIVER)
    disposal[own] = 0
    # A mine is not carried away to a store.
    mine = _of(("ap_mine", "ap_mine_improvised", "booby_trap", "ied"))[kind]
    disposal[mine & np.isin(disposal, (_STORED, _HANDED))] = 0
    surface = np.array([one.search == "surface" for one in METHODS])[method[report]]
    depth = np.where(surface | stock, 0, rng.gamma(2.0, 4.0, len(kind))).clip(0, 60)
    lag = np.where(disposal == 1, np.minimum(rng.geometric(0.6, len(kind)) - 1, 4), 0)
    lag = np.minimum(lag, END - reports.day[report])
    line = np.arange(len(kind)) - starts[report]
    return Finds(
        starts,
        kind,
        _positions(rng, work.ground, report),
        depth.astype(np.uint8),
        rng.integers(0, len(CONDITIONS), len(kind)).astype(np.uint8),
        disposal,
        lag.astype(np.uint8),
        stock,
        _later(rng, work, report, line, disposal),
        _received(rng, work, report, kind, disposal),
    )


def _of(categories: tuple[str, ...]) -> NDArray[np.bool_]:
    """Which of `TYPES` are of these categories."""
    return np.array([words[0] in categories for words in TYPES])


def _types(rng: np.random.Generator, method: Ints) -> NDArray[np.uint8]:
    kind = np.zeros(len(method), dtype=np.uint8)
    for name, mix in CATEGORY_MIX.items():
        share = [mix.get(words[0], 0) / len(MODELS[words[0]]) for words in TYPES]
        here = np.array([one.area_type == name for one in METHODS])[method]
        kind[here] = rng.choice(len(TYPES), int(here.sum()), p=np.array(share) / sum(share))
    return kind


def _positions(rng: np.random.Generator, ground: NDArray[np.object_], report: Ints) -> Ints:
    """Nanodegrees of a random place in each item's polygon, shape (n, 2); a few are strays."""
    bounds = shapely.bounds(ground)
    xy = np.empty((len(report), 2))
    todo = np.arange(len(report))
    while len(todo):
        box = bounds[report[todo]]
        tried = box[:, :2] + rng.random((len(todo), 2)) * (box[:, 2:] - box[:, :2])
        inside = shapely.contains_xy(ground[report[todo]], tried[:, 0], tried[:, 1])
        xy[todo[inside]] = tried[inside]
        todo = todo[~inside]
    stray = np.flatnonzero(rng.random(len(xy)) < _STRAY)
    xy[stray] += rng.choice((-1, 1), (len(stray), 2)) * rng.uniform(45, 80, (len(stray), 2))
    return np.rint(FRAME.unproject(xy) * 1e9).astype(np.int64)


def _sooner_or_later(
    rng: np.random.Generator, work: Work, organisation: Ints, day: Ints, wait: tuple[int, int]
) -> Ints:
    """A report of the organisation some days after the day, or -1 where none came."""
    chosen = np.full(len(day), -1)
    for number in range(len(OPERATORS)):
        theirs = np.flatnonzero(work.reports.organisation == number)
        theirs = theirs[np.argsort(work.reports.day[theirs], kind="stable")]
        asked = np.flatnonzero(organisation == number)
        if not len(theirs) or not len(asked):
            continue
        from_day = day[asked] + rng.integers(*wait, len(asked))
        place = np.searchsorted(work.reports.day[theirs], from_day)
        place += rng.integers(0, 9, len(asked))
        held = place < len(theirs)
        chosen[asked[held]] = theirs[place[held]]
    return chosen


def _later(
    rng: np.random.Generator, work: Work, report: Ints, line: Ints, disposal: NDArray[np.uint8]
) -> Later:
    """Ends told later by the same organisation."""
    open_still = np.isin(disposal, (_STORED, _SAFE, _MARKED, _OPEN))
    at = np.flatnonzero(open_still & (rng.random(len(report)) < _ENDED_LATER))
    of = report[at]
    organisation, day = work.reports.organisation[of], work.reports.day[of]
    by = _sooner_or_later(rng, work, organisation, day, (4, 40))
    told = by >= 0
    return Later(by[told], of[told], line[at][told], rng.random(int(told.sum())) < 0.3)


def _received(
    rng: np.random.Generator, work: Work, report: Ints, kind: NDArray[np.uint8],
    disposal: NDArray[np.uint8],
) -> Received:  # fmt: skip
    """What the receiver's reports take over, alike items of one giver together."""
    at = np.flatnonzero(disposal == _HANDED)
    receiver = np.full(len(at), RECEIVER)
    by = _sooner_or_later(rng, work, receiver, work.reports.day[report[at]], (1, 8))
    giver = work.reports.organisation[report[at]]
    told = by >= 0
    rows, quantity = np.unique(
        np.column_stack((by[told], giver[told], kind[at][told])), axis=0, return_counts=True
    )
    wrong = rng.random(len(quantity)) < _MISCOUNTED
    quantity = np.where(wrong, quantity + 1, quantity)
    return Received(rows[:, 0], rows[:, 1], rows[:, 2], quantity)
