"""Recall: what a missed item puts in doubt, case by case, and against counting by brute force."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.core.chains import REPORTED, Said
from tilth.core.life.recall import (
    CAUSES,
    Check,
    Miss,
    Work,
    miss_of,
    missed_areas,
    proposed,
    recall_findings,
    works_of,
)
from tilth.core.life.register import Held, Register

TEAM, OTHER_TEAM = "op/team/A", "op/team/B"


def work(name: str, **how: Any) -> Work:
    """Ground worked on 1 March by team A, by hand, with detector 12, under task 7."""
    usual = Work(name, "2026-03-01", frozenset({(TEAM, "manual")}), frozenset({"D-12"}), "TASK-7")
    return replace(usual, **how)


FOREIGN = {"ways": frozenset({(OTHER_TEAM, "mdd")}), "assets": frozenset({"D-99"}), "task": "T-9"}
MISSED = work("MISSED")
MISS = Miss("qa/sample_inspection/S-9", "2026-05-01", frozenset({"MISSED"}))


def alone(**same: Any) -> Work:
    """Another area that shares with the one in which the item was missed only what is said."""
    return work("OTHER", **{**FOREIGN, **same})


def sampled(on: str, *areas: str) -> Check:
    return Check("qa/sample_inspection/S-1", on, frozenset(areas))


SHARED = {
    "team_and_method": {"ways": MISSED.ways},
    "asset": {"assets": MISSED.assets},
    "task": {"task": MISSED.task},
}

CASES = [
    # what the other area shares, its samples, the cause named, whether it is proposed
    ("nothing shared", alone(), [], "", False),
    ("the team and its method", alone(ways=MISSED.ways), [], "", True),
    ("the team, with another method", alone(ways=frozenset({(TEAM, "mdd")})), [], "", False),
    (
        "the method, by another team",
        alone(ways=frozenset({(OTHER_TEAM, "manual")})),
        [],
        "",
        False,
    ),
    (
        "team and method, but the team used another one there",
        alone(ways=frozenset({(TEAM, "mdd"), (OTHER_TEAM, "manual")})),
        [],
        "",
        False,
    ),
    ("an asset", alone(assets=frozenset({"D-12", "D-13"})), [], "", True),
    ("the task", alone(task="TASK-7"), [], "", True),
    ("no task at all, on both sides", alone(task=""), [], "", False),
    ("the task, sampled after the work", alone(task="TASK-7"), ["2026-03-02"], "", False),
    ("the task, sampled on the day of the miss", alone(task="TASK-7"), ["2026-05-01"], "", False),
    ("the task, sampled after the miss", alone(task="TASK-7"), ["2026-05-02"], "", True),
    ("the task, sampled on the last day of work", alone(task="TASK-7"), ["2026-03-01"], "", True),
    ("the task, sampled before the work", alone(task="TASK-7"), ["2026-02-01"], "", True),
    (
        "the task, sampled before and after the work",
        alone(task="TASK-7"),
        ["2026-02-01", "2026-04-01"],
        "",
        False,
    ),
    ("the task, sampled in the month of the work", alone(task="TASK-7"), ["2026-03"], "", True),
    ("the task, sampled in the month of the miss", alone(task="TASK-7"), ["2026-05"], "", True),
    ("everything, the cause is the team", work("OTHER"), [], "team_and_method", True),
    ("an asset, the cause is the asset", alone(assets=MISSED.assets), [], "asset", True),
    ("an asset, the cause is the task", alone(assets=MISSED.assets), [], "task", False),
    ("the task, the cause is the asset", alone(task="TASK-7"), [], "asset", False),
    ("the task, the cause is the team", alone(task="TASK-7"), [], "team_and_method", False),
    ("team and method, the cause is the task", alone(ways=MISSED.ways), [], "task", False),
]


@pytest.mark.parametrize(
    ("other", "samples", "cause", "in_doubt"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_a_missed_item_proposes_exactly_the_polygons_that_share_its_work(
    other: Work, samples: list[str], cause: str, in_doubt: bool
) -> None:
    miss = replace(MISS, cause=cause)
    found = proposed(miss, [other, MISSED], [sampled(day, "OTHER") for day in samples])
    assert [one.record for one in found] == ["MISSED", *["OTHER"] * in_doubt]


def test_the_area_in_which_it_was_missed_is_proposed_although_it_was_sampled() -> None:
    (found,) = proposed(MISS, [MISSED, alone()], [sampled("2026-04-01", "MISSED")])
    assert found.record == "MISSED"
    assert found.why == ("missed_in", *CAUSES)


def test_each_area_says_what_it_shares() -> None:
    rows = [work("OTHER", **{**FOREIGN, **same}) for same in SHARED.values()]
    for row, cause in zip(rows, CAUSES, strict=True):
        found = {one.record: one.why for one in proposed(MISS, [row, MISSED], [])}
        assert found["OTHER"] == (cause,)


def test_an_item_missed_in_one_of_two_areas_puts_in_doubt_what_shares_with_either() -> None:
    second = work("SECOND", ways=frozenset({(OTHER_TEAM, "mdd")}), assets=frozenset(), task="T-9")
    miss = replace(MISS, areas=frozenset({"MISSED", "SECOND"}))
    mixed = alone(ways=frozenset({(TEAM, "mdd")}), assets=frozenset(), task="")
    assert [one.record for one in proposed(miss, [MISSED, second, mixed], [])] == [
        "MISSED",
        "SECOND",
    ]
    same = alone(assets=frozenset(), task="")
    assert "OTHER" in [one.record for one in proposed(miss, [MISSED, second, same], [])]


def test_a_miss_that_names_only_a_task_puts_its_areas_in_doubt() -> None:
    miss = Miss("S-9", "2026-05-01", tasks=frozenset({"TASK-7"}))
    assert [one.record for one in proposed(miss, [work("A"), alone()], [])] == ["A"]


# -- a law, with counting by brute force as the oracle ---------------------------------------------

_DAYS = ("2026-03-01", "2026-03", "2026-04-10", "2026-04", "2026-05-01", "2026-05-20")
_days = st.sampled_from(_DAYS)
_names = ("A", "B", "C", "D")
_ways = st.frozensets(st.sampled_from([(t, m) for t in "xy" for m in ("hand", "dog")]), max_size=2)
_works = st.lists(
    st.builds(
        Work,
        st.sampled_from(_names),
        _days,
        _ways,
        st.frozensets(st.sampled_from(("d1", "d2")), max_size=1),
        st.sampled_from(("", "t1", "t2")),
    ),
    unique_by=lambda one: one.record,
    max_size=4,
)
_checks = st.lists(
    st.builds(Check, st.just("S"), _days, st.frozensets(st.sampled_from(_names), max_size=3)),
    max_size=3,
)
_misses = st.builds(
    Miss,
    st.just("M"),
    _days,
    st.frozensets(st.sampled_from(_names), max_size=2),
    st.frozensets(st.sampled_from(("t1", "t3")), max_size=1),
    st.sampled_from(("", *CAUSES)),
)


def _first(day: str) -> str:
    return f"{day}-01" if len(day) == 7 else day


def _last(day: str) -> str:
    ends = {"2026-03": "2026-03-31", "2026-04": "2026-04-30"}
    return ends.get(day, day)


def by_brute_force(miss: Miss, works: list[Work], checks: list[Check]) -> set[str]:
    """Every area, every other one, every criterion, every sample, one after the other."""
    doubted = set(miss.areas)
    sources = [one for one in works if one.record in miss.areas]
    for area in works:
        if not any(_covers(check, area, miss) for check in checks):
            for task in miss.tasks:
                if miss.cause in ("", "task") and task == area.task:
                    doubted.add(area.record)
            for source in sources:
                if miss.cause in _in_common(source, area):
                    doubted.add(area.record)
    return doubted


def _covers(check: Check, area: Work, miss: Miss) -> bool:
    after_work = _first(check.day) > _last(area.day)
    before_miss = _last(check.day) <= _first(miss.day)
    return area.record in check.areas and after_work and before_miss


def _in_common(source: Work, area: Work) -> set[str]:
    """Causes that two areas share; the empty one where they share any."""
    found = set()
    for mine, theirs in product(source.ways, area.ways):
        if mine[0] == theirs[0] and mine[1] == theirs[1]:
            found |= {"", "team_and_method"}
    for asset, other in product(source.assets, area.assets):
        if asset == other:
            found |= {"", "asset"}
    if source.task and source.task == area.task:
        found |= {"", "task"}
    return found


@settings(max_examples=100)
@given(_misses, _works, _checks)
def test_what_is_proposed_is_what_counting_by_brute_force_finds(
    miss: Miss, works: list[Work], checks: list[Check]
) -> None:
    found = [one.record for one in proposed(miss, works, checks)]
    assert found == sorted(by_brute_force(miss, works, checks))


@settings(max_examples=100)
@given(_misses, _works, _checks)
def test_a_sample_only_takes_doubt_away_and_a_cause_only_narrows(
    miss: Miss, works: list[Work], checks: list[Check]
) -> None:
    unsampled = {one.record for one in proposed(miss, works, [])}
    assert {one.record for one in proposed(miss, works, checks)} <= unsampled
    wide = {one.record for one in proposed(replace(miss, cause=""), works, checks)}
    narrow = [
        {one.record for one in proposed(replace(miss, cause=c), works, checks)} for c in CAUSES
    ]
    assert set().union(*narrow) == wide
    assert miss.areas <= wide


# -- how ground was worked -------------------------------------------------------------------------


def held(kind: str, local: str, author: str = "op", on: str = "2026-03-01", **fields: Any) -> Held:
    record = f"{author}/{kind}/{local}"
    return Held(
        record, kind, author, "p1", "0" * 64, REPORTED, on, "", {"local_id": local, **fields}
    )


def register(*records: Held) -> Register:
    made = Register("na", {"op": "Operator", "zz": "Other", "na": "Authority"})
    for number, one in enumerate(records):
        said = Said(
            f"{number:064d}", one.author, "p1", "record", one.kind, one.record, fields=one.fields
        )
        made.take(replace(said, happened_on=one.happened_on))
    made.refresh()
    return made


def test_what_a_release_does_not_say_is_taken_from_the_reports_of_its_task() -> None:
    known = register(held("task", "T1", author="na"), held("team", "A"), held("asset", "D1"))
    release = held("released_area", "R1", on="2026-03-10", task="T1")
    reports = [
        held("clearance_report", "C1", task="T1", team="A", methods=["manual"], assets=["D1"]),
        held("clearance_report", "C2", task="T1", team="B", work=[{"method": "mdd"}]),
        held("clearance_report", "C3", task="T1", team="C", methods=["flail"], on="2026-03-11"),
        held("clearance_report", "C4", task="T2", team="D", methods=["flail"]),
        held("clearance_report", "C5", task="T1", team="E", methods=["flail"], author="zz"),
    ]
    (made,) = works_of(known, [release], reports)
    assert made.task == "na/task/T1"
    assert made.ways == {("op/team/A", "manual"), ("op/team/B", "mdd")}
    assert made.assets == {"op/asset/D1"}


def test_a_release_speaks_for_itself_where_it_says_how_it_was_worked() -> None:
    release = held(
        "released_area", "R1", task="T1", teams=["A", "B"], methods=["manual"], assets=["D1"]
    )
    report = held("clearance_report", "C1", task="T1", team="Z", methods=["mdd"], assets=["D9"])
    (made,) = works_of(register(), [release], [report])
    assert made.ways == {("op/team/A", "manual"), ("op/team/B", "manual")}
    assert made.assets == {"op/asset/D1"}


def test_a_release_that_names_its_teams_takes_their_methods_from_the_reports() -> None:
    release = held("released_area", "R1", task="T1", teams=["A"])
    reports = [
        held("clearance_report", "C1", task="T1", team="A", methods=["manual"]),
        held("clearance_report", "C2", task="T1", team="B", methods=["mdd"]),
    ]
    (made,) = works_of(register(), [release], reports)
    assert made.ways == {("op/team/A", "manual")}
    (made,) = works_of(
        register(), [replace(release, fields={"task": "T1", "methods": ["mdd"]})], reports
    )
    assert made.ways == {("op/team/B", "mdd")}


def test_two_organisations_may_both_have_a_team_a() -> None:
    known = register(held("team", "A"), held("team", "A", author="zz"))
    own = held("released_area", "R1", teams=["A"], methods=["manual"])
    other = held("released_area", "R2", author="zz", teams=["A"], methods=["manual"])
    works = works_of(known, [own, other], [])
    miss = replace(MISS, areas=frozenset({own.record}))
    assert [one.record for one in proposed(miss, works, [])] == [own.record]


MISSES = [
    ("sample_inspection", {"items_missed": 1, "result": "failed"}, True),
    ("sample_inspection", {"items_missed": 1, "result": "passed"}, True),
    ("sample_inspection", {"items_missed": 0, "result": "failed"}, False),
    ("sample_inspection", {"result": "failed", "missed_category": "ap_mine"}, True),
    ("sample_inspection", {"items_missed": 0, "result": "passed"}, False),
    ("post_clearance_review", {"items_found": 2, "accident_after": "no"}, True),
    ("post_clearance_review", {"items_found": 0, "accident_after": "yes"}, True),
    ("post_clearance_review", {"items_found": 0, "accident_after": "no"}, False),
    ("accident", {"accident_type": "civil"}, True),
    ("qm_visit", {"result": "unsatisfactory"}, False),
]


@pytest.mark.parametrize(("kind", "fields", "tells"), MISSES)
def test_which_records_tell_of_a_missed_item(
    kind: str, fields: dict[str, Any], tells: bool
) -> None:
    one = held(kind, "X", author="na", task="T1", cause_of_miss="asset", **fields)
    found = miss_of(register(), one, ["R1"])
    assert (found is not None) == tells
    if found is not None:
        assert (found.areas, found.tasks, found.cause) == ({"R1"}, {"T1"}, "asset")


def test_an_accident_outside_released_ground_is_no_miss_of_clearance() -> None:
    assert miss_of(register(), held("accident", "X"), []) is None


def test_a_cause_that_is_not_known_narrows_nothing() -> None:
    one = held("sample_inspection", "X", items_missed=1, cause_of_miss="unknown")
    found = miss_of(register(), one, [])
    assert found is not None
    assert found.cause == ""


@pytest.mark.parametrize(
    ("named", "holding", "areas"),
    [("AB", "B", "B"), ("AB", "", "AB"), ("", "B", "B"), ("A", "B", "AB"), ("", "", "")],
)
def test_the_place_of_the_item_tells_which_of_the_areas_named_it_was(
    named: str, holding: str, areas: str
) -> None:
    assert missed_areas(named, holding) == frozenset(areas)


def test_an_area_in_doubt_that_no_recall_names_is_a_finding() -> None:
    found = recall_findings({"qa/sample_inspection/S-9": proposed(MISS, [MISSED], [])})
    assert [(one.code, one.record, one.other) for one in found] == [
        ("recall_missing", "MISSED", "qa/sample_inspection/S-9")
    ]
