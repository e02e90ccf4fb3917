"""Findings about ground: each on a grid of whole metres, with the area counted by hand."""

from collections.abc import Iterable

import numpy as np
import pytest
import shapely
from world import AUTHORITY, OPERATOR, OTHER, World, box, day

from tilth.core.days import ordinal
from tilth.core.findings import FINDINGS, Finding
from tilth.core.geometry.frame import Frame
from tilth.core.land.findings import ground_findings
from tilth.text.messages import finding_text

FRAME = Frame(18_000_000_000, 44_000_000_000)
NAMES = {OPERATOR: "Operator", AUTHORITY: "Authority", OTHER: "Other"}
FIELD = box(0, 0, 100, 100)


def found(world: World, until: int = 100, code: str = "") -> list[Finding]:
    book = world.keeper().book
    findings = ground_findings(book, FRAME, ordinal(day(until)), NAMES)
    return [one for one in findings if code in ("", one.code)]


def told(findings: Iterable[Finding]) -> list[tuple[str, str, str, float]]:
    def short(record: str) -> str:
        return record.rsplit("/", 1)[-1]

    return [(f.code, short(f.record), short(f.other), round(f.area_m2, 4)) for f in findings]


def metres(finding: Finding) -> shapely.Geometry:
    return shapely.transform(finding.shape, FRAME.project)


def same_ground(finding: Finding, expected: shapely.Geometry) -> bool:
    return shapely.symmetric_difference(metres(finding), expected).area < 1e-3


def test_two_hazards_of_one_organisation_share_ground() -> None:
    world = World()
    world.hazard("A", 1, FIELD)
    world.hazard("B", 2, box(60, 0, 160, 100))
    (one,) = found(world)
    # The earlier hazard holds the 40 by 100; the later one shows them as overlap.
    assert told([one]) == [("hazards_overlap", "B", "A", 4000)]
    assert same_ground(one, box(60, 0, 100, 100))
    assert world.ask(100)["overlaps_m2"] == 4000


def test_two_organisations_claim_one_field() -> None:
    world = World()
    world.hazard("A", 1, FIELD)
    world.hazard("B", 2, box(60, 0, 160, 100), organisation=OTHER)
    (one,) = found(world)
    assert told([one]) == [("overlap_across_organisations", "B", "A", 4000)]
    assert one.params["organisation"] == "Other"
    assert one.params["other_organisation"] == "Operator"
    assert one.params["m2"] == "4000.00"


def test_two_organisations_release_one_field() -> None:
    world = World()
    world.hazard("A", 1, FIELD)
    world.release("R1", 5, box(0, 0, 50, 100))
    world.release("R2", 6, box(40, 0, 90, 100), organisation=OTHER)
    assert told(found(world)) == [
        ("overlap_across_organisations", "R1", "R2", 1000),
        ("reprocessed", "R2", "R1", 1000),
    ]


def test_the_organisation_that_did_the_work_is_the_one_named() -> None:
    world = World()
    world.hazard("A", 1, FIELD)
    world.record("released_area", "R1", 5, box(0, 0, 50, 100), release_type="cleared")
    said = world.said[-1][0].fields
    assert said is not None
    said["organisation"] = "North"  # type: ignore[index]
    world.release("R2", 6, box(40, 0, 90, 100))
    (pair,) = found(world, code="overlap_across_organisations")
    assert {pair.params["organisation"], pair.params["other_organisation"]} == {"North", "Operator"}


def test_releases_of_one_organisation_overlap_and_reprocess() -> None:
    world = World()
    world.hazard("A", 1, FIELD)
    world.release("R1", 5, box(0, 0, 50, 100))
    world.release("R2", 6, box(40, 0, 90, 100))
    world.release("R3", 7, box(30, 0, 60, 10))
    assert told(found(world)) == [
        ("overlap_across_records", "R1", "R2", 1000),
        ("overlap_across_records", "R1", "R3", 200),
        ("overlap_across_records", "R2", "R3", 200),
        ("reprocessed", "R2", "R1", 1000),
        ("reprocessed", "R3", "", 300),
    ]


def test_releases_that_overlap_outside_hazards_reprocess_nothing() -> None:
    world = World()
    world.release("R1", 5, box(0, 0, 50, 100))
    world.release("R2", 6, box(40, 0, 90, 100))
    assert told(found(world)) == [
        ("overlap_across_records", "R1", "R2", 1000),
        ("released_outside_hazard", "R1", "", 5000),
        ("released_outside_hazard", "R2", "", 5000),
    ]


def test_what_was_revoked_and_cleared_again_is_claimed_once() -> None:
    world = World()
    world.hazard("A", 1, FIELD)
    first = world.release("R1", 5, box(0, 0, 50, 100))
    world.revoke(10, first)
    world.release("R2", 11, box(0, 0, 50, 100))
    assert told(found(world)) == []


def test_what_was_searched_too_shallow_and_cleared_again_is_claimed_once() -> None:
    world = World()
    world.hazard("A", 1, FIELD, required_depth_cm="20")
    world.release("R1", 5, box(0, 0, 50, 100), depth_cm="10")
    world.release("R2", 11, box(0, 0, 50, 60), depth_cm="20")
    (one,) = found(world)
    assert told([one]) == [("too_shallow", "R1", "A", 2000)]
    assert (one.params["depth"], one.params["required"]) == ("10 cm", "20 cm")
    assert same_ground(one, box(0, 60, 50, 100))


def test_ground_suspected_again_and_released_again_is_claimed_once() -> None:
    world = World()
    world.hazard("A", 1, FIELD)
    world.release("R1", 5, FIELD)
    world.hazard("B", 10, box(0, 0, 50, 100))
    assert told(found(world)) == [("suspected_again", "B", "R1", 5000)]
    world.release("R2", 15, box(0, 0, 50, 100))
    assert told(found(world)) == []


def test_suspected_and_released_on_one_day_without_naming() -> None:
    world = World()
    world.hazard("A", 5, FIELD)
    world.release("R1", 5, box(0, 0, 50, 100))
    (one,) = found(world)
    assert told([one]) == [("suspected_and_released", "A", "R1", 5000)]
    assert same_ground(one, box(0, 0, 50, 100))


def test_naming_the_hazard_on_one_day_settles_it() -> None:
    world = World()
    world.hazard("A", 5, FIELD)
    world.release("R1", 5, box(0, 0, 50, 100), hazard="A")
    assert told(found(world)) == []


def test_released_before_anything_was_suspected() -> None:
    world = World()
    world.release("R1", 2, box(0, 0, 50, 100))
    world.hazard("A", 5, FIELD)
    assert told(found(world)) == [("suspected_and_released", "A", "R1", 5000)]


def test_beyond_the_edge_extension_and_unattached() -> None:
    world = World()
    world.hazard("A", 1, FIELD)
    world.release("R1", 5, box(50, 0, 120, 100), hazard="A")  # 20 m beyond the edge
    world.release("R2", 6, box(0, 150, 10, 250), "cancelled", hazard="A")
    assert told(found(world)) == [
        ("extension", "R1", "A", 2000),
        ("released_outside_hazard", "R2", "", 1000),
    ]


def test_no_finding_below_ten_square_metres_or_one_metre() -> None:
    world = World()
    world.hazard("A", 1, FIELD)
    world.hazard("B", 2, box(99.2, 0, 200, 100))  # 80 m², 0.8 m wide
    world.hazard("C", 2, box(0, 97, 3, 200))  # 9 m²
    world.release("R1", 5, box(0, 0, 50, 50))
    world.release("R2", 6, box(49.5, 0, 90, 50))  # 25 m², 0.5 m wide
    world.release("R3", 7, box(-0.9, 50, 20, 90))  # 36 m² beyond the edge, 0.9 m wide
    assert told(found(world)) == []


def test_little_beyond_the_edge_and_little_left_out_are_noise() -> None:
    world = World()
    world.hazard("A", 1, FIELD)
    world.release("R1", 5, box(97, 0, 103, 3), hazard="A")  # 9 m² inside, 9 m² beyond
    world.revise("A", 9, FIELD - box(0, 0, 3, 3))
    assert told(found(world)) == []
    world.release("R2", 10, box(97, 50, 104, 53), hazard="A")  # 12 m² beyond
    assert told(found(world)) == [("extension", "R2", "A", 12)]


def test_children_on_the_ground_of_their_parents_are_no_overlap() -> None:
    world = World()
    world.hazard("P", 1, FIELD)
    world.hazard("C1", 5, box(0, 0, 50, 100), parents=["P"])
    world.hazard("C2", 5, box(40, 0, 100, 100), parents=["P"])
    world.revise("P", 5, replaced=True)
    assert told(found(world)) == [("hazards_overlap", "C2", "C1", 1000)]


def test_a_ring_revised_smaller_leaves_ground_out() -> None:
    world = World()
    world.hazard("A", 1, FIELD)
    world.release("R1", 3, box(80, 0, 100, 50))
    world.revise("A", 5, box(0, 0, 70, 100))
    (one,) = found(world)
    # 30 by 100 are left out, 20 by 50 of them were released.
    assert told([one]) == [("left_out_without_release", "A", "", 2000)]
    assert same_ground(one, box(70, 0, 100, 100) - box(80, 0, 100, 50))


def test_a_ring_redrawn_over_released_ground() -> None:
    world = World()
    world.hazard("A", 1, FIELD)
    world.release("R1", 3, box(80, 0, 110, 50), hazard="A")  # 500 m² of it an extension
    assert told(found(world)) == [("extension", "R1", "A", 500)]
    world.revise("A", 5, box(0, 0, 120, 100))  # now the ring reaches there too
    assert told(found(world)) == [("ring_over_released_ground", "A", "", 1500)]


def test_a_corrected_ring_tells_what_it_gained_and_lost_until_approved() -> None:
    world = World()
    first = world.hazard("A", 1, FIELD)
    fixed = world.correct(first, 1, box(10, 0, 130, 100), classification="SHA")
    (one,) = found(world)
    assert told([one]) == [("ring_corrected", "A", "", 4000)]
    assert (one.params["gained_m2"], one.params["lost_m2"]) == ("3000.00", "1000.00")
    world.approve(fixed)
    assert told(found(world)) == []


def test_a_whole_hazard_released_without_polygon() -> None:
    world = World()
    ring = world.hazard("A", 1, FIELD)
    world.release("R1", 3, box(0, 0, 30, 100))
    world.release("R2", 5, kind="cancelled", hazard="A", extent="whole", whole_of=[ring.hash])
    (one,) = found(world)
    assert told([one]) == [("release_without_polygon", "R2", "A", 7000)]


def test_a_requirement_raised_after_clearance() -> None:
    world = World()
    world.hazard("A", 1, FIELD, required_depth_cm="10")
    world.release("R1", 3, box(0, 0, 30, 100), depth_cm="10")
    world.release("R2", 3, box(30, 0, 50, 100), depth_cm="25")
    world.release("R3", 3, box(50, 0, 60, 100), "cancelled")
    world.revise("A", 8, required_depth_cm="20")
    (one,) = found(world)
    assert told([one]) == [("requirement_raised", "A", "", 3000)]
    assert one.params["required"] == "20 cm"
    assert same_ground(one, box(0, 0, 30, 100))


@pytest.mark.parametrize(
    "fields",
    [
        {"work_status": "work_complete"},
        {"status_entered": "Expired"},
        {"release_claim": "released"},
    ],
)
def test_closed_with_land_remaining(fields: dict[str, str]) -> None:
    world = World()
    world.hazard("A", 1, FIELD, **fields)
    world.release("R1", 3, box(0, 0, 70, 100))
    (one,) = found(world)
    assert told([one]) == [("closed_with_land_remaining", "A", "", 3000)]
    assert same_ground(one, box(70, 0, 100, 100))
    world.release("R2", 4, box(70, 0, 100, 100))
    assert told(found(world)) == []


def test_a_status_that_says_work_goes_on_is_no_finding() -> None:
    world = World()
    world.hazard("A", 1, FIELD, status_entered="Worked on", work_status="worked_on")
    assert told(found(world)) == []


def test_findings_are_of_the_day_asked_for() -> None:
    world = World()
    world.hazard("A", 1, FIELD)
    world.hazard("B", 20, box(60, 0, 160, 100))
    assert told(found(world, until=10)) == []
    assert told(found(world, until=20)) == [("hazards_overlap", "B", "A", 4000)]


def test_an_indication_claims_no_ground() -> None:
    world = World()
    world.hazard("A", 1, FIELD)
    world.hazard("B", 2, FIELD, classification="indication")
    assert told(found(world)) == []


def test_the_surface_only_where_more_is_required() -> None:
    world = World()
    world.hazard("A", 1, FIELD, required_search="subsurface", required_depth_cm="15")
    world.release("R1", 5, box(0, 0, 50, 100), methods=["bac_surface"])
    (one,) = found(world)
    assert told([one]) == [("too_shallow", "R1", "A", 5000)]
    assert one.params["depth"] == "the surface"
    assert one.params["required"] == "15 cm beneath the surface"


def test_every_place_in_the_words_has_a_value() -> None:
    world = World()
    world.hazard("A", 1, FIELD, required_depth_cm="10")
    world.hazard("B", 2, box(60, 0, 160, 100), work_status="work_complete")
    world.release("R1", 5, box(-20, 0, 50, 100), hazard="A", depth_cm="10")
    world.release("R2", 6, box(40, 0, 90, 100), organisation=OTHER, depth_cm="15")
    world.release("R3", 2, box(110, 0, 130, 100), depth_cm="15")
    world.release("R4", 7, box(140, 0, 160, 50), "reduced")
    world.hazard("C", 9, box(150, 0, 160, 100))
    world.revise("A", 9, box(0, 0, 60, 90), required_depth_cm="20")
    findings = found(world)
    assert len({one.code for one in findings}) >= 9
    for one in findings:
        said = finding_text(one)
        assert "{" not in said["what"] + said["fix"], one.code


def test_every_code_has_its_words() -> None:
    codes = {
        *("hazards_overlap", "overlap_across_records", "overlap_across_organisations"),
        *("reprocessed", "suspected_again", "suspected_and_released", "too_shallow"),
        *("released_outside_hazard", "extension", "release_without_polygon"),
        *("requirement_raised", "left_out_without_release", "ring_over_released_ground"),
        *("ring_corrected", "closed_with_land_remaining"),
    }
    assert codes <= set(FINDINGS)


def compared(findings: list[Finding], codes: tuple[str, ...]) -> dict[tuple[str, ...], float]:
    """Areas; of several earlier releases one that only touches may be named or not."""
    return {
        (code, record, other if code != "reprocessed" else ""): area
        for code, record, other, area in told(findings)
        if code in codes
    }


@pytest.mark.parametrize("seed", range(6))
def test_what_is_told_without_faces_is_what_faces_tell(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(seed)
    world = World()
    world.hazard("A", 5, FIELD, required_depth_cm="10")
    world.hazard("B", 9, box(120, 0, 180, 100))
    first = None
    for number in range(25):
        west, south = rng.integers(-40, 150, 2).tolist()
        width, height = rng.integers(10, 60, 2).tolist()
        ground = box(west, south, west + width, south + height)
        depth, named = str(rng.choice([5, 10, 20])), str(rng.choice(["A", "B", "none"]))
        kind = str(rng.choice(["cleared", "cleared", "reduced"]))
        on = int(rng.integers(3, 15))
        said = world.release(f"R{number}", on, ground, kind, depth_cm=depth, hazard=named)
        first = first or said
    assert first is not None
    world.revoke(12, first)
    codes = ("overlap_across_records", "reprocessed")
    quick = compared(found(world), codes)
    monkeypatch.setattr("tilth.core.land.findings_overlaps._Pairs._calm", lambda *_: False)
    close = compared(found(world), codes)
    assert len(quick) > 10
    assert quick == close
