"""The part of the pages that shows the operation as a whole."""

from __future__ import annotations

from django.apps import AppConfig


class OperationPage(AppConfig):
    """The operation's own page, which remembers how far each member has read."""

    name = "tilth.web.operation"
    label = "operation_page"
    default_auto_field = "django.db.models.BigAutoField"
