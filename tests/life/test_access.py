"""Who may do what, against the table of the documentation."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from tilth.core.access import ACTS, INSPECTING, Actor, Subject, may, share

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "permissions.md"
COLUMNS = ("author", "other", "authority", "inspector")


def tables() -> list[list[list[str]]]:
    """Tables of the page, as rows of cells, without their rules of dashes."""
    found: list[list[list[str]]] = [[]]
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("|") and not line.startswith("|---"):
            found[-1].append([cell.strip() for cell in line.strip("|").split("|")])
        elif found[-1] and not line.startswith("|"):
            found.append([])
    return [one for one in found if one]


ALLOWED = {row[0]: dict(zip(COLUMNS, row[1:], strict=True)) for row in tables()[0][1:]}
WHO = {
    "author": Actor("op", "p1"),
    "other": Actor("zz", "p2"),
    "authority": Actor("na", "p3", frozenset({"authority"})),
    "inspector": Actor("qa", "p4", frozenset({"quality_body"})),
}


def test_the_page_names_every_act() -> None:
    assert set(ALLOWED) == set(ACTS)


@pytest.mark.parametrize(("act", "who"), list(itertools.product(ACTS, COLUMNS)))
def test_the_program_does_what_the_page_says(act: str, who: str) -> None:
    given = may(WHO[who], act, Subject("op", said_by="somebody"))
    assert given.allowed == (ALLOWED[act][who] == "yes")
    assert given.why == ("" if given.allowed else "not_permitted")


def test_an_act_of_no_row_is_denied() -> None:
    for who in WHO.values():
        assert not may(who, "delete", Subject("op")).allowed


def test_nobody_verifies_what_they_said_themselves() -> None:
    given = may(Actor("op", "p1"), "vouch", Subject("op", said_by="p1"))
    assert (given.allowed, given.why, given.overridable) == (False, "own_statement", True)


def test_the_authority_does_not_approve_its_own_work_whoever_typed_it_in() -> None:
    authority = Actor("na", "p3", frozenset({"authority"}))
    assert may(authority, "approve", Subject("na")).why == "own_work"
    assert may(authority, "approve", Subject("op", worked=frozenset({"na"}))).why == "own_work"
    assert may(authority, "approve", Subject("na", worked=frozenset({"op"}))).allowed


@pytest.mark.parametrize("role", sorted(INSPECTING))
def test_an_inspector_does_not_inspect_its_own_work(role: str) -> None:
    inspector = Actor("qa", "p4", frozenset({role}))
    assert may(inspector, "inspect_external", Subject("op")).allowed
    assert may(inspector, "inspect_external", Subject("qa")).why == "own_inspection"
    worked = Subject("op", worked=frozenset({"qa", "op"}))
    assert may(inspector, "inspect_external", worked).why == "own_inspection"


def test_permission_that_no_role_gives_cannot_be_overridden() -> None:
    assert not may(Actor("op"), "approve", Subject("op")).overridable


def test_reading_is_as_the_page_says() -> None:
    rows = {row[0]: row[1:] for row in tables()[2][1:]}
    readers = {"own organisation": WHO["author"], "authority": WHO["authority"]}
    for name, cells in rows.items():
        reader = readers.get(name, WHO["other"])
        said = [share(reader, "op", protected=protected) for protected in (False, True)]
        assert said == cells


def test_data_rights_grant_more_or_less() -> None:
    assert share(WHO["other"], "op", protected=False, granted="full") == "full"
    assert share(WHO["other"], "op", protected=False, granted="none") == "none"
    assert share(WHO["authority"], "op", protected=False, granted="none") == "full"
    assert share(WHO["authority"], "op", protected=True, granted="full") == "full"
