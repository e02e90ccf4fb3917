"""The land account from the shell: the 100 ha of the issue, decisions, and what was known when."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest
from desk import CENTRE, HAZARD, RELEASES, Desk, features, square, survey

WHOLE = {
    "recorded": 100.0,
    "extensions": 2.0,
    "cancelled": 60.0,
    "reduced": 25.0,
    "cleared": 12.0,
    "remaining": 5.0,
}
NOTHING = dict.fromkeys(WHOLE, 0.0)


def test_a_hundred_hectares_add_up_and_two_lie_beyond_the_edge(desk: Desk) -> None:
    survey(desk)
    value = desk.json("account", "work")
    assert list(value)[:7] == [
        "operation",
        "synthetic",
        "level",
        "known_at",
        "until",
        "position",
        "land",
    ]
    assert value["level"] == "reported"
    assert value["operation"] == "Strip 7"
    assert {
        "recorded_m2",
        "extensions_m2",
        "overlaps_m2",
        "cancelled_m2",
        "reduced_m2",
        "cleared_m2",
        "remaining_m2",
        "processed_m2",
        "reprocessed_m2",
        "unattached_m2",
        "declared_m2",
        "without_polygon",
        "closure_m2",
    } == set(value["land"])
    assert abs(value["land"]["closure_m2"]) < 1e-6
    assert desk.land() == WHOLE
    assert desk.land("approved") == NOTHING
    assert desk.land("prudent") == NOTHING | {"recorded": 100.0, "remaining": 100.0}
    february = desk.land("reported", "--until", "2026-02-28")
    assert february == NOTHING | {
        "recorded": 100.0,
        "cancelled": 60.0,
        "reduced": 25.0,
        "remaining": 15.0,
    }


def test_four_levels_stand_side_by_side_and_cuts_and_movements_follow(desk: Desk) -> None:
    survey(desk)
    text = desk.run("account", "work", "--since", "2026-02-28", "--by", "month")
    assert "The account closes at every level shown." in text
    assert "○ reported" in text
    assert "◆ prudent" in text
    assert "Since 28 Feb 2026" in text
    assert "2026-03" in text
    assert "○" not in desk.run("account", "work", "--ascii")
    moved = desk.json("account", "work", "--since", "2026-02-28")["movements"]
    assert round(moved["cleared_m2"]) == 120_000
    assert round(moved["newly_extended_m2"]) == 20_000
    assert "\nHA-1 " in desk.run("account", "work", "--by", "hazard", "--level", "reported")
    by = desk.json("account", "work", "--by", "hazard")["by"]
    assert [row["hazard"].rsplit("/", 1)[1] for row in by] == ["HA-1"]
    for cut in ("classification", "organisation", "month", "method", "place"):
        rows = desk.json("account", "work", "--by", cut)["by"]
        assert round(sum(row.get("cleared_m2", 0) for row in rows)) == 120_000


def test_the_picture_of_an_account_is_written(desk: Desk) -> None:
    survey(desk)
    desk.run("account", "work", "--svg", "account.svg")
    assert (desk.folder / "account.svg").read_text(encoding="utf-8").startswith("<svg")


def test_a_late_report_changes_today_but_not_the_march_figure_as_known_then(desk: Desk) -> None:
    survey(desk)
    march = desk.json("account", "work", "--until", "2026-03-31")
    late = {
        "local_id": "RA-5",
        "release_type": "cleared",
        "hazard": "HA-1",
        "happened_on": "2026-03-30",
        "depth_cm": 20,
        "shape": square(450, -500, 500, 500),
    }
    desk.write("late.geojson", features(late))
    desk.run("import", "work", "late.geojson", "--kind", "released_area", "--actor", "im1")
    assert desk.land("reported", "--until", "2026-03-31")["remaining"] == 0.0
    known = ("--until", "2026-03-31", "--known-at", march["known_at"])
    then = desk.json("account", "work", *known)
    assert then["land"] == march["land"]
    assert then["position"] == march["position"]
    assert then["known_at"] == march["known_at"]
    assert desk.refused("account", "work", "--known-at", "yesterday") == ["bad_known_at"]
    assert desk.refused("account", "work", "--until", "31.3.2026") == ["bad_day"]


def test_verifying_and_approving_move_what_they_say_they_move(desk: Desk) -> None:
    survey(desk)
    told = desk.json("vouch", "work", "HA-1", "--actor", "qa1", "--dry-run")
    assert told["said"] == []
    assert desk.land("verified") == NOTHING
    told = desk.json("vouch", "work", "HA-1", "--actor", "qa1", "--yes")
    assert round(told["moves"]["verified"]["land"]["recorded_m2"]) == 1_000_000
    assert not any(told["moves"]["approved"].values())
    assert desk.land("verified") == NOTHING | {"recorded": 100.0, "remaining": 100.0}
    desk.run("approve", "work", "HA-1", "--actor", "nmaa", "--yes")
    before = desk.land("prudent")
    told = desk.json(
        "approve",
        "work",
        "--kind",
        "released_area",
        "--where",
        "release_type=cancelled",
        "--actor",
        "nmaa",
        "--yes",
    )
    after = desk.land("prudent")
    assert told["statements"] == 1
    assert round(told["moves"]["prudent"]["land"]["remaining_m2"]) == -600_000
    assert round((after["remaining"] - before["remaining"]) * 1e4) == -600_000
    assert desk.land("approved") == after


def test_nobody_verifies_what_they_said_themselves_without_a_reason(desk: Desk) -> None:
    survey(desk)
    vouch = ("vouch", "work", "HA-1", "--yes", "--actor", "im1")
    assert desk.refused(*vouch) == ["own_statement"]
    desk.run(*vouch, "--reason", "Nobody else is here until May")
    assert desk.land("verified")["recorded"] == 100.0


def test_an_act_is_asked_about_and_a_no_does_nothing(desk: Desk) -> None:
    survey(desk)
    said = desk.do("approve", "work", "RA-1", "HA-1", "--actor", "nmaa", answer="n\n")
    assert said.exit_code == 2
    assert "remaining" in said.stdout  # what it would move comes first
    assert desk.do("approve", "work", "HA-1", "--actor", "nmaa", answer="").exit_code == 2
    assert desk.land("approved") == NOTHING
    assert desk.refused("approve", "work", "HA-1", "--actor", "nmaa") == ["not_confirmed"]
    said = desk.do("approve", "work", "RA-1", "HA-1", "--actor", "nmaa", answer="y\n")
    assert said.exit_code == 0
    assert desk.land("approved")["cancelled"] == 60.0


def test_a_return_voids_levels_until_it_is_undone(desk: Desk) -> None:
    survey(desk)
    desk.run("approve", "work", "HA-1", "RA-1", "RA-2", "--actor", "nmaa", "--yes")
    assert desk.refused("return", "work", "RA-1", "--actor", "nmaa", "--yes") == ["reason_missing"]
    returned = desk.json(
        "return", "work", "RA-1", "--reason", "No turning points", "--actor", "nmaa", "--yes"
    )
    assert desk.land("approved")["cancelled"] == 0.0
    assert desk.land("reported")["cancelled"] == 60.0
    left = desk.json("account", "work")["left_out"]
    assert left["returned"]["records"] == 1
    desk.run("approve", "work", "RA-1", "--actor", "nmaa", "--yes")  # does not lift the return
    assert desk.land("approved")["cancelled"] == 0.0
    undo = ("undo", "work", returned["said"][0][:8], "--actor", "nmaa", "--yes")
    assert desk.refused(*undo) == ["reason_missing"]
    told = desk.json(*undo, "--reason", "They were in the annex")
    assert round(told["moves"]["approved"]["land"]["cancelled_m2"]) == 600_000
    assert desk.land("approved")["cancelled"] == 60.0
    assert desk.refused("undo", "work", "ffffffff", "--reason", "x", "--actor", "n", "--yes") == [
        "unknown_decision"
    ]


def test_a_revocation_reopens_the_polygon_named_from_its_day(desk: Desk) -> None:
    survey(desk)
    desk.run("approve", "work", "HA-1", "RA-3", "--actor", "nmaa", "--yes")
    desk.write("found.geojson", features({"shape": square(400, 0, 450, 100)}))
    told = desk.json(
        "revoke",
        "work",
        "RA-3",
        "--on",
        "2026-06-02",
        "--area",
        "found.geojson",
        "--reason",
        "A farmer found a mine",
        "--actor",
        "nmaa",
        "--yes",
    )
    for level in ("reported", "approved", "prudent"):
        assert round(told["moves"][level]["land"]["remaining_m2"]) == 5_000
    assert desk.land()["remaining"] == 5.5
    assert desk.land("reported", "--until", "2026-06-01")["remaining"] == 5.0
    hazard = ("revoke", "work", "HA-1", "--reason", "x", "--actor", "nmaa", "--yes")
    assert desk.refused(*hazard) == ["not_revocable"]
    desk.write("empty.geojson", features({"shape": {"type": "Point", "coordinates": [36, 50]}}))
    empty = ("--area", "empty.geojson", "--reason", "x", "--actor", "nmaa", "--yes")
    assert desk.refused("revoke", "work", "RA-3", *empty) == ["no_polygon"]
    late = ("--on", "soon", "--reason", "x", "--actor", "nmaa", "--yes")
    assert desk.refused("revoke", "work", "RA-3", *late) == ["bad_day"]


def test_an_import_is_undone_as_a_batch_and_may_come_again(desk: Desk) -> None:
    survey(desk)
    imported = [one for one in desk.json("log", "work")["statements"] if one["kind"] == "delivery"]
    name = imported[0]["record"].rsplit("/", 1)[1]
    undone = ("withdraw", "work", "--import", name, "--actor", "im1", "--yes")
    assert desk.refused(*undone) == ["reason_missing"]
    told = desk.json(*undone, "--reason", "Wrong list")
    assert told["records"] == 4
    assert desk.land() == NOTHING | {"recorded": 100.0, "remaining": 100.0}
    assert desk.refused(*undone, "--reason", "Twice") == ["unknown_import"]
    again = desk.json(
        "import", "work", "releases.geojson", "--kind", "released_area", "--actor", "im1"
    )
    assert again["accepted"] == 4
    assert desk.land() == WHOLE
    assert "contested" not in desk.json("account", "work")["left_out"]
    assert desk.json("verify", "work", "--deep")["ok"]


def test_what_an_undone_import_corrected_is_put_back(desk: Desk) -> None:
    survey(desk)
    small = RELEASES[0] | {"shape": square(-500, -500, 0, 500)}
    desk.write("releases2.geojson", features(small))
    corrected = desk.json(
        "import",
        "work",
        "releases2.geojson",
        "--kind",
        "released_area",
        "--source",
        "releases.geojson",
        "--actor",
        "im1",
    )
    assert desk.land()["cancelled"] == 50.0
    undone = ("--reason", "The first was right", "--actor", "im1", "--yes")
    desk.run("withdraw", "work", "--import", corrected["import"], *undone)
    assert desk.land() == WHOLE


def test_a_record_that_returns_after_its_withdrawal_is_not_contested(desk: Desk) -> None:
    survey(desk)
    desk.run("withdraw", "work", "RA-1", "--reason", "x", "--actor", "im1", "--yes")
    assert desk.land()["cancelled"] == 0.0
    desk.write("again.geojson", (desk.folder / "releases.geojson").read_text() + "\n")
    take = ("--kind", "released_area", "--source", "releases.geojson", "--actor", "im1")
    report = desk.json("import", "work", "again.geojson", *take)
    assert (report["accepted"], report["unchanged"]) == (1, 3)
    assert desk.land() == WHOLE
    assert "contested" not in desk.json("account", "work")["left_out"]


def test_where_asks_what_is_in_force_and_not_what_was_corrected(desk: Desk) -> None:
    survey(desk)
    desk.write(
        "hazards2.geojson", features(HAZARD | {"classification": "CHA", "evidence": "direct"})
    )
    take = ("--kind", "hazard_area", "--source", "hazards.geojson", "--actor", "im1")
    desk.run("import", "work", "hazards2.geojson", *take)
    approve = ("approve", "work", "--kind", "hazard_area", "--actor", "nmaa", "--yes")
    assert desk.refused(*approve, "--where", "classification=SHA") == ["nothing_to_decide"]
    assert desk.json(*approve, "--where", "classification=CHA")["statements"] == 1
    assert desk.refused(*approve, "--where", "colour=red") == ["unknown_field"]
    assert desk.refused(*approve, "--where", "colour") == ["not_field_and_value"]
    assert desk.refused("approve", "work", "--actor", "nmaa", "--yes") == ["nothing_chosen"]
    both = ("approve", "work", "HA-1", "--kind", "hazard_area", "--actor", "nmaa", "--yes")
    assert desk.refused(*both) == ["two_answers"]


def test_only_the_authority_approves_and_only_others_dispute(desk: Desk) -> None:
    desk.run("init", "theirs", "--organisation", "Blue", "--authority", "Ministry")
    desk.write("hazards.geojson", features(HAZARD))
    take = ("--kind", "hazard_area", "--actor", "im1")
    levels = ("--level", "approved")
    codes = desk.refused("import", "theirs", "hazards.geojson", *take, *levels)
    assert codes == ["level_not_permitted"]
    assert desk.json("log", "theirs")["total"] == 4  # nothing was stored
    report = desk.json("import", "theirs", "hazards.geojson", *take, "--level", "verified")
    assert report["accepted"] == 1
    land = desk.json("account", "theirs", "--level", "verified")["land"]
    assert round(land["recorded_m2"]) == 1_000_000
    for act in ("approve", "revoke", "dispute"):
        codes = desk.refused(act, "theirs", "HA-1", "--reason", "x", "--actor", "a", "--yes")
        assert codes == (["not_revocable"] if act == "revoke" else ["not_permitted"])
    assert desk.refused("name", "theirs", "HA-1", "N-1", "--actor", "a") == ["not_permitted"]


def test_an_import_at_approved_writes_the_decisions(desk: Desk) -> None:
    desk.write("hazards.geojson", features(HAZARD))
    take = ("--kind", "hazard_area", "--actor", "im1", "--level", "approved")
    desk.run("import", "work", "hazards.geojson", *take, "--dry-run")
    assert desk.land("approved") == NOTHING
    desk.run("import", "work", "hazards.geojson", *take)
    assert desk.land("approved")["recorded"] == 100.0
    acts = [one["act"] for one in desk.json("log", "work")["statements"]]
    assert acts[:3] == ["approve", "vouch", "record"]
    desk.run("import", "work", "hazards.geojson", *take)  # adds no decision either
    assert [one["act"] for one in desk.json("log", "work")["statements"]] == acts


def test_a_record_shows_its_life_levels_ground_and_names(desk: Desk) -> None:
    survey(desk)
    desk.run("approve", "work", "HA-1", "RA-3", "--actor", "nmaa", "--yes")
    named = desk.json("name", "work", "HA-1", "UA-17", "--actor", "nmaa")
    assert named["national_id"] == "UA-17"
    assert desk.refused("name", "work", "RA-1", "UA-17", "--actor", "nmaa") == ["name_taken"]
    assert desk.refused("name", "work", "RA-1", "", "--actor", "nmaa") == ["bad_national_id"]
    shown = desk.json("show", "work", "UA-17")
    assert shown["record"].endswith("/hazard_area/HA-1")
    assert shown["names"] == ["HA-1", "UA-17"]
    assert [one["act"] for one in shown["life"]] == ["record", "approve", "name"]
    assert shown["levels"]["approved"] == shown["levels"]["reported"]
    assert round(shown["ground"]["area_m2"]) == 1_000_000
    assert round(shown["ground"]["credit"]["reported"]["remaining_m2"]) == 50_000
    released = desk.json("show", "work", "RA-3")
    assert round(released["ground"]["credit"]["approved"]["credited_m2"]) == 100_000
    text = desk.run("show", "work", "HA-1")
    assert "also called HA-1, UA-17" in text
    assert "1,000,000.0" in text or "999,999.9" in text or "1,000,000 " in text
    assert desk.refused("show", "work", "HA-99") == ["unknown_record"]


def test_a_revision_shows_its_newest_fields_and_the_first_ones_it_leaves(desk: Desk) -> None:
    survey(desk)
    wider = HAZARD | {"happened_on": "2026-04-01", "shape": square(-500, -500, 600, 500)}
    desk.write("hazards2.geojson", features(wider))
    take = ("--kind", "hazard_area", "--source", "hazards.geojson", "--actor", "im1")
    text = desk.run("import", "work", "hazards2.geojson", *take)
    assert "0 added, 0 corrected, 1 revised, 0 unchanged, 0 gone" in " ".join(text.split())
    shown = desk.json("show", "work", "HA-1")
    assert round(shown["ground"]["area_m2"]) == 1_100_000
    assert [one["act"] for one in shown["life"]] == ["record", "revise"]
    assert desk.land()["recorded"] == 110.0
    assert desk.land("reported", "--until", "2026-03-31")["recorded"] == 100.0


def test_a_polygon_may_come_repaired(desk: Desk) -> None:
    bow = CENTRE.unproject(np.array([[0, 0], [100, 100], [100, 0], [0, 100], [0, 0]], float))
    shape = {"type": "Polygon", "coordinates": [bow.round(9).tolist()]}
    desk.write("bow.geojson", features(HAZARD | {"shape": shape}))
    report = desk.json("import", "work", "bow.geojson", "--kind", "hazard_area", "--actor", "im1")
    assert {"code": "invalid_geometry", "count": 1} in report["findings"]
    assert round(desk.land()["recorded"] * 1e4) == 5_000
    assert any("repaired" in line for line in desk.json("show", "work", "HA-1")["geometry"])


@pytest.mark.parametrize("act", ["vouch", "approve", "return", "withdraw"])
def test_acts_on_items_say_how_many_they_move(desk: Desk, act: str) -> None:
    summary = {
        "local_id": "S-1",
        "happened_on": "2026-05",
        "place": "Dagua",
        "items": [{"category": "uxo", "quantity": 7, "disposal": "destroyed_in_place"}],
    }
    desk.write("sums.geojson", features(summary))
    take = ("--kind", "clearance_summary", "--actor", "im1")
    desk.run("import", "work", "sums.geojson", *take)
    if act == "return":
        desk.run("approve", "work", "S-1", "--actor", "nmaa", "--yes")
    told = desk.json(act, "work", "S-1", "--actor", "qa1", "--reason", "x", "--yes")
    level, change = {
        "vouch": ("verified", 7),
        "approve": ("approved", 7),
        "return": ("approved", -7),
        "withdraw": ("reported", -7),
    }[act]
    assert told["moves"][level]["items"]["found"] == change
    value = desk.json("account", "work", "--level", level)
    assert value["items"]["found"] == max(change, 0)


def test_findings_come_as_text_json_table_and_geojson(desk: Desk) -> None:
    survey(desk)
    desk.run("approve", "work", "HA-1", "--actor", "nmaa", "--yes")
    found = desk.json("findings", "work")["findings"]
    codes = [one["code"] for one in found]
    assert {"extension", "own_approval"} <= set(codes)
    assert {"code", "record", "other", "what", "fix", "area_m2", "items", "state"} <= set(found[0])
    only = desk.json("findings", "work", "--code", "extension")["findings"]
    assert [one["code"] for one in only] == ["extension"]
    assert "extension" in desk.run("findings", "work")
    rows = list(csv.DictReader(io.StringIO(desk.run("findings", "work", "--csv"))))
    assert [row["code"] for row in rows] == codes
    drawn = json.loads(desk.run("findings", "work", "--geojson"))
    assert [one["properties"]["code"] for one in drawn["features"]] == codes
    assert any(one["geometry"] for one in drawn["features"])
    assert desk.refused("findings", "work", "--csv") == ["two_answers"]


def test_a_contested_record_is_decided_by_naming_a_statement(desk: Desk) -> None:
    small = HAZARD | {"shape": square(-500, -500, 0, 500)}
    desk.write("twice.geojson", features(HAZARD, small))
    desk.run("import", "work", "twice.geojson", "--kind", "hazard_area", "--actor", "im1")
    assert desk.json("account", "work")["left_out"]["contested"]["records"] == 1
    decide = ("--actor", "nmaa", "--yes")
    assert desk.refused("approve", "work", "HA-1", *decide) == ["contested_record"]
    every = ("approve", "work", "--kind", "hazard_area")
    assert desk.refused(*every, *decide) == ["contested_record"], "not chosen by the way"
    assert desk.refused(*every, "--where", "local_id=HA-9", *decide) == ["nothing_to_decide"]
    rivals = [one["hash"] for one in desk.json("show", "work", "HA-1")["life"]]
    areas = []
    for rival in rivals:
        approved = desk.json("approve", "work", rival, *decide)
        areas.append(desk.land("approved")["recorded"])
        assert "contested" not in desk.json("account", "work")["left_out"]
        undo = ("--reason", "To try the other", *decide)
        desk.run("undo", "work", approved["said"][0], *undo)
    assert sorted(areas) == [50.0, 100.0]


def test_the_position_names_what_the_figure_rests_on(desk: Desk) -> None:
    survey(desk)
    value = desk.json("account", "work")
    total = desk.json("log", "work")["total"]
    assert [one["size"] for one in value["position"]] == [total]
    first = desk.json("account", "work", "--known-at", "position:3")
    assert first["land"]["recorded_m2"] == 0
    assert json.dumps(first["position"]) != json.dumps(value["position"])


def test_a_finding_is_explained_and_stays_in_the_list_with_its_reason(desk: Desk) -> None:
    survey(desk)
    found = desk.json("findings", "work", "--code", "extension")["findings"]
    assert [one["state"] for one in found] == ["open"]
    explained = ("explain", "work", "HA-1", "--code", "extension", "--actor", "im1")
    if found[0]["record"].endswith("RA-4"):
        explained = ("explain", "work", "RA-4", "--code", "extension", "--actor", "im1")
    other = found[0]["other"]
    if other:
        explained = (*explained, "--other", other)
    assert desk.refused(*explained) == ["reason_missing"]
    told = desk.json(*explained, "--reason", "The fence was set back")
    assert [one["record"] for one in told["findings"]] == [found[0]["record"]]
    (now,) = desk.json("findings", "work", "--code", "extension")["findings"]
    assert (now["state"], now["reason"]) == ("explained", "The fence was set back")
    assert "explained: The fence was set back" in " ".join(desk.run("findings", "work").split())
    nothing = ("explain", "work", "RA-1", "--code", "extension", "--reason", "x", "--actor", "im1")
    assert desk.refused(*nothing) == ["no_such_finding"]
