"""How far each member has read, so that the page can say what changed since."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models

from tilth.web.people.models import Member

__all__ = ["Visit", "arrive"]

ABSENCE = timedelta(minutes=30)
"""Who was away for so long begins a new visit: what changed is counted from the last one's end."""

_WRITTEN_EVERY = timedelta(minutes=1)


class Visit(models.Model):
    """Position (receipts) that a member saw last, and the one at the end of the visit before."""

    member = models.OneToOneField(Member, models.CASCADE, primary_key=True, related_name="visit")
    since = models.BigIntegerField(default=0)
    """Position at the end of the visit before this one; 0 on the first."""
    since_at = models.DateTimeField(null=True)
    position = models.BigIntegerField(default=0)
    """Position seen last in this visit."""
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.member_id}: {self.since} to {self.position}"


def arrive(member: Member, position: int, now: datetime) -> Visit:
    """Take note that a member sees a position; the visit it belongs to.

    Within one visit the beginning stays: looking twice does not make news old. Written at most
    once a minute.
    """
    visit = Visit.objects.filter(member=member).first()
    if visit is None:
        return Visit.objects.create(member=member, position=position, seen_at=now)
    if now - visit.seen_at > ABSENCE:
        visit.since, visit.since_at = visit.position, visit.seen_at
    elif now - visit.seen_at < _WRITTEN_EVERY and visit.position == position:
        return visit
    visit.position, visit.seen_at = position, now
    visit.save()
    return visit
