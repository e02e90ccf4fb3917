"""Nothing is half done (issue 3, §10): an act of several statements is in the log whole, or not.

Each act is tried again and again; the first time its first write to the database fails, then its
second, and so on until none fails. After every failure the log is what it was and the act can be
tried anew; after the success all of it is there, and the workspace verifies to the ground.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import campaign
import pytest
from campaign import BODY, COURSE, GREEN, MINISTRY, RED, YES, memory
from desk import Desk, features, square

from tilth.core.life.rule_set import read_rule_set
from tilth.service import ruling
from tilth.store import postgres, sqlite
from tilth.store.opening import DATABASE_VARIABLE

READING = ("SELECT", "PRAGMA", "BEGIN", "ROLLBACK", "SET ")
MOST_WRITES = 120


class Disk:
    """Counts the writes of both stores, and fails at one of them."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.writes = 0
        self.fails_at = 0
        for session in (sqlite._SQLiteSession, postgres._PostgresSession):
            for name in ("run", "add"):
                patch.setattr(session, name, self._struck(getattr(session, name)))

    def _struck(self, done: Callable[..., None]) -> Callable[..., None]:
        def write(session: Any, what: Any, values: Any = ()) -> None:
            if not (isinstance(what, str) and what.lstrip().upper().startswith(READING)):
                self.writes += 1
                if self.writes == self.fails_at:
                    error = sqlite3.OperationalError("disk I/O error")
                    error.sqlite_errorcode = sqlite3.SQLITE_IOERR
                    raise error
            done(session, what, values)

        return write

    def next(self, number: int) -> None:
        """Fail at this write from now on; 0 fails at none."""
        self.writes, self.fails_at = 0, number


def said(desk: Desk) -> list[tuple[str, str, str]]:
    """Act, kind and hash of every statement, newest first."""
    told = desk.json("log", "work", "--limit", "10000")["statements"]
    return [(one["act"], one["kind"], one["hash"]) for one in told]


def whole_or_not(desk: Desk, disk: Disk, act: tuple[str, ...], *whole: str) -> int:
    """Try an act until no write fails; returns how many did."""
    before = said(desk)
    for number in range(1, MOST_WRITES):
        disk.next(number)
        status = desk.do(*act).exit_code
        struck = disk.writes >= number
        disk.next(0)
        after = said(desk)
        if not struck:
            assert status == 0
            assert sorted(f"{a} {k}" for a, k, _ in after[: len(after) - len(before)]) == [*whole]
            assert desk.json("verify", "work", "--deep")["ok"]
            return number - 1
        assert status == 2
        assert after == before, f"half done when write {number} failed"
    pytest.fail("no end of writes")


@pytest.fixture(params=["sqlite"])
def desk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The four organisations, in one of the stores."""
    if request.param == "postgresql":
        monkeypatch.setenv(DATABASE_VARIABLE, request.getfixturevalue("postgres_address"))
    monkeypatch.delenv("TILTH_ACTOR", raising=False)
    with memory() as folder:
        monkeypatch.chdir(folder)
        made = Desk(folder)
        campaign.begin(made, "--store", request.param)
        yield made


both = pytest.mark.parametrize("desk", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


def test_a_whole_course(desk: Desk, disk: Disk) -> None:
    course = ("code=MD-1", "name=Manual demining", "activities=clearance")
    desk.run("record", "work", "training_course", *course, *MINISTRY)
    assert whole_or_not(desk, disk, (*COURSE, *RED), *["record training_result"] * 2)


def test_an_organisation_that_joins(desk: Desk, disk: Disk) -> None:
    join = ("join", "work", "Blue", "--code", "BLUE", *MINISTRY)
    assert whole_or_not(desk, disk, join, "key log", "record organisation")
    desk.run("record", "work", "team", "code=T-9", "--for", "BLUE", *MINISTRY)


def test_a_list_of_people(desk: Desk, disk: Disk) -> None:
    people = [{"code": f"D-{n}", "name": f"Somebody {n}"} for n in range(3)]
    desk.write("people.json", json.dumps(people))
    act = ("record", "work", "person", "--json-file", "people.json", *RED)
    assert whole_or_not(desk, disk, act, *["record person"] * 3)


def test_the_first_ground_that_is_drawn_with_the_frame_it_fixes(desk: Desk, disk: Disk) -> None:
    areas = [{**campaign.HAZARD, "local_id": f"HA-{n}"} for n in range(3)]
    desk.write("areas.json", json.dumps(areas))
    act = ("record", "work", "hazard_area", "--json-file", "areas.json", *RED)
    whole = (*["record hazard_area"] * 3, "revise operation")
    assert whole_or_not(desk, disk, act, *whole)


def test_an_approval_that_first_says_its_rule_set(desk: Desk, disk: Disk) -> None:
    desk.write("hazard.json", json.dumps(campaign.HAZARD))
    desk.run("record", "work", "hazard_area", "--json-file", "hazard.json", *RED)
    act = ("approve", "work", "HA-1", *YES)
    assert whole_or_not(desk, disk, act, "approve decision", "record rule_set")


def said_by_two(desk: Desk) -> None:
    """A strip of Red and one of Green, in an operation that does not run its life here."""
    for number, who in ((1, RED), (2, GREEN)):
        desk.write("a.geojson", features({"shape": square(0, number * 30, 100, number * 30 + 20)}))
        fields = (f"local_id=RA-{number}", "release_type=cancelled", "happened_on=2026-04-01")
        desk.run("record", "work", "released_area", *fields, "shape=@a.geojson", *who)


@both
def test_a_handover_that_first_says_its_rule_set_in_another_log(
    desk: Desk, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On its day none was in force, and the one that ships now is another than was said since."""
    said_by_two(desk)
    desk.run("approve", "work", "RA-1", *YES)
    newer = read_rule_set(ruling.default_rules().text.replace("version = 1", "version = 2", 1))
    monkeypatch.setattr(ruling, "default_rules", lambda: newer)
    act = ("handover", "work", "RA-1", *campaign.CERTIFICATE, *RED)
    assert whole_or_not(desk, disk, act, "record handover", "record rule_set")


def test_what_two_organisations_vouch_for_at_once(desk: Desk, disk: Disk) -> None:
    said_by_two(desk)
    act = ("vouch", "work", "RA-1", "RA-2", "--yes", "--actor", "x9")
    assert whole_or_not(desk, disk, act, *["vouch decision"] * 2)


@both
def test_a_missed_item_with_its_recall_and_what_is_decided_about_it(desk: Desk, disk: Disk) -> None:
    campaign.form(desk)
    campaign.suspect(desk)
    campaign.order(desk)
    for number in (1, 2):
        desk.run(*campaign.strip(desk, number))
    missed = ("released_areas=RA-1", "items_missed=1", "result=failed", *BODY)
    act = (*campaign.SAMPLE, "happened_on=2026-04-12", "local_id=S-1", *missed)
    assert whole_or_not(desk, disk, act, "recall decision", "record sample_inspection")
    decide = ("recall", "decide", "work", "S-1", "--uphold", "RA-1", "--lift", "rest")
    act = (*decide, "--reason", "Ploughed layer", *MINISTRY)
    assert whole_or_not(desk, disk, act, "lift decision", "revoke decision")


def test_a_document_that_is_issued(desk: Desk, disk: Disk) -> None:
    act = ("document", "work", "situation_report", "-o", "report.pdf", *MINISTRY)
    assert whole_or_not(desk, disk, act, "record document")


def test_ground_that_is_refused_fixes_no_frame(desk: Desk) -> None:
    """A slip in the first coordinates of all must not settle where the operation measures from."""
    hazard = ("record", "work", "hazard_area", "local_id=HA-1", "classification=SHA", *RED)
    desk.run(*hazard, "place=Dagua")
    desk.write("a.geojson", features({"shape": square(0, 0, 100, 20)}))
    before = said(desk)
    assert desk.refused(*hazard, "shape=@a.geojson") == ["record_taken"]
    assert said(desk) == before
