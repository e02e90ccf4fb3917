"""A worker is killed in the middle of a job, over SQLite and over a real PostgreSQL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from postgres_server import running_postgres
from workbench import make

DRIVER = Path(__file__).with_name("job_driver.py")
Told = dict[str, Any]


@pytest.fixture(params=["sqlite", "postgresql"])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    make(tmp_path / "op").close()
    told = {**os.environ, "TILTH_WORKSPACE": str(tmp_path / "op"), "TILTH_LOG": "warning"}
    told.pop("TILTH_DATABASE_URL", None)
    if request.param == "sqlite":
        yield told
        return
    with running_postgres() as address:
        yield {**told, "TILTH_DATABASE_URL": address}


def test_a_job_of_a_killed_worker_is_found_interrupted_and_is_done_when_asked_again(
    environment: dict[str, str],
) -> None:
    def begin(*given: str, **more: Any) -> subprocess.Popen[str]:
        command = [sys.executable, str(DRIVER), *given]
        return subprocess.Popen(command, env=environment, text=True, **more)

    person = begin("act", stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def say(word: str) -> Told:
        assert person.stdin is not None
        assert person.stdout is not None
        person.stdin.write(f"{word}\n")
        person.stdin.flush()
        told: Told = json.loads(person.stdout.readline())
        return told

    def wait(whether: Callable[[Told], bool]) -> Told:
        deadline = time.monotonic() + 60
        while not whether(told := say("look")):
            assert time.monotonic() < deadline, told
            time.sleep(0.1)
        return told

    say("look")  # its database is made by now
    first = begin("worker")
    wait(lambda told: told["state"] == "running" and told["done"] > 3)
    first.kill()
    first.wait()
    assert say("look")["state"] == "running"
    second = begin("worker")
    wait(lambda told: told["state"] == "interrupted")
    assert say("retry")["state"] == "waiting"
    told = wait(lambda told: told["state"] == "done")
    assert told["result"] == {"attempt": 2}
    second.terminate()
    assert second.wait(30) == 0
    person.communicate(timeout=30)
