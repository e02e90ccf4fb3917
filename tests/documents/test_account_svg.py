"""The picture of an account: true to the figures, readable by all, the same bytes every time."""

import copy
import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.documents.account_svg import account_svg
from tilth.documents.svg import text_width

SVG = "{http://www.w3.org/2000/svg}"

ACCOUNT: dict[str, Any] = {
    "operation": "Northern District",
    "synthetic": False,
    "level": "approved",
    "known_at": "2026-12-12T14:03:00Z",
    "until": "2026-12-12",
    "position": [{"log": "tilth/a/b/1", "size": 12, "root": "5dc9da79a706"}],
    "land": {
        "recorded_m2": 1_000_000.0,
        "extensions_m2": 20_000.0,
        "overlaps_m2": 0.0,
        "cancelled_m2": 600_000.0,
        "reduced_m2": 250_000.0,
        "cleared_m2": 120_000.0,
        "remaining_m2": 50_000.0,
        "processed_m2": 10_000.0,
        "reprocessed_m2": 5_000.0,
        "unattached_m2": 0.0,
        "declared_m2": "990000.00",
        "without_polygon": {"count": 2, "declared_m2": "30000"},
        "closure_m2": 1e-9,
    },
    "items": {
        "found": 70,
        "received": 5,
        "destroyed_in_place": 40,
        "moved_and_destroyed": 20,
        "destroyed_place_unknown": 5,
        "stored": 4,
        "handed_over": 3,
        "left_marked": 2,
        "unaccounted": 1,
        "small_arms_found": 900,
    },
    "left_out": {"returned": {"records": 3, "m2": 1234.0}},
    "by": [],
}


def account(**land: Any) -> dict[str, Any]:
    made = copy.deepcopy(ACCOUNT)
    made["land"] |= land
    return made


def drawn(value: dict[str, Any], **options: Any) -> ET.Element:
    return ET.fromstring(account_svg(value, **options))


def texts(root: ET.Element) -> list[str]:
    return ["".join(node.itertext()) for node in root.iter(f"{SVG}text")]


def bar(root: ET.Element) -> dict[str, tuple[float, float]]:
    """Start and width of each part of the bar, by name; the swatches are 12 or 14 px high."""
    found = {}
    for rect in root.iter(f"{SVG}rect"):
        css = rect.get("class", "").split()
        if css[:1] == ["land"] and float(rect.get("height", 0)) > 20:
            found[css[1]] = (float(rect.get("x", 0)), float(rect.get("width", 0)))
    return found


def test_bar_is_in_proportion_and_whole() -> None:
    parts = bar(drawn(ACCOUNT, width=960))
    widths = {name: width for name, (_, width) in parts.items()}
    whole = sum(widths.values())
    assert widths["cancelled"] / whole == pytest.approx(600 / 1020, abs=1e-3)
    assert widths["remaining"] / whole == pytest.approx(50 / 1020, abs=1e-3)
    at = 24.0
    for name in ("cleared", "reduced", "cancelled", "remaining"):
        assert parts[name][0] == pytest.approx(at, abs=0.02)
        at += parts[name][1]


def test_every_figure_is_said_with_level_and_dates() -> None:
    said = texts(drawn(ACCOUNT))
    for words in ("● approved", "60.00 ha", "25.00 ha", "12.00 ha", "5.00 ha", "58.8 %"):
        assert words in said
    joined = "\n".join(said)
    assert "until 12 Dec 2026 · known at 12 Dec 2026 14:03 UTC" in joined
    assert "1 log, 12 statements, 5dc9da79" in joined
    assert "returned: 3, 1,234 m²" in joined
    assert "without polygon: 2, declared 3.00 ha" in joined
    assert "declared by hand, beside the balance 99.00 ha" in joined


def test_a_small_part_is_still_seen_and_a_missing_one_not_drawn() -> None:
    parts = bar(drawn(account(cleared_m2=0.5, reduced_m2=0)))
    assert parts["cleared"][1] >= 2.5
    assert "reduced" not in parts


def test_balance_that_does_not_close_says_so() -> None:
    joined = "\n".join(texts(drawn(account(closure_m2=0.5))))
    assert "NOT CLOSED, difference 0.5 m²" in joined
    assert "NOT CLOSED" not in "\n".join(texts(drawn(ACCOUNT)))


def test_nothing_recorded_never_reads_as_nothing_remaining() -> None:
    nothing = account(**{name: 0 for name in ACCOUNT["land"] if name.endswith("_m2")})
    said = texts(drawn(nothing))
    assert "no hazard with a polygon is recorded" in said
    assert not any("remaining of" in words for words in said)


def test_synthetic_is_across_the_picture_and_only_then() -> None:
    assert "SYNTHETIC" not in account_svg(ACCOUNT)
    marked = drawn({**ACCOUNT, "synthetic": True})
    stamps = [node for node in marked.iter(f"{SVG}text") if node.get("class") == "stamp"]
    assert [stamp.text for stamp in stamps] == ["SYNTHETIC"]
    assert "Synthetic data." in (marked.findtext(f"{SVG}desc") or "")


def test_who_cannot_see_it_gets_the_same_figures() -> None:
    root = drawn(ACCOUNT)
    assert root.get("role") == "img"
    ids = {node.get("id") for node in root.iter() if node.get("id")}
    assert set((root.get("aria-labelledby") or "").split()) <= ids
    words = root.findtext(f"{SVG}desc") or ""
    for figure in ("cancelled 60.00 ha", "remaining 5.00 ha", "found 70", "unaccounted 1"):
        assert figure in words


def test_two_pictures_on_one_page_share_no_id() -> None:
    def ids(root: ET.Element) -> set[str]:
        return {found for node in root.iter() if (found := node.get("id"))}

    assert not ids(drawn(ACCOUNT)) & ids(drawn(account(remaining_m2=1.0)))


def test_every_reference_is_to_a_pattern_that_is_there() -> None:
    source = account_svg(ACCOUNT)
    named = set(re.findall(r"url\(#([\w-]+)\)", source))
    assert named <= set(re.findall(r'<pattern id="([\w-]+)"', source))
    assert len(named) == 3


def test_right_to_left_is_the_mirror() -> None:
    left, right = bar(drawn(ACCOUNT, width=900)), bar(drawn(ACCOUNT, width=900, rtl=True))
    for name, (start, width) in left.items():
        assert right[name][0] == pytest.approx(900 - start - width, abs=0.02)
    arabic = {"cleared": "مطهرة"}
    said = texts(drawn(ACCOUNT, rtl=True, say=lambda word: arabic.get(word, word)))
    assert "مطهرة" in said
    assert "\u206612.00 ha\u2069" in said


def test_names_cannot_break_out() -> None:
    nasty = '</text><script>alert("1")</script>&'
    root = drawn({**ACCOUNT, "operation": nasty})
    assert not list(root.iter(f"{SVG}script"))
    assert nasty in texts(root)


def test_names_that_xml_forbids_or_that_turn_the_text() -> None:
    root = drawn({**ACCOUNT, "operation": "a\x00\x1b[31m\u202eb\ufffe"})
    assert "a��[31m�b�" in texts(root)
    assert "a��[31m�b�" in (root.findtext(f"{SVG}title") or "")


@pytest.mark.parametrize("width", [360, 560, 700, 820, 1280])
def test_nothing_runs_over_the_edge(width: int) -> None:
    root = drawn({**ACCOUNT, "operation": "A very long name of an operation " * 4}, width=width)
    sizes = {"level": 17, "figure": 30, "small": 12, "cap": 12, "label": 13}
    for node in root.iter(f"{SVG}text"):
        size = next((sizes[css] for css in (node.get("class") or "").split() if css in sizes), 14)
        start = float(node.get("x", 0))
        if node.get("text-anchor") == "start":
            assert start + text_width("".join(node.itertext()), size) <= width + 1, node.text


areas = st.floats(min_value=0, max_value=1e10, allow_nan=False)


@given(st.tuples(areas, areas, areas, areas), st.sampled_from([360, 700, 960]), st.booleans())
def test_any_account_is_drawn_whole_and_the_same_twice(
    parts: tuple[float, float, float, float], width: int, rtl: bool
) -> None:
    names = ("cancelled_m2", "reduced_m2", "cleared_m2", "remaining_m2")
    value = account(**dict(zip(names, parts, strict=True)))
    source = account_svg(value, width=width, rtl=rtl)
    assert source == account_svg(copy.deepcopy(value), width=width, rtl=rtl)
    widths = [part for _, part in bar(ET.fromstring(source)).values()]
    if any(parts):
        pad = 16 if width == 360 else 24
        inside = width * 0.64 - pad if width >= 820 else width - 2 * pad
        assert sum(widths) == pytest.approx(inside, abs=0.1)
        assert min(widths) > 0
