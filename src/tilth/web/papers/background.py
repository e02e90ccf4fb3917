"""Documents about the whole operation are set by the worker: they take seconds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from tilth.service import papers
from tilth.service.session import Session
from tilth.web.jobs.models import Job
from tilth.web.jobs.queue import job, progress

__all__ = ["issue"]


@job("document", title=_("Make a document"), template="papers/job.html")
def issue(job: Job, session: Session, **asked: str) -> Mapping[str, Any]:
    """Issue a document.

    Parameters
    ----------
    asked
        ``document``, ``subject``, ``language``, ``level``, ``until`` as `papers.issue` takes them.

    Raises
    ------
    Refused
        As `tilth.service.papers.issue`.
    """
    progress(job, 0, 1, gettext_noop("Collecting what the document says"))
    made = papers.issue(session, **asked)
    progress(job, 1, 1)
    return {"code": made.code, "record": made.record, "language": made.language, "new": made.new}
