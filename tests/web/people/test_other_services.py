"""Sign-in by another service (OpenID Connect): an identity is issuer and subject, and was invited.

The service is played here: its three addresses answer from memory, and no network is used.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from tilth.core.problems import Refused
from tilth.web.people.adapters import IssuerAdapter
from tilth.web.people.invitations import one_time_sign_in
from tilth.web.people.issuers import provider_settings, read_sign_in
from tilth.web.people.models import Member, OneTimeLink, SecurityEvent

Browser = Callable[..., Client]
Person = Callable[..., Member]
ISSUER = "https://id.example.org/realms/work"
TOLD = {
    "sign_in": {
        "issuer": [
            {"id": "ministry", "name": "Ministry", "issuer": ISSUER, "client_id": "tilth"},
        ]
    }
}


class Answer:
    """What `requests` would return."""

    status_code = 200

    def __init__(self, said: dict[str, Any]) -> None:
        self.said = said
        self.headers = {"content-type": "application/json"}
        self.text = json.dumps(said)

    def json(self) -> dict[str, Any]:
        return self.said

    def raise_for_status(self) -> None:
        """Nothing went wrong."""


class Service:
    """A service that says who somebody is."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": "tilth",
            "sub": "u-1",
            "name": "Petra Novak",
            "email": "petra@example.org",
            "email_verified": True,
        }
        self.issuer = ISSUER
        self.sent: dict[str, Any] = {}

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""

    def get(self, url: str, **_: Any) -> Answer:
        assert url == f"{ISSUER}/.well-known/openid-configuration"
        return Answer(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{ISSUER}/auth",
                "token_endpoint": f"{ISSUER}/token",
                "userinfo_endpoint": f"{ISSUER}/never-asked",
                "jwks_uri": f"{ISSUER}/keys",
            }
        )

    def request(self, method: str, url: str, **more: Any) -> Answer:
        assert (method, url) == ("POST", f"{ISSUER}/token")
        self.sent = more["data"]
        now = int(time.time())
        token = jwt.encode({"iat": now, "exp": now + 60, **self.claims}, "k" * 32)
        return Answer({"access_token": "a", "id_token": token, "token_type": "Bearer"})


@pytest.fixture
def service(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Service:
    settings.SIGN_IN = read_sign_in(TOLD)
    settings.SOCIALACCOUNT_PROVIDERS = provider_settings(settings.SIGN_IN, None)
    played = Service()
    monkeypatch.setattr(IssuerAdapter, "get_requests_session", lambda _: played)
    return played


def go(client: Client, **more: str) -> Any:
    """Through the service and back."""
    away = client.post("/account/oidc/ministry/login/", more)
    asked = parse_qs(urlsplit(away.headers["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["scope"] == ["openid"]
    back = {"code": "c", "state": asked["state"][0]}
    return client.get("/account/oidc/ministry/login/callback/", back)


def invited(client: Client, name: str = "im1") -> None:
    code = one_time_sign_in(name, "ab" * 16, name.upper(), ["observer"]).partition("#")[2]
    client.post("/account/link", {"code": code})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_somebody_who_was_not_invited_stays_out(service: Service, browser: Browser) -> None:
    client = browser()
    answer = go(client)
    assert answer.status_code == 403
    assert "not_invited" in answer.content.decode()
    assert not is_in(client)
    assert SocialAccount.objects.count() == 0


def test_an_address_that_somebody_has_does_not_let_anybody_in(
    service: Service, browser: Browser, person: Person
) -> None:
    member = person("petra", "administrator")
    member.user.email = "petra@example.org"
    member.user.save()
    client = browser()
    assert go(client).status_code == 403
    assert not is_in(client)


def test_who_comes_with_a_link_is_known_by_the_service_from_then_on(
    service: Service, browser: Browser
) -> None:
    first, later = browser(), browser()
    invited(first)
    assert "Sign in with Ministry" in first.get("/account/arrive").content.decode()
    assert go(first).status_code == 302
    assert is_in(first)
    assert OneTimeLink.objects.get().ended_at is not None
    go(later)
    assert is_in(later)
    assert service.sent["code_verifier"]
    told = {one.event for one in SecurityEvent.objects.all()}
    assert {"identity_bound", "link_used", "signed_in"} <= told


def test_nothing_but_the_identity_is_kept_of_what_the_service_tells(
    service: Service, browser: Browser
) -> None:
    client = browser()
    invited(client)
    go(client)
    kept = SocialAccount.objects.get()
    assert kept.extra_data == {}
    assert "u-1" not in kept.uid
    assert (kept.user.first_name, kept.user.last_name, kept.user.email) == ("", "", "")
    assert not kept.user.emailaddress_set.exists()
    assert "Petra" not in json.dumps(dict(client.session), default=str)


def test_another_subject_or_another_issuer_is_somebody_else(
    service: Service, browser: Browser
) -> None:
    invited(client := browser())
    go(client)
    service.claims["sub"] = "u-2"
    assert go(browser()).status_code == 403
    service.claims["sub"] = "u-1"
    service.claims["iss"] = service.issuer = "https://evil.example.org"
    answer = go(browser())
    assert answer.status_code == 403
    assert "issuer_mismatch" in answer.content.decode()


def test_a_token_for_another_program_is_refused(service: Service, browser: Browser) -> None:
    invited(client := browser())
    service.claims["aud"] = "something-else"
    go(client)
    assert not is_in(client)
    assert SocialAccount.objects.count() == 0


def test_an_answer_that_nobody_asked_for_is_refused(service: Service, browser: Browser) -> None:
    invited(first := browser())
    go(first)
    victim = browser()
    victim.get("/account/oidc/ministry/login/callback/", {"code": "c", "state": "made up"})
    assert not is_in(victim)


def test_a_link_that_was_used_meanwhile_binds_nobody(service: Service, browser: Browser) -> None:
    client = browser()
    invited(client)
    OneTimeLink.objects.update(ended_at=OneTimeLink.objects.get().made_at)
    assert go(client).status_code == 403
    assert not is_in(client)


def test_a_person_who_is_signed_in_cannot_bind_an_identity_of_their_own(
    service: Service, browser: Browser, person: Person
) -> None:
    client = browser(person("OB-1"))
    assert go(client, process="connect").status_code == 403
    assert SocialAccount.objects.count() == 0
    invited(other := browser())
    go(other)
    assert go(client, process="connect").status_code == 403
    assert SocialAccount.objects.get().user.username == "im1"


def test_who_comes_by_a_service_has_no_password_beside_it(
    service: Service, browser: Browser
) -> None:
    invited(client := browser())
    go(client)
    assert client.get("/account/password/first").headers["Location"] == "/account/"


def test_the_pages_let_a_form_lead_to_the_service_and_nowhere_else(
    service: Service, browser: Browser
) -> None:
    policy = browser().get("/account/sign-in").headers["Content-Security-Policy"]
    assert "form-action 'self' https://id.example.org;" in policy
    other = browser().get("/account/password/forgotten").headers["Content-Security-Policy"]
    assert "form-action 'self';" in other


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"issuer": "http://id.example.org"}, "https"),
        ({"id": "../x"}, "letters"),
        ({"secret": "abc"}, "secret"),
    ],
)
def test_what_cannot_be_a_service_is_refused(changed: dict[str, str], why: str) -> None:
    told = {"sign_in": {"issuer": [{**TOLD["sign_in"]["issuer"][0], **changed}]}}
    with pytest.raises(Refused) as refused:
        read_sign_in(told)
    assert why in str(refused.value.problems[0].params["why"])
