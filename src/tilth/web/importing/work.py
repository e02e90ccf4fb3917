"""Begin work on a file, and say how far it is."""

from __future__ import annotations

from typing import NamedTuple

from django.http import HttpRequest

from tilth.web.importing.models import Upload
from tilth.web.jobs import queue
from tilth.web.jobs.models import Job, State

__all__ = ["Working", "begin", "state_of"]


class Working(NamedTuple):
    """How far the work on a file is."""

    working: bool
    failed: bool
    done: int
    total: int


def begin(request: HttpRequest, one: Upload, kind: str) -> None:
    """Start a job on a file and note it there."""
    started = queue.start(request, kind, upload=str(one.pk))
    Upload.objects.filter(pk=one.pk).update(job=str(started.pk))


def state_of(one: Upload) -> Working | None:
    """State of the newest job on a file; None when there was none."""
    queue.interrupt_lost()
    found = Job.objects.filter(pk=int(one.job)).first() if one.job.isdecimal() else None
    if found is None:
        return None
    return Working(
        found.state in (State.WAITING, State.RUNNING),
        found.state in (State.INTERRUPTED, State.FAILED, State.CANCELLED),
        found.progress_done,
        found.progress_total,
    )
