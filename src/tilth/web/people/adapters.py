"""How allauth behaves here: nobody signs up, nobody has an e-mail address, secrets are sealed."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import get_client_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from tilth.core.problems import Problem, Refused, register
from tilth.web.people import security_log
from tilth.web.people.arriving import bind_pending
from tilth.web.people.models import Event

__all__ = ["AccountAdapter", "FactorAdapter", "IssuerAdapter", "SessionAdapter"]

register(
    {
        "not_invited": (
            "This account of another service belongs to nobody here.",
            "Open the link that an administrator of your organisation handed over, then choose "
            "this service there.",
        ),
        "issuer_mismatch": (
            "The service that signed you in is not the one that is set up here.",
            "Tell whoever runs this server: issuer in server.toml has to be the service's own.",
        ),
    }
)

_LONGEST_ADDRESS = 2_000


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Local accounts: closed to the public, redirects within this server only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up; people are invited."""
        del request
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Whether a redirect stays here: paths only, no host, not even our own."""
        return bool(
            url
            and len(url) <= _LONGEST_ADDRESS
            and url.startswith("/")
            and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
        )

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write it down; a name that is nobody's is not kept, it may be a password."""
        name = str(credentials.get("username", "")).strip().lower()
        user = User.objects.filter(username=name).first()
        security_log.note(Event.SIGN_IN_FAILED, request=request, user=user, known=user is not None)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse more attempts than the limits allow, and write that down."""
        try:
            super().pre_authenticate(request, **credentials)
        except Exception:
            name = str(credentials.get("username", "")).strip().lower()
            user = User.objects.filter(username=name).first()
            security_log.note(Event.SIGN_IN_THROTTLED, request=request, user=user)
            raise

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing of a sign-in that worked; what a person did to the account is said."""
        template = kwargs.get("message_template") or (args[2] if len(args) > 2 else None)
        if template in ("account/messages/logged_in.txt", "account/messages/logged_out.txt"):
            return
        super().add_message(*args, **kwargs)

    def get_client_ip(self, request: HttpRequest) -> str:
        """Address of the client, that of this machine where a socket has none."""
        return get_client_ip(request) or "127.0.0.1"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """No mail server is assumed."""


class IssuerAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Sign-in by others: an identity is issuer and ``sub``; whoever it is was invited before."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> Any:
        """Issuers of the settings file; none are kept in the database."""
        from allauth.socialaccount.adapter import (  # noqa: PLC0415 - needs the models
            _build_apps_from_settings,
        )

        del request
        found = _build_apps_from_settings(provider=provider, client_id=client_id)
        return [one for some in found.values() for one in some]

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: Any) -> Any:
        """Keep nothing that the issuer tells but who it is, as a hash of issuer and ``sub``.

        Raises
        ------
        Refused
            ``issuer_mismatch``.
        """
        del request, data
        token = sociallogin.account.extra_data.get("id_token") or {}
        configured = sociallogin.account.get_provider().app.settings["server_url"]
        issuer = str(token.get("iss", ""))
        if issuer.rstrip("/") != configured.rstrip("/"):
            raise ImmediateHttpResponse(_refused(self.request, Problem("issuer_mismatch")))
        identity = f"{issuer}\n{sociallogin.account.uid}".encode()
        sociallogin.account.uid = hashlib.sha256(identity).hexdigest()
        sociallogin.account.extra_data = {}
        sociallogin.email_addresses = []
        return sociallogin.user

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Let in whom we know; bind an identity that comes with a one-time link; refuse others."""
        known = sociallogin.is_existing and sociallogin.user.is_active
        if sociallogin.state.get("process") == "login":
            if known:
                return
            try:
                if not sociallogin.is_existing and bind_pending(request, sociallogin):
                    return
            except Refused as refused:
                raise ImmediateHttpResponse(_refused(request, *refused.problems)) from None
        security_log.note(
            Event.SIGN_IN_FAILED, request=request, issuer=sociallogin.account.provider
        )
        raise ImmediateHttpResponse(_refused(request, Problem("not_invited")))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Nobody signs up; people are invited."""
        del request, sociallogin
        return False

    def on_authentication_error(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Write it down; the page says that it did not work and shows the way back."""
        del args, kwargs
        security_log.note(Event.SIGN_IN_FAILED, request=request, issuer=True)


def _refused(request: HttpRequest, *problems: Problem) -> HttpResponse:
    return render(request, "people/refused.html", {"problems": problems}, status=403)


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors: their secrets lie in the database sealed by the server's key."""

    def encrypt(self, text: str) -> str:
        """Seal a secret."""
        return _seal().encrypt(text.encode()).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        """Open a sealed secret."""
        return _seal().decrypt(encrypted_text.encode("ascii")).decode()

    def get_totp_issuer(self) -> str:
        """Name under which an app lists the code."""
        return "Tilth"


def _seal() -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"tilth second factors")
    return Fernet(base64.urlsafe_b64encode(derived.derive(settings.SECRET_KEY.encode())))


class SessionAdapter(DefaultUserSessionsAdapter):  # type: ignore[misc]
    """Sessions that a person ends are told to the security log."""

    def end_sessions(self, sessions: Iterable[Any]) -> None:
        """End them."""
        ended = list(sessions)
        super().end_sessions(ended)
        for user in {one.user for one in ended}:
            security_log.note(
                Event.SESSION_ENDED, user=user, sessions=sum(one.user == user for one in ended)
            )
