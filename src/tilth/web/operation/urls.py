"""Addresses of the operation page."""

from __future__ import annotations

from django.urls import path

from tilth.web.operation import curves, views

app_name = "operation"
urlpatterns = [
    path("", views.home, name="home"),
    path("operation/fresh", views.fresh, name="fresh"),
    path("operation/account.csv", views.account_table, name="account_table"),
    path("operation/organisations.csv", views.organisation_table, name="organisation_table"),
    path("operation/curve", curves.page, name="curve"),
    path("operation/curve.json", curves.values, name="curve_values"),
    path("operation/curve.csv", curves.table, name="curve_table"),
]
