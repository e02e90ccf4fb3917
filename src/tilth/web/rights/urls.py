"""Addresses of rights."""

from __future__ import annotations

from django.urls import path

from tilth.web.rights import views

app_name = "rights"
urlpatterns = [path("rights/views", views.seen, name="seen")]
