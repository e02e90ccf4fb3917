"""What roles allow and read, against the tables of the documentation: every combination."""

from __future__ import annotations

import itertools

import pytest
from matrix import CLASS_OF, ROLES, acts, cases, field_class, relations, span, table

from tilth.core import roles
from tilth.core.access import ACTS, granted
from tilth.core.kinds.catalogue import KINDS
from tilth.core.life.quality import AXIS as NONCONFORMITY
from tilth.core.life.tasks import AXIS as TASK


def test_the_page_names_every_role_and_kind() -> None:
    assert ROLES == roles.ROLES
    assert set(CLASS_OF) == set(KINDS)
    unprotected = {name for name, kind in KINDS.items() if not kind.protected}
    assert set(table("kind", "position", "internal")) == unprotected


def test_the_page_names_no_field_that_does_not_exist() -> None:
    for kind, row in table("kind", "position", "internal").items():
        named = {one for cell in row.values() for one in cell.split(", ")} - {"–"}
        assert named <= {one.name for one in KINDS[kind].fields}, kind


@pytest.mark.parametrize("role", ROLES)
def test_a_role_allows_what_the_page_says(role: str) -> None:
    for act, kind in itertools.product(ACTS, KINDS):
        assert roles.allows({role}, act, kind) == (act in acts(role, kind)), (act, kind)


@pytest.mark.parametrize("role", ROLES)
def test_a_decision_is_allowed_where_it_is_on_some_kind(role: str) -> None:
    deciding = set(ACTS) - {"record", "correct", "revise", "withdraw", "erase"}
    for act in (one for one in deciding if not one.startswith("inspect")):
        anywhere = any(act in acts(role, kind) for kind in KINDS)
        assert roles.allows({role}, act, "decision") == anywhere, act
    assert not roles.allows({role}, "record", "decision")


def test_every_move_of_a_task_and_a_nonconformity_is_on_the_page() -> None:
    said = table("move")
    for axis in (TASK, NONCONFORMITY):
        for move, role in itertools.product(axis.moves, ROLES):
            allowed = said[f"{axis.name} {move.name}"][role] == "yes"
            assert roles.may_move({role}, axis.name, move.name) == allowed, (move.name, role)


def test_every_field_is_read_by_whom_the_page_says() -> None:
    number = 0
    for one in cases():
        of_class = roles.field_class(one.kind, one.field, protected=KINDS[one.kind].protected)
        assert of_class == field_class(one.kind, one.field), one
        assert roles.reads({one.role}, one.relation, one.kind, of_class) == one.expected, one
        number += 1
    assert number > 15_000


def test_a_kind_is_open_only_where_it_may_be() -> None:
    for kind, role in itertools.product(KINDS, ROLES):
        read = roles.span({role}, kind)
        assert read == span(role, kind) & (set(relations(kind)) | {"authority", "concerned"})


def test_cuts_are_those_of_the_page() -> None:
    said = table("cut")
    assert set(said) == set(roles.CUTS)
    for cut, role in itertools.product(said, ROLES):
        assert (role in roles.CUTS[cut]) == (said[cut][role] == "yes"), (cut, role)


def test_several_roles_give_what_any_of_them_gives() -> None:
    both = {"team_leader", "observer"}
    assert roles.allows(both, "record", "clearance_report")
    assert roles.reads(both, "open", "released_area", "ordinary")
    assert not roles.allows(both, "approve", "clearance_report")


def test_nobody_without_a_role_does_or_reads_anything() -> None:
    for kind in KINDS:
        assert not any(roles.allows((), act, kind) for act in ACTS)
        assert not roles.span((), kind)
    assert not roles.may_move((), "task", "issue")


def test_a_role_or_kind_that_no_table_names_is_denied() -> None:
    assert not roles.allows({"root"}, "record", "task")
    assert not roles.allows({"information_manager"}, "record", "spacecraft")
    assert not roles.reads({"information_manager"}, "own", "spacecraft", "ordinary")


def test_a_field_that_a_programme_added_stays_within() -> None:
    assert roles.field_class("hazard_area", "village_head", extra=True) == "internal"
    assert roles.field_class("victim", "village_head", protected=True, extra=True) == "protected"


def test_of_data_rights_the_line_that_says_most_precisely_holds() -> None:
    lines = [
        {"to": "*", "share": "none"},
        {"to": "*", "kinds": ["task"], "share": "full"},
        {"to": "GF", "share": "aggregate"},
        {"to": "GF", "kinds": ["hazard_area"], "share": "full"},
    ]
    given = {
        (to, kind): granted(lines, {to}, kind, protected=False)
        for to, kind in itertools.product(("GF", "PA"), ("task", "hazard_area"))
    }
    assert given == {
        ("GF", "task"): "aggregate",
        ("GF", "hazard_area"): "full",
        ("PA", "task"): "full",
        ("PA", "hazard_area"): "none",
    }


def test_of_two_equal_lines_the_one_that_gives_less_holds() -> None:
    lines = [{"to": "GF", "share": "full"}, {"to": "GF", "share": "none"}]
    for ordered in (lines, lines[::-1]):
        assert granted(ordered, {"GF"}, "task", protected=False) == "none"


def test_people_are_granted_only_by_name_of_their_kind() -> None:
    lines = [{"to": "*", "share": "full"}]
    assert granted(lines, {"GF"}, "victim", protected=True) == ""
    named = [*lines, {"to": "GF", "kinds": ["victim"], "share": "full"}]
    assert granted(named, {"GF"}, "victim", protected=True) == "full"
