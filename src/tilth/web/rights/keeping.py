"""Keeps the notes of views in the server's database."""

from __future__ import annotations

from tilth.service.viewing import View
from tilth.web.rights.models import SeenRecord

__all__ = ["StoredViews"]


class StoredViews:
    """See `tilth.service.viewing.Views`."""

    def note(self, view: View) -> None:
        """Append a view; what is longer than its column is cut, never refused."""
        SeenRecord.objects.create(
            **{**view._asdict(), "actor": view.actor[:200], "why": view.why[:200]}
        )

    def of_owner(self, owner: str, limit: int) -> list[View]:
        """Views of the records of an organisation, the newest first."""
        rows = SeenRecord.objects.filter(owner=owner)[:limit]
        return [
            View(one.seen_at, one.organisation, one.actor, one.record, one.owner, one.why)
            for one in rows
        ]
