"""Addresses of signing in and of the own account; of allauth those that are wanted, no others."""

from __future__ import annotations

from allauth.account import views as account_views
from allauth.socialaccount import views as social_views
from allauth.usersessions import views as session_views
from django.urls import include, path

from tilth.web.people import views

_OWN = (
    [
        path("", views.account, name="account"),
        path("link", views.link, name="link"),
        path("arrive", views.arrive, name="arrive"),
        path("organisation", views.switch, name="switch"),
        path("kept", views.kept, name="kept"),
    ],
    "people",
)

_ACCOUNT = [
    path("sign-in", views.sign_in, name="account_login"),
    path("sign-out", account_views.logout, name="account_logout"),
    path("ended", account_views.account_inactive, name="account_inactive"),
    path("again", account_views.reauthenticate, name="account_reauthenticate"),
    path("password", account_views.password_change, name="account_change_password"),
    path("password/first", views.set_password, name="account_set_password"),
    path("password/forgotten", views.forgotten, name="account_reset_password"),
    path("sessions", session_views.list_usersessions, name="usersessions_list"),
    path("factors/", include("allauth.mfa.urls")),
    path("", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("by/cancelled", social_views.login_cancelled, name="socialaccount_login_cancelled"),
    path("by/failed", social_views.login_error, name="socialaccount_login_error"),
]

urlpatterns = [
    path("account/", include(_OWN)),
    path("account/", include(_ACCOUNT)),
]
