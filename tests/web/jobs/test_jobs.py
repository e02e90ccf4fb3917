"""Work in the background: asked for, watched, cancelled, asked for again; only one's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from tilth.core.problems import Problem, Refused
from tilth.web.jobs import queue, worker
from tilth.web.jobs.models import Job, State
from tilth.web.people.models import Member

pytestmark = pytest.mark.usefixtures("db", "read_only")


@pytest.fixture
def kind() -> Iterator[dict[str, Any]]:
    """A kind whose work the test decides: ``kind["work"]``."""
    given: dict[str, Any] = {"work": lambda job, session, **params: dict(params)}

    @queue.job("trial", title="Trial")
    def trial(job: Job, session: Any, **params: Any) -> Mapping[str, Any]:
        result: Mapping[str, Any] = given["work"](job, session, **params)
        return result

    yield given
    del queue.KINDS["trial"]


@pytest.fixture
def client(sign_in: Any) -> Client:
    found: Client = sign_in("information_manager", code="im7")
    return found


@pytest.fixture
def member(client: Client) -> Member:
    return Member.objects.get(person_code="im7")


def work_off() -> None:
    """What the worker does with everything that waits."""
    for row in DBTaskResult.objects.ready():
        row.claim("test")
        queue.run.call(*row.args_kwargs["args"])
        row.set_successful(None)


def fresh(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def test_a_job_is_done_as_the_person_who_asked(kind: dict[str, Any], member: Member) -> None:
    def who(job: Job, session: Any, **params: Any) -> dict[str, Any]:
        return {"actor": session.actor, "roles": sorted(session.roles), **params}

    kind["work"] = who
    made = queue.start(member, "trial", file="abc")
    assert fresh(made).state == State.WAITING
    work_off()
    done = fresh(made)
    assert (done.state, done.attempt) == (State.DONE, 1)
    assert done.result == {"actor": "im7", "roles": ["information_manager"], "file": "abc"}
    assert done.started is not None
    assert done.finished is not None


def test_a_person_who_left_has_nothing_done(kind: dict[str, Any], member: Member) -> None:
    made = queue.start(member, "trial")
    Member.objects.filter(pk=member.pk).update(active=False)
    work_off()
    assert [one.code for one in fresh(made).refusals] == ["job_right_lost"]


def test_a_refusal_is_told_and_a_fault_names_only_its_kind(
    kind: dict[str, Any], member: Member
) -> None:
    def refuse(*_: Any, **__: Any) -> dict[str, Any]:
        raise Refused(Problem("bad_day", "row 3", {"text": "31 June"}))

    def fail(*_: Any, **__: Any) -> dict[str, Any]:
        raise ValueError("a name that must not be shown")

    kind["work"] = refuse
    refused = queue.start(member, "trial")
    work_off()
    kind["work"] = fail
    failed = queue.start(member, "trial")
    work_off()
    assert fresh(refused).problems == [["bad_day", "row 3", {"text": "31 June"}]]
    assert fresh(failed).problems == [
        ["job_fault", "", {"what": "ValueError", "number": failed.pk}]
    ]


def test_progress_is_kept_and_a_job_at_work_ends_at_its_next_step_when_cancelled(
    kind: dict[str, Any], member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "_SAVE_S", 0.0)
    steps = []

    def work(job: Job, session: Any) -> dict[str, Any]:
        for step in range(1, 6):
            queue.progress(job, step, 5, "Reading rows")
            steps.append((fresh(job).progress_done, fresh(job).message))
            if step == 3:
                queue.cancel(member, job.pk)
        return {}

    kind["work"] = work
    made = queue.start(member, "trial")
    work_off()
    ended = fresh(made)
    assert steps == [(1, "Reading rows"), (2, "Reading rows"), (3, "Reading rows")]
    assert (ended.state, ended.result) == (State.CANCELLED, {})


def test_a_job_that_waits_is_cancelled_at_once_and_never_begun(
    kind: dict[str, Any], member: Member
) -> None:
    made = queue.start(member, "trial")
    queue.cancel(member, made.pk)
    work_off()
    assert (fresh(made).state, fresh(made).started) == (State.CANCELLED, None)
    with pytest.raises(Refused, match="job_over"):
        queue.cancel(member, made.pk)


def test_a_job_whose_worker_was_killed_is_found_interrupted_and_done_when_asked_again(
    kind: dict[str, Any], member: Member
) -> None:
    made = queue.start(member, "trial", file="abc")
    work_off()
    now = timezone.now()
    at_work = Job.objects.filter(pk=made.pk)
    at_work.update(state=State.RUNNING, beat_at=now, finished=None, progress_done=40, result={})
    assert [one.state for one in queue.jobs_of(member)] == [State.RUNNING]
    with pytest.raises(Refused, match="job_not_over"):
        queue.retry(member, made.pk)
    at_work.update(beat_at=now - queue.LOST_AFTER - timedelta(seconds=1))
    assert [one.state for one in queue.jobs_of(member)] == [State.INTERRUPTED]
    queue.retry(member, made.pk)
    assert (fresh(made).attempt, fresh(made).progress_done) == (2, 0)
    work_off()
    assert (fresh(made).state, fresh(made).result) == (State.DONE, {"file": "abc"})


def test_a_worker_that_starts_settles_what_the_last_one_left(
    kind: dict[str, Any], member: Member
) -> None:
    made = queue.start(member, "trial")
    DBTaskResult.objects.get().claim("killed")
    Job.objects.filter(pk=made.pk).update(state=State.RUNNING, beat_at=timezone.now())
    worker.settle()
    assert fresh(made).state == State.INTERRUPTED
    assert not DBTaskResult.objects.exists()


def test_what_a_given_up_attempt_still_does_changes_nothing(
    kind: dict[str, Any], member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "_SAVE_S", 0.0)

    def work(job: Job, session: Any) -> dict[str, Any]:
        Job.objects.filter(pk=job.pk).update(state=State.INTERRUPTED)
        queue.retry(member, job.pk)
        queue.progress(job, 1, 2)
        return {"of": "the first"}

    kind["work"] = work
    made = queue.start(member, "trial")
    first = DBTaskResult.objects.get()
    queue.run.call(*first.args_kwargs["args"])
    assert (fresh(made).state, fresh(made).attempt, fresh(made).result) == (State.WAITING, 2, {})


def test_nobody_fills_the_queue(kind: dict[str, Any], member: Member) -> None:
    for _ in range(queue.MOST_WAITING):
        queue.start(member, "trial")
    with pytest.raises(Refused, match="too_many_jobs"):
        queue.start(member, "trial")


def test_old_jobs_are_forgotten(kind: dict[str, Any], member: Member) -> None:
    old, young = queue.start(member, "trial"), queue.start(member, "trial")
    work_off()
    Job.objects.filter(pk=old.pk).update(finished=timezone.now() - queue.KEPT * 2)
    queue.forget_old()
    assert [one.pk for one in queue.jobs_of(member)] == [young.pk]


# -- pages ---------------------------------------------------------------------------------------


def test_the_account_of_an_earlier_time_is_asked_for_on_a_page(client: Client) -> None:
    empty = client.get("/jobs").content.decode()
    assert "You have asked for nothing yet" in empty
    assert "hx-get" not in empty.split('id="jobs-rows"')[1].split(">")[0]
    asked = client.post("/jobs/account", {"known": "position:40", "until": ""}, follow=True)
    page = asked.content.decode()
    assert "waiting" in page
    assert 'hx-trigger="every 2s"' in page
    work_off()
    done = client.get(asked.redirect_chain[-1][0]).content.decode()
    assert "hx-trigger" not in done.split('id="job"')[1].split(">")[0]
    for level in ("reported", "verified", "approved", "prudent"):
        assert f"level={level}" in done
    assert "until" in done


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        ({"known": "yesterday"}, "bad_known_at"),
        ({"known": "position:999999"}, "bad_known_at"),
        ({"known": "2026-03-31", "until": "soon"}, "2026-03-31"),
        ({"known": ""}, "jobs-ask"),
    ],
)
def test_what_cannot_be_asked_is_said_at_once_and_stays_in_the_form(
    client: Client, sent: dict[str, str], answered: str
) -> None:
    answer = client.post("/jobs/account", sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert answered in page
    for text in filter(None, sent.values()):
        assert f'value="{text}"' in page
    assert not Job.objects.exists()


def test_a_stranger_sees_nothing_of_it_and_can_do_nothing_with_it(
    kind: dict[str, Any], client: Client, member: Member, sign_in: Any
) -> None:
    made = queue.start(member, "trial")
    stranger = sign_in("administrator", code="adm2")
    for path in (f"/jobs/{made.pk}", f"/jobs/{made.pk}/part", "/jobs/987654"):
        assert stranger.get(path).status_code == 404, path
    for act in ("cancel", "retry"):
        answer = stranger.post(f"/jobs/{made.pk}/{act}")
        assert answer.status_code in (404, 422)
        assert client.get(f"/jobs/{made.pk}/{act}").status_code == 405
    assert fresh(made).state == State.WAITING
    assert "Trial" not in stranger.get("/jobs/rows").content.decode()
    assert Client().get("/jobs").status_code == 302


def test_cancel_and_try_again_by_the_buttons(
    kind: dict[str, Any], client: Client, member: Member
) -> None:
    made = queue.start(member, "trial")
    page = client.post(f"/jobs/{made.pk}/cancel", follow=True).content.decode()
    assert "Try again" in page
    page = client.post(f"/jobs/{made.pk}/retry", follow=True).content.decode()
    assert "waiting" in page
    work_off()
    assert "Try again" not in client.get(f"/jobs/{made.pk}/part").content.decode()
