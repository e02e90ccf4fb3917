"""A worker with a kind of job that takes long, and what a person does about it meanwhile.

``worker`` runs it; ``act`` prints one JSON object for each line of commands it reads.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any


def learn() -> None:
    from tilth.web.jobs import queue

    @queue.job("slow", title="Slow")
    def slow(job: Any, session: Any, *, steps: int) -> dict[str, int]:
        for step in range(steps if job.attempt == 1 else 3):
            queue.progress(job, step, steps)
            time.sleep(0.05)
        return {"attempt": job.attempt}


def act() -> None:
    from django.contrib.auth.models import User
    from django.core.management import call_command

    from tilth.web.jobs import queue
    from tilth.web.jobs.models import Job
    from tilth.web.people.models import Member
    from tilth.web.serving.pages import migrate

    del call_command
    migrate()
    user = User.objects.create_user("im1")
    member = Member.objects.create(
        user=user, organisation="1b" * 16, person_code="im1", roles=["information_manager"]
    )
    made = queue.start(member, "slow", steps=10_000)
    for line in sys.stdin:
        word = line.strip()
        if word == "retry":
            queue.retry(member, made.pk)
        elif word == "cancel":
            queue.cancel(member, made.pk)
        one = Job.objects.get(pk=made.pk)
        said = {"state": one.state, "done": one.progress_done, "result": one.result}
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tilth.web.settings"
    import django

    django.setup()
    learn()
    if sys.argv[1] == "worker":
        from tilth.web.jobs import worker

        sys.exit(worker.main())
    act()
