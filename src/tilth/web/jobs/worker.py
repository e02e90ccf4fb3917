"""The process that does the jobs, one after the other."""

from __future__ import annotations

import logging
import os
import sys

import django
from django.core.management import call_command
from django.utils import timezone

__all__ = ["main"]

_log = logging.getLogger("tilth.jobs")


def main() -> int:
    """Settle what a worker that was killed left behind, then work until told to stop.

    A server has one worker (`tilth.web.serving.plan.alone`): what stands as being at work when it
    starts is nobody's any more.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tilth.web.settings")
    django.setup()
    settle()
    call_command("db_worker", queue_name="*", interval=0.5, startup_delay=False)
    return 0


def settle() -> None:
    """Mark interrupted jobs, and forget old ones."""
    from django_tasks_db.models import DBTaskResult  # noqa: PLC0415 - needs the apps

    from tilth.web.jobs.queue import KEPT, forget_old, interrupt_lost  # noqa: PLC0415

    lost = interrupt_lost(all_at_work=True)
    if lost:
        _log.warning("%d jobs were interrupted", lost)
    DBTaskResult.objects.running().delete()
    DBTaskResult.objects.finished().filter(finished_at__lt=timezone.now() - KEPT).delete()
    forget_old()


if __name__ == "__main__":
    sys.exit(main())
