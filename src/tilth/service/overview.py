"""Publishes what the operation page shows: the accounts of today, what waits, and the curves.

``overview`` (at most once a second): ``accounts`` by level as ``accounting.accounts`` gives them;
``waiting``, records by what they wait for. ``work`` (at most every ten seconds): ``tasks`` by
state, ``teams``, ``ending`` (what ends within 30 days). ``cuts`` and ``series:LEVEL`` at an eighth
of the time: ``levels`` → ``organisations`` and ``categories``; ``days`` and the terms on each.
``history``: see `tilth.service.history`. ``kept``: the position at which the accounts of every day
are kept, so that ``accounting.accounts`` answers there at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tilth.core.chains import LEVELS
from tilth.core.days import iso, ordinal
from tilth.core.items.account import ItemRow
from tilth.core.items.account import account as item_account
from tilth.core.items.series import series as item_series
from tilth.core.land.balance import cut
from tilth.core.land.series import first_day_of, points, series
from tilth.core.life.tasks import timeline
from tilth.service import history
from tilth.service.accounting import keep
from tilth.service.answer import PLACES, answer_of
from tilth.service.current import Current
from tilth.service.face import read_face
from tilth.service.permits import ending
from tilth.service.register import register_of
from tilth.service.tasks import task_cases

__all__ = ["publish"]

_ENDING_DAYS = 30
_SHARE = 0.125
"""Share of the time that each of the values that cost much may take."""
_KEPT_S = 1800.0
"""Seconds between two times that the accounts of every day are kept: they are large."""


def publish(current: Current) -> None:
    """Publish what is due: small values first, then at most one that costs much."""
    pace = current.pace
    if pace.due(current, "overview"):
        with pace.at(current, "overview", share=0.25, least_s=1.0):
            _overview(current)
    if pace.due(current, "work"):
        with pace.at(current, "work", share=_SHARE, least_s=10.0):
            pace.put(current, "work", _work(current))
    for name, make in _HEAVY:
        if pace.due(current, name):
            with pace.at(current, name, share=_SHARE, least_s=10.0):
                make(current, name)
            if not pace.hurried:
                return
    _keep_all(current)


def _keep_all(current: Current) -> None:
    """Keep the accounts of every day, a step at each turn, all levels at one position.

    They are large and pages ask for other days seldom: what was kept stays for half an hour.
    """
    pace = current.pace
    while pace.due(current, "kept"):
        snapshot = current.snapshot
        is_last = snapshot is not None and len(snapshot.levels) == 1
        at = current.position if snapshot is None else snapshot.position
        rest_s = _KEPT_S if is_last else 0.0
        with pace.at(current, "kept", share=_SHARE, least_s=rest_s, done=at if is_last else None):
            if snapshot is None:
                current.snapshot = current.snap()
            else:
                level = next(iter(snapshot.levels))
                keep(current.session, at, level, snapshot.take(level))
            if is_last:
                current.snapshot = None
                pace.put(current, "kept", {"kept_position": at.receipts})
        if not pace.hurried:
            return


def _overview(current: Current) -> None:
    pace, session, until = current.pace, current.session, ordinal(current.today)
    accounts = {
        level: answer_of(session, current.position, level, until, current.figures(level))
        for level in LEVELS
    }
    pace.put(current, "overview", {"accounts": accounts, "waiting": _waiting(accounts)})
    row = history.row_of(
        current.position.receipts, current.position.seq, current.position.known_at, accounts
    )
    rows = (read_face(session, history.NAME) or {}).get("rows", [])
    if not rows or _is_news(rows[-1], row):
        pace.put(current, history.NAME, {"rows": history.with_row(rows, row)})


def _is_news(last: history.Row, row: history.Row) -> bool:
    """Whether a row is of another hour than the last, or of another log than that."""
    return bool(last["at"][:13] != row["at"][:13] or last["seq"] > row["seq"])


def _waiting(accounts: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Records by what they wait for, with the m² of ground that they draw."""
    nothing = {"records": 0, "m2": 0.0}

    def left(level: str, reason: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = accounts[level]["left_out"].get(reason, nothing)
        return found

    verify, approve = left("verified", "below_level"), left("approved", "below_level")
    return {
        "verify": {name: verify[name] for name in nothing},
        "approve": {
            "records": approve["records"] - verify["records"],
            "m2": round(approve["m2"] - verify["m2"], PLACES),
        },
        "returned": {name: left("reported", "returned")[name] for name in nothing},
        "contested": {name: left("reported", "contested")[name] for name in nothing},
    }


def _work(current: Current) -> dict[str, Any]:
    """Tasks by state, teams, and what ends soon."""
    session, today = current.session, current.today
    register = register_of(session)
    states: Counter[str] = Counter()
    contested = 0
    for case in task_cases(session, register).values():
        if case.task.happened_on <= today:
            now = timeline(register, case, today).standing
            states[now.state] += 1
            contested += now.contested
    teams = Counter(
        register.called(str(one.now().get("organisation", "")))
        for one in register.of("team").values()
    )
    return {
        "tasks": dict(sorted(states.items())),
        "tasks_contested": contested,
        "teams": [{"organisation": name, "count": n} for name, n in sorted(teams.items())],
        "ending": ending(session, _ENDING_DAYS),
        "ending_days": _ENDING_DAYS,
    }


def _cuts(current: Current, name: str) -> None:
    """Released land and items by organisation, items by category."""
    until, books = ordinal(current.today), current.books
    levels = {}
    for level in LEVELS:
        organisations: dict[str, dict[str, Any]] = {}
        for line in cut(current.land.rows(level), until, "organisation"):
            word = books.named(str(line.pop("organisation")))
            row = organisations.setdefault(word, {"organisation": word, **dict.fromkeys(line, 0.0)})
            for term, value in line.items():
                row[term] = round(row[term] + float(value), PLACES)
        rollup = current.rollup(level)
        for one in item_account(rollup, current.today, by="organisation").rows:
            row = organisations.setdefault(one.value, {"organisation": one.value})
            row["items"] = _item_row(one)
        categories = item_account(rollup, current.today, by="category").rows
        levels[level] = {
            "organisations": [organisations[word] for word in sorted(organisations)],
            "categories": [{"category": one.value, **_item_row(one)} for one in categories],
        }
    current.pace.put(current, name, {"levels": levels})


def _item_row(row: ItemRow) -> dict[str, int]:
    return {**row.items.as_dict(), "small_arms_found": row.small_arms.found}


def _series(current: Current, name: str) -> None:
    """Every term of both accounts over time at one level, from the operation's first day."""
    level = name.split(":")[1]
    rows, until = current.land.rows(level), ordinal(current.today)
    every = [first_day_of(current.land.rows(one)) for one in LEVELS]
    days = points(min((one for one in every if one), default=until), until)
    current.pace.put(
        current,
        name,
        {
            "days": [iso(day) for day in days],
            "land": {
                term: [round(float(one), 2) + 0.0 for one in values]
                for term, values in series(rows, days).items()
            },
            "items": {
                term: values.tolist()
                for term, values in item_series(current.rollup(level), days).items()
            },
        },
    )


_HEAVY = (("cuts", _cuts), *((f"series:{level}", _series) for level in LEVELS))
