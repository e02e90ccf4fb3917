"""The Django app of the API."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["ApiConfig"]


class ApiConfig(AppConfig):
    """Tokens, and the answers that were sent to them."""

    name = "tilth.web.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """End the tokens of whoever loses the access."""
        from tilth.web.api import tokens  # noqa: PLC0415 - needs the models

        tokens.listen()
