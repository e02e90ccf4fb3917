"""Addresses of quality."""

from __future__ import annotations

from django.urls import path

from tilth.web.quality import views

app_name = "quality"
urlpatterns = [
    path("quality", views.home, name="home"),
    path("quality/recall/<slug:statement>", views.recall, name="recall"),
    path("quality/<path:name>/move", views.move, name="move"),
]
