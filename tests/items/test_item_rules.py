"""Rows of rules §4, each as a small case counted by hand."""

from decimal import Decimal

import pytest

from tilth.core.findings import FINDINGS
from tilth.core.items.account import account
from tilth.core.items.book import ItemBook
from tilth.core.items.checks import (
    handover_findings,
    reference_findings,
    source_findings,
    summary_findings,
)
from tilth.core.items.context import Context
from tilth.core.items.model import ItemSource, kilograms
from tilth.core.items.rollup import Rollup

A, B = "a" * 32, "b" * 32
PARENTS = {"V1": ("V1", "D1"), "V2": ("V2", "D1")}


def source(
    local_id,
    *lines,
    day="2026-03-10",
    kind="clearance_report",
    author=A,
    organisation=None,
    place="V1",
    methods=("manual",),
    **fields,
):
    return ItemSource(
        f"{author}/{kind}/{local_id}",
        kind,
        f"hash of {local_id}",
        organisation or ("Army" if author == A else "Relief"),
        day,
        place,
        methods,
        {"items": list(lines), **fields} if lines else dict(fields),
    )


def line(category="ap_mine", quantity=1, **more):
    return {"category": category, "quantity": quantity, **more}


def book_of(*sources):
    book = ItemBook(lambda place: PARENTS.get(place, (place,)))
    book.load(sources)
    return book


def balance(book, until="2026-12-31", **more):
    held = account(book.rollup, until, **more)
    assert held.closes
    return {state: n for state, n in held.joint.items.as_dict().items() if n}


def codes(findings):
    for finding in findings:
        FINDINGS[finding.code].what.format(**finding.params)
    return sorted(finding.code for finding in findings)


def test_each_item_is_in_the_state_of_its_disposal_from_the_day_of_it():
    book = book_of(
        source(
            "R1",
            line(quantity=3, disposal="destroyed_in_place"),
            line("uxo", 2, disposal="moved_and_destroyed", disposed_on="2026-03-14"),
            line("uxo", 1, disposal="left_marked"),
            line("axo", 4),
        )
    )
    assert balance(book, "2026-03-09") == {}
    assert balance(book, "2026-03-13") == {
        "found": 10,
        "destroyed_in_place": 3,
        "left_marked": 1,
        "unaccounted": 6,
    }
    assert balance(book, "2026-03-14") == {
        "found": 10,
        "destroyed_in_place": 3,
        "moved_and_destroyed": 2,
        "left_marked": 1,
        "unaccounted": 4,
    }


def test_rendered_safe_is_a_step_and_not_an_end():
    report = source("R1", line(line_id="1", disposal="rendered_safe", quantity=2))
    assert balance(book_of(report)) == {"found": 2, "unaccounted": 2}
    later = source(
        "R2",
        line(quantity=1, disposal_of="R1#1", disposal="destroyed_in_place"),
        day="2026-03-20",
    )
    assert balance(book_of(report, later), "2026-03-19") == {"found": 2, "unaccounted": 2}
    assert balance(book_of(report, later)) == {
        "found": 2,
        "destroyed_in_place": 1,
        "unaccounted": 1,
    }


def test_a_stored_item_is_destroyed_later_and_adds_nothing_to_found():
    report = source("R1", line("uxo", 10, line_id="7", disposal="stored"))
    later = source(
        "S9",
        line("uxo", 4, disposal_of="R1#7", disposal="moved_and_destroyed"),
        kind="spot_task",
        day="2026-04-01",
        place="V2",
    )
    book = book_of(report, later)
    assert balance(book, "2026-03-31") == {"found": 10, "stored": 10}
    assert balance(book) == {"found": 10, "moved_and_destroyed": 4, "stored": 6}
    rows = account(book.rollup, "2026-12-31", by="place").rows
    assert [row.value for row in rows] == ["V1"]  # it was found there, wherever it was destroyed


def test_what_was_destroyed_does_not_move_again_and_too_much_is_a_finding():
    report = source("R1", line("uxo", 3, line_id="1", disposal="stored"))
    first = source("R2", line("uxo", 2, disposal_of="R1#1", disposal="destroyed_in_place"))
    second = source(
        "R3", line("uxo", 2, disposal_of="R1#1", disposal="moved_and_destroyed"), day="2026-05-01"
    )
    book = book_of(report, first, second)
    assert balance(book) == {"found": 3, "destroyed_in_place": 2, "moved_and_destroyed": 1}
    (finding,) = source_findings(report, book.index.context(report.record))
    assert (finding.code, finding.record, finding.other, finding.items) == (
        "disposal_exceeds_found",
        second.record,
        report.record,
        1,
    )


def test_a_disposal_of_a_report_or_line_that_is_not_held_is_a_finding():
    later = source("R2", line("uxo", 2, disposal_of="R1#1", disposal="destroyed_in_place"))
    book = book_of(later)
    assert balance(book) == {}
    assert codes(reference_findings(book.index, later.record)) == ["disposal_of_unknown"]
    report = source("R1", line("uxo", 2, line_id="other"))
    book = book_of(report, later)
    assert balance(book) == {"found": 2, "unaccounted": 2}
    assert reference_findings(book.index, later.record) == []
    findings = source_findings(report, book.index.context(report.record))
    assert codes(findings) == ["disposal_exceeds_found"]


def test_only_the_author_disposes_of_its_own_items():
    report = source("R1", line("uxo", 2, line_id="1"))
    stranger = source(
        "R2", line("uxo", 2, disposal_of=f"{report.record}#1", disposal="stored"), author=B
    )
    book = book_of(report, stranger)
    assert balance(book) == {"found": 2, "unaccounted": 2}
    assert codes(reference_findings(book.index, stranger.record)) == ["disposal_of_unknown"]


def test_handed_over_and_received_cancel_jointly_and_stand_in_each_part():
    giver = source("R1", line("axo", 5, disposal="handed_over", handed_over_to="Relief"))
    taker = source(
        "R2",
        line("axo", 5, received_from="Army", disposal="destroyed_in_place"),
        author=B,
        day="2026-03-12",
    )
    book = book_of(giver, taker)
    held = account(book.rollup, "2026-12-31", by="organisation")
    assert held.closes
    assert balance(book) == {"found": 5, "destroyed_in_place": 5}
    assert held.transferred == (5, 0)
    army, relief = held.rows
    assert (army.items.found, army.items.handed_over) == (5, 5)
    assert (relief.items.received, relief.items.destroyed_in_place) == (5, 5)
    # On the way between them nothing cancels yet.
    assert balance(book, "2026-03-11") == {"found": 5, "handed_over": 5}
    assert handover_findings([book.rollup], book.index, {"Army", "Relief"}) == []
    moved = account(book.rollup, "2026-12-31", since="2026-03-11")
    assert moved.closes
    assert moved.joint.items.handed_over == -5
    assert moved.joint.items.destroyed_in_place == 5
    assert moved.joint.items.found == 0


def test_a_handover_told_differently_is_a_finding_with_both_statements():
    giver = source("R1", line("axo", 5, disposal="handed_over", handed_over_to="Relief"))
    taker = source("R2", line("axo", 3, received_from="Army", disposal="stored"), author=B)
    book = book_of(giver, taker)
    assert balance(book) == {"found": 5, "handed_over": 2, "stored": 3}
    (finding,) = handover_findings([book.rollup], book.index, {"Army", "Relief"})
    assert (finding.record, finding.other, finding.items) == (giver.record, taker.record, 2)
    assert finding.params["statement_giver"] == giver.statement
    assert finding.params["statement_receiver"] == taker.statement
    assert codes([finding]) == ["handover_mismatch"]
    # To somebody outside the operation there is no other side.
    assert handover_findings([book.rollup], book.index, {"Army"}) == []


def test_small_arms_stand_apart_by_piece_and_by_weight():
    book = book_of(
        source(
            "R1",
            line("saa", 200, disposal="destroyed_in_place"),
            {"category": "saa", "weight_kg": "0.1", "disposal": "stored"},
            {"category": "saa", "weight_kg": "0.2", "disposal": "stored"},
            line("uxo", 1, disposal="stored"),
        )
    )
    held = account(book.rollup, "2026-12-31")
    assert held.joint.items.found == 1
    assert held.joint.small_arms.found == 200
    assert kilograms(held.joint.small_arms_weight.stored) == Decimal("0.3")
    assert held.joint.small_arms.stored == 0
    assert held.closes


def test_a_summary_is_compared_with_the_reports_and_not_added():
    report = source("R1", line("uxo", 4, disposal="stored"))
    summary = source(
        "S1",
        line("uxo", 6, disposal="stored"),
        kind="clearance_summary",
        day="2026-03-31",
        period_from="2026-03-01",
        period_to="2026-03-31",
    )
    book = book_of(report, summary)
    assert balance(book) == {"found": 4, "stored": 4}
    (finding,) = summary_findings(book.index, summary.record)
    assert (finding.items, finding.params["difference"], finding.other) == (2, 2, report.record)
    assert codes([finding]) == ["summary_differs"]
    # Once the report is withdrawn, the summary is all there is.
    book.update({report.record: None})
    assert balance(book) == {"found": 6, "stored": 6}
    assert balance(book, "2026-03-30") == {}
    assert summary_findings(book.index, summary.record) == []


@pytest.mark.parametrize(
    ("change", "added"),
    [
        ({"day": "2026-04-01"}, True),
        ({"place": "V2"}, True),
        ({"author": B}, True),
        ({"kind": "spot_task"}, False),
        ({"day": "2026-03"}, False),
        ({}, False),
    ],
    ids=["other days", "other place", "other organisation", "spot task", "month", "same"],
)
def test_what_a_summary_is_compared_with(change, added):
    report = source("R1", line("uxo", 4), **change)
    summary = source(
        "S1",
        line("uxo", 6),
        kind="clearance_summary",
        day="2026-03-31",
        period_from="2026-03-01",
        period_to="2026-03-31",
    )
    assert balance(book_of(report, summary))["found"] == (10 if added else 4)


def test_a_summary_of_a_district_is_compared_with_reports_of_its_villages():
    def summary(place, **more):
        return source(
            "S1",
            line("uxo", 6),
            kind="clearance_summary",
            day="2026-03-31",
            place=place,
            period_from="2026-03",
            period_to="2026-03",
            **more,
        )

    report = source("R1", line("uxo", 4))
    assert balance(book_of(report, summary("D1")))["found"] == 4
    assert balance(book_of(report, summary("")))["found"] == 4  # no place: all places
    assert balance(book_of(report, summary("D2")))["found"] == 10
    spots = summary("D1", activity="eod_spot_task")
    assert balance(book_of(report, spots))["found"] == 10  # it sums other work


def test_two_summaries_over_the_same_days_are_both_counted_and_noticed():
    def summary(name, start, end, quantity):
        return source(
            name,
            line("uxo", quantity),
            kind="clearance_summary",
            day=end,
            period_from=start,
            period_to=end,
        )

    week = summary("W", "2026-03-02", "2026-03-08", 5)
    month = summary("M", "2026-03-01", "2026-03-31", 30)
    book = book_of(week, month)
    assert balance(book)["found"] == 35
    (finding,) = summary_findings(book.index, month.record)
    assert (finding.code, finding.other, finding.items) == ("summaries_overlap", week.record, 5)
    assert codes([finding]) == ["summaries_overlap"]
    assert summary_findings(book.index, week.record) == []  # the pair is noticed once
    april = summary("N", "2026-04-01", "2026-04-30", 30)
    book = book_of(week, april)
    assert summary_findings(book.index, april.record) == []


def test_a_release_that_lists_items_sums_the_reports_of_its_hazard():
    report = source("R1", line("uxo", 4), hazard="HA-1")
    release = source(
        "L1", line("uxo", 4), kind="released_area", day="2026-03-20", hazard="HA-1", place="V2"
    )
    assert balance(book_of(release))["found"] == 4
    assert balance(book_of(report, release))["found"] == 4
    other = source("R1", line("uxo", 4), hazard="HA-2")
    assert balance(book_of(other, release))["found"] == 8
    book = book_of(source("R2", line("uxo", 1), hazard="HA-1"), release)
    assert codes(summary_findings(book.index, release.record)) == ["summary_differs"]
    later = source("R3", line("uxo", 1), hazard="HA-1", day="2026-03-21")
    assert balance(book_of(later, release))["found"] == 5
    started = source(
        "L1",
        line("uxo", 4),
        kind="released_area",
        day="2026-03-20",
        hazard="HA-1",
        started_on="2026-03-12",
    )
    assert balance(book_of(report, started))["found"] == 8


def test_a_report_on_several_days_counts_from_its_last():
    book = book_of(source("R1", line("uxo", 4), period_to="2026-03-16"))
    assert balance(book, "2026-03-15") == {}
    assert balance(book, "2026-03-16")["found"] == 4


def test_items_from_stockpiles_and_handed_in_are_found_and_shown_apart():
    book = book_of(
        source(
            "R1", line("axo", 7, origin="stockpile"), line("uxo", 2, origin="handed_in"), line()
        ),
        source("T1", line("uxo", 3), kind="spot_task"),
    )
    held = account(book.rollup, "2026-12-31", by="origin")
    assert held.joint.items.found == 13
    assert held.origins == {"clearance": 1, "handed_in": 2, "spot_task": 3, "stockpile": 7}
    assert sum(row.items.found for row in held.rows) == 13


def test_a_destroyed_stockpile_is_found_with_its_origin_and_is_no_detail_of_clearance():
    stock = source(
        "S", line(quantity=400, disposal="destroyed_in_place"), kind="stockpile_destruction"
    )
    summary = source(
        "SUM",
        line(quantity=30, disposal="destroyed_in_place"),
        kind="clearance_summary",
        activity="clearance",
        period_from="2026-03-01",
        period_to="2026-03-31",
    )
    held = account(book_of(stock, summary).rollup, "2026-12-31")
    assert held.origins == {"stockpile": 400, "clearance": 30}
    declared = source(
        "SUM",
        line(quantity=399, disposal="destroyed_in_place"),
        kind="clearance_summary",
        activity="stockpile_destruction",
        period_from="2026-03-01",
        period_to="2026-03-31",
    )
    assert balance(book_of(stock, declared)) == {"found": 400, "destroyed_in_place": 400}


def test_an_imprecise_day_counts_from_its_last():
    book = book_of(source("R1", line(disposal="destroyed_in_place"), day="2026-03"))
    assert balance(book, "2026-03-30") == {}
    assert balance(book, "2026-03-31") == {"found": 1, "destroyed_in_place": 1}
    assert [row.value for row in account(book.rollup, "2026-12-31", by="month").rows] == ["2026-03"]
    stored = source("R2", line(disposal="stored", disposed_on="2026"), day="2026-03-02")
    assert balance(book_of(stored), "2026-12-30") == {"found": 1, "unaccounted": 1}
    assert balance(book_of(stored), "2026-12-31") == {"found": 1, "stored": 1}


def test_a_disposal_before_the_finding_counts_from_the_finding_and_is_noticed():
    report = source("R1", line(quantity=2, disposal="stored", disposed_on="2026-03-01"))
    book = book_of(report)
    assert balance(book, "2026-03-09") == {}
    assert balance(book, "2026-03-10") == {"found": 2, "stored": 2}
    assert codes(source_findings(report)) == ["disposed_before_found", "mine_without_position"]
    month = source("R2", line("uxo", disposal="stored", disposed_on="2026-03"))
    assert source_findings(month) == []  # it may well have been after
    target = source("R3", line("uxo", line_id="1"), day="2026-06-01")
    early = source("R4", line("uxo", disposal_of="R3#1", disposal="stored"), day="2026-05-01")
    book = book_of(target, early)
    findings = source_findings(target, book.index.context(target.record))
    assert codes(findings) == ["disposed_before_found"]
    assert (findings[0].record, findings[0].other) == (early.record, target.record)
    assert balance(book, "2026-05-31") == {}


def test_totals_that_differ_from_the_lines_are_noticed():
    lines = (line("uxo", 4), line("saa", 100))
    assert codes(source_findings(source("R1", *lines, items_total=4))) == []
    assert codes(source_findings(source("R1", *lines, items_total=104))) == []
    (finding,) = source_findings(source("R1", *lines, items_total=9))
    assert (finding.code, finding.items) == ("items_total_differs", 5)


def test_a_total_without_lines_is_so_many_unknown_items_unaccounted_for():
    book = book_of(source("R1", items_total=12))
    assert balance(book) == {"found": 12, "unaccounted": 12}
    assert [row.value for row in account(book.rollup, "2026-12-31", by="category").rows] == [
        "unknown"
    ]


def test_a_mine_needs_a_position_of_its_own():
    point = {"type": "Point", "coordinates": [18_000_000_000, 44_000_000_000]}
    report = source("R1", line(position=point), line(quantity=3, position=point), line("uxo", 5))
    (finding,) = source_findings(report)
    assert (finding.code, finding.items) == ("mine_without_position", 2)
    summary = source("S1", line(quantity=3), kind="clearance_summary")
    assert source_findings(summary) == []


def test_a_line_without_a_quantity_is_one_piece_and_noticed():
    report = source("R1", {"category": "uxo"})
    assert balance(book_of(report)) == {"found": 1, "unaccounted": 1}
    assert codes(source_findings(report)) == ["item_without_quantity"]


def test_cuts_add_up_to_the_whole():
    book = book_of(
        source("R1", line(quantity=2), methods=("mdd", "manual")),
        source("R2", line("uxo", 3, model="82 mm"), place="V2", author=B, methods=()),
    )
    for cut, values in {
        "organisation": ["Army", "Relief"],
        "category": ["ap_mine", "uxo"],
        "model": ["", "82 mm"],
        "method": ["", "manual+mdd"],
        "place": ["V1", "V2"],
        "where": [""],
    }.items():
        held = account(book.rollup, "2026-12-31", by=cut)
        assert [row.value for row in held.rows] == values
        assert sum(row.items.found for row in held.rows) == held.joint.items.found == 5
        assert held.closes
    with pytest.raises(ValueError, match="no cut"):
        account(book.rollup, "2026-12-31", by="colour")


def test_a_source_knows_what_later_lines_say_only_through_its_context():
    report = source("R1", line("uxo", 1, line_id="1"))
    assert source_findings(report, Context()) == []


def test_later_lines_take_first_what_is_least_settled():
    report = source("R1", line("uxo", 10, line_id="1", disposal="stored"))
    marked = source(
        "R2", line("uxo", 3, disposal_of="R1#1", disposal="left_marked"), day="2026-04-01"
    )
    blown = source(
        "R3", line("uxo", 5, disposal_of="R1#1", disposal="destroyed_in_place"), day="2026-04-02"
    )
    assert balance(book_of(report, marked, blown)) == {
        "found": 10,
        "destroyed_in_place": 5,
        "stored": 5,
    }


def test_a_lines_own_disposal_leaves_what_a_later_line_has_moved_before_it():
    report = source("R1", line("uxo", 3, line_id="1", disposal="stored", disposed_on="2026-03-30"))
    other = source(
        "R2", line("uxo", 1, disposal_of="R1#1", disposal="left_marked"), day="2026-03-20"
    )
    book = book_of(report, other)
    assert balance(book, "2026-03-29") == {"found": 3, "left_marked": 1, "unaccounted": 2}
    assert balance(book) == {"found": 3, "left_marked": 1, "stored": 2}


def test_a_reference_means_the_clearance_report_before_the_spot_task_of_that_id():
    spot = source("1", line("uxo", 2, line_id="1"), kind="spot_task")
    later = source("2", line("uxo", 2, disposal_of="1#1", disposal="stored"))
    report = source("1", line("ap_mine", 2, line_id="1"))
    book = book_of(spot, later)
    assert balance(book) == {"found": 2, "stored": 2}
    assert book.update({report.record: report}).records == {report.record, spot.record}
    rows = account(book.rollup, "2026-12-31", by="category").rows
    assert [(row.value, row.items.stored) for row in rows] == [("ap_mine", 2), ("uxo", 0)]
    assert book.rollup.to_bytes() == book_of(spot, later, report).rollup.to_bytes()


def test_one_more_report_recomputes_itself_and_what_it_speaks_of():
    reports = [source(f"R{n}", line("uxo", line_id="1", disposal="stored")) for n in range(5)]
    book = book_of(*reports)
    more = source("R9", line("uxo", disposal_of="R3#1", disposal="destroyed_in_place"))
    before = Rollup.from_bytes(book.rollup.to_bytes())
    update = book.update({more.record: more})
    assert update.records == {more.record, reports[3].record}
    assert account([before, update.delta], "2026-12-31") == account(book.rollup, "2026-12-31")
    assert len(update.delta) == 2  # one piece leaves the store and is destroyed


def test_a_coarse_end_does_not_make_work_begin_before_its_own_day():
    def summary(start, end):
        return source(
            "S1",
            line("uxo", 6),
            kind="clearance_summary",
            day="2026-03-31",
            period_from=start,
            period_to=end,
        )

    several = source("R1", line("uxo", 4), day="2026-03-04", period_to="2026-03")
    assert balance(book_of(several, summary("2026-03-01", "2026-03-01")))["found"] == 10
    early = source("R1", line("uxo", 4), day="2026-03-01")
    assert balance(book_of(early, summary("2026-03-04", "2026-03")))["found"] == 10
    within = source("R1", line("uxo", 4), day="2026-03-05")
    assert balance(book_of(within, summary("2026-03-04", "2026-03")))["found"] == 4
