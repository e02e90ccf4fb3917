"""An operation that is really served, by all the processes that ``tilth serve`` starts."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Server:
    """A server with all its processes, as ``tilth serve`` starts it."""

    folder: Path
    port: int
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[str] | None = None
    said: dict[str, Any] = field(default_factory=dict)

    def start(self) -> None:
        command = [sys.executable, "-m", "tilth", "serve", str(self.folder), "--json"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port), "--log-level", "info"],
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout is not None
        text = ""
        while not text.rstrip().endswith("}"):
            one = self.process.stdout.readline()
            assert one, self.log.read_text()[-4000:]
            text += one
        self.said = json.loads(text)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(one) for one in self.log.read_text().splitlines() if one[:1] == "{"]

    def pid(self, child: str) -> int:
        """Process of a child that was started last."""
        return int(
            [one["pid"] for one in self.lines() if one.get("child") == child and "pid" in one][-1]
        )

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as one:
                return one.status, one.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    @property
    def socket(self) -> Path:
        return Path(self.environment["RUNTIME_DIRECTORY"]) / "signer"

    def wait(self, whether: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + 60
        while not whether():
            assert time.monotonic() < deadline, f"{what}\n{self.log.read_text()[-4000:]}"
            time.sleep(0.05)

    def end(self) -> None:
        started = self.process
        if started is not None and started.stdout is not None and not started.stdout.closed:
            started.send_signal(signal.SIGTERM)
            started.communicate(timeout=60)


def family(pid: int) -> list[int]:
    """A process's children and theirs."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except FileNotFoundError:
        return []
    own = [int(one) for one in text.split()]
    return own + [each for one in own for each in family(one)]


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
