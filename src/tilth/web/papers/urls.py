"""Addresses of documents."""

from __future__ import annotations

from django.urls import path

from tilth.web.papers import views

app_name = "papers"
urlpatterns = [
    path("documents", views.home, name="list"),
    path("documents/make", views.make, name="make"),
    path("documents/<slug:code>.pdf", views.fetch, name="fetch"),
    path("check", views.check, name="check"),
]
