"""Addresses of the import."""

from __future__ import annotations

from django.urls import path

from tilth.web.importing import views

app_name = "importing"
urlpatterns = [
    path("import", views.home, name="home"),
    path("import/template/<slug:kind>.csv", views.template, name="template"),
    path("import/delivery/<slug:name>", views.delivery, name="delivery"),
    path("import/delivery/<slug:name>/refused.csv", views.refused, name="refused"),
    path("import/<uuid:pk>", views.upload, name="upload"),
    path("import/<uuid:pk>/map.svg", views.picture, name="picture"),
    path("import/<uuid:pk>/take-in", views.take_in, name="take_in"),
    path("import/<uuid:pk>/drop", views.drop, name="drop"),
]
