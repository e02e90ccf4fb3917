"""A strip worked by four organisations: Blue the authority, Red, Green and White operators.

Green grants Red everything of its own, people too; White grants nobody anything. Red was issued a
task on Blue's first hazard; its second one lies beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from tilth.core.geometry.encoding import value_of
from tilth.core.geometry.frame import Frame
from tilth.service.joining import join
from tilth.service.recording import say
from tilth.service.session import Session, open_session
from tilth.service.upkeep import found

CENTRE = Frame(36_000_000_000, 50_000_000_000)
PEOPLE = ["person", "victim"]


def square(west: float, size: float = 100.0) -> dict[str, Any]:
    """Canonical square given in metres of the centre."""
    ring = shapely.get_coordinates(shapely.box(west, 0, west + size, size))
    return value_of(shapely.Polygon(np.round(CENTRE.unproject(ring), 9)))


@contextmanager
def strip(path: Path) -> Iterator[Session]:
    """The operation, open on the machine: no roles are asked."""
    found(path, organisation="Blue")
    with open_session(path, actor="im1") as session:
        session.fix_frame(CENTRE)
        for name in ("Red", "Green", "White"):
            join(session, name, code=name.upper())
        for number, west in enumerate((0, 200), 1):
            hazard(session, f"HA-{number}", west)
        hazard(session, "HA-W", 400, "WHITE")
        task(session, "TASK-1", "HA-1", "RED")
        move(session, "TASK-1", "issue")
        grant(session, "GREEN", {"to": "RED", "share": "full"})
        grant(session, "GREEN", {"to": "RED", "share": "full", "kinds": PEOPLE})
        yield session


def party(session: Session, name: str) -> str:
    """Id of an organisation by its name."""
    return {one.name: one.id for one in session.workspace.settings.organisations}[name]


@contextmanager
def acting(session: Session, name: str, *roles: str, code: str = "p1") -> Iterator[Session]:
    """The session as of a person of an organisation with these roles."""
    before = session.organisation, session.actor, session.roles
    session.organisation, session.actor = party(session, name), code
    session.roles = frozenset(roles)
    try:
        yield session
    finally:
        session.organisation, session.actor, session.roles = before


def hazard(session: Session, local_id: str, west: float, by: str = "") -> str:
    """A confirmed hazard of one hectare."""
    fields = {
        "local_id": local_id,
        "happened_on": "2026-01-01",
        "classification": "CHA",
        "shape": square(west),
        "name": f"Field of {local_id}",
    }
    return say(session, "hazard_area", fields, speaking_for=by).record


def task(session: Session, local_id: str, hazard_id: str, to: str, by: str = "") -> str:
    """An order, planned."""
    (hazard_record,) = session.workspace.store.find_record(hazard_id)
    fields = {
        "local_id": local_id,
        "happened_on": "2026-01-02",
        "hazard": hazard_record,
        "assigned_to": to,
        "activity": "clearance",
    }
    return say(session, "task", fields, speaking_for=by).record


def move(session: Session, task_id: str, name: str, by: str = "") -> str:
    """A move of a task, as its mover says it."""
    (record,) = [one for one in session.workspace.store.find_record(task_id) if "/task/" in one]
    fields = {"axis": "task", "subject": record, "move": name, "happened_on": "2026-01-03"}
    return say(session, "status_change", fields, speaking_for=by).record


def grant(session: Session, owner: str, *lines: dict[str, Any], by: str | None = None) -> None:
    """Data rights of an organisation, in its own record or, ``by`` another, in that one's."""
    fields = {
        "name": owner.title(),
        "roles": ["operator"],
        "log_id": party(session, owner.title()),
        "data_rights": list(lines),
    }
    say(session, "organisation", fields, speaking_for=owner if by is None else by)
