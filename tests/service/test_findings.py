"""Findings as a person gets them: of files and statements in a real workspace."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from workbench import make

from tilth.core.geometry.encoding import value_of
from tilth.core.geometry.frame import Frame
from tilth.core.problems import Refused
from tilth.core.statement import record_id
from tilth.service.findings import (
    explain,
    finding_counts,
    findings,
    findings_csv,
    findings_geojson,
)
from tilth.service.importing import Order, import_file
from tilth.service.session import Session, open_session

FRAME = Frame(18_000_000_000, 44_000_000_000)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    make(tmp_path / "ws").close()
    with open_session(tmp_path / "ws", actor="A1") as opened:
        opened.fix_frame(FRAME)
        yield opened


def degrees(shape: Any) -> dict[str, Any]:
    return value_of(FRAME.unproject_geometries(np.array([shape], dtype=object))[0])


def square(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    return degrees(shapely.box(west, south, east, north))


def point(x: float, y: float) -> dict[str, Any]:
    return degrees(shapely.Point(x, y))


def say(session: Session, kind: str, local_id: str, *, act: str = "record", **fields: Any) -> str:
    """Append a statement; its hash."""
    fields = {"local_id": local_id, "happened_on": "2026-03-01", **fields}
    draft = session.draft(
        act,
        kind,
        fields,
        record=record_id(session.own, kind, local_id),
        replaces=fields.pop("replaces", ()),
        happened_on=fields["happened_on"],
    )
    receipt = session.workspace.append([draft])
    (entry,) = session.workspace.store.entries(after_seq=receipt.first_seq - 1)
    return entry.hash


def decide(session: Session, act: str, *hashes: str, **fields: Any) -> None:
    session.workspace.append([session.draft(act, "decision", fields, decides=hashes)])


def told(session: Session, *codes: str) -> list[tuple[str, str, str, float, int]]:
    def short(record: str) -> str:
        return record.rsplit("/", 1)[-1]

    return sorted(
        (f["code"], short(f["record"]), short(f["other"]), round(f["area_m2"], 1), f["items"])
        for f in findings(session)
        if f["code"] in codes or not codes
    )


def test_an_empty_workspace_has_no_findings(session: Session) -> None:
    assert findings(session) == []
    assert finding_counts(session) == {}


def test_two_organisations_claim_one_field(session: Session) -> None:
    say(session, "hazard_area", "A", classification="SHA", shape=square(0, 0, 100, 100))
    for local_id, organisation, west in (("R1", "North", 0), ("R2", "South", 40)):
        say(
            session,
            "released_area",
            local_id,
            release_type="cleared",
            depth_cm="20",
            happened_on="2026-03-09",
            organisation=organisation,
            shape=square(west, 0, west + 50, 100),
        )
    (one,) = findings(session, "overlap_across_organisations")
    assert one["area_m2"] == pytest.approx(1000, abs=0.01)
    assert "North" in one["what"]
    assert "South" in one["what"]
    assert "1000.00 m²" in one["what"]
    assert one["owner"] == "Own"
    assert one["state"] == "open"
    assert one["age_days"] == 0
    ground = FRAME.project_geometries(
        np.array([shapely.geometry.shape(one["geometry"])], dtype=object)
    )[0]
    assert ground.symmetric_difference(shapely.box(40, 0, 50, 100)).area < 0.01


def test_asking_again_reads_what_is_kept(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    say(session, "hazard_area", "A", classification="SHA", declared_area_m2="20", place="X")
    first = findings(session)
    assert {one["code"] for one in first} >= {"incomplete", "hazard_without_polygon"}
    monkeypatch.setattr("tilth.service.findings.read_books", _never)
    assert findings(session) == first
    monkeypatch.undo()
    say(session, "hazard_area", "B", classification="SHA", declared_area_m2="30", place="X")
    assert len(findings(session)) == 2 * len(first)
    assert len(session.workspace.store.kept("findings")) == 1


def _never(*_: object, **__: object) -> None:
    raise AssertionError("computed again")


def test_a_finding_closes_when_a_statement_ends_it(session: Session) -> None:
    first = say(session, "hazard_area", "A", classification="SHA", declared_area_m2="20", place="X")
    assert told(session, "hazard_without_polygon") == [("hazard_without_polygon", "A", "", 20, 0)]
    say(
        session,
        "hazard_area",
        "A",
        act="correct",
        replaces=(first,),
        classification="SHA",
        place="X",
        shape=square(0, 0, 4, 5),
    )
    assert told(session, "hazard_without_polygon") == []


def test_shapes_alone_and_in_pairs(session: Session) -> None:
    ring = square(0, 0, 100, 100)
    say(session, "hazard_area", "A", classification="SHA", shape=ring)
    say(session, "hazard_area", "B", classification="SHA", shape=ring)
    far = degrees(shapely.Polygon([(0, 0), (6000, 0), (6000, 10)]))
    say(session, "hazard_area", "C", classification="SHA", shape=far)
    two = degrees(shapely.MultiPolygon([shapely.box(0, 300, 9, 309), shapely.box(0, 400, 9, 409)]))
    mended = {**two, "repair": {"method": "m", "before_m2": "10.000", "after_m2": "162.000"}}
    say(session, "hazard_area", "D", classification="SHA", shape=mended)
    codes = ("duplicate_ring", "long_edge", "multipart", "invalid_geometry")
    assert told(session, *codes) == [
        ("duplicate_ring", "B", "A", 10_000, 0),
        ("invalid_geometry", "D", "", 152, 0),
        ("long_edge", "C", "", 0, 0),
        ("multipart", "D", "", 0, 0),
    ]


def test_a_hazard_and_its_clearance_may_share_a_ring(session: Session) -> None:
    ring = square(0, 0, 100, 100)
    say(session, "hazard_area", "A", classification="SHA", shape=ring)
    cleared = {"release_type": "cleared", "depth_cm": "20", "happened_on": "2026-03-02"}
    say(session, "released_area", "R1", shape=ring, **cleared)
    assert told(session, "duplicate_ring", "hazards_overlap", "reprocessed") == []


def test_reports_from_one_place_may_stand_on_one_point(session: Session) -> None:
    for local_id in ("T1", "T2"):
        say(session, "spot_task", local_id, shape=point(0, 0))
    assert told(session, "duplicate_position") == []


def test_a_finding_is_listed_once(session: Session, tmp_path: Path) -> None:
    bow = "POLYGON((18 44, 18.001 44.001, 18.001 44, 18 44.001, 18 44))"
    file = tmp_path / "h.csv"
    file.write_text(f'local_id,happened_on,classification,wkt\nA,2026-03-01,SHA,"{bow}"\n')
    import_file(session, Order(file, "hazard_area"))
    (one,) = findings(session, "invalid_geometry")  # the import noted it, the record tells it
    assert one["area_m2"] > 0
    assert one["geometry"] is not None
    # A revision with the same fault is a second statement of the same record.
    (entry,) = session.workspace.store.entries_of_kinds(["hazard_area"])
    shape = session.fields_of(entry)["shape"]
    say(session, "hazard_area", "A", act="revise", happened_on="2026-04-01", shape=shape)
    assert len(findings(session, "invalid_geometry")) == 1


def test_places_hold_what_names_them(session: Session) -> None:
    say(session, "place", "p1", code="P1", name="Dagua", shape=square(0, 0, 2000, 2000))
    inside, outside = square(10, 10, 60, 60), square(4000, 0, 4050, 50)
    say(session, "hazard_area", "A", classification="SHA", place="P1", shape=inside)
    say(session, "hazard_area", "B", classification="SHA", place=" dagua ", shape=outside)
    larger = square(-40, -40, 2060, 2060)
    say(session, "hazard_area", "C", classification="SHA", place="Dagua", shape=larger)
    say(session, "hazard_area", "D", classification="SHA", place="elsewhere", shape=outside)
    codes = ("place_against_coordinates", "hazard_larger_than_district")
    assert [one[:2] for one in told(session, *codes)] == [
        ("hazard_larger_than_district", "C"),
        ("place_against_coordinates", "B"),
    ]
    (larger_by,) = told(session, "hazard_larger_than_district")
    assert larger_by[3] == pytest.approx(2100**2 - 2000**2, abs=1)


def test_a_place_against_the_sum_of_its_parts(session: Session) -> None:
    say(session, "place", "d", code="D", name="District")
    for code in ("V1", "V2"):
        say(session, "place", code, code=code, name=f"Village {code}", parent="D")
    period = {"period_from": "2026-01", "period_to": "2026-02", "organisation": "North"}

    def summary(name: str, place: str, m2: str, items: int) -> None:
        declared = {"place": place, "declared_area_m2": m2, "items_total": items}
        say(session, "clearance_summary", name, **period, **declared)

    summary("S", "D", "1000", 7)
    summary("S1", "V1", "600.5", 3)
    assert told(session, "place_sum_differs") == []  # one part proves nothing
    summary("S2", "V2", "500", 4)
    assert told(session, "place_sum_differs") == [("place_sum_differs", "S", "", 100.5, 0)]


def test_items_in_reports(session: Session) -> None:
    cancelled = {"release_type": "cancelled", "happened_on": "2026-01-05"}
    say(session, "released_area", "R1", shape=square(0, 0, 50, 100), **cancelled)
    mine = {"line_id": "1", "category": "ap_mine", "quantity": 1}
    lines = [
        {**mine, "position": point(20, 50), "disposed_on": "2026-02-01"},
        {**mine, "line_id": "2", "position": point(80, 50)},
        {**mine, "line_id": "3", "quantity": 5},
    ]
    report = {"shape": square(0, 0, 60, 100), "items": lines, "items_total": 8}
    say(session, "clearance_report", "C1", **report)
    codes = ("items_in_cancelled_land", "items_outside_report_polygon", "disposed_before_found")
    assert told(session, *codes, "items_total_differs", "mine_without_position") == [
        ("disposed_before_found", "C1", "", 0, 1),
        ("items_in_cancelled_land", "C1", "R1", 0, 1),
        ("items_outside_report_polygon", "C1", "", 0, 1),
        ("items_total_differs", "C1", "", 0, 1),
        ("mine_without_position", "C1", "", 0, 5),
    ]


def test_items_between_reports(session: Session) -> None:
    shell = {"line_id": "1", "category": "uxo", "model": "82 mm"}
    given = [{**shell, "quantity": 5, "disposal": "handed_over", "handed_over_to": "South"}]
    got = [{**shell, "quantity": 3, "received_from": "North"}]
    say(session, "spot_task", "T1", organisation="North", items=given, place="X")
    say(session, "spot_task", "T2", organisation="South", items=got, place="X")
    gone = [{**shell, "quantity": 1, "disposal_of": "nowhere#1", "disposal": "stored"}]
    say(session, "spot_task", "T3", organisation="North", items=gone, place="X")
    say(
        session,
        "clearance_summary",
        "S1",
        organisation="North",
        place="X",
        activity="eod_spot_task",
        period_from="2026-02-01",
        period_to="2026-03-31",
        items=[{**shell, "quantity": 9}],
    )
    assert told(session, "handover_mismatch", "disposal_of_unknown", "summary_differs") == [
        ("disposal_of_unknown", "T3", "", 0, 1),
        ("handover_mismatch", "T1", "T2", 0, 2),
        ("summary_differs", "S1", "", 0, 4),
    ]


def test_decisions_on_any_kind(session: Session) -> None:
    task = say(session, "spot_task", "T1", place="X")
    hazard = say(session, "hazard_area", "A", classification="SHA", shape=square(0, 0, 10, 10))
    decide(session, "approve", task, hazard)  # the organisation is the authority too
    decide(session, "vouch", hazard)
    assert told(session, "own_approval", "vouched_by_author") == [
        ("own_approval", "A", "", 100, 0),
        ("own_approval", "T1", "", 0, 0),
        ("vouched_by_author", "A", "", 100, 0),
    ]


def test_accuracy_of_positions(session: Session) -> None:
    say(session, "evidence_point", "E1", point=point(0, 0))
    say(session, "evidence_point", "E2", point=point(0, 0), accuracy_m="3")
    say(session, "evidence_point", "E3", point=point(9, 0), accuracy_m="40")
    codes = ("fix_accuracy_missing", "fix_accuracy_coarse", "duplicate_position")
    assert told(session, *codes) == [
        ("duplicate_position", "E2", "E1", 0, 0),
        ("fix_accuracy_coarse", "E3", "", 0, 0),
        ("fix_accuracy_missing", "E1", "", 0, 0),
    ]


def csv_of(path: Path, rows: list[str]) -> Path:
    path.write_text("local_id,happened_on,place,declared_area_m2\n" + "\n".join(rows) + "\n")
    return path


def test_what_an_import_noticed_stands_while_its_rows_do(session: Session, tmp_path: Path) -> None:
    rows = ["s1,2026-03-01,X,0", "s2,2026-03-01,X,50", "s2,2026-03-01,X,50"]
    file = csv_of(tmp_path / "a.csv", rows)
    import_file(session, Order(file, "clearance_summary", source="north"))
    noticed = told(session, "zero_area", "identical_rows", "repeated_local_id")
    assert ("zero_area", "s1", "", 0, 0) in noticed
    assert {code for code, *_ in noticed} >= {"zero_area", "repeated_local_id"}
    mended = csv_of(tmp_path / "b.csv", ["s1,2026-03-01,X,75", "s2,2026-03-01,X,50"])
    import_file(session, Order(mended, "clearance_summary", source="north"))
    assert told(session, "zero_area") == []


def test_findings_about_people_are_never_kept_outside_the_vault(
    session: Session, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    row = "Zubeida-77,2026-03-01,X,injured"
    file.write_text(f"local_id,happened_on,place,outcome\n{row}\n{row}\n")
    with session.workspace.writing():
        import_file(session, Order(file, "victim"))
    assert finding_counts(session)["incomplete"] == 2
    assert {"identical_rows", "repeated_local_id"} & set(finding_counts(session))
    kept = session.workspace.store.kept("findings")
    assert kept
    assert not any(b"Zubeida" in value for value in kept.values())


def test_an_explained_finding_stays_and_says_why(session: Session) -> None:
    say(session, "hazard_area", "A", classification="SHA", declared_area_m2="20", place="X")
    code = "hazard_without_polygon"
    explanation = explain(session, code, "A", "Its ring lies under water until autumn.")
    (one,) = findings(session, code)
    assert (one["state"], one["reason"]) == ("explained", "Its ring lies under water until autumn.")
    assert explain(session, code, "A", "Survey in October.") == explanation
    assert findings(session, code)[0]["reason"] == "Survey in October."
    assert {one["state"] for one in findings(session, "incomplete")} == {"open"}
    (last,) = list(session.workspace.store.of_records([explanation]).values())
    say_withdrawn(session, explanation, last[-1].hash)
    assert findings(session, code)[0]["state"] == "open"


def say_withdrawn(session: Session, record: str, newest: str) -> None:
    fields = {"reason": "The water is gone."}
    draft = session.draft("withdraw", "explanation", fields, record=record, replaces=[newest])
    session.workspace.append([draft])


def test_only_what_is_found_can_be_explained(session: Session) -> None:
    say(session, "hazard_area", "A", classification="SHA", declared_area_m2="20", place="X")
    for asked, problem in (
        (("contested", "A", "why"), "no_such_finding"),
        (("hazard_without_polygon", "A", " "), "reason_missing"),
        (("hazard_without_polygon", "B", "why"), "unknown_record"),
    ):
        with pytest.raises(Refused, match=problem):
            explain(session, *asked)


def test_one_code_or_a_part_of_its_name(session: Session) -> None:
    ring = square(0, 0, 100, 100)
    say(session, "hazard_area", "A", classification="SHA", shape=ring)
    say(session, "hazard_area", "B", classification="SHA", shape=ring)
    assert {one["code"] for one in findings(session, "overlap")} == {"hazards_overlap"}
    assert len(findings(session, "duplicate_ring")) == 1
    assert findings(session, "contested") == []
    with pytest.raises(Refused, match="unknown_finding"):
        findings(session, "nonsense")


def test_the_rule_set_says_what_is_noise(session: Session) -> None:
    say(session, "hazard_area", "A", classification="SHA", shape=square(0, 0, 100, 100))
    say(session, "hazard_area", "B", classification="SHA", shape=square(95, 0, 200, 100))
    assert len(findings(session, "hazards_overlap")) == 1  # 500 m², 5 m wide
    say(session, "operation", "operation", act="revise", overlap_finding_m2="501")
    assert findings(session, "hazards_overlap") == []
    say(session, "operation", "operation", act="revise", overlap_finding_m2="10")
    say(session, "operation", "operation", act="revise", overlap_finding_width_m="6")
    assert findings(session, "hazards_overlap") == []


def _some(session: Session) -> list[dict[str, Any]]:
    ring = square(0, 0, 100, 100)
    name = "=HYPERLINK(1)"
    say(session, "hazard_area", name, classification="SHA", shape=ring)
    say(session, "hazard_area", "B", classification="SHA", shape=ring)
    return findings(session)


def test_the_table_opens_and_holds_no_formula(session: Session, tmp_path: Path) -> None:
    found = _some(session)
    table = tmp_path / "findings.csv"
    table.write_text(findings_csv(found), encoding="utf-8")
    _, _, _, columns = pyogrio.raw.read(table)
    meta = pyogrio.read_info(table)
    assert list(meta["fields"])[:3] == ["code", "record", "other"]
    assert len(columns[0]) == len(found) > 2
    for line in findings_csv([{**found[0], "what": "=1+1", "owner": "+49"}]).splitlines()[1:]:
        assert "'=1+1" in line
    shapes = [wkt for wkt in columns[-1] if wkt]
    assert shapes
    assert all(shapely.from_wkt(wkt).is_valid for wkt in shapes)


def test_the_map_opens_with_all_findings(session: Session, tmp_path: Path) -> None:
    found = _some(session)
    path = tmp_path / "findings.geojson"
    path.write_text(json.dumps(findings_geojson(found)), encoding="utf-8")
    meta, _, geometry, _ = pyogrio.raw.read(path)
    assert meta["crs"] == "EPSG:4326"
    with_ground: list[Mapping[str, Any]] = [one for one in found if one["geometry"]]
    assert len(geometry) == len(found)
    assert sum(one is not None for one in geometry) == len(with_ground) > 1
