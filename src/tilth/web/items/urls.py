"""Addresses of the item account."""

from __future__ import annotations

from django.urls import path

from tilth.web.items import views

app_name = "items"
urlpatterns = [
    path("items", views.home, name="home"),
    path("items.csv", views.table, name="table"),
    path("items/explosives.csv", views.stock_table, name="stock_table"),
]
