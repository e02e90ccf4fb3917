"""A recall: ground in doubt counts as remaining at *prudent* until the authority decides."""

from __future__ import annotations

import pytest
from shapely.geometry import box
from world import AUTHORITY, OPERATOR, OTHER, World

LEVELS = ("reported", "verified", "approved")


@pytest.fixture
def released() -> tuple[World, list]:
    w = World()
    hazard = w.hazard("H", 1, box(0, 0, 100, 100))
    first = w.release("R1", 10, box(0, 0, 50, 50), hazard="H")
    second = w.release("R2", 11, box(50, 0, 100, 50), hazard="H")
    w.vouch(hazard, first, second)
    w.approve(hazard, first, second)
    return w, [first, second]


def test_recalled_ground_remains_at_prudent_and_nowhere_else(
    released: tuple[World, list],
) -> None:
    w, (first, _) = released
    before = {level: w.ask(40, level) for level in (*LEVELS, "prudent")}
    w.recall(20, first)
    after = {level: w.ask(40, level) for level in (*LEVELS, "prudent")}
    assert all(after[level] == before[level] for level in LEVELS)
    assert after["prudent"]["remaining_m2"] == before["prudent"]["remaining_m2"] + 2500
    assert after["prudent"]["cleared_m2"] == 2500


def test_ground_is_in_doubt_from_the_day_of_the_miss(released: tuple[World, list]) -> None:
    w, (first, _) = released
    w.recall(20, first)
    assert w.ask(19, "prudent")["cleared_m2"] == 5000
    assert w.ask(20, "prudent")["cleared_m2"] == 2500


@pytest.mark.parametrize("organisation", [OPERATOR, OTHER, AUTHORITY])
def test_any_organisation_recalls_and_only_the_authority_lifts(
    released: tuple[World, list], organisation: str
) -> None:
    w, (first, _) = released
    recall = w.recall(20, first, organisation=organisation)
    w.lift(recall, organisation=OPERATOR)
    assert w.ask(40, "prudent")["cleared_m2"] == 2500
    w.lift(recall)
    assert w.ask(40, "prudent")["cleared_m2"] == 5000


def test_who_recalled_cannot_take_the_doubt_away(released: tuple[World, list]) -> None:
    w, (first, _) = released
    recall = w.recall(20, first, organisation=OPERATOR)
    w.decide("undo", recall, organisation=OPERATOR)
    assert w.ask(40, "prudent")["cleared_m2"] == 2500


def test_lifting_on_the_wrong_paper_is_taken_back(released: tuple[World, list]) -> None:
    w, (first, _) = released
    lift = w.lift(w.recall(20, first))
    w.decide("undo", lift)
    assert w.ask(40, "prudent")["cleared_m2"] == 2500


def test_a_recall_that_is_upheld_becomes_a_revocation_at_every_level(
    released: tuple[World, list],
) -> None:
    w, (first, _) = released
    recall = w.recall(20, first)
    w.revoke(20, first)
    w.lift(recall)
    for level in (*LEVELS, "prudent"):
        assert w.ask(40, level)["cleared_m2"] == 2500
