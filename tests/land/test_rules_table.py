"""Every row of the rules of levels and of land, each on an integer grid counted by hand.

Fields are 100 m × 100 m (10,000 m²) unless a case says otherwise; day 1 is 1 January 2026. The
areas beside each question are counted from the boxes, never taken from a run.
`docs/reference/land-rules.md` names the test of each row.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import shapely
from world import AUTHORITY, OPERATOR, OTHER, World, box, day

from tilth.core.days import ordinal
from tilth.core.land.balance import balance, cut, movements

FIELD = box(0, 0, 100, 100)
WEST, EAST = box(0, 0, 50, 100), box(50, 0, 100, 100)
WIDER, NARROWER = box(0, 0, 120, 100), box(0, 0, 60, 100)
ALL = {"recorded_m2": 10_000, "remaining_m2": 10_000}
HALF_CLEARED = {"recorded_m2": 10_000, "cleared_m2": 5000, "remaining_m2": 5000}
LAST = {"recorded_m2": 10_000, "overlaps_m2": 5000, "remaining_m2": 5000}
LEVELS = ("reported", "verified", "approved", "prudent")


@pytest.fixture
def w() -> World:
    return World()


def recorded(m2: float) -> dict[str, float]:
    """Answer for ground that is recorded and wholly remaining."""
    return {"recorded_m2": m2, "remaining_m2": m2}


def remaining(w: World, until: int) -> list[float]:
    """Remaining m² at reported, verified, approved and prudent."""
    keeper = w.keeper()
    return [w.ask(until, level, keeper).get("remaining_m2", 0) for level in LEVELS]


def of(w: World, until: int, hazard: Any, level: str = "reported") -> dict[str, float]:
    """Terms of one hazard that are not zero."""
    for line in cut(w.keeper().rows(level), ordinal(day(until)), "hazard"):
        if line["hazard"] == hazard.record:
            return {k: round(v, 6) for k, v in line.items() if k != "hazard" and round(v, 6)}
    return {}


def moved(w: World, since: int, until: int, level: str = "reported") -> dict[str, float]:
    """Movements that are not zero, without the two ends."""
    found = movements(w.keeper().rows(level), ordinal(day(since)), ordinal(day(until)))
    assert abs(found["closure_m2"]) <= 1e-6
    ends = ("remaining_since_m2", "remaining_m2", "closure_m2")
    return {k: round(v, 6) for k, v in found.items() if k not in ends and round(v, 6)}


class TestLevels:
    """Rules §2: what a statement does at each level."""

    def test_a_correction_acts_at_once_where_it_is_reported(self, w):
        """Reported takes it, verified and approved wait, prudent keeps what it gives up."""
        hazard = w.hazard("H", 5, FIELD)
        w.approve(hazard)
        correction = w.correct(hazard, 5, NARROWER, classification="SHA")
        assert remaining(w, 5) == [6000, 10_000, 10_000, 10_000]
        w.vouch(correction)
        assert remaining(w, 5) == [6000, 6000, 10_000, 10_000]
        w.approve(correction)
        assert remaining(w, 5) == [6000, 6000, 6000, 6000]

    def test_prudent_takes_from_a_correction_what_adds_ground(self, w):
        hazard = w.hazard("H", 5, FIELD)
        w.approve(hazard)
        w.correct(hazard, 5, WIDER, classification="SHA")
        assert remaining(w, 5) == [12_000, 10_000, 10_000, 12_000]

    def test_a_correction_acts_for_every_day(self, w):
        """It is known later, but holds for the days before it as well."""
        hazard = w.hazard("H", 5, FIELD)
        w.hazard("X", 1, box(900, 0, 910, 10))
        before = w.ask(9)
        w.correct(hazard, 3, NARROWER, classification="SHA")
        assert before == recorded(10_100)
        assert [w.ask(n).get("recorded_m2") for n in (2, 3, 9)] == [100, 6100, 6100]

    def test_a_correction_is_taken_back_by_correcting_again(self, w):
        hazard = w.hazard("H", 5, FIELD)
        wrong = w.correct(hazard, 5, NARROWER, classification="SHA")
        w.correct(wrong, 5, FIELD, classification="SHA")
        assert w.ask(5) == ALL

    def test_a_withdrawal_ends_the_hazard_level_by_level(self, w):
        hazard = w.hazard("H", 1, FIELD)
        w.approve(hazard)
        withdrawal = w.withdraw(hazard)
        assert remaining(w, 1) == [0, 10_000, 10_000, 10_000]
        w.approve(withdrawal)
        assert remaining(w, 1) == [0, 0, 0, 0]

    def test_a_withdrawn_release_leaves_prudent_at_once(self, w):
        release = w.release("R", 5, WEST)
        w.approve(w.hazard("H", 1, FIELD), release)
        w.withdraw(release)
        assert remaining(w, 5) == [10_000, 5000, 5000, 10_000]

    def test_a_vouch_verifies_and_only_from_the_own_organisation(self, w):
        hazard = w.hazard("H", 1, FIELD)
        w.decide("vouch", hazard, organisation=OTHER)
        assert w.ask(1, "verified") == {}
        w.vouch(hazard)
        assert w.ask(1, "verified") == ALL
        assert w.ask(1, "approved") == {}

    def test_only_the_authority_approves(self, w):
        hazard = w.hazard("H", 1, FIELD)
        w.decide("approve", hazard, organisation=OPERATOR)
        assert w.ask(1, "verified") == {}
        w.approve(hazard)
        assert w.ask(1, "approved") == w.ask(1, "verified") == ALL

    def test_an_approval_acts_by_knowledge_and_not_by_day(self, w):
        """March work accepted in May is approved work of March."""
        release = w.release("R", 5, WEST)
        w.approve(w.hazard("H", 1, FIELD))
        known_then = w.keeper()
        w.approve(release)
        assert w.ask(5, "approved", known_then) == ALL
        assert w.ask(5, "approved") == HALF_CLEARED

    @pytest.mark.parametrize("who", [OPERATOR, AUTHORITY])
    def test_a_return_voids_every_vouch_and_approval_while_it_stands(self, w, who):
        release = w.release("R", 5, WEST)
        w.approve(w.hazard("H", 1, FIELD), release)
        w.vouch(release)
        returned = w.decide("return", release, organisation=who)
        w.approve(release)  # another approval does not lift it
        assert remaining(w, 5) == [5000, 10_000, 10_000, 10_000]
        w.decide("undo", returned, organisation=OTHER)  # who took it, nobody else
        assert remaining(w, 5) == [5000, 10_000, 10_000, 10_000]
        w.decide("undo", returned, organisation=who)
        assert remaining(w, 5) == [5000, 5000, 5000, 5000]

    def test_a_return_by_another_organisation_does_nothing(self, w):
        release = w.release("R", 5, WEST)
        w.approve(w.hazard("H", 1, FIELD), release)
        w.decide("return", release, organisation=OTHER)
        assert remaining(w, 5) == [5000, 5000, 5000, 5000]

    def test_a_withdrawn_approval_leaves_figures_known_before_as_they_were(self, w):
        release = w.release("R", 5, WEST)
        w.approve(w.hazard("H", 1, FIELD))
        approval = w.approve(release)
        known_then = w.keeper()
        w.decide("undo", approval)
        assert w.ask(5, "approved", known_then) == HALF_CLEARED
        assert remaining(w, 5) == [5000, 10_000, 10_000, 10_000]

    def test_a_withdrawn_withdrawal_brings_the_approval_back(self, w):
        hazard = w.hazard("H", 1, FIELD)
        undo = w.decide("undo", w.approve(hazard))
        assert w.ask(1, "approved") == {}
        w.decide("undo", undo)
        assert w.ask(1, "approved") == ALL

    def test_a_revocation_is_an_event_of_the_field(self, w):
        """It has a day of its own, so that the days before it keep their release."""
        release = w.release("R", 5, WEST)
        w.approve(w.hazard("H", 1, FIELD), release)
        w.revoke(20, release)
        for level in LEVELS:
            assert w.ask(19, level) == HALF_CLEARED
            assert w.ask(20, level) == ALL

    def test_a_withdrawn_revocation_and_one_that_is_not_the_authoritys(self, w):
        release = w.release("R", 5, WEST)
        w.hazard("H", 1, FIELD)
        revocation = w.revoke(20, release)
        assert w.ask(20) == ALL
        w.decide("undo", revocation)
        assert w.ask(20) == HALF_CLEARED

    def test_contested_corrections_leave_their_predecessor_in_force(self, w):
        """At prudent all of them: 0 to 60, 0 to 100 and 0 to 120 m make 12,000 m²."""
        hazard = w.hazard("H", 1, FIELD)
        w.approve(hazard)
        one = w.correct(hazard, 1, NARROWER, classification="SHA")
        w.correct(hazard, 1, WIDER, classification="SHA")
        assert remaining(w, 1) == [10_000, 10_000, 10_000, 12_000]
        w.approve(one)  # exactly one approved is the decision
        assert remaining(w, 1) == [6000, 6000, 6000, 6000]
        w.correct(hazard, 1, box(0, 0, 10, 100), classification="SHA")
        assert remaining(w, 1) == [6000, 6000, 6000, 6000]  # a later rival does not undo it

    def test_two_approved_rivals_are_no_decision(self, w):
        hazard = w.hazard("H", 1, FIELD)
        rivals = [w.correct(hazard, 1, s, classification="SHA") for s in (NARROWER, WIDER)]
        w.approve(hazard, *rivals)
        assert remaining(w, 1) == [10_000, 10_000, 10_000, 12_000]

    def test_contested_without_predecessor_the_smaller_hash_stays(self, w):
        said = [w.hazard("H", 1, NARROWER), w.hazard("H", 1, box(40, 0, 100, 100))]
        w.decide("dispute", said[0], organisation=OTHER)
        first = min(said, key=lambda s: s.hash)
        assert w.ask(1) == recorded(6000)
        shape = dict(w.said[[s.hash for s, _ in w.said].index(first.hash)][1])[first.hash]
        w.release("R", 5, shape)
        assert w.ask(5) == {"recorded_m2": 6000, "cleared_m2": 6000}
        assert w.ask(1, "prudent") == ALL

    def test_a_dispute_changes_no_value(self, w):
        hazard = w.hazard("H", 1, FIELD)
        w.approve(hazard)
        w.decide("dispute", hazard, organisation=OTHER)
        assert remaining(w, 1) == [10_000] * 4

    def test_a_hazard_and_its_release_both_need_the_level(self, w):
        """A release on a hazard below the level is unattached there."""
        w.hazard("H", 1, FIELD)
        w.approve(w.release("R", 5, WEST))
        assert w.ask(5) == HALF_CLEARED
        assert w.ask(5, "approved") == {"unattached_m2": 5000}

    def test_an_event_of_a_hazard_has_a_level_of_its_own(self, w):
        """The revision stays reported while the first ring is approved, and the reverse."""
        hazard = w.hazard("H", 1, FIELD)
        revision = w.revise("H", 5, WIDER)
        w.approve(hazard)
        assert remaining(w, 5) == [12_000, 10_000, 10_000, 12_000]
        w.approve(revision)
        assert remaining(w, 5) == [12_000] * 4


class TestPrudentHazards:
    """Rules §2, prudent: a hazard is everything said since the newest approval."""

    def test_nothing_approved_means_all_of_it(self, w):
        w.correct(w.hazard("H", 1, FIELD), 1, box(90, 0, 130, 100), classification="SHA")
        assert w.ask(1, "prudent") == recorded(13_000)

    def test_in_force_from_the_earliest_day_compared_by_the_latest(self, w):
        hazard = w.hazard("H", 10, FIELD)
        w.approve(hazard, w.release("R", 15, WEST))
        w.correct(hazard, 5, FIELD, classification="SHA")
        assert w.ask(4, "prudent") == {}
        assert w.ask(5, "prudent") == ALL
        assert w.ask(15, "prudent") == HALF_CLEARED
        w.correct(hazard, 20, FIELD, classification="SHA")
        assert w.ask(25, "approved") == HALF_CLEARED
        assert w.ask(25, "prudent") == ALL

    def test_an_unapproved_revision_makes_no_ground_older(self, w):
        """Revised (not approved) on day 3 to ground that the approved revision took in on 10."""
        revision = w.revise("H", 10, WIDER)
        release = w.release("R", 5, box(100, 0, 120, 100), kind="cancelled")
        w.approve(w.hazard("H", 1, FIELD), revision, release)
        w.revise("H", 3, WIDER)
        assert w.ask(12) == {"recorded_m2": 12_000, "cancelled_m2": 2000, "remaining_m2": 10_000}
        assert w.ask(12, "prudent") == recorded(12_000)

    @pytest.mark.parametrize(("approved", "said"), [("10", "20"), ("20", "10")])
    def test_the_greatest_depth_holds(self, w, approved, said):
        """15 cm is enough for 10 and not for 20, whichever of the two is approved."""
        hazard = w.hazard("H", 1, FIELD, required_depth_cm=approved)
        w.approve(hazard, w.release("R", 5, WEST, depth_cm="15"))
        w.correct(hazard, 1, FIELD, classification="SHA", required_depth_cm=said)
        enough = approved == "10"
        assert w.ask(5, "approved")["remaining_m2"] == (5000 if enough else 10_000)
        assert w.ask(5, "prudent")["remaining_m2"] == 10_000

    def test_an_unapproved_requirement_only_raises(self, w):
        w.approve(
            w.hazard("H", 1, FIELD, required_depth_cm="20"), w.release("R", 9, WEST, depth_cm="15")
        )
        w.revise("H", 5, required_depth_cm="10")
        assert [w.ask(9, level)["remaining_m2"] for level in ("reported", "prudent")] == [
            5000,
            10_000,
        ]

    def test_sub_surface_if_any_says_so(self, w):
        hazard = w.hazard("H", 1, FIELD)
        w.approve(hazard, w.release("R", 5, WEST, search="surface"))
        w.correct(hazard, 1, FIELD, classification="SHA", required_search="subsurface")
        assert w.ask(5, "approved")["remaining_m2"] == 5000
        assert w.ask(5, "prudent")["remaining_m2"] == 10_000

    def test_a_parent_counts_once_the_child_and_its_ground_are_approved(self, w):
        """Cleared under the parent; the child of day 10 suspects nothing again."""
        parent = w.hazard("P", 1, FIELD)
        child = w.hazard("C", 10, WEST, parents=[parent.record])
        w.approve(parent, w.release("R", 5, WEST))
        assert w.ask(10)["remaining_m2"] == 5000
        assert w.ask(10, "prudent")["remaining_m2"] == 10_000
        w.approve(child)
        assert w.ask(10, "prudent")["remaining_m2"] == 5000

    def test_a_parent_counts_only_where_all_name_it(self, w):
        parent = w.hazard("P", 1, FIELD)
        child = w.hazard("C", 10, WEST, parents=[parent.record])
        w.approve(parent, child, w.release("R", 5, WEST))
        w.correct(child, 10, WEST, classification="SHA")
        assert w.ask(10, "approved")["remaining_m2"] == 5000
        assert w.ask(10, "prudent")["remaining_m2"] == 10_000

    def test_prudent_may_not_lose_ground_by_what_an_organisation_says(self, w):
        """Withdrawal, smaller ring, indication: none of them shrinks the prudent map."""
        hazard = w.hazard("H", 1, FIELD)
        w.approve(hazard)
        smaller = w.correct(hazard, 1, NARROWER, classification="indication")
        assert w.ask(1, "prudent") == ALL
        w.withdraw(smaller)
        assert w.ask(1, "prudent") == ALL


class TestPrudentReleases:
    """Rules §2, prudent: a release counts as far as everything said since still says it."""

    def test_it_needs_the_approval(self, w):
        release = w.release("R", 5, WEST)
        w.approve(w.hazard("H", 1, FIELD))
        w.vouch(release)
        assert w.ask(5, "prudent") == ALL
        w.approve(release)
        assert w.ask(5, "prudent") == HALF_CLEARED

    def test_only_the_ground_that_all_cover(self, w):
        """0 to 50 m approved, 30 to 80 m since: 20 m by 100 m in common."""
        release = w.release("R", 5, WEST)
        w.approve(w.hazard("H", 1, FIELD), release)
        w.correct(release, 5, box(30, 0, 80, 100), release_type="cleared")
        assert remaining(w, 5) == [5000, 5000, 5000, 8000]

    def test_from_the_latest_day(self, w):
        release = w.release("R", 5, WEST)
        w.approve(w.hazard("H", 1, FIELD), release)
        w.correct(release, 9, WEST, release_type="cleared")
        assert w.ask(8, "prudent") == ALL
        assert w.ask(9, "prudent") == HALF_CLEARED

    @pytest.mark.parametrize(("one", "two"), [("cleared", "reduced"), ("reduced", "cleared")])
    def test_the_lesser_claim(self, w, one, two):
        release = w.release("R", 5, WEST, one)
        w.approve(w.hazard("H", 1, FIELD), release)
        w.correct(release, 5, WEST, release_type=two)
        assert w.ask(5, "prudent") == {
            "recorded_m2": 10_000,
            "reduced_m2": 5000,
            "remaining_m2": 5000,
        }

    def test_the_least_depth(self, w):
        release = w.release("R", 5, WEST, depth_cm="20")
        w.approve(w.hazard("H", 1, FIELD, required_depth_cm="20"), release)
        w.correct(release, 5, WEST, release_type="cleared", depth_cm="10")
        assert w.ask(5, "approved")["remaining_m2"] == 5000
        assert w.ask(5, "prudent")["remaining_m2"] == 10_000

    def test_a_hazard_is_named_only_if_all_name_it(self, w):
        """On the hazard's own day the release counts because it names it."""
        hazard = w.hazard("H", 5, FIELD)
        release = w.release("R", 5, WEST, hazard=hazard.record)
        w.approve(hazard, release)
        assert w.ask(5, "prudent") == HALF_CLEARED
        w.correct(release, 5, WEST, release_type="cleared")
        assert w.ask(5, "approved") == HALF_CLEARED
        assert w.ask(5, "prudent")["remaining_m2"] == 10_000


class TestWhatIsRecordedAndWhatReleases:
    def test_sha_and_cha_are_recorded_indications_are_not(self, w):
        """100 + 200 m²; the 300 m² of the indication stay out, as does a release over them."""
        w.hazard("S", 1, box(0, 0, 10, 10))
        w.hazard("C", 1, box(0, 20, 20, 30), classification="CHA")
        w.hazard("I", 1, box(0, 40, 30, 50), classification="indication")
        assert w.ask(1) == recorded(300)
        w.release("R", 5, box(0, 40, 30, 50))
        assert w.ask(5) == {**recorded(300), "unattached_m2": 300}

    def test_rings_in_force_on_the_day(self, w):
        w.hazard("H", 5, FIELD)
        assert w.ask(4) == {}
        assert w.ask(5) == ALL

    def test_only_a_released_area_releases(self, w):
        """Reports, spot tasks, summaries and a closed status leave all of it remaining."""
        w.hazard("H", 1, FIELD)
        w.report("D", 5, WEST)
        w.record("spot_task", "T", 5, EAST)
        w.record("clearance_summary", "S", 5, declared_area_m2="10000")
        w.revise("H", 6, work_status="closed")
        w.revise("H", 7, work_status="expired")
        assert w.ask(9) == {**ALL, "processed_m2": 5000}

    def test_processed_land_stands_within_remaining(self, w):
        """Reported on 0 to 50 m, released from 25 m on: 2,500 m² are processed and remain."""
        w.hazard("H", 1, FIELD)
        w.report("D", 5, WEST)
        w.release("R", 6, box(25, 0, 100, 100))
        assert w.ask(6) == {
            "recorded_m2": 10_000,
            "cleared_m2": 7500,
            "remaining_m2": 2500,
            "processed_m2": 2500,
        }

    def test_work_before_the_suspicion_is_not_processed_land_of_it(self, w):
        w.hazard("H", 10, FIELD)
        w.report("BEFORE", 9, WEST)
        assert w.ask(20) == ALL
        w.report("ON", 10, box(0, 0, 10, 100))
        assert w.ask(20) == {**ALL, "processed_m2": 1000}

    def test_work_of_the_first_suspicion_is_not_processed_land_of_the_second(self, w):
        w.hazard("H", 1, FIELD)
        w.report("D", 4, WEST)
        w.release("R", 5, FIELD)
        w.hazard("AGAIN", 10, WEST)
        assert w.ask(10) == {"recorded_m2": 15_000, "cleared_m2": 10_000, "remaining_m2": 5000}


class TestHazardsOverlap:
    """A lies on 0 to 100 m, B on 50 to 150 m: 5,000 m² in common."""

    BOTH = box(50, 0, 150, 100)

    def test_the_earlier_one_holds_the_ground(self, w):
        a, b = w.hazard("A", 2, FIELD), w.hazard("B", 1, self.BOTH)
        assert of(w, 2, a) == LAST
        assert of(w, 2, b) == ALL
        assert w.ask(2) == {"recorded_m2": 20_000, "overlaps_m2": 5000, "remaining_m2": 15_000}

    def test_on_one_day_the_smaller_record_id(self, w):
        a, b = w.hazard("A", 1, FIELD), w.hazard("B", 1, self.BOTH)
        assert (of(w, 1, a), of(w, 1, b)) == (ALL, LAST)

    def test_cha_before_sha(self, w):
        a, b = w.hazard("A", 1, FIELD), w.hazard("B", 2, self.BOTH, classification="CHA")
        assert (of(w, 2, a), of(w, 2, b)) == (LAST, ALL)

    def test_replaced_by_children_comes_last(self, w):
        a = w.hazard("A", 1, FIELD, classification="CHA")
        b = w.hazard("B", 2, self.BOTH)
        w.revise("A", 5, replaced=True)
        assert (of(w, 4, a), of(w, 4, b)) == (ALL, LAST)
        assert (of(w, 5, a), of(w, 5, b)) == (LAST, ALL)

    def test_a_release_settles_it_for_good(self, w):
        """A holds it when released on day 5; B confirmed on day 9 does not take it over."""
        a, b = w.hazard("A", 1, FIELD), w.hazard("B", 2, self.BOTH)
        w.release("R", 5, box(50, 0, 75, 100))
        w.revise("B", 9, classification="CHA")
        assert of(w, 9, a) == {"recorded_m2": 10_000, "overlaps_m2": 2500, "cleared_m2": 2500,
                               "remaining_m2": 5000}  # fmt: skip
        assert of(w, 9, b) == {"recorded_m2": 10_000, "overlaps_m2": 2500, "remaining_m2": 7500}

    def test_a_hazard_of_a_later_day_stays_open(self, w):
        w.hazard("A", 1, FIELD)
        w.release("R", 5, EAST)
        b = w.hazard("B", 6, self.BOTH)
        assert of(w, 6, b) == ALL

    def test_a_correction_replays_it(self, w):
        """Corrected to day 1, B held the ground on the day of the release."""
        a, b = w.hazard("A", 2, FIELD), w.hazard("B", 3, self.BOTH)
        w.release("R", 5, EAST)
        assert of(w, 5, b) == LAST
        w.correct(b, 1, self.BOTH, classification="SHA")
        assert of(w, 5, a) == LAST
        assert of(w, 5, b) == HALF_CLEARED


class TestSuspectedAgain:
    def test_the_old_credit_stays_and_the_ground_remains_under_the_new_hazard(self, w):
        a = w.hazard("A", 1, FIELD)
        w.release("R", 5, FIELD)
        b = w.hazard("B", 10, WEST)
        assert of(w, 10, a) == {"recorded_m2": 10_000, "cleared_m2": 10_000}
        assert of(w, 10, b) == recorded(5000)
        w.release("R2", 12, WEST)  # a square metre is credited once for each suspicion
        assert w.ask(12) == {"recorded_m2": 15_000, "cleared_m2": 15_000}

    def test_each_square_metre_has_a_day_of_its_own(self, w):
        """The revision of day 10 took in 2,000 m²: the release of day 5 does not touch them."""
        w.hazard("H", 1, FIELD)
        w.revise("H", 10, WIDER)
        w.release("R", 5, box(50, 0, 120, 100))
        assert w.ask(12) == {"recorded_m2": 12_000, "cleared_m2": 5000, "remaining_m2": 7000}

    def test_an_indication_is_suspected_from_the_day_it_became_sha(self, w):
        w.hazard("I", 1, FIELD, classification="indication")
        w.revise("I", 10, classification="SHA")
        w.release("R", 5, WEST)
        assert w.ask(9) == {"unattached_m2": 5000}
        assert w.ask(10) == ALL
        w.release("R2", 11, EAST)
        assert w.ask(11) == HALF_CLEARED

    def test_on_the_same_day_the_release_counts_if_it_names_the_hazard(self, w):
        hazard = w.hazard("H", 5, FIELD)
        w.release("SILENT", 5, EAST)
        assert w.ask(9) == ALL
        w.release("NAMING", 5, WEST, hazard=hazard.record)
        assert w.ask(9) == HALF_CLEARED

    def test_a_release_naming_a_later_hazard_counts_from_its_day_on_the_first_ring(self, w):
        hazard = w.hazard("H", 10, FIELD)
        w.release("R", 5, box(50, 0, 120, 100), hazard=hazard.record)
        w.revise("H", 12, WIDER)
        assert w.ask(9) == {"unattached_m2": 7000}
        assert w.ask(10) == {**HALF_CLEARED, "unattached_m2": 2000}
        assert w.ask(12) == {"recorded_m2": 12_000, "cleared_m2": 5000, "remaining_m2": 7000}

    def test_named_later_but_credited_under_an_older_hazard(self, w):
        """At most once by one release: the named hazard shows the ground as overlap."""
        old, new = w.hazard("A", 1, FIELD), w.hazard("B", 10, WEST)
        w.release("R", 5, FIELD, hazard=new.record)
        assert of(w, 10, old) == {"recorded_m2": 10_000, "cleared_m2": 10_000}
        assert of(w, 10, new) == {"recorded_m2": 5000, "overlaps_m2": 5000}


class TestConfirmed:
    def test_no_ground_enters_or_leaves(self, w):
        w.hazard("H", 1, FIELD)
        w.release("R", 5, WEST)
        w.revise("H", 10, classification="CHA")
        lines = {n: cut(w.keeper().rows("reported"), ordinal(day(n)), "classification")
                 for n in (9, 10)}  # fmt: skip
        assert [line["classification"] for line in lines[9]] == ["SHA"]
        assert [line["classification"] for line in lines[10]] == ["CHA"]
        assert w.ask(9) == w.ask(10) == HALF_CLEARED

    def test_shared_ground_passes_to_the_one_confirmed(self, w):
        a, b = w.hazard("A", 1, FIELD), w.hazard("B", 2, EAST)
        w.revise("B", 10, classification="CHA")
        assert of(w, 9, b) == {"recorded_m2": 5000, "overlaps_m2": 5000}
        assert of(w, 10, b) == recorded(5000)
        assert of(w, 10, a) == {"recorded_m2": 10_000, "overlaps_m2": 5000, "remaining_m2": 5000}
        assert w.ask(9) == w.ask(10)

    def test_never_an_indication_again(self, w):
        w.hazard("H", 1, FIELD)
        w.revise("H", 5, classification="indication")
        assert w.ask(9) == ALL


class TestSplitAndMerge:
    def test_a_split_suspects_nothing_again(self, w):
        """30 m by 100 m were cleared before: the parent keeps them, the child shows overlap."""
        parent = w.hazard("P", 1, FIELD)
        w.release("R", 5, box(0, 0, 30, 100))
        w.revise("P", 10, replaced=True)
        one = w.hazard("C1", 10, WEST, parents=[parent.record])
        two = w.hazard("C2", 10, box(50, 0, 90, 100), parents=[parent.record])
        assert of(w, 10, parent) == {"recorded_m2": 10_000, "overlaps_m2": 6000, "cleared_m2": 3000,
                                     "remaining_m2": 1000}  # fmt: skip
        assert of(w, 10, one) == {"recorded_m2": 5000, "overlaps_m2": 3000, "remaining_m2": 2000}
        assert of(w, 10, two) == recorded(4000)

    def test_a_child_has_the_day_of_its_parent_there_and_its_own_beyond(self, w):
        """A late report of day 5 takes the parent's ground; the 20 m beyond are of day 10."""
        parent = w.hazard("P", 1, FIELD)
        child = w.hazard("C", 10, box(50, 0, 120, 100), parents=[parent.record])
        w.revise("P", 10, replaced=True)
        w.release("R", 12, box(0, 0, 10, 100))
        w.release("LATE", 5, box(80, 0, 120, 100))
        assert of(w, 12, child) == {"recorded_m2": 7000, "overlaps_m2": 2000, "remaining_m2": 5000}
        assert of(w, 12, parent) == {"recorded_m2": 10_000, "overlaps_m2": 3000,
                                     "cleared_m2": 3000, "remaining_m2": 4000}  # fmt: skip

    def test_a_merge_counts_the_ground_once(self, w):
        a, b = w.hazard("A", 1, WEST), w.hazard("B", 2, EAST)
        w.release("R", 5, box(0, 0, 20, 100))
        w.revise("A", 10, replaced=True)
        w.revise("B", 10, replaced=True)
        child = w.hazard("C", 10, FIELD, parents=[a.record, b.record])
        assert of(w, 10, child) == {"recorded_m2": 10_000, "overlaps_m2": 2000,
                                    "remaining_m2": 8000}  # fmt: skip
        assert w.ask(10)["remaining_m2"] == 8000


class TestRings:
    def test_a_revised_ring_adds_and_takes_nothing_away(self, w):
        """Moved 20 m east: 2,000 m² new, the 2,000 m² left out remain until released."""
        w.hazard("H", 1, FIELD)
        w.revise("H", 5, box(20, 0, 120, 100))
        assert w.ask(5) == recorded(12_000)
        w.release("R", 8, box(0, 0, 20, 100), kind="cancelled")
        assert w.ask(8) == {"recorded_m2": 12_000, "cancelled_m2": 2000, "remaining_m2": 10_000}

    def test_redrawn_over_its_own_released_ground_suspects_nothing_again(self, w):
        w.hazard("H", 1, FIELD)
        w.release("R", 5, WEST)
        w.revise("H", 10, FIELD)
        assert w.ask(10) == HALF_CLEARED

    def test_a_corrected_ring_replaces_the_old_one_at_every_day(self, w):
        """A wrong datum: the whole field lay 1 km to the east."""
        hazard = w.hazard("H", 1, FIELD)
        w.release("R", 5, box(1000, 0, 1050, 100))
        assert w.ask(5) == {**ALL, "unattached_m2": 5000}
        w.correct(hazard, 1, box(1000, 0, 1100, 100), classification="SHA")
        assert w.ask(1) == ALL
        assert w.ask(5) == HALF_CLEARED

    def test_a_corrected_revision_keeps_the_first_ring(self, w):
        w.hazard("H", 1, FIELD)
        w.correct(w.revise("H", 5, WIDER), 5, box(0, 0, 110, 100))
        assert w.ask(5) == recorded(11_000)


class TestReleases:
    def test_ground_decides_over_several_hazards(self, w):
        """40 to 140 m names A: its part in B goes to B."""
        a, b = w.hazard("A", 1, FIELD), w.hazard("B", 1, box(100, 0, 200, 100))
        w.release("R", 5, box(40, 0, 140, 100), hazard=a.record)
        assert of(w, 5, a) == {"recorded_m2": 10_000, "cleared_m2": 6000, "remaining_m2": 4000}
        assert of(w, 5, b) == {"recorded_m2": 10_000, "cleared_m2": 4000, "remaining_m2": 6000}

    def test_the_first_takes_the_credit_and_later_ones_reprocess(self, w):
        w.hazard("H", 1, FIELD)
        w.release("FIRST", 5, WEST, kind="reduced")
        w.release("SECOND", 8, box(30, 0, 80, 100))
        assert w.ask(8) == {
            "recorded_m2": 10_000,
            "reduced_m2": 5000,
            "cleared_m2": 3000,
            "remaining_m2": 2000,
            "reprocessed_m2": 2000,
        }
        assert w.ask(7)["reduced_m2"] == 5000
        assert "reprocessed_m2" not in w.ask(7)

    @pytest.mark.parametrize(
        ("kinds", "first"),
        [
            (("cleared", "reduced", "cancelled"), "cancelled_m2"),
            (("cleared", "reduced"), "reduced_m2"),
        ],
    )
    def test_in_a_tie_the_lesser_claim(self, w, kinds, first):
        w.hazard("H", 1, FIELD)
        for number, kind in enumerate(kinds):
            w.release(f"R{number}", 5, WEST, kind)
        assert w.ask(5) == {"recorded_m2": 10_000, first: 5000, "remaining_m2": 5000,
                            "reprocessed_m2": 5000}  # fmt: skip

    def test_in_a_tie_the_lesser_claim_where_hazards_overlap(self, w):
        w.hazard("H", 1, FIELD)
        w.hazard("B", 2, WEST)
        for number, kind in enumerate(("cleared", "reduced", "cancelled")):
            w.release(f"R{number}", 5, WEST, kind)
        assert w.ask(5) == {
            "recorded_m2": 15_000,
            "overlaps_m2": 5000,
            "cancelled_m2": 5000,
            "remaining_m2": 5000,
            "reprocessed_m2": 5000,
        }

    def test_then_the_smaller_record_id(self, w):
        w.hazard("H", 1, FIELD)
        w.release("B", 5, WEST, methods=["manual"])
        w.release("A", 5, WEST, methods=["mechanical"])
        lines = cut(w.keeper().rows("reported"), ordinal(day(5)), "method")
        assert [(one["method"], one["cleared_m2"]) for one in lines] == [("mechanical", 5000)]

    def test_cuts_of_the_work_add_up_to_what_was_released(self, w):
        """2,000 m² in January, 3,000 m² on day 40 (9 February); nothing remains in them."""
        w.hazard("H", 1, FIELD)
        w.release("R1", 5, box(0, 0, 20, 100), methods=["manual"])
        w.release("R2", 40, box(0, 0, 50, 100), "reduced", technical_asset="with")
        rows = w.keeper().rows("reported")
        months = cut(rows, ordinal(day(60)), "month")
        assert [(m["month"], m["cleared_m2"], m["reduced_m2"]) for m in months] == [
            ("2026-01", 2000, 0),
            ("2026-02", 0, 3000),
        ]
        methods = cut(rows, ordinal(day(60)), "method")
        assert [m["method"] for m in methods] == ["- (with technical asset)", "manual"]
        assert all("remaining_m2" not in line for line in (*months, *methods))

    def test_a_hole_remains(self, w):
        """A pond of 20 m by 20 m was not searched."""
        w.hazard("H", 1, FIELD)
        w.release("R", 5, shapely.difference(FIELD, box(40, 40, 60, 60)))
        assert w.ask(5) == {"recorded_m2": 10_000, "cleared_m2": 9600, "remaining_m2": 400}

    def test_every_square_metre_counts_however_small(self, w):
        """Noise is a matter of findings: a sliver of 1 cm by 100 m is 1 m² of account."""
        w.hazard("H", 1, FIELD)
        w.release("R1", 5, box(0, 0, 50, 100))
        w.release("R2", 6, box(50.01, 0, 100, 100))
        assert w.ask(6) == {"recorded_m2": 10_000, "cleared_m2": 9999, "remaining_m2": 1}

    def test_a_hazard_without_polygon_is_outside_the_balance(self, w):
        w.hazard("H", 1, declared_area_m2="5000")
        assert w.ask(1) == {}
        w.hazard("X", 1, FIELD)
        assert w.ask(1) == ALL


class TestBeyondTheEdge:
    BEYOND = box(80, 0, 120, 100)  # 20 m within, 20 m beyond

    def test_one_hundred_hectares(self, w):
        """60 ha cancelled, 25 reduced, 10 cleared, 5 remain; 2 ha cleared beyond the edge."""
        hazard = w.hazard("H", 1, box(0, 0, 1000, 1000))
        w.release("R1", 5, box(0, 0, 1000, 600), "cancelled")
        w.release("R2", 6, box(0, 600, 1000, 850), "reduced")
        w.release("R3", 7, box(0, 850, 1000, 950), "cleared")
        w.release("R4", 8, box(-20, 0, 0, 1000), "cleared", hazard=hazard.record)
        assert w.ask(8) == {
            "recorded_m2": 1_000_000,
            "extensions_m2": 20_000,
            "cancelled_m2": 600_000,
            "reduced_m2": 250_000,
            "cleared_m2": 120_000,
            "remaining_m2": 50_000,
        }

    def test_clearance_beyond_the_edge_is_an_extension(self, w):
        hazard = w.hazard("H", 1, FIELD)
        w.release("R", 5, self.BEYOND, hazard=hazard.record)
        assert w.ask(5) == {"recorded_m2": 10_000, "extensions_m2": 2000, "cleared_m2": 4000,
                            "remaining_m2": 8000}  # fmt: skip

    @pytest.mark.parametrize("kind", ["cancelled", "reduced"])
    def test_what_was_never_suspected_cannot_be_cancelled_or_reduced(self, w, kind):
        hazard = w.hazard("H", 1, FIELD)
        w.release("R", 5, self.BEYOND, kind, hazard=hazard.record)
        assert w.ask(5) == {"recorded_m2": 10_000, f"{kind}_m2": 2000, "remaining_m2": 8000,
                            "unattached_m2": 2000}  # fmt: skip

    def test_not_named_not_deep_enough_or_too_far_is_unattached(self, w):
        """Within 50 m only: of 20 to 60 m beyond the edge, 10 m lie too far."""
        hazard = w.hazard("H", 1, FIELD, required_depth_cm="20")
        w.release("SILENT", 5, box(100, 0, 110, 10))
        w.release("SHALLOW", 5, box(100, 20, 110, 30), hazard=hazard.record, depth_cm="5")
        assert w.ask(5) == {**ALL, "unattached_m2": 200}
        w.release("FAR", 6, box(120, 50, 160, 60), hazard=hazard.record, depth_cm="20")
        assert w.ask(6) == {"recorded_m2": 10_000, "extensions_m2": 300, "cleared_m2": 300,
                            "remaining_m2": 10_000, "unattached_m2": 300}  # fmt: skip

    def test_within_a_hazard_of_another_level_it_is_no_extension(self, w):
        """B is only reported: at approved the ground beyond A is unattached, not A's."""
        a = w.hazard("A", 1, FIELD)
        w.hazard("B", 2, box(100, 0, 120, 100))
        w.approve(a, w.release("R", 5, self.BEYOND, hazard=a.record))
        assert w.ask(5, "approved") == {"recorded_m2": 10_000, "cleared_m2": 2000,
                                        "remaining_m2": 8000, "unattached_m2": 2000}  # fmt: skip

    def test_before_the_named_hazard_is_in_force_there_is_nothing_to_extend(self, w):
        hazard = w.hazard("H", 10, FIELD)
        w.release("R", 5, self.BEYOND, hazard=hazard.record)
        assert w.ask(10) == {"recorded_m2": 10_000, "cleared_m2": 2000, "remaining_m2": 8000,
                             "unattached_m2": 2000}  # fmt: skip

    def test_an_extension_revoked_remains(self, w):
        hazard = w.hazard("H", 1, FIELD)
        w.revoke(9, w.release("R", 5, self.BEYOND, hazard=hazard.record))
        assert w.ask(9) == {"recorded_m2": 10_000, "extensions_m2": 2000, "remaining_m2": 12_000}
        w.release("R2", 12, self.BEYOND)
        assert w.ask(12) == {"recorded_m2": 10_000, "extensions_m2": 2000, "cleared_m2": 4000,
                             "remaining_m2": 8000}  # fmt: skip

    def test_taken_into_the_own_ring_later_it_stays_an_extension(self, w):
        hazard = w.hazard("H", 1, FIELD)
        w.release("R", 5, self.BEYOND, hazard=hazard.record)
        w.revise("H", 10, box(0, 0, 130, 100))
        assert w.ask(10) == {"recorded_m2": 11_000, "extensions_m2": 2000, "cleared_m2": 4000,
                             "remaining_m2": 9000}  # fmt: skip

    def test_under_another_hazard_of_a_later_day_it_is_suspected_again(self, w):
        hazard = w.hazard("H", 1, FIELD)
        w.release("R", 5, self.BEYOND, hazard=hazard.record)
        other = w.hazard("B", 10, box(100, 0, 200, 100))
        assert of(w, 10, other) == ALL
        assert of(w, 10, hazard)["extensions_m2"] == 2000

    def test_unattached_ground_counts_once_and_not_for_a_later_suspicion(self, w):
        """Two releases share 500 m²; a hazard of day 10 takes half of all into the balance."""
        w.release("R1", 5, box(0, 0, 10, 100))
        w.release("R2", 6, box(5, 0, 20, 100))
        assert w.ask(6) == {"unattached_m2": 2000}
        w.hazard("H", 10, box(10, 0, 20, 100))
        assert w.ask(10) == {**recorded(1000), "unattached_m2": 1000}


class TestRevoked:
    def test_only_the_polygon_named(self, w):
        """The item was found in 0 to 20 m of the cleared 50 m."""
        w.hazard("H", 1, FIELD)
        w.revoke(9, w.release("R", 5, WEST), area=box(0, 0, 20, 100))
        assert w.ask(9) == {"recorded_m2": 10_000, "cleared_m2": 3000, "remaining_m2": 7000}

    def test_it_voids_every_release_of_its_day_or_earlier_there(self, w):
        w.hazard("H", 1, FIELD)
        release = w.release("R1", 5, WEST)
        w.release("R2", 9, WEST)
        w.revoke(9, release)
        assert w.ask(9) == ALL
        w.release("R3", 9, WEST)  # a new release needs a later day
        assert w.ask(20) == ALL
        w.release("R4", 10, WEST)
        assert w.ask(20) == HALF_CLEARED

    def test_credit_passes_to_one_named_as_still_standing(self, w):
        w.hazard("H", 1, FIELD)
        one, two = w.release("R1", 5, WEST, "cancelled"), w.release("R2", 7, WEST, "cleared")
        w.revoke(9, one, standing=(two,))
        assert w.ask(8)["cancelled_m2"] == 5000
        assert w.ask(9) == HALF_CLEARED

    def test_ground_that_still_stands_twice_is_still_reprocessed(self, w):
        """R1 falls, R2 takes the credit, R3 is later than R2 and shows the ground as its own."""
        w.hazard("H", 1, FIELD)
        one, two, three = (w.release(f"R{n}", 4 + n, WEST) for n in (1, 2, 3))
        w.revoke(9, one, standing=(two, three))
        assert w.ask(9) == {**HALF_CLEARED, "reprocessed_m2": 5000}

    def test_one_that_still_stands_but_is_too_shallow_is_processed_land(self, w):
        w.hazard("H", 1, FIELD, required_depth_cm="20")
        deep = w.release("R1", 5, WEST, depth_cm="20")
        shallow = w.release("R2", 6, WEST, depth_cm="10")
        w.revoke(9, deep, standing=(shallow,))
        assert w.ask(9) == {**ALL, "processed_m2": 5000}

    def test_a_void_release_does_not_reprocess(self, w):
        w.hazard("H", 1, FIELD)
        one, two = (w.release(f"R{n}", 4 + n, WEST) for n in (1, 2))
        assert w.ask(8) == {**HALF_CLEARED, "reprocessed_m2": 5000}
        w.revoke(9, two, standing=(one,))
        assert w.ask(9) == HALF_CLEARED

    def test_it_binds_the_record_through_its_corrections(self, w):
        """Corrected after the revocation, to other ground and another day: void there as well."""
        release = w.release("R", 5, WEST)
        w.approve(w.hazard("H", 1, FIELD), release)
        w.revoke(9, release)
        w.approve(w.correct(release, 6, EAST, release_type="cleared"))
        assert remaining(w, 8) == [5000] * 4
        assert remaining(w, 9) == [10_000] * 4

    @pytest.mark.parametrize("area", [None, WEST], ids=["all of it", "the polygon named"])
    def test_its_author_cannot_take_it_back(self, w, area):
        """Revoked and then withdrawn or moved by its author: at prudent nothing may shrink."""
        w.approve(w.hazard("H", 1, FIELD), w.release("OLDER", 5, WEST, "reduced"))
        release = w.release("R", 6, WEST)
        w.revoke(9, release, area=area)
        assert remaining(w, 9) == [10_000, 10_000, 10_000, 10_000]
        moved_away = w.correct(release, 6, box(900, 0, 950, 100), release_type="cleared")
        assert w.ask(9, "prudent") == ALL
        w.withdraw(moved_away)
        assert w.ask(9, "prudent") == ALL

    def test_a_withdrawal_of_the_record_leaves_its_revocation(self, w):
        """The item was found there, whatever becomes of the paper."""
        w.approve(w.hazard("H", 1, FIELD), w.release("OLDER", 5, WEST, "reduced"))
        release = w.release("R", 6, WEST)
        w.revoke(9, release)
        w.withdraw(release)
        assert remaining(w, 9) == [10_000, 10_000, 10_000, 10_000]

    def test_from_the_release_day_if_that_is_later(self, w):
        w.hazard("H", 1, FIELD)
        release = w.release("R", 5, WEST)
        w.revoke(9, release)
        w.correct(release, 12, WEST, release_type="cleared")
        assert w.ask(11) == ALL
        assert w.ask(12) == HALF_CLEARED  # a release of a later day than the revocation

    def test_other_releases_there_fall_from_that_later_day_too(self, w):
        w.hazard("H", 1, FIELD)
        w.release("OTHER", 5, WEST, "cancelled")
        w.revoke(9, w.release("R", 12, WEST))
        assert w.ask(11)["cancelled_m2"] == 5000
        assert w.ask(12) == HALF_CLEARED

    def test_suspected_again_since_it_stays_under_the_newer_hazard(self, w):
        a = w.hazard("A", 1, FIELD)
        release = w.release("R", 5, FIELD)
        b = w.hazard("B", 7, WEST)
        w.revoke(9, release)
        assert of(w, 9, a) == {"recorded_m2": 10_000, "overlaps_m2": 5000, "remaining_m2": 5000}
        assert of(w, 9, b) == recorded(5000)


class TestWholeHazard:
    def test_it_takes_what_remains_under_that_hazard(self, w):
        """B holds half of A's ground: the whole of A is what A has left, 25 m by 100 m."""
        a = w.hazard("A", 2, FIELD)
        b = w.hazard("B", 1, EAST)
        w.release("R", 4, box(0, 0, 25, 100), "cancelled")
        w.release("W", 5, hazard=a.record, extent="whole", whole_of=[a.hash])
        assert of(w, 5, a) == {"recorded_m2": 10_000, "overlaps_m2": 5000, "cancelled_m2": 2500,
                               "cleared_m2": 2500}  # fmt: skip
        assert of(w, 5, b) == recorded(5000)

    def test_never_what_a_revision_or_correction_adds_afterwards(self, w):
        hazard = w.hazard("H", 1, FIELD)
        w.release("W", 5, hazard=hazard.record, extent="whole", whole_of=[hazard.hash])
        assert w.ask(5) == {"recorded_m2": 10_000, "cleared_m2": 10_000}
        w.revise("H", 4, box(0, 0, 110, 100))  # said later, of an earlier day
        assert w.ask(5) == {"recorded_m2": 11_000, "cleared_m2": 10_000, "remaining_m2": 1000}
        w.correct(hazard, 1, WIDER, classification="SHA")
        assert w.ask(5) == {"recorded_m2": 12_000, "cleared_m2": 10_000, "remaining_m2": 2000}

    def test_it_names_the_revisions_it_means(self, w):
        hazard, revision = w.hazard("H", 1, FIELD), w.revise("H", 2, WIDER)
        w.release("W", 5, hazard=hazard.record, extent="whole", whole_of=[hazard.hash])
        assert w.ask(5)["remaining_m2"] == 2000
        w.release("W2", 6, hazard=hazard.record, extent="whole",
                  whole_of=[hazard.hash, revision.hash])  # fmt: skip
        assert w.ask(6) == {"recorded_m2": 12_000, "cleared_m2": 12_000}


class TestDepth:
    def test_too_shallow_remains_and_is_processed(self, w):
        w.hazard("H", 1, FIELD, required_depth_cm="20")
        w.release("R", 5, WEST, depth_cm="15")
        assert w.ask(5) == {**ALL, "processed_m2": 5000}
        w.release("R2", 6, WEST, depth_cm="20")
        assert w.ask(6) == HALF_CLEARED

    def test_depth_binds_clearance_only(self, w):
        w.hazard("H", 1, FIELD, required_depth_cm="20")
        w.release("R", 5, WEST, "reduced")
        assert w.ask(5)["reduced_m2"] == 5000

    @pytest.mark.parametrize(
        "how", [{"search": "surface"}, {"methods": ["bac_surface"]}], ids=["search", "method"]
    )
    def test_surface_only_where_sub_surface_is_required(self, w, how):
        w.hazard("H", 1, FIELD, required_search="subsurface")
        w.release("R", 5, WEST, **how)
        assert w.ask(5) == {**ALL, "processed_m2": 5000}
        w.release("R2", 6, WEST, methods=["bac_subsurface"])
        assert w.ask(6) == HALF_CLEARED

    def test_the_strictest_of_all_hazards_open_there(self, w):
        """A asks 10 cm, B asks 20 cm of the eastern half: 15 cm do for A's west only."""
        w.hazard("A", 1, FIELD, required_depth_cm="10")
        w.hazard("B", 2, EAST, required_depth_cm="20")
        w.release("R", 5, FIELD, depth_cm="15")
        assert w.ask(5) == {"recorded_m2": 15_000, "overlaps_m2": 5000, "cleared_m2": 5000,
                            "remaining_m2": 5000, "processed_m2": 5000}  # fmt: skip

    def test_raised_later_reopens_nothing(self, w):
        w.hazard("H", 1, FIELD, required_depth_cm="10")
        w.release("R", 5, WEST, depth_cm="10")
        w.revise("H", 9, required_depth_cm="20")
        assert w.ask(9) == HALF_CLEARED
        w.release("R2", 10, EAST, depth_cm="10")
        assert w.ask(10)["remaining_m2"] == 5000

    def test_lowered_later_releases_nothing(self, w):
        w.hazard("H", 1, FIELD, required_depth_cm="20")
        w.release("R", 5, WEST, depth_cm="10")
        w.revise("H", 9, required_depth_cm="10")
        assert w.ask(9) == {**ALL, "processed_m2": 5000}

    def test_depth_not_given_counts(self, w):
        w.hazard("H", 1, FIELD, required_depth_cm="20")
        w.release("R", 5, WEST)
        assert w.ask(5) == HALF_CLEARED


MARCH, APRIL = 60, 91  # the first days: 31 + 28 days come before March


class TestMonthsAndYears:
    """Rules §1: read the way that leaves ground remaining."""

    def test_the_calendar_of_these_cases(self):
        assert (day(MARCH), day(APRIL)) == ("2026-03-01", "2026-04-01")

    def test_a_hazard_of_a_month_is_in_force_from_its_first_day(self, w):
        w.hazard("H", "2026-03", FIELD)
        assert w.ask(MARCH - 1) == {}
        assert w.ask(MARCH) == ALL

    def test_and_is_compared_by_its_last(self, w):
        w.hazard("H", "2026-03", FIELD)
        w.release("R1", "2026-03-31", WEST)
        assert w.ask(APRIL) == ALL
        w.release("R2", "2026-04-01", WEST)
        assert w.ask(APRIL) == HALF_CLEARED

    def test_a_release_of_a_month_counts_from_its_last_day(self, w):
        w.hazard("H", 1, FIELD)
        w.release("R", "2026-03", WEST)
        assert w.ask(APRIL - 2) == ALL
        assert w.ask(APRIL - 1) == HALF_CLEARED

    def test_and_is_compared_by_its_first(self, w):
        """Suspected on 2 March: the release may have been on the first."""
        w.hazard("H", "2026-03-02", FIELD)
        w.release("R", "2026-03", WEST)
        assert w.ask(200) == ALL

    def test_a_hazard_and_a_release_of_the_same_month(self, w):
        """The order within the month is not known: it counts only where the release names it."""
        hazard = w.hazard("H", "2026-03", FIELD)
        w.release("SILENT", "2026-03", EAST)
        assert w.ask(200) == ALL
        w.release("NAMING", "2026-03", WEST, hazard=hazard.record)
        assert w.ask(APRIL - 2) == ALL
        assert w.ask(APRIL - 1) == HALF_CLEARED

    def test_named_within_its_month_only_the_first_ring_is_touched(self, w):
        """Both of March; the release of the 15th names the hazard, whose ring grew by 2,000 m²."""
        hazard = w.hazard("H", "2026-03", FIELD)
        w.revise("H", "2026-03", WIDER)
        w.release("R", "2026-03-15", box(50, 0, 120, 100), hazard=hazard.record)
        assert w.ask(APRIL) == {"recorded_m2": 12_000, "cleared_m2": 5000, "remaining_m2": 7000}

    def test_a_revocation_of_a_month_opens_on_the_first_and_binds_to_the_last(self, w):
        w.hazard("H", 1, FIELD)
        release = w.release("R1", 5, WEST)
        w.revoke("2026-03", release)
        assert w.ask(MARCH - 1) == HALF_CLEARED
        assert w.ask(MARCH) == ALL
        w.release("R2", "2026-03-31", WEST)
        assert w.ask(APRIL) == ALL
        w.release("R3", "2026-04", WEST)
        assert w.ask(APRIL + 29) == HALF_CLEARED

    def test_a_revision_of_a_year(self, w):
        """Of 2026: in force from 1 January, touched by releases of 2027 only."""
        w.hazard("H", 1, FIELD)
        w.revise("H", "2026", WIDER)
        w.release("R1", "2026-12-31", box(100, 0, 120, 100))
        assert w.ask(1) == recorded(12_000)
        assert w.ask(365)["remaining_m2"] == 12_000
        w.release("R2", "2027-01-01", box(100, 0, 120, 100))
        assert w.ask(366)["remaining_m2"] == 10_000


class TestMovements:
    def test_a_quarter_by_hand(self, w):
        """Recorded 10,000; 3,000 cancelled and 2,000 cleared; 1,000 beyond; 1,000 reopened."""
        hazard = w.hazard("H", 5, FIELD)
        w.release("R1", 10, box(0, 0, 30, 100), "cancelled")
        cleared = w.release("R2", 12, box(80, 0, 110, 100), hazard=hazard.record)
        w.revoke(20, cleared, area=box(80, 0, 90, 100))
        assert moved(w, 1, 30) == {
            "newly_recorded_m2": 10_000,
            "newly_extended_m2": 1000,
            "cancelled_m2": 3000,
            "cleared_m2": 2000,
        }
        assert moved(w, 11, 15) == {"newly_extended_m2": 1000, "cleared_m2": 3000}
        assert moved(w, 15, 30) == {"revoked_m2": 1000}
        assert moved(w, 20, 30) == {}

    def test_credit_that_passes_is_both_revoked_and_released(self, w):
        w.hazard("H", 1, FIELD)
        one, two = w.release("R1", 5, WEST, "cancelled"), w.release("R2", 7, WEST)
        w.revoke(9, one, standing=(two,))
        assert moved(w, 8, 9) == {"revoked_m2": 5000, "cleared_m2": 5000}

    def test_newly_overlapping_has_a_sign(self, w):
        """B appears over half of A (+5,000); the confirmed B takes it over (0); R settles it."""
        w.hazard("A", 1, FIELD)
        w.hazard("B", 5, EAST)
        assert moved(w, 1, 5) == {"newly_recorded_m2": 5000, "newly_overlapping_m2": 5000}
        w.revise("B", 8, classification="CHA")
        assert moved(w, 5, 8) == {}
        a_again = w.release("R", 10, EAST)
        w.revoke(12, a_again)
        assert moved(w, 10, 12) == {"revoked_m2": 5000}

    def test_an_overlap_that_ends_is_negative(self, w):
        """Suspected again under B, its release revoked: A shows the ground as overlap from 12."""
        w.hazard("A", 1, FIELD)
        release = w.release("R", 5, FIELD)
        w.hazard("B", 7, WEST)
        w.revoke(12, release)
        assert moved(w, 10, 12) == {"revoked_m2": 10_000, "newly_overlapping_m2": 5000}
        w.release("R2", 20, WEST)
        assert moved(w, 12, 20) == {"cleared_m2": 5000}

    def test_a_late_report_changes_today_and_not_what_was_known(self, w):
        w.hazard("H", 1, FIELD)
        known_then = w.keeper()
        w.release("LATE", 5, WEST)
        assert w.ask(9, keeper=known_then) == ALL
        assert w.ask(9) == HALF_CLEARED


def test_every_balance_of_this_table_closes():
    """The two sides are measured apart; an error of a ring must show."""
    w = World()
    w.hazard("H", 1, FIELD)
    w.release("R", 5, WEST)
    rows = w.keeper().rows("reported")
    assert balance(rows, ordinal(day(9))).closure_m2.tolist() == [0.0]


def test_the_documented_table_names_tests_that_exist():
    """The page of the rules points here; a test renamed must be renamed there."""
    here = Path(__file__).resolve()
    page = (here.parents[2] / "docs" / "reference" / "land-rules.md").read_text("utf-8")
    source = "".join(path.read_text("utf-8") for path in here.parent.glob("test_*.py"))
    named = re.findall(r"`(?:Test\w+::)?(test_[a-z_]+?|Test\w+?)(\*?)`", page)
    assert len(named) > 40
    for name, more in named:
        ends = "" if more else r"[(:]"
        assert re.search(rf"^ *(def|class) {name}{ends}", source, re.MULTILINE), name
    classes = {name for name in globals() if name.startswith("Test")}
    assert classes == set(re.findall(r"`(Test\w+)", page))
