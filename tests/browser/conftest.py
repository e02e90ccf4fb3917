"""The demonstration, really served, in a real Chromium; pictures of it are kept as artefacts."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from officer import CHROMIUM, FLAGS, Office, Officer
from playwright.sync_api import Playwright, sync_playwright
from served_operation import Server

from tilth.service.demonstrate import build_demonstration

PICTURES = Path(__file__).resolve().parents[2] / "build" / "pictures"


@pytest.fixture(scope="module")  # its loop runs as long as it does, and Django asks for none
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The small demonstration, served by every process that ``tilth serve`` starts."""
    folder = tmp_path_factory.mktemp("served") / "demo"
    build_demonstration(folder)
    runtime = Path(tempfile.mkdtemp(prefix="tilth-browser-", dir="/tmp"))
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "RUNTIME_DIRECTORY": str(runtime)}
    for name in ("TILTH_DATABASE_URL", "DJANGO_SETTINGS_MODULE", "TILTH_WORKSPACE"):
        environment.pop(name, None)
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = int(one.getsockname()[1])
    server = Server(folder, port, environment, folder.parent / "log")
    try:
        server.start()
        server.wait(lambda: server.get("/ready")[0] == 200, "the server is not ready")
        yield server
    finally:
        server.end()
        shutil.rmtree(runtime, ignore_errors=True)


@pytest.fixture(scope="module")
def office(served: Server, playwright: Playwright) -> Iterator[Office]:
    """Officers at their browsers, each with a folder of her own."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
    made = Office(served, browser, PICTURES)
    yield made
    made.close()
    browser.close()


def command(server: Server, *arguments: str) -> Any:
    """Run ``tilth`` on the machine; returns what it printed as a value."""
    done = subprocess.run(
        [sys.executable, "-m", "tilth", *arguments, "--json"],
        env=server.environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)


__all__ = ["Officer"]
