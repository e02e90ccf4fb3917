"""Who looked at protected records: each view is noted before anything is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from tilth.core.problems import Problem, Refused, register
from tilth.core.statement import split_record_id
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


class View(NamedTuple):
    """One person saw one protected record.

    Parameters
    ----------
    seen_at
        This workspace's clock, UTC.
    organisation, actor
        Who saw it: id of the organisation and code of the person.
    owner
        Id of the organisation in whose log the record stands.
    why
        What it was opened for: a page, an export, a document.
    """

    seen_at: str
    organisation: str
    actor: str
    record: str
    owner: str
    why: str


class Views(Protocol):
    """Where views are kept; nothing in it is ever changed."""

    def note(self, view: View) -> None:
        """Append a view, durably before it returns."""
        ...

    def of_owner(self, owner: str, limit: int) -> Sequence[View]:
        """Views of the records of an organisation, the newest first."""
        ...


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
