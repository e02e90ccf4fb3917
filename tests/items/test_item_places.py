"""Items against the ground: own polygon, cancelled land, released land and hazards (rules §4)."""

import numpy as np
import shapely

from tilth.core.findings import FINDINGS
from tilth.core.geometry.encoding import value_of
from tilth.core.geometry.frame import Frame
from tilth.core.items.account import account
from tilth.core.items.book import ItemBook
from tilth.core.items.model import ItemSource
from tilth.core.items.places import (
    Layer,
    cancelled_findings,
    outside_findings,
    positions_of,
    where_of,
)

FRAME = Frame(-35_000_000_000, 44_000_000_000)


def degrees(geometry):
    return FRAME.unproject_geometries(np.array([geometry], dtype=object))[0]


def item(x, y, quantity=1, **more):
    position = value_of(degrees(shapely.Point(x, y)))
    return {"category": "uxo", "quantity": quantity, "position": position, **more}


def report(*items, box=(0, 0, 100, 50)):
    fields = {"items": list(items)}
    if box:
        fields["shape"] = value_of(degrees(shapely.box(*box)))
    return ItemSource(
        "a" * 32 + "/clearance_report/R1", "clearance_report", "h", "Army", "2026-03-01", "V1",
        (), fields,
    )  # fmt: skip


def test_items_outside_their_own_polygon_are_noticed_beyond_the_noise():
    held = report(item(10, 10), item(100.9, 10), item(104, 10, 3), item(50, -9))
    (finding,) = outside_findings([report(item(1, 1)), held], FRAME)
    assert (finding.code, finding.items) == ("items_outside_report_polygon", 4)
    metres = FRAME.project(shapely.get_coordinates(finding.shape))
    assert np.allclose(metres, [[104, 10], [50, -9]], atol=1e-3)
    FINDINGS[finding.code].what.format(**finding.params)


def test_items_that_did_not_lie_there_are_no_finding():
    away = [
        item(900, 900, received_from="Relief"),
        item(900, 900, disposal_of="R0#1"),
        item(900, 900, origin="stockpile"),
        item(900, 900, origin="handed_in"),
    ]
    assert outside_findings([report(*away)], FRAME) == []
    assert outside_findings([report(item(900, 900), box=None)], FRAME) == []
    assert outside_findings([report({"category": "uxo", "quantity": 1})], FRAME) == []
    assert outside_findings([], FRAME) == []


def test_items_in_cancelled_land_name_the_cancelled_area():
    areas = np.array([shapely.box(0, 0, 20, 20), shapely.box(10, 10, 30, 30)], dtype=object)
    layer = Layer(FRAME, areas, ["x/released_area/2", "x/released_area/1"])
    held = report(item(5, 5, 2), item(15, 15), item(40, 40))
    first, second = cancelled_findings([held], layer.names_at)
    assert (first.other, first.items) == ("x/released_area/1", 1)
    assert (second.other, second.items) == ("x/released_area/2", 2)
    FINDINGS[first.code].what.format(**first.params)
    assert cancelled_findings([report()], layer.names_at) == []


def test_where_items_lay_is_a_cut():
    released = Layer(FRAME, np.array([shapely.box(0, 0, 20, 50)], dtype=object), ["r"])
    hazards = Layer(FRAME, np.array([shapely.box(0, 0, 60, 50)], dtype=object), ["h"])

    def lookup(lonlat):
        return np.where(released.inside(lonlat), 2, hazards.inside(lonlat).astype(np.int64))

    held = report(item(5, 5, 2), item(40, 5, 3), item(90, 5), {"category": "uxo", "quantity": 4})
    assert where_of([held], lookup) == [("released", "hazard", "outside", "unplaced")]
    book = ItemBook()
    book.load([held], lambda s: where_of([s], lookup)[0])
    rows = account(book.rollup, "2026-12-31", by="where").rows
    assert [(row.value, row.items.found) for row in rows] == [
        ("hazard", 3),
        ("outside", 1),
        ("released", 2),
        ("unplaced", 4),
    ]
    assert where_of([report()], lookup) == [()]


def test_positions_keep_their_place():
    found = positions_of([report(), report(item(1, 2), {"category": "uxo"}, item(3, 4, 7))])
    assert found.source.tolist() == [1, 1]
    assert found.line.tolist() == [0, 2]
    assert found.pieces.tolist() == [1, 7]
    assert np.allclose(FRAME.project(found.lonlat), [[1, 2], [3, 4]], atol=1e-3)
