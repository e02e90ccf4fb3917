"""Somebody who may do everything, and real values for the parts of addresses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from addresses import NOWHERE
from django.test import Client
from strip_served import canaries, reader, served_strip

from tilth.core.roles import ROLES
from tilth.service.session import open_session

__all__ = ["canaries", "everything", "known", "reader", "served_strip"]

Known = dict[str, list[Any]]


@pytest.fixture(scope="session")
def known(told: Path) -> Known:
    """Parts of addresses that are there in the demonstration; what is missing is nowhere."""
    with open_session(told) as session:
        store = session.workspace.store
        records = [
            next(iter(store.select(kind, ["record"])), [""])[0]
            for kind in ("hazard_area", "released_area", "task", "nonconformity", "victim")
        ]
        heads = list(store.heads())
        statements = [one.hash for one in store.of_records([records[1]])[records[1]]]
    found = {**NOWHERE}
    names = [one for one in records if one]
    return found | {
        "record": names,
        "name": names,
        "statement": statements,
        "named": statements,
        "log": [getattr(one, "log", one) for one in heads],
    }


@pytest.fixture
def everything(sign_in: Callable[..., Client]) -> Client:
    """Browser of somebody at the authority who holds every role."""
    return sign_in(*ROLES)
