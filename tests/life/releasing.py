"""A workspace in which a polygon was tasked, worked, visited and sampled, ready for approval."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import shapely

from tilth.core.geometry.encoding import value_of
from tilth.core.geometry.frame import Frame
from tilth.core.problems import Refused
from tilth.core.statement import parse_header
from tilth.service.deciding import Act, carry_out, plan
from tilth.service.joining import join
from tilth.service.recording import Spoken, say
from tilth.service.session import Session, open_session
from tilth.service.upkeep import found

FRAME = Frame(36_000_000_000, 50_000_000_000)
TEAM = {
    "code": "T-1",
    "name": "Team 1",
    "echelon": "team",
    "members": [{"person": "P-1", "function": "deminer"}],
}
SCOPE = {"issued_on": "2026-01-01", "expires_on": "2027-01-01", "status": "full"}


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """Rectangle in metres of the frame."""
    drawn = np.array([shapely.box(west, south, east, north)], dtype=object)
    return value_of(FRAME.unproject_geometries(drawn)[0])


HAZARD = {
    "local_id": "HA-1",
    "happened_on": "2026-01-10",
    "classification": "CHA",
    "direct_evidence": ["ordnance_seen"],
    "area_type": "minefield",
    "required_depth_cm": "15",
    "shape": box(0, 0, 100, 100),
}
RELEASE = {
    "local_id": "RA-1",
    "happened_on": "2026-04-10",
    "started_on": "2026-04-01",
    "release_type": "cleared",
    "organisation": "RED",
    "hazard": "HA-1",
    "task": "TO-1",
    "teams": ["T-1"],
    "methods": ["manual_detector"],
    "depth_cm": "20",
    "coverage_percent": "100",
    "items_total": 0,
    "shape": box(0, 0, 100, 50),
}
SAMPLE = {
    "local_id": "S-1",
    "happened_on": "2026-04-12",
    "stage": "external",
    "released_areas": ["RA-1"],
    "task": "TO-1",
    "shape": box(10, 10, 40, 40),
    "items_missed": 0,
    "result": "passed",
}
HANDOVER = {
    "certificate_number": "HC-1",
    "recipients": ["Mirna village"],
    "markers_recorded": True,
    "markers": [
        {
            "label": "TP-1",
            "marker_type": "turning_point",
            "point": {"type": "Point", "coordinates": [36_000_000_000, 50_000_000_000]},
        }
    ],
    "residual_risk": "Items below 20 cm may be left.",
    "liability": "The state answers for items found.",
    "purpose": "memorial",
    "signatories": [{"role": role} for role in ("operator", "authority", "land_user")],
}


class Site:
    """The workspace of an authority that keeps the log of the operator Red too."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.approval = ""

    def say(self, kind: str, by: str = "", /, **fields: Any) -> Spoken:
        """Say a record, as the authority or for another organisation."""
        return say(self.session, kind, fields, speaking_for=by)

    def without_life(self) -> None:
        """A hazard and a release, and nothing of an operation's life."""
        self.session.fix_frame(FRAME)
        self.say("hazard_area", "Red", **HAZARD)
        self.say("released_area", "Red", **RELEASE)

    def prepare(self, **changes: dict[str, Any] | None) -> None:
        """Everything that an approval asks for; a change of None leaves a record out."""

        def one(name: str, kind: str, by: str, /, **fields: Any) -> None:
            change = changes.pop(name, {})
            if change is None:
                return
            values = {**fields, **change}
            self.say(kind, by, **{key: value for key, value in values.items() if value is not None})

        self.session.fix_frame(FRAME)
        on = {"happened_on": "2026-01-02"}
        activities = {"activities": ["clearance", "bac", "ts", "nts"]}
        one("course", "training_course", "Red", **on, local_id="C-1", code="C-1", **activities)
        result = {"course": "C-1", "person": "P-1", "result": "passed", "valid_until": "2027-01-01"}
        one("result", "training_result", "Red", **on, local_id="TR-1", **result)
        one("team", "team", "Red", **on, local_id="T-1", organisation="RED", **TEAM)
        for name, holder in (("organisation", "RED"), ("team", "T-1")):
            fields = {**SCOPE, **on, "holder_type": name, "holder": holder, **activities}
            fields |= {} if name == "organisation" else {"organisation": "RED"}
            one(f"accreditation_{name}", "accreditation", "", local_id=f"A-{name}", **fields)
        one("hazard", "hazard_area", "Red", **HAZARD)
        order = {"hazard": "HA-1", "assigned_to": "RED", "teams": ["T-1"], "activity": "clearance"}
        one("task", "task", "", local_id="TO-1", happened_on="2026-03-20", **order)
        day = {"local_id": "CR-1", "happened_on": "2026-04-10", "organisation": "RED"}
        work = {"team": "T-1", "activity": "clearance", "hazard": "HA-1", "task": "TO-1"}
        one("report", "clearance_report", "Red", **day, **work, methods=["manual_detector"])
        one("release", "released_area", "Red", **RELEASE)
        visit = {"local_id": "V-1", "happened_on": "2026-04-05", "inspected": "RED"}
        more = {"task": "TO-1", "stage": "external", "result": "satisfactory"}
        one("visit", "qm_visit", "", **visit, **more, activity="clearance")
        one("sample", "sample_inspection", "", **SAMPLE)
        assert not changes, changes

    def approve(self, *names: str, **more: Any) -> list[str]:
        """Approve as the authority; returns the hashes."""
        self.session.actor = "nmaa1"
        return carry_out(self.session, plan(self.session, Act("approve", names, **more)))

    def refused(self, *names: str, **more: Any) -> list[str]:
        """Codes of what stands in the way of an approval."""
        try:
            self.approve(*names, **more)
        except Refused as refused:
            return [one.code for one in refused.problems]
        return []

    def decision(self, statement: str) -> dict[str, Any]:
        """Content of a decision."""
        entry = self.session.workspace.store.by_hash([statement])[statement]
        return self.session.fields_of(entry)

    def acts(self) -> list[tuple[str, str]]:
        """Act and kind of every statement, oldest first."""
        headers = [parse_header(one.header) for one in self.session.workspace.store.entries()]
        return [(one.act, one.kind) for one in headers]


def opened(folder: Path) -> Site:
    """Begin the workspace; close its session."""
    found(folder / "work", organisation="Ministry")
    site = Site(open_session(folder / "work", actor="im1"))
    join(site.session, "Red", code="RED", roles=["operator"], on="2026-01-01")
    return site
