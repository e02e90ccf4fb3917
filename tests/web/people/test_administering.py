"""Administrators and their own organisation: nobody else's people, and always one of them left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.test import Client

from tilth.core.problems import Refused
from tilth.web.people import machine
from tilth.web.people.membership import change_roles, deactivate
from tilth.web.people.models import Member, OneTimeLink, SecurityEvent

Browser = Callable[..., Client]
Person = Callable[..., Member]
BLUE = "cd" * 16
PASSWORD = "grey heron over wet maize"
INVITE = {"username": "im7", "person_code": "IM-7", "roles": ["observer"]}


def addresses(member: Member) -> list[str]:
    one = f"/settings/people/{member.pk}"
    return [f"{one}/{act}" for act in ("roles", "link", "sessions", "active")]


@pytest.mark.parametrize(
    "role",
    [
        "information_manager",
        "operations_manager",
        "team_leader",
        "quality_officer",
        "observer",
    ],
)
def test_who_is_no_administrator_sees_and_changes_nobody(
    browser: Browser, person: Person, role: str
) -> None:
    person("AD-1", "administrator")
    victim, client = person("OB-1"), browser(person("P-1", role))
    for page in ("people", "people/invite", f"people/{victim.pk}", "security"):
        assert client.get(f"/settings/{page}").status_code == 403
    assert client.post("/settings/people/invite", INVITE).status_code == 403
    for address in addresses(victim):
        assert client.post(address, {"roles": ["administrator"]}).status_code == 403
    victim.refresh_from_db()
    assert (victim.roles, victim.active) == (["observer"], True)
    assert not User.objects.filter(username="im7").exists()
    assert SecurityEvent.objects.filter(event="denied", person_code="P-1").count() == 9
    assert "/settings/people" not in client.get("/settings/languages").content.decode()


def test_an_administrator_of_another_organisation_is_told_that_nobody_is_there(
    browser: Browser, person: Person
) -> None:
    client = browser(person("AD-1", "administrator"))
    foreign = person("B-1", "administrator", organisation=BLUE)
    nobody = client.get("/settings/people/987654")
    there = client.get(f"/settings/people/{foreign.pk}")
    assert nobody.status_code == there.status_code == 404
    for address in addresses(foreign):
        assert client.post(address, {"roles": ["observer"], "active": "no"}).status_code == 404
    foreign.refresh_from_db()
    assert (foreign.roles, foreign.active) == (["administrator"], True)
    assert "B-1" not in client.get("/settings/people").content.decode()


def test_a_person_is_invited_into_the_administrators_organisation_whatever_is_sent(
    browser: Browser, person: Person
) -> None:
    acting = person("AD-1", "administrator")
    sent = {**INVITE, "organisation": BLUE, "user": acting.user_id, "active": "no", "is_staff": "1"}
    assert browser(acting).post("/settings/people/invite", sent).status_code == 200
    made = Member.objects.get(person_code="IM-7")
    assert (made.organisation, made.roles, made.active) == (
        acting.organisation,
        ["observer"],
        True,
    )
    assert not made.user.is_staff
    assert not made.user.has_usable_password()


@pytest.mark.parametrize(
    "wrong",
    [
        {"roles": ["authority"]},
        {"roles": ["observer", "superuser"]},
        {"roles": []},
        {"username": "Petra Novak"},
        {"username": "a"},
        {"username": "petra@example.org"},
        {"username": "пётр"},
        {"person_code": "Petra Novak"},
        {"person_code": "x" * 41},
        {"person_code": "ad-1"},
        {"username": "ad-1"},
        {"username": "B-1"},
    ],
)
def test_what_cannot_be_a_person_is_refused_with_what_was_typed(
    browser: Browser, person: Person, wrong: dict[str, Any]
) -> None:
    client = browser(person("AD-1", "administrator"))
    person("B-1", organisation=BLUE)
    before = User.objects.count()
    answer = client.post("/settings/people/invite", {**INVITE, **wrong})
    assert answer.status_code == 422
    assert User.objects.count() == before
    assert OneTimeLink.objects.count() == 0
    assert 'value="im7"' in answer.content.decode() or "username" in wrong


def test_an_account_of_two_organisations_is_opened_by_neither_of_their_administrators(
    browser: Browser, person: Person
) -> None:
    """Whoever could set the password could act for the other organisation."""
    client = browser(person("AD-1", "administrator"))
    shared = person("OB-1")
    person("OB-9", "administrator", organisation=BLUE, user=shared.user)
    answer = client.post(f"/settings/people/{shared.pk}/link")
    assert answer.status_code == 422
    assert "reset_elsewhere" in answer.content.decode()
    assert OneTimeLink.objects.count() == 0


def test_ending_somebody_here_leaves_the_other_organisation_alone(
    browser: Browser, person: Person
) -> None:
    client = browser(person("AD-1", "administrator"))
    shared = person("OB-1")
    other = person("OB-9", "observer", organisation=BLUE, user=shared.user)
    client.post(f"/settings/people/{shared.pk}/active", {"active": "no"})
    other.refresh_from_db()
    assert other.active
    assert other.user.is_active


def test_the_last_administrator_stays(browser: Browser, person: Person) -> None:
    last = person("AD-1", "administrator", "observer")
    person("AD-B", "administrator", organisation=BLUE)
    client = browser(last)
    one = f"/settings/people/{last.pk}"
    for address, sent in (
        (f"{one}/roles", {"roles": ["observer"]}),
        (f"{one}/active", {"active": "no"}),
    ):
        answer = client.post(address, sent)
        assert answer.status_code == 422
        assert "last_administrator" in answer.content.decode()
    with pytest.raises(Refused, match="last_administrator"):
        machine.end("ad-1")
    with pytest.raises(Refused, match="last_administrator"):
        machine.change("ad-1", ["observer"])
    last.refresh_from_db()
    assert (last.active, last.roles) == (True, ["administrator", "observer"])


def test_somebody_who_was_invited_and_never_came_is_no_second_administrator(
    person: Person,
) -> None:
    last = person("AD-1", "administrator")
    second = person("AD-2", "administrator")
    User.objects.filter(pk=second.user_id).update(last_login=None)
    with pytest.raises(Refused, match="last_administrator"):
        change_roles(last, ["observer"])
    User.objects.filter(pk=second.user_id).update(last_login=last.user.last_login)
    change_roles(last, ["observer"])
    with pytest.raises(Refused, match="last_administrator"):
        deactivate(second)


def test_other_roles_are_in_force_at_the_next_page(browser: Browser, person: Person) -> None:
    client, second = browser(person("AD-1", "administrator")), person("AD-2", "administrator")
    theirs = browser(second)
    assert theirs.get("/settings/people").status_code == 200
    client.post(f"/settings/people/{second.pk}/roles", {"roles": ["observer"]})
    assert theirs.get("/settings/people").status_code == 403


def test_a_lost_phone_is_taken_away_when_its_link_is_used_and_not_before(
    browser: Browser, person: Person
) -> None:
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import TOTP

    client, lost = browser(person("AD-1", "administrator")), person("OB-1", password=PASSWORD)
    TOTP.activate(lost.user, "A" * 32)
    shown = client.post(f"/settings/people/{lost.pk}/link", {"clears_factors": "yes"})
    assert Authenticator.objects.count() == 1
    theirs = browser()
    theirs.post("/account/link", {"code": shown.context["link"].partition("#")[2]})
    new = f"{PASSWORD} and rain"
    theirs.post("/account/arrive", {"password": new, "again": new})
    assert "_auth_user_id" in theirs.session
    assert Authenticator.objects.count() == 0


def test_ending_all_sessions_of_a_person_ends_them(browser: Browser, person: Person) -> None:
    client, other = browser(person("AD-1", "administrator")), person("OB-1", password=PASSWORD)
    theirs = browser()
    theirs.post("/account/sign-in", {"login": "ob-1", "password": PASSWORD})
    client.post(f"/settings/people/{other.pk}/sessions")
    assert theirs.get("/account/").status_code == 302


def test_whoever_runs_the_server_can_let_the_last_administrator_in_again(
    browser: Browser, person: Person
) -> None:
    last = person("AD-1", "administrator")
    Member.objects.update(active=False)  # by whatever way
    code = machine.recover("ad-1").partition("#")[2]
    client = browser()
    client.post("/account/link", {"code": code})
    client.post("/account/arrive", {"password": PASSWORD, "again": PASSWORD})
    last.refresh_from_db()
    assert last.active
    assert client.get("/settings/people").status_code == 200


def test_the_log_tells_an_administrator_of_the_own_organisation_alone(
    browser: Browser, person: Person
) -> None:
    client = browser(person("AD-1", "administrator"))
    browser(person("B-77", organisation=BLUE))
    page = client.get("/settings/security").content.decode()
    assert "AD-1" in page
    assert "B-77" not in page


def test_the_log_is_only_appended_to(browser: Browser, person: Person) -> None:
    browser(person("AD-1", "administrator"))
    row = SecurityEvent.objects.get()
    row.username = "somebody else"
    for act in (row.save, row.delete, SecurityEvent.objects.all().delete):
        with pytest.raises(TypeError):
            act()
    with pytest.raises(TypeError):
        SecurityEvent.objects.update(username="somebody else")
    change = "UPDATE people_securityevent SET username = 'somebody else'"
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    assert SecurityEvent.objects.get().username == "ad-1"


def test_a_change_of_roles_is_told_with_before_and_after(browser: Browser, person: Person) -> None:
    client, other = browser(person("AD-1", "administrator")), person("OB-1")
    client.post(f"/settings/people/{other.pk}/roles", {"roles": ["team_leader"]})
    row = SecurityEvent.objects.get(event="roles_changed")
    assert (row.person_code, row.by) == ("OB-1", "ad-1")
    assert row.detail == {"before": ["observer"], "after": ["team_leader"]}
    assert "Observer → Team leader" in client.get("/settings/security").content.decode()


def test_no_two_people_of_an_organisation_share_a_code(person: Person) -> None:
    person("IM-1")
    with pytest.raises(Refused, match="member_code_taken"):
        machine.add("other", "ab" * 16, "im-1", ["observer"])
    with pytest.raises(DatabaseError), transaction.atomic():
        person("im-1", user=User.objects.create_user("third"))
