"""A PostgreSQL server, and operations that are really served by all their processes."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres_server import running_postgres
from served_operation import Server
from workbench import make


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    with running_postgres() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def server(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Server]:
    """An operation that is served, over each database; accounts and jobs lie in the same."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    environment.pop("TILTH_DATABASE_URL", None)
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    if request.param == "postgresql":
        address = request.getfixturevalue("postgres_address")
        environment["TILTH_DATABASE_URL"] = address
        monkeypatch.setenv("TILTH_DATABASE_URL", address)
    folder = tmp_path / "op"
    make(folder, store=request.param).close()
    runtime = Path(f"/tmp/tilth-test-{os.getpid()}-{request.param}")
    runtime.mkdir(mode=0o700)
    environment["RUNTIME_DIRECTORY"] = str(runtime)
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = int(one.getsockname()[1])
    made = Server(folder, port, environment, tmp_path / "log")
    try:
        made.start()
        yield made
    finally:
        made.end()
        shutil.rmtree(runtime)
