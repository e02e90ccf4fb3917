"""Addresses of the settings."""

from __future__ import annotations

from django.urls import path

from tilth.web.office import people_views, views

app_name = "office"
urlpatterns = [
    path("settings", views.home, name="home"),
    path("settings/organisations", views.organisations, name="organisations"),
    path("settings/rules", views.rules, name="rules"),
    path("settings/fields", views.fields, name="fields"),
    path("settings/languages", views.languages, name="languages"),
    path("settings/basemaps", views.basemaps, name="basemaps"),
    path("settings/keys", views.keys, name="keys"),
    path("settings/people", people_views.people, name="people"),
    path("settings/people/invite", people_views.invite, name="invite"),
    path("settings/people/<int:pk>", people_views.person, name="person"),
    path("settings/people/<int:pk>/roles", people_views.roles, name="roles"),
    path("settings/people/<int:pk>/link", people_views.link, name="link"),
    path("settings/people/<int:pk>/sessions", people_views.sessions, name="sessions"),
    path("settings/people/<int:pk>/active", people_views.active, name="active"),
    path("settings/security", people_views.security, name="security"),
]
