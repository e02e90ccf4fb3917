"""Findings about what was said and decided, each on the smallest world that has one."""

from dataclasses import replace

from world import AUTHORITY, OPERATOR, OTHER, World, box, day

from tilth.core.days import ordinal
from tilth.core.findings import FINDINGS, Finding
from tilth.core.land.findings import said_findings
from tilth.text.messages import finding_text

FIELD = box(0, 0, 100, 100)


def said_day(text: str) -> int:
    return ordinal(text[:10])


def found(world: World) -> list[Finding]:
    findings = said_findings(world.keeper().book, said_day)
    for one in findings:
        said = finding_text(one)
        assert "{" not in said["what"] + said["fix"], one.code
    return findings


def told(world: World) -> list[tuple[str, str, float]]:
    return [(f.code, f.record.rsplit("/", 1)[-1], f.area_m2) for f in found(world)]


def test_two_corrections_of_one_statement_contend_until_one_is_approved() -> None:
    world = World()
    first = world.hazard("A", 1, FIELD)
    one = world.correct(first, 1, box(0, 0, 50, 100), classification="SHA")
    world.correct(first, 1, box(0, 0, 80, 100), classification="SHA")
    assert told(world) == [("contested", "A", 10_000)]
    assert found(world)[0].params["count"] == 2
    world.approve(one)
    assert told(world) == []


def test_the_same_local_id_twice_contends() -> None:
    world = World()
    world.hazard("A", 1, FIELD)
    world.hazard("A", 2, FIELD)
    assert told(world) == [("contested", "A", 10_000)]


def test_another_organisation_disputes() -> None:
    world = World()
    said = world.hazard("A", 1, FIELD)
    world.decide("dispute", said, organisation=OTHER)
    assert told(world) == [("disputed", "A", 10_000)]


def test_a_return_stands_until_it_is_withdrawn() -> None:
    world = World()
    said = world.hazard("A", 1, FIELD)
    back = world.decide("return", said)
    assert told(world) == [("returned", "A", 10_000)]
    world.decide("undo", back)
    assert told(world) == []


def test_the_authority_approves_its_own_work() -> None:
    world = World()
    own = world.hazard("A", 1, FIELD, organisation=AUTHORITY)
    theirs = world.hazard("B", 1, FIELD)
    approval = world.approve(own, theirs)
    assert told(world) == [("own_approval", "A", 10_000)]
    world.decide("undo", approval)
    assert told(world) == [("own_approval", "A", 10_000)]  # for ever


def test_who_said_it_vouches_for_it() -> None:
    world = World()
    said = world.hazard("A", 1, FIELD)
    world.vouch(said)  # every act of this world is by A1
    assert told(world) == [("vouched_by_author", "A", 10_000)]


def test_another_person_vouches() -> None:
    world = World()
    said = world.hazard("A", 1, FIELD)
    vouch, drawn = world.vouch(said), {}
    world.said[-1] = (replace(vouch, actor="B2"), drawn)
    assert told(world) == []


def test_a_day_after_it_was_said() -> None:
    world = World()
    said = world.hazard("A", 10, FIELD)
    world.said[-1] = (replace(said, said_at=f"{day(9)}T12:00:00Z"), {said.hash: FIELD})
    assert told(world) == [("day_after_said", "A", 10_000)]
    world.said[-1] = (replace(said, said_at=f"{day(10)}T12:00:00Z"), {said.hash: FIELD})
    assert told(world) == []


def test_a_hazard_that_nobody_holds() -> None:
    world = World()
    world.release("R1", 1, FIELD, hazard="nowhere", depth_cm="20")
    assert told(world) == [("names_unknown_hazard", "R1", 10_000)]
    world.hazard("nowhere", 1, FIELD)
    assert told(world) == []


def test_a_hazard_withdrawn_from_under_its_release() -> None:
    world = World()
    said = world.hazard("A", 1, FIELD)
    world.release("R1", 2, box(0, 0, 10, 10), hazard="A", depth_cm="20")
    assert told(world) == []
    world.withdraw(said)
    assert ("withdrawn_with_release", "A", 0) in told(world)


def test_a_hazard_without_polygon_has_its_declared_area() -> None:
    world = World()
    world.hazard("A", 1, declared_area_m2="2500")
    assert told(world) == [("hazard_without_polygon", "A", 2500)]


def test_confirmed_ground_made_an_indication() -> None:
    world = World()
    world.hazard("A", 1, FIELD, classification="CHA")
    world.revise("A", 3, classification="indication")
    assert told(world) == [("reclassified_to_indication", "A", 10_000)]


def test_an_indication_that_became_suspected_is_no_finding() -> None:
    world = World()
    world.hazard("A", 1, FIELD, classification="indication")
    world.revise("A", 3, classification="SHA")
    assert told(world) == []


def test_cleared_to_a_depth_that_nobody_gave() -> None:
    world = World()
    world.release("R1", 1, FIELD)
    world.release("R2", 1, FIELD, "reduced")
    world.release("R3", 1, FIELD, depth_cm="20")
    world.release("R4", 1, FIELD, search="surface")
    assert told(world) == [("depth_not_given", "R1", 10_000)]


def test_a_revocation_that_leaves_a_release_standing() -> None:
    world = World()
    world.hazard("A", 1, FIELD)
    one = world.release("R1", 2, FIELD, depth_cm="20")
    two = world.release("R2", 3, FIELD, depth_cm="20")
    world.revoke(9, one, standing=(two,))
    (finding,) = found(world)
    assert (finding.code, finding.record, finding.other) == (
        "revocation_names_standing",
        f"{OPERATOR}/released_area/R2",
        f"{OPERATOR}/released_area/R1",
    )


def test_every_code_has_its_words() -> None:
    codes = {
        *("contested", "disputed", "returned", "own_approval", "vouched_by_author"),
        *("day_after_said", "hazard_without_polygon", "reclassified_to_indication"),
        *("names_unknown_hazard", "withdrawn_with_release", "depth_not_given"),
        "revocation_names_standing",
    }
    assert codes <= set(FINDINGS)
