"""Addresses: each part of the pages brings its own."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

handler400 = "tilth.web.frame.errors.bad_request"
handler403 = "tilth.web.frame.errors.permission_denied"
handler404 = "tilth.web.frame.errors.not_found"
handler500 = "tilth.web.frame.errors.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(f"{area}.urls")) for area in settings.AREAS
]
