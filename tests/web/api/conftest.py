"""A program with a token."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from tilth.web.api.models import Token
from tilth.web.api.tokens import _hash
from tilth.web.people.models import Member


class Program:
    """Asks the API as a member's device does."""

    def __init__(self, client: Client, token: Token, text: str) -> None:
        self.client, self.token, self.text = client, token, text

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.client.get(f"/api/v1/{path}", headers=self._with(headers))

    def post(self, path: str, value: Any, **headers: str) -> HttpResponse:
        return self.client.post(
            f"/api/v1/{path}",
            json.dumps(value),
            content_type="application/json",
            headers=self._with(headers),
        )

    def _with(self, headers: dict[str, str]) -> dict[str, str]:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return {"Authorization": f"Bearer {self.text}", **given}


MakeProgram = Callable[..., Program]


@pytest.fixture
def program(sign_in: Callable[..., Client]) -> MakeProgram:
    """``program("observer", organisation="…", scope="read")``: a device with a token of its own."""

    def make(*roles: str, scope: str = "write", days: int = 30, **whose: str) -> Program:
        sign_in(*roles, **whose)
        member = Member.objects.latest("pk")
        token = Token.objects.create(
            member=member,
            device="test",
            scope=scope,
            expires_at=timezone.now() + timedelta(days=days),
        )
        text = f"tilth_{token.pk}_{'A' * 42}{token.pk % 10}"
        Token.objects.filter(pk=token.pk).update(secret_hash=_hash(text))
        return Program(Client(), token, text)

    return make
