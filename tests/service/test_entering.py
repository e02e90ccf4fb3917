"""What a person types: read, or refused with every reason; never a mishap of the program."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.core.kinds.catalogue import KINDS
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.kinds.validate import check
from tilth.core.problems import CATALOGUE, Problem, Refused
from tilth.service.entering import Survey, read_fields, typed

TODAY = "2026-11-22"
SURVEY = Survey(north="true")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
SHAPED = st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon", "Circle"]).flatmap(
    lambda name: st.fixed_dictionaries({"type": st.just(name), "coordinates": JSON})
)
TYPED = st.sampled_from(
    [
        "1,200", "3/4/2026", "2 ha", "1e9", "∞", "-", "yes", "36;50", "50N 36E", "POINT EMPTY",
        "POLYGON ((0 0, 1 1, 1 0, 0 0))", "POINT (nan 5)", "37U 285016 5542944", "[]", "[{}]",
        '[{"person": 5}]', "{", "2026-02-30", "٣", "T00:00", "999999999999999999999999",
        "POLYGON ((181 0, 182 1, 182 0, 181 0))", '{"type": "Feature", "geometry": null}',
    ]
)  # fmt: skip
FIELDS = [(kind, one) for kind in KINDS.values() for one in kind.fields]


def outcome(kind: Kind, given: dict[str, Any]) -> tuple[dict[str, Any] | None, list[Problem]]:
    try:
        return read_fields(kind, given, SURVEY).fields, []
    except Refused as refused:
        return None, list(refused.problems)


@settings(max_examples=100)
@given(st.data())
def test_any_value_is_read_or_refused_in_words(data: st.DataObject) -> None:
    """Law: for every field of every kind; what is read is what the kind can hold, or says why."""
    for _ in range(8):
        kind, one = FIELDS[data.draw(st.integers(0, len(FIELDS) - 1))]
        value = data.draw(JSON | SHAPED | TYPED | st.text(max_size=30))
        if isinstance(value, str) and value.startswith("@"):
            continue
        read, problems = outcome(kind, {one.name: value})
        assert (read is None) == bool(problems)
        assert all(problem.code in CATALOGUE for problem in problems)
        said = {name: value for name, value in (read or {}).items() if value is not None}
        check(kind, said, today=TODAY, partial=True)


CODED = [
    (kind.name, one)
    for kind, one in FIELDS
    if one.type in (FieldType.CODE, FieldType.CODES) and one.codelist
]


@pytest.mark.parametrize(("kind", "one"), CODED, ids=lambda x: getattr(x, "name", x))
def test_every_code_is_read_as_itself_and_by_its_label(kind: str, one: Field) -> None:
    assert one.codelist is not None
    for code in one.codelist.codes:
        for word in (code.value, code.label):
            value = read_fields(KINDS[kind], {one.name: word.replace(";", " ")}).fields[one.name]
            assert value in (code.value, [code.value]), word


def test_a_value_may_hold_an_equals_sign() -> None:
    assert typed(["remarks=a=b", "name = x "]) == {"remarks": "a=b", "name": "x"}


def test_an_empty_value_takes_the_field_away() -> None:
    given: dict[str, Any] = {"name": "", "remarks": None, "code": " "}
    assert read_fields(KINDS["team"], given).fields == dict.fromkeys(given)
