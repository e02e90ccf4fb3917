"""The gate: who may do which work on which day, and what stands in the way."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from formation import AUTHORITY, OPERATOR, OTHER, Formation, day
from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.core.life.gate import gate
from tilth.core.life.gate_rules import GATE, GateRules, gate_rules_of
from tilth.core.life.register import Register
from tilth.core.problems import CATALOGUE, Refused

NOTHING: list[tuple[str, str]] = []


def asked(what: Formation | Register, on: str = "2026-05-03", **more: Any) -> list[Any]:
    question: dict[str, Any] = {
        "team": "T-1",
        "organisation": "OP",
        "activity": "clearance",
        "day": on,
        **more,
    }
    return gate(what.register() if isinstance(what, Formation) else what, **question)


def barred(
    what: Formation | Register, on: str = "2026-05-03", **more: Any
) -> list[tuple[str, str]]:
    return [(one.code, one.where.rsplit("/", 1)[-1]) for one in asked(what, on, **more)]


def test_a_trained_and_accredited_team_may_work() -> None:
    assert barred(Formation().ready()) == NOTHING


def test_an_organisation_may_be_called_by_code_name_or_log() -> None:
    ready = Formation().ready()
    for name in ("OP", "Operator", OPERATOR, ""):
        assert barred(ready, organisation=name) == NOTHING


def test_a_team_whose_course_expired_yesterday_cannot_be_tasked_today() -> None:
    formation = Formation().ready()
    formation.trained("P-3", until="2026-05-02")
    formation.say("team", "T-2", code="T-2", members=[{"person": "P-3"}])
    formation.accredited("team", "T-2")
    assert barred(formation, "2026-05-03", team="T-2") == [("training_expired", "R-7")]
    assert barred(formation, "2026-05-02", team="T-2") == NOTHING  # the last valid day
    # Its report of last week still stands.
    assert barred(formation, "2026-04-20", team="T-2", until="2026-04-26") == NOTHING
    # A report over several days needs every one of them.
    assert barred(formation, "2026-05-01", team="T-2", until="2026-05-03") == [
        ("training_expired", "R-7")
    ]


def test_what_stands_in_the_way_says_what_would_open_it() -> None:
    formation = Formation().ready()
    (problem,) = asked(formation, team="T-1", activity="bac", methods=["bac_surface"])
    assert problem.code == "accreditation_scope"
    assert problem.where == f"{AUTHORITY}/accreditation/ACC-6"
    fix = CATALOGUE[problem.code].fix.format(**problem.params)
    assert "full accreditation for bac (bac_surface) from the authority" in fix
    assert "covers 2026-05-03" in fix
    assert "does not cover bac on" in CATALOGUE[problem.code].what.format(**problem.params)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"expires_on": "2026-05-02"}, "accreditation_expired"),
        ({"issued_on": "2026-05-04"}, "accreditation_not_yet"),
        ({"status": "suspended"}, "accreditation_suspended"),
        ({"status": "withdrawn"}, "accreditation_withdrawn"),
        ({"activities": ["nts"]}, "accreditation_scope"),
        ({"methods": ["mdd"]}, "accreditation_scope"),
        ({"hazard_types": ["battle_area"]}, "accreditation_scope"),
        ({"by": OPERATOR}, "accreditation_not_approved"),
        ({"holder": "T-9"}, "not_accredited"),
        # A month is read the stricter way: issued at its end, expired at its beginning.
        ({"issued_on": "2026-05"}, "accreditation_not_yet"),
        ({"expires_on": "2026-05"}, "accreditation_expired"),
    ],
)
def test_an_accreditation_opens_only_what_it_covers(change: dict[str, Any], code: str) -> None:
    formation = Formation().ready()
    formation.say("team", "T-2", code="T-2", members=[{"person": "P-1"}])
    accreditation = formation.accredited("team", **{"holder": "T-2", **change})
    work = {"team": "T-2", "methods": ["manual"], "hazard_types": ["minefield"]}
    where = "T-2" if code == "not_accredited" else accreditation.record.rsplit("/", 1)[-1]
    assert barred(formation, **work) == [(code, where)]
    formation.accredited("team", "T-2", status="provisional")
    assert barred(formation, **work) == NOTHING


def test_several_accreditations_cover_a_work_together() -> None:
    formation = Formation().ready()
    formation.say("team", "T-2", code="T-2", members=[{"person": "P-1"}])
    formation.accredited("team", "T-2", methods=["manual"])
    formation.accredited("team", "T-2", methods=["mdd"])
    assert barred(formation, team="T-2", methods=["manual", "mdd"]) == NOTHING
    assert [code for code, _ in barred(formation, team="T-2", methods=["manual", "flail"])] == [
        "accreditation_scope"
    ]


def test_an_accreditation_of_the_operators_own_opens_once_the_authority_approved_it() -> None:
    formation = Formation().ready()
    formation.say("team", "T-2", code="T-2", members=[{"person": "P-1"}])
    own = formation.accredited("team", "T-2", by=OPERATOR)
    assert [code for code, _ in barred(formation, team="T-2")] == ["accreditation_not_approved"]
    formation.approve(own)
    assert barred(formation, team="T-2") == NOTHING


def test_a_suspension_holds_from_its_day_until_it_is_lifted() -> None:
    formation = Formation().ready()
    accreditation = next(one for one in formation.said if one.record.endswith("ACC-6"))
    formation.revise(accreditation, "2026-05-03", status="suspended", reason="accident")
    formation.revise(accreditation, "2026-05-20", status="full")
    assert barred(formation, "2026-05-02") == NOTHING
    assert barred(formation, "2026-05-03") == [("accreditation_suspended", "ACC-6")]
    assert barred(formation, "2026-05-19") == [("accreditation_suspended", "ACC-6")]
    assert barred(formation, "2026-05-20") == NOTHING
    # Suspended some day in July, lifted some day in September: the stricter reading.
    formation.revise(accreditation, "2026-07", status="suspended")
    formation.revise(accreditation, "2026-09", status="full")
    assert barred(formation, "2026-06-30") == NOTHING
    assert [code for code, _ in barred(formation, "2026-07-01")] == ["accreditation_suspended"]
    assert [code for code, _ in barred(formation, "2026-09-29")] == ["accreditation_suspended"]
    assert barred(formation, "2026-09-30") == NOTHING


def test_the_operator_may_suspend_its_own_accreditation_and_not_lift_it() -> None:
    formation = Formation().ready()
    formation.say("team", "T-2", code="T-2", members=[{"person": "P-1"}])
    own = formation.accredited("team", "T-2", by=OPERATOR)
    formation.approve(own)
    formation.revise(own, "2026-05-01", status="suspended")
    lifted = formation.revise(own, "2026-05-02", status="full")
    assert [code for code, _ in barred(formation, team="T-2")] == ["accreditation_suspended"]
    formation.approve(lifted)
    assert barred(formation, team="T-2") == NOTHING


def test_what_is_withdrawn_stays_so_and_a_renewal_opens_again() -> None:
    formation = Formation().ready()
    accreditation = next(one for one in formation.said if one.record.endswith("ACC-6"))
    formation.revise(accreditation, "2026-12-20", expires_on="2027-12-31")
    assert barred(formation, "2027-02-01", organisation="OP")[-1][0] != "accreditation_expired"
    formation.revise(accreditation, "2026-06-01", status="withdrawn")
    formation.revise(accreditation, "2026-07-01", status="full")
    assert barred(formation, "2026-05-31") == NOTHING
    assert barred(formation, "2026-08-01") == [("accreditation_withdrawn", "ACC-6")]


def test_two_teams_of_one_code_are_told_apart_by_their_organisation() -> None:
    formation = Formation().ready()
    formation.say("organisation", "ZZ", AUTHORITY, code="ZZ", name="Other", log_id=OTHER)
    formation.accredited("organisation", "ZZ")
    formation.say("team", "T-1", OTHER, code="T-1", members=[{"person": "P-1"}])
    # "T-1" now means two teams, so that the accreditation of either must name it whole.
    assert [code for code, _ in barred(formation)] == ["not_accredited"]
    formation.accredited("team", f"{OPERATOR}/team/T-1")
    assert barred(formation) == NOTHING
    assert [code for code, _ in barred(formation, organisation="ZZ")] == ["not_accredited"]


def test_a_team_nobody_recorded_and_a_team_of_nobody() -> None:
    formation = Formation().ready()
    assert barred(formation, team="T-9") == [("team_unknown", "T-9"), ("not_accredited", "T-9")]
    formation.say("team", "T-8", code="T-8")
    formation.accredited("team", "T-8")
    assert barred(formation, team="T-8") == [("team_without_members", "T-8")]
    formation.say("training_result", "R-T", course="C-1", team="T-8", result="passed")
    assert barred(formation, team="T-8") == NOTHING


def test_everybody_who_is_in_the_team_on_the_day_is_trained() -> None:
    formation = Formation().ready()
    members = [
        {"person": "P-1"},
        {"person": "P-4", "period_from": "2026-04-01", "period_to": "2026-04-30"},
        {"person": "P-5", "function": "medic"},
    ]
    formation.say("team", "T-2", code="T-2", members=members)
    formation.accredited("team", "T-2")
    assert barred(formation, "2026-04-30", team="T-2") == [
        ("training_missing", "P-4"),
        ("training_missing", "P-5"),
    ]
    assert barred(formation, "2026-05-01", team="T-2") == [("training_missing", "P-5")]
    medics = GateRules(untrained_functions=("medic",))
    assert barred(formation, "2026-05-01", team="T-2", rules=medics) == NOTHING


def test_the_newest_result_of_a_course_counts() -> None:
    formation = Formation().ready()
    formation.trained("P-2", on="2026-05-01", result="failed")
    assert barred(formation, "2026-04-30") == NOTHING
    assert barred(formation, "2026-05-03") == [("training_failed", "R-7")]
    formation.trained("P-2", on="2026-06-01", until="2026-12-31")
    assert [code for code, _ in barred(formation, "2026-05-31")] == ["training_failed"]
    assert barred(formation, "2026-06-01") == NOTHING


def test_a_course_counts_for_what_it_teaches() -> None:
    formation = Formation().ready()
    formation.say("training_course", "C-2", code="C-2", activities=["clearance"], methods=["mdd"])
    formation.say("team", "T-2", code="T-2", members=[{"person": "P-6"}])
    formation.accredited("team", "T-2")
    formation.trained("P-6", course="C-9")
    assert barred(formation, team="T-2") == [("training_course_unknown", "R-10")]
    formation.trained("P-6", course="C-2")
    assert barred(formation, team="T-2", methods=["mdd", "manual"]) == NOTHING
    assert [code for code, _ in barred(formation, team="T-2", methods=["manual"])] == [
        "training_course_unknown"
    ]


ASSET = {"asset_type": "detector", "status": "in_use"}


def proved(on: str, until: str = "", result: str = "passed", test: str = "calibration") -> Any:
    line = {"tested_on": on, "test": test, "result": result}
    return {**line, "valid_until": until} if until else line


@pytest.mark.parametrize(
    ("tests", "code"),
    [
        ([proved("2026-04-01", "2026-05-03")], ""),
        ([proved("2026-04-01", "2026-05-02")], "asset_test_expired"),
        ([proved("2026-05-04")], "asset_not_tested"),
        ([], "asset_not_tested"),
        ([proved("2026-04-01", test="maintenance")], "asset_not_tested"),
        ([proved("2026-04-01"), proved("2026-04-20", result="failed")], "asset_test_failed"),
        ([proved("2026-04-20"), proved("2026-04-01", result="failed")], ""),
        ([proved("2026-04-01"), proved("2026-05-09", result="failed")], ""),
        (
            [proved("2026-04-01"), proved("2026-04-20", test="test_field", result="failed")],
            "asset_test_failed",
        ),
    ],
)
def test_an_asset_has_passed_its_newest_tests(tests: list[Any], code: str) -> None:
    formation = Formation().ready()
    formation.say("asset", "D-1", code="D-1", tests=tests, **ASSET)
    assert barred(formation, assets=["D-1"]) == ([(code, "D-1")] if code else NOTHING)
    assert barred(formation, assets=[]) == NOTHING


def test_an_asset_under_repair_or_unknown_is_told() -> None:
    formation = Formation().ready()
    asset = formation.say("asset", "D-1", code="D-1", tests=[proved("2026-04-01")], **ASSET)
    formation.revise(asset, "2026-05-02", status="repair")
    formation.revise(asset, "2026-05-09", status="in_use")
    assert barred(formation, "2026-05-01", assets=["D-1"]) == NOTHING
    assert barred(formation, "2026-05-08", assets=["D-1"]) == [("asset_not_in_use", "D-1")]
    assert barred(formation, "2026-05-09", assets=["D-1"]) == NOTHING
    assert barred(formation, assets=["D-7"]) == [("asset_unknown", "D-7")]


def test_an_asset_that_was_accredited_needs_its_accreditation_to_stand() -> None:
    formation = Formation().ready()
    formation.say("asset", "D-1", code="D-1", tests=[proved("2026-04-01")], **ASSET)
    formation.accredited("asset", "D-1", expires_on="2026-05-02")
    assert barred(formation, "2026-05-02", assets=["D-1"]) == NOTHING
    assert [code for code, _ in barred(formation, assets=["D-1"])] == ["accreditation_expired"]


def test_a_programme_may_tune_what_is_required() -> None:
    bare = Formation()
    bare.say("team", "T-1", code="T-1")
    off = {f"require_{name}": False for name in ("team", "organisation", "training", "asset_tests")}
    assert barred(bare, rules=gate_rules_of(off)) == NOTHING
    rules = gate_rules_of({"tested_assets": ["machine"], "require_team": False})
    assert rules.tested_assets == ("machine",)
    assert not rules.require_team
    assert rules.require_training
    with pytest.raises(Refused) as refused:
        gate_rules_of({"require_team": "yes", "require_luck": True})
    assert {one.code for one in refused.value.problems} == {"setting_bad", "setting_unknown"}


def test_every_rule_stands_on_the_page_of_gates() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "gates.md"
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", page.read_text("utf-8"), re.MULTILINE))
    assert set(GATE) <= set(rows)
    assert all(CATALOGUE[code].what == rule.what for code, rule in GATE.items())


# -- laws ------------------------------------------------------------------------------------------

DAYS = st.integers(1, 60)
STATUS = st.sampled_from(["provisional", "full", "suspended", "withdrawn"])
SCOPE = st.lists(st.sampled_from(["clearance", "bac"]), max_size=2, unique=True)


@st.composite
def formations(draw: st.DrawFn) -> Formation:
    """T-1 of OP with accreditations, revisions, results and tests on any days."""
    formation = Formation()
    formation.say("organisation", "OP", AUTHORITY, code="OP", name="Operator", log_id=OPERATOR)
    formation.say("training_course", "C-1", code="C-1", activities=["clearance"])
    formation.say("team", "T-1", code="T-1", members=[{"person": "P-1"}])
    formation.accredited("organisation", "OP", activities=["clearance"], issued_on=day(1))
    for _ in range(draw(st.integers(0, 3))):
        said = formation.accredited(
            "team",
            "T-1",
            by=draw(st.sampled_from([AUTHORITY, OPERATOR])),
            activities=draw(SCOPE),
            issued_on=day(draw(DAYS)),
            expires_on=day(draw(DAYS)),
            status=draw(STATUS),
        )
        for _ in range(draw(st.integers(0, 2))):
            formation.revise(said, day(draw(DAYS)), status=draw(STATUS))
        if draw(st.booleans()):
            formation.approve(said)
    for _ in range(draw(st.integers(0, 3))):
        formation.trained(
            "P-1",
            on=day(draw(DAYS)),
            until=day(draw(DAYS)),
            result=draw(st.sampled_from(["passed", "failed"])),
        )
    tests = [
        proved(
            day(draw(DAYS)),
            day(draw(DAYS)),
            draw(st.sampled_from(["passed", "passed", "failed"])),
            draw(st.sampled_from(["calibration", "test_field"])),
        )
        for _ in range(draw(st.integers(0, 3)))
    ]
    formation.say("asset", "D-1", code="D-1", tests=tests, **ASSET)
    return formation


def codes(formation: Formation, on: int, order: Any = None) -> list[tuple[str, str]]:
    return barred(formation.register(order), day(on), assets=["D-1"])


@settings(max_examples=100, deadline=None)
@given(formations(), DAYS)
def test_law_a_wider_accreditation_never_closes_the_gate(formation: Formation, on: int) -> None:
    before = codes(formation, on)
    formation.accredited("team", "T-1", activities=[], issued_on=day(1), expires_on=day(60))
    after = codes(formation, on)
    assert set(after) <= set(before)
    assert not any(where.startswith("ACC-") for _, where in after)  # it covers everything


@settings(max_examples=100, deadline=None)
@given(formations(), DAYS, DAYS, st.sampled_from(["suspended", "withdrawn"]), st.booleans())
def test_law_to_suspend_never_opens_the_gate(
    formation: Formation, on: int, since: int, status: str, month: bool
) -> None:
    closed = bool(codes(formation, on))
    said = [one for one in formation.said if one.kind == "accreditation" and one.act == "record"]
    for accreditation in said:
        formation.revise(accreditation, day(since)[: 7 if month else 10], status=status)
    assert bool(codes(formation, on)) >= closed


@settings(max_examples=100, deadline=None)
@given(formations(), DAYS, st.data())
def test_law_the_order_in_which_it_was_said_changes_nothing(
    formation: Formation, on: int, data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(formation.said))))
    order.sort(key=lambda one: formation.said[one].kind == "decision")  # as the store hands them
    assert codes(formation, on, order) == codes(formation, on)


@settings(max_examples=100, deadline=None)
@given(formations(), DAYS, STATUS, DAYS, st.integers(1, 30))
def test_law_what_happens_later_leaves_the_gate_of_a_day_as_it_was(
    formation: Formation, on: int, status: str, until: int, later: int
) -> None:
    before = bool(codes(formation, on))
    for said in [one for one in formation.said if one.kind == "accreditation"]:
        if said.act == "record":
            formation.revise(said, day(on + later), status=status, expires_on=day(until))
    formation.trained("P-1", on=day(on + later), until=day(until), result="failed")
    assert bool(codes(formation, on)) == before


@settings(max_examples=100, deadline=None)
@given(formations(), DAYS, st.integers(0, 20))
def test_law_a_period_is_open_when_each_of_its_days_is(
    formation: Formation, on: int, more: int
) -> None:
    register = formation.register()
    whole = barred(register, day(on), until=day(on + more), assets=["D-1"])
    each = [barred(register, day(one), assets=["D-1"]) for one in range(on, on + more + 1)]
    assert (whole == NOTHING) == all(one == NOTHING for one in each)
