"""Who looked at protected records: each view is noted before anything is shown."""

from __future__ import annotations

from tilth.core.problems import Problem, Refused, register
from tilth.core.statement import split_record_id
from tilth.core.viewing import View, Views
from tilth.service.session import Session

__all__ = ["View", "Views", "note_view", "views_of"]

register(
    {
        "views_not_kept": (
            "Views of protected records cannot be noted here, so that none is shown.",
            "Ask the server's operator: its database takes no notes of views.",
        ),
    }
)


def note_view(session: Session, record: str, why: str) -> None:
    """Note that the person of this session is about to see a protected record.

    Where no roles are asked, on the command line of the machine that holds the vault, and nothing
    takes notes, none is made.

    Raises
    ------
    Refused
        ``views_not_kept``: where members sign in, what cannot be noted is not shown.
    """
    if session.views is None:
        if session.roles is None:
            return
        raise Refused(Problem("views_not_kept"))
    owner = split_record_id(record)[0]
    view = View(session.workspace.now(), session.own, session.actor, record, owner, why)
    session.views.note(view)


def views_of(session: Session, limit: int = 1000) -> list[View]:
    """Views of the own organisation's protected records, the newest first.

    Raises
    ------
    Refused
        ``role_not_permitted``: it is for who may erase records of staff.
    """
    session.require_role("erase", "person")
    return [] if session.views is None else list(session.views.of_owner(session.own, limit))
