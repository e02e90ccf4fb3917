"""The keeper: one process that holds the accounts in memory and publishes what pages read.

It looks for new statements several times a second and survives whatever fails: an error is logged,
the accounts are read anew, and it goes on. Its beat, a small file, says that it lives, how long it
has been at its present work, and how far it has come.
"""

from __future__ import annotations

import contextlib
import json
import logging
import logging.config
import os
import signal
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from tilth.service.current import advance, current_of, publish
from tilth.service.session import Session, open_session
from tilth.web.serving.logs import logging_settings

__all__ = ["Beat", "keep", "read_beat"]

LOOK_S = 0.25
SLOW_S = 5.0
"""How often published values that keep their own pace are asked, without anything new."""
_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 30.0
_BEAT_S = 2.0
_FILE = "keeper.json"
_log = logging.getLogger("tilth.keeper")


@dataclass(slots=True)
class Beat:
    """What the keeper says of itself, written every two seconds by a thread of its own."""

    folder: Path
    seq: int = 0
    failing: bool = False
    since: float = field(default_factory=time.time)
    ended: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Begin to beat."""
        threading.Thread(target=self._beat, daemon=True).start()

    def turn(self, seq: int) -> None:
        """Say that a turn is done and everything up to this statement published."""
        self.seq, self.since, self.failing = seq, time.time(), False

    def _beat(self) -> None:
        while True:
            self.write()
            if self.ended.wait(_BEAT_S):
                return

    def write(self) -> None:
        """Write the file; a full disk shows in its age."""
        said = {
            "at": time.time(),
            "since": self.since,
            "seq": self.seq,
            "failing": self.failing,
        }
        draft = self.folder / f".{_FILE}.new"
        with contextlib.suppress(OSError):
            draft.write_text(json.dumps(said), encoding="ascii")
            draft.replace(self.folder / _FILE)


def read_beat(folder: Path) -> dict[str, Any] | None:
    """Newest beat, None without one; ``at`` and ``since`` are seconds since 1970."""
    try:
        said: dict[str, Any] = json.loads((folder / _FILE).read_text("ascii"))
    except (OSError, ValueError):
        return None
    return said


def keep(workspace: Path, signer: Path | None, beat: Beat) -> None:
    """Bring forward and publish until ``beat.ended`` is set."""
    pause_s = _PAUSE_S
    while not beat.ended.is_set():
        try:
            with open_session(workspace, signer=signer) as session:
                _keep_up(session, beat)
            pause_s = _PAUSE_S
        except Exception:
            beat.failing = True
            _log.exception("the accounts are read anew after an error")
            beat.ended.wait(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)


def _keep_up(session: Session, beat: Beat) -> None:
    store = session.workspace.store
    seen, asked, rest_s = -1, 0.0, 0.0
    while not beat.ended.is_set():
        last = store.last_seq()
        now = time.monotonic()
        if last != seen or now - asked >= min(SLOW_S, rest_s):
            current = current_of(session)
            advance(current)
            rest_s = publish(current)
            if last != seen:
                _log.info("published", extra={"seq": last, "seconds": _rounded(now)})
            seen, asked = last, time.monotonic()
        beat.turn(seen)
        beat.ended.wait(LOOK_S)


def _rounded(began: float) -> float:
    return round(time.monotonic() - began, 3)


def main() -> None:
    """Run as a process of the server."""
    logging.config.dictConfig(logging_settings(os.environ.get("TILTH_LOG", "info")))
    beat = Beat(Path(os.environ["TILTH_RUNTIME"]))

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        beat.ended.set()
        # a long account need not be finished: nothing that is published is ever half
        threading.Timer(2.0, os._exit, (0,)).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    signer = os.environ.get("TILTH_SIGNER")
    beat.start()
    keep(Path(os.environ["TILTH_WORKSPACE"]), Path(signer) if signer else None, beat)
    os._exit(0)


if __name__ == "__main__":
    main()
