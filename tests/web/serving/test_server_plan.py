"""What a server is told, what it writes into its log, and how it says whether it is ready."""

from __future__ import annotations

import json
import logging
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tilth.core.problems import Problem, Refused
from tilth.web.serving import plan as plans
from tilth.web.serving import readiness
from tilth.web.serving.keeper import Beat, read_beat
from tilth.web.serving.logs import JSONLines
from tilth.web.serving.plan import Plan, alone, checked, runtime_folder


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def plan(tmp_path: Path, **given: Any) -> Plan:
    return Plan(tmp_path, tmp_path / "run", port=free_port(), **given)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"host": "0.0.0.0"}, "public_without_tls"),
        ({"host": "192.0.2.7", "public_url": "http://192.0.2.7"}, "public_without_tls"),
        ({"public_url": "http://tilth.example"}, "public_without_tls"),
        ({"public_url": "tilth.example"}, "public_url_malformed"),
        ({"public_url": "https://tilth.example/under"}, "public_url_malformed"),
        ({"public_url": "https://me:" + "secret@tilth.example"}, "public_url_malformed"),
        ({"public_url": "ftp://tilth.example"}, "public_url_malformed"),
    ],
)
def test_nobody_is_served_from_afar_without_tls(
    tmp_path: Path, given: dict[str, str], code: str
) -> None:
    with pytest.raises(Refused) as refusal:
        checked(plan(tmp_path, **given))
    assert [one.code for one in refusal.value.problems] == [code]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"host": "localhost"},
        {"host": "0.0.0.0", "public_url": "https://tilth.example"},
        {"public_url": "http://localhost:8101"},
        {"public_url": "https://tilth.example:8443"},
    ],
)
def test_loopback_and_a_proxy_with_tls_are_served(tmp_path: Path, given: dict[str, str]) -> None:
    assert checked(plan(tmp_path, **given))


def test_a_port_in_use_is_said_before_anything_is_started(tmp_path: Path) -> None:
    asked = plan(tmp_path)
    with socket.socket() as other:
        other.bind(("127.0.0.1", asked.port))
        other.listen()
        with pytest.raises(Refused, match="port_taken"):
            checked(asked)


def test_one_server_for_a_workspace(tmp_path: Path) -> None:
    asked = plan(tmp_path)
    with alone(asked), pytest.raises(Refused, match="server_runs"), alone(asked):
        pass
    with alone(asked):
        pass


def test_the_folder_of_the_sockets_is_the_server_s_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    monkeypatch.setattr(plans.tempfile, "gettempdir", lambda: str(tmp_path))
    folder = runtime_folder(tmp_path / "op")
    assert folder == runtime_folder(tmp_path / "op")
    assert folder != runtime_folder(tmp_path / "other")
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o755)  # somebody could have laid sockets into it
    with pytest.raises(Refused, match="runtime_folder_unsafe"):
        runtime_folder(tmp_path / "op")
    folder.rmdir()
    folder.symlink_to(tmp_path)
    with pytest.raises(Refused, match="runtime_folder_unsafe"):
        runtime_folder(tmp_path / "op")
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "given"))
    assert runtime_folder(tmp_path / "op") == tmp_path / "given"


def line(record: logging.LogRecord) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(JSONLines().format(record))
    return said


def record(logger: str, text: str, *values: object, **more: Any) -> logging.LogRecord:
    made = logging.LogRecord(logger, logging.ERROR, "x.py", 1, text, values, more.pop("exc", None))
    made.__dict__.update(more)
    return made


def test_a_line_of_the_log_holds_only_what_is_listed() -> None:
    said = line(record("tilth.access", "answered", route="record:show", ms=2.5, username="Anna B."))
    assert said.keys() == {"at", "level", "logger", "message", "route", "ms"}


def test_values_in_other_people_s_messages_are_left_out() -> None:
    said = line(record("django.request", "Not Found: %s", "/record/of-anna?token=secret"))
    assert said["message"] == "Not Found: %s"


def test_of_an_error_its_kind_and_place_are_kept_and_not_what_it_says() -> None:
    try:
        raise ValueError("33.10 44.10 Anna B.")
    except ValueError as error:
        found = (type(error), error, error.__traceback__)
    said = line(record("tilth.access", "failed", exc=found))
    assert said["error"] == "ValueError"
    assert "test_server_plan.py" in said["where"][0]
    assert "Anna" not in json.dumps(said)


def test_a_refusal_in_the_log_is_its_code() -> None:
    refused = Refused(Problem("bad_day", "Anna B.", {"text": "x"}))
    said = line(record("tilth.keeper", "failed", exc=(Refused, refused, None)))
    assert (said["code"], "Anna" in json.dumps(said)) == ("bad_day", False)


@pytest.mark.usefixtures("db", "read_only")
def test_each_request_has_a_line_with_its_route_and_never_its_address(
    caplog: pytest.LogCaptureFixture, sign_in: Any
) -> None:
    client: Client = sign_in(code="im7")
    with caplog.at_level(logging.INFO, logger="tilth.access"):
        answer = client.get("/jobs?known=2026-03-31&q=Anna", headers={"X-Request-ID": "abcdef0123"})
        Client().get("/health", headers={"X-Request-ID": "bad id\n"})
    assert answer.headers["X-Request-ID"] == "abcdef0123"
    lines = [found for found in caplog.records if found.name == "tilth.access"]
    one, other = (json.loads(JSONLines().format(found)) for found in lines)
    assert (one["route"], one["status"], one["method"]) == ("jobs:list", 200, "GET")
    assert one["user"] == answer.wsgi_request.user.pk
    assert "Anna" not in json.dumps(one)
    assert (other["route"], other["status"]) == ("serving:health", 200)
    assert "user" not in other


# -- health and readiness ------------------------------------------------------------------------


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TILTH_RUNTIME", str(tmp_path))
    monkeypatch.delenv("TILTH_SIGNER", raising=False)
    monkeypatch.setattr(readiness, "_KEEP_S", -1.0)
    return tmp_path


def ready() -> tuple[int, dict[str, bool]]:
    answer = Client().get("/ready")
    return answer.status_code, answer.json()


@pytest.mark.usefixtures("db")
def test_a_server_is_ready_while_its_keeper_beats_and_gets_on(
    runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Client().get("/health").json() == {"lives": True}
    assert ready()[0] == 503
    beat = Beat(runtime)
    beat.turn(17)
    beat.write()
    said = read_beat(runtime)
    assert said is not None
    assert said["seq"] == 17
    assert ready() == (200, {"ready": True, "database": True, "signer": True, "keeper": True})
    beat.failing = True
    beat.write()
    assert ready()[1]["keeper"] is False
    beat.turn(18)
    beat.write()
    assert ready()[1]["keeper"] is True
    monkeypatch.setattr(readiness, "BUSY_S", -1.0)
    assert ready()[1]["keeper"] is False


@pytest.mark.usefixtures("db")
def test_a_server_whose_keeper_or_signer_is_gone_is_not_ready(
    runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Beat(runtime).write()
    monkeypatch.setattr(readiness, "OLD_S", -1.0)
    assert ready() == (503, {"ready": False, "database": True, "signer": True, "keeper": False})
    (runtime / "keeper.json").write_text("{")
    assert ready()[1]["keeper"] is False
    monkeypatch.setenv("TILTH_SIGNER", str(runtime / "nobody"))
    assert ready()[1]["signer"] is False


def test_the_passphrase_of_the_keys_stands_in_no_command_and_no_environment(
    tmp_path: Path,
) -> None:
    from tilth.web.serving.supervisor import Supervisor

    server = Supervisor(plan(tmp_path), passphrase="open sesame")
    for child in (server._signer, *server._others):
        assert "open sesame" not in " ".join([*child.command, *child.environment.values()])
        assert (child.given == b"open sesame\n") is (child.name == "signer")
    assert os.environ.get("TILTH_SIGNER") != str(server.plan.socket)
