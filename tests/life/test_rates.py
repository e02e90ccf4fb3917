"""Plausible rates: what a team can work in a day, and what nobody can."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely
from formation import OPERATOR, Formation
from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.core.chains import REPORTED
from tilth.core.geometry.encoding import value_of
from tilth.core.geometry.frame import Frame
from tilth.core.kinds.catalogue import CODELISTS, KINDS
from tilth.core.kinds.validate import check
from tilth.core.life.gate_rules import GateRules, gate_rules_of
from tilth.core.life.rates import (
    USUAL,
    Rates,
    RateSettings,
    processed,
    rate_problems,
    rates_of,
    slip,
)
from tilth.core.life.register import Held
from tilth.core.life.reports import report_findings, report_guards
from tilth.core.life.rule_set import read_rule_set
from tilth.core.problems import CATALOGUE, Refused
from tilth.service.ruling import default_rules

REPORT = f"{OPERATOR}/clearance_report/CR-1"
FRAME = Frame(18_000_000_000, 44_000_000_000)


def report(**changes: Any) -> dict[str, Any]:
    """Ten people, one day, by hand."""
    fields = {
        "local_id": "CR-1",
        "happened_on": "2026-05-04",
        "organisation": "OP",
        "team": "T-1",
        "activity": "clearance",
        "methods": ["manual_detector"],
        "personnel": 10,
        "processed_area_m2": "400",
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def held(fields: dict[str, Any]) -> Held:
    return Held(
        REPORT, "clearance_report", OPERATOR, "p1", "0" * 64, REPORTED, fields["happened_on"], "",
        fields,
    )  # fmt: skip


def told(**changes: Any) -> list[str]:
    return [one.code for one in rate_problems(report(**changes), Rates(), where=REPORT)]


def square(side_m: float) -> Any:
    corners = np.array([[0, 0], [side_m, 0], [side_m, side_m], [0, side_m]], dtype=float)
    return value_of(shapely.Polygon(FRAME.unproject(corners)))


def noticed(fields: dict[str, Any], formation: Formation | None = None) -> list[str]:
    register = (formation or Formation().ready()).register()
    return [one.code for one in report_findings(register, [(REPORT, fields)])]


def test_127_630_ha_in_a_day_goes_in_at_reported_with_a_finding_and_cannot_be_approved() -> None:
    slipped = report(methods=["visual"], personnel=300, processed_area_m2=str(127_630 * 10_000))
    # It goes in: what is refused is not recorded, and then nobody can see it.
    assert check(KINDS["clearance_report"], slipped, today="2026-05-05").problems == ()
    assert noticed(slipped) == ["decimal_slip", "beyond_possible"]
    register = Formation().ready().register()
    (finding, _) = report_findings(register, [(REPORT, slipped)])
    assert finding.params["likely"] == "1,276,300.00"  # 127.63 ha, as the paper most likely said
    # It cannot be approved, and what stands in the way says so.
    (problem,) = report_guards(register, held(slipped))
    assert (problem.code, problem.where) == ("beyond_possible", REPORT)
    assert "is not possible" in CATALOGUE[problem.code].what.format(**problem.params)
    # Corrected by its author, it can.
    assert report_guards(register, held({**slipped, "processed_area_m2": "1276300"})) == []


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"processed_area_m2": "1500"}, []),  # three times the top of the band
        ({"processed_area_m2": "1501"}, ["rate_implausible"]),
        ({"processed_area_m2": "86401"}, ["beyond_possible"]),
        ({"processed_area_m2": "1501", "period_to": "2026-05-05"}, []),
        ({"processed_area_m2": "1501", "personnel": 11}, []),
        ({"processed_area_m2": "1501", "personnel": None}, []),  # nobody says how many
        ({"processed_area_m2": "301", "vegetation": "dense"}, ["rate_implausible"]),
        ({"processed_area_m2": "301", "terrain": "forest"}, ["rate_implausible"]),
        ({"processed_area_m2": "301", "terrain": "grassland"}, []),
        ({"processed_area_m2": "12000", "happened_on": "2026-05"}, []),  # a month of days
        ({"processed_area_m2": None}, []),
        ({"methods": ["bac_surface"], "processed_area_m2": "90000"}, []),
        ({"methods": ["bac_surface"], "processed_area_m2": "90001"}, ["rate_implausible"]),
        # Surface search by a team that does not count its people: 3 x 6,100 m² a team-day.
        (
            {"methods": ["bac_surface"], "processed_area_m2": "18301", "personnel": None},
            ["rate_implausible"],
        ),
        # Four machines are supposed where none is named.
        ({"methods": ["flail"], "processed_area_m2": "180000"}, []),
        ({"methods": ["flail"], "processed_area_m2": "180001"}, ["rate_implausible"]),
        # By several methods the whole may be worked by each of them.
        ({"methods": ["flail", "manual"], "processed_area_m2": "181500"}, []),
        ({"methods": ["flail", "manual"], "processed_area_m2": "181501"}, ["rate_implausible"]),
        # A method of the programme's own list is judged by the widest row.
        ({"methods": ["laser"], "processed_area_m2": "120000"}, []),
        ({"methods": ["laser"], "processed_area_m2": "120001"}, ["rate_implausible"]),
    ],
)
def test_a_report_is_held_against_what_its_people_can_do(
    changes: dict[str, Any], codes: list[str]
) -> None:
    assert told(**changes) == codes


def test_each_line_of_work_is_held_against_its_method() -> None:
    work = [
        {"method": "flail", "processed_area_m2": "9000"},
        {"method": "manual", "processed_area_m2": "9000"},
    ]
    (problem,) = rate_problems(
        report(methods=["flail", "manual"], processed_area_m2="18000", work=work), Rates()
    )
    assert (problem.code, problem.params["method"]) == ("rate_implausible", "manual")


def test_the_machines_that_are_named_count() -> None:
    fields = report(methods=["flail"], processed_area_m2="100000")
    assert rate_problems(fields, Rates(), asset_types=["machine", "machine", "machine"]) == []
    (problem,) = rate_problems(fields, Rates(), asset_types=["machine", "vehicle"])
    assert problem.params["count"] == 1
    assert problem.params["limit"] == "45,000"


def test_a_report_without_a_declared_area_is_judged_by_its_polygon() -> None:
    drawn = report(processed_area_m2=None, shape=square(100))
    assert noticed(drawn) == ["decimal_slip", "rate_implausible"]
    assert noticed({**drawn, "shape": square(20)}) == []


def test_a_slipped_decimal_shows_against_the_polygon() -> None:
    # Plausible for ten people either way; the polygon of 100 m² tells.
    assert noticed(report(processed_area_m2="1000", shape=square(10))) == ["decimal_slip"]
    assert noticed(report(processed_area_m2="103", shape=square(10))) == []


def test_the_guards_of_a_report_ask_the_gate_for_its_own_days() -> None:
    formation = Formation().ready()
    formation.trained("P-2", on="2026-02-01", until="2026-05-05")
    register = formation.register()
    assert report_guards(register, held(report())) == []
    late = report(period_to="2026-05-06")
    assert [one.code for one in report_guards(register, held(late))] == ["training_expired"]
    assert [one.code for one in report_guards(register, held(report(team=None)))] == [
        "team_missing"
    ]


def test_what_a_report_leaves_open_its_task_answers() -> None:
    formation = Formation().ready()
    formation.say("task", "TASK-1", activity="bac", hazard_types=["cluster_strike"])
    fields = report(activity=None, task="TASK-1")
    (problem,) = report_guards(formation.register(), held(fields))
    assert (problem.code, problem.params["lacks"]) == ("accreditation_scope", "bac")
    assert problem.params["work"] == "bac (manual_detector; cluster_strike)"


def test_every_report_without_an_accreditation_is_a_finding() -> None:
    formation = Formation().ready()
    fields = report(happened_on="2026-01-07", team="T-9", assets=["D-9"])
    formation.say("asset", "D-1", code="D-1")
    assert noticed(fields, formation) == [
        "report_without_accreditation",
        "report_team_unknown",
        "report_without_tested_asset",
    ]
    assert noticed(report(happened_on="2026-01-04"), formation) == [
        "report_without_accreditation",
        "report_without_training",
    ]


def test_an_operation_that_keeps_no_accreditations_is_told_once() -> None:
    bare = Formation()
    bare.say("operation", "operation")
    rows = [(f"{REPORT}{number}", report()) for number in range(5)]
    found = report_findings(bare.register(), rows)
    assert [(one.code, one.params["reports"]) for one in found] == [
        ("reports_without_accreditations", 5),
        ("reports_without_teams", 5),
    ]
    assert {one.record for one in found} == {f"{OPERATOR}/operation/operation"}


def test_every_row_of_the_table_makes_sense_and_names_its_source() -> None:
    methods = {code.value for code in CODELISTS["method"].codes}
    for name, rate in USUAL.items():
        assert name.removesuffix("_team") in methods
        assert 0 < rate.least <= rate.most < rate.ceiling
        assert rate.difficult_most <= rate.most
        assert rate.source
    assert methods <= set(USUAL)


def test_a_programme_may_tune_the_table() -> None:
    tuned = rates_of(
        {
            "tolerance": 1,
            "people": 5,
            "methods": {"manual": {"unit": "person", "least": 1, "most": 5, "ceiling": 100}},
        }
    )
    fields = report(methods=["manual"], personnel=None, processed_area_m2="26")
    assert [one.code for one in rate_problems(fields, tuned)] == ["rate_implausible"]
    assert tuned.methods["flail"] == USUAL["flail"]
    assert rates_of({}) == Rates()


@pytest.mark.parametrize(
    "settings",
    [
        {"methods": 3},
        {"methods": {"manual": {"unit": "platoon", "least": 1, "most": 5, "ceiling": 100}}},
        {"methods": {"manual": {"unit": "person", "least": 1, "most": 500, "ceiling": 100}}},
        {"methods": {"manual": {"speed": 3}}},
        {"tolerance": "much"},
        {"tolerance": float("nan")},
        {"people": -1},
        {"luck": 1},
    ],
)
def test_a_table_that_makes_no_sense_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        rates_of(settings)
    assert {one.code for one in refused.value.problems} <= {"setting_bad", "setting_unknown"}


def test_the_rule_set_that_ships_says_the_table_and_the_gate() -> None:
    shipped = default_rules()
    assert gate_rules_of(shipped.gate) == GateRules()
    table = rates_of(shipped.rates)
    assert table.settings == RateSettings()
    assert {name: replace(row, source="") for name, row in USUAL.items()} == table.methods
    wrong = shipped.text.replace("least = 300", "least = 30000").replace("_team =", "_squad =", 1)
    with pytest.raises(Refused) as refused:
        read_rule_set(wrong)
    lines = {line.split(" ")[0]: n for n, line in enumerate(wrong.splitlines(), 1)}
    assert [(one.code, one.where) for one in refused.value.problems] == [
        ("setting_unknown", f"line {lines['require_squad']}, [gate], require_squad"),
        ("setting_bad", f"line {lines['mdd']}, [rates.methods], mdd"),
    ]


METHODS = st.lists(st.sampled_from(sorted(set(USUAL) - {"bac_surface_team"})), unique=True)


@st.composite
def reports(draw: st.DrawFn) -> dict[str, Any]:
    return report(
        methods=draw(METHODS) or None,
        personnel=draw(st.one_of(st.none(), st.integers(0, 200))),
        processed_area_m2=str(draw(st.integers(0, 10**9))),
        period_to=draw(st.sampled_from([None, "2026-05-08", "2026-06"])),
        vegetation=draw(st.sampled_from([None, "dense", "light"])),
    )


@settings(max_examples=100, deadline=None)
@given(reports(), st.integers(1, 20))
def test_law_more_days_or_more_people_never_stand_in_the_way(
    fields: dict[str, Any], more: int
) -> None:
    before = len(rate_problems(fields, Rates()))
    longer = {**fields, "period_to": "2026-07-15"}
    assert len(rate_problems(longer, Rates())) <= before
    if fields.get("personnel"):
        stronger = {**fields, "personnel": fields["personnel"] + more}
        assert len(rate_problems(stronger, Rates())) <= before


@settings(max_examples=100, deadline=None)
@given(reports())
def test_law_a_slip_told_lies_in_the_band_once_it_is_corrected(fields: dict[str, Any]) -> None:
    for one in processed(fields, Rates()):
        factor = slip(one)
        assert one.least <= one.most < one.ceiling
        if factor:
            assert one.area_m2 > one.most
            assert one.least <= one.area_m2 / factor <= one.most
