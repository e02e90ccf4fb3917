"""Real files end to end: the Colombian table from CSV and XLSX, bombing targets of 1943.

1. Both files of one table give the same records, to the last digit.
2. Nothing is deduplicated in silence; zero areas and items in them are noticed.
3. Targets are taken, not bases; impossible coordinates are refused by row; the day order is
   decided for the column.
"""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from tilth.core.kinds.catalogue import KINDS
from tilth.exchange.delivery import Delivery, read_delivery

DATA = Path(__file__).parents[1] / "data"
TODAY = "2026-11-22"


def delivered(name: str, kind: str, **options: object) -> Delivery:
    path = DATA / name
    return read_delivery(path, filename=path.name, kind=KINDS[kind], today=TODAY, **options)


@pytest.fixture(params=["csv", "xlsx"])
def colombia(request: pytest.FixtureRequest) -> Delivery:
    return delivered(f"colombia/clearance-2005-2014.{request.param}", "clearance_summary")


def test_every_row_goes_in_with_exact_sums(colombia: Delivery) -> None:
    rows = list(colombia)
    assert (colombia.read, len(rows), colombia.refused) == (333, 333, [])
    assert sum(Decimal(row.fields["declared_area_m2"]) for row in rows) == Decimal("2170631.03")
    items = Counter()
    for row in rows:
        for line in row.fields.get("items", ()):
            assert line["disposal"] == "destroyed_place_unknown"  # the total says destruidos
            items[line["category"]] += line["quantity"]
    assert items == {"ap_mine": 3871, "uxo": 494, "ied": 641}
    assert items.total() == 5006


def test_what_is_odd_is_noticed_and_nothing_dropped(colombia: Delivery) -> None:
    rows = list(colombia)
    assert colombia.findings() == {
        "identical_rows": 3,
        "zero_area": 9,
        "items_in_zero_area": 3,
    }
    assert len({row.fields["local_id"] for row in rows}) == 333
    assert len({row.mark for row in rows}) == 330


def test_the_mapping_is_said_line_by_line(colombia: Delivery) -> None:
    said = "\n".join(colombia.lines)
    assert "declared_area_m2 ← areadespejada" in said
    assert "happened_on ← year in ano, month in mes" in said
    assert "aei as number of category ied" in said
    assert colombia.warnings == []
    assert colombia.stated.header_row == 1


def test_both_files_give_the_same_records() -> None:
    files = [
        delivered(f"colombia/clearance-2005-2014.{end}", "clearance_summary", source="ministry")
        for end in ("csv", "xlsx")
    ]
    first, second = ([(row.part, row.fields, row.mark) for row in one] for one in files)
    assert first == second
    assert first[0][1]["happened_on"] == "2010-08"
    assert first[0][1]["declared_area_m2"] == "54370"


def test_identifiers_do_not_change_between_imports_but_between_sources() -> None:
    name, kind = "colombia/clearance-2005-2014.csv", "clearance_summary"
    ids = [
        [row.fields["local_id"] for row in delivered(name, kind, source=source)]
        for source in ("ministry", "ministry", "other")
    ]
    assert ids[0] == ids[1]
    assert not set(ids[0]) & set(ids[2])


def test_bombing_targets_are_read_and_impossible_places_refused() -> None:
    delivery = delivered("bombing/missions-1943.csv", "evidence_point")
    rows = list(delivery)
    assert (delivery.read, len(rows)) == (97, 96)
    (refused,) = delivery.refused
    assert [problem.code for problem in refused.problems] == ["coordinate_out_of_range"]
    assert refused.problems[0].where == refused.part == "row 92"
    assert "1000.65" in refused.cells
    first = rows[0].fields
    # Tien Ho airdrome in Canton, the target; the flight began in Hangyang.
    assert first["point"]["coordinates"] == [113316666600, 23133333000]
    assert first["place"] == "CANTON"
    assert rows[-1].fields["happened_on"] > "1943-01-12"
    without = [row for row in rows if "point" not in row.fields]
    assert len(without) == 25
    assert all("point" in row.missing for row in without)  # incomplete, by the kind
    assert not any("UNKNOWN" in row.fields.get("country", "") for row in rows)
    competing = {warning.params["other"] for warning in delivery.warnings}
    assert "takeoff_latitude, takeoff_longitude" in competing
