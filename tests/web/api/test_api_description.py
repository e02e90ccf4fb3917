"""The API does what its own description says, attacked by it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.failures import FailureGroup
from schemathesis.generation.modes import GenerationMode

from tilth.web.api import entrance

REFUSED = ["2xx", "304", "401", "403", "404", "409", "412", "422", "429", "503"]
"""Of what the description allows, much is refused by rules that no schema can tell."""


@pytest.fixture
def described(
    monkeypatch: pytest.MonkeyPatch, served: Path, program: Callable[..., Any]
) -> Callable[..., Any]:
    """Description as a program with a token loads it."""
    monkeypatch.setattr(entrance, "_FAILED", {"token_failed": "100000/m/ip"})

    def load(*roles: str) -> tuple[Any, dict[str, str]]:
        headers = {
            "Authorization": f"Bearer {program(*roles).text}",
            "Accept-Encoding": "identity",  # werkzeug's client asks for gzip and leaves it packed
        }
        config = schemathesis.Config.from_dict(
            {"checks": {"positive_data_acceptance": {"expected-statuses": REFUSED}}}
        )
        app = get_wsgi_application()
        address = "/api/v1/openapi.json"
        return schemathesis.openapi.from_wsgi(address, app, config=config, headers=headers), headers

    return load


def _attack(schema: Any, headers: dict[str, str], examples: int) -> int:
    """Send what each operation takes, and what it does not; returns how many were sent."""
    sent = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @settings(
                max_examples=examples,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def attack(case: Any) -> None:
                nonlocal sent
                sent += 1
                case.call_and_validate(headers=headers)

            attack()
    return sent


def test_whatever_an_information_manager_sends_is_answered_as_described(described) -> None:
    assert _attack(*described("information_manager"), examples=3) > 100


def test_whatever_an_observer_sends_is_answered_as_described(described) -> None:
    assert _attack(*described("observer"), examples=2) > 70


def test_a_description_that_lies_is_seen(described) -> None:
    """The attack finds what is wrong: an answer without what its description promises."""
    schema, headers = described("observer")
    answers = schema.raw_schema["paths"]["/api/v1/operation"]["get"]["responses"]
    answers["200"]["content"]["application/json"]["schema"] = {
        "type": "object",
        "required": ["nobody_answers_this"],
    }
    for path in list(schema.raw_schema["paths"]):
        if path != "/api/v1/operation":
            del schema.raw_schema["paths"][path]
    with pytest.raises(FailureGroup) as found:
        _attack(schema, headers, examples=1)
    assert any("nobody_answers_this" in str(one) for one in found.value.exceptions)


def test_every_operation_declares_its_refusals_as_problems(described) -> None:
    schema, _ = described("observer")
    for address, path in schema.raw_schema["paths"].items():
        for method, one in path.items():
            answers = one["responses"]
            for status in ("401", "403", "404", "412", "422", "429"):
                content = answers[status]["content"]
                assert list(content) == ["application/problem+json"], (address, method, status)


def test_the_pages_of_the_description_ask_nobody_else(sign_in, read_only) -> None:
    browser = sign_in("observer")
    page = browser.get("/api").content.decode()
    assert "POST /api/v1/records/{kind}" in page
    assert "http://" not in page.replace("http://testserver", "")
    assert "https://" not in page
    assert json.loads(browser.get("/api/v1/openapi.json").content)["openapi"].startswith("3.")
