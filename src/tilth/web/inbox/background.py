"""What the inbox does in the background: find out what a decision on a long list would move."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from tilth.service.frozen import examine
from tilth.service.session import Session
from tilth.web.jobs.models import Job
from tilth.web.jobs.queue import job, progress

__all__ = ["inbox_examine"]

_STEPS = 5


@job("inbox_examine", title=_("What a decision would move"))
def inbox_examine(job: Job, session: Session, *, name: str) -> Mapping[str, Any]:
    """Examine a frozen list; the result tells the address of its page.

    Raises
    ------
    Refused
        ``frozen_unknown``.
    """
    progress(job, 0, _STEPS, gettext_noop("Asking every rule about every report"))

    def each(done: int) -> None:
        progress(job, done, _STEPS, gettext_noop("Measuring what the decision would move"))

    examine(session, name, each=each)
    return {"address": reverse("inbox:choice", args=[name])}
