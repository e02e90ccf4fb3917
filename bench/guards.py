"""Every guard over clearance reports: gate, rates, own work; and the findings of the same reports.

    python bench/guards.py [--reports 100000] [--teams 200] [--seed 1]

A formation of four organisations with teams of eight, each with two courses, renewed and suspended
accreditations, detectors and machines with tests; every report names a team, methods, assets, a
polygon and lines of work, a few of them nobody's or with a slipped decimal point. CPU seconds of
one process; the floor is one bare pass over the same rows that reads the fields the guards read.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from tilth.core.chains import Said
from tilth.core.days import iso, ordinal
from tilth.core.life.register import Register
from tilth.core.life.release import own_work
from tilth.core.life.reports import ReportCheck

START = ordinal("2026-01-01")
DAYS = 300
ORGANISATIONS = ("a" * 32, "b" * 32, "c" * 32, "d" * 32)
AUTHORITY = "e" * 32
METHODS = (["manual_detector"], ["bac_surface"], ["mdd", "manual"], ["flail", "manual_detector"])
GOAL_S = 30


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def rss_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def day(number: int) -> str:
    return iso(START + int(number))


class Formation:
    """Says the records of a formation."""

    def __init__(self) -> None:
        self.register = Register(AUTHORITY)
        self.count = 0

    def say(self, kind: str, local: str, by: str, on: str = "", **fields: Any) -> None:
        record = f"{by}/{kind}/{local}"
        act = "revise" if on else "record"
        self.count += 1
        digest = f"{self.count:064d}"
        happened_on = on or day(0)
        said = Said(digest, by, "p1", act, kind, record, happened_on=happened_on, fields=fields)
        self.register.take(said)

    def team(self, number: int, rng: np.random.Generator) -> None:
        owner = ORGANISATIONS[number % len(ORGANISATIONS)]
        people = [f"P-{number}-{one}" for one in range(8)]
        code = f"T-{number}"
        members = [{"person": person, "function": "deminer"} for person in people]
        self.say("team", code, owner, code=code, members=members)
        for person in people:
            for course, until in (("C-1", 150), ("C-2", 400)):
                result = {"course": course, "person": person, "result": "passed"}
                local = f"{person}.{course}"
                self.say("training_result", local, owner, **result, valid_until=day(until))
        span = {"issued_on": day(0), "expires_on": day(200), "status": "full"}
        scope = {"activities": ["clearance", "bac"], "holder_type": "team", "holder": code}
        self.say("accreditation", f"A-{number}", AUTHORITY, **scope, **span)
        self.say("accreditation", f"A-{number}", AUTHORITY, day(190), expires_on=day(400))
        if number % 10 == 0:
            out = int(rng.integers(20, 250))
            self.say("accreditation", f"A-{number}", AUTHORITY, day(out), status="suspended")
            self.say("accreditation", f"A-{number}", AUTHORITY, day(out + 20), status="full")
        for sort in ("detector", "machine", "dog"):
            tests = [
                {"tested_on": day(at), "test": "test_field", "result": "passed",
                 "valid_until": day(at + 60)}
                for at in range(0, DAYS, 55)
            ]  # fmt: skip
            self.say("asset", f"{code}-{sort}", owner, asset_type=sort, tests=tests)


def formation(teams: int, rng: np.random.Generator) -> Register:
    said = Formation()
    for number, owner in enumerate(ORGANISATIONS):
        code = f"ORG-{number}"
        said.say("organisation", code, AUTHORITY, code=code, log_id=owner, roles=["operator"])
        span = {"issued_on": day(0), "expires_on": day(400), "status": "full"}
        said.say("accreditation", code, AUTHORITY, holder_type="organisation", holder=code, **span)
    for course in ("C-1", "C-2"):
        said.say("training_course", course, AUTHORITY, code=course, activities=["clearance", "bac"])
    for number in range(teams):
        said.team(number, rng)
    said.register.refresh()
    return said.register


def rows(number: int, teams: int, rng: np.random.Generator) -> list[tuple[str, dict[str, Any]]]:
    made = []
    team_of, day_of = rng.integers(0, teams, number), rng.integers(0, DAYS, number)
    method_of, slips = rng.integers(0, len(METHODS), number), rng.random(number) < 0.001
    east, north = rng.integers(0, 10**8, number), rng.integers(0, 10**8, number)
    for at in range(number):
        team, method = int(team_of[at]), METHODS[int(method_of[at])]
        owner = team % len(ORGANISATIONS)
        x, y = 18_000_000_000 + int(east[at]), 44_000_000_000 + int(north[at])
        ring = [[x, y], [x + 250_000, y], [x + 250_000, y + 180_000], [x, y + 180_000], [x, y]]
        area = 398 * (100 if slips[at] else 1)
        fields = {
            "happened_on": day(day_of[at]),
            "organisation": f"ORG-{owner}",
            "team": f"T-{team}" if at % 997 else "T-nobody",
            "methods": method,
            "assets": [f"T-{team}-detector", f"T-{team}-machine"][: 1 + at % 2],
            "personnel": 8,
            "processed_area_m2": str(area),
            "work": [{"method": one, "processed_area_m2": "398"} for one in method],
            "shape": {"type": "Polygon", "coordinates": [ring]},
        }
        made.append((f"{ORGANISATIONS[owner]}/clearance_report/R{at}", fields))
    return made


def bare(reports: list[tuple[str, dict[str, Any]]]) -> float:
    started, total = cpu(), 0.0
    for record, fields in reports:
        total += float(fields["processed_area_m2"]) + len(record) + len(fields["assets"])
        total += fields["personnel"] + len(fields["happened_on"]) + len(fields["team"])
        total += sum(float(line["processed_area_m2"]) for line in fields["work"])
        total += sum(x + y for x, y in fields["shape"]["coordinates"][0])
    assert total
    return cpu() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=100_000)
    parser.add_argument("--teams", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    register = formation(options.teams, rng)
    reports = rows(options.reports, options.teams, rng)
    base = bare(reports)
    print(f"{len(reports)} reports of {options.teams} teams, RSS {rss_mb():.0f} MB")
    print(f"bare pass over the rows      {base:7.2f} CPU s     1.0")

    started, wall = cpu(), time.perf_counter()
    check = ReportCheck(register)
    ready = cpu() - started
    barred = 0
    called = register.codes(AUTHORITY)
    for record, fields in reports:
        found = check.problems(record, fields)
        found += own_work(record, record[:32], fields, AUTHORITY, called)
        barred += bool(found)
    used, took = cpu() - started, time.perf_counter() - wall
    print(
        f"all guards                   {used:7.2f} CPU s  {used / base:6.1f}  "
        f"(gate made ready in {ready:.2f} s), {barred} reports barred; "
        f"goal {GOAL_S} s: {'met' if took <= GOAL_S else 'MISSED'}"
    )

    started = cpu()
    check = ReportCheck(register)
    noticed = sum(len(check.findings(record, fields)) for record, fields in reports)
    used = cpu() - started
    print(f"findings of the same reports {used:7.2f} CPU s  {used / base:6.1f}  {noticed} findings")
    print(f"RSS {rss_mb():.0f} MB")


if __name__ == "__main__":
    main()
