"""Addresses of a person's own work."""

from __future__ import annotations

from django.urls import path

from tilth.web.jobs import views

app_name = "jobs"
urlpatterns = [
    path("jobs", views.listed, name="list"),
    path("jobs/rows", views.rows, name="rows"),
    path("jobs/account", views.ask_account, name="ask_account"),
    path("jobs/<int:number>", views.show, name="show"),
    path("jobs/<int:number>/part", views.part, name="part"),
    path("jobs/<int:number>/cancel", views.end, name="cancel"),
    path("jobs/<int:number>/retry", views.again, name="retry"),
]
