"""A national programme adds fields and codes by a TOML text, and gets them everywhere."""

from typing import Any

import pytest

from tilth.core.kinds.catalogue import CODELISTS, KINDS, codelists_of
from tilth.core.kinds.extra import extend
from tilth.core.kinds.schema import json_schema
from tilth.core.kinds.validate import check
from tilth.core.problems import CATALOGUE, Refused

NATIONAL = """
[[codelist]]
name = "x_tenure"
source = "Land code, article 12"
codes = [
    { value = "private", label = "Private", words = ["privada"] },
    { value = "common", label = "Common" },
]

[[field]]
kind = "hazard_area"
name = "x_tenure"
type = "code"
codelist = "x_tenure"
label = "Tenure"
headings = ["Tenencia"]
minimum = true

[[field]]
kind = "clearance_report.items"
name = "x_lot"
type = "integer"
label = "Lot"
least = 1
most = "99"

[[field]]
kind = "hazard_area"
name = "x_gate"
type = "shape"
shapes = ["Point"]
label = "Gate"

[[code]]
codelist = "method"
value = "x_magnet"
label = "Magnet on a tractor"
words = ["imán"]
"""


def codes(kind: str, fields: dict[str, Any], toml: str = NATIONAL) -> list[str]:
    found = check(extend(KINDS, toml)[kind], fields, today="2026-11-22")
    return [problem.code for problem in found.problems]


def test_nothing_extra_changes_nothing() -> None:
    assert extend(KINDS, "") == KINDS


def test_extra_fields_are_checked_like_the_others() -> None:
    area = {"happened_on": "2026", "place": "P1"}
    assert codes("hazard_area", area | {"x_tenure": "private"}) == []
    assert codes("hazard_area", area | {"x_tenure": "state"}) == ["bad_code"]
    assert codes("hazard_area", area | {"x_gate": {"type": "Point", "coordinates": [0, 0]}}) == []
    found = check(extend(KINDS, NATIONAL)["hazard_area"], area, today="2026-11-22")
    assert found.problems == ()
    assert "x_tenure" in found.missing


def test_extra_fields_of_lines() -> None:
    report = {"happened_on": "2026", "items": [{"x_lot": 7}]}
    assert codes("clearance_report", report) == []
    assert codes("clearance_report", report | {"items": [{"x_lot": 100}]}) == ["above_most"]
    assert codes("spot_task", report) == ["no_such_field"]


def test_an_added_code_is_known_wherever_the_list_is_used() -> None:
    grown = extend(KINDS, NATIONAL)
    assert "x_magnet" in codelists_of(grown)["method"]
    assert "x_magnet" not in CODELISTS["method"]
    work = {"happened_on": "2026", "work": [{"method": "x_magnet"}], "methods": ["x_magnet"]}
    assert codes("clearance_report", work) == []
    item = {"happened_on": "2026", "items": [{"found_by": "x_magnet"}]}
    assert codes("spot_task", item) == []


def test_extra_fields_reach_the_schema_and_keep_their_headings() -> None:
    kind = extend(KINDS, NATIONAL)["hazard_area"]
    assert json_schema(kind)["properties"]["x_tenure"]["enum"] == ["private", "common"]
    assert kind.field("x_tenure").headings == ("tenencia",)
    assert kind.field("x_tenure").clause == "national"


def test_definitions_can_be_added_in_two_steps() -> None:
    once = extend(KINDS, NATIONAL)
    more = (
        '[[field]]\nkind = "place"\nname = "x_a"\ntype = "code"\ncodelist = "x_tenure"\nlabel="A"'
    )
    assert "private" in codelists_of(extend(once, more))["x_tenure"]


FIELD = '[[field]]\nkind = "{kind}"\nname = "{name}"\ntype = "{type}"\nlabel = "L"\n{more}'


def field(kind: str = "accident", name: str = "x_a", type_: str = "text", more: str = "") -> str:
    return FIELD.format(kind=kind, name=name, type=type_, more=more)


BAD = [
    ("= 1", ["extra_malformed"]),
    ("[[fields]]\nname = 'x_a'", ["extra_malformed"]),
    ("[[field]]\nname = 'x_a'", ["extra_malformed"]),
    (field(more="heading = ['x']"), ["extra_malformed"]),
    (field(type_="colour"), ["extra_malformed"]),
    (field(more="minimum = 'yes'"), ["extra_malformed"]),
    (field(name="parcel"), ["extra_name"]),
    (field(name="x_Übung"), ["extra_name"]),
    (field() + "\n" + field(), ["extra_taken"]),
    (field(kind="minefield"), ["extra_unknown"]),
    (field(kind="accident.items"), ["extra_unknown"]),
    (field(kind="spot_task.team"), ["extra_unknown"]),
    (field(type_="lines"), ["extra_value"]),
    (field(type_="code"), ["extra_unknown"]),
    (field(type_="code", more="codelist = 'x_none'"), ["extra_unknown"]),
    (field(more="codelist = 'sex'"), ["extra_value"]),
    (field(type_="shape"), ["extra_value"]),
    (field(more="shapes = ['Point']"), ["extra_value"]),
    (field(type_="record", more="refers_to = 'nothing'"), ["extra_unknown"]),
    (field(type_="integer", more="least = 'few'"), ["extra_value"]),
    (field(more="least = 1"), ["extra_value"]),
    ("[[code]]\ncodelist = 'release_type'\nvalue = 'x_a'\nlabel = 'A'", ["extra_list_closed"]),
    ("[[code]]\ncodelist = 'nothing'\nvalue = 'x_a'\nlabel = 'A'", ["extra_unknown"]),
    ("[[code]]\ncodelist = 'method'\nvalue = 'rake'\nlabel = 'A'", ["extra_name"]),
    ("[[codelist]]\nname = 'tenure'\ncodes = [{value = 'a', label = 'A'}]", ["extra_name"]),
    ("[[codelist]]\nname = 'x_t'\ncodes = []", ["extra_value"]),
    ("[[codelist]]\nname = 'x_t'\ncodes = [{value = 'a b', label = 'A'}]", ["extra_value"]),
]  # fmt: skip


@pytest.mark.parametrize(("toml", "expected"), BAD)
def test_a_bad_definition_is_refused_by_code(toml: str, expected: list[str]) -> None:
    with pytest.raises(Refused) as refused:
        extend(KINDS, toml)
    assert [problem.code for problem in refused.value.problems] == expected
    for problem in refused.value.problems:
        assert CATALOGUE[problem.code].what.format(**problem.params)


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(Refused) as refused:
        extend(KINDS, field(name="a") + "\n" + field(kind="b") + "\n" + field(type_="shape"))
    assert len(refused.value.problems) == 3
