"""What a server reads once before it answers, so that its processes share it.

A register of a large operation takes seconds to read and hundreds of megabytes to hold; read before
the processes part, it costs both once. What is remembered here are values without a connection:
each process opens the workspace for itself and brings them forward.
"""

from __future__ import annotations

from typing import Any

from tilth.core.roles import ROLES
from tilth.service import inbox, search_kept
from tilth.service.lens import Lens
from tilth.service.register import register_of
from tilth.service.ruling import rules_on
from tilth.service.session import Session

__all__ = ["warmed"]

_READ = ("hazard_area", "released_area", "clearance_report", "task", "evidence_point")


def warmed(session: Session) -> dict[str, Any]:
    """Read what pages of every organisation need, and return what was remembered by it."""
    register_of(session)
    rules_on(session)
    search_kept.index_of(session)
    for party in session.workspace.settings.organisations:
        session.organisation, session.roles = party.id, frozenset(ROLES)
        lens = Lens(session)
        for kind in _READ:
            lens.organisations_full(kind)
            lens.records_full(kind)
        inbox.counts(session, lens)
    return dict(session.remembered)
