"""Issue 3, §7 h: erasing a sapper or a victim leaves counts, log and proofs, and no name anywhere.

Looked for in the bytes of every file of the workspace, as UTF-8 and as UTF-16 of both orders, whole
and word by word. Backups made before are the one exception: they still hold it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from desk import Desk, survey
from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.service.records import erase_records
from tilth.service.session import open_session
from tilth.service.speaking import Wish, correct, record
from tilth.service.upkeep import found

IM1 = ("--actor", "im1")
SAPPER, RANK, PHONE = "Ijon Zarquon-Żółć", "Obersprengmeisterin", "+999 123 4567 8901"
IMPORTED = "Ana Otherperson"
VICTIM = "Ndukwe Žarković"
SECRETS = (SAPPER, *SAPPER.split(), RANK, PHONE, IMPORTED, "Otherperson", VICTIM, "Žarković")
PEOPLE = f"code,name,sex\nD-2,{IMPORTED},female\n"
VICTIMS = f"local_id,happened_on,person_name,sex\nV-1,2026-02-03,{VICTIM},male\n"


def spellings(*texts: str) -> Iterator[bytes]:
    for text in texts:
        for code in ("utf-8", "utf-16-le", "utf-16-be"):
            yield text.encode(code)
        yield json.dumps(text).strip('"').encode()


def holding(folder: Path, *texts: str) -> list[str]:
    """Files that hold one of the texts."""
    wanted = list(spellings(*texts))
    return [
        str(file)
        for file in sorted(folder.rglob("*"))
        if file.is_file() and any(one in file.read_bytes() for one in wanted)
    ]


def at_work(desk: Desk) -> None:
    """Two sappers and a victim, and all that names their codes."""
    survey(desk)
    person = json.dumps(
        {"code": "D-1", "name": SAPPER, "contacts": [PHONE], "sex": "female", "birth_year": 1980}
    )
    desk.write("person.json", person)
    desk.run("record", "work", "person", "--json-file", "person.json", *IM1)
    desk.run("correct", "work", "D-1", f"rank={RANK}", *IM1)
    desk.write("people.csv", PEOPLE)
    desk.run("import", "work", "people.csv", "--kind", "person", *IM1)
    desk.write("victims.csv", VICTIMS)
    desk.run("import", "work", "victims.csv", "--kind", "victim", *IM1)
    members = 'members=[{"person":"D-1","function":"leader"},{"person":"D-2"}]'
    said: tuple[tuple[str, ...], ...] = (
        ("team", "code=T-1", "echelon=team", members),
        ("deployment", "team=T-1", "place=Dagua", "period_from=2026-03-01"),
        ("honour", "honour_type=Medal", "person=D-1", "given_by=Council"),
        (
            "clearance_report", "local_id=R-1", "happened_on=2026-03-02", "team=T-1", "hours=6",
            'items=[{"category":"ap_mine","quantity":4}]',
        ),
    )  # fmt: skip
    for one in said:
        desk.run("record", "work", *one, *IM1)
    desk.run("vouch", "work", "D-1", "--yes", "--actor", "qa1")


def counted(desk: Desk) -> dict[str, Any]:
    """Every figure in which they have a part."""
    account = desk.json("account", "work")
    service = [desk.json("service-record", "work", name) for name in ("T-1", "D-1", "D-2")]
    return {"land": account["land"], "items": account["items"], "service": service}


def test_erasing_people_leaves_counts_log_and_proofs_and_no_name_anywhere(desk: Desk) -> None:
    at_work(desk)
    work = desk.folder / "work"
    assert holding(desk.folder, *SECRETS) == [
        str(desk.folder / name) for name in ("people.csv", "person.json", "victims.csv")
    ]
    before, leaves = counted(desk), desk.json("log", "work", "--limit", "1000")
    desk.run("backup", "work", "earlier.backup")

    gone = ("D-1", "D-2", "V-1", "--reason", "Asked for by the person", "--yes", *IM1)
    done = desk.json("erase", "work", *gone)
    assert (done["payloads"], done["sources"]) == (4, 2)

    assert holding(work, *SECRETS) == []
    assert counted(desk) == before
    after = desk.json("log", "work", "--limit", "1000")
    assert after["statements"][3:] == leaves["statements"]
    assert [one["act"] for one in after["statements"][:3]] == ["erase"] * 3
    assert desk.json("verify", "work", "--deep")["ok"]
    answers = [desk.do(*ask).output for ask in asked("work")]
    assert not any(secret in answer for answer in answers for secret in SECRETS)
    members = desk.json("show", "work", "T-1")["values"]["members"]
    assert [one["person"] for one in members] == ["D-1", "D-2"]

    desk.run("rebuild", "work")
    desk.run("backup", "work", "later.backup")
    desk.run("restore", "later.backup", "again")
    assert holding(desk.folder / "again", *SECRETS) == []
    assert counted(desk) == before

    # the exception: who holds an earlier backup can still restore the person from it
    desk.run("restore", "earlier.backup", "earlier")
    assert desk.json("show", "earlier", "D-1")["values"]["name"] == SAPPER
    assert "Backups made before still hold it" in " ".join(desk.run("erase", "--help").split())


def asked(folder: str) -> list[tuple[str, ...]]:
    return [
        ("show", folder, "T-1"),
        ("show", folder, "D-1"),
        ("log", folder, "--limit", "1000"),
        ("findings", folder),
        ("account", folder),
        ("service-record", folder, "D-1"),
        ("erase", folder, "D-1", "--reason", "again", "--yes", *IM1),
    ]


NAMES = st.text(st.characters(categories=("Lu", "Ll", "Lo")), min_size=8, max_size=30)


@settings(max_examples=12)
@given(NAMES, NAMES)
def test_whatever_the_name_no_byte_of_it_is_left(name: str, later: str) -> None:
    """Law: said, corrected and erased, in any script."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "work"
        found(path, organisation="Blue")
        with open_session(path, actor="im1") as session:
            said = record(session, "person", Wish(["code=D-1", f"name=x{name}x"])).spoken[0]
            correct(session, "D-1", Wish([f"name=y{later}y"]))
            assert holding(path, name, later) == []
            erased, counts = erase_records(session, ["D-1"], "Asked for")
            assert (erased, counts.payloads) == ([said.record], 2)
        assert holding(path, name, later) == []
        with open_session(path, actor="im1") as session:
            assert session.workspace.verify().ok
