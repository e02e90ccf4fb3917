"""Addresses of the API and of the pages about it."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, re_path

from tilth.web.api import pages
from tilth.web.api.entrance import entered
from tilth.web.api.routes import api


def _operations() -> list[URLPattern | URLResolver]:
    """Operations, each reached with a token alone; last what is not there."""
    found: list[URLPattern | URLResolver] = []
    for one in api.urls[0]:
        if isinstance(one, URLPattern) and str(one.pattern):
            one.callback = entered(one.callback)
            found.append(one)
    return [*found, re_path("", entered(pages.nothing_here))]


app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("api", pages.operations, name="operations"),
    path("api/v1/openapi.json", pages.description, name="description"),
    path("api/v1/", include((_operations(), "api-1"))),
    path("tokens", pages.tokens, name="tokens"),
    path("tokens/<int:pk>/end", pages.end, name="end"),
]
