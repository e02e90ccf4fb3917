"""Organisations without a workspace: accounts need none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from tilth.web.frame import context
from tilth.web.ledger import close_desk
from tilth.web.people.models import Member

RED, BLUE = "ab" * 16, "cd" * 16
PASSWORD = "grey heron over wet maize"

Person = Callable[..., Member]


@pytest.fixture(autouse=True)
def no_workspace(db: None, settings: Any) -> Iterator[None]:
    """Nothing but accounts; limits of attempts begin anew."""
    del db
    settings.WORKSPACE = None
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    close_desk()
    context._operation.cache_clear()
    cache.clear()
    yield
    close_desk()


@pytest.fixture
def person() -> Person:
    """Make somebody who has signed in before."""

    def make(
        code: str, *roles: str, organisation: str = RED, password: str = "", user: Any = None
    ) -> Member:
        known = user or User.objects.create_user(code.lower(), password=password or None)
        if user is None:
            known.last_login = known.date_joined
            known.save()
        return Member.objects.create(
            user=known,
            organisation=organisation,
            person_code=code,
            roles=list(roles) or ["observer"],
        )

    return make


@pytest.fixture
def browser() -> Callable[..., Client]:
    """A browser in which a member is signed in, or one that checks forms."""

    def open_(member: Member | None = None, **options: Any) -> Client:
        client = Client(**options)
        if member is not None:
            client.force_login(member.user)
        return client

    return open_
