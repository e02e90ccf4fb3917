"""How a figure came to be: at every step the rows sum to it, whatever level, day and cut."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tilth.core.chains import LEVELS
from tilth.core.problems import Refused
from tilth.service import accounting, origins
from tilth.service.item_origins import Asked, reports_of
from tilth.service.lens import Lens
from tilth.service.origin_items import ITEM_FIGURES
from tilth.service.origin_land import LAND_FIGURES
from tilth.service.origin_steps import Ask
from tilth.service.origins import FIGURES, trace
from tilth.service.session import Session, open_session

DAYS = ("2025-01-20", "2025-03-31", "2025-06-15", "2025-12-31", "")


@pytest.fixture(scope="module")
def held(told: Path) -> Iterator[Session]:
    with open_session(told) as session:
        accounting.kept_at(session, accounting.position_at(session, ""), list(LEVELS))
        yield session


def codes(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [problem.code for problem in error.value.problems]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("until", DAYS)
def test_rows_of_every_cut_sum_to_the_figure_of_the_account(
    held: Session, level: str, until: str
) -> None:
    said = accounting.account(held, accounting.Question(until=until), level)
    for name in LAND_FIGURES:
        for by in FIGURES[name].cuts:
            found = trace(held, Ask(name, level, until, by=by, limit=0))
            assert found.equal, (name, by)
            if name != "released":
                assert found.whole == pytest.approx(said["land"][f"{name}_m2"], abs=1e-5)
            assert sum(row.value for row in found.rows) == pytest.approx(found.whole, abs=1e-5)
    for name in ITEM_FIGURES:
        if name in said["items"]:
            for by in set(FIGURES[name].cuts) - {"report"}:
                found = trace(held, Ask(name, level, until, by=by, limit=0))
                assert found.equal, (name, by)
                assert found.whole == said["items"][name]
                assert sum(row.value for row in found.rows) - found.between == found.whole


@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_narrowing_sums_to_the_row_it_came_from(held: Session, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["remaining", "cleared", "recorded", "released", "found"]))
    level = data.draw(st.sampled_from(list(LEVELS)))
    until = data.draw(st.sampled_from(DAYS))
    of: dict[str, str] = {}
    for _ in range(4):
        cuts = [one for one in FIGURES[name].cuts if one not in of]
        if name == "found" and "organisation" not in of:
            cuts.remove("report")
        if not cuts or "report" in of:
            break
        by = data.draw(st.sampled_from(cuts))
        found = trace(held, Ask(name, level, until, of=dict(of), by=by, limit=0))
        assert found.equal
        if not found.rows:
            break
        row = data.draw(st.sampled_from(found.rows))
        of[by] = row.key
        if row.key.count("/") < 2 and by in ("hazard", "release", "report"):
            break
        below = trace(held, Ask(name, level, until, of=dict(of)))
        assert below.total == pytest.approx(row.value, abs=1e-6)
        assert below.steps[-1].total == below.total


def test_reports_of_every_organisation_are_the_item_account(held: Session) -> None:
    for level in LEVELS:
        whole = trace(held, Ask("destroyed", level, by="organisation", limit=0))
        for row in whole.rows:
            ask = Ask("destroyed", level, of={"organisation": row.key}, by="report", limit=0)
            reports = trace(held, ask)
            assert reports.equal
            assert reports.total == row.value
            assert all(one.statement for one in reports.rows)


def test_shards_that_are_kept_say_what_the_log_says(held: Session) -> None:
    """What the keeper published, and what is made in passing, name the same reports."""
    position = origins.kept_position(held)
    asked = Asked(frozenset({"found"}), False, 800_000, {"organisation": "Green Furrow"})
    kept = reports_of(held, position, "approved", asked)
    held.workspace.store.keep("item_origins", "position\napproved", None)
    made = reports_of(held, position, "approved", asked)
    assert kept is not None
    assert made is not None
    assert sorted(kept[0]) == sorted(made[0])
    assert kept[0]
    held.workspace.store.keep("item_origins", "position\napproved", b"1")


def test_pages_of_rows_lose_none_and_double_none(held: Session) -> None:
    whole = trace(held, Ask("cleared", by="release", limit=0))
    pages = [
        row
        for offset in range(0, whole.count, 100)
        for row in trace(held, Ask("cleared", by="release", offset=offset, limit=100)).rows
    ]
    assert pages == list(whole.rows)
    assert sorted(pages, key=lambda row: row.key) == list(
        trace(held, Ask("cleared", by="release", sort="key", limit=0)).rows
    )


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (Ask("area"), "unknown_figure"),
        (Ask("remaining", by="month"), "figure_not_cut"),
        (Ask("remaining", of={"organisation": "X"}), "figure_not_cut"),
        (Ask("remaining", "rumoured"), "bad_level"),
        (Ask("remaining", until="yesterday"), "bad_day"),
        (Ask("remaining", of={"hazard": "no/such"}), "not_readable"),
        (Ask("found", by="report"), "too_many_reports"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(held: Session, ask: Ask, code: str) -> None:
    with pytest.raises(Refused) as refused:
        trace(held, ask)
    assert codes(refused) == [code]


@pytest.fixture
def operator(held: Session) -> Iterator[Session]:
    """A team leader of one operator, who may not see the uncleared ground of others."""
    party = next(one for one in held.workspace.settings.organisations if one.name == "Green Furrow")
    held.organisation, held.roles, held.actor = party.id, frozenset({"team_leader"}), "tl-1"
    yield held
    held.organisation, held.roles, held.actor = "", None, ""


def test_what_a_reader_may_not_see_stands_as_count_and_area(operator: Session) -> None:
    reader = Lens(operator)
    everything = trace(operator, Ask("remaining", "prudent", by="hazard", limit=0))
    found = trace(operator, Ask("remaining", "prudent", by="hazard", limit=0), reader)
    assert found.behind > 0
    assert found.count + found.behind == everything.count
    assert found.behind_sum + sum(row.value for row in found.rows) == pytest.approx(found.total)
    assert found.equal
    hidden = {row.key for row in everything.rows} - {row.key for row in found.rows}
    with pytest.raises(Refused) as refused:
        trace(operator, Ask("remaining", "prudent", of={"hazard": min(hidden)}), reader)
    with pytest.raises(Refused) as missing:
        trace(operator, Ask("remaining", "prudent", of={"hazard": "a/hazard_area/b"}), reader)
    assert codes(refused) == codes(missing) == ["not_readable"]


def test_a_place_below_the_district_is_no_cut_for_who_may_not_see_the_ground(
    operator: Session,
) -> None:
    with pytest.raises(Refused) as refused:
        trace(operator, Ask("remaining", by="place"), Lens(operator))
    assert codes(refused) == ["figure_not_cut"]
