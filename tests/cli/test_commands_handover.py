"""Rule sets, guards and handover at the command line: said, refused, overridden, shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from desk import HAZARD, Desk, features, survey

TAKE = ("--kind", "hazard_area", "--actor", "im1")
NMAA = ("--actor", "nmaa", "--yes")
PAPER = (
    "certificate_number=HC-1",
    "recipients=Mirna village",
    "purpose=memorial",
    "markers_recorded=yes",
    'markers=[{"label":"TP1","marker_type":"turning_point","point":"50.0N 36.0E"}]',
    "residual_risk=Below 20 cm",
    "liability=The state",
    'signatories=[{"role":"operator"},{"role":"authority"},{"role":"land user"}]',
    "present_women=3",
)
NATIONAL = 'name = "national"\nversion = {version}\nabout = "Ours."\nstrict = "{strict}"\n{more}'


@pytest.fixture
def released(desk: Desk) -> Desk:
    """A hazard and its releases, two of them approved."""
    survey(desk)
    desk.run("approve", "work", "HA-1", "RA-1", "RA-3", *NMAA)
    return desk


def confirmed(desk: Desk, **more: Any) -> None:
    desk.write("cha.geojson", features(HAZARD | {"classification": "CHA"} | more))
    desk.run("import", "work", "cha.geojson", *TAKE)


def test_an_override_is_asked_for_by_its_rule_and_with_a_reason(desk: Desk) -> None:
    confirmed(desk)
    approve = ("approve", "work", "HA-1", *NMAA)
    assert desk.refused(*approve) == ["cha_without_direct_evidence"]
    override = ("--override", "cha_without_direct_evidence")
    assert desk.refused(*approve, *override) == ["override_needs_reason"]
    said = desk.json(*approve, *override, "--reason", "Map of 1994")
    assert (said["statements"], len(said["said"])) == (1, 1)
    told = desk.json("findings", "work", "--code", "guard_overridden")["findings"]
    assert "Map of 1994" in told[0]["what"]


def test_the_next_command_undoes_the_decision_and_not_the_rule_set(desk: Desk) -> None:
    """The shipped rule set is said with the first decision; what is undone is the decision."""
    confirmed(desk, evidence="direct")
    said = desk.json("approve", "work", "HA-1", *NMAA)
    kinds = [one["kind"] for one in desk.json("log", "work")["statements"][:2]]
    assert kinds == ["decision", "rule_set"]
    desk.run("undo", "work", said["said"][0][:12], "--reason", "Wrong paper", *NMAA)


def test_an_import_at_the_level_approved_is_guarded_too(desk: Desk) -> None:
    rows = [HAZARD | {"local_id": f"HA-{n}", "classification": one} for n, one in
            enumerate(("SHA", "CHA"))]  # fmt: skip
    desk.write("both.geojson", features(*rows))
    told = desk.json("import", "work", "both.geojson", *TAKE, "--level", "approved", status=1)
    assert told["accepted"] == 2
    assert [one["code"] for one in told["not_approved"]] == ["cha_without_direct_evidence"]
    levels = [desk.json("show", "work", f"HA-{n}")["levels"] for n in (0, 1)]
    assert ["approved" in one for one in levels] == [True, False]
    assert "verified" in levels[1]


def test_release_check_shows_what_bites_and_what_would_not_be_asked_here(released: Desk) -> None:
    told = released.json("release-check", "work", "RA-2", status=1)
    assert told["strict"] is False
    (one,) = told["records"]
    assert {line["bites"] for line in one["approve"]} == {False}
    assert [line["code"] for line in one["hand_over"]] == ["handover_not_approved"]
    text = released.run("release-check", "work", "RA-2", status=1)
    assert "To approve (not asked here): release_without_report." in text
    assert "RA-2 is not approved" in " ".join(text.split())
    before = released.json("log", "work")
    released.run("release-check", "work", "RA-1", "RA-3")
    assert released.json("log", "work") == before


def test_ground_is_handed_over_or_all_that_is_in_the_way_is_told(released: Desk) -> None:
    by = ("--actor", "ops1")
    lacking = released.refused("handover", "work", "RA-1", "RA-2", PAPER[0], *by)
    assert lacking[0] == "handover_not_approved"
    assert set(lacking[1:]) == {
        "handover_markers",
        "handover_marker_types",
        "handover_incomplete",
        "handover_signatories",
    }
    trial = released.json("handover", "work", "RA-1", "RA-3", *PAPER, "--dry-run", *by)
    assert (trial["record"], len(trial["released_areas"])) == ("", 2)
    done = released.json("handover", "work", "RA-1", "RA-3", *PAPER, *by)
    assert done["record"].endswith("/handover/HC-1")
    shown = released.json("show", "work", "HC-1")["values"]
    assert (shown["purpose"], shown["present_women"]) == ("memorial", 3)
    assert shown["rule_set"] == done["rule_set"]


def test_a_review_says_what_to_do_next(released: Desk) -> None:
    by = ("--actor", "qa1")
    released.run("handover", "work", "RA-3", *PAPER, *by)
    seen = ("handover=HC-1", "land_use_after=crops", "accident_after=no", "items_found=2")
    text = " ".join(released.run("review", "work", *seen, *by).split())
    assert "In doubt: RA-3" in text
    assert "Mirna village" in text
    assert "tilth recall decide work" in text
    assert "handover_recalled" in released.refused("handover", "work", "RA-3", *PAPER, *by)


def test_a_rule_set_is_shown_checked_said_and_followed(released: Desk) -> None:
    shown = released.json("rules", "show", "work")
    assert (shown["name"], shown["strict"]) == ("tilth-default", False)
    released.write("default.toml", released.run("rules", "show", "work", "default"))
    assert released.json("rules", "check", "default.toml")["rule_set"] == shown["rule_set"]
    more = "[reduced]\ntechnical_asset = true\n"
    released.write("n.toml", NATIONAL.format(version=1, strict="always", more=more))
    said = released.json("rules", "set", "work", "n.toml", "--actor", "nmaa")
    assert released.json("rules", "show", "work")["rule_set"] == said["rule_set"]
    assert "release_asset_not_said" in released.refused("approve", "work", "RA-2", *NMAA)
    assert released.refused("rules", "set", "work", "n.toml", "--actor", "nmaa") == [
        "rule_set_said"
    ]
    assert released.refused("rules", "show", "work", "nowhere") == ["rule_set_unknown"]
    old = released.run("rules", "show", "work", shown["rule_set"])
    assert "not a national standard" in old


def test_a_wrong_rule_set_is_refused_with_its_line(desk: Desk) -> None:
    desk.write("n.toml", NATIONAL.format(version=1, strict="always", more="[cleared]\nluck = 1\n"))
    value = json.loads(desk.run("rules", "check", "n.toml", "--json", status=2))
    assert value["problems"][0]["where"] == "line 6, [cleared], luck"
    assert desk.refused("rules", "set", "work", "n.toml", "--actor", "nmaa") == [
        "rule_set_unknown_key"
    ]
    (desk.folder / "bytes.toml").write_bytes(b"\xff\xfe")
    assert desk.refused("rules", "check", "bytes.toml") == ["rule_set_not_toml"]


def test_only_the_authority_sets_the_rules(desk: Desk) -> None:
    desk.run("init", "theirs", "--organisation", "Red", "--authority", "Ministry")
    desk.write("n.toml", NATIONAL.format(version=1, strict="running", more=""))
    assert desk.refused("rules", "set", "theirs", "n.toml", "--actor", "x") == ["not_permitted"]


def test_a_life_makes_every_guard_bite_also_that_on_own_work(released: Desk) -> None:
    released.run("record", "work", "task", "order_number=7", "hazard=HA-1", "--actor", "ops1")
    found = released.refused("approve", "work", "RA-2", *NMAA)
    assert {"own_work", "release_without_report", "release_without_criteria"} <= set(found)
    assert released.json("release-check", "work", "RA-2", status=1)["strict"] is True
    override = [part for rule in dict.fromkeys(found) for part in ("--override", rule)]
    reason = ("--reason", "One organisation alone until the summer")
    said = released.json("approve", "work", "RA-2", *NMAA, *override, *reason)
    assert said["statements"] == 1
