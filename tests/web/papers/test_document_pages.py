"""Documents made, listed, fetched and checked through pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.test import Client

from tilth.service.papers import documents
from tilth.service.session import Session
from tilth.service.task_pages import board_page

SignIn = Callable[..., Client]


def test_documents_are_listed_with_what_became_of_them_and_fetched_as_pdf(
    read_only: Path, sign_in: SignIn, ledger: Session
) -> None:
    client = sign_in()
    page = client.get("/documents")
    known = documents(ledger)
    assert page.context["total"] == len(known) > 0
    pdf = client.get(f"/documents/{known[0].code.replace('-', '')}.pdf?language=ar")
    assert pdf.content.startswith(b"%PDF")
    assert pdf["Content-Type"] == "application/pdf"


def test_the_same_content_twice_is_the_same_document(
    served: Path, sign_in: SignIn, ledger: Session
) -> None:
    client = sign_in()
    task = board_page(ledger, states=["issued"]).lines[0].record
    form = {"type": "task_order", "subject": task, "language": "fr"}
    before = len(documents(ledger))
    first = client.post("/documents/make", form)
    again = client.post("/documents/make", form)
    assert first.status_code == again.status_code == 302
    assert first["Location"] == again["Location"]
    assert len(documents(ledger)) in (before, before + 1)


def test_what_cannot_be_issued_says_why_and_keeps_what_was_typed(
    read_only: Path, sign_in: SignIn
) -> None:
    page = sign_in().post("/documents/make", {"type": "task_order", "subject": "no-such-task"})
    assert page.status_code == 422
    assert page.context["wish"]["subject"] == "no-such-task"


def test_anybody_who_holds_the_paper_may_check_its_code_and_learns_nothing_more(
    read_only: Path, client: Client, ledger: Session, db: None
) -> None:
    known = documents(ledger)[0]
    page = client.get(f"/check?code={known.code.lower()}").content.decode()
    assert "issued" in page
    assert known.subject not in page
    assert "unknown" in client.get("/check?code=00000-00000-00000-00000-0").content.decode()
    assert client.get("/check?code=short").status_code == 422
    assert client.get("/documents").status_code == 302
