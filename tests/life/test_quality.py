"""Nonconformities and samples: who moves them, what they block, how much ground they cover."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.core.chains import REPORTED, Said
from tilth.core.findings import FINDINGS
from tilth.core.geometry.encoding import value_of
from tilth.core.geometry.frame import Frame
from tilth.core.kinds.lists_quality import QUESTION
from tilth.core.life import quality_findings
from tilth.core.life.moves import possible
from tilth.core.life.quality import (
    AXIS,
    OpenCases,
    cases,
    is_overdue,
    open_against,
    open_critical,
    passed,
    roles_on,
    sampled_share,
)
from tilth.core.life.register import Held, Register

FRAME = Frame(36_000_000_000, 50_000_000_000)
PARTIES = {"na": "Authority", "op": "Operator", "zz": "Other", "qa": "Body"}
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "quality.md"


def held(kind: str, local: str, author: str, on: str = "2026-04-01", **fields: Any) -> Held:
    record = f"{author}/{kind}/{local}"
    actor = str(fields.pop("actor", "p1"))
    values = {"local_id": local, **fields}
    return Held(record, kind, author, actor, "0" * 64, REPORTED, on, "", values)


def organisation(code: str, author: str, *roles: str) -> Held:
    return held(
        "organisation", code, "na", code=code, name=PARTIES[author], log_id=author, roles=roles
    )


def register(*records: Held) -> Register:
    made = Register("na", PARTIES)
    known = (organisation("BODY", "qa", "quality_body"), organisation("OP", "op", "operator"))
    for number, one in enumerate((*known, *records)):
        made.take(
            Said(
                f"{number:064d}",
                one.author,
                one.actor,
                "record",
                one.kind,
                one.record,
                happened_on=one.happened_on,
                fields=one.fields,
            )
        )
    made.refresh()
    return made


def raised(local: str = "NC-1", severity: str = "major", **fields: Any) -> Held:
    return held("nonconformity", local, "qa", severity=severity, inspected="OP", **fields)


def moved(
    move: str, follows: str = "", author: str = "qa", on: str = "2026-04-10", **fields: Any
) -> Held:
    local = str(fields.pop("local", f"{move}-{on}-{author}"))
    fields = {"axis": "nonconformity", "subject": "qa/nonconformity/NC-1", "move": move, **fields}
    if follows:
        fields["follows"] = follows
    return held("status_change", local, author, on, **fields)


def state(*records: Held, day: str = "") -> str:
    (case,) = cases(register(*records), day)
    return case.standing.state


ACT = moved("act", author="op", reason="Tape renewed")
CLOSE = moved("close", ACT.record, on="2026-04-12")
REOPEN = moved("reopen", CLOSE.record, on="2026-04-20")


# -- moves -----------------------------------------------------------------------------------------


def rows_of_the_page() -> Iterable[list[str]]:
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 6 and cells[0] in {"act", "close", "reopen"}:
            yield cells


def test_the_moves_are_those_of_the_table_in_the_docs() -> None:
    written = {
        (row[0], tuple(row[1].split(", ")), row[2], tuple(row[3].split(", ")), row[4], row[5])
        for row in rows_of_the_page()
    }
    program = {
        (
            move.name,
            move.sources,
            move.target,
            move.by,
            ", ".join(move.guards),
            "needed" if move.needs_reason else "",
        )
        for move in AXIS.moves
    }
    assert written == program


def test_every_finding_of_quality_stands_on_its_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    told = set(re.findall(r"^\| ([a-z_]+) \| [^|]+ \|$", page, re.MULTILINE)) - {"code"}
    source = Path(quality_findings.__file__).read_text(encoding="utf-8")
    codes = {code for code in FINDINGS if f'"{code}"' in source} | {"recall_missing"}
    assert told == codes


def test_the_inspected_acts_and_who_inspected_closes() -> None:
    assert state(raised()) == "open"
    assert state(raised(), ACT) == "action_taken"
    assert state(raised(), ACT, CLOSE) == "closed"
    assert state(raised(), ACT, CLOSE, REOPEN) == "reopened"
    assert state(raised(), ACT, CLOSE, REOPEN, day="2026-04-15") == "closed"


def test_the_inspected_never_closes_what_was_found_about_them() -> None:
    own = moved("close", ACT.record, author="op", on="2026-04-12")
    (case,) = cases(register(raised(), ACT, own))
    assert case.standing.state == "action_taken"
    assert case.standing.ignored == (own.record,)


def test_the_authority_closes_too_and_nobody_else() -> None:
    assert (
        state(raised(), ACT, replace(CLOSE, record="na/status_change/x", author="na")) == "closed"
    )
    assert (
        state(raised(), ACT, replace(CLOSE, record="zz/status_change/x", author="zz"))
        == "action_taken"
    )


def test_the_authority_enters_the_action_of_who_has_no_log_here() -> None:
    entered = moved("act", author="na", organisation="OP")
    assert state(raised(), entered) == "action_taken"
    assert state(raised(), moved("act", author="zz", organisation="OP")) == "open"


def test_of_two_moves_that_follow_the_same_one_the_careful_state_stands() -> None:
    rival = moved("reopen", ACT.record, author="na", on="2026-04-12")
    (case,) = cases(register(raised(), ACT, CLOSE, rival))
    assert case.standing.state == "reopened"
    assert case.standing.contested


def test_the_operator_that_inspects_itself_is_both() -> None:
    own = held("nonconformity", "NC-1", "op", severity="minor", inspected="OP")
    assert roles_on(register(own), own, "op") == {"inspector", "inspected"}


def test_a_move_is_possible_only_from_its_states() -> None:
    assert possible(AXIS, "open") == ["act"]
    assert possible(AXIS, "action_taken") == ["close", "reopen"]
    assert possible(AXIS, "closed") == ["reopen"]


@pytest.mark.parametrize(
    ("due", "moves", "overdue"),
    [
        ("2026-04-30", [], True),
        ("2026-05-01", [], False),
        ("2026-05", [], False),
        ("2026-04-30", [ACT], True),
        ("2026-04-30", [ACT, CLOSE], False),
        ("", [], False),
    ],
)
def test_overdue_is_what_nobody_closed_by_its_day(
    due: str, moves: list[Held], overdue: bool
) -> None:
    (case,) = cases(register(raised(due_on=due), *moves))
    assert is_overdue(case, "2026-05-01") == overdue


# -- what they block -------------------------------------------------------------------------------

TASK = held("task", "T-1", "na")
RELEASE = {"local_id": "RA-1", "task": "T-1", "teams": ["A"], "organisation": "OP"}
VISIT = held("qm_visit", "V-1", "qa", inspected="OP", task="T-1", team="A")

BEARS = [
    ("the area it names", {"released_areas": ["RA-1"]}, True),
    ("the area by its full id", {"released_areas": ["op/released_area/RA-1"]}, True),
    ("another area of the same task", {"released_areas": ["RA-2"], "task": "T-1"}, False),
    ("its task", {"task": "T-1"}, True),
    ("another task", {"task": "T-2"}, False),
    ("the task of its visit", {"visit": "V-1"}, True),
    ("its team", {"team": "A"}, True),
    ("another team", {"team": "B"}, False),
    ("nothing", {}, False),
]


@pytest.mark.parametrize(
    ("fields", "blocks"), [case[1:] for case in BEARS], ids=[case[0] for case in BEARS]
)
def test_an_open_major_one_blocks_what_it_bears_on(fields: dict[str, Any], blocks: bool) -> None:
    known = register(TASK, VISIT, raised(**fields))
    found = open_against(known, RELEASE, record="op/released_area/RA-1")
    assert bool(found) == blocks


@pytest.mark.parametrize(
    ("severity", "blocks", "stops"),
    [("minor", False, False), ("major", True, False), ("critical", True, True)],
)
def test_severity_tells_what_is_blocked(severity: str, blocks: bool, stops: bool) -> None:
    known = register(TASK, raised(severity=severity, task="T-1"))
    assert bool(open_against(known, RELEASE)) == blocks
    assert bool(open_critical(known, TASK.record)) == stops
    every = OpenCases(known).against(RELEASE, every=True)
    assert [one.local_id for one in every] == ["NC-1"]


def test_a_critical_one_stops_its_task_from_its_day_until_it_is_closed() -> None:
    known = register(TASK, raised(severity="critical", task="T-1"), ACT, CLOSE)
    days = ("2026-03-31", "2026-04-01", "2026-04-11", "2026-04-12")
    assert [bool(open_critical(known, TASK.record, day)) for day in days] == [
        False,
        True,
        True,
        False,
    ]


def test_a_team_of_another_organisation_is_not_blocked() -> None:
    known = register(raised(team="A"))
    theirs = {**RELEASE, "organisation": "ZZ", "task": ""}
    assert open_against(known, theirs, record="zz/released_area/RA-1") == []


# -- how much was sampled --------------------------------------------------------------------------


def square(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    ring = shapely.segmentize(shapely.box(west, south, east, north), 25.0)
    array = np.empty(1, dtype=object)
    array[0] = ring
    return value_of(FRAME.unproject_geometries(array)[0])


def release(local: str, shape: dict[str, Any] | None, on: str = "2026-03-01") -> Held:
    fields = {} if shape is None else {"shape": shape}
    return held("released_area", local, "op", on, **fields)


def sample(local: str, shape: dict[str, Any] | None, **fields: Any) -> Held:
    fields = {"result": "passed", "items_missed": 0, **fields}
    if shape is not None:
        fields["shape"] = shape
    return held("sample_inspection", local, "qa", **fields)


AREA = release("RA-1", square(0, 0, 100, 100))
SAMPLES = [
    ("nothing", [], 0),
    ("a tenth", [sample("S1", square(0, 0, 100, 10))], 1000),
    ("half inside", [sample("S1", square(-50, 0, 50, 10))], 500),
    (
        "twice the same ground",
        [sample("S1", square(0, 0, 100, 10)), sample("S2", square(0, 0, 100, 10))],
        1000,
    ),
    ("failed", [sample("S1", square(0, 0, 100, 10), result="failed")], 0),
    ("passed with an item", [sample("S1", square(0, 0, 100, 10), items_missed=1)], 0),
    ("before the work", [sample("S1", square(0, 0, 100, 10), on="2026-02-01")], 0),
    ("on its last day", [sample("S1", square(0, 0, 100, 10), on="2026-03-01")], 1000),
    (
        "without polygon",
        [sample("S1", None, released_areas=["RA-1"], sampled_area_m2="700")],
        700,
    ),
    (
        "without polygon, for two",
        [sample("S1", None, released_areas=["RA-1", "RA-2"], sampled_area_m2="700")],
        350,
    ),
    ("without polygon, elsewhere", [sample("S1", None, released_areas=["RA-2"])], 0),
    (
        "more than there is",
        [sample("S1", None, released_areas=["RA-1"], sampled_area_m2="99999")],
        10_000,
    ),
]


@pytest.mark.parametrize(
    ("samples", "sampled_m2"), [case[1:] for case in SAMPLES], ids=[case[0] for case in SAMPLES]
)
def test_the_share_is_the_ground_that_passed_samples_cover(
    samples: list[Held], sampled_m2: float
) -> None:
    made = sampled_share(register(), [AREA], samples, FRAME)[AREA.record]
    assert made.sampled_m2 == pytest.approx(sampled_m2, abs=0.01)
    assert made.area_m2 == pytest.approx(10_000, abs=0.01)
    assert made.share == pytest.approx(sampled_m2 / 10_000, abs=1e-6)


def test_ground_without_polygon_has_no_share() -> None:
    bare = release("RA-9", None)
    made = sampled_share(register(), [bare], [sample("S1", square(0, 0, 9, 9))], FRAME)
    assert made[bare.record].share == 0
    assert sampled_share(register(), [AREA], [], None)[AREA.record].area_m2 == 0


_edges = st.integers(0, 12).map(lambda n: 10.0 * n - 10.0)
_sizes = st.integers(1, 6).map(lambda n: 10.0 * n)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(_edges, _edges, _sizes, _sizes), max_size=4))
def test_the_share_never_counts_a_square_metre_twice(
    corners: list[tuple[float, float, float, float]],
) -> None:
    boxes = [(x, y, x + w, y + h) for x, y, w, h in corners]
    samples = [sample(f"S{n}", square(*box)) for n, box in enumerate(boxes)]
    made = sampled_share(register(), [AREA], samples, FRAME)[AREA.record]
    cells = {
        (x, y)
        for x in range(0, 100, 10)
        for y in range(0, 100, 10)
        if any(w <= x < e and s <= y < n for w, s, e, n in boxes)
    }
    assert made.sampled_m2 == pytest.approx(100 * len(cells), abs=0.1)


# -- findings --------------------------------------------------------------------------------------


def codes(*records: Held, releases: dict[str, list[Held]] | None = None) -> list[str]:
    found = quality_findings.quality_findings(register(*records), "2026-05-01", releases or {})
    return [one.code for one in found]


CHECKLIST = [{"question": "medic", "answer": "yes"}]
TEAM = held("team", "A", "op", members=[{"person": "D-1", "function": "deminer"}])


def visited(author: str = "qa", **fields: Any) -> Held:
    fields = {"inspected": "OP", "stage": "external", "checklist": CHECKLIST, **fields}
    return held("qm_visit", "V-1", author, **fields)


INSPECTIONS = [
    ("the quality body", visited(), []),
    ("the authority", visited("na"), []),
    ("an organisation without that role", visited("zz"), ["inspection_not_permitted"]),
    ("the inspected, as if from outside", visited("op"), ["inspection_not_permitted"]),
    ("the inspected, from inside", visited("op", stage="internal"), []),
    ("another, as if from inside", visited("qa", stage="internal"), ["inspection_not_permitted"]),
    ("the quality body, of itself", visited("qa", inspected="BODY"), ["own_inspection"]),
    (
        "a member of the team",
        visited("op", stage="internal", team="A", inspectors=["D-1"]),
        ["own_inspection"],
    ),
    ("somebody else", visited("op", stage="internal", team="A", inspectors=["D-2"]), []),
    ("what the authority entered", visited("na", organisation="OP", stage="internal"), []),
    ("no checklist", visited(checklist=[]), ["visit_without_checklist"]),
    ("nothing raised", visited(result="unsatisfactory"), ["visit_without_nonconformity"]),
]


@pytest.mark.parametrize(
    ("visit", "expected"), [case[1:] for case in INSPECTIONS], ids=[case[0] for case in INSPECTIONS]
)
def test_nobody_inspects_their_own_work(visit: Held, expected: list[str]) -> None:
    assert codes(visit, TEAM) == expected


def test_a_visit_that_raised_what_it_found_is_no_finding() -> None:
    assert codes(visited(result="unsatisfactory"), raised(visit="V-1")) == []


def test_what_is_overdue_contested_ignored_or_on_nothing_is_told() -> None:
    on_task = (raised(task="T-1"), held("task", "T-1", "na"))
    assert codes(*on_task) == []
    assert codes(raised(due_on="2026-04-30", task="T-1"), on_task[1]) == ["nonconformity_overdue"]
    assert codes(raised()) == ["nonconformity_on_nothing"]
    assert codes(raised(task="T-99"), on_task[1]) == ["nonconformity_on_nothing"], "not held"
    assert codes(raised(released_areas=["RA-99"])) == ["nonconformity_on_nothing"]
    assert codes(raised(visit="V-1"), visited()) == codes(raised(team="A")) == []
    rival = moved("reopen", ACT.record, author="na", on="2026-04-12")
    assert codes(*on_task, ACT, CLOSE, rival) == ["nonconformity_contested"]
    stray = moved("close", author="qa")
    assert codes(*on_task, stray) == ["nonconformity_move_ignored"]


def test_a_failed_sample_asks_for_a_nonconformity_about_its_ground() -> None:
    failed = sample("S1", None, result="failed", stage="external", released_areas=["RA-1"])
    on_it = {failed.record: [AREA], raised().record: [AREA]}
    assert codes(failed, releases=on_it) == ["sample_failed_without_nonconformity"]
    assert codes(failed, raised(released_areas=["RA-1"]), releases=on_it) == []
    assert codes(failed, raised(released_areas=["RA-2"]), releases=on_it) == [
        "sample_failed_without_nonconformity"
    ]


def test_a_sample_of_no_ground_that_is_held_is_told() -> None:
    lost = sample("S1", None, released_areas=["RA-99"], task="T-99", stage="external")
    assert codes(lost) == ["sample_on_nothing"]
    assert codes(lost, held("task", "T-99", "na")) == []
    assert codes(lost, releases={lost.record: [AREA]}) == []
    drawn = sample("S2", square(0, 0, 10, 10), released_areas=["RA-99"], stage="external")
    assert codes(drawn) == []


def test_a_sample_passed_in_spite_of_an_item_does_not_count_as_passed() -> None:
    odd = sample("S1", None, items_missed=2, stage="external")
    assert not passed(odd)
    assert "sample_passed_with_items" in codes(odd)


def test_the_operator_does_not_sample_its_own_ground_from_outside() -> None:
    own = replace(
        sample("S1", None, stage="external"), author="op", record="op/sample_inspection/S1"
    )
    assert codes(own, releases={own.record: [AREA]}) == ["inspection_not_permitted"]


def test_each_of_the_31_questions_names_its_column() -> None:
    assert len(QUESTION.codes) == 31
    columns = [code.words[0] for code in QUESTION.codes]
    assert len(set(columns)) == 31
    assert {"hazreduc reference", "warning explained", "qa result status"} <= set(columns)
