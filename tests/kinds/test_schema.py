"""The JSON Schema accepts and refuses what the checks do, as far as a schema can say it."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from tilth.core.kinds.catalogue import KINDS, all_fields
from tilth.core.kinds.model import Kind
from tilth.core.kinds.schema import json_schema
from tilth.core.kinds.validate import check

TODAY = "2026-11-22"
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}
NOTES = {"$schema", "$id", "$defs", "title", "description"}


def accepts(schema: Mapping[str, Any], value: Any, root: Mapping[str, Any]) -> bool:
    """Evaluate the keywords of draft 2020-12 that the schemas use; any other is an error."""
    for keyword, argument in schema.items():
        if keyword in NOTES or keyword.startswith("x-"):
            continue
        if not KEYWORDS[keyword](argument, value, root, schema):
            return False
    return True


def of_type(argument: str, value: Any, *_: Any) -> bool:
    if argument == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, TYPES[argument])


def properties(argument: Any, value: Any, root: Any, _schema: Any) -> bool:
    return not isinstance(value, dict) or all(
        accepts(argument[name], inner, root) for name, inner in value.items() if name in argument
    )


def additional(argument: bool, value: Any, _root: Any, schema: Any) -> bool:
    return argument or not isinstance(value, dict) or set(value) <= set(schema["properties"])


def items(argument: Any, value: Any, root: Any, schema: Any) -> bool:
    start = len(schema.get("prefixItems", ()))
    return not isinstance(value, list) or all(accepts(argument, x, root) for x in value[start:])


def prefix_items(argument: Any, value: Any, root: Any, _schema: Any) -> bool:
    return not isinstance(value, list) or all(
        accepts(one, x, root) for one, x in zip(argument, value, strict=False)
    )


def reference(argument: str, value: Any, root: Any, _schema: Any) -> bool:
    return accepts(root["$defs"][argument.removeprefix("#/$defs/")], value, root)


KEYWORDS: dict[str, Any] = {
    "type": of_type,
    "properties": properties,
    "additionalProperties": additional,
    "items": items,
    "prefixItems": prefix_items,
    "$ref": reference,
    "required": lambda a, v, *_: not isinstance(v, dict) or set(a) <= set(v),
    "minProperties": lambda a, v, *_: not isinstance(v, dict) or len(v) >= a,
    "enum": lambda a, v, *_: v in a,
    "const": lambda a, v, *_: v == a,
    "pattern": lambda a, v, *_: not isinstance(v, str) or re.search(a, v) is not None,
    "minLength": lambda a, v, *_: not isinstance(v, str) or len(v) >= a,
    "maxLength": lambda a, v, *_: not isinstance(v, str) or len(v) <= a,
    "minItems": lambda a, v, *_: not isinstance(v, list) or len(v) >= a,
    "maxItems": lambda a, v, *_: not isinstance(v, list) or len(v) <= a,
    "minimum": lambda a, v, *_: not isinstance(v, int) or v >= a,
    "maximum": lambda a, v, *_: not isinstance(v, int) or v <= a,
    "anyOf": lambda a, v, root, _: any(accepts(one, v, root) for one in a),
    "oneOf": lambda a, v, root, _: sum(accepts(one, v, root) for one in a) == 1,
}

SQUARE = [[0, 0], [10, 0], [10, 10], [0, 0]]
POLYGON = {"type": "Polygon", "coordinates": [SQUARE]}
AREA = {"happened_on": "2026", "place": "P1"}
REPORT = {"happened_on": "2026-03-01"}
CASES: list[tuple[str, dict[str, Any]]] = [
    ("hazard_area", AREA),
    ("hazard_area", {"happened_on": "2026"}),
    ("hazard_area", {"place": "P1"}),
    ("hazard_area", AREA | {"classification": "CHA"}),
    ("hazard_area", AREA | {"classification": "cha"}),
    ("hazard_area", AREA | {"contamination": ["uxo", "axo"]}),
    ("hazard_area", AREA | {"contamination": []}),
    ("hazard_area", AREA | {"contamination": ["tanks"]}),
    ("hazard_area", AREA | {"declared_area_m2": "12.50"}),
    ("hazard_area", AREA | {"declared_area_m2": "-12.50"}),
    ("hazard_area", AREA | {"declared_area_m2": "-0.0"}),
    ("hazard_area", AREA | {"declared_area_m2": "12,50"}),
    ("hazard_area", AREA | {"declared_area_m2": 12}),
    ("hazard_area", AREA | {"replaced": True}),
    ("hazard_area", AREA | {"replaced": "yes"}),
    ("hazard_area", AREA | {"parents": ["a"]}),
    ("hazard_area", AREA | {"parents": "a"}),
    ("hazard_area", AREA | {"name": ""}),
    ("hazard_area", AREA | {"name": "  "}),
    ("hazard_area", AREA | {"name": "x" * 501}),
    ("hazard_area", AREA | {"sheriff": "x"}),
    ("hazard_area", AREA | {"expected_direct_women": 3}),
    ("hazard_area", AREA | {"expected_direct_women": -3}),
    ("hazard_area", AREA | {"expected_direct_women": 2**53}),
    ("hazard_area", AREA | {"happened_on": "2026-13"}),
    ("hazard_area", AREA | {"happened_on": "2026-1"}),
    ("hazard_area", {"happened_on": "2026", "shape": POLYGON}),
    ("hazard_area", AREA | {"shape": POLYGON | {"entered": {"crs": "EPSG:3116"}}}),
    ("hazard_area", AREA | {"shape": POLYGON | {"crs": "EPSG:3116"}}),
    ("hazard_area", AREA | {"shape": {"type": "MultiPolygon", "coordinates": [[SQUARE]]}}),
    ("hazard_area", AREA | {"shape": {"type": "MultiPolygon", "coordinates": [SQUARE]}}),
    ("hazard_area", AREA | {"shape": {"type": "Point", "coordinates": [0, 0]}}),
    ("hazard_area", AREA | {"shape": {"type": "Polygon", "coordinates": [SQUARE[:3]]}}),
    ("hazard_area", AREA | {"point": {"type": "Point", "coordinates": [0, 91 * 10**9]}}),
    ("hazard_area", AREA | {"point": {"type": "Point", "coordinates": [0]}}),
    ("released_area", AREA),
    ("released_area", AREA | {"release_type": "cleared"}),
    ("clearance_report", REPORT | {"items": [{"category": "uxo", "quantity": 2}]}),
    ("clearance_report", REPORT | {"items": [{"category": "uxo", "quantity": "2"}]}),
    ("clearance_report", REPORT | {"items": [{}]}),
    ("clearance_report", REPORT | {"items": []}),
    ("clearance_report", REPORT | {"items": [{"colour": "red"}]}),
    ("clearance_report", REPORT | {"work": [{"method": "flail", "shape": POLYGON}]}),
    ("clearance_report", REPORT | {"work": [{"method": "wand"}]}),
    ("spot_task", REPORT | {"shape": {"type": "Point", "coordinates": [0, 0]}}),
    ("place", {"level": 11}),
    ("place", {"level": 2}),
]


@pytest.mark.parametrize(("kind", "fields"), CASES)
def test_schema_and_checks_decide_alike(kind: str, fields: dict[str, Any]) -> None:
    schema = json_schema(KINDS[kind])
    good = not check(KINDS[kind], fields, today=TODAY).problems
    assert accepts(schema, fields, schema) is good


def test_the_cases_hold_both_answers() -> None:
    answers = [not check(KINDS[kind], fields, today=TODAY).problems for kind, fields in CASES]
    assert min(answers.count(True), answers.count(False)) > 15


def test_a_revision_needs_nothing() -> None:
    schema = json_schema(KINDS["hazard_area"], partial=True)
    assert accepts(schema, {"required_depth_cm": "20"}, schema)
    assert not accepts(schema, {"required_depth_cm": "deep"}, schema)
    assert schema["$id"] != json_schema(KINDS["hazard_area"])["$id"]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_field_is_in_the_schema_with_its_unit_and_clause(kind: Kind) -> None:
    schema = json.loads(json.dumps(json_schema(kind)))
    for path, one in all_fields(kind.fields):
        inside = schema
        for name in path.split("."):
            inside = inside.get("items", inside)["properties"][name]
        assert inside.get("x-unit", "") == one.unit
        assert inside.get("x-clause", "") == one.clause
        assert inside.get("x-minimum-data", False) == one.minimum
