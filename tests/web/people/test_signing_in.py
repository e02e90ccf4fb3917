"""Signing in by name and password: what is told to whom, and what an attacker gains."""

from __future__ import annotations

import re
import runpy
import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

import tilth.web.settings
from tilth.web.people.models import Member, SecurityEvent

Browser = Callable[..., Client]
Person = Callable[..., Member]
PASSWORD = "grey heron over wet maize"
SIGN_IN = "/account/sign-in"


def enter(client: Client, name: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post(SIGN_IN, {"login": name, "password": password, **more})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(
    browser: Browser, person: Person
) -> None:
    person("im1", "observer", password=PASSWORD)

    def answer(name: str) -> tuple[int, str]:
        page = enter(browser(), name, "not the right one")
        plain = re.sub(r'value="[^"]{64}"|"X-CSRFToken": "[^"]*"', "", page.content.decode())
        return page.status_code, plain.replace(name, "NAME")

    assert answer("im1") == answer("xyz")


def test_a_wrong_password_and_an_unknown_name_cost_the_same_work(
    browser: Browser, person: Person, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One run of argon2 each: time tells nothing about who has an account."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    person("im1", password=PASSWORD)
    person("sso", password="")
    runs: list[str] = []
    for name in ("encode", "verify"):
        real = getattr(Argon2PasswordHasher, name)

        def counted(self: Any, *args: Any, _real: Any = real, **kwargs: Any) -> Any:
            runs.append("argon2")
            return _real(self, *args, **kwargs)

        monkeypatch.setattr(Argon2PasswordHasher, name, counted)
    for name in ("im1", "nobody", "sso"):
        runs.clear()
        enter(browser(), name, "not the right one")
        assert runs == ["argon2"], name


def test_five_wrong_passwords_close_a_name_for_a_while_and_no_other(
    browser: Browser, person: Person
) -> None:
    person("im1", password=PASSWORD)
    person("im2", password=PASSWORD)
    client = browser()
    for _ in range(5):
        enter(client, "im1", "not the right one")
    enter(client, "im1")
    assert not is_in(client)
    assert SecurityEvent.objects.filter(event="sign_in_throttled").count() == 1
    enter(client, "im2")
    assert is_in(client)


def test_many_names_from_one_address_are_slowed_down_too(browser: Browser, person: Person) -> None:
    person("im1", password=PASSWORD)
    client = browser()
    for number in range(20):
        enter(client, f"guess{number}", "Winter2026!!!")
    enter(client, "im1")
    assert not is_in(client)
    elsewhere = browser(REMOTE_ADDR="192.0.2.9")
    enter(elsewhere, "im1")
    assert is_in(elsewhere)


def test_nobody_counts_as_elsewhere_by_a_header_of_their_own(
    browser: Browser, person: Person
) -> None:
    person("im1", password=PASSWORD)
    for number in range(20):
        enter(browser(HTTP_X_FORWARDED_FOR=f"192.0.2.{number}"), f"guess{number}", "Winter2026!!!")
    client = browser(HTTP_X_FORWARDED_FOR="192.0.2.77")
    enter(client, "im1")
    assert not is_in(client)


def test_what_was_typed_as_a_name_that_nobody_has_is_kept_nowhere(browser: Browser) -> None:
    enter(browser(), "my secret pass phrase", "im1")
    (row,) = SecurityEvent.objects.filter(event="sign_in_failed")
    assert row.username == ""
    assert "secret" not in str(row.detail)


@pytest.mark.parametrize(
    "evil",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "http:evil.example",
        "///evil.example",
        "javascript:alert(1)",
        "http://localhost:9999/",
        "http://testserver/settings",
        " //evil.example",
        "/%09/evil.example/../..//evil.example",
    ],
)
def test_nobody_is_sent_elsewhere_after_signing_in(
    browser: Browser, person: Person, evil: str
) -> None:
    person("im1", password=PASSWORD)
    client = browser()
    sent_to = enter(client, "im1", next=evil).headers["Location"]
    assert is_in(client)
    assert sent_to == "/" or (evil.startswith("/%09") and sent_to == evil)
    assert not sent_to.startswith("//")


def test_a_page_that_was_asked_for_is_shown_after_signing_in(
    browser: Browser, person: Person
) -> None:
    person("im1", "administrator", password=PASSWORD)
    client = browser()
    asked = client.get("/settings/people?x=1")
    assert asked.headers["Location"] == f"{SIGN_IN}?next=%2Fsettings%2Fpeople%3Fx%3D1"
    assert enter(client, "im1", next="/settings/people?x=1").headers["Location"].endswith("x=1")


def test_a_session_planted_before_signing_in_is_worth_nothing_after(
    browser: Browser, person: Person
) -> None:
    person("im1", password=PASSWORD)
    victim = browser()
    session = victim.session
    session["planted"] = "yes"
    session.save()
    planted = session.session_key
    victim.cookies["tilth_session"] = planted
    enter(victim, "im1")
    assert is_in(victim)
    attacker = browser()
    attacker.cookies["tilth_session"] = planted
    assert attacker.get("/account/").status_code == 302


def every_address(resolver: URLResolver, prefix: str = "") -> list[str]:
    found = []
    for one in resolver.url_patterns:
        route = prefix + str(one.pattern)
        if isinstance(one, URLPattern):
            found.append(re.sub(r"<int:\w+>", "1", re.sub(r"<[^>]+>", "x", route)))
        else:
            found += every_address(one, route)
    return [one.replace("^", "").replace("$", "").replace("\\Z", "") for one in found]


def test_every_form_of_accounts_and_people_needs_its_token(
    browser: Browser, person: Person
) -> None:
    """Every address is tried with a POST that no page of ours made, signed in and not."""
    addresses = [
        f"/{one}"
        for one in every_address(get_resolver())
        if one.startswith(("account/", "settings", "language"))
    ]
    assert len(addresses) > 30
    administrator = person("AD-1", "administrator", password=PASSWORD)
    for member in (None, administrator):
        client = browser(member, enforce_csrf_checks=True)
        for address in addresses:
            answer = client.post(address, {"roles": ["administrator"], "active": "no"})
            # a view that only reads may say so (405), one that is not yours sends away (302)
            assert answer.status_code in (403, 405, 302, 404), address
            if answer.status_code == 302 and member is not None:
                assert answer.headers["Location"].startswith("/account/"), address
    administrator.refresh_from_db()
    assert administrator.active


def test_signing_in_needs_a_token_too(browser: Browser, person: Person) -> None:
    person("im1", password=PASSWORD)
    client = browser(enforce_csrf_checks=True)
    assert enter(client, "im1").status_code == 403
    assert not is_in(client)


def test_changing_the_password_ends_the_other_sessions_and_renews_this_one(
    browser: Browser, person: Person
) -> None:
    member = person("im1", password=PASSWORD)
    other, own = browser(member), browser()
    enter(own, "im1")
    key = own.session.session_key
    new = f"{PASSWORD} and rain"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert own.post("/account/password", form).status_code == 302
    assert own.get("/account/").status_code == 200
    assert own.session.session_key != key
    assert other.get("/account/").status_code == 302


def test_ending_a_persons_access_ends_the_sessions_at_once(
    browser: Browser, person: Person
) -> None:
    from tilth.web.people.membership import deactivate

    member = person("im1", "observer", password=PASSWORD)
    client = browser()
    enter(client, "im1")
    assert client.get("/settings/languages").status_code == 200
    deactivate(member)
    assert client.get("/settings/languages").headers["Location"].startswith(SIGN_IN)


def test_a_person_of_no_organisation_sees_nothing_but_the_own_account(
    browser: Browser, person: Person
) -> None:
    member = person("im1", password=PASSWORD)
    Member.objects.update(active=False)
    client = browser()
    enter(client, member.user.username)
    assert client.get("/settings/languages").headers["Location"] == "/account/"
    assert "no organisation" in client.get("/account/").content.decode()


def sealed(member: Member) -> str:
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(member.user, secret)
    return secret


def code_now(secret: str) -> str:
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))


def test_a_second_factor_is_asked_for_and_its_code_works_once(
    browser: Browser, person: Person
) -> None:
    member = person("im1", password=PASSWORD)
    secret = sealed(member)
    first, second = browser(), browser()
    for client in (first, second):
        assert enter(client, "im1").headers["Location"] == "/account/factors/authenticate/"
        assert client.get("/settings/languages").headers["Location"].startswith(SIGN_IN)
    code = code_now(secret)
    first.post("/account/factors/authenticate/", {"code": code})
    assert is_in(first)
    second.post("/account/factors/authenticate/", {"code": code})
    assert not is_in(second)


def test_the_secret_of_a_factor_lies_sealed_in_the_database(person: Person) -> None:
    secret = sealed(person("im1", password=PASSWORD))
    assert secret not in str(Authenticator.objects.get().data)


def test_where_a_second_factor_is_demanded_nothing_else_opens(
    browser: Browser, person: Person, settings: Any
) -> None:
    settings.SIGN_IN = settings.SIGN_IN._replace(second_factor="administrators")
    observer = browser(person("OB-1", "observer"))
    assert observer.get("/settings/languages").status_code == 200
    administrator = person("AD-1", "administrator", password=PASSWORD)
    client = browser(administrator)
    assert client.get("/settings/people").headers["Location"] == "/account/factors/"
    sealed(administrator)
    assert client.get("/settings/people").status_code == 200


def test_cookies_are_bound_to_the_host_where_the_address_is_https(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TILTH_PUBLIC_URL", "https://tilth.example.org")
    found = runpy.run_path(tilth.web.settings.__file__)
    for cookie in ("SESSION", "CSRF"):
        assert found[f"{cookie}_COOKIE_NAME"].startswith("__Host-")
        assert found[f"{cookie}_COOKIE_SECURE"] is True
        assert found[f"{cookie}_COOKIE_HTTPONLY"] is True
        assert found[f"{cookie}_COOKIE_SAMESITE"] == "Lax"
    assert found["SESSION_EXPIRE_AT_BROWSER_CLOSE"] is True
    assert found["MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN"] is False


def test_the_cookie_ends_with_the_browser_and_scripts_cannot_read_it(
    browser: Browser, person: Person
) -> None:
    person("im1", password=PASSWORD)
    cookie = enter(browser(), "im1").cookies["tilth_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["max-age"]
    assert not cookie["expires"]


def test_nobody_can_sign_up(browser: Browser) -> None:
    assert browser().get("/account/signup").status_code == 404
    assert "sign up" not in browser().get(SIGN_IN).content.decode().lower()
