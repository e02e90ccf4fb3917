"""Addresses of the inbox."""

from __future__ import annotations

from django.urls import path

from tilth.web.inbox import deciding, views

app_name = "inbox"
urlpatterns = [
    path("inbox", views.listed, name="list"),
    path("inbox/mark", views.mark, name="mark"),
    path("inbox/report/<slug:statement>/checks", views.checked, name="checks"),
    path("inbox/report/<slug:statement>/around", views.around, name="around"),
    path("inbox/report/<slug:statement>/name", views.name, name="name"),
    path("inbox/ask", deciding.ask, name="ask"),
    path("inbox/choice/<slug:name>", deciding.choice, name="choice"),
    path("inbox/choice/<slug:name>/examine", deciding.examine_again, name="examine"),
    path("inbox/undo", deciding.undo, name="undo"),
]
