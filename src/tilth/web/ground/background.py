"""What the map does in the background: the map as it was known at an earlier time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from tilth.service.map_layers import publish_past
from tilth.service.session import Session
from tilth.web.jobs.models import Job
from tilth.web.jobs.queue import job, progress

__all__ = ["map_at"]


@job("map_at", title=_("Map as known earlier"), template="ground/job.html")
def map_at(job: Job, session: Session, *, known_at: str) -> Mapping[str, Any]:
    """Make the map of a past position; then kept, so that the page shows it at once.

    Raises
    ------
    Refused
        ``bad_known_at``.
    """
    progress(job, 0, 1, gettext_noop("Reading what was known then"))
    position = publish_past(session, known_at)
    progress(job, 1, 1)
    address = f"{reverse('ground:map')}?{urlencode({'known': known_at})}"
    return {"address": address, "known_at": known_at, "position": position}
