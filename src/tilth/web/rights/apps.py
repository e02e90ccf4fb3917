"""The Django app of rights."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["RightsConfig"]


class RightsConfig(AppConfig):
    """Notes of views of protected records."""

    name = "tilth.web.rights"
    label = "rights"
    default_auto_field = "django.db.models.BigAutoField"
