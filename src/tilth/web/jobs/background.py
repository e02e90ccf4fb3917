"""Kinds of jobs that belong to no other part: the account as it was known at an earlier time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from tilth.core.chains import LEVELS
from tilth.service.accounting import Question, accounts
from tilth.service.session import Session
from tilth.web.jobs.models import Job
from tilth.web.jobs.queue import job, progress

__all__ = ["account_at"]


@job(
    "account_at",
    title=_("Account as known earlier"),
    template="jobs/account_at.html",
    about=lambda params: str(params.get("known_at", "")),
)
def account_at(job: Job, session: Session, *, known_at: str, until: str = "") -> Mapping[str, Any]:
    """Both accounts at all levels as known at a time; then kept, so that pages answer at once.

    Parameters
    ----------
    known_at
        Day, time or ``position:N``.
    until
        Day, inclusive; empty for today.

    Raises
    ------
    Refused
        ``bad_known_at``, ``bad_day``.
    """
    total = len(LEVELS)
    progress(job, 0, total, gettext_noop("Reading what was known then"))

    def each(done: int) -> None:
        progress(job, done, total, gettext_noop("Measuring the land of each level"))

    question = Question(until=until, known_at=known_at)
    found = accounts(session, question, tuple(LEVELS), each=each)
    return {"accounts": [found[level] for level in LEVELS]}
