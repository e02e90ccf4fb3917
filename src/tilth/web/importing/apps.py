"""The part of the pages that takes files in."""

from __future__ import annotations

from django.apps import AppConfig


class Importing(AppConfig):
    """Files that wait between being sent and being taken in."""

    name = "tilth.web.importing"
    label = "importing"
