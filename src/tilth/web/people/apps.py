"""The Django app of people."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["PeopleConfig"]


class PeopleConfig(AppConfig):
    """Accounts of people, beside Django's own user, which holds a sign-in name and nothing more."""

    name = "tilth.web.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to sign-ins and what else the security log tells."""
        from tilth.web.people import listening  # noqa: PLC0415 - needs the models

        listening.listen()
