"""What the tests of commands share: a way to run them, and ground to put in."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import Desk


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A workspace ``work`` of one organisation that is operator and authority."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TILTH_ACTOR", raising=False)
    made = Desk(tmp_path)
    made.run("init", "work", "--organisation", "Blue", "--operation", "Strip 7")
    return made
