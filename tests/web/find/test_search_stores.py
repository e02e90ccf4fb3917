"""The same statements give the same hits, whatever database holds them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres_server import running_postgres
from workbench import make

from tilth.service.lens import Lens
from tilth.service.recording import correct, say_many
from tilth.service.search import find
from tilth.service.session import Session, open_session

RECORDS = (
    ("place", {"local_id": "UA63", "name": "Куп'янськ", "code": "UA63", "aliases": ["Kupyansk"]}),
    ("place", {"local_id": "SY02", "name": "القنيطرة", "code": "SY02"}),
    ("hazard_area", {"local_id": "HA-0007", "name": "Žepče most", "place": "UA63"}),
    ("hazard_area", {"local_id": "HA-0070", "name": "철원 들판", "place": "SY02"}),
)
WORDS = ("HA 7", "kupiansk", "Купянск", "quneitra", "zepce", "Жепче", "cheolwon", "most", "ua63")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A PostgreSQL server."""
    with running_postgres() as found:
        yield found


def told(session: Session) -> dict[str, list[tuple[str, str, str]]]:
    found = {}
    for word in WORDS:
        groups = find(session, Lens(session), word).groups
        found[word] = [(hit.local_id, hit.title, hit.place) for one in groups for hit in one.hits]
    return found


def test_hits_are_the_same_on_both_databases(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TILTH_DATABASE_URL", address)
    found = []
    for store in ("sqlite", "postgresql"):
        make(tmp_path / store, store=store).close()
        with open_session(tmp_path / store, actor="im1") as session:
            say_many(session, RECORDS)
            before = told(session)
            correct(session, "HA-0007", {"remarks": "corrected"})
            found.append((before, told(session)))
    assert found[0] == found[1]
    before, after = found[0]
    assert before == after
    for word in ("kupiansk", "Купянск", "ua63"):
        assert {hit[0] for hit in before[word]} == {"UA63", "HA-0007"}, word
    assert {hit[0] for hit in before["quneitra"]} == {"SY02", "HA-0070"}
    assert [hit[0] for hit in before["HA 7"]] == ["HA-0007"]
    assert [hit[0] for hit in before["Жепче"]] == ["HA-0007"]
    assert [hit[0] for hit in before["cheolwon"]] == ["HA-0070"]
