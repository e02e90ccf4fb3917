"""Older versions are read as the newest; what one record alone gives reason to notice."""

from collections.abc import Mapping
from typing import Any

import pytest

from tilth.core.findings import FINDINGS
from tilth.core.kinds.catalogue import KINDS
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.kinds.notice import notices
from tilth.core.kinds.validate import check
from tilth.core.kinds.versions import upgraded
from tilth.core.problems import Refused


def in_centimetres(fields: Mapping[str, Any]) -> dict[str, Any]:
    changed = dict(fields)
    if "depth_m" in changed:
        changed["depth_cm"] = f"{int(changed.pop('depth_m')) * 100}"
    return changed


def with_team(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {**fields, "team": fields.get("team", "unknown")}


PIT = Kind(
    "pit",
    3,
    "Pit",
    "",
    (Field("depth_cm", FieldType.DECIMAL, "Depth", unit="cm"), Field("team", FieldType.TEXT, "T")),
    upgrades={1: in_centimetres, 2: with_team},
)


def test_the_chain_is_applied_step_by_step_on_copies() -> None:
    old = {"depth_m": "2"}
    new = upgraded(PIT, old, 1)
    assert new == {"depth_cm": "200", "team": "unknown"}
    assert old == {"depth_m": "2"}
    assert check(PIT, new, today="2026-11-22").problems == ()
    assert upgraded(PIT, {"depth_cm": "5"}, 2) == {"depth_cm": "5", "team": "unknown"}
    assert upgraded(PIT, {"depth_cm": "5"}, 3) == {"depth_cm": "5"}


def test_a_newer_version_and_a_gap_are_refused() -> None:
    with pytest.raises(Refused, match="kind_newer"):
        upgraded(PIT, {}, 4)
    gap = Kind("pit", 3, "Pit", "", (), upgrades={2: with_team})
    with pytest.raises(Refused, match="kind_upgrade_missing"):
        upgraded(gap, {}, 1)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_kind_can_read_all_its_versions(kind: Kind) -> None:
    assert set(range(1, kind.version)) == set(kind.upgrades)


NOTICED = [
    ({"classification": "CHA"}, (), ["confirmed_without_direct_evidence"]),
    ({"classification": "CHA", "direct_evidence": ["mine_parts"]}, (), []),
    ({"classification": "CHA", "evidence": "direct"}, (), []),
    ({"classification": "SHA"}, (), []),
    ({"status_entered": "Pendiente"}, (), ["status_word_unknown"]),
    ({"status_entered": "Open", "status_vocabulary": "ours"}, (), ["status_word_unknown"]),
    ({"status_entered": "Pendiente", "work_status": "open"}, (), []),
    ({"status_entered": "Closed"}, ("name",), ["incomplete"]),
]


@pytest.mark.parametrize(("fields", "missing", "expected"), NOTICED)
def test_what_one_record_gives_reason_to_notice(
    fields: dict[str, Any], missing: tuple[str, ...], expected: list[str]
) -> None:
    found = notices(KINDS["hazard_area"], "ab/hazard_area/1", fields, missing)
    assert [one.code for one in found] == expected
    assert all(one.code in FINDINGS and one.record == "ab/hazard_area/1" for one in found)


def test_only_hazard_areas_are_asked_for_evidence() -> None:
    assert notices(KINDS["accident"], "r", {"classification": "CHA"}, ()) == []
    (one,) = notices(KINDS["accident"], "r", {}, ("point", "device"))
    assert one.params == {"fields": "point, device"}


@pytest.mark.parametrize(
    ("kind", "fields", "told"),
    [
        ("deployment", {"period_from": "2026-03", "period_to": "2026-02"}, 1),
        ("deployment", {"period_from": "2026-03-15", "period_to": "2026-03"}, 0),
        ("deployment", {"happened_on": "2026-05-01", "period_to": "2026-02-01"}, 0),
        ("clearance_report", {"happened_on": "2026-05-01", "period_to": "2026-02-01"}, 1),
        ("accreditation", {"issued_on": "2026-05-01", "expires_on": "2025-05-01"}, 1),
        ("team", {"members": [{"period_from": "2026", "period_to": "2025"}]}, 1),
        ("task", {"planned_from": "2026-05-01", "planned_to": "2026-05-01"}, 0),
    ],
)
def test_what_ends_before_it_begins_is_noticed(
    kind: str, fields: dict[str, Any], told: int
) -> None:
    found = notices(KINDS[kind], "r", fields, ())
    assert [one.code for one in found] == ["ends_before_it_begins"] * told
