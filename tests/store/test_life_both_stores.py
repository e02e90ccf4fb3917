"""One life of an operation by commands, on SQLite and on PostgreSQL: the same word for word.

Joined, trained, accredited, tasked, worked on, visited, sampled, approved, handed over; then an
item is found, its ground recalled and the recall decided.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import campaign
import pytest
from campaign import MINISTRY, YES, memory
from desk import Desk

from tilth.store.opening import DATABASE_VARIABLE


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A workspace with its log in one of the two stores, and everything up to an open task."""
    if request.param == "postgresql":
        monkeypatch.setenv(DATABASE_VARIABLE, request.getfixturevalue("postgres_address"))
    monkeypatch.delenv("TILTH_ACTOR", raising=False)
    with memory() as folder:
        monkeypatch.chdir(folder)
        made = Desk(folder)
        campaign.begin(made, "--store", request.param)
        assert (folder / "work" / "tilth.db").exists() == (request.param == "sqlite")
        yield made


def cleared(desk: Desk, level: str, until: str) -> int:
    """Square metres cleared."""
    return round(desk.land(level, "--until", until)["cleared"] * 1e4)


def told(desk: Desk) -> dict[str, int]:
    """How many findings of each code."""
    codes = [one["code"] for one in desk.json("findings", "work")["findings"]]
    return {code: codes.count(code) for code in sorted(set(codes))}


def decided(desk: Desk) -> dict[str, Any]:
    """A review finds an item in the first strip; the second was sampled and is not in doubt."""
    found = ("handover=HC-1", "happened_on=2026-07-01", "land_use_after=crops", "items_found=1")
    seen = desk.json("review", "work", *found, "found_at=50.0001N 36.0001E", *MINISTRY)
    prudent = cleared(desk, "prudent", "2026-07-01")
    (recall,) = desk.json("recall", "list", "work")["recalls"]
    again = ("handover", "work", "RA-1", *campaign.CERTIFICATE, "local_id=HC-2", *campaign.RED)
    assert desk.refused(*again) == ["handover_recalled"]
    reason = ("--reason", "Found in the ploughed layer")
    decide = ("recall", "decide", "work", recall["statement"][:12], "--uphold", "rest")
    desk.run(*decide, *reason, *MINISTRY)
    assert desk.refused(*again) == ["handover_revoked"]
    return {
        "recalled": [one.rsplit("/", 1)[1] for one in seen["recalled"]],
        "to be told": recall["handed_over"][0]["recipients"],
        "prudent while in doubt": prudent,
        "day before": cleared(desk, "approved", "2026-06-30"),
        "from its day": cleared(desk, "approved", "2026-07-01"),
        "prudent, decided": cleared(desk, "prudent", "2026-07-01"),
    }


def test_the_same_life_by_commands_on_both_stores(desk: Desk) -> None:
    campaign.form(desk)
    campaign.suspect(desk)
    late = ("task", "issue", "work", "TO-7", "--on", "2026-05-04", *MINISTRY)
    desk.run("task", "new", "work", *campaign.ORDER, *MINISTRY)
    assert desk.refused(*late) == ["training_expired", "training_expired"]
    desk.run("task", "issue", "work", "TO-7", "--on", "2026-03-02", *MINISTRY)
    desk.run("task", "start", "work", "TO-7", "--on", "2026-03-03", *campaign.RED)
    campaign.work(desk)

    refused = campaign.hand_over(desk, status=2)
    assert {one["code"] for one in refused["problems"]} == {"handover_not_approved"}
    campaign.release(desk)
    campaign.hand_over(desk)
    code = campaign.certificate(desk)
    assert desk.json("check", "work", code)["state"] == "issued"
    assert cleared(desk, "approved", "2026-06-30") == 5_000
    (task,) = desk.json("task", "board", "work")["tasks"]
    assert task["state"] == "worked_on"
    assert decided(desk) == {
        "recalled": ["RA-1"],
        "to be told": ["Mirna village"],
        "prudent while in doubt": 2_500,
        "day before": 5_000,
        "from its day": 2_500,
        "prudent, decided": 2_500,
    }
    assert desk.json("check", "work", code, status=1)["state"] == "revoked"
    assert told(desk).items() >= {"certificate_revoked": 1, "mine_without_position": 1}.items()
    account = desk.json("account", "work", "--by", "organisation", "--until", "2026-07-01")
    assert account["items"]["found"] == 4
    desk.run("approve", "work", "R-1", *YES)
    assert desk.json("service-record", "work", "T-1")
    checked = desk.json("verify", "work", "--deep")
    assert checked["ok"]


def test_a_refused_act_leaves_neither_store_changed(desk: Desk) -> None:
    campaign.form(desk)
    before = desk.json("log", "work", "--limit", "1000")
    taken = desk.refused(*campaign.COURSE, *campaign.RED)
    assert taken == ["record_taken"] * 2, "a course entered twice"
    lift = ("recall", "decide", "work", "S-1", "--lift", "rest", "--reason", "x")
    magic = ("accredit", "work", "T-1", "--holder-type", "team", "--activities", "magic")
    for act, code in (
        (("handover", "work", "RA-1", *campaign.RED), "not_released"),
        (("task", "new", "work", "required_depth_cm=deep", *MINISTRY), "value_unread"),
        ((*magic, *MINISTRY), "bad_code"),
        ((*lift, *MINISTRY), "recall_unknown"),
    ):
        assert desk.refused(*act) == [code]
    assert desk.json("log", "work", "--limit", "1000") == before
    assert desk.json("verify", "work", "--deep")["ok"]
