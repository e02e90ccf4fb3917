"""Projects: one square metre and one item count under one key, and the keys add up to the whole."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.core.chains import Said
from tilth.core.days import ordinal
from tilth.core.items.account import account
from tilth.core.items.book import ItemBook
from tilth.core.items.model import ItemSource
from tilth.core.items.rollup import Rollup
from tilth.core.land.balance import balance, cut
from tilth.core.land.book import LandBook
from tilth.core.land.keeper import LandKeeper
from tilth.core.land.rows import LandRows
from tilth.core.projects import ProjectBook, combined, project_key

A, B = "a" * 32, "b" * 32
PROJECTS = {
    f"{A}/project/1": {"code": "P-1"},
    f"{A}/project/P-2": {"code": "P-2"},
    f"{B}/project/1": {"code": "P-9"},
    f"{B}/project/P-2": {"code": "P-2B"},
}
TASKS = {
    f"{A}/task/T-1": {"project": "P-1"},
    f"{B}/task/T-1": {"project": "1"},
    f"{A}/task/T-2": {"code": "ORDER-2", "project": "P-2"},
    f"{A}/task/T-3": {},
}
BOOK = ProjectBook(PROJECTS, TASKS, {"NAT-7": f"{A}/project/1", "NAT-8": f"{A}/task/T-2"})

MEANT = [
    ({}, A, ""),
    ({"project": "P-1"}, A, "P-1"),
    ({"project": "P-1"}, B, "P-1"),
    ({"project": "1"}, A, "P-1"),
    ({"project": "1"}, B, "P-9"),
    ({"project": "1"}, "c" * 32, "1"),
    ({"project": f"{B}/project/1"}, A, "P-9"),
    ({"project": "P-2"}, B, "P-2B"),
    ({"project": "NAT-7"}, B, "P-1"),
    ({"project": "elsewhere"}, A, "elsewhere"),
    ({"projects": ["P-2", "P-1", "1"]}, A, "P-1+P-2"),
    ({"task": "T-1"}, A, "P-1"),
    ({"task": "T-1"}, B, "P-9"),
    ({"task": "T-2"}, B, "P-2"),
    ({"task": "ORDER-2"}, B, "P-2"),
    ({"task": "NAT-8"}, B, "P-2"),
    ({"task": f"{B}/task/T-1"}, A, "P-9"),
    ({"task": "T-3"}, A, ""),
    ({"task": "T-9"}, A, ""),
    ({"project": "P-2", "task": "T-1"}, A, "P-2"),
    ({"projects": ["P-2"], "task": "T-1"}, A, "P-2"),
    ({"project": "\x1fodd"}, A, " odd"),
]


@pytest.mark.parametrize(("fields", "author", "project"), MEANT)
def test_work_counts_under_its_own_project_else_under_that_of_its_task(
    fields: dict[str, Any], author: str, project: str
) -> None:
    assert BOOK.meaning(project_key(fields, author)) == project


@given(st.lists(st.sampled_from(["P-1", "P-2", "P-3"]), max_size=6))
def test_a_combined_key_does_not_depend_on_order_or_repetition(names: list[str]) -> None:
    assert combined(names) == combined(sorted(set(names))) == combined(reversed(names))


# -- land -----------------------------------------------------------------------------------------

NAMED = st.sampled_from(
    [
        {},
        {"projects": ["P-1"]},
        {"projects": ["P-2"]},
        {"projects": ["P-2", "P-1"]},
        {"task": "T-1"},
        {"task": "T-3"},
        {"projects": ["P-1"], "task": "T-2"},
    ]
)
RELEASES = st.lists(
    st.tuples(
        st.integers(0, 9), st.integers(0, 9), st.integers(1, 5), st.integers(2, 28),
        st.sampled_from(["cancelled", "reduced", "cleared"]), st.sampled_from([A, B]), NAMED,
    ),
    max_size=9,
)  # fmt: skip


def rows_of(releases: list[Any]) -> LandRows:
    """Rows of one hazard of 10 x 10 cells of 100 m² and of releases over it."""
    number = itertools.count()
    book = LandBook(A)

    def say(kind: str, author: str, on: int, shape: Any, **fields: Any) -> None:
        digest = f"{next(number):064d}"
        said = Said(
            hash=digest,
            organisation=author,
            actor="p1",
            act="record",
            kind=kind,
            record=f"{author}/{kind}/{digest[-3:]}",
            happened_on=f"2026-03-{on:02d}",
            fields={**fields, "shape": True},
        )
        book.take(said, {digest: shape})

    say("hazard_area", A, 1, shapely.box(0, 0, 100, 100), classification="CHA")
    for west, south, size, on, kind, author, named in releases:
        square = shapely.box(west * 10, south * 10, (west + size) * 10, (south + size) * 10)
        say("released_area", author, on, square, release_type=kind, **named)
    keeper = LandKeeper(book)
    keeper.recompute()
    return keeper.rows("reported")


CLAIMS = ("cancelled_m2", "reduced_m2", "cleared_m2")


def cell_by_cell(releases: list[Any], until: int) -> dict[tuple[str, str], int]:
    """Credit of each 10 m cell to the first release: day, lesser claim, record (rules §3)."""
    order = sorted(
        (
            (on, CLAIMS.index(f"{kind}_m2"), f"{author}/released_area/{number:03d}", one)
            for number, one in enumerate(releases, 1)
            for _, _, _, on, kind, author, _ in [one]
            if on <= until
        ),
        key=lambda one: one[:3],
    )
    found: dict[tuple[str, str], int] = {}
    for x, y in itertools.product(range(10), range(10)):
        for _, claim, _, (west, south, size, _, _, author, named) in order:
            if west <= x < west + size and south <= y < south + size:
                key = (BOOK.meaning(project_key(named, author)), CLAIMS[claim])
                found[key] = found.get(key, 0) + 100
                break
    return found


@settings(max_examples=100)
@given(RELEASES, st.integers(1, 28))
def test_land_by_project_adds_up_to_the_land_released(releases: list[Any], until: int) -> None:
    """Law: overlapping releases of several projects share no square metre and lose none."""
    rows = rows_of(releases).under(BOOK.meaning)
    day = ordinal(f"2026-03-{until:02d}")
    total = balance(rows, day).total()
    lines = cut(rows, day, "project")
    found = {
        (str(line["project"]), claim): round(float(line[claim]))
        for line in lines
        for claim in CLAIMS
        if round(float(line[claim]))
    }
    assert found == cell_by_cell(releases, until)
    for claim in CLAIMS:
        assert abs(sum(float(line[claim]) for line in lines) - total[claim]) < 1e-6
    assert LandRows.from_bytes(rows.to_bytes()).releases == rows.releases


def test_ground_that_two_projects_claim_counts_under_the_first() -> None:
    releases = [
        (0, 0, 5, 10, "cleared", A, {"projects": ["P-1"]}),
        (0, 0, 5, 12, "cleared", B, {"projects": ["P-9"]}),
        (4, 0, 5, 12, "cleared", A, {"projects": ["P-2", "P-1"]}),
    ]
    lines = cut(rows_of(releases).under(BOOK.meaning), ordinal("2026-03-28"), "project")
    assert {line["project"]: round(float(line["cleared_m2"])) for line in lines} == {
        "P-1": 2500,
        "P-1+P-2": 2000,
    }


# -- items ----------------------------------------------------------------------------------------

LINES = st.lists(
    st.fixed_dictionaries(
        {
            "category": st.sampled_from(["ap_mine", "uxo", "saa"]),
            "quantity": st.integers(0, 5),
        },
        optional={"disposal": st.sampled_from(["stored", "destroyed_in_place"])},
    ),
    max_size=3,
)
ONE_PROJECT = st.sampled_from([{}, {"project": "P-1"}, {"task": "T-1"}, {"project": "nobody's"}])
SOURCES = st.lists(
    st.tuples(
        st.sampled_from([A, B]),
        st.sampled_from(["clearance_report", "spot_task"]),
        st.integers(1, 28),
        LINES,
        ONE_PROJECT,
    ),
    max_size=8,
)


def rollup_of(sources: list[Any], *, at_once: bool = True) -> Rollup:
    made = [
        ItemSource(
            f"{author}/{kind}/{number}", kind, f"h{number}", author, f"2026-03-{on:02d}", "V", (),
            {**named, "items": items},
        )
        for number, (author, kind, on, items, named) in enumerate(sources)
    ]  # fmt: skip
    book = ItemBook()
    if at_once:
        book.load(made)
    else:
        for one in made:
            book.update({one.record: one})
    return book.rollup.under(BOOK.meaning)


@settings(max_examples=100)
@given(SOURCES)
def test_items_by_project_add_up_to_the_items_found(sources: list[Any]) -> None:
    """Law: read at once or one by one, each piece is under exactly one key."""
    rollup = rollup_of(sources)
    assert rollup_of(sources, at_once=False).to_bytes() == rollup.to_bytes()
    found = account(rollup, "2026-03-28", by="project")
    assert found.closes
    for term, whole in found.joint.items.as_dict().items():
        assert sum(row.items.as_dict()[term] for row in found.rows) == whole
    for row in found.rows:
        mine = sum(
            line["quantity"]
            for author, _, _, items, named in sources
            if BOOK.meaning(project_key(named, author)) == row.value
            for line in items
            if line["category"] != "saa"
        )
        assert row.items.found == mine


def test_two_tasks_of_one_project_become_one_cell() -> None:
    mine = [{"category": "ap_mine", "quantity": 2}]
    by_task = rollup_of([(A, "spot_task", 3, mine, {"task": "T-1"})] * 1)
    by_name = rollup_of([(A, "spot_task", 3, mine, {"project": "1"})] * 1)
    assert by_task.to_bytes() == by_name.to_bytes()
    both = rollup_of(
        [(A, "spot_task", 3, mine, {"task": "T-1"}), (A, "spot_task", 3, mine, {"project": "1"})]
    )
    assert len(both) == len(by_task)
