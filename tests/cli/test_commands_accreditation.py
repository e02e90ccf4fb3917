"""Who may work, at the command line: accredited by the authority, trained, and asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from desk import Desk

NMAA = ("--actor", "nmaa1")
GATE = ("gate", "work", "--team", "T-1", "--activity", "bac")


@pytest.fixture
def formed(desk: Desk) -> Desk:
    """A team of two with a course, none of them trained or accredited."""
    members = '[{"person":"D-1","function":"leader"},{"person":"D-2","function":"deminer"}]'
    desk.run("record", "work", "team", "code=T-1", "echelon=team", f"members={members}", *NMAA)
    desk.run(
        "record", "work", "training_course", "code=BAC-1", "name=Battle area clearance",
        "activities=bac", *NMAA,
    )  # fmt: skip
    return desk


def accredited(desk: Desk, holder: str, holder_type: str, *more: str) -> dict[str, Any]:
    options = ("--activities", "clearance,bac", "--issued", "2026-01-01", "--expires", "2026-12-31")
    made: dict[str, Any] = desk.json(
        "accredit", "work", holder, "--holder-type", holder_type, *options, *more, *NMAA
    )
    return made


def barred(desk: Desk, *more: str, status: int = 1) -> list[str]:
    answer = desk.json(*GATE, "--on", "2026-05-03", *more, status=status)
    return [one["code"] for one in answer["in_the_way"]]


def ready(desk: Desk) -> dict[str, Any]:
    desk.run(
        "training", "work", "BAC-1", "--passed", "D-1, D-2", "--on", "2026-02-01", "--until",
        "2026-05-03", *NMAA,
    )  # fmt: skip
    accredited(desk, "Blue", "organisation")
    return accredited(desk, "T-1", "team")


def test_the_gate_says_what_is_missing_until_nothing_is(formed: Desk) -> None:
    assert barred(formed) == ["not_accredited", "not_accredited", *["training_missing"] * 2]
    ready(formed)
    assert barred(formed, status=0) == []
    printed = formed.run(*GATE, "--on", "2026-05-03")
    assert "Nothing stands in the way of T-1, bac, 2026-05-03." in printed


def test_the_gate_names_the_record_in_the_way_and_what_would_open_it(formed: Desk) -> None:
    ready(formed)
    printed = " ".join(formed.run(*GATE, "--on", "2026-05-04", status=1).split())
    assert "was valid until 2026-05-03; asked is 2026-05-04" in printed
    assert "A passed result of D-1 in a course for bac, valid on 2026-05-04" in printed
    assert "/training_result/BAC-1.D-1.2026-02-01" in printed
    assert "2 things stand in the way of T-1, bac, 2026-05-04." in printed
    # The report of last week still stands.
    formed.run(*GATE, "--on", "2026-04-20", "--until", "2026-04-26")


def test_a_suspension_closes_the_gate_from_its_day_and_can_be_lifted(formed: Desk) -> None:
    name = ready(formed)["local_id"]
    assert formed.refused("accredit", "work", name, "--status", "suspended", *NMAA) == [
        "reason_missing"
    ]
    suspend = ("--status", "suspended", "--reason", "Accident of 2 May", "--on", "2026-05-02")
    printed = formed.run("accredit", "work", name, *suspend, *NMAA)
    assert f"{name} is suspended from 2026-05-02 on." in printed
    assert barred(formed) == ["accreditation_suspended"]
    formed.run(*GATE, "--on", "2026-05-01")
    assert formed.refused("accredit", "work", name, *suspend, *NMAA) == ["status_stands"]
    formed.run("accredit", "work", name, "--status", "full", "--on", "2026-05-03", *NMAA)
    assert barred(formed, status=0) == []


def test_what_is_withdrawn_is_withdrawn_for_good(formed: Desk) -> None:
    name = ready(formed)["local_id"]
    formed.run(
        "accredit", "work", name, "--status", "withdrawn", "--reason", "Fraud", "--on",
        "2026-04-01", *NMAA,
    )  # fmt: skip
    assert formed.refused("accredit", "work", name, "--status", "full", *NMAA) == [
        "withdrawn_for_good"
    ]
    assert barred(formed) == ["accreditation_withdrawn"]
    accredited(formed, "T-1", "team")
    assert barred(formed, status=0) == []


def test_an_accreditation_is_prolonged_by_a_later_last_day(formed: Desk) -> None:
    name = ready(formed)["local_id"]
    formed.run("accredit", "work", name, "--expires", "2026-04-30", "--on", "2026-03-01", *NMAA)
    assert barred(formed) == ["accreditation_expired"]
    formed.run("accredit", "work", name, "--expires", "2027-04-30", "--on", "2026-04-20", *NMAA)
    assert barred(formed, status=0) == []


def test_a_whole_course_is_recorded_or_nothing_of_it(formed: Desk) -> None:
    course = ("training", "work", "BAC-1", "--on", "2026-02-01")
    said = formed.json(*course, "--passed", "D-1 D-2", "--failed", "D-3", *NMAA)
    assert (said["passed"], said["failed"], len(said["records"])) == (2, 1, 3)
    # Entered twice: D-2 is there already, so D-4 is not taken either.
    again = formed.json(*course, "--passed", "D-4;D-2", *NMAA, status=2)
    assert [one["code"] for one in again["problems"]] == ["record_taken"]
    listed = str(formed.json("log", "work"))
    assert "BAC-1.D-1.2026-02-01" in listed
    assert "BAC-1.D-4" not in listed
    values = formed.json("show", "work", "BAC-1.D-3.2026-02-01")["values"]
    assert (values["result"], values["course"], values["person"]) == ("failed", "BAC-1", "D-3")


REFUSED = [
    (("training", "work", "BAC-9", "--passed", "D-1"), "unknown_course"),
    (("training", "work", "BAC-1"), "nobody_named"),
    (("training", "work", "BAC-1", "--passed", "D-1", "--failed", "D-1"), "passed_and_failed"),
    (("training", "work", "BAC-1", "--passed", "D-1", "--on", "May"), "bad_day"),
    (
        (
            "training",
            "work",
            "BAC-1",
            "--passed",
            "D-1",
            "--on",
            "2026-02-01",
            "--until",
            "2026-01",
        ),
        "ends_before_it_begins",
    ),
    (("accredit", "work", "T-1", "--status", "full"), "not_an_accreditation"),
    (("accredit", "work", "NOBODY", "--status", "full"), "unknown_record"),
    (("accredit", "work", "T-1", "--holder-type", "team", "--activities", "magic"), "bad_code"),
    (("accredit", "work", "T-1", "--holder-type", "team", "--expires", "31.12."), "bad_day"),
    (
        (
            *("accredit", "work", "T-1", "--holder-type", "team"),
            *("--issued", "2026-02-01", "--expires", "2026-01-31"),
        ),
        "ends_before_it_begins",
    ),
]


@pytest.mark.parametrize(("arguments", "code"), REFUSED)
def test_what_makes_no_sense_is_refused(
    formed: Desk, arguments: tuple[str, ...], code: str
) -> None:
    before = formed.json("log", "work")
    assert formed.refused(*arguments, *NMAA) == [code]
    assert formed.json("log", "work") == before


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("gate", "work", "--team", "T-1"), "usage"),
        (("gate", "work", "--team", "T-1", "--activity", "magic"), "unknown_code"),
        ((*GATE, "--on", "soon"), "bad_day"),
        ((*GATE, "--on", "2026-05-03", "--until", "2026-05-02"), "ends_before_it_begins"),
        (("gate", "work", "--expiring", "-1"), "days_out_of_range"),
        (("accredit", "work", "T-1", *NMAA), "usage"),
        (
            ("accredit", "work", "T-1", "--holder-type", "team", "--on", "2026-01-01", *NMAA),
            "usage",
        ),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    formed: Desk, arguments: tuple[str, ...], code: str
) -> None:
    assert formed.refused(*arguments) == [code]


def test_two_teams_of_one_code_have_to_be_told_apart(formed: Desk) -> None:
    formed.run("record", "work", "team", "local_id=U-7", "code=T-1", "echelon=unit", *NMAA)
    assert formed.refused("accredit", "work", "T-1", "--holder-type", "team", *NMAA) == [
        "ambiguous_record"
    ]
    said = accredited(formed, "U-7", "team")
    assert (said["holder"], said["known"]) == ("U-7", True)


def test_somebody_not_recorded_yet_can_be_accredited_and_is_told(formed: Desk) -> None:
    assert accredited(formed, "T-99", "team")["known"] is False
    printed = formed.run("accredit", "work", "T-98", "--holder-type", "team", *NMAA)
    assert "No team T-98 is recorded here yet." in printed
    assert "It is incomplete: it lacks activities, expires_on." in printed


def test_what_ends_soon_is_listed_until_it_is_renewed(formed: Desk) -> None:
    import datetime as dt

    today = dt.datetime.now(dt.UTC).date()
    near, far = (str(today + dt.timedelta(days=days)) for days in (20, 400))
    team = ("accredit", "work", "T-1", "--holder-type", "team", "--activities", "bac", *NMAA)
    formed.run(*team, "--expires", near)
    formed.run("training", "work", "BAC-1", "--passed", "D-1", "--until", near, *NMAA)
    tests = (
        f'[{{"tested_on":"{today}","test":"calibration","result":"passed","valid_until":"{near}"}}]'
    )
    formed.run(
        "record", "work", "asset", "code=X-1", "asset_type=detector", f"tests={tests}", *NMAA
    )
    ending = formed.json("gate", "work", "--expiring", "30")["ending"]
    assert {(one["kind"], one["holder"], one["about"]) for one in ending} == {
        ("accreditation", "T-1", "bac"),
        ("training_result", "D-1", "BAC-1"),
        ("asset", "X-1", "calibration"),
    }
    assert {one["last"] for one in ending} == {near}
    assert formed.json("gate", "work", "--expiring", "10")["ending"] == []
    printed = formed.run("gate", "work", "--expiring", "30")
    assert "3 end within 30 days and are not renewed." in printed
    formed.run(*team, "--expires", far)
    kinds = {one["kind"] for one in formed.json("gate", "work", "--expiring", "30")["ending"]}
    assert kinds == {"training_result", "asset"}


def test_only_the_authority_accredits(formed: Desk, tmp_path: Path) -> None:
    formed.run("init", "op", "--organisation", "Red", "--authority", "Green")
    assert formed.refused("accredit", "op", "T-1", "--holder-type", "team", *NMAA) == [
        "only_the_authority_accredits"
    ]


def test_127_630_ha_in_a_day_goes_in_and_nothing_gets_it_approved(formed: Desk) -> None:
    ready(formed)
    formed.run(
        "record", "work", "clearance_report", "local_id=R-1", "happened_on=2026-05-03", "team=T-1",
        "activity=bac", "methods=visual", "personnel=300", "processed_area_m2=127630 ha", *NMAA,
    )  # fmt: skip
    found = {one["code"]: one for one in formed.json("findings", "work")["findings"]}
    assert found["beyond_possible"]["area_m2"] == 1_276_300_000
    assert "1,276,300.00 m²" in found["decimal_slip"]["what"]
    approve = ("approve", "work", "R-1", "--yes", *NMAA)
    assert "beyond_possible" in formed.refused(*approve)
    override = ("--override", "beyond_possible", "--reason", "It is so")
    assert "beyond_possible" in formed.refused(*approve, *override)
    formed.run("correct", "work", "R-1", "processed_area_m2=127.63 ha", *NMAA)
    assert "beyond_possible" not in formed.refused(*approve)  # its own work still stands
