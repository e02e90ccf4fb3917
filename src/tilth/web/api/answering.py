"""What answers have in common: their head, their pages, the statuses that are declared."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from django.http import HttpRequest
from ninja import Header

from tilth.service.session import Session
from tilth.web.api.refusing import DECLARED
from tilth.web.api.schemas import ProblemAnswer

__all__ = ["Key", "head", "next_link", "responses"]

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]{0,200}$",
        description="Random text. The same request with the same key is done once, and answered "
        "alike for 24 hours.",
    ),
]


def responses(model: Any, status: int = 200, *, says: bool = False) -> dict[Any, Any]:
    """Models by status: the answer, *not modified* of what is only read, and problems.

    Parameters
    ----------
    says
        It says something, or has no tag: it is never *not modified*.
    """
    found: dict[Any, Any] = {status: model}
    if status == 200 and not says:
        found[304] = None
    return {**found, frozenset(DECLARED): ProblemAnswer}


def head(session: Session) -> dict[str, Any]:
    """First members of every answer."""
    return {
        "synthetic": session.workspace.settings.synthetic,
        "seq": session.workspace.store.last_seq(),
    }


def next_link(request: HttpRequest, **changes: object) -> str | None:
    """Address of the same question from another place on; None where there is none."""
    if not all(changes.values()):
        return None
    asked = [(name, value) for name, value in request.GET.items() if name not in changes]
    query = urlencode([*asked, *((name, str(value)) for name, value in changes.items())])
    return f"{request.path}?{query}"
