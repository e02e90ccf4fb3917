"""Addresses of the search."""

from __future__ import annotations

from django.urls import path

from tilth.web.find import views

app_name = "find"
urlpatterns = [
    path("search", views.results, name="results"),
    path("search/options", views.options, name="options"),
]
