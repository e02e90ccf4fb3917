"""Who may decide what, where a workspace keeps the logs of several organisations."""

from __future__ import annotations

from pathlib import Path

import pytest

from tilth.core.problems import Refused
from tilth.core.statement import parse_header, record_id
from tilth.service.accounting import Question, account
from tilth.service.deciding import Act, carry_out, plan
from tilth.service.findings import findings
from tilth.service.levels import plan_undo
from tilth.service.session import Session, open_session
from tilth.service.upkeep import found
from tilth.store.keys import key_id
from tilth.store.settings import Party

RED = Party("ab" * 16, "Red")


@pytest.fixture
def session(tmp_path: Path):
    """A workspace of the authority that keeps Red's log and key too; Red reported a spot task."""
    found(tmp_path / "work", organisation="Ministry")
    with open_session(tmp_path / "work", actor="red1") as opened:
        log = opened.workspace.open_log(RED, actor="red1")
        fields = {
            "local_id": "T-1",
            "happened_on": "2026-03-01",
            "organisation": "Red",
            "items": [{"line_id": "1", "category": "uxo", "quantity": 3}],
        }
        record = record_id(RED.id, "spot_task", "T-1")
        opened.workspace.append(
            [
                opened.draft(
                    "record", "spot_task", fields, log=log, record=record, happened_on="2026-03-01"
                )
            ],
            log=log,
        )
        yield opened


def did(session: Session, actor: str, act: str, reason: str = "") -> list[str]:
    session.actor = actor
    return carry_out(session, plan(session, Act(act, ["T-1"], reason=reason)))


def codes(session: Session, actor: str, act: str, reason: str = "") -> list[str]:
    with pytest.raises(Refused) as refused:
        did(session, actor, act, reason)
    return [one.code for one in refused.value.problems]


def speaker(session: Session, statement: str) -> str:
    entry = session.workspace.store.by_hash([statement])[statement]
    return parse_header(entry.header).organisation


def test_each_decision_stands_in_the_log_of_who_may_take_it(session: Session) -> None:
    vouched = did(session, "red2", "vouch")
    assert speaker(session, vouched[0]) == RED.id
    approved = did(session, "min1", "approve")
    assert speaker(session, approved[0]) == session.authority
    assert account(session, Question(), "approved")["items"]["found"] == 3
    disputed = did(session, "min1", "dispute", "Counted by us as well")
    assert speaker(session, disputed[0]) == session.own
    assert account(session, Question(), "approved")["items"]["found"] == 3
    withdrawn = did(session, "red1", "withdraw", "Never happened")
    assert speaker(session, withdrawn[0]) == RED.id
    assert account(session, Question(), "reported")["items"]["found"] == 0
    assert account(session, Question(), "approved")["items"]["found"] == 3


def test_the_author_code_does_not_verify_without_a_reason(session: Session) -> None:
    assert codes(session, "red1", "vouch") == ["own_statement"]
    assert codes(session, "", "vouch") == ["actor_missing"]
    assert codes(session, "red2", "dispute") == ["reason_missing"]
    assert did(session, "red1", "vouch", "Alone until May")


@pytest.mark.parametrize("typed", ["RED1", " Red1 ", "red 1", "\uff52ed1"])
def test_a_code_typed_otherwise_is_the_same_person(session: Session, typed: str) -> None:
    assert codes(session, typed, "vouch") == ["own_statement"]
    did(session, typed, "vouch", "Alone until May")
    assert [one["code"] for one in findings(session)].count("vouched_by_author") == 1


def test_a_decision_is_undone_in_the_log_it_stands_in(session: Session) -> None:
    approved = did(session, "min1", "approve")
    undo = plan_undo(session, [approved[0][:10], approved[0]], "wrong paper")
    assert (undo.statements, len(undo.drafts)) == (1, 1)
    undone = carry_out(session, undo)
    assert speaker(session, undone[0]) == session.authority
    assert account(session, Question(), "approved")["items"]["found"] == 0
    again = carry_out(session, plan_undo(session, undone, "right after all"))
    assert again
    assert account(session, Question(), "approved")["items"]["found"] == 3


def test_without_the_key_of_the_author_nothing_is_said_in_their_name(
    session: Session, tmp_path: Path
) -> None:
    workspace = session.workspace
    span = workspace.keyring.current(workspace.log_of(RED.id))
    (tmp_path / "work" / "keys" / f"{key_id(span.public_key)}.pem").unlink()
    with open_session(tmp_path / "work", actor="min1") as reopened:
        assert codes(reopened, "min1", "withdraw", "x") == ["not_permitted"]
        assert codes(reopened, "min1", "vouch") == ["not_permitted"]
        assert did(reopened, "min1", "return", "Totals differ")
