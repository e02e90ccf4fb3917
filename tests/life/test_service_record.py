"""What a person or team served, and what must be done before a contingent goes home."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from formation import AUTHORITY, OPERATOR, OTHER, Formation, day
from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.core.days import first_day
from tilth.core.life.register import Held, Register
from tilth.core.life.service_record import Service, return_checklist, service_record
from tilth.core.life.tasks import cases
from tilth.core.problems import CATALOGUE

UNTIL = "2026-06-30"
T1 = f"{OPERATOR}/team/T-1"


def report(register: Register, local: str, on: str, **fields: Any) -> Held:
    """A clearance report in force, by team T-1 unless told."""
    author = fields.pop("author", OPERATOR)
    values = {"team": "T-1", **fields}
    record = f"{author}/clearance_report/{local}"
    return Held(record, "clearance_report", author, "p1", local, 0, on, "", values)


def manual(area: str, hours: str = "6") -> dict[str, Any]:
    return {"work": [{"method": "manual", "processed_area_m2": area, "hours": hours}]}


def company() -> Formation:
    """T-1 of company C-1; P-2 leaves at the end of March; all deployed to Dagua."""
    made = Formation()
    made.say("team", "C-1", echelon="unit")
    members = [{"person": "P-1"}, {"person": "P-2", "period_to": "2026-03-31"}]
    made.say("team", "T-1", parent="C-1", members=members)
    made.say("deployment", "D-1", team="T-1", place="Dagua", period_from="2026-03-01")
    return made


def served(made: Formation, who: str, *reports: Held, until: str = UNTIL) -> Service:
    return service_record(made.register(), reports, who, until)


def test_a_person_is_credited_with_the_teams_work_in_the_days_they_were_listed() -> None:
    made = company()
    reports = [
        report(made.register(), "R-1", "2026-03-30", hours="6.5", **manual("100.5")),
        report(made.register(), "R-2", "2026-04-01", hours="6", **manual("200")),
    ]
    one = served(made, "P-1", *reports)
    assert (one.days_worked, one.hours) == (2, Decimal("12.5"))
    assert [(w.method, w.area_m2, w.hours) for w in one.work] == [("manual", Decimal("300.5"), 12)]
    other = served(made, "P-2", *reports)
    assert other.work[0].area_m2 == Decimal("100.5")
    assert other.days == 31
    assert one.days == first_day(UNTIL) - first_day("2026-03-01") + 1


def test_a_unit_is_credited_with_its_teams_in_the_days_they_stood_below_it() -> None:
    made = company()
    made.revise(made.said[1], "2026-05-01", parent="")
    register = made.register()
    reports = [report(register, f"R-{n}", f"2026-0{n}-15", **manual("10")) for n in (3, 4, 5)]
    unit = service_record(register, reports, f"{OPERATOR}/team/C-1", UNTIL)
    team = service_record(register, reports, T1, UNTIL)
    assert (len(unit.reports), len(team.reports)) == (2, 3)


def test_what_is_not_theirs_does_not_count() -> None:
    made = company()
    made.say("team", "T-1", OTHER)
    register = made.register()
    reports = [
        report(register, "R-1", "2026-03-02", author=OTHER, **manual("10")),
        report(register, "R-2", "2026-03-02", team="T-9", **manual("10")),
        report(register, "R-3", "2026-07-01", **manual("10")),
    ]
    assert service_record(register, reports, T1, UNTIL).reports == ()


def test_items_are_those_found_and_methods_without_lines_are_one_combined_key() -> None:
    made = company()
    items = [
        {"line_id": "1", "category": "ap_mine", "quantity": 3, "disposal": "stored"},
        {"line_id": "2", "category": "uxo", "quantity": 2, "received_from": "OTH"},
        {"line_id": "3", "disposal_of": "1", "quantity": 3, "disposal": "destroyed_in_place"},
        {"line_id": "4", "category": "saa", "quantity": 40},
    ]
    one = report(
        made.register(), "R-1", "2026-03-02", items=items, methods=["mdd", "manual"],
        processed_area_m2="50.25",
    )  # fmt: skip
    found = served(made, T1, one)
    assert found.items == {"ap_mine": 3, "saa": 40}
    assert [(w.method, w.area_m2) for w in found.work] == [("manual+mdd", Decimal("50.25"))]


@pytest.mark.parametrize(
    ("on", "fields", "days"),
    [
        ("2026-03-02", {}, 1),
        ("2026-03-02", {"period_to": "2026-03-06"}, 5),
        ("2026-03", {}, 1),
        ("2026-06-29", {"period_to": "2026-07-03"}, 2),
    ],
)
def test_days_worked_are_the_days_that_reports_cover(
    on: str, fields: dict[str, str], days: int
) -> None:
    made = company()
    assert served(made, T1, report(made.register(), "R-1", on, **fields)).days_worked == days


def test_two_reports_of_one_day_are_one_day() -> None:
    made = company()
    twice = [report(made.register(), name, "2026-03-02", **manual("1")) for name in ("R-1", "R-2")]
    found = served(made, T1, *twice)
    assert (found.days_worked, len(found.reports)) == (1, 2)


def test_accidents_on_their_tasks_and_honours_of_their_own_are_told() -> None:
    made = company()
    made.say("organisation", "OP", AUTHORITY, code="OP", log_id=OPERATOR)
    made.say("task", "K-1", AUTHORITY, assigned_to="OP", teams=["T-1"])
    made.say("accident", "A-1", on="2026-03-05", task=f"{AUTHORITY}/task/K-1")
    made.say("accident", "A-2", on="2026-04-05", task="K-1")
    made.say("accident", "A-3", on="2026-03-05")
    made.say("honour", "H-1", AUTHORITY, on="2026-06-01", person="P-2", given_by="Council")
    made.say("honour", "H-2", AUTHORITY, on="2026-07-01", person="P-2", given_by="Council")
    one = served(made, "P-2")
    assert [record.split("/")[-1] for record in one.accidents] == ["A-1"]
    assert [held.local_id for held in one.honours] == ["H-1"]


def test_somebody_nobody_knows_served_nothing() -> None:
    one = served(company(), "P-9")
    assert (one.days, one.days_worked, one.reports, one.stays) == (0, 0, (), ())


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), max_size=12),
    st.integers(0, 40),
)
def test_before_and_after_a_day_add_up_to_the_whole(work: list[tuple[int, int]], last: int) -> None:
    """Law: two members whose days follow each other share the team's work between them."""
    made = Formation()
    members = [
        {"person": "P-1", "period_to": day(last)},
        {"person": "P-2", "period_from": day(last + 1)},
    ]
    made.say("team", "T-1", members=members)
    register = made.register()
    reports = [
        report(register, f"R-{n}", day(on), **manual(str(area)))
        for n, (on, area) in enumerate(work)
    ]

    def area(who: str) -> Decimal:
        return sum((w.area_m2 for w in served(made, who, *reports).work), Decimal(0))

    def days(who: str) -> int:
        return served(made, who, *reports).days_worked

    assert area("P-1") + area("P-2") == area(T1) == sum(area for _, area in work)
    assert days("P-1") + days("P-2") == days(T1) == len({on for on, _ in work})


# -- the return -----------------------------------------------------------------------------------

HOME = "2026-06-30"


def left(made: Formation, on: str = HOME) -> list[tuple[str, str]]:
    register = made.register()
    problems = return_checklist(register, OPERATOR, on, cases(register, {}))
    assert all(one.code in CATALOGUE for one in problems)
    return [(one.code, one.where.split("/")[-1]) for one in problems]


def contingent() -> Formation:
    made = Formation()
    made.say("organisation", "OP", AUTHORITY, code="OP", log_id=OPERATOR)
    made.say("organisation", "MAC", AUTHORITY, code="MAC", roles=["authority"], log_id=AUTHORITY)
    return made


def moved(made: Formation, move: str, state: str, follows: str, by: str, on: str) -> str:
    said = made.say(
        "status_change",
        f"S-{len(made.said)}",
        by,
        on,
        axis="task",
        subject=f"{AUTHORITY}/task/K-1",
        move=move,
        to_state=state,
        follows=follows,
        reason="because",
    )
    return said.record


def test_a_contingent_that_owes_nothing_may_go_home() -> None:
    assert left(contingent()) == []


def test_each_thing_left_is_told_and_goes_when_it_is_done() -> None:
    made = contingent()
    post = made.say("deployment", "D-1", team="T-1", place="Dagua", period_from="2026-03-01")
    asset = made.say("asset", "MD-1", code="MD-1", status="in_use")
    made.say("task", "K-1", AUTHORITY, order_number="7", assigned_to="OP")
    issue = {"task": f"{AUTHORITY}/task/K-1", "explosive": "TNT", "unit": "kg"}
    made.say("explosives_issue", "E-1", on="2026-03-02", quantity="5", **issue)
    issued = moved(made, "issue", "issued", "", AUTHORITY, "2026-03-01")
    begun = moved(made, "start", "worked_on", issued, OPERATOR, "2026-03-02")
    assert left(made) == [
        ("deployment_open", "D-1"),
        ("asset_not_reconciled", "MD-1"),
        ("explosives_not_reconciled", "K-1"),
        ("task_not_ended", "K-1"),
    ]
    made.revise(post, "2026-06-30", period_to="2026-06-30")
    assert ("deployment_open", "D-1") not in left(made)
    assert ("deployment_open", "D-1") in left(made, "2026-06-29")
    made.revise(asset, "2026-06-20", status="handed_over", handed_over_to="MAC")
    made.say("explosives_use", "E-2", on="2026-06-01", quantity="2", **issue)
    made.say("explosives_return", "E-3", on="2026-06-20", quantity="3", **issue)
    assert left(made) == [("task_not_ended", "K-1")]
    moved(made, "complete", "work_complete", begun, OPERATOR, "2026-06-25")
    assert left(made) == []


def test_what_others_left_behind_does_not_keep_a_contingent() -> None:
    made = contingent()
    made.say("deployment", "D-1", OTHER, person="P-9", place="Dagua", period_from="2026-03-01")
    made.say("asset", "MD-1", OTHER, status="in_use")
    made.say("task", "K-1", AUTHORITY, assigned_to="OTH")
    moved(made, "issue", "issued", "", AUTHORITY, "2026-03-01")
    assert left(made) == []


def test_the_paper_that_the_authority_entered_keeps_the_contingent_it_is_about() -> None:
    made = contingent()
    made.say("deployment", "D-1", AUTHORITY, organisation="OP", person="P-1", place="Dagua",
             period_from="2026-03-01")  # fmt: skip
    assert left(made) == [("deployment_open", "D-1")]


ASSET_STATES = ("in_use", "repair", "retired", "returned", "handed_over")


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(1, 150), st.one_of(st.none(), st.integers(0, 60))), max_size=6),
    st.lists(st.tuples(st.sampled_from(ASSET_STATES), st.sampled_from(ASSET_STATES)), max_size=5),
    st.integers(1, 220),
)
def test_the_list_is_empty_exactly_when_everything_is_closed(
    posts: list[tuple[int, int | None]], assets: list[tuple[str, str]], home: int
) -> None:
    """Law over random contingents, whatever the order in which their papers arrive."""
    made = contingent()
    owed = 0
    for number, (start, length) in enumerate(posts):
        end = None if length is None else start + length
        fields = {} if end is None else {"period_to": day(end)}
        made.say("deployment", f"D-{number}", person="P", period_from=day(start), **fields)
        owed += start <= home and (end is None or end > home)
    for number, (first, second) in enumerate(assets):
        said = made.say("asset", f"MD-{number}", status=first)
        made.revise(said, day(100), status=second)
        owed += (second if home >= 100 else first) in ("in_use", "repair")
    assert len(left(made, day(home))) == owed
    register = made.register(reversed(range(len(made.said))))
    assert len(return_checklist(register, OPERATOR, day(home), {})) == owed
