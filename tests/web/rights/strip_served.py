"""The strip with a word in every field, served; and readers of it, with a browser and a token."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from addresses import NOWHERE
from canaries import Told, told
from django.contrib.auth.models import User
from django.test import Client, RequestFactory

from tilth.web.api import tokens
from tilth.web.frame import context
from tilth.web.ledger import close_desk
from tilth.web.people.models import Member

Reader = Callable[..., Client]


@pytest.fixture(scope="session")
def canaries(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The strip with a word in every field, published."""
    with told(tmp_path_factory.mktemp("canaries") / "strip") as (found, _session):
        return found


@pytest.fixture
def served_strip(canaries: Told, settings: Any) -> Iterator[Told]:
    """It is served; nothing of these tests writes to it."""
    settings.WORKSPACE = canaries.folder
    close_desk()
    context._operation.cache_clear()
    yield canaries
    close_desk()
    context._operation.cache_clear()


@pytest.fixture
def reader(db: None) -> Reader:
    """Sign somebody in, with a token for the API beside (``client.token``)."""

    def make(organisation: str, *roles: str) -> Client:
        user = User.objects.create_user(f"user-{organisation}-{'-'.join(roles)}".lower()[:100])
        member = Member.objects.create(
            user=user, organisation=organisation, person_code=f"P{user.pk}", roles=list(roles)
        )
        request = RequestFactory().get("/")
        request.user, request.member = user, member  # type: ignore[attr-defined]
        client = Client()
        client.token = tokens.make(request, member, "laptop", "write")[1]  # type: ignore[attr-defined]
        client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
        return client

    return make


def known(canaries: Told, kinds: set[str] | None = None) -> dict[str, list[Any]]:
    """Values for the parts of addresses, those of every record of these kinds."""
    records = [
        record for record, one in canaries.records.items() if kinds is None or one.kind in kinds
    ]
    statements = [canaries.statements[one] for one in records]
    return {
        **NOWHERE,
        **dict.fromkeys(("record", "name"), records),
        **dict.fromkeys(("statement", "named"), statements),
        "api.kind": sorted({one.kind for one in canaries.records.values()}),
        "figure": ["remaining", "recorded", "found", "people_reached", "open_findings"],
    }
