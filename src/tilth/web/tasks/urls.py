"""Addresses of tasks and teams."""

from __future__ import annotations

from django.urls import path

from tilth.web.tasks import views

app_name = "tasks"
urlpatterns = [
    path("tasks", views.board, name="board"),
    path("tasks/teams", views.teams, name="teams"),
    path("tasks/gate", views.gate, name="gate"),
    path("tasks/<path:name>/move", views.move, name="move"),
    path("tasks/<path:name>", views.task, name="task"),
]
