"""A one-time link: used once, within the hour, by whoever holds it, and seen by no log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone

from tilth.web.people.invitations import one_time_sign_in
from tilth.web.people.models import Member, OneTimeLink, SecurityEvent

Browser = Callable[..., Client]
ORGANISATION = "ab" * 16
PASSWORD = "grey heron over wet maize"
NEW = {"password": PASSWORD, "again": PASSWORD}


def made(name: str = "im1", code: str = "IM-1", roles: tuple[str, ...] = ("observer",)) -> str:
    return one_time_sign_in(name, ORGANISATION, code, roles).partition("#")[2]


def open_link(client: Client, code: str) -> Any:
    return client.post("/account/link", {"code": code})


def signed_in(client: Client) -> str:
    key = client.session.get("_auth_user_id")
    return User.objects.get(pk=key).username if key else ""


def test_a_link_lets_its_person_in_with_a_password_of_their_own(browser: Browser) -> None:
    client = browser()
    assert open_link(client, made()).headers["Location"] == "/account/arrive"
    assert client.post("/account/arrive", NEW).headers["Location"] == "/"
    assert signed_in(client) == "im1"
    assert User.objects.get(username="im1").check_password(PASSWORD)


def test_a_link_works_once_in_whatever_browser(browser: Browser) -> None:
    first, second, late = browser(), browser(), browser()
    code = made()
    open_link(first, code)
    open_link(second, code)
    first.post("/account/arrive", NEW)
    answer = second.post("/account/arrive", {"password": "x" * 8 + PASSWORD, "again": ""})
    assert answer.headers["Location"] == "/account/link"
    assert not signed_in(second)
    assert open_link(late, code).status_code == 422
    assert User.objects.get(username="im1").check_password(PASSWORD)


def test_of_two_who_send_a_password_at_once_one_comes_in(browser: Browser) -> None:
    from tilth.core.problems import Refused
    from tilth.web.people.invitations import find_link, use_link

    code = made()
    one, other = find_link(code), find_link(code)
    assert one is not None
    assert other is not None
    request = browser().get("/account/sign-in").wsgi_request
    use_link(one, request)
    with pytest.raises(Refused, match="link_spent"):
        use_link(other, request)


def test_a_link_is_over_after_an_hour(browser: Browser) -> None:
    code = made()
    client = browser()
    OneTimeLink.objects.update(expires_at=timezone.now() + timedelta(seconds=2))
    open_link(client, code)
    OneTimeLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get("/account/arrive").headers["Location"] == "/account/link"
    assert open_link(browser(), code).status_code == 422
    (lasts,) = {one.expires_at - one.made_at for one in [OneTimeLink(**row) for row in made_row()]}
    assert lasts == timedelta(hours=1)


def made_row() -> list[dict[str, Any]]:
    made("im2", "IM-2")
    return list(OneTimeLink.objects.filter(user__username="im2").values())


def test_a_newer_link_ends_the_older_one(browser: Browser) -> None:
    older, newer = made(), made()
    assert open_link(browser(), older).status_code == 422
    assert open_link(browser(), newer).status_code == 302


def test_a_link_of_somebody_whose_access_has_ended_leads_nowhere(browser: Browser) -> None:
    code = made()
    Member.objects.update(active=False)
    assert open_link(browser(), code).status_code == 422


def test_the_code_is_in_no_address_no_table_and_no_log(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    path = one_time_sign_in("im1", ORGANISATION, "IM-1", ["observer"])
    sent, _, code = path.partition("#")
    assert sent == "/account/link"  # all that a browser sends
    client = browser()
    answers = [client.get(sent), open_link(client, code), client.get("/account/arrive")]
    answers.append(client.post("/account/arrive", NEW))
    plain = code.replace("-", "")
    for answer in answers:
        assert code not in answer.headers.get("Location", "")
        assert plain not in answer.content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT * FROM {table}")
            assert all(code not in str(row) and plain not in str(row) for row in cursor.fetchall())
    assert code not in caplog.text
    assert plain not in caplog.text


def test_a_code_may_be_typed_from_paper(browser: Browser) -> None:
    code = made()
    assert open_link(browser(), f"  {code.upper().replace('-', ' ')} ").status_code == 302


@pytest.mark.parametrize(
    "weak",
    ["heronmaize1", "Password-2026!!", "qwertyuiopasdf", "aaaaaaaaaaaa", "im1-im1-im1-im1"],
)
def test_a_password_that_would_be_guessed_is_refused_and_the_link_stays(
    browser: Browser, weak: str
) -> None:
    client = browser()
    open_link(client, made())
    assert client.post("/account/arrive", {"password": weak, "again": weak}).status_code == 422
    assert not signed_in(client)
    assert client.post("/account/arrive", NEW).status_code == 302


def test_a_password_may_be_64_characters_of_any_script(browser: Browser) -> None:
    long = "сірий чапля над мокрою кукурудзою 밀밭 위의 회색 왜가리 ثم مطر خفيف كل صباح"
    assert len(long) >= 64
    client = browser()
    open_link(client, made())
    assert client.post("/account/arrive", {"password": long, "again": long}).status_code == 302


def test_only_a_link_made_on_the_machine_lets_in_without_a_password(
    browser: Browser, person: Callable[..., Member]
) -> None:
    client = browser()
    open_link(client, made())
    assert client.post("/account/arrive", {"way": "straight"}).headers["Location"] == "/"
    assert signed_in(client) == "im1"
    administrator = browser(person("AD-1", "administrator"))
    shown = administrator.post(
        "/settings/people/invite", {"username": "im5", "person_code": "IM-5", "roles": ["observer"]}
    )
    code = shown.context["link"].partition("#")[2]
    guest = browser()
    open_link(guest, code)
    assert guest.post("/account/arrive", {"way": "straight"}).status_code == 422
    assert not signed_in(guest)


def test_guessing_codes_is_slowed_down(browser: Browser) -> None:
    client = browser()
    code = made()
    answers = [open_link(client, "wrong").content.decode() for _ in range(21)]
    assert "link_spent" in answers[0]
    assert "too_many_attempts" in answers[-1]
    assert open_link(client, code).status_code == 422


def test_who_was_somebody_else_before_is_not_so_afterwards(
    browser: Browser, person: Callable[..., Member]
) -> None:
    client = browser(person("OB-1"))
    key = client.session.session_key
    open_link(client, made())
    client.post("/account/arrive", NEW)
    assert signed_in(client) == "im1"
    assert client.session.session_key != key


def test_nothing_of_a_session_that_somebody_planted_is_carried_in(browser: Browser) -> None:
    client = browser()
    client.get("/account/link")
    session = client.session
    session["planted"] = "yes"
    session.save()
    client.cookies["tilth_session"] = session.session_key
    open_link(client, made())
    client.post("/account/arrive", NEW)
    assert signed_in(client) == "im1"
    assert "planted" not in client.session


def test_a_new_password_ends_every_other_session(browser: Browser) -> None:
    old = browser()
    open_link(old, made())
    old.post("/account/arrive", NEW)
    assert old.get("/account/").status_code == 200
    key = old.session.session_key
    new = browser()
    open_link(new, made())
    new.post("/account/arrive", {"password": f"{PASSWORD} too", "again": f"{PASSWORD} too"})
    assert not Session.objects.filter(pk=key).exists()
    assert old.get("/account/").status_code == 302
    assert new.get("/account/").status_code == 200
    assert UserSession.objects.count() == 1


def test_every_step_is_in_the_security_log(browser: Browser) -> None:
    client = browser()
    open_link(client, "nonsense")
    open_link(client, made())
    client.post("/account/arrive", NEW)
    told = [one.event for one in SecurityEvent.objects.order_by("pk")]
    assert told == ["link_refused", "invited", "link_used", "password_changed", "signed_in"]
    assert {one.person_code for one in SecurityEvent.objects.all()} == {"", "IM-1"}
