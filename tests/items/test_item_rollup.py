"""Bytes of the rollup, and sums too large for floats."""

import pytest

from tilth.core.items.account import account
from tilth.core.items.model import Contribution, Key
from tilth.core.items.rollup import Rollup

DAY = 739_678


def key(organisation="Army", category="uxo", model="", place="V1"):
    return Key(organisation, category, model, place, "manual", "clearance", "2026-03", "", "")


def test_bytes_do_not_depend_on_what_came_and_went():
    one, other = Rollup(), Rollup()
    first = Contribution(key(model="é 'quoted'"), DAY, 0, 2, 5)
    second = Contribution(key("Relief"), DAY, 8, 1, 0)
    one.add([first, second])
    other.add([Contribution(key("Gone"), DAY, 0, 9, 9), second])
    other.add([first])
    other.apply(other.pack([Contribution(key("Gone"), DAY, 0, 9, 9)]), -1)
    assert one.to_bytes() == other.to_bytes()
    assert list(one.cells()) == list(Rollup.from_bytes(other.to_bytes()).cells())
    assert Rollup.from_bytes(Rollup().to_bytes()).to_bytes() == Rollup().to_bytes()


def test_bytes_of_something_else_are_refused():
    data = Rollup().to_bytes()
    for wrong in (b"", b"tilth-items/2\n", data + b"\0", data[:12]):
        with pytest.raises(ValueError, match="rollup"):
            Rollup.from_bytes(wrong)


def test_a_read_rollup_goes_on():
    one = Rollup()
    one.add([Contribution(key(), DAY, 0, 2, 0)])
    read = Rollup.from_bytes(one.to_bytes())
    for held in (one, read):
        held.add([Contribution(key(), DAY, 0, 3, 0), Contribution(key("Relief"), DAY, 0, 1, 0)])
    assert one.to_bytes() == read.to_bytes()


def test_sums_are_exact_where_floats_are_not():
    rollup = Rollup()
    large = 2**53 + 1
    cells = [
        Contribution(key(model=str(n)), DAY, state, large, 0) for n in (1, 2) for state in (0, 8)
    ]
    rollup.add(cells)
    held = account(rollup, "2027-01-01")
    assert held.joint.items.found == 2 * large
    assert held.closes


def test_a_balance_that_does_not_close_says_so():
    rollup = Rollup()
    rollup.add([Contribution(key(), DAY, 0, 2, 0), Contribution(key(), DAY, 5, 1, 0)])
    assert not account(rollup, "2027-01-01").closes
    assert account(rollup, "2027-01-01").joint.items.closure == 1
