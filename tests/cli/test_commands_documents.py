"""Documents at the command line: issued, made again, listed, checked with or without a folder."""

from pathlib import Path

import pytest
from desk import Desk
from operation import make_operation

CERTIFICATE = ("document", "work", "handover_certificate", "HO-1", "--actor", "ma1")


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A workspace ``work`` with the operation of the tests of documents."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TILTH_ACTOR", raising=False)
    make_operation(tmp_path / "work").session.workspace.close()
    return Desk(tmp_path)


def test_a_certificate_is_issued_made_again_and_checked(office: Desk) -> None:
    told = office.json(*CERTIFICATE, "--lang", "uk", "-o", "c.pdf")
    first = (office.folder / "c.pdf").read_bytes()
    assert first.startswith(b"%PDF-1.7")
    assert told == {
        "code": told["code"],
        "record": told["record"],
        "language": "uk",
        "new": True,
        "file": "c.pdf",
        "bytes": len(first),
    }
    again = office.json("document", "work", "--again", told["code"], "-o", "again.pdf")
    assert (again["code"], again["language"], again["new"]) == (told["code"], "uk", False)
    assert (office.folder / "again.pdf").read_bytes() == first
    found = office.json("check", "work", told["code"])
    assert (found["state"], found["document"]) == ("issued", "handover_certificate")
    assert found["subject"].endswith("/handover/HO-1")
    (listed,) = office.json("document", "work", "--list")
    assert listed == found


def test_people_are_told_what_was_issued_and_what_stands(office: Desk) -> None:
    said = office.run(*CERTIFICATE, "-o", "c.pdf")
    assert "Issued in en" in said
    code = next(line for line in said.splitlines() if line.startswith("code ")).split()[1]
    assert "Made again in en" in office.run(*CERTIFICATE, "-o", "c.pdf")
    said = office.run("check", "work", *code.lower().split("-"))
    assert f"{code} is issued" in said
    assert "approved until" in said
    assert code in office.run("document", "work", "--list")


def test_a_code_is_checked_in_the_folder_one_stands_in(
    office: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = office.json(*CERTIFICATE, "-o", "c.pdf")
    monkeypatch.chdir(office.folder / "work")
    assert office.json("check", told["code"])["state"] == "issued"


def test_revoked_ground_takes_its_certificate_along(office: Desk) -> None:
    told = office.json(*CERTIFICATE, "-o", "c.pdf")
    office.run(
        "revoke", "work", "RA-3", "--reason", "An item was found.", "--actor", "ma2", "--yes"
    )
    found = office.json("check", "work", told["code"], status=1)
    assert found["state"] == "revoked"
    said = office.run("check", "work", told["code"], status=1)
    assert "because of: " in said
    assert "RA-3" in said


def test_what_nobody_issued_is_unknown(office: Desk) -> None:
    said = office.run("check", "work", "8G9PZ-8TNPD-KRM4A-6NMBF-6", status=1)
    assert "unknown" in said


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("check", "work", "8G9PZ-8TNPD-KRM4A-6NMBF-7"), "code_misread"),
        (("check", "work", "8G9PZ"), "code_length"),
        (("document", "work", "-o", "c.pdf"), "document_unnamed"),
        (("document", "work", "poem", "-o", "c.pdf", "--actor", "a"), "unknown_document"),
        (("document", "work", "task_order", "T-1", "--actor", "a"), "output_missing"),
        (("document", "work", "task_order", "T-9", "-o", "c.pdf", "--actor", "a"), "no_subject"),
        (("document", "work", "task_order", "T-1", "-o", "c.pdf"), "actor_missing"),
        (
            ("document", "work", "--again", "8G9PZ-8TNPD-KRM4A-6NMBF-6", "-o", "c.pdf"),
            "code_unknown",
        ),
        ((*CERTIFICATE, "-o", "c.pdf", "--lang", "xx"), "unknown_language"),
        ((*CERTIFICATE, "-o", "no/such/folder/c.pdf"), "system_refused"),
    ],
)
def test_what_cannot_be_done_is_said_and_writes_no_file(
    office: Desk, arguments: tuple[str, ...], code: str
) -> None:
    assert office.refused(*arguments) == [code]
    assert not list(office.folder.glob("*.pdf*"))
    assert office.json("document", "work", "--list") == []
