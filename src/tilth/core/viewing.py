"""One view of a protected record, and what keeps such notes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

__all__ = ["View", "Views"]


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
