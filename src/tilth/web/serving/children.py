"""Processes that are started, started again when they die, and ended with whoever started them."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["Child", "end_all"]

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 30.0
_STEADY_S = 60.0
"""A process that ran so long is started again at once; the pause begins anew."""
_SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)

_log = logging.getLogger("tilth.server")


def _die_with_parent(parent: int) -> None:
    """Run in the child before the program: it gets SIGTERM when its parent is gone, however."""
    ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:  # gone already, before the wish was heard
        os._exit(1)


@dataclass(slots=True)
class Child:
    """One process of the server.

    Parameters
    ----------
    name
        What it is called in the log.
    command
        Arguments after the Python interpreter.
    environment
        Its environment.
    given
        Bytes for its standard input, such as a passphrase, which so stands in no list of processes.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    given: bytes = b""
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0
    _pause_s: float = _FIRST_PAUSE_S
    _started: float = 0.0
    _due: float = field(default=0.0)

    def start(self) -> None:
        """Start the process."""
        parent = os.getpid()
        linux = sys.platform == "linux"
        self._started = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - a command of our own
            [sys.executable, *self.command],
            env=dict(self.environment),
            stdin=subprocess.PIPE,
            start_new_session=True,  # a Ctrl-C in the terminal is for the server alone
            preexec_fn=(lambda: _die_with_parent(parent)) if linux else None,  # noqa: PLW1509 - the server has one thread
        )
        if self.process.stdin is not None:
            with contextlib.suppress(BrokenPipeError), self.process.stdin as pipe:
                pipe.write(self.given)
        _log.info("started", extra={"child": self.name, "pid": self.process.pid})

    def look(self) -> bool:
        """Start the process again, some time after it died; whether it runs."""
        if self.process is not None and self.process.poll() is None:
            return True
        now = time.monotonic()
        if self.process is not None:
            status = self.process.returncode
            if now - self._started > _STEADY_S:
                self._pause_s = _FIRST_PAUSE_S
            _log.error(
                "ended by itself",
                extra={"child": self.name, "status": status, "pause_s": self._pause_s},
            )
            self.process = None
            self._due = now + self._pause_s
            self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)
        if now < self._due:
            return False
        self.restarts += 1
        self.start()
        return True

    def end(self) -> None:
        """Ask the process to finish what it does and end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()


def end_all(children: Sequence[Child], *, patience_s: float) -> None:
    """End processes together; what does not end in time is killed, with all that it started."""
    for child in children:
        child.end()
    deadline = time.monotonic() + patience_s
    for child in children:
        if child.process is None:
            continue
        try:
            child.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _log.error("killed: it did not end", extra={"child": child.name})
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()
