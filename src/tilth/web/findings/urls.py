"""Addresses of the findings."""

from __future__ import annotations

from django.urls import path

from tilth.web.findings import views

app_name = "findings"
urlpatterns = [
    path("findings", views.listed, name="list"),
    path("findings/explain", views.explain, name="explain"),
    path("findings.csv", views.as_csv, name="csv"),
    path("findings.geojson", views.as_geojson, name="geojson"),
]
