"""Two administrators who end each other, a link opened by four, a log somebody rewrites: on both
databases.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from postgres_server import running_postgres

HERE = Path(__file__).parent
OWN = {"DJANGO_SETTINGS_MODULE": "tilth.web.settings", "TILTH_LOG": "warning"}


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with running_postgres() as address:
        yield address


def seen(**environment: str) -> dict[str, Any]:
    known = {name: value for name, value in os.environ.items() if not name.startswith("TILTH_")}
    ran = subprocess.run(
        [sys.executable, "-W", "error", str(HERE / "races.py")],
        env={**known, **OWN, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def judge(found: dict[str, Any]) -> None:
    assert found["administrators"] == [["done", "last_administrator"]] * 4
    assert found["links"] == [["done", "link_spent", "link_spent", "link_spent"]] * 2
    assert found["attempts"] <= 5


def test_on_sqlite(tmp_path: Path) -> None:
    found = seen(TILTH_WORKSPACE=str(tmp_path))
    assert found["vendor"] == "sqlite"
    judge(found)
    assert found["rewritten"] == ["delete"]  # as documented: the file is whoever's runs the server


def test_on_postgresql(postgres: str) -> None:
    found = seen(TILTH_DATABASE_URL=postgres)
    assert found["vendor"] == "postgresql"
    judge(found)
    assert found["rewritten"] == []
