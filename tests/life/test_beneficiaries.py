"""People counted once, in bands that never merge or split a group in silence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.core.life.beneficiaries import (
    BANDS,
    bands_of,
    beneficiary_findings,
    counted,
)
from tilth.core.life.register import Held
from tilth.core.problems import Refused


def session(local: str, *lines: dict[str, Any], on: str = "2026-03-05", **fields: Any) -> Held:
    fields = {"beneficiaries": list(lines), "place": "Village", **fields}
    record = f"op/eore_session/{local}"
    return Held(record, "eore_session", "op", "p1", local, 1, on, "", fields)


def line(sex: str, first: int | None, last: int | None, people: int, **more: int) -> dict[str, Any]:
    ages = {"age_from": first, "age_to": last}
    known = {name: age for name, age in ages.items() if age is not None}
    return {"sex": sex, "people": people, **known, **more}


def ages(table: Any) -> dict[tuple[str, str], int]:
    return {(cell.sex, cell.age): people for cell, people in table.items()}


def test_groups_inside_a_band_add_up() -> None:
    one = session("S1", line("female", 5, 12, 10), line("female", 13, 17, 4))
    assert ages(counted([one]).people) == {("female", "0-17"): 14}


def test_a_group_across_bands_keeps_its_own_ages() -> None:
    one = session(
        "S1", line("male", 15, 25, 7), line("male", 18, None, 3), line("male", None, None, 2)
    )
    assert ages(counted([one]).people) == {
        ("male", "15-25"): 7,
        ("male", "18+"): 3,
        ("male", ""): 2,
    }
    assert [f.params["ages"] for f in beneficiary_findings([one])] == ["15-25, not given"]


def test_sessions_at_one_place_in_one_month_reach_the_same_people() -> None:
    first = session("S1", line("female", 18, None, 20))
    second = session("S2", line("female", 18, None, 25), on="2026-03-20")
    later = session("S3", line("female", 18, None, 25), on="2026-04-02")
    table = counted([first, second, later])
    assert sum(table.people.values()) == 50
    assert sum(table.sessions.values()) == 70


def test_a_key_says_who_are_the_same_people() -> None:
    first = session("S1", line("male", 18, None, 20), double_count_key="K", place="A")
    second = session("S2", line("male", 18, None, 9), double_count_key="K", place="B")
    assert sum(counted([first, second]).people.values()) == 20


def test_more_first_timers_than_people_is_noticed() -> None:
    one = session("S1", line("male", 18, None, 20, first_time=21))
    assert [f.code for f in beneficiary_findings([one])] == ["more_than_all"]


def test_bands_are_configurable_and_have_no_gaps() -> None:
    assert [band.name for band in bands_of("0-4, 5-12,13–17,18+")] == [
        "0-4",
        "5-12",
        "13-17",
        "18+",
    ]
    for text in ("", "5-4", "0-4,6+", "0-9,5+", "children", "0-200"):
        with pytest.raises(Refused) as refused:
            bands_of(text)
        assert [one.code for one in refused.value.problems] == ["bad_bands"]


GROUPS = st.tuples(
    st.sampled_from(["female", "male"]), st.integers(0, 90), st.integers(0, 60), st.integers(0, 50)
).map(lambda g: line(g[0], g[1], g[1] + g[2], g[3]))
SESSIONS = st.lists(
    st.tuples(st.lists(GROUPS, max_size=4), st.sampled_from(["A", "B"]), st.integers(1, 3)),
    max_size=6,
).map(
    lambda rows: [
        session(f"S{n}", *lines, place=place, on=f"2026-0{month}-10")
        for n, (lines, place, month) in enumerate(rows)
    ]
)


@given(records=SESSIONS, text=st.sampled_from(["0-17,18+", "0-4,5-12,13-17,18-59,60+", "0+"]))
@settings(max_examples=100, deadline=None)
def test_no_band_changes_how_many_people_there_are(records: list[Held], text: str) -> None:
    usual, other = counted(records, BANDS), counted(records, bands_of(text))
    assert sum(usual.people.values()) == sum(other.people.values())
    assert sum(usual.sessions.values()) == sum(other.sessions.values())
    assert sum(usual.people.values()) <= sum(usual.sessions.values())
    assert counted(records[::-1]) == counted(records)
