"""Start, watch, cancel and repeat jobs; and what the worker does with them.

A job runs in another process. It may be killed at any moment, so that each kind must bear being
done again from its beginning; what was stored by then stays, and is not stored twice.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from django.db import close_old_connections, connection, transaction
from django.http import HttpRequest
from django.utils import timezone
from django_tasks import task

from tilth.core.problems import Problem, Refused, register
from tilth.web.jobs.models import ENDED, Job, State
from tilth.web.ledger import desk
from tilth.web.people.models import Member

__all__ = [
    "KINDS",
    "Kind",
    "cancel",
    "interrupt_lost",
    "job",
    "jobs_of",
    "progress",
    "retry",
    "start",
]

BEAT_S = 5.0
LOST_AFTER = timedelta(seconds=45)
"""A job at work whose worker has not beaten for so long was killed."""
KEPT = timedelta(days=30)
_SAVE_S = 0.5
MOST_WAITING = 20

_log = logging.getLogger("tilth.jobs")
Work = Callable[..., Mapping[str, Any]]
About = Callable[[Mapping[str, Any]], str]

register(
    {
        "job_kind_unknown": (
            "There is no work of the kind {kind}.",
            "Start it from its page.",
        ),
        "job_not_yours": (
            "There is no such work of yours.",
            "Look at the list of your work.",
        ),
        "job_not_over": (
            "This work is not over.",
            "Cancel it first, or wait.",
        ),
        "job_over": (
            "This work is over already.",
            "Look at what came of it.",
        ),
        "job_right_lost": (
            "You no longer belong to the organisation that this was asked for.",
            "Ask an administrator of the organisation.",
        ),
        "job_fault": (
            "A fault in Tilth itself stopped this work ({what}).",
            "Try once more; if it fails again, tell whoever runs this server the number {number}.",
        ),
        "too_many_jobs": (
            "{count} pieces of your work are waiting already.",
            "Wait until some are done, or cancel some.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job.

    Parameters
    ----------
    title
        What it is called on pages; lazily translated.
    work
        ``work(job, session, **params)`` gives the result, a JSON object. It calls `progress`
        between its steps and may be called again after it was killed.
    template
        Template that shows the result, given ``job`` and ``result``.
    about
        From its parameters to what tells two of a kind apart, such as the name of a file.
    """

    title: Any
    work: Work
    template: str = ""
    about: About = lambda params: ""


KINDS: dict[str, Kind] = {}


def job(
    name: str, *, title: Any, template: str = "", about: About = lambda params: ""
) -> Callable[[Work], Work]:
    """Register a kind: a decorator for its function, in a module ``background`` of its part."""

    def take(work: Work) -> Work:
        KINDS[name] = Kind(title, work, template, about)
        return work

    return take


class _Cancelled(Exception):
    """The person asked that the job end."""


def start(who: HttpRequest | Member, kind: str, **params: Any) -> Job:
    """Put a job into the queue; it is done with the rights that the person then has.

    Parameters
    ----------
    who
        The request of who asks, or the member.
    params
        JSON values for the kind's function. Never what the person may not keep: they are stored.

    Raises
    ------
    Refused
        ``job_kind_unknown``, ``not_signed_in``, ``too_many_jobs``.
    """
    if kind not in KINDS:
        raise Refused(Problem("job_kind_unknown", kind, {"kind": kind}))
    member = who if isinstance(who, Member) else getattr(who, "member", None)
    if member is None:
        raise Refused(Problem("not_signed_in"))
    with transaction.atomic():
        waiting = Job.objects.filter(member=member, state=State.WAITING).count()
        if waiting >= MOST_WAITING:
            raise Refused(Problem("too_many_jobs", "", {"count": waiting}))
        made = Job.objects.create(
            kind=kind, member=member, organisation=member.organisation, params=params
        )
        run.enqueue(made.pk, made.attempt)
    return made


def progress(job: Job, done: int, total: int = 0, message: str = "") -> None:
    """Say how far a job is; ends it here when the person asked for that.

    Cheap enough to be called for each row: it is written twice a second at the most.

    Parameters
    ----------
    total
        0 when it is not known.
    message
        What is being done, an English message id.
    """
    job.progress_done, job.progress_total = done, total
    job.message = message or job.message
    now = time.monotonic()
    if now - getattr(job, "_saved_at", 0.0) < _SAVE_S and done != total:
        return
    job._saved_at = now  # type: ignore[attr-defined]
    _write(job)


def _write(job: Job) -> None:
    """Store the progress, unless the job was given up meanwhile.

    Raises
    ------
    _Cancelled
        When it was, or the person asked for it.
    """
    kept = Job.objects.filter(pk=job.pk, state=State.RUNNING, attempt=job.attempt).update(
        progress_done=job.progress_done,
        progress_total=job.progress_total,
        message=job.message,
        beat_at=timezone.now(),
    )
    if not kept or Job.objects.filter(pk=job.pk, cancel_requested=True).exists():
        raise _Cancelled


def jobs_of(member: Member) -> list[Job]:
    """The newest jobs of a person; those whose worker was killed are known as interrupted."""
    interrupt_lost()
    return list(Job.objects.filter(member=member)[:100])


def cancel(member: Member, number: int) -> Job:
    """End a job: at once while it waits, else at its next step.

    Raises
    ------
    Refused
        ``job_not_yours``, ``job_over``.
    """
    found = _own(member, number)
    now = timezone.now()
    waiting = Job.objects.filter(pk=found.pk, state=State.WAITING)
    if not waiting.update(state=State.CANCELLED, finished=now, cancel_requested=True):
        at_work = Job.objects.filter(pk=found.pk, state=State.RUNNING)
        if not at_work.update(cancel_requested=True):
            raise Refused(Problem("job_over", str(number)))
    found.refresh_from_db()
    return found


def retry(member: Member, number: int) -> Job:
    """Put a job that was not done into the queue again, from its beginning.

    Raises
    ------
    Refused
        ``job_not_yours``, ``job_not_over``.
    """
    with transaction.atomic():
        found = _own(member, number)
        over = Job.objects.filter(
            pk=found.pk,
            attempt=found.attempt,
            state__in=(State.FAILED, State.CANCELLED, State.INTERRUPTED),
        )
        again = over.update(
            state=State.WAITING,
            attempt=found.attempt + 1,
            progress_done=0,
            progress_total=0,
            message="",
            problems=[],
            result={},
            started=None,
            finished=None,
            beat_at=None,
            cancel_requested=False,
        )
        if not again:
            raise Refused(Problem("job_not_over", str(number)))
        run.enqueue(found.pk, found.attempt + 1)
    found.refresh_from_db()
    return found


def _own(member: Member, number: int) -> Job:
    found = Job.objects.filter(pk=number, member=member).first()
    if found is None:
        raise Refused(Problem("job_not_yours", str(number)))
    return found


def interrupt_lost(*, all_at_work: bool = False) -> int:
    """Mark jobs whose worker is gone as interrupted; returns how many.

    Parameters
    ----------
    all_at_work
        Whatever stands as being at work: for the one worker that is just starting.
    """
    lost = Job.objects.filter(state=State.RUNNING)
    if not all_at_work:
        lost = lost.filter(beat_at__lt=timezone.now() - LOST_AFTER)
    return lost.update(state=State.INTERRUPTED, finished=timezone.now())


def forget_old() -> int:
    """Remove jobs that ended long ago; returns how many."""
    old = Job.objects.filter(state__in=ENDED, finished__lt=timezone.now() - KEPT)
    return old.delete()[0]


@task()
def run(number: int, attempt: int) -> None:
    """Do a job; called by the worker. Whatever happens is kept with the job."""
    now = timezone.now()
    taken = Job.objects.filter(pk=number, attempt=attempt, state=State.WAITING).update(
        state=State.RUNNING, started=now, beat_at=now
    )
    if not taken:  # cancelled meanwhile
        return
    found = Job.objects.select_related("member__user").get(pk=number)
    end: dict[str, Any]
    with _beating(found):
        try:
            result = _done(found)
            end = {"state": State.DONE, "result": dict(result)}
        except _Cancelled:
            end = {"state": State.CANCELLED}
        except Refused as refusal:
            told = [[one.code, one.where, dict(one.params)] for one in refusal.problems]
            end = {"state": State.FAILED, "problems": told}
        except Exception as error:
            _log.exception("failed", extra={"job": number, "kind": found.kind})
            params = {"what": type(error).__name__, "number": number}
            end = {"state": State.FAILED, "problems": [["job_fault", "", params]]}
    still = Job.objects.filter(pk=number, attempt=attempt, state=State.RUNNING)
    still.update(
        finished=timezone.now(),
        progress_done=found.progress_done,
        progress_total=found.progress_total,
        message=found.message,
        **end,
    )
    _log.info("ended", extra={"job": number, "kind": found.kind, "code": str(end["state"])})


def _done(found: Job) -> Mapping[str, Any]:
    if found.kind not in KINDS:
        raise Refused(Problem("job_kind_unknown", found.kind, {"kind": found.kind}))
    member = found.member
    if not member.active or not member.user.is_active:
        raise Refused(Problem("job_right_lost"))
    with desk(cast("HttpRequest", _Asker(member))) as session:
        result: Mapping[str, Any] = KINDS[found.kind].work(found, session, **found.params)
    return result


@dataclass(frozen=True, slots=True)
class _Asker:
    """Who acts, in the form in which the desk asks for it."""

    member: Member


@contextmanager
def _beating(found: Job) -> Iterator[None]:
    """Say every few seconds that the job is at work, also while it computes for minutes."""
    ended = threading.Event()

    def beat() -> None:
        try:
            while not ended.wait(BEAT_S):
                close_old_connections()
                Job.objects.filter(pk=found.pk, state=State.RUNNING, attempt=found.attempt).update(
                    beat_at=timezone.now()
                )
        except Exception:
            _log.exception("cannot beat", extra={"job": found.pk})
        finally:
            connection.close()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
