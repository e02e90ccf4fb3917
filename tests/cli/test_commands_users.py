"""``tilth user``: whoever runs the server lets people in, and the last administrator in again."""

from __future__ import annotations

import pytest
from desk import Desk
from django.test import Client

IM = ("--role", "information_manager")
AD = ("--role", "administrator")
PASSWORD = "grey heron over wet maize"


@pytest.fixture(autouse=True)
def accounts(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The accounts of the test, not of a folder; what the command sets is put back."""
    del db
    for name in ("TILTH_WORKSPACE", "TILTH_LOG", "TILTH_DATABASE_URL"):
        monkeypatch.setenv(name, "")


def add(desk: Desk, name: str, code: str, *roles: str) -> str:
    wanted = ("--organisation", "Blue", "--code", code, *roles)
    return str(desk.json("user", "add", "work", name, *wanted)["link"])


def come_in(link: str) -> Client:
    client = Client()
    client.post("/account/link", {"code": link.partition("#")[2]})
    client.post("/account/arrive", {"password": PASSWORD, "again": PASSWORD})
    return client


def test_the_link_that_is_printed_lets_the_person_in(desk: Desk) -> None:
    link = add(desk, "petra7", "P-7", *IM, *AD)
    assert link.startswith("http://localhost:8000/account/link#")
    assert come_in(link).get("/account/").status_code == 200
    (person,) = desk.json("user", "list", "work")["people"]
    assert person["username"] == "petra7"
    assert person["person_code"] == "P-7"
    assert person["roles"] == ["information_manager", "administrator"]
    assert person["last_sign_in"]


def test_the_link_begins_with_the_address_that_people_type(desk: Desk) -> None:
    wanted = ("--organisation", "Blue", "--code", "P-7", *IM)
    said = desk.run(
        "user", "add", "work", "petra7", *wanted, "--public-url", "https://tilth.example.org/"
    )
    assert said.splitlines()[0].startswith("https://tilth.example.org/account/link#")


def test_what_cannot_be_a_person_is_refused(desk: Desk) -> None:
    def refused(name: str, code: str, organisation: str = "Blue") -> list[str]:
        wanted = ("--organisation", organisation, "--code", code, *IM)
        return desk.refused("user", "add", "work", name, *wanted)

    assert refused("Petra Novak", "P-7") == ["username_malformed"]
    assert refused("petra7", "Petra Novak") == ["member_code_malformed"]
    assert refused("petra7", "P-7", "Red") == ["organisation_unknown"]
    assert desk.refused("user", "recover", "work", "nobody") == ["person_unknown"]
    assert desk.json("user", "list", "work")["people"] == []


def test_the_last_administrator_keeps_the_role_and_can_be_let_in_again(desk: Desk) -> None:
    come_in(add(desk, "ad1", "AD-1", *AD))
    assert desk.refused("user", "end", "work", "ad1") == ["last_administrator"]
    assert desk.refused("user", "roles", "work", "ad1", *IM) == ["last_administrator"]
    link = desk.json("user", "recover", "work", "ad1")["link"]
    assert come_in(link).get("/settings/people").status_code == 200


def test_who_is_ended_cannot_come_in_until_recovered(desk: Desk) -> None:
    client = come_in(add(desk, "petra7", "P-7", *IM))
    desk.run("user", "end", "work", "petra7")
    assert client.get("/account/").status_code == 302
    assert not desk.json("user", "list", "work")["people"][0]["active"]
    come_in(desk.json("user", "recover", "work", "petra7")["link"])
    assert desk.json("user", "list", "work")["people"][0]["active"]


def test_other_roles_take_the_place_of_those_held(desk: Desk) -> None:
    add(desk, "petra7", "P-7", *IM)
    desk.run("user", "roles", "work", "petra7", "--role", "observer", "--role", "quality_officer")
    held = desk.json("user", "list", "work")["people"][0]["roles"]
    assert held == ["quality_officer", "observer"]
