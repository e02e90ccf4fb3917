"""The folder and the program: begin, check, back up, keys, erase, and ends that are clean."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import click
import pytest
from desk import Desk, survey

from tilth.cli import main
from tilth.service import accounting

VICTIMS = """local_id,happened_on,place,person_name,sex,age_years
V-1,2026-03-02,Ford,Ijon Zarquon-Żółć,male,34
V-2,2026-03-02,Ford,Ana Otherperson,female,12
"""


def everything(folder: Path) -> bytes:
    """Every byte of every file of a folder, archives unpacked beside themselves."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found.append(path.read_bytes())
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    found += [archive.read(name) for name in archive.namelist()]
    return b"\n".join(found)


def test_init_says_who_can_read_and_writes_who_takes_part(desk: Desk) -> None:
    text = desk.run("init", "other", "--organisation", "Red", "--authority", "Ministry")
    assert "Whoever can read the folder can read everything in it" in " ".join(text.split())
    lines = desk.json("log", "other")["statements"]
    assert [one["kind"] for one in reversed(lines)] == [
        "log",
        "operation",
        "organisation",
        "organisation",
    ]
    operation = desk.json("show", "other", "operation")["values"]
    assert operation["name"] == "other"
    assert operation["authority"] == "Ministry"
    made = desk.json("init", "third", "--organisation", "Red", "--synthetic")
    assert made["synthetic"] is True
    assert made["authority"] == made["organisation"]
    assert desk.json("account", "third")["synthetic"] is True
    assert "SYNTHETIC" in desk.run("account", "third")
    assert oct(Path("third").stat().st_mode)[-3:] == "700"
    assert desk.refused("init", "third", "--organisation", "Red") == ["folder_not_empty"]
    zone = ("--organisation", "Red", "--time-zone", "Mars/Olympus")
    assert desk.refused("init", "fourth", *zone) == ["unknown_time_zone"]


def test_verify_is_true_of_a_whole_log_and_names_what_is_broken(desk: Desk) -> None:
    survey(desk)
    desk.run("account", "work")
    value = desk.json("verify", "work", "--deep")
    assert list(value) == ["ok", "statements", "checkpoints", "first_failure"]
    assert value["ok"] is True
    assert value["first_failure"] is None
    assert value["statements"] == desk.json("log", "work")["total"]
    assert "The log is whole." in desk.run("verify", "work")
    blob = next(path for path in Path("work/blobs").rglob("*") if path.is_file())
    blob.chmod(0o600)
    blob.write_bytes(blob.read_bytes()[:-1] + b"?")
    value = desk.json("verify", "work", status=1)
    assert value["ok"] is False
    assert set(value["first_failure"]) == {"statement", "code", "where", "what", "fix"}


def test_a_database_that_cannot_be_read_fails_the_check(desk: Desk) -> None:
    data = bytearray(Path("work/tilth.db").read_bytes())
    data[:16] = b"no database here"
    Path("work/tilth.db").write_bytes(data)
    value = desk.json("verify", "work", status=1)
    assert (value["ok"], value["first_failure"]["code"]) == (False, "workspace_damaged")
    assert desk.refused("verify", "nowhere") == ["no_workspace"]


def test_deep_verification_computes_the_kept_accounts_again(desk: Desk) -> None:
    survey(desk)
    desk.run("account", "work")
    land = desk.land()
    with sqlite3.connect("work/tilth.db") as db:
        sql = "SELECT key, value FROM store_kept WHERE key LIKE '%:reported:land'"
        name, value = db.execute(sql).fetchone()
        changed = bytearray(value)
        changed[len(changed) // 2] ^= 1
        db.execute("UPDATE store_kept SET value = ? WHERE key = ?", (bytes(changed), name))
    assert desk.json("verify", "work")["ok"] is True
    value = desk.json("verify", "work", "--deep", status=1)
    assert value["ok"] is False
    assert value["first_failure"]["code"] == "account_differs"
    assert "FAILED" in desk.run("verify", "work", "--deep", status=1)
    assert desk.land() == land  # a damaged row is never taken for an account
    with sqlite3.connect("work/tilth.db") as db:
        db.execute("UPDATE store_kept SET value = ? WHERE key = ?", (bytes(changed), name))
    desk.run("rebuild", "work")
    assert desk.json("verify", "work", "--deep")["ok"] is True


def test_rebuild_makes_the_same_accounts(desk: Desk) -> None:
    survey(desk)
    before = desk.json("account", "work")
    done = desk.json("rebuild", "work")
    assert done["accounts"] == 4
    assert desk.json("account", "work") == before


def test_a_backup_restored_goes_on_in_a_new_epoch_with_the_same_figures(desk: Desk) -> None:
    survey(desk)
    land = desk.land()
    made = desk.json("backup", "work", "strip.backup")
    assert made["bytes"] == Path("strip.backup").stat().st_size
    assert len(desk.refused("backup", "work", "strip.backup")) == 1  # never over an older one
    restored = desk.json("restore", "strip.backup", "again")
    assert restored["logs"][0].endswith("/2")
    value = desk.json("account", "again")
    assert round(value["land"]["remaining_m2"] / 1e4, 4) == land["remaining"]
    assert desk.json("verify", "again", "--deep")["ok"]
    assert desk.refused("restore", "strip.backup", "again") == ["folder_not_empty"]
    broken = bytearray(Path("strip.backup").read_bytes())
    broken[len(broken) // 2] ^= 1
    Path("broken.backup").write_bytes(broken)
    assert len(desk.refused("restore", "broken.backup", "third")) == 1
    assert not Path("third").exists()


def test_an_erased_person_is_in_no_file_of_the_workspace(desk: Desk) -> None:
    desk.write("victims.csv", VICTIMS)
    take = ("--kind", "victim", "--actor", "im1")
    report = desk.json("import", "work", "victims.csv", *take)
    assert report["accepted"] == 2, report
    names = [
        text.encode(code)
        for text in ("Zarquon", "Żółć", "Otherperson")
        for code in ("utf-8", "utf-16-le", "utf-16-be")
    ]
    assert not any(name in everything(Path("work")) for name in names)  # sealed from the start
    records = [
        one["record"] for one in desk.json("log", "work")["statements"] if one["kind"] == "victim"
    ]
    assert desk.json("show", "work", records[-1])["values"]["person_name"] == "Ijon Zarquon-Żółć"
    erase = ("erase", "work", records[-1], "--actor", "im1")
    assert desk.refused(*erase, "--yes") == ["reason_missing"]
    assert desk.do(*erase, "--reason", "Asked for", answer="n\n").exit_code == 2
    done = desk.json(*erase, "--reason", "Asked for", "--yes")
    assert (done["payloads"], done["sources"]) == (1, 1)
    assert desk.json("show", "work", records[-1])["values"] == {}
    assert desk.json("show", "work", records[0])["values"]["person_name"] == "Ana Otherperson"
    assert desk.json("verify", "work", "--deep")["ok"]
    assert not any(name in everything(Path("work")) for name in names)
    desk.run("backup", "work", "later.backup")
    assert not any(name in everything(Path.cwd() / "later.backup") for name in names)
    survey(desk)
    assert desk.refused("erase", "work", "HA-1", "--reason", "x", "--yes", "--actor", "a") == [
        "not_protected"
    ]


def test_a_person_is_found_by_the_id_entered_and_erased_by_it(desk: Desk) -> None:
    desk.write("people.csv", "local_id,happened_on,sex\nV-1,2026-01-02,female\n")
    desk.run("import", "work", "people.csv", "--kind", "victim", "--actor", "im1")
    assert desk.json("show", "work", "V-1")["values"]["sex"] == "female"
    gone = ("erase", "work", "V-1", "--reason", "Asked for", "--yes", "--actor", "im1")
    assert desk.json(*gone)["payloads"] == 1
    assert desk.refused("show", "work", "V-1") == ["unknown_record"]


def test_a_file_of_an_import_that_is_no_longer_there_fails_the_check(desk: Desk) -> None:
    desk.write("h.csv", "local_id,classification,happened_on,lat,lon\nH,SHA,2026-01-02,44.5,18\n")
    desk.run("import", "work", "h.csv", "--kind", "hazard_area", "--actor", "im1")
    assert "latitude 44.5, longitude 18" in desk.run("show", "work", "H")
    assert desk.json("verify", "work")["ok"]
    for blob in [one for one in Path("work/blobs").rglob("*") if one.is_file()]:
        kept = blob.read_bytes()
        blob.unlink()
        failure = desk.json("verify", "work", status=1)["first_failure"]
        assert (failure["code"], blob.name in failure["where"]) == ("blob_missing", True)
        blob.write_bytes(kept)


def test_victims_are_chosen_by_what_the_vault_says(desk: Desk) -> None:
    desk.write("victims.csv", VICTIMS)
    desk.run("import", "work", "victims.csv", "--kind", "victim", "--actor", "im1")
    where = ("--kind", "victim", "--where", "sex=female", "--actor", "qa1", "--yes")
    assert desk.json("vouch", "work", *where)["statements"] == 1


def test_keys_are_listed_replaced_revoked_and_published(desk: Desk) -> None:
    first = desk.json("key", "list", "work")["keys"]
    assert [one["held"] for one in first] == [True]
    assert desk.refused("key", "rotate", "work") == ["actor_missing"]
    new = desk.json("key", "rotate", "work", "--actor", "im1")["key"]
    assert [one["key"] for one in desk.json("key", "list", "work")["keys"]] == [
        first[0]["key"],
        new,
    ]
    verifier = desk.run("key", "export", "work").strip()
    assert verifier.startswith("tilth/")
    assert desk.json("key", "export", "work")["verifier"] == verifier
    stolen = ("key", "revoke", "work", new, "--reason", "Stolen", "--actor", "im1")
    desk.json(*stolen)
    assert len(desk.json("key", "list", "work")["keys"]) == 3
    assert "revoked after" in desk.run("key", "list", "work")
    assert desk.json("key", "lost", "work", "--actor", "im1")["log"].endswith("/2")
    assert desk.json("verify", "work")["ok"]
    assert desk.refused("key", "revoke", "work", "ffff", "--reason", "x", "--actor", "a") == [
        "unknown_key"
    ]


def test_keys_under_a_passphrase_sign_only_with_it(desk: Desk) -> None:
    desk.write("pass.txt", "correct horse\n")
    secret = ("--passphrase-file", "pass.txt")
    desk.run("init", "locked", "--organisation", "Red", *secret)
    desk.write("a.csv", "local_id,happened_on,classification,place\nA,2026-01-02,SHA,Ford\n")
    take = ("import", "locked", "a.csv", "--kind", "hazard_area", "--actor", "im1")
    assert desk.refused(*take) == ["key_locked"]
    assert desk.json(*take, *secret)["accepted"] == 1
    assert desk.json("account", "locked")["land"]["without_polygon"]["count"] == 1


def test_the_demonstration_closes_at_every_level_and_says_synthetic(desk: Desk) -> None:
    made = desk.json("demo", "demo")
    assert made["statements"] > 2_000
    assert made["synthetic"] is True
    text = desk.run("account", "demo")
    assert "SYNTHETIC" in text
    assert "The account closes at every level shown." in text
    assert desk.refused("demo", "demo") == ["folder_not_empty"]
    assert desk.refused("demo", "other", "--scale", "huge") == ["usage"]


def test_wrong_words_are_told_with_status_two(desk: Desk) -> None:
    assert desk.refused("account") == ["usage"]
    assert desk.refused("acount", "work") == ["usage"]
    assert desk.refused("account", "work", "--level", "certain") == ["usage"]
    assert desk.refused("account", "work", "--colour") == ["usage"]
    said = desk.do("account", "nowhere")
    assert said.exit_code == 2
    assert said.stdout == ""
    assert "no_workspace" in said.stderr
    assert "Nothing was done." in said.stderr


def test_a_fault_of_the_program_is_one_line_and_the_trace_only_on_request(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        msg = "the ground opened"
        raise ValueError(msg)

    monkeypatch.setattr(accounting, "accounts", broken)
    assert desk.refused("account", "work") == ["program_fault"]
    said = desk.do("account", "work")
    assert "the ground opened" in said.stderr
    assert "Traceback" not in said.output
    assert "Traceback" in desk.do("account", "work", "--debug").stderr
    assert "Traceback" in desk.do("--debug", "account", "work").stderr


def test_a_file_that_may_not_be_written_is_a_problem(desk: Desk) -> None:
    survey(desk)
    assert desk.refused("account", "work", "--svg", "no/such/folder.svg") == ["system_refused"]


def test_every_command_has_help_with_an_example(desk: Desk) -> None:
    def walk(command: click.Command, words: tuple[str, ...]) -> None:
        text = desk.run(*words, "--help")
        if isinstance(command, click.Group):
            for name, inner in command.commands.items():
                walk(inner, (*words, name))
        else:
            assert f"\n    tilth {' '.join(words)}" in text, words
            assert "Example" in text, words

    walk(main, ())
    assert "Begin:" in desk.run("--help")
    assert "Keep safe:" in desk.run("--help")
    assert desk.do().exit_code == 2


def run(*arguments: str, **more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tilth", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONUTF8": "1", "COLUMNS": "100"},
        **more,  # type: ignore[call-overload]
    )


def test_the_program_ends_with_its_status_and_never_with_a_trace(desk: Desk) -> None:
    survey(desk)
    done = run("account", "work", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["level"] == "reported"
    done = run("account", "nowhere", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["problems"][0]["code"] == "no_workspace"
    assert done.stderr == ""


def test_help_answers_at_once() -> None:
    heavy = "import sys, tilth.cli; print([m for m in ('shapely', 'numba', 'pyproj', 'rich', "
    heavy += "'numpy', 'cryptography') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    took = []
    for _ in range(3):
        start = time.perf_counter()
        assert run("--help").returncode == 0
        took.append(time.perf_counter() - start)
    bare = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import click"], check=True)
    bare = time.perf_counter() - bare
    assert min(took) < 0.3 + bare  # beside a bare start on the same busy machine


def test_a_reader_that_goes_away_is_no_fault(desk: Desk) -> None:
    survey(desk)
    command = f"{sys.executable} -m tilth log work --limit 1000 --json | head -c 10"
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stderr == ""
    assert len(done.stdout) == 10
