"""What documents say: every number that of the accounts, nothing of people but codes.

P1 areas and items are those of `tilth account`; P2 organisations add up to the joint row; P3 a
dossier and a certificate name what lies around at *prudent*; P4 a document of a day says how things
stood on that day; P5 nothing that is not known is filled in.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from operation import NAMES, OCP, SEC, Operation, area, make_operation

from tilth.core import canonical
from tilth.core.chains import LEVELS
from tilth.core.geometry.encoding import shape_of, value_of
from tilth.core.problems import Refused
from tilth.documents.blocks import Fields, Table
from tilth.documents.layouts.service import layout as service_layout
from tilth.documents.reader import Reader
from tilth.service.accounting import Question, account
from tilth.service.findings import finding_counts
from tilth.service.paper_values import (
    completion,
    handover,
    operation,
    qa_visit,
    release,
    service,
    situation,
    task_order,
)
from tilth.service.paper_values.desk import desk, m2
from tilth.service.paper_values.ground import ground_account, turning_points

LAND = (
    "recorded_m2",
    "extensions_m2",
    "overlaps_m2",
    "cancelled_m2",
    "reduced_m2",
    "cleared_m2",
    "remaining_m2",
    "processed_m2",
    "reprocessed_m2",
)
EVERY = (
    (task_order, "TO-2026-001"),
    (situation, "weekly"),
    (qa_visit, "QV-1"),
    (completion, "T-1"),
    (completion, "HA-1"),
    (handover, "HC-2026-001"),
    (release, "RA-1"),
    (operation, ""),
    (service, "SEC-3"),
    (service, "P-01"),
)


@pytest.fixture(scope="module")
def op(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operation]:
    """Only read: tests that say something make their own."""
    made = make_operation(tmp_path_factory.mktemp("documents") / "work")
    with made.session:
        yield made


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Operation]:
    made = make_operation(tmp_path / "work")
    with made.session:
        yield made


def of_hazard(op: Operation, hazard: str, level: str, until: str = "") -> dict[str, str]:
    """Row of a hazard in the account of the whole, areas as values write them."""
    whole = account(op.session, Question(until=until, by="hazard"), level)
    for row in whole["by"]:
        if str(row["hazard"]).endswith(f"/{hazard}"):
            return {name: m2(float(row[name])) for name in LAND}
    return {name: m2(0) for name in LAND}


@pytest.mark.parametrize(("builder", "subject"), EVERY)
def test_a_value_has_canonical_bytes_and_no_name_of_a_person(
    op: Operation, builder: Any, subject: str
) -> None:
    data = canonical.encode(value := builder.build(op.session, subject))
    canonical.require_canonical(value)
    assert not [name for name in NAMES.values() if name.encode() in data]
    assert value["synthetic"] is True
    assert builder.build(op.session, subject) == value


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("until", ["2026-02-10", "2026-03-21", "2026-06-10"])
def test_the_account_of_a_hazard_is_that_of_the_whole(
    op: Operation, level: str, until: str
) -> None:
    """P1"""
    order = task_order.build(op.session, "T-1", level=level, until=until)
    done = completion.build(op.session, "T-1", level=level, until=until)
    told = of_hazard(op, "HA-1", level, until)
    for value in (order["hazard"]["account"], done["account"]):
        assert {name: value["land"][name] for name in LAND} == told
        assert value["not_closed"] == []


@pytest.mark.parametrize("level", LEVELS)
def test_what_releases_are_credited_with_is_what_the_account_says_is_released(
    op: Operation, level: str
) -> None:
    """P1"""
    asked = desk(op.session, "any", level=level)
    ground = ground_account(asked, [op.record("hazard_area", "HA-1")])
    land = ground.account["land"]
    released = sum(Decimal(land[f"{name}_m2"]) for name in ("cancelled", "reduced", "cleared"))
    credited = sum(Decimal(m2(area)) for area in ground.credited.values())
    assert abs(credited - released) < Decimal("0.0001")
    assert released > 0


def test_what_a_hazards_account_leaves_out_is_its_own(op: Operation) -> None:
    """P1: RA-4 is not approved; HA-3, elsewhere, is no concern of HA-1."""
    ground = ground_account(
        desk(op.session, "any", level="approved"), [op.record("hazard_area", "HA-1")]
    )
    left = ground.account["left_out"]["below_level"]
    assert (left["records"], round(float(left["m2"]))) == (1, 40_000)


@pytest.mark.parametrize("level", LEVELS)
def test_the_operation_report_tells_the_accounts_at_every_level(op: Operation, level: str) -> None:
    """P1"""
    value = operation.build(op.session, level=level)
    whole = account(op.session, Question(), level)
    for name in LAND:
        assert value["account"]["land"][name] == m2(float(whole["land"][name])), name
    assert value["account"]["items"] == whole["items"]
    for row in value["levels"]:
        told = account(op.session, Question(), row["level"])["land"]
        assert row["land"]["remaining_m2"] == m2(float(told["remaining_m2"]))


DAYS = [(date(2026, 1, 1) + timedelta(days=n)).isoformat() for n in range(0, 160, 3)]


@settings(max_examples=40)
@given(days=st.lists(st.sampled_from(DAYS), min_size=2, max_size=2, unique=True).map(sorted))
@pytest.mark.parametrize("level", ["reported", "approved"])
def test_organisations_add_up_to_the_joint_row(op: Operation, level: str, days: list[str]) -> None:
    """P2, over any two days."""
    since, until = days
    asked = desk(op.session, "any", level=level, until=until)
    *rows, joint = situation.organisation_rows(asked, since)
    for name in ("cancelled_m2", "reduced_m2", "cleared_m2"):
        assert abs(sum(Decimal(row[name]) for row in rows) - Decimal(joint[name])) < Decimal("1e-4")
    for name in ("found", "destroyed", "unaccounted"):
        assert sum(row[name] for row in rows) == joint[name]
    before, after = (account(op.session, Question(until=day), level) for day in days)
    assert joint["found"] == after["items"]["found"] - before["items"]["found"]
    cleared = after["land"]["cleared_m2"] - before["land"]["cleared_m2"]
    assert abs(float(joint["cleared_m2"]) - cleared) < 1e-4


def test_each_organisation_has_one_row_by_its_code_whatever_its_records_call_it(
    op: Operation,
) -> None:
    """The account calls it by its name, reports by its code."""
    value = situation.build(op.session, "2026-03-02", until="2026-03-08")
    *rows, _ = value["organisations"]
    codes = [row["code"] for row in rows]
    assert codes == sorted(set(codes))
    assert "SEC" in codes
    assert not {row["name"] for row in rows} & set(codes)
    told = operation.build(op.session, "operation")
    for part in ("per_organisation", "work"):
        *named, _ = told[part]
        assert len({row["code"] for row in named}) == len({row["name"] for row in named})
        assert {row["code"] for row in named} <= {"SEC", "OCP", "MAA", "QAB"}


def test_a_weeks_report_tells_that_weeks_work_and_nothing_else(op: Operation) -> None:
    """P4: CR-2 is of 5 March, CR-3 of 10 March."""
    value = situation.build(op.session, "2026-03-02", until="2026-03-08")
    assert value["period"] == {"first_day": "2026-03-02", "last_day": "2026-03-08", "days": 7}
    assert (value["work"]["reports"], value["work"]["hours"]) == (1, "6.5")
    assert value["stoppages"] == [{"cause": "weather", "hours": "1.5"}]
    assert value["organisations"][-1]["found"] == 3
    assert value["accidents"] == []
    assert situation.build(op.session, "weekly", until="2026-03-08") == value
    day = situation.build(op.session, "daily", until="2026-03-10")
    assert (day["since"], day["work"]["reports"]) == ("2026-03-09", 1)


def test_movements_of_a_period_lead_from_its_beginning_to_its_end(op: Operation) -> None:
    """P1: the week in which HA-3 was recorded."""
    moved = situation.build(op.session, "2026-04-27", until="2026-05-03")["account"]["movements"]
    assert moved["newly_recorded_m2"] == m2(float(Decimal(moved["newly_recorded_m2"])))
    signs = {"newly_recorded": 1, "newly_extended": 1, "newly_overlapping": -1, "revoked": 1,
             "cancelled": -1, "reduced": -1, "cleared": -1}  # fmt: skip
    end = Decimal(moved["remaining_since_m2"])
    end += sum(sign * Decimal(moved[f"{name}_m2"]) for name, sign in signs.items())
    assert abs(end - Decimal(moved["remaining_m2"])) < Decimal("1e-4")
    assert round(float(moved["newly_recorded_m2"])) == 16_000


def test_what_is_only_reported_is_no_work_of_an_approved_report(op: Operation) -> None:
    """P1: CR-9 of civil protection was never checked."""
    approved = situation.build(op.session, "2026-01-01", level="approved", until="2026-06-10")
    reported = situation.build(op.session, "2026-01-01", level="reported", until="2026-06-10")
    assert (approved["work"]["reports"], reported["work"]["reports"]) == (4, 5)


def test_a_task_order_of_a_day_says_how_the_task_stood_on_that_day(op: Operation) -> None:
    """P4"""
    states = {
        until: task_order.build(op.session, "T-1", until=until)["order"]["state"]
        for until in ("2026-02-02", "2026-02-25", "2026-03-05", "2026-06-10")
    }
    assert list(states.values()) == ["issued", "suspended", "worked_on", "accepted"]


def test_an_accident_on_the_worksite_stands_in_order_and_report(op: Operation) -> None:
    order = task_order.build(op.session, "TO-2026-002")
    assert order["order"]["state"] == "suspended"
    assert [one["record"] for one in order["accidents"]] == ["A-1"]
    assert [one["accident"] for one in completion.build(op.session, "T-2")["accidents"]] == ["A-1"]


def test_a_dossier_names_what_lies_around_with_distance_and_direction(op: Operation) -> None:
    """P3: HA-2 lies 100 m east of the worksite; HA-3, 890 m away, is not named."""
    order = task_order.build(op.session, "T-1")
    assert [
        (one["hazard"], one["distance_m"], one["bearing_deg"]) for one in order["neighbours"]
    ] == [("HA-2", 100, 90)]
    told = of_hazard(op, "HA-2", "prudent")["remaining_m2"]
    assert order["neighbours"][0]["remaining_m2"] == told
    (evidence,) = order["evidence"]
    assert (evidence["record"], evidence["distance_m"]) == ("EV-1", 0)
    (team,) = order["teams"]
    assert [one["person"] for one in team["members"]] == ["P-01", "P-02", "P-03"]
    assert team["members"][0]["function"] == "leader"


def test_a_certificate_names_a_hazard_nobody_has_approved_yet(fresh: Operation) -> None:
    """P3: suspicion needs no approval."""
    fresh.say(
        OCP, "sv9", "hazard_area", "HA-9", "2026-06-01", classification="SHA",
        shape=area(510, -300, 540, -200),
    )  # fmt: skip
    value = handover.build(fresh.session, "HO-1")
    near = {one["hazard"]: one for one in value["nearby"]}
    assert (near["HA-9"]["distance_m"], near["HA-9"]["level"]) == (60, "prudent")
    assert not [one for one in value["map"]["layers"] if one["label"] == "HA-9"]


def test_a_certificate_says_what_was_done_by_whom_how_deep_and_on_what_evidence(
    op: Operation,
) -> None:
    value = handover.build(op.session, "HC-2026-001")
    (done,) = value["releases"]
    assert (done["release"], done["depth_cm"], done["search"]) == ("RA-3", "15", "subsurface")
    assert done["organisation"] == {"code": "SEC", "name": SEC}
    assert done["credited_m2"] == m2(float(Decimal(done["area_m2"])))
    assert [one["act"] for one in done["decisions"]] == ["vouch", "approve"]
    assert done["decisions"][1]["rule_set"].startswith("tilth-default/")
    assert value["work"]["reports"] == 4
    assert value["sampled"][""]["permille"] == 200
    assert value["handover"]["present"] == {"women": 14, "men": 11, "girls": 3, "boys": None}


def test_ground_that_lost_its_approval_counts_nothing_on_a_new_certificate(
    fresh: Operation,
) -> None:
    """P1"""
    fresh.decide("return", "ma2", "RA-3", reason="Wrong paper")
    (done,) = handover.build(fresh.session, "HO-1")["releases"]
    assert (done["counts"], done["credited_m2"]) == (False, m2(0))


def test_a_revocation_stands_on_every_document_of_its_ground(fresh: Operation) -> None:
    fresh.decide("revoke", "ma2", "RA-3", reason="A mine was found", on="2026-06-05")
    for value in (handover.build(fresh.session, "HO-1"), release.build(fresh.session, "RA-3")):
        assert [(one["act"], one["on"]) for one in value["reopened"]] == [("revoke", "2026-06-05")]
    whole = operation.build(fresh.session)
    assert whole["reopened"][0]["releases"] == 1


def test_samples_from_before_the_work_ended_cover_nothing(op: Operation) -> None:
    """SI-2 is of 11 March, the ground was finished on 20 March: only SI-1 counts."""
    value = completion.build(op.session, "T-1")
    assert [one["sample"] for one in value["samples"]] == ["SI-2", "SI-1"]
    assert round(float(value["sampled"][""]["sampled_m2"])) == 12_000


def test_explosives_and_items_of_a_task_close(op: Operation) -> None:
    value = completion.build(op.session, "T-1")
    (stock,) = value["explosives"]
    assert [stock[name] for name in ("allotted", "issued", "used", "returned", "held")] == [
        "40", "12", "8", "4", "0",
    ]  # fmt: skip
    joint = value["items"]["joint"]
    assert joint["found"] == sum(row["found"] for row in value["items"]["by"]) == 12
    assert joint["destroyed_in_place"] + joint["moved_and_destroyed"] == 12


def test_a_nonconformity_is_open_until_the_day_somebody_else_closed_it(op: Operation) -> None:
    """P4"""
    (raised,) = qa_visit.build(op.session, "QV-1", until="2026-03-13")["nonconformities"]
    assert (raised["state"], raised["closed_by"]) == ("action_taken", "")
    (closed,) = qa_visit.build(op.session, "QV-1")["nonconformities"]
    assert (closed["state"], closed["closed_on"]) == ("closed", "2026-03-14")
    assert closed["closed_by"] == "Oravel Inspectorate"


def test_the_checklist_comes_in_the_order_of_the_list(op: Operation) -> None:
    asked = [one["question"] for one in qa_visit.build(op.session, "QV-1")["checklist"]]
    assert asked == ["marking", "sop", "accredited", "medic", "visitor_log", "overall"]


def test_the_whole_story_has_every_part(op: Operation) -> None:
    value = operation.build(op.session)
    assert value["mandate"]["order_document"] == "Agreement 7 of 3 January 2026"
    assert [one["code"] for one in value["organisations"]] == ["MAA", "OCP", "QAB", "SEC"]
    assert [one["people"] for one in value["formation"]] == [1, 3]
    assert [(one["passed"], one["failed"]) for one in value["training"]] == [(3, 1)]
    assert {one["holder"]: one["status"] for one in value["accreditations"]}["OCP-1"] == "suspended"
    assert value["tasks_total"] == sum(sum(one["states"].values()) for one in value["task_states"])
    assert value["work"][-1]["reports"] == 5
    assert (
        value["handovers"]["area_m2"]
        == handover.build(op.session, "HO-1")["releases"][0]["credited_m2"]
    )
    assert value["handovers"]["present"]["boys"] is None
    left = {one["organisation"]: [row["code"] for row in one["left"]] for one in value["returned"]}
    assert left == {
        "Oravel Civil Protection": ["deployment_open", "task_not_ended"],
        SEC: ["asset_not_reconciled"],
    }
    assert [one["honour_type"] for one in value["honours"]] == [
        "Medal of the border",
        "Letter of thanks",
    ]


def test_every_finding_left_open_is_counted(op: Operation) -> None:
    told = {one["code"]: one["open"] for one in operation.build(op.session)["findings"]}
    assert told == finding_counts(op.session)


def test_a_correction_of_a_report_counts_once(fresh: Operation) -> None:
    from tilth.service.recording import correct

    fresh.session.actor = "tl1"
    correct(fresh.session, "CR-1", {"hours": "8"})
    work = operation.build(fresh.session)["work"][-1]
    assert (work["reports"], work["hours"]) == (5, "32.50")


def test_a_service_record_names_the_organisation_and_counts_small_arms_apart(
    op: Operation,
) -> None:
    value = service.build(op.session, "P-01")
    assert value["organisation"] == service.build(op.session, "SEC-3")["organisation"]
    lines = [("ap_mine", 3), ("saa", 500), ("uxo", 4)]
    value["items"] = [{"category": name, "pieces": pieces} for name, pieces in lines]
    blocks = service_layout(value, Reader("en", str)).blocks
    items = next(one for one in blocks if isinstance(one, Table) and "Pieces" in str(one.columns))
    assert [row[1] for row in items.rows] == ["3", "4"]
    assert items.total[1] == "7"
    fields = [pair for one in blocks if isinstance(one, Fields) for pair in one.rows]
    assert ("small-arms ammunition, apart", "500") in fields


def test_service_is_told_by_code(op: Operation) -> None:
    person = service.build(op.session, "P-02")
    assert (person["person"], person["team"], person["days_deployed"]) == ("P-02", None, 120)
    assert [one["honour_type"] for one in person["honours"]] == ["Letter of thanks"]
    team = service.build(op.session, "SEC-3")
    assert (team["organisation"], team["reports"]) == (SEC, 4)


def test_a_blank_stays_a_blank(fresh: Operation) -> None:
    """P5: an order with nothing but its number."""
    fresh.say("Oravel Mine Action Authority", "ma1", "task", "T-9", "2026-06-01", order_number="X")
    order = task_order.build(fresh.session, "T-9")
    assert order["hazard"] is None
    assert (order["order"]["medical_plan"], order["order"]["evacuation_minutes"]) == ("", "")
    assert (order["teams"], order["neighbours"], order["map"]) == ([], [], None)


@pytest.mark.parametrize(
    ("builder", "subject", "more", "code"),
    [
        (task_order, "nothing", {}, "no_subject"),
        (completion, "nothing", {}, "no_subject"),
        (release, "HA-1", {}, "no_subject"),
        (operation, "another operation", {}, "no_subject"),
        (handover, "HO-1", {"level": "perfect"}, "bad_level"),
        (qa_visit, "QV-1", {"until": "yesterday"}, "bad_day"),
        (situation, "monthly", {}, "bad_period"),
        (situation, "2026-07-01", {"until": "2026-06-10"}, "bad_period"),
        (service, "nobody", {}, "nobody_served"),
    ],
)
def test_what_cannot_be_made_says_why(
    op: Operation, builder: Any, subject: str, more: dict[str, str], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        builder.build(op.session, subject, **more)
    assert [one.code for one in refused.value.problems] == [code]


GEOD = pyproj.Geod(ellps="WGS84")
coordinates = st.tuples(st.floats(30, 30.02), st.floats(49, 49.02))


@given(points=st.lists(coordinates, min_size=3, max_size=12, unique=True))
def test_who_walks_the_turning_points_comes_back_to_the_first(
    points: list[tuple[float, float]],
) -> None:
    hull = shapely.convex_hull(shapely.MultiPoint(points))
    if hull.geom_type != "Polygon" or hull.area < 1e-8:
        return
    shape = value_of(hull)
    rows = turning_points(shape)
    ring = shapely.get_coordinates(shape_of(shape).exterior)
    assert len(rows) == len(ring) - 1
    assert len({row["label"] for row in rows}) == len(rows)
    metres = sum(float(row["to_next_m"]) for row in rows)
    assert metres == pytest.approx(GEOD.line_length(ring[:, 0], ring[:, 1]), abs=0.01 * len(ring))
    longitude, latitude = float(rows[0]["longitude"]), float(rows[0]["latitude"])
    for row in rows:
        longitude, latitude, _ = GEOD.fwd(
            longitude, latitude, float(row["bearing_deg"]), float(row["to_next_m"])
        )
    _, _, missed = GEOD.inv(
        longitude, latitude, float(rows[0]["longitude"]), float(rows[0]["latitude"])
    )
    # A tenth of a degree and a centimetre a leg are what the table rounds away.
    assert missed < metres * np.radians(0.05) + 0.01 * len(rows)


def test_points_on_a_straight_leg_are_intermediate_and_holes_are_numbered_apart() -> None:
    outer = [(0, 0), (0.001, 0), (0.002, 0), (0.002, 0.002), (0, 0.002)]
    hole = [(0.0005, 0.0005), (0.0005, 0.001), (0.001, 0.001)]
    rows = turning_points(value_of(shapely.Polygon(outer, [hole])))
    assert [row["label"] for row in rows] == [
        "TP1", "IP1", "TP2", "TP3", "TP4", "2-TP1", "2-TP2", "2-TP3",
    ]  # fmt: skip
