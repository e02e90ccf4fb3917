"""A workspace to try things on."""

from __future__ import annotations

from pathlib import Path

import pytest
from workbench import make


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "op"


@pytest.fixture
def workspace(folder: Path):
    with make(folder) as opened:
        yield opened
