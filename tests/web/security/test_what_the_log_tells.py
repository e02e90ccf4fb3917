"""The server's log, as a capturing handler gets it, while people do what people do."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from addresses import NOWHERE, tried
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tilth.web.people.models import Event, Member, SecurityEvent
from tilth.web.serving.logs import JSONLines

SignIn = Callable[..., Client]
SECRETS = {
    "password": "wet grey heron 77 over maize",
    "name": "petra.unknown.77",
    "search": "Quietfield-77",
    "coordinates": "36.123477",
    "reason": "because of neighbour Ivan 77",
    "file": "victims-of-quietfield-77.csv",
    "agent": "Browser-of-somebody/77",
    "token": "tilth_7_" + "s7" * 21 + "s",
    "code": "abcd-efgh-jkmn-pqrs-tuvw-xyz2-7777",
}


class Lines(logging.Handler):
    """Keeps lines as the server writes them."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(JSONLines())
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(self.format(record))


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Everything that any part of the program logs, from the finest level on."""
    handler = Lines()
    names = ("", "tilth", "tilth.access", "tilth.security", "django", "django.request", "allauth")
    loggers = [logging.getLogger(name) for name in names]
    before = [one.level for one in loggers]
    for one in loggers:
        one.setLevel(logging.DEBUG)
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)
    for one, level in zip(loggers, before, strict=True):
        one.setLevel(level)


def test_no_secret_name_place_or_value_stands_in_it(
    read_only: Path, sign_in: SignIn, lines: Lines
) -> None:
    s, client = SECRETS, sign_in(code="im-77-code")
    client.raise_request_exception = False
    more = {"HTTP_USER_AGENT": s["agent"], "HTTP_REFERER": f"http://localhost/?q={s['search']}"}
    stranger = Client()
    stranger.post("/account/sign-in", {"login": s["name"], "password": s["password"]}, **more)
    stranger.post("/account/link", {"code": s["code"]}, **more)
    stranger.get("/api/v1/operation", HTTP_AUTHORIZATION=f"Bearer {s['token']}")
    client.get("/search", {"q": s["search"]}, **more)
    client.get(f"/record/{s['search']}", {"place": s["search"]}, **more)
    client.get(f"/{s['search']}/{s['coordinates']}")
    point = f"POINT({s['coordinates']} 50.1)"
    for do in ("look", "say"):
        form = {"do": do, "f-local_id": s["search"], "f-point": point, "f-remarks": s["reason"]}
        client.post("/record/new/evidence_point", form, **more)
    file = SimpleUploadedFile(s["file"], b"\x00\xff" + s["reason"].encode())
    client.post("/import", {"file": file, "kind": "hazard_area"}, **more)
    client.post("/jobs/account", {"known": s["search"]})
    values = dict.fromkeys(("q", "place", "known", "org", "reason", "by"), s["search"])
    for one in tried():
        for path in one.paths({**NOWHERE, "name": [s["search"]], "record": [s["search"]]}, 1):
            client.get(path, values, **more)
            client.post(path, {**values, "reason": s["reason"], "password": s["password"]}, **more)
    text = "\n".join(lines.told)
    assert len(lines.told) > 100
    for what, secret in {**s, "session": client.cookies["tilth_session"].value}.items():
        assert secret not in text, (what, next(x for x in lines.told if secret in x))
    assert "im-77-code" not in text
    assert Member.objects.get().user.username not in text
    assert all("\n" not in line for line in lines.told)


def test_what_somebody_writes_cannot_make_a_line_of_its_own(
    read_only: Path, sign_in: SignIn, lines: Lines
) -> None:
    client: Any = sign_in()
    forged = 'x"}\n{"level": "error", "message": "forged"}'
    client.get("/search", {"q": forged}, HTTP_X_REQUEST_ID=forged, HTTP_USER_AGENT=forged)
    client.get(f"/record/{forged.replace('?', '')}")
    assert not [one for one in lines.told if "forged" in one]


def test_an_error_of_ours_tells_the_reader_nothing_of_itself(
    read_only: Path, sign_in: SignIn, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("SELECT quiet FROM people WHERE 'Quietfield-77'")

    monkeypatch.setattr("tilth.web.find.views.find", fail)
    client = sign_in()
    client.raise_request_exception = False
    answer = client.get("/search", {"q": "Quietfield-77"})
    assert answer.status_code == 500
    for secret in (b"SELECT", b"Traceback", b"RuntimeError", b"views.py"):
        assert secret not in answer.content
    text = "\n".join(lines.told)
    assert "RuntimeError" in text
    assert "Quietfield-77" not in text
    assert answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "private, no-store"


def test_refused_access_is_in_the_security_log(read_only: Path, sign_in: SignIn) -> None:
    client = sign_in("observer")
    assert client.get("/settings/security").status_code == 403
    assert client.get("/record/nothing-77").status_code == 404
    checking = Client(enforce_csrf_checks=True)
    checking.cookies = client.cookies
    assert checking.post("/import", {"file": "x"}).status_code == 403
    told = list(SecurityEvent.objects.filter(event=Event.DENIED))
    assert len(told) == 3
    assert not [one for one in told if "nothing-77" in str(one.detail)]
