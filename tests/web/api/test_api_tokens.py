"""A token opens what its person may do, no longer than it lasts, and nothing opens without one."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tilth.web.api.models import Token
from tilth.web.people.membership import deactivate, reactivate
from tilth.web.people.models import SecurityEvent

pytestmark = pytest.mark.usefixtures("read_only")
Program = Callable[..., "object"]


def test_nobody_reads_without_a_token(db: None) -> None:
    answer = Client().get("/api/v1/operation")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"] == 'Bearer realm="Tilth"'
    assert answer.json()["type"] == "urn:tilth:problem:token_refused"
    assert answer.json()["synthetic"] is True


def test_a_browser_that_is_signed_in_is_nobody_to_the_api(sign_in) -> None:
    assert sign_in().get("/api/v1/operation").status_code == 401


def test_a_token_is_taken_as_bearer_and_as_the_password_of_basic(program) -> None:
    device = program("observer")
    basic = base64.b64encode(f"whoever:{device.text}".encode()).decode()
    for header in (f"Bearer {device.text}", f"bearer {device.text}", f"Basic {basic}"):
        answer = Client().get("/api/v1/operation", headers={"Authorization": header})
        assert answer.status_code == 200, header
        assert answer.json()["you"]["roles"] == ["observer"]
    in_address = Client().get(f"/api/v1/operation?token={device.text}")
    assert in_address.status_code == 401


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer x",
        "Basic ???",
        "Basic eDp5",
        "Digest a=b",
        "Bearer tilth_9_" + "A" * 43,
    ],
)
def test_what_is_no_token_is_refused(db: None, header: str) -> None:
    answer = Client().get("/api/v1/operation", headers={"Authorization": header})
    assert answer.status_code == 401


def test_another_secret_under_the_same_number_is_refused(program) -> None:
    device = program("observer")
    device.text = device.text[:-1] + "x"
    assert device.get("operation").status_code == 401


def test_an_expired_token_and_an_ended_one_open_nothing(program) -> None:
    device = program("observer")
    assert device.get("operation").status_code == 200
    Token.objects.filter(pk=device.token.pk).update(expires_at=timezone.now())
    assert device.get("operation").status_code == 401


def test_tokens_do_not_come_back_with_a_person_who_is_let_in_again(program) -> None:
    device = program("observer")
    deactivate(device.token.member)
    assert device.get("operation").status_code == 401
    reactivate(device.token.member)
    assert device.get("operation").status_code == 401


def test_the_secret_is_kept_as_a_hash_only_and_its_use_by_day(program) -> None:
    device = program("observer")
    for _ in range(3):
        device.get("operation")
    kept = Token.objects.get(pk=device.token.pk)
    secret = device.text.rsplit("_", 1)[1]
    assert all(secret not in str(value) for value in vars(kept).values())
    assert kept.last_used == timezone.now().date()
    lines = SecurityEvent.objects.filter(event="token_used")
    assert [one.detail for one in lines] == [{"token": device.token.pk}]


def test_who_tries_tokens_is_slowed_down(db: None) -> None:
    headers = {"Authorization": "Bearer tilth_1_" + "A" * 43}
    for _ in range(30):
        assert Client().get("/api/v1/operation", headers=headers).status_code == 401
    answer = Client().get("/api/v1/operation", headers=headers)
    assert answer.status_code == 429
    assert answer.json()["code"] == "too_many_attempts"
    assert answer["Retry-After"] == "60"


# -- the page --------------------------------------------------------------------------------------


def _made(page: str) -> str:
    return re.search(r'value="(tilth_\d+_[\w-]{43})"', page)[1]


def test_a_token_is_shown_once(sign_in) -> None:
    browser = sign_in("observer")
    given = {"device": "QGIS", "scope": "read", "days": "365"}
    page = browser.post("/tokens", given).content.decode()
    text = _made(page)
    made = Token.objects.get()
    assert 364 < (made.expires_at - timezone.now()) / timedelta(days=1) < 366
    headers = {"Authorization": f"Bearer {text}"}
    assert Client().get("/api/v1/operation", headers=headers).status_code == 200
    assert text not in browser.get("/tokens").content.decode()


@pytest.mark.parametrize(
    "given",
    [
        {"device": " ", "scope": "read", "days": "30"},
        {"device": "x", "scope": "everything", "days": "30"},
        {"device": "x", "scope": "read", "days": "731"},
        {"device": "x", "scope": "read", "days": "-1"},
    ],
)
def test_a_token_without_name_scope_or_end_is_not_made(sign_in, given) -> None:
    assert sign_in("observer").post("/tokens", given).status_code == 422
    assert not Token.objects.exists()


def test_a_person_ends_the_own_token_and_an_administrator_that_of_the_organisation(
    program, sign_in
) -> None:
    device, other = program("observer"), program("observer")
    stranger = sign_in("administrator", organisation="Green Furrow")
    assert stranger.post(f"/tokens/{device.token.pk}/end").status_code == 404
    colleague = sign_in("operations_manager")
    assert colleague.post(f"/tokens/{device.token.pk}/end").status_code == 404
    administrator = sign_in("administrator")
    assert device.token.member.person_code in administrator.get("/tokens").content.decode()
    assert administrator.post(f"/tokens/{device.token.pk}/end").status_code == 302
    assert device.get("operation").status_code == 401
    assert other.get("operation").status_code == 200


def test_the_account_page_leads_to_the_tokens(sign_in) -> None:
    assert 'href="/tokens"' in sign_in("observer").get("/account/").content.decode()
