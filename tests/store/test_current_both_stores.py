"""The accounts are kept current over SQLite and over PostgreSQL; both count who said what."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from workbench import make

from tilth.core.chains import LEVELS
from tilth.core.geometry.encoding import value_of
from tilth.core.geometry.frame import Frame
from tilth.core.land import engines
from tilth.core.statement import record_id
from tilth.service.accounting import kept_at, position_at
from tilth.service.current import advance, current_of
from tilth.service.session import Session, open_session
from tilth.store.opening import DATABASE_VARIABLE
from tilth.store.settings import Party

FRAME = Frame(18_000_000_000, 44_000_000_000)


@pytest.fixture(params=["sqlite", "postgresql"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    engines.compile_now()
    if request.param == "postgresql":
        monkeypatch.setenv(DATABASE_VARIABLE, request.getfixturevalue("postgres_address"))
    with make(tmp_path / "op", store=request.param) as workspace:
        workspace.open_log(Party("b" * 32, "Blue"), actor="t1")
    with open_session(tmp_path / "op", actor="im1") as session:
        session.fix_frame(FRAME)
    return tmp_path / "op"


def square(r: random.Random) -> Any:
    west, south, side = r.randrange(0, 900, 30), r.randrange(0, 900, 30), r.choice((60, 120, 300))
    shape = shapely.box(west, south, west + side, south + side)
    return value_of(FRAME.unproject_geometries(np.array([shape], dtype=object))[0])


def act(session: Session, r: random.Random, said: list[tuple[str, str, str]], number: int) -> None:
    """Append one random act to the log of one of two organisations."""
    log = r.choice(session.workspace.logs())
    own = log.split("/")[2]
    draw = r.random()
    day = f"2026-03-{r.randrange(1, 29):02d}"
    if draw < 0.25 and said:
        targets = [one[0] for one in r.sample(said, min(len(said), 3))]
        word = r.choice(("approve", "approve", "vouch", "return", "dispute"))
        fields: dict[str, Any] = {"reason": "so"}
        draft = session.draft(word, "decision", fields, log=session.log, decides=targets)
        session.workspace.append([draft], log=session.log)
        return
    if draw < 0.4 and (mine := [one for one in said if one[1].startswith(own)]):
        before, record, kind = r.choice(mine)
        word = r.choice(("correct", "withdraw"))
        fields = {"reason": "wrong"} if word == "withdraw" else fields_of(kind, r)
        draft = session.draft(
            word, kind, fields, log=log, record=record, replaces=[before], happened_on=day
        )
    else:
        kind = r.choice(("hazard_area", "released_area", "clearance_report", "clearance_summary"))
        record = record_id(own, kind, f"R{number}")
        fields = {**fields_of(kind, r), "local_id": f"R{number}", "happened_on": day}
        draft = session.draft("record", kind, fields, log=log, record=record, happened_on=day)
    session.workspace.append([draft], log=log)
    (entry,) = session.workspace.store.entries(after_seq=session.workspace.store.last_seq() - 1)
    if draft and entry.hash not in [one[0] for one in said]:
        said[:] = [one for one in said if one[1] != record]
        said.append((entry.hash, record, kind))


def fields_of(kind: str, r: random.Random) -> dict[str, Any]:
    number = r.randrange(30)
    items = [{"line_id": "1", "category": "ap", "quantity": r.randrange(1, 5)}]
    if kind == "hazard_area":
        return {"classification": r.choice(("SHA", "CHA")), "shape": square(r)}
    if kind == "released_area":
        claim = r.choice(("cancelled", "reduced", "cleared"))
        return {"release_type": claim, "hazard": f"R{number}", "shape": square(r)}
    if kind == "clearance_report":
        return {"items": items, "shape": square(r), "organisation": r.choice(("Own", "Blue"))}
    return {"items_total": number, "declared_area_m2": "12.5", "organisation": "Own"}


@pytest.mark.parametrize("seed", range(2))
def test_random_histories_are_kept_as_they_are_computed_whole(folder: Path, seed: int) -> None:
    r = random.Random(seed)
    said: list[tuple[str, str, str]] = []
    with open_session(folder, actor="k") as session, open_session(folder, actor="t1") as writer:
        current = current_of(session)
        for number in range(60):
            act(writer, r, said, number)
            if r.random() < 0.6:
                assert advance(current)
            if number % 20 == 19:
                advance(current)
                agree(session, writer)


def agree(session: Session, other: Session) -> None:
    current = current_of(session)
    position = position_at(other, "")
    assert current.position == position
    other.remembered.clear()
    keys = other.workspace.store.kept_keys("accounts")
    other.workspace.store.keep_many("accounts", dict.fromkeys(keys))
    for level, full in kept_at(other, position, list(LEVELS)).items():
        held = current.kept(level)
        assert held.rows.to_bytes() == full.rows.to_bytes(), level
        assert held.rollup.to_bytes() == full.rollup.to_bytes(), level
        assert (held.left, held.declared) == (full.left, full.declared), level


def test_who_said_what_between_two_positions(folder: Path) -> None:
    r = random.Random(3)
    with open_session(folder, actor="t1") as session:
        store = session.workspace.store
        before = store.last_seq()
        for number in range(12):
            act(session, r, [], number)
        told = store.acts_between(before, store.last_seq())
        assert sum(count for *_, count in told) == store.last_seq() - before == 12
        assert told == sorted(told)
        assert {act for _, act, _, _ in told} == {"record"}
        assert store.acts_between(store.last_seq(), store.last_seq()) == []
        receipts = store.receipts()
        assert store.receipts(after=len(receipts) - 2) == receipts[-2:]
