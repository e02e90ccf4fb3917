"""Quality by commands: who inspects, what an open nonconformity stops, what a missed item recalls.

Blue works the ground and has a log of its own in the workspace of the ministry, which is the
authority; Body inspects.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from desk import HAZARD, Desk, features, square

from tilth.service.doubting import recalled
from tilth.service.register import register_of
from tilth.service.session import open_session

BLUE = ("--actor", "b1")
BODY = ("--actor", "q1")
MINISTRY = ("--actor", "m1")


def strip(number: int, *, on: str = "2026-03-01", **fields: Any) -> dict[str, Any]:
    """100 m by 1000 m of the hazard, cleared by Blue; the next number lies to the east."""
    west = -500 + 100 * number
    usual = {
        "local_id": f"RA-{number}",
        "release_type": "cleared",
        "hazard": "HA-1",
        "happened_on": on,
        "depth_cm": 20,
        "organisation": "BLUE",
        "shape": square(west, -500, west + 100, 500),
    }
    return {**usual, **fields}


STRIPS = (
    strip(0, teams="A", methods="manual", assets="D-1", task="T-1"),
    strip(1, teams="A", methods="manual", assets="D-2", task="T-2"),
    strip(2, teams="A", methods="mdd", assets="D-3", task="T-3"),
    strip(3, teams="B", methods="mdd", assets="D-1", task="T-4"),
    strip(4, teams="B", methods="mdd", assets="D-5", task="T-1"),
    strip(5, teams="C", methods="flail", assets="D-6", task="T-6"),
)
"""RA-0 shares team and method with RA-1, the asset with RA-3, the task with RA-4."""


@pytest.fixture
def joint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A workspace of the ministry in which Blue and Body have logs of their own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TILTH_ACTOR", raising=False)
    made = Desk(tmp_path)
    made.run("init", "work", "--organisation", "Ministry")
    made.run("join", "work", "Blue", "--code", "BLUE", "--role", "operator", *MINISTRY)
    made.run("join", "work", "Body", "--code", "BODY", "--role", "quality_body", *MINISTRY)
    made.write("hazards.geojson", features(HAZARD))
    made.write("strips.geojson", features(*STRIPS))
    made.run("import", "work", "hazards.geojson", "--kind", "hazard_area", *MINISTRY)
    made.run("import", "work", "strips.geojson", "--kind", "released_area", *BLUE)
    return made


def sample(desk: Desk, *fields: str, on: str = "2026-04-10") -> dict[str, Any]:
    usual = ("stage=external", f"happened_on={on}", "--for", "BODY", *BODY)
    return desk.json("sample", "work", *usual, *fields)


def names(told: dict[str, Any]) -> list[str]:
    return [one["local_id"] for one in told["areas"]]


def in_doubt(desk: Desk) -> set[str]:
    with open_session(desk.folder / "work") as session:
        return {record.split("/")[2] for record in recalled(session)}


# -- recall ----------------------------------------------------------------------------------------

MISSED = ("released_areas=RA-0", "items_missed=1", "result=failed")


def test_a_missed_item_recalls_exactly_what_shares_its_work(joint: Desk) -> None:
    made = sample(joint, *MISSED)
    why = {one["local_id"]: one["why"] for one in made["recall"]["areas"]}
    assert why == {
        "RA-0": ["missed_in", "team_and_method", "asset", "task"],
        "RA-1": ["team_and_method"],
        "RA-3": ["asset"],
        "RA-4": ["task"],
    }
    assert in_doubt(joint) == set(why)


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        ("team_and_method", ["RA-0", "RA-1"]),
        ("asset", ["RA-0", "RA-3"]),
        ("task", ["RA-0", "RA-4"]),
        ("unknown", ["RA-0", "RA-1", "RA-3", "RA-4"]),
    ],
)
def test_the_cause_that_the_investigation_names_narrows_the_recall(
    joint: Desk, cause: str, expected: list[str]
) -> None:
    assert names(sample(joint, *MISSED, f"cause_of_miss={cause}")["recall"]) == expected


def test_ground_that_a_passed_sample_covered_is_not_recalled(joint: Desk) -> None:
    joint.write("s.geojson", features({"shape": square(-400, -400, -380, -380)}))
    where = "shape=@s.geojson"  # on RA-1
    sample(joint, "released_areas=RA-1", where, "result=passed", on="2026-04-01")
    sample(joint, "released_areas=RA-3", where, "result=passed", on="2026-04-01")
    assert names(sample(joint, *MISSED)["recall"]) == ["RA-0", "RA-3", "RA-4"]


def test_a_sample_that_passed_recalls_nothing(joint: Desk) -> None:
    assert sample(joint, "released_areas=RA-0", "result=passed")["recall"]["areas"] == []
    assert in_doubt(joint) == set()


def test_recalled_ground_remains_at_prudent_until_the_authority_decides(joint: Desk) -> None:
    joint.run("approve", "work", "HA-1", "--yes", *MINISTRY)
    joint.run("approve", "work", "--kind", "released_area", "--yes", *MINISTRY)
    before = joint.land("prudent")
    made = sample(joint, *MISSED)
    assert joint.land("prudent")["cleared"] == before["cleared"] - 40
    assert joint.land("prudent", "--until", "2026-04-10")["cleared"] == before["cleared"] - 40
    assert joint.land("prudent", "--until", "2026-04-09") == before
    assert joint.land("approved") == before
    joint.refused(
        "recall", "decide", "work", "S-none", "--lift", "rest", "--reason", "x", *MINISTRY
    )
    told = joint.json(
        "recall", "decide", "work", made["local_id"], "--uphold", "RA-0", "--lift", "rest",
        "--reason", "The others were found in order", *MINISTRY,
    )  # fmt: skip
    assert [len(told[name]) for name in ("upheld", "lifted")] == [1, 3]
    assert joint.land("prudent")["cleared"] == before["cleared"] - 10
    assert joint.land("approved")["cleared"] == before["cleared"] - 10
    assert joint.land("approved", "--until", "2026-04-09") == before
    assert in_doubt(joint) == set()
    again = sample(joint, "released_areas=RA-4", *MISSED[1:], on="2026-05-02")
    assert names(again["recall"]) == ["RA-3", "RA-4"], "RA-0 is revoked and remains again"


def test_every_area_of_a_recall_is_decided_or_none(joint: Desk) -> None:
    name = sample(joint, *MISSED)["local_id"]
    decide = ("recall", "decide", "work", name, *MINISTRY)
    assert joint.refused(*decide, "--uphold", "RA-0", "--reason", "x") == ["recall_undecided"]
    assert joint.refused(*decide, "--uphold", "RA-0") == ["reason_missing"]
    twice = ("--uphold", "RA-0", "--lift", "RA-0", "--reason", "x")
    assert joint.refused(*decide, *twice) == ["recall_decided_twice"]
    stray = ("--uphold", "RA-5", "--lift", "rest", "--reason", "x")
    assert joint.refused(*decide, *stray) == ["recall_not_named"]
    assert len(joint.json("recall", "list", "work")["recalls"]) == 1
    joint.run(*decide, "--lift", "rest", "--reason", "x")
    assert joint.json("recall", "list", "work")["recalls"] == []


def test_who_got_recalled_ground_is_listed_to_be_told(joint: Desk) -> None:
    joint.run(
        "record", "work", "handover", "released_areas=RA-1; RA-5", "certificate_number=C-7",
        "recipients=Village council", "happened_on=2026-04-02", *MINISTRY,
    )  # fmt: skip
    sample(joint, *MISSED)
    (told,) = joint.json("recall", "list", "work")["recalls"]
    assert [one["certificate_number"] for one in told["handed_over"]] == ["C-7"]
    assert told["handed_over"][0]["recipients"] == ["Village council"]
    assert round(told["area_m2"]) == 400_000


def test_an_accident_on_released_ground_recalls_what_shares_its_work(joint: Desk) -> None:
    joint.write("p.geojson", '{"type": "Point", "coordinates": [35.99374, 50.0]}')  # RA-0
    accident = (
        "record", "work", "accident", "point=@p.geojson", "accident_type=civil",
        "happened_on=2026-04-10",
    )  # fmt: skip
    made = joint.json(*accident, *BLUE)
    assert names(made["recalls"][0]) == ["RA-0", "RA-1", "RA-3", "RA-4"]
    early = joint.json(*accident[:-1], "happened_on=2026-02-10", *BLUE)
    assert early["recalls"] == [], "the ground was not released then"


def test_a_miss_that_comes_in_by_a_file_is_recalled_too(joint: Desk) -> None:
    joint.write(
        "samples.csv",
        "local_id,stage,released areas,items missed,result,date,organisation\n"
        "S-1,internal,RA-0,1,failed,2026-04-10,BLUE\n",
    )
    made = joint.json("import", "work", "samples.csv", "--kind", "sample_inspection", *BLUE)
    assert names(made["recalls"][0]) == ["RA-0", "RA-1", "RA-3", "RA-4"]


def test_ground_reported_after_its_miss_is_recalled_when_it_comes_in(joint: Desk) -> None:
    sample(joint, *MISSED)
    late = strip(6, on="2026-04-01", local_id="RA-6", task="T-1")
    joint.write("late.geojson", features(late))
    made = joint.json("import", "work", "late.geojson", "--kind", "released_area", *BLUE)
    assert names(made["recalls"][0]) == ["RA-6"]
    assert joint.refused("recall", "propose", "work", "RA-6", *BLUE) == ["recall_nothing"]


def test_in_doubt_and_named_by_no_recall_blocks_all_the_same(joint: Desk) -> None:
    sample(joint, *MISSED)
    added = (
        "record", "work", "released_area", "local_id=RA-9", "release_type=cleared", "task=T-1",
        "happened_on=2026-04-01", "organisation=BLUE", "hazard=HA-1",
    )  # fmt: skip
    joint.run(*added, *BLUE)
    found = joint.json("findings", "work")["findings"]
    (missing,) = [one for one in found if one["code"] == "recall_missing"]
    assert missing["record"].endswith("/released_area/RA-9")
    assert "RA-9" in in_doubt(joint)
    joint.run("recall", "propose", "work", "SAMPLE-INSPECTION-0001", *BODY)
    codes = {one["code"] for one in joint.json("findings", "work")["findings"]}
    assert "recall_missing" not in codes
    assert "RA-9" in in_doubt(joint)


# -- who inspects ----------------------------------------------------------------------------------

VISIT = ("visit", "work", "inspected=BLUE", "activity=clearance", "stage=external")


def test_the_quality_body_visits_and_the_inspected_does_not_visit_itself(joint: Desk) -> None:
    checks = ("--check", "medic=yes", "--check", "marking=no: tape down on the east side")
    made = joint.json(*VISIT, *checks, "--for", "BODY", *BODY)
    with open_session(joint.folder / "work") as session:
        visit = register_of(session).of("qm_visit")[made["record"]]
    assert visit.fields["checklist"] == [
        {"question": "medic", "answer": "yes"},
        {"question": "marking", "answer": "no", "remark": "tape down on the east side"},
    ]
    assert joint.refused(*VISIT, "--for", "BLUE", *BLUE) == ["inspection_not_permitted"]
    inside = ("visit", "work", "activity=clearance", "stage=internal", "--for", "BLUE", *BLUE)
    assert joint.run(*inside)


def test_a_question_is_known_by_its_column_and_answered_once(joint: Desk) -> None:
    asked = (*VISIT, "--for", "BODY", *BODY)
    assert joint.run(*asked, "--check", "qualified medic available=yes")
    assert joint.refused(*asked, "--check", "coffee=yes") == ["question_unknown"]
    twice = ("--check", "medic=yes", "--check", "medic=no")
    assert joint.refused(*asked, *twice) == ["question_twice"]
    assert joint.refused(*asked, "--check", "medic=perhaps") != []


def test_where_there_is_nobody_else_an_override_stays_a_finding(desk: Desk) -> None:
    visit = ("visit", "work", "inspected=Blue", "stage=external", "activity=bac", "--actor", "im1")
    assert desk.refused(*visit) == ["own_inspection"]
    assert desk.refused(*visit, "--override", "own_inspection") == ["override_needs_reason"]
    desk.run(*visit, "--override", "own_inspection", "--reason", "No other organisation here")
    codes = {one["code"] for one in desk.json("findings", "work")["findings"]}
    assert "guard_overridden" in codes


# -- nonconformities -------------------------------------------------------------------------------

RAISE = (
    "nonconformity", "raise", "work", "inspected=BLUE", "severity=major",
    "nonconformity_type=marking", "description=No tape", "happened_on=2026-04-11",
    "due_on=2026-04-20", "released_areas=RA-0",
)  # fmt: skip
ON = ("--on", "2026-04-15")


def states(desk: Desk, *options: str) -> list[str]:
    rows = desk.json("nonconformity", "list", "work", *options)["nonconformities"]
    return [one["state"] for one in rows]


def test_a_nonconformity_goes_from_the_inspected_to_who_inspected(joint: Desk) -> None:
    name = joint.json(*RAISE, "--for", "BODY", *BODY)["local_id"]
    act = ("nonconformity", "act", "work", name, *ON, *BLUE)
    close = ("nonconformity", "close", "work", name, *ON)
    assert joint.refused(*close, *BODY) == ["move_not_possible"]
    assert joint.refused(*act) == ["move_needs_reason"]
    assert joint.json(*act, "--reason", "New tape")["to_state"] == "action_taken"
    assert joint.refused(*close, "--for", "BLUE", *BLUE) == ["move_not_permitted"]
    assert joint.json(*close, "--for", "BODY", *BODY)["to_state"] == "closed"
    assert states(joint, "--until", "2026-04-14") == ["open"]
    again = ("nonconformity", "reopen", "work", name, "--reason", "Down again", *BODY)
    joint.run(*again, "--for", "BODY")
    assert states(joint) == ["reopened"]


def test_who_acted_does_not_close_unless_there_is_nobody_else(desk: Desk) -> None:
    actor = ("--actor", "im1")
    raise_ = ("nonconformity", "raise", "work", "inspected=Blue", "severity=minor", "team=A")
    name = desk.json(*raise_, *actor)["local_id"]
    desk.run("nonconformity", "act", "work", name, "--reason", "Done", *actor)
    close = ("nonconformity", "close", "work", name, *actor)
    assert desk.refused(*close) == ["closes_own_action"]
    desk.run(*close, "--override", "closes_own_action", "--reason", "One person here")
    assert states(desk) == ["closed"]
    codes = {one["code"] for one in desk.json("findings", "work")["findings"]}
    assert "guard_overridden" in codes


def test_the_list_tells_what_is_overdue_first(joint: Desk) -> None:
    joint.run(*RAISE[:-2], "due_on=2099-01-01", "--for", "BODY", *BODY)
    joint.run(*RAISE, "--for", "BODY", *BODY)
    rows = joint.json("nonconformity", "list", "work", "--inspected", "BLUE")["nonconformities"]
    assert [one["overdue"] for one in rows] == [True, False]
    assert "overdue" in joint.run("nonconformity", "list", "work")
    assert states(joint, "--severity", "critical") == []


def test_an_open_major_one_stands_in_the_way_of_approval(joint: Desk) -> None:
    joint.run(*RAISE, "--for", "BODY", *BODY)
    with open_session(joint.folder / "work") as session:
        from tilth.core.life.quality import open_against
        from tilth.service.register import held

        (record,) = session.workspace.store.find_record("RA-0")
        release = held(session, [record])[record]
        (found,) = open_against(register_of(session), release.now(), record=record)
    assert found.local_id == "NONCONFORMITY-0001"


def test_only_the_authority_decides_a_recall(desk: Desk) -> None:
    actor = ("--actor", "b1")
    desk.run("init", "theirs", "--organisation", "Blue", "--authority", "Ministry")
    desk.write("strips.geojson", features(*STRIPS))
    desk.run("import", "theirs", "strips.geojson", "--kind", "released_area", *actor)
    missed = ("sample", "theirs", "stage=internal", "happened_on=2026-04-10", *MISSED)
    made = desk.json(*missed, *actor, "--for", "Blue")
    assert names(made["recall"]) == ["RA-0", "RA-1", "RA-3", "RA-4"]
    decide = ("recall", "decide", "theirs", made["local_id"], "--lift", "rest", "--reason", "x")
    assert desk.refused(*decide, *actor) == ["not_permitted"]
    lift = desk.json("recall", "list", "theirs")["recalls"][0]["statement"]
    undo = ("undo", "theirs", lift, "--reason", "No", "--yes", *actor)
    assert desk.refused(*undo) == ["recall_not_undone"]
    assert len(desk.json("recall", "list", "theirs")["recalls"]) == 1
