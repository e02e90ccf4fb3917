"""The board, one task and its gates, as officers of each side see them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.test import Client

from tilth.service.session import Session
from tilth.service.task_pages import board_page

SignIn = Callable[..., Client]


def some_task(session: Session, state: str) -> str:
    return board_page(session, states=[state]).lines[0].record


def test_the_board_shows_what_waits_and_counts_every_state(
    read_only: Path, sign_in: SignIn, ledger: Session
) -> None:
    page = sign_in("operations_manager").get("/tasks")
    board = board_page(ledger)
    assert page.context["board"].counts == board.counts
    assert [one.record for one in page.context["board"].lines] == [o.record for o in board.lines]
    assert all(one.waits_for for one in page.context["board"].lines)


def test_an_operator_sees_its_own_tasks_and_not_the_others(
    read_only: Path, sign_in: SignIn, ledger: Session
) -> None:
    whole = sum(board_page(ledger).counts.values())
    operators = [
        one.name for one in ledger.workspace.settings.organisations if one.id != ledger.authority
    ]
    seen = [
        sum(
            sign_in("team_leader", organisation=name).get("/tasks").context["board"].counts.values()
        )
        for name in operators
    ]
    assert all(0 <= one <= whole for one in seen)
    observer = sign_in("observer").get("/tasks").context["board"]
    assert observer.lines == ()


def test_a_task_says_what_may_be_done_now_and_by_whom(
    read_only: Path, sign_in: SignIn, ledger: Session
) -> None:
    task = some_task(ledger, "issued")
    manager = sign_in("operations_manager").get(f"/tasks/{task}")
    assert {one.name for one in manager.context["task"]["moves"]} >= {"suspend"}
    reader = sign_in("administrator").get(f"/tasks/{task}")
    assert reader.status_code == 404


def test_a_move_that_needs_a_reason_is_refused_without_and_nothing_typed_is_lost(
    served: Path, sign_in: SignIn, ledger: Session
) -> None:
    task = some_task(ledger, "issued")
    client = sign_in("operations_manager")
    page = client.post(f"/tasks/{task}/move", {"move": "suspend", "reason": "", "cause": "weather"})
    assert page.status_code == 422
    assert page.context["typed"]["cause"] == "weather"
    moved = client.post(
        f"/tasks/{task}/move", {"move": "suspend", "reason": "Flooded lane", "cause": "weather"}
    )
    assert moved.status_code == 302
    after = client.get(f"/tasks/{task}").context["task"]
    assert after["state"] == "suspended"
    assert after["trail"][-1]["reason"] == "Flooded lane"


def test_the_gate_says_what_would_open_it(read_only: Path, sign_in: SignIn) -> None:
    client = sign_in("operations_manager")
    page = client.get("/tasks/gate?team=NOBODY-1&activity=clearance")
    assert {one.code for one in page.context["problems"]} >= {"team_unknown"}
    team = client.get("/tasks/teams").context["teams"][0]
    asked = client.get(f"/tasks/gate?team={team.code}&activity={team.activities[0]}")
    assert asked.context["answered"]


def test_the_board_can_be_searched_by_order(
    read_only: Path, sign_in: SignIn, ledger: Session
) -> None:
    (line, *_) = board_page(ledger, states=["accepted"]).lines
    page = sign_in("operations_manager").get(f"/tasks?state=accepted&q={line.order_number}")
    assert [one.record for one in page.context["board"].lines] == [line.record]
    empty = sign_in("operations_manager").get("/tasks?q=no-such-order")
    assert "No task is like that" in empty.content.decode()
