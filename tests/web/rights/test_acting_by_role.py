"""What a person's roles allow is asked where a statement is drafted, whatever page it came from."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from matrix import CLASS_OF, ROLES, acts
from strip import acting, grant, party, square, strip, task

from tilth.core.kinds.catalogue import KINDS
from tilth.core.problems import Refused
from tilth.service import speaking
from tilth.service.choosing import Act
from tilth.service.deciding import carry_out, plan
from tilth.service.findings import explain
from tilth.service.importing import Order, import_file
from tilth.service.joining import join
from tilth.service.levels import plan_undo
from tilth.service.papers import issue
from tilth.service.permits import Permit, accredit
from tilth.service.quality import raise_nonconformity
from tilth.service.recording import correct, revise, say
from tilth.service.records import erase_records, name_record
from tilth.service.ruling import default_rules, set_rules
from tilth.service.session import Session, open_session
from tilth.service.tasks import MoveWish, move_task
from tilth.service.upkeep import found


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with strip(tmp_path / "strip") as opened:
        yield opened


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """For tests in which nothing is said."""
    with strip(tmp_path_factory.mktemp("quiet") / "strip") as session:
        yield session


def refused(call: Callable[[], Any]) -> str:
    """Code of the first problem of a refused act, empty where it went through."""
    try:
        call()
    except Refused as found:
        return found.problems[0].code
    return ""


@pytest.mark.parametrize("role", ROLES)
def test_no_statement_is_drafted_that_the_page_does_not_allow(quiet: Session, role: str) -> None:
    saying = ("record", "correct", "revise", "withdraw")
    with acting(quiet, "Red", role):
        for act, kind in itertools.product(saying, KINDS):
            code = refused(lambda act=act, kind=kind: quiet.draft(act, kind, {"local_id": "X"}))
            assert code == ("" if act in acts(role, kind) else "role_not_permitted"), (act, kind)


@pytest.mark.parametrize("role", ROLES)
def test_no_log_is_given_for_a_decision_that_the_page_does_not_allow(
    quiet: Session, role: str
) -> None:
    red, blue = party(quiet, "Red"), party(quiet, "Blue")
    for act, kind in itertools.product(("vouch", "return", "undo", "approve", "revoke"), CLASS_OF):
        name, author = ("Blue", red) if act in ("approve", "revoke") else ("Red", red)
        with acting(quiet, name, role):
            code = refused(lambda act=act, kind=kind: quiet.log_for(act, red, kind))
        assert code == ("" if act in acts(role, kind) else "role_not_permitted"), (act, kind)
    assert blue != author


def test_a_role_never_gives_what_the_organisation_may_not(session: Session) -> None:
    with acting(session, "Red", *ROLES):
        code = refused(lambda: plan(session, Act("approve", ["HA-1"])))
    assert code == "not_permitted"


def _wish(**fields: str) -> speaking.Wish:
    return speaking.Wish([f"{name}={value}" for name, value in fields.items()])


def _own_hazard(session: Session) -> str:
    return say(session, "hazard_area", {"classification": "CHA", "shape": square(800)}).record


ACTS: dict[str, tuple[str, set[str], Callable[[Session], Any]]] = {
    "report work": (
        "Red",
        {"information_manager", "operations_manager", "team_leader"},
        lambda s: say(s, "clearance_report", {"team": "RED-1"}),
    ),
    "say a hazard": (
        "Red",
        {"information_manager", "operations_manager", "team_leader"},
        _own_hazard,
    ),
    "propose a release": (
        "Red",
        {"information_manager", "operations_manager"},
        lambda s: speaking.record(s, "released_area", _wish(release_type="cleared", place="Mill")),
    ),
    "write an order": (
        "Blue",
        {"information_manager", "operations_manager"},
        lambda s: speaking.record(s, "task", _wish(order_number="7", assigned_to="RED")),
    ),
    "start a task": (
        "Red",
        {"information_manager", "operations_manager", "team_leader"},
        lambda s: move_task(s, "TASK-1", "start", MoveWish()),
    ),
    "raise a nonconformity": (
        "Red",
        {"information_manager", "quality_officer"},
        lambda s: raise_nonconformity(s, {"inspected": "RED", "severity": "minor"}),
    ),
    "give a name": (
        "Blue",
        {"information_manager"},
        lambda s: name_record(s, "HA-1", "N-1"),
    ),
    "put rules in force": (
        "Blue",
        {"information_manager"},
        lambda s: set_rules(s, default_rules().text.replace("version = 1", "version = 2")),
    ),
    "accredit": (
        "Blue",
        {"information_manager", "quality_officer"},
        lambda s: accredit(s, Permit("RED", "organisation", activities=("clearance",))),
    ),
    "let an organisation in": (
        "Blue",
        {"information_manager", "administrator"},
        lambda s: join(s, "Yellow", code="YELLOW"),
    ),
    "say a person": (
        "Red",
        {"information_manager", "administrator"},
        lambda s: speaking.record(s, "person", _wish(code="red-9", name="Somebody")),
    ),
    "erase a victim": (
        "Red",
        {"information_manager"},
        lambda s: erase_records(s, ["V-1"], "asked for it"),
    ),
    "issue a paper": (
        "Blue",
        {"information_manager", "operations_manager", "quality_officer"},
        lambda s: issue(s, "task_order", "TASK-1"),
    ),
    "verify a hazard": (
        "White",
        {"information_manager", "quality_officer"},
        lambda s: carry_out(s, plan(s, Act("vouch", ["HA-W"]))),
    ),
}


@pytest.mark.parametrize("name", ACTS)
def test_an_act_goes_through_for_its_roles_alone(session: Session, name: str) -> None:
    organisation, allowed, act = ACTS[name]
    say(session, "victim", {"local_id": "V-1", "outcome": "injured"}, speaking_for="RED")
    for role in sorted(set(ROLES) - allowed):
        before = session.workspace.store.last_seq()
        with acting(session, organisation, role):
            # an erasure asks for a record first that the role does not read
            assert refused(lambda: act(session)) in ("role_not_permitted", "not_readable"), role
        assert session.workspace.store.last_seq() == before
    for role in sorted(allowed)[:1]:
        with acting(session, organisation, role):
            assert refused(lambda: act(session)) == ""


@pytest.mark.parametrize("act", [correct, revise])
def test_a_team_leader_changes_reports_and_no_orders(session: Session, act: Any) -> None:
    on = () if act is correct else ("2026-02-02",)
    with acting(session, "Red", "team_leader"):
        report = say(session, "clearance_report", {"team": "RED-1", "hours": "4"}).record
        act(session, report, {"hours": "5"}, *on)
        order = session.workspace.store.find_record("TASK-1")[0]
        assert refused(lambda: act(session, order, {"priority": "high"}, *on)) in (
            "role_not_permitted",
        )


def test_what_goes_along_with_a_report_asks_no_role_of_its_own(tmp_path: Path) -> None:
    found(tmp_path / "new", organisation="Blue")
    with open_session(tmp_path / "new", actor="tl") as session:
        with acting(session, "Blue", "team_leader"):
            ring = "36.0 50.0, 36.001 50.0, 36.001 50.001, 36.0 50.001"
            shape = f"POLYGON(({ring}, 36.0 50.0))"
            told = speaking.record(session, "hazard_area", _wish(classification="CHA", shape=shape))
        assert told.spoken[0].statement
        assert session.frame() is not None, "fixed by the first area"


def test_an_import_needs_a_role_before_a_row_is_read(session: Session, tmp_path: Path) -> None:
    file = tmp_path / "reports.csv"
    file.write_text("local_id,happened_on,team,hours\nR-1,2026-02-02,RED-1,4\n")
    order = Order(file, "clearance_report")
    for role in sorted(set(ROLES) - {"information_manager"}):
        with acting(session, "Red", role):
            assert refused(lambda: import_file(session, order)) == "role_not_permitted", role
    with acting(session, "Red", "information_manager"):
        assert import_file(session, order).changes.added == 1


def test_a_decision_is_taken_back_by_who_may_decide_on_such_records(session: Session) -> None:
    with acting(session, "White", "information_manager"):
        (decision,) = carry_out(session, plan(session, Act("vouch", ["HA-W"])))
    for role in ("operations_manager", "team_leader", "administrator", "observer"):
        with acting(session, "White", role):
            code = refused(lambda: plan_undo(session, [decision], "wrong paper"))
            assert code == "role_not_permitted", role
    with acting(session, "White", "quality_officer"):
        carry_out(session, plan_undo(session, [decision], "wrong paper"))


def test_an_explanation_is_said_by_who_answers_for_records(session: Session) -> None:
    say(session, "hazard_area", {"local_id": "HA-X", "classification": "CHA", "shape": square(420)})
    wanted = ("hazards_overlap", "HA-X", "too near")
    for role in ("team_leader", "administrator", "observer"):
        with acting(session, "Blue", role):
            assert refused(lambda: explain(session, *wanted)) != "", role


def test_an_administrator_sets_data_rights_and_no_ground(session: Session) -> None:
    with acting(session, "Red", "administrator"):
        grant(session, "RED", {"to": "*", "share": "none"})
        assert refused(lambda: _own_hazard(session)) == "role_not_permitted"
        assert refused(lambda: task(session, "T-9", "HA-1", "RED")) == "role_not_permitted"
