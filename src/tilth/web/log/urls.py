"""Addresses of the check of the log."""

from __future__ import annotations

from django.urls import path

from tilth.web.log import views

app_name = "log"
urlpatterns = [
    path("log", views.check, name="check"),
    path("log/checkpoint/<path:log>", views.checkpoint, name="checkpoint"),
    path("log/leaves/<path:log>", views.leaf_hashes, name="leaves"),
    path("log/compare", views.compare_older, name="compare"),
    path("log/statement/<slug:named>", views.statement, name="statement"),
]
