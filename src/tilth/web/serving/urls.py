"""Addresses for programs that watch the server."""

from __future__ import annotations

from django.urls import path

from tilth.web.serving import views

app_name = "serving"
urlpatterns = [
    path("health", views.health, name="health"),
    path("ready", views.ready, name="ready"),
]
