"""Addresses of records and of what is said of them."""

from __future__ import annotations

from django.urls import path

from tilth.web.record import deciding, saying, views

app_name = "record"
urlpatterns = [
    path("record/measure", saying.measure, name="measure"),
    path("record/new/<slug:kind>", saying.new, name="new"),
    path("record/<path:name>/correct", saying.correct, name="correct"),
    path("record/<path:name>/revise", saying.revise, name="revise"),
    path("record/<path:name>/decide/<slug:act>", deciding.decide, name="decide"),
    path("record/<path:name>/map.svg", views.picture, name="picture"),
    path("record/<path:name>/findings", views.findings, name="findings"),
    path("record/<path:name>/account", views.account, name="account"),
    path("record/<path:name>/file/<slug:digest>", views.file, name="file"),
    path("record/<path:name>", views.show, name="show"),
]
