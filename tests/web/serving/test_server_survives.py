"""Processes of a server are killed in the middle of acts: nothing acknowledged is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from served_operation import Server, family, lives

from tilth.store.workspace import Workspace

SUBMITTER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from workbench import drafted
from tilth.core.problems import Refused
from tilth.core.statement import statement_hash
from tilth.store.signing import RemoteKeys
from tilth.store.workspace import Workspace
with Workspace.open(Path(sys.argv[1]), keys=RemoteKeys(Path(sys.argv[2]))) as workspace:
    number = 0
    while True:
        fields = {"local_id": f"{sys.argv[4]}-{number}", "happened_on": "2026-03-01"}
        draft = drafted(workspace, fields["local_id"], fields=fields, happened_on="2026-03-01")
        workspace.append([draft])
        print(statement_hash(draft.header), flush=True)
        number += 1
"""
"""Stands for a worker of the pages: each line it prints is an act that it acknowledged."""


class Submitter:
    def __init__(self, server: Server, name: str) -> None:
        bench = str(Path(__file__).parents[2] / "workspace")
        self.acknowledged: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-c", SUBMITTER, str(server.folder), str(server.socket), bench, name],
            env=server.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.endswith("\n"):
                self.acknowledged.append(line.strip())

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self._thread.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


def test_whatever_is_killed_nothing_acknowledged_is_lost(server: Server) -> None:
    server.wait(lambda: server.get("/ready")[0] == 200, "never ready")
    assert server.said["sign_in"].startswith(f"http://localhost:{server.port}/account/")
    done: list[str] = []
    for turn, child in enumerate(("signer", "web", "keeper", "jobs", "signer")):
        server.wait(lambda child=child: lives(server.pid(child)), f"no {child}")  # type: ignore[misc]
        submitter = Submitter(server, f"T{turn}")
        server.wait(lambda one=submitter: len(one.acknowledged) > 3, "nothing done")  # type: ignore[misc]
        killed = server.pid(child)
        workers = family(killed)
        os.kill(killed, signal.SIGKILL)
        if turn == 0:
            os.kill(submitter.process.pid, signal.SIGKILL)  # both sides of the signing at once
        else:
            before = len(submitter.acknowledged)
            server.wait(
                lambda one=submitter, before=before: len(one.acknowledged) > before + 3,  # type: ignore[misc]
                f"acts did not go on without {child}",
            )
        submitter.kill()
        done += submitter.acknowledged
        server.wait(lambda killed=killed, child=child: server.pid(child) != killed, child)  # type: ignore[misc]
        server.wait(lambda workers=workers: not any(map(lives, workers)), "workers left behind")  # type: ignore[misc]
    server.wait(lambda: server.get("/ready")[0] == 200, "not ready again")
    with Workspace.open(server.folder) as workspace:
        held = workspace.store.by_hash(done)
        assert len(held) == len(set(done)) > 20
        assert workspace.verify(deep=True).problem is None
        last = workspace.store.last_seq()
    server.wait(lambda: any(one.get("seq") == last for one in server.lines()), "not published")
    heads = json.loads((server.folder / "keys" / "heads.json").read_text())["heads"]
    assert len(heads) == 1


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_one_server_at_a_time_and_nothing_is_left_when_it_ends_or_is_killed(
    server: Server,
) -> None:
    command = [sys.executable, "-m", "tilth", "serve", str(server.folder), "--json"]
    done = subprocess.run(
        [*command, "--port", str(server.port + 1)],
        env=server.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert [one["code"] for one in json.loads(done.stdout)["problems"]] == ["server_runs"]
    assert server.get("/health")[0] == 200
    assert server.socket.exists()
    assert server.process is not None
    everyone = family(server.process.pid)
    assert len(everyone) >= 5
    server.process.kill()
    server.process.communicate()
    server.wait(lambda: not any(map(lives, everyone)), "orphans")
    server.start()  # over what was left: socket, lock, beat
    everyone = family(server.process.pid)
    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    server.process.communicate(timeout=60)
    assert server.process.returncode == 0
    assert not any(map(lives, everyone))
    assert time.monotonic() - began < 30
    assert not server.socket.exists()
