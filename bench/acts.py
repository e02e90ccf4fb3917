"""One act of a person beside the bare append of one statement, on SQLite and on PostgreSQL.

    python bench/acts.py [--tasks 3000] [--acts 60]

The workspace holds as many tasks, changes of status, teams and training results as the yardstick
operation; each act is permission, guards, and one transaction on the disk. Wall-clock milliseconds
in an open session, and the ratio of the median to appending one ready statement.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "store"))

import conftest
from tilth.service.deciding import Act, carry_out, plan
from tilth.service.joining import join
from tilth.service.quality import visit
from tilth.service.recording import draft_record, say, say_many
from tilth.service.register import register_of
from tilth.service.session import Session, open_session
from tilth.service.tasks import MoveWish, move_task
from tilth.service.upkeep import found
from tilth.store.opening import DATABASE_VARIABLE

GOAL_MS = 50
ON = "2026-03-02"


def fill(session: Session, tasks: int) -> None:
    """Authority and operator, one team in the middle of it all, and so many tasks on the way."""
    join(session, "Operator", code="OP", roles=["operator"], on="2026-01-01")
    say(session, "team", team("T-0"), speaking_for="OP")
    people = [member["person"] for member in team("T-0")["members"]]
    say(session, "training_course", course(), speaking_for="OP")
    rows = [("training_result", result(code)) for code in people]
    rows += [("training_result", result(f"P-{number:05d}")) for number in range(tasks // 4)]
    in_batches(session, rows, "OP")
    holders = [("organisation", "OP"), ("team", "T-0")]
    in_batches(session, [("accreditation", accreditation(*one)) for one in holders])
    hazard = {"local_id": "HA-1", "classification": "CHA", "happened_on": "2026-01-02"}
    point = {"type": "Point", "coordinates": [36_000_000_000, 50_000_000_000]}
    say(session, "hazard_area", {**hazard, "point": point})
    in_batches(session, [("task", task(number)) for number in range(tasks)])
    moves = [
        ("status_change", moved(session, number, *step))
        for number in range(tasks // 2)
        for step in (("issue", "planned", "issued"),)
    ]
    in_batches(session, moves)


def in_batches(session: Session, rows: list, speaking_for: str = "") -> None:
    for start in range(0, len(rows), 500):
        say_many(session, rows[start : start + 500], speaking_for=speaking_for)


def team(code: str) -> dict:
    functions = ("leader", "deminer", "deminer", "medic")
    members = [{"person": f"{code}-{n}", "function": f} for n, f in enumerate(functions)]
    return {
        "local_id": code,
        "code": code,
        "name": code,
        "echelon": "team",
        "happened_on": "2026-01-01",
        "activities": ["clearance"],
        "methods": ["manual"],
        "members": members,
    }


def course() -> dict:
    return {
        "local_id": "C-1",
        "code": "C-1",
        "name": "Basic",
        "activities": ["clearance"],
        "happened_on": "2026-01-05",
    }


def result(person: str) -> dict:
    return {
        "local_id": f"TR-{person}",
        "course": "C-1",
        "person": person,
        "result": "passed",
        "valid_until": "2027-01-05",
        "happened_on": "2026-01-20",
    }


def accreditation(holder_type: str, holder: str) -> dict:
    return {
        "local_id": f"A-{holder}",
        "holder_type": holder_type,
        "holder": holder,
        "organisation": "OP",
        "activities": ["clearance"],
        "status": "full",
        "issued_on": "2026-02-01",
        "expires_on": "2027-02-01",
        "happened_on": "2026-02-01",
    }


def task(number: int) -> dict:
    return {
        "local_id": f"K-{number:05d}",
        "happened_on": "2026-02-10",
        "assigned_to": "OP",
        "teams": ["T-0"],
        "activity": "clearance",
        "methods": ["manual"],
        "hazard": "HA-1",
        "required_depth_cm": "20",
        "marking": "Tape and signs",
        "order_number": f"TO-{number:05d}",
        "medical_plan": "Ambulance on the site",
        "evacuation_plan": "Road to the hospital",
    }


def moved(session: Session, number: int, move: str, source: str, target: str) -> dict:
    return {
        "local_id": f"K-{number:05d}-{move}",
        "happened_on": "2026-02-20",
        "axis": "task",
        "subject": f"{session.own}/task/K-{number:05d}",
        "move": move,
        "from_state": source,
        "to_state": target,
    }


def report(number: int) -> dict:
    return {
        "local_id": f"R-{number:05d}",
        "happened_on": ON,
        "organisation": "OP",
        "team": "T-0",
        "task": "K-00000",
        "activity": "clearance",
        "methods": ["manual"],
        "processed_area_m2": "120",
        "hours": "6",
        "personnel": 4,
        "items": [{"line_id": str(n), "category": "ap_mine", "quantity": 1} for n in range(15)],
    }


def acts(session: Session, tasks: int) -> Iterator[tuple[str, Callable[[int], object]]]:
    """Acts by name; each is called with a number that it may use once."""

    def bare(number: int) -> None:
        log = session.log_for("record", session.own)
        with session.workspace.writing():
            fields = {**task(90_000 + number), "local_id": f"BARE-{number}"}
            draft, _ = draft_record(session, "task", fields, log=log, author=session.own)
            drafts.append((draft, log))
            start = time.perf_counter()
            session.workspace.append([draft], log=log)
            bare_ms.append((time.perf_counter() - start) * 1e3)

    drafts: list = []
    yield "append one statement", bare
    yield (
        "say a report of 15 items",
        lambda n: say(session, "clearance_report", report(n), speaking_for="OP"),
    )
    yield "verify a report", lambda n: decide(session, "vouch", f"R-{n:05d}", "qa1")
    yield "approve a report", lambda n: decide(session, "approve", f"R-{n:05d}", "na1")
    yield "issue a task through its gate", lambda n: issue(session, tasks // 2 + n)
    yield (
        "start a task",
        lambda n: move_task(session, f"K-{n:05d}", "start", MoveWish(on=ON, speaking_for="OP")),
    )
    yield (
        "say a quality visit",
        lambda n: visit(
            session,
            {"inspected": "OP", "stage": "external", "result": "satisfactory", "team": "T-0"},
        ),
    )


bare_ms: list[float] = []


def decide(session: Session, act: str, record: str, actor: str) -> None:
    session.actor = actor
    reason = "Rates and gate seen on the site"
    carry_out(session, plan(session, Act(act, [record], reason=reason)))


def issue(session: Session, number: int) -> None:
    wish = MoveWish(on=ON)
    try:
        move_task(session, f"K-{number:05d}", "issue", wish)
    except Exception as refused:
        codes = sorted({one.code for one in refused.problems})  # type: ignore[attr-defined]
        raise SystemExit(f"the bench's own task is refused: {codes}") from refused


def measure(title: str, folder: Path, store: str, tasks: int, count: int) -> None:
    found(folder, organisation="Authority", store=store, actor="na1")
    with open_session(folder, actor="na1") as session:
        fill(session, tasks)
    with open_session(folder, actor="na1") as session:
        start = time.perf_counter()
        register_of(session)
        print(f"{title:<11} read the register once {(time.perf_counter() - start):6.2f} s")
        for name, act in acts(session, tasks):
            bare_ms.clear()
            taken = []
            for number in range(count):
                session.actor = "na1"
                start = time.perf_counter()
                act(number)
                taken.append((time.perf_counter() - start) * 1e3)
            taken = list(bare_ms) or taken
            if name == "append one statement":
                floor = statistics.median(taken)
            p50, p95 = statistics.median(taken), statistics.quantiles(taken, n=20)[18]
            verdict = "" if name == "append one statement" else f"   goal {GOAL_MS}"
            print(
                f"{title:<11} {name:<30} p50 {p50:7.1f} ms   p95 {p95:7.1f} ms"
                f"   {p50 / floor:5.1f}x the append{verdict}",
                flush=True,
            )


@contextmanager
def postgres() -> Iterator[None]:
    """A server of its own on a socket in a temporary folder, as the tests start one."""
    server = conftest.postgres_address.__wrapped__()
    os.environ[DATABASE_VARIABLE] = next(server)
    try:
        yield
    finally:
        del os.environ[DATABASE_VARIABLE]
        next(server, None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=3000)
    parser.add_argument("--acts", type=int, default=60)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure("SQLite", Path(folder) / "sqlite", "sqlite", asked.tasks, asked.acts)
        with postgres():
            measure("PostgreSQL", Path(folder) / "pg", "postgresql", asked.tasks, asked.acts)


if __name__ == "__main__":
    main()
