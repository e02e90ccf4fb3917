"""Away for 15 minutes, here for 12 hours: what a shared computer shows to the next person."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import path

from tilth.web.people import guarding
from tilth.web.people.middleware import asks_alone
from tilth.web.people.models import Member, SecurityEvent

Browser = Callable[..., Client]
Person = Callable[..., Member]
PASSWORD = "grey heron over wet maize"
MINUTE = 60


class Clock:
    """The clock of sessions, moved by hand."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.real = time.time

    def time(self) -> float:
        return self.real() + self.ahead

    def forward(self, seconds: float) -> None:
        self.ahead += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    moved = Clock()
    monkeypatch.setattr(time, "time", moved.time)
    return moved


@pytest.fixture
def client(browser: Browser, person: Person) -> Client:
    person("AD-1", "administrator", password=PASSWORD)
    opened = browser()
    opened.post("/account/sign-in", {"login": "ad-1", "password": PASSWORD})
    return opened


def again(client: Client, goal: str, password: str = PASSWORD) -> Any:
    return client.post(f"/account/again?next={goal}", {"password": password, "next": goal})


def test_somebody_who_is_there_is_not_asked(client: Client, clock: Clock) -> None:
    for _ in range(10):
        clock.forward(14 * MINUTE)
        assert client.get("/settings/people").status_code == 200


def test_after_15_minutes_a_page_asks_who_is_there(client: Client, clock: Clock) -> None:
    clock.forward(15 * MINUTE + 1)
    answer = client.get("/settings/people?x=1")
    assert answer.headers["Location"] == "/account/again?next=%2Fsettings%2Fpeople%3Fx%3D1"
    assert client.get("/settings/security").status_code == 302  # and so does every other page
    assert "AD-1" not in client.get("/account/again").content.decode().split("<main")[1]


def test_a_wrong_password_leaves_it_locked_and_the_right_one_opens_it(
    client: Client, clock: Clock
) -> None:
    clock.forward(16 * MINUTE)
    client.get("/settings/people")
    assert again(client, "/settings/people", "not the right one").status_code == 200
    assert client.get("/settings/people").status_code == 302
    assert again(client, "/settings/people").headers["Location"] == "/settings/people"
    assert client.get("/settings/people").status_code == 200


def test_saying_it_again_gives_the_session_a_new_key(client: Client, clock: Clock) -> None:
    clock.forward(16 * MINUTE)
    client.get("/settings/people")
    old = client.session.session_key
    again(client, "/settings/people")
    assert client.session.session_key != old
    thief = Client()
    thief.cookies["tilth_session"] = old
    assert thief.get("/account/").status_code == 302
    assert "End all others" not in client.get("/account/sessions").content.decode()


def test_a_proof_from_before_the_lock_does_not_open_it(client: Client, clock: Clock) -> None:
    again(client, "/account/")
    clock.forward(16 * MINUTE)
    assert client.get("/settings/people").headers["Location"].startswith("/account/again")


def test_a_form_sent_too_late_is_kept_and_can_be_sent_after_all(
    client: Client, clock: Clock
) -> None:
    clock.forward(16 * MINUTE)
    typed = {"username": "im7", "person_code": "IM-7", "roles": ["observer", "team_leader"]}
    answer = client.post("/settings/people/invite", typed)
    assert answer.headers["Location"] == "/account/again?next=%2Faccount%2Fkept"
    assert not Member.objects.filter(person_code="IM-7").exists()
    assert client.get("/account/kept").headers["Location"].startswith("/account/again")
    assert again(client, "/account/kept").headers["Location"] == "/account/kept"
    page = client.get("/account/kept").content.decode()
    sent = re.findall(r'name="(username|person_code|roles)" value="([^"]*)"', page)
    assert sent == [
        ("username", "im7"),
        ("person_code", "IM-7"),
        ("roles", "observer"),
        ("roles", "team_leader"),
    ]
    assert 'action="/settings/people/invite"' in page
    assert client.post("/settings/people/invite", typed).status_code == 200
    assert Member.objects.get(person_code="IM-7").roles == ["team_leader", "observer"]
    assert client.get("/account/kept").headers["Location"] == "/"


def test_a_kept_form_can_be_let_go(client: Client, clock: Clock) -> None:
    clock.forward(16 * MINUTE)
    client.post("/settings/people/invite", {"username": "im7"})
    again(client, "/account/kept")
    assert client.post("/account/kept").headers["Location"] == "/settings/people/invite"
    assert client.get("/account/kept").headers["Location"] == "/"


def test_a_form_that_no_page_of_ours_made_is_not_kept(
    browser: Browser, client: Client, clock: Clock
) -> None:
    strict = browser(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    clock.forward(16 * MINUTE)
    assert strict.post("/settings/people/invite", {"username": "im7"}).status_code == 403
    assert "people_kept" not in strict.session


def test_part_of_a_page_leads_the_whole_page_to_the_question(client: Client, clock: Clock) -> None:
    clock.forward(16 * MINUTE)
    answer = client.get(
        "/settings/people",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/settings?level=x"},
    )
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/account/again?next=%2Fsettings%3Flevel%3Dx"
    assert not answer.content


def test_after_12_hours_the_session_is_over_however_busy(client: Client, clock: Clock) -> None:
    for _ in range(60):
        clock.forward(12 * MINUTE)
        client.get("/settings/people")
    clock.forward(5)
    answer = client.get("/settings/people")
    assert answer.headers["Location"] == "/account/sign-in?next=%2Fsettings%2Fpeople"
    assert "_auth_user_id" not in client.session


def test_a_page_that_asks_on_its_own_does_not_keep_a_session_alive(
    browser: Browser, person: Person, clock: Clock, settings: Any
) -> None:
    settings.ROOT_URLCONF = __name__
    opened = browser(person("OB-1"))
    assert opened.get("/alone").status_code == 200
    for _ in range(3):
        clock.forward(6 * MINUTE)
        last = opened.get("/alone")
    assert last.status_code == 302


def test_without_any_way_to_say_it_again_the_session_ends(
    browser: Browser, person: Person, clock: Clock
) -> None:
    opened = browser(person("OB-1"))  # came by a link made on the machine, and set no password
    clock.forward(16 * MINUTE)
    assert opened.get("/settings/languages").headers["Location"].startswith("/account/sign-in")
    assert "_auth_user_id" not in opened.session


def test_the_api_says_so_in_its_own_way(client: Client, clock: Clock, settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    clock.forward(16 * MINUTE)
    answer = client.get("/api/v1/thing")
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert Client().get("/api/v1/thing").status_code == 200  # for a token, the API asks itself


def test_a_person_of_two_organisations_acts_for_the_one_that_was_chosen(
    browser: Browser, person: Person
) -> None:
    red = person("R-1", "administrator", password=PASSWORD)
    blue = person("B-1", "observer", organisation="cd" * 16, user=red.user)
    foreign = person("X-1", "administrator", organisation="ef" * 16)
    opened = browser()
    opened.post("/account/sign-in", {"login": "r-1", "password": PASSWORD})
    assert opened.get("/settings/people").status_code == 200
    key = opened.session.session_key
    assert opened.post("/account/organisation", {"member": blue.pk}).status_code == 302
    assert opened.session.session_key != key
    assert opened.get("/settings/people").status_code == 403
    for wrong in (foreign.pk, "", "-1", "x", 10**17, 10**30):
        assert opened.post("/account/organisation", {"member": wrong}).status_code == 404
    assert opened.get("/settings/people").status_code == 403
    told = SecurityEvent.objects.filter(event="organisation_switched").get()
    assert told.organisation == blue.organisation


def test_a_form_kept_for_one_organisation_is_not_sent_for_another(
    browser: Browser, person: Person, clock: Clock
) -> None:
    red = person("R-1", "administrator", password=PASSWORD)
    blue = person("B-1", "administrator", organisation="cd" * 16, user=red.user)
    opened = browser()
    opened.post("/account/sign-in", {"login": "r-1", "password": PASSWORD})
    clock.forward(16 * MINUTE)
    opened.post("/settings/people/invite", {"username": "im7"})
    again(opened, "/account/kept")
    opened.post("/account/organisation", {"member": blue.pk})
    assert opened.get("/account/kept").headers["Location"] == "/"


def test_the_times_are_those_that_the_page_on_sign_in_names() -> None:
    assert (guarding.IDLE, guarding.ABSOLUTE) == (15 * MINUTE, 12 * 60 * MINUTE)


def _answer(request: Any) -> Any:
    from django.http import HttpResponse

    return HttpResponse("here")


@asks_alone
def _alone(request: Any) -> Any:
    return _answer(request)


def _urlpatterns() -> list[Any]:
    from tilth.web.urls import urlpatterns as known

    return [path("alone", _alone), path("api/v1/thing", _answer), *known]


def __getattr__(name: str) -> Any:
    if name == "urlpatterns":
        return _urlpatterns()
    raise AttributeError(name)
