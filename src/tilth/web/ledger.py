"""The one session of a process over the workspace, lent to a request at a time.

Opening a workspace reads its settings and keys and warms its caches; a process opens it once. One
object serves one thread at a time (`tilth.store.workspace.Workspace`), hence the lock.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from tilth.core.problems import Problem, Refused, register
from tilth.core.viewing import Views
from tilth.service.session import Session, open_session
from tilth.service.warming import warmed

__all__ = ["close_desk", "desk", "keep_views_in", "public_desk", "warm"]

register(
    {
        "not_signed_in": (
            "This needs a person who is signed in and belongs to an organisation.",
            "Sign in; an administrator of the organisation hands over a link to begin with.",
        ),
        "no_workspace_served": (
            "This server serves no workspace.",
            "Start it with tilth serve DIR.",
        ),
    }
)

_lock = threading.RLock()
_shared: dict[str, Any] = {}
_open: list[tuple[int, Session]] = []
_views: list[Views] = []


def keep_views_in(views: Views) -> None:
    """Say where views of protected records are noted, before the first session is lent."""
    _views[:] = [views]


def _session() -> Session:
    """The session of this process; another process's, from before a fork, is never used."""
    if _open and _open[0][0] != os.getpid():
        _open.clear()
    if not _open:
        if settings.WORKSPACE is None:
            raise Refused(Problem("no_workspace_served"))
        session = open_session(settings.WORKSPACE, signer=settings.SIGNER)
        session.views = _views[0] if _views else None
        session.remembered.update(_shared)
        _nobody(session)
        _open.append((os.getpid(), session))
    return _open[0][1]


def warm() -> None:
    """Read what every process needs, once, before the processes part; no connection stays open.

    Raises
    ------
    Refused
        What opening the workspace refuses.
    """
    if settings.WORKSPACE is None:
        return
    with open_session(settings.WORKSPACE, signer=settings.SIGNER) as session:
        _shared.update(warmed(session))


def close_desk() -> None:
    """Close this process's session, if it is open; the next request opens it anew."""
    with _lock:
        if _open and _open[0][0] == os.getpid():
            _open[0][1].workspace.close()
        _open.clear()


@contextmanager
def desk(request: HttpRequest) -> Iterator[Session]:
    """Session in which the signed-in member acts, for as long as the block lasts.

    Raises
    ------
    Refused
        ``not_signed_in``, ``no_workspace_served``.
    """
    member = getattr(request, "member", None)
    if member is None:
        raise Refused(Problem("not_signed_in"))
    with _lock:
        session = _session()
        before = session.organisation, session.actor, session.roles
        session.organisation = member.organisation
        session.actor = member.person_code
        session.roles = frozenset(member.roles)
        try:
            yield session
        finally:
            session.organisation, session.actor, session.roles = before


@contextmanager
def public_desk() -> Iterator[Session]:
    """Session of nobody: for health, and for what is published."""
    with _lock:
        session = _session()
        before = session.organisation, session.actor, session.roles
        _nobody(session)
        try:
            yield session
        finally:
            session.organisation, session.actor, session.roles = before


def _nobody(session: Session) -> None:
    """No organisation has this id and no role allows anything: what forgets to ask gets nothing."""
    session.organisation = "nobody"
    session.actor = ""
    session.roles = frozenset()
