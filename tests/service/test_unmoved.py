"""Accounts and findings that nothing said since could move are not computed again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tilth.service import accounting, findings
from tilth.service.accounting import Question, account, is_kept, position_at
from tilth.service.recording import say
from tilth.service.session import Session, open_session
from tilth.service.upkeep import found


@pytest.fixture
def session(tmp_path: Path):
    found(tmp_path / "work", organisation="Ministry")
    with open_session(tmp_path / "work", actor="im1") as opened:
        say(opened, "spot_task", {"local_id": "T1", "items_total": 3, "happened_on": "2026-03-01"})
        yield opened


def forget(session: Session, patch: pytest.MonkeyPatch) -> None:
    """Whatever is computed from now on is an error."""

    def computed(*_: object) -> None:
        raise AssertionError("computed again")

    session.remembered.clear()
    patch.setattr(accounting._Maker, "make", computed)
    patch.setattr(findings, "_compute", computed)


def test_a_document_or_an_honour_moves_no_account(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = account(session, Question())
    forget(session, monkeypatch)
    say(session, "honour", {"honour_type": "Medal", "person": "P1"})
    say(session, "document", {"document_type": "task_order", "code": "X"})
    after = account(session, Question())
    assert (after["land"], after["items"]) == (before["land"], before["items"])
    assert after["position"] != before["position"], "it is asked at the newest position"


def test_a_document_moves_no_finding(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    before = findings.findings(session)
    assert before
    forget(session, monkeypatch)
    say(session, "document", {"document_type": "task_order", "code": "X"})
    assert findings.findings(session) == before


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("spot_task", {"items_total": 4, "happened_on": "2026-03-02"}),
        ("project", {"code": "P", "name": "Project"}),
        ("organisation", {"name": "Blue", "code": "BLUE", "roles": ["operator"]}),
    ],
)
def test_what_the_accounts_read_moves_them(
    session: Session, monkeypatch: pytest.MonkeyPatch, kind: str, fields: dict[str, object]
) -> None:
    account(session, Question())
    forget(session, monkeypatch)
    say(session, kind, fields)
    with pytest.raises(AssertionError, match="computed again"):
        account(session, Question())
    with pytest.raises(AssertionError, match="computed again"):
        findings.findings(session)


def test_kept_everywhere_means_at_every_level(session: Session) -> None:
    position = position_at(session, "")
    assert not is_kept(session, position)
    accounting.accounts(session, Question(), ["reported", "verified", "approved", "prudent"])
    say(session, "honour", {"honour_type": "Medal", "person": "P1"})
    assert is_kept(session, position_at(session, ""))
