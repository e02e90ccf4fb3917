"""What stands in the way of an approval, rule by rule, and what a decision then holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from releasing import FRAME, HAZARD, RELEASE, SAMPLE, Site, box, opened

from tilth.core.chains import LEVELS
from tilth.core.kinds.lists_land import DIRECT_EVIDENCE
from tilth.core.life.release import Area, activity_of, confirm_guards, own_work, release_guards
from tilth.core.problems import CATALOGUE, Problem, Refused
from tilth.service.deciding import Act, carry_out, plan
from tilth.service.findings import findings
from tilth.service.levels import plan_undo
from tilth.service.recording import correct, revise, say_many
from tilth.service.register import held, held_where
from tilth.service.release_guards import told_briefly
from tilth.service.ruling import default_rules

RULES = default_rules()
SOUND = Area(
    "op/released_area/RA-1",
    {"release_type": "cleared", "depth_cm": "20", "coverage_percent": "100", "items_total": 0},
    area_m2=1000.0,
    hazard={"area_type": "minefield", "required_depth_cm": "15"},
    reports=frozenset({"clearance"}),
    visits=1,
    sampled_m2=100.0,
)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = opened(tmp_path)
    with made.session:
        yield made


def codes(area: Area) -> list[str]:
    return [one.code for one in release_guards(area, RULES)]


def changed(**fields: Any) -> Area:
    values = {**SOUND.fields, **fields}
    return replace(SOUND, fields={key: one for key, one in values.items() if one is not None})


REDUCED = Area(
    "op/released_area/RA-2",
    {
        "release_type": "reduced",
        "criteria": ["boundary_found"],
        "technical_asset": "with",
        "coverage_percent": "20",
    },
    hazard={},
    reports=frozenset({"ts"}),
)
CANCELLED = Area(
    "op/released_area/RA-3",
    {"release_type": "cancelled", "criteria": ["no_evidence"]},
    hazard={},
    reports=frozenset({"nts"}),
)
SHORT = [
    (replace(SOUND, hazard=None), "release_without_hazard"),
    (replace(SOUND, reports=frozenset({"nts"})), "release_without_report"),
    (changed(items_total=3), ""),  # the reports list them
    (replace(changed(items_total=3, completion_report="CR"), reports=frozenset()),
     "release_items_not_listed"),
    (changed(coverage_percent="99.9"), "release_coverage"),
    (changed(coverage_percent=None), "release_coverage"),
    (changed(depth_cm="14"), "release_depth"),
    (changed(depth_cm=None), "release_depth"),
    (changed(depth_cm="15"), ""),  # the requirement, not the usual depth
    (replace(changed(depth_cm="15"), hazard={}), "release_depth"),  # nothing required: the usual
    (changed(intended_use="housing"), "release_depth"),  # 50 cm, whatever the hazard says
    (replace(changed(depth_cm="20"), hazard={"area_type": "cluster_strike"}), "release_depth"),
    (replace(changed(depth_cm="0"), hazard={"required_search": "surface"}), ""),
    (replace(changed(depth_cm="19"), task={"required_depth_cm": "30"}), "release_depth"),
    (replace(changed(search="surface"), task={"required_search": "subsurface"}),
     "release_surface_only"),
    (replace(SOUND, visits=0), "release_visits"),
    (replace(SOUND, sampled_m2=99.0), "release_sample_share"),
    (replace(SOUND, area_m2=0.0), "release_sample_share"),
    (replace(SOUND, failed=("qa/sample_inspection/S-1",)), "release_sample_failed"),
    (replace(SOUND, blocking=(("qa/nonconformity/NC-1", "major"),)), "nonconformity_open"),
    (replace(SOUND, blocking=(("qa/nonconformity/NC-1", "minor"),)), ""),
    (replace(SOUND, recalled=("qa/sample_inspection/S-2",)), "area_recalled"),
    (REDUCED, ""),
    (replace(REDUCED, fields={**REDUCED.fields, "criteria": ["used_by_people"]}),
     "release_without_criteria"),
    (replace(REDUCED, fields={**REDUCED.fields, "coverage_percent": "19"}), "release_coverage"),
    (replace(REDUCED, fields={**REDUCED.fields, "technical_asset": "without",
                              "coverage_percent": "0"}), ""),
    (CANCELLED, ""),
    (replace(CANCELLED, reports=frozenset({"ts"})), "release_without_report"),
    (replace(CANCELLED, fields={"release_type": "cancelled"}), "release_without_criteria"),
    (replace(CANCELLED, fields={**CANCELLED.fields, "completion_report": "X"},
             reports=frozenset()), ""),
]  # fmt: skip


@pytest.mark.parametrize(("area", "code"), SHORT)
def test_each_lack_is_told_by_its_rule_alone(area: Area, code: str) -> None:
    assert codes(area) == ([code] if code else [])


def test_a_sound_release_meets_nothing_in_its_way() -> None:
    assert codes(SOUND) == []


@pytest.mark.parametrize("area", [area for area, code in SHORT if code])
def test_every_refusal_names_what_would_satisfy_it(area: Area) -> None:
    for problem in release_guards(area, RULES):
        text = CATALOGUE[problem.code]
        assert problem.where
        assert text.what.format(**problem.params) != text.what
        assert text.fix.format(**problem.params)


more = st.fixed_dictionaries(
    {
        "depth_cm": st.integers(0, 60),
        "coverage_percent": st.integers(0, 100),
        "sampled_m2": st.floats(0, 1000),
        "visits": st.integers(0, 3),
    }
)


@settings(max_examples=100)
@given(more, more)
def test_more_of_anything_never_adds_a_problem(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Deeper, wider, more often visited and sampled: what stands in the way can only go."""

    def area(values: dict[str, Any]) -> Area:
        made = changed(
            depth_cm=str(values["depth_cm"]), coverage_percent=str(values["coverage_percent"])
        )
        return replace(made, sampled_m2=values["sampled_m2"], visits=values["visits"])

    both = {name: max(one[name], other[name]) for name in one}
    assert set(codes(area(both))) <= set(codes(area(one)))


@settings(max_examples=100)
@given(
    st.lists(st.sampled_from([one.value for one in DIRECT_EVIDENCE.codes])),
    st.sampled_from([None, "direct", "indirect", "none"]),
    st.lists(st.sampled_from(["direct", "indirect", "none"])),
    st.lists(st.sampled_from(["verbal_report", "old_survey"])),
)
def test_no_cha_is_approved_without_direct_evidence(
    direct: list[str], evidence: str | None, points: list[str], indirect: list[str]
) -> None:
    fields: dict[str, Any] = {"direct_evidence": direct, "indirect_evidence": indirect}
    if evidence:
        fields["evidence"] = evidence
    found = confirm_guards("op/hazard_area/H", [fields], [{"category": p} for p in points], RULES)
    there = bool(direct) or evidence == "direct" or "direct" in points
    assert [one.code for one in found] == ([] if there else ["cha_without_direct_evidence"])


def test_the_activity_follows_the_release_and_its_methods() -> None:
    assert activity_of("cancelled", []) == "nts"
    assert activity_of("cleared", ["bac_surface", "manual"]) == "clearance"


@pytest.mark.parametrize(
    ("author", "fields", "own"),
    [
        ("op", {"organisation": "OP"}, False),
        ("op", {"organisation": "NMAA"}, True),  # whoever typed it in
        ("na", {"organisation": "OP"}, False),
        ("na", {}, True),
        ("op", {}, False),
    ],
)
def test_nobody_approves_their_own_work(author: str, fields: dict[str, Any], own: bool) -> None:
    found = own_work(f"{author}/released_area/R", author, fields, "na", {"NMAA", "na"})
    assert bool(found) == own
    assert own_work(f"{author}/team/T", author, fields, "na", {"NMAA"}) == []


def test_of_many_records_the_first_twenty_are_told() -> None:
    problems = [Problem("own_work", f"op/released_area/{n}") for n in range(25) for _ in "ab"]
    told = told_briefly(problems)
    assert [one.code for one in told] == ["own_work"] * 20 + ["more_in_the_way"]
    assert told[-1].params == {"count": 5, "rules": "own_work"}


# -- in a workspace --------------------------------------------------------------------------------


def test_ground_that_was_tasked_worked_visited_and_sampled_is_approved(site: Site) -> None:
    site.prepare()
    said = site.approve("HA-1", "CR-1", "RA-1")
    assert site.decision(said[0])["rule_set"] == RULES.identity
    assert "overrides" not in site.decision(said[0])


LACKS: list[tuple[dict[str, Any], list[str]]] = [
    ({"accreditation_team": None}, ["not_accredited"]),
    ({"accreditation_organisation": {"expires_on": "2026-04-05"}}, ["accreditation_expired"]),
    ({"result": {"valid_until": "2026-04-09"}}, ["training_expired"]),
    ({"task": {"required_depth_cm": "30"}}, ["release_depth"]),
    ({"hazard": {"local_id": "HA-2"}}, ["release_without_hazard"]),
    ({"report": {"hazard": "HA-9", "task": None}}, ["release_without_report"]),
    ({"visit": None}, ["release_visits"]),
    ({"visit": {"task": "TO-9"}}, ["release_visits"]),
    ({"sample": None}, ["release_sample_share"]),
    ({"sample": {"happened_on": "2026-04-09"}}, ["release_sample_share"]),  # before the work's end
    ({"sample": {"happened_on": "2026-04"}}, ["release_sample_share"]),  # perhaps before it
    ({"sample": {"happened_on": "2026"}}, ["release_sample_share"]),
    ({"sample": {"shape": box(10, 10, 20, 20)}}, ["release_sample_share"]),  # 2 %
    ({"sample": {"shape": box(10, 60, 90, 90)}}, ["release_sample_share"]),  # elsewhere
    ({"release": {"teams": None}, "task": {"teams": None}}, ["release_without_team"]),
    ({"release": {"organisation": "Ministry"}}, ["own_work", "not_accredited"]),
]


@pytest.mark.parametrize(("changes", "expected"), LACKS)
def test_what_is_missing_refuses_the_release(
    site: Site, changes: dict[str, Any], expected: list[str]
) -> None:
    site.prepare(**changes)
    before = site.acts()
    assert sorted(set(site.refused("RA-1"))) == sorted(expected)
    assert site.acts() == before  # nothing is half done


def test_a_sample_that_failed_stands_in_the_way_until_a_later_one_passes(site: Site) -> None:
    failed = {"local_id": "S-0", "happened_on": "2026-04-11", "result": "failed"}
    site.prepare(sample=failed | {"items_missed": 0})
    assert set(site.refused("RA-1")) == {"release_sample_failed", "release_sample_share"}
    month = {"local_id": "S-1M", "happened_on": "2026-04"}
    site.say("sample_inspection", **SAMPLE | month)
    assert "release_sample_failed" in site.refused("RA-1"), "it may have come before"
    site.say("sample_inspection", **SAMPLE | {"local_id": "S-2"})
    assert site.refused("RA-1") == []


@pytest.mark.parametrize(
    ("failed", "passed", "settled"),
    [
        ("internal", "internal", True),
        ("internal", "external", True),
        ("external", "external", True),
        ("external", "internal", False),
    ],
)
def test_the_operator_does_not_pass_what_failed_from_outside(
    site: Site, failed: str, passed: str, *, settled: bool
) -> None:
    site.prepare(sample={"happened_on": "2026-04-11", "result": "failed", "stage": failed})
    by = "Red" if passed == "internal" else ""
    site.say("sample_inspection", by, **SAMPLE | {"local_id": "S-2", "stage": passed})
    assert site.refused("RA-1") == ([] if settled else ["release_sample_failed"])


def test_an_open_major_nonconformity_stands_in_the_way(site: Site) -> None:
    site.prepare()
    raised = {"happened_on": "2026-04-11", "nonconformity_type": "marking", "task": "TO-1"}
    site.say("nonconformity", local_id="NC-1", severity="minor", inspected="RED", **raised)
    site.say("nonconformity", local_id="NC-2", severity="major", inspected="RED", **raised)
    with pytest.raises(Refused) as refused:
        site.approve("RA-1")
    assert [one.where.split("/")[2] for one in refused.value.problems] == ["NC-2"]


def test_a_major_nonconformity_on_approved_ground_is_noticed(site: Site) -> None:
    site.prepare()
    (approval,) = site.approve("RA-1")
    raised = {"happened_on": "2026-05-20", "nonconformity_type": "marking", "inspected": "RED"}
    site.say("nonconformity", local_id="NC-1", severity="minor", task="TO-1", **raised)
    assert findings(site.session, "nonconformity_on_released") == []
    said = site.say("nonconformity", local_id="NC-2", severity="major", task="TO-1", **raised)
    (told,) = findings(site.session, "nonconformity_on_released")
    assert (told["record"], told["other"].split("/")[2]) == (said.record, "RA-1")
    carry_out(site.session, plan_undo(site.session, [approval], "wrong paper"))
    assert findings(site.session, "nonconformity_on_released") == []


def test_to_take_back_is_not_to_approve_what_no_guard_was_asked_about(site: Site) -> None:
    """An approval comes back neither by undoing its undo nor by undoing a return."""
    site.prepare()
    (approval,) = site.approve("RA-1")
    undone = carry_out(site.session, plan_undo(site.session, [approval], "wrong paper"))
    raised = {"happened_on": "2026-04-20", "nonconformity_type": "marking", "task": "TO-1"}
    site.say("nonconformity", local_id="NC-1", severity="major", inspected="RED", **raised)
    with pytest.raises(Refused) as refused:
        plan_undo(site.session, undone, "was right")
    told = [one.code for one in refused.value.problems]
    assert told == ["nonconformity_open", "undo_would_approve"]
    again = site.approve("RA-1", override=["nonconformity_open"], reason="Signs are on their way")
    returned = carry_out(site.session, plan(site.session, Act("return", ["RA-1"], reason="no")))
    with pytest.raises(Refused):
        plan_undo(site.session, returned, "was right")
    carry_out(site.session, plan_undo(site.session, again, "start again"))
    assert plan_undo(site.session, returned, "was right"), "then nothing is approved by it"


def test_each_of_two_statements_on_one_polygon_is_looked_at(site: Site) -> None:
    site.prepare(release={"depth_cm": "10"})
    (shallow,) = held_where(site.session, "released_area", "depth_cm", "10").values()
    deep = correct(site.session, "RA-1", {"depth_cm": "20"})
    for order in ((shallow.statement, deep.statement), (deep.statement, shallow.statement)):
        assert site.refused(*order) == ["release_depth"]


@pytest.mark.parametrize("act", ["approve", "revoke", "return"])
def test_no_decision_is_dated_on_a_day_that_has_not_come(site: Site, act: str) -> None:
    """A revocation dated 2099 by a slip left the ground released, and out of every recall."""
    site.prepare()
    with pytest.raises(Refused) as refused:
        plan(site.session, Act(act, ["RA-1"], reason="an item was found", on="2099-05-01"))
    assert [one.code for one in refused.value.problems] == ["day_after_today"]


@pytest.mark.parametrize(
    ("release", "stands"),
    [({}, True), ({"task": "TO-9"}, True), ({"hazard": "HA-9"}, False), ({"task": "T2"}, False)],
)
def test_who_names_no_task_does_not_leave_its_nonconformity_behind(
    site: Site, release: dict[str, Any], *, stands: bool
) -> None:
    site.say("task", local_id="T2", hazard="HA-1", assigned_to="RED")
    site.prepare(release={"task": None, **release})
    raised = {"happened_on": "2026-04-11", "nonconformity_type": "marking", "task": "TO-1"}
    site.say("nonconformity", local_id="NC-1", severity="major", inspected="RED", **raised)
    assert ("nonconformity_open" in site.refused("RA-1")) == stands


def test_a_recall_stands_in_the_way_until_it_is_decided(site: Site) -> None:
    site.prepare()
    miss = {"happened_on": "2026-05-01", "stage": "external", "released_areas": ["RA-1"]}
    site.say("sample_inspection", local_id="S-9", items_missed=1, result="failed", **miss)
    from tilth.service.recalling import decide, propose

    propose(site.session, "S-9")
    assert "area_recalled" in site.refused("RA-1")
    decide(site.session, "S-9", lift=["rest"], reason="Not from this ground")
    assert "area_recalled" not in site.refused("RA-1")


def test_a_report_of_impossible_area_cannot_be_approved_whatever_the_reason(site: Site) -> None:
    """127,630 ha in a day goes in, and is never approved; with a life or without."""
    fields = {
        "local_id": "CR-9",
        "happened_on": "2026-04-03",
        "organisation": "RED",
        "team": "T-1",
        "methods": ["manual_detector"],
        "processed_area_m2": "1276300000",
    }
    site.say("clearance_report", "Red", **fields)
    assert site.refused("CR-9") == ["beyond_possible"]
    more: dict[str, Any] = {"override": ["beyond_possible"], "reason": "It says so"}
    assert site.refused("CR-9", **more) == ["beyond_possible"]


def test_without_a_life_only_confirmed_ground_is_guarded(site: Site) -> None:
    """An operation that only keeps its land approves as before; its CHA need evidence all the
    same."""
    site.session.fix_frame(FRAME)
    site.say("hazard_area", "Red", **{k: v for k, v in HAZARD.items() if k != "direct_evidence"})
    bare = {"local_id": "RA-1", "happened_on": "2026-04-10", "release_type": "cleared"}
    site.say("released_area", "Red", **bare, shape=box(0, 0, 100, 50))
    assert site.refused("HA-1") == ["cha_without_direct_evidence"]
    assert site.refused("RA-1") == []


def test_a_cha_without_evidence_is_not_refused_entry_and_is_noticed(site: Site) -> None:
    said = site.say("hazard_area", "Red", **{**HAZARD, "direct_evidence": ["other"]})
    bare = {k: v for k, v in HAZARD.items() if k != "direct_evidence"}
    other = site.say("hazard_area", "Red", **bare | {"local_id": "HA-2"})
    assert {said.record, other.record} == set(held(site.session, [said.record, other.record]))
    told = findings(site.session, "confirmed_without_direct_evidence")
    assert [one["record"] for one in told] == [other.record]


def test_an_evidence_point_that_names_the_hazard_confirms_it(site: Site) -> None:
    bare = {k: v for k, v in HAZARD.items() if k != "direct_evidence"}
    site.say("hazard_area", "Red", **bare)
    point = {"happened_on": "2026-01-09", "evidence_type": "ordnance_seen"}
    site.say("evidence_point", "Red", local_id="E-1", category="indirect", hazard="HA-1", **point)
    site.say("evidence_point", "Red", local_id="E-2", category="direct", hazard="HA-2", **point)
    assert site.refused("HA-1") == ["cha_without_direct_evidence"]
    correct(site.session, "E-1", {"category": "direct"})
    assert site.refused("HA-1") == []


def test_ground_confirmed_later_needs_evidence_then(site: Site) -> None:
    suspected = {k: v for k, v in HAZARD.items() if k != "direct_evidence"}
    site.say("hazard_area", "Red", **suspected | {"classification": "SHA"})
    assert site.refused("HA-1") == []
    revise(site.session, "HA-1", {"classification": "CHA"}, "2026-02-01")
    assert site.refused("HA-1") == ["cha_without_direct_evidence"]
    revise(site.session, "HA-1", {"direct_evidence": ["accident_here"]}, "2026-02-02")
    assert site.refused("HA-1") == []


def test_an_override_needs_a_reason_and_stays_a_finding(site: Site) -> None:
    site.prepare(visit=None)
    assert site.refused("RA-1", override=["release_visits"]) == ["override_needs_reason"]
    named = site.refused("RA-1", override=["release_depth"], reason="x")
    assert named == ["override_not_needed"]
    said = site.approve("RA-1", override=["release_visits"], reason="Visitors were not let in")
    content = site.decision(said[0])
    assert content["reason"] == "Visitors were not let in"
    assert [line["rule"] for line in content["overrides"]] == ["release_visits"]
    told = findings(site.session, "guard_overridden")
    assert [one["record"].split("/")[2] for one in told] == ["RA-1"]


def test_the_shipped_rule_set_is_said_once_and_first(site: Site) -> None:
    site.without_life()
    first = site.approve("HA-1")
    assert [act for act, kind in site.acts()[-2:]] == ["record", "approve"]
    assert site.acts()[-2] == ("record", "rule_set")
    assert len(first) == 1
    site.approve("RA-1")
    assert [kind for act, kind in site.acts()].count("rule_set") == 1


def test_one_statement_approved_and_one_refused_is_neither(site: Site) -> None:
    site.prepare()
    rows = [("released_area", {**RELEASE, "local_id": f"RA-{n}", "depth_cm": "1"}) for n in (2, 3)]
    say_many(site.session, rows, speaking_for="Red")
    assert "release_depth" in site.refused("RA-1", "RA-2", "RA-3")
    record = next(one for one in site.session.workspace.store.find_record("RA-1"))
    assert held(site.session, [record])[record].level < LEVELS["approved"]


def test_the_usual_depth_of_the_shipped_set_is_what_the_tests_take_it_for() -> None:
    assert RULES.demand("cleared", "minefield", "").depth_cm == Decimal(20)
