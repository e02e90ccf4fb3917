"""Nobody is led elsewhere, no header of a stranger is believed, nothing is kept in a cache."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from addresses import NOWHERE, tried
from django.test import Client

SignIn = Callable[..., Client]
ELSEWHERE = (
    "https://elsewhere.example/",
    "//elsewhere.example/",
    "/\\elsewhere.example/",
    "\\\\elsewhere.example",
    "http:elsewhere.example",
    "javascript:zap()",
    " //elsewhere.example",
    "/\t/elsewhere.example",
    "http://localhost@elsewhere.example/",
    "///elsewhere.example",
    "\x00//elsewhere.example",
)
NAMES = ("next", "back", "return", "url", "redirect", "go", "to", "continue")


def test_no_address_leads_to_another_server(read_only: Path, sign_in: SignIn) -> None:
    inside = sign_in()
    for place, one in enumerate(tried()):
        for path in one.paths(NOWHERE, 1):
            where = ELSEWHERE[place % len(ELSEWHERE)]
            for client in (inside, Client()):
                answer = client.get(path, dict.fromkeys(NAMES, where))
                assert leads_here(answer.get("Location", "/")), (path, answer.get("Location"))


@pytest.mark.parametrize("where", ELSEWHERE)
def test_no_form_leads_to_another_server(read_only: Path, sign_in: SignIn, where: str) -> None:
    inside, query = sign_in(), dict.fromkeys(NAMES, where)
    for path in ("/language", "/account/sign-in", "/account/organisation", "/inbox/mark"):
        answer = inside.post(path, {**query, "language": "fr"}, HTTP_REFERER=where.strip("\x00"))
        assert leads_here(answer.get("Location", "/")), (path, answer.get("Location"))


def leads_here(address: str) -> bool:
    """Whether a browser that follows an address stays on this server."""
    plain = address.strip().replace("\\", "/").replace("\t", "")
    return plain.startswith("/") and not plain.startswith("//")


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_HOST": "elsewhere.example"},
        {"HTTP_HOST": "localhost:8000@elsewhere.example"},
        {"HTTP_HOST": "localhost.elsewhere.example"},
        {"HTTP_HOST": "elsewhere.example:80\r\nX: y"},
        {"HTTP_HOST": ""},
    ],
)
def test_another_host_is_not_answered(
    read_only: Path, sign_in: SignIn, headers: dict[str, str], settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
    client = sign_in()
    for path in ("/", "/account/sign-in", "/health", "/import"):
        answer = client.get(path, **headers)
        assert answer.status_code == 400, path
        assert b"elsewhere" not in answer.content
        assert "elsewhere" not in str(answer.headers)


def test_what_a_stranger_says_of_proxies_is_not_believed(read_only: Path, sign_in: SignIn) -> None:
    client = sign_in()
    forged = {
        "HTTP_X_FORWARDED_HOST": "elsewhere.example",
        "HTTP_X_FORWARDED_PROTO": "https",
        "HTTP_X_FORWARDED_PORT": "9",
        "HTTP_FORWARDED": "host=elsewhere.example",
        "HTTP_X_ORIGINAL_URL": "/settings/people",
        "HTTP_X_REWRITE_URL": "/settings/people",
        "HTTP_X_REMOTE_USER": "administrator",
        "REMOTE_USER": "",
    }
    plain, answer = client.get("/findings"), client.get("/findings", **forged)
    assert answer.status_code == plain.status_code
    assert b"elsewhere" not in answer.content
    assert "elsewhere" not in str(answer.headers)
    assert not answer.wsgi_request.is_secure()


def test_a_page_is_not_served_to_the_next_reader_of_a_shared_computer(
    read_only: Path, sign_in: SignIn
) -> None:
    client = sign_in()
    page = client.get("/")
    assert page["Cache-Control"] == "private, no-store"
    assert "storage" in client.post("/account/sign-out")["Clear-Site-Data"]
    assert client.get("/").status_code == 302
    assert client.get("/", HTTP_IF_NONE_MATCH=page.get("ETag", '"x"')).status_code == 302


def test_a_parameter_of_the_cut_means_one_thing_to_page_and_table(
    read_only: Path, sign_in: SignIn
) -> None:
    client = sign_in()
    twice = "?level=reported&level=approved&until=2020-01-01&until=2026-01-01"
    once = "?level=approved&until=2026-01-01"
    for path in ("/operation/account.csv", "/items.csv", "/operation/curve.json"):
        assert client.get(path + twice).content == client.get(path + once).content, path


def test_every_page_offers_to_sign_out(read_only: Path, sign_in: SignIn) -> None:
    client = sign_in()
    for path in ("/", "/inbox", "/search?q=x", "/settings", "/record/nothing", "/account/"):
        assert "/account/sign-out" in client.get(path).content.decode(), path


@pytest.mark.parametrize(
    "called", ['a".csv', "a\r\nX-Evil: y.csv", "\u202egpj.exe", "../a", "", "ä;b.csv"]
)
def test_a_file_with_an_odd_name_is_called_so_in_no_other_header(
    read_only: Path, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, called: str
) -> None:
    from tilth.web.record import views

    monkeypatch.setattr(views, "blob_of", lambda *_: (b"<script>zap()</script>", called))
    monkeypatch.setattr(views.record_page, "choices", lambda *_: ["x"])
    answer = sign_in().get(f"/record/x/file/{'f' * 64}")
    assert answer.status_code == 200
    head = answer["Content-Disposition"]
    assert re.fullmatch(
        r"attachment; filename=\"[A-Za-z0-9._-]+\"; filename\*=UTF-8''[A-Za-z0-9%._~-]+", head
    ), head
    assert "X-Evil" not in answer.headers
    assert answer["Content-Type"] == "application/octet-stream"
    assert "sandbox" in answer["Content-Security-Policy"]
