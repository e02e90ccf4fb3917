"""Moves: a state read from changes that follow each other, whatever the order of arrival.

Rules: rules §2 (contested statements), §6 (guards); states of work: axis B.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.core.chains import APPROVED, REPORTED
from tilth.core.days import ordinal
from tilth.core.life.moves import Axis, Move, Standing, Stop, next_move, standing
from tilth.core.life.register import Held
from tilth.core.problems import Refused

GATE = Axis(
    "gate",
    "shut",
    (
        Move("open", ("shut",), "open", ("operator",)),
        Move("halt", ("open",), "halted", ("operator", "authority"), needs_reason=True),
        Move("go_on", ("halted",), "open", ("operator", "authority")),
        Move("shut_down", ("open", "halted"), "done", ("operator", "authority")),
    ),
    careful=("halted", "shut", "open", "done"),
    stopped="halted",
    stoppable=("open",),
    lifts="go_on",
)


@dataclass
class Trail:
    """Writes changes of one record and asks where it stands."""

    changes: list[Held] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)

    def say(
        self,
        move: str,
        day: int = 1,
        by: str = "operator",
        follows: str | None = None,
        level: int = REPORTED,
    ) -> str:
        record = f"{by}/status_change/{len(self.changes):03d}"
        if follows is None:
            follows = self.changes[-1].record if self.changes else ""
        fields: dict[str, Any] = {"axis": "gate", "move": move, "follows": follows}
        on = f"2026-03-{day:02d}"
        held = Held(record, "status_change", by, "p", record, level, on, "", fields)
        self.changes.append(held)
        return record

    def stop(self, day: int) -> str:
        record = f"op/accident/{len(self.stops)}"
        on = ordinal(f"2026-03-{day:02d}")
        self.stops.append(Stop(record, on, on))
        return record

    def now(self, day: str = "") -> Standing:
        return standing(
            GATE, self.changes, roles=lambda one: {one.author}, stops=self.stops, day=day
        )


def test_the_state_is_where_the_last_move_led() -> None:
    trail = Trail()
    assert trail.now() == Standing("shut", "shut")
    first = trail.say("open", 1)
    last = trail.say("halt", 3)
    now = trail.now()
    assert (now.state, now.last, now.contested) == ("halted", last, False)
    assert [one.record for one in now.trail] == [first, last]
    assert trail.now("2026-03-02").state == "open"


def test_a_move_that_is_not_possible_or_not_theirs_changes_nothing() -> None:
    trail = Trail()
    first = trail.say("open", 2)
    wrong = trail.say("open", 3)
    foreign = trail.say("halt", 3, by="neighbour", follows=first)
    early = trail.say("halt", 1, follows=first)
    lost = trail.say("halt", 4, follows="op/status_change/none")
    now = trail.now()
    assert (now.state, now.last) == ("open", first)
    assert set(now.ignored) == {wrong, foreign, early, lost}


def test_of_two_moves_after_the_same_one_the_more_careful_stands_until_one_is_approved() -> None:
    trail = Trail()
    first = trail.say("open", 1)
    done = trail.say("shut_down", 4, follows=first)
    halted = trail.say("halt", 3, by="authority", follows=first)
    now = trail.now()
    assert (now.state, now.contested, set(now.rivals)) == ("halted", True, {done, halted})
    trail.changes[1] = replace(trail.changes[1], level=APPROVED)
    now = trail.now()
    assert (now.state, now.contested, now.rivals) == ("done", False, ())
    trail.changes[2] = replace(trail.changes[2], level=APPROVED)
    assert trail.now().contested
    assert trail.now().state == "halted"


def test_a_stop_holds_until_the_authority_moves_on_that_day_or_later() -> None:
    trail = Trail()
    first = trail.say("open", 1)
    accident = trail.stop(5)
    assert trail.now("2026-03-04").state == "open"
    now = trail.now("2026-03-05")
    assert (now.state, now.moved_to, now.stops) == ("halted", "open", (accident,))
    by_operator = trail.say("go_on", 6, follows=first)
    ended = trail.say("shut_down", 6, follows=first)
    assert trail.now().state == "halted"
    assert set(trail.now().ignored) == {by_operator, ended}
    trail.say("go_on", 5, by="authority", follows=first)
    assert trail.now().state == "open"
    assert trail.now().stops == ()


def test_a_stop_from_before_the_work_began_stops_nothing() -> None:
    trail = Trail()
    trail.stop(2)
    trail.say("open", 3)
    assert trail.now().state == "open"


def test_work_begun_on_the_day_of_the_stop_was_begun_before_it() -> None:
    trail = Trail()
    trail.say("open", 5)
    trail.say("halt", 5)
    trail.say("go_on", 5)
    trail.stop(5)
    now = trail.now()
    assert (now.state, now.moved_to, now.ignored) == ("halted", "open", ())


def test_a_stop_of_an_uncertain_day_is_lifted_only_after_all_of_it() -> None:
    trail = Trail()
    trail.say("open", 1)
    trail.stops.append(Stop("op/accident/0", ordinal("2026-03-01"), ordinal("2026-03-31")))
    trail.say("go_on", 20, by="authority")
    assert trail.now().state == "halted"
    trail.say("go_on", 31, by="authority")
    assert trail.now().state == "open"


ASKED = [
    # state, who asks, move, day, reason -> problem
    ("go_on", {"operator"}, 9, "x", "move_not_possible"),
    ("halt", {"donor"}, 9, "x", "move_not_permitted"),
    ("halt", {"operator"}, 9, " ", "move_needs_reason"),
    ("halt", {"operator"}, 2, "x", "move_before_last"),
]


@pytest.mark.parametrize(("move", "roles", "day", "reason", "code"), ASKED)
def test_a_move_asked_for_is_refused_with_the_rule_and_the_record(
    move: str, roles: set[str], day: int, reason: str, code: str
) -> None:
    trail = Trail()
    last = trail.say("open", 3)
    with pytest.raises(Refused) as refused:
        next_move(
            GATE,
            trail.now(),
            move,
            roles=roles,
            reason=reason,
            day=f"2026-03-{day:02d}",
            where="op/task/1",
        )
    (problem,) = refused.value.problems
    assert (problem.code, problem.where) == (
        code,
        last if code == "move_before_last" else "op/task/1",
    )
    if code == "move_not_possible":
        assert problem.params["possible"] == "halt, shut_down"


def test_after_a_stop_only_the_authority_is_let_through_and_not_before_its_day() -> None:
    trail = Trail()
    trail.say("open", 3)
    accident = trail.stop(5)

    def ask(roles: set[str], day: int, move: str = "go_on") -> Move:
        return next_move(
            GATE, trail.now(), move, roles=roles, reason="", day=f"2026-03-{day:02d}", where="t"
        )

    for roles, day, code in (
        ({"operator"}, 6, "stop_needs_authority"),
        ({"authority"}, 4, "move_before_last"),
    ):
        with pytest.raises(Refused) as refused:
            ask(roles, day)
        assert [(one.code, one.where) for one in refused.value.problems] == [(code, accident)]
    assert ask({"authority"}, 5).target == "open"
    with pytest.raises(Refused):
        ask({"operator"}, 6, "shut_down")


said = st.tuples(
    st.sampled_from([one.name for one in GATE.moves] + ["fly"]),
    st.integers(1, 9),
    st.sampled_from(["operator", "authority", "neighbour"]),
    st.integers(-1, 6),
    st.sampled_from([REPORTED, APPROVED]),
)


@st.composite
def histories(draw: st.DrawFn) -> Trail:
    """Changes that follow any change said before, or none, and stops on any day."""
    trail = Trail()
    for move, day, by, after, level in draw(st.lists(said, max_size=9)):
        known = [one.record for one in trail.changes]
        follows = known[after] if 0 <= after < len(known) else ("" if after < 0 else "lost")
        trail.say(move, day, by, follows, level)
    for day in draw(st.lists(st.integers(1, 9), max_size=3)):
        trail.stop(day)
    return trail


@given(histories(), st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_law_the_state_depends_on_no_order_of_arrival(trail: Trail, random: Any) -> None:
    before = trail.now()
    random.shuffle(trail.changes)
    random.shuffle(trail.stops)
    after = trail.now()
    assert after.trail == before.trail
    assert (after.state, after.contested, after.ignored) == (
        before.state,
        before.contested,
        before.ignored,
    )
    assert set(after.stops) == set(before.stops)


@given(histories())
@settings(max_examples=100)
def test_law_what_counts_not_can_be_left_out(trail: Trail) -> None:
    before = trail.now()
    trail.changes = [one for one in trail.changes if one.record not in before.ignored]
    after = trail.now()
    assert (after.state, after.last, after.contested) == (
        before.state,
        before.last,
        before.contested,
    )
    assert after.ignored == ()


@given(histories())
@settings(max_examples=100)
def test_law_the_trail_is_a_walk_through_the_table(trail: Trail) -> None:
    now = trail.now()
    state = GATE.start
    for change in now.trail:
        move = next(one for one in GATE.moves if one.name == change.fields["move"])
        assert state in (*move.sources,) or (state in GATE.stoppable and "halted" in move.sources)
        state = move.target
    assert now.moved_to == state
    assert all(a.happened_on <= b.happened_on for a, b in pairwise(now.trail))


@given(histories())
@settings(max_examples=100)
def test_law_what_a_stop_took_only_the_authority_gives_back(trail: Trail) -> None:
    """From the day of a stop on, the record is halted unless the authority moved it since."""
    for stop in trail.stops:
        for day in range(1, 10):
            at = trail.now(f"2026-03-{day:02d}")
            on = ordinal(f"2026-03-{day:02d}")
            before = trail.now(f"2026-03-{day - 1:02d}") if day > 1 else Standing("shut", "shut")
            if stop.first != on or before.state != "open" or at.contested or before.contested:
                continue
            later = trail.now()
            if later.contested:
                continue
            freed = any(
                one.author == "authority" and ordinal(one.happened_on) >= stop.first
                for one in later.trail
            )
            assert later.state == "halted" or freed


@given(
    histories(),
    st.lists(
        st.tuples(
            st.sampled_from([one.name for one in GATE.moves]),
            st.integers(1, 12),
            st.sampled_from(["operator", "authority", "neighbour"]),
        ),
        max_size=8,
    ),
)
@settings(max_examples=100)
def test_law_a_move_that_is_let_through_counts(
    trail: Trail, wishes: list[tuple[str, int, str]]
) -> None:
    for move, day, by in wishes:
        now = trail.now()
        if now.contested:
            return
        try:
            chosen = next_move(
                GATE, now, move, roles={by}, reason="r", day=f"2026-03-{day:02d}", where="t"
            )
        except Refused:
            continue
        trail.say(move, day, by, now.last)
        after = trail.now()
        assert after.moved_to == chosen.target
        assert after.last == trail.changes[-1].record
