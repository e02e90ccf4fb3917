"""Files in: the Colombian table, later deliveries, refused rows, an import that was stopped."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from desk import Desk

from tilth.service import importing
from tilth.store import workspace as workspaces

DATA = Path(__file__).resolve().parents[1] / "data" / "colombia"
CSV, XLSX = DATA / "clearance-2005-2014.csv", DATA / "clearance-2005-2014.xlsx"
SUMMARIES = ("--kind", "clearance_summary", "--actor", "im1")


@pytest.mark.parametrize("file", [CSV, XLSX], ids=["csv", "xlsx"])
def test_the_colombian_table_gives_its_items_and_declared_area(desk: Desk, file: Path) -> None:
    report = desk.json("import", "work", str(file), *SUMMARIES)
    assert list(report) == [
        "import",
        "read",
        "accepted",
        "unchanged",
        "refused",
        "problems",
        "warnings",
        "findings",
    ]
    assert (report["read"], report["accepted"], report["refused"]) == (333, 333, 0)
    assert report["problems"] == []
    counts = {one["code"]: one["count"] for one in report["findings"]}
    assert counts["identical_rows"] == 3
    assert counts["zero_area"] == 9
    assert counts["items_in_zero_area"] == 3
    incomplete = desk.json("findings", "work", "--code", "incomplete")["findings"]
    assert counts["incomplete"] == len(incomplete) > 0
    value = desk.json("account", "work")
    assert value["items"]["found"] == 5006
    assert value["items"]["destroyed_place_unknown"] == 5006
    assert value["land"]["declared_m2"] == 2170631.03
    assert value["land"]["recorded_m2"] == 0.0
    assert "5,006" in desk.run("account", "work", "--level", "reported")
    by = desk.json("account", "work", "--by", "place")["by"]
    assert sum(row["items"]["found"] for row in by) == 5006
    assert sum(Decimal(str(row["declared_m2"])) for row in by) == Decimal("2170631.03")


def test_the_same_bytes_add_nothing_under_any_name(desk: Desk) -> None:
    first = desk.json("import", "work", str(CSV), *SUMMARIES)
    shutil.copy(CSV, "other-name.csv")
    total = desk.json("log", "work")["total"]
    for extra in ((), ("--source", "elsewhere"), ("--new-source",)):
        again = desk.json("import", "work", "other-name.csv", *SUMMARIES, *extra)
        assert (again["read"], again["accepted"], again["unchanged"]) == (333, 0, 333)
        assert again["import"] == first["import"]
    assert desk.json("log", "work")["total"] == total
    text = desk.run("import", "work", str(CSV), *SUMMARIES)
    assert "Read 333: 0 accepted, 333 unchanged, 0 refused." in text


def test_rows_of_another_source_stop_the_import_until_it_is_settled(desk: Desk) -> None:
    desk.run("import", "work", str(CSV), *SUMMARIES)
    lines = CSV.read_text(encoding="utf-8").splitlines()
    desk.write("half.csv", "\n".join(lines[:200]) + "\n")
    assert desk.refused("import", "work", "half.csv", *SUMMARIES) == ["which_source"]
    report = desk.json("import", "work", "half.csv", *SUMMARIES, "--source", CSV.name)
    assert (report["accepted"], report["unchanged"]) == (0, 199)
    assert desk.json("account", "work")["items"]["found"] == 5006
    desk.write("third.csv", "\n".join(lines[:150]) + "\n")
    both = ("--source", CSV.name, "--new-source")
    assert desk.refused("import", "work", "third.csv", *SUMMARIES, *both) == ["two_answers"]
    report = desk.json("import", "work", "third.csv", *SUMMARIES, "--new-source")
    assert report["accepted"] == 149


def test_a_dry_run_tells_all_and_stores_nothing(desk: Desk) -> None:
    total = desk.json("log", "work")["total"]
    text = desk.run("import", "work", str(CSV), "--kind", "clearance_summary", "--dry-run")
    assert "declared_area_m2 ← areadespejada" in text
    assert "Nothing was stored." in text
    assert desk.json("log", "work")["total"] == total


AREAS = """local_id,happened_on,classification,place
A-1,2026-02-13,CHA,Old quarry
A-2,2026-02-30,SHA,River bank
A-3,2026-02-14,SHA,"Hill, north"
"""
HAZARDS = ("--kind", "hazard_area", "--actor", "im1")


def test_refused_rows_come_as_a_table_are_mended_and_taken_in(desk: Desk) -> None:
    desk.write("areas.csv", AREAS)
    report = desk.json("import", "work", "areas.csv", *HAZARDS, status=1)
    assert (report["accepted"], report["refused"]) == (2, 1)
    assert set(report["problems"][0]) == {"code", "where", "what", "fix"}
    assert "row 3" in report["problems"][0]["where"]
    listed = desk.json("problems", "work", report["import"])["problems"]
    assert [one["code"] for one in listed] == [report["problems"][0]["code"]]
    assert report["problems"][0]["code"] in desk.run("problems", "work", report["import"])
    table = desk.run("problems", "work", report["import"], "--csv")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["local_id"] for row in rows] == ["A-2"]
    assert rows[0]["tilth_reason"]
    assert rows[0]["tilth_row"] == "row 3"
    desk.run("problems", "work", report["import"], "--output", "mend.csv")
    assert desk.refused("problems", "work", report["import"], "--output", "mend.csv") == [
        "file_exists_already"
    ]
    mended = Path("mend.csv").read_text(encoding="utf-8-sig").replace("02-30", "02-27")
    desk.write("mended.csv", mended)
    report = desk.json("import", "work", "mended.csv", *HAZARDS, "--source", "areas.csv")
    assert (report["accepted"], report["refused"]) == (1, 0)
    assert desk.json("show", "work", "A-2")["values"]["place"] == "River bank"
    assert desk.json("show", "work", "A-1")["values"]["place"] == "Old quarry"
    assert desk.json("account", "work")["land"]["without_polygon"]["count"] == 3
    assert desk.refused("problems", "work", "no-such") == ["unknown_import"]


def test_the_same_refused_rows_are_told_again_with_the_same_status(desk: Desk) -> None:
    desk.write("areas.csv", AREAS)
    desk.run("import", "work", "areas.csv", *HAZARDS, status=1)
    again = desk.json("import", "work", "areas.csv", *HAZARDS, status=1)
    assert (again["accepted"], again["unchanged"], again["refused"]) == (0, 2, 1)
    assert len(again["problems"]) == 1


def test_a_later_delivery_says_first_what_it_changes(desk: Desk) -> None:
    desk.write("areas.csv", AREAS.replace("02-30", "02-26"))
    desk.run("import", "work", "areas.csv", *HAZARDS)
    later = "local_id,happened_on,classification,place\n"
    later += "A-1,2026-02-13,CHA,Old quarry\n"  # as before
    later += "A-2,2026-02-26,SHA,River bank east\n"  # the same day: a correction
    later += "A-4,2026-03-01,SHA,Ford\n"  # new; A-3 is gone
    desk.write("later.csv", later)
    take = ("import", "work", "later.csv", *HAZARDS, "--source", "areas.csv")
    told = "1 added, 1 corrected, 0 revised, 1 unchanged, 1 gone"
    text = " ".join(desk.run(*take, "--dry-run").split())
    assert told in text
    assert "Nothing was stored." in text
    assert desk.refused("show", "work", "A-4") == ["unknown_record"]
    text = " ".join(desk.run(*take).split())
    assert text.index(told) < text.index("Read 3: 2 accepted, 1 unchanged, 0 refused.")
    assert desk.json("show", "work", "A-2")["values"]["place"] == "River bank east"
    assert desk.json("show", "work", "A-3")["levels"]["reported"] != "withdrawn"
    desk.write("last.csv", later + "\n")
    gone = ("--source", "areas.csv", "--withdraw-gone")
    assert "1 records that are gone" in desk.run("import", "work", "last.csv", *HAZARDS, *gone)
    assert desk.json("show", "work", "A-3")["levels"]["reported"] == "withdrawn"


def test_a_stopped_import_is_completed_by_the_same_command(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 50)
    monkeypatch.setattr(workspaces, "_PER_COMMIT", 1)
    whole, calls = importing._of_rows, []

    def stopping(*arguments):
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return whole(*arguments)

    monkeypatch.setattr(importing, "_of_rows", stopping)
    stopped = desk.do("import", "work", str(CSV), *SUMMARIES)
    assert stopped.exit_code == 130
    assert "Stopped." in stopped.stderr
    assert "Traceback" not in stopped.output
    stored = desk.json("log", "work")["total"]
    assert stored >= 100
    assert desk.json("verify", "work")["ok"]
    report = desk.json("import", "work", str(CSV), *SUMMARIES)
    assert report["accepted"] + report["unchanged"] == 333
    assert 0 < report["accepted"] < 333
    value = desk.json("account", "work")
    assert value["items"]["found"] == 5006
    assert value["land"]["declared_m2"] == 2170631.03
    assert desk.json("log", "work")["total"] == 3 + 333 + 1


def test_what_cannot_be_read_is_refused_as_a_whole(desk: Desk) -> None:
    desk.write("empty.csv", "")
    assert desk.refused("import", "work", "missing.csv", *HAZARDS) == ["file_missing"]
    assert desk.refused("import", "work", ".", *HAZARDS) == ["file_missing"]
    assert len(desk.refused("import", "work", "empty.csv", *HAZARDS)) == 1
    desk.write("areas.csv", AREAS)
    kind = ("--kind", "minefields", "--actor", "im1")
    assert desk.refused("import", "work", "areas.csv", *kind) == ["unknown_kind"]
    silent = ("import", "work", "areas.csv", "--kind", "hazard_area")
    assert desk.refused(*silent) == ["actor_missing"]
    assert desk.refused(*silent, "--actor", "John Smith") == ["actor_not_code"]
    assert desk.refused("import", "nowhere", "areas.csv", *HAZARDS) == ["no_workspace"]
    wrong = ("--set", "place")
    assert desk.refused("import", "work", "areas.csv", *HAZARDS, *wrong) == ["not_field_and_value"]


def test_the_actor_may_come_from_the_environment(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TILTH_ACTOR", "im7")
    desk.write("areas.csv", AREAS.replace("02-30", "02-26"))
    desk.run("import", "work", "areas.csv", "--kind", "hazard_area")
    assert desk.json("log", "work")["statements"][0]["actor"] == "im7"


def test_a_mapping_and_a_template_make_a_round_trip(desk: Desk) -> None:
    desk.run("template", "hazard_area", "--into", "forms")
    assert desk.refused("template", "hazard_area", "--into", "forms") == ["file_exists_already"]
    table = Path("forms/hazard_area.csv")
    columns = table.read_text(encoding="utf-8").strip().split(",")
    row = {"local_id": "T-1", "happened_on": "2026-03-01", "classification": "SHA", "place": "Ford"}
    filled = ",".join(row.get(name, "") for name in columns)
    table.write_text(f"{','.join(columns)}\n{filled}\n", encoding="utf-8")
    mapping = ("--mapping", "forms/hazard_area.toml")
    report = desk.json("import", "work", str(table), *HAZARDS, *mapping)
    assert report["accepted"] == 1
    assert desk.json("show", "work", "T-1")["values"]["place"] == "Ford"
    assert desk.refused("template", "minefields") == ["unknown_kind"]


def test_kinds_are_listed_with_their_fields_national_ones_too(desk: Desk) -> None:
    names = [one["kind"] for one in desk.json("kinds")["kinds"]]
    assert {"hazard_area", "released_area", "clearance_report", "victim"} <= set(names)
    assert "delivery" not in names
    fields = {one["name"]: one for one in desk.json("kinds", "released_area")["fields"]}
    assert fields["release_type"]["codes"] == ["cancelled", "reduced", "cleared"]
    assert "release_type" in desk.run("kinds", "released_area")
    assert desk.refused("kinds", "minefields") == ["unknown_kind"]
    desk.write(
        "work/fields.toml",
        '[[field]]\nkind = "hazard_area"\nname = "x_parcel"\ntype = "text"\nlabel = "Parcel"\n',
    )
    national = desk.json("kinds", "hazard_area", "--workspace", "work")["fields"]
    assert "x_parcel" in [one["name"] for one in national]


def test_set_gives_what_the_file_leaves_out_and_organisation_says_who(desk: Desk) -> None:
    desk.write("bare.csv", "local_id,happened_on,classification\nB-1,2026-01-02,SHA\n")
    said = ("--set", "place=Ford", "--organisation", "Red")
    desk.run("import", "work", "bare.csv", *HAZARDS, *said)
    values = desk.json("show", "work", "B-1")["values"]
    assert (values["place"], values["organisation"]) == ("Ford", "Red")


def test_rows_refused_go_in_when_the_person_says_how_to_read_them(desk: Desk) -> None:
    rows = "HA-1,SHA,By the road,\nHA-2,SHA,By the hill,2020-05-01\n"
    desk.write("hazards.csv", f"local_id,classification,description,happened_on\n{rows}")
    take = ("import", "work", "hazards.csv", "--kind", "hazard_area", "--actor", "im1")
    first = desk.json(*take, status=1)
    assert (first["accepted"], first["refused"]) == (1, 1)
    assert desk.json(*take, status=1)["accepted"] == 0  # the same way says the same
    again = desk.json(*take, "--set", "happened_on=2024")
    assert (again["accepted"], again["unchanged"], again["refused"]) == (1, 1, 0)
    assert again["import"] == first["import"]
    third = desk.json(*take, "--set", "happened_on=2024")
    assert (third["accepted"], third["unchanged"], third["refused"]) == (0, 2, 0)
    undone = ("withdraw", "work", "--import", first["import"], "--reason", "Wrong", "--yes")
    assert desk.json(*undone, "--actor", "im1")["records"] == 2
    assert desk.json("verify", "work", "--deep")["ok"]


def test_a_file_without_rows_is_refused(desk: Desk) -> None:
    desk.write("empty.csv", "local_id,happened_on\n")
    assert desk.refused("import", "work", "empty.csv", "--kind", "place", "--actor", "im1") == [
        "no_rows"
    ]


def test_kept_problems_are_told_in_words_by_a_program_that_read_no_file(desk: Desk) -> None:
    desk.write("hazards.csv", "local_id,classification,description\nHA-1,SHA,By the road\n")
    take = ("import", "work", "hazards.csv", "--kind", "hazard_area", "--actor", "im1")
    name = desk.json(*take, status=1)["import"]
    listed = subprocess.run(
        [sys.executable, "-m", "tilth", "problems", "work", name, "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "no_day" not in json.loads(listed.stdout)["problems"][0]["what"]


def test_rows_mended_make_nothing_gone(desk: Desk) -> None:
    rows = "HA-1,SHA,By the road,\nHA-2,SHA,By the hill,2020-05-01\n"
    desk.write("hazards.csv", f"local_id,classification,description,happened_on\n{rows}")
    take = ("--kind", "hazard_area", "--actor", "im1")
    name = desk.json("import", "work", "hazards.csv", *take, status=1)["import"]
    desk.run("problems", "work", name, "--output", "mend.csv")
    again = ("import", "work", "mend.csv", "--source", "hazards.csv", "--withdraw-gone", *take)
    said = desk.run(*again, "--set", "happened_on=2024")
    assert "1 added, 0 corrected, 0 revised, 0 unchanged, 0 gone" in " ".join(said.split())
    assert desk.json("show", "work", "HA-2")["levels"]["reported"]
