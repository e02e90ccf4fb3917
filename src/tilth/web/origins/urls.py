"""Addresses of how a figure came to be."""

from __future__ import annotations

from django.urls import path

from tilth.web.origins import views

app_name = "origins"
urlpatterns = [
    path("how/record/<path:record>", views.record, name="record"),
    path("how/statement/<slug:named>", views.statement, name="statement"),
    path("how/<slug:figure>.csv", views.table, name="table"),
    path("how/<slug:figure>", views.how, name="how"),
]
