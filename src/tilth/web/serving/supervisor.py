"""The server: one process that starts the others, watches them and ends them.

::

    signer    reads the private keys and signs; nobody else can
    web       gunicorn with the pages
    keeper    holds the accounts in memory and publishes what pages read
    jobs      long work that people asked for

It loads neither Django nor the workspace itself, so that little can go wrong in it.
"""

from __future__ import annotations

import json
import logging
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from types import FrameType
from typing import Any

from tilth.core.problems import Problem, Refused, register
from tilth.service.keyholding import signer_answers
from tilth.web.serving.children import Child, end_all
from tilth.web.serving.plan import Plan, alone

__all__ = ["Started", "Supervisor"]

_LOOK_S = 0.1
_END_S = 35.0
"""More than gunicorn grants a request to finish."""
_READY_S = 60.0
_SIGNER_S = 20.0
_log = logging.getLogger("tilth.server")

register(
    {
        "server_not_prepared": (
            "The server could not prepare its database: {why}.",
            "Mend what is named, then start it again.",
        ),
        "signer_not_started": (
            "The signer did not answer within {seconds} s.",
            "See its last lines in the log above.",
        ),
    }
)


class Started(dict[str, Any]):
    """What the preparation said: ``link``, the path of the first sign-in, or an empty text."""


class Supervisor:
    """Runs a plan until it is told to stop.

    Parameters
    ----------
    plan
        What to serve, checked.
    passphrase
        Opens the keys; handed to the signer alone, and again when it has to be started again.
    """

    def __init__(self, plan: Plan, *, passphrase: str | None = None) -> None:
        self.plan = plan
        self._stopping = False
        environment = plan.environment
        given = f"{passphrase or ''}\n".encode()
        signing = ["-m", "tilth", "sign", str(plan.workspace), "--socket", str(plan.socket)]
        if passphrase is not None:
            signing += ["--passphrase-file", "/dev/stdin"]
        web = ["-m", "gunicorn", "-c", "python:tilth.web.serving.gunicorn_settings"]
        jobs = ["-m", "django", "db_worker", "--interval", "0.5", "--no-startup-delay"]
        self._signer = Child("signer", signing, environment, given)
        self._others = [
            Child("web", [*web, "tilth.web.wsgi"], environment),
            Child("keeper", ["-m", "tilth.web.serving.keeper"], environment),
            Child("jobs", [*jobs, "--queue-name", "*"], environment),
        ]

    @property
    def children(self) -> list[Child]:
        """Processes that are watched; the signer last, since the others need it to the end."""
        own = [] if self.plan.signer is not None else [self._signer]
        return [*self._others, *own]

    def run(self, ready: Callable[[Started], None]) -> None:
        """Serve until SIGTERM or SIGINT.

        Parameters
        ----------
        ready
            Called once pages are answered.

        Raises
        ------
        Refused
            ``server_runs``, ``signer_not_started``, ``server_not_prepared``.
        """
        with alone(self.plan):
            for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(one, self._stop)
            try:
                started = self._begin()
                self._watch(lambda: ready(started))
            finally:
                for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                    signal.signal(one, signal.SIG_IGN)
                end_all(self._others, patience_s=_END_S)
                end_all([self._signer], patience_s=_END_S)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._stopping = True

    def _begin(self) -> Started:
        if self.plan.signer is None:
            self._signer.start()
        started = self._prepared()
        deadline = time.monotonic() + _SIGNER_S
        while not signer_answers(self.plan.socket):
            gone = self._signer.process is not None and self._signer.process.poll() is not None
            if gone or time.monotonic() > deadline:
                raise Refused(Problem("signer_not_started", "", {"seconds": round(_SIGNER_S)}))
            time.sleep(_LOOK_S)
        if not self._stopping:
            for child in self._others:
                child.start()
        return started

    def _prepared(self) -> Started:
        """Bring the database of the pages up to date, in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "tilth.web.serving.prepare"],
            env=self.plan.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            check=False,
        )
        try:
            said = json.loads(done.stdout)
        except ValueError:
            said = {"why": f"it ended with status {done.returncode}"}
        if "why" in said or done.returncode:
            why = str(said.get("why", f"it ended with status {done.returncode}"))
            raise Refused(Problem("server_not_prepared", str(self.plan.workspace), {"why": why}))
        return Started(said)

    def _watch(self, ready: Callable[[], None]) -> None:
        deadline: float | None = time.monotonic() + _READY_S
        while not self._stopping:
            for child in self.children:
                child.look()
            if deadline is not None:
                if answers(self.plan):
                    deadline = None
                    ready()
                elif time.monotonic() > deadline:
                    deadline = None
                    _log.error("not ready", extra={"seconds": round(_READY_S)})
            time.sleep(_LOOK_S)


def answers(plan: Plan) -> bool:
    """Whether the pages are there."""
    host = f"[{plan.host}]" if ":" in plan.host else plan.host
    reached = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host)  # noqa: S104 - compared
    request = urllib.request.Request(f"http://{reached}:{plan.port}/health")
    request.add_header("Host", "localhost")
    request.add_header("X-Forwarded-Proto", "https")
    try:
        with urllib.request.urlopen(request, timeout=2) as response:  # noqa: S310 - our own
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False
