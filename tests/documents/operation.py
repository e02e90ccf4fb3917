"""A small synthetic operation, from mandate to honours, to make documents of.

An authority, an inspectorate and two operators of two states. The engineers clear HA-1 (100 ha:
60 cancelled, 25 reduced, 10 cleared, of which 6 are handed over), civil protection works HA-2,
where one nonconformity is open and an accident has stopped the work.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from tilth.core.geometry.encoding import value_of
from tilth.core.geometry.frame import Frame
from tilth.core.kinds.catalogue import KINDS
from tilth.service.deciding import Act, carry_out, plan
from tilth.service.recording import Spoken, revise, say, say_many
from tilth.service.session import Session
from tilth.store.settings import Party
from tilth.store.signers import Surroundings
from tilth.store.workspace import Workspace

FRAME = Frame(36_000_000_000, 50_000_000_000)
TODAY = "2026-06-10"
SEC, OCP, QAB = "Suldane Engineer Contingent", "Oravel Civil Protection", "Oravel Inspectorate"
MAA = "Oravel Mine Action Authority"
NAMES = {
    "P-01": "Ivana Brodnek",
    "P-02": "Tamir Oselora",
    "P-03": "Lea Vilsawyn",
    "P-09": "Marek Quodal",
}
"""Names of invented people by their codes; only the vault may hold them."""


def _degrees(shape: Any) -> dict[str, Any]:
    return value_of(FRAME.unproject_geometries(np.array([shape], dtype=object))[0])


def area(west: float, south: float, east: float, north: float, cut: float = 0) -> dict[str, Any]:
    """Rectangle in metres around the frame's centre, its north-east corner cut off."""
    ring = [(west, south), (east, south), (east, north - cut), (east - cut, north), (west, north)]
    return _degrees(shapely.Polygon(ring if cut else [*ring[:2], (east, north), ring[-1]]))


def point(x: float, y: float) -> dict[str, Any]:
    """Position in metres of the frame."""
    return _degrees(shapely.Point(x, y))


@dataclass
class _Chance:
    drawn: int = 0

    def __call__(self, size: int) -> bytes:
        made = b""
        while len(made) < size:
            made += hashlib.sha256(f"documents {self.drawn}".encode()).digest()
            self.drawn += 1
        return made[:size]


@dataclass
class Clock:
    """The evening of a day that can be moved on; every reading is a millisecond later."""

    now: int = 0

    def __call__(self) -> int:
        self.now += 1_000
        return self.now

    def turn_to(self, day: str) -> None:
        moment = datetime.fromisoformat(f"{day}T18:00:00").replace(tzinfo=UTC)
        self.now = max(self.now, int(moment.timestamp()) * 1_000_000)


@dataclass
class Operation:
    """The workspace with its session; speaks for any of the organisations."""

    session: Session
    clock: Clock
    last: dict[str, str]

    def say(
        self, author: str, actor: str, kind: str, local_id: str, on: str, /, **fields: Any
    ) -> Spoken:
        self.session.actor = actor
        values = {"local_id": local_id, "happened_on": on, **fields}
        return say(self.session, kind, values, speaking_for=author)

    def say_all(
        self, by: str, actor: str, kind: str, rows: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self.session.actor = actor
        listed = [(kind, {"local_id": name, **fields}) for name, fields in rows.items()]
        say_many(self.session, listed, speaking_for=by)

    def decide(
        self,
        act: str,
        actor: str,
        *records: str,
        reason: str = "",
        on: str = "",
        override: tuple[str, ...] = (),
    ) -> None:
        self.session.actor = actor
        asked = Act(act, records=records, reason=reason, on=on, override=override)
        carry_out(self.session, plan(self.session, asked))

    def move(self, by: str, actor: str, subject: str, move: str, on: str, **fields: Any) -> None:
        """Say the next change of status of a task or nonconformity."""
        axis = "task" if subject.startswith("T-") else "nonconformity"
        kind = axis
        record = self.record(kind, subject)
        follows = self.last.get(record)
        if follows:
            fields["follows"] = follows
        name = f"{subject}-{move}-{on}"
        said = self.say(
            by, actor, "status_change", name, on, axis=axis, subject=record, move=move, **fields
        )
        self.last[record] = said.record

    def record(self, kind: str, name: str) -> str:
        found = self.session.workspace.store.find_record(name)
        return next(one for one in found if f"/{kind}/" in one)


def make_operation(path: Path, *, synthetic: bool = True) -> Operation:
    """Make the workspace and say everything; a second on one core."""
    clock = Clock()
    clock.turn_to(TODAY)
    around = Surroundings(clock, _Chance()) if synthetic else Surroundings(clock)
    workspace = Workspace.create(
        path,
        operation_name="Border Strip",
        organisation_name=MAA,
        synthetic=synthetic,
        actor="init",
        surroundings=around,
    )
    for number, name in enumerate((SEC, OCP, QAB), start=1):
        workspace.open_log(Party(f"{number:032x}", name), actor="init")
    made = Operation(Session(workspace, KINDS, "ma1"), clock, {})
    made.session.fix_frame(FRAME)
    for part in (_mandate, _forces, _ground, _tasks, _work, _quality, _release, _ending):
        part(made)
    return made


def _mandate(op: Operation) -> None:
    op.say(
        MAA, "ma1", "operation", "operation-2026", "2026-01-05",
        name="Border Strip", mandate="Clear the border strip between Oravel and Suldane.",
        ordered_by="Joint border commission", order_document="Agreement 7 of 3 January 2026",
        ordered_on="2026-01-03", period_from="2026-01-05", period_to="2026-12-31",
        actual_from="2026-01-07", authority=MAA, synthetic=True,
    )  # fmt: skip
    rows = {
        "MAA": {"name": MAA, "roles": ["authority"], "state": "Oravel"},
        "SEC": {"name": SEC, "roles": ["contingent", "army_engineers"], "state": "Suldane"},
        "OCP": {"name": OCP, "roles": ["civil_protection"], "state": "Oravel"},
        "QAB": {"name": QAB, "roles": ["quality_body"], "state": "Oravel"},
    }
    day = {"happened_on": "2026-01-05", "period_from": "2026-01-05"}
    op.say_all(MAA, "ma1", "organisation", {c: {**r, **day, "code": c} for c, r in rows.items()})
    op.say(
        MAA, "ma1", "project", "PR-1", "2026-01-05", code="PR-1", name="Fields for Brovanek",
        donor="Third State Fund", agreement_number="TS-2026-4", period_from="2026-01-05",
        targets=[{"indicator": "ground cleared", "amount": "100000", "unit": "m2"}],
    )  # fmt: skip


def _forces(op: Operation) -> None:
    for code, name in NAMES.items():
        by = OCP if code == "P-09" else SEC
        op.say(by, "hr1", "person", f"PN-{code}", "2026-01-05", code=code, name=name)
    members = [
        {"person": "P-01", "function": "leader"},
        {"person": "P-02", "function": "deminer"},
        {"person": "P-03", "function": "medic"},
    ]
    common = {"happened_on": "2026-01-06", "activities": ["clearance", "ts"]}
    op.say_all(
        SEC, "hr1", "team",
        {
            "F-1": {**common, "code": "F-1", "name": "First Detachment", "echelon": "formation"},
            "SEC-3": {
                **common, "code": "SEC-3", "name": "Third Platoon", "echelon": "team",
                "parent": "F-1", "methods": ["manual_detector"], "members": members,
            },
        },
    )  # fmt: skip
    op.say(
        OCP, "hr9", "team", "OCP-1", "2026-01-06", code="OCP-1", name="Group One", echelon="team",
        activities=["clearance"], members=[{"person": "P-09", "function": "leader"}],
    )  # fmt: skip
    op.say(
        SEC, "hr1", "asset", "DET-7", "2026-01-08", code="DET-7", asset_type="detector",
        model="D-4", serial="7781", team="SEC-3", status="in_use",
        tests=[{"tested_on": "2026-01-20", "test": "test_field", "result": "passed",
                "valid_until": "2026-12-31"}],
    )  # fmt: skip
    op.say(
        MAA, "ma1", "training_course", "TC-1", "2026-01-10", code="TC-1", name="Manual clearance",
        activities=["clearance"], centre="Oravel training centre",
    )  # fmt: skip
    results = {
        f"TR-{code}": {
            "happened_on": "2026-01-20", "course": "TC-1", "person": code,
            "result": "failed" if code == "P-09" else "passed", "valid_until": "2026-12-31",
        }
        for code in NAMES
    }  # fmt: skip
    op.say_all(MAA, "ma1", "training_result", results)
    op.say_all(
        MAA, "ma1", "accreditation",
        {
            f"AC-{holder}": {
                "happened_on": "2026-01-25", "holder_type": kind, "holder": holder,
                "activities": ["clearance", "ts", "nts"], "issued_on": "2026-01-25",
                "expires_on": "2026-12-31", "status": "full", "certificate": f"C-{holder}",
            }
            for holder, kind in (("SEC", "organisation"), ("SEC-3", "team"), ("OCP-1", "team"))
        },
    )  # fmt: skip
    op.session.actor = "ma1"
    revise(op.session, "AC-OCP-1", {"status": "suspended", "reason": "Accident"}, "2026-04-11")
    for by, team in ((SEC, "SEC-3"), (OCP, "OCP-1")):
        op.say(
            by, "hr1", "deployment", f"DP-{team}", "2026-02-01", team=team, place="Brovanek",
            period_from="2026-02-01", period_to="2026-05-31" if by == SEC else "2026-06-30",
        )  # fmt: skip


def _ground(op: Operation) -> None:
    op.say(
        SEC, "sv1", "hazard_area", "HA-1", "2026-01-10", name="North field", classification="SHA",
        area_type="minefield", place="Brovanek", admin1="West", required_depth_cm="13",
        evidence="indirect", indirect_evidence=["unused_land"], marked="Signs on the west side",
        terrain="farmland", shape=area(-500, -500, 500, 500, 120), benchmark=point(-560, -520),
    )  # fmt: skip
    op.say(
        OCP, "sv9", "hazard_area", "HA-2", "2026-01-12", name="Mill", classification="CHA",
        area_type="minefield", place="Kelnilis", admin1="West", required_depth_cm="20",
        direct_evidence=["accident_here"], shape=area(600, -150, 900, 150),
        benchmark=point(590, -190),
    )  # fmt: skip
    op.say(
        OCP, "sv9", "hazard_area", "HA-3", "2026-05-02", name="Ditch", classification="SHA",
        place="Brovanek", shape=area(-700, 540, -540, 640),
    )  # fmt: skip
    op.say(
        SEC, "sv1", "evidence_point", "EV-1", "2026-01-09", evidence_type="accident",
        category="direct", point=point(420, 130), hazard="HA-1", ordnance=["ap_mine"],
        description="A cow was killed here in 2024.", method="verbal",
    )  # fmt: skip
    op.decide("approve", "ma2", "HA-1", "HA-2")


def _tasks(op: Operation) -> None:
    plans = {
        "marking": "Red stakes every 10 m, tape between", "evacuation_minutes": 45,
        "medical_plan": "Medic with the team, ambulance at the control point.",
        "evacuation_plan": "Track to Brovanek, then road 4 to the district hospital.",
        "explosives_allotted": [{"explosive": "TNT 200 g", "unit": "piece", "quantity": "40"}],
        "activity": "clearance", "methods": ["manual_detector"], "hazard_types": ["minefield"],
        "required_search": "subsurface", "planned_to": "2026-05-31", "intended_use": "crops",
    }  # fmt: skip
    op.say(
        MAA, "ma1", "task", "T-1", "2026-02-01", order_number="TO-2026-001", hazard="HA-1",
        assigned_to="SEC", teams=["SEC-3"], assets=["DET-7"], required_depth_cm="13",
        planned_from="2026-02-02", project="PR-1", priority="high",
        shape=area(350, -500, 500, 500, 120), **plans,
    )  # fmt: skip
    op.say(
        MAA, "ma1", "task", "T-2", "2026-03-01", order_number="TO-2026-002", hazard="HA-2",
        assigned_to="OCP", teams=["OCP-1"], required_depth_cm="20", planned_from="2026-03-02",
        **plans,
    )  # fmt: skip
    op.move(MAA, "ma1", "T-1", "issue", "2026-02-01")
    op.move(SEC, "of1", "T-1", "start", "2026-02-03")
    op.move(SEC, "of1", "T-1", "suspend", "2026-02-20", reason="Ground frozen", cause="weather")
    op.move(SEC, "of1", "T-1", "resume", "2026-03-02", reason="Thaw")
    op.move(MAA, "ma1", "T-2", "issue", "2026-03-01")
    op.move(OCP, "of9", "T-2", "start", "2026-03-05")


def _report(day: str, where: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "happened_on": day, "activity": "clearance", "shape": where, "hours": "6.5",
        "personnel": 8, "clutter_count": 120, "methods": ["manual_detector"],
        "work": [
            {"method": "manual_detector", "processed_area_m2": "24999.50", "hours": "6.5"},
        ],
        **fields,
    }  # fmt: skip


def _item(line: str, category: str, x: float, y: float, **fields: Any) -> dict[str, Any]:
    return {
        "line_id": line, "category": category, "model": "PMN-2", "quantity": 1,
        "position": point(x, y), "depth_cm": "8", "condition": "armed",
        "disposal": "destroyed_in_place", **fields,
    }  # fmt: skip


def _work(op: Operation) -> None:
    own = {"organisation": "SEC", "team": "SEC-3", "task": "T-1", "hazard": "HA-1"}
    days = ("2026-02-05", "2026-03-05", "2026-03-10", "2026-03-12")
    rows: dict[str, Mapping[str, Any]] = {}
    for number, day in enumerate(days):
        south = -500 + 250 * number
        rows[f"CR-{number + 1}"] = _report(
            day, area(350, south, 450, south + 250), **own,
            items=[
                _item("1", "ap_mine", 400, south + 20, disposed_on=day),
                _item("2", "uxo", 410, south + 40, model="120 mm", quantity=2,
                      disposal="moved_and_destroyed"),
            ],
            **({"stoppages": [{"cause": "weather", "hours": "1.5"}]} if number == 1 else {}),
        )  # fmt: skip
    op.say_all(SEC, "tl1", "clearance_report", rows)
    op.say_all(
        OCP, "tl9", "clearance_report",
        {
            "CR-9": _report(
                "2026-04-02", area(600, -150, 700, -50), organisation="OCP", team="OCP-1",
                task="T-2", hazard="HA-2", hours="5", personnel=6,
                stoppages=[{"cause": "equipment", "hours": "2"}],
                items=[_item("1", "av_mine", 620, -120, model="TM-62", disposal="stored")],
            )
        },
    )  # fmt: skip
    op.say(
        OCP, "of9", "accident", "A-1", "2026-04-10", accident_type="demining", device="ap_mine",
        point=point(660, -40), hazard="HA-2", task="T-2", injured=1, killed=0,
    )  # fmt: skip
    common = {"task": "T-1", "explosive": "TNT 200 g", "unit": "piece", "by": "P-01"}
    op.say(SEC, "st1", "explosives_issue", "XI-1", "2026-02-05", **common, quantity="12")
    op.say(SEC, "st1", "explosives_use", "XU-1", "2026-03-12", **common, quantity="8")
    op.say(SEC, "st1", "explosives_return", "XR-1", "2026-03-13", **common, quantity="4")
    op.decide("vouch", "cd1", "CR-1", "CR-2", "CR-3", "CR-4")
    op.decide(
        "approve", "ma2", "CR-1", "CR-2", "CR-3", "CR-4", override=("rate_implausible",),
        reason="The authority measured the ground again.",
    )  # fmt: skip


def _release_of(op: Operation, name: str, kind: str, day: str, shape: Any, **fields: Any) -> None:
    op.say(
        SEC, "of1", "released_area", name, day, release_type=kind, hazard="HA-1",
        organisation="SEC", shape=shape, **fields,
    )  # fmt: skip


def _quality(op: Operation) -> None:
    done = {
        "methods": ["manual_detector"],
        "depth_cm": "15",
        "search": "subsurface",
        "coverage_percent": "100",
    }
    named = {"task": "T-1", "teams": ["SEC-3"], "assets": ["DET-7"], "projects": ["PR-1"]}
    _release_of(
        op, "RA-1", "cancelled", "2026-02-01", area(-500, -500, 100, 500), methods=["interview"],
        criteria=["no_evidence"],
    )  # fmt: skip
    _release_of(
        op, "RA-2", "reduced", "2026-02-20", area(100, -500, 350, 500), technical_asset="with",
        methods=["manual_detector"], criteria=["systematic_search"],
    )  # fmt: skip
    shape = area(350, -500, 450, 100)
    _release_of(
        op, "RA-3", "cleared", "2026-03-20", shape, **done, **named, completion_report="CM-7",
        benchmark=point(-560, -520), intended_use="crops",
    )  # fmt: skip
    _release_of(op, "RA-4", "cleared", "2026-03-22", area(350, 100, 450, 500), **done, **named)
    answers = {"sop": "yes", "marking": "no", "medic": "yes", "accredited": "yes",
               "visitor_log": "not_seen", "overall": "yes"}  # fmt: skip
    op.say(
        QAB, "qa1", "qm_visit", "QV-1", "2026-03-11", organisation="QAB", inspected="SEC",
        team="SEC-3", task="T-1", activity="clearance", stage="external", inspectors=["Q-1"],
        shape=point(400, -100), result="improvement_needed",
        checklist=[
            {"question": one, "answer": answer,
             **({"remark": "Stakes missing along 40 m."} if answer == "no" else {})}
            for one, answer in answers.items()
        ],
    )  # fmt: skip
    op.say(
        QAB, "qa1", "nonconformity", "NC-1", "2026-03-11", visit="QV-1", task="T-1",
        inspected="SEC", organisation="QAB", team="SEC-3", nonconformity_type="marking",
        severity="major", description="Marking missing along 40 m.", due_on="2026-03-18",
        corrective_action="Stakes set again and checked every morning.",
    )  # fmt: skip
    op.say(
        QAB, "qa1", "nonconformity", "NC-2", "2026-04-03", task="T-2", inspected="OCP",
        organisation="QAB", team="OCP-1", nonconformity_type="documentation", severity="minor",
        description="Visitors' log not kept.", due_on="2026-04-20",
    )  # fmt: skip
    op.move(SEC, "of1", "NC-1", "act", "2026-03-12", reason="Stakes set again.")
    op.move(QAB, "qa1", "NC-1", "close", "2026-03-14")
    op.say(
        QAB, "qa1", "sample_inspection", "SI-1", "2026-03-25", organisation="QAB", task="T-1",
        stage="external", released_areas=["RA-3", "RA-4"], shape=area(350, -500, 450, -380),
        sampled_area_m2="12000", items_missed=0, method="manual_detector", result="passed",
    )  # fmt: skip
    op.say(
        SEC, "qc1", "sample_inspection", "SI-2", "2026-03-11", organisation="SEC", task="T-1",
        stage="internal", released_areas=["RA-3"], sampled_area_m2="800", items_missed=0,
        result="passed",
    )  # fmt: skip


def _release(op: Operation) -> None:
    op.move(SEC, "of1", "T-1", "complete", "2026-03-24")
    op.move(MAA, "ma1", "T-1", "accept", "2026-03-30")
    op.decide("vouch", "cd1", "RA-1", "RA-2", "RA-3", "RA-4")
    op.decide("approve", "ma2", "RA-3", on="2026-04-01")
    lacking = ("release_without_report", "release_without_team", "release_coverage")
    reason = "Survey of the winter, kept on paper and seen by the authority."
    op.decide("approve", "ma2", "RA-1", "RA-2", reason=reason, on="2026-04-01", override=lacking)
    op.say(
        MAA, "ma1", "handover", "HO-1", "2026-04-15", certificate_number="HC-2026-001",
        organisation="MAA", released_areas=["RA-3"], recipients=["Commune of Brovanek"],
        present_women=14, present_men=11, present_girls=3, purpose="crops",
        markers_recorded=True,
        markers=[
            {"label": "M1", "marker_type": "turning_point", "point": point(350, -500)},
            {"label": "M2", "marker_type": "turning_point", "point": point(450, -500)},
        ],
        residual_risk="Items deeper than 15 cm may remain. Report every find.",
        liability="The authority answers for the release, the operator for its own work.",
        signatories=[
            {"role": "operator", "person": "P-01", "organisation": "SEC"},
            {"role": "authority", "person": "M-02", "organisation": "MAA"},
            {"role": "land_user", "person": "L-77", "organisation": "Commune of Brovanek"},
        ],
    )  # fmt: skip


def _ending(op: Operation) -> None:
    op.say(
        MAA, "ma1", "honour", "H-1", "2026-06-01", honour_type="Medal of the border", team="SEC-3",
        given_by="Government of Oravel", citation="For four months without an accident.",
    )  # fmt: skip
    op.say(
        MAA, "ma1", "honour", "H-2", "2026-06-01", honour_type="Letter of thanks", person="P-02",
        given_by="Commune of Brovanek", citation="For help on the flooded road.",
    )  # fmt: skip
    op.say(
        MAA, "ma1", "post_clearance_review", "PC-1", "2026-06-05", handover="HO-1",
        released_areas=["RA-3"], land_use_after="crops", users_women=9, users_men=12,
        accident_after="no", items_found=0,
    )  # fmt: skip
