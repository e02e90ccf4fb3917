"""What the terminal shows: aligned, within its width, true to the figures, never colour alone."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tilth.cli import present_account, present_import, present_records
from tilth.cli.screen import Screen, clean, open_screen

LEVELS = ("reported", "verified", "approved", "prudent")


def account(level: str = "reported", **changes: Any) -> dict[str, Any]:
    land = {
        "recorded_m2": 1_000_000.0,
        "extensions_m2": 20_000.0,
        "overlaps_m2": 0.0,
        "cancelled_m2": 600_000.0,
        "reduced_m2": 250_000.0,
        "cleared_m2": 120_000.0,
        "remaining_m2": 50_000.0,
        "processed_m2": 10_000.0,
        "reprocessed_m2": 0.0,
        "unattached_m2": 0.0,
        "declared_m2": "2170631.03",
        "without_polygon": {"count": 2, "declared_m2": "30000"},
        "closure_m2": 1e-9,
    }
    items = dict.fromkeys(
        ("received", "moved_and_destroyed", "destroyed_place_unknown", "stored"), 0
    )
    items |= {"found": 5006, "destroyed_in_place": 5000, "handed_over": 3, "left_marked": 2}
    items |= {"unaccounted": 1, "small_arms_found": 900}
    return {
        "operation": "Northern District",
        "synthetic": False,
        "level": level,
        "known_at": "2026-12-12T14:03:00Z",
        "until": "2026-12-12",
        "position": [{"log": "tilth/a/b/1", "size": 12, "root": "5dc9da79a706"}],
        "land": land | changes.pop("land", {}),
        "items": items,
        "left_out": {"returned": {"records": 3, "m2": 1234.0}},
        "by": [],
        **changes,
    }


def captured(width: int = 80, *, ascii_only: bool = False) -> tuple[Screen, io.StringIO]:
    stream = io.StringIO()
    return open_screen(ascii_only=ascii_only, stream=stream, width=width), stream


def rows(text: str) -> dict[str, list[str]]:
    """Lines of a table as heading and cells, which stand two or more spaces apart."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        head, *cells = [cell.strip() for cell in line.split("  ") if cell.strip()] or [""]
        found.setdefault(head, cells)
    return found


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_four_levels_stand_side_by_side(width: int, ascii_only: bool) -> None:
    screen, stream = captured(width, ascii_only=ascii_only)
    present_account.account(screen, {name: account(name) for name in LEVELS}, directory="demo")
    text = stream.getvalue()
    assert all(cell_len(line) <= width for line in text.splitlines())
    table = rows(text)
    assert table["+ remaining"] == ["5.00 ha"] * 4
    assert table["= cancelled"] == ["60.00 ha"] * 4
    assert table["items found"] == ["5,006"] * 4
    assert table["returned"] == ["3"] * 4
    assert table["without polygon, declared"] == ["3.00 ha"] * 4
    for name, mark in zip(LEVELS, "o%*^" if ascii_only else "○◐●◆", strict=True):
        assert f"{mark} {name}" in text
    assert text.isascii() == ascii_only
    assert "tilth findings demo" in text.splitlines()[-1]


def test_one_level_shows_every_square_metre() -> None:
    screen, stream = captured()
    present_account.account(screen, {"reported": account()})
    table = rows(stream.getvalue())
    assert table["+ remaining"] == ["50,000 m²"]
    assert table["declared by hand"] == ["2,170,631.03 m²"]
    assert table["balance"] == ["closes, difference 1.0e-09 m²"]


def test_a_balance_that_does_not_close_is_never_passed_on() -> None:
    screen, stream = captured()
    levels = {"reported": account(), "approved": account("approved", land={"closure_m2": 2.5})}
    present_account.account(screen, levels, directory="d")
    text = stream.getvalue()
    assert rows(text)["balance"] == ["closes", "NOT CLOSED"]
    assert "● approved: NOT CLOSED, difference 2.5 m²" in text
    assert "The account does not close" in text
    assert "findings" not in text


def test_a_hazard_that_does_not_close_counts_even_when_the_sum_does() -> None:
    screen, stream = captured()
    present_account.account(screen, {"reported": account(not_closed=["HA-7"])})
    assert "● " not in stream.getvalue()
    assert "○ reported: NOT CLOSED, difference 1e-09 m²: HA-7" in stream.getvalue()


def test_items_that_are_in_no_state_or_in_two_are_said() -> None:
    one = account()
    one["items"]["closure"] = -3
    screen, stream = captured()
    present_account.account(screen, {"reported": one})
    assert "NOT CLOSED, −3" in stream.getvalue()
    assert "The account does not close" in stream.getvalue()


def test_empty_workspace_says_what_to_do() -> None:
    empty = account(position=[], left_out={})
    empty["land"] = dict.fromkeys(empty["land"], 0)
    empty["items"] = dict.fromkeys(empty["items"], 0)
    screen, stream = captured()
    present_account.account(screen, {"reported": empty}, directory="new")
    text = stream.getvalue()
    assert "no land to balance" in text
    assert text.rstrip().endswith("tilth import new FILE --kind hazard_area")


def test_items_without_land_still_show_what_was_declared() -> None:
    summaries = account()
    summaries["land"] = dict.fromkeys(summaries["land"], 0) | {"declared_m2": "2170631.03"}
    screen, stream = captured()
    present_account.account(screen, {"reported": summaries})
    table = rows(stream.getvalue())
    assert table["declared by hand"] == ["2,170,631.03 m²"]
    assert table["items found"] == ["5,006"]
    assert "+ remaining" not in table


def test_cuts_and_movements() -> None:
    moved = account(
        since="2026-11-01",
        movements={
            "remaining_since_m2": 60_000.0,
            "cleared_m2": 10_000.0,
            "remaining_m2": 50_000.0,
        },
        by=[
            {"method": "manual", "cancelled_m2": 0.0, "reduced_m2": 0.0, "cleared_m2": 90_000.0},
            {"method": "", "cancelled_m2": 0.0, "reduced_m2": 0.0, "cleared_m2": 30_000.0},
        ],
    )
    screen, stream = captured()
    present_account.account(screen, {"reported": moved})
    text = stream.getvalue()
    table = rows(text)
    assert table["remaining before"] == ["6.00 ha"]
    assert table["manual"] == ["9.00 ha"]
    assert table["not given"] == ["3.00 ha"]
    assert "Since 1 Nov 2026" in text


values = st.floats(min_value=0, max_value=1e10, allow_nan=False)


@given(st.tuples(values, values, values, values), st.integers(10, 60))
def test_the_bar_is_whole_and_hides_nothing(
    parts: tuple[float, float, float, float], cells: int
) -> None:
    names = ("cancelled_m2", "reduced_m2", "cleared_m2", "remaining_m2")
    drawn = present_account.bar(account(land=dict(zip(names, parts, strict=True))), cells)
    present = {name for name, part in zip(names, parts, strict=True) if part > 0}
    assert {f"{name}_m2" for name, _ in drawn} == present
    assert all(width >= 1 for _, width in drawn)
    assert sum(width for _, width in drawn) == (cells if present else 0)


def test_a_file_cannot_move_the_cursor_or_turn_the_text() -> None:
    assert clean("a\x1b[2Jb\u202ec\nd") == "a�[2Jb�c d"
    screen, stream = captured()
    present_account.account(screen, {"reported": account(operation="[bold]x\x1b]0;t\x07[/bold]")})
    first = stream.getvalue().splitlines()[0]
    assert first.rstrip() == "[bold]x�]0;t�[/bold]"


def test_colour_only_on_a_terminal() -> None:
    screen, stream = captured()
    present_account.account(screen, {"reported": account(synthetic=True)})
    assert "\x1b" not in stream.getvalue()
    assert "SYNTHETIC" in stream.getvalue()


def test_json_is_whole_at_any_width() -> None:
    value = account(operation="Харків " * 40)
    for ascii_only in (False, True):
        screen, stream = captured(20, ascii_only=ascii_only)
        screen.json(value)
        assert json.loads(stream.getvalue()) == value


def test_a_stream_without_the_marks_gets_ascii() -> None:
    latin = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    assert open_screen(stream=latin).ascii


REPORT: dict[str, Any] = {
    "import": "3f2a",
    "read": 333,
    "accepted": 330,
    "unchanged": 0,
    "refused": 3,
    "problems": [
        {"code": "future_day", "where": f"row {row}", "what": "In the future.", "fix": "Mend it."}
        for row in (4, 9, 12)
    ],
    "warnings": [{"code": "odd_year", "where": "column 2", "what": "Years like 2,006.", "fix": ""}],
    "findings": [{"code": "identical_rows", "count": 3}],
}


def test_import_report_says_what_happened_why_and_what_next() -> None:
    screen, stream = captured()
    present_import.import_report(
        screen,
        REPORT,
        stated=["encoding UTF-8, separator ','"],
        mapping=[("anio", "happened_on", "heading (es)")],
        directory="d",
    )
    text = stream.getvalue()
    assert "future_day  row 4 and 2 more" in text
    assert "odd_year  column 2" in text
    table = rows(text)
    assert table["anio"] == ["happened_on", "heading (es)"]
    assert table["identical_rows"] == ["3"]
    last = text.splitlines()[-1]
    assert last.startswith("Read 333: 330 accepted, 0 unchanged, 3 refused.")
    assert last.endswith("tilth problems d 3f2a")


def test_dry_run_says_that_nothing_was_stored() -> None:
    screen, stream = captured(120)
    present_import.import_report(screen, REPORT, dry_run=True)
    assert "Nothing was stored." in stream.getvalue().splitlines()[-1]


def test_many_codes_are_counted() -> None:
    problems = [{"code": f"code_{n}", "where": "", "what": "", "fix": ""} for n in range(12)]
    screen, stream = captured()
    present_import.import_report(screen, {**REPORT, "problems": problems})
    assert "and 4 more, of 4 sorts" in stream.getvalue()


def test_every_problem_is_listed_with_its_place() -> None:
    screen, stream = captured()
    present_import.problem_list(screen, REPORT["problems"], imported="3f2a")
    assert {"row 4", "row 9", "row 12"} <= set(rows(stream.getvalue()))


FINDINGS = [
    {"code": "small", "record": "ab/hazard_area/1", "what": "Little.", "fix": "A", "area_m2": 20.0},
    {
        "code": "claimed_twice",
        "record": "ab/released_area/7",
        "other": "cd/released_area/9",
        "what": "Both claim it.",
        "fix": "Ask both.",
        "area_m2": 12_000.0,
    },
]


def test_findings_come_largest_first_and_are_counted() -> None:
    screen, stream = captured(100)
    present_records.finding_list(screen, FINDINGS, limit=1, directory="d")
    text = stream.getvalue()
    assert "claimed_twice  released_area/7 / released_area/9  1.20 ha\n  Both claim it.\n" in text
    assert "Little." not in text
    assert rows(text)["small"] == ["1", "A"]
    assert "2 findings. 1 shown, largest first." in text


def test_life_of_a_record_and_the_check_of_the_log() -> None:
    screen, stream = captured()
    life = [
        {
            "received_at": "2026-03-02T10:00:00Z",
            "happened_on": "2026-03-01",
            "act": "record",
            "organisation": "Blue",
            "actor": "im1",
            "hash": "5dc9da79a70659a9",
        }
    ]
    record = {
        "record": "ab/hazard_area/7",
        "label": "Hazard area",
        "levels": {"reported": "5dc9da79a70659a9"},
        "fields": [{"label": "Name", "value": "Old quarry"}],
        "life": life,
    }
    present_records.record_life(screen, record)
    text = stream.getvalue()
    assert "○ reported 5dc9da79a706" in text
    assert "◐ verified none" in text
    assert rows(text)["2026-03-02 10:00"] == ["5dc9da79", "record", "2026-03-01", "im1"]
    present_records.verification(
        screen,
        {"ok": False, "statements": 3, "checkpoints": 1, "first_failure": {"statement": "5dc9"}},
    )
    assert "The check FAILED at: 5dc9" in stream.getvalue()


def test_a_decision_says_what_it_would_move_before_it_is_asked() -> None:
    screen, stream = captured()
    before = account("approved")
    after = account("approved", land={"remaining_m2": 40_000.0, "cleared_m2": 130_000.0})
    preview = {"act": "approve", "statements": 2, "records": 1}
    present_records.decision_preview(
        screen, {**preview, "levels": {"approved": {"before": before, "after": after}}}
    )
    text = stream.getvalue()
    assert "approve: statements 2, records 1" in text
    assert "remaining  −10,000 m²   5.00 ha   4.00 ha" in text
    screen, stream = captured()
    present_records.decision_preview(screen, {**preview, "levels": {}})
    assert "moves no land and no items" in stream.getvalue()


def test_warnings_of_one_code_are_each_told() -> None:
    screen, stream = captured()
    warnings = [
        {"code": "columns_compete", "where": f"column {name}", "what": f"{name} competes."}
        for name in ("place", "country")
    ]
    report = {"import": "ab", "read": 1, "accepted": 1, "warnings": warnings}
    present_import.import_report(screen, report)
    assert "place competes." in stream.getvalue()
    assert "country competes." in stream.getvalue()
