"""What has to hold for each address of the server, whoever writes it and whenever it is added."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from addresses import EXCUSED, NOWHERE, Address, addresses, tried
from django.conf import settings as django_settings
from django.test import Client

from tilth.service.session import Session
from tilth.web.frame.headers import POLICY

Known = dict[str, list[Any]]
OPEN = {
    *("set_language", "people:link", "people:arrive", "account_login", "account_logout"),
    *("account_inactive", "account_set_password", "account_reset_password", "mfa_authenticate"),
    *("mfa_login_webauthn", "openid_connect_login", "openid_connect_callback"),
    *("socialaccount_login_cancelled", "serving:health", "serving:ready", "papers:check"),
    "api:description",
}
"""What answers somebody who has not signed in: the ways in, health, and the check of a paper."""

ODD = (
    "x" * 20_000,
    "a\x00b",
    "\u202eabc\u2066",
    "'\"><svg onload=zap()>",
    "../../../../etc/passwd",
    "%2e%2e%2f",
    "-1",
    "9" * 400,
    "9999-99-99",
    "NaN",
    "{{7*7}}",
    "\ud7ff\uffff",
    "\u0661\u0662\u0663",
    "\u00b2",
)
"""Values that no form of ours makes."""

ASKED = (
    *("level", "until", "known", "org", "place", "q", "kind", "page", "by", "in", "offset"),
    *("sort", "part", "after", "state", "view", "next", "report", "take", "part", "level", "show"),
    *("task", "team", "code", "position", "format", "field", "open", "act", "bbox", "z", "since"),
)
"""Names that addresses read from their query."""


def every(among: list[Address], known: Known, most: int = 2) -> list[str]:
    """Paths of addresses."""
    return [path for one in among for path in one.paths(known, most)]


def test_what_answers_before_signing_in_is_listed_here() -> None:
    assert {one.name for one in addresses() if one.is_open and one.name[:4] != "api:"} <= OPEN
    assert set(EXCUSED) <= {one.name for one in addresses()}


def test_nobody_gets_anything_else(read_only: Path, db: None, known: Known) -> None:
    shut = [one for one in tried() if not one.is_open]
    assert len(shut) > 60
    client = Client()
    for path in every(shut, known):
        for method in ("get", "post", "head", "put", "delete", "options"):
            answer = getattr(client, method)(path)
            if path.startswith("/api/"):
                assert answer.status_code in (401, 403, 405, 406, 415, 429), (method, path)
                continue
            if method in ("put", "delete"):
                assert answer.status_code == 405, (method, path)
                continue
            assert answer.status_code == 302, (method, path, answer.status_code)
            assert answer["Location"].startswith("/account/sign-in"), (method, path)
            assert not answer.content


def test_no_form_is_taken_without_its_token(
    read_only: Path, everything: Client, known: Known
) -> None:
    checking = Client(enforce_csrf_checks=True)
    checking.cookies = everything.cookies
    token = "f" * 64
    for path in every(tried(), known, 1):
        if path.startswith("/api/"):
            continue  # a token of its own, no cookie: tests of the API
        for more in (
            {},
            {"HTTP_X_CSRFTOKEN": token},
            {"HTTP_HX_REQUEST": "true", "HTTP_ORIGIN": "http://elsewhere.example"},
        ):
            answer = checking.post(path, {"csrfmiddlewaretoken": token}, **more)
            assert answer.status_code == 403, (path, answer.status_code)


def test_a_form_of_this_server_sent_by_another_page_is_refused(
    read_only: Path, everything: Client
) -> None:
    checking = Client(enforce_csrf_checks=True)
    checking.cookies = everything.cookies
    page = checking.get("/jobs").content.decode()
    token = page.split('"X-CSRFToken": "')[1].split('"')[0] if "X-CSRFToken" in page else ""
    token = (
        token
        or checking.get("/import")
        .content.decode()
        .split('name="csrfmiddlewaretoken" value="')[1]
        .split('"')[0]
    )
    form = {"csrfmiddlewaretoken": token}
    assert checking.post("/import", form).status_code == 422
    for origin in ("http://elsewhere.example", "null", "http://testserver.elsewhere.example"):
        assert checking.post("/import", form, HTTP_ORIGIN=origin).status_code == 403


HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def test_every_answer_carries_the_headers_and_looking_changes_nothing(
    read_only: Path, everything: Client, known: Known, ledger: Session
) -> None:
    before = ledger.workspace.store.last_seq()
    seen = set()
    inside = [*every(tried(), known, 2), *every(tried(), NOWHERE, 1)]
    outside = [*every(tried(), NOWHERE, 1), "/nothing/here", "/%00"]
    act = {"do": "act", "made_from": "x", "reason": "x", "act": "approve"}
    for client, paths in ((everything, inside), (Client(), outside)):
        for path in paths:
            answer = client.get(path, act)
            kind = answer.get("Content-Type", "").split(";")[0]
            seen.add((answer.status_code, kind))
            for name, value in HEADERS.items():
                assert answer[name] == value, (path, name)
            assert "no-store" in answer["Cache-Control"], path
            policy = answer["Content-Security-Policy"]
            assert policy == POLICY or policy.startswith("default-src 'none'"), path
            assert "unsafe-eval" not in policy
            assert "unsafe-inline" not in policy or "sandbox" in policy, path
            if kind.startswith("text/") or kind.endswith(("json", "svg+xml")):
                assert "charset" in answer["Content-Type"] or kind.endswith("json"), path
    assert ledger.workspace.store.last_seq() == before
    assert {200, 302, 404, 405} <= {status for status, _ in seen}
    assert {"text/html", "text/csv", "image/svg+xml", "application/json"} <= {k for _, k in seen}


def test_static_files_carry_them_too_and_nothing_else_lies_there(read_only: Path, db: None) -> None:
    client, start = Client(), django_settings.STATIC_URL
    answer = client.get(f"{start}frame/page.css")
    assert answer.status_code == 200
    answer.getvalue()  # reads the file to its end, which closes it
    answer.close()
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "Content-Security-Policy" in answer
    for name in (
        *("../settings.py", "%2e%2e/settings.py", "..%2fsettings.py", "....//settings.py"),
        *("/etc/passwd", "frame/../../settings.py", "frame/..%5c..%5csettings.py", "%00", "", "."),
        *("frame", "frame/", ".git/config"),
    ):
        found = client.get(start + name)
        assert found.status_code in (302, 404), name
        assert b"DJANGO" not in found.content


def test_no_other_method_does_anything(
    read_only: Path, everything: Client, known: Known, ledger: Session
) -> None:
    before = ledger.workspace.store.last_seq()
    for path in every(tried(), known, 1):
        for method in ("PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "QUERY"):
            answer = everything.generic(method, path)
            expected = (401, 405, 429) if path.startswith("/api/v1/") else (405,)
            assert answer.status_code in expected, (method, path, answer.status_code)
        hidden = everything.get(path, {"_method": "POST"}, HTTP_X_HTTP_METHOD_OVERRIDE="POST")
        assert hidden.status_code != 500, path
    assert ledger.workspace.store.last_seq() == before


def test_what_no_form_of_ours_sends_is_answered_and_never_a_fault(
    read_only: Path, everything: Client, known: Known
) -> None:
    everything.raise_request_exception = False
    faults = []
    for place, path in enumerate(every(tried(), known, 1)):
        for value in (ODD[0], *(ODD[1:] * 2)[place % len(ODD) :][:2]):  # all of them, in turn
            answer = everything.get(path, {name: [value, value] for name in ASKED})
            if answer.status_code == 500:
                faults.append((path, value[:20]))
    assert not faults


def test_parts_of_addresses_that_nothing_has_are_not_there(
    read_only: Path, everything: Client
) -> None:
    everything.raise_request_exception = False
    odd = ("..", "../../etc/passwd", "a" * 5_000, "a\x00b", "\u202e", "<svg>", "%", "a//b/", "\\")
    for one in tried():
        for value in odd if one.parts else ():
            for path in one.paths({part: [value] for part in one.parts}):
                status = everything.get(path).status_code
                assert status in (200, 204, 302, 400, 401, 404, 405, 422, 429, 503), (
                    path[:80],
                    status,
                )


def test_of_a_name_given_twice_one_meaning_holds_everywhere(
    read_only: Path, everything: Client
) -> None:
    last = everything.get("/?level=approved&level=prudent").content.decode()
    page = everything.get("/?level=prudent").content.decode()
    mark = 'name="level"'
    assert last.split(mark)[1][:900] == page.split(mark)[1][:900]
