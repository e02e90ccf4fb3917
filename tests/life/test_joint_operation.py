"""Several organisations under one mandate: their totals and the joint total, and the mandate."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.core.geometry.encoding import value_of
from tilth.core.geometry.frame import Frame
from tilth.service.accounting import Question, account
from tilth.service.joining import join
from tilth.service.recording import correct, revise, say, say_many
from tilth.service.register import register_of
from tilth.service.session import Session, open_session
from tilth.service.upkeep import found

CENTRE = Frame(36_000_000_000, 50_000_000_000)
CLAIMS = ("cancelled_m2", "reduced_m2", "cleared_m2")
UNTIL = "2026-06-30"


def square(west: float, south: float, size: float) -> dict[str, Any]:
    """Canonical square given in metres of the centre."""
    ring = shapely.get_coordinates(shapely.box(west, south, west + size, south + size))
    return value_of(shapely.Polygon(np.round(CENTRE.unproject(ring), 9)))


@contextmanager
def operation(path: Path) -> Iterator[Session]:
    """Blue, the authority, with Red and Green; one hazard of 10 ha."""
    found(path, organisation="Blue")
    with open_session(path, actor="im1") as session:
        session.fix_frame(CENTRE)
        for name in ("Red", "Green"):
            join(session, name, code=name.upper())
        hazard = {"local_id": "HA-1", "classification": "CHA", "shape": square(0, 0, 316.227766)}
        say(session, "hazard_area", {**hazard, "happened_on": "2026-01-01"})
        yield session


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with operation(tmp_path / "work") as opened:
        yield opened


NAMES = ("Blue", "Red", "Green")
RELEASES = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(["cancelled", "reduced", "cleared"]),
        st.integers(0, 250),
        st.integers(0, 250),
        st.integers(20, 120),
        st.integers(1, 28),
    ),
    min_size=1,
    max_size=6,
)
ENDS = ("destroyed_in_place", "stored", "left_marked")
ITEMS = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(["ap_mine", "uxo", "saa"]),
        st.integers(1, 9),
        st.sampled_from([*ENDS, "", "to Red", "to Green", "from Blue"]),
    ),
    max_size=8,
)


def say_work(session: Session, releases: list[Any], items: list[Any]) -> None:
    number = itertools.count(1)
    rows: dict[str, list[tuple[str, dict[str, Any]]]] = {name: [] for name in NAMES}
    for name, kind, west, south, size, on in releases:
        fields = {"local_id": f"RA-{next(number)}", "release_type": kind, "organisation": name}
        more = {"happened_on": f"2026-03-{on:02d}", "shape": square(west, south, size)}
        rows[name].append(("released_area", {**fields, **more}))
    for name, category, quantity, end in items:
        line: dict[str, Any] = {"line_id": "1", "category": category, "quantity": quantity}
        if end.startswith("to ") and end[3:] != name:
            line |= {"disposal": "handed_over", "handed_over_to": end[3:]}
        elif end.startswith("from ") and end[5:] != name:
            line |= {"received_from": end[5:]}
        elif end in ENDS:
            line["disposal"] = end
        fields = {"local_id": f"R-{next(number)}", "happened_on": "2026-03-05", "items": [line]}
        rows[name].append(("clearance_report", {**fields, "organisation": name}))
    for name, mine in rows.items():
        say_many(session, mine, speaking_for="" if name == "Blue" else name.upper())


@settings(max_examples=15)
@given(RELEASES, ITEMS)
def test_the_organisations_totals_and_the_joint_total_agree(
    releases: list[Any], items: list[Any]
) -> None:
    """Issue §7 e: to the m² and to the item, whatever they claim of each other's ground."""
    with TemporaryDirectory() as folder, operation(Path(folder) / "work") as session:
        say_work(session, releases, items)
        for by in ("organisation", "project", "month", "method"):
            answer = account(session, Question(until=UNTIL, by=by))
            for claim in CLAIMS:
                rows = sum(row.get(claim, 0.0) for row in answer["by"])
                assert abs(rows - answer["land"][claim]) < 1e-5
        answer = account(session, Question(until=UNTIL, by="organisation"))
        land, joint = answer["land"], answer["items"]
        assert abs(land["closure_m2"]) <= 1e-6
        balance = land["recorded_m2"] + land["extensions_m2"] - land["overlaps_m2"]
        assert abs(balance - sum(land[c] for c in CLAIMS) - land["remaining_m2"]) < 1e-5
        assert joint["closure"] == 0
        for term in ("found", *ENDS, "unaccounted", "small_arms_found"):
            assert sum(row["items"][term] for row in answer["by"]) == joint[term]
        between = {
            term: sum(row["items"][term] for row in answer["by"]) - joint[term]
            for term in ("received", "handed_over")
        }
        assert between["received"] == between["handed_over"] >= 0


def test_ground_that_both_claim_is_credited_once_and_a_handed_item_is_counted_once(
    session: Session,
) -> None:
    releases = [("Red", "cleared", 0, 0, 100, 3), ("Green", "cleared", 50, 0, 100, 5)]
    items = [("Red", "ap_mine", 7, "to Green"), ("Green", "ap_mine", 4, "from Red")]
    say_work(session, releases, items)
    answer = account(session, Question(until=UNTIL, by="organisation"))
    cleared = {row["organisation"]: round(row.get("cleared_m2", 0)) for row in answer["by"]}
    assert cleared == {"Red": 10_000, "Green": 5_000}
    assert round(answer["land"]["cleared_m2"]) == 15_000
    assert (answer["items"]["found"], answer["items"]["handed_over"]) == (7, 3)


def test_a_corrected_task_moves_what_was_done_under_it_to_its_project(session: Session) -> None:
    say(session, "project", {"code": "P-1", "local_id": "P-1", "donor": "D"})
    task = say(session, "task", {"local_id": "T-1", "project": "P-1"})
    fields = {"release_type": "cleared", "task": task.record, "happened_on": "2026-03-01"}
    say(session, "released_area", {**fields, "shape": square(0, 0, 100)}, speaking_for="RED")
    report = {"task": "T-1", "items": [{"category": "uxo", "quantity": 3}]}
    say(session, "clearance_report", {**report, "happened_on": "2026-03-01"})

    def by_project(known_at: str = "") -> dict[str, tuple[int, int]]:
        answer = account(session, Question(until=UNTIL, by="project", known_at=known_at))
        return {
            row["project"]: (round(row.get("cleared_m2", 0)), row["items"]["found"])
            for row in answer["by"]
        }

    assert by_project() == {"P-1": (10_000, 3)}
    before = len(session.workspace.store.receipts())
    correct(session, task.record, {"project": "P-2"})
    assert by_project() == {"P-2": (10_000, 3)}
    assert by_project(f"position:{before}") == {"P-1": (10_000, 3)}


def area_m2(shape: dict[str, Any]) -> int:
    ring = np.array(shape["coordinates"][0]) / 1e9
    return round(shapely.Polygon(CENTRE.project(ring)).area)


def test_the_boundary_of_1_march_is_not_that_of_1_june(session: Session) -> None:
    correct(session, "operation", {"boundary": square(0, 0, 1000), "ordered_by": "Council"})
    revise(session, "operation", {"boundary": square(0, 0, 2000)}, "2026-06-01")
    mandate = register_of(session).find("operation", "operation")
    assert mandate is not None
    assert area_m2(mandate.at("2026-03-01")["boundary"]) == 1_000_000
    assert area_m2(mandate.at("2026-05-31")["boundary"]) == 1_000_000
    assert area_m2(mandate.at("2026-06-01")["boundary"]) == 4_000_000
    assert mandate.at("2026-06-01")["ordered_by"] == "Council"
