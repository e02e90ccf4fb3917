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
_SLOW_S = 60.0
_TRIES = 3
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
        self._watched: list[Child] = []
        self._said = plan.runtime / "pages.json"
        environment = plan.environment
        given = f"{passphrase or ''}\n".encode()
        signing = ["-m", "tilth", "sign", str(plan.workspace), "--socket", str(plan.socket)]
        if passphrase is not None:
            signing += ["--passphrase-file", "/dev/stdin"]
        web = ["-m", "gunicorn", "-c", "python:tilth.web.serving.gunicorn_settings"]
        jobs = ["-m", "tilth.web.jobs.worker"]
        self._signer = Child("signer", signing, environment, given)
        self._web = Child("web", [*web, "tilth.web.serving.pages:prepared()"], environment)
        self._others = [
            self._web,
            Child("keeper", ["-m", "tilth.web.serving.keeper"], environment),
            Child("jobs", jobs, environment),
        ]

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
                self._begin()
                self._watch(ready)
            finally:
                for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                    signal.signal(one, signal.SIG_IGN)
                end_all(self._others, patience_s=_END_S)
                end_all([self._signer], patience_s=_END_S)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._stopping = True

    def _begin(self) -> None:
        self._said.unlink(missing_ok=True)
        if self.plan.signer is None:
            self._signer.start()
        deadline = time.monotonic() + _SIGNER_S
        while not signer_answers(self.plan.socket) and not self._stopping:
            gone = self._signer.process is not None and self._signer.process.poll() is not None
            if gone or time.monotonic() > deadline:
                raise Refused(Problem("signer_not_started", "", {"seconds": round(_SIGNER_S)}))
            time.sleep(_LOOK_S)
        self._start("web", "keeper")

    def _start(self, *names: str) -> None:
        for child in self._others:
            if child.name in names and not self._stopping:
                child.start()
                self._watched.append(child)

    def _watch(self, ready: Callable[[Started], None]) -> None:
        waiting, slow = True, time.monotonic() + _SLOW_S
        while not self._stopping:
            if waiting:
                waiting = not self._answers(ready)
            for child in [*self._watched, *([] if self.plan.signer else [self._signer])]:
                child.look()
            if waiting and time.monotonic() > slow:
                _log.error("no page is answered yet", extra={"seconds": round(_SLOW_S)})
                slow = float("inf")
            time.sleep(_LOOK_S)

    def _answers(self, ready: Callable[[Started], None]) -> bool:
        """Whether pages are answered; from then on jobs are worked at, too.

        Raises
        ------
        Refused
            ``server_not_prepared``.
        """
        try:
            said = json.loads(self._said.read_text("utf-8"))
        except (OSError, ValueError):
            return False
        if "why" in said:
            where = str(self.plan.workspace)
            raise Refused(Problem("server_not_prepared", where, {"why": str(said["why"])}))
        if not answers(self.plan):
            if self._web.restarts > _TRIES:
                why = "it ends again and again; see the log"
                where = str(self.plan.workspace)
                raise Refused(Problem("server_not_prepared", where, {"why": why}))
            return False
        self._start("jobs")
        ready(Started(said))
        return True


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
