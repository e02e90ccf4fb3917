"""Whether the server can do its work now: its database, its signer, its keeper."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from django.db import DatabaseError, connection

from tilth.service.keyholding import signer_answers
from tilth.web.serving.keeper import read_beat

__all__ = ["BUSY_S", "OLD_S", "readiness"]

OLD_S = 15.0
"""A keeper whose beat is older is gone."""
BUSY_S = 900.0
"""A keeper that has been at one piece of work for longer hangs."""
_KEEP_S = 1.0

_lock = threading.Lock()
_last: list[tuple[float, dict[str, bool]]] = []


def readiness() -> dict[str, bool]:
    """Each part by name and whether it can do its work; looked at most once a second."""
    with _lock:
        now = time.monotonic()
        if not _last or now - _last[0][0] > _KEEP_S:
            found = {"database": _database(), "signer": _signer(), "keeper": _keeper()}
            _last[:] = [(now, found)]
        return _last[0][1]


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _signer() -> bool:
    """Whether the signer answers; without one the keys are read here."""
    named = os.environ.get("TILTH_SIGNER")
    return signer_answers(Path(named)) if named else True


def _keeper() -> bool:
    """Whether the keeper lives and gets on; without a runtime folder there is none to be seen."""
    named = os.environ.get("TILTH_RUNTIME")
    if not named:
        return True
    beat = read_beat(Path(named))
    now = time.time()
    if beat is None or beat["failing"]:
        return False
    return bool(now - beat["at"] < OLD_S and now - beat["since"] < BUSY_S)
