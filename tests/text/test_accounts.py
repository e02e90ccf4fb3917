"""An account in words: closure is never rounded away, what is left out is never dropped."""

from typing import Any

import pytest

from tilth.text import accounts


def account(**land: Any) -> dict[str, Any]:
    return {
        "operation": {"id": "ab12", "name": "Northern District"},
        "level": "prudent",
        "until": "2026-12",
        "known_at": "now",
        "position": "5dc9da79a70659a9",
        "land": {"recorded_m2": 1e9, "remaining_m2": 1e9, "closure_m2": 0.0} | land,
        "items": {"found": 3, "unaccounted": 3},
        "left_out": {},
    }


@pytest.mark.parametrize(
    ("recorded_m2", "closure_m2", "closed"),
    [
        (1.0, 0.9e-6, True),
        (1.0, -1.1e-6, False),
        (1e9, 0.9e-3, True),  # 1e-12 of the area is more than 1e-6 m²
        (1e9, 1.1e-3, False),
        (0.0, float("nan"), False),
    ],
)
def test_tolerance_is_that_of_the_rules(
    recorded_m2: float, closure_m2: float, closed: bool
) -> None:
    one = account(recorded_m2=recorded_m2, closure_m2=closure_m2)
    assert accounts.is_closed(one) is closed
    assert ("NOT CLOSED" in accounts.closure_line(one)) is not closed


def test_the_list_of_hazards_decides_where_there_is_one() -> None:
    assert accounts.is_closed(account(closure_m2=5e-6) | {"not_closed": []})
    assert not accounts.is_closed(account(closure_m2=0.0) | {"not_closed": ["HA-7"]})


def test_a_difference_is_said_with_every_digit() -> None:
    line = accounts.closure_line(account(closure_m2=87191.00000001))
    assert line == "NOT CLOSED, difference 87191.00000001 m²"


@pytest.mark.parametrize(
    ("left_out", "lines"),
    [
        ({}, []),
        ({"returned": {"records": 0, "m2": 0.0}}, []),
        ({"returned": {"records": 2, "m2": 0.0}}, ["returned: 2"]),
        ({"not_held": 4}, ["named and not held: 4"]),
        ({"below_level": {"m2": 1e4}}, ["below this level, 1.00 ha"]),
        ({"some_new_reason": {"count": 1}}, ["some new reason: 1"]),
        (
            {"without_polygon": {"count": 7, "declared_m2": "12.50"}},
            ["without polygon: 7, declared 12.50 m²"],
        ),
    ],
)
def test_whatever_is_left_out_is_said(left_out: dict[str, Any], lines: list[str]) -> None:
    assert accounts.left_out_lines(account() | {"left_out": left_out}) == lines


def test_hazards_without_polygon_are_said_once() -> None:
    without = {"count": 7, "declared_m2": "0"}
    one = account(without_polygon=without)
    assert accounts.left_out_lines(one) == ["without polygon: 7"]
    one["left_out"] = {"without_polygon": without}
    assert accounts.left_out_lines(one) == ["without polygon: 7"]


@pytest.mark.parametrize(
    ("position", "line"),
    [
        (
            [{"log": "a", "size": 12, "root": "5dc9da79a7"}],
            "position: 1 log, 12 statements, 5dc9da79…",
        ),
        (
            {"a": {"size": 1, "root": ""}, "b": {"size": 1_000}},
            "position: 2 logs, 1,001 statements",
        ),
        ("5dc9da79a70659a9ad55", "position: 5dc9da79a70659a9"),
        ([], "position: 0 logs, 0 statements"),
        (None, ""),
    ],
)
def test_position_however_it_is_written(position: Any, line: str) -> None:
    assert accounts.position_line(account() | {"position": position}) == line


def test_times() -> None:
    one = account() | {"since": "2026-03-01"}
    assert accounts.time_line(one) == "since 1 Mar 2026 · until Dec 2026 · known at now"
    assert accounts.moment("2026-12-12T14:03:59Z") == "12 Dec 2026 14:03 UTC"
    assert accounts.operation_name(one) == "Northern District"


def test_every_word_passes_through_the_readers_language() -> None:
    asked: set[str] = set()

    def say(text: str) -> str:
        asked.add(text)
        return text

    accounts.description(account(without_polygon={"count": 1}) | {"synthetic": True}, say)
    words = {
        "remaining",
        "unaccounted",
        "prudent",
        "without polygon",
        "Synthetic data.",
        "known at {time}",
    }
    assert words <= asked
