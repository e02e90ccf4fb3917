"""Read tables: typed, complete, and the same when made again, on both databases."""

import dataclasses
import json

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from logbook import (
    KINDS,
    LOG,
    ORGANISATION,
    PATCH,
    TRUST,
    draft,
    field,
    hash_of,
    patch,
    patch_fields,
    patches,
    square,
)

from tilth.core import statement
from tilth.core.kinds.catalogue import KINDS as CATALOGUE
from tilth.core.kinds.model import FieldType
from tilth.store.readtables import Collected, DerivedRows
from tilth.store.schema import read_tables
from tilth.store.shapes import wkb_of, wkb_with_box
from tilth.store.verify import verify


def test_a_row_holds_every_field_in_its_type(store):
    one = patch(4)
    store.append(LOG, [patch(0), one], received_at=1)
    (row,) = store.rows("patch", {"local_id": "P-4"})
    ring = shapely.Polygon([(8, 0), (9, 0), (9, 1), (8, 1)])
    assert row.pop("shape") == shapely.to_wkb(ring)
    assert row.pop("point") == shapely.to_wkb(shapely.Point(8, 0))
    said = {k: v for k, v in patch_fields(4).items() if not isinstance(v, dict)}
    del said["items"], said["finds"], said["stoppages"]
    assert row == {
        "seq": 2,
        "hash": hash_of(one),
        "record": statement.record_id(ORGANISATION, "patch", "P-4"),
        "act": "record",
        "said_at": "2026-04-01T12:00:00Z",
        "author": ORGANISATION,
        **said,
        "shape_west": 8.0,
        "shape_south": 0.0,
        "shape_east": 9.0,
        "shape_north": 1.0,
        "point_west": 8.0,
        "point_south": 0.0,
        "point_east": 8.0,
        "point_north": 0.0,
    }
    assert isinstance(row["declared_area_m2"], str)
    assert row["replaced"] is True


def test_shapes_are_the_wkb_that_shapely_reads(store):
    store.append(LOG, [patch(3)], received_at=1)
    (row,) = store.rows("patch")
    assert shapely.from_wkb(row["shape"]).equals(shapely.box(6, 0, 7, 1))


def test_lines_are_numbered_rows_of_their_own(store):
    store.append(LOG, patches(3), received_at=1)
    rows = list(store.rows("patch", lines="items"))
    assert [(row["seq"], row["line"]) for row in rows] == [
        (seq, line) for seq in (1, 2, 3) for line in (0, 1)
    ]
    assert rows[2] == {
        "seq": 2,
        "line": 0,
        "line_id": "1#1",
        "quantity": 3,
        "weight_kg": "0.10",
        "fuzed": True,
        "marks": None,
        "position": None,
    }
    assert rows[3]["marks"] == ["a", "b"]
    assert shapely.from_wkb(rows[3]["position"]).equals(shapely.Point(1e-9, -1e-9))
    assert [row["cause"] for row in store.rows("patch", lines="stoppages")] == ["rain"] * 3


def test_lines_with_nothing_but_a_position_to_convert(store):
    store.append(LOG, [patch(7)], received_at=1)
    first, second = store.rows("patch", lines="finds")
    assert first == {"seq": 1, "line": 0, "line_id": "a", "position": None}
    assert shapely.from_wkb(second["position"]).equals(shapely.Point(7e-9, 2e-9))


@pytest.mark.parametrize("place", [0, 5, 11])
def test_a_column_that_one_row_of_many_fills_is_kept(store, place):
    drafts = [draft({"local_id": f"bare-{n}"}) for n in range(11)]
    drafts.insert(place, patch(3))
    store.append(LOG, drafts, received_at=1)
    rows = list(store.rows("patch"))
    assert [row["people"] for row in rows] == [3 if n == place else None for n in range(12)]
    assert rows[place]["notes"] == patch_fields(3)["notes"]
    assert verify(store, TRUST, deep=True).ok


def test_rows_are_filtered_by_equality(store):
    store.append(LOG, [*patches(6), draft({"local_id": "bare"})], received_at=1)

    def found(where, **more):
        return [row["local_id"] for row in store.rows("patch", where, **more)]

    assert found({"organisation": "NPA"}) == ["P-1", "P-3", "P-5"]
    assert found({"organisation": "NPA", "people": 3}) == ["P-3"]
    assert found({"people": [1, 2, 99]}) == ["P-1", "P-2"]
    assert found({"people": []}) == []
    assert found({"replaced": True}) == ["P-0", "P-2", "P-4"]
    assert found({"organisation": None}) == ["bare"]
    assert found({"declared_area_m2": "10.50"}) == ["P-1"]
    assert found({}, after_seq=5, until_seq=6) == ["P-5"]
    assert found({"local_id": 4}) == []
    items = store.rows("patch", {"seq": 2, "line_id": "1#2"}, lines="items")
    assert [row["line"] for row in items] == [1]
    assert list(store.select("patch", ["people", "methods"], {"people": 2})) == [
        (2, '["manual","dog"]')
    ]


def test_tables_and_columns_that_are_not_there_are_named(store):
    with pytest.raises(KeyError, match="nokind"):
        next(store.rows("nokind"))
    with pytest.raises(KeyError, match="nolines"):
        next(store.rows("patch", lines="nolines"))
    with pytest.raises(KeyError, match="nocolumn"):
        next(store.rows("patch", {"nocolumn": 1}))
    with pytest.raises(KeyError, match="index_act"):
        next(store.rows("index_act"))


def test_reading_goes_beyond_a_page(store):
    line = {"line_id": "x"}
    drafts = [draft({"local_id": f"L-{n}", "items": [line] * 60}) for n in range(100)]
    store.append(LOG, drafts, received_at=1)
    rows = list(store.select("patch", ["seq", "line"], lines="items"))
    assert rows == [(seq, number) for seq in range(1, 101) for number in range(60)]


def test_every_act_on_a_record_has_its_row(store):
    record = statement.record_id(ORGANISATION, "patch", "P-1")
    drafts = [
        patch(1),
        draft({"happened_on": "2027-01", "classification": "SHA"}, act="revise", record=record),
        draft({"reason": "never was"}, act="withdraw", record=record),
        draft({"reason": "seen"}, act="vouch", kind="decision", decides=("ab" * 32,)),
    ]
    store.append(LOG, drafts, received_at=1)
    rows = list(store.rows("patch", {"record": record}))
    assert [row["act"] for row in rows] == ["record", "revise", "withdraw"]
    assert [row["happened_on"] for row in rows] == ["2026-03-02", "2027-01", None]


def test_older_versions_are_read_through_their_upgrades(store):
    store.append(
        LOG, [draft({"local_id": "old", "operator": "DCA"}, kind_version=1)], received_at=1
    )
    (row,) = store.rows("patch")
    assert row["organisation"] == "DCA"
    (entry,) = store.entries()
    assert b"operator" in entry.content


STRANGE = {
    "people": ["12", 2**60, 1.5, True],
    "organisation": [5, None, ["a"]],
    "methods": ["manual", [1], {}],
    "replaced": [1, "yes"],
    "shape": [
        "here",
        {"type": "Polygon"},
        {"type": "Blob", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[1, 2, 3]]]},
        {"type": "Point", "coordinates": ["a", "b"]},
    ],
    "items": ["none", [3], [{"quantity": "x"}]],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in STRANGE.items() for value in values]
)
def test_a_value_that_does_not_fit_is_left_out_and_the_rest_stays(open_sqlite, name, value):
    store = open_sqlite()
    fields = {**patch_fields(2), name: value}
    store.append(LOG, [draft(fields)], received_at=1)
    (row,) = store.rows("patch")
    assert row["local_id"] == "P-2"
    assert row["classification"] == "CHA"
    if name != "items":
        assert row[name] is None
    else:
        assert [line["quantity"] for line in store.rows("patch", lines="items")] == [
            None for _ in (value if isinstance(value, list) else [])
        ]


def test_text_with_a_nul_reads_with_a_mark_in_its_place(store):
    fields = {"local_id": "a\x00b", "organisation": "c\x00", "notes": ["d\x00"]}
    store.append(LOG, [draft(fields)], received_at=1)
    (row,) = store.rows("patch")
    assert (row["local_id"], row["organisation"]) == ("a\ufffdb", "c\ufffd")
    assert row["notes"] == ["d\x00"]
    assert store.find_record("a\x00b") == [row["record"]]
    (entry,) = store.entries()
    assert statement.content_fields(entry.content)["local_id"] == "a\x00b"


def test_shapes_are_found_by_box(store):
    drafts = [
        draft({"local_id": "a", "shape": square(0, 0)}),
        draft({"local_id": "b", "shape": square(10, 10)}),
        draft(
            {
                "local_id": "c",
                "shape": square(0, 20),
                "point": {"type": "Point", "coordinates": [5 * 10**9, 20 * 10**9]},
            }
        ),
        draft({"local_id": "d"}),
        draft({"local_id": "e", "shape": {"type": "Polygon", "coordinates": []}}),
    ]
    store.append(LOG, drafts, received_at=1)
    store.append(LOG, [draft({"local_id": "f", "shape": square(-170.5, -80)})], received_at=2)
    assert store.shapes_in((-180, -90, 180, 90)) == [1, 2, 3, 6]
    assert store.shapes_in((0.5, 0.5, 0.6, 0.6)) == [1]
    assert store.shapes_in((1, 1, 10, 10)) == [1, 2]
    assert store.shapes_in((4.9, 20, 5, 20)) == [3]
    assert store.shapes_in((1 + 1e-9, 0, 2, 1)) == []
    assert store.shapes_in((1, 0, 2, 1)) == [1]
    store.rebuild()
    assert store.shapes_in((1 + 1e-9, 0, 2, 1)) == []
    assert store.shapes_in((-171, -90, 1, 1)) == [1, 6]


def test_rebuilding_gives_the_same_rows(store):
    record = statement.record_id(ORGANISATION, "patch", "P-1")
    store.append(LOG, patches(700), received_at=1)
    more = [
        draft({"national_id": "N"}, act="name", kind="decision", record=record),
        draft({"records": [record]}, act="revoke", kind="decision"),
        draft({}, act="vouch", kind="decision", decides=("ab" * 32, "cd" * 32)),
        draft({"local_id": "old", "operator": "x"}, kind_version=1),
    ]
    store.append(LOG, more, received_at=2)
    before = store.digest_of_read_tables()
    store.rebuild()
    assert store.digest_of_read_tables() == before
    store.append(LOG, patches(1, start=700), received_at=3)
    assert store.digest_of_read_tables() != before


def test_a_new_field_is_filled_when_the_store_is_opened(open_store):
    old = open_store()
    old.append(LOG, [draft({"local_id": "n", "nickname": "Bella"})], received_at=1)
    old.close()
    wider = dataclasses.replace(PATCH, fields=(*PATCH.fields, field("nickname", FieldType.TEXT)))
    store = open_store(kinds={**KINDS, "patch": wider})
    (row,) = store.rows("patch")
    assert row["nickname"] == "Bella"


def test_every_kind_of_the_catalogue_has_its_tables(open_store):
    store = open_store(kinds=CATALOGUE)
    names = {table.name for table in store.derived_tables}
    assert set(CATALOGUE) < names
    assert "clearance_report__items" in names
    for kind in CATALOGUE:
        assert list(store.rows(kind)) == []


@pytest.mark.parametrize(
    "bad",
    [
        (field("seq", FieldType.TEXT),),
        (field("shape", FieldType.SHAPE), field("shape_west", FieldType.TEXT)),
        (field("a", FieldType.LINES, fields=(field("b", FieldType.LINES),)),),
    ],
)
def test_kinds_that_cannot_have_a_table_are_refused(bad):
    with pytest.raises(ValueError, match="cannot have a read table"):
        read_tables({"k": dataclasses.replace(PATCH, fields=bad)})


# A statement decoded straight into columns and one taken field by field give the same rows.

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=5)
nanodegrees = st.integers(-180 * 10**9, 180 * 10**9)
positions = st.lists(nanodegrees, min_size=2, max_size=2)
shapes = st.one_of(
    positions.map(lambda at: {"type": "Point", "coordinates": at}),
    st.lists(positions, max_size=4).map(lambda at: {"type": "LineString", "coordinates": at}),
    st.lists(st.lists(positions, max_size=4), max_size=2).map(
        lambda at: {"type": "Polygon", "coordinates": at}
    ),
    st.lists(st.lists(st.lists(positions, max_size=4), max_size=2), max_size=2).map(
        lambda at: {"type": "MultiPolygon", "coordinates": at}
    ),
)
VALUES = {
    FieldType.TEXTS: st.lists(texts, max_size=3),
    FieldType.CODES: st.lists(texts, max_size=3),
    FieldType.RECORDS: st.lists(texts, max_size=3),
    FieldType.INTEGER: st.integers(-(2**53) + 1, 2**53 - 1),
    FieldType.BOOLEAN: st.booleans(),
    FieldType.SHAPE: shapes,
}


def values_of(fields):
    made = {}
    for one in fields:
        if one.type is FieldType.LINES:
            made[one.name] = st.lists(values_of(one.fields), max_size=3)
        else:
            made[one.name] = VALUES.get(one.type, texts)
    return st.fixed_dictionaries({}, optional=made)


def rows_of(version: int, fields) -> Collected:
    derived = DerivedRows(KINDS)
    one = draft(fields, local_id="x", kind_version=version)
    rows: Collected = {}
    derived.add(rows, 1, bytes(32), statement.parse_header(one.header), one.content)
    return rows


@given(values_of(PATCH.fields))
def test_the_quick_way_and_the_slow_way_give_the_same_rows(fields):
    quick = rows_of(2, fields)
    # version 3 is unknown here and is read field by field
    assert quick == rows_of(3, fields)
    (row,) = quick["patch"]
    names = [column.name for column in DerivedRows(KINDS).tables[0].columns]
    assert names[0] == "seq"
    table = next(one for one in DerivedRows(KINDS).tables if one.name == "patch")
    made = dict(zip(table.names, row, strict=True))
    for name in ("local_id", "people", "declared_area_m2"):
        assert made[name] == fields.get(name)
    if "notes" in fields:
        assert json.loads(made["notes"]) == fields["notes"]
    shape = fields.get("shape")
    if shape is not None and shape["type"] == "Point":
        lon, lat = shape["coordinates"]
        point = shapely.from_wkb(made["shape"])
        assert (round(point.x * 1e9), round(point.y * 1e9)) == (lon, lat)


rings = st.lists(positions, min_size=3, max_size=5).map(lambda at: [*at, at[0]])
closed_shapes = st.one_of(
    positions.map(lambda at: {"type": "Point", "coordinates": at}),
    st.lists(positions, min_size=2, max_size=4).map(
        lambda at: {"type": "LineString", "coordinates": at}
    ),
    st.lists(rings, max_size=3).map(lambda at: {"type": "Polygon", "coordinates": at}),
    st.lists(positions, max_size=3).map(lambda at: {"type": "MultiPoint", "coordinates": at}),
    st.lists(st.lists(positions, min_size=2, max_size=3), max_size=2).map(
        lambda at: {"type": "MultiLineString", "coordinates": at}
    ),
    st.lists(st.lists(rings, min_size=1, max_size=2), max_size=2).map(
        lambda at: {"type": "MultiPolygon", "coordinates": at}
    ),
)


def degrees(value):
    return [degrees(one) for one in value] if isinstance(value, list) else value / 1e9


@given(closed_shapes)
def test_wkb_is_what_shapely_writes_for_the_same_degrees(shape):
    kind, coordinates = shape["type"], shape["coordinates"]
    expected = shapely.from_geojson(json.dumps({"type": kind, "coordinates": degrees(coordinates)}))
    assert wkb_of(kind, coordinates) == shapely.to_wkb(expected, output_dimension=2, byte_order=1)
    written, box = wkb_with_box(kind, coordinates)
    assert written == wkb_of(kind, coordinates)
    corners = shapely.get_coordinates(expected)  # of holes too, which may lie outside
    bounds = (*corners.min(axis=0), *corners.max(axis=0)) if len(corners) else None
    assert box == bounds
