"""A day of four officers in a real browser, on the demonstration's files."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from officer import Office, Officer
from playwright.sync_api import expect

ROOMS = (
    "/",
    "/map",
    "/inbox",
    "/tasks",
    "/quality",
    "/items",
    "/findings",
    "/import",
    "/documents",
)


@pytest.fixture(scope="module")
def authority(office: Office) -> Officer:
    """Information manager of the authority, who comes in by a link handed over."""
    link = office.invite("omaa1", "information_manager", "operations_manager", organisation="OMAA")
    officer = office.sit_down("omaa1")
    office.arrive(officer, link)
    return officer


@pytest.fixture(scope="module")
def operator(office: Office) -> Officer:
    link = office.invite("sec7", "information_manager", "operations_manager", organisation="SEC")
    officer = office.sit_down("sec7")
    office.arrive(officer, link)
    return officer


@pytest.fixture(scope="module")
def reader_in_arabic(office: Office) -> Officer:
    link = office.invite("gf3", "information_manager", organisation="GF")
    officer = office.sit_down("gf3", language="ar")
    office.arrive(officer, link)
    return officer


@pytest.fixture(autouse=True)
def nothing_is_asked_of_others_and_nothing_complains(office: Office) -> Iterator[None]:
    yield
    for one in office.officers:
        assert one.elsewhere == []
        assert one.complaints == []


def test_a_link_works_once(office: Office, authority: Officer) -> None:
    link = office.invite("late1", "observer", organisation="OMAA")
    first = office.sit_down("late1")
    office.arrive(first, link)
    again = office.sit_down("late1")
    page = again.open(link)
    page.locator("main form button").first.click()
    expect(page.locator("main")).to_contain_text(re.compile("link", re.I))
    expect(page.locator(".problems")).to_be_visible()


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_opens_without_barriers(authority: Officer, room: str) -> None:
    authority.open(room)
    authority.page.wait_for_timeout(300)
    assert authority.barriers() == []
    name = room.strip("/").replace("/", "-") or "operation"
    authority.picture(f"{name}-en")


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_opens_in_arabic_from_right_to_left(
    reader_in_arabic: Officer, room: str
) -> None:
    page = reader_in_arabic.open(room)
    page.wait_for_timeout(300)
    assert page.evaluate("() => document.documentElement.dir") == "rtl"
    assert reader_in_arabic.barriers() == []
    wider = page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
    assert wider <= 0
    name = room.strip("/").replace("/", "-") or "operation"
    reader_in_arabic.picture(f"{name}-ar")


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_fits_a_phone(office: Office, authority: Officer, room: str) -> None:
    page = authority.open(room)
    page.set_viewport_size({"width": 360, "height": 740})
    try:
        page.wait_for_timeout(200)
        wider = page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
        assert wider <= 0
    finally:
        page.set_viewport_size({"width": 1280, "height": 800})


def test_the_log_is_checked_in_the_browser(authority: Officer) -> None:
    page = authority.open("/log")
    page.get_by_role("button", name="Check all in this browser").click()
    results = page.locator("[data-result]")
    for at in range(results.count()):
        expect(results.nth(at)).to_contain_text("✓", timeout=30_000)
        expect(results.nth(at)).to_contain_text("signature right")
    authority.picture("log-checked")


def test_a_root_that_is_another_is_told_by_the_browser(authority: Officer) -> None:
    page = authority.page
    page.route("**/log/leaves/**", lambda route: route.fulfill(body=b"\x01" * 32 * 2000))
    try:
        authority.open("/log")
        page.get_by_role("button", name="Check all in this browser").click()
        expect(page.locator("[data-result]").first).to_contain_text("✗", timeout=30_000)
    finally:
        page.unroute("**/log/leaves/**")
