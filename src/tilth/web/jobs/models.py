"""A job as it is kept: what was asked, how far it is, what came of it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tilth.core.problems import Problem
from tilth.web.people.models import Member

__all__ = ["Job", "State"]


class State(models.TextChoices):
    """Where a job stands."""

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("at work")
    DONE = "done", _("done")
    FAILED = "failed", _("not done")
    CANCELLED = "cancelled", _("cancelled")
    INTERRUPTED = "interrupted", _("interrupted")


ENDED = (State.DONE, State.FAILED, State.CANCELLED, State.INTERRUPTED)


class Job(models.Model):
    """One job.

    Attributes
    ----------
    member
        Who asked; it is done with this person's roles at the time it is done.
    params
        What was asked for, as the kind's function takes it.
    progress_done, progress_total
        Steps; a total of 0 is not known.
    message
        What is being done, an English message id.
    problems
        Why it was not done: lists of code, where and parameters.
    beat_at
        When it was last known to be at work.
    """

    kind = models.CharField(max_length=40)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="jobs")
    organisation = models.CharField(max_length=64)
    params = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    progress_done = models.BigIntegerField(default=0)
    progress_total = models.BigIntegerField(default=0)
    message = models.CharField(max_length=200, default="", blank=True)
    problems = models.JSONField(default=list)
    result = models.JSONField(default=dict)
    created = models.DateTimeField(auto_now_add=True)
    started = models.DateTimeField(null=True)
    finished = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True)
    cancel_requested = models.BooleanField(default=False)
    attempt = models.PositiveIntegerField(default=1)

    class Meta:
        """Newest first; the queue and the list are looked up by these."""

        ordering: ClassVar = ["-created", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["member", "-created"], name="jobs_of_member"),
            models.Index(fields=["state", "beat_at"], name="jobs_by_state"),
        ]

    def __str__(self) -> str:
        """Kind and number."""
        return f"{self.kind} {self.pk}"

    @property
    def owner(self) -> Any:
        """The user who asked."""
        return self.member.user

    @property
    def active(self) -> bool:
        """Whether something can still come of it by itself."""
        return self.state not in ENDED

    @property
    def may_retry(self) -> bool:
        """Whether it can be asked for once more."""
        return self.state in (State.FAILED, State.CANCELLED, State.INTERRUPTED)

    @property
    def refusals(self) -> list[Problem]:
        """Why it was not done."""
        return [Problem(code, where, params) for code, where, params in self.problems]
