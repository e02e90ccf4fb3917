"""A demonstration that is served, and people who are signed in."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tilth.service.current import publish_now
from tilth.service.demonstrate import build_demonstration
from tilth.service.session import Session, open_session
from tilth.web.frame import context
from tilth.web.ledger import close_desk


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small demonstration, published; tests that write take a copy of it (`served`)."""
    folder = tmp_path_factory.mktemp("told") / "demo"
    build_demonstration(folder)
    with open_session(folder) as session:
        publish_now(session)
    return folder


def _serve(folder: Path, settings: Any) -> Iterator[Path]:
    settings.WORKSPACE = folder
    close_desk()
    context._operation.cache_clear()
    yield folder
    close_desk()
    context._operation.cache_clear()


@pytest.fixture
def read_only(told: Path, settings: Any) -> Iterator[Path]:
    """The demonstration itself, for tests that only read."""
    yield from _serve(told, settings)


@pytest.fixture
def served(told: Path, tmp_path: Path, settings: Any) -> Iterator[Path]:
    """A copy of the demonstration that a test may write to."""
    folder = tmp_path / "demo"
    shutil.copytree(told, folder)
    yield from _serve(folder, settings)


SignIn = Callable[..., Client]


@pytest.fixture
def sign_in(db: None, request: pytest.FixtureRequest) -> SignIn:
    """Make a member and a browser in which it is signed in.

    ``sign_in("information_manager", organisation="authority", code="im7")``; the organisation is
    ``authority``, or a part of the name that the demonstration gives it.
    """
    del db
    from tilth.web.people.models import Member

    def make(*roles: str, organisation: str = "authority", code: str = "") -> Client:
        known = context.operation()
        found = known.authority
        if organisation != "authority":
            (found,) = [id_ for id_, name in known.organisations if organisation in name]
        chosen = roles or ("information_manager",)
        called = code or f"{chosen[0][:2]}-{User.objects.count() + 1}"
        user = User.objects.create_user(f"user-{called}")
        Member.objects.create(
            user=user, organisation=found, person_code=called, roles=sorted(chosen)
        )
        client = Client()
        client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
        return client

    return make


@pytest.fixture
def ledger(request: pytest.FixtureRequest) -> Iterator[Session]:
    """A session over the folder that is served, to look at what the pages wrote."""
    name = "served" if "served" in request.fixturenames else "read_only"
    with open_session(request.getfixturevalue(name)) as session:
        yield session
