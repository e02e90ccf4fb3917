"""The page on adding a field is run: its entry goes into a copy of the definition."""

import ast
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tilth.core.kinds import release
from tilth.core.kinds.catalogue import KINDS, codelists_of
from tilth.core.kinds.extra import extend
from tilth.core.kinds.model import FieldType, Kind
from tilth.core.kinds.schema import json_schema
from tilth.core.kinds.validate import check
from tilth.text.reference import pages
from tilth.text.templates import template_columns, template_csv, template_mapping

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "add-a-field.md"
RELEASE = {"happened_on": "2026-03", "release_type": "cleared", "place": "P1"}


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)
    assert found is not None
    return found[1]


@pytest.fixture
def released_area(monkeypatch: pytest.MonkeyPatch) -> Kind:
    """RELEASED_AREA of a copy of the module with the page's entry after completion_report."""
    source = Path(release.__file__).read_text("utf-8")
    call = next(
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value == "completion_report"
    )
    lines = source.splitlines()
    assert call.end_lineno is not None
    lines[call.end_lineno : call.end_lineno] = [*block("python").splitlines(), ","]
    copied = ModuleType("release_copy")
    monkeypatch.setitem(sys.modules, "release_copy", copied)
    exec(compile("\n".join(lines), "release_copy.py", "exec"), copied.__dict__)
    kind = copied.RELEASED_AREA
    assert isinstance(kind, Kind)
    return kind


def test_the_entry_of_the_page_is_seen_everywhere(released_area: Kind) -> None:
    kind = released_area
    names = [one.name for one in kind.fields]
    assert names.index("markers_left") == names.index("completion_report") + 1
    assert "markers_left" not in {one.name for one in release.RELEASED_AREA.fields}

    assert check(kind, RELEASE | {"markers_left": 12}, today="2026-11-22").problems == ()
    (problem,) = check(kind, RELEASE | {"markers_left": -1}, today="2026-11-22").problems
    assert (problem.code, problem.where) == ("below_least", "markers_left")

    described = json_schema(kind)["properties"]["markers_left"]
    assert (described["minimum"], described["x-clause"]) == (0, "IMAS 08.30: survey marking")

    assert "markers_left" in template_csv(kind).strip().split(",")
    assert 'markers_left = "markers_left"' in template_mapping(kind)

    page = pages({**KINDS, "released_area": kind})["kind-released_area.md"]
    assert "`markers_left`" in page
    assert "Permanent markers at turning points" in page
    assert "marcadores" in page


def test_the_national_file_of_the_page_is_seen_everywhere() -> None:
    kinds = extend(KINDS, block("toml"))
    area = {"happened_on": "2026", "place": "P1", "x_parcel": "7/12", "x_tenure": "common"}
    assert check(kinds["hazard_area"], area, today="2026-11-22").problems == ()
    missing = check(kinds["hazard_area"], {"happened_on": "2026", "place": "P"}, today="2026-11-22")
    assert "x_parcel" in missing.missing
    assert {"x_parcel", "x_tenure"} <= set(template_columns(kinds["hazard_area"]))
    assert "items.x_lot" in template_columns(kinds["clearance_report"])
    assert "x_magnet" in codelists_of(kinds)["method"]
    made = pages(kinds)
    assert "`x_parcel`" in made["kind-hazard_area.md"]
    assert "`x_magnet`" in made["codelists.md"]
    assert "`x_tenure`" in made["codelists.md"]


def test_the_page_names_every_type_a_field_may_have() -> None:
    row = next(line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `type`"))
    assert set(re.findall(r"`(\w+)`", row)) - {"type"} == set(FieldType) - {FieldType.LINES}
