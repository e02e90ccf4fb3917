"""Documents made, listed, fetched and checked through pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.test import Client

from tilth.service.papers import documents
from tilth.service.session import Session
from tilth.service.task_pages import board_page

SignIn = Callable[..., Client]


def issued(client: Client, ledger: Session) -> str:
    """Code of a task order that was just issued."""
    task = board_page(ledger, states=["issued"]).lines[0].record
    made = client.post(
        "/documents/make", {"type": "task_order", "subject": task, "language": "fr"}, follow=True
    )
    return str(made.context["lines"][0]["code"])


def test_documents_are_listed_with_what_became_of_them_and_fetched_as_pdf(
    served: Path, sign_in: SignIn, ledger: Session
) -> None:
    client = sign_in()
    assert "No document was issued yet" in client.get("/documents").content.decode()
    code = issued(client, ledger)
    page = client.get("/documents")
    assert [(one["code"], one["state"]) for one in page.context["lines"]] == [(code, "issued")]
    pdf = client.get(f"/documents/{code.replace('-', '')}.pdf?language=ar")
    assert pdf.content.startswith(b"%PDF")
    assert pdf["Content-Type"] == "application/pdf"
    observer = sign_in("observer")
    assert observer.get(f"/documents/{code.replace('-', '')}.pdf").status_code == 404
    assert observer.get("/documents").context["lines"] == []


def test_the_same_content_twice_is_the_same_document(
    served: Path, sign_in: SignIn, ledger: Session
) -> None:
    client = sign_in()
    assert issued(client, ledger) == issued(client, ledger)
    assert len(documents(ledger)) == 1


def test_what_cannot_be_issued_says_why_and_keeps_what_was_typed(
    read_only: Path, sign_in: SignIn
) -> None:
    page = sign_in().post("/documents/make", {"type": "task_order", "subject": "no-such-task"})
    assert page.status_code == 422
    assert page.context["wish"]["subject"] == "no-such-task"


def test_anybody_who_holds_the_paper_may_check_its_code_and_learns_nothing_more(
    served: Path, sign_in: SignIn, client: Client, ledger: Session
) -> None:
    code = issued(sign_in(), ledger)
    (known,) = documents(ledger)
    page = client.get(f"/check?code={code.lower()}").content.decode()
    assert "issued, and stands" in page
    assert known.subject not in page
    assert known.subject.rsplit("/", 1)[1] not in page
    assert client.get("/check?code=short").status_code == 422
    assert client.get("/documents").status_code == 302
