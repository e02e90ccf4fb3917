"""The whole land account beside GEOS's bare union: full, at any day, and one report more.

    python bench/account.py [--hazards 3000] [--seed 1]

All rules of the account run on the data of ``bench/engines.py``: every release names its hazard,
some come twice, 3 % of the hazards lie over another, approvals lag. CPU seconds of one process;
the floor is `shapely.union_all` per hazard and one intersection, in the same run.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import resource
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

from engines import clusters, floor, hazards, releases

from tilth.core.chains import Said
from tilth.core.days import iso
from tilth.core.land import engines
from tilth.core.land.account import rows_at_levels
from tilth.core.land.balance import balance, not_closed
from tilth.core.land.book import LandBook
from tilth.core.land.clusters import clusters_of
from tilth.core.land.keeper import LandKeeper, arrange_clusters
from tilth.core.land.rows import LandRows

START = dt.date(2026, 1, 1).toordinal()


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def rss_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def fill(book: LandBook, areas: np.ndarray, released: np.ndarray, owner: np.ndarray) -> None:
    """Every hazard and release as a statement; two thirds are approved."""
    rng = np.random.default_rng(7)
    for number, area in enumerate(areas):
        digest = f"h{number:063d}"
        fields = {"classification": "CHA", "shape": True, "organisation": "A"}
        said = Said(
            digest,
            "op",
            "A",
            "record",
            "hazard_area",
            f"op/hazard_area/H{number}",
            happened_on=iso(START),
            fields=fields,
        )
        book.take(said, {digest: area})
    days = rng.integers(1, 300, len(released))
    kinds = rng.choice(["cancelled", "reduced", "cleared", "cleared", "cleared"], len(released))
    decided = []
    for number, shape in enumerate(released):
        digest = f"r{number:063d}"
        fields = {
            "release_type": str(kinds[number]),
            "hazard": f"H{owner[number]}",
            "shape": True,
            "methods": ["manual"],
            "organisation": f"O{number % 4}",
        }
        said = Said(
            digest,
            "op",
            "A",
            "record",
            "released_area",
            f"op/released_area/R{number:06d}",
            happened_on=iso(START + int(days[number])),
            fields=fields,
        )
        book.take(said, {digest: shape})
        if rng.random() < 0.66:
            decided.append(digest)
    decided += [f"h{number:063d}" for number in range(len(areas))]
    book.take(
        Said("d" * 64, "na", "A", "approve", "decision", "", decides=tuple(decided), fields={})
    )


def say(what: str, used: float, base: float, more: str = "") -> None:
    print(f"{what:50s} {used:7.2f} CPU s  {used / base:.3f}{more}", flush=True)


def one_more(keeper: LandKeeper, released: np.ndarray, owner: np.ndarray) -> None:
    """Time a report more, two hundred times: four levels current after each."""
    rng = np.random.default_rng(3)
    took = []
    for number in range(200):
        k = int(rng.integers(len(released)))
        digest = f"n{number:063d}"
        fields = {"release_type": "cleared", "hazard": f"H{owner[k]}", "shape": True}
        said = Said(
            digest,
            "op",
            "A",
            "record",
            "released_area",
            f"op/released_area/N{number:06d}",
            happened_on=iso(START + 301),
            fields=fields,
        )
        started = time.perf_counter()
        keeper.book.take(said, {digest: released[k]})
        keeper.update()
        took.append(1000 * (time.perf_counter() - started))
    p50, p99 = np.percentile(took, [50, 99])
    print(f"one report more: p50 {p50:.2f} ms, p99 {p99:.2f} ms, four levels current")


def any_day(keeper: LandKeeper) -> None:
    """Time the account at thirty days from kept rows, bytes to figures."""
    kept = keeper.rows("reported").to_bytes()
    started = time.perf_counter()
    rows = LandRows.from_bytes(kept)
    read = time.perf_counter() - started
    assert not len(not_closed(balance(rows, START + 200)))
    started = time.perf_counter()
    for until in range(0, 300, 10):
        balance(rows, START + until)
    each = (time.perf_counter() - started) / 30
    print(
        f"account at any day: {1000 * read:.0f} ms to read {len(kept) / 1e6:.1f} MB of kept rows, "
        f"then {1000 * each:.1f} ms; {len(rows.hazard)} rows"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hazards", type=int, default=3000)
    parser.add_argument("--per-hazard", type=float, default=21.5)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    areas = hazards(rng, args.hazards)
    released = releases(rng, areas, args.per_hazard)
    offset, shapes = clusters(areas, released)
    owner = np.zeros(len(released), int)
    for k in range(len(areas)):
        owner[shapes[offset[k] + 1 : offset[k + 1]] - len(areas)] = k
    engines.compile_now()
    print(f"{len(areas)} hazards, {len(released)} releases; RSS {rss_mb():.0f} MB")
    started = cpu()
    floor(np.concatenate([areas, released]), offset, shapes)
    base = cpu() - started
    say("floor: union_all per hazard and one intersection", base, base)
    gc.collect()
    gc.disable()  # as `tilth.service.accounting` does while it computes
    book = LandBook("na")
    started = cpu()
    fill(book, areas, released, owner)
    book.refresh()
    say("statements resolved at four levels", cpu() - started, base)
    keeper = LandKeeper(book)
    started = cpu()
    found = clusters_of(book, book.views)
    say("  of the account: clusters", cpu() - started, base)
    started = cpu()
    arrangement = arrange_clusters(book, found)
    say("  of the account: edge walk", cpu() - started, base)
    started = cpu()
    rows_at_levels(book, found, arrangement, ["reported"])
    say("  of the account: rules, one level", cpu() - started, base)
    started, wall = cpu(), time.perf_counter()
    keeper.recompute()
    more = f"  wall {time.perf_counter() - wall:.2f} s, RSS {rss_mb():.0f} MB"
    say("full account, all rules, four levels", cpu() - started, base, more)
    gc.freeze()  # what is kept for good need not be walked again; then the collector works on
    gc.enable()
    any_day(keeper)
    one_more(keeper, released, owner)


if __name__ == "__main__":
    main()
