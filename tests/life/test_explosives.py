"""Explosives per task: the stock closes, the demolition log ties charges to items.

Rules: issue §3; like rules §4, each term the sum of its own lines.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from orders import NMAA, OPERATOR, OTHER, Orders, day

from tilth.core.life.explosives import (
    Stock,
    explosives_findings,
    joint,
    outstanding,
    reports_named,
    shown,
    stock,
)
from tilth.core.life.register import Held

KIND = {"draw": "explosives_issue", "back": "explosives_return", "use": "explosives_use"}


class Store(Orders):
    """Writes the book of a store."""

    def line(
        self, act: str, quantity: str, on: int | str, author: str = OPERATOR, **fields: Any
    ) -> str:
        fields.setdefault("task", "TO-7")
        fields.setdefault("explosive", "TNT")
        fields.setdefault("unit", "kg")
        return self.say(KIND[act], f"E{len(self.said)}", author, on, quantity=quantity, **fields)

    def stock(self, on: int = 28) -> list[Stock]:
        return stock(self.register(), day(on))

    def terms(self, on: int = 28) -> dict[str, str]:
        (one,) = self.stock(on)
        names = ("issued", "uncovered", "returned", "used", "held")
        return {name: shown(getattr(one, name)) for name in names if getattr(one, name)}

    def notices(self, *reports: Held, closed: tuple[str, ...] = ()) -> list[tuple[str, str]]:
        found = explosives_findings(
            self.register(), {one.record: one for one in reports}, closed=closed
        )
        return [(one.code, one.record) for one in found]


def test_what_is_drawn_is_returned_used_or_held_on_every_day() -> None:
    store = Store()
    task = store.order()
    store.line("draw", "10.5", 2)
    store.line("use", "2.25", 4)
    store.line("back", "3", 6)
    assert store.terms(2) == {"issued": "10.5", "held": "10.5"}
    assert store.terms(5) == {"issued": "10.5", "used": "2.25", "held": "8.25"}
    assert store.terms(6) == {"issued": "10.5", "used": "2.25", "returned": "3", "held": "5.25"}
    assert store.stock()[0].key == (OPERATOR, task, "TNT", "kg")
    assert [one.held for one in outstanding(store.register(), task)] == [Fraction("5.25")]


def test_what_no_issue_covers_is_uncovered_and_nothing_is_held_below_nothing() -> None:
    store = Store()
    store.order()
    store.line("draw", "1", 2)
    store.line("use", "4", 3)
    assert store.terms() == {"issued": "1", "uncovered": "3", "used": "4"}


def test_a_later_issue_covers_an_earlier_use_and_the_order_of_papers_is_noticed() -> None:
    store = Store()
    store.order(explosives_allotted=[{"explosive": "TNT", "unit": "kg", "quantity": "10"}])
    use = store.line("use", "4", 3)
    store.line("draw", "10", 5)
    assert store.terms(4) == {"uncovered": "4", "used": "4"}
    assert store.terms(5) == {"issued": "10", "used": "4", "held": "6"}
    assert store.notices() == [("explosives_before_issue", use)]


def test_a_day_of_issue_serves_the_uses_of_that_day() -> None:
    store = Store()
    store.order()
    store.line("use", "4", 5)
    store.line("draw", "4", 5)
    assert store.terms() == {"issued": "4", "used": "4"}
    assert store.stock()[0].gaps == []


def test_an_issue_counts_from_the_first_day_of_its_month_and_a_return_from_the_last() -> None:
    store = Store()
    store.order()
    store.line("draw", "4", "2026-03")
    store.line("back", "4", "2026-03")
    assert store.terms(15) == {"issued": "4", "held": "4"}
    assert stock(store.register(), "2026-03-31")[0].held == 0


def test_explosives_units_tasks_and_organisations_stay_apart_and_add_up_jointly() -> None:
    store = Store()
    task = store.order()
    store.line("draw", "5", 2)
    store.line("draw", "7", 2, explosive="Detonator", unit="piece")
    store.line("draw", "3", 2, NMAA)
    store.line("use", "4", 3, OTHER)
    by = {(one.key.organisation, one.key.explosive): one for one in store.stock()}
    assert {key: shown(one.held) for key, one in by.items()} == {
        (OPERATOR, "TNT"): "5",
        (OPERATOR, "Detonator"): "7",
        (NMAA, "TNT"): "3",
        (OTHER, "TNT"): "0",
    }
    whole = {one.key.explosive: one for one in joint(store.stock())}
    assert whole["TNT"].key == ("", task, "TNT", "kg")
    assert (whole["TNT"].issued, whole["TNT"].used, whole["TNT"].uncovered) == (8, 4, 4)


def test_more_than_the_order_allots_is_noticed_less_what_came_back() -> None:
    store = Store()
    task = store.order(explosives_allotted=[{"explosive": "TNT", "unit": "kg", "quantity": "5"}])
    store.line("draw", "8", 2)
    assert store.notices() == [("explosives_over_allotment", task)]
    store.line("back", "3", 3)
    assert store.notices() == []
    store.line("draw", "1", 4, explosive="C-4")
    assert store.notices() == [("explosives_over_allotment", task)]


def test_what_is_out_for_a_task_that_is_over_is_noticed() -> None:
    store = Store()
    task = store.order(explosives_allotted=[{"explosive": "TNT", "unit": "kg", "quantity": "5"}])
    store.line("draw", "2", 2)
    assert store.notices(closed=(task,)) == [("explosives_outstanding", task)]
    store.line("back", "2", 3)
    assert store.notices(closed=(task,)) == []


def test_explosives_of_no_task_are_noticed() -> None:
    store = Store()
    line = store.line("draw", "2", 2, task="TO-99")
    assert store.notices() == [("explosives_without_task", line)]


# -- the demolition log ------------------------------------------------------------------------


def report(local: str = "R-1", author: str = OPERATOR, task: str = "TO-7") -> Held:
    record = f"{author}/clearance_report/{local}"
    items = [
        {"line_id": "1", "quantity": 1, "disposal": "destroyed_in_place"},
        {"line_id": "2", "quantity": 3, "disposal": "destroyed_in_place"},
        {"line_id": "3", "quantity": 1, "disposal": "stored"},
    ]
    fields = {"task": task, "items": items}
    return Held(record, "clearance_report", author, "p", record, 1, day(5), "", fields)


ALLOTTED = [{"explosive": "TNT", "unit": "kg", "quantity": "50"}]
CHARGES = [
    ("all of them", [{"report": "R-1"}], []),
    ("each line", [{"report": "R-1", "line_id": "1"}, {"report": "R-1", "line_id": "2"}], []),
    ("one is missing", [{"report": "R-1", "line_id": "1"}], ["destroyed_without_charge"]),
    (
        "no such line",
        [{"report": "R-1"}, {"report": "R-1", "line_id": "9"}],
        ["charge_without_item"],
    ),
    ("no such report", [{"report": "R-1"}, {"report": "R-9"}], ["charge_without_report"]),
    ("more than was used", [{"report": "R-1", "quantity": "2.5"}], ["charges_beyond_use"]),
    ("no log is kept", [], []),
]


@pytest.mark.parametrize(("how", "charges", "codes"), CHARGES, ids=[one[0] for one in CHARGES])
def test_the_demolition_log_ties_items_to_charges(
    how: str, charges: list[dict[str, str]], codes: list[str]
) -> None:
    store = Store()
    store.order(explosives_allotted=ALLOTTED)
    store.line("draw", "5", 4)
    store.line("use", "2", 5, charges=charges)
    assert [code for code, _ in store.notices(report())] == codes, how


def test_items_without_a_charge_are_counted() -> None:
    store = Store()
    store.order(explosives_allotted=ALLOTTED)
    store.line("draw", "5", 4)
    store.line("use", "2", 5, charges=[{"report": "R-1", "line_id": "1"}])
    register = store.register()
    one = report()
    (finding,) = explosives_findings(register, {one.record: one})
    assert (finding.items, finding.params["lines"]) == (3, "2")
    assert reports_named(register) == {"R-1"}


def test_a_report_named_by_its_full_id_is_also_found_by_its_local_id() -> None:
    store = Store()
    store.line("use", "2", 5, charges=[{"report": "op/clearance_report/R/1"}, {"report": "R-2"}])
    assert reports_named(store.register()) == {"op/clearance_report/R/1", "R/1", "R-2"}


def test_a_charge_means_the_report_of_its_own_organisation() -> None:
    store = Store()
    store.order(explosives_allotted=ALLOTTED)
    store.line("draw", "5", 4)
    store.line("use", "2", 5, charges=[{"report": "R-1"}])
    foreign = report(author=OTHER, task="")
    assert store.notices(foreign, report()) == []


def test_a_report_of_another_task_needs_no_charge_in_this_log() -> None:
    store = Store()
    store.order(explosives_allotted=ALLOTTED)
    store.line("draw", "5", 4)
    store.line("use", "2", 5, charges=[{"report": "R-1"}])
    assert store.notices(report(), report("R-2", task="TO-8")) == []


# -- the law -----------------------------------------------------------------------------------

quantities = st.decimals("0", "1000", places=3).map(lambda one: str(Decimal(one)))
lines = st.lists(
    st.tuples(
        st.sampled_from(list(KIND)),
        quantities,
        st.one_of(st.integers(1, 12), st.just("2026-03")),
        st.sampled_from([OPERATOR, OTHER, NMAA]),
        st.sampled_from(["", "A", "B"]),
        st.sampled_from(["TNT", "C-4"]),
        st.sampled_from(["TO-7", "TO-8"]),
    ),
    max_size=12,
)


@given(lines, st.integers(1, 31), st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_law_the_stock_closes_for_every_history_and_day(
    history: list[tuple[str, str, int | str, str, str, str, str]], on: int, random: Any
) -> None:
    store = Store()
    store.order()
    store.order("TO-8")
    for act, quantity, when, author, lot, explosive, task in history:
        store.line(act, quantity, when, author, lot=lot, explosive=explosive, task=task)
    stocks = store.stock(on)
    whole = joint(stocks)
    for one in (*stocks, *whole):
        assert one.closure == 0
        assert min(one.issued, one.returned, one.used, one.held, one.uncovered) >= 0
    for one in stocks:  # within one organisation nothing is held while something is uncovered
        assert not (one.held and one.uncovered)
    for term in ("issued", "uncovered", "returned", "used", "held"):
        assert sum(getattr(one, term) for one in stocks) == sum(getattr(one, term) for one in whole)
    issued = sum(
        Fraction(quantity)
        for act, quantity, when, *_ in history
        if act == "draw" and (isinstance(when, str) or when <= on)
    )
    assert sum(one.issued for one in stocks) == issued
    order = list(range(len(store.said)))
    random.shuffle(order)
    assert stock(store.register(order), day(on)) == stocks
