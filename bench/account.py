"""The whole land account beside GEOS's bare union: full, at any day, and one report more.

    python bench/account.py [--hazards 3000] [--seed 1]

All rules of the account run on the data of ``bench/engines.py``: every release names its hazard,
some come twice, 3 % of the hazards lie over another, approvals lag. CPU seconds of one process;
the floor is `shapely.union_all` per hazard and one intersection, in the same run.
"""

from __future__ import annotations

import argparse
import cProfile
import datetime as dt
import pstats
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
from tilth.core.land.balance import balance, not_closed
from tilth.core.land.book import LandBook
from tilth.core.land.keeper import LandKeeper

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
            digest, "op", "A", "record", "hazard_area", f"op/hazard_area/H{number}",
            happened_on=iso(START), fields=fields,
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
            digest, "op", "A", "record", "released_area", f"op/released_area/R{number:06d}",
            happened_on=iso(START + int(days[number])), fields=fields,
        )
        book.take(said, {digest: shape})
        if rng.random() < 0.66:
            decided.append(digest)
    decided += [f"h{number:063d}" for number in range(len(areas))]
    book.take(Said("d" * 64, "na", "A", "approve", "decision", "", decides=tuple(decided), fields={}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hazards", type=int, default=3000)
    parser.add_argument("--per-hazard", type=float, default=34.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--profile", action="store_true")
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    areas = hazards(rng, args.hazards)
    released = releases(rng, areas, args.per_hazard)
    offset, shapes = clusters(areas, released)
    owner = np.zeros(len(released), int)
    for k in range(len(areas)):
        owner[shapes[offset[k] + 1 : offset[k + 1]] - len(areas)] = k
    engines.compile_now()
    print(f"{len(areas)} hazards, {len(released)} releases, generated; RSS {rss_mb():.0f} MB")
    geometries = np.concatenate([areas, released])
    started = cpu()
    floor(geometries, offset, shapes)
    base = cpu() - started
    print(f"floor: union_all per hazard and one intersection   {base:7.2f} CPU s   1.000")
    book = LandBook("na")
    started = cpu()
    fill(book, areas, released, owner)
    book.refresh()
    resolved = cpu() - started
    print(f"statements read and resolved at four levels        {resolved:7.2f} CPU s   {resolved / base:.3f}")
    keeper = LandKeeper(book)
    profile = cProfile.Profile()
    if args.profile:
        profile.enable()
    started, wall = cpu(), time.perf_counter()
    keeper.recompute()
    full = cpu() - started
    if args.profile:
        profile.disable()
        pstats.Stats(profile).sort_stats("cumtime").print_stats(22)
    print(f"full account, all rules, four levels               {full:7.2f} CPU s   {full / base:.3f}"
          f"   wall {time.perf_counter() - wall:.2f} s, RSS {rss_mb():.0f} MB")
    started = cpu()
    rows = keeper.rows("reported")
    joining = cpu() - started
    result = balance(rows, START + 200)
    assert not len(not_closed(result))
    started = time.perf_counter()
    for until in range(0, 300, 10):
        balance(rows, START + until)
    each = (time.perf_counter() - started) / 30
    print(f"rows of a level joined {1000 * joining:.0f} ms; account at any day {1000 * each:.1f} ms; "
          f"{len(rows.hazard)} rows, {sum(len(r.to_bytes()) for r in keeper.kept['reported'].values()) / 1e6:.1f} MB")
    took = []
    for number in range(200):
        k = int(rng.integers(len(released)))
        digest = f"n{number:063d}"
        fields = {"release_type": "cleared", "hazard": f"H{owner[k]}", "shape": True, "organisation": "O1"}
        said = Said(digest, "op", "A", "record", "released_area", f"op/released_area/N{number:06d}",
                    happened_on=iso(START + 301), fields=fields)
        started = time.perf_counter()
        book.take(said, {digest: released[k]})
        keeper.update()
        took.append(1000 * (time.perf_counter() - started))
    p50, p99 = np.percentile(took, [50, 99])
    print(f"one report more: p50 {p50:.2f} ms, p99 {p99:.2f} ms, four levels current")


if __name__ == "__main__":
    main()
