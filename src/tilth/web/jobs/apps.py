"""The Django app of jobs."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

__all__ = ["JobsConfig"]


class JobsConfig(AppConfig):
    """Jobs of every part of the pages; each part has its own kinds in a module ``background``."""

    name = "tilth.web.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Learn the kinds of all parts."""
        autodiscover_modules("background")
