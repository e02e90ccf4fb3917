"""A life of an operation by commands: joined, trained, tasked, worked, checked, released, returned.

The ministry is the authority and keeps the logs of Red and Green, who clear, and of Body, who
inspects. The ground is 1 ha of confirmed hazard area, of which Red clears two strips.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from desk import Desk, features, square

MINISTRY = ("--actor", "m1")
RED = ("--for", "RED", "--actor", "r1")
GREEN = ("--for", "GREEN", "--actor", "g1")
BODY = ("--for", "BODY", "--actor", "q1")
YES = (*MINISTRY, "--yes")

SAPPER = "Ijon Żółcień-Zarquon"
TRAINED_UNTIL = "2026-05-03"
COURSE = ("training", "work", "MD-1", "--passed", "D-1, D-2", "--on", "2026-02-01")
HAZARD = {
    "local_id": "HA-1",
    "classification": "CHA",
    "direct_evidence": "ordnance_seen",
    "area_type": "minefield",
    "required_depth_cm": 15,
    "happened_on": "2026-01-10",
    "shape": square(0, 0, 100, 100),
}
ORDER = (
    "local_id=TO-7",
    "order_number=7/26",
    "hazard=HA-1",
    "assigned_to=RED",
    "teams=T-1",
    "assets=X-1",
    "activity=clearance",
    "methods=manual_detector",
    "required_depth_cm=15",
    "medical_plan=Medic on the site",
    "evacuation_plan=Road 4 to the hospital",
    "happened_on=2026-03-01",
)
SAMPLE = ("sample", "work", "stage=external", "task=TO-7")
CERTIFICATE = (
    "certificate_number=HC-1",
    "recipients=Mirna village",
    "purpose=memorial",
    "markers_recorded=yes",
    'markers=[{"label":"TP-1","marker_type":"turning_point","point":"50.0N 36.0E"}]',
    "residual_risk=Items below 20 cm may be left",
    "liability=The state answers for items found",
    'signatories=[{"role":"operator"},{"role":"authority"},{"role":"land_user"}]',
    "present_women=3",
    "happened_on=2026-05-01",
)


@contextmanager
def memory() -> Iterator[Path]:
    """A folder in memory, where there is one: what is tried here does not wait for a disk."""
    place = Path("/dev/shm")
    with tempfile.TemporaryDirectory(
        prefix="tilth-life-", dir=place if place.is_dir() else None
    ) as folder:
        yield Path(folder)


def begin(desk: Desk, *options: str) -> None:
    """The ministry, and three organisations with a log each."""
    desk.run("init", "work", "--organisation", "Ministry", "--operation", "Strip 7", *options)
    for name, role in (("Red", "operator"), ("Green", "operator"), ("Body", "quality_body")):
        code = ("--code", name.upper(), "--role", role, "--on", "2026-01-01")
        desk.run("join", "work", name, *code, *MINISTRY)


def form(desk: Desk, until: str = TRAINED_UNTIL) -> None:
    """A team of Red with its people, detector, course and accreditation."""
    record = ("record", "work")
    members = '[{"person":"D-1","function":"leader"},{"person":"D-2","function":"deminer"}]'
    tests = (
        '[{"tested_on":"2026-02-20","test":"calibration","result":"passed",'
        '"valid_until":"2026-12-31"}]'
    )
    desk.run(*record, "person", "code=D-1", f"name={SAPPER}", "sex=female", *RED)
    desk.run(*record, "team", "code=T-1", "echelon=team", f"members={members}", *RED)
    desk.run(*record, "asset", "code=X-1", "asset_type=detector", f"tests={tests}", *RED)
    course = ("code=MD-1", "name=Manual demining", "activities=clearance")
    desk.run(*record, "training_course", *course, *MINISTRY)
    desk.run(*COURSE, "--until", until, *RED)
    for holder, sort in (("RED", "organisation"), ("T-1", "team")):
        scope = ("--activities", "clearance", "--issued", "2026-01-01", "--expires", "2026-12-31")
        desk.run("accredit", "work", holder, "--holder-type", sort, *scope, *MINISTRY)


def suspect(desk: Desk, **changes: Any) -> None:
    """The hazard area, surveyed by Red and confirmed by the authority."""
    desk.write("hazard.json", json.dumps({**HAZARD, **changes}))
    desk.run("record", "work", "hazard_area", "--json-file", "hazard.json", *RED)
    desk.run("approve", "work", "HA-1", *YES)


def order(desk: Desk) -> None:
    """The order to Red, issued and begun."""
    desk.run("task", "new", "work", *ORDER, *MINISTRY)
    desk.run("task", "issue", "work", "TO-7", "--on", "2026-03-02", *MINISTRY)
    desk.run("task", "start", "work", "TO-7", "--on", "2026-03-03", *RED)


def strip(desk: Desk, number: int) -> tuple[str, ...]:
    """Command for 2,500 m² cleared; strip 2 lies north of strip 1."""
    south = 25 * (number - 1)
    desk.write(f"ra{number}.geojson", features({"shape": square(0, south, 100, south + 25)}))
    return (
        "record",
        "work",
        "released_area",
        f"local_id=RA-{number}",
        "release_type=cleared",
        "hazard=HA-1",
        "task=TO-7",
        "teams=T-1",
        "assets=X-1",
        "methods=manual_detector",
        "depth_cm=20",
        "coverage_percent=100",
        f"items_total={4 if number == 1 else 0}",
        "started_on=2026-03-03",
        "happened_on=2026-04-10",
        f"shape=@ra{number}.geojson",
        *RED,
    )


def work(desk: Desk) -> None:
    """A report with four mines, the strips cleared, an external visit and a passed sample."""
    items = (
        '[{"line_id":"1","category":"ap_mine","quantity":4,"disposal":"destroyed_in_place",'
        '"position":"50.0001N 36.0001E"}]'
    )
    day = ("local_id=R-1", "happened_on=2026-04-10", "team=T-1", "assets=X-1", "task=TO-7")
    how = ("hazard=HA-1", "activity=clearance", "methods=manual_detector", "personnel=10")
    worked = ("hours=6", "processed_area_m2=300", f"items={items}")
    desk.run("record", "work", "clearance_report", *day, *how, *worked, *RED)
    for number in (1, 2):
        desk.run(*strip(desk, number))
    visit = ("inspected=RED", "task=TO-7", "activity=clearance", "stage=external")
    seen = ("happened_on=2026-04-05", "result=satisfactory", "--check", "medic=yes")
    desk.run("visit", "work", *visit, *seen, *BODY)
    sample(desk, "2026-04-12", "RA-1; RA-2", square(10, 5, 60, 45), "result=passed")


def sample(desk: Desk, on: str, areas: str, shape: dict[str, Any], *fields: str) -> Any:
    """A sample of Body on some ground."""
    desk.write("sample.geojson", features({"shape": shape}))
    told = (f"happened_on={on}", f"released_areas={areas}", "shape=@sample.geojson")
    return desk.json(*SAMPLE, *told, *fields, *BODY)


def release(desk: Desk) -> str:
    """The authority's approval of both strips; its hash."""
    said = desk.json("approve", "work", "RA-1", "RA-2", *YES)["said"]
    return str(said[-1])


def hand_over(desk: Desk, *more: str, status: int = 0) -> Any:
    """Handover of both strips by Red."""
    areas = ("RA-1", "RA-2")
    return desk.json("handover", "work", *areas, *CERTIFICATE, *more, *RED, status=status)


def certificate(desk: Desk) -> str:
    """The handover's certificate as a document; its verification code."""
    issue = ("document", "work", "handover_certificate", "HC-1", "-o", "certificate.pdf")
    return str(desk.json(*issue, *RED)["code"])


def ready(desk: Desk) -> None:
    """Everything up to ground that may be approved."""
    begin(desk)
    form(desk)
    suspect(desk)
    order(desk)
    work(desk)
