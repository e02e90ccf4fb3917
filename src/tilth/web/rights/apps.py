"""The Django app of rights."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["RightsConfig"]


class RightsConfig(AppConfig):
    """Notes of views of protected records."""

    name = "tilth.web.rights"
    label = "rights"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have sessions note views in this app's table."""
        from tilth.web import ledger  # noqa: PLC0415 - needs the settings
        from tilth.web.rights.keeping import StoredViews  # noqa: PLC0415 - needs the models

        ledger.keep_views_in(StoredViews())
