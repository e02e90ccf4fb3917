"""Documents of a whole operation: issued, made again, checked, after erasure and revocation."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from operation import NAMES, OCP, TODAY, Operation, make_operation
from readers import embedded, pages, run, sound

from tilth.core.life.paper import code_of, grouped
from tilth.core.problems import Refused
from tilth.documents.typeset import VALUE_NAME
from tilth.service import papers
from tilth.service.accounting import Question, account
from tilth.service.deciding import carry_out
from tilth.service.levels import plan_undo
from tilth.service.paper_values.registry import KINDS_OF_DOCUMENT
from tilth.service.recording import correct
from tilth.service.records import erase_records
from tilth.text.language import languages

SUBJECTS = {
    "task_order": "T-1",
    "situation_report": "weekly",
    "qa_visit_report": "QV-1",
    "completion_report": "T-1",
    "handover_certificate": "HO-1",
    "release_report": "RA-1",
    "operation_completion_report": "",
    "service_record": "P-01",
}


@pytest.fixture
def op(tmp_path: Path) -> Iterator[Operation]:
    made = make_operation(tmp_path / "work")
    made.session.actor = "ma1"
    with made.session:
        yield made


def issued(op: Operation, kind: str, language: str = "en", **more: Any) -> papers.Issued:
    op.session.actor = "ma1"
    return papers.issue(op.session, kind, SUBJECTS[kind], language=language, **more)


def told(folder: Path, data: bytes) -> str:
    return " ".join(" ".join(pages(folder, data)).split())


@pytest.mark.parametrize("kind", sorted(KINDS_OF_DOCUMENT))
def test_each_document_is_made_in_every_language_with_one_code(
    op: Operation, tmp_path: Path, kind: str
) -> None:
    made = {language: issued(op, kind, language) for language in languages()}
    assert {one.code for one in made.values()} == {made["en"].code}
    assert [one.new for one in made.values()].count(True) == 1
    values = set()
    for one in made.values():
        found = embedded(tmp_path, one.pdf)
        values.add(found[VALUE_NAME])
        for page in pages(tmp_path, one.pdf):
            # Poppler gives lines of both directions in an order of its own, so group by group.
            assert all(group in page for group in one.code.split("-")[:4])
            assert "SYNTHETIC" in page
            assert "{" not in page
    (value,) = values
    assert grouped(code_of(value)) == made["en"].code
    assert sound(tmp_path, made["ar"].pdf)


def test_a_document_made_again_is_the_same_to_the_byte(op: Operation) -> None:
    first = issued(op, "handover_certificate", "fr")
    issued(op, "operation_completion_report")
    again = papers.again(op.session, first.code.lower().replace("-", " "))
    assert (again.pdf, again.language, again.code) == (first.pdf, "fr", first.code)


def test_the_same_operation_gives_the_same_bytes_elsewhere(op: Operation, tmp_path: Path) -> None:
    with make_operation(tmp_path / "elsewhere").session as other:
        other.actor = "ma1"
        there = papers.issue(other, "operation_completion_report", language="ko")
    here = issued(op, "operation_completion_report", "ko")
    assert (here.code, here.pdf) == (there.code, there.pdf)


def test_the_numbers_in_the_document_are_those_of_the_account(
    op: Operation, tmp_path: Path
) -> None:
    made = issued(op, "operation_completion_report")
    found = embedded(tmp_path, made.pdf)
    value = json.loads(found[VALUE_NAME])
    answer = account(op.session, Question(until=TODAY), "approved")
    land = value["account"]["land"]
    for name in ("recorded_m2", "extensions_m2", "cancelled_m2", "cleared_m2", "remaining_m2"):
        assert float(land[name]) == pytest.approx(answer["land"][name], abs=1e-6)
    assert value["account"]["items"]["found"] == answer["items"]["found"]
    text = told(tmp_path, made.pdf).replace("\u202f", " ").replace("\u00a0", " ")
    for name in ("cleared_m2", "remaining_m2"):
        assert f"{answer['land'][name]:,.2f}".removesuffix(".00").replace(",", " ") in text
    tables = [text for name, text in found.items() if name.endswith(".csv")]
    rows = [row for one in tables for row in csv.reader(io.StringIO(one.decode()))]
    assert any(f"{answer['land']['cleared_m2']:.6f}" in row for row in rows)


def test_what_changed_since_gives_a_new_document_that_supersedes(op: Operation) -> None:
    first = issued(op, "handover_certificate")
    assert not issued(op, "handover_certificate").new
    correct(op.session, "HO-1", {"present_women": 15})
    second = issued(op, "handover_certificate")
    assert second.new
    assert second.code != first.code
    old, new = (papers.check(op.session, one.code) for one in (first, second))
    assert (old.state, old.by) == ("superseded", second.code)
    assert new.state == "issued"
    assert papers.again(op.session, first.code).pdf == first.pdf


def test_reports_of_different_periods_and_levels_stand_beside_each_other(op: Operation) -> None:
    made = [
        papers.issue(op.session, "situation_report", "weekly", until="2026-03-20"),
        papers.issue(op.session, "situation_report", "weekly", until="2026-03-27"),
        papers.issue(op.session, "situation_report", "daily", until="2026-03-20"),
        papers.issue(op.session, "operation_completion_report", level="approved"),
        papers.issue(op.session, "operation_completion_report", level="reported"),
    ]
    assert {papers.check(op.session, one.code).state for one in made} == {"issued"}
    assert len(papers.documents(op.session)) == 5


def test_a_document_of_another_organisation_supersedes_nothing(op: Operation) -> None:
    first = issued(op, "operation_completion_report")
    op.say(OCP, "sv9", "hazard_area", "HA-9", "2026-06-09", classification="SHA", place="Mill")
    other = issued(op, "operation_completion_report", speaking_for=OCP)
    assert papers.check(op.session, first.code).state == "issued"
    assert papers.check(op.session, other.code).issued_by == OCP


def test_a_withdrawn_approval_leaves_the_certificate_as_issued_marked_superseded(
    op: Operation,
) -> None:
    """Issue §7 (f)."""
    first = issued(op, "handover_certificate")
    store = op.session.workspace.store
    area = op.record("released_area", "RA-3")
    said = [entry.hash for entry in store.of_records([area])[area]]
    decisions = [one.hash for one in store.deciding(said) if b'"act":"approve"' in one.header]
    op.session.actor = "ma2"
    carry_out(op.session, plan_undo(op.session, decisions, "Approved on the wrong paper."))
    found = papers.check(op.session, first.code)
    assert (found.state, found.by) == ("superseded", area)
    assert papers.again(op.session, first.code).pdf == first.pdf


def test_a_revoked_release_revokes_its_certificate(op: Operation) -> None:
    first = issued(op, "handover_certificate")
    release = issued(op, "release_report")
    op.decide("revoke", "ma2", "RA-3", reason="An item was found.", on="2026-06-09")
    found = papers.check(op.session, first.code)
    assert (found.state, found.by) == ("revoked", op.record("released_area", "RA-3"))
    assert papers.check(op.session, release.code).state == "issued"
    assert papers.again(op.session, first.code).pdf == first.pdf


def test_a_code_nobody_issued_is_unknown_and_a_misread_one_is_refused(op: Operation) -> None:
    stranger = grouped(code_of(b"another value"))
    assert papers.check(op.session, stranger).state == "unknown"
    with pytest.raises(Refused, match="code_unknown"):
        papers.again(op.session, stranger)
    with pytest.raises(Refused, match="code_misread"):
        papers.check(op.session, stranger[:-1] + ("0" if stranger[-1] != "0" else "1"))


def test_names_are_printed_and_never_embedded_and_erasure_takes_them(
    op: Operation, tmp_path: Path
) -> None:
    """Issue §7 (h): the copy made anew says "erased", the figures stay as they were."""
    first = issued(op, "handover_certificate")
    assert NAMES["P-01"] in told(tmp_path, first.pdf)
    files = embedded(tmp_path, first.pdf)
    value = files[VALUE_NAME]
    assert b'"P-01"' in value
    assert all(NAMES["P-01"].encode() not in one for one in files.values())
    record = next(
        one
        for one, _, data in op.session.workspace.vault.payloads()
        if b'"P-01"' in data and "/person/" in one
    )
    erase_records(op.session, [record], "At the person's request.")
    for language, word in (("en", "erased"), ("uk", "стерто")):
        again = papers.again(op.session, first.code, language)
        text = told(tmp_path, again.pdf)
        assert NAMES["P-01"] not in text
        assert word in text
        assert (
            embedded(tmp_path, again.pdf)[VALUE_NAME] == embedded(tmp_path, first.pdf)[VALUE_NAME]
        )
    work = tmp_path / "work"
    for path in work.rglob("*"):
        if path.is_file():
            assert NAMES["P-01"].encode() not in path.read_bytes(), path


def test_a_value_that_is_not_the_one_issued_is_refused(op: Operation) -> None:
    first = issued(op, "qa_visit_report")
    digest = op.session.workspace.store.put_blob(b"{}")
    other = correct(op.session, first.record, {"value_sha256": digest})
    assert other.record == first.record
    with pytest.raises(Refused, match="value_changed"):
        papers.again(op.session, first.code)


@pytest.mark.parametrize(
    ("kind", "subject", "language", "code"),
    [
        ("poem", "", "en", "unknown_document"),
        ("task_order", "T-1", "xx", "unknown_language"),
        ("task_order", "T-77", "en", "no_subject"),
        ("handover_certificate", "", "en", "no_subject"),
    ],
)
def test_what_cannot_be_issued_leaves_no_trace(
    op: Operation, kind: str, subject: str, language: str, code: str
) -> None:
    before = op.session.workspace.store.last_seq()
    with pytest.raises(Refused) as refused:
        papers.issue(op.session, kind, subject, language=language)
    assert [one.code for one in refused.value.problems] == [code]
    assert op.session.workspace.store.last_seq() == before


def test_nobody_issues_nothing(op: Operation) -> None:
    op.session.actor = ""
    with pytest.raises(Refused, match="actor_missing"):
        papers.issue(op.session, "qa_visit_report", "QV-1")


def test_a_document_of_true_data_does_not_say_synthetic(tmp_path: Path) -> None:
    with make_operation(tmp_path / "true", synthetic=False).session as session:
        session.actor = "ma1"
        made = papers.issue(session, "qa_visit_report", "QV-1")
    assert "SYNTHETIC" not in told(tmp_path, made.pdf)
    meta = run("pdfinfo", "-meta", tmp_path / "document.pdf")
    assert "Border Strip" in meta
