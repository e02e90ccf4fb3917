"""What is kept current is, byte for byte, what a full computation at the same position gives."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tilth.core.chains import LEVELS
from tilth.core.land import engines
from tilth.core.statement import split_record_id
from tilth.service import findings, history
from tilth.service.accounting import Kept, Question, accounts, is_kept, kept_at, position_at
from tilth.service.choosing import Act
from tilth.service.current import Current, advance, current_of, publish, publish_now, read_face
from tilth.service.deciding import carry_out, plan
from tilth.service.demonstrate import build_demonstration
from tilth.service.finding_books import FindingBooks
from tilth.service.recording import say
from tilth.service.session import open_session

LAST = 1_000_000
"""More statements than the story has: the look after its end."""


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    engines.compile_now()


def bytes_of(kept: Kept) -> tuple[bytes, bytes, object, object]:
    return kept.rows.to_bytes(), kept.rollup.to_bytes(), kept.left, kept.declared


def agrees(current: Current, folder: Path) -> None:
    """The accounts held and published are those of a session that remembers nothing."""
    publish_now(current.session)
    with open_session(folder, actor="other") as other:
        kept = other.workspace.store.kept_keys("accounts")
        other.workspace.store.keep_many("accounts", dict.fromkeys(kept))
        position = position_at(other, "")
        assert current.position == position
        full = kept_at(other, position, list(LEVELS))
        for level in LEVELS:
            assert bytes_of(current.kept(level)) == bytes_of(full[level]), (level, position)
        published = read_face(other, "overview")
        assert published is not None
        assert published["accounts"] == accounts(other, Question(), list(LEVELS))
        assert (published["position"], published["seq"]) == (position.receipts, position.seq)


def same_findings(books: FindingBooks, folder: Path) -> None:
    """The findings held are those computed whole."""
    while books.waiting:
        books.step(lambda: False)
        while books.whole:
            books.step_whole()
    with open_session(folder, actor="other") as other:
        whole = findings._compute(other, position_at(other, ""))
    assert books.findings() == whole


def test_a_story_told_day_by_day_is_kept_as_it_is_computed_whole(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    opened: list[tuple[Current, FindingBooks]] = []
    compared: list[int] = []
    looks: list[int] = []

    def look(done: int) -> None:
        """Another process looks at what was appended in between."""
        if not opened:
            current = current_of(open_session(folder, actor="keeper"))
            opened.append((current, FindingBooks(current)))
        looks.append(done)
        if len(looks) % 12 and done <= LAST:
            return
        current, books = opened[0]
        advance(current)
        books.touch(current.touched, current.clusters)
        current.touched, current.clusters = set(), set()
        if done // 2000 > len(compared):
            compared.append(done)
            agrees(current, folder)
            same_findings(books, folder)

    done = build_demonstration(folder, scale="small", progress=look)
    look(LAST + done)
    opened[0][0].session.workspace.close()
    assert len(compared) >= 2


@pytest.fixture(scope="module")
def current(told: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Current]:
    """One that goes on from test to test, as in the keeper's process."""
    folder = tmp_path_factory.mktemp("current") / "demo"
    shutil.copytree(told, folder)
    with open_session(folder, actor="keeper") as session:
        yield publish_now(session)


def appended(folder: Path, kind: str = "clearance_report", **changes: Any) -> str:
    """Another process says one of the records again, under another id."""
    with open_session(folder, actor="tl9") as other:
        row = next(iter(other.workspace.store.select(kind, ["seq", "record"])))
        (entry,) = other.workspace.store.entries_at([int(row[0])])
        fields = {
            **other.fields_of(entry),
            "local_id": f"NEW-{entry.hash[:6]}-{other.workspace.store.last_seq()}",
            **changes,
        }
        other.organisation = split_record_id(str(row[1]))[0]
        return say(other, kind, fields).record


def test_nothing_new_is_nothing_to_do(current: Current) -> None:
    store = current.session.workspace.store
    before = store.kept("face")
    assert not advance(current)
    publish(current)
    assert store.kept("face") == before


def test_touched_tells_whom_a_statement_and_a_decision_concern(current: Current) -> None:
    folder = current.session.workspace.path
    publish_now(current.session)
    record = appended(folder)
    assert advance(current)
    assert record in current.touched
    assert current.clusters
    publish(current)
    assert current.touched == set()
    with open_session(folder, actor="ops1") as other:
        carry_out(other, plan(other, Act("return", [record], reason="Draw it again")))
    assert advance(current)
    assert current.touched == {record}


def test_a_rebuild_of_what_is_derived_changes_nothing(current: Current) -> None:
    current.session.workspace.store.rebuild()
    appended(current.session.workspace.path)
    assert advance(current)
    agrees(current, current.session.workspace.path)


MEANINGS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("organisation", {"code": "GF", "name": "Green Furrow renamed"}),
    ("place", {"code": "NEW", "name": "New place", "parent": "OR01"}),
    ("project", {"code": "PX", "name": "Another"}),
    ("operation", {"extension_distance_m": 10}),
)


@pytest.mark.parametrize(("kind", "fields"), MEANINGS[2:])
def test_what_gives_words_their_meaning_moves_what_was_read_before(
    current: Current, kind: str, fields: dict[str, Any]
) -> None:
    folder = current.session.workspace.path
    several = MEANINGS[:2] if kind == "project" else ()
    for one, said in (*several, (kind, fields)):
        mean(folder, one, said)
    assert advance(current)
    agrees(current, folder)


def mean(folder: Path, kind: str, fields: dict[str, Any]) -> None:
    with open_session(folder, actor="im1") as other:
        local = "operation" if kind == "operation" else f"{kind}-new"
        act = "revise" if kind == "operation" else "record"
        fields = {"local_id": local, "happened_on": "2025-06-01", **fields}
        record = f"{other.own}/{kind}/{local}"
        draft = other.draft(act, kind, fields, record=record, happened_on="2025-06-01")
        other.workspace.append([draft])


def test_at_midnight_the_day_moves_without_a_statement(current: Current) -> None:
    surroundings = current.session.workspace.surroundings
    before = read_face(current.session, "overview")
    assert before is not None
    tomorrow = replace(surroundings, clock=lambda: surroundings.clock() + 86_400_000_000)
    current.session.workspace.surroundings = tomorrow
    advance(current)
    publish_now(current.session)
    after = read_face(current.session, "overview")
    assert after is not None
    assert after["until"] > before["until"]
    assert after["position"] == before["position"]
    assert after["accounts"] == accounts(current.session, Question(), list(LEVELS))


def test_the_accounts_of_every_day_are_kept_where_they_are_published(current: Current) -> None:
    appended(current.session.workspace.path)
    publish_now(current.session)
    face = read_face(current.session, "kept")
    assert face is not None
    assert face["kept_position"] == current.position.receipts
    assert is_kept(current.session, position_at(current.session, ""))


def test_the_curve_ends_at_the_account_of_today(current: Current) -> None:
    overview = read_face(current.session, "overview")
    for level in LEVELS:
        curve = read_face(current.session, f"series:{level}")
        assert overview is not None
        assert curve is not None
        account = overview["accounts"][level]
        assert curve["days"][-1] == account["until"]
        for term, values in curve["land"].items():
            assert values[-1] == pytest.approx(account["land"][term], abs=0.006), term
        assert curve["items"]["found"][-1] == account["items"]["found"]
        assert values == sorted(values) or level


def test_what_changed_since_a_visit_is_told_with_who_said_it(current: Current) -> None:
    publish_now(current.session)
    folder, visited = current.session.workspace.path, current.position.receipts
    appended(
        folder, items=[{"category": "ap_mine", "quantity": 2, "disposal": "destroyed_in_place"}]
    )
    publish_now(current.session)
    changed = history.changes_since(current.session, visited)
    assert changed is not None
    assert changed["since"]["position"] <= visited < changed["position"]
    assert changed["levels"]["reported"]["items"]["found"] >= 2
    assert changed["levels"]["approved"]["items"] == {}
    said = {(line["act"], line["kind"]): line["count"] for line in changed["statements"]}
    assert said["record", "clearance_report"] >= 1
    assert history.changes_since(current.session, 0) is None


def test_one_that_cannot_publish_does_not_keep_the_others(
    current: Current, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(current: Current) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("tilth.service.overview.publish", broken)
    appended(current.session.workspace.path)
    advance(current)
    publish(current)
    assert "could not publish" in caplog.text
    assert current.touched == set()


def test_a_folder_that_was_restored_and_went_on_otherwise_is_read_anew(
    current: Current, tmp_path: Path
) -> None:
    folder = current.session.workspace.path
    shutil.copytree(folder, tmp_path / "backup")
    appended(folder)
    advance(current)
    appended(tmp_path / "backup", happened_on="2025-06-01")
    appended(tmp_path / "backup", happened_on="2025-06-02", remarks="after the restore")
    with open_session(tmp_path / "backup", actor="keeper") as restored:
        current.touched, current.clusters = set(), set()
        current.session = restored
        assert advance(current)
        assert (current.touched, current.clusters) == (None, None)
        restored.remembered["current"] = current
        agrees(current, tmp_path / "backup")
